//! Whether others fill the queue, and how long a wait SCReAM then aims at (RFC 8298 4.1.2.1 and the section on
//! competing flows of its second version): beside a transfer that knows only loss, a fixed aim would starve.

use koosim_time::{SimDuration, SimTime};

/// Time between two samples of the wait (as in the published sources).
const SAMPLE: SimDuration = SimDuration::from_millis(50);
/// Samples that the deviation of the wait is taken over, and the newest of them that its mean is.
const SAMPLES: usize = 200;
const NEWEST: usize = 50;
/// Greatest wait that is aimed at, ms.
const MOST_MS: f64 = 400.0;
/// Share of round trips with loss above which others are taken to be there,
const LOSSY: f64 = 0.002;
/// and how much more than the wait is then aimed at.
const LOSSY_FACTOR: f64 = 1.5;
/// Variance below which a wait is steady, in squares of the least aim.
const STEADY: f64 = 0.2;
/// Factors of an aim that cannot be explained any more: where the wait is short, and where it is not.
const FALL_FAST: f64 = 0.5;
const FALL: f64 = 0.9;
/// Weight of a new round trip in the share of those with loss.
const LOSS_WEIGHT: f64 = 0.02;

/// What is known of others in the queue.
#[derive(Clone, Debug)]
pub(super) struct Competing {
    /// Waits over the least aim, the newest last.
    waits: [f64; SAMPLES],
    sampled_at: SimTime,
    /// Share of round trips with loss, whether this one has it, and when it began.
    loss: (f64, bool, SimTime),
    least_ms: f64,
    target_ms: f64,
}

impl Competing {
    /// Nothing is known; `least_ms` is aimed at.
    pub(super) const fn new(now: SimTime, least_ms: f64) -> Self {
        let (waits, loss) = ([0.0; SAMPLES], (0.0, false, now));
        Self { waits, sampled_at: now, loss, least_ms, target_ms: least_ms }
    }
    /// The wait that is aimed at, ms.
    pub(super) const fn target_ms(&self) -> f64 {
        self.target_ms
    }
    /// Takes what a report says: the wait, and whether something was lost.
    pub(super) fn push(&mut self, now: SimTime, rtt: SimDuration, wait_ms: f64, lost: bool) {
        let (share, any, began) = self.loss;
        let any = any || lost;
        self.loss = if now - began >= rtt {
            let this = if any { 1.0 } else { 0.0 };
            (share + LOSS_WEIGHT * (this - share), false, now)
        } else {
            (share, any, began)
        };
        if now - self.sampled_at < SAMPLE {
            return;
        }
        self.sampled_at = now;
        self.waits.rotate_left(1);
        if let Some(newest) = self.waits.last_mut() {
            *newest = wait_ms / self.least_ms;
        }
        self.adjust();
    }

    fn adjust(&mut self) {
        let mean = self.waits.iter().sum::<f64>() / count(SAMPLES);
        let off = self.waits.iter().map(|wait| (wait - mean) * (wait - mean));
        let variance = off.sum::<f64>() / count(SAMPLES);
        let newest = self.waits.iter().rev().take(NEWEST).sum::<f64>() / count(NEWEST);
        let seen_ms = (newest + libm::sqrt(variance)) * self.least_ms;
        let target_ms = if self.loss.0 > LOSSY {
            LOSSY_FACTOR * seen_ms
        } else if variance < STEADY {
            seen_ms
        } else if seen_ms < self.least_ms {
            libm::fmax(self.target_ms * FALL_FAST, seen_ms)
        } else {
            self.target_ms * FALL
        };
        self.target_ms = libm::fmax(libm::fmin(target_ms, MOST_MS), self.least_ms);
    }
}

fn count(samples: usize) -> f64 {
    f64::from(u32::try_from(samples).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }
    /// What is aimed at after samples each 50 ms.
    fn aims(waits_ms: impl IntoIterator<Item = f64>, lost_at: Option<i64>) -> Vec<f64> {
        let mut competing = Competing::new(at(0), 100.0);
        let rtt = SimDuration::from_millis(100);
        let aims = (1_i64..).zip(waits_ms).map(|(n, wait_ms)| {
            competing.push(at(n * 50), rtt, wait_ms, Some(n) == lost_at);
            competing.target_ms()
        });
        aims.collect()
    }

    /// A steady wait of 250 ms is that of others: after 200 samples it is what is aimed at. Until then it varies.
    #[test]
    fn steady_wait_is_aimed_at() {
        let seen = aims(std::iter::repeat_n(250.0, 200), None);
        assert!((seen[199] - 250.0).abs() < 1e-9, "{}", seen[199]);
        // The variance of 100 samples of 0 and 100 of 2.5 is 1.5625.
        assert_eq!(seen[99], 100.0);
        assert_eq!(
            aims(std::iter::repeat_n(30.0, 400), None)[399],
            100.0,
            "never less than the least"
        );
        assert_eq!(
            aims(std::iter::repeat_n(900.0, 400), None)[399],
            400.0,
            "never more than the most"
        );
    }

    /// A loss: one and a half times 200 ms and the deviation of 50 samples of 2 among zeros, which is the root of
    /// 4 * 0.25 * 0.75.
    #[test]
    fn loss_lets_the_aim_exceed_the_wait() {
        let seen = aims(std::iter::repeat_n(100.0, 50), Some(1));
        let expected = 1.5 * (1.0 + libm::sqrt(0.25 * 0.75)) * 100.0;
        assert!((seen[49] - expected).abs() < 1e-9, "{} {expected}", seen[49]);
        // 2 percent of one round trip in 116 is 0.2 percent no longer: the aim ends at the steady wait.
        let after = aims(std::iter::repeat_n(100.0, 2 * 116 + 50), Some(1));
        assert_eq!(after.last(), Some(&100.0));
    }

    /// Others leave: the aim falls by a tenth a sample while their wait is in the mean, then by half.
    #[test]
    fn aim_falls_when_the_wait_does() {
        let waits = std::iter::repeat_n(300.0, 200).chain(std::iter::repeat_n(0.0, 200));
        let seen = aims(waits, None);
        assert!((seen[199] - 300.0).abs() < 1e-9);
        // Ten samples of 0 among 200: the variance is 9 * 0.05 * 0.95, and the mean of the newest 50 is 2.4.
        assert!((seen[209] / seen[208] - 0.9).abs() < 1e-9, "{:?}", &seen[200..215]);
        assert_eq!(seen[399], 100.0);
    }
}
