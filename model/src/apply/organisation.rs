//! What becomes of organisations, their members, and the devices on which these are.

use super::missing;
use crate::decision::Fault;
use crate::event::{Event, LoggedIn};
use crate::name::{DeviceId, MemberId, OrganisationId};
use crate::state::{Account, Department, Device, Member, Organisations};
use std::collections::{BTreeMap, BTreeSet};

/// Whether an event is about them.
pub(super) const fn is_theirs(event: &Event) -> bool {
    matches!(
        event,
        Event::OrganisationCreated(_)
            | Event::DepartmentAdded(_)
            | Event::DepartmentEdited(_)
            | Event::DepartmentRemoved(_)
            | Event::MemberAdded(_)
            | Event::MemberPasswordSet(_)
            | Event::MemberRemoved(_)
            | Event::LoggedIn(_)
            | Event::LoggedOut(_)
            | Event::Entered(_)
            | Event::Left(_)
            | Event::ConsentSet(_)
    )
}

/// Organisations, departments, members and devices.
pub(super) fn apply_to_all(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let all = account.organisations.get_or_insert_default();
    match event {
        Event::OrganisationCreated(e) => {
            let first = Department { under: None, code: None };
            let departments = BTreeMap::from([(e.department.clone(), first)]);
            all.departments.insert(e.organisation.clone(), departments);
        }
        Event::DepartmentAdded(e) => {
            let department = Department { under: Some(e.under.clone()), code: e.code.clone() };
            departments(all, &e.organisation, event)?.insert(e.department.clone(), department);
        }
        Event::DepartmentEdited(e) => {
            let department = departments(all, &e.organisation, event)?.get_mut(&e.department);
            let department = department.ok_or_else(|| missing(event, "department", &e.department));
            department?.code.clone_from(&e.code);
        }
        Event::DepartmentRemoved(e) => {
            departments(all, &e.organisation, event)?.remove(&e.department);
        }
        Event::MemberAdded(e) => {
            let member = Member {
                organisation: e.organisation.clone(),
                department: e.department.clone(),
                password: e.password.clone(),
                temporary: true,
                known: BTreeSet::new(),
                trusted: BTreeSet::new(),
                consents: BTreeSet::new(),
            };
            all.members.insert(e.member.clone(), member);
        }
        Event::MemberPasswordSet(e) => {
            let member = member(all, &e.member, event)?;
            member.password.clone_from(&e.password);
            member.temporary = e.temporary;
        }
        Event::MemberRemoved(e) => {
            all.members.remove(&e.member);
            all.devices.retain(|_, device| device.member != e.member);
        }
        Event::LoggedIn(e) => log_in(all, e, event)?,
        Event::LoggedOut(e) => {
            all.devices.remove(&e.device);
        }
        Event::Entered(e) => device(all, &e.device, event)?.phone = Some(e.phone.clone()),
        Event::Left(e) => device(all, &e.device, event)?.phone = None,
        Event::ConsentSet(e) => {
            let member = member(all, &e.member, event)?;
            if e.given {
                member.consents.insert(e.device.clone());
            } else {
                member.consents.remove(&e.device);
            }
        }
        _ => return Err(missing(event, "organisation of", &event.kind())),
    }
    Ok(())
}

type Departments = BTreeMap<crate::name::DepartmentId, Department>;

fn departments<'a>(
    all: &'a mut Organisations,
    id: &OrganisationId,
    event: &Event,
) -> Result<&'a mut Departments, Fault> {
    all.departments.get_mut(id).ok_or_else(|| missing(event, "organisation", id))
}

fn member<'a>(
    all: &'a mut Organisations,
    id: &MemberId,
    event: &Event,
) -> Result<&'a mut Member, Fault> {
    all.members.get_mut(id).ok_or_else(|| missing(event, "member", id))
}

fn device<'a>(
    all: &'a mut Organisations,
    id: &DeviceId,
    event: &Event,
) -> Result<&'a mut Device, Fault> {
    all.devices.get_mut(id).ok_or_else(|| missing(event, "device", id))
}

fn log_in(all: &mut Organisations, e: &LoggedIn, event: &Event) -> Result<(), Fault> {
    let member = member(all, &e.member, event)?;
    member.known.insert(e.device.clone());
    if e.trusted {
        member.trusted.insert(e.device.clone());
    }
    let (member, client, phone) = (e.member.clone(), e.client, None);
    all.devices.insert(e.device.clone(), Device { member, client, phone });
    Ok(())
}
