//! What became of a run of scenarios, and the same for people: a line each, what failed below its
//! line, and a summary. The forms for programs are beside this file.

use crate::style::{BAD, FAINT, GOOD, STRONG, styled};
use koosim_engine::digest::Digest;
use koosim_model::rulebook::RuleId;
use koosim_model::time::{SimDuration, SimTime};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Seconds of a day.
const DAY_S: i64 = 24 * 3600;
/// Columns kept for the names of cases, unless one is longer.
const NAME_WIDTH: usize = 40;

/// One expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// File, line and column of the expectation.
    pub place: String,
    /// What was expected and what was seen, in one line.
    pub message: String,
    /// The same underlined in the file, or with the history; may be empty.
    pub detail: String,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was as expected.
    Passed,
    /// Something was not.
    Failed(Vec<Failure>),
    /// Two runs of the same case differ.
    Differs(String),
    /// The run could not go on.
    Stopped(String),
}

impl Verdict {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Passed => "pass",
            Self::Failed(_) => "fail",
            Self::Differs(_) => "differs",
            Self::Stopped(_) => "stopped",
        }
    }
}

/// One case: a scenario, or one combination of its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The sentence that says what it shows.
    pub title: String,
    /// Its file.
    pub file: String,
    /// The seed of its draws.
    pub seed: u64,
    /// How it ended.
    pub verdict: Verdict,
    /// Its first instant.
    pub start: SimTime,
    /// Its last instant.
    pub end: SimTime,
    /// Events in its log.
    pub events: u64,
    /// Its digest; none if it stopped before it began.
    pub digest: Option<Digest>,
    /// The rules that acted.
    pub rules: BTreeSet<RuleId>,
    /// A command that does the same again.
    pub again: String,
}

impl Case {
    /// The virtual time that it covered.
    pub fn covered(&self) -> SimDuration {
        self.end - self.start
    }
}

/// Sums over all cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Cases that passed.
    pub passed: usize,
    /// Cases with an unmet expectation.
    pub failed: usize,
    /// Cases of which two runs differ.
    pub differ: usize,
    /// Cases that could not go on.
    pub stopped: usize,
    /// Whole seconds of virtual time.
    pub covered_s: i64,
    /// Events.
    pub events: u64,
}

impl Totals {
    /// The sums over `cases`.
    pub fn of(cases: &[Case]) -> Self {
        cases.iter().fold(Self::default(), |mut sum, case| {
            match case.verdict {
                Verdict::Passed => sum.passed += 1,
                Verdict::Failed(_) => sum.failed += 1,
                Verdict::Differs(_) => sum.differ += 1,
                Verdict::Stopped(_) => sum.stopped += 1,
            }
            sum.covered_s = sum.covered_s.saturating_add(case.covered().floor_secs());
            sum.events = sum.events.saturating_add(case.events);
            sum
        })
    }
    /// How many cases there were.
    pub fn cases(&self) -> usize {
        self.passed + self.failed + self.differ + self.stopped
    }
}

/// The width that lines up the names of these cases.
pub fn name_width<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0).min(NAME_WIDTH)
}

/// The line of one case, and below it what went wrong.
pub fn pretty_case(case: &Case, name_width: usize) -> String {
    let style = if case.verdict == Verdict::Passed { GOOD } else { BAD };
    let digest = case.digest.map_or_else(|| "-".to_owned(), |digest| digest.short());
    let mut text = format!(
        "{:<7}  {:name_width$}  {:>14}  {:>7} events  {}\n",
        styled(style, case.verdict.name()),
        case.name,
        length(case.covered().floor_secs()),
        case.events,
        styled(FAINT, digest),
    );
    match &case.verdict {
        Verdict::Passed => return text,
        Verdict::Failed(failures) => failures.iter().for_each(|one| pretty_failure(one, &mut text)),
        // Writing to a string cannot fail, here and below.
        Verdict::Differs(why) | Verdict::Stopped(why) => {
            let _ = writeln!(text, "  {why}");
        }
    }
    let _ = writeln!(text, "  {} {}", styled(FAINT, "again:"), case.again);
    text
}

fn pretty_failure(failure: &Failure, text: &mut String) {
    if failure.detail.is_empty() {
        let _ = writeln!(text, "  {}: {}", failure.place, failure.message);
    }
    for line in failure.detail.lines() {
        let _ = writeln!(text, "  {line}");
    }
}

/// The last line.
pub fn pretty_totals(totals: &Totals) -> String {
    let count = |number: usize, word: &str| (number > 0).then(|| format!(", {number} {word}"));
    let bad = [
        count(totals.failed, "failed"),
        count(totals.differ, "not repeatable"),
        count(totals.stopped, "stopped"),
    ];
    let bad: String = bad.into_iter().flatten().collect();
    let style = if bad.is_empty() { GOOD } else { BAD };
    let s = if totals.cases() == 1 { "" } else { "s" };
    format!(
        "{} scenario{s}: {}; {} of virtual time, {} events\n",
        styled(STRONG, totals.cases()),
        styled(style, format_args!("{} passed{bad}", totals.passed)),
        length(totals.covered_s),
        totals.events,
    )
}

/// A length of virtual time: `62d 08:09:56`.
pub fn length(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(DAY_S), seconds.rem_euclid(DAY_S));
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    let clock = format!("{hours:02}:{minutes:02}:{seconds:02}");
    if days == 0 { clock } else { format!("{days}d {clock}") }
}
