//! When a picture is shown: the adaptive jitter buffer.
//!
//! The law is a quantile of relative delay with forgetting, as the delay manager of NetEq (libwebrtc's sound)
//! has it, here over whole pictures: a picture's transit is compared with the least of late, a histogram of
//! the differences forgets slowly, and the delay that is aimed at is what most of them stay under. The
//! Kalman filter of libwebrtc's pictures was not taken: it assumes normal noise and a delay linear in the size of
//! a picture, which a paced sender breaks, and its answer cannot be checked by a closed form.

use crate::number::low32;
use crate::sequence::Unwrapper;
use koosim_time::{SimDuration, SimTime};

/// Buckets of the histogram and their width: up to 256 ms.
const BUCKETS: usize = 128;
const BUCKET: SimDuration = SimDuration::from_millis(2);
/// The delay aimed at is enough for this share of pictures, in 1/2^30.
const QUANTILE: u32 = (ONE / 100) * 97;
/// What remains of an old picture's weight with each new one: they count for about 250 pictures,
const FORGET: u32 = ONE - ONE / 250;
/// and for this time, where pictures are rare.
const FORGET_TIME: SimDuration = SimDuration::from_secs(8);
/// At the start the n-th picture counts for this part of n + 1, so that what the first key frame held up is soon
/// forgotten. NetEq has the same weight: `start_forget_weight = 2` in `DelayManager::Config`
/// (libwebrtc, `modules/audio_coding/neteq/delay_manager.h`), where `Histogram::Add` (`histogram.cc`) lets the n-th
/// count for this part of n, so that the first is wholly forgotten with the second. Here it is not: the first key frame
/// says what the next one will be held up by.
const START_WEIGHT: u32 = 2;
const ONE: u32 = 1 << 30;
/// The least transit is that of the last one to two windows of this length.
const WINDOW: SimDuration = SimDuration::from_secs(2);
/// The delay shrinks by no more than one part in so many of the time that passes.
const SHRINK: i64 = 10;

/// Bounds of the delay of the jitter buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlayoutOptions {
    /// Least delay over the fastest picture.
    pub min: SimDuration,
    /// Greatest.
    pub max: SimDuration,
}

impl Default for PlayoutOptions {
    /// From nothing to 200 ms.
    fn default() -> Self {
        Self { min: SimDuration::ZERO, max: SimDuration::from_millis(200) }
    }
}

/// Measures pictures and tells when to show them.
#[derive(Clone, Debug)]
pub(crate) struct Playout {
    options: PlayoutOptions,
    ticks: Unwrapper<32>,
    /// Least transit in this window and in the one before, and when this one began.
    least: Option<(i64, i64, SimTime)>,
    weights: [u32; BUCKETS],
    /// Buckets from the first on that may have a weight.
    used: usize,
    seen: u32,
    delay: SimDuration,
    set_at: SimTime,
}

impl Playout {
    pub(crate) const fn new(now: SimTime, options: PlayoutOptions) -> Self {
        Self {
            options,
            ticks: Unwrapper::<32>::NEW,
            least: None,
            weights: [0; BUCKETS],
            used: 0,
            seen: 0,
            delay: options.min,
            set_at: now,
        }
    }
    /// The delay over the fastest picture that is aimed at.
    pub(crate) const fn delay(&self) -> SimDuration {
        self.delay
    }
    /// A picture is complete; when it is to be shown. One that was `repaired` says nothing of the path's delay.
    pub(crate) fn complete(&mut self, now: SimTime, timestamp: u32, repaired: bool) -> SimTime {
        let ticks = self.ticks.unwrap(u64::from(timestamp));
        // 90 kHz in ns is 100000 / 9.
        let media = i64::try_from(u128::from(ticks) * 100_000 / 9).unwrap_or(i64::MAX);
        let transit = now.as_nanos().saturating_sub(media);
        if !repaired || self.least.is_none() {
            let least = self.least_with(now, transit);
            self.weigh(transit - least, now - self.set_at);
        }
        self.adapt(now);
        let least = self.least.map_or(transit, |(this, before, _)| this.min(before));
        let at = media.saturating_add(least).saturating_add(self.delay.as_nanos());
        SimTime::from_nanos(at).max(now)
    }
    fn least_with(&mut self, now: SimTime, transit: i64) -> i64 {
        let (this, before, began) = self.least.unwrap_or((transit, transit, now));
        let (this, before, began) = if now - began >= WINDOW {
            (transit, this, now)
        } else {
            (this.min(transit), before, began)
        };
        self.least = Some((this, before, began));
        this.min(before)
    }
    fn weigh(&mut self, relative_ns: i64, since: SimDuration) {
        let kept = FORGET.min(ONE - newest_of(self.seen)).min(kept_after(since));
        self.seen = self.seen.saturating_add(1);
        let mut rest = ONE;
        let bucket = usize::try_from(relative_ns.max(0) / BUCKET.as_nanos()).unwrap_or(BUCKETS);
        let bucket = bucket.min(BUCKETS - 1);
        self.used = self.used.max(bucket + 1);
        for weight in self.weights.iter_mut().take(self.used) {
            *weight = low32((u64::from(*weight) * u64::from(kept)) >> 30);
            rest -= *weight;
        }
        if let Some(weight) = self.weights.get_mut(bucket) {
            // All that rounding took goes to the newest, so that the weights always add up to one.
            *weight += rest;
        }
    }
    /// Upper edge of the bucket that holds the quantile.
    fn quantile(&self) -> SimDuration {
        let (mut sum, mut edge) = (0, 0);
        for weight in &self.weights {
            sum += weight;
            edge += BUCKET.as_nanos();
            if sum >= QUANTILE {
                break;
            }
        }
        SimDuration::from_nanos(edge)
    }
    fn adapt(&mut self, now: SimTime) {
        let wanted = self.quantile().clamp(self.options.min, self.options.max);
        let slower = (now - self.set_at).as_nanos() / SHRINK;
        let least = SimDuration::from_nanos(self.delay.as_nanos() - slower);
        self.delay = wanted.max(least);
        self.set_at = now;
    }
}

/// The weight of a picture before which so many were seen.
fn newest_of(seen: u32) -> u32 {
    START_WEIGHT.saturating_mul(ONE / seen.saturating_add(START_WEIGHT))
}
/// What the time since the picture before leaves of old weights.
fn kept_after(since: SimDuration) -> u32 {
    let ns = since.clamp(SimDuration::ZERO, FORGET_TIME).as_nanos().cast_unsigned();
    let gone = ns * u64::from(ONE) / FORGET_TIME.as_nanos().cast_unsigned();
    ONE - low32(gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pictures each 100 ms that are late by so many ms; delays in ms after each.
    fn delays(late_ms: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut playout = Playout::new(SimTime::EPOCH, PlayoutOptions::default());
        let late = (0_i64..).zip(late_ms);
        let delays = late.map(|(n, late)| {
            let at = SimTime::from_nanos((n * 100 + late) * 1_000_000);
            // Starts shortly before the timestamp turns.
            playout.complete(at, low32((4_294_960_000 + n * 9000).cast_unsigned()), false);
            playout.delay().as_nanos() / 1_000_000
        });
        delays.collect()
    }

    #[test]
    fn even_pictures_wait_for_one_bucket() {
        assert_eq!(delays(std::iter::repeat_n(40, 500)).last(), Some(&2));
    }

    /// One in ten is 30 ms late: the bucket of 30 to 32. One in a hundred is not waited for.
    #[test]
    fn delay_is_what_most_pictures_need() {
        let every = |k: i64| (0..1000).map(move |n| if n % k == k - 1 { 30 } else { 0 });
        assert_eq!(delays(every(10)).last(), Some(&32));
        assert_eq!(delays(every(100)).last(), Some(&2));
        assert_eq!(delays((0..100).map(|n| 99 * (n % 2))).last(), Some(&100));
        let slow = delays((0..100).map(|n| 90 * (n % 4)));
        assert_eq!(slow.last(), Some(&200), "at most the bound");
    }

    #[test]
    fn delay_shrinks_by_a_tenth_of_the_time() {
        let seen = delays((0..300).map(|n| if n % 5 == 4 { 98 } else { 0 }).chain([0; 900]));
        // 100 ms pass between two pictures, but 2 when one is late.
        assert!(seen.windows(2).all(|pair| pair[1] >= pair[0] - 10), "{seen:?}");
        assert!(seen.windows(2).any(|pair| pair[1] == pair[0] - 10), "{seen:?}");
        assert_eq!((seen[299], seen.last()), (100, Some(&2)));
    }

    /// Seven pictures that wait behind the first key frame weigh 2 * 28 of n (n + 1), less than 3 percent from the
    /// 43rd on: 43 * 42 is 1806, and 56 / 0.03 is 1867, 44 * 43 is 1892. Then 200 ms pass in 20 pictures.
    #[test]
    fn what_the_first_key_frame_held_up_is_soon_forgotten() {
        let seen = delays((0..8).map(|n| if n == 0 { 0 } else { 198 }).chain([0; 80]));
        let falls = seen.iter().rposition(|ms| *ms == 200).unwrap();
        assert!((40..=46).contains(&falls), "{falls}");
        assert_eq!(seen[falls + 20], 2);
    }

    /// A picture each second: one that is late weighs an eighth, and 3 percent after 11 more.
    #[test]
    fn late_picture_is_forgotten_by_time_where_pictures_are_rare() {
        let mut playout = Playout::new(SimTime::EPOCH, PlayoutOptions::default());
        let mut after = |n: i64| {
            let late = if n == 50 { 150 } else { 0 };
            let at = SimTime::from_nanos((n * 1000 + late) * 1_000_000);
            playout.complete(at, low32((n * 90_000).cast_unsigned()), false);
            playout.delay().as_nanos() / 1_000_000
        };
        let seen: Vec<_> = (0..80).map(&mut after).collect();
        assert_eq!((seen[49], seen[50]), (2, 152));
        let falls = seen.iter().rposition(|ms| *ms == 152).unwrap();
        assert_eq!((falls, seen[79]), (61, 2));
    }

    #[test]
    fn longer_path_is_forgiven_after_two_windows() {
        let seen = delays((0..1200).map(|n| if n < 300 { 0 } else { 80 }));
        assert_eq!((seen[299], seen.iter().max(), seen.last()), (2, Some(&82), Some(&2)));
    }

    proptest! {
        #[test]
        fn weights_always_add_up_to_one(late in prop::collection::vec(0_i64..400, 1..300)) {
            let mut playout = Playout::new(SimTime::EPOCH, PlayoutOptions::default());
            for (n, late) in (0_i64..).zip(late) {
                let now = SimTime::from_nanos((n * 16 + late) * 1_000_000);
                let at = playout.complete(now, low32(n.cast_unsigned() * 1440), false);
                prop_assert!(at >= now);
                prop_assert_eq!(playout.weights.iter().sum::<u32>(), ONE);
            }
        }
    }
}
