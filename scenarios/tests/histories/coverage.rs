//! What random histories come to: every operation, every kind of event, and every reason of a refusal
//! but those named here with why no history meets them.

use crate::history::histories;
use crate::search::deterministic;
use koosim_model::command::Op;
use koosim_model::decision::Reason;
use koosim_model::event::Event;
use proptest::strategy::{Strategy, ValueTree};
use std::collections::BTreeSet;

/// Histories that are told.
const HISTORIES: usize = 300;
/// Requests of the longest.
const COMMANDS_MAX: usize = 200;

/// Operations that are never carried out.
const REFUSED: &[(&str, &str)] = &[
    ("move", "phones stay in their region (P1.5)"),
    ("connect", "phones are reached through their client (P1.11)"),
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

fn texts(names: impl Iterator<Item = &'static str>) -> BTreeSet<String> {
    names.map(str::to_owned).collect()
}

#[test]
fn histories_come_to_every_operation_event_and_refusal() {
    let mut runner = deterministic(1);
    let strategy = histories(COMMANDS_MAX);
    let (mut accepted, mut events, mut reasons) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for _ in 0..HISTORIES {
        let history = strategy.new_tree(&mut runner).unwrap().current();
        let desk = history.tell(|_, _| ());
        for asked in &desk.asked {
            match &asked.refused {
                Some((reason, _)) => reasons.insert(reason.name().to_owned()),
                None => accepted.insert(name(&asked.command.op)),
            };
        }
        events.extend(desk.log().iter().map(|(_, event)| event.kind().to_owned()));
    }
    let unmet = |all: &BTreeSet<String>, met: &BTreeSet<String>, but: BTreeSet<String>| {
        let wanted: BTreeSet<_> = all.difference(&but).cloned().collect();
        wanted.symmetric_difference(met).cloned().collect::<Vec<_>>()
    };
    let refused = texts(REFUSED.iter().map(|(name, _)| *name));
    assert_eq!(unmet(&operations(), &accepted, refused), Vec::<String>::new(), "operations");
    let kinds = texts(Event::KINDS.iter().map(|kind| kind.name));
    assert_eq!(unmet(&kinds, &events, BTreeSet::new()), Vec::<String>::new(), "events");
    let all = texts(Reason::NAMES.iter().copied());
    let but = texts(UNMET_REASONS.iter().map(|(name, _)| *name));
    assert_eq!(unmet(&all, &reasons, but), Vec::<String>::new(), "reasons");
}
