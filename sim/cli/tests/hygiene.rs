//! What must hold for every file of the project, whoever wrote it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first file that cannot be read")]

use koosim_model::rulebook::Rulebook;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 600;
const COLUMNS_MAX: usize = 120;
/// Folders that hold no text of ours.
const SKIPPED: &[&str] = &["target", ".git", "proptest-regressions", "snapshots"];

fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                files(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

/// The files of the project with these endings, with their text.
fn texts(endings: &[&str]) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    files(&root, endings, &mut found);
    assert!(!found.is_empty());
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

fn complain(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn files_are_short_and_lines_are_narrow() {
    let mut complaints = Vec::new();
    for (path, text) in texts(&[".rs"]) {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            complaints.push(format!("{}: {lines} lines", path.display()));
        }
        for (number, line) in text.lines().enumerate() {
            if line.chars().count() > COLUMNS_MAX {
                complaints.push(format!("{}:{}: too wide", path.display(), number + 1));
            }
        }
    }
    complain(&complaints);
}

#[test]
fn nothing_is_left_undone_or_switched_off() {
    // Written in two parts, so that this file does not find itself.
    let banned = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("FIX", "ME"),
        concat!("#[ign", "ore"),
        concat!("#[should", "_panic"),
        concat!("thread::sle", "ep"),
    ];
    let mut complaints = Vec::new();
    for (path, text) in texts(&[".rs"]) {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = banned.iter().find(|word| line.contains(**word)) {
                complaints.push(format!("{}:{}: `{word}`", path.display(), number + 1));
            }
        }
    }
    complain(&complaints);
}

/// The numbers of a call such as `r(6, 1)` that begins at the start of `text`.
fn call(text: &str) -> Option<(u32, u32)> {
    let (inside, _) = text.split_once(')')?;
    let (section, number) = inside.split_once(", ")?;
    Some((section.parse().ok()?, number.parse().ok()?))
}

#[test]
fn every_rule_that_the_code_names_is_in_the_book() {
    let book = Rulebook::standard();
    let mut named = 0;
    let mut complaints = Vec::new();
    for (path, text) in texts(&[".rs"]) {
        if !path.components().any(|part| part.as_os_str() == "rules") {
            continue;
        }
        for (family, opening) in [("R", " r("), ("P", " p("), ("R", "![r("), ("P", "![p(")] {
            for piece in text.split(opening).skip(1) {
                let Some((section, number)) = call(piece) else { continue };
                named += 1;
                let id = format!("{family}{section}.{number}");
                if id.parse().ok().and_then(|id| book.rule(id)).is_none() {
                    complaints.push(format!("{}: {id}", path.display()));
                }
            }
        }
    }
    assert!(named > 50, "only {named} rules found in the code");
    complain(&complaints);
}

#[test]
fn no_dependency_that_the_project_forbids_is_in_the_tree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    for name in ["serde_yaml", "openssl-sys", "chrono-tz", "iana-time-zone"] {
        assert!(!lock.contains(&format!("name = \"{name}\"\n")), "{name} is in the tree");
    }
}
