//! The timers that an account has set.

use crate::queue::Handle;
use koosim_model::decision::TimerKey;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// Up to this many timers are found by their marks.
const FEW: usize = 64;

/// Timers by key, each with its entry in the queue, in numbered places that are used again.
///
/// The queue knows a timer by its place, so that one that fires is not searched for. One that is set
/// may replace another of its key: most accounts have few, and look through the marks of their keys.
/// An account with thousands of phones has a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    places: Vec<Option<(TimerKey, Handle)>>,
    /// By place. INVARIANT: that of the key there, or [`VACANT`].
    marks: Vec<u32>,
    /// INVARIANT: the places that are vacant.
    vacant: Vec<u32>,
    /// INVARIANT: once there is one, the places of all keys.
    tree: Option<BTreeMap<TimerKey, u32>>,
}

/// The mark of a place without a timer.
const VACANT: u32 = 0;

/// Where a timer goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) number: u32,
    mark: u32,
}

impl Timers {
    /// A place for a timer of this key: a vacant one, or that of the timer that it replaces.
    pub(crate) fn place(&mut self, key: &TimerKey) -> Place {
        let mark = mark_of(key);
        let number = self.find(key, mark).or_else(|| self.vacant.pop());
        let number = number.unwrap_or_else(|| {
            self.places.push(None);
            self.marks.push(VACANT);
            // The queue has fewer slots than that.
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        });
        Place { number, mark }
    }
    /// Sets a timer at the place that its key was given; answers the entry of the one it replaces.
    pub(crate) fn set(&mut self, place: Place, key: TimerKey, handle: Handle) -> Option<Handle> {
        let at = index(place.number);
        if let Some(mark) = self.marks.get_mut(at) {
            *mark = place.mark;
        }
        if let Some(tree) = &mut self.tree {
            tree.insert(key.clone(), place.number);
        }
        let older = self.places.get_mut(at)?.replace((key, handle));
        if self.places.len() > FEW && self.tree.is_none() {
            self.grow();
        }
        older.map(|(_, handle)| handle)
    }
    /// The timer at this place has fired, and is not set any more.
    pub(crate) fn fired(&mut self, place: u32) -> Option<TimerKey> {
        self.vacate(place).map(|(key, _)| key)
    }
    /// Takes a timer away; answers its entry, unless it has fired or was not set.
    pub(crate) fn cancel(&mut self, key: &TimerKey) -> Option<Handle> {
        let place = self.find(key, mark_of(key))?;
        self.vacate(place).map(|(_, handle)| handle)
    }
    fn find(&self, key: &TimerKey, mark: u32) -> Option<u32> {
        if let Some(tree) = &self.tree {
            return tree.get(key).copied();
        }
        // Looking at all marks without stopping takes a few instructions for eight of them.
        if !self.marks.iter().fold(false, |any, other| any | (*other == mark)) {
            return None;
        }
        let same = |held: &Option<(TimerKey, Handle)>| held.as_ref().is_some_and(|h| h.0 == *key);
        self.places.iter().position(same).and_then(|at| u32::try_from(at).ok())
    }
    fn vacate(&mut self, place: u32) -> Option<(TimerKey, Handle)> {
        let at = index(place);
        let held = self.places.get_mut(at)?.take()?;
        if let Some(mark) = self.marks.get_mut(at) {
            *mark = VACANT;
        }
        if let Some(tree) = &mut self.tree {
            tree.remove(&held.0);
        }
        self.vacant.push(place);
        Some(held)
    }
    #[cold]
    fn grow(&mut self) {
        let held = self.places.iter().zip(0..);
        let keys = held.filter_map(|(held, place)| Some((held.as_ref()?.0.clone(), place)));
        self.tree = Some(keys.collect());
    }
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// A number by which most keys can be told apart. Nothing but speed depends on it.
fn mark_of(key: &TimerKey) -> u32 {
    let mut mark = Mark(0);
    key.hash(&mut mark);
    u32::try_from(mark.finish() >> 32).unwrap_or(0) | 1
}

/// Stirs words into one, the same on every machine.
struct Mark(u64);

/// An odd number whose bits are mixed well: 2^64 divided by the golden ratio.
const STIR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for Mark {
    fn finish(&self) -> u64 {
        self.0
    }
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
        rest.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(26) ^ word).wrapping_mul(STIR);
    }
    #[inline]
    fn write_i64(&mut self, word: i64) {
        self.write_u64(word.cast_unsigned());
    }
    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.write_u64(u64::try_from(word).unwrap_or(0));
    }
    #[inline]
    fn write_isize(&mut self, word: isize) {
        self.write_usize(word.cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::{Phase, Queue};
    use koosim_model::name::PhoneId;
    use koosim_model::time::SimTime;
    use proptest::prelude::*;

    fn key(number: i64) -> TimerKey {
        let phone = PhoneId::new(&format!("p{}", number % 10)).unwrap();
        match number % 3 {
            0 => TimerKey::Expiry(phone),
            1 => TimerKey::AutoRenewal(phone),
            _ => TimerKey::Settle(phone, SimTime::from_nanos(number / 30)),
        }
    }

    proptest! {
        /// Whatever is set, fires and is cancelled, with few timers and with many: the same answers as
        /// a plain map, out of which a timer is taken when it fires.
        #[test]
        fn timers_answer_as_a_map_does(
            steps in prop::collection::vec((0..4_u8, 0..400_i64), 1..300),
        ) {
            let (mut timers, mut map) = (Timers::default(), BTreeMap::new());
            let mut queue = Queue::new();
            for (what, number) in steps {
                let key = key(number);
                match what {
                    0 | 1 => {
                        let at = SimTime::from_nanos(0);
                        let place = timers.place(&key);
                        let handle = queue.push(at, Phase::BusinessTimer, ()).unwrap();
                        let older = timers.set(place, key.clone(), handle);
                        let before = map.insert(key, (place.number, handle));
                        prop_assert_eq!(older, before.map(|(_, handle)| handle));
                        prop_assert!(before.is_none_or(|(before, _)| before == place.number));
                    }
                    2 => {
                        let held = map.remove(&key).map(|(_, handle)| handle);
                        prop_assert_eq!(timers.cancel(&key), held);
                    }
                    _ => {
                        if let Some((place, _)) = map.remove(&key) {
                            prop_assert_eq!(timers.fired(place), Some(key));
                            prop_assert_eq!(timers.fired(place), None);
                        }
                    }
                }
            }
            for number in 0..500 {
                let held = map.remove(&key(number)).map(|(_, handle)| handle);
                prop_assert_eq!(timers.cancel(&key(number)), held);
            }
            prop_assert!(map.is_empty());
        }
    }
}
