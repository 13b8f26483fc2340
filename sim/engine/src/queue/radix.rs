//! The far part of the queue: keys in buckets by the digits of their time, not yet sorted.
//!
//! Times are read as numbers of sixteen digits of four bits. A key lies in the level of the highest
//! digit in which its time differs from `base`, in the bucket of that digit's value. So every key
//! of a lower level comes before every key of a higher one, and within a level the buckets are in
//! order: the first key of all is in the first bucket of the lowest level that has any. Splitting a
//! bucket moves its keys to lower levels only, hence no key moves more than sixteen times; with a
//! million pending entries it is four or five times.
//!
//! Bucket contents are chains of fixed chunks in one arena: appending touches one place, nothing
//! is copied to grow, drained chunks are reused at once, and a clone is a few flat copies. The
//! keys of one bucket keep the order in which they came.

use super::key::Key;

const DIGIT_BITS: u32 = 4;
/// Buckets of a level: the values of a digit.
const BUCKETS: u32 = 1 << DIGIT_BITS;
const LEVELS: u32 = u64::BITS / DIGIT_BITS;
const CHUNK_KEYS: usize = 32;
/// Ends a chain.
const NO_CHUNK: u32 = u32::MAX;

#[derive(Clone, Debug)]
struct Chunk {
    keys: [Key; CHUNK_KEYS],
    next: u32,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// The smallest key put in since the bucket was empty; it may have been cancelled since.
    least: Key,
    /// The last time put in since then.
    last: u64,
    len: usize,
    /// The chain of chunks; all but the last are full.
    head: u32,
    tail: u32,
}

const EMPTY: Bucket = Bucket { least: Key::ZERO, last: 0, len: 0, head: NO_CHUNK, tail: NO_CHUNK };

/// Where a bucket is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    level: u32,
    digit: u32,
}

impl Place {
    #[inline]
    fn index(self) -> usize {
        index(self.level * BUCKETS + self.digit)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Radix {
    /// INVARIANT: not after any key's time. Digits above a key's level agree with it.
    base: u64,
    /// Bit `l` is set exactly when level `l` has keys.
    levels: u32,
    /// By level; bit `d` is set exactly when bucket `d` has keys.
    digits: [u32; index(LEVELS)],
    /// By level and digit; empty until the first key comes, since a small queue needs none.
    buckets: Vec<Bucket>,
    chunks: Vec<Chunk>,
    /// The chain of chunks in no bucket.
    free: u32,
}

impl Radix {
    pub(super) const fn new() -> Self {
        let digits = [0; index(LEVELS)];
        Self { base: 0, levels: 0, digits, buckets: Vec::new(), chunks: Vec::new(), free: NO_CHUNK }
    }
    pub(super) const fn is_empty(&self) -> bool {
        self.levels == 0
    }
    /// No key before this may be pushed.
    pub(super) const fn base(&self) -> u64 {
        self.base
    }
    /// Chooses a new base, not after any key that will come; only while there are no keys.
    pub(super) fn rebase(&mut self, base: u64) {
        assert!(self.is_empty(), "a base holds as long as there are keys");
        self.base = base;
    }
    /// The first bucket in time that has keys.
    pub(super) fn first(&self) -> Option<Place> {
        let level = self.levels.trailing_zeros();
        let digits = self.digits.get(index(level))?;
        Some(Place { level, digit: digits.trailing_zeros() })
    }
    /// The number of keys in the bucket.
    pub(super) fn len_of(&self, place: Place) -> usize {
        self.buckets.get(place.index()).map_or(0, |bucket| bucket.len)
    }
    /// The time of the first key put into the bucket, which has keys.
    pub(super) fn least_of(&self, place: Place) -> u64 {
        self.buckets.get(place.index()).map_or(u64::MAX, |bucket| bucket.least.time())
    }
    /// The time that all keys of the bucket have, if they have the same.
    pub(super) fn only_time(&self, place: Place) -> Option<u64> {
        let bucket = self.buckets.get(place.index())?;
        (bucket.least.time() == bucket.last).then_some(bucket.last)
    }
    /// The last instant that belongs to the bucket.
    pub(super) fn last_instant(&self, place: Place) -> u64 {
        let shift = place.level * DIGIT_BITS;
        let above = u64::MAX.checked_shl(shift + DIGIT_BITS).unwrap_or(0);
        let below = (1 << shift) - 1;
        self.base & above | u64::from(place.digit) << shift | below
    }
    /// Adds a key, not before the base.
    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        if self.buckets.is_empty() {
            self.allocate();
        }
        let level = ((key.time() ^ self.base) | 1).ilog2() / DIGIT_BITS;
        let digit = (key.time() >> (level * DIGIT_BITS)) & u64::from(BUCKETS - 1);
        let place = Place { level, digit: u32::try_from(digit).unwrap_or(0) };
        self.levels |= 1 << level;
        if let Some(digits) = self.digits.get_mut(index(level)) {
            *digits |= 1 << place.digit;
        }
        let Some(bucket) = self.buckets.get_mut(place.index()) else { return };
        let at = bucket.len % CHUNK_KEYS;
        if at == 0 {
            extend(bucket, key, &mut self.chunks, &mut self.free);
        }
        bucket.len += 1;
        bucket.last = bucket.last.max(key.time());
        if key < bucket.least {
            bucket.least = key;
        }
        let chunk = self.chunks.get_mut(index(bucket.tail));
        if let Some(room) = chunk.and_then(|chunk| chunk.keys.get_mut(at)) {
            *room = key;
        }
    }
    #[cold]
    fn allocate(&mut self) {
        self.buckets = vec![EMPTY; index(LEVELS * BUCKETS)];
    }
    /// Empties the bucket into `sink`.
    #[inline]
    pub(super) fn drain(&mut self, place: Place, mut sink: impl FnMut(Key)) {
        let bucket = self.detach(place);
        let (mut at, mut left) = (bucket.head, bucket.len);
        while let Some(chunk) = self.chunks.get_mut(index(at)) {
            chunk.keys.iter().take(left).for_each(|key| sink(*key));
            left = left.saturating_sub(CHUNK_KEYS);
            at = release(chunk, at, &mut self.free);
        }
    }
    /// Spreads the bucket over lower levels.
    pub(super) fn split(&mut self, place: Place) {
        assert!(place.level > 0, "one instant cannot be split");
        let bucket = self.detach(place);
        self.base = bucket.least.time();
        let (mut at, mut left) = (bucket.head, bucket.len);
        while left > 0 {
            for offset in 0..left.min(CHUNK_KEYS) {
                let chunk = self.chunks.get(index(at));
                let key = chunk.and_then(|chunk| chunk.keys.get(offset).copied());
                key.into_iter().for_each(|key| self.push(key));
            }
            left = left.saturating_sub(CHUNK_KEYS);
            let Some(chunk) = self.chunks.get_mut(index(at)) else { return };
            at = release(chunk, at, &mut self.free);
        }
    }
    /// Forgets the bucket's chain and gives it to the caller.
    fn detach(&mut self, place: Place) -> Bucket {
        if let Some(digits) = self.digits.get_mut(index(place.level)) {
            *digits &= !(1 << place.digit);
            if *digits == 0 {
                self.levels &= !(1 << place.level);
            }
        }
        let bucket = self.buckets.get_mut(place.index());
        bucket.map_or(EMPTY, |bucket| std::mem::replace(bucket, EMPTY))
    }
    /// The first key in order that is live.
    pub(super) fn least(&self, live: impl Fn(&Key) -> bool) -> Option<Key> {
        let occupied = self.buckets.iter().filter(|bucket| bucket.len > 0);
        occupied.into_iter().find_map(|bucket| {
            let least = Some(bucket.least).filter(&live);
            least.or_else(|| self.keys(bucket).filter(&live).min())
        })
    }
    fn keys(&self, bucket: &Bucket) -> impl Iterator<Item = Key> {
        let chunk = |at: u32| self.chunks.get(index(at));
        std::iter::successors(chunk(bucket.head), move |before| chunk(before.next))
            .flat_map(|chunk| chunk.keys)
            .take(bucket.len)
    }
    /// Drops all keys but those that are live.
    pub(super) fn retain(&mut self, live: impl Fn(&Key) -> bool) {
        let mut kept = Vec::new();
        while let Some(place) = self.first() {
            self.drain(place, |key| kept.extend(Some(key).filter(&live)));
        }
        kept.into_iter().for_each(|key| self.push(key));
    }
    /// Keys that fit into the chunks there are.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.chunks.len() * CHUNK_KEYS
    }
}

/// Adds an empty chunk to the end of the bucket's chain, for `key`.
#[inline]
fn extend(bucket: &mut Bucket, key: Key, chunks: &mut Vec<Chunk>, free: &mut u32) {
    let fresh = *free;
    let fresh = if let Some(chunk) = chunks.get_mut(index(fresh)) {
        *free = std::mem::replace(&mut chunk.next, NO_CHUNK);
        fresh
    } else {
        chunks.push(Chunk { keys: [Key::ZERO; CHUNK_KEYS], next: NO_CHUNK });
        u32::try_from(chunks.len() - 1).unwrap_or(NO_CHUNK)
    };
    if let Some(last) = chunks.get_mut(index(bucket.tail)) {
        last.next = fresh;
    } else {
        bucket.head = fresh;
        bucket.least = key;
    }
    bucket.tail = fresh;
}

/// Puts the chunk at the front of the free chain; gives the number of the one after it.
#[inline]
fn release(chunk: &mut Chunk, at: u32, free: &mut u32) -> u32 {
    let next = std::mem::replace(&mut chunk.next, *free);
    *free = at;
    next
}

#[inline]
#[expect(clippy::as_conversions, reason = "32 bits fit; the checked conversion is not const")]
const fn index(number: u32) -> usize {
    number as usize
}
