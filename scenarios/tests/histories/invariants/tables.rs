//! Tests that are the natural check of a rule and no invariant: reviewed tables of every case, and
//! refusals in their declared order. They are listed with the invariants.

/// A test that checks rules.
pub(crate) struct Table {
    /// What it says.
    pub(crate) name: &'static str,
    /// The rules that it checks.
    pub(crate) rules: &'static [&'static str],
    /// Its file, with its text.
    pub(crate) text: &'static str,
    /// Its function.
    pub(crate) test: &'static str,
}

const ACCESS: &str = include_str!("../../../../model/tests/access.rs");
const REFUSALS: &str = concat!(
    include_str!("../../../../model/tests/refusals/main.rs"),
    include_str!("../../../../model/tests/refusals/orders.rs"),
    include_str!("../../../../model/tests/refusals/together.rs"),
    include_str!("../../../../model/tests/refusals/calls.rs"),
);
const HISTORIES: &str = include_str!("../main.rs");
const TRANSITIONS: &str = include_str!("../../../../model/tests/transitions.rs");

/// Every such test.
pub(crate) const ALL: &[Table] = &[
    Table {
        name: "the seconds billed for a phone are those of its end less those of its start",
        rules: &["R2.1", "R2.2", "R2.3"],
        text: HISTORIES,
        test: "every_history_keeps_the_books",
    },
    Table {
        name: "every event in every state of a phone and its order",
        rules: &["R1.8", "R8.1", "R1.9", "P2.6"],
        text: TRANSITIONS,
        test: "every_event_in_every_state",
    },
    Table {
        name: "what a phone accepts in each phase and under each freeze",
        rules: &["P2.8", "R8.6", "R8.8", "R8.10"],
        text: ACCESS,
        test: "what_is_accepted_when",
    },
    Table {
        name: "refusals of payments of several orders in their order",
        rules: &["R1.11"],
        text: REFUSALS,
        test: "paying_together",
    },
    Table {
        name: "refusals of renewals in their order",
        rules: &["R5.1", "R5.8", "R2.14", "R1.14"],
        text: REFUSALS,
        test: "renewing",
    },
    Table {
        name: "refusals of auto-renewal in their order",
        rules: &["R6.7", "R6.12", "R6.6"],
        text: REFUSALS,
        test: "setting_auto_renewal",
    },
    Table {
        name: "refusals of unsubscriptions in their order",
        rules: &["R9.8", "R2.14"],
        text: REFUSALS,
        test: "unsubscribing_what_bears_a_note",
    },
    Table {
        name: "refusals of several unsubscriptions at once",
        rules: &["R9.11", "R9.8"],
        text: REFUSALS,
        test: "unsubscribing_together",
    },
    Table {
        name: "refusals of creation calls in their order",
        rules: &["P1.7", "P1.6", "P1.1"],
        text: REFUSALS,
        test: "creation_calls",
    },
    Table {
        name: "refusals of changes of size in their order",
        rules: &["R10.1", "R10.5"],
        text: REFUSALS,
        test: "changing_the_size",
    },
    Table {
        name: "refusals of what phones do as devices",
        rules: &["P2.6", "P2.9", "P3.4", "P3.5"],
        text: REFUSALS,
        test: "phones_as_devices",
    },
    Table {
        name: "refusals around freezes, releases and what is not offered",
        rules: &["R8.8", "R8.11", "P1.5", "P1.11"],
        text: REFUSALS,
        test: "freezes_and_what_is_not_offered",
    },
    Table {
        name: "refusals of calls in their order",
        rules: &["P4.13", "P4.14"],
        text: REFUSALS,
        test: "calls_in_their_order",
    },
    Table {
        name: "refusals of short messages in their order",
        rules: &["P4.14", "P4.15"],
        text: REFUSALS,
        test: "messages_in_their_order",
    },
];
