//! The few steps between whole numbers, time and `f64`, in one place. Only rate control and statistics use `f64`.

use koosim_time::SimDuration;

/// The nearest `f64`; exact below 2^53, which rates, sizes and spans of time stay under.
#[expect(
    clippy::as_conversions,
    reason = "there is no From for it, and the values stay below 2^53"
)]
pub(crate) const fn real(value: i64) -> f64 {
    value as f64
}

/// As [`real`] for what cannot be negative.
#[expect(
    clippy::as_conversions,
    reason = "there is no From for it, and the values stay below 2^53"
)]
pub(crate) const fn real_u(value: u64) -> f64 {
    value as f64
}

/// The whole part, at least 0 and at most `u64::MAX`; no number counts as 0.
#[expect(clippy::as_conversions, reason = "floor that saturates is what `as` does here")]
pub(crate) const fn floor(value: f64) -> u64 {
    value as u64
}

/// Milliseconds.
pub(crate) const fn ms(d: SimDuration) -> f64 {
    real(d.as_nanos()) / 1e6
}

/// Seconds.
pub(crate) const fn seconds(d: SimDuration) -> f64 {
    real(d.as_nanos()) / 1e9
}

/// A span of `s` seconds, rounded down to nanoseconds; nothing for less than none.
#[cfg(test)]
pub(crate) fn span(s: f64) -> SimDuration {
    SimDuration::from_nanos(i64::try_from(floor(s * 1e9)).unwrap_or(i64::MAX))
}

/// The lowest 16 bits.
pub(crate) fn low16(value: u64) -> u16 {
    u16::try_from(value & 0xFFFF).unwrap_or_default()
}

/// The lowest 32 bits.
pub(crate) fn low32(value: u64) -> u32 {
    u32::try_from(value & 0xFFFF_FFFF).unwrap_or_default()
}

/// A span times a whole number, stopping at the end of the type.
pub(crate) const fn times(d: SimDuration, n: i64) -> SimDuration {
    SimDuration::from_nanos(d.as_nanos().saturating_mul(n))
}
