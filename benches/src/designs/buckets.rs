//! Orders that use the bits of the key or its whole instant.

use super::{Key, KeyQueue};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// The monotone radix heap: a bucket for each bit that may be the highest to differ from the last
/// popped key. Keys below that one (an earlier phase of the same instant) go to a side heap.
#[derive(Clone, Debug)]
pub struct RadixHeap {
    last: u128,
    buckets: Vec<Vec<u128>>,
    below: BinaryHeap<Reverse<u128>>,
}

const BITS: usize = 128;

impl Default for RadixHeap {
    fn default() -> Self {
        Self { last: 0, buckets: vec![Vec::new(); BITS + 1], below: BinaryHeap::new() }
    }
}

impl RadixHeap {
    #[inline]
    fn place(&mut self, wide: u128) {
        let differing = u128::BITS - (wide ^ self.last).leading_zeros();
        let bucket = usize::try_from(differing).ok().and_then(|at| self.buckets.get_mut(at));
        if let Some(bucket) = bucket {
            bucket.push(wide);
        }
    }
    /// Brings the smallest keys into the bucket of those that equal `last`.
    fn refill(&mut self) -> Option<u128> {
        let full = self.buckets.iter_mut().find(|bucket| !bucket.is_empty())?;
        let mut keys = std::mem::take(full);
        self.last = keys.iter().copied().min()?;
        for wide in keys.drain(..) {
            self.place(wide);
        }
        self.buckets.first_mut().and_then(Vec::pop)
    }
}

impl KeyQueue for RadixHeap {
    const NAME: &'static str = "radix heap, packed key";

    #[inline]
    fn push(&mut self, key: Key) {
        let wide = key.pack();
        if wide < self.last {
            self.below.push(Reverse(wide));
        } else {
            self.place(wide);
        }
    }
    #[inline]
    fn pop(&mut self) -> Option<Key> {
        let below = self.below.pop().map(|Reverse(wide)| wide);
        below.or_else(|| self.refill()).map(Key::unpack)
    }
    fn retain(&mut self, mut live: impl FnMut(Key) -> bool) {
        self.below.retain(|Reverse(wide)| live(Key::unpack(*wide)));
        for bucket in &mut self.buckets {
            bucket.retain(|wide| live(Key::unpack(*wide)));
        }
    }
}

/// All entries of an instant as one batch, sorted when its turn comes; a tree of instants.
#[derive(Clone, Debug, Default)]
pub struct TickBatch {
    batches: BTreeMap<i64, Vec<u128>>,
    /// The instant whose batch is being popped, the next key last.
    at: i64,
    current: Vec<u128>,
}

impl KeyQueue for TickBatch {
    const NAME: &'static str = "batch of a tick, BTreeMap of instants";

    #[inline]
    fn push(&mut self, key: Key) {
        if key.at == self.at {
            let wide = key.pack();
            let place = self.current.partition_point(|other| *other > wide);
            self.current.insert(place, wide);
        } else {
            self.batches.entry(key.at).or_default().push(key.pack());
        }
    }
    #[inline]
    fn pop(&mut self) -> Option<Key> {
        if self.current.is_empty() {
            (self.at, self.current) = self.batches.pop_first()?;
            self.current.sort_unstable_by(|a, b| b.cmp(a));
        }
        self.current.pop().map(Key::unpack)
    }
    fn retain(&mut self, mut live: impl FnMut(Key) -> bool) {
        self.current.retain(|wide| live(Key::unpack(*wide)));
        self.batches.retain(|_, batch| {
            batch.retain(|wide| live(Key::unpack(*wide)));
            !batch.is_empty()
        });
    }
}
