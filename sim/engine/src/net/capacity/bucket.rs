//! A token bucket (T1.7): what leaves in any span is at most the burst and the rate times the span.

use super::rate::{Rate, Rounding, units};
use serde::Serialize;

/// A token bucket, full at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bucket {
    rate: Rate,
    burst_bytes: u32,
    peak: Option<Rate>,
}

impl Bucket {
    /// Tokens come at `rate` and are kept up to `burst_bytes`; larger packets are dropped. What
    /// finds enough tokens leaves at once.
    pub const fn new(rate: Rate, burst_bytes: u32) -> Self {
        Self { rate, burst_bytes, peak: None }
    }
    /// What has its tokens leaves at this rate.
    #[must_use]
    pub const fn peak(self, peak: Rate) -> Self {
        Self { peak: Some(peak), ..self }
    }
    /// The rate at which tokens come.
    pub const fn rate(&self) -> Rate {
        self.rate
    }
    /// Most bytes for which tokens are kept.
    pub const fn burst_bytes(&self) -> u32 {
        self.burst_bytes
    }
    pub(super) fn begin(&self) -> Tokens {
        Tokens { units: units(self.burst_bytes), at_ns: i64::MIN }
    }
}

/// What is in a bucket at an instant, exactly.
#[derive(Clone, Debug)]
pub(in crate::net) struct Tokens {
    units: u128,
    at_ns: i64,
}

impl Tokens {
    pub(super) fn transmit(
        &mut self,
        bucket: &Bucket,
        now_ns: i64,
        bytes: u32,
        rounding: Rounding,
    ) -> i64 {
        let rate = bucket.rate.bits_per_s();
        let needed = units(bytes);
        self.fill(bucket, now_ns);
        let missing = needed.saturating_sub(self.units);
        // Rounded up: a token that has come in part has not come.
        let free_ns = now_ns.saturating_add(Rounding::Ceil.divide(missing, rate));
        self.fill(bucket, free_ns);
        self.units = self.units.saturating_sub(needed);
        let sending_ns = bucket.peak.map_or(0, |peak| peak.transmit_ns(bytes, rounding));
        free_ns.saturating_add(sending_ns)
    }
    fn fill(&mut self, bucket: &Bucket, now_ns: i64) {
        let span_ns = u128::from(now_ns.saturating_sub(self.at_ns).unsigned_abs());
        let come = span_ns * u128::from(bucket.rate.bits_per_s());
        self.units = self.units.saturating_add(come).min(units(bucket.burst_bytes));
        self.at_ns = now_ns;
    }
}
