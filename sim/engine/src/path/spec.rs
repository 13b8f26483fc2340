//! What a flow is given before it begins.

use super::params;
use crate::net::Rate;
use crate::queue::PushError;
use koosim_media::content::Content;
use koosim_media::draws::PercentilesError;
use koosim_media::encoded::EncodedTrace;
use koosim_media::encoder::{EncoderError, EncoderOptions, Video};
use koosim_media::stages::{Stage, StageBudget};
use koosim_media::vsync::FrameRate;
use koosim_media::work::{Machine, WorkError};
use koosim_model::name::NameError;
use koosim_model::rules::Params;
use koosim_model::time::SimDuration;
use koosim_transport::congestion::ControlOptions;
use koosim_transport::control::{Mode, Settings};
use koosim_transport::endpoint::{ConnectionOptions, FeedbackKind, Repair};
use serde::Serialize;
use std::sync::Arc;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Taps {
    /// From the begin of the stream to the first tap, and from tap to tap.
    pub every: SimDuration,
    /// How long the finger stays.
    pub hold: SimDuration,
    /// How often it moves while it stays; nothing: it does not.
    pub moves: Option<SimDuration>,
}

impl Taps {
    /// Moves of one tap at most.
    pub const MOVES_MAX: i64 = 64;
}

/// What a flow is.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowSpec {
    /// What the phone shows.
    pub content: Content,
    /// Frames of a real encoder, which are sent instead at the encoder's frame rate; they neither follow a
    /// target rate nor answer a request for a key frame before the next one among them.
    pub carries: Option<Arc<EncodedTrace>>,
    /// Its encoder.
    pub encoder: EncoderOptions,
    /// Congestion control of its senders.
    pub control: ControlOptions,
    /// The rate of its sound, which no congestion slows down (T4.7); nothing: it has none.
    pub sound: Option<Rate>,
    /// After which time from its capture sound is of no use (T4.7).
    pub sound_deadline: SimDuration,
    /// What the hand of the controlling viewer does.
    pub taps: Option<Taps>,
    /// How input is delivered (T5.3, T5.6).
    pub channel: Settings,
    /// How silence between the ends is taken (P4.6).
    pub connection: ConnectionOptions,
    /// How what is lost is made good (T2.12).
    pub repair: Repair,
    /// How arrivals are told (T2.7, T2.8).
    pub feedback: FeedbackKind,
    /// Whether pictures may be marked instead of dropped.
    pub ecn: bool,
    /// What decodes.
    pub decoder: Machine,
    /// Pictures that a decoder at work takes beside the one it works on; more wait in the jitter buffer.
    pub decoder_holds: usize,
    /// The displays of phone and viewers.
    pub display: FrameRate,
    /// What each stage may take (T6.3).
    pub stages: StageBudget,
    /// Length of a bin of what is measured (T3.5).
    pub bin: SimDuration,
    /// Input to photon of a good session at the median, the 95th and the 99th percentile (T6.4).
    pub good: [SimDuration; 3],
}

impl FlowSpec {
    /// A content and what is wanted of its pictures, under the rules of a run at the instant of `params`. What no
    /// rule says is decided: Google's congestion control, decoding in hardware with two pictures that may
    /// wait, repeats without parity, no marks, displays of 60 pictures a second, no sound, no input.
    pub fn of(params: &Params, content: Content, video: Video) -> Self {
        let (figures, stages) =
            (params::figures(&params.media), params::stage_budget(&params.media));
        Self {
            content,
            carries: None,
            encoder: EncoderOptions::new(video, stages.get(Stage::Encode), figures),
            control: ControlOptions::Gcc(params::gcc(&params.transport)),
            sound: None,
            sound_deadline: params.media.sound_deadline,
            taps: None,
            channel: params::channel(&params.transport, Mode::TwoClasses),
            connection: ConnectionOptions::back_within(params.using.reconnect_within),
            repair: Repair::Repeats,
            feedback: FeedbackKind::Transport,
            ecn: false,
            decoder: Machine::Hardware,
            decoder_holds: 2,
            display: FrameRate::FPS_60,
            stages,
            bin: params.transport.bin,
            good: params.media.good,
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
    /// A flow has no such name.
    #[error(transparent)]
    Name(#[from] NameError),
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
