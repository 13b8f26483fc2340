//! The limit by loss (T3.7).

use super::super::Loss;
use super::GccLaw;
use koosim_time::{SimDuration, SimTime};

/// Growth at low loss.
const GROWTH: f64 = 1.05;
/// Share of the loss by which the rate falls.
const FALL: f64 = 0.5;
/// Least time between two steps up (as in rtc-interceptor 0.21.1).
const GROW_AGAIN: SimDuration = SimDuration::from_millis(200);
/// Least time between two steps down, beside a round trip (as in libwebrtc).
const FALL_AGAIN: SimDuration = SimDuration::from_millis(300);

/// The limit, which there is only after loss: it goes once it is above what delay allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lossy {
    /// Loss below which the rate grows, and above which it falls (T3.7).
    bounds: (f64, f64),
    bps: Option<f64>,
    changed_at: Option<SimTime>,
}

impl Lossy {
    pub(super) const fn new(law: &GccLaw) -> Self {
        Self { bounds: (law.loss_low, law.loss_high), bps: None, changed_at: None }
    }
    pub(super) const fn limit(&self) -> Option<f64> {
        self.bps
    }
    /// Takes a share of loss while delay allows `delay_bps`.
    pub(super) fn push(&mut self, now: SimTime, loss: Loss, delay_bps: f64, rtt: SimDuration) {
        let since = self.changed_at.map(|at| now - at);
        let after = |least: SimDuration| since.is_none_or(|since| since >= least);
        let share = loss.share();
        let (low, high) = self.bounds;
        let held = self.bps.map_or(delay_bps, |bps| libm::fmin(bps, delay_bps));
        if share > high {
            if after(SimDuration::from_nanos(FALL_AGAIN.as_nanos() + rtt.as_nanos())) {
                self.set(now, held * (1.0 - FALL * share));
            }
        } else if share >= low {
            self.bps = Some(held);
        } else if let Some(bps) = self.bps.filter(|_| after(GROW_AGAIN)) {
            self.set(now, bps * GROWTH);
            self.bps = self.bps.filter(|bps| *bps < delay_bps);
        }
    }
    const fn set(&mut self, now: SimTime, bps: f64) {
        (self.bps, self.changed_at) = (Some(bps), Some(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_law_falls_and_grows_at_other_losses() {
        let law = GccLaw { loss_low: 0.05, loss_high: 0.30, ..GccLaw::PUBLISHED };
        let mut lossy = Lossy::new(&law);
        let mut push = |ms: i64, lost| {
            let (now, rtt) = (SimTime::from_nanos(ms * 1_000_000), SimDuration::ZERO);
            lossy.push(now, Loss { lost, of: 100 }, 1e6, rtt);
            lossy.limit()
        };
        assert_eq!(push(0, 4), None);
        assert_eq!(push(10, 30), Some(1e6), "up to 30 percent hold");
        assert_eq!(push(20, 40), Some(0.8e6));
        assert_eq!(push(1000, 4), Some(0.8e6 * 1.05), "below 5 percent grow");
    }

    /// T3.7.
    #[test]
    fn loss_lowers_holds_and_releases() {
        let (mut lossy, rtt) = (Lossy::new(&GccLaw::PUBLISHED), SimDuration::from_millis(100));
        let mut push = |ms: i64, lost, delay| {
            lossy.push(SimTime::from_nanos(ms * 1_000_000), Loss { lost, of: 100 }, delay, rtt);
            lossy.limit()
        };
        assert_eq!(push(0, 1, 1e6), None);
        assert_eq!(push(10, 20, 1e6), Some(0.9e6), "half of 20 percent");
        assert_eq!(push(300, 20, 1e6), Some(0.9e6), "not within 300 ms and a round trip");
        assert_eq!(push(410, 11, 1e6), Some(0.9e6 * (1.0 - 0.5 * 0.11)));
        let held = push(500, 10, 1e6);
        assert_eq!(held, push(510, 2, 1e6), "2 to 10 percent hold");
        assert_eq!(push(600, 1, 1e6), held, "not within 200 ms");
        assert_eq!(push(610, 1, 1e6), held.map(|bps| bps * 1.05));
        assert_eq!(push(900, 0, 0.8e6), None, "delay is the lower limit now");
    }
}
