//! Laws of chance over whoever gives 64 random bits at a time.
//!
//! Each law takes exactly one word of bits and puts it through the inverse of its distribution, so that
//! another parameter never shifts what is drawn next. Only `+ - * /`, `sqrt` and libm are used, in a fixed
//! order: the same bits give the same value on every machine.

use std::f64::consts::SQRT_2;

mod quantile;

pub use quantile::normal_quantile;

/// A source of random bits, given by whoever simulates: a named stream of the run.
pub trait Draws {
    /// The next 64 bits, each equally likely 0 or 1.
    fn next_u64(&mut self) -> u64;
}

impl<D: Draws + ?Sized> Draws for &mut D {
    fn next_u64(&mut self) -> u64 {
        (**self).next_u64()
    }
}

/// A number between 0 and 1, neither of which is ever drawn: the middle of one of 2^52 equal parts.
pub fn unit(draws: &mut impl Draws) -> f64 {
    let bits = draws.next_u64() >> 12;
    (crate::numbers::fraction(bits) + 0.5) / PARTS
}

/// 2^52: the half that is added still fits a fraction exactly.
const PARTS: f64 = 4_503_599_627_370_496.0;

/// Evenly between `low` and `high`.
pub fn uniform(draws: &mut impl Draws, low: f64, high: f64) -> f64 {
    low + (high - low) * unit(draws)
}

/// True with this probability.
pub fn chance(draws: &mut impl Draws, probability: f64) -> bool {
    unit(draws) < probability
}

/// Normal: mean 0, deviation 1.
pub fn normal(draws: &mut impl Draws) -> f64 {
    normal_quantile(unit(draws))
}

/// Normal of mean 1, given that it lies between `low` and `high`, around 1 (3GPP TR 38.838).
pub fn truncated_normal(draws: &mut impl Draws, deviation: f64, low: f64, high: f64) -> f64 {
    let below = normal_share((low - 1.0) / deviation);
    let above = normal_share((high - 1.0) / deviation);
    (1.0 + deviation * normal_quantile(uniform(draws, below, above))).clamp(low, high)
}

/// Laplace: mean 0 and this scale; its deviation is the scale times the root of 2 (RFC 8593, 5.1).
pub fn laplace(draws: &mut impl Draws, scale: f64) -> f64 {
    let share = unit(draws);
    if share < 0.5 {
        scale * libm::log(2.0 * share)
    } else {
        -scale * libm::log(2.0 * (1.0 - share))
    }
}

/// Exponential of this mean.
pub fn exponential(draws: &mut impl Draws, mean: f64) -> f64 {
    -mean * libm::log(unit(draws))
}

/// Share of the normal distribution below `x`.
pub fn normal_share(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// 95th percentile of the normal distribution.
const NORMAL_P95: f64 = 1.644_853_626_951_472_6;

/// The law of a quantity whose logarithm is normal, as times of work are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal {
    /// Mean of the logarithm.
    mu: f64,
    /// Deviation of the logarithm.
    sigma: f64,
}

/// Why two percentiles name no law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PercentilesError {
    /// The median is not above zero, or not a number.
    #[error("the median must be above zero")]
    Median,
    /// The tail lies below the median, or is not a number.
    #[error("the 95th percentile must not be below the median")]
    Tail,
}

impl LogNormal {
    /// The law with this median and 95th percentile, both in the unit that is to be drawn.
    pub fn from_p50_p95(p50: f64, p95: f64) -> Result<Self, PercentilesError> {
        if !(p50 > 0.0 && p50.is_finite()) {
            return Err(PercentilesError::Median);
        }
        if !(p95 >= p50 && p95.is_finite()) {
            return Err(PercentilesError::Tail);
        }
        Ok(Self { mu: libm::log(p50), sigma: libm::log(p95 / p50) / NORMAL_P95 })
    }
    /// The law of mean 1 whose logarithm deviates by `sigma`.
    pub const fn of_mean_one(sigma: f64) -> Self {
        Self { mu: -sigma * sigma / 2.0, sigma }
    }
    /// Draws once.
    pub fn draw(self, draws: &mut impl Draws) -> f64 {
        self.at(normal(draws))
    }
    /// The value that lies `z` deviations of the logarithm above the median.
    pub fn at(self, z: f64) -> f64 {
        libm::exp(self.mu + self.sigma * z)
    }
    /// The value below which this share lies; the share is above 0 and below 1.
    pub fn quantile(self, share: f64) -> f64 {
        self.at(normal_quantile(share))
    }
    /// The deviation of the logarithm at which a law of mean 1 has this coefficient of variation.
    pub fn sigma_of_cv(cv: f64) -> f64 {
        libm::sqrt(libm::log1p(cv * cv))
    }
}

#[cfg(test)]
mod tests;
