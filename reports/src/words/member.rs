//! Organisations, members, their clients, and what is controlled in phones, in words.

use super::{list, wall};
use koosim_model::command::{ClientOp, ControlOp, ListKind, OrganisationOp, TaskKind};
use koosim_model::event::{AppTaskStarted, DeedAnswered, Event, LoggedIn};

/// What a request about organisations asks for.
pub(super) fn organisation(op: &OrganisationOp) -> String {
    match op {
        OrganisationOp::Create { organisation } => format!("create organisation {organisation}"),
        OrganisationOp::AddDepartment { organisation, department, .. } => {
            format!("add department {department} to {organisation}")
        }
        OrganisationOp::EditDepartment { organisation, department, .. } => {
            format!("edit department {department} of {organisation}")
        }
        OrganisationOp::RemoveDepartment { organisation, department } => {
            format!("delete department {department} of {organisation}")
        }
        OrganisationOp::AddMember { member, organisation, .. } => {
            format!("add member {member} to {organisation}")
        }
        OrganisationOp::SetPassword { member, .. } => format!("set the password of {member}"),
        OrganisationOp::RemoveMember { member } => format!("remove member {member}"),
    }
}

/// What a member asks of the client.
pub(super) fn client(op: &ClientOp) -> String {
    match op {
        ClientOp::LogIn(login) => {
            format!("log {} in on {} ({})", login.member, login.device, login.client)
        }
        ClientOp::LogOut { device } => format!("log out on {device}"),
        ClientOp::Enter { device, phone: Some(phone) } => format!("enter {phone} from {device}"),
        ClientOp::Enter { device, phone: None } => format!("enter the phone from {device}"),
        ClientOp::Leave { device } => format!("leave the phone on {device}"),
        ClientOp::Consent { device, given: true } => format!("consent to pasting from {device}"),
        ClientOp::Consent { device, given: false } => format!("no more pasting from {device}"),
        ClientOp::Try { device, deed } => format!("{deed} from {device}"),
    }
}

/// What is to be controlled.
pub(super) fn control(op: &ControlOp) -> String {
    match op {
        ControlOp::Set { phones, control, on } => {
            format!("switch {control} of {} {}", list(phones), switch(*on))
        }
        ControlOp::SetList { list: name, kind, apps } => {
            format!("{} list {name}: {}", colour(*kind), list(apps))
        }
        ControlOp::EnableList { list, on } => format!("switch list {list} {}", switch(*on)),
        ControlOp::AttachList { list: name, phones, on: true } => {
            format!("attach list {name} to {}", list(phones))
        }
        ControlOp::AttachList { list: name, phones, on: false } => {
            format!("take list {name} off {}", list(phones))
        }
        ControlOp::RemoveLists { lists } => format!("delete lists {}", list(lists)),
        ControlOp::Upload { app, version, .. } => format!("upload {app} {version}"),
        ControlOp::Distribute { app, phones, kind } => {
            format!("{} {app} in {}", doing(*kind), list(phones))
        }
    }
}

/// What an event says of them, if it does.
pub(super) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::OrganisationCreated(e) => format!("organisation {} created", e.organisation),
        Event::DepartmentAdded(e) => {
            format!("department {} of {} added below {}", e.department, e.organisation, e.under)
        }
        Event::DepartmentEdited(e) => {
            format!("department {} of {} edited", e.department, e.organisation)
        }
        Event::DepartmentRemoved(e) => {
            format!("department {} of {} deleted", e.department, e.organisation)
        }
        Event::MemberAdded(e) => {
            format!("{} is a member of {} ({})", e.member, e.organisation, e.department)
        }
        Event::MemberPasswordSet(e) if e.temporary => {
            format!("{} has a password for the next login", e.member)
        }
        Event::MemberPasswordSet(e) => format!("{} has a new password", e.member),
        Event::MemberRemoved(e) => format!("member {} removed", e.member),
        Event::LoggedIn(e) => logged_in(e),
        Event::LoggedOut(e) => format!("{} logged out on {}", e.member, e.device),
        Event::Entered(e) => format!("{} in {} from {}", e.member, e.phone, e.device),
        Event::Left(e) => {
            format!("{} out of {} on {}: {}", e.member, e.phone, e.device, e.cause.name())
        }
        Event::ConsentSet(e) if e.given => format!("{} lets {} paste", e.member, e.device),
        Event::ConsentSet(e) => format!("{} does not let {} paste", e.member, e.device),
        Event::DeedAnswered(e) => deed(e),
        _ => return controlled(event),
    })
}

fn controlled(event: &Event) -> Option<String> {
    Some(match event {
        Event::ControlSet(e) => format!("{} of {} {}", e.control, e.phone, switch(e.on)),
        Event::AppListSet(e) => format!("{} list {}: {}", colour(e.kind), e.list, list(&e.apps)),
        Event::AppListEnabled(e) => format!("list {} {}", e.list, switch(e.on)),
        Event::AppListAttached(e) if e.on => format!("list {} attached to {}", e.list, e.phone),
        Event::AppListAttached(e) => format!("list {} taken off {}", e.list, e.phone),
        Event::AppListRemoved(e) => format!("list {} deleted", e.list),
        Event::AppUploaded(e) => format!("{} {} uploaded", e.app, e.version),
        Event::AppTaskStarted(e) => begun(e),
        Event::AppInstalled(e) => match e.before {
            Some(before) => format!("{} in {}: {before} is now {}", e.app, e.phone, e.version),
            None => format!("{} {} in {}", e.app, e.version, e.phone),
        },
        Event::AppUninstalled(e) => format!("{} no more in {}", e.app, e.phone),
        Event::AppTaskDone(e) => {
            format!("task {} over: {} done, {} failed", e.task, e.done, e.failed)
        }
        _ => return None,
    })
}

fn logged_in(e: &LoggedIn) -> String {
    let code = if e.with_code { "with a code" } else { "without a code" };
    let trusted = if e.trusted { ", trusted from now on" } else { "" };
    format!("{} logged in on {} {code}{trusted}: {} phones", e.member, e.device, e.bound)
}

fn deed(e: &DeedAnswered) -> String {
    format!("{} {} to {} in {}: {}", e.answer.name(), e.member, e.deed, e.phone, e.because)
}

fn begun(e: &AppTaskStarted) -> String {
    let (what, phones, until) = (doing(e.kind), list(&e.phones), wall(e.until));
    format!("task {}: {what} {} {} in {phones} until {until}", e.task, e.app, e.version)
}

fn switch(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn colour(kind: ListKind) -> &'static str {
    match kind {
        ListKind::Black => "black",
        ListKind::White => "white",
    }
}

fn doing(task: TaskKind) -> &'static str {
    match task {
        TaskKind::Install => "install",
        TaskKind::Uninstall => "uninstall",
    }
}
