//! What the rules of a run leave to be set of pictures (T4), as their encoder and contents take it.

use crate::rate::BitRate;
use crate::vsync::FrameRate;
use crate::work::{Codec, Definition};
use koosim_time::SimDuration;

/// Rates by definition; there are none for 540p (T4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Of 720p.
    pub p720: BitRate,
    /// Of 1080p.
    pub p1080: BitRate,
}

impl Rates {
    /// The rate of a definition; `None` for 540p.
    pub const fn of(self, definition: Definition) -> Option<BitRate> {
        match definition {
            Definition::P540 => None,
            Definition::P720 => Some(self.p720),
            Definition::P1080 => Some(self.p1080),
        }
    }
}

/// Figures of section T4, each field named by its rule and parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// T4.2 `default_rate`.
    pub default_rate: Rates,
    /// T4.2 `game_rate_h264`: at 30 pictures a second.
    pub game_rate_h264: Rates,
    /// T4.2 `game_rate_h265`: at 30 pictures a second.
    pub game_rate_h265: Rates,
    /// T4.3 `transition_frames`: the key frame included; taken as at least 2.
    pub transition_frames: u32,
    /// T4.3 `large_change`: as a share of the rate.
    pub large_change: f64,
    /// T4.3 `change_interval`.
    pub change_interval: SimDuration,
    /// T4.4 `still_rate`.
    pub still_rate: FrameRate,
    /// T4.4 `big_frame_share`.
    pub big_frame_share: f64,
    /// T4.5 `game_size_deviation`: over the mean.
    pub game_size_deviation: f64,
}

impl Default for Figures {
    /// The published figures, for documentation and tests: a run takes those of its rulebook.
    fn default() -> Self {
        let rates = |p720, p1080| Rates {
            p720: BitRate::from_kbps(p720),
            p1080: BitRate::from_kbps(p1080),
        };
        Self {
            default_rate: rates(3_000, 6_000),
            game_rate_h264: rates(3_000, 6_000),
            game_rate_h265: rates(2_000, 4_000),
            transition_frames: 10,
            large_change: 0.5,
            change_interval: SimDuration::from_millis(100),
            still_rate: FrameRate::FPS_5,
            big_frame_share: 0.05,
            game_size_deviation: 0.105,
        }
    }
}

impl Figures {
    /// The rate at which a game is streamed in high quality at 30 pictures a second (T4.2).
    pub const fn game_rate(&self, codec: Codec) -> Rates {
        match codec {
            Codec::H264 => self.game_rate_h264,
            Codec::H265 => self.game_rate_h265,
        }
    }
    /// Bytes of a picture over those of 720p in H.264, from the rates recommended for games (T4.2): they go
    /// with the power of the pixels at which that of 1080p is reached.
    pub(crate) fn scale(&self, definition: Definition, codec: Codec) -> f64 {
        let rates = self.game_rate(codec);
        let [base, low, high] =
            [self.game_rate_h264.p720, rates.p720, rates.p1080].map(|rate| f64::from(rate.bps()));
        let power = libm::log(high / low) / libm::log(Definition::P1080.pixels_over_720p());
        libm::pow(definition.pixels_over_720p(), power) * (low / base)
    }
    /// Mean bytes of a picture of a game at 720p in H.264.
    pub(crate) fn game_bytes(&self) -> f64 {
        f64::from(self.game_rate_h264.p720.bps()) / 8.0 / 30.0
    }
}
