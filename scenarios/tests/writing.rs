//! A log written as a scenario file does again what the log tells.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use koosim_engine::log::Header;
use koosim_engine::plan::When;
use koosim_engine::record::{Record, What};
use koosim_engine::run::{Observer, Run, StepOutcome};
use koosim_model::command::{Command, Source};
use koosim_scenarios::diagnostic::{Form, RenderOptions, render};
use koosim_scenarios::expect::run_with;
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::lower::Scenario;
use koosim_scenarios::write;
use std::path::{Path, PathBuf};

const PLAIN: RenderOptions = RenderOptions { form: Form::Graphical, color: false, width: 100 };

/// Keeps every record of a run.
#[derive(Default)]
struct Keep(Vec<Record>);

impl Observer for Keep {
    fn record(&mut self, record: &Record) {
        self.0.push(record.clone());
    }
    fn step(&mut self, _: &Run, _: usize, _: StepOutcome) {}
}

/// What happened to each account, without the places in the log; a written file tells of no network.
fn story(records: &[Record]) -> Vec<(String, String, &What)> {
    let told = |record: &Record| !matches!(record.what, What::Draw(_) | What::Sight(_));
    let told = records.iter().filter(|record| told(record));
    let mut told: Vec<_> =
        told.map(|r| (r.account.to_string(), r.at.to_string(), &r.what)).collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    told
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.to_string_lossy().ends_with(".scenario.yaml") {
            found.push(path);
        }
    }
}

/// A command that waits for an event comes after everything else of its instant, which only the words
/// of its own file can say.
fn waits(scenario: &Scenario) -> bool {
    let mut waiting = false;
    scenario.plan.steps.iter().any(|step| {
        match step.when {
            When::On(_) => waiting = true,
            When::At(_) => waiting = false,
            When::After(length) => waiting &= length.as_nanos() == 0,
        }
        waiting && !step.commands.is_empty()
    })
}

fn written(header: &Header, records: &[Record], run: &Run) -> String {
    let accounts = run.world().accounts().iter();
    let balances: Vec<_> = accounts.map(|(id, a)| (id.clone(), a.ledger.cash())).collect();
    let end = run.summary().end;
    write::scenario(header, records, end, &balances).unwrap()
}

#[test]
fn every_log_of_the_suite_written_as_a_file_tells_itself_again() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("suite"), &mut found);
    let (mut cases, mut told) = (0, 0);
    for path in found {
        let name = path.display().to_string();
        let file = ScenarioFile::read(&name, &std::fs::read(&path).unwrap());
        for scenario in (0..file.cases()).filter_map(|index| file.case(index)) {
            cases += 1;
            if waits(&scenario) {
                continue;
            }
            let mut run = Run::new(&scenario.title, scenario.plan.clone()).unwrap();
            let mut seen = Keep::default();
            run.finish(&mut seen).unwrap();
            // What the network asked for is asked by the file when it is told again.
            let by_network = |command: &Command| command.envelope.source == Source::Network;
            if seen.0.iter().any(|r| matches!(&r.what, What::Command(c) if by_network(c))) {
                continue;
            }
            let text = written(run.header(), &seen.0, &run);
            let again = ScenarioFile::read("again.yaml", text.as_bytes());
            let shown = render(again.source(), again.diagnostics(), PLAIN);
            assert!(again.diagnostics().is_empty(), "{name}:\n{text}\n{shown}");
            let mut seen_again = Keep::default();
            let outcome = run_with(&again.case(0).unwrap(), &mut seen_again).unwrap();
            let failed = render(again.source(), &outcome.diagnostics(), PLAIN);
            assert!(outcome.passed(), "{name}:\n{text}\n{failed}");
            let (one, other) = (story(&seen.0), story(&seen_again.0));
            let differing = one.iter().zip(&other).find(|(one, other)| one != other);
            assert_eq!(differing, None, "{name}:\n{text}");
            assert_eq!(one.len(), other.len(), "{name}:\n{text}");
            told += 1;
        }
    }
    assert!(told * 2 > cases, "{told} of {cases} cases");
}
