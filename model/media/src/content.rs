//! What a phone's screen shows, and how much of it is new: the pictures that an encoder is given.
//!
//! A [`Screen`] says when its content changes next and draws how heavy the change is; it knows nothing of
//! rates. Weights are relative to the mean of their kind, so that whatever law they follow, the encoder's
//! rate control sets their level.

use crate::draws::{Draws, LogNormal, laplace, normal, truncated_normal, uniform, unit};
use crate::encoded::{Encoded, EncodedTrace};
use crate::figures::Figures;
use crate::numbers::rounded_nanos;
use crate::rate::Family;
use crate::trace::{FrameTrace, Recorded};
use crate::vsync::{FrameRate, VSync};
use koosim_time::{SimDuration, SimTime};
use serde::Serialize;
use std::sync::Arc;

mod profiles;

pub(crate) use profiles::PART_BYTES;
pub use profiles::{Cadence, Profile, SceneCuts, SceneWeight, Spread};

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A home screen that nobody touches: small changes five times a second (T4.4).
    Idle,
    /// A user interface: small changes five times a second, one in twenty a new page (T4.4).
    UserInterface,
    /// Text that scrolls with every picture of the display.
    ScrollingText,
    /// A film of 24 pictures a second with scenes.
    Video,
    /// A camera: another person in a call.
    Call,
    /// A game that draws every picture of the display anew (T4.5).
    Game,
}

impl Content {
    /// All contents, in the order in which tables list them.
    pub const ALL: [Self; 6] =
        [Self::Idle, Self::UserInterface, Self::ScrollingText, Self::Video, Self::Call, Self::Game];
}

/// How much of the screen is new. The greater one counts when several changes meet in one capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A small part: a clock, a cursor, an icon.
    Part,
    /// The picture moves on as its content does.
    Motion,
    /// Nothing of the picture before is left.
    Scene,
}

/// A picture that has not been encoded yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Picture {
    /// Drawn from the profile of a content.
    Drawn {
        /// What is shown.
        content: Content,
        /// How much is new.
        change: Change,
        /// Over the mean of its kind of change; above 0.
        weight: f64,
    },
    /// From a recorded trace, with its size.
    Recorded(Recorded),
    /// A frame of a real encoder, which is sent as it is.
    Encoded(Encoded),
}

impl Picture {
    /// What is left to encode when `later` is composed before this picture was encoded: the greater change.
    pub(crate) fn covered_by(self, later: Self) -> Self {
        match (self, later) {
            (Self::Drawn { change, .. }, Self::Drawn { change: other, .. }) if change > other => {
                self
            }
            (Self::Recorded(Recorded { key: true, .. }), Self::Recorded(r)) => {
                Self::Recorded(Recorded { key: true, bytes: r.bytes.max(r.key_bytes), ..r })
            }
            _ => later,
        }
    }
    /// How the picture compresses.
    pub const fn family(self) -> Family {
        match self {
            Self::Drawn { content, .. } => content.family(),
            Self::Recorded(_) | Self::Encoded(_) => Family::Moving,
        }
    }
}

/// How long a page or a menu moves after a touch. A decision: the usual length of such animations.
const ANIMATION: SimDuration = SimDuration::from_millis(300);
/// Changes of one content are at least this part of its interval apart, however late the earlier one was.
const CLOSEST: i64 = 10;

/// The screen of a phone over time.
#[derive(Clone, Debug)]
pub struct Screen {
    source: Source,
    display: VSync,
    due: SimTime,
    moving_until: SimTime,
}

#[derive(Clone, Debug)]
enum Source {
    Drawn {
        content: Content,
        /// Its parameters.
        profile: Profile,
        /// Nothing of it was shown yet.
        new: bool,
        /// The content's own even beat, without jitter.
        beat: SimTime,
        /// Part of the weight that goes on from picture to picture, in deviations.
        activity: f64,
    },
    Replayed {
        trace: Arc<FrameTrace>,
        place: usize,
    },
    Carried {
        trace: Arc<EncodedTrace>,
        place: usize,
    },
}

impl Screen {
    /// A screen with this display that shows a content from `start` on. Its first picture is then, and is a new
    /// scene: whatever was shown before is gone.
    pub fn new(content: Content, display: FrameRate, start: SimTime, figures: &Figures) -> Self {
        let profile = content.profile(figures);
        let source = Source::Drawn { content, profile, new: true, beat: start, activity: 0.0 };
        Self::from_source(source, display, start)
    }
    /// A screen that shows what was recorded, from the first frame on and over again.
    pub const fn replay(trace: Arc<FrameTrace>, display: FrameRate, start: SimTime) -> Self {
        Self::from_source(Source::Replayed { trace, place: 0 }, display, start)
    }
    /// A screen whose pictures a real encoder has encoded, one at each beat, from the first on and over again.
    /// An encoder that looks at each of these beats sends each of its frames, so that none is missed.
    pub const fn carry(trace: Arc<EncodedTrace>, beat: FrameRate, start: SimTime) -> Self {
        Self::from_source(Source::Carried { trace, place: 0 }, beat, start)
    }
    const fn from_source(source: Source, display: FrameRate, start: SimTime) -> Self {
        let display = VSync::new(display, start);
        Self { source, display, due: start, moving_until: start }
    }
    /// When the content changes next by itself.
    pub const fn next_due(&self) -> SimTime {
        self.due
    }
    /// Somebody's touch has reached the content, which answers from now on: a page or menu moves for a
    /// while. What moves anyway answers with its next picture.
    pub fn touch(&mut self, now: SimTime) {
        if let Source::Drawn { content: Content::Idle | Content::UserInterface, .. } = self.source {
            self.moving_until = now + ANIMATION;
            self.due = self.due.min(now);
        }
    }
    /// Composes what is due; `None` before that.
    pub fn poll(&mut self, now: SimTime, draws: &mut impl Draws) -> Option<Picture> {
        if now < self.due {
            return None;
        }
        let touched = now < self.moving_until;
        let display = self.display;
        match &mut self.source {
            Source::Replayed { trace, place } => {
                let recorded = trace.frame(*place);
                self.due = now.max(self.due) + trace.interval_after(*place);
                *place = (*place + 1) % trace.frame_count();
                Some(Picture::Recorded(recorded))
            }
            Source::Carried { trace, place } => {
                self.due = display.after(now);
                let (encoded, next) = trace.frame(*place)?;
                *place = next;
                Some(Picture::Encoded(encoded))
            }
            Source::Drawn { content, profile, new, beat, activity } => {
                let drawn = profile.draw(activity, touched, draws);
                let whole = std::mem::replace(new, false);
                let (change, weight) = if whole { (Change::Scene, 1.0) } else { drawn };
                let next = if touched {
                    *beat = display.after(now);
                    *beat
                } else {
                    profile.cadence.next(beat, now, display, draws)
                };
                self.due = next;
                Some(Picture::Drawn { content: *content, change, weight })
            }
        }
    }
}

impl Cadence {
    /// The instant of the next change; moves the even beat on.
    fn next(
        self,
        beat: &mut SimTime,
        now: SimTime,
        display: VSync,
        draws: &mut impl Draws,
    ) -> SimTime {
        let (rate, jitter) = match self {
            Self::Display => (display.rate(), 0.0),
            Self::Own { rate, jitter } => (rate, jitter),
        };
        // Beats that went by while nobody looked are not made up for.
        *beat = VSync::new(rate, display.phase()).after((*beat).max(now));
        let interval = rate.interval();
        let late = rounded_nanos(laplace(draws, jitter) * crate::numbers::nanos(interval));
        let closest = SimDuration::from_nanos(interval.as_nanos() / CLOSEST);
        (*beat + late).max(now + closest)
    }
}

impl Profile {
    /// Change and weight of the next picture.
    fn draw(&self, activity: &mut f64, touched: bool, draws: &mut impl Draws) -> (Change, f64) {
        // Everything is drawn whether it is needed or not: a touch or a cut shifts nothing that follows.
        let spread = self.spread.draw(activity, draws);
        let part = uniform(draws, 0.0, 2.0);
        let scene = self.cuts.map(|cuts| (unit(draws) < cuts.share, cuts.weight.draw(draws)));
        match (touched, scene, self.own) {
            (true, ..) => (Change::Motion, spread),
            (false, Some((true, weight)), _) => (Change::Scene, weight),
            (false, _, Change::Part) => (Change::Part, part),
            (false, _, own) => (own, spread),
        }
    }
}

impl SceneWeight {
    fn draw(self, draws: &mut impl Draws) -> f64 {
        match self {
            Self::LogNormal { sigma } => LogNormal::of_mean_one(sigma).draw(draws),
            Self::Multiplied { small, low, high } => {
                uniform(draws, 0.0, small) * uniform(draws, low, high)
            }
        }
    }
}

impl Spread {
    fn draw(self, activity: &mut f64, draws: &mut impl Draws) -> f64 {
        match self {
            Self::Laplace { scale, least } => (1.0 + laplace(draws, scale)).max(least),
            Self::TruncatedNormal { deviation, low, high } => {
                truncated_normal(draws, deviation, low, high)
            }
            Self::LogNormal { slow, memory, fast } => {
                let fresh = libm::sqrt(1.0 - memory * memory);
                *activity = memory * *activity + fresh * normal(draws);
                let sigma = libm::sqrt(slow * slow + fast * fast);
                let z = (slow * *activity + fast * normal(draws)) / sigma;
                LogNormal::of_mean_one(sigma).at(z)
            }
        }
    }
}

#[cfg(test)]
mod tests;
