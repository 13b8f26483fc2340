//! Streaming sessions: preparation, stream, connection, end.

use crate::command::StreamType;
use crate::event::LeaveCause;
use crate::name::{DeviceId, PhoneId};
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

/// By what a stream lost its connection (P4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterruptCause {
    /// The network between phone and client.
    Network,
    /// A restart of the phone.
    Restart,
}

impl InterruptCause {
    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Restart => "restart",
        }
    }
}

/// Why a stream stopped or a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// It was asked for (P4.3).
    Asked,
    /// Nobody watches any more (P4.12).
    NobodyWatches,
    /// A newer connection took its place (P4.7).
    Preempted,
    /// The client did not come back in time (P4.6).
    ConnectionLost,
    /// The token ran out (P4.2).
    TokenRanOut,
    /// Nobody went back to it (P4.3).
    Lingered,
    /// The phone could not be restored (P2.3).
    RestoreFailed,
    /// The phone was taken from its member (P3.5).
    Unbound,
    /// The phone was frozen (R8.10).
    Frozen,
    /// The subscription ended, and grace is not for streaming (P2.8).
    Expired,
    /// The phone was powered off, reset or backed up (P2.6).
    Stopped,
    /// The phone is no more (R8.1).
    Gone,
}

impl SessionEnd {
    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::NobodyWatches => "nobody_watches",
            Self::Preempted => "preempted",
            Self::ConnectionLost => "connection_lost",
            Self::TokenRanOut => "token_ran_out",
            Self::Lingered => "lingered",
            Self::RestoreFailed => "restore_failed",
            Self::Unbound => "unbound",
            Self::Frozen => "frozen",
            Self::Expired => "expired",
            Self::Stopped => "stopped",
            Self::Gone => "gone",
        }
    }
}

impl From<LeaveCause> for SessionEnd {
    fn from(cause: LeaveCause) -> Self {
        match cause {
            LeaveCause::Member => Self::Asked,
            LeaveCause::Preempted => Self::Preempted,
            LeaveCause::Unbound => Self::Unbound,
            LeaveCause::Frozen => Self::Frozen,
            LeaveCause::Stopped => Self::Stopped,
            LeaveCause::Gone => Self::Gone,
        }
    }
}

payloads! {
    /// The session of a phone waits for others to be restored (P4.1).
    pub struct SessionQueued {
        /// Which phone.
        phone: PhoneId,
        /// Its number in the queue; the lowest is next.
        number: u32,
        /// How many wait before it (P2.4).
        waiting: u32,
    }
    /// The session of a phone waits for its restore (P4.1).
    pub struct SessionRestoring {
        /// Which phone.
        phone: PhoneId,
    }
    /// A phone is ready for a stream (P4.1).
    pub struct SessionPrepared {
        /// Which phone.
        phone: PhoneId,
    }
    /// A token was given out for a stream (P4.2).
    pub struct StreamAuthorised {
        /// Which phone.
        phone: PhoneId,
        /// For what it is meant.
        stream: StreamType,
        /// First instant at which it does not hold any more.
        until: SimTime,
    }
    /// Nobody used the token in time (P4.2).
    pub struct AuthorisationLapsed {
        /// Which phone.
        phone: PhoneId,
    }
    /// A phone streams (P4.1).
    pub struct StreamStarted {
        /// Which phone.
        phone: PhoneId,
        /// To which device, which controls.
        device: DeviceId,
    }
    /// One more device watches (P4.12).
    pub struct ViewerJoined {
        /// Which phone.
        phone: PhoneId,
        /// Which device.
        device: DeviceId,
    }
    /// A device does not watch any more (P4.12).
    pub struct ViewerLeft {
        /// Which phone.
        phone: PhoneId,
        /// Which device.
        device: DeviceId,
    }
    /// Another device controls (P4.12).
    pub struct ControlGiven {
        /// Which phone.
        phone: PhoneId,
        /// Which device.
        device: DeviceId,
    }
    /// A stream lost its connection (P4.6).
    pub struct StreamInterrupted {
        /// Which phone.
        phone: PhoneId,
        /// By what.
        cause: InterruptCause,
        /// Until when its client may come back.
        until: SimTime,
    }
    /// The client of a stream is back (P4.6).
    pub struct StreamResumed {
        /// Which phone.
        phone: PhoneId,
    }
    /// A stream is over; its session stays (P4.3).
    pub struct StreamStopped {
        /// Which phone.
        phone: PhoneId,
        /// Why.
        cause: SessionEnd,
    }
    /// A session is over (P4.3).
    pub struct SessionEnded {
        /// Which phone.
        phone: PhoneId,
        /// Why.
        cause: SessionEnd,
    }
}
