//! Laws of random lengths, drawn from integer tables.
//!
//! The tables are made once, from the portable `libm`; a draw after that is integer arithmetic, so
//! that no length on a link depends on how a machine rounds.

use crate::streams::Stream;
use koosim_model::time::SimDuration;
use serde::Serialize;
use std::sync::{Arc, LazyLock};

/// Stretches of a table; between two places it is a straight line.
const STRETCHES: u32 = 4096;
/// Bits of a draw that choose the stretch, and those that choose the place in it.
const STRETCH_BITS: u32 = STRETCHES.trailing_zeros();
const PLACE_BITS: u32 = 32;
/// Bits after the point of the exponential law's table.
const FRACTION_BITS: u32 = 48;

/// The value of a table at a place that is drawn evenly.
fn draw(table: &[i64], stream: &mut Stream) -> i64 {
    let bits = stream.bits() >> (u64::BITS - STRETCH_BITS - PLACE_BITS);
    let place = i128::from(bits & ((1 << PLACE_BITS) - 1));
    let stretch = usize::try_from(bits >> PLACE_BITS).unwrap_or(0);
    let pair = table.get(stretch..).and_then(<[i64]>::first_chunk::<2>);
    let [from, to] = pair.copied().unwrap_or_default();
    let part = (i128::from(to - from) * place) >> PLACE_BITS;
    from.saturating_add(i64::try_from(part).unwrap_or(0))
}

#[expect(clippy::as_conversions, reason = "tables are made of finite numbers within the range")]
const fn whole(value: f64) -> i64 {
    value as i64
}

/// A Gaussian law around zero, cut off on both sides (RFC 8868).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gaussian {
    deviation: SimDuration,
    cut: SimDuration,
    // INVARIANT: follows from the two.
    #[serde(skip)]
    table: Arc<[i64]>,
}

impl Gaussian {
    /// Lengths of this standard deviation before the cut, none longer than `cut` either way.
    /// Negative lengths count as their absolute value; no deviation is no length at all.
    pub fn new(deviation: SimDuration, cut: SimDuration) -> Self {
        let table = quantiles(deviation.as_nanos().unsigned_abs(), cut.as_nanos().unsigned_abs());
        Self { deviation, cut, table: table.into() }
    }
    /// The greatest length, either way.
    pub const fn cut(&self) -> SimDuration {
        self.cut
    }
    /// A length from `-cut` to `cut`, in nanoseconds.
    pub fn draw_ns(&self, stream: &mut Stream) -> i64 {
        draw(&self.table, stream)
    }
}

#[expect(clippy::as_conversions, reason = "set-up only: lengths are far below 2^53 nanoseconds")]
fn quantiles(deviation_ns: u64, cut_ns: u64) -> Vec<i64> {
    let places = STRETCHES + 1;
    if deviation_ns == 0 || cut_ns == 0 {
        return vec![0; places as usize];
    }
    let (deviation, cut) = (deviation_ns as f64, cut_ns as f64);
    let scale = deviation * std::f64::consts::SQRT_2;
    let whole_share = libm::erf(cut / scale);
    // Finds the length of which this share of the law lies between its negative and itself.
    let length_of = |share: f64| {
        let (mut low, mut high) = (0.0, cut);
        for _ in 0..48 {
            let middle = (low + high) / 2.0;
            if libm::erf(middle / scale) < share { low = middle } else { high = middle }
        }
        (low + high) / 2.0
    };
    let half = places / 2;
    let right = (0..=half).map(|k| {
        let share = whole_share * f64::from(k) / f64::from(half);
        whole(if k == half { cut } else { length_of(share) })
    });
    let right: Vec<i64> = right.collect();
    let left = right.iter().skip(1).rev().map(|ns| -ns);
    left.chain(right.iter().copied()).collect()
}

/// An exponential law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Exponential {
    mean: SimDuration,
}

/// Minus the logarithm of one less half the place, from zero to `ln 2`.
static LOGARITHMS: LazyLock<Box<[i64]>> = LazyLock::new(|| {
    let scale = libm::exp2(f64::from(FRACTION_BITS));
    let at = |k: u32| -libm::log(1.0 - f64::from(k) / f64::from(2 * STRETCHES));
    (0..=STRETCHES).map(|k| whole(at(k) * scale + 0.5)).collect()
});

impl Exponential {
    /// Lengths of this mean; a mean below zero counts as none.
    pub fn new(mean: SimDuration) -> Self {
        Self { mean: mean.max(SimDuration::ZERO) }
    }
    /// A length in nanoseconds, not negative.
    pub fn draw_ns(self, stream: &mut Stream) -> i64 {
        // A draw is 2^-k times a number from one half to one; its logarithm is the sum of both.
        let halvings = i128::from(stream.bits().leading_zeros());
        let half = LOGARITHMS.last().copied().unwrap_or_default();
        let part = draw(&LOGARITHMS, stream);
        let multiple = halvings * i128::from(half) + i128::from(part);
        let ns = (multiple * i128::from(self.mean.as_nanos())) >> FRACTION_BITS;
        i64::try_from(ns).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{Domain, Streams};

    const DRAWS: usize = 200_000;

    fn drawn(draw: impl Fn(&mut Stream) -> i64) -> Vec<i64> {
        let mut stream = Streams::new(11).get(Domain::Link, "law");
        let mut all: Vec<i64> = (0..DRAWS).map(|_| draw(&mut stream)).collect();
        all.sort_unstable();
        all
    }

    fn share_up_to(sorted: &[i64], limit: i64) -> f64 {
        let below = sorted.partition_point(|ns| *ns <= limit);
        f64::from(u32::try_from(below).unwrap()) / f64::from(u32::try_from(DRAWS).unwrap())
    }

    #[test]
    fn a_gaussian_is_cut_off_and_has_its_shares() {
        let ms = SimDuration::from_millis;
        let law = Gaussian::new(ms(5), ms(15));
        let all = drawn(|stream| law.draw_ns(stream));
        assert!(all[0] >= -15_000_000 && all[DRAWS - 1] <= 15_000_000);
        assert!(all[0] < -14_000_000 && all[DRAWS - 1] > 14_000_000);
        // Shares of the standard law within one and two deviations, over that within three.
        for (deviations, share) in [(1_i64, 0.682_689_5), (2, 0.954_499_7)] {
            let limit = deviations * 5_000_000;
            let found = share_up_to(&all, limit) - share_up_to(&all, -limit - 1);
            let wanted = share / 0.997_300_2;
            assert!((found - wanted).abs() < 0.004, "{deviations}: {found} for {wanted}");
        }
        assert!((share_up_to(&all, 0) - 0.5).abs() < 0.004);
        assert_eq!(drawn(|stream| Gaussian::new(ms(0), ms(15)).draw_ns(stream))[0], 0);
    }

    #[test]
    fn an_exponential_law_has_its_mean_and_its_tail() {
        let law = Exponential::new(SimDuration::from_millis(1));
        let all = drawn(|stream| law.draw_ns(stream));
        assert!(all[0] >= 0);
        for (multiple, share) in [(1_i64, 0.367_879_4), (3, 0.049_787_1), (7, 0.000_911_9)] {
            let found = 1.0 - share_up_to(&all, multiple * 1_000_000);
            assert!((found - share).abs() < 0.004 * share.sqrt(), "{multiple}: {found}");
        }
        let sum: i64 = all.iter().sum();
        let mean = sum / i64::try_from(DRAWS).unwrap();
        assert!((995_000..1_005_000).contains(&mean), "{mean}");
    }

    #[test]
    fn draws_are_the_same_for_ever() {
        let mut stream = Streams::new(42).get(Domain::Link, "golden");
        let ms = SimDuration::from_millis;
        let gaussian = Gaussian::new(ms(5), ms(15));
        let normal: Vec<i64> = (0..3).map(|_| gaussian.draw_ns(&mut stream)).collect();
        let law = Exponential::new(ms(1));
        let lengths: Vec<i64> = (0..3).map(|_| law.draw_ns(&mut stream)).collect();
        assert_eq!(normal, [7_752_592, -2_902_598, -2_459_237]);
        assert_eq!(lengths, [227_369, 309_591, 115_350]);
    }
}
