//! Requests about streaming sessions, and what befalls their connection.

use crate::name::{DeviceId, MemberId, PhoneId};
use serde::{Deserialize, Serialize};

/// For what a stream is meant (P4.2 `stream_types`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamType {
    /// The kit for Android.
    Sdk,
    /// A page in a browser.
    H5,
}

impl StreamType {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Sdk, Self::H5];

    /// Its name in scenarios and in the rulebook.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sdk => "sdk",
            Self::H5 => "h5",
        }
    }
}

/// What can be asked about the streaming session of a phone, and what can befall it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionOp {
    /// Prepares phones for a session each (P4.1).
    Prepare {
        /// The phones.
        phones: Vec<PhoneId>,
        /// For whom, where that is said: they must be bound to it.
        member: Option<MemberId>,
    },
    /// Asks for the token of a stream (P4.2).
    Authorise {
        /// The phone.
        phone: PhoneId,
        /// For what the stream is meant.
        stream: StreamType,
    },
    /// A device begins a stream with the token (P4.1).
    Start {
        /// The phone.
        phone: PhoneId,
        /// The device, which controls.
        device: DeviceId,
    },
    /// One more device watches the stream (P4.12).
    Join {
        /// The phone.
        phone: PhoneId,
        /// The device.
        device: DeviceId,
    },
    /// A device does not watch any more (P4.12).
    Part {
        /// The phone.
        phone: PhoneId,
        /// The device.
        device: DeviceId,
    },
    /// Lets a device that watches control from now on (P4.12).
    GiveControl {
        /// The phone.
        phone: PhoneId,
        /// The device.
        device: DeviceId,
    },
    /// Stops a stream (P4.3).
    Stop {
        /// The phone.
        phone: PhoneId,
    },
    /// Ends sessions, and their streams with them (P4.3).
    Release {
        /// The phones.
        phones: Vec<PhoneId>,
    },
    /// The network between phone and client is gone (P4.6).
    LoseConnection {
        /// The phone.
        phone: PhoneId,
    },
    /// The client reaches the phone again (P4.6).
    Reconnect {
        /// The phone.
        phone: PhoneId,
    },
}
