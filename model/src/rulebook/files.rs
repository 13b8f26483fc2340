//! The text of the book, which is part of the program.

/// The file that names the editions and the labels.
pub(super) const HEADER: &str = include_str!("../../rulebook/book.toml");

/// The files of records, with the names that problems in them are reported under.
#[rustfmt::skip]
pub(super) const RECORDS: [(&str, &str); 28] = [
    ("r01-subscriptions", include_str!("../../rulebook/r01-subscriptions.toml")),
    ("r02-on-demand", include_str!("../../rulebook/r02-on-demand.toml")),
    ("r03-prices", include_str!("../../rulebook/r03-prices.toml")),
    ("r04-payment", include_str!("../../rulebook/r04-payment.toml")),
    ("r05-renewal", include_str!("../../rulebook/r05-renewal.toml")),
    ("r06-auto-renewal", include_str!("../../rulebook/r06-auto-renewal.toml")),
    ("r07-expiry", include_str!("../../rulebook/r07-expiry.toml")),
    ("r08-lifecycle", include_str!("../../rulebook/r08-lifecycle.toml")),
    ("r09-unsubscription", include_str!("../../rulebook/r09-unsubscription.toml")),
    ("r10-changes", include_str!("../../rulebook/r10-changes.toml")),
    ("r11-bills", include_str!("../../rulebook/r11-bills.toml")),
    ("p1-purchase", include_str!("../../rulebook/p1-purchase.toml")),
    ("p2-states", include_str!("../../rulebook/p2-states.toml")),
    ("p3-organisations", include_str!("../../rulebook/p3-organisations.toml")),
    ("p4-sessions", include_str!("../../rulebook/p4-sessions.toml")),
    ("p5-interface", include_str!("../../rulebook/p5-interface.toml")),
    ("a1-roles", include_str!("../../rulebook/a1-roles.toml")),
    ("a2-policies", include_str!("../../rulebook/a2-policies.toml")),
    ("a3-conditions", include_str!("../../rulebook/a3-conditions.toml")),
    ("a4-identity-policies", include_str!("../../rulebook/a4-identity-policies.toml")),
    ("a5-tokens", include_str!("../../rulebook/a5-tokens.toml")),
    ("a6-signatures", include_str!("../../rulebook/a6-signatures.toml")),
    ("t1-links", include_str!("../../rulebook/t1-links.toml")),
    ("t2-formats", include_str!("../../rulebook/t2-formats.toml")),
    ("t3-congestion", include_str!("../../rulebook/t3-congestion.toml")),
    ("t4-video", include_str!("../../rulebook/t4-video.toml")),
    ("t5-control", include_str!("../../rulebook/t5-control.toml")),
    ("t6-latency", include_str!("../../rulebook/t6-latency.toml")),
];
