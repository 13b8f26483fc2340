use crate::number::{floor, real_u};
use koosim_time::{NS_PER_S, SimDuration};

const NS: u64 = NS_PER_S.unsigned_abs();

/// Bits a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct BitRate(u64);

impl BitRate {
    /// The greatest rate that endpoints reckon with: 10 Gbit/s.
    pub const MAX: Self = Self(10_000_000_000);

    /// So many bits a second, at most [`Self::MAX`].
    pub const fn from_bps(bps: u64) -> Self {
        Self(if bps < Self::MAX.0 { bps } else { Self::MAX.0 })
    }
    /// So many thousand bits a second, at most [`Self::MAX`].
    pub const fn from_kbps(kbps: u64) -> Self {
        Self::from_bps(kbps.saturating_mul(1000))
    }
    /// Bits a second.
    pub const fn bps(self) -> u64 {
        self.0
    }
    /// Bytes that fit into a span, rounded down; none for a negative one.
    pub fn bytes_in(self, span: SimDuration) -> u64 {
        let ns = u64::try_from(span.as_nanos()).unwrap_or_default();
        self.0.saturating_mul(ns) / (8 * NS)
    }
    /// How long so many bytes take, rounded up; at a rate of 0 the longest span there is.
    pub fn time_of(self, bytes: u64) -> SimDuration {
        let bits_ns = bytes.saturating_mul(8 * NS);
        let ns = if self.0 == 0 { u64::MAX } else { bits_ns.div_ceil(self.0) };
        SimDuration::from_nanos(i64::try_from(ns).unwrap_or(i64::MAX))
    }
    pub(crate) const fn real(self) -> f64 {
        real_u(self.0)
    }
    /// The rate, rounded down; 0 for anything below.
    pub(crate) const fn of(bps: f64) -> Self {
        Self::from_bps(floor(bps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_down_and_times_round_up() {
        let rate = BitRate::from_kbps(3);
        assert_eq!(rate.bytes_in(SimDuration::from_millis(10)), 3);
        assert_eq!(rate.time_of(3).as_nanos(), 8_000_000);
        assert_eq!(BitRate::from_bps(7).time_of(1).as_nanos(), 1_142_857_143);
        assert_eq!(BitRate::default().time_of(1).as_nanos(), i64::MAX);
        assert_eq!(BitRate::from_bps(u64::MAX), BitRate::MAX);
    }
}
