//! The stories that are audited: the suite of scenarios, and random histories of a fixed seed.

use super::{Story, Told, What};
use crate::desk::{Asked, Desk};
use crate::history::{History, histories};
use koosim_engine::plan::{DrawMode, Plan};
use koosim_engine::record::Record;
use koosim_engine::run::{Observer, Run, StepOutcome};
use koosim_model::name::AccountId;
use koosim_model::time::SimTime;
use koosim_scenarios::file::ScenarioFile;
use proptest::prelude::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Random histories beside the suite.
const HISTORIES: usize = 160;
/// Most requests of each.
const COMMANDS: usize = 24;
/// The seed of them.
const SEED: [u8; 32] = *b"one seed, and counts stay as is.";

#[derive(Default)]
struct Keep(Vec<Record>);

impl Observer for Keep {
    fn record(&mut self, record: &Record) {
        self.0.push(record.clone());
    }
    fn step(&mut self, _: &Run, _: usize, _: StepOutcome) {}
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.to_string_lossy().ends_with(".scenario.yaml") {
            found.push(path);
        }
    }
}

/// Every case of the suite: its name and its plan.
pub(crate) fn suite() -> Vec<(String, Arc<Plan>)> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("suite"), &mut found);
    let mut plans = Vec::new();
    for path in found {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let file = ScenarioFile::read(&name, &std::fs::read(&path).unwrap());
        for scenario in (0..file.cases()).filter_map(|index| file.case(index)) {
            plans.push((name.clone(), scenario.plan));
        }
    }
    plans
}

/// The stories of a plan, one of each account; none if the plan cannot be carried out to its end.
pub(crate) fn stories(name: &str, plan: &Arc<Plan>) -> Vec<Story> {
    let Ok(mut run) = Run::new(name, Arc::clone(plan)) else { return Vec::new() };
    let mut seen = Keep::default();
    let Ok(summary) = run.finish(&mut seen) else { return Vec::new() };
    let rules = plan.book.rules().unwrap();
    let drawn = plan.draws == DrawMode::Random;
    Story::of_run(name, &rules, drawn, &seen.0, summary.end)
}

/// Random histories, always the same ones.
pub(crate) fn random() -> Vec<History> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = histories(COMMANDS);
    (0..HISTORIES).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// The story of a desk, judged by the rules behind it.
pub(crate) fn story(name: &str, desk: &Desk) -> Story {
    let mut told = Vec::new();
    let mut asked = desk.asked.iter().peekable();
    let mut reasons = desk.reasons.iter().rev();
    let mut of_events: Vec<_> = (0..desk.log().len())
        .rev()
        .map(|place| reasons.find(|(at, _)| *at == place).unwrap().1.to_vec())
        .collect();
    for (place, (at, event)) in desk.log().iter().enumerate() {
        while let Some(one) = asked.next_if(|one| one.place <= place) {
            tell(one, &mut told);
        }
        let rules = of_events.pop().unwrap();
        told.push(Told { at: *at, what: What::Happened(event.clone()), rules });
    }
    asked.for_each(|one| tell(one, &mut told));
    let end = told.iter().map(|told| told.at).max().unwrap_or(SimTime::EPOCH);
    told.push(Told { at: end, what: What::Over, rules: Vec::new() });
    Story {
        name: name.to_owned(),
        account: AccountId::new("acme").unwrap(),
        rules: desk.rules().clone(),
        told_by: desk.rules().clone(),
        drawn: false,
        told,
    }
}

fn tell(Asked { at, command, refused, .. }: &Asked, told: &mut Vec<Told>) {
    let asked = What::Asked(Box::new(command.clone()));
    told.push(Told { at: *at, what: asked, rules: Vec::new() });
    if let Some((reason, rules)) = refused {
        let what = What::Refused(reason.clone());
        told.push(Told { at: *at, what, rules: rules.to_vec() });
    }
}
