//! The registry at work: no story breaks an invariant, none is empty, and the list of them is kept
//! where coverage reads it.

use super::{Audited, all, corpus, tables};
use koosim_model::rulebook::{RuleId, Rulebook};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// How often each invariant must have had something to look at.
const BITES: usize = 2;

/// Every story of the suite and of the random histories, audited by all invariants.
#[test]
fn no_story_breaks_an_invariant_and_none_is_empty() {
    let mut audited = Audited::default();
    for (name, plan) in corpus::suite() {
        for story in corpus::stories(&name, &plan) {
            audited.read(&story);
        }
    }
    for (number, history) in corpus::random().iter().enumerate() {
        let desk = history.tell(|_, _| ());
        audited.read(&corpus::story(&format!("history {number}"), &desk));
    }
    audited.assert_clean();
    let empty: Vec<_> = all().filter(|one| audited.bites(one.name) < BITES).collect();
    let empty: Vec<_> = empty.iter().map(|one| (one.name, audited.bites(one.name))).collect();
    assert!(empty.is_empty(), "hardly anything to look at: {empty:?}");
}

/// A property in the list.
#[derive(Serialize)]
struct Line {
    name: &'static str,
    rules: Vec<RuleId>,
}

fn line(name: &'static str, rules: &[&str]) -> Line {
    let rules: Vec<RuleId> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    assert!(rules.iter().all(|id| Rulebook::standard().rule(*id).is_some()), "{name}");
    Line { name, rules }
}

#[test]
fn names_are_told_apart_and_tables_exist() {
    let names = all().map(|one| one.name).chain(tables::ALL.iter().map(|table| table.name));
    let names: Vec<_> = names.collect();
    let distinct: BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    for table in tables::ALL {
        let declared =
            ["", "pub(super) "].map(|seen| format!("#[test]\n{seen}fn {}()", table.test));
        let is_there = declared.iter().any(|one| table.text.contains(one));
        assert!(is_there, "no test `{}`", table.test);
    }
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not of a simulated one")]
fn is_update() -> bool {
    std::env::var("UPDATE").is_ok_and(|value| value == "1")
}

/// The list is for whoever counts what checks a rule; `UPDATE=1` writes it anew.
#[test]
fn the_list_of_invariants_is_current() {
    let of_logs = all().map(|one| line(one.name, one.rules));
    let of_tables = tables::ALL.iter().map(|table| line(table.name, table.rules));
    let lines: Vec<String> =
        of_logs.chain(of_tables).map(|line| serde_json::to_string(&line).unwrap()).collect();
    let text = format!("[\n  {}\n]\n", lines.join(",\n  "));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/vectors/invariants.json");
    if is_update() {
        std::fs::write(&path, &text).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(held, text, "run this test with UPDATE=1 to write {}", path.display());
}
