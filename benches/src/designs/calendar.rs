//! The calendar queue of Brown (1988): a ring of days, each a short sorted list.

use super::{Key, KeyQueue, time};

const DAYS_MIN: usize = 2;
/// Entries looked at to choose the length of a day.
const SAMPLE: usize = 64;

/// Days are a power of two long, so that finding one takes a shift and a mask.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Each descending, so that the next key is the last.
    days: Vec<Vec<u128>>,
    shift: u32,
    /// The day being looked at, counted from time 0.
    today: u64,
    len: usize,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { days: vec![Vec::new(); DAYS_MIN], shift: 30, today: 0, len: 0 }
    }
}

#[expect(clippy::indexing_slicing, reason = "days are taken modulo their number")]
impl Calendar {
    #[inline]
    fn slot(&self, day: u64) -> usize {
        usize::try_from(day).unwrap_or(0) & (self.days.len() - 1)
    }
    fn place(&mut self, wide: u128) {
        let slot = self.slot(time(wide) >> self.shift);
        let day = &mut self.days[slot];
        let at = day.partition_point(|other| *other > wide);
        day.insert(at, wide);
    }
    /// Walks to the first day of this year that has a key, or else to the first key of all.
    fn find(&mut self) -> Option<usize> {
        for _ in 0..self.days.len() {
            let slot = self.slot(self.today);
            let here = self.days[slot].last();
            if here.is_some_and(|wide| time(*wide) >> self.shift == self.today) {
                return Some(slot);
            }
            self.today += 1;
        }
        let first = self.days.iter().filter_map(|day| day.last()).min()?;
        self.today = time(*first) >> self.shift;
        Some(self.slot(self.today))
    }
    /// Chooses number and length of days anew and places all keys again.
    fn resize(&mut self, days: usize) {
        let now = self.today << self.shift;
        let mut keys: Vec<u128> = self.days.drain(..).flatten().collect();
        let sample = SAMPLE.min(keys.len());
        if sample > 1 {
            let (head, last, _) = keys.select_nth_unstable(sample - 1);
            let first = head.iter().min().unwrap_or(last);
            let gap = (time(*last) - time(*first)) / u64::try_from(sample).unwrap_or(1);
            self.shift = (gap * 3).max(1).ilog2();
        }
        self.days = vec![Vec::new(); days];
        self.today = now >> self.shift;
        for wide in keys {
            self.place(wide);
        }
    }
}

impl KeyQueue for Calendar {
    const NAME: &'static str = "calendar queue (Brown)";

    #[inline]
    fn push(&mut self, key: Key) {
        let wide = key.pack();
        self.today = self.today.min(time(wide) >> self.shift);
        self.place(wide);
        self.len += 1;
        if self.len > 2 * self.days.len() {
            self.resize(self.days.len() * 2);
        }
    }
    #[inline]
    fn pop(&mut self) -> Option<Key> {
        if self.len == 0 {
            return None;
        }
        let slot = self.find()?;
        let wide = self.days.get_mut(slot)?.pop()?;
        self.len -= 1;
        if self.len < self.days.len() / 2 && self.days.len() > DAYS_MIN {
            self.resize(self.days.len() / 2);
        }
        Some(Key::unpack(wide))
    }
    fn retain(&mut self, mut live: impl FnMut(Key) -> bool) {
        for day in &mut self.days {
            day.retain(|wide| live(Key::unpack(*wide)));
        }
        self.len = self.days.iter().map(Vec::len).sum();
    }
}
