//! Organisations and their members, and what members do with the client.

use crate::name::{AppId, DepartmentId, DeviceId, MemberId, OrganisationId, PhoneId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What changes organisations and members (P3.1 to P3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationOp {
    /// Makes an organisation, with its first department (P3.1).
    Create {
        /// Its name.
        organisation: OrganisationId,
    },
    /// Adds a department below another (P3.2).
    AddDepartment {
        /// In which organisation.
        organisation: OrganisationId,
        /// Its name.
        department: DepartmentId,
        /// Below which; without one, below the first.
        under: Option<DepartmentId>,
        /// A code of the customer's own.
        code: Option<String>,
    },
    /// Gives a department another code (P3.2).
    EditDepartment {
        /// In which organisation.
        organisation: OrganisationId,
        /// Which.
        department: DepartmentId,
        /// Its code from now on.
        code: Option<String>,
    },
    /// Deletes a department (P3.2).
    RemoveDepartment {
        /// In which organisation.
        organisation: OrganisationId,
        /// Which.
        department: DepartmentId,
    },
    /// Adds a member with a password for the first login (P3.3).
    AddMember {
        /// Its name.
        member: MemberId,
        /// In which organisation.
        organisation: OrganisationId,
        /// In which department; without one, in the first.
        department: Option<DepartmentId>,
        /// The password as it was typed; without one it is generated.
        password: Option<String>,
    },
    /// Gives a member a new password for the next login (P3.3).
    SetPassword {
        /// Which member.
        member: MemberId,
        /// The password as it was typed; without one it is generated.
        password: Option<String>,
    },
    /// Takes a member out of its organisation.
    RemoveMember {
        /// Which.
        member: MemberId,
    },
}

/// Where the client runs (P4.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// The application for Android.
    Android,
    /// An application for iOS, which there is not.
    Ios,
    /// A page in a browser, on whatever device.
    Browser,
}

impl ClientKind {
    /// The word in logs and scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
            Self::Browser => "browser",
        }
    }
}

impl fmt::Display for ClientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a member wants to do in a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// To take a screenshot of the picture (P4.9).
    Screenshot,
    /// To look at the picture, which may show the id of the phone (P4.9).
    Watch,
    /// To paste from the device (P4.11).
    Paste,
    /// To call somebody or write a text message by the number of the phone (P4.8).
    Call,
    /// To install an app from the store of the phone (P4.9).
    Install(AppId),
    /// To remove one.
    Uninstall(AppId),
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Screenshot => f.pad("screenshot"),
            Self::Watch => f.pad("watch"),
            Self::Paste => f.pad("paste"),
            Self::Call => f.pad("call"),
            Self::Install(app) => write!(f, "install {app}"),
            Self::Uninstall(app) => write!(f, "uninstall {app}"),
        }
    }
}

/// What a member gives to log in (P4.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Who.
    pub member: MemberId,
    /// On which device.
    pub device: DeviceId,
    /// With which client.
    pub client: ClientKind,
    /// The major and minor version of the device's system, where it is Android.
    pub version: Option<(u32, u32)>,
    /// The password; without one, the right one.
    pub password: Option<String>,
    /// Whether the code that was sent is given.
    pub code: bool,
    /// Whether the browser is to be trusted from now on.
    pub trust: bool,
    /// Whether the agreements are accepted, which are shown at the first start.
    pub accepts: bool,
    /// What the password is to be from now on.
    pub new_password: Option<String>,
}

/// What members do with the client (P4.5, P4.7 to P4.9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientOp {
    /// Logs in.
    LogIn(Login),
    /// Logs out.
    LogOut {
        /// On which device.
        device: DeviceId,
    },
    /// Enters a phone.
    Enter {
        /// From which device.
        device: DeviceId,
        /// Which phone; without one, the only one there is.
        phone: Option<PhoneId>,
    },
    /// Leaves the phone that the device is in.
    Leave {
        /// Which device.
        device: DeviceId,
    },
    /// Consents to pasting from the device, or not any more (P4.11).
    Consent {
        /// Which device.
        device: DeviceId,
        /// Whether it does.
        given: bool,
    },
    /// Tries to do something in the phone.
    Try {
        /// From which device.
        device: DeviceId,
        /// What.
        deed: Deed,
    },
}
