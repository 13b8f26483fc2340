//! `koosim show`: the state of the world at any instant of a run.

use crate::args::Format;
use crate::exit::{Exit, Stop};
use crate::files::{begins_a_log, open, shown};
use crate::fold::{Continued, Fold, continued, of_log, of_scenario};
use crate::io::Io;
use crate::suite::{Wish, one_case};
use koosim_engine::plan::DrawMode;
use koosim_model::name::AccountId;
use koosim_model::time::SimTime;
use koosim_reports::state::State;
use std::path::PathBuf;

/// Show accounts, phones, orders and balances at any instant of a run
///
/// The run is a log, which is folded up to the instant, or a scenario, which is run. With --continue,
/// a scenario is forked at the instant, and the fork continued is compared with the run from the start.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  koosim show scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --at '2024-04-02 12:00:00' --continue
  koosim run scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --log target/run.jsonl && koosim show target/run.jsonl --account acme")]
pub(crate) struct Args {
    /// A log or a scenario; `-` for standard input
    file: PathBuf,
    /// The instant, UTC+8 unless it states its offset; without it, the end
    #[arg(long, value_parser = crate::times::instant, value_name = "TIME")]
    at: Option<SimTime>,
    /// Only this account; may be given several times
    #[arg(long = "account", value_name = "NAME")]
    accounts: Vec<String>,
    /// Of a scenario with several cases: the one whose name holds this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Of a scenario: another seed than the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Of a scenario: how to choose the instants that rules leave open
    #[arg(long, value_enum, value_name = "HOW")]
    draws: Option<super::run::Draws>,
    /// Of a scenario: fork at the instant, continue the fork, and compare it with the run from the start
    #[arg(long = "continue", requires = "at")]
    fork: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Shows the state.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let name = shown(&args.file);
    let mut from = open(&args.file)?;
    let (fold, compared) = if begins_a_log(&name, &mut *from)? {
        if args.fork {
            return Err(Stop::unusable("a log cannot be continued; give its scenario"));
        }
        (of_log(&name, from, args.at)?, None)
    } else {
        let wish = Wish { seed: args.seed, draws: args.draws.map(DrawMode::from) };
        let scenario = one_case(&name, from, args.only.as_deref(), wish, io)?;
        let fold = of_scenario(&scenario, args.at)?;
        let compared = args.at.filter(|_| args.fork).map(|at| continued(&scenario, at));
        (fold, compared.transpose()?)
    };
    write(args, &fold, compared.as_ref(), io)?;
    Ok(match compared {
        Some(compared) if !compared.same() => Exit::NotRepeatable,
        _ => Exit::Pass,
    })
}

fn write(args: &Args, fold: &Fold, compared: Option<&Continued>, io: &mut Io) -> Result<(), Stop> {
    let known = |name: &str| fold.accounts.iter().any(|(id, _)| id.as_str() == name);
    if let Some(name) = args.accounts.iter().find(|name| !known(name)) {
        return Err(Stop::unusable(format!("there is no account `{name}` at {}", fold.at.wall())));
    }
    let wanted = |id: &AccountId| {
        args.accounts.is_empty() || args.accounts.iter().any(|name| name == id.as_str())
    };
    let state = State::of(&fold.accounts, fold.at, wanted);
    let state = state.map_err(|error| Stop::internal(error.to_string()))?;
    match args.format {
        Format::Pretty => {
            io.data(&state.pretty())?;
            compared.map_or(Ok(()), |compared| io.data(&compared.pretty()))
        }
        Format::Json => {
            let mut json = state.json();
            if let (Some(compared), Some(json)) = (compared, json.as_object_mut()) {
                json.insert("continued".to_owned(), compared.json());
            }
            io.json(&json)
        }
    }
}
