//! Distributions of latencies in little memory, and how evenly pictures were shown.

use koosim_time::{SimDuration, SimTime};

/// Buckets of each power of two: a latency is known to one part in this many.
const PARTS: u64 = 64;
/// The finest difference: latencies are counted in microseconds, rounded up.
const UNIT_NS: i64 = 1_000;

/// How often which latency was seen. Two of them add up exactly, in any order.
///
/// Buckets grow with the latency, so that percentiles are at most one part in 64 too large, or one
/// microsecond; the least, greatest and mean are exact. Memory grows with the logarithm of the greatest
/// latency: 3 KiB up to 131 ms, 7 KiB at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    buckets: Vec<u32>,
    count: u64,
    /// Nanoseconds.
    sum: i128,
    range: Option<(SimDuration, SimDuration)>,
}

impl Latencies {
    /// None yet.
    pub const fn new() -> Self {
        Self { buckets: Vec::new(), count: 0, sum: 0, range: None }
    }
    /// Adds one; a negative latency counts as none at all.
    pub fn record(&mut self, latency: SimDuration) {
        let latency = latency.max(SimDuration::ZERO);
        let place = place(units(latency));
        if self.buckets.len() <= place {
            self.buckets.resize(place + 1, 0);
        }
        if let Some(bucket) = self.buckets.get_mut(place) {
            *bucket = bucket.saturating_add(1);
        }
        self.count += 1;
        self.sum += i128::from(latency.as_nanos());
        let (least, greatest) = self.range.unwrap_or((latency, latency));
        self.range = Some((least.min(latency), greatest.max(latency)));
    }
    /// Where a latency would be counted, if one of its length or longer has been: for who wants to have that near in
    /// time.
    pub fn bucket(&self, latency: SimDuration) -> Option<&u32> {
        self.buckets.get(place(units(latency.max(SimDuration::ZERO))))
    }
    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (ours, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *ours = ours.saturating_add(*theirs);
        }
        self.count += other.count;
        self.sum += other.sum;
        self.range = match (self.range, other.range) {
            (Some(ours), Some(theirs)) => Some((ours.0.min(theirs.0), ours.1.max(theirs.1))),
            (ours, theirs) => ours.or(theirs),
        };
    }
    /// How many were recorded.
    pub const fn count(&self) -> u64 {
        self.count
    }
    /// The least; `None` if there are none.
    pub fn least(&self) -> Option<SimDuration> {
        self.range.map(|(least, _)| least)
    }
    /// The worst; `None` if there are none.
    pub fn worst(&self) -> Option<SimDuration> {
        self.range.map(|(_, greatest)| greatest)
    }
    /// The mean, rounded down to nanoseconds; `None` if there are none.
    pub fn mean(&self) -> Option<SimDuration> {
        let mean = self.sum.checked_div(i128::from(self.count))?;
        i64::try_from(mean).ok().map(SimDuration::from_nanos)
    }
    /// The nearest-rank percentile: what at least this many of a thousand did not exceed, as the upper end of
    /// its bucket, and never more than the worst; `None` if there are none.
    pub fn percentile(&self, permille: u32) -> Option<SimDuration> {
        let worst = self.worst()?;
        let rank = (u128::from(self.count) * u128::from(permille)).div_ceil(1000).max(1);
        let mut below = 0_u128;
        for (place, bucket) in (0_u64..).zip(&self.buckets) {
            below += u128::from(*bucket);
            if below >= rank {
                return Some(upper_end(place).min(worst));
            }
        }
        Some(worst)
    }
}

fn units(latency: SimDuration) -> u64 {
    u64::try_from(latency.as_nanos().div_euclid(UNIT_NS))
        .map_or(0, |whole| whole + u64::from(latency.as_nanos().rem_euclid(UNIT_NS) > 0))
}

/// The greatest latency that is told apart, in units: over two hours.
const MOST_UNITS: u64 = 1 << 33;

/// Up to [`PARTS`] each unit has a bucket; beyond, each power of two has [`PARTS`] of them.
fn place(units: u64) -> usize {
    let units = units.min(MOST_UNITS);
    let octave = (units / PARTS).checked_ilog2().map_or(0, |log| log + 1);
    let shift = octave.saturating_sub(1);
    let place = u64::from(shift) * PARTS + (units >> shift);
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// The greatest latency of a bucket.
fn upper_end(place: u64) -> SimDuration {
    let octave = place / PARTS;
    let shift = octave.saturating_sub(1);
    let units = ((place - shift * PARTS + 1) << shift) - 1;
    SimDuration::from_nanos(i64::try_from(units).unwrap_or(i64::MAX).saturating_mul(UNIT_NS))
}

/// How evenly pictures were shown.
///
/// A picture freezes when the next one comes later than three times the mean interval of the last 30, or
/// than that mean and 150 ms, whichever is later (W3C, Identifiers for WebRTC's Statistics API,
/// `freezeCount`). Where the screen itself had nothing new for so long, only the time counts in which a
/// picture was on its way: from when it was composed, or from when the one before it was shown if that is
/// later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Playback {
    first: Option<SimTime>,
    last: Option<SimTime>,
    shown: u64,
    /// Nanoseconds of the latest intervals, the oldest overwritten.
    recent: Vec<i64>,
    freezes: u64,
    frozen_ns: i64,
    longest: SimDuration,
    /// When the picture moved again after it was frozen last, or moved first.
    steady: Option<SimTime>,
    /// How the picture that was shown last came to be.
    origin: Option<Origin>,
    /// The picture that is shown next, if it has been decoded: when, and how it came to be.
    coming: Option<(SimTime, Origin)>,
}

/// How a picture came to be, and the one that was captured after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// When the picture was composed: the first of its changes, if it has several.
    pub composed: SimTime,
    /// When the one after it was, once that was captured.
    pub next: Option<SimTime>,
}

impl Origin {
    /// How much of the time from `shown` to `now` nothing new was on its way, if that is a stillness of the
    /// screen itself: if nothing changed for at least as long as a freeze has.
    fn still_ns(self, shown: SimTime, now: SimTime, least: i64) -> i64 {
        let next = self.next.unwrap_or(now).min(now);
        let is_still = (next - self.composed).as_nanos() >= least;
        if is_still { (next - shown).as_nanos().max(0) } else { 0 }
    }
}

/// Intervals of which the mean is taken.
const RECENT: usize = 30;
/// What a freeze has at least beyond the mean.
const FREEZE_NS: i64 = 150_000_000;

impl Playback {
    /// Nothing shown yet.
    pub const fn new() -> Self {
        Self {
            first: None,
            last: None,
            shown: 0,
            recent: Vec::new(),
            freezes: 0,
            frozen_ns: 0,
            longest: SimDuration::ZERO,
            steady: None,
            origin: None,
            coming: None,
        }
    }
    /// A picture is shown; not before the one before it. What is not known of its origin excuses nothing.
    pub fn show(&mut self, at: SimTime, origin: Option<Origin>) {
        if self.last.is_none_or(|last| self.interval(last, at.max(last))) {
            self.steady = Some(at);
        }
        self.origin = origin;
        self.first = self.first.or(Some(at));
        self.last = self.last.max(Some(at));
        self.shown += 1;
    }
    /// A picture was decoded, and will be shown next.
    pub const fn comes(&mut self, at: SimTime, origin: Origin) {
        self.coming = Some((at, origin));
    }
    /// A picture was captured that was composed at this instant.
    pub fn captured(&mut self, composed: SimTime) {
        if let Some((_, origin)) = &mut self.coming {
            origin.next = origin.next.or(Some(composed));
        }
    }
    /// A picture stood from one instant to another; whether that was a freeze.
    fn interval(&mut self, from: SimTime, to: SimTime) -> bool {
        let (ns, froze) = ((to - from).as_nanos(), self.froze(from, to, self.origin));
        self.freezes += u64::from(froze.is_some());
        self.frozen_ns += froze.unwrap_or_default();
        self.longest = self.longest.max(SimDuration::from_nanos(ns));
        if self.recent.len() == RECENT {
            self.recent.remove(0);
        }
        self.recent.push(ns);
        froze.is_some()
    }
    /// From which length on the present interval is a freeze; nothing before there is another.
    fn freezes_after(&self) -> Option<i64> {
        let count = i64::try_from(self.recent.len()).unwrap_or(i64::MAX);
        let mean = self.recent.iter().sum::<i64>().checked_div(count)?;
        Some((3 * mean).max(mean + FREEZE_NS))
    }
    /// Since when the picture has moved without a freeze: since the end of the last one, or since the first
    /// picture. Nothing if there is no picture, or if it is frozen at `now`.
    pub fn steady_since(&self, now: SimTime) -> Option<SimTime> {
        let last = self.last?;
        // One that was decoded and is to be shown by now is seen, although nobody has told of it yet.
        let Some((shown, origin)) = self.coming.filter(|(at, _)| *at <= now) else {
            return self.steady.filter(|_| self.froze(last, now, self.origin).is_none());
        };
        let again = self.froze(last, shown, self.origin).map(|_| shown);
        again.or(self.steady).filter(|_| self.froze(shown, now, Some(origin)).is_none())
    }
    /// How long a picture that was shown at `from` had frozen by `to`, if it had.
    fn froze(&self, from: SimTime, to: SimTime, origin: Option<Origin>) -> Option<i64> {
        let least = self.freezes_after()?;
        let still = origin.map_or(0, |origin| origin.still_ns(from, to, least));
        Some((to - from).as_nanos() - still).filter(|waited| *waited >= least)
    }
    /// Pictures shown.
    pub const fn shown(&self) -> u64 {
        self.shown
    }
    /// How often the picture froze.
    pub const fn freezes(&self) -> u64 {
        self.freezes
    }
    /// The longest time that one picture stood.
    pub const fn longest(&self) -> SimDuration {
        self.longest
    }
    /// Stall rate: of a million parts of the time from the first picture to the last, those that were
    /// frozen, rounded down; 0 before a second picture.
    pub fn stalled_ppm(&self) -> u64 {
        let frozen = i128::from(self.frozen_ns) * 1_000_000;
        u64::try_from(frozen.checked_div(self.length_ns()).unwrap_or(0)).unwrap_or(0)
    }
    /// Frame rate in thousandths of pictures a second, from the first picture to the last, rounded down;
    /// 0 before a second picture.
    pub fn millifps(&self) -> u64 {
        let intervals = i128::from(self.shown.saturating_sub(1));
        let rate = (intervals * 1_000_000_000_000).checked_div(self.length_ns());
        u64::try_from(rate.unwrap_or(0)).unwrap_or(0)
    }
    fn length_ns(&self) -> i128 {
        let length = self.first.zip(self.last).map(|(first, last)| (last - first).as_nanos());
        i128::from(length.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests;
