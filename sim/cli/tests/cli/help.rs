//! Help: every command has examples that work as they stand, and the tables agree.

use crate::common::{err, koosim, out, root, run};
use std::fs;
use std::path::Path;

fn commands() -> Vec<String> {
    let help = out(&run(&["--help"]));
    let list = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let starts = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = starts.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// The words of a line as a shell splits it.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

/// A fresh clone as far as the program can see it.
fn clone() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("scenarios"), &folder.path().join("scenarios"));
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else if entry.file_name().to_string_lossy().ends_with(".scenario.yaml") {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, to).unwrap();
        }
    }
}

/// The examples in a command's help, each on one line. They are short enough to be pasted from any
/// terminal, because help is broken to its width.
fn examples(help: &str) -> Vec<String> {
    let (_, rest) = help.split_once("Examples:\n").unwrap();
    let mut examples: Vec<String> = Vec::new();
    for line in rest.lines().take_while(|line| !line.is_empty()) {
        assert!(line.len() <= 80, "{line}");
        match examples.last_mut().filter(|last| last.ends_with(['\\', '&'])) {
            Some(last) => *last = format!("{}{line}", last.trim_end_matches('\\')),
            None => examples.push(line.to_owned()),
        }
    }
    examples
}

#[test]
fn every_example_works_as_it_stands() {
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        let help = out(&run(&[&command, "--help"]));
        assert_eq!(examples(&help), examples(&out(&run(&[&command, "-h"]))));
        assert!(!examples(&help).is_empty(), "{command}");
        for example in examples(&help) {
            assert!(example.contains(&format!("koosim {command}")), "{example}");
            let folder = clone();
            for part in example.split("&&").map(words) {
                assert_eq!(part[0], "koosim");
                let done = koosim().current_dir(folder.path()).args(&part[1..]).output().unwrap();
                assert_eq!(done.status.code(), Some(0), "{example}: {}", err(&done));
                assert!(!done.stdout.is_empty() || !done.stderr.is_empty(), "{example}");
            }
        }
    }
}

#[test]
fn help_fits_its_width_and_tells_the_exit_codes_of_the_readme() {
    let help = out(&run(&["--help"]));
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    let table = help.split_once("Exit codes:\n").unwrap().1;
    let codes = table.lines().filter_map(|line| line.split_whitespace().next());
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split_once("## Exit codes").unwrap().1.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| "));
    let documented =
        rows.filter_map(|row| row.split(' ').next()).filter(|code| code.parse::<u8>().is_ok());
    assert_eq!(codes.collect::<Vec<_>>(), documented.collect::<Vec<_>>());
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = out(&run(&["completions", shell]));
        assert!(commands().iter().all(|command| text.contains(command.as_str())), "{shell}");
    }
    let page = out(&run(&["man"]));
    for command in commands() {
        assert!(page.contains(&format!("koosim\\-{command}(1)")), "{command}");
        let of = out(&run(&["man", &command]));
        assert!(of.starts_with(".ie") && of.contains("Examples:"), "{command}: {of}");
    }
}
