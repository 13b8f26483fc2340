//! One end of a connection, without sockets and without a clock: segments go in and come out.
//!
//! It is the simplest thing that is honest about loss: a handshake, an in-order stream with a
//! receiver's window, cumulative acknowledgements, a timeout that follows the round trips and
//! doubles, fast retransmission, an end, and a reset. It has **no congestion window**: what is in
//! flight is bounded by the buffers of both ends. It has no state after the end either: every
//! connection has a number of its own, so no old segment can be taken for a new one's.

use super::receive::{RECEIVE_BYTES_MAX, Receiver};
use super::segment::{Data, Segment};
use super::send::{Acked, Piece, Sender};
use koosim_model::time::{SimDuration, SimTime};
use koosim_transport::Rto;

/// How often a connection is asked for again before the peer is given up.
pub const ASKS_AGAIN_MAX: u32 = 6;
/// How often in a row a segment of an open connection is sent again before the peer is given up.
pub const RESENDS_MAX: u32 = 15;
/// The shortest wait for an acknowledgement, however short the round trips are.
const WAIT_MIN: SimDuration = SimDuration::from_millis(200);
/// How long an end that its component has left waits for the other to end.
const ORPHAN_WAIT: SimDuration = SimDuration::from_secs(60);

/// Why a connection broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Nobody listens.
    Refused,
    /// The peer has no such connection any more.
    Reset,
    /// The peer did not answer.
    TimedOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Asking,
    Answering,
    Open,
    Broken(Broken),
}

/// One end.
#[derive(Clone, Debug)]
pub(crate) struct Conn {
    state: State,
    sender: Sender,
    receiver: Receiver,
    rto: Rto,
    due: Option<SimTime>,
    greeting_due: bool,
    reset_due: bool,
    // The component has dropped its handle.
    released: bool,
    began: SimTime,
}

impl Conn {
    /// The end that asks for a connection.
    pub(crate) const fn asking(now: SimTime, segment_bytes: usize) -> Self {
        Self::new(State::Asking, now, segment_bytes, 0)
    }
    /// The end that was asked by a peer that takes `window` bytes.
    pub(crate) const fn answering(now: SimTime, segment_bytes: usize, window: u64) -> Self {
        Self::new(State::Answering, now, segment_bytes, window)
    }
    const fn new(state: State, now: SimTime, segment_bytes: usize, window: u64) -> Self {
        Self {
            state,
            sender: Sender::new(segment_bytes, window),
            receiver: Receiver::new(),
            rto: Rto::new(WAIT_MIN),
            due: None,
            greeting_due: true,
            reset_due: false,
            released: false,
            began: now,
        }
    }

    /// Takes a segment.
    pub(crate) fn handle(&mut self, now: SimTime, segment: Segment) {
        match (self.state, segment) {
            (State::Broken(_), _) | (State::Asking, Segment::Open { .. } | Segment::Data(_)) => {}
            (State::Asking, Segment::Reset) => self.fail(Broken::Refused),
            (State::Answering | State::Open, Segment::Reset) => self.fail(Broken::Reset),
            (State::Asking, Segment::Accept { window }) => {
                self.sender.open_window(window);
                self.open(now);
                self.receiver.repeat_ack();
            }
            (State::Answering, Segment::Open { .. }) => self.greeting_due = true,
            (State::Answering, Segment::Accept { .. }) => {}
            (State::Open, Segment::Open { .. } | Segment::Accept { .. }) => {
                self.receiver.repeat_ack();
            }
            (State::Answering, Segment::Data(data)) => {
                self.open(now);
                self.take_data(now, data);
            }
            (State::Open, Segment::Data(data)) => self.take_data(now, data),
        }
    }

    fn open(&mut self, now: SimTime) {
        self.state = State::Open;
        if self.rto.in_vain() == 0 {
            self.rto.measure(now - self.began);
        }
        self.rto.progress();
        self.due = None;
    }

    fn take_data(&mut self, now: SimTime, data: Data) {
        let bare = data.bytes.is_empty() && !data.end;
        match self.sender.acknowledge(now, data.ack, data.window, bare) {
            Acked::Nothing => {}
            Acked::Progress { trip } => {
                if let Some(trip) = trip {
                    self.rto.measure(trip);
                }
                self.rto.progress();
                self.due = None;
            }
        }
        if self.sender.peer_is_full() {
            self.rto.heard();
        }
        if self.released && self.receiver.is_news(&data) {
            // Nobody is left to read it, and the peer should know.
            self.fail(Broken::Reset);
            self.reset_due = true;
            return;
        }
        self.receiver.accept(data);
    }

    /// Does what has fallen due, if anything has.
    pub(crate) fn wake(&mut self, now: SimTime) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        self.due = None;
        if matches!(self.state, State::Open) && self.released && self.sender.is_done() {
            self.fail(Broken::TimedOut);
            return;
        }
        self.rto.back_off();
        let limit = if self.is_open() { RESENDS_MAX } else { ASKS_AGAIN_MAX };
        if self.rto.in_vain() > limit {
            self.fail(Broken::TimedOut);
            return;
        }
        match self.state {
            State::Asking | State::Answering => self.greeting_due = true,
            State::Open => self.sender.timed_out(),
            State::Broken(_) => {}
        }
    }

    /// The segment to send now; to be asked until there is none.
    pub(crate) fn transmit(&mut self, now: SimTime) -> Option<Segment> {
        if std::mem::take(&mut self.reset_due) {
            return Some(Segment::Reset);
        }
        let segment = match self.state {
            State::Broken(_) => None,
            State::Asking => self.greet(Segment::Open { window: RECEIVE_BYTES_MAX }),
            State::Answering => self.greet(Segment::Accept { window: RECEIVE_BYTES_MAX }),
            State::Open => self.transmit_data(now),
        };
        self.set_timer(now);
        segment
    }

    fn greet(&mut self, greeting: Segment) -> Option<Segment> {
        std::mem::take(&mut self.greeting_due).then_some(greeting)
    }

    fn transmit_data(&mut self, now: SimTime) -> Option<Segment> {
        let piece = self.sender.take(now);
        if piece.is_none() && !self.receiver.is_in_a_hurry() {
            return None;
        }
        let bare = || Piece { seq: self.sender.next(), bytes: Vec::new(), end: false };
        let Piece { seq, bytes, end } = piece.unwrap_or_else(bare);
        let (ack, window) = self.receiver.acknowledge();
        Some(Segment::Data(Data { seq, bytes, end, ack, window }))
    }

    /// Waits for an answer where one is due.
    fn set_timer(&mut self, now: SimTime) {
        if self.due.is_some() {
            return;
        }
        let wait = self.rto.wait();
        let wait = match self.state {
            State::Asking | State::Answering => Some(wait),
            State::Open if self.sender.in_flight() || self.sender.is_blocked() => Some(wait),
            State::Open if self.released && self.sender.is_done() => Some(ORPHAN_WAIT),
            State::Open | State::Broken(_) => None,
        };
        self.due = wait.and_then(|wait| now.checked_add(wait));
    }

    /// When [`Conn::wake`] has something to do.
    pub(crate) const fn next_due(&self) -> Option<SimTime> {
        self.due
    }

    const fn fail(&mut self, why: Broken) {
        self.state = State::Broken(why);
        self.due = None;
    }

    /// Whether an acknowledgement is owed, and would travel with whatever is sent next.
    pub(crate) fn owes_ack(&self) -> bool {
        self.is_open() && self.receiver.owes_ack()
    }
    /// Lets an acknowledgement that is owed wait no longer.
    pub(crate) const fn hurry(&mut self) {
        self.receiver.hurry();
    }
    /// Ends the component's stream after what it has written.
    pub(crate) const fn end(&mut self) {
        self.sender.end();
    }
    /// The component leaves. What it has written is still sent; what it has not read is refused.
    pub(crate) fn release(&mut self) {
        self.released = true;
        let unread = self.receiver.is_readable();
        match self.state {
            State::Open if !unread => self.sender.end(),
            State::Broken(_) => {}
            State::Open | State::Asking | State::Answering => self.abort(),
        }
    }
    /// Breaks the connection and tells the peer.
    pub(crate) const fn abort(&mut self) {
        self.fail(Broken::Reset);
        self.reset_due = true;
    }
    /// Whether nothing is left to do.
    pub(crate) fn is_over(&self) -> bool {
        match self.state {
            State::Broken(_) => self.released && !self.reset_due,
            State::Open => {
                let acknowledged = self.receiver.is_ended() && !self.receiver.owes_ack();
                self.released && self.sender.is_done() && acknowledged
            }
            State::Asking | State::Answering => false,
        }
    }
    /// Whether the handshake is done.
    pub(crate) fn is_open(&self) -> bool {
        self.state == State::Open
    }
    /// Why the connection broke, if it did.
    pub(crate) const fn broken(&self) -> Option<Broken> {
        match self.state {
            State::Broken(why) => Some(why),
            State::Asking | State::Answering | State::Open => None,
        }
    }
    /// Whether the component's end of the stream was ended.
    pub(crate) const fn is_ending(&self) -> bool {
        self.sender.is_ending()
    }
    /// Whether the component can write.
    pub(crate) fn is_writable(&self) -> bool {
        self.sender.is_writable()
    }
    /// Takes bytes from the component; how many.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> usize {
        self.sender.write(bytes)
    }
    /// Whether there is something to read, or the end of the stream.
    pub(crate) fn is_readable(&self) -> bool {
        self.receiver.is_readable() || self.receiver.is_ended()
    }
    /// Gives bytes to the component; how many.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> usize {
        self.receiver.read(into)
    }
}
