//! Organisations, their members, and what these do with the client.

use crate::command::{ClientKind, Deed};
use crate::event::Answer;
use crate::name::{DepartmentId, DeviceId, MemberId, OrganisationId, PhoneId};
use serde::{Deserialize, Serialize};

/// Why a device is not in a phone any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveCause {
    /// The member left it, or logged out.
    Member,
    /// Another device pushed it out (P4.7).
    Preempted,
    /// The phone was taken from its member (P3.7).
    Unbound,
    /// The phone is frozen (R8.10).
    Frozen,
    /// The phone does not run any more.
    Stopped,
    /// The phone is gone.
    Gone,
}

impl LeaveCause {
    /// The word in logs and scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Preempted => "preempted",
            Self::Unbound => "unbound",
            Self::Frozen => "frozen",
            Self::Stopped => "stopped",
            Self::Gone => "gone",
        }
    }
}

payloads! {
    /// There is an organisation, with its first department (P3.1).
    pub struct OrganisationCreated {
        /// Which.
        organisation: OrganisationId,
        /// The department that came with it, which cannot be edited.
        department: DepartmentId,
    }
    /// A department was added (P3.2).
    pub struct DepartmentAdded {
        /// In which organisation.
        organisation: OrganisationId,
        /// Which.
        department: DepartmentId,
        /// Below which.
        under: DepartmentId,
        /// A code of the customer's own.
        code: Option<String>,
    }
    /// A department has another code (P3.2).
    pub struct DepartmentEdited {
        /// In which organisation.
        organisation: OrganisationId,
        /// Which.
        department: DepartmentId,
        /// Its code.
        code: Option<String>,
    }
    /// A department was deleted (P3.2).
    pub struct DepartmentRemoved {
        /// In which organisation.
        organisation: OrganisationId,
        /// Which.
        department: DepartmentId,
    }
    /// An organisation has a member, who must change the password at the first login (P3.3).
    pub struct MemberAdded {
        /// Who.
        member: MemberId,
        /// In which organisation.
        organisation: OrganisationId,
        /// In which department.
        department: DepartmentId,
        /// The password for the first login.
        password: String,
        /// Whether it was generated.
        generated: bool,
    }
    /// A member has another password (P3.3).
    pub struct MemberPasswordSet {
        /// Who.
        member: MemberId,
        /// The password.
        password: String,
        /// Whether it must be changed at the next login.
        temporary: bool,
    }
    /// A member is in no organisation any more.
    pub struct MemberRemoved {
        /// Who.
        member: MemberId,
    }
    /// A member is logged in (P4.5).
    pub struct LoggedIn {
        /// Who.
        member: MemberId,
        /// On which device.
        device: DeviceId,
        /// With which client.
        client: ClientKind,
        /// Whether a code was needed.
        with_code: bool,
        /// Whether the browser is trusted from now on.
        trusted: bool,
        /// How many phones are bound to the member.
        bound: u32,
    }
    /// A member is not logged in on a device any more.
    pub struct LoggedOut {
        /// Who.
        member: MemberId,
        /// On which device.
        device: DeviceId,
    }
    /// A member is in a phone.
    pub struct Entered {
        /// Which phone.
        phone: PhoneId,
        /// Who.
        member: MemberId,
        /// From which device.
        device: DeviceId,
    }
    /// A device is not in a phone any more.
    pub struct Left {
        /// Which phone.
        phone: PhoneId,
        /// Who was in it.
        member: MemberId,
        /// From which device.
        device: DeviceId,
        /// Why.
        cause: LeaveCause,
    }
    /// A member consented to pasting from a device, or not any more (P4.11).
    pub struct ConsentSet {
        /// Who.
        member: MemberId,
        /// On which device.
        device: DeviceId,
        /// Whether it is given.
        given: bool,
    }
    /// It was said whether a member may do something in a phone (P4.9).
    pub struct DeedAnswered {
        /// Which phone.
        phone: PhoneId,
        /// Who.
        member: MemberId,
        /// What.
        deed: Deed,
        /// Yes or no.
        answer: Answer,
        /// Why, in words.
        because: String,
    }
}
