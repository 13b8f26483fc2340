//! What people are told of the format is so.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use koosim_scenarios::expect::run;
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::matrix::MAX_CASES;
use koosim_scenarios::read::{FIRST_YEAR, LAST_YEAR, MAX_AMOUNT_DIGITS};
use koosim_scenarios::schema::schema;
use koosim_scenarios::syntax::{MAX_DEPTH, MAX_FILE_BYTES, MAX_NODES};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The scenario that a document shows: the indented block that begins with the schema's line.
fn example(document: &str) -> String {
    let from = document.lines().skip_while(|line| !line.starts_with("    # yaml-language-server"));
    let block = from.take_while(|line| line.starts_with("    "));
    block.map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or_default())).collect()
}

#[test]
fn the_examples_of_the_documents_pass() {
    for name in ["README.md", "../README.md"] {
        let file = ScenarioFile::read(name, example(&text(name)).as_bytes());
        assert!(file.diagnostics().is_empty(), "{name}: {:?}", file.diagnostics());
        assert_eq!(file.cases(), 1, "{name}");
        let outcome = run(&file.case(0).unwrap()).unwrap();
        assert!(outcome.passed(), "{name}: {:?}", outcome.verdicts);
        assert!(!outcome.verdicts.is_empty(), "{name}");
    }
}

/// The keys of every document, and the words of short lists.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                found.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| keys(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_format_is_explained() {
    let mut schema = schema();
    // The fields of events are those of the log, and explained there.
    schema["$defs"].as_object_mut().unwrap().remove("EventDoc");
    let mut found = BTreeSet::new();
    keys(&schema, &mut found);
    assert!(found.len() > 60, "{found:?}");
    let document = text("README.md");
    let missing: Vec<_> =
        found.iter().filter(|key| !document.contains(&format!("`{key}`"))).collect();
    // `silence` and `times` and the like stand in the forms of expectations.
    let missing: Vec<_> =
        missing.into_iter().filter(|key| !document.contains(&format!("{{ {key}: "))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_limits_are_those_of_the_program() {
    let document = text("README.md");
    assert_eq!((MAX_FILE_BYTES, MAX_NODES, MAX_DEPTH, MAX_CASES), (1 << 20, 30_000, 24, 1_000));
    assert_eq!((FIRST_YEAR, LAST_YEAR, MAX_AMOUNT_DIGITS), (2000, 2100, 28));
    for limit in ["1 MiB", "30,000", "24 levels", "1,000 cases", "2000 to 2100", "28 digits"] {
        assert!(document.split_whitespace().collect::<Vec<_>>().join(" ").contains(limit));
    }
}
