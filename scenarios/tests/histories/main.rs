//! What holds over every history of requests and timers, whatever they are.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail loudly"
)]

mod audit;
mod bills;
#[path = "../../../model/tests/desk/mod.rs"]
mod desk;
mod history;
mod invariants;
mod profiles;

use audit::Audit;
use history::histories;
use proptest::prelude::*;
use proptest::test_runner::Config;

/// Histories by default; `PROPTEST_CASES` sets another number.
const CASES: u32 = 128;

#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not of a simulated one")]
fn config(cases: u32) -> Config {
    let given = std::env::var("PROPTEST_CASES").is_ok();
    let config = Config { failure_persistence: None, ..Config::default() };
    if given { config } else { Config { cases, ..config } }
}

proptest! {
    #![proptest_config(config(CASES))]

    /// Tells the history, looks at the desk after every request, and then reads the log event by event.
    #[test]
    fn every_history_keeps_the_books(history in histories()) {
        let desk = history.tell(audit::look);
        let mut audit = Audit::default();
        for (at, event) in desk.log() {
            audit.event(*at, event);
        }
        audit.close(&desk);
        bills::agree(&desk);
    }
}

proptest! {
    #![proptest_config(config(CASES / 8))]

    /// Two books can tell one history apart only by a rule in which they differ.
    #[test]
    fn two_profiles_differ_first_where_a_rule_does(history in histories()) {
        profiles::differ_where_a_rule_does(&history);
    }

    /// The same history twice is the same log.
    #[test]
    fn a_history_has_one_log(history in histories()) {
        let (one, other) = (history.tell(|_, _| ()), history.tell(|_, _| ()));
        prop_assert_eq!(one.log(), other.log());
    }
}
