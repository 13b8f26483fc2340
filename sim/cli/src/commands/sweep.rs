//! `koosim sweep`: a scenario with many seeds.

use crate::args::Format;
use crate::commands::run::Draws;
use crate::exit::{Exit, Stop};
use crate::files::{open, shown};
use crate::io::Io;
use crate::parallel::{in_batches, pool};
use crate::progress::Progress;
use crate::runner::{Job, again, carry_out};
use crate::suite::{CaseId, Suite, Wish, wished};
use crate::sweep::{Header, Journal, Row, Rows, Seeds};
use koosim_engine::digest::Digest;
use koosim_engine::run::Run;
use koosim_reports::run::Verdict;
use koosim_reports::style::{BAD, GOOD, styled};
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::lower::Scenario;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

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
  koosim sweep scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --seeds 0..100
  koosim sweep scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --seeds 0..100 --jobs 2 --out target/sweep.jsonl")]
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

/// A case, ready to run, and the file that it is from.
type FileCase<'s> = (&'s ScenarioFile, Scenario);

/// One case with one seed.
#[derive(Clone, Copy)]
struct Task {
    id: CaseId,
    seed: u64,
}

/// Sweeps.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let suite = Suite::one_file(&shown(&args.file), open(&args.file)?, io)?;
    let ids = suite.cases();
    let cases = ids.iter().map(|id| suite.case(*id, wish(args, 0)));
    let cases = cases.collect::<Result<Vec<_>, _>>()?;
    let mut kept = Kept::open(args, header(&cases)?)?;
    let all = ids.iter().flat_map(|id| args.seeds.iter().map(|seed| Task { id: *id, seed }));
    let todo: Vec<_> =
        all.filter(|task| !kept.rows.contains_key(&(task.id.case, task.seed))).collect();
    if !kept.rows.is_empty() {
        io.say(&format!("{} rows are there already, {} to go", kept.rows.len(), todo.len()));
    }
    let mut progress = Progress::new(io, todo.len(), "seeds");
    in_batches(
        &pool(args.jobs)?,
        &todo,
        |task| sweep(args, &cases, *task),
        |rows| {
            let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
            rows.iter().for_each(|_| progress.step());
            kept.add(rows)
        },
    )?;
    drop(progress);
    let rows = kept.finish()?;
    let failing = failing(args, &suite, &rows)?;
    match args.format {
        Format::Pretty => io.data(&pretty(args, &rows, &failing))?,
        Format::Json => io.json(&json(args, &rows, &failing))?,
    }
    Ok(rows.values().map(exit_of_row).max().unwrap_or(Exit::Pass))
}

/// Rows so far, in memory and perhaps in a file.
struct Kept {
    rows: Rows,
    journal: Option<Journal>,
}

impl Kept {
    fn open(args: &Args, header: Header) -> Result<Self, Stop> {
        let Some(out) = &args.out else { return Ok(Self { rows: Rows::new(), journal: None }) };
        let opened = Journal::open(out, header);
        let (journal, rows) = opened.map_err(|error| Stop::unusable(error.to_string()))?;
        if let Some((_, seed)) = rows.keys().find(|(_, seed)| !args.seeds.contains(*seed)) {
            let (out, seeds) = (out.display(), args.seeds);
            let message = format!("`{out}` holds seed {seed}, which is not in {seeds}");
            return Err(Stop::unusable(message));
        }
        Ok(Self { rows, journal: Some(journal) })
    }
    fn add(&mut self, rows: Vec<Row>) -> Result<(), Stop> {
        if let Some(journal) = &mut self.journal {
            journal.append(&rows).map_err(|error| Stop::unusable(error.to_string()))?;
        }
        self.rows.extend(rows.into_iter().map(|row| ((row.case, row.seed), row)));
        Ok(())
    }
    fn finish(self) -> Result<Rows, Stop> {
        let done = self.journal.map_or(Ok(()), |journal| journal.finish(&self.rows));
        done.map_err(|error| Stop::unusable(error.to_string()))?;
        Ok(self.rows)
    }
}

fn wish(args: &Args, seed: u64) -> Wish {
    Wish { seed: Some(seed), draws: Some(args.draws.into()) }
}

/// What is swept: the plans and the rulebooks of all cases.
fn header(cases: &[FileCase<'_>]) -> Result<Header, Stop> {
    let (mut plans, mut books) = (Vec::new(), Vec::new());
    for (_, scenario) in cases {
        let run = Run::new(&scenario.name, Arc::clone(&scenario.plan));
        let run = run.map_err(|error| Stop::unusable(error.to_string()))?;
        let given = run.header();
        plans.extend(given.plan.iter().flat_map(|digest| *digest.bytes()));
        books.extend(given.rules.iter().flat_map(|digest| *digest.bytes()));
    }
    Ok(Header::new(Digest::of(&plans), Digest::of(&books)))
}

fn sweep(args: &Args, cases: &[FileCase<'_>], task: Task) -> Result<Row, Stop> {
    let case = cases.get(task.id.case);
    let (file, scenario) = case.ok_or_else(|| Stop::internal("a case was lost"))?;
    let scenario = wished(scenario.clone(), wish(args, task.seed));
    let case = carry_out(file, &scenario, Job::default(), None)?;
    let why = match &case.verdict {
        Verdict::Passed => None,
        Verdict::Failed(failures) => {
            failures.first().map(|first| format!("{}: {}", first.place, first.message))
        }
        Verdict::Differs(why) | Verdict::Stopped(why) => Some(why.clone()),
    };
    Ok(Row {
        case: task.id.case,
        seed: task.seed,
        verdict: case.verdict.name().to_owned(),
        events: case.events,
        end: case.end,
        digest: case.digest,
        why,
    })
}

fn exit_of_row(row: &Row) -> Exit {
    match row.verdict.as_str() {
        "pass" => Exit::Pass,
        "fail" => Exit::Unmet,
        _ => Exit::Internal,
    }
}

/// A row that did not pass, and the command that does the same again.
struct Failing<'r> {
    row: &'r Row,
    again: String,
}

/// The first rows that did not pass.
fn failing<'r>(args: &Args, suite: &Suite, rows: &'r Rows) -> Result<Vec<Failing<'r>>, Stop> {
    let bad = rows.values().filter(|row| exit_of_row(row) != Exit::Pass).take(NAMED);
    bad.map(|row| {
        let id = CaseId { file: 0, case: row.case };
        let (file, scenario) = suite.case(id, wish(args, row.seed))?;
        Ok(Failing { row, again: again(file, &scenario) })
    })
    .collect()
}

fn counts(rows: &Rows) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for row in rows.values() {
        *counts.entry(row.verdict.as_str()).or_default() += 1;
    }
    counts
}

fn pretty(args: &Args, rows: &Rows, failing: &[Failing<'_>]) -> String {
    let style = if failing.is_empty() { GOOD } else { BAD };
    let counts: Vec<_> = counts(rows).iter().map(|(name, n)| format!("{n} {name}")).collect();
    let mut text = format!("seeds {}: {}\n", args.seeds, styled(style, counts.join(", ")));
    for Failing { row, again } in failing {
        let why = row.why.as_deref().unwrap_or("no reason is known");
        text.push_str(&format!("seed {}: {why}\n  again: {again}\n", row.seed));
    }
    text
}

fn json(args: &Args, rows: &Rows, failing: &[Failing<'_>]) -> Json {
    let one = |Failing { row, again }: &Failing<'_>| json!({ "row": row, "again": again });
    json!({
        "version": VERSION,
        "seeds": args.seeds.to_string(),
        "verdicts": counts(rows),
        "first_failing": failing.iter().map(one).collect::<Vec<_>>(),
    })
}
