//! The timers that an account has set.

use crate::prefetch::prefetch;
use crate::queue::Handle;
use koosim_model::decision::TimerKey;
use koosim_model::state::PhonePlace;
use koosim_model::time::SimTime;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// Up to this many timers are found by their marks.
const FEW: usize = 64;
/// The mark of a place without a timer.
const VACANT: u16 = 0;

/// The timers of an account, in numbered places that are used again; the queue holds the places.
///
/// The queue tells the place of a timer that fires, so that it is not searched for. One that is set
/// may replace another of its key: most accounts have few timers, and look through the marks of their
/// keys. An account with thousands of phones has a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    /// By place; those of vacant places mean nothing.
    places: Vec<Set>,
    /// The place that was vacated last, unless it is used again.
    vacated: Option<u32>,
    /// Of the first places. INVARIANT: that of the key there, or [`VACANT`].
    marks: Marks,
    /// INVARIANT: the other vacant places.
    vacant: Vec<u32>,
    /// INVARIANT: once there is one, the places of all keys.
    tree: Option<BTreeMap<TimerKey, u32>>,
}

/// A timer, and where it stands in the queue.
#[derive(Clone, Debug)]
struct Set {
    key: TimerKey,
    handle: Handle,
    /// Where the phone of an hour was last seen.
    seen: PhonePlace,
}

/// Where a timer goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) number: u32,
    mark: u16,
    /// Whether a timer of the same key is there.
    taken: bool,
}

impl Timers {
    /// How many are set.
    pub(crate) fn len(&self) -> usize {
        let vacant = self.vacant.len() + usize::from(self.vacated.is_some());
        self.places.len().saturating_sub(vacant)
    }
    /// The timer at a place.
    #[inline]
    pub(crate) fn key(&self, place: u32) -> Option<&TimerKey> {
        self.places.get(index(place)).map(|set| &set.key)
    }
    /// Where the phone of the hour at a place was last seen.
    #[inline]
    pub(crate) fn seen(&self, place: u32) -> Option<PhonePlace> {
        self.places.get(index(place)).map(|set| set.seen)
    }
    /// Has the timer at a place brought near, and waits for nothing. It may lie in two lines.
    #[inline]
    pub(crate) fn prefetch_place(&self, place: u32) {
        if let Some(set) = self.places.get(index(place)) {
            prefetch(&set.key);
            prefetch(&set.handle);
        }
    }
    /// Has what leads to the places brought near, and waits for nothing.
    #[inline]
    pub(crate) fn prefetch(&self) {
        prefetch(&self.places);
        prefetch(&self.marks);
    }
    /// How many places there are, and the mark of the first: to look at where they are kept.
    #[inline]
    pub(crate) fn outline(&self) -> (usize, Option<u16>) {
        (self.places.len(), self.marks.at(0))
    }
    /// A place for a timer of this key: a vacant one, or that of the timer that it replaces.
    pub(crate) fn place(&mut self, key: &TimerKey) -> Place {
        if self.places.len() == FEW && self.tree.is_none() {
            self.grow();
        }
        let mark = mark_of(key);
        let found = self.find(key, mark);
        let number = found.or_else(|| self.vacated.take()).or_else(|| self.vacant.pop());
        // The queue has fewer slots than that.
        let number = number.unwrap_or(u32::try_from(self.places.len()).unwrap_or(u32::MAX));
        if found.is_none()
            && let Some(tree) = &mut self.tree
        {
            tree.insert(key.clone(), number);
        }
        Place { number, mark, taken: found.is_some() }
    }
    /// Sets a timer at the place that its key was given; answers the entry of the one it replaces.
    pub(crate) fn set(
        &mut self,
        place: Place,
        key: TimerKey,
        handle: Handle,
        seen: PhonePlace,
    ) -> Option<Handle> {
        self.marks.set(place.number, place.mark);
        let Some(held) = self.places.get_mut(index(place.number)) else {
            self.places.push(Set { key, handle, seen });
            return None;
        };
        let older = place.taken.then_some(held.handle);
        *held = Set { key, handle, seen };
        older
    }
    /// The timer at this place has fired, and is not set any more; answers its key.
    pub(crate) fn fired(&mut self, place: u32) -> Option<TimerKey> {
        let key = self.key(place)?.clone();
        self.vacate(place, &key);
        Some(key)
    }
    /// As [`Self::fired`], [`Self::place`] and [`Self::set`], where the timer of an hour that has fired is set
    /// for another hour; `None` where that has to be done by those, and nothing is done.
    #[inline]
    pub(crate) fn go_on(
        &mut self,
        place: u32,
        next: SimTime,
        seen: PhonePlace,
    ) -> Option<&mut Handle> {
        if self.tree.is_some() {
            return None;
        }
        let places = self.places.len();
        let set = self.places.get_mut(index(place))?;
        let TimerKey::Settle(_, hour) = &mut set.key else { return None };
        let before = std::mem::replace(hour, next);
        let mark = mark_of(&set.key);
        // Another key may have the mark, though hardly ever.
        if self.marks.any(mark, places) {
            if let TimerKey::Settle(_, hour) = &mut set.key {
                *hour = before;
            }
            return None;
        }
        self.marks.set(place, mark);
        set.seen = seen;
        Some(&mut set.handle)
    }
    /// Takes a timer away; answers its place and entry, unless it has fired or was not set.
    pub(crate) fn cancel(&mut self, key: &TimerKey) -> Option<(u32, Handle)> {
        let place = self.find(key, mark_of(key))?;
        self.vacate(place, key);
        self.places.get(index(place)).map(|set| (place, set.handle))
    }
    fn vacate(&mut self, place: u32, key: &TimerKey) {
        self.marks.set(place, VACANT);
        if let Some(tree) = &mut self.tree {
            tree.remove(key);
        }
        if let Some(older) = self.vacated.replace(place) {
            self.vacant.push(older);
        }
    }
    fn find(&self, key: &TimerKey, mark: u16) -> Option<u32> {
        if let Some(tree) = &self.tree {
            return tree.get(key).copied();
        }
        if !self.marks.any(mark, self.places.len()) {
            return None;
        }
        let mut places = (0_u32..).zip(&self.places);
        let place =
            places.find(|(place, set)| self.marks.at(*place) == Some(mark) && set.key == *key);
        place.map(|(place, _)| place)
    }
    #[cold]
    fn grow(&mut self) {
        let held = (0..).zip(&self.places);
        let held = held.filter(|(place, _)| self.marks.at(*place) != Some(VACANT));
        self.tree = Some(held.map(|(place, set)| (set.key.clone(), place)).collect());
    }
}

/// Sixteen bits for each of a few places, in rows that are looked at as one.
#[derive(Clone, Debug, Default)]
struct Marks([[u16; ROW]; FEW / ROW]);

/// Marks that the narrowest registers of any machine of 64 bits take together.
const ROW: usize = 8;

impl Marks {
    #[inline]
    fn at(&self, place: u32) -> Option<u16> {
        self.0.as_flattened().get(index(place)).copied()
    }
    /// Places that are not among the first have no mark.
    #[inline]
    fn set(&mut self, place: u32, mark: u16) {
        if let Some(held) = self.0.as_flattened_mut().get_mut(index(place)) {
            *held = mark;
        }
    }
    /// Whether one of so many places has the mark. Looking at a row takes a few instructions, so that it does
    /// not stop early.
    #[inline]
    fn any(&self, mark: u16, places: usize) -> bool {
        let mut hits = [false; ROW];
        for row in self.0.iter().take(places.div_ceil(ROW)) {
            hits.iter_mut().zip(row).for_each(|(hit, other)| *hit |= *other == mark);
        }
        hits != [false; ROW]
    }
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// A number by which most keys can be told apart. Nothing but speed depends on it.
fn mark_of(key: &TimerKey) -> u16 {
    let mut mark = Mark(0);
    key.hash(&mut mark);
    u16::try_from(mark.finish() >> 48).unwrap_or(0) | 1
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
    fn write_u128(&mut self, number: u128) {
        self.write(&number.to_le_bytes());
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
        /// Whatever is set, fires, goes on and is cancelled, with few timers and with many: the same
        /// answers as a plain map, out of which a timer is taken when it fires.
        #[test]
        fn timers_answer_as_a_map_does(
            steps in prop::collection::vec((0..5_u8, 0..400_i64), 1..300),
        ) {
            let (mut timers, mut map) = (Timers::default(), BTreeMap::new());
            let mut queue = Queue::new();
            for (what, number) in steps {
                let key = key(number);
                let mut push = || queue.push(SimTime::EPOCH, Phase::BusinessTimer, ()).unwrap();
                match what {
                    0 | 1 => {
                        let place = timers.place(&key);
                        let handle = push();
                        let older = timers.set(place, key.clone(), handle, PhonePlace::default());
                        let before = map.insert(key, (place.number, handle));
                        prop_assert_eq!(older, before.map(|(_, handle)| handle));
                        prop_assert!(before.is_none_or(|(before, _)| before == place.number));
                    }
                    2 => {
                        prop_assert_eq!(timers.cancel(&key), map.remove(&key));
                    }
                    3 => {
                        if let Some((place, _)) = map.remove(&key) {
                            prop_assert_eq!(timers.fired(place), Some(key.clone()));
                            prop_assert_eq!(timers.cancel(&key), None);
                        }
                    }
                    _ => {
                        let Some((place, before)) = map.get(&key).copied() else { continue };
                        let next = SimTime::from_nanos(number);
                        let later = match &key {
                            TimerKey::Settle(phone, _) => TimerKey::Settle(phone.clone(), next),
                            other => other.clone(),
                        };
                        match timers.go_on(place, next, PhonePlace::default()) {
                            Some(handle) => {
                                prop_assert_eq!(*handle, before);
                                *handle = push();
                                prop_assert!(!map.contains_key(&later));
                                map.remove(&key);
                                map.insert(later, (place, *handle));
                            }
                            None => prop_assert_eq!(timers.key(place), Some(&key)),
                        }
                    }
                }
            }
            prop_assert_eq!(timers.len(), map.len());
            for (key, held) in map {
                prop_assert_eq!(timers.cancel(&key), Some(held));
                prop_assert_eq!(timers.cancel(&key), None);
            }
            prop_assert_eq!(timers.len(), 0);
        }
    }
}
