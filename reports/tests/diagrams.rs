//! The drawn machines are those of the rules.

use koosim_model::lifecycle::diagram;
use std::path::Path;

#[test]
fn the_diagrams_in_the_repository_are_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("diagrams/lifecycle.md");
    if std::env::var_os("UPDATE_DIAGRAMS").is_some() {
        std::fs::write(&path, diagram::document()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap();
    assert_eq!(found, diagram::document(), "run `UPDATE_DIAGRAMS=1 cargo test -p koosim-reports`");
}

#[test]
fn every_state_is_reached_from_the_first() {
    for machine in diagram::machines() {
        let mut reached = vec![*machine.states.first().unwrap()];
        for _ in &machine.states {
            let next = machine.arrows.iter().filter(|arrow| reached.contains(&arrow.from));
            let next: Vec<_> = next.map(|arrow| arrow.to).collect();
            reached.extend(next.into_iter().filter(|to| !reached.contains(to)).collect::<Vec<_>>());
        }
        for state in &machine.states {
            assert!(reached.contains(state), "{}: nothing leads to {state}", machine.name());
        }
    }
}
