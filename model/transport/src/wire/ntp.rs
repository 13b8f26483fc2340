//! Instants as RTCP writes them (RFC 3550 section 4): seconds since 1900 with 32 bits after the point.

use koosim_time::{NS_PER_S, SimTime};

/// Seconds from 1900 to 1970.
const UNIX_EPOCH_S: i64 = 2_208_988_800;

/// An NTP timestamp, 32.32 bits; its seconds wrap every 136 years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct NtpTime(
    /// Seconds in the upper half, the fraction in the lower.
    pub u64,
);

impl NtpTime {
    /// The timestamp of an instant, rounded down to 2^-32 s.
    pub fn of(at: SimTime) -> Self {
        let ns = at.as_nanos();
        // Rounded down, the remainder is below a second, so that neither step leaves its range.
        let fraction = u64::try_from(ns.rem_euclid(NS_PER_S)).unwrap_or_default();
        let fraction = (fraction << 32) / NS_PER_S.unsigned_abs();
        let seconds = (ns.div_euclid(NS_PER_S) + UNIX_EPOCH_S).cast_unsigned();
        Self(seconds << 32 | fraction)
    }
    /// The middle 32 bits, in 1/65536 s: what report blocks (T2.4) and RFC 8888 carry.
    pub fn middle(self) -> u32 {
        let [_, _, a, b, c, d, _, _] = self.0.to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_seconds_since_1900() {
        assert_eq!(NtpTime::of(SimTime::EPOCH).0, 2_208_988_800 << 32);
        let half = SimTime::from_nanos(NS_PER_S / 2);
        assert_eq!(NtpTime::of(half).0, 2_208_988_800 << 32 | 1 << 31);
        assert_eq!(NtpTime::of(half).middle(), 0x7e80_8000);
        let before = NtpTime::of(SimTime::from_nanos(-1));
        assert_eq!(before.0, (2_208_988_799 << 32) + 0xffff_fffb);
        // 7 February 2036: the seconds begin again.
        let wrap = SimTime::from_nanos((4_294_967_296 - 2_208_988_800) * NS_PER_S);
        assert_eq!(NtpTime::of(wrap).0, 0);
    }
}
