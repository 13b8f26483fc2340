//! The far part of the queue: keys in buckets by the digits of their time, not yet sorted.
//!
//! Times are read as numbers of eleven digits of six bits. A key lies in the level of the highest
//! digit in which its time differs from `base`, in the bucket of that digit's value. So every key
//! of a lower level comes before every key of a higher one, and within a level the buckets are in
//! order: the first key of all is in the first bucket of the lowest level that has any. Splitting a
//! bucket moves its keys to lower levels only, hence no key ever moves more than eleven times.
//!
//! Bucket contents are chains of fixed chunks in one arena: appending touches one place, nothing
//! is copied to grow, drained chunks are reused at once, and a clone is a few flat copies.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "positions fit by construction"
)]

use super::key::Key;

const DIGIT_BITS: u32 = 4;
const BUCKETS: usize = 1 << DIGIT_BITS;
const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1;
const LEVELS: usize = u64::BITS.div_ceil(DIGIT_BITS) as usize;
const CHUNK_KEYS: usize = 32;
const NO_CHUNK: u32 = u32::MAX;

#[derive(Clone, Debug)]
struct Chunk {
    keys: [Key; CHUNK_KEYS],
    next: u32,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// The smallest key ever put in since the bucket was empty; it may have been cancelled since.
    least: Key,
    len: usize,
    head: u32,
    tail: u32,
}

const EMPTY: Bucket = Bucket { least: Key::ZERO, len: 0, head: NO_CHUNK, tail: NO_CHUNK };

#[derive(Clone, Debug)]
struct Level {
    /// Bit `d` is set exactly when bucket `d` has keys.
    occupied: u64,
    buckets: [Bucket; BUCKETS],
}

/// Where a bucket is: level and digit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    level: u32,
    digit: u32,
}

impl Place {
    /// Whether all keys of the bucket have the same time.
    pub(super) const fn is_instant(self) -> bool {
        self.level == 0
    }
}

#[derive(Clone, Debug)]
pub(super) struct Radix {
    /// INVARIANT: not after any key's time. Digits above a key's level agree with it.
    base: u64,
    /// Bit `l` is set exactly when level `l` has keys.
    occupied: u32,
    /// Empty until the first key comes: a small queue never needs them.
    levels: Vec<Level>,
    chunks: Vec<Chunk>,
    free: u32,
}

impl Radix {
    pub(super) const fn new() -> Self {
        Self { base: 0, occupied: 0, levels: Vec::new(), chunks: Vec::new(), free: NO_CHUNK }
    }
    pub(super) fn is_empty(&self) -> bool {
        self.occupied == 0
    }
    pub(super) fn rebase(&mut self, base: u64) {
        debug_assert!(self.is_empty());
        self.base = base;
    }
    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        if self.levels.is_empty() {
            self.allocate();
        }
        let level = ((key.time() ^ self.base) | 1).ilog2() / DIGIT_BITS;
        let digit = (key.time() >> (level * DIGIT_BITS)) & DIGIT_MASK;
        let row = &mut self.levels[level as usize];
        row.occupied |= 1 << digit;
        self.occupied |= 1 << level;
        let bucket = &mut row.buckets[digit as usize];
        let at = bucket.len % CHUNK_KEYS;
        bucket.len += 1;
        if key < bucket.least {
            bucket.least = key;
        }
        if at == 0 {
            let old = bucket.tail;
            let fresh = if self.free == NO_CHUNK {
                self.chunks.push(Chunk { keys: [Key::ZERO; CHUNK_KEYS], next: NO_CHUNK });
                (self.chunks.len() - 1) as u32
            } else {
                let fresh = self.free;
                self.free = self.chunks[fresh as usize].next;
                fresh
            };
            bucket.tail = fresh;
            if bucket.len == 1 {
                bucket.head = fresh;
                bucket.least = key;
            } else {
                self.chunks[old as usize].next = fresh;
            }
        }
        self.chunks[bucket.tail as usize].keys[at] = key;
    }
    #[cold]
    #[inline(never)]
    fn allocate(&mut self) {
        self.levels = vec![Level { occupied: 0, buckets: [EMPTY; BUCKETS] }; LEVELS];
    }
    /// The first bucket in time that has keys.
    pub(super) fn first(&self) -> Option<Place> {
        if self.occupied == 0 {
            return None;
        }
        let level = self.occupied.trailing_zeros();
        let digit = self.levels[level as usize].occupied.trailing_zeros();
        Some(Place { level, digit })
    }
    pub(super) fn len_of(&self, place: Place) -> usize {
        self.levels[place.level as usize].buckets[place.digit as usize].len
    }
    /// The last instant that belongs to this bucket.
    pub(super) fn last_instant(&self, place: Place) -> u64 {
        let shift = place.level * DIGIT_BITS;
        let below = (1u64 << shift) - 1;
        let above = u64::MAX.checked_shl(shift + DIGIT_BITS).unwrap_or(0);
        self.base & above | u64::from(place.digit) << shift | below
    }
    /// The first key in order that is live.
    pub(super) fn least(&self, live: impl Fn(&Key) -> bool) -> Option<Key> {
        self.levels.iter().flat_map(|level| &level.buckets).find_map(|bucket| {
            if bucket.len == 0 {
                None
            } else if live(&bucket.least) {
                Some(bucket.least)
            } else {
                self.keys(bucket).filter(|key| live(key)).min()
            }
        })
    }
    fn keys(&self, bucket: &Bucket) -> impl Iterator<Item = Key> {
        let first = (bucket.len > 0).then_some((bucket.head, bucket.len));
        std::iter::successors(first, |(at, left)| {
            (*left > CHUNK_KEYS).then(|| (self.chunks[*at as usize].next, left - CHUNK_KEYS))
        })
        .flat_map(|(at, left)| self.chunks[at as usize].keys.into_iter().take(left))
    }
    /// Keys that fit into the chunks there are.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.chunks.len() * CHUNK_KEYS
    }
    /// Drops all keys but those that are live.
    pub(super) fn retain(&mut self, live: impl Fn(&Key) -> bool) {
        let mut kept = Vec::new();
        while let Some(place) = self.first() {
            self.drain(place, |key| {
                if live(&key) {
                    kept.push(key);
                }
            });
        }
        for key in kept {
            self.push(key);
        }
    }
    fn detach(&mut self, place: Place) -> Bucket {
        let row = &mut self.levels[place.level as usize];
        row.occupied &= !(1 << place.digit);
        if row.occupied == 0 {
            self.occupied &= !(1 << place.level);
        }
        std::mem::replace(&mut row.buckets[place.digit as usize], EMPTY)
    }
    /// Empties the bucket into `sink`, in the order of pushing.
    pub(super) fn drain(&mut self, place: Place, mut sink: impl FnMut(Key)) {
        let bucket = self.detach(place);
        let mut left = bucket.len;
        let mut at = bucket.head;
        while left > 0 {
            let chunk = &mut self.chunks[at as usize];
            let n = left.min(CHUNK_KEYS);
            for key in &chunk.keys[..n] {
                sink(*key);
            }
            left -= n;
            let next = chunk.next;
            chunk.next = self.free;
            self.free = at;
            at = next;
        }
    }
    /// Spreads the bucket over lower levels.
    #[inline(never)]
    pub(super) fn split(&mut self, place: Place) {
        let bucket = self.detach(place);
        self.base = bucket.least.time();
        let mut left = bucket.len;
        let mut at = bucket.head;
        while left > 0 {
            let chunk = self.chunks[at as usize].clone();
            self.chunks[at as usize].next = self.free;
            self.free = at;
            let n = left.min(CHUNK_KEYS);
            for key in &chunk.keys[..n] {
                self.push(*key);
            }
            left -= n;
            at = chunk.next;
        }
    }
}
