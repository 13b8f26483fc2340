//! The `koosim` command: arguments, files, environment, threads and exit codes.

mod args;
mod commands;
mod exercise;
mod exit;
mod files;
mod fold;
mod io;
mod parallel;
mod progress;
mod runner;
mod suite;
mod sweep;
mod times;
mod watch;

use args::{Cli, Command};
use clap::{CommandFactory as _, FromArgMatches as _};
use exit::{Exit, Stop};
use io::Io;
use mimalloc::MiMalloc;
use std::process::ExitCode;

// A million phones are spread over much memory; what the system's allocator costs there is stated in ARCHITECTURE.md.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // A panic has told its place on stderr; what is left is the documented code.
    std::panic::catch_unwind(run).unwrap_or(Exit::Internal).into()
}

fn run() -> Exit {
    let matches = args::described(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let mut io = Io::new(cli.color, cli.quiet);
    let done = dispatch(cli.command, &mut io);
    let done = done.and_then(|exit| io.flush().map(|()| exit));
    done.unwrap_or_else(|stop| {
        io.complain(&stop.message);
        stop.exit
    })
}

fn dispatch(command: Command, io: &mut Io) -> Result<Exit, Stop> {
    match command {
        Command::Run(args) => commands::run::run(&args, io),
        Command::Check(args) => commands::check::run(&args, io),
        Command::Explain(args) => commands::explain::run(&args, io),
        Command::Rules(args) => commands::rules::run(&args, io),
        Command::Show(args) => commands::show::run(&args, io),
        Command::Bill(args) => commands::bill::run(&args, io),
        Command::Judge(args) => commands::judge::run(&args, io),
        Command::Write(args) => commands::write::run(&args, io),
        Command::Sweep(args) => commands::sweep::run(&args, io),
        Command::Schema(args) => commands::schema::run(&args, io),
        Command::Completions(args) => commands::completions::run(&args, io),
        Command::Man(args) => commands::man::run(&args, io),
    }
}
