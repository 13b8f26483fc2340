//! What the rate allows: approaching a target, frames of transition, what is owed (T4.3).

use crate::figures::Figures;
use crate::numbers::{nanos, rounded_bits};
use crate::rate::BitRate;
use crate::vsync::FrameRate;
use koosim_time::{SimDuration, SimTime};

/// A small change goes at most this share a step (RFC 8593, 5.1).
const SMALL_STEP: f64 = 0.1;
/// No frame of a transition is allowed less than this share of its steady size (RFC 8593, 5.1).
const LEAST_SHARE: f64 = 0.2;
/// In this time what is owed would be paid back if nothing were added. A decision: the window of one second
/// over which rates are judged.
const PAY_BACK: SimDuration = SimDuration::from_secs(1);
/// What light pictures save is kept for heavy ones, up to the rate's bytes of this time: it lets the mean hold the
/// target, and a frame exceed its steady size by a quarter. A decision.
const MOST_SAVED: SimDuration = SimDuration::from_millis(250);
/// A picture is allowed the bytes of the time since the last one, up to this: after a still second a
/// low-delay encoder does not send a second's worth at once. A decision.
const LONGEST_INTERVAL: SimDuration = SimDuration::from_millis(50);
/// The interval that a frame is allowed is a mean in which the newest one counts for one in this many.
const SMOOTHING: f64 = 8.0;

/// Whether a step towards the target was a large one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    None,
    Small,
    Large,
}

#[derive(Clone, Debug)]
pub(super) struct Budget {
    /// A change of the target by more than this share is large.
    large_change: f64,
    /// Steps of small changes are at least this far apart.
    change_interval: SimDuration,
    /// Frames of a transition, the key frame included.
    transition_frames: u32,
    rate: BitRate,
    target: BitRate,
    /// The last small step.
    stepped: Option<SimTime>,
    frame: SimDuration,
    most_owed: SimDuration,
    /// Bytes sent that the rate has not paid yet; below 0 what was saved.
    owed: f64,
    /// Up to when what is owed was paid back.
    paid: Option<SimTime>,
    /// The last frame.
    sent: Option<SimTime>,
    /// Mean time between frames in nanoseconds.
    interval: f64,
    /// Frames of transition to come, and the share that each is allowed.
    transition: (u32, f64),
}

impl Budget {
    pub(super) fn new(
        rate: BitRate,
        frame_rate: FrameRate,
        most_owed: SimDuration,
        figures: &Figures,
    ) -> Self {
        let frame = frame_rate.interval();
        Self {
            large_change: figures.large_change,
            change_interval: figures.change_interval,
            transition_frames: figures.transition_frames.max(2),
            rate,
            target: rate,
            stepped: None,
            frame,
            most_owed,
            owed: 0.0,
            paid: None,
            sent: None,
            interval: nanos(frame),
            transition: (0, 1.0),
        }
    }
    pub(super) const fn rate(&self) -> BitRate {
        self.rate
    }
    pub(super) const fn target(&self) -> BitRate {
        self.target
    }
    pub(super) const fn set_target(&mut self, target: BitRate) {
        self.target = target;
    }

    /// Pays back what time has paid, and goes a step towards the target.
    pub(super) fn approach(&mut self, now: SimTime) -> Step {
        if let Some(paid) = self.paid {
            let most_saved = self.rate.bytes_in(MOST_SAVED);
            self.owed = (self.owed - self.rate.bytes_in(now - paid)).max(-most_saved);
        }
        self.paid = Some(now);
        let (rate, step) = self.next_rate(now);
        // What is owed stays as long as it was, not as large: nobody waits at a low rate for what was sent at
        // a high one.
        self.owed *= f64::from(rate.bps()) / f64::from(self.rate.bps());
        self.rate = rate;
        step
    }

    fn next_rate(&mut self, now: SimTime) -> (BitRate, Step) {
        let (rate, target) = (f64::from(self.rate.bps()), f64::from(self.target.bps()));
        if (target - rate).abs() > self.large_change * rate {
            return (self.target, Step::Large);
        }
        let too_early = self.stepped.is_some_and(|at| now - at < self.change_interval);
        if self.rate == self.target || too_early {
            return (self.rate, Step::None);
        }
        self.stepped = Some(now);
        let (rate, most) = (self.rate.bps(), rounded_bits(rate * SMALL_STEP));
        let next = if self.target > self.rate {
            self.target.min(BitRate::from_bps(rate.saturating_add(most)))
        } else {
            self.target.max(BitRate::from_bps(rate.saturating_sub(most)))
        };
        (next, Step::Small)
    }

    /// Whether a frame more would be too much.
    pub(super) fn is_exhausted(&self) -> bool {
        self.owed > self.rate.bytes_in(self.most_owed)
    }

    /// Bytes of a steady frame: the rate's in the time of a frame.
    fn steady(&self) -> f64 {
        f64::from(self.rate.bps()) / 8.0 * self.interval / 1e9
    }

    /// Bytes that the next frame may have on average.
    pub(super) fn for_next(&self) -> f64 {
        let (frames, share) = self.transition;
        let in_transition = if frames > 0 { share } else { f64::INFINITY };
        let paying_back = 1.0 - self.owed / self.rate.bytes_in(PAY_BACK);
        self.steady() * paying_back.min(in_transition).max(LEAST_SHARE)
    }

    /// Bytes that a whole picture may have: all that may still be owed.
    pub(super) fn for_whole_picture(&self) -> f64 {
        (self.rate.bytes_in(self.most_owed) - self.owed.max(0.0)).max(self.steady())
    }

    /// A frame was encoded.
    pub(super) fn spend(&mut self, now: SimTime, bytes: u32, key: bool) {
        if let Some(sent) = self.sent {
            let passed = (now - sent).clamp(self.frame, LONGEST_INTERVAL.max(self.frame));
            self.interval += (nanos(passed) - self.interval) / SMOOTHING;
        }
        self.sent = Some(now);
        let bytes = f64::from(bytes);
        self.transition = if key {
            let (frames, steady) = (f64::from(self.transition_frames), self.steady());
            let share = (frames * steady - bytes) / ((frames - 1.0) * steady);
            (self.transition_frames - 1, share.clamp(LEAST_SHARE, 1.0))
        } else {
            (self.transition.0.saturating_sub(1), self.transition.1)
        };
        // The time until the next capture pays for it.
        self.owed += bytes;
    }
}
