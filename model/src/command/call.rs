//! Requests about calls and short messages through the real phone, and what befalls those.

use crate::name::{DeviceId, PhoneId};
use crate::tel::TelNumber;
use serde::{Deserialize, Serialize};

/// What a device may permit the phone to use (P4.13, P4.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permit {
    /// Its calls.
    Calls,
    /// Its short messages.
    Messages,
}

impl Permit {
    /// Its name in scenarios and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Messages => "messages",
        }
    }
}

/// What somebody in the phone wants of its call; the request crosses to the device (P4.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAction {
    /// To take it.
    Answer,
    /// To end it, or not to take it.
    HangUp,
    /// To let the other wait.
    Hold,
    /// To go on with it.
    Resume,
}

/// How a call stands at its device (P4.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtDevice {
    /// It calls somebody.
    Dialling,
    /// Somebody calls it.
    Ringing,
    /// They speak.
    Active,
    /// They wait.
    Held,
    /// It is over.
    Ended,
    /// It could not be made.
    Failed,
}

impl AtDevice {
    /// Its name in scenarios and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dialling => "dialling",
            Self::Ringing => "ringing",
            Self::Active => "active",
            Self::Held => "held",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }
    /// Whether a call that stands so may come to stand like `next` (P4.13).
    pub const fn may_become(self, next: Self) -> bool {
        match next {
            Self::Dialling | Self::Ringing => false,
            Self::Active => matches!(self, Self::Dialling | Self::Ringing | Self::Held),
            Self::Held => matches!(self, Self::Active),
            Self::Failed => matches!(self, Self::Dialling),
            Self::Ended => !self.is_over(),
        }
    }
    /// Whether there is no call any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Failed)
    }
}

/// What became of a short message that the device was asked to send (P4.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageOutcome {
    /// The network took it.
    Sent,
    /// The network refused it.
    Failed,
}

impl MessageOutcome {
    /// Its name in scenarios and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// What can be asked about the calls and short messages of a phone, and what can befall them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOp {
    /// Whoever holds a device permits the use of its calls or short messages, or does so no more.
    Permit {
        /// The device.
        device: DeviceId,
        /// What.
        what: Permit,
        /// Whether they may be used.
        given: bool,
    },
    /// Somebody at a device wants the phone to call somebody (P4.13).
    Dial {
        /// The phone.
        phone: PhoneId,
        /// The device.
        device: DeviceId,
        /// Whom.
        number: TelNumber,
    },
    /// Somebody at a device wants something of the call of a phone (P4.13).
    Act {
        /// The phone.
        phone: PhoneId,
        /// The device.
        device: DeviceId,
        /// What.
        action: CallAction,
    },
    /// Of the world: somebody calls a device (P4.13).
    Ring {
        /// The phone that it may be handed to.
        phone: PhoneId,
        /// The device.
        device: DeviceId,
        /// Who; nothing where the number is hidden.
        number: Option<TelNumber>,
    },
    /// Of the world: the call of a phone stands otherwise at its device (P4.13).
    Report {
        /// The phone.
        phone: PhoneId,
        /// How.
        is: AtDevice,
    },
    /// Somebody at a device writes a short message in the phone (P4.14).
    Send {
        /// The phone.
        phone: PhoneId,
        /// The device.
        device: DeviceId,
        /// To whom.
        number: TelNumber,
        /// What it says.
        text: String,
    },
    /// Of the world: the device knows what became of a short message (P4.14).
    Result {
        /// The phone.
        phone: PhoneId,
        /// Which message.
        message: u32,
        /// What.
        outcome: MessageOutcome,
    },
    /// Of the world: a short message comes to a device (P4.14).
    Receive {
        /// The phone that it may be handed to.
        phone: PhoneId,
        /// The device.
        device: DeviceId,
        /// From whom.
        number: TelNumber,
        /// What it says.
        text: String,
    },
}
