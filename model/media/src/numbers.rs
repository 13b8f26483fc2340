//! Where integers become fractions and fractions become integers: nowhere else in this package.

use koosim_time::SimDuration;

/// The nearest length of time to a number of nanoseconds, halves away from zero.
pub fn rounded_nanos(nanos: f64) -> SimDuration {
    SimDuration::from_nanos(nearest(nanos))
}

/// The nearest whole number of bytes, halves upwards, between `least` and [`u32::MAX`].
pub fn rounded_bytes(bytes: f64, least: u32) -> u32 {
    u32::try_from(nearest(bytes).max(0)).unwrap_or(u32::MAX).max(least)
}

/// The nearest whole number of bits, halves upwards, at least 1.
pub(crate) fn rounded_bits(bits: f64) -> u32 {
    rounded_bytes(bits, 1)
}

/// The nearest whole number to a quantiser parameter or a quality, between 0 and 65,535.
pub(crate) fn rounded_u16(value: f64) -> u16 {
    u16::try_from(nearest(value).max(0)).unwrap_or(u16::MAX)
}

#[expect(clippy::as_conversions, reason = "a cast from f64 saturates and is the same everywhere")]
fn nearest(value: f64) -> i64 {
    libm::round(value) as i64
}

/// A whole number as a fraction; exact below 2^53, the nearest above.
#[expect(clippy::as_conversions, reason = "rounds to the nearest, the same everywhere")]
pub(crate) const fn fraction(value: u64) -> f64 {
    value as f64
}

/// Nanoseconds as a fraction; exact below 104 days.
#[expect(clippy::as_conversions, reason = "rounds to the nearest, the same everywhere")]
pub(crate) const fn nanos(length: SimDuration) -> f64 {
    length.as_nanos() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_the_nearest_and_saturates() {
        assert_eq!([2.5, -2.5, 0.4].map(|ns| rounded_nanos(ns).as_nanos()), [3, -3, 0]);
        assert_eq!([10.4, 10.5, 3.0, -7.0].map(|bytes| rounded_bytes(bytes, 8)), [10, 11, 8, 8]);
        assert_eq!(rounded_bytes(1e30, 0), u32::MAX);
        assert_eq!(rounded_nanos(f64::NAN), SimDuration::ZERO);
        assert_eq!(rounded_u16(-1.0), 0);
    }
}
