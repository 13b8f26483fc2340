//! Scenario files as a command takes them: found, read, and every case of them named.

use crate::exit::{Exit, Stop};
use crate::files::{read_scenario, scenario_from, scenario_paths};
use crate::io::Io;
use koosim_engine::plan::DrawMode;
use koosim_scenarios::diagnostic::{Form, RenderOptions, render};
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::lower::Scenario;
use koosim_scenarios::traces::Traces;
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;

/// Width of diagnostics.
pub(crate) const WIDTH: usize = 100;

/// Files that can be used, and whether there were others.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) files: Vec<ScenarioFile>,
    /// [`Exit::Unusable`] if some file cannot be used.
    pub(crate) exit: Exit,
}

/// One case of a suite: its file and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CaseId {
    pub(crate) file: usize,
    pub(crate) case: usize,
}

/// What is asked of a case beyond its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Another seed.
    pub(crate) seed: Option<u64>,
    /// Another way to choose open instants.
    pub(crate) draws: Option<DrawMode>,
}

impl Suite {
    /// Reads what `paths` name. What is wrong is told on stderr; the rest can be used.
    pub(crate) fn load(paths: &[PathBuf], traces: &Traces, io: &mut Io) -> Result<Self, Stop> {
        let mut suite = Self { files: Vec::new(), exit: Exit::Pass };
        let paths = scenario_paths(paths)?;
        for path in &paths {
            match read_scenario(path, traces) {
                Ok(file) => suite.add(file, io),
                Err(stop) => {
                    io.complain(&stop.message);
                    suite.exit = suite.exit.max(stop.exit);
                }
            }
        }
        if suite.exit != Exit::Pass {
            let bad = paths.len() - suite.files.len();
            io.complain(&format!("{bad} of {} files cannot be used", paths.len()));
        }
        Ok(suite)
    }
    /// The one file that a command is about, which has been opened.
    pub(crate) fn one_file(name: &str, from: impl BufRead, io: &mut Io) -> Result<Self, Stop> {
        let mut suite = Self { files: Vec::new(), exit: Exit::Pass };
        suite.add(scenario_from(name, from, &Traces::default())?, io);
        match suite.exit {
            Exit::Pass => Ok(suite),
            exit => Err(Stop { exit, message: format!("`{name}` cannot be used") }),
        }
    }

    fn add(&mut self, file: ScenarioFile, io: &mut Io) {
        if !file.diagnostics().is_empty() {
            let options = RenderOptions { form: Form::Graphical, color: true, width: WIDTH };
            io.talk(&render(file.source(), file.diagnostics(), options));
        }
        if file.diagnostics().has_errors() {
            self.exit = self.exit.max(Exit::Unusable);
        } else {
            self.files.push(file);
        }
    }
    /// Every case, in the order of the files.
    pub(crate) fn cases(&self) -> Vec<CaseId> {
        let numbered = self.files.iter().enumerate();
        numbered
            .flat_map(|(file, read)| (0..read.cases()).map(move |case| CaseId { file, case }))
            .collect()
    }
    /// A case, ready to run, and the file that it is from.
    pub(crate) fn case(&self, id: CaseId, wish: Wish) -> Result<(&ScenarioFile, Scenario), Stop> {
        let file = self.files.get(id.file);
        let found = file.and_then(|file| Some((file, file.case(id.case)?)));
        let (file, scenario) = found.ok_or_else(|| Stop::internal("a case was read only once"))?;
        Ok((file, wished(scenario, wish)))
    }
}

/// The one case that a command is about: of a file with several, the one whose name holds a text.
pub(crate) fn one_case(
    name: &str,
    from: impl BufRead,
    only: Option<&str>,
    wish: Wish,
    io: &mut Io,
) -> Result<Scenario, Stop> {
    let suite = Suite::one_file(name, from, io)?;
    let mut found = Vec::new();
    for id in suite.cases() {
        let (_, scenario) = suite.case(id, wish)?;
        if only.is_none_or(|text| scenario.name.contains(text)) {
            found.push(scenario);
        }
    }
    match <[Scenario; 1]>::try_from(found) {
        Ok([scenario]) => Ok(scenario),
        Err(found) if found.is_empty() => Err(Stop::nothing(format!("no such case in `{name}`"))),
        Err(found) => {
            let count = found.len();
            Err(Stop::unusable(format!("`{name}` has {count} such cases; choose one with --only")))
        }
    }
}

/// The scenario with another seed or another way to draw.
pub(crate) fn wished(mut scenario: Scenario, wish: Wish) -> Scenario {
    if wish != Wish::default() {
        let plan = Arc::make_mut(&mut scenario.plan);
        plan.seed = wish.seed.unwrap_or(plan.seed);
        plan.draws = wish.draws.unwrap_or(plan.draws);
    }
    scenario
}
