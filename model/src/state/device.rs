//! What a phone is besides what it costs: where it runs, who froze it, what it is in the middle of and
//! where its data are.

use crate::lifecycle::{HoldStatus, PowerTrigger};
use crate::name::{RegionId, ZoneId};
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

/// Where a phone runs; as bought, for good (P1.5, P1.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The region.
    pub region: RegionId,
    /// The availability zone, where the buyer named one.
    pub zone: Option<ZoneId>,
}

/// The Android system of a phone (P1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum System {
    /// AOSP 11.
    #[serde(rename = "AOSP11")]
    Aosp11,
    /// AOSP 14.
    #[serde(rename = "AOSP14")]
    Aosp14,
}

impl System {
    /// Every system.
    pub const ALL: [Self; 2] = [Self::Aosp11, Self::Aosp14];

    /// Its name in the creation call.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aosp11 => "AOSP11",
            Self::Aosp14 => "AOSP14",
        }
    }
}

/// By which network a phone is reached (P1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Network {
    /// By an elastic address of its own.
    Eip,
    /// By the network that is called ADN.
    Adn,
}

impl Network {
    /// Every network.
    pub const ALL: [Self; 2] = [Self::Eip, Self::Adn];

    /// Its name in the creation call.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eip => "EIP",
            Self::Adn => "ADN",
        }
    }
}

/// System and network of a phone, as they were ordered and for good; what was not said is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Its system.
    pub system: Option<System>,
    /// Its network.
    pub network: Option<Network>,
}

/// Who froze a phone beside its charging; each must be lifted by itself (R8.8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holds {
    /// For a violation, until it is deleted at this instant.
    pub violation: Option<SimTime>,
    /// By public security, without an end.
    pub police: bool,
}

impl Holds {
    /// Whether anybody did.
    pub fn any(self) -> bool {
        self.status() != HoldStatus::Free
    }
    /// Their place in the lifecycle.
    pub fn status(self) -> HoldStatus {
        match (self.violation.is_some(), self.police) {
            (false, false) => HoldStatus::Free,
            (true, false) => HoldStatus::Violation,
            (false, true) => HoldStatus::Police,
            (true, true) => HoldStatus::Both,
        }
    }
}

/// Something that a phone is asked to do and that takes a while (P2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Powering on (P2.6).
    PowerOn,
    /// Powering off (P2.6).
    PowerOff,
    /// Restarting (P2.6).
    Restart,
    /// Initialising; its member keeps it (P3.6).
    Reset,
    /// Taking it from its member, which initialises it too (P3.5).
    Unbind,
    /// Writing its data to the object store (P4.4).
    BackUp,
    /// Bringing its data back to a slot (P4.1).
    Restore,
}

impl Operation {
    /// Every operation, in declaration order.
    pub const ALL: [Self; 7] = [
        Self::PowerOn,
        Self::PowerOff,
        Self::Restart,
        Self::Reset,
        Self::Unbind,
        Self::BackUp,
        Self::Restore,
    ];

    /// What it does to the power of the phone when it begins (P2.9).
    pub fn begins(self) -> PowerTrigger {
        match self {
            Self::PowerOn | Self::Restore => PowerTrigger::PowerOn,
            Self::PowerOff => PowerTrigger::PowerOff,
            Self::Restart => PowerTrigger::Restart,
            Self::Reset | Self::Unbind => PowerTrigger::Reset,
            Self::BackUp => PowerTrigger::BackUp,
        }
    }
    /// What it does to the power of the phone when it ends well.
    pub fn ends(self) -> PowerTrigger {
        match self {
            Self::BackUp => PowerTrigger::BackedUp,
            Self::PowerOn
            | Self::PowerOff
            | Self::Restart
            | Self::Reset
            | Self::Unbind
            | Self::Restore => PowerTrigger::Done,
        }
    }
    /// Its name in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::PowerOn => "power_on",
            Self::PowerOff => "power_off",
            Self::Restart => "restart",
            Self::Reset => "reset",
            Self::Unbind => "unbind",
            Self::BackUp => "back_up",
            Self::Restore => "restore",
        }
    }
}

/// What a phone is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What it is doing.
    pub operation: Operation,
    /// When that is done.
    pub until: SimTime,
}

/// Where the data of a phone are when it is in the middle of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Data {
    /// On its slot.
    Loaded,
    /// In the object store; it has no slot (P4.4).
    Stored,
    /// On its slot; the last backup failed.
    BackupFailed,
    /// In the object store; the last restore failed.
    RestoreFailed,
}
