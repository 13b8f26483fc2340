//! `koosim write`: from a log back to a scenario file.

use crate::exit::{Exit, Stop};
use crate::files::{open, shown};
use crate::io::Io;
use crate::runner::create;
use koosim_engine::accounts::Accounts;
use koosim_engine::log::{LogError, LogReader};
use koosim_engine::record::{Record, What};
use koosim_model::money::Amount;
use koosim_model::name::AccountId;
use koosim_scenarios::write::scenario;
use std::path::{Path, PathBuf};

/// Write a scenario file that does again what a log tells
///
/// The file asks for what the log asks for, at the same instants and by the same rulebook and seed. It
/// expects the refusals of the log, and what each account has in cash at its end.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  koosim run scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --log target/run.jsonl &&
    koosim write target/run.jsonl --to target/again.scenario.yaml &&
    koosim run target/again.scenario.yaml")]
pub(crate) struct Args {
    /// The log; `-` for standard input
    log: PathBuf,
    /// Write the scenario to this file instead of standard output
    #[arg(long, value_name = "PATH")]
    to: Option<PathBuf>,
}

/// Writes the scenario.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let text = text(&args.log)?;
    match &args.to {
        None => io.data(&text)?,
        Some(path) => {
            let wrong = |error| Stop::file(&shown(path), &error);
            let mut file = create(path)?;
            file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(wrong)?;
            io.say(&format!("wrote `{}`", shown(path)));
        }
    }
    Ok(Exit::Pass)
}

/// The text of the scenario.
fn text(log: &Path) -> Result<String, Stop> {
    let name = shown(log);
    let wrong = |error: LogError| Stop::unusable(format!("`{name}`: {error}"));
    let at_line = |line: u64, why: String| Stop::unusable(format!("`{name}`: line {line}: {why}"));
    let mut reader = LogReader::new(open(log)?).map_err(wrong)?;
    let mut accounts = Accounts::default();
    // What was asked and refused, with its line; the rest follows from it.
    let (mut asked, mut lines): (Vec<Record>, Vec<u64>) = (Vec::new(), Vec::new());
    let mut last = reader.header().start;
    while let Some(record) = reader.next_record().map_err(wrong)? {
        last = record.at;
        match &record.what {
            What::Event(event) => {
                let applied = accounts.apply(&record.account, record.at, event);
                applied.map_err(|fault| at_line(reader.line(), fault.to_string()))?;
            }
            What::Command(_) | What::Refusal(_) => {
                lines.push(reader.line());
                asked.push(record);
            }
            What::Draw(_) | What::Sight(_) => {}
        }
    }
    let end = reader.footer().map_or(last, |footer| footer.end);
    let cash = accounts.iter().map(|(id, account)| (id.clone(), account.ledger.cash()));
    let cash: Vec<(AccountId, Amount)> = cash.collect();
    scenario(reader.header(), &asked, end, &cash).map_err(|error| {
        let line = lines.get(error.record).copied().unwrap_or_default();
        at_line(line, error.why.to_string())
    })
}
