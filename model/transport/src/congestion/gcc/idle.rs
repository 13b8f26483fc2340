//! Whether the application sends less than it may (application-limited region, ALR).

use crate::number::seconds;
use koosim_time::SimTime;

/// Budget grows at this share of the estimate (T3.6: idle below 65 percent).
const SHARE: f64 = 0.65;
/// The budget holds so much time, in seconds.
const WINDOW_S: f64 = 0.5;
/// Share of the budget above which the sender is idle, and below which it is not any more.
const IDLE_ABOVE: f64 = 0.8;
const BUSY_BELOW: f64 = 0.5;

#[derive(Clone, Debug)]
pub(super) struct Idle {
    bits: f64,
    bps: f64,
    at: SimTime,
    since: Option<SimTime>,
}

impl Idle {
    pub(super) const fn new(now: SimTime) -> Self {
        Self { bits: 0.0, bps: 0.0, at: now, since: None }
    }
    /// Since when the sender is idle.
    pub(super) const fn since(&self) -> Option<SimTime> {
        self.since
    }
    /// Sets the estimate that may be used.
    pub(super) const fn set_rate(&mut self, bps: f64) {
        self.bps = bps * SHARE;
    }
    /// A packet has left.
    pub(super) fn on_sent(&mut self, now: SimTime, bytes: u32) {
        let most = self.bps * WINDOW_S;
        self.bits += self.bps * seconds(now - self.at) - f64::from(bytes) * 8.0;
        self.bits = self.bits.clamp(-most, most);
        self.at = now;
        if self.bits > IDLE_ABOVE * most {
            self.since.get_or_insert(now);
        } else if self.bits < BUSY_BELOW * most {
            self.since = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends 1250 bytes each 10 ms, 1 Mbit/s, under an estimate.
    fn idle_at(bps: f64) -> bool {
        let mut idle = Idle::new(SimTime::EPOCH);
        idle.set_rate(bps);
        for n in 1..5000 {
            idle.on_sent(SimTime::from_nanos(n * 10_000_000), 1250);
        }
        idle.since().is_some()
    }

    #[test]
    fn idle_is_less_than_65_percent() {
        assert!(!idle_at(1e6 / 0.66));
        assert!(idle_at(1e6 / 0.64));
    }
}
