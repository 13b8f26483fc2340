//! The timers that an account has set.

use crate::queue::Handle;
use koosim_model::decision::TimerKey;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// Up to this many timers are found by their marks.
const FEW: usize = 64;
/// The mark of a place without a timer.
const VACANT: u16 = 0;

/// Where the timers of an account stand in the queue, which holds their keys, in numbered places that
/// are used again.
///
/// The queue tells the place of a timer that fires, so that it is not searched for. One that is set
/// may replace another of its key: most accounts have few timers, and look through the marks of their
/// keys. An account with thousands of phones has a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    /// Of the first places. INVARIANT: that of the key there, or [`VACANT`].
    marks: Marks,
    /// By place; those of vacant places mean nothing.
    handles: Vec<Handle>,
    /// The place that was vacated last, unless it is used again.
    vacated: Option<u32>,
    /// INVARIANT: the other vacant places.
    vacant: Vec<u32>,
    /// INVARIANT: once there is one, the places of all keys.
    tree: Option<BTreeMap<TimerKey, u32>>,
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
    /// Whether no timer was ever set.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.handles.is_empty()
    }
    /// What stands in the first place.
    #[inline]
    pub(crate) fn first(&self) -> Option<Handle> {
        self.handles.first().copied()
    }
    /// A place for a timer of this key: a vacant one, or that of the timer that it replaces. `keys` are
    /// those of the queue.
    pub(crate) fn place<'q>(
        &mut self,
        key: &TimerKey,
        keys: impl Fn(Handle) -> Option<&'q TimerKey>,
    ) -> Place {
        if self.handles.len() == FEW && self.tree.is_none() {
            self.grow(&keys);
        }
        let mark = mark_of(key);
        let found = self.find(key, mark, keys);
        let number = found.or_else(|| self.vacated.take()).or_else(|| self.vacant.pop());
        // The queue has fewer slots than that.
        let number = number.unwrap_or(u32::try_from(self.handles.len()).unwrap_or(u32::MAX));
        if found.is_none()
            && let Some(tree) = &mut self.tree
        {
            tree.insert(key.clone(), number);
        }
        Place { number, mark, taken: found.is_some() }
    }
    /// Sets a timer at the place that its key was given; answers the entry of the one it replaces.
    pub(crate) fn set(&mut self, place: Place, handle: Handle) -> Option<Handle> {
        let at = index(place.number);
        if at == self.handles.len() {
            self.handles.push(handle);
        }
        self.marks.set(place.number, place.mark);
        let held = self.handles.get_mut(at)?;
        // A place that was vacant is written and not read: what it held need not come from memory first.
        let older = place.taken.then_some(*held);
        *held = handle;
        older
    }
    /// The timer of this key has fired at this place, and is not set any more.
    pub(crate) fn fired(&mut self, place: u32, key: &TimerKey) {
        self.marks.set(place, VACANT);
        if let Some(tree) = &mut self.tree {
            tree.remove(key);
        }
        if let Some(older) = self.vacated.replace(place) {
            self.vacant.push(older);
        }
    }
    /// Takes a timer away; answers its entry, unless it has fired or was not set.
    pub(crate) fn cancel<'q>(
        &mut self,
        key: &TimerKey,
        keys: impl Fn(Handle) -> Option<&'q TimerKey>,
    ) -> Option<Handle> {
        let place = self.find(key, mark_of(key), keys)?;
        self.fired(place, key);
        self.handles.get(index(place)).copied()
    }
    fn find<'q>(
        &self,
        key: &TimerKey,
        mark: u16,
        keys: impl Fn(Handle) -> Option<&'q TimerKey>,
    ) -> Option<u32> {
        if let Some(tree) = &self.tree {
            return tree.get(key).copied();
        }
        if !self.marks.may_have(mark, self.handles.len()) {
            return None;
        }
        let place = (0_u32..).zip(&self.handles).find(|(place, handle)| {
            self.marks.at(*place) == Some(mark) && keys(**handle) == Some(key)
        });
        place.map(|(place, _)| place)
    }
    #[cold]
    fn grow<'q>(&mut self, keys: impl Fn(Handle) -> Option<&'q TimerKey>) {
        let held = (0..).zip(&self.handles);
        let held = held.filter(|(place, _)| self.marks.at(*place) != Some(VACANT));
        let held = held.filter_map(|(place, handle)| Some((keys(*handle)?.clone(), place)));
        self.tree = Some(held.collect());
    }
}

/// Sixteen bits for each of a few places, four to a word, without a detour through memory elsewhere.
#[derive(Clone, Debug, Default)]
struct Marks([u64; FEW / MARKS_PER_WORD]);

const MARKS_PER_WORD: usize = 4;
/// One in each mark of a word.
const EACH: u64 = 0x0001_0001_0001_0001;

impl Marks {
    #[inline]
    fn at(&self, place: u32) -> Option<u16> {
        let word = self.0.get(index(place) / MARKS_PER_WORD)?;
        Some(low_mark(word >> shift(place)))
    }
    /// Places that are not among the first have no mark.
    #[inline]
    fn set(&mut self, place: u32, mark: u16) {
        if let Some(word) = self.0.get_mut(index(place) / MARKS_PER_WORD) {
            *word &= !(u64::from(u16::MAX) << shift(place));
            *word |= u64::from(mark) << shift(place);
        }
    }
    /// Whether one of so many places has the mark. Looking at four takes a few instructions, so that it
    /// does not stop early.
    #[inline]
    fn may_have(&self, mark: u16, places: usize) -> bool {
        let words = self.0.iter().take(places.div_ceil(MARKS_PER_WORD));
        words.fold(0, |hits, word| hits | hits_in(*word, mark)) != 0
    }
}

/// How far up in its word the mark of a place is.
#[inline]
fn shift(place: u32) -> u32 {
    place % (u64::BITS / u16::BITS) * u16::BITS
}

/// The highest bit of each of four marks that is the wanted one: subtracting one takes it from a mark
/// that differs in nothing. What that borrows may take the bit of the next mark as well.
#[inline]
fn hits_in(word: u64, mark: u16) -> u64 {
    let differing = word ^ (EACH * u64::from(mark));
    differing.wrapping_sub(EACH) & !differing & (EACH << (u16::BITS - 1))
}

#[inline]
fn low_mark(word: u64) -> u16 {
    u16::try_from(word & u64::from(u16::MAX)).unwrap_or(VACANT)
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
                        let place = timers.place(&key, |handle| queue.get(handle));
                        let handle = queue.push(at, Phase::BusinessTimer, key.clone()).unwrap();
                        let older = timers.set(place, handle);
                        let before = map.insert(key, (place.number, handle));
                        prop_assert_eq!(older, before.map(|(_, handle)| handle));
                        prop_assert!(before.is_none_or(|(before, _)| before == place.number));
                        older.map(|older| queue.cancel(older));
                    }
                    2 => {
                        let held = map.remove(&key).map(|(_, handle)| handle);
                        let cancelled = timers.cancel(&key, |handle| queue.get(handle));
                        prop_assert_eq!(cancelled, held);
                        held.map(|held| queue.cancel(held));
                    }
                    _ => {
                        if let Some((place, handle)) = map.remove(&key) {
                            prop_assert_eq!(queue.cancel(handle), Some(key.clone()));
                            timers.fired(place, &key);
                            prop_assert_eq!(timers.cancel(&key, |handle| queue.get(handle)), None);
                        }
                    }
                }
            }
            for number in 0..500 {
                let held = map.remove(&key(number)).map(|(_, handle)| handle);
                let cancelled = timers.cancel(&key(number), |handle| queue.get(handle));
                prop_assert_eq!(cancelled, held);
            }
            prop_assert!(map.is_empty());
        }
    }
}
