//! The command line.

use crate::commands::{
    bill, check, completions, explain, judge, man, rules, run, schema, show, sweep, write,
};
use crate::exit::Exit;
use crate::io::Color;
use clap::{Parser, Subcommand, ValueEnum};
use koosim_engine::digest::Digest;
use koosim_engine::log;
use koosim_model::rulebook::{BookRef, Edition, Profile, Rulebook};

/// Widest line of help.
const HELP_WIDTH: usize = 100;

/// A deterministic executable reference of a cloud phone service
///
/// Runs scenarios against the rules of the service in virtual time, explains the rules, shows the
/// state of the world at any instant, and judges logs that somebody else wrote. It reads the files
/// that it is given and nothing else; it never asks the network or the clock.
#[derive(Debug, Parser)]
#[command(name = "koosim", version, max_term_width = HELP_WIDTH, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// When to use colours; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Leave out what went well, and all talk on stderr but errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::Args),
    Check(check::Args),
    Explain(explain::Args),
    Rules(rules::Args),
    Show(show::Args),
    Bill(bill::Args),
    Judge(judge::Args),
    Write(write::Args),
    Sweep(sweep::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Pretty,
    /// For programs.
    Json,
}

/// The command line with what is only known by asking: versions, digests, exit codes.
pub(crate) fn described(command: clap::Command) -> clap::Command {
    // Asking for the rulebook's digests costs a moment that only one flag is worth.
    let asked = std::env::args_os().any(|arg| arg == "--version");
    let command = if asked { command.long_version(leaked(long_version())) } else { command };
    command.after_long_help(Exit::help())
}

/// What a static text would be if it were known at compile time.
fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn long_version() -> String {
    let book = Rulebook::standard();
    let editions: Vec<_> = book.editions().iter().map(Edition::to_string).collect();
    let digests = Profile::ALL.map(|profile| {
        let settings = book.resolve(BookRef::newest(profile), &[]);
        let digest =
            settings.map_or_else(|_| String::new(), |s| Digest::of(&s.packed()).to_string());
        format!("rulebook {}  {digest}\n", BookRef::newest(profile))
    });
    format!(
        "{}\nlog format {}\nrulebook editions {}\n{}",
        env!("CARGO_PKG_VERSION"),
        log::FORMAT,
        editions.join(", "),
        digests.concat().trim_end(),
    )
}
