//! `koosim check`: everything wrong with a file, without running it.

use crate::exit::{Exit, Stop};
use crate::files::{read_scenario, scenario_paths, traces_in};
use crate::io::Io;
use crate::suite::WIDTH;
use clap::ValueEnum;
use koosim_scenarios::diagnostic::{Form, RenderOptions, render};
use std::path::PathBuf;

/// Find everything wrong with scenario files, without running them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  koosim check scenarios
  koosim check scenarios --format line")]
pub(crate) struct Args {
    /// Scenario files or folders; `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// A folder of traces for links, which scenarios name `given/FILE`
    #[arg(long, value_name = "DIR")]
    traces: Option<PathBuf>,
    /// How to write what is wrong
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Underlined in the file.
    #[default]
    Pretty,
    /// Underlined, in ASCII.
    Ascii,
    /// In sentences, for screen readers.
    Narrated,
    /// One line each: file, line, column, what, advice.
    Line,
    /// One JSON value a file.
    Json,
}

impl From<Format> for Form {
    fn from(format: Format) -> Self {
        match format {
            Format::Pretty => Self::Graphical,
            Format::Ascii => Self::Ascii,
            Format::Narrated => Self::Narrated,
            Format::Line => Self::Line,
            Format::Json => Self::Json,
        }
    }
}

/// Checks the files.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let paths = scenario_paths(&args.paths)?;
    if paths.is_empty() {
        return Err(Stop::nothing("no scenario to check"));
    }
    let traces = traces_in(args.traces.as_deref())?;
    let options = RenderOptions { form: args.format.into(), color: true, width: WIDTH };
    let (mut exit, mut cases, mut good) = (Exit::Pass, 0, 0);
    for path in &paths {
        let file = match read_scenario(path, &traces) {
            Ok(file) => file,
            Err(stop) => {
                io.complain(&stop.message);
                exit = exit.max(stop.exit);
                continue;
            }
        };
        if !file.diagnostics().is_empty() || args.format == Format::Json {
            io.data(&render(file.source(), file.diagnostics(), options))?;
        }
        if file.diagnostics().has_errors() {
            exit = exit.max(Exit::Unusable);
        } else {
            good += 1;
            cases += file.cases();
        }
    }
    io.say(&format!("{good} of {} files can be used, with {cases} cases", paths.len()));
    Ok(exit)
}
