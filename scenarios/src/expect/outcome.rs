//! A scenario carried out and judged.

use super::Matcher;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::lower::Scenario;
use crate::span::Span;
use koosim_engine::record::Record;
use koosim_engine::run::{Observer, Run, RunError, StepOutcome, Summary};
use koosim_model::rulebook::RuleId;
use koosim_model::time::SimTime;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What became of one expectation, of a refused command, or of a wait in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which step of the plan, from 0; 0 is the setting up of the accounts.
    pub step: usize,
    /// Its place in the file.
    pub span: Span,
    /// The instant at which it was judged.
    pub at: Option<SimTime>,
    /// What was expected and what was seen, in one line; nothing if they agree.
    pub failure: Option<String>,
}

/// What became of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The name of the case.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// The seed of its draws.
    pub seed: u64,
    /// One for each expectation that was reached and for each thing that went wrong besides, in the
    /// order of the steps.
    pub verdicts: Vec<Verdict>,
    /// Expectations that were not reached, because a step before them waited in vain.
    pub unreached: usize,
    /// How often each rule decided or shaped what happened.
    pub rules: BTreeMap<RuleId, u64>,
    /// Instants, number of records and digest of the run.
    pub summary: Summary,
}

impl Outcome {
    /// Whether everything was as expected.
    pub fn passed(&self) -> bool {
        self.unreached == 0 && self.failures().next().is_none()
    }
    /// What was not as expected.
    pub fn failures(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| verdict.failure.is_some())
    }
    /// The failures as diagnostics of the file, to be shown in the same way.
    pub fn diagnostics(&self) -> Diagnostics {
        let mut out = Diagnostics::new();
        for verdict in self.failures() {
            let message = verdict.failure.clone().unwrap_or_default();
            let label = verdict.at.map_or_else(String::new, |at| format!("at {}", at.wall()));
            out.push(Diagnostic::error(Code::ExpectationFailed, verdict.span, message, label));
        }
        out
    }
}

/// Carries a scenario out and judges it.
pub fn run(scenario: &Scenario) -> Result<Outcome, RunError> {
    run_with(scenario, &mut Nobody)
}

/// The same with somebody else looking on, such as a writer of logs.
pub fn run_with(scenario: &Scenario, other: &mut dyn Observer) -> Result<Outcome, RunError> {
    run_in(scenario, Run::new(&scenario.name, Arc::clone(&scenario.plan))?, other)
}

/// The same in a run of the scenario's plan that was made before, such as one with recorded draws.
pub fn run_in(
    scenario: &Scenario,
    mut run: Run,
    other: &mut dyn Observer,
) -> Result<Outcome, RunError> {
    let mut both = Both { matcher: Matcher::new(scenario), other };
    let summary = match run.finish(&mut both) {
        Ok(summary) => summary,
        // Which step comes first may depend on the instant of an event.
        Err(RunError::Backwards { step, at, before }) => {
            let message = format!(
                "time runs backwards: {} is before {}, which the step above has reached",
                at.wall(),
                before.wall()
            );
            both.matcher.fail(step, None, message);
            run.summary()
        }
        Err(error) => return Err(error),
    };
    Ok(both.matcher.finish(summary))
}

struct Nobody;

impl Observer for Nobody {
    fn record(&mut self, _: &Record) {}
    fn step(&mut self, _: &Run, _: usize, _: StepOutcome) {}
}

struct Both<'s, 'o> {
    matcher: Matcher<'s>,
    other: &'o mut dyn Observer,
}

impl Observer for Both<'_, '_> {
    fn record(&mut self, record: &Record) {
        self.matcher.record(record);
        self.other.record(record);
    }
    fn step(&mut self, run: &Run, step: usize, outcome: StepOutcome) {
        self.matcher.step(run, step, outcome);
        self.other.step(run, step, outcome);
    }
}
