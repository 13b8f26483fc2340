//! Who may do what: what is told is what was asked for, and tokens hold for their time.

use super::{Invariant, Moment, Tally, What};
use koosim_model::command::{Command, IdentityOp, Op, UserChange};
use koosim_model::decision::{Denial, Reason};
use koosim_model::event::Event;
use serde_json::Value as Json;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "what becomes of identities and members is what was asked for",
        rules: &["A1.5", "A1.6", "A1.8", "A1.12", "A2.5", "A4.2", "P3.1", "P3.2", "P3.3", "P4.9"],
        check: as_asked,
    },
    Invariant {
        name: "nothing becomes of identities and members that nobody asked for",
        rules: &["A1.5", "A2.1", "A5.1"],
        check: was_asked,
    },
    Invariant {
        name: "a token holds for its life, counted in seconds",
        rules: &["A5.1", "A5.2", "A5.4"],
        check: tokens,
    },
    Invariant {
        name: "a change of a user ends its tokens, or does not",
        rules: &["A5.3"],
        check: revoked,
    },
];

/// Requests and the events that answer them, by their names in the log.
const ANSWERS: &[(&str, &str)] = &[
    ("set_policy", "policy_set"),
    ("add_group", "group_added"),
    ("add_user", "user_added"),
    ("set_membership", "membership_set"),
    ("attach", "policy_attached"),
    ("detach", "policy_detached"),
    ("change_user", "user_changed"),
    ("set_bounds", "bounds_set"),
    ("set_agency", "agency_set"),
    ("get_token", "token_issued"),
    ("check_token", "token_checked"),
    ("ask", "permission_answered"),
    ("create", "organisation_created"),
    ("add_department", "department_added"),
    ("edit_department", "department_edited"),
    ("remove_department", "department_removed"),
    ("add_member", "member_added"),
    ("set_password", "member_password_set"),
    ("remove_member", "member_removed"),
    ("log_in", "logged_in"),
    ("log_out", "logged_out"),
    ("enter", "entered"),
    ("leave", "left"),
    ("consent", "consent_set"),
    ("try", "deed_answered"),
    ("set", "control_set"),
    ("set_list", "app_list_set"),
    ("enable_list", "app_list_enabled"),
    ("attach_list", "app_list_attached"),
    ("remove_lists", "app_list_removed"),
    ("upload", "app_uploaded"),
    ("distribute", "app_task_started"),
];

/// Events that also follow from something else.
const ALSO_FOLLOW: &[&str] = &["member_password_set", "logged_out", "left"];

/// The name of what was asked and its fields, if it is about identities.
fn asked(command: &Command) -> Option<(String, Json)> {
    let wanted = match &command.op {
        Op::Identity(op) => serde_json::to_value(op).unwrap(),
        Op::Ask(_) => serde_json::to_value(&command.op).unwrap(),
        Op::Organise(op) => serde_json::to_value(op).unwrap(),
        Op::Client(op) => serde_json::to_value(op).unwrap(),
        Op::Control(op) => serde_json::to_value(op).unwrap(),
        _ => return None,
    };
    let (name, fields) = wanted.as_object().unwrap().iter().next().unwrap();
    Some((name.clone(), fields.clone()))
}

fn answer(name: &str) -> &'static str {
    ANSWERS.iter().find(|(asked, _)| *asked == name).unwrap().1
}

/// Whether every field that both have is the same; what is a set may stand in any order.
fn agree(asked: &Json, told: &Json) -> bool {
    let sorted = |value: &Json| match value {
        Json::Array(items) if items.iter().all(Json::is_string) => {
            let mut items: Vec<_> = items.iter().map(ToString::to_string).collect();
            items.sort();
            Json::from(items)
        }
        other => other.clone(),
    };
    // What was not said is for the rules to say, and so is which of several phones can.
    let free = |name: &str, value: &Json| {
        value.is_null() || name == "phones" || name == "on" && !value.is_boolean()
    };
    asked.as_object().unwrap().iter().all(|(name, value)| {
        free(name, value) || told.get(name).is_none_or(|told| sorted(told) == sorted(value))
    })
}

fn fields(event: &Event) -> Json {
    serde_json::to_value(event).unwrap()[event.kind()].clone()
}

fn as_asked(m: &Moment<'_>, tally: &mut Tally) {
    let What::Asked(command) = m.what else { return };
    let refused = m.told_after().next().is_some_and(|next| matches!(next.what, What::Refused(_)));
    let Some((name, wanted)) = asked(command).filter(|_| !refused) else { return };
    let told = m.then().any(|e| e.kind() == answer(&name) && agree(&wanted, &fields(e)));
    tally.holds(told, &command.op);
}

fn was_asked(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let kind = event.kind();
    if !ANSWERS.iter().any(|(_, answer)| *answer == kind) || ALSO_FOLLOW.contains(&kind) {
        return;
    }
    let wanted = m.asked_now().and_then(asked);
    let same = wanted.is_some_and(|(name, wanted)| {
        answer(&name) == event.kind() && agree(&wanted, &fields(event))
    });
    tally.holds(same, event);
    if let Event::PermissionAnswered(e) = event {
        tally.holds(e.who == m.asked_now().unwrap().envelope.principal, event);
        // By statements or not at all: who is allowed something has a reason that can be named.
        let named = e.by.iter().all(|by| e.because.contains(by.as_str()));
        tally.holds(named && !e.because.is_empty(), event);
    }
}

fn tokens(m: &Moment<'_>, tally: &mut Tally) {
    let nothing = koosim_model::state::Identity::default();
    let identity = m.account.identity.as_deref().unwrap_or(&nothing);
    match m.event() {
        Some(Event::TokenIssued(e)) => {
            let end = m.at.floor_to_second() + m.duration("A5.2.token_lifetime");
            tally.holds(e.expires == end, e);
            let held = identity.tokens.values().any(|token| {
                token.user == e.user
                    && token.scope == e.scope
                    && !token.revoked
                    && m.at < token.expires
            });
            tally.holds(e.in_vain == held, e);
        }
        Some(Event::TokenChecked(e)) => {
            let token = &identity.tokens[&e.token];
            tally.holds(token.user == e.user && token.expires == e.expires, e);
            tally.holds(m.at < token.expires && m.at < identity.tokens[&e.with].expires, e);
        }
        _ => {}
    }
    if let Some((Reason::Access(Denial::TokenExpired(id)), _)) = m.refused() {
        tally.holds(identity.tokens[id].expires <= m.at, id);
    }
}

fn revoked(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::UserChanged(e)) = m.event() else {
        if let Some(Event::TokenEnded(e)) = m.event() {
            let changed = m.asked_now().is_some_and(|command| match &command.op {
                Op::Identity(op) => {
                    matches!(&**op, IdentityOp::ChangeUser { user, .. } if *user == e.user)
                }
                _ => false,
            });
            tally.holds(changed, e);
        }
        return;
    };
    let ends = m.flag("A5.3.revoked_early") && e.change != UserChange::Enabled;
    let tokens = m.account.identity.iter().flat_map(|identity| &identity.tokens);
    for (id, token) in tokens.filter(|(_, token)| token.user == e.user && token.holds(m.at)) {
        let ended = m
            .after()
            .take_while(|(at, _)| *at == m.at)
            .any(|(_, event)| matches!(event, Event::TokenEnded(e) if e.token == *id));
        tally.holds(ended == ends, &(id, token));
    }
}
