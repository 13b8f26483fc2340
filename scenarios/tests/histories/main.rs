//! What holds over every history of requests and timers, whatever they are.
//!
//! Histories are random: `PROPTEST_CASES` sets how many, and `KOOSIM_HISTORY_COMMANDS` how many requests
//! the longest has. One that breaks something is made smaller until nothing can be left out, and is
//! written as a scenario file, which `koosim run` tells again.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail loudly"
)]

mod aim;
mod aim_calls;
mod audit;
mod bills;
mod coverage;
#[path = "../../../model/tests/desk/mod.rs"]
mod desk;
mod history;
mod invariants;
mod profiles;
mod search;
mod story;
mod wish;

use audit::Audit;
use koosim_engine::record::What;
use koosim_model::event::Event;
use search::{deterministic, hold, search};

/// Tells the history, looks at the desk after every request, and then reads the log event by event.
#[test]
fn every_history_keeps_the_books() {
    hold("every_history_keeps_the_books", 1, |history| {
        let desk = history.tell(audit::look);
        let mut audit = Audit::default();
        for (at, event) in desk.log() {
            audit.event(*at, event);
        }
        audit.close(&desk);
        bills::agree(&desk);
    });
}

/// No rule is broken, as the auditor reads it: slowly, so only a quarter of the histories.
#[test]
fn every_history_is_as_the_rules_say() {
    hold("every_history_is_as_the_rules_say", 4, |history| {
        invariants::hold_rules(&history.tell(|_, _| ()));
    });
}

/// The engine and the desk tell one history alike, and the format has words for all of it.
#[test]
fn every_history_is_a_scenario_file_that_tells_it_again() {
    let name = "every_history_is_a_scenario_file_that_tells_it_again";
    hold(name, 4, story::tells_itself_again);
}

/// Two books can tell one history apart only by a rule in which they differ.
#[test]
fn two_profiles_differ_first_where_a_rule_does() {
    let name = "two_profiles_differ_first_where_a_rule_does";
    hold(name, 16, profiles::differ_where_a_rule_does);
}

/// The same history twice is the same log.
#[test]
fn a_history_has_one_log() {
    hold("a_history_has_one_log", 16, |history| {
        let (one, other) = (history.tell(|_, _| ()), history.tell(|_, _| ()));
        assert_eq!(one.log(), other.log());
    });
}

/// What is said to break is found, made small, and told again by the file.
#[test]
fn a_history_that_breaks_something_is_left_as_a_small_file() {
    let found = search("nobody-ever-expires", 24, &mut deterministic(128), |history| {
        let desk = history.tell(|_, _| ());
        let expired = desk.log().iter().any(|(_, event)| matches!(event, Event::Expired(_)));
        assert!(!expired, "nobody ever expires");
    });
    let found = found.unwrap();
    assert!(found.why.contains("nobody ever expires"), "{}", found.why);
    assert_eq!(std::fs::read_to_string(&found.path).unwrap(), found.text);
    let records = story::run(&found.text);
    let expired = |what: &What| matches!(what, What::Event(Event::Expired(_)));
    assert!(records.iter().any(|record| expired(&record.what)), "{}", found.text);
    let asked = records.iter().filter(|record| matches!(record.what, What::Command(_)));
    assert!(asked.count() <= 4, "{}", found.text);
}
