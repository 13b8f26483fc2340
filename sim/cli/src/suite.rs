//! Scenario files as a command takes them: found, read, and every case of them named.

use crate::exit::{Exit, Stop};
use crate::files::{self, read_scenario, shown};
use crate::io::Io;
use koosim_engine::plan::DrawMode;
use koosim_scenarios::diagnostic::{Form, RenderOptions, render};
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::lower::Scenario;
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
    pub(crate) fn load(paths: &[PathBuf], io: &mut Io) -> Result<Self, Stop> {
        let mut suite = Self { files: Vec::new(), exit: Exit::Pass };
        for path in files::scenario_paths(paths)? {
            let input = match read_scenario(&path) {
                Ok(input) => input,
                Err(stop) => {
                    io.complain(&stop.message);
                    suite.exit = suite.exit.max(stop.exit);
                    continue;
                }
            };
            let file = ScenarioFile::read(&input.name, &input.bytes);
            if !file.diagnostics().is_empty() {
                let form = Form::Graphical;
                let options = RenderOptions { form, color: true, width: WIDTH };
                io.talk(&render(file.source(), file.diagnostics(), options));
            }
            if file.diagnostics().has_errors() {
                suite.exit = suite.exit.max(Exit::Unusable);
            } else {
                suite.files.push(file);
            }
        }
        Ok(suite)
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
    /// The one file that a command is about.
    pub(crate) fn only_file(path: &PathBuf, io: &mut Io) -> Result<Self, Stop> {
        if path.is_dir() {
            return Err(Stop::unusable(format!("`{}`: a folder, not a file", shown(path))));
        }
        let suite = Self::load(std::slice::from_ref(path), io)?;
        if suite.exit == Exit::Pass {
            return Ok(suite);
        }
        Err(Stop { exit: suite.exit, message: format!("`{}` cannot be used", shown(path)) })
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
