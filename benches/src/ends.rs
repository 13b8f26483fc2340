//! Both ends of many sessions over paths without a bottleneck: the work of the endpoints and nothing else.

use koosim_model::time::{SimDuration, SimTime};
use koosim_transport::BitRate;
use koosim_transport::Ecn;
use koosim_transport::congestion::ControlOptions;
use koosim_transport::endpoint::{
    ConnectionOptions, Frame, Receiver, ReceiverInput, ReceiverOptions, ReceiverOutput, Sender,
    SenderInput, SenderOptions, SenderOutput,
};
use koosim_transport::packet::{Packet, Sources};
use std::collections::VecDeque;

/// Pictures a second.
const FPS: i64 = 60;
/// How long a packet is on its way.
const DELAY: SimDuration = SimDuration::from_millis(20);
/// Serialisation at 20 Mbit/s.
const NS_PER_BYTE: i64 = 400;
/// Sessions take turns in slices of this, so that none stays in the cache for long.
const SLICE: SimDuration = SimDuration::from_millis(10);

/// One session.
struct Session {
    sender: Sender,
    receiver: Receiver,
    there: VecDeque<(SimTime, Packet)>,
    back: VecDeque<(SimTime, Packet)>,
    sender_due: SimTime,
    receiver_due: SimTime,
    next_picture: SimTime,
    id: u32,
    key: bool,
    target: BitRate,
    packets: u64,
    pictures: u64,
}

/// What sessions did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Packets of streams that were sent.
    pub packets: u64,
    /// Pictures shown.
    pub pictures: u64,
}

/// Sessions that run side by side.
pub struct Sessions {
    all: Vec<Session>,
    now: SimTime,
}

impl Sessions {
    /// So many sessions of 720p60 under one kind of control.
    pub fn new(count: u32, control: ControlOptions) -> Self {
        let now = SimTime::from_nanos(1_710_000_000_000_000_000);
        let sources = Sources { video: 1, audio: 2, repair: 3, parity: 4, receiver: 5 };
        let connection = ConnectionOptions::back_within(SimDuration::from_secs(30));
        let session = |number: u32| {
            let sender = Sender::new(now, SenderOptions::new(sources, control, connection));
            let receiver = Receiver::new(now, ReceiverOptions::new(sources, connection));
            let offset = i64::from(number) * 1_000_000_000 / FPS / i64::from(count);
            Session {
                sender,
                receiver,
                there: VecDeque::with_capacity(64),
                back: VecDeque::with_capacity(16),
                sender_due: now,
                receiver_due: now,
                next_picture: now + SimDuration::from_nanos(1 + offset),
                id: 0,
                key: false,
                target: BitRate::default(),
                packets: 0,
                pictures: 0,
            }
        };
        Self { all: (0..count).map(session).collect(), now }
    }
    /// Goes on for a while.
    pub fn run(&mut self, span: SimDuration) {
        let end = self.now + span;
        while self.now < end {
            self.now = (self.now + SLICE).min(end);
            for session in &mut self.all {
                while session.step(self.now) {}
            }
        }
    }
    /// What was done so far.
    pub fn done(&self) -> Done {
        let packets = self.all.iter().map(|session| session.packets).sum();
        Done { packets, pictures: self.all.iter().map(|session| session.pictures).sum() }
    }
    /// Bytes of memory of both ends of one session.
    pub fn memory_bytes(&self) -> usize {
        let first = self.all.first();
        first.map_or(0, |session| session.sender.memory_bytes() + session.receiver.memory_bytes())
    }
}

impl Session {
    /// The next thing that happens before an instant; false if there is none.
    fn step(&mut self, until: SimTime) -> bool {
        let at = |queue: &VecDeque<(SimTime, Packet)>| queue.front().map_or(until, |(at, _)| *at);
        let (there, back) = (at(&self.there), at(&self.back));
        let now =
            there.min(back).min(self.next_picture).min(self.sender_due).min(self.receiver_due);
        if now >= until {
            return false;
        }
        if there == now
            && let Some((_, packet)) = self.there.pop_front()
        {
            self.receiver.handle(now, ReceiverInput::Packet(&packet, Ecn::NotCapable));
            self.drain_receiver(now);
        } else if back == now
            && let Some((_, packet)) = self.back.pop_front()
        {
            self.sender.handle(now, SenderInput::Packet(&packet));
            self.receiver.recycle(packet);
            self.drain_sender(now);
        } else if self.next_picture == now {
            self.capture(now);
            self.drain_sender(now);
        } else if self.sender_due == now {
            self.drain_sender(now);
        } else {
            self.drain_receiver(now);
        }
        true
    }
    fn capture(&mut self, now: SimTime) {
        self.next_picture = now + SimDuration::from_nanos(1_000_000_000 / FPS);
        let mean = self.target.bps() / 8 / FPS.unsigned_abs();
        let bytes = u32::try_from(if self.key { 3 * mean } else { mean }).unwrap_or(u32::MAX);
        let back = u8::from(!self.key);
        let frame = Frame {
            id: self.id,
            bytes,
            heads: [0; 3],
            back,
            timestamp: self.id.wrapping_mul(1500),
        };
        (self.key, self.id) = (false, self.id + 1);
        self.sender.handle(now, SenderInput::Frame(frame));
    }
    fn drain_sender(&mut self, now: SimTime) {
        while let Some(output) = self.sender.poll(now) {
            match output {
                SenderOutput::Send(packet) => {
                    self.packets += u64::from(packet.stream().is_some());
                    let wire = SimDuration::from_nanos(i64::from(packet.wire_len()) * NS_PER_BYTE);
                    let last = self.there.back().map_or(now, |(at, _)| *at);
                    self.there.push_back(((now + DELAY).max(last) + wire, packet));
                }
                SenderOutput::TargetRate { video, .. } => self.target = video,
                SenderOutput::KeyFrameWanted => self.key = true,
                SenderOutput::FrameRefused { .. }
                | SenderOutput::FramesDropped(_)
                | SenderOutput::Connection(_) => {}
            }
        }
        // What is due in the past is due now.
        self.sender_due = self.sender.next_due().map_or(now, |due| due.max(now));
    }
    fn drain_receiver(&mut self, now: SimTime) {
        while let Some(output) = self.receiver.poll(now) {
            match output {
                ReceiverOutput::Send(packet) => self.back.push_back((now + DELAY, packet)),
                ReceiverOutput::Picture(_) => self.pictures += 1,
                ReceiverOutput::Sound(_)
                | ReceiverOutput::Connection(_)
                | ReceiverOutput::PathConfirmed { .. } => {}
            }
        }
        self.receiver_due = self.receiver.next_due().map_or(now, |due| due.max(now));
    }
}
