//! `koosim show`: the state of the world at an instant of a finished run.

use crate::args::Format;
use crate::exit::{Exit, Stop};
use crate::files::{self, shown};
use crate::io::Io;
use koosim_engine::accounts::Accounts;
use koosim_engine::log::{LogError, LogReader};
use koosim_model::name::AccountId;
use koosim_model::time::SimTime;
use koosim_reports::state::State;
use std::io::BufRead;
use std::path::PathBuf;

/// Show accounts, phones, orders and balances at any instant of a run
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  koosim show run.jsonl --at '2024-04-03 12:00:00'")]
pub(crate) struct Args {
    /// A log; `-` for standard input
    file: PathBuf,
    /// The instant, UTC+8 unless it states its offset; without it, the end
    #[arg(long, value_parser = crate::instant::parse, value_name = "TIME")]
    at: Option<SimTime>,
    /// Only this account; may be given several times
    #[arg(long = "account", value_name = "NAME")]
    accounts: Vec<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Shows the state.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let (accounts, at) = from_log(args, files::open(&args.file)?)?;
    let wanted = |id: &AccountId| {
        args.accounts.is_empty() || args.accounts.iter().any(|name| name == id.as_str())
    };
    if let Some(name) =
        args.accounts.iter().find(|name| !accounts.iter().any(|(id, _)| id.as_str() == **name))
    {
        return Err(Stop::unusable(format!("there is no account `{name}` at that instant")));
    }
    let state = State::of(&accounts, at, wanted).map_err(|e| Stop::internal(e.to_string()))?;
    match args.format {
        Format::Pretty => io.data(&state.pretty())?,
        Format::Json => io.json(&state.json())?,
    }
    Ok(Exit::Pass)
}

/// The fold of a log up to and with the wanted instant.
fn from_log(args: &Args, from: impl BufRead) -> Result<(Accounts, SimTime), Stop> {
    let name = shown(&args.file);
    let wrong = |error: LogError| Stop::unusable(format!("`{name}`: {error}"));
    let mut reader = LogReader::new(from).map_err(wrong)?;
    let mut accounts = Accounts::default();
    let mut last = reader.header().start;
    while let Some(record) = reader.next_record().map_err(wrong)? {
        if args.at.is_some_and(|at| record.at > at) {
            break;
        }
        last = record.at;
        if let Some(event) = record.event() {
            let applied = accounts.apply(&record.account, record.at, event);
            let line = reader.line();
            applied.map_err(|fault| Stop::unusable(format!("`{name}`: line {line}: {fault}")))?;
        }
    }
    let end = reader.footer().map_or(last, |footer| footer.end);
    Ok((accounts, args.at.unwrap_or(end)))
}
