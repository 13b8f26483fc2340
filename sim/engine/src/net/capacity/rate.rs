//! A constant rate, and how the time on the wire is brought to whole nanoseconds.

use koosim_model::time::NS_PER_S;
use serde::Serialize;
use std::num::NonZeroU64;

/// Units of one bit on the wire in which amounts are exact: a rate of one bit a second moves one of
/// them in a nanosecond.
pub(super) const UNITS_PER_BIT: u64 = NS_PER_S.unsigned_abs();
const UNITS_PER_BYTE: u64 = 8 * UNITS_PER_BIT;

/// A packet's size in the units in which rates are exact.
pub(super) fn units(bytes: u32) -> u128 {
    u128::from(bytes) * u128::from(UNITS_PER_BYTE)
}

/// How the time on the wire is brought to whole nanoseconds (T1.1 `serialisation_rounding`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest, halves up.
    #[default]
    Nearest,
    /// Down.
    Floor,
    /// Up: a link is never faster than its rate.
    Ceil,
}

impl Rounding {
    /// `units` at a rate, in nanoseconds.
    pub(super) fn divide(self, units: u128, bits_per_s: u64) -> i64 {
        let rate = u128::from(bits_per_s);
        let ns = match self {
            Self::Nearest => (units + rate / 2) / rate,
            Self::Floor => units / rate,
            Self::Ceil => units.div_ceil(rate),
        };
        i64::try_from(ns).unwrap_or(i64::MAX)
    }
}

/// Bits in a second; never none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Rate(NonZeroU64);

impl Rate {
    /// So many bits a second.
    pub const fn new(bits_per_s: NonZeroU64) -> Self {
        Self(bits_per_s)
    }
    /// So many thousand bits a second; at least one.
    pub fn kilobits(kbit_per_s: u32) -> Self {
        Self(NonZeroU64::new(u64::from(kbit_per_s) * 1_000).unwrap_or(NonZeroU64::MIN))
    }
    /// The rate in bits a second.
    pub const fn bits_per_s(self) -> u64 {
        self.0.get()
    }
    /// Whole nanoseconds that `bytes` are on the wire (T1.1).
    #[inline]
    pub fn transmit_ns(self, bytes: u32, rounding: Rounding) -> i64 {
        let rate = self.0.get();
        // One division of one word; packets too large for that do not occur in practice.
        let bit_ns = u64::from(bytes).checked_mul(UNITS_PER_BYTE);
        let short = bit_ns.and_then(|bit_ns| match rounding {
            Rounding::Nearest => Some(bit_ns.checked_add(rate / 2)? / rate),
            Rounding::Floor => Some(bit_ns / rate),
            Rounding::Ceil => Some(bit_ns.div_ceil(rate)),
        });
        let ns = short.and_then(|ns| i64::try_from(ns).ok());
        ns.unwrap_or_else(|| rounding.divide(units(bytes), rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(bits_per_s: u64) -> Rate {
        Rate::new(NonZeroU64::new(bits_per_s).unwrap())
    }

    #[test]
    fn time_on_the_wire_is_rounded_as_asked() {
        let all = |rate: Rate, bytes| {
            [Rounding::Nearest, Rounding::Floor, Rounding::Ceil]
                .map(|rounding| rate.transmit_ns(bytes, rounding))
        };
        // 8/3 s; 8/9 ns; 12,000 bits at 7.777777 Mbit/s.
        assert_eq!(all(rate(3), 1), [2_666_666_667, 2_666_666_666, 2_666_666_667]);
        assert_eq!(all(rate(9_000_000_000), 1), [1, 0, 1]);
        assert_eq!(all(rate(7_777_777), 1500), [1_542_857, 1_542_857, 1_542_858]);
        // A half goes up: 8 bits at 3.2 Gbit/s are 2.5 ns.
        assert_eq!(all(rate(3_200_000_000), 1), [3, 2, 3]);
        assert_eq!(all(rate(1), u32::MAX), [i64::MAX; 3]);
    }

    proptest! {
        #[test]
        fn short_and_long_arithmetic_agree(bytes in 0_u32.., bits_per_s in 1_u64..) {
            for rounding in [Rounding::Nearest, Rounding::Floor, Rounding::Ceil] {
                let ns = rate(bits_per_s).transmit_ns(bytes, rounding);
                prop_assert_eq!(ns, rounding.divide(units(bytes), bits_per_s));
            }
        }
    }
}
