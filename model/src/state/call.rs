//! Calls and short messages of the phones of an account through the devices that control them.

use crate::command::{AtDevice, MessageOutcome, Permit};
use crate::lifecycle::CallStatus;
use crate::name::{DeviceId, PhoneId};
use crate::tel::TelNumber;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a call stands, as far as its phone knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// The device has not said anything yet.
    Asked,
    /// The device calls somebody.
    Dialling,
    /// Somebody calls the device.
    Ringing,
    /// They speak.
    Active,
    /// They wait.
    Held,
    /// The link is broken (P4.15).
    Apart {
        /// How it stands at the device, which the phone does not know.
        is: AtDevice,
    },
}

/// A call of a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its number in the account.
    pub number: u32,
    /// The device that makes or takes it.
    pub device: DeviceId,
    /// The other's number, unless that is hidden.
    pub with: Option<TelNumber>,
    /// How it stands.
    pub state: CallState,
}

impl Call {
    /// Its place in the lifecycle.
    pub fn status(&self) -> CallStatus {
        match self.state {
            CallState::Asked => CallStatus::Asked,
            CallState::Dialling => CallStatus::Dialling,
            CallState::Ringing => CallStatus::Ringing,
            CallState::Active => CallStatus::Active,
            CallState::Held => CallStatus::Held,
            CallState::Apart { .. } => CallStatus::Apart,
        }
    }
    /// How it stands at its device; nothing as long as that has not said anything.
    pub fn at_device(&self) -> Option<AtDevice> {
        match self.state {
            CallState::Asked => None,
            CallState::Dialling => Some(AtDevice::Dialling),
            CallState::Ringing => Some(AtDevice::Ringing),
            CallState::Active => Some(AtDevice::Active),
            CallState::Held => Some(AtDevice::Held),
            CallState::Apart { is } => Some(is),
        }
    }
}

/// A short message that is under way between a phone and its device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// The device was asked to send it.
    Asked,
    /// The device knows what became of it, and the phone does not (P4.15).
    Answered(MessageOutcome),
    /// It came to the device, and the phone does not have it (P4.15).
    Kept {
        /// On which device it waits.
        device: DeviceId,
        /// From whom.
        number: TelNumber,
        /// What it says.
        text: String,
    },
}

/// Everything about calls and short messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telephony {
    /// What devices permit.
    pub permits: BTreeMap<DeviceId, BTreeSet<Permit>>,
    /// The call of each phone that has one.
    pub calls: BTreeMap<PhoneId, Call>,
    /// Short messages that are under way, by phone and number.
    pub messages: BTreeMap<PhoneId, BTreeMap<u32, Message>>,
    /// Calls and short messages that there were so far; the next one's number is one more.
    pub told: u32,
}

impl Telephony {
    /// Whether a device has a call, whichever phone that is for.
    pub fn is_calling(&self, device: &DeviceId) -> bool {
        let on = |call: &Call| call.device == *device;
        self.calls.values().any(|call| on(call) && !call.at_device().is_some_and(AtDevice::is_over))
    }
}
