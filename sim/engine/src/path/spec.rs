//! What a flow is given before it begins.

use crate::queue::PushError;
use koosim_media::content::Content;
use koosim_media::draws::PercentilesError;
use koosim_media::encoder::{EncoderError, EncoderOptions};
use koosim_media::rate::BitRate as MediaRate;
use koosim_media::vsync::FrameRate;
use koosim_media::work::{Codec, Definition, Machine, WorkError};
use koosim_model::time::SimDuration;
use koosim_transport::congestion::{ControlOptions, GccOptions};
use koosim_transport::control::Mode;

/// A link of these paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkIndex(pub(super) usize);

/// The links between a phone and one viewer, in the order in which packets pass them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// From the phone to the viewer.
    pub down: Vec<LinkIndex>,
    /// From the viewer to the phone.
    pub up: Vec<LinkIndex>,
}

/// A finger that taps the screen evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taps {
    /// From the begin of the stream to the first tap, and from tap to tap.
    pub every: SimDuration,
    /// How long the finger stays.
    pub hold: SimDuration,
}

/// What a flow is.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowSpec {
    /// What the phone shows.
    pub content: Content,
    /// Its encoder.
    pub encoder: EncoderOptions,
    /// Congestion control of its senders.
    pub control: ControlOptions,
    /// What the hand of the controlling viewer does.
    pub taps: Option<Taps>,
    /// How input is delivered (T5.3).
    pub channel: Mode,
    /// What decodes.
    pub decoder: Machine,
    /// Pictures that may wait for the decoder.
    pub decoder_holds: usize,
    /// The displays of phone and viewers.
    pub display: FrameRate,
}

impl FlowSpec {
    /// 720p in H.264 at 60 frames a second with at most 4 Mbit/s under Google's congestion control, decoded
    /// in hardware, without input: decisions, of the service's middle setting (T4.1).
    pub fn new(content: Content) -> Self {
        let target = MediaRate::from_kbps(4_000);
        Self {
            content,
            encoder: EncoderOptions::new(Definition::P720, Codec::H264, FrameRate::FPS_60, target),
            control: ControlOptions::Gcc(GccOptions::default()),
            taps: None,
            channel: Mode::TwoClasses,
            decoder: Machine::Hardware,
            decoder_holds: 2,
            display: FrameRate::FPS_60,
        }
    }
}

/// Why paths cannot be made or go on. Checked in this order.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PathError {
    /// A flow without viewers, or with more than there may be.
    #[error("a flow has 1 to {most} viewers")]
    Viewers {
        /// The most.
        most: usize,
    },
    /// A way that leads over no link, or over one that there is not.
    #[error("a way leads over at least one link, and over links that there are")]
    Route,
    /// As many flows as there may be.
    #[error("too many flows: {most} at most")]
    Flows {
        /// The most.
        most: usize,
    },
    /// There is no such encoder.
    #[error(transparent)]
    Encoder(#[from] EncoderError),
    /// There is no such decoder.
    #[error(transparent)]
    Decoder(#[from] WorkError),
    /// The stages that no packet decides have no times.
    #[error(transparent)]
    Stages(#[from] PercentilesError),
    /// A listener could not tell on what it saw.
    #[error("what hosts saw cannot be told: {0}")]
    Untold(String),
    /// Something was to happen before now, or too much waits.
    #[error(transparent)]
    Push(#[from] PushError),
}
