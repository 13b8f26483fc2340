//! The rate itself: it grows until delay does, then falls to what arrived (T3.6).

use super::GccLaw;
use super::trend::Usage;
use crate::number::seconds;
use koosim_time::{SimDuration, SimTime};

/// Growth ends at so many times what arrives,
const HEADROOM: f64 = 1.5;
/// and so much above it, in bit/s.
const HEADROOM_BPS: f64 = 10_000.0;
/// Least growth in one step far from convergence, in bit/s.
const GROWTH_MIN_BPS: f64 = 1000.0;
/// Least growth in a second near convergence, in bit/s.
const STEP_MIN_BPS: f64 = 4000.0;
/// Added to the round trip: how long a change takes to be seen.
const RESPONSE: SimDuration = SimDuration::from_millis(100);
/// A step near convergence takes so many responses (libwebrtc, since its threshold moves).
const STEP_RESPONSES: f64 = 2.0;
/// Bits of the packet and frames a second that the step near convergence is reckoned with.
const PACKET_BITS: f64 = 9600.0;
const FRAMES_PER_S: f64 = 30.0;
/// Weight of a new sample in the estimate of the link.
const LINK_WEIGHT: f64 = 0.05;
/// The estimate of the link is left behind beyond so many deviations.
const LINK_DEVIATIONS: f64 = 3.0;
/// Bounds of the deviation of the link's estimate, relative and squared, in kbit/s.
const LINK_VARIANCE: (f64, f64) = (0.4, 2.5);
/// The rate falls again at the earliest after a round trip within these bounds,
const FALL_AGAIN: (SimDuration, SimDuration) =
    (SimDuration::from_millis(10), SimDuration::from_millis(200));
/// unless less than this share of it arrives.
const FALL_AT_ONCE: f64 = 0.5;
/// Round trip until one is measured.
pub(in crate::congestion) const RTT_START: SimDuration = SimDuration::from_millis(200);

/// Whether the rate may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Hold,
    Grow,
}

/// What the link was seen to carry when its delay grew: mean and relative variance in kbit/s. Nothing else tells
/// of it: after a probe growth goes on as far from convergence.
#[derive(Clone, Copy, Debug)]
struct Link {
    kbps: Option<f64>,
    variance: f64,
}

impl Link {
    const NEW: Self = Self { kbps: None, variance: LINK_VARIANCE.0 };

    fn push(&mut self, bps: f64) {
        let (sample, old) = (bps / 1e3, 1.0 - LINK_WEIGHT);
        let kbps = self.kbps.map_or(sample, |kbps| old * kbps + LINK_WEIGHT * sample);
        let off = kbps - sample;
        let variance = old * self.variance + LINK_WEIGHT * off * off / libm::fmax(kbps, 1.0);
        self.kbps = Some(kbps);
        self.variance = variance.clamp(LINK_VARIANCE.0, LINK_VARIANCE.1);
    }
    /// Whether a rate is too far from the estimate to be of the same link.
    fn is_far(&self, bps: f64, side: f64) -> bool {
        self.kbps.is_some_and(|kbps| {
            let bound = LINK_DEVIATIONS * libm::sqrt(self.variance * kbps);
            side * (bps / 1e3 - kbps) > bound
        })
    }
}

/// The rate by delay.
#[derive(Clone, Debug)]
pub(super) struct Aimd {
    bps: f64,
    min: f64,
    max: f64,
    /// Share of the arrived rate after overuse (T3.6 `decrease_factor`).
    backoff: f64,
    /// Growth in a second, far from convergence (T3.6 `increase_per_second`).
    growth: f64,
    course: Course,
    link: Link,
    changed_at: SimTime,
    rtt: SimDuration,
}

impl Aimd {
    /// A rate from a start on, within bounds.
    pub(super) const fn new(now: SimTime, bps: f64, (min, max): (f64, f64), law: &GccLaw) -> Self {
        let (backoff, growth) = (law.decrease_factor, law.increase_per_second);
        let (course, link, rtt) = (Course::Hold, Link::NEW, RTT_START);
        Self { bps, min, max, backoff, growth, course, link, changed_at: now, rtt }
    }
    pub(super) const fn bps(&self) -> f64 {
        self.bps
    }
    pub(super) const fn set_rtt(&mut self, rtt: SimDuration) {
        self.rtt = rtt;
    }
    /// A probe arrived at this rate.
    ///
    /// One that found little, since it met a queue or a pause, does not lower the rate below what arrives anyway,
    /// less a bit to empty the queue (libwebrtc's limit of probes by throughput).
    pub(super) fn probed(&mut self, now: SimTime, bps: f64, acked: Option<f64>) {
        let least = acked.map_or(0.0, |acked| libm::fmin(self.bps, self.backoff * acked));
        self.set(now, libm::fmax(bps, least));
    }
    /// Takes what the delay says, with the rate that arrives.
    pub(super) fn update(&mut self, now: SimTime, usage: Usage, acked: Option<f64>) {
        match usage {
            Usage::Over => self.overused(now, acked),
            Usage::Under => self.course = Course::Hold,
            Usage::Normal if self.course == Course::Hold => {
                (self.course, self.changed_at) = (Course::Grow, now);
            }
            Usage::Normal => self.grow(now, acked),
        }
    }

    fn overused(&mut self, now: SimTime, acked: Option<f64>) {
        let Some(acked) = acked else {
            // Before anything is known of what arrives, halving is the only way out.
            if now - self.changed_at >= self.fall_again() {
                self.set(now, self.bps / 2.0);
            }
            return;
        };
        if now - self.changed_at < self.fall_again() && acked >= FALL_AT_ONCE * self.bps {
            return;
        }
        let mut lowered = self.backoff * acked;
        if let Some(kbps) = self.link.kbps.filter(|_| lowered > self.bps) {
            lowered = self.backoff * kbps * 1e3;
        }
        if self.link.is_far(acked, -1.0) {
            self.link.kbps = None;
        }
        self.link.push(acked);
        self.course = Course::Hold;
        self.set(now, libm::fmin(lowered, self.bps));
    }

    fn grow(&mut self, now: SimTime, acked: Option<f64>) {
        if acked.is_some_and(|acked| self.link.is_far(acked, 1.0)) {
            self.link.kbps = None;
        }
        let since_s = seconds(now - self.changed_at);
        let growth = if self.link.kbps.is_some() {
            self.step_per_second() * since_s
        } else {
            let factor = libm::pow(self.growth, libm::fmin(since_s, 1.0));
            libm::fmax(self.bps * (factor - 1.0), GROWTH_MIN_BPS)
        };
        let limit = acked.map_or(self.max, |acked| HEADROOM * acked + HEADROOM_BPS);
        let grown = libm::fmin(self.bps + growth, limit);
        self.set(now, libm::fmax(grown, self.bps));
    }
    /// One packet in two response times, near convergence.
    fn step_per_second(&self) -> f64 {
        let frame_bits = self.bps / FRAMES_PER_S;
        let packets = libm::ceil(frame_bits / PACKET_BITS);
        let packet_bits = frame_bits / libm::fmax(packets, 1.0);
        let response = SimDuration::from_nanos(self.rtt.as_nanos() + RESPONSE.as_nanos());
        libm::fmax(packet_bits / (STEP_RESPONSES * seconds(response)), STEP_MIN_BPS)
    }
    fn fall_again(&self) -> SimDuration {
        self.rtt.clamp(FALL_AGAIN.0, FALL_AGAIN.1)
    }
    const fn set(&mut self, now: SimTime, bps: f64) {
        self.bps = bps.clamp(self.min, self.max);
        self.changed_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }
    fn aimd(start: f64) -> Aimd {
        Aimd::new(at(0), start, (1e4, 1e8), &GccLaw::PUBLISHED)
    }

    #[test]
    fn overuse_leaves_85_percent_of_what_arrives() {
        let mut rate = aimd(2e6);
        rate.update(at(1000), Usage::Over, Some(1e6));
        assert_eq!(rate.bps(), 0.85e6);
        rate.update(at(1050), Usage::Over, Some(0.8e6));
        assert_eq!(rate.bps(), 0.85e6, "not again within a round trip");
        rate.update(at(1060), Usage::Over, Some(0.4e6));
        assert_eq!(rate.bps(), 0.34e6, "unless less than half arrives");
    }

    #[test]
    fn another_law_falls_and_grows_otherwise() {
        let law = GccLaw { decrease_factor: 0.5, increase_per_second: 1.5, ..GccLaw::PUBLISHED };
        let mut rate = Aimd::new(at(0), 2e6, (1e4, 1e8), &law);
        rate.update(at(1000), Usage::Over, Some(1e6));
        assert_eq!(rate.bps(), 0.5e6);
        let mut rate = Aimd::new(at(0), 1e6, (1e4, 1e8), &law);
        rate.update(at(0), Usage::Normal, None);
        rate.update(at(1000), Usage::Normal, None);
        assert_eq!(rate.bps(), 1.5e6);
    }

    #[test]
    fn far_from_convergence_growth_is_8_percent_a_second() {
        let mut rate = aimd(1e6);
        rate.update(at(0), Usage::Normal, None);
        for step in 1..=40 {
            rate.update(at(step * 25), Usage::Normal, None);
        }
        assert!((rate.bps() / 1e6 - 1.08).abs() < 1e-9, "{}", rate.bps());
    }

    #[test]
    fn growth_ends_at_one_and_a_half_of_what_arrives() {
        let mut rate = aimd(1e6);
        for step in 0..400 {
            rate.update(at(step * 50), Usage::Normal, Some(0.9e6));
        }
        assert_eq!(rate.bps(), 1.5 * 0.9e6 + 1e4);
    }

    /// 1 Mbit/s at 30 frames: 4 packets of 8333 bits a frame; one in twice 200 + 100 ms.
    #[test]
    fn near_convergence_growth_is_a_packet_in_two_responses() {
        let mut rate = aimd(2e6);
        rate.update(at(1000), Usage::Over, Some(1e6 / 0.85));
        rate.update(at(1300), Usage::Normal, Some(1e6));
        rate.update(at(2300), Usage::Normal, Some(1e6));
        let step = 1e6 / 30.0 / 4.0 / 0.6;
        assert!((rate.bps() - (1e6 + step)).abs() < 1e-6, "{}", rate.bps() - 1e6);
    }

    /// The estimate of 1176 kbit/s has a variance of 0.4: three deviations are 65 kbit/s.
    #[test]
    fn three_deviations_above_the_link_growth_is_fast_again() {
        let mut rate = aimd(2e6);
        rate.update(at(1000), Usage::Over, Some(1e6 / 0.85));
        rate.update(at(1300), Usage::Normal, Some(1e6));
        rate.update(at(1301), Usage::Normal, Some(1.24e6));
        assert!(rate.link.kbps.is_some());
        rate.update(at(1302), Usage::Normal, Some(1.25e6));
        assert!(rate.link.kbps.is_none());
    }

    #[test]
    fn queue_that_empties_holds_the_rate() {
        let mut rate = aimd(1e6);
        rate.update(at(0), Usage::Normal, None);
        rate.update(at(100), Usage::Under, None);
        let held = rate.bps();
        rate.update(at(2000), Usage::Under, None);
        rate.update(at(2100), Usage::Normal, None);
        assert_eq!(rate.bps(), held, "the first calm moment only starts growth");
    }

    #[test]
    fn link_is_learnt_from_overuse_and_forgotten_far_below() {
        let mut rate = aimd(1e6);
        rate.update(at(500), Usage::Over, Some(2e6));
        assert_eq!(rate.link.kbps, Some(2000.0));
        // A step of the link down: the estimate begins anew instead of being dragged along.
        rate.update(at(1000), Usage::Over, Some(1e6));
        assert_eq!((rate.bps(), rate.link.kbps), (0.85e6, Some(1000.0)));
        rate.update(at(2000), Usage::Over, Some(0.98e6));
        assert_eq!(rate.link.kbps, Some(0.95 * 1000.0 + 0.05 * 980.0));
    }

    /// A probe says what passes now, not that the link is full: growth stays at 8 percent a second.
    #[test]
    fn probe_sets_the_rate_and_leaves_growth_fast() {
        let mut rate = aimd(1e6);
        rate.probed(at(0), 2e6, None);
        assert_eq!((rate.bps(), rate.link.kbps), (2e6, None));
        rate.update(at(0), Usage::Normal, None);
        rate.update(at(1000), Usage::Normal, None);
        assert_eq!(rate.bps(), 2e6 * 1.08);
    }

    #[test]
    fn probe_does_not_lower_the_rate_below_85_percent_of_what_arrives() {
        let after = |found, acked| {
            let mut rate = aimd(1e6);
            rate.probed(at(0), found, Some(acked));
            rate.bps()
        };
        assert_eq!(after(0.3e6, 0.8e6), 0.85 * 0.8e6);
        assert_eq!(after(0.7e6, 0.8e6), 0.7e6, "what it found is more");
        assert_eq!(after(0.3e6, 2e6), 1e6, "and never above the rate");
    }
}
