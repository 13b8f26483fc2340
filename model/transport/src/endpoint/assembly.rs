//! Puts pictures together and gives them out in order, each only if it can be decoded.
//!
//! Every picture that becomes complete is given out, given up because the decoder kept it waiting, left because
//! what it needs was never given out, or still waits ([`Pictures`]).

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
    /// It was given up: the decoder kept it waiting.
    GivenUp,
}

/// What became of complete pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Pictures {
    /// Pictures that became complete.
    pub(crate) complete: u64,
    /// Those that the decoder kept waiting for too long.
    pub(crate) given_up: u64,
    /// Those that need one that was never given out.
    pub(crate) left: u64,
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
    /// When a decoder that always has room would take it.
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
    pub(crate) pictures: Pictures,
}

/// Pictures that were begun and are in front of the one that is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Passed {
    /// All of them,
    pub(crate) begun: u32,
    /// and those that were complete.
    pub(crate) complete: u32,
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
        Self {
            ring: Ring::new(RING, empty),
            shown: None,
            newest: None,
            candidate: None,
            held: 0,
            passed_over: 0,
            pictures: Pictures::default(),
        }
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
            if slot.state != State::Empty {
                // Whatever is here is a whole turn older.
                let older = slot.id;
                self.leave(older);
                self.candidate = self.candidate.filter(|candidate| *candidate != older);
            }
            self.ring.get_mut(u64::from(id)).start(now, media);
        }
        self.newest = self.newest.max(Some(id));
        self.held += 1;
        let slot = self.ring.get_mut(u64::from(id));
        slot.add(media, sequence, repaired);
        if !slot.is_whole() {
            return Taken::Held;
        }
        (slot.state, slot.complete_at) = (State::Complete, now);
        self.pictures.complete += 1;
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
    /// When a complete picture can be given out, if all that it needs was.
    fn decodable_at(&self, id: u32) -> Option<SimTime> {
        let slot = self.get(id, State::Complete)?;
        let needed = match slot.back {
            0 => return Some(slot.play_at),
            back => self.get(id.checked_sub(u32::from(back))?, State::Shown)?,
        };
        Some(slot.play_at.max(needed.play_at))
    }
    /// The oldest picture that is complete and of which all that it needs was shown.
    fn choose(&mut self) {
        let Some(newest) = self.newest else { return };
        let ring = u32::try_from(self.ring.capacity()).unwrap_or(u32::MAX);
        let oldest = self.shown.map_or(0, |shown| shown + 1).max(newest.saturating_sub(ring - 1));
        let mut fitting =
            (oldest..=newest).filter_map(|id| self.decodable_at(id).map(|at| (id, at)));
        let found = fitting.next();
        self.candidate = found.map(|(id, _)| id);
        if let Some((id, at)) = found {
            self.ring.get_mut(u64::from(id)).play_at = at;
        }
    }
    /// The next picture to be shown.
    pub(crate) fn next(&self) -> Option<&Slot> {
        self.candidate.and_then(|id| self.get(id, State::Complete))
    }
    /// The next picture is given up, and with it all that need it.
    pub(crate) fn give_up(&mut self) {
        let Some(id) = self.next().map(|slot| slot.id) else { return };
        self.ring.get_mut(u64::from(id)).state = State::GivenUp;
        self.pictures.given_up += 1;
        self.choose();
    }
    /// A picture that was begun is never given out; whether it was complete, if there is such a picture.
    fn leave(&mut self, id: u32) -> Option<bool> {
        let slot = self.ring.get_mut(u64::from(id));
        let complete = match slot.state {
            State::Filling if slot.id == id => false,
            State::Complete | State::GivenUp if slot.id == id => true,
            _ => return None,
        };
        self.pictures.left += u64::from(slot.state == State::Complete);
        slot.state = State::Empty;
        self.passed_over += u64::from(slot.packets);
        self.held -= u64::from(slot.packets);
        Some(complete)
    }
    /// The next picture has been shown; gives it, what in front of it was passed over, and the number behind its
    /// last packet.
    pub(crate) fn show(&mut self) -> Option<(Slot, Passed, u64)> {
        let slot = *self.next()?;
        let oldest = self.shown.map_or(0, |shown| shown + 1);
        let ring = u32::try_from(self.ring.capacity()).unwrap_or(u32::MAX);
        let mut passed = Passed::default();
        for id in oldest.max(slot.id.saturating_sub(ring - 1))..slot.id {
            if let Some(complete) = self.leave(id) {
                passed.begun += 1;
                passed.complete += u32::from(complete);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Extensions;
    use proptest::prelude::*;

    /// A picture of one packet.
    fn picture(id: u32, back: u8) -> Media {
        Media {
            sequence: u64::from(id),
            transport_sequence: u64::from(id),
            ssrc: 1,
            timestamp: id * 1500,
            frame: id,
            payload: 1000,
            back,
            first: true,
            last: true,
            extensions: Extensions::TransportSequence,
        }
    }

    proptest! {
        /// No picture is given out that needs one that was not; every complete one is given out, given up, left or
        /// waits, whatever comes, in whatever order, and whatever is given up.
        #[test]
        fn pictures_are_decodable_and_conserved(
            steps in prop::collection::vec((0_u32..6, 0_u8..20, 0_u8..8, 0_u8..8), 1..400),
        ) {
            let mut assembly = Assembly::new(SimTime::EPOCH);
            let (mut newest, mut given, mut came) = (0_u32, Vec::new(), Vec::new());
            for (ahead, back, given_up, shown) in steps {
                // Some come late, some never.
                newest += ahead / 2;
                let id = newest.saturating_sub(u32::from(ahead == 1) * 5);
                // One in twenty is a key frame, and the first.
                let back = if id == 0 || back == 19 { 0 } else { 1 + back / 16 };
                let back = back.min(u8::try_from(id).unwrap_or(u8::MAX));
                if !came.contains(&id) {
                    came.push(id);
                    let now = SimTime::from_nanos(i64::from(newest));
                    let media = picture(id, back);
                    let taken = assembly.push(now, &media, u64::from(id), Repaired::No);
                    if taken == Taken::Completes {
                        assembly.schedule(id, now);
                    }
                }
                if given_up == 0 {
                    assembly.give_up();
                }
                if shown < 5 && let Some((slot, _, _)) = assembly.show() {
                    let needed = slot.id - u32::from(slot.back);
                    prop_assert!(slot.back == 0 || given.contains(&needed), "{}", slot.id);
                    given.push(slot.id);
                }
                let slots = 0..u64::from(RING);
                let waits = |at: &u64| assembly.ring.get(*at).state == State::Complete;
                let waiting = u64::try_from(slots.filter(waits).count()).unwrap_or(u64::MAX);
                let Pictures { complete, given_up, left } = assembly.pictures;
                let given = u64::try_from(given.len()).unwrap_or(u64::MAX);
                prop_assert_eq!(complete, given + given_up + left + waiting);
            }
        }
    }
}
