//! Probabilities as fractions of whole numbers.

use crate::streams::Stream;
use serde::Serialize;
use std::num::NonZeroU64;

/// A probability as a fraction of whole numbers; one and above mean always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ratio {
    numerator: u64,
    denominator: NonZeroU64,
}

impl Ratio {
    /// Never.
    pub const NEVER: Self = Self::new(0, NonZeroU64::MIN);
    /// Always.
    pub const ALWAYS: Self = Self::new(1, NonZeroU64::MIN);
    const HUNDRED: NonZeroU64 = NonZeroU64::MIN.saturating_add(99);
    const MILLION: NonZeroU64 = NonZeroU64::MIN.saturating_add(999_999);

    /// `numerator` of `denominator`.
    pub const fn new(numerator: u64, denominator: NonZeroU64) -> Self {
        Self { numerator, denominator }
    }
    /// `n` of a hundred.
    pub fn percent(n: u32) -> Self {
        Self::new(u64::from(n), Self::HUNDRED)
    }
    /// `n` of a million.
    pub fn per_million(n: u32) -> Self {
        Self::new(u64::from(n), Self::MILLION)
    }
    /// One of `n`: what happens every `n` times on average.
    pub fn one_in(n: NonZeroU64) -> Self {
        Self::new(1, n)
    }
    /// The part above the line.
    pub const fn numerator(self) -> u64 {
        self.numerator
    }
    /// The part below the line.
    pub const fn denominator(self) -> u64 {
        self.denominator.get()
    }
    /// Whether this is no chance at all.
    pub const fn is_never(self) -> bool {
        self.numerator == 0
    }
    /// Whether it happens this time. What never happens draws nothing.
    pub(super) fn happens(self, stream: &mut Stream) -> bool {
        !self.is_never() && stream.chance(self.numerator, self.denominator.get())
    }
}
