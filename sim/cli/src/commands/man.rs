//! `koosim man`: manual pages.

use crate::args::{Cli, described};
use crate::exit::{Exit, Stop};
use crate::io::Io;
use clap::CommandFactory as _;
use clap_mangen::Man;

/// Print the manual page of koosim, or of one of its commands
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  koosim man\n  koosim man run")]
pub(crate) struct Args {
    /// Which command; without it, koosim as a whole
    command: Option<String>,
}

/// Prints the page.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let mut program = described(Cli::command());
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => find(&program, name)?,
    };
    let mut bytes = Vec::new();
    let rendered = Man::new(page).render(&mut bytes);
    rendered.map_err(|error| Stop::internal(error.to_string()))?;
    io.data(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Pass)
}

fn find(program: &clap::Command, name: &str) -> Result<clap::Command, Stop> {
    let found = program.get_subcommands().find(|command| command.get_name() == name);
    found.cloned().ok_or_else(|| {
        let names: Vec<_> = program.get_subcommands().map(clap::Command::get_name).collect();
        Stop::unusable(format!("there is no command `{name}`: {}", names.join(", ")))
    })
}
