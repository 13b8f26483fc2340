use super::*;
use crate::testing::Counted;

/// Draws of a moment.
const COUNT: u32 = 200_000;

/// Mean, deviation and the share below the mean of many draws of one law.
fn moments(mut law: impl FnMut(&mut Counted) -> f64) -> [f64; 3] {
    let mut draws = Counted::new(7);
    let values: Vec<f64> = (0..COUNT).map(|_| law(&mut draws)).collect();
    let n = f64::from(COUNT);
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    let below = values.iter().filter(|x| **x < mean).map(|_| 1.0).sum::<f64>() / n;
    [mean, variance.sqrt(), below]
}

/// Holds moments within four standard errors or so of those that the law has in theory.
fn check(law: impl FnMut(&mut Counted) -> f64, expected: [f64; 3]) {
    let found = moments(law);
    let tolerance = [0.01 * expected[1], 0.015 * expected[1], 0.005];
    for ((found, expected), tolerance) in found.iter().zip(expected).zip(tolerance) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }
}

#[test]
fn laws_have_their_moments() {
    check(unit, [0.5, (1.0_f64 / 12.0).sqrt(), 0.5]);
    check(|d| uniform(d, -3.0, 9.0), [3.0, 12.0 / 12.0_f64.sqrt(), 0.5]);
    check(|d| f64::from(u8::from(chance(d, 0.05))), [0.05, (0.05_f64 * 0.95).sqrt(), 0.95]);
    check(normal, [0.0, 1.0, 0.5]);
    check(|d| laplace(d, 0.15), [0.0, 0.15 * SQRT_2, 0.5]);
    check(|d| exponential(d, 4.0), [4.0, 4.0, 1.0 - libm::exp(-1.0)]);
    // Cut at nearly five deviations the normal law keeps its moments; cut at one it has 0.5396.
    check(|d| truncated_normal(d, 0.105, 0.5, 1.5), [1.0, 0.105, 0.5]);
    check(|d| truncated_normal(d, 0.2, 0.8, 1.2), [1.0, 0.2 * 0.539_560, 0.5]);
    // A log-normal law of mean 1 has variance e^(s^2) - 1; its mean lies s/2 deviations above its median.
    let sigma = 0.6_f64;
    let deviation = libm::expm1(sigma * sigma).sqrt();
    check(|d| LogNormal::of_mean_one(sigma).draw(d), [1.0, deviation, normal_share(sigma / 2.0)]);
    assert!((LogNormal::sigma_of_cv(deviation) - sigma).abs() < 1e-12);
}

#[test]
fn golden_values_never_change() {
    let mut draws = Counted::new(42);
    let law = LogNormal::from_p50_p95(8.0, 14.0).unwrap();
    let values = [
        unit(&mut draws),
        uniform(&mut draws, 10.0, 20.0),
        normal(&mut draws),
        truncated_normal(&mut draws, 0.105, 0.5, 1.5),
        laplace(&mut draws, 0.15),
        exponential(&mut draws, 4.0),
        law.draw(&mut draws),
    ];
    let bits = values.map(|value| format!("{value:?} {:016x}", value.to_bits()));
    insta::assert_snapshot!(bits.join("\n"), @"
    0.7415648787718233 3fe7bae644c5fd6d
    11.599103928769201 402732bdc009f00b
    -0.5870021533389612 bfe2c8b8bd68b7a1
    0.9578895672544856 3feea70805913416
    -0.3864342517081455 bfd8bb56ba490182
    0.565203351356411 3fe2162556b54ad0
    6.140387893508373 40188fc1d80d7dbd
    ");
}

#[test]
fn the_quantile_is_the_inverse_of_the_share() {
    for share in [1e-300, 1e-40, 1e-12, 1e-4, 0.02, 0.074, 0.076, 0.3, 0.5, 0.7, 0.925, 0.999] {
        let back = normal_share(normal_quantile(share));
        assert!((back / share - 1.0).abs() < 1e-11, "{share} {back}");
    }
    assert!((normal_quantile(0.95) - NORMAL_P95).abs() < 1e-14);
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
}

#[test]
fn the_ends_of_the_unit_interval_are_never_drawn() {
    struct Constant(u64);
    impl Draws for Constant {
        fn next_u64(&mut self) -> u64 {
            self.0
        }
    }
    let [low, high] = [0, u64::MAX].map(|bits| unit(&mut Constant(bits)));
    assert!(0.0 < low && low < 1e-15 && 1.0 - 1e-15 < high && high < 1.0);
    for bits in [0, u64::MAX] {
        assert!(normal(&mut Constant(bits)).abs() < 9.0);
        assert!(laplace(&mut Constant(bits), 1.0).abs() < 40.0);
        assert!(exponential(&mut Constant(bits), 1.0) >= 0.0);
    }
}

#[test]
fn a_log_normal_law_has_the_percentiles_that_named_it() {
    let law = LogNormal::from_p50_p95(8.0, 14.0).unwrap();
    assert!((law.quantile(0.5) - 8.0).abs() < 1e-12);
    assert!((law.quantile(0.95) - 14.0).abs() < 1e-12);
    let constant = LogNormal::from_p50_p95(3.0, 3.0).unwrap();
    assert!((constant.quantile(0.999) - 3.0).abs() < 1e-12);
    for (p50, p95, error) in [
        (0.0, 1.0, PercentilesError::Median),
        (f64::NAN, 1.0, PercentilesError::Median),
        (0.0, -1.0, PercentilesError::Median),
        (2.0, 1.9, PercentilesError::Tail),
        (2.0, f64::INFINITY, PercentilesError::Tail),
    ] {
        assert_eq!(LogNormal::from_p50_p95(p50, p95), Err(error));
    }
}
