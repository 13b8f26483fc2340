//! Calls and short messages through the real phone: what crosses between the cloud phone and its device,
//! and what does not.

use crate::command::{AtDevice, MessageOutcome, Permit};
use crate::name::{DeviceId, PhoneId};
use crate::tel::TelNumber;
use serde::{Deserialize, Serialize};

/// Who changed a call: what it wanted crosses to the other (P4.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Somebody in the phone, through a request to the device.
    Phone,
    /// The device, or whoever speaks with it, as the device reports.
    Device,
}

impl Side {
    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Device => "device",
        }
    }
}

/// Why a phone has a call no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    /// The phone ended it or did not take it (P4.13).
    HungUp,
    /// It ended at the device (P4.13).
    Ended,
    /// The device could not make it (P4.13).
    Failed,
    /// The link broke (P4.15).
    LinkBroken,
    /// The stream is over or another device controls; it goes on at the device (P4.15).
    LeftToDevice,
}

impl CallEnd {
    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HungUp => "hung_up",
            Self::Ended => "ended",
            Self::Failed => "failed",
            Self::LinkBroken => "link_broken",
            Self::LeftToDevice => "left_to_device",
        }
    }
}

payloads! {
    /// A device permits the use of its calls or short messages, or does so no more (P4.13, P4.14).
    pub struct PermitSet {
        /// Which device.
        device: DeviceId,
        /// What.
        what: Permit,
        /// Whether it may be used.
        given: bool,
    }
    /// A phone asks its device to call somebody (P4.13).
    pub struct CallAsked {
        /// Which phone.
        phone: PhoneId,
        /// Its device.
        device: DeviceId,
        /// The number of the call.
        call: u32,
        /// Whom.
        number: TelNumber,
    }
    /// The device of a phone calls somebody (P4.13).
    pub struct CallDialling {
        /// Which phone.
        phone: PhoneId,
        /// Which call.
        call: u32,
    }
    /// Somebody calls the device of a phone (P4.13).
    pub struct CallRinging {
        /// Which phone.
        phone: PhoneId,
        /// Its device.
        device: DeviceId,
        /// The number of the call.
        call: u32,
        /// Who; nothing where the number is hidden.
        number: Option<TelNumber>,
    }
    /// They speak (P4.13).
    pub struct CallActive {
        /// Which phone.
        phone: PhoneId,
        /// Which call.
        call: u32,
        /// Who wanted it so.
        by: Side,
    }
    /// They wait (P4.13).
    pub struct CallHeld {
        /// Which phone.
        phone: PhoneId,
        /// Which call.
        call: u32,
        /// Who wanted it so.
        by: Side,
    }
    /// The link broke under a call, which goes on at its device (P4.15).
    pub struct CallParted {
        /// Which phone.
        phone: PhoneId,
        /// Which call.
        call: u32,
    }
    /// A call changed at its device while the link was broken; the phone does not know (P4.15).
    pub struct CallWentOn {
        /// Which phone.
        phone: PhoneId,
        /// Which call.
        call: u32,
        /// How it stands at the device.
        is: AtDevice,
    }
    /// A phone has a call no more (P4.13, P4.15).
    pub struct CallEnded {
        /// Which phone.
        phone: PhoneId,
        /// Which call.
        call: u32,
        /// Why.
        cause: CallEnd,
    }
    /// A phone asks its device to send a short message (P4.14).
    pub struct MessageAsked {
        /// Which phone.
        phone: PhoneId,
        /// Its device.
        device: DeviceId,
        /// The number of the message.
        message: u32,
        /// To whom.
        number: TelNumber,
        /// What it says.
        text: String,
    }
    /// A phone learns what became of a short message (P4.14).
    pub struct MessageAnswered {
        /// Which phone.
        phone: PhoneId,
        /// Which message.
        message: u32,
        /// What became of it.
        outcome: MessageOutcome,
    }
    /// A short message that came to a device is handed to its phone (P4.14).
    pub struct MessageReceived {
        /// Which phone.
        phone: PhoneId,
        /// Its device.
        device: DeviceId,
        /// The number of the message.
        message: u32,
        /// From whom.
        number: TelNumber,
        /// What it says.
        text: String,
    }
    /// A short message came to a device while the link was broken, and waits there (P4.15).
    pub struct MessageKept {
        /// For which phone.
        phone: PhoneId,
        /// On which device.
        device: DeviceId,
        /// The number of the message.
        message: u32,
        /// From whom.
        number: TelNumber,
        /// What it says.
        text: String,
    }
    /// What became of a short message waits on the device, because the link is broken (P4.15).
    pub struct AnswerKept {
        /// For which phone.
        phone: PhoneId,
        /// Which message.
        message: u32,
        /// What became of it.
        outcome: MessageOutcome,
    }
    /// Short messages that were under way do not cross any more (P4.15).
    pub struct MessagesLost {
        /// Which phone.
        phone: PhoneId,
        /// Which messages, in their order.
        messages: Vec<u32>,
    }
}
