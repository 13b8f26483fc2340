//! The pacer's measure: a bucket of tokens that fills at a rate, in whole numbers.

use crate::BitRate;
use koosim_time::{NS_PER_S, SimDuration, SimTime};

/// Tokens of one byte: bits in units of 1/10^9.
const BYTE: i64 = 8 * NS_PER_S;

/// In any span, what leaves is at most rate times span and one bucket more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    tokens: i64,
    at: SimTime,
}

fn tokens(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX).saturating_mul(BYTE)
}

fn per_second(rate: BitRate) -> i64 {
    i64::try_from(rate.bps()).unwrap_or(i64::MAX)
}

impl Bucket {
    pub(crate) const fn new(now: SimTime) -> Self {
        Self { tokens: 0, at: now }
    }
    /// Whether the time up to `now` has been filled.
    pub(crate) fn is_filled(&self, now: SimTime) -> bool {
        now <= self.at
    }
    /// Fills at the rate that held since the last call, up to a capacity.
    pub(crate) fn fill(&mut self, now: SimTime, rate: BitRate, capacity: u64) {
        let ns = (now - self.at).as_nanos().max(0);
        self.at = self.at.max(now);
        let filled = self.tokens.saturating_add(per_second(rate).saturating_mul(ns));
        self.tokens = filled.min(tokens(capacity));
    }
    pub(crate) const fn empty(&mut self) {
        self.tokens = 0;
    }
    /// Takes so many bytes if they are there.
    pub(crate) fn take(&mut self, bytes: u64) -> bool {
        let wanted = tokens(bytes);
        let enough = wanted <= self.tokens;
        if enough {
            self.tokens -= wanted;
        }
        enough
    }
    /// Takes so many bytes unless some are owed, and owes what is not there: the time of a packet passes after it,
    /// as on a link.
    pub(crate) fn owe(&mut self, bytes: u64) -> bool {
        let free = self.tokens >= 0;
        if free {
            self.tokens -= tokens(bytes);
        }
        free
    }
    /// When so many bytes are there, at this rate.
    pub(crate) fn ready_at(&self, bytes: u64, rate: BitRate) -> SimTime {
        let missing = tokens(bytes).saturating_sub(self.tokens).max(0).cast_unsigned();
        let ns = missing.div_ceil(rate.bps().max(1));
        self.at
            + SimDuration::from_nanos(i64::try_from(ns).unwrap_or(i64::MAX / 4).min(i64::MAX / 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 100 bytes and then 1200 at 8 Mbit/s, a byte a microsecond.
    #[test]
    fn what_is_owed_passes_after_the_packet() {
        let rate = BitRate::from_kbps(8000);
        let mut bucket = Bucket::new(SimTime::EPOCH);
        let mut now = SimTime::EPOCH;
        let left = [100, 1200, 1200].map(|bytes| {
            now = bucket.ready_at(0, rate);
            bucket.fill(now, rate, 0);
            assert!(bucket.owe(bytes) && !bucket.owe(1));
            now.as_nanos() / 1000
        });
        assert_eq!(left, [0, 100, 1300]);
        now = now + SimDuration::from_millis(100);
        bucket.fill(now, rate, 0);
        assert!(bucket.owe(1200) && !bucket.owe(1), "nothing was saved up");
    }

    proptest! {
        /// Bits in any window <= rate * window + bucket, and what fits is there when it was promised.
        #[test]
        fn output_in_any_window_is_bounded(
            rate in 10_000_u64..50_000_000,
            sizes in prop::collection::vec(40_u64..1500, 2..60),
            gaps in prop::collection::vec(0_i64..20_000_000, 60),
        ) {
            let (rate, capacity) = (BitRate::from_bps(rate), 3000);
            let (mut bucket, mut now) = (Bucket::new(SimTime::EPOCH), SimTime::EPOCH);
            let mut left = Vec::new();
            for (bytes, gap) in sizes.into_iter().zip(gaps) {
                now = now + SimDuration::from_nanos(gap);
                bucket.fill(now, rate, capacity);
                let ready = bucket.ready_at(bytes, rate);
                if ready > now {
                    prop_assert!(!bucket.take(bytes));
                    bucket.fill(ready - SimDuration::from_nanos(1), rate, capacity);
                    prop_assert!(!bucket.take(bytes), "not before");
                    bucket.fill(ready, rate, capacity);
                    now = ready;
                }
                prop_assert!(bucket.take(bytes));
                left.push((now, bytes));
            }
            for (from, first) in left.iter().enumerate() {
                for to in from..left.len() {
                    let bytes: u64 = left[from..=to].iter().map(|packet| packet.1).sum();
                    let span = left[to].0 - first.0;
                    prop_assert!(bytes <= rate.bytes_in(span) + 1 + capacity);
                }
            }
        }
    }
}
