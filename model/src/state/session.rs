//! Streaming sessions of the phones of an account.

use crate::command::StreamType;
use crate::event::InterruptCause;
use crate::lifecycle::SessionStatus;
use crate::name::DeviceId;
use crate::time::SimTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A token that was given out for a stream (P4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamToken {
    /// For what the stream is meant.
    pub stream: StreamType,
    /// First instant at which it no longer holds.
    pub until: SimTime,
}

/// A running stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// The token with which it began, or goes back to its phone.
    pub token: StreamToken,
    /// Which device controls (P4.12).
    pub controller: DeviceId,
    /// The devices that watch, the controlling one among them.
    pub viewers: BTreeSet<DeviceId>,
}

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    /// It waits for its turn; the first of those that wait has the lowest number.
    Queued {
        /// Its number.
        number: u32,
    },
    /// Its phone is being restored.
    Restoring,
    /// Its phone is there.
    Ready,
    /// A token was given out.
    Authorised(StreamToken),
    /// Its phone streams.
    Streaming(Box<Stream>),
    /// Its stream has lost the connection.
    Interrupted {
        /// The stream.
        stream: Box<Stream>,
        /// By what.
        cause: InterruptCause,
    },
    /// Its stream stopped.
    Lingering,
}

impl Session {
    /// Its place in the lifecycle.
    pub fn status(&self) -> SessionStatus {
        match self {
            Self::Queued { .. } => SessionStatus::Queued,
            Self::Restoring => SessionStatus::Restoring,
            Self::Ready => SessionStatus::Ready,
            Self::Authorised(_) => SessionStatus::Authorised,
            Self::Streaming(_) => SessionStatus::Streaming,
            Self::Interrupted { .. } => SessionStatus::Interrupted,
            Self::Lingering => SessionStatus::Lingering,
        }
    }
    /// Its stream, connected or not.
    pub fn stream(&self) -> Option<&Stream> {
        match self {
            Self::Streaming(stream) | Self::Interrupted { stream, .. } => Some(stream),
            _ => None,
        }
    }
}
