//! `koosim completions`: completions for a shell.

use crate::args::Cli;
use crate::exit::{Exit, Stop};
use crate::io::Io;
use clap::CommandFactory as _;
use clap_complete::Shell;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  koosim completions bash")]
pub(crate) struct Args {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "koosim", &mut bytes);
    io.data(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Pass)
}
