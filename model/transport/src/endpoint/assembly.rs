//! Puts pictures together and gives them out in order, each only if it can be decoded.

use super::receiver_types::Repaired;
use crate::packet::Media;
use crate::ring::Ring;
use koosim_time::SimTime;
use std::ptr::from_ref;

/// Pictures under way, and shown ones that others may need: 2 s at 60 a second.
const RING: u32 = 128;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Empty,
    Filling,
    Complete,
    Shown,
}

/// One picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    state: State,
    pub(crate) id: u32,
    pub(crate) timestamp: u32,
    pub(crate) bytes: u32,
    packets: u32,
    first: Option<u64>,
    last: Option<u64>,
    pub(crate) back: u8,
    pub(crate) repaired: Repaired,
    pub(crate) first_at: SimTime,
    pub(crate) complete_at: SimTime,
    pub(crate) play_at: SimTime,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It waits for the rest of its picture.
    Held,
    /// Its picture is complete.
    Completes,
    /// Its picture was shown or passed over, or is too far behind.
    Late,
}

/// Pictures by their id.
#[derive(Clone, Debug)]
pub(crate) struct Assembly {
    ring: Ring<Slot>,
    shown: Option<u32>,
    newest: Option<u32>,
    /// The next to be shown, if that is known.
    candidate: Option<u32>,
    /// Packets that are held, and of pictures that were passed over.
    pub(crate) held: u64,
    pub(crate) passed_over: u64,
}

impl Assembly {
    pub(crate) fn new(now: SimTime) -> Self {
        let empty = Slot {
            state: State::Empty,
            id: 0,
            timestamp: 0,
            bytes: 0,
            packets: 0,
            first: None,
            last: None,
            back: 0,
            repaired: Repaired::No,
            first_at: now,
            complete_at: now,
            play_at: now,
        };
        let (shown, newest, candidate) = (None, None, None);
        Self { ring: Ring::new(RING, empty), shown, newest, candidate, held: 0, passed_over: 0 }
    }
    /// Takes a packet that has not come before; `sequence` is its number as the receiver counts.
    pub(crate) fn push(
        &mut self,
        now: SimTime,
        media: &Media,
        sequence: u64,
        repaired: Repaired,
    ) -> Taken {
        let id = media.frame;
        let behind = self
            .newest
            .is_some_and(|newest| u64::from(id) + self.ring.capacity() <= u64::from(newest));
        if behind || self.shown.is_some_and(|shown| id <= shown) {
            return Taken::Late;
        }
        let slot = self.ring.get_mut(u64::from(id));
        if slot.id != id || slot.state == State::Empty {
            // Whatever is here is a whole turn older.
            if matches!(slot.state, State::Filling | State::Complete) {
                self.passed_over += u64::from(slot.packets);
                self.held -= u64::from(slot.packets);
                self.candidate = self.candidate.filter(|candidate| *candidate != slot.id);
            }
            slot.start(now, media);
        }
        self.newest = self.newest.max(Some(id));
        self.held += 1;
        slot.add(media, sequence, repaired);
        if !slot.is_whole() {
            return Taken::Held;
        }
        (slot.state, slot.complete_at) = (State::Complete, now);
        Taken::Completes
    }
    /// Sets when a complete picture is to be shown.
    pub(crate) fn schedule(&mut self, id: u32, play_at: SimTime) {
        self.ring.get_mut(u64::from(id)).play_at = play_at;
        if self.candidate.is_none_or(|candidate| id < candidate) {
            self.choose();
        }
    }
    fn get(&self, id: u32, state: State) -> Option<&Slot> {
        let slot = self.ring.get(u64::from(id));
        (slot.id == id && slot.state == state).then_some(slot)
    }
    fn is_decodable(&self, slot: &Slot) -> bool {
        slot.back == 0
            || slot
                .id
                .checked_sub(u32::from(slot.back))
                .is_some_and(|needed| self.get(needed, State::Shown).is_some())
    }
    /// The oldest picture that is complete and of which all that it needs was shown.
    fn choose(&mut self) {
        let Some(newest) = self.newest else { return };
        let ring = u32::try_from(self.ring.capacity()).unwrap_or(u32::MAX);
        let oldest = self.shown.map_or(0, |shown| shown + 1).max(newest.saturating_sub(ring - 1));
        let fits =
            |id: &u32| self.get(*id, State::Complete).is_some_and(|slot| self.is_decodable(slot));
        self.candidate = (oldest..=newest).find(fits);
    }
    /// The next picture to be shown.
    pub(crate) fn next(&self) -> Option<&Slot> {
        self.candidate.and_then(|id| self.get(id, State::Complete))
    }
    /// The next picture has been shown; gives it and how many pictures in front of it were passed over that
    /// had begun to come, and the number behind its last packet.
    pub(crate) fn show(&mut self) -> Option<(Slot, u32, u64)> {
        let slot = *self.next()?;
        let oldest = self.shown.map_or(0, |shown| shown + 1);
        let ring = u32::try_from(self.ring.capacity()).unwrap_or(u32::MAX);
        let mut passed = 0;
        for id in oldest.max(slot.id.saturating_sub(ring - 1))..slot.id {
            let old = self.ring.get_mut(u64::from(id));
            if old.id == id && matches!(old.state, State::Filling | State::Complete) {
                old.state = State::Empty;
                passed += 1;
                self.passed_over += u64::from(old.packets);
                self.held -= u64::from(old.packets);
            }
        }
        self.ring.get_mut(u64::from(slot.id)).state = State::Shown;
        self.held -= u64::from(slot.packets);
        self.shown = Some(slot.id);
        self.choose();
        Some((slot, passed, slot.last.map_or(0, |last| last + 1)))
    }
    /// Where the ring of pictures itself lies.
    pub(crate) const fn ring_place(&self) -> *const u8 {
        from_ref(&self.ring).cast()
    }
    /// Where a picture lies or will lie.
    pub(crate) const fn place(&self, id: u64) -> *const u8 {
        self.ring.place(id)
    }
    /// The picture that is shown next, if that is known.
    pub(crate) const fn candidate(&self) -> Option<u32> {
        self.candidate
    }
    pub(crate) fn bytes(&self) -> usize {
        self.ring.bytes()
    }
}

impl Slot {
    fn start(&mut self, now: SimTime, media: &Media) {
        *self = Self {
            state: State::Filling,
            id: media.frame,
            timestamp: media.timestamp,
            bytes: 0,
            packets: 0,
            first: None,
            last: None,
            back: media.back,
            repaired: Repaired::No,
            first_at: now,
            complete_at: now,
            play_at: now,
        };
    }
    fn add(&mut self, media: &Media, sequence: u64, repaired: Repaired) {
        self.packets += 1;
        self.bytes += u32::from(media.payload);
        self.repaired = self.repaired.max(repaired);
        if media.first {
            self.first = Some(sequence);
        }
        if media.last {
            self.last = Some(sequence);
        }
    }
    fn is_whole(&self) -> bool {
        let ends = self.first.zip(self.last);
        ends.is_some_and(|(first, last)| last.wrapping_sub(first) + 1 == u64::from(self.packets))
    }
    /// Packets of the picture.
    pub(crate) const fn packets(&self) -> u32 {
        self.packets
    }
}
