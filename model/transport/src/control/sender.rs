//! The sending end: numbers messages, keeps the ordered ones until they are acknowledged, and lets a move
//! that waits be replaced by the next (T5.3).

use crate::Rto;
use crate::control::error::SendRefused;
use crate::control::input::Input;
use crate::control::message::{Class, Message, Owned, Slot};
use crate::control::packet::{
    Ack, CHUNKS_MAX, Chunk, Content, PACKET_LEN_MAX, Packet, WINDOW, cut,
};
use crate::control::pointers::{POINTERS_MAX, Pointers};
use crate::wire::Write;
use koosim_time::{SimDuration, SimTime};
use serde::Serialize;
use std::collections::VecDeque;

/// Most ordered pieces that wait or are on their way: the longest message, twice.
pub const QUEUE_MAX: usize = 512;
/// Most droppable messages that wait: ten fingers, a mouse, and the sensors.
pub(crate) const SLOTS_MAX: usize = 16;
/// Fewest bytes of a packet: any touch fits.
const PACKET_LEN_MIN: usize = 128;
/// So many acknowledgements of something sent later mean that a piece was lost (RFC 5681 section 3.2).
const OVERTAKEN_MAX: u32 = 3;
/// After so many waits in vain the channel is broken.
const IN_VAIN_MAX: u32 = 10;

/// How a channel sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether moves may be dropped.
    pub mode: Mode,
    /// Most bytes of a packet, taken as 128 to [`PACKET_LEN_MAX`].
    pub packet_len: usize,
    /// Least time between packets that carry nothing but droppable messages: a move that comes earlier waits
    /// and may be merged.
    pub spacing: SimDuration,
    /// The least wait before something is sent again.
    pub wait_min: SimDuration,
    /// Most fingers that touch at a time (T5.6), taken as at most [`POINTERS_MAX`].
    pub pointers_max: usize,
}

impl Settings {
    /// Packets that fit everywhere, moves together for 1 ms as Moonlight gathers them, the least wait that Linux
    /// takes for TCP, and ten fingers.
    pub const fn of(mode: Mode) -> Self {
        let (spacing, wait_min) = (SimDuration::from_millis(1), SimDuration::from_millis(200));
        Self { mode, packet_len: 1_200, spacing, wait_min, pointers_max: POINTERS_MAX }
    }
}

/// How messages are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By their class: moves and sensors may be dropped.
    TwoClasses,
    /// Not at all: everything is ordered, as on one reliable data channel, so that a lost move delays every
    /// touch behind it.
    OneChannel,
}

/// What a sender is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendInput {
    /// Something to send.
    Message(Owned),
    /// What the other end has.
    Ack(Ack),
}

/// What a sender did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Sent {
    /// Packets.
    pub packets: u64,
    /// Ordered pieces that were sent again.
    pub resent: u64,
    /// Droppable messages that a newer one replaced while they waited.
    pub merged: u64,
    /// Droppable messages that had to make room for others.
    pub dropped: u64,
}

/// An ordered piece.
#[derive(Clone, Debug)]
struct Unit {
    content: Content,
    // Since when, how often, and behind how many others it was sent.
    sent: Option<Sending>,
    is_acked: bool,
    resend: bool,
}

#[derive(Clone, Copy, Debug)]
struct Sending {
    at: SimTime,
    times: u32,
    order: u64,
    overtaken: u32,
}

/// A droppable message that waits.
#[derive(Clone, Debug)]
struct Waiting {
    slot: Slot,
    after: u32,
    message: Owned,
}

/// The sending end of a channel.
#[derive(Clone, Debug)]
pub struct Sender {
    settings: Settings,
    rto: Rto,
    pointers: Pointers,
    // Number of the first of `units`; the others follow. Those that were sent come first.
    base: u32,
    units: VecDeque<Unit>,
    waiting: Vec<Waiting>,
    droppables: u32,
    sendings: u64,
    timer: Option<SimTime>,
    droppable_from: SimTime,
    is_broken: bool,
    counts: Sent,
}

impl Sender {
    /// Nothing was sent yet.
    pub fn new(settings: Settings) -> Self {
        let packet_len = settings.packet_len.clamp(PACKET_LEN_MIN, PACKET_LEN_MAX);
        Self {
            settings: Settings { packet_len, ..settings },
            rto: Rto::new(settings.wait_min),
            pointers: Pointers::new(settings.pointers_max),
            base: 0,
            units: VecDeque::new(),
            waiting: Vec::new(),
            droppables: 0,
            sendings: 0,
            timer: None,
            droppable_from: SimTime::from_nanos(i64::MIN),
            is_broken: false,
            counts: Sent::default(),
        }
    }
    /// What it did.
    pub const fn counts(&self) -> Sent {
        self.counts
    }
    /// Whether it has given up: nothing was acknowledged through ten waits.
    pub const fn is_broken(&self) -> bool {
        self.is_broken
    }
    /// Ordered pieces that wait or are not acknowledged.
    pub fn queued(&self) -> usize {
        self.units.len()
    }
    /// The smoothed round trip, once there has been one.
    pub fn round_trip(&self) -> Option<SimDuration> {
        self.rto.smoothed()
    }

    /// Takes a message or an acknowledgement.
    ///
    /// # Errors
    /// A message that is not taken. Acknowledgements of what was never sent are passed over.
    pub fn handle(&mut self, now: SimTime, input: SendInput) -> Result<(), SendRefused> {
        match input {
            SendInput::Message(message) => self.take(message),
            SendInput::Ack(ack) => {
                self.acknowledge(now, ack);
                Ok(())
            }
        }
    }

    /// When it wants to be polled although nothing happens.
    pub fn next_due(&self) -> Option<SimTime> {
        let droppable = (!self.waiting.is_empty()).then_some(self.droppable_from);
        [self.timer, droppable].into_iter().flatten().min()
    }

    /// The next packet to send now.
    pub fn poll(&mut self, now: SimTime) -> Option<Packet> {
        self.time_out(now);
        if self.is_broken {
            return None;
        }
        let is_ordered = self.units.iter().take(window()).any(Unit::is_due);
        let mut packet =
            Gather { left: Packet::room(self.settings.packet_len), chunks: Vec::new() };
        // Droppable messages go first: what they come behind is in front of them already, or with them.
        if is_ordered || self.droppable_from <= now {
            self.gather_droppable(&mut packet);
        }
        self.gather_ordered(now, &mut packet);
        if packet.chunks.is_empty() {
            return None;
        }
        self.droppable_from = now + self.settings.spacing;
        self.counts.packets += 1;
        Some(Packet::Data(packet.chunks))
    }

    fn take(&mut self, message: Owned) -> Result<(), SendRefused> {
        if self.is_broken {
            return Err(SendRefused::Broken);
        }
        message.check()?;
        let room = Chunk::room(self.settings.packet_len);
        let class = match self.settings.mode {
            Mode::TwoClasses => message.class(),
            Mode::OneChannel => Class::Ordered,
        };
        let pieces = message.wire_len().div_ceil(room.max(1));
        if class == Class::Ordered && self.units.len() + pieces > QUEUE_MAX {
            return Err(SendRefused::QueueFull(QUEUE_MAX));
        }
        if let Message::Input(_, Input::Touch(touch)) = &message {
            self.pointers.take(touch)?;
        }
        match class {
            Class::Droppable(slot) => self.wait(slot, message),
            Class::Ordered if pieces == 1 => self.queue(Content::Whole(message)),
            Class::Ordered => cut(&message, room).into_iter().for_each(|part| self.queue(part)),
        }
        Ok(())
    }

    fn queue(&mut self, content: Content) {
        self.units.push_back(Unit { content, sent: None, is_acked: false, resend: false });
    }

    fn wait(&mut self, slot: Slot, message: Owned) {
        let after = self.base.wrapping_add(number(self.units.len()));
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.slot == slot) {
            (waiting.after, waiting.message) = (after, message);
            self.counts.merged += 1;
            return;
        }
        if self.waiting.len() >= SLOTS_MAX {
            self.waiting.remove(0);
            self.counts.dropped += 1;
        }
        self.waiting.push(Waiting { slot, after, message });
    }

    fn acknowledge(&mut self, now: SimTime, ack: Ack) {
        let sent = self.units.iter().take_while(|unit| unit.sent.is_some()).count();
        let before = usize::try_from(ack.next.wrapping_sub(self.base)).unwrap_or(usize::MAX);
        if before > sent || self.is_broken {
            return;
        }
        let beyond = (0..64).filter(|bit| ack.beyond >> bit & 1 == 1).map(|bit| before + 1 + bit);
        let mut newest: Option<Sending> = None;
        for place in (0..before).chain(beyond).take_while(|place| *place < sent) {
            let Some(unit) = self.units.get_mut(place).filter(|unit| !unit.is_acked) else {
                continue;
            };
            (unit.is_acked, unit.resend) = (true, false);
            newest = newest.into_iter().chain(unit.sent).max_by_key(|sending| sending.order);
        }
        self.units.drain(..before);
        self.base = ack.next;
        if let Some(newest) = newest {
            self.progress(now, newest);
        }
    }

    /// Something new was acknowledged; of all that was, `newest` was sent last.
    fn progress(&mut self, now: SimTime, newest: Sending) {
        self.rto.progress();
        // What was sent twice does not say which of the two was answered (RFC 6298 section 3).
        if newest.times == 1 {
            self.rto.measure(now - newest.at);
        }
        let mut in_flight = false;
        for unit in self.units.iter_mut().filter(|unit| !unit.is_acked) {
            let Some(sending) = &mut unit.sent else { break };
            in_flight = true;
            if sending.order < newest.order {
                sending.overtaken += 1;
                unit.resend |= sending.overtaken >= OVERTAKEN_MAX;
            }
        }
        self.timer = in_flight.then(|| now + self.rto.wait());
    }

    /// If nothing was acknowledged for too long, all that is on its way is taken for lost.
    fn time_out(&mut self, now: SimTime) {
        if self.timer.is_none_or(|timer| timer > now) {
            return;
        }
        self.rto.back_off();
        if self.rto.in_vain() >= IN_VAIN_MAX {
            self.is_broken = true;
            self.timer = None;
            self.waiting.clear();
            return;
        }
        for unit in self.units.iter_mut().filter(|unit| unit.sent.is_some() && !unit.is_acked) {
            unit.resend = true;
        }
        self.timer = Some(now + self.rto.wait());
    }

    fn gather_droppable(&mut self, packet: &mut Gather) {
        let mut kept = Vec::new();
        for Waiting { slot, after, message } in self.waiting.drain(..) {
            let number = self.droppables;
            let content = Content::Droppable { after, message };
            match packet.push(Chunk { number, content }) {
                Ok(()) => self.droppables = self.droppables.wrapping_add(1),
                Err(Chunk { content: Content::Droppable { after, message }, .. }) => {
                    kept.push(Waiting { slot, after, message });
                }
                Err(_) => {}
            }
        }
        self.waiting = kept;
    }

    fn gather_ordered(&mut self, now: SimTime, packet: &mut Gather) {
        for (place, unit) in self.units.iter_mut().take(window()).enumerate() {
            if !unit.is_due() {
                continue;
            }
            let number = self.base.wrapping_add(number(place));
            if packet.push(Chunk { number, content: unit.content.clone() }).is_err() {
                break;
            }
            let times = unit.sent.map_or(0, |sending| sending.times);
            self.counts.resent += u64::from(times > 0);
            let order = self.sendings;
            unit.sent = Some(Sending { at: now, times: times + 1, order, overtaken: 0 });
            unit.resend = false;
            self.sendings += 1;
            self.timer.get_or_insert(now + self.rto.wait());
        }
    }
}

impl Unit {
    const fn is_due(&self) -> bool {
        !self.is_acked && (self.sent.is_none() || self.resend)
    }
}

/// A packet that is being filled.
struct Gather {
    left: usize,
    chunks: Vec<Chunk>,
}

impl Gather {
    /// Takes a piece if there is room for it. An empty packet has, since messages are cut to it.
    fn push(&mut self, chunk: Chunk) -> Result<(), Chunk> {
        let len = chunk.wire_len();
        if self.chunks.len() >= CHUNKS_MAX || len > self.left {
            return Err(chunk);
        }
        self.left = self.left.saturating_sub(len);
        self.chunks.push(chunk);
        Ok(())
    }
}

fn window() -> usize {
    usize::try_from(WINDOW).unwrap_or(usize::MAX)
}

/// Queues are far below 2^32.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
