//! Organisations, departments and members, and the devices on which members are.

use crate::command::ClientKind;
use crate::name::{DepartmentId, DeviceId, MemberId, OrganisationId, PhoneId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Below which; the first is below none (P3.2).
    pub under: Option<DepartmentId>,
    /// A code of the customer's own.
    pub code: Option<String>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// In which organisation.
    pub organisation: OrganisationId,
    /// In which department.
    pub department: DepartmentId,
    /// With which it logs in.
    pub password: String,
    /// Whether it must be changed at the next login (P3.3).
    pub temporary: bool,
    /// Devices on which it has started the client before (P4.5).
    pub known: BTreeSet<DeviceId>,
    /// Browsers that are trusted (P4.5).
    pub trusted: BTreeSet<DeviceId>,
    /// Devices from which it consents to pasting (P4.11).
    pub consents: BTreeSet<DeviceId>,
}

/// A device on which a member is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Who.
    pub member: MemberId,
    /// With which client.
    pub client: ClientKind,
    /// The phone that it is in.
    pub phone: Option<PhoneId>,
}

/// Organisations, members and their devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisations {
    /// Departments by organisation.
    pub departments: BTreeMap<OrganisationId, BTreeMap<DepartmentId, Department>>,
    /// Members of all of them.
    pub members: BTreeMap<MemberId, Member>,
    /// Devices on which somebody is logged in.
    pub devices: BTreeMap<DeviceId, Device>,
}

impl Organisations {
    /// The device that is in a phone.
    pub fn inside(&self, phone: &PhoneId) -> Option<(&DeviceId, &Device)> {
        self.devices.iter().find(|(_, device)| device.phone.as_ref() == Some(phone))
    }
}
