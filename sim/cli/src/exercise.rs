//! What exercises the rules: scenarios, by running them, the worked examples of the vendor, and the
//! properties that tests hold.

use crate::exit::{Exit, Stop};
use crate::io::Io;
use crate::parallel::{in_batches, pool};
use crate::progress::Progress;
use crate::runner::{Job, carry_out};
use crate::suite::{CaseId, Suite, Wish};
use koosim_model::command::Op;
use koosim_model::rulebook::RuleId;
use koosim_reports::coverage::Coverage;
use koosim_reports::run::Verdict;
use koosim_scenarios::traces::Traces;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How each worked example of the vendor is checked.
const VECTORS: &str = include_str!("../../../model/vectors/verdicts.json");
/// The ways of checking an example in which the rules themselves give its figures.
const EXERCISED: [&str; 4] = ["rules", "function", "edition", "override"];

/// The properties that tests hold, with the rules of each.
const PROPERTIES: &str = include_str!("../../../model/vectors/invariants.json");
/// The same of who may do what, and of pictures.
const HELD: &str = include_str!("../../../model/vectors/held.json");

/// What is read of a property.
#[derive(Deserialize)]
struct PropertyDoc {
    name: String,
    rules: BTreeSet<RuleId>,
}

/// What is read of such an example.
#[derive(Deserialize)]
struct VectorDoc {
    id: String,
    rules: BTreeSet<RuleId>,
    verdict: String,
}

/// Where scenarios are looked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Where {
    /// The folder with the scenarios to run
    #[arg(long, default_value = "scenarios", value_name = "PATH")]
    scenarios: PathBuf,
    /// Threads; without it, one for each core
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
}

/// Runs the scenarios, and says what made each rule act.
pub(crate) fn coverage(args: &Where, io: &mut Io) -> Result<Coverage, Stop> {
    let mut coverage = Coverage::default();
    let vectors: Vec<VectorDoc> = serde_json::from_str(VECTORS)
        .map_err(|error| Stop::internal(format!("the worked examples: {error}")))?;
    for vector in vectors.iter().filter(|one| EXERCISED.contains(&one.verdict.as_str())) {
        coverage.vector(&vector.id, &vector.rules);
    }
    for list in [PROPERTIES, HELD] {
        let properties: Vec<PropertyDoc> = serde_json::from_str(list)
            .map_err(|error| Stop::internal(format!("the properties: {error}")))?;
        for property in &properties {
            coverage.property(&property.name, &property.rules);
        }
    }
    if !args.scenarios.exists() {
        io.say(&format!("no folder `{}` here: no scenario is counted", args.scenarios.display()));
        return Ok(coverage);
    }
    let suite = Suite::load(std::slice::from_ref(&args.scenarios), &Traces::default(), io)?;
    if suite.exit != Exit::Pass {
        io.say("files that cannot be used are not counted");
    }
    let mut ids = Vec::new();
    for id in suite.cases() {
        let (file, scenario) = suite.case(id, Wish::default())?;
        let plan = &scenario.plan;
        coverage.scenario(file.source().name(), &plan.network_rules());
        let mut asked = plan.steps.iter().flat_map(|step| &step.commands);
        // Where accounts only open no other rule is tried, and pictures alone take long.
        let is_tried = asked.any(|command| !matches!(command.op, Op::OpenAccount { .. }));
        if is_tried || !plan.has_network() {
            ids.push(id);
        }
    }
    let mut progress = Progress::new(io, ids.len(), "scenarios");
    let mut failed = 0_usize;
    let work = |id: &CaseId| {
        let (file, scenario) = suite.case(*id, Wish::default())?;
        carry_out(file, &scenario, Job::default(), None)
    };
    in_batches(&pool(args.jobs)?, &ids, work, |done| {
        for case in done {
            let case = case?;
            progress.step();
            failed += usize::from(case.verdict != Verdict::Passed);
            // All cases of a file are one scenario.
            coverage.scenario(&case.file, &case.rules);
        }
        Ok(())
    })?;
    drop(progress);
    if failed > 0 {
        io.say(&format!("{failed} of the cases that are counted did not pass"));
    }
    Ok(coverage)
}
