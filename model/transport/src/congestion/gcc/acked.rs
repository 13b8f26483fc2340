//! The rate at which packets arrive, weighed by how sure it is (T3.6).

use crate::number::ms;
use koosim_time::{SimDuration, SimTime};

/// Length of the first window.
const FIRST_WINDOW_MS: f64 = 500.0;
/// Length of every other.
const WINDOW_MS: f64 = 150.0;
/// How much a window that disagrees is doubted.
const DOUBT: f64 = 10.0;
/// Doubt about the estimate at the start, and what it grows by with each window.
const VARIANCE_START: f64 = 50.0;
const VARIANCE_STEP: f64 = 5.0;
/// What it grows by when a change is to be expected.
const VARIANCE_JUMP: f64 = 200.0;

/// The estimate, in kbit/s.
#[derive(Clone, Debug)]
pub(super) struct AckedRate {
    bits: f64,
    window_ms: f64,
    last: Option<SimTime>,
    kbps: Option<f64>,
    variance: f64,
}

impl AckedRate {
    pub(super) const fn new() -> Self {
        Self { bits: 0.0, window_ms: 0.0, last: None, kbps: None, variance: VARIANCE_START }
    }
    /// Bits a second, once a window is full.
    pub(super) fn bps(&self) -> Option<f64> {
        self.kbps.map(|kbps| kbps * 1e3)
    }
    /// The sender was idle and is not any more: the next windows count for more.
    pub(super) const fn expect_change(&mut self) {
        self.variance += VARIANCE_JUMP;
    }
    pub(super) fn push(&mut self, at: SimTime, bytes: u32) {
        let length = if self.kbps.is_none() { FIRST_WINDOW_MS } else { WINDOW_MS };
        if let Some(kbps) = self.window(at, bytes, length) {
            self.weigh(kbps);
        }
    }
    /// What a window that has ended says.
    fn window(&mut self, at: SimTime, bytes: u32, length: f64) -> Option<f64> {
        let bits = f64::from(bytes) * 8.0;
        let since = at - self.last.unwrap_or(at);
        if since < SimDuration::ZERO {
            (self.bits, self.window_ms, self.last) = (bits, 0.0, Some(at));
            return None;
        }
        self.last = Some(at);
        let since = ms(since);
        self.window_ms += since;
        if since > length {
            // Nothing came for longer than a window: what came before belongs to none.
            self.bits = 0.0;
            self.window_ms = libm::fmod(self.window_ms, length);
        }
        let ended = self.window_ms >= length;
        let kbps = ended.then(|| self.bits / length);
        if ended {
            self.window_ms -= length;
            self.bits = 0.0;
        }
        self.bits += bits;
        kbps
    }
    fn weigh(&mut self, sample: f64) {
        let Some(kbps) = self.kbps else {
            self.kbps = Some(sample);
            return;
        };
        let doubt = DOUBT * libm::fabs(kbps - sample) / libm::fmax(kbps, 1.0);
        let (sample_variance, variance) = (doubt * doubt, self.variance + VARIANCE_STEP);
        let both = sample_variance + variance;
        self.kbps = Some((sample_variance * kbps + variance * sample) / both);
        self.variance = sample_variance * variance / both;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1250 bytes each 10 ms are 1 Mbit/s.
    #[test]
    fn even_arrivals_are_their_rate() {
        let mut acked = AckedRate::new();
        for n in 0..200 {
            acked.push(SimTime::from_nanos(n * 10_000_000), 1250);
            assert_eq!(acked.bps().is_some(), n >= 50);
        }
        assert!((acked.bps().unwrap() - 1e6).abs() < 1.0, "{:?}", acked.bps());
    }

    #[test]
    fn lone_outlier_counts_for_less_than_a_lasting_change() {
        let mut acked = AckedRate::new();
        let mut at = 0;
        let mut run = |acked: &mut AckedRate, bytes, count| {
            for _ in 0..count {
                at += 10_000_000;
                acked.push(SimTime::from_nanos(at), bytes);
            }
        };
        run(&mut acked, 1250, 200);
        run(&mut acked, 3750, 15);
        let once = acked.bps().unwrap();
        run(&mut acked, 3750, 300);
        assert!(once < 2e6 && acked.bps().unwrap() > 2.7e6, "{once} {:?}", acked.bps());
    }

    #[test]
    fn expected_change_is_believed_sooner() {
        let outlier = |expected: bool| {
            let mut acked = AckedRate::new();
            // Even windows would leave no doubt at all, which expecting a change could not raise.
            let bytes = |n: i64, mean: u32| mean + u32::try_from(n * 37 % 400).unwrap();
            // Windows end with every 15th packet, here with the last.
            for n in 0..=200 {
                acked.push(SimTime::from_nanos(n * 10_000_000), bytes(n, 1050));
            }
            if expected {
                acked.expect_change();
            }
            for n in 201..=215 {
                acked.push(SimTime::from_nanos(n * 10_000_000), bytes(n, 2300));
            }
            acked.bps().unwrap()
        };
        assert!(outlier(true) > outlier(false) + 2e5, "{} {}", outlier(true), outlier(false));
    }
}
