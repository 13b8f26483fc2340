//! What random histories come to: every operation, every kind of event, and every reason of a refusal
//! but those named here with why no history meets them.

use crate::desk::Desk;
use crate::history::histories;
use crate::search::deterministic;
use koosim_model::command::Op;
use koosim_model::decision::Reason;
use koosim_model::event::Event;
use proptest::strategy::{Strategy, ValueTree};
use std::collections::BTreeSet;

/// After so many histories what was not met is never met; a few hundred are enough.
const HISTORIES_MAX: usize = 1_500;
/// Requests of the longest.
const COMMANDS_MAX: usize = 200;

/// Operations that are never carried out.
const REFUSED: &[(&str, &str)] = &[
    ("move", "phones stay in their region (P1.5)"),
    ("connect", "phones are reached through their client (P1.11)"),
];

/// Operations and events of those who act for an account: a history has the account alone.
const OF_OTHERS: &[&str] = &[
    "identity",
    "ask",
    "policy_set",
    "group_added",
    "user_added",
    "membership_set",
    "policy_attached",
    "policy_detached",
    "user_changed",
    "bounds_set",
    "agency_set",
    "token_issued",
    "token_checked",
    "token_ended",
    "permission_answered",
    "organise",
    "client",
    "control",
    "organisation_created",
    "department_added",
    "department_edited",
    "department_removed",
    "member_added",
    "member_password_set",
    "member_removed",
    "logged_in",
    "logged_out",
    "entered",
    "left",
    "consent_set",
    "deed_answered",
    "control_set",
    "app_list_set",
    "app_list_enabled",
    "app_list_attached",
    "app_list_removed",
    "app_uploaded",
    "app_task_started",
    "app_installed",
    "app_uninstalled",
    "app_task_done",
];

/// Events that no history meets.
const UNMET_EVENTS: &[(&str, &str)] = &[
    (
        "session_queued",
        "it takes two phones that are stored at once, and prepared before either is restored",
    ),
    (
        "answer_kept",
        "it takes a message before a broken link and its answer before the link is back",
    ),
];

/// Reasons of refusals that no history meets.
const UNMET_REASONS: &[(&str, &str)] = &[
    ("unknown_account", "a history has one account, which it opens first"),
    ("account_exists", "a scenario file opens every account once"),
];

/// The names of all operations, as the log has them.
fn operations() -> BTreeSet<String> {
    let error = serde_json::from_str::<Op>(r#"{"no such operation":{}}"#).unwrap_err().to_string();
    let (_, names) = error.split_once("expected one of ").unwrap();
    let quoted = names.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

fn name(op: &Op) -> String {
    let value = serde_json::to_value(op).unwrap();
    value.as_object().unwrap().keys().next().unwrap().clone()
}

/// What is looked for and not found yet.
struct Unmet {
    operations: BTreeSet<String>,
    events: BTreeSet<String>,
    reasons: BTreeSet<String>,
}

impl Unmet {
    fn everything() -> Self {
        let ours = |name: &&str| !OF_OTHERS.contains(name);
        let events = Event::KINDS.iter().map(|kind| kind.name).filter(ours);
        let events = events.filter(|name| UNMET_EVENTS.iter().all(|(unmet, _)| unmet != name));
        let events = events.map(str::to_owned).collect();
        let mut operations = operations();
        operations.retain(|name| ours(&name.as_str()));
        operations.retain(|name| REFUSED.iter().all(|(refused, _)| refused != name));
        let met = |name: &&&str| UNMET_REASONS.iter().all(|(unmet, _)| *unmet != **name);
        let reasons = Reason::NAMES.iter().filter(met).map(|name| (*name).to_owned()).collect();
        Self { operations, events, reasons }
    }
    fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.events.is_empty() && self.reasons.is_empty()
    }
    fn look(&mut self, desk: &Desk) {
        for asked in &desk.asked {
            match &asked.refused {
                Some((reason, _)) => self.reasons.remove(reason.name()),
                None => self.operations.remove(&name(&asked.command.op)),
            };
        }
        for (_, event) in desk.log() {
            self.events.remove(event.kind());
        }
    }
}

#[test]
fn histories_come_to_every_operation_event_and_refusal() {
    let mut runner = deterministic(1);
    let strategy = histories(COMMANDS_MAX);
    let mut unmet = Unmet::everything();
    for _ in 0..HISTORIES_MAX {
        let history = strategy.new_tree(&mut runner).unwrap().current();
        unmet.look(&history.tell(|_, _| ()));
        if unmet.is_empty() {
            return;
        }
    }
    let Unmet { operations, events, reasons } = unmet;
    panic!("never met: operations {operations:?}, events {events:?}, reasons {reasons:?}");
}
