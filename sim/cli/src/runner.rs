//! One case carried out as it was asked for: with its story, its log, twice, or from recorded draws.

use crate::exit::{Exit, Stop};
use crate::files::shown;
use crate::io::Io;
use crate::suite::WIDTH;
use crate::watch::{Compare, Watch};
use koosim_engine::log::{LogError, LogReader, LogWriter};
use koosim_engine::plan::DrawMode;
use koosim_engine::record::{Draw, What};
use koosim_engine::run::{Run, RunError};
use koosim_engine::world::WorldError;
use koosim_model::name::AccountId;
use koosim_reports::run::{Case, Failure, Verdict};
use koosim_scenarios::diagnostic::{Diagnostics, Form, RenderOptions, Source, render};
use koosim_scenarios::expect::{Outcome, run_in};
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::lower::Scenario;
use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much of a log that is only kept for comparing stays in memory.
const KEPT_BYTES: usize = 16 << 20;

/// What is wanted of a run besides its verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Job<'a> {
    /// Where to write the log.
    pub(crate) log: Option<&'a Path>,
    /// Whether to run twice and compare.
    pub(crate) verify: bool,
    /// The log whose draws are to be taken.
    pub(crate) replay: Option<&'a Path>,
}

/// Carries a case out and judges it.
pub(crate) fn carry_out(
    file: &ScenarioFile,
    scenario: &Scenario,
    job: Job<'_>,
    story: Option<&mut Io>,
) -> Result<Case, Stop> {
    let mut run = match Run::new(&scenario.name, Arc::clone(&scenario.plan)) {
        Ok(run) => run,
        Err(error) => return Ok(stopped(file, scenario, &error.to_string())),
    };
    if let Some(path) = job.replay {
        run.replay(draws_of(path)?);
    }
    let mut kept = tempfile::SpooledTempFile::new(KEPT_BYTES);
    let mut watch = Watch { story, ..Watch::default() };
    if let Some(to) = job.log.map(create).transpose()?.or_else(|| keep(job.verify, &mut kept)) {
        let writer = LogWriter::new(to, run.header());
        watch.log = Some(writer.map_err(|error| Stop::file("the log", &error))?);
    }
    watch.other = job.replay.map(compare_with).transpose()?;
    let first = look_on(file, scenario, run.clone(), watch)?;
    if !job.verify || first.verdict != Verdict::Passed {
        return Ok(first);
    }
    let from: Box<dyn BufRead> = match job.log {
        Some(path) => open(path)?,
        None => {
            kept.seek(SeekFrom::Start(0)).map_err(|error| Stop::file("the kept log", &error))?;
            Box::new(BufReader::new(kept))
        }
    };
    // The second run begins at the very beginning, with nothing of the first.
    let mut run = Run::new(&scenario.name, Arc::clone(&scenario.plan))
        .map_err(|error| Stop::internal(error.to_string()))?;
    if let Some(path) = job.replay {
        run.replay(draws_of(path)?);
    }
    let log = LogReader::new(from).map_err(|error| Stop::internal(error.to_string()))?;
    let watch = Watch { other: Some(Compare::with(log)), ..Watch::default() };
    look_on(file, scenario, run, watch)
}

fn keep<'a>(
    wanted: bool,
    kept: &'a mut tempfile::SpooledTempFile,
) -> Option<Box<dyn Write + 'a>> {
    wanted.then(|| Box::new(BufWriter::new(kept)) as Box<dyn Write + 'a>)
}
