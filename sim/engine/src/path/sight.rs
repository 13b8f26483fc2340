//! What is seen of flows, as entries of the log.

use super::figures::{Figures, SoundFigures};
use crate::net::DropCause;
use crate::record::Class;
use koosim_media::stages::{Stage, Timeline};
use koosim_model::name::Name;
use koosim_model::time::{SimDuration, SimTime};
use koosim_transport::endpoint::ConnectionChange;
use serde::{Deserialize, Serialize};

/// Something that was seen of a flow. Viewers are counted from 0 in the order in which they began to watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// A viewer begins to watch a flow.
    ViewerStarted {
        /// The flow.
        flow: Name,
        /// The viewer.
        viewer: u32,
    },
    /// A viewer does not watch any more.
    ViewerStopped {
        /// The flow.
        flow: Name,
        /// The viewer.
        viewer: u32,
    },
    /// The phone's end of a connection hears its viewer no more, or again (P4.6).
    ConnectionChanged {
        /// The flow.
        flow: Name,
        /// The viewer.
        viewer: u32,
        /// What the connection is now.
        is: Connection,
    },
    /// A window of measuring is over.
    Measured(Box<Figures>),
    /// A frame was shown.
    FrameShown {
        /// The flow.
        flow: Name,
        /// The viewer.
        viewer: u32,
        /// The frame, from 0.
        frame: u32,
        /// Its encoded bytes.
        bytes: u32,
        /// When its stages began and ended (T6.1).
        passed: Passed,
    },
    /// The light answered an input.
    InputAnswered {
        /// The flow.
        flow: Name,
        /// The viewer.
        viewer: u32,
        /// The input, from 0.
        input: u32,
        /// When its stages began and ended (T6.1).
        passed: Passed,
    },
    /// A packet was put on the first link of its way.
    PacketSent(Box<Passing>),
    /// A packet has come to its end.
    PacketArrived(Box<Passing>),
    /// A link dropped a packet.
    PacketDropped {
        /// The packet.
        packet: Box<Passing>,
        /// Why.
        cause: DropCause,
    },
    /// A packet came with bits turned over, and was thrown away.
    PacketSpoilt(Box<Passing>),
    /// A window of measuring is over, in which there was sound.
    SoundMeasured(Box<SoundFigures>),
}

/// What a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Nothing was heard for too long.
    Lost,
    /// The other side is heard again, after so long.
    Back(SimDuration),
    /// Nothing was heard for so long that it has ended.
    Ended,
}

impl From<ConnectionChange> for Connection {
    fn from(change: ConnectionChange) -> Self {
        match change {
            ConnectionChange::Lost => Self::Lost,
            ConnectionChange::Back { after } => Self::Back(after),
            ConnectionChange::Ended => Self::Ended,
        }
    }
}

/// The stages that a frame or an input passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passed {
    /// When the first of them began.
    pub began: SimTime,
    /// How long each took, up to the display; of a frame from the wait for capture on.
    pub spent: Vec<SimDuration>,
}

impl From<&Timeline> for Passed {
    fn from(timeline: &Timeline) -> Self {
        let spent = Stage::ALL.into_iter().filter_map(|stage| timeline.spent(stage));
        Self { began: timeline.began(), spent: spent.collect() }
    }
}

/// Which way a packet goes between a phone and a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// From the phone.
    Down,
    /// To the phone.
    Up,
}

/// A packet of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passing {
    /// The flow.
    pub flow: Name,
    /// The viewer.
    pub viewer: u32,
    /// Which way it goes.
    pub way: Way,
    /// Its number among all packets of the run; a copy has that of its original.
    pub number: u64,
    /// Its bytes with UDP and IP.
    pub bytes: u32,
}

impl Sight {
    /// How fine an entry it makes.
    pub const fn class(&self) -> Class {
        match self {
            Self::ViewerStarted { .. }
            | Self::ViewerStopped { .. }
            | Self::ConnectionChanged { .. }
            | Self::Measured(_)
            | Self::SoundMeasured(_) => Class::Session,
            Self::FrameShown { .. } | Self::InputAnswered { .. } => Class::Frame,
            Self::PacketSent(_)
            | Self::PacketArrived(_)
            | Self::PacketDropped { .. }
            | Self::PacketSpoilt(_) => Class::Packet,
        }
    }
    /// Its name in the log.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ViewerStarted { .. } => "viewer_started",
            Self::ViewerStopped { .. } => "viewer_stopped",
            Self::ConnectionChanged { .. } => "connection_changed",
            Self::Measured(_) => "measured",
            Self::FrameShown { .. } => "frame_shown",
            Self::InputAnswered { .. } => "input_answered",
            Self::PacketSent(_) => "packet_sent",
            Self::PacketArrived(_) => "packet_arrived",
            Self::PacketDropped { .. } => "packet_dropped",
            Self::PacketSpoilt(_) => "packet_spoilt",
            Self::SoundMeasured(_) => "sound_measured",
        }
    }
    /// The flow of which it was seen.
    pub fn flow(&self) -> &Name {
        match self {
            Self::ViewerStarted { flow, .. }
            | Self::ViewerStopped { flow, .. }
            | Self::ConnectionChanged { flow, .. }
            | Self::FrameShown { flow, .. }
            | Self::InputAnswered { flow, .. } => flow,
            Self::Measured(figures) => &figures.flow,
            Self::SoundMeasured(figures) => &figures.flow,
            Self::PacketSent(packet)
            | Self::PacketArrived(packet)
            | Self::PacketDropped { packet, .. }
            | Self::PacketSpoilt(packet) => &packet.flow,
        }
    }
}
