//! The slope of delay over time, and the threshold that moves with it (T3.6).

use super::GccLaw;
use super::groups::Delta;
use crate::number::{ms, seconds};
use koosim_time::{SimDuration, SimTime};

/// Room for the samples of the slope.
const WINDOW_MAX: usize = GccLaw::WINDOW_MAX;
/// Share of the old in the smoothed delay.
const SMOOTHING: f64 = 0.9;
/// The slope is compared after being multiplied by this and by the number of samples,
const GAIN: f64 = 4.0;
/// of which no more count than so many.
const SAMPLES_MAX: u32 = 60;
/// Bounds of the threshold in ms.
pub(super) const THRESHOLD_MIN: f64 = 6.0;
/// Bounds of the threshold in ms.
pub(super) const THRESHOLD_MAX: f64 = 600.0;
/// How fast the threshold rises, per ms.
const RISE: f64 = 0.0087;
/// How fast the threshold falls, per ms.
const FALL: f64 = 0.039;
/// The threshold does not follow what is farther away than this, in ms.
const FOLLOW_MAX: f64 = 15.0;
/// Longest time that one step of the threshold makes up for.
const STEP_MAX: SimDuration = SimDuration::from_millis(100);
/// Overuse must last so long, in ms.
const OVERUSE_MS: f64 = 10.0;

/// What the delay says of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Usage {
    /// Delay neither grows nor falls.
    #[default]
    Normal,
    /// Delay grows: more is sent than passes.
    Over,
    /// Delay falls: a queue empties.
    Under,
}

/// The filter and the detector.
#[derive(Clone, Debug)]
pub(super) struct Trend {
    /// How many of the points are in use (T3.6 `trendline_window`), the newest last.
    window: usize,
    points: [(f64, f64); WINDOW_MAX],
    count: u32,
    first_arrival: Option<SimTime>,
    accumulated_ms: f64,
    smoothed_ms: f64,
    slope: f64,
    threshold_ms: f64,
    adapted_at: Option<SimTime>,
    over_ms: Option<f64>,
    over_count: u32,
    usage: Usage,
}

impl Trend {
    pub(super) fn new(law: &GccLaw) -> Self {
        Self {
            window: law.trendline_window.clamp(2, WINDOW_MAX),
            points: [(0.0, 0.0); WINDOW_MAX],
            count: 0,
            first_arrival: None,
            accumulated_ms: 0.0,
            smoothed_ms: 0.0,
            slope: 0.0,
            threshold_ms: law.threshold_start_ms,
            adapted_at: None,
            over_ms: None,
            over_count: 0,
            usage: Usage::Normal,
        }
    }
    pub(super) const fn usage(&self) -> Usage {
        self.usage
    }
    pub(super) const fn threshold_ms(&self) -> f64 {
        self.threshold_ms
    }
    /// Rise of the smoothed delay per ms.
    pub(super) const fn slope(&self) -> f64 {
        self.slope
    }

    /// Takes the difference between two groups, of which the later arrived at `at`.
    pub(super) fn push(&mut self, delta: Delta, at: SimTime) {
        let first = *self.first_arrival.get_or_insert(at);
        self.accumulated_ms += delta.arrived_ms - delta.sent_ms;
        self.smoothed_ms = SMOOTHING * self.smoothed_ms + (1.0 - SMOOTHING) * self.accumulated_ms;
        let points = self.points.get_mut(..self.window).unwrap_or_default();
        points.rotate_left(1);
        if let Some(newest) = points.last_mut() {
            *newest = (ms(at - first), self.smoothed_ms);
        }
        self.count = self.count.saturating_add(1);
        let before = self.slope;
        if usize::try_from(self.count).is_ok_and(|count| count >= self.window) {
            self.slope = slope(points).unwrap_or(before);
        }
        self.detect(delta.sent_ms, before, at);
    }

    fn detect(&mut self, sent_ms: f64, slope_before: f64, at: SimTime) {
        if self.count < 2 {
            return;
        }
        let signal = f64::from(self.count.min(SAMPLES_MAX)) * self.slope * GAIN;
        if signal > self.threshold_ms {
            // Nobody knows when the first one began: half of its span counts.
            let over_ms = self.over_ms.map_or(sent_ms / 2.0, |over_ms| over_ms + sent_ms);
            self.over_ms = Some(over_ms);
            self.over_count += 1;
            if over_ms > OVERUSE_MS && self.over_count > 1 && self.slope >= slope_before {
                (self.over_ms, self.over_count) = (Some(0.0), 0);
                self.usage = Usage::Over;
            }
        } else {
            (self.over_ms, self.over_count) = (None, 0);
            self.usage = if signal < -self.threshold_ms { Usage::Under } else { Usage::Normal };
        }
        self.adapt(libm::fabs(signal), at);
    }

    fn adapt(&mut self, signal: f64, at: SimTime) {
        let since = at - self.adapted_at.replace(at).unwrap_or(at);
        if signal > self.threshold_ms + FOLLOW_MAX {
            return;
        }
        let gain = if signal < self.threshold_ms { FALL } else { RISE };
        let step_ms = seconds(since.min(STEP_MAX)) * 1e3;
        self.threshold_ms += gain * (signal - self.threshold_ms) * step_ms;
        self.threshold_ms = self.threshold_ms.clamp(THRESHOLD_MIN, THRESHOLD_MAX);
    }
}

/// Slope of the straight line of least squares; nothing if all points have one time.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = f64::from(u32::try_from(points.len()).unwrap_or(u32::MAX));
    let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (mut above, mut below) = (0.0, 0.0);
    for (x, y) in points {
        above += (x - mean_x) * (y - mean_y);
        below += (x - mean_x) * (x - mean_x);
    }
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Groups that leave `sent` ms apart and arrive `arrived` ms apart, fed to a new filter.
    fn fed(deltas: impl IntoIterator<Item = (f64, f64)>) -> Vec<Trend> {
        fed_by(&GccLaw::PUBLISHED, deltas)
    }
    fn fed_by(law: &GccLaw, deltas: impl IntoIterator<Item = (f64, f64)>) -> Vec<Trend> {
        let (mut trend, mut at) = (Trend::new(law), SimTime::EPOCH);
        let deltas = deltas.into_iter().map(|(sent_ms, arrived_ms)| {
            at = at + crate::number::span(arrived_ms / 1e3);
            trend.push(Delta { sent_ms, arrived_ms }, at);
            trend.clone()
        });
        deltas.collect()
    }

    #[test]
    fn line_of_known_slope_is_found_exactly() {
        let points: [_; 20] = {
            let x = std::array::from_fn(|n| f64::from(u8::try_from(n).unwrap()) * 7.0);
            x.map(|x: f64| (x, 3.0 + x * 0.25))
        };
        assert_eq!(slope(&points), Some(0.25));
        assert_eq!(slope(&[(1.0, 2.0); 20]), None);
    }

    /// 30 ms more every 40 ms is a slope of 3/4 once smoothing has settled.
    #[test]
    fn steady_growth_ends_at_its_slope() {
        let last = fed(std::iter::repeat_n((10.0, 40.0), 200)).pop().unwrap();
        assert!((last.slope() - 0.75).abs() < 1e-6, "{}", last.slope());
    }

    /// T3.6 fixtures: a step of 30 ms a group is above the first threshold and one of 10 ms is below, and
    /// with either the slope speaks once its window is full.
    #[test]
    fn growth_is_told_when_the_window_is_full() {
        let first_over = |arrived| {
            let seen = fed(std::iter::repeat_n((10.0, arrived), 60));
            seen.iter().position(|trend| trend.usage() == Usage::Over).map(|n| n + 1)
        };
        let [steep, gentle, even] = [40.0, 20.0, 10.0].map(first_over);
        assert_eq!((steep, gentle, even), (Some(21), Some(21), None));
        let threshold = GccLaw::PUBLISHED.threshold_start_ms;
        assert!(40.0 - 10.0 > threshold && 20.0 - 10.0 < threshold);
    }

    /// A shorter window speaks sooner; a threshold moves from where it starts.
    #[test]
    fn another_law_has_another_window_and_threshold() {
        let first_over = |law: GccLaw| {
            let seen = fed_by(&law, std::iter::repeat_n((10.0, 40.0), 60));
            seen.iter().position(|trend| trend.usage() == Usage::Over).map(|n| n + 1)
        };
        let short = GccLaw { trendline_window: 5, ..GccLaw::PUBLISHED };
        let high = GccLaw { threshold_start_ms: 600.0, ..GccLaw::PUBLISHED };
        assert!(first_over(short).is_some_and(|n| n < 21), "{:?}", first_over(short));
        let mut trend = Trend::new(&high);
        trend.adapt(0.0, SimTime::from_nanos(0));
        trend.adapt(0.0, SimTime::from_nanos(1_000_000));
        assert!((trend.threshold_ms() - 600.0 * (1.0 - 0.039)).abs() < 1e-9);
    }

    #[test]
    fn emptying_queue_is_under_use() {
        let deltas =
            std::iter::repeat_n((10.0, 10.0), 25).chain(std::iter::repeat_n((10.0, 5.0), 9));
        assert_eq!(fed(deltas).pop().unwrap().usage(), Usage::Under);
    }

    /// One step of 10 ms at zero signal: 12.5 - 0.039 * 12.5 * 10.
    #[test]
    fn threshold_falls_fast_and_rises_slowly() {
        let mut trend = Trend::new(&GccLaw::PUBLISHED);
        trend.adapt(0.0, SimTime::from_nanos(0));
        trend.adapt(0.0, SimTime::from_nanos(10_000_000));
        assert!((trend.threshold_ms - (12.5 - 0.039 * 12.5 * 10.0)).abs() < 1e-12);
        let low = trend.threshold_ms;
        trend.adapt(low + 10.0, SimTime::from_nanos(20_000_000));
        assert!((trend.threshold_ms - (low + 0.0087 * 10.0 * 10.0)).abs() < 1e-12);
        let kept = trend.threshold_ms;
        trend.adapt(kept + 15.1, SimTime::from_nanos(30_000_000));
        assert_eq!(trend.threshold_ms, kept, "what is too far away is not followed");
    }

    proptest! {
        #[test]
        fn threshold_stays_within_its_bounds(
            deltas in prop::collection::vec((1.0_f64..50.0, 0.0_f64..300.0), 1..200),
        ) {
            for trend in fed(deltas) {
                let threshold = trend.threshold_ms();
                prop_assert!((THRESHOLD_MIN..=THRESHOLD_MAX).contains(&threshold));
            }
        }
    }
}
