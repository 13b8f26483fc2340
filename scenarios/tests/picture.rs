//! No case of RFC 8867 is forgotten: each is the subject of files, or the table of the folder says why not.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const ENDING: &str = ".scenario.yaml";

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(at(path)).unwrap()
}

/// The rows of the table: case and what stands beside it.
fn table() -> BTreeMap<String, String> {
    let readme = text("suite/picture/README.md");
    let rows = readme.lines().filter_map(|line| {
        let (case, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
        let known = case.starts_with(|c: char| c.is_ascii_digit());
        known.then(|| (case.to_owned(), rest.trim_end_matches(" |").to_owned()))
    });
    rows.collect()
}

/// The files of a row, by their names.
fn files(row: &str) -> BTreeSet<String> {
    let names = row.split('`').skip(1).step_by(2);
    names.filter(|name| name.starts_with("rfc8867-")).map(str::to_owned).collect()
}

#[test]
fn every_case_of_rfc_8867_has_files_or_a_reason() {
    let cases: Value = serde_json::from_str(&text("../model/vectors/rfc8867.json")).unwrap();
    let rows = table();
    let mut known = BTreeSet::new();
    for case in cases["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let row = rows.get(id).unwrap_or_else(|| panic!("{id} is not in the table"));
        let runnable = case.get("numbers").is_none_or(|numbers| !numbers.is_null());
        assert_eq!(files(row).is_empty(), !runnable, "{id}: {row}");
        assert_eq!(row.starts_with("not runnable: "), !runnable, "{id}: {row}");
        for file in files(row) {
            let said = text(&format!("suite/picture/{file}{ENDING}"));
            let subject = format!("scenario: \"RFC 8867, case {id}");
            assert!(said.contains(&subject), "{file} says that it is about case {id}");
        }
        known.insert(id.to_owned());
    }
    assert_eq!(rows.keys().cloned().collect::<BTreeSet<_>>(), known, "only these are cases");
}

#[test]
fn every_file_about_rfc_8867_is_in_the_table() {
    let rows = table();
    let listed: BTreeSet<String> = rows.values().flat_map(|row| files(row)).collect();
    let folder = std::fs::read_dir(at("suite/picture")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let held = names.filter_map(|name| name.strip_suffix(ENDING).map(str::to_owned));
    let about = held
        .filter(|name| text(&format!("suite/picture/{name}{ENDING}")).contains("RFC 8867, case "));
    assert_eq!(about.collect::<BTreeSet<_>>(), listed);
}
