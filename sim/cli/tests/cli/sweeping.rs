//! A sweep leaves the same bytes at any number of threads, and goes on where it was killed.

use crate::common::{err, file, files, koosim, out, run};
use serde_json::Value;
use std::fs;
use std::process::Output;
use tempfile::TempDir;

fn sweep(folder: &TempDir, out: &str, more: &[&str]) -> Output {
    let (two, out) = (file(folder, "two.scenario.yaml"), file(folder, out));
    run(&[&["sweep", &two, "--seeds", "0..50", "--out", &out], more].concat())
}

#[test]
fn the_result_is_the_same_bytes_at_any_number_of_threads() {
    let folder = files();
    let results = ["1", "2", "5"].map(|jobs| {
        let output = sweep(&folder, jobs, &["--jobs", jobs]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert_eq!(out(&output), "seeds 0..50: 100 pass\n");
        fs::read_to_string(folder.path().join(jobs)).unwrap()
    });
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
    let lines: Vec<_> = results[0].lines().collect();
    assert_eq!(lines.len(), 101);
    let seeds = lines[1..].iter().map(|line| {
        let row: Value = serde_json::from_str(line).unwrap();
        (row["case"].as_u64().unwrap(), row["seed"].as_u64().unwrap())
    });
    assert!(seeds.is_sorted());
}

#[test]
fn a_killed_sweep_goes_on_where_it_was() {
    let folder = files();
    sweep(&folder, "whole", &[]);
    let whole = fs::read_to_string(folder.path().join("whole")).unwrap();
    // What a killed sweep leaves: a journal with some rows in any order, and a torn last line.
    let mut lines: Vec<_> = whole.split_inclusive('\n').take(41).collect();
    lines[1..].reverse();
    let torn = lines.concat() + whole.lines().nth(60).unwrap().split_once("verdict").unwrap().0;
    fs::write(folder.path().join("resumed.journal"), torn).unwrap();
    let output = sweep(&folder, "resumed", &["--jobs", "2"]);
    assert!(err(&output).contains("40 rows are there already, 60 to go"), "{}", err(&output));
    assert_eq!(fs::read_to_string(folder.path().join("resumed")).unwrap(), whole);
    assert!(!folder.path().join("resumed.journal").exists());
    // A finished sweep has nothing left to do, and a longer one only the rest.
    let output = sweep(&folder, "resumed", &[]);
    assert!(err(&output).contains("100 rows are there already, 0 to go"), "{}", err(&output));
    assert_eq!(fs::read_to_string(folder.path().join("resumed")).unwrap(), whole);
    let output = sweep(&folder, "resumed", &["--quiet"]);
    assert_eq!(err(&output), "");
}

#[test]
fn rows_of_another_plan_or_of_other_seeds_are_refused() {
    let folder = files();
    sweep(&folder, "rows", &[]);
    let output = sweep(&folder, "rows", &["--draws", "default"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("holds a sweep of another plan"), "{}", err(&output));
    let (two, rows) = (file(&folder, "two.scenario.yaml"), file(&folder, "rows"));
    let output = run(&["sweep", &two, "--seeds", "0..10", "--out", &rows]);
    assert!(err(&output).contains("holds seed 10, which is not in 0..10"), "{}", err(&output));
    let output = run(&["sweep", &two, "--seeds", "0..=60", "--out", &rows]);
    assert!(err(&output).contains("100 rows are there already, 22 to go"), "{}", err(&output));
}

#[test]
fn failing_seeds_are_named_with_the_command_that_runs_them_again() {
    let folder = files();
    // Provisioning is drawn from ten seconds to ten minutes: some seeds are later than five.
    let two = file(&folder, "two.scenario.yaml");
    let text = fs::read_to_string(&two).unwrap();
    let within = text.replace("after: provisioned", "after: provisioned\n    within: 5 min");
    assert_ne!(text, within);
    fs::write(&two, within).unwrap();
    let output = run(&["sweep", &two, "--seeds", "0..40", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    let count = |verdict: &str| json["verdicts"][verdict].as_u64().unwrap();
    assert_eq!(count("pass") + count("fail"), 80);
    let first = &json["first_failing"][0];
    let again = first["again"].as_str().unwrap().replace('\'', "");
    let words: Vec<_> = again.split(' ').skip(1).chain(["--format", "json"]).collect();
    let output = koosim().args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{again}");
    let run: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(run["scenarios"][0]["digest"], first["row"]["digest"]);
    let text = out(&crate::common::run(&["sweep", &two, "--seeds", "0..40"]));
    assert!(text.contains(&format!("seed {}: ", first["row"]["seed"])), "{text}");
}
