//! The receiving end: brings ordered messages once and in order, and of the droppable ones the newest.

use crate::control::input::Input;
use crate::control::message::{Class, MESSAGE_LEN_MAX, Message, Owned, Slot};
use crate::control::packet::{Ack, Chunk, Content, WINDOW};
use crate::control::pointers::Pointers;
use crate::control::sender::SLOTS_MAX;
use crate::wire::Read;
use koosim_time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// Messages that may wait to be polled; packets that come while more do are not taken, as if they were lost.
const OUTPUT_MAX: usize = 1_024;

/// What a receiver gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A message.
    Delivered(Delivered),
    /// An acknowledgement to send.
    Ack(Ack),
}

/// A message that came through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The message.
    pub message: Owned,
    /// When the last of its bytes arrived.
    pub arrived: SimTime,
    /// When it could be delivered.
    pub at: SimTime,
}

impl Delivered {
    /// How long it waited for what came before it: head-of-line blocking.
    pub fn blocked(&self) -> SimDuration {
        self.at - self.arrived
    }
}

/// What a receiver saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Received {
    /// Messages that came through.
    pub delivered: u64,
    /// Ordered pieces that came again, or too far ahead.
    pub repeated: u64,
    /// Droppable messages that were older than what had come through.
    pub outdated: u64,
    /// Messages that make no sense where they stand: an eleventh finger, a move of none, pieces of nothing.
    pub refused: u64,
    /// Packets that were not taken because nobody polled.
    pub unpolled: u64,
}

/// A droppable message, or one that waits for what comes before it.
#[derive(Clone, Debug)]
struct Waiting {
    slot: Slot,
    after: u32,
    message: Owned,
    arrived: SimTime,
}

/// The receiving end of a channel.
#[derive(Clone, Debug)]
pub struct Receiver {
    // Number of the next ordered piece, and what came behind it: index 0 stands for `next`.
    next: u32,
    held: VecDeque<Option<(Content, SimTime)>>,
    // A message of which not all pieces came yet; `None` once it is longer than a message may be.
    pieces: Option<Vec<u8>>,
    pieces_arrived: Option<SimTime>,
    waiting: Vec<Waiting>,
    // The number of the newest droppable message of each slot.
    newest: Vec<(Slot, u32)>,
    pointers: Pointers,
    output: VecDeque<Delivered>,
    ack_due: bool,
    counts: Received,
}

impl Receiver {
    /// Nothing came yet, of so many fingers at most at a time (T5.6), taken as at most
    /// [`POINTERS_MAX`](super::POINTERS_MAX).
    pub fn new(pointers_max: usize) -> Self {
        Self {
            next: 0,
            held: VecDeque::new(),
            pieces: Some(Vec::new()),
            pieces_arrived: None,
            waiting: Vec::new(),
            newest: Vec::new(),
            pointers: Pointers::new(pointers_max),
            output: VecDeque::new(),
            ack_due: false,
            counts: Received::default(),
        }
    }
    /// What it saw.
    pub const fn counts(&self) -> Received {
        self.counts
    }

    /// Takes what came in one packet.
    pub fn handle(&mut self, now: SimTime, chunks: Vec<Chunk>) {
        if self.output.len() > OUTPUT_MAX {
            self.counts.unpolled += 1;
            return;
        }
        for Chunk { number, content } in chunks {
            match content {
                Content::Droppable { after, message } => {
                    self.droppable(now, number, after, message);
                }
                ordered => self.ordered(now, number, ordered),
            }
        }
    }

    /// It never wants to be polled although nothing happens: it acknowledges at once.
    pub const fn next_due(&self) -> Option<SimTime> {
        None
    }

    /// The next message, or else the acknowledgement that is due.
    pub fn poll(&mut self, _now: SimTime) -> Option<Output> {
        if let Some(delivered) = self.output.pop_front() {
            return Some(Output::Delivered(delivered));
        }
        std::mem::take(&mut self.ack_due).then(|| Output::Ack(self.ack()))
    }

    fn ack(&self) -> Ack {
        let beyond = self.held.iter().skip(1).take(64).enumerate();
        let beyond = beyond.filter(|(_, held)| held.is_some());
        Ack { next: self.next, beyond: beyond.fold(0, |bits, (place, _)| bits | 1 << place) }
    }

    fn ordered(&mut self, now: SimTime, number: u32, content: Content) {
        self.ack_due = true;
        let ahead = number.wrapping_sub(self.next);
        let place = usize::try_from(ahead).unwrap_or(usize::MAX);
        if ahead >= WINDOW || self.held.get(place).is_some_and(Option::is_some) {
            self.counts.repeated += 1;
            return;
        }
        if self.held.len() <= place {
            self.held.resize(place + 1, None);
        }
        if let Some(held) = self.held.get_mut(place) {
            *held = Some((content, now));
        }
        while let Some(Some(_)) = self.held.front() {
            if let Some((content, arrived)) = self.held.pop_front().flatten() {
                self.complete(now, content, arrived);
            }
            self.next = self.next.wrapping_add(1);
            self.release(now);
        }
    }

    /// The next ordered piece in turn.
    fn complete(&mut self, now: SimTime, content: Content, arrived: SimTime) {
        let (is_last, bytes) = match content {
            Content::Part { is_last, bytes } => (is_last, bytes),
            Content::Whole(message) | Content::Droppable { message, .. } => {
                let unfinished = self.pieces.as_ref().is_none_or(|pieces| !pieces.is_empty());
                self.counts.refused += u64::from(unfinished);
                self.pieces = Some(Vec::new());
                self.pieces_arrived = None;
                return self.emit(now, message, arrived);
            }
        };
        self.pieces_arrived = self.pieces_arrived.max(Some(arrived));
        self.pieces = self.pieces.take().filter(|all| all.len() + bytes.len() <= MESSAGE_LEN_MAX);
        if let Some(all) = &mut self.pieces {
            all.extend_from_slice(&bytes);
        }
        if is_last {
            let all = self.pieces.replace(Vec::new()).unwrap_or_default();
            let arrived = self.pieces_arrived.take().unwrap_or(arrived);
            match Message::parse(&all) {
                Ok(message) => self.emit(now, message.into_owned(), arrived),
                Err(_) => self.counts.refused += 1,
            }
        }
    }

    fn droppable(&mut self, now: SimTime, number: u32, after: u32, message: Owned) {
        let Class::Droppable(slot) = message.class() else {
            self.counts.refused += 1;
            return;
        };
        if !self.is_newest(slot, number) {
            self.counts.outdated += 1;
            return;
        }
        // A sensor knows nothing of touches; a move belongs between what was sent before and after it.
        let is_bound = matches!(slot, Slot::Pointer(_));
        match after.wrapping_sub(self.next) {
            ahead if !is_bound || ahead == 0 => self.emit(now, message, now),
            ahead if ahead <= WINDOW => self.wait(Waiting { slot, after, message, arrived: now }),
            _ => self.counts.outdated += 1,
        }
    }

    /// Whether this is the newest of its slot so far, which it then is.
    fn is_newest(&mut self, slot: Slot, number: u32) -> bool {
        if let Some((_, newest)) = self.newest.iter_mut().find(|(of, _)| *of == slot) {
            let is_newer = number.wrapping_sub(*newest).cast_signed() > 0;
            if is_newer {
                *newest = number;
            }
            return is_newer;
        }
        if self.newest.len() >= SLOTS_MAX {
            self.newest.remove(0);
        }
        self.newest.push((slot, number));
        true
    }

    fn wait(&mut self, fresh: Waiting) {
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.slot == fresh.slot) {
            *waiting = fresh;
            self.counts.outdated += 1;
            return;
        }
        if self.waiting.len() >= SLOTS_MAX {
            self.waiting.remove(0);
            self.counts.outdated += 1;
        }
        self.waiting.push(fresh);
    }

    /// Brings the moves that belong in front of the next ordered piece.
    fn release(&mut self, now: SimTime) {
        let next = self.next;
        for Waiting { message, arrived, .. } in
            self.waiting.extract_if(.., |waiting| waiting.after == next).collect::<Vec<_>>()
        {
            self.emit(now, message, arrived);
        }
    }

    fn emit(&mut self, now: SimTime, message: Owned, arrived: SimTime) {
        if let Message::Input(_, Input::Touch(touch)) = &message
            && self.pointers.take(touch).is_err()
        {
            self.counts.refused += 1;
            return;
        }
        self.counts.delivered += 1;
        self.output.push_back(Delivered { message, arrived, at: now });
    }
}
