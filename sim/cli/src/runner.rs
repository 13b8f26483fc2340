//! One case carried out as it was asked for: with its story, its log, twice, or from recorded draws.

use crate::exit::{Exit, Stop};
use crate::files::{STDIN, open, shown};
use crate::io::Io;
use crate::suite::WIDTH;
use crate::watch::{Compare, Watch};
use koosim_engine::log::{Header, LogReader, LogWriter};
use koosim_engine::path::capture::Capture;
use koosim_engine::plan::DrawMode;
use koosim_engine::record::{Class, Draw, What};
use koosim_engine::run::{Run, RunError};
use koosim_engine::world::WorldError;
use koosim_model::name::AccountId;
use koosim_reports::run::{Case, Failure, Verdict};
use koosim_scenarios::diagnostic::{Diagnostics, Form, RenderOptions, Source, render};
use koosim_scenarios::expect::{Outcome, run_in};
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::lower::Scenario;
use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Seek as _, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

/// How much of a log that is only kept for comparing stays in memory.
const KEPT_BYTES: usize = 16 << 20;

/// What is wanted of a run besides its verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Job<'a> {
    /// Where to write the log.
    pub(crate) log: Option<&'a Path>,
    /// Where to write what hosts send and receive.
    pub(crate) pcap: Option<&'a Path>,
    /// How fine the run is logged.
    pub(crate) level: Class,
    /// Whether to run twice and compare.
    pub(crate) verify: bool,
    /// The log whose draws are to be taken.
    pub(crate) replay: Option<&'a Path>,
    /// The folder of traces that the scenario was read with.
    pub(crate) traces: Option<&'a Path>,
}

/// Carries a case out and judges it.
pub(crate) fn carry_out(
    file: &ScenarioFile,
    scenario: &Scenario,
    job: Job<'_>,
    story: Option<&mut Io>,
) -> Result<Case, Stop> {
    let case = CaseOf { file, scenario, level: job.level };
    let other = job.replay.map(|path| Ok(Compare::with(read_log(path, open(path)?)?)));
    let to = job.log.map(create).transpose()?.map(|to| -> Box<dyn Write> { to });
    let watch = Watch { story, other: other.transpose()?, ..Watch::default() };
    let mut done = case.look_on(job.replay, watch, to, job.pcap)?;
    if job.verify && matches!(done.verdict, Verdict::Passed | Verdict::Failed(_)) {
        let twice = case.twice(job.replay)?;
        if matches!(twice.verdict, Verdict::Differs(_)) {
            done = twice;
        }
    }
    let verify = if job.verify { " --verify" } else { "" };
    let flag = |name, path: Option<&Path>| path.map(|p| format!(" --{name} {}", quoted(&shown(p))));
    let traces = flag("traces", job.traces).unwrap_or_default();
    done.again = match flag("replay", job.replay) {
        // A log brings its seed with it.
        Some(replay) => format!("{}{traces}{verify}{replay}", again_at(file, scenario)),
        None => format!("{}{traces}{verify}", again(file, scenario)),
    };
    Ok(done)
}

/// How a command that ran these cases ends.
pub(crate) fn exit_of(cases: &[Case]) -> Exit {
    let exits = cases.iter().map(|case| match case.verdict {
        Verdict::Passed => Exit::Pass,
        Verdict::Failed(_) => Exit::Unmet,
        Verdict::Differs(_) => Exit::NotRepeatable,
        Verdict::Stopped(_) => Exit::Internal,
    });
    exits.max().unwrap_or(Exit::Pass)
}

/// The header of a log that is to be replayed.
pub(crate) fn header_of(path: &Path) -> Result<Header, Stop> {
    Ok(read_log(path, open(path)?)?.header().clone())
}

#[derive(Clone, Copy)]
struct CaseOf<'a> {
    file: &'a ScenarioFile,
    scenario: &'a Scenario,
    level: Class,
}

impl<'a> CaseOf<'a> {
    /// Runs once more with a log of its own, and then again beside that log.
    fn twice(self, replay: Option<&Path>) -> Result<Case, Stop> {
        let mut kept = tempfile::SpooledTempFile::new(KEPT_BYTES);
        let wrong = |error: std::io::Error| Stop::file("the kept log", &error);
        let to: Box<dyn Write> = Box::new(BufWriter::new(&mut kept));
        self.look_on(replay, Watch::default(), Some(to), None)?;
        kept.seek(SeekFrom::Start(0)).map_err(wrong)?;
        let log = read_log(Path::new("the kept log"), Box::new(BufReader::new(kept)))?;
        let watch = Watch { other: Some(Compare::with(log)), ..Watch::default() };
        self.look_on(replay, watch, None, None)
    }

    /// Runs once, from the very beginning, with somebody looking on.
    fn look_on<'w>(
        self,
        replay: Option<&Path>,
        mut watch: Watch<'w>,
        log: Option<Box<dyn Write + 'w>>,
        pcap: Option<&Path>,
    ) -> Result<Case, Stop> {
        let plan = Arc::clone(&self.scenario.plan);
        let mut run = match Run::at_level(&self.scenario.name, plan, self.level) {
            Ok(run) => run,
            Err(error) => return Ok(self.stopped(0, Verdict::Stopped(error.to_string()))),
        };
        // A log without draws has taken every default, and so does this run.
        if let Some(path) = replay.filter(|_| self.scenario.plan.draws == DrawMode::Random) {
            run.replay(draws_of(path)?);
        }
        if let Some(path) = pcap {
            let capture = Capture::new(create(path)?);
            let capture = capture.map_err(|error| Stop::file(&shown(path), &error))?;
            run.listen(Box::new(capture));
        }
        if let Some(to) = log {
            let writer = LogWriter::new(to, run.header());
            watch.log = Some(writer.map_err(|error| Stop::file("the log", &error))?);
        }
        let ended = run_in(self.scenario, run, &mut watch);
        let events = watch.events;
        let difference = watch.finish(ended.as_ref().ok().map(|outcome| &outcome.summary))?;
        Ok(match (difference, ended) {
            (difference, Ok(outcome)) => self.judged(events, &outcome, difference),
            (Some(difference), Err(_)) => self.stopped(events, Verdict::Differs(difference)),
            (None, Err(RunError::World(error @ WorldError::Replay { .. }))) => {
                self.stopped(events, Verdict::Differs(error.to_string()))
            }
            (None, Err(error)) => self.stopped(events, Verdict::Stopped(error.to_string())),
        })
    }

    fn judged(self, events: u64, outcome: &Outcome, difference: Option<String>) -> Case {
        let verdict = match difference {
            Some(difference) => Verdict::Differs(difference),
            None if outcome.passed() => Verdict::Passed,
            None => Verdict::Failed(failures(self.file.source(), outcome)),
        };
        Case {
            start: outcome.summary.start,
            end: outcome.summary.end,
            digest: Some(outcome.summary.digest),
            rules: outcome.rules.keys().copied().collect(),
            ..self.stopped(events, verdict)
        }
    }

    fn stopped(self, events: u64, verdict: Verdict) -> Case {
        let plan = &self.scenario.plan;
        Case {
            name: self.scenario.name.clone(),
            title: self.scenario.title.clone(),
            file: self.file.source().name().to_owned(),
            seed: plan.seed,
            verdict,
            start: plan.start,
            end: plan.start,
            events,
            digest: None,
            rules: BTreeSet::new(),
            again: String::new(),
        }
    }
}

/// The command that runs a case again.
pub(crate) fn again(file: &ScenarioFile, scenario: &Scenario) -> String {
    let draws = match scenario.plan.draws {
        DrawMode::Default => "",
        DrawMode::Random => " --draws random",
    };
    format!("{} --seed {}{draws}", again_at(file, scenario), scenario.plan.seed)
}

/// The part of it that names the case.
fn again_at(file: &ScenarioFile, scenario: &Scenario) -> String {
    let name = file.source().name();
    let path = if name == shown(Path::new(STDIN)) { STDIN } else { name };
    let only = (file.cases() > 1).then(|| format!(" --only {}", quoted(&scenario.name)));
    format!("koosim run {}{}", quoted(path), only.unwrap_or_default())
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Every unmet expectation, underlined in its file.
fn failures(source: &Source, outcome: &Outcome) -> Vec<Failure> {
    let options = RenderOptions { form: Form::Graphical, color: true, width: WIDTH };
    let all = outcome.diagnostics();
    let mut failures: Vec<_> = all
        .sorted()
        .into_iter()
        .map(|diagnostic| {
            let start = diagnostic.label.as_ref().map_or(0, |label| label.span.start());
            let (line, column) = source.line_and_column(start);
            let mut one = Diagnostics::new();
            one.push(diagnostic.clone());
            Failure {
                place: format!("{}:{line}:{column}", source.name()),
                message: diagnostic.message.clone(),
                detail: render(source, &one, options),
            }
        })
        .collect();
    if outcome.unreached > 0 {
        let message = format!("{} expectations were not reached", outcome.unreached);
        failures.push(Failure { place: source.name().to_owned(), message, detail: String::new() });
    }
    failures
}

pub(crate) fn create(path: &Path) -> Result<Box<dyn Write + Send>, Stop> {
    let wrong = |error: std::io::Error| Stop::file(&shown(path), &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    Ok(Box::new(BufWriter::new(File::create(path).map_err(wrong)?)))
}

type Log<'l> = LogReader<Box<dyn BufRead + 'l>>;

fn read_log<'l>(path: &Path, from: Box<dyn BufRead + 'l>) -> Result<Log<'l>, Stop> {
    LogReader::new(from).map_err(|error| Stop::unusable(format!("`{}`: {error}", shown(path))))
}

/// The draws that a log recorded.
fn draws_of(path: &Path) -> Result<VecDeque<(AccountId, Draw)>, Stop> {
    let wrong = |error| Stop::unusable(format!("`{}`: {error}", shown(path)));
    let mut log = read_log(path, open(path)?)?;
    let mut draws = VecDeque::new();
    while let Some(record) = log.next_record().map_err(wrong)? {
        if let What::Draw(draw) = record.what {
            draws.push_back((record.account, draw));
        }
    }
    Ok(draws)
}
