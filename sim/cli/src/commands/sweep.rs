//! `koosim sweep`: a scenario with many seeds.

use crate::args::Format;
use crate::commands::run::Draws;
use crate::exit::{Exit, Stop};
use crate::io::Io;
use crate::parallel::{in_batches, pool};
use crate::progress::Progress;
use crate::runner::{Job, carry_out, exit_of};
use crate::suite::{CaseId, Suite, Wish};
use crate::sweep::{Header, Journal, Row, Rows, Seeds};
use koosim_engine::digest::Digest;
use koosim_engine::log;
use koosim_engine::plan::DrawMode;
use koosim_reports::run::{Case, Verdict};
use koosim_reports::style::{BAD, GOOD, styled};
use serde_json::{Value as Json, json};
use std::path::PathBuf;

/// Layout of the JSON form.
const VERSION: u32 = 1;
/// How many failing seeds are named.
const NAMED: usize = 5;

/// Run a scenario with many seeds on all cores
///
/// With --out, each seed's row is kept as soon as its batch is done: a sweep that was killed goes on
/// where it was, and the finished file has the same bytes at any number of threads.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  koosim sweep scenarios/suite/billing/auto-renewal.scenario.yaml --seeds 0..100
  koosim sweep scenarios/suite/billing/auto-renewal.scenario.yaml --seeds 0..100 --jobs 2 --out target/sweep.jsonl")]
pub(crate) struct Args {
    /// A scenario file; every case of it is swept
    file: PathBuf,
    /// The seeds: `0..1000` without the last, `0..=999` with it
    #[arg(long, value_name = "A..B")]
    seeds: Seeds,
    /// How to choose the instants that rules leave open
    #[arg(long, value_enum, default_value = "random", value_name = "HOW")]
    draws: Draws,
    /// Where to keep a row for each seed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Threads; without it, one for each core
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
    /// How to write the summary
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// One case with one seed.
#[derive(Clone, Copy)]
struct Task {
    id: CaseId,
    seed: u64,
}

/// Sweeps.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let suite = Suite::only_file(&args.file, io)?;
    let ids = suite.cases();
    let header = header(args, &suite, &ids)?;
    let mut keep = match &args.out {
        Some(out) => Keep::File(Journal::open(out, header)?),
        None => Keep::Memory(Rows::new()),
    };
    let done = keep.rows();
    if let Some((_, seed)) = done.keys().find(|(_, seed)| !args.seeds.contains(*seed)) {
        let seeds = args.seeds;
        let message = format!("--out holds seed {seed}, which is not in {seeds}; give another --out");
        return Err(Stop::unusable(message));
    }
    let all = ids.iter().flat_map(|id| args.seeds.iter().map(|seed| Task { id: *id, seed }));
    let todo: Vec<_> = all.filter(|task| !done.contains_key(&(task.id.case, task.seed))).collect();
    if !done.is_empty() {
        io.say(&format!("{} rows are there already, {} to go", done.len(), todo.len()));
    }
    let (exit, again) = sweep(args, &suite, &todo, &mut keep, io)?;
    let rows = keep.finish()?;
    let summary = Summary::of(&rows, again);
    match args.format {
        Format::Pretty => io.data(&summary.pretty(args))?,
        Format::Json => io.json(&summary.json(args, &rows))?,
    }
    let kept = if rows.values().any(|row| row.verdict != PASS) { Exit::Unmet } else { Exit::Pass };
    Ok(exit.max(kept))
}
