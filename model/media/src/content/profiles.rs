//! The parameters of each content: sizes at 720p in H.264 at a quantiser parameter where they are known.
//!
//! Parameters marked *fitted* are computed from recorded frames by `examples/fit.rs`, and a test holds them
//! against the data. The others are sourced, measured or decided, as said beside each; what the rules of a
//! run leave to be set comes with [`Figures`].

use super::{Change, Content};
use crate::figures::Figures;
use crate::rate::Family;
use crate::vsync::FrameRate;

/// When a content changes by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cadence {
    /// With every picture of the display.
    Display,
    /// At a rate of its own, each change early or late against an even beat.
    Own {
        /// The even beat.
        rate: FrameRate,
        /// Scale of the Laplace law of being early or late, over the interval.
        jitter: f64,
    },
}

/// The law of a weight of mean 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// RFC 8593, 5.1.
    Laplace {
        /// Scale over the mean.
        scale: f64,
        /// The least weight: no frame is empty.
        least: f64,
    },
    /// 3GPP TR 38.838, cloud gaming.
    TruncatedNormal {
        /// Deviation over the mean.
        deviation: f64,
        /// Least weight.
        low: f64,
        /// Greatest weight.
        high: f64,
    },
    /// Scenes that are heavy or light for a while, and pictures that differ inside them.
    LogNormal {
        /// Deviation of the logarithm that goes on from picture to picture.
        slow: f64,
        /// Correlation of that part between neighbours, from 0 to below 1.
        memory: f64,
        /// Deviation of the logarithm that is new with every picture.
        fast: f64,
    },
}

/// New scenes among the pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SceneCuts {
    /// Share of pictures that begin a scene.
    pub share: f64,
    /// Law of their weight, over that of a key frame.
    pub weight: SceneWeight,
}

/// How heavy a new scene is, over a key frame of the content.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SceneWeight {
    /// As heavy as a key frame, with this deviation of the logarithm.
    LogNormal {
        /// Deviation of the logarithm.
        sigma: f64,
    },
    /// A small frame of up to `small` times a multiplier between `low` and `high`, each even (T4.4).
    Multiplied {
        /// Greatest small frame over a key frame.
        small: f64,
        /// Least multiplier.
        low: f64,
        /// Greatest multiplier.
        high: f64,
    },
}

/// How one content behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// How it compresses.
    pub family: Family,
    /// Quantiser parameter at which the sizes below hold.
    pub anchor_qp: f64,
    /// Mean bytes of a picture that moves on.
    pub inter_bytes: f64,
    /// Mean bytes of a key frame or a new scene.
    pub intra_bytes: f64,
    /// When it changes by itself.
    pub cadence: Cadence,
    /// The change that is usual.
    pub own: Change,
    /// The law of pictures that move on.
    pub spread: Spread,
    /// New scenes, where the content has them.
    pub cuts: Option<SceneCuts>,
}

/// Mean bytes of a small change: half of the most that a still screen sends (T4.4).
pub(crate) const PART_BYTES: f64 = 500.0;

/// Scrolling text as x264 coded it at QP 22; the coefficient of variation of its frames is 0.9.
const SCROLLING: Profile = Profile {
    family: Family::Screen,
    anchor_qp: 22.0,
    inter_bytes: 967.0,
    intra_bytes: 147_791.0,
    cadence: Cadence::Display,
    own: Change::Motion,
    spread: Spread::LogNormal { slow: 0.0, memory: 0.0, fast: 0.77 },
    cuts: None,
};

/// A still screen (T4.4).
const fn idle(figures: &Figures) -> Profile {
    let cadence = Cadence::Own { rate: figures.still_rate, jitter: 0.0 };
    Profile { cadence, own: Change::Part, ..SCROLLING }
}

/// A still screen some of whose frames are large (T4.4).
const fn user_interface(figures: &Figures) -> Profile {
    let weight = SceneWeight::Multiplied { small: 1_000.0 / 147_791.0, low: 20.0, high: 200.0 };
    let cuts = Some(SceneCuts { share: figures.big_frame_share, weight });
    Profile { cuts, ..idle(figures) }
}

/// Fitted to Big Buck Bunny, x264 at 720p and 1,500 kbit/s; no key frame but the first is in it, new scenes
/// are.
const VIDEO: Profile = Profile {
    family: Family::Moving,
    anchor_qp: 24.1,
    inter_bytes: 7_280.0,
    intra_bytes: 80_000.0,
    cadence: Cadence::Own { rate: FrameRate::FPS_24, jitter: 0.0 },
    own: Change::Motion,
    spread: Spread::LogNormal { slow: 0.73, memory: 0.94, fast: 0.11 },
    cuts: Some(SceneCuts { share: 0.0115, weight: SceneWeight::LogNormal { sigma: 0.49 } }),
};

/// Fitted to a video chat of Firefox at 720p and 1,500 kbit/s. Its quantiser was not recorded: 30 is a
/// decision.
const CALL: Profile = Profile {
    family: Family::Moving,
    anchor_qp: 30.0,
    inter_bytes: 5_850.0,
    intra_bytes: 14_220.0,
    cadence: Cadence::Own { rate: FrameRate::FPS_30, jitter: 0.098 },
    own: Change::Motion,
    spread: Spread::Laplace { scale: 0.16, least: 0.1 },
    cuts: None,
};

/// Law of sizes (T4.5) and ratio of key frames from 3GPP TR 38.838. That the rate recommended for a game in
/// high quality (T4.2, at 720p and 30 pictures) means QP 28 is a decision.
fn game(figures: &Figures) -> Profile {
    let inter_bytes = figures.game_bytes();
    let deviation = figures.game_size_deviation;
    Profile {
        family: Family::Moving,
        anchor_qp: 28.0,
        inter_bytes,
        intra_bytes: 2.0 * inter_bytes,
        cadence: Cadence::Display,
        own: Change::Motion,
        spread: Spread::TruncatedNormal { deviation, low: 0.5, high: 1.5 },
        cuts: None,
    }
}

impl Content {
    /// The parameters of this content under the figures of a run.
    pub fn profile(self, figures: &Figures) -> Profile {
        match self {
            Self::Idle => idle(figures),
            Self::UserInterface => user_interface(figures),
            Self::ScrollingText => SCROLLING,
            Self::Video => VIDEO,
            Self::Call => CALL,
            Self::Game => game(figures),
        }
    }
    /// How it compresses.
    pub const fn family(self) -> Family {
        match self {
            Self::Idle | Self::UserInterface | Self::ScrollingText => SCROLLING.family,
            Self::Video => VIDEO.family,
            Self::Call => CALL.family,
            Self::Game => Family::Moving,
        }
    }
}
