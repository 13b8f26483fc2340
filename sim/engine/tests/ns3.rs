//! Departures and drops that were compared with ns-3 3.37, line by line (`benches/peers/ns3`): the
//! lines may never change again.

#[path = "../../../benches/peers/ns3/src/cases.rs"]
mod cases;

use koosim_engine::digest::Digest;
use std::fmt::Write;

/// T1.1, T1.2, T1.3, T1.4, T1.5.
#[test]
fn what_ns3_agreed_with_is_what_is_told() {
    let mut table = String::new();
    for case in cases::cases() {
        let offers = cases::offers(&case);
        let (mut lines, mut dropped) = (String::new(), 0);
        for (ns, word, token) in cases::told(&case, &offers) {
            writeln!(lines, "{ns} {word} {token}").unwrap();
            dropped += u32::from(word == "dropped");
        }
        assert_eq!(offers.len(), lines.lines().count(), "{}", case.peer);
        let digest = Digest::of(lines.as_bytes()).short();
        writeln!(table, "{} at {} dropped {dropped}: {digest}", case.name, case.bits_per_s)
            .unwrap();
    }
    insta::assert_snapshot!(table);
}
