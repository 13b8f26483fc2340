//! `koosim run`: scenarios carried out and judged.

use crate::exit::{Exit, Stop};
use crate::files::traces_in;
use crate::io::Io;
use crate::parallel::{in_batches, pool};
use crate::progress::Progress;
use crate::runner::{Job, carry_out, exit_of, header_of};
use crate::suite::{CaseId, Suite, Wish};
use clap::ValueEnum;
use koosim_engine::digest::Digest;
use koosim_engine::log::Header;
use koosim_engine::plan::DrawMode;
use koosim_engine::record::Class;
use koosim_reports::machine;
use koosim_reports::run::{Case, Totals, Verdict, name_width, pretty_case, pretty_totals};
use std::path::{Component, Path, PathBuf};

/// Run scenarios and judge their expectations
///
/// Prints a line for each case: its name and verdict, the virtual time that it covered, the number of
/// its events and its digest. Folders are searched for `*.scenario.yaml`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  koosim run scenarios
  koosim run scenarios --verify --format json
  koosim run scenarios/suite/billing/auto-renewal.scenario.yaml --trace
  koosim run scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --log target/run.jsonl &&
    koosim run scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --replay target/run.jsonl")]
pub(crate) struct Args {
    /// Scenario files or folders; `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only cases whose name holds this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Another seed than the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How to choose the instants that rules leave open
    #[arg(long, value_enum, value_name = "HOW")]
    draws: Option<Draws>,
    /// A folder of traces for links, which scenarios name `given/FILE`
    #[arg(long, value_name = "DIR")]
    traces: Option<PathBuf>,
    /// Tell the story: when, to whom, what happened, money moved, by which rule
    #[arg(long)]
    trace: bool,
    /// Write the log to this file, or the log of each case into this folder
    #[arg(long, value_name = "PATH")]
    log: Option<PathBuf>,
    /// Write what each host sent and received to this pcapng file, or that of each case into this folder
    #[arg(long, value_name = "PATH")]
    pcap: Option<PathBuf>,
    /// How fine the log is, and what the digest covers: sessions, also frames, or also packets
    #[arg(long, value_enum, value_name = "LEVEL", conflicts_with = "replay")]
    level: Option<Level>,
    /// Run everything twice and name the first record that differs
    #[arg(long)]
    verify: bool,
    /// Take the draws of this log, and stop at the first record that differs
    #[arg(long, value_name = "LOG", conflicts_with_all = ["seed", "draws"])]
    replay: Option<PathBuf>,
    /// Threads; without it, one for each core
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How instants are chosen where a rule leaves them open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Draws {
    /// Each rule's default.
    Default,
    /// Drawn from the seed, inside what the rule allows.
    Random,
}

impl From<Draws> for DrawMode {
    fn from(draws: Draws) -> Self {
        match draws {
            Draws::Default => Self::Default,
            Draws::Random => Self::Random,
        }
    }
}

/// How fine a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Level {
    /// Business, and streams with their measured windows.
    Session,
    /// Also every frame that was shown, and every input that was answered.
    Frame,
    /// Also every packet.
    Packet,
}

impl From<Level> for Class {
    fn from(level: Level) -> Self {
        match level {
            Level::Session => Self::Session,
            Level::Frame => Self::Frame,
            Level::Packet => Self::Packet,
        }
    }
}

/// How the result is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Pretty,
    /// One JSON value.
    Json,
    /// JUnit XML, a suite for each file.
    Junit,
}

/// A case with where its log and its capture go.
struct Task {
    id: CaseId,
    log: Option<PathBuf>,
    pcap: Option<PathBuf>,
    level: Class,
}

/// Runs the scenarios.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    if args.trace && args.format != Format::Pretty {
        return Err(Stop::unusable("--trace is for people: leave out --format"));
    }
    let suite = Suite::load(&args.paths, &traces_in(args.traces.as_deref())?, io)?;
    let (wish, tasks) = select(args, &suite)?;
    if tasks.is_empty() && suite.exit == Exit::Pass {
        return Err(Stop::nothing(nothing(args)));
    }
    let cases = carry_out_all(args, &suite, wish, &tasks, io)?;
    match args.format {
        Format::Pretty => {
            let totals = Totals::of(&cases);
            io.detail(&pretty_totals(&totals))?;
        }
        Format::Json => io.json(&machine::json(&cases))?,
        Format::Junit => {
            let text = machine::junit(&cases).map_err(|error| Stop::internal(error.to_string()))?;
            io.data(&text)?;
        }
    }
    Ok(suite.exit.max(exit_of(&cases)))
}

fn nothing(args: &Args) -> String {
    let only = args.only.as_ref().map(|text| format!(" with `{text}` in its name"));
    let paths: Vec<_> = args.paths.iter().map(|path| path.to_string_lossy()).collect();
    format!("no scenario{} in {}", only.unwrap_or_default(), paths.join(", "))
}

/// The wanted cases, and what is asked of each.
fn select(args: &Args, suite: &Suite) -> Result<(Wish, Vec<Task>), Stop> {
    let mut wish = Wish { seed: args.seed, draws: args.draws.map(DrawMode::from) };
    let replayed = args.replay.as_deref().map(header_of).transpose()?;
    if let Some(header) = &replayed {
        wish = Wish { seed: Some(header.seed), draws: Some(header.draws) };
    }
    let mut ids = Vec::new();
    for id in suite.cases() {
        let name = suite.case(id, wish)?.1.name;
        let asked = args.only.as_ref().is_none_or(|text| name.contains(text));
        if asked && replayed.as_ref().is_none_or(|header| header.name == name) {
            ids.push(id);
        }
    }
    if let (Some(header), Some(path)) = (&replayed, &args.replay) {
        same_plan(suite, wish, &ids, header, path)?;
    }
    // A log that is replayed says how fine it is.
    let asked = args.level.map_or(Class::Session, Class::from);
    let level = replayed.as_ref().map_or(asked, |header| header.level);
    let several = ids.len() > 1;
    let task = |id| {
        let place = |to: &Option<PathBuf>, ending| match to {
            Some(to) if several || to.is_dir() => file_in(to, suite, id, ending).map(Some),
            to => Ok(to.clone()),
        };
        let log = place(&args.log, "jsonl")?;
        let has_hosts = suite.case(id, Wish::default())?.1.plan.has_network();
        let pcap = if has_hosts { place(&args.pcap, "pcapng")? } else { None };
        Ok(Task { id, log, pcap, level })
    };
    let tasks: Vec<Task> = ids.into_iter().map(task).collect::<Result<_, Stop>>()?;
    if args.pcap.is_some() && tasks.iter().all(|task| task.pcap.is_none()) {
        return Err(Stop::unusable("--pcap: no case has a network on which hosts see packets"));
    }
    Ok((wish, tasks))
}

/// A log can be replayed only by the plan that wrote it.
fn same_plan(
    suite: &Suite,
    wish: Wish,
    ids: &[CaseId],
    header: &Header,
    path: &Path,
) -> Result<(), Stop> {
    let path = path.to_string_lossy();
    let [id] = ids else {
        let name = &header.name;
        return Err(Stop::unusable(format!("`{path}` is the log of `{name}`, which is not here")));
    };
    let (_, scenario) = suite.case(*id, wish)?;
    let plan = scenario.plan.digest().map_err(|error| Stop::internal(error.to_string()))?;
    if header.plan == Some(plan) {
        return Ok(());
    }
    let other = header.plan.as_ref().map_or_else(|| "none".to_owned(), Digest::short);
    let message = format!("`{path}` is the log of another plan: {other}, not {}", plan.short());
    Err(Stop::unusable(message))
}

/// A file of a case: the path of its scenario below `folder`, and the name of the case.
fn file_in(folder: &Path, suite: &Suite, id: CaseId, ending: &str) -> Result<PathBuf, Stop> {
    let (file, scenario) = suite.case(id, Wish::default())?;
    let mut path = folder.to_owned();
    let below = Path::new(file.source().name()).parent().unwrap_or(Path::new(""));
    path.extend(below.components().filter(|part| matches!(part, Component::Normal(_))));
    let safe = |c: char| if matches!(c, '/' | '\\' | ':' | '<' | '>') { '_' } else { c };
    path.push(format!("{}.{ending}", scenario.name.chars().map(safe).collect::<String>()));
    Ok(path)
}

fn carry_out_all(
    args: &Args,
    suite: &Suite,
    wish: Wish,
    tasks: &[Task],
    io: &mut Io,
) -> Result<Vec<Case>, Stop> {
    let names = tasks.iter().map(|task| suite.case(task.id, wish).map(|(_, case)| case.name));
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    let width = name_width(names.iter().map(String::as_str));
    let mut cases = Vec::with_capacity(tasks.len());
    if args.trace {
        for task in tasks {
            let (file, scenario) = suite.case(task.id, wish)?;
            let case = carry_out(file, &scenario, job_of(args, task), Some(&mut *io))?;
            tell(args, &case, width, io)?;
            cases.push(case);
        }
        return Ok(cases);
    }
    let mut progress = Progress::new(io, tasks.len(), "scenarios");
    let work = |task: &Task| {
        let (file, scenario) = suite.case(task.id, wish)?;
        carry_out(file, &scenario, job_of(args, task), None)
    };
    in_batches(&pool(args.jobs)?, tasks, work, |done| {
        for case in done {
            let case = case?;
            progress.step();
            progress.aside(|| tell(args, &case, width, io))?;
            cases.push(case);
        }
        Ok(())
    })?;
    Ok(cases)
}

fn job_of<'a>(args: &'a Args, task: &'a Task) -> Job<'a> {
    let (log, replay) = (task.log.as_deref(), args.replay.as_deref());
    let (pcap, traces) = (task.pcap.as_deref(), args.traces.as_deref());
    Job { log, pcap, level: task.level, verify: args.verify, replay, traces }
}

fn tell(args: &Args, case: &Case, width: usize, io: &mut Io) -> Result<(), Stop> {
    match (args.format, &case.verdict) {
        (Format::Json | Format::Junit, _) => Ok(()),
        (Format::Pretty, Verdict::Passed) => io.detail(&pretty_case(case, width)),
        (Format::Pretty, _) => io.data(&pretty_case(case, width)),
    }
}
