//! The judge against logs that are right, late, renamed, stripped, and wrong in one place.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first thing that is not as it says"
)]

use koosim_engine::log::{Footer, LogWriter};
use koosim_engine::plan::{Book, DrawMode, Plan, Step, When};
use koosim_engine::record::Record;
use koosim_engine::run::{Observer, Run, StepOutcome};
use koosim_model::command::Command;
use koosim_model::time::{SimDuration, SimTime};
use koosim_oracle::divergence::Kind;
use koosim_oracle::judge::{Options, Verdict, judge};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

struct Writer(LogWriter<Vec<u8>>);

impl Observer for Writer {
    fn record(&mut self, record: &Record) {
        self.0.record(record).unwrap();
    }
    fn step(&mut self, _: &Run, _: usize, _: StepOutcome) {}
}

/// A plan without a network, as `plan.json` has it.
#[derive(Deserialize)]
struct PlanFile {
    start: SimTime,
    seed: u64,
    draws: DrawMode,
    book: Book,
    steps: Vec<StepFile>,
}

#[derive(Deserialize)]
struct StepFile {
    when: When,
    commands: Vec<Command>,
}

impl From<PlanFile> for Plan {
    fn from(file: PlanFile) -> Self {
        let PlanFile { start, seed, draws, book, steps } = file;
        let step = |StepFile { when, commands }| Step { when, commands, network: Vec::new() };
        Self { start, seed, draws, book, steps: steps.into_iter().map(step).collect() }
    }
}

/// The lines of a whole log of our own.
fn own_log() -> Vec<Value> {
    let plan: PlanFile = serde_json::from_str(include_str!("plan.json")).unwrap();
    let mut run = Run::new("judge", Arc::new(plan.into())).unwrap();
    let mut writer = Writer(LogWriter::new(Vec::new(), run.header()).unwrap());
    let summary = run.finish(&mut writer).unwrap();
    let footer = Footer { end: summary.end, records: summary.records, digest: summary.digest };
    let text = String::from_utf8(writer.0.finish(&footer).unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The log as somebody else would write it: no internal half, no draws, no footer, own order names.
fn foreign_log() -> Vec<Value> {
    let mut lines = own_log();
    lines.retain(|line| line.get("footer").is_none() && line.pointer("/what/draw").is_none());
    for line in &mut lines {
        if let Some(line) = line.as_object_mut() {
            line.remove("inside");
        }
        let header = line.get_mut("header").and_then(Value::as_object_mut);
        if let Some(header) = header {
            for ours in ["plan", "rules", "seed", "draws"] {
                header.remove(ours);
            }
        }
    }
    let text = serde_json::to_string(&lines).unwrap();
    let text = text.replace("\"o1\"", "\"CS-2403081550\"").replace("\"o2\"", "\"CS-2404010300\"");
    serde_json::from_str(&text).unwrap()
}

fn judged_with(lines: &[Value], options: Options) -> Verdict {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    judge(text.as_bytes(), options).unwrap()
}

fn judged(lines: &[Value]) -> Verdict {
    judged_with(lines, Options::default())
}

/// The place of the first event of a kind at or after a wall time.
fn place(lines: &[Value], kind: &str, from: &str) -> usize {
    let found = lines.iter().position(|line| {
        let at = line.get("at").and_then(Value::as_str).unwrap_or("");
        at >= from && line.pointer(&format!("/what/event/{kind}")).is_some()
    });
    found.unwrap()
}

/// Moves a record to another instant and the lines back into the order of time.
fn move_to(lines: &mut [Value], place: usize, at: &str) {
    lines[place]["at"] = at.into();
    lines[1..].sort_by_key(|line| line["at"].as_str().unwrap_or("").to_owned());
}

fn first_divergence(lines: &[Value]) -> (Kind, String) {
    let divergence = judged(lines).divergence.unwrap();
    (divergence.kind, divergence.to_string())
}

#[test]
fn our_own_log_is_green_and_its_digest_fits() {
    let verdict = judged(&own_log()[..]);
    assert_eq!(verdict.divergence.map(|d| d.to_string()), None);
    assert_eq!(verdict.digest_fits, Some(true));
}

#[test]
fn a_foreign_log_without_internals_footer_and_our_names_is_green() {
    let verdict = judged(&foreign_log());
    assert_eq!(verdict.divergence.map(|d| d.to_string()), None);
    assert_eq!(verdict.digest_fits, None);
    assert!(verdict.records > 20);
}

#[test]
fn a_late_settlement_inside_its_window_stays_green_and_so_does_the_rest() {
    let mut lines = foreign_log();
    let late = place(&lines, "settled", "2024-03-08T20");
    let from = lines[late].pointer("/what/event/settled/to").unwrap().as_str().unwrap().to_owned();
    // The latest instant: two hours after the clock hour ended, to the second.
    let hour: u32 = from[11..13].parse().unwrap();
    move_to(&mut lines, late, &format!("2024-03-08T{:02}:00:00+08:00", hour + 2));
    assert_eq!(judged(&lines).divergence.map(|d| d.to_string()), None);
}

#[test]
fn a_settlement_after_its_window_is_named() {
    let mut lines = foreign_log();
    let late = place(&lines, "settled", "2024-03-09T08:30");
    move_to(&mut lines, late, "2024-03-09T18:00:00+08:00");
    let (kind, text) = first_divergence(&lines);
    assert_eq!(kind, Kind::Missing);
    insta::assert_snapshot!("late_settlement", text);
}

#[test]
fn an_early_renewal_is_named_as_an_instant() {
    let mut lines = foreign_log();
    let early = place(&lines, "auto_renewal", "2024-04-01");
    move_to(&mut lines, early, "2024-03-31T03:00:00+08:00");
    let (kind, text) = first_divergence(&lines);
    assert_eq!(kind, Kind::Instant);
    insta::assert_snapshot!("early_renewal", text);
}

#[test]
fn a_wrong_amount_is_named_with_its_field() {
    let mut lines = foreign_log();
    let wrong = place(&lines, "settled", "2024-03-08T18");
    lines[wrong]["what"]["event"]["settled"]["due"] = "0.61 CNY".into();
    let (kind, text) = first_divergence(&lines);
    assert_eq!(kind, Kind::Content);
    insta::assert_snapshot!("wrong_amount", text);
}

#[test]
fn a_missing_answer_and_a_wrong_refusal_are_named() {
    let mut lines = foreign_log();
    let gone = place(&lines, "charged", "2024-03-08");
    lines.remove(gone);
    let (kind, text) = first_divergence(&lines);
    assert_eq!(kind, Kind::Missing, "{text}");
    assert!(text.contains("expected  2024-03-08 15:50:04  charged"), "{text}");

    let mut lines = foreign_log();
    let refusal = lines.iter().position(|line| line.pointer("/what/refusal").is_some()).unwrap();
    lines[refusal]["what"]["refusal"]["reason"] = "in_arrears".into();
    let (kind, text) = first_divergence(&lines);
    assert_eq!(kind, Kind::Refusal);
    insta::assert_snapshot!("wrong_refusal", text);
}

#[test]
fn an_event_out_of_nowhere_is_named() {
    let mut lines = foreign_log();
    let settled = place(&lines, "settled", "2024-03-08T18");
    let twice = lines[settled].clone();
    lines.insert(settled, twice);
    let (kind, _) = first_divergence(&lines);
    assert!(matches!(kind, Kind::Unexpected | Kind::Content | Kind::Instant));
    let expired = place(&lines, "auto_renewal", "2024-04-01");
    let mut lines = foreign_log();
    lines[expired - 1]["what"]["event"] = serde_json::json!({"deduction_day_set": {"days": 3}});
    assert_eq!(first_divergence(&lines).0, Kind::Unexpected);
}

#[test]
fn tolerance_forgives_a_writer_that_is_late_by_its_own_clock() {
    let mut lines = foreign_log();
    let expiry = place(&lines, "auto_renewal", "2024-04-01");
    for line in &mut lines[expiry..] {
        if line["at"] == "2024-04-01T03:00:00+08:00" {
            line["at"] = "2024-04-01T03:00:00.250+08:00".into();
        }
    }
    assert!(judged(&lines).divergence.is_some());
    let options = Options { tolerance: SimDuration::from_millis(300) };
    let found = judged_with(&lines, options).divergence;
    assert_eq!(found.map(|d| d.to_string()), None);
}
