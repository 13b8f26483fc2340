//! The leading case, end to end below the scenario format: auto-renewal at seven days with a low
//! balance, a top-up after the third failure, and the success on the fourth attempt.

#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it says")]

use koosim_engine::log::{Footer, LogReader, LogWriter};
use koosim_engine::plan::{Awaited, Book, DrawMode, Plan, Step, When};
use koosim_engine::record::{Record, What};
use koosim_engine::run::{Observer, Run, StepOutcome, Summary};
use koosim_model::command::{Command, Envelope, Op, Tier};
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{AccountId, PhoneId, SizeId};
use koosim_model::rules::{Catalogue, Prices};
use koosim_model::state::AutoRenewal;
use koosim_model::term::Term;
use koosim_model::time::{SimDuration, SimTime, WallTime};
use std::sync::Arc;

fn cny(text: &str) -> Amount {
    Amount::parse(text, Currency::CNY).unwrap()
}

fn at(text: &str) -> SimTime {
    WallTime::parse(text).unwrap().instant()
}

fn step(when: When, ops: Vec<Op>) -> Step {
    let account = AccountId::new("acme").unwrap();
    let command = |op| Command { envelope: Envelope::scenario(account.clone()), op };
    Step { when, commands: ops.into_iter().map(command).collect(), network: Vec::new() }
}

fn plan(draws: DrawMode) -> Plan {
    let phone = PhoneId::new("p1").unwrap();
    let size = SizeId::new("pro-4c8g64g").unwrap();
    let hour = Some(cny("0.60"));
    let prices = Prices { month: Some(cny("259.00")), year: None, hour };
    let start = at("2024-03-08 15:50:04");
    let auto_renewal = Some(AutoRenewal { every: None, times_left: None });
    let open = Op::OpenAccount { tier: Tier::V0, credit_limit: cny("0"), discount: Fraction::ZERO };
    let buy = Op::Buy {
        setup: None,
        phones: vec![phone],
        size: size.clone(),
        term: Term::Months(1),
        auto_renewal,
        payment: Some(Vec::new()),
    };
    let awaited = Awaited {
        kind: "provisioned".to_owned(),
        account: None,
        phone: None,
        within: SimDuration::from_hours(1),
    };
    Plan {
        start,
        seed: 7,
        draws,
        book: Book {
            reference: "cn".parse().unwrap(),
            overrides: Vec::new(),
            catalogue: Catalogue::new([(size.clone(), prices)].into()),
        },
        steps: vec![
            step(When::At(start), vec![open, Op::TopUp { amount: cny("259.00") }, buy]),
            step(
                When::On(awaited),
                vec![Op::CreateOnDemand { phone: PhoneId::new("d1").unwrap(), size }],
            ),
            step(When::At(at("2024-04-03 12:00:00")), vec![Op::TopUp { amount: cny("300.00") }]),
            step(When::At(at("2024-05-10 00:00:00")), Vec::new()),
        ],
    }
}

#[derive(Default)]
struct Story(Vec<Record>);

impl Observer for Story {
    fn record(&mut self, record: &Record) {
        self.0.push(record.clone());
    }
    fn step(&mut self, _: &Run, _: usize, outcome: StepOutcome) {
        assert!(matches!(outcome, StepOutcome::Reached(_)));
    }
}

fn run(draws: DrawMode) -> (Summary, Vec<Record>, Run) {
    let mut run = Run::new("test", Arc::new(plan(draws))).unwrap();
    let mut story = Story::default();
    let summary = run.finish(&mut story).unwrap();
    (summary, story.0, run)
}

#[test]
fn auto_renewal_fails_three_times_and_succeeds_after_the_top_up() {
    let (_, records, _) = run(DrawMode::Default);
    let told = records.iter().filter(|r| {
        let text = serde_json::to_string(r).unwrap();
        text.contains("p1")
    });
    let lines: Vec<_> = told
        .map(|r| format!("{} {}", r.at.wall(), serde_json::to_string(&r.what).unwrap()))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_log_reads_back_to_the_same_records_and_digest() {
    let (summary, records, run) = run(DrawMode::Random);
    assert!(records.iter().any(|record| matches!(record.what, What::Draw(_))));
    let mut log = LogWriter::new(Vec::new(), run.header()).unwrap();
    for record in &records {
        log.record(record).unwrap();
    }
    let footer = Footer { end: summary.end, records: summary.records, digest: summary.digest };
    let text = log.finish(&footer).unwrap();
    let mut reader = LogReader::new(text.as_slice()).unwrap();
    assert_eq!(reader.header(), run.header());
    let mut digester = koosim_engine::digest::Digester::new(&reader.header().given().unwrap());
    let mut back = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        digester.add(&record).unwrap();
        back.push(record);
    }
    assert_eq!(back, records);
    assert_eq!(reader.footer(), Some(&footer));
    assert_eq!(digester.digest(), summary.digest);
}

#[test]
fn a_fork_continued_equals_a_run_from_the_start() {
    let (whole, ..) = run(DrawMode::Random);
    let mut run = Run::new("test", Arc::new(plan(DrawMode::Random))).unwrap();
    run.advance(&mut Story::default()).unwrap();
    run.advance(&mut Story::default()).unwrap();
    let mut fork = run.clone();
    run.finish(&mut Story::default()).unwrap();
    assert_eq!(fork.finish(&mut Story::default()).unwrap(), whole);
}

#[test]
fn recorded_draws_replay_and_a_different_one_stops_the_run() {
    let (whole, records, _) = run(DrawMode::Random);
    let draws: std::collections::VecDeque<_> = records
        .iter()
        .filter_map(|record| match &record.what {
            What::Draw(draw) => Some((record.account.clone(), draw.clone())),
            _ => None,
        })
        .collect();
    let mut replay = Run::new("test", Arc::new(plan(DrawMode::Random))).unwrap();
    replay.replay(draws.clone());
    assert_eq!(replay.finish(&mut Story::default()).unwrap().digest, whole.digest);

    let (plain, ..) = run(DrawMode::Default);
    let mut replay = Run::new("test", Arc::new(plan(DrawMode::Default))).unwrap();
    replay.replay(std::collections::VecDeque::new());
    assert_eq!(replay.finish(&mut Story::default()).unwrap().digest, plain.digest);

    let mut other = draws;
    other.remove(1);
    let mut replay = Run::new("test", Arc::new(plan(DrawMode::Random))).unwrap();
    replay.replay(other);
    let error = replay.finish(&mut Story::default()).unwrap_err().to_string();
    assert!(error.starts_with("draw 2 of the replay: recorded"), "{error}");
}
