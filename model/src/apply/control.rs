//! What becomes of switches, lists and apps in phones.

use super::missing;
use crate::decision::Fault;
use crate::event::Event;
use crate::name::PhoneId;
use crate::state::{Account, AppList, AppTask, Controls, Operation};

/// Whether an event is about them.
pub(super) const fn is_theirs(event: &Event) -> bool {
    matches!(
        event,
        Event::ControlSet(_)
            | Event::AppListSet(_)
            | Event::AppListEnabled(_)
            | Event::AppListAttached(_)
            | Event::AppListRemoved(_)
            | Event::AppUploaded(_)
            | Event::AppTaskStarted(_)
            | Event::AppInstalled(_)
            | Event::AppUninstalled(_)
            | Event::AppTaskDone(_)
    )
}

/// Switches, lists, apps and tasks.
pub(super) fn apply_to_controls(account: &mut Account, event: &Event) -> Result<(), Fault> {
    match event {
        Event::ControlSet(e) => {
            let controls = controls(account, &e.phone, event)?;
            if e.on {
                controls.on.insert(e.control);
            } else {
                controls.on.remove(&e.control);
            }
        }
        Event::AppListAttached(e) => {
            let controls = controls(account, &e.phone, event)?;
            if e.on {
                controls.lists.insert(e.list.clone());
            } else {
                controls.lists.remove(&e.list);
            }
        }
        Event::AppInstalled(e) => {
            controls(account, &e.phone, event)?.apps.insert(e.app.clone(), e.version);
        }
        Event::AppUninstalled(e) => {
            controls(account, &e.phone, event)?.apps.remove(&e.app);
        }
        Event::AppListRemoved(e) => {
            account.library.get_or_insert_default().lists.remove(&e.list);
            for phone in account.phones.values_mut() {
                if let Some(controls) = &mut phone.details.controls {
                    controls.lists.remove(&e.list);
                }
            }
        }
        _ => return apply_to_library(account, event),
    }
    Ok(())
}

fn apply_to_library(account: &mut Account, event: &Event) -> Result<(), Fault> {
    let library = account.library.get_or_insert_default();
    match event {
        Event::AppListSet(e) => {
            let enabled = library.lists.get(&e.list).is_none_or(|list| list.enabled);
            let list = AppList { kind: e.kind, apps: e.apps.iter().cloned().collect(), enabled };
            library.lists.insert(e.list.clone(), list);
        }
        Event::AppListEnabled(e) => {
            let list = library.lists.get_mut(&e.list);
            list.ok_or_else(|| missing(event, "list of apps", &e.list))?.enabled = e.on;
        }
        Event::AppUploaded(e) => {
            library.apps.insert(e.app.clone(), e.version);
        }
        Event::AppTaskStarted(e) => {
            let (kind, app, version) = (e.kind, e.app.clone(), e.version);
            let task = AppTask { kind, app, version, phones: e.phones.clone() };
            library.tasks.insert(e.task, task);
            library.tasks_begun = library.tasks_begun.max(e.task);
        }
        Event::AppTaskDone(e) => {
            library.tasks.remove(&e.task);
        }
        _ => return Err(missing(event, "library of", &event.kind())),
    }
    Ok(())
}

fn controls<'a>(
    account: &'a mut Account,
    id: &PhoneId,
    event: &Event,
) -> Result<&'a mut Controls, Fault> {
    let phone = account.phones.get_mut(id).ok_or_else(|| missing(event, "phone", id))?;
    Ok(phone.details.controls.get_or_insert_default())
}

/// P3.5, P3.6: what initialises a phone takes the apps that were installed in it; controls stay.
pub(super) fn wipe(account: &mut Account, phone: &PhoneId, operation: Operation) {
    let wiped = matches!(operation, Operation::Reset | Operation::Unbind);
    let phone = account.phones.get_mut(phone).filter(|_| wiped);
    if let Some(controls) = phone.and_then(|phone| phone.details.controls.as_mut()) {
        controls.apps.clear();
    }
}
