//! The ladder queue of Tang, Goh and Thng (2005): an unsorted top, rungs of ever finer buckets,
//! and a short sorted bottom.

use super::{Key, KeyQueue, time};

/// A bucket with more keys becomes a rung instead of the bottom.
const BUCKET_MAX: usize = 50;
const RUNGS_MAX: usize = 8;

#[derive(Clone, Debug)]
struct Rung {
    start: u64,
    width: u64,
    /// The first bucket not yet taken.
    next: usize,
    buckets: Vec<Vec<u128>>,
    len: usize,
}

impl Rung {
    /// Spreads keys from `start` to before `end`, about one a bucket.
    fn new(keys: Vec<u128>, start: u64, end: u64) -> Self {
        let count = u64::try_from(keys.len()).unwrap_or(1).max(1);
        let width = (end - start).div_ceil(count).max(1);
        let buckets = usize::try_from((end - start).div_ceil(width)).unwrap_or(1).max(1);
        let buckets = vec![Vec::new(); buckets];
        let mut rung = Self { start, width, next: 0, buckets, len: 0 };
        for wide in keys {
            rung.place(wide);
        }
        rung
    }
    /// The first instant not yet taken.
    #[inline]
    fn reached(&self) -> u64 {
        let next = u64::try_from(self.next).unwrap_or(u64::MAX);
        self.start.saturating_add(self.width.saturating_mul(next))
    }
    #[inline]
    fn place(&mut self, wide: u128) {
        let at = usize::try_from((time(wide) - self.start) / self.width).unwrap_or(0);
        if let Some(bucket) = self.buckets.get_mut(at) {
            bucket.push(wide);
            self.len += 1;
        }
    }
    /// Takes the next bucket that has keys, with its first and last instant.
    fn take(&mut self) -> Option<(Vec<u128>, u64, u64)> {
        let waiting = self.buckets.get_mut(self.next..)?;
        let skipped = waiting.iter().position(|bucket| !bucket.is_empty())?;
        let keys = waiting.get_mut(skipped).map(std::mem::take)?;
        self.next += skipped;
        let start = self.reached();
        self.next += 1;
        self.len -= keys.len();
        Some((keys, start, self.reached()))
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    top: Vec<u128>,
    /// Keys from here on go to the top.
    top_start: u64,
    /// From coarse to fine.
    rungs: Vec<Rung>,
    /// Descending, so that the next key is the last.
    bottom: Vec<u128>,
}

impl Ladder {
    #[inline]
    fn place(&mut self, wide: u128) {
        if time(wide) >= self.top_start {
            self.top.push(wide);
            return;
        }
        if let Some(rung) = self.rungs.iter_mut().find(|rung| time(wide) >= rung.reached()) {
            rung.place(wide);
            return;
        }
        let at = self.bottom.partition_point(|other| *other > wide);
        self.bottom.insert(at, wide);
        if self.bottom.len() > BUCKET_MAX && self.rungs.len() < RUNGS_MAX {
            self.lift();
        }
    }
    /// Makes a rung of a bottom that has grown too long, if it is not all one instant.
    fn lift(&mut self) {
        let (Some(last), Some(first)) = (self.bottom.first(), self.bottom.last()) else { return };
        if time(*first) < time(*last) {
            let end = self.rungs.last().map_or(self.top_start, Rung::reached);
            let start = time(*first);
            let keys = std::mem::take(&mut self.bottom);
            self.rungs.push(Rung::new(keys, start, end));
        }
    }
    fn refill(&mut self) {
        while self.bottom.is_empty() {
            self.rungs.pop_if(|rung| rung.len == 0);
            let Some(rung) = self.rungs.last_mut() else {
                let first = self.top.iter().copied().map(time).min();
                let last = self.top.iter().copied().map(time).max();
                let (Some(first), Some(last)) = (first, last) else { return };
                self.top_start = last.saturating_add(1);
                let keys = std::mem::take(&mut self.top);
                self.rungs.push(Rung::new(keys, first, self.top_start));
                continue;
            };
            let width = rung.width;
            let full = self.rungs.len() == RUNGS_MAX;
            let Some((keys, start, end)) = self.rungs.last_mut().and_then(Rung::take) else {
                continue;
            };
            if keys.len() > BUCKET_MAX && width > 1 && !full {
                self.rungs.push(Rung::new(keys, start, end));
            } else {
                self.bottom = keys;
                self.bottom.sort_unstable_by(|a, b| b.cmp(a));
            }
        }
    }
}

impl KeyQueue for Ladder {
    const NAME: &'static str = "ladder queue (Tang)";

    #[inline]
    fn push(&mut self, key: Key) {
        self.place(key.pack());
    }
    #[inline]
    fn pop(&mut self) -> Option<Key> {
        if self.bottom.is_empty() {
            self.refill();
        }
        self.bottom.pop().map(Key::unpack)
    }
    fn retain(&mut self, mut live: impl FnMut(Key) -> bool) {
        let mut live = |wide: &u128| live(Key::unpack(*wide));
        self.top.retain(&mut live);
        self.bottom.retain(&mut live);
        for rung in &mut self.rungs {
            rung.buckets.iter_mut().for_each(|bucket| bucket.retain(&mut live));
            rung.len = rung.buckets.iter().map(Vec::len).sum();
        }
    }
}
