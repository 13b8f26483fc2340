//! What else uses the links: flows of a pace of their own, and TCP.

use super::cargo::{End, Load};
use super::sight::Way;
use super::spec::{PathError, Route};
use super::world::{Due, Paths, sooner};
use crate::net::cross::{Cbr, Congestion, Law, OnOff, Receiver, Sender};
use crate::queue::Phase;
use crate::streams::{Domain, Stream};
use koosim_model::time::SimTime;

/// Bytes of a segment of TCP with all its headers: as many as Ethernet carries.
pub const SEGMENT_BYTES: u32 = 1_500;
/// Bytes of an acknowledgement with its headers, IPv4 (20) and TCP (20).
pub const ACK_BYTES: u32 = 40;

/// Cross traffic of these paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrossIndex(pub(super) usize);

/// What cross traffic is.
#[derive(Clone, Debug)]
pub enum CrossSpec {
    /// Packets at a constant rate.
    Steady(Cbr),
    /// Packets at a constant rate now and then.
    Bursts(OnOff),
    /// A transfer that has no end.
    Endless(Congestion),
    /// Transfers one after the other.
    Transfers {
        /// Who decides how fast.
        congestion: Congestion,
        /// Fewest and most bytes of each; every length between them equally likely.
        bytes: (u64, u64),
        /// How long it is quiet before each.
        pause: Law,
        /// Whether the first begins at once, without a pause before it.
        at_once: bool,
    },
}

#[derive(Clone, Debug)]
enum Source {
    Steady(Cbr),
    Bursts(OnOff),
    Tcp(Box<Tcp>),
    Over,
}

/// Both ends of transfers.
#[derive(Clone, Debug)]
struct Tcp {
    sender: Sender,
    receiver: Receiver,
    next: Option<Next>,
}

impl Tcp {
    fn boxed(sender: Sender, next: Option<Next>) -> Source {
        Source::Tcp(Box::new(Self { sender, receiver: Receiver::default(), next }))
    }
    /// Which transfer it is at.
    fn turn(&self) -> u32 {
        self.next.as_ref().map_or(0, |next| next.turn)
    }
}

/// How transfers follow each other.
#[derive(Clone, Debug)]
struct Next {
    congestion: Congestion,
    bytes: (u64, u64),
    pause: Law,
    stream: Stream,
    /// When the next one begins, once the one before is over.
    begins: Option<SimTime>,
    /// Counts the transfers, so that what is left of an old one is known.
    turn: u32,
}

impl Next {
    fn transfer(&mut self) -> Sender {
        let (least, most) = self.bytes;
        let bytes = least + self.stream.up_to(most.saturating_sub(least));
        self.turn += 1;
        Sender::new(self.congestion.clone(), Some(bytes.div_ceil(u64::from(SEGMENT_BYTES)).max(1)))
    }
}

/// One source and its sink.
#[derive(Clone, Debug)]
pub(super) struct Cross {
    pub(super) route: Route,
    source: Source,
    pub(super) at: Option<SimTime>,
    seen: Seen,
}

/// What came of cross traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Bytes that arrived.
    pub bytes: u64,
    /// Transfers that were acknowledged to their end.
    pub transfers: u64,
}

impl Paths {
    /// Begins cross traffic now; only TCP uses the way up.
    pub fn add_cross(
        &mut self,
        name: &str,
        spec: CrossSpec,
        route: Route,
    ) -> Result<CrossIndex, PathError> {
        if !self.leads(&route) {
            return Err(PathError::Route);
        }
        let now = self.now;
        let source = match spec {
            CrossSpec::Steady(cbr) => Source::Steady(cbr),
            CrossSpec::Bursts(bursts) => Source::Bursts(bursts),
            CrossSpec::Endless(congestion) => Tcp::boxed(Sender::new(congestion, None), None),
            CrossSpec::Transfers { congestion, bytes, pause, at_once } => {
                let mut stream = self.streams.get(Domain::Cross, name);
                let begins = (!at_once).then(|| now + pause.draw(&mut stream));
                let first = Sender::new(congestion.clone(), Some(0));
                let mut next = Next { congestion, bytes, pause, stream, begins, turn: 0 };
                let sender = if at_once { next.transfer() } else { first };
                Tcp::boxed(sender, Some(next))
            }
        };
        let index = self.cross.len();
        self.cross.push(Cross { route, source, at: None, seen: Seen::default() });
        self.drain_cross(index)?;
        Ok(CrossIndex(index))
    }
    /// Ends cross traffic: nothing is sent any more.
    pub fn stop_cross(&mut self, index: CrossIndex) {
        if let Some(cross) = self.cross.get_mut(index.0) {
            cross.source = Source::Over;
            cross.at = None;
        }
    }
    /// What came of cross traffic.
    pub fn cross_seen(&self, index: CrossIndex) -> Option<Seen> {
        self.cross.get(index.0).map(|cross| cross.seen)
    }

    /// Sends what cross traffic has to send, and notes when it has more.
    pub(super) fn drain_cross(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        while let Some((bytes, load)) =
            self.cross.get_mut(number).and_then(|cross| cross.next_packet(now))
        {
            self.send_bytes(End::Cross(number), Way::Down, load, bytes)?;
        }
        let Some(cross) = self.cross.get_mut(number) else { return Ok(()) };
        if let Some(due) = cross.next_due().map(|due| due.max(now))
            && sooner(&mut cross.at, due)
        {
            self.queue.push(due, Phase::Arrival, Due::Cross(number))?;
        }
        Ok(())
    }
    /// A packet of cross traffic has come to its end.
    pub(super) fn deliver_cross(
        &mut self,
        number: usize,
        load: &Load,
        bytes: u32,
    ) -> Result<(), PathError> {
        let now = self.now;
        let Some(cross) = self.cross.get_mut(number) else { return Ok(()) };
        match (load, &mut cross.source) {
            (Load::Segment(turn, segment), Source::Tcp(tcp)) => {
                if tcp.turn() != *turn {
                    return Ok(());
                }
                cross.seen.bytes += u64::from(bytes);
                let ack = tcp.receiver.handle(*segment);
                let load = Load::Ack(*turn, ack);
                self.send_bytes(End::Cross(number), Way::Up, load, ACK_BYTES)
            }
            (Load::Ack(turn, ack), Source::Tcp(tcp)) => {
                if tcp.turn() != *turn || tcp.sender.is_over() {
                    return Ok(());
                }
                tcp.sender.handle(now, *ack);
                if tcp.sender.is_over() {
                    cross.seen.transfers += 1;
                    tcp.receiver = Receiver::default();
                    if let Some(next) = &mut tcp.next {
                        next.begins = Some(now + next.pause.draw(&mut next.stream));
                    }
                }
                self.drain_cross(number)
            }
            _ => {
                cross.seen.bytes += u64::from(bytes);
                Ok(())
            }
        }
    }
}

impl Cross {
    fn next_packet(&mut self, now: SimTime) -> Option<(u32, Load)> {
        match &mut self.source {
            Source::Over => None,
            Source::Steady(cbr) => cbr.poll(now).map(|bytes| (bytes, Load::Nothing)),
            Source::Bursts(bursts) => bursts.poll(now).map(|bytes| (bytes, Load::Nothing)),
            Source::Tcp(tcp) => {
                if let Some(next) = &mut tcp.next
                    && next.begins.take_if(|begins| *begins <= now).is_some()
                {
                    tcp.sender = next.transfer();
                }
                if tcp.sender.is_over() {
                    return None;
                }
                let turn = tcp.turn();
                tcp.sender.poll(now).map(|segment| (SEGMENT_BYTES, Load::Segment(turn, segment)))
            }
        }
    }
    fn next_due(&self) -> Option<SimTime> {
        match &self.source {
            Source::Over => None,
            Source::Steady(cbr) => cbr.next_due(),
            Source::Bursts(bursts) => Some(bursts.next_due()),
            Source::Tcp(tcp) => match tcp.next.as_ref().and_then(|next| next.begins) {
                Some(begins) => Some(begins),
                None if tcp.sender.is_over() => None,
                None => tcp.sender.next_due(),
            },
        }
    }
}
