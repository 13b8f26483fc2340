//! What is to happen, in the order in which it happens: by instant, then phase, then sequence.

use koosim_model::time::SimTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What comes first among things of one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Sleeps that end and retransmissions that fall due.
    Timer,
    /// Packets that arrive.
    Arrival,
}

/// Names one entry until it is popped or cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    slot: u32,
    generation: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: SimTime,
    phase: Phase,
    sequence: u64,
    slot: u32,
    generation: u32,
}

struct Slot<T> {
    generation: u32,
    item: Option<T>,
}

/// Cancelled keys that may stay in the heap before it is swept.
const STALE_KEYS_MIN: usize = 1024;

/// A queue of things to happen.
pub(crate) struct Agenda<T> {
    heap: BinaryHeap<Reverse<Key>>,
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    next_sequence: u64,
    // INVARIANT: the number of keys in the heap whose slot has another generation or no item.
    stale: usize,
}

impl<T> Agenda<T> {
    pub(crate) const fn new() -> Self {
        let heap = BinaryHeap::new();
        Self { heap, slots: Vec::new(), free: Vec::new(), next_sequence: 0, stale: 0 }
    }

    pub(crate) fn push(&mut self, at: SimTime, phase: Phase, item: T) -> Entry {
        let entry = self.store(item);
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let Entry { slot, generation } = entry;
        self.heap.push(Reverse(Key { at, phase, sequence, slot, generation }));
        entry
    }

    /// The instant and the phase of what happens next.
    pub(crate) fn peek(&mut self) -> Option<(SimTime, Phase)> {
        while let Some(Reverse(key)) = self.heap.peek() {
            if holds(&self.slots, key) {
                return Some((key.at, key.phase));
            }
            self.heap.pop();
            self.stale -= 1;
        }
        None
    }

    /// Takes what happens next.
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.peek()?;
        let Reverse(Key { slot, generation, .. }) = self.heap.pop()?;
        self.release(Entry { slot, generation })
    }

    /// The item of an entry that is still to happen.
    pub(crate) fn get_mut(&mut self, entry: Entry) -> Option<&mut T> {
        let slot = self.slots.get_mut(index(entry.slot))?;
        slot.item.as_mut().filter(|_| slot.generation == entry.generation)
    }

    /// Takes an entry out; `None` if it has happened or was cancelled before.
    pub(crate) fn cancel(&mut self, entry: Entry) -> Option<T> {
        let item = self.release(entry)?;
        self.stale += 1;
        if self.stale > STALE_KEYS_MIN && self.stale > self.heap.len() / 2 {
            let slots = &self.slots;
            self.heap.retain(|Reverse(key)| holds(slots, key));
            self.stale = 0;
        }
        Some(item)
    }

    fn store(&mut self, item: T) -> Entry {
        if let Some(slot) = self.free.pop()
            && let Some(place) = self.slots.get_mut(index(slot))
        {
            place.item = Some(item);
            return Entry { slot, generation: place.generation };
        }
        let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        assert!(slot < u32::MAX, "fewer than 2^32 things are to happen at any time");
        self.slots.push(Slot { generation: 0, item: Some(item) });
        Entry { slot, generation: 0 }
    }

    fn release(&mut self, entry: Entry) -> Option<T> {
        let place = self.slots.get_mut(index(entry.slot))?;
        if place.generation != entry.generation {
            return None;
        }
        let item = place.item.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(entry.slot);
        Some(item)
    }
}

fn holds<T>(slots: &[Slot<T>], key: &Key) -> bool {
    slots.get(index(key.slot)).is_some_and(|s| s.generation == key.generation && s.item.is_some())
}

#[expect(clippy::as_conversions, reason = "no supported target has addresses below 32 bits")]
const fn index(slot: u32) -> usize {
    slot as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ns: i64) -> SimTime {
        SimTime::from_nanos(ns)
    }

    #[test]
    fn an_entry_is_cancelled_once_and_its_place_is_not_mistaken_for_the_next() {
        let mut agenda = Agenda::new();
        let first = agenda.push(at(1), Phase::Timer, "first");
        assert_eq!(agenda.cancel(first), Some("first"));
        let second = agenda.push(at(2), Phase::Timer, "second");
        assert_eq!(agenda.cancel(first), None);
        assert_eq!(agenda.get_mut(first), None);
        assert_eq!(agenda.get_mut(second), Some(&mut "second"));
        assert_eq!(agenda.pop(), Some("second"));
        assert_eq!(agenda.cancel(second), None);
    }

    #[test]
    fn timers_that_are_always_cancelled_leave_nothing_behind() {
        let mut agenda = Agenda::new();
        for ns in 0..100_000 {
            let entry = agenda.push(at(1_000_000 + ns), Phase::Timer, ns);
            agenda.cancel(entry);
        }
        assert!(agenda.heap.len() <= STALE_KEYS_MIN + 1);
        assert_eq!(agenda.slots.len(), 1);
        assert_eq!(agenda.peek(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn order_is_by_instant_phase_and_sequence(
            pushes in prop::collection::vec((0_i64..5, any::<bool>(), 0_u8..4), 0..200),
        ) {
            let mut agenda = Agenda::new();
            let mut expected = Vec::new();
            for (sequence, (ns, arrival, cancel)) in pushes.into_iter().enumerate() {
                let phase = if arrival { Phase::Arrival } else { Phase::Timer };
                let item = (at(ns), phase, sequence);
                let entry = agenda.push(at(ns), phase, item);
                if cancel == 0 {
                    prop_assert_eq!(agenda.cancel(entry), Some(item));
                } else {
                    expected.push(item);
                }
            }
            expected.sort_unstable();
            let popped: Vec<_> = std::iter::from_fn(|| agenda.pop()).collect();
            prop_assert_eq!(popped, expected);
        }
    }
}
