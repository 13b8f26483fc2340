//! The state of a run at an instant: the fold of its records up to and with it. And a checkpoint, to
//! see that a run continued from the middle is the run from the start.

use crate::exit::Stop;
use koosim_engine::accounts::Accounts;
use koosim_engine::log::{LogError, LogReader};
use koosim_engine::record::Record;
use koosim_engine::run::{Observer, Run, RunError, StepOutcome, Summary};
use koosim_model::decision::Fault;
use koosim_model::time::SimTime;
use koosim_reports::style::{BAD, GOOD, styled};
use koosim_scenarios::lower::Scenario;
use serde_json::{Value as Json, json};
use std::io::BufRead;
use std::sync::Arc;

/// Accounts as they stood.
pub(crate) struct Fold {
    pub(crate) accounts: Accounts,
    pub(crate) at: SimTime,
}

/// The fold of a log.
pub(crate) fn of_log(name: &str, from: impl BufRead, until: Option<SimTime>) -> Result<Fold, Stop> {
    let wrong = |error: LogError| Stop::unusable(format!("`{name}`: {error}"));
    let mut reader = LogReader::new(from).map_err(wrong)?;
    let mut accounts = Accounts::default();
    let mut last = reader.header().start;
    while let Some(record) = reader.next_record().map_err(wrong)? {
        if until.is_some_and(|until| record.at > until) {
            break;
        }
        last = record.at;
        let line = reader.line();
        apply(&mut accounts, &record)
            .map_err(|fault| Stop::unusable(format!("`{name}`: line {line}: {fault}")))?;
    }
    let end = reader.footer().map_or(last, |footer| footer.end);
    Ok(Fold { accounts, at: until.unwrap_or(end) })
}

fn apply(accounts: &mut Accounts, record: &Record) -> Result<(), Fault> {
    match record.event() {
        Some(event) => accounts.apply(&record.account, record.at, event),
        None => Ok(()),
    }
}

/// The fold of what a scenario does.
pub(crate) fn of_scenario(scenario: &Scenario, until: Option<SimTime>) -> Result<Fold, Stop> {
    let mut folder = Folder { accounts: Accounts::default(), until, fault: None };
    let summary = begin(scenario)?.finish(&mut folder).map_err(|error| stop(&error))?;
    match folder.fault {
        Some(fault) => Err(Stop::internal(fault.to_string())),
        None => Ok(Fold { accounts: folder.accounts, at: until.unwrap_or(summary.end) }),
    }
}

fn begin(scenario: &Scenario) -> Result<Run, Stop> {
    Run::new(&scenario.name, Arc::clone(&scenario.plan)).map_err(|error| stop(&error))
}

fn stop(error: &RunError) -> Stop {
    match error {
        RunError::Book(_) | RunError::Backwards { .. } => Stop::unusable(error.to_string()),
        RunError::World(_) | RunError::Network(_) | RunError::Pack(_) => {
            Stop::internal(error.to_string())
        }
    }
}

struct Folder {
    accounts: Accounts,
    until: Option<SimTime>,
    fault: Option<Fault>,
}

impl Observer for Folder {
    fn record(&mut self, record: &Record) {
        if self.fault.is_none() && self.until.is_none_or(|until| record.at <= until) {
            self.fault = apply(&mut self.accounts, record).err();
        }
    }
    fn step(&mut self, _: &Run, _: usize, _: StepOutcome) {}
}

/// A run from the start, and the same continued from a checkpoint.
pub(crate) struct Continued {
    forked: SimTime,
    whole: Summary,
    fork: Summary,
}

/// Forks a scenario after its last step that is not later than `at`, and continues the fork once
/// the run itself has ended.
pub(crate) fn continued(scenario: &Scenario, at: SimTime) -> Result<Continued, Stop> {
    let mut scout = begin(scenario)?;
    let mut taken = 0_usize;
    while scout.advance(&mut Nobody).map_err(|error| stop(&error))? && scout.world().now() <= at {
        taken += 1;
    }
    let mut run = begin(scenario)?;
    for _ in 0..taken {
        run.advance(&mut Nobody).map_err(|error| stop(&error))?;
    }
    let mut fork = run.clone();
    let forked = run.world().now();
    let whole = run.finish(&mut Nobody).map_err(|error| stop(&error))?;
    let fork = fork.finish(&mut Nobody).map_err(|error| stop(&error))?;
    Ok(Continued { forked, whole, fork })
}

impl Continued {
    /// Whether they are the same run.
    pub(crate) fn same(&self) -> bool {
        self.whole == self.fork
    }
    /// As styled text.
    pub(crate) fn pretty(&self) -> String {
        let (style, verdict) =
            if self.same() { (GOOD, "the same run") } else { (BAD, "another run") };
        format!(
            "\nforked at {} and continued to {}: {} {}, from the start {}\n",
            self.forked.wall(),
            self.fork.end.wall(),
            styled(style, verdict),
            self.fork.digest.short(),
            self.whole.digest.short(),
        )
    }
    /// As JSON.
    pub(crate) fn json(&self) -> Json {
        json!({
            "forked": self.forked,
            "end": self.fork.end,
            "same": self.same(),
            "digest": self.fork.digest,
            "digest_from_start": self.whole.digest,
        })
    }
}

struct Nobody;

impl Observer for Nobody {
    fn record(&mut self, _: &Record) {}
    fn step(&mut self, _: &Run, _: usize, _: StepOutcome) {}
}
