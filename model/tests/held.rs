//! Which rules of access and of pictures the tests hold: each test that says so in its first line of text, by name.
//!
//! Written to `vectors/held.json` with `UPDATE=1`, and read by `rules --coverage`.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

const FOLDERS: &[&str] =
    &["tests/policies", "tests/signing", "tests/identities", "transport", "media", "../sim/engine"];
const FILE: &str = "vectors/held.json";

fn root(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(part)
}

/// The ids at the beginning of a line of documentation, up to a colon, a point or another word.
fn rules(line: &str) -> Option<Vec<&str>> {
    let text = line.trim().strip_prefix("/// ")?;
    let listed = text.split(':').next()?.trim_end_matches('.');
    let ids: Vec<&str> = listed.split(", ").collect();
    let is_rule = |id: &&str| {
        let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
        let rest = id.strip_prefix(['A', 'P', 'T']).and_then(|rest| rest.split_once('.'));
        rest.is_some_and(|(section, rule)| number(section) && number(rule))
    };
    ids.iter().all(is_rule).then_some(ids)
}

fn tests_of(text: &str, found: &mut Vec<(String, Vec<String>)>) {
    let (mut named, mut is_test) = (None, false);
    for line in text.lines() {
        if let Some(ids) = rules(line).filter(|_| named.is_none()) {
            named = Some(ids.into_iter().map(str::to_owned).collect::<Vec<_>>());
        }
        is_test |= line.trim() == "#[test]";
        if let Some(rest) = line.trim().strip_prefix("fn ") {
            let name = rest.split('(').next().unwrap_or_default().replace('_', " ");
            if let (Some(ids), true) = (named.take(), is_test) {
                found.push((name, ids));
            }
            is_test = false;
        }
        if line.is_empty() {
            named = None;
        }
    }
}

/// The source files of a folder and of those in it.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn the_list_of_what_is_held_is_up_to_date() {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let mut files = Vec::new();
        sources(&root(folder), &mut files).unwrap();
        files.sort();
        for file in files {
            tests_of(&std::fs::read_to_string(file).unwrap(), &mut found);
        }
    }
    assert!(found.len() > 50, "{}", found.len());
    let mut text = String::from("[\n");
    for (index, (name, rules)) in found.iter().enumerate() {
        let comma = if index + 1 < found.len() { "," } else { "" };
        let rules: Vec<_> = rules.iter().map(|rule| format!("\"{rule}\"")).collect();
        let (name, rules) = (serde_json::Value::from(name.as_str()), rules.join(","));
        writeln!(text, "  {{\"name\":{name},\"rules\":[{rules}]}}{comma}").unwrap();
    }
    text.push_str("]\n");
    #[expect(clippy::disallowed_methods, reason = "how a person asks for the file to be rewritten")]
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(root(FILE), &text).unwrap();
    }
    let stored = std::fs::read_to_string(root(FILE)).unwrap();
    assert_eq!(stored, text, "run the test with UPDATE=1 and look at the change");
}
