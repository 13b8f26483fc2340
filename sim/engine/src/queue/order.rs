//! Sorts a run.
//!
//! Keys of a run lie close together: they differ in few low bits of their time. So one word holds
//! what decides (those bits, the phase, and the place in the run, which for keys of one instant and
//! phase is the order in which they were pushed), and words sort about three times as fast as keys
//! of two words. A run that spans too much time is sorted by its keys.

use super::key::Key;

/// Bits for the place in the run.
const PLACE_BITS: u32 = 8;
const PLACE_MASK: u64 = (1 << PLACE_BITS) - 1;
const PHASE_BITS: u32 = 3;
/// Bits of the time that a word holds: a hundred days of nanoseconds.
const TIME_BITS: u32 = u64::BITS - PHASE_BITS - PLACE_BITS;

/// Space to sort in, kept from run to run.
#[derive(Clone, Debug)]
pub(super) struct Order {
    words: Vec<u64>,
    sorted: Vec<Key>,
}

impl Order {
    pub(super) const fn new() -> Self {
        Self { words: Vec::new(), sorted: Vec::new() }
    }
    /// Puts the last key first. Keys of one instant and phase must be in the order of their pushes.
    pub(super) fn sort(&mut self, run: &mut Vec<Key>) {
        let Some(first) = run.first().map(|key| key.time()) else { return };
        let differing = run.iter().fold(0, |bits, key| bits | (key.time() ^ first));
        if differing >> TIME_BITS == 0 && run.len() <= 1 << PLACE_BITS {
            self.sort_words(run);
        } else {
            run.sort_unstable_by(|a, b| b.cmp(a));
        }
        debug_assert!(run.is_sorted_by(|a, b| a > b));
    }
    #[inline]
    fn sort_words(&mut self, run: &mut Vec<Key>) {
        self.words.clear();
        self.words.extend(run.iter().zip(0_u64..).map(|(key, place)| {
            let phase = u64::from(key.phase().rank()) << PLACE_BITS;
            key.time() << (PHASE_BITS + PLACE_BITS) | phase | place
        }));
        self.words.sort_unstable_by(|a, b| b.cmp(a));
        let place = |word: &u64| usize::try_from(word & PLACE_MASK).ok();
        let keys = self.words.iter().filter_map(|word| run.get(place(word)?));
        self.sorted.clear();
        self.sorted.extend(keys);
        std::mem::swap(run, &mut self.sorted);
    }
}
