//! Moments, percentiles and distances of samples, in a fixed order of summation.

/// Mean and deviation of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the sample itself: the divisor is the count.
    pub deviation: f64,
}

impl Moments {
    /// Of a sample; `None` if it is empty.
    pub fn of(sample: &[f64]) -> Option<Self> {
        let count = count(sample)?;
        let mean = sample.iter().sum::<f64>() / count;
        let squares = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
        Some(Self { mean, deviation: libm::sqrt(squares / count) })
    }
    /// Coefficient of variation: the deviation over the mean.
    pub const fn cv(self) -> f64 {
        self.deviation / self.mean
    }
}

fn count(sample: &[f64]) -> Option<f64> {
    let count = u64::try_from(sample.len()).ok().filter(|count| *count > 0)?;
    Some(crate::numbers::fraction(count))
}

/// The same values in ascending order.
pub fn sorted(sample: &[f64]) -> Vec<f64> {
    let mut values = sample.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// The nearest-rank percentile of a sorted sample: the least value that at least `permille` of a thousand
/// values do not exceed; `None` if the sample is empty.
pub fn percentile(sorted: &[f64], permille: u32) -> Option<f64> {
    let permille = usize::try_from(permille).ok()?;
    let rank = (sorted.len() * permille).div_ceil(1000).max(1);
    sorted.get(rank - 1).or(sorted.last()).copied()
}

/// Correlation of each value with the one `lag` later; `None` without values or without variation.
pub fn autocorrelation(sample: &[f64], lag: usize) -> Option<f64> {
    let mean = Moments::of(sample)?.mean;
    let squares = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    let later = sample.iter().skip(lag);
    let products = sample.iter().zip(later).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    (squares > 0.0).then_some(products / squares)
}

/// Kolmogorov and Smirnov's distance of two sorted samples: the greatest difference of their shares.
pub fn distance(a: &[f64], b: &[f64]) -> Option<f64> {
    let (count_a, count_b) = (count(a)?, count(b)?);
    let (mut at_a, mut at_b) = (a.iter().peekable(), b.iter().peekable());
    let (mut below_a, mut below_b, mut greatest) = (0.0, 0.0, 0.0_f64);
    while let (Some(x), Some(y)) = (at_a.peek(), at_b.peek()) {
        let least = x.min(**y);
        while at_a.next_if(|x| **x <= least).is_some() {
            below_a += 1.0;
        }
        while at_b.next_if(|y| **y <= least).is_some() {
            below_b += 1.0;
        }
        greatest = greatest.max((below_a / count_a - below_b / count_b).abs());
    }
    Some(greatest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_percentiles_of_small_samples() {
        let moments = Moments::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!((moments.mean, moments.deviation, moments.cv()), (5.0, 2.0, 0.4));
        assert_eq!(Moments::of(&[]), None);
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        let at = |permille| percentile(&ten, permille).unwrap();
        assert_eq!([0, 100, 101, 500, 950, 1000].map(at), [1.0, 1.0, 2.0, 5.0, 10.0, 10.0]);
        assert_eq!(percentile(&[], 500), None);
    }

    #[test]
    fn correlation_sees_alternation_and_constancy_has_none() {
        let alternating: Vec<f64> = (0..100).map(|n| f64::from(n % 2)).collect();
        assert_eq!(autocorrelation(&alternating, 0), Some(1.0));
        assert_eq!(autocorrelation(&alternating, 1), Some(-0.99));
        assert_eq!(autocorrelation(&[3.0, 3.0], 1), None);
    }

    #[test]
    fn the_distance_is_the_greatest_difference_of_shares() {
        assert_eq!(distance(&[1.0, 2.0], &[1.0, 2.0]), Some(0.0));
        assert_eq!(distance(&[1.0, 2.0], &[3.0, 4.0]), Some(1.0));
        assert_eq!(distance(&[1.0, 2.0, 3.0, 4.0], &[2.0, 2.0, 2.0, 9.0]), Some(0.25));
        assert_eq!(distance(&[1.0, 2.0, 3.0], &[3.0, 3.0, 3.0]), Some(2.0 / 3.0));
        assert_eq!(distance(&[], &[1.0]), None);
    }
}
