//! `koosim schema`: the JSON Schema of scenario files.

use crate::exit::{Exit, Stop};
use crate::io::Io;

/// Print the JSON Schema of scenario files, for editors
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  koosim schema")]
pub(crate) struct Args {}

/// Prints the schema.
pub(crate) fn run(_: &Args, io: &mut Io) -> Result<Exit, Stop> {
    io.data(&koosim_scenarios::schema::schema_text())?;
    Ok(Exit::Pass)
}
