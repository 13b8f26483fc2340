//! `koosim rules`: every rule, and what exercises it.

use crate::args::Format;
use crate::exercise::{self, Where};
use crate::exit::{Exit, Stop};
use crate::io::Io;
use koosim_reports::coverage;

/// List the rules, and with --coverage how many scenarios, vectors and properties exercise each
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  koosim rules\n  koosim rules --coverage --format json")]
pub(crate) struct Args {
    /// Run the scenarios and count for each rule those in which it acted, with the worked examples of
    /// the service and the properties that tests hold over whole logs
    #[arg(long)]
    coverage: bool,
    #[command(flatten)]
    from: Where,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Lists the rules.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    match (args.coverage, args.format) {
        (false, Format::Pretty) => io.data(&coverage::pretty_list())?,
        (false, Format::Json) => io.json(&coverage::json_list())?,
        (true, format) => {
            let counted = exercise::coverage(&args.from, io)?;
            match format {
                Format::Pretty => io.data(&counted.pretty())?,
                Format::Json => io.json(&counted.json())?,
            }
        }
    }
    Ok(Exit::Pass)
}
