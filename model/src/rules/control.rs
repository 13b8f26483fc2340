//! Security control, lists of apps, and the library with its tasks (P4.9, P4.10).

use crate::command::{Control, ControlOp, ListKind, TaskKind};
use crate::decision::{Decision, Denial, Fault, Read, Reason, TimerKey, Window};
use crate::event::{
    AppInstalled, AppListAttached, AppListEnabled, AppListRemoved, AppListSet, AppTaskDone,
    AppTaskStarted, AppUninstalled, AppUploaded, ControlSet, RefusedFor,
};
use crate::name::{AppId, AppListId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::access::{Wanted, barred};
use crate::rules::client::app_barred;
use crate::rules::several::{Limit, distinct, each};
use crate::rules::{Case, living, p};
use crate::state::{AppTask, Library, Phone};
use std::collections::BTreeSet;

const READ_CONTROL: &[Read] =
    &[Read { rule: p(4, 9), name: "enterprise_only" }, Read { rule: p(4, 10), name: "task_time" }];
const CONTROL: &[RuleId] = by![p(4, 9)];
const TASK: &[RuleId] = by![p(4, 10)];
/// Most phones of one call.
const PHONES_MAX: usize = 5_000;
const LIMIT: Limit = Limit { most: PHONES_MAX, by: CONTROL };
/// The only kind of file that a phone can install (P4.10).
const PACKAGE: &str = "apk";

fn refuse(denial: Denial, rules: &'static [RuleId]) -> Decision {
    Decision { read: READ_CONTROL, ..Decision::refuse(Reason::Access(denial), rules) }
}

fn happens(rules: &'static [RuleId], event: impl Into<crate::event::Event>) -> Decision {
    let mut decision = Decision { read: READ_CONTROL, ..Decision::default() };
    decision.happen(rules, event);
    decision
}

/// The answer to one of these requests.
pub(super) fn decide(case: &Case<'_>, op: &ControlOp) -> Result<Decision, Fault> {
    let nothing = Library::default();
    let library = case.account.library.as_deref().unwrap_or(&nothing);
    match op {
        ControlOp::Set { phones, control, on } => {
            each(case, phones, &LIMIT, |case, phone| Ok(set(case, phone, *control, *on)))
        }
        ControlOp::SetList { list, kind, apps } => Ok(set_list(library, list, *kind, apps)),
        ControlOp::EnableList { list, on } => Ok(enable(library, list, *on)),
        ControlOp::AttachList { list, phones, on } if library.lists.contains_key(list) => {
            each(case, phones, &LIMIT, |case, phone| Ok(attach(case, phone, list, *on)))
        }
        ControlOp::AttachList { list, .. } => {
            Ok(refuse(Denial::UnknownAppList(list.clone()), CONTROL))
        }
        ControlOp::RemoveLists { lists } => Ok(remove(library, lists)),
        ControlOp::Upload { app, version, file } => Ok(upload(library, app, *version, file)),
        ControlOp::Distribute { app, phones, kind } => {
            Ok(distribute(case, library, app, phones, *kind))
        }
    }
}

/// P4.9: a phone that security control reaches: it is there, usable, and of the edition that has it.
fn controlled<'a>(case: &Case<'a>, id: &PhoneId) -> Result<&'a Phone, (Reason, &'static [RuleId])> {
    let Some(phone) = living(case, id) else {
        return Err((Reason::UnknownPhone(id.clone()), CONTROL));
    };
    if let Some(barrier) = barred(case.params, id, phone, Wanted::Control) {
        return Err(barrier);
    }
    let enterprise = case.rules.catalogue().is_enterprise(&phone.details.size);
    if case.params.using.control_enterprise_only && !enterprise {
        return Err((Reason::Access(Denial::NotInEdition), by![p(4, 9), p(1, 4)]));
    }
    Ok(phone)
}

fn set(case: &Case<'_>, id: &PhoneId, control: Control, on: bool) -> Decision {
    let phone = match controlled(case, id) {
        Ok(phone) => phone,
        Err((reason, rules)) => return Decision::refuse(reason, rules),
    };
    let before =
        phone.details.controls.as_ref().is_some_and(|controls| controls.on.contains(&control));
    if before == on {
        return refuse(Denial::NothingToChange, CONTROL);
    }
    happens(CONTROL, ControlSet { phone: id.clone(), control, on })
}

fn set_list(library: &Library, list: &AppListId, kind: ListKind, apps: &[AppId]) -> Decision {
    let on_it: BTreeSet<AppId> = apps.iter().cloned().collect();
    let same = library.lists.get(list).is_some_and(|of| of.kind == kind && of.apps == on_it);
    if same {
        return refuse(Denial::NothingToChange, CONTROL);
    }
    let apps = on_it.into_iter().collect();
    happens(CONTROL, AppListSet { list: list.clone(), kind, apps })
}

fn enable(library: &Library, list: &AppListId, on: bool) -> Decision {
    match library.lists.get(list) {
        None => refuse(Denial::UnknownAppList(list.clone()), CONTROL),
        Some(known) if known.enabled == on => refuse(Denial::NothingToChange, CONTROL),
        Some(_) => happens(CONTROL, AppListEnabled { list: list.clone(), on }),
    }
}

fn attach(case: &Case<'_>, id: &PhoneId, list: &AppListId, on: bool) -> Decision {
    let phone = match controlled(case, id) {
        Ok(phone) => phone,
        Err((reason, rules)) => return Decision::refuse(reason, rules),
    };
    let before =
        phone.details.controls.as_ref().is_some_and(|controls| controls.lists.contains(list));
    if before == on {
        return refuse(Denial::NothingToChange, CONTROL);
    }
    happens(CONTROL, AppListAttached { phone: id.clone(), list: list.clone(), on })
}

fn remove(library: &Library, lists: &[AppListId]) -> Decision {
    if let Some(list) = lists.iter().find(|list| !library.lists.contains_key(*list)) {
        return refuse(Denial::UnknownAppList(list.clone()), CONTROL);
    }
    let mut decision = Decision { read: READ_CONTROL, ..Decision::default() };
    for list in lists.iter().collect::<BTreeSet<_>>() {
        decision.happen(CONTROL, AppListRemoved { list: list.clone() });
    }
    decision
}

/// P4.10: the library takes Android packages, and of each the newest version.
fn upload(library: &Library, app: &AppId, version: u32, file: &str) -> Decision {
    if file != PACKAGE {
        return refuse(Denial::NotAPackage(file.to_owned()), TASK);
    }
    if library.apps.get(app).is_some_and(|newest| *newest >= version) {
        return refuse(Denial::VersionNotNewer, TASK);
    }
    happens(TASK, AppUploaded { app: app.clone(), version })
}

/// P4.10: one task for all phones that can; the others are told one by one.
fn distribute(
    case: &Case<'_>,
    library: &Library,
    app: &AppId,
    phones: &[PhoneId],
    kind: TaskKind,
) -> Decision {
    if !distinct(phones) || phones.len() > PHONES_MAX {
        return Decision::refuse(Reason::PhonesNotDistinct, TASK);
    }
    let Some(version) = library.apps.get(app).copied() else {
        return refuse(Denial::UnknownApp(app.clone()), TASK);
    };
    let mut refusals = Vec::new();
    let mut taken = Vec::new();
    for phone in phones {
        match task_barred(case, phone, app, version, kind) {
            Some((reason, rules)) => refusals.push((reason, rules, phone.clone())),
            None => taken.push(phone.clone()),
        }
    }
    if taken.is_empty() {
        let first = refusals.into_iter().min_by(|(a, ..), (b, ..)| a.cmp(b));
        return first.map_or_else(Decision::default, |(reason, rules, _)| Decision {
            read: READ_CONTROL,
            ..Decision::refuse(reason, rules)
        });
    }
    let mut decision = Decision { read: READ_CONTROL, ..Decision::default() };
    for (reason, rules, phone) in refusals {
        decision.happen(rules, RefusedFor { phone, reason });
    }
    let task = library.tasks_begun.saturating_add(1);
    let until = case.now + case.params.using.task_time;
    let (app, phones) = (app.clone(), taken);
    decision.happen(TASK, AppTaskStarted { task, kind, app, version, phones, until });
    decision.schedule(TimerKey::AppTask(task), Window::exactly(until));
    decision
}

/// Why a phone has no part in a task, if it has none.
fn task_barred(
    case: &Case<'_>,
    id: &PhoneId,
    app: &AppId,
    version: u32,
    kind: TaskKind,
) -> Option<(Reason, &'static [RuleId])> {
    let Some(phone) = living(case, id) else {
        return Some((Reason::UnknownPhone(id.clone()), TASK));
    };
    if let Some(barrier) = barred(case.params, id, phone, Wanted::Control) {
        return Some(barrier);
    }
    let installed =
        phone.details.controls.as_ref().and_then(|controls| controls.apps.get(app).copied());
    let nothing = || Some((Reason::Access(Denial::NothingToChange), TASK));
    match kind {
        TaskKind::Install if installed == Some(version) => nothing(),
        TaskKind::Install => app_barred(case, phone, app),
        TaskKind::Uninstall if installed.is_none() => nothing(),
        TaskKind::Uninstall => None,
    }
}

/// P4.10: a task is over. What has come in between keeps a phone from it.
pub(super) fn finish(case: &Case<'_>, number: u32) -> Decision {
    let mut decision = Decision { read: READ_CONTROL, ..Decision::default() };
    let library = case.account.library.as_deref();
    let Some(task) = library.and_then(|library| library.tasks.get(&number)) else {
        return decision;
    };
    let AppTask { kind, app, version, phones } = task;
    let (mut done, mut failed) = (0_u32, 0_u32);
    for phone in phones {
        if let Some((reason, rules)) = task_barred(case, phone, app, *version, *kind) {
            failed = failed.saturating_add(1);
            decision.happen(rules, RefusedFor { phone: phone.clone(), reason });
            continue;
        }
        done = done.saturating_add(1);
        let (phone, app) = (phone.clone(), app.clone());
        match kind {
            TaskKind::Install => {
                let controls =
                    living(case, &phone).and_then(|phone| phone.details.controls.as_ref());
                let before = controls.and_then(|controls| controls.apps.get(&app).copied());
                let version = *version;
                decision.happen(TASK, AppInstalled { phone, app, version, before });
            }
            TaskKind::Uninstall => decision.happen(TASK, AppUninstalled { phone, app }),
        }
    }
    decision.happen(TASK, AppTaskDone { task: number, done, failed });
    decision
}
