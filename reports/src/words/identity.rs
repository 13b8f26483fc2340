//! Who may do what, in words.

use super::{list, wall};
use koosim_model::access::policy::{Held, Scope};
use koosim_model::command::{IdentityOp, Question, UserChange};
use koosim_model::event::{Event, PermissionAnswered};

/// What a request about users, groups, policies or tokens asks for.
pub(super) fn command(op: &IdentityOp) -> String {
    match op {
        IdentityOp::SetPolicy { policy, .. } => format!("write policy {policy}"),
        IdentityOp::AddGroup { group } => format!("add group {group}"),
        IdentityOp::AddUser { user, .. } => format!("add user {user}"),
        IdentityOp::SetMembership { user, group, member: true } => {
            format!("take {user} into group {group}")
        }
        IdentityOp::SetMembership { user, group, member: false } => {
            format!("take {user} out of group {group}")
        }
        IdentityOp::Attach { policy, to, held } => {
            format!("give {policy} to {to}{}", place(held))
        }
        IdentityOp::Detach { policy, from, held } => {
            format!("take {policy} from {from}{}", place(held))
        }
        IdentityOp::ChangeUser { user, change } => format!("{} {user}", wanted(change)),
        IdentityOp::SetBounds { levels } => format!("bound the account on {} levels", levels.len()),
        IdentityOp::SetAgency { covers } => format!("let the agency cover {}", nothing(covers)),
        IdentityOp::GetToken { token, user, scope, .. } => {
            format!("token {token} for {user}{}", at(scope))
        }
        IdentityOp::CheckToken { token, with } => format!("check token {token} with {with}"),
    }
}

/// What is asked of permissions.
pub(super) fn question(question: &Question) -> String {
    let on = question.on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
    format!("may I {}{on}?", question.operation)
}

/// What an event says of them, if it does.
pub(super) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::PolicySet(e) => format!("policy {} written", e.policy),
        Event::GroupAdded(e) => format!("group {} added", e.group),
        Event::UserAdded(e) => format!("user {} added, without permissions", e.user),
        Event::MembershipSet(e) if e.member => format!("{} in group {}", e.user, e.group),
        Event::MembershipSet(e) => format!("{} out of group {}", e.user, e.group),
        Event::PolicyAttached(e) => format!("{} holds {}{}", e.to, e.policy, place(&e.held)),
        Event::PolicyDetached(e) => {
            format!("{} holds {} no more{}", e.from, e.policy, place(&e.held))
        }
        Event::UserChanged(e) => format!("user {} {}", e.user, changed(&e.change)),
        Event::BoundsSet(e) => format!("account bounded on {} levels", e.levels.len()),
        Event::AgencySet(e) => format!("agency covers {}", nothing(&e.covers)),
        Event::TokenIssued(e) => {
            let vain = if e.in_vain { ", although an older one holds" } else { "" };
            let (place, until) = (at(&e.scope), wall(e.expires));
            format!("token {} of {}{place} until {until}{vain}", e.token, e.user)
        }
        Event::TokenChecked(e) => {
            format!("token {} of {} holds until {}", e.token, e.user, wall(e.expires))
        }
        Event::TokenEnded(e) => format!("token {} of {} ended", e.token, e.user),
        Event::PermissionAnswered(e) => answered(e),
        _ => return None,
    })
}

fn answered(e: &PermissionAnswered) -> String {
    let who = e.who.as_ref().map_or_else(|| "the account".to_owned(), ToString::to_string);
    let on = e.on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
    let (answer, place) = (e.answer.name(), at(&e.scope));
    format!("{answer} {who} to {}{on}{place}: {}", e.operation, e.because)
}

fn nothing<T: std::fmt::Display>(names: &[T]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { list(names) }
}

fn place(held: &Held) -> String {
    match held {
        Held::Global => " at global services".to_owned(),
        Held::AllProjects => " in all projects".to_owned(),
        Held::Project(project) => format!(" in {project}"),
        Held::EnterpriseProject(project) => format!(" in enterprise project {project}"),
        Held::Everywhere => String::new(),
    }
}

fn at(scope: &Scope) -> String {
    match scope {
        Scope::Global => " at global services".to_owned(),
        Scope::Project { name, enterprise: None } => format!(" in {name}"),
        Scope::Project { name, enterprise: Some(of) } => format!(" in {name}, {of}"),
    }
}

fn wanted(change: &UserChange) -> &'static str {
    match change {
        UserChange::Password(_) => "set the password of",
        UserChange::Disabled => "disable",
        UserChange::Enabled => "enable",
        UserChange::Deleted => "delete",
    }
}

fn changed(change: &UserChange) -> &'static str {
    match change {
        UserChange::Password(_) => "has another password",
        UserChange::Disabled => "disabled",
        UserChange::Enabled => "enabled",
        UserChange::Deleted => "deleted",
    }
}
