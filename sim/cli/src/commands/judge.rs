//! `koosim judge`: somebody else's log against the rules.

use crate::args::Format;
use crate::exit::{Exit, Stop};
use crate::files::{open, shown};
use crate::io::Io;
use koosim_model::time::SimDuration;
use koosim_oracle::judge::{JudgeError, Options, Verdict, judge};
use koosim_reports::style::{BAD, GOOD, styled};
use serde_json::json;
use std::path::PathBuf;

/// Layout of the JSON form.
const VERSION: u32 = 1;

/// Judge a log, whoever wrote it: find the first place where it leaves the rules
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  koosim run scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --log target/run.jsonl && koosim judge target/run.jsonl")]
pub(crate) struct Args {
    /// The log; `-` for standard input
    log: PathBuf,
    /// How much later than the rules allow something may be written
    #[arg(long, value_parser = crate::times::length, value_name = "LENGTH")]
    tolerance: Option<SimDuration>,
    /// How to write the verdict
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Judges the log.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let name = shown(&args.log);
    let options = Options { tolerance: args.tolerance.unwrap_or(SimDuration::ZERO) };
    let verdict = judge(open(&args.log)?, options).map_err(|error| stop(&name, &error))?;
    match args.format {
        Format::Pretty if follows(&verdict) => io.detail(&pretty(&name, &verdict))?,
        Format::Pretty => io.data(&pretty(&name, &verdict))?,
        Format::Json => io.json(&json!({
            "version": VERSION,
            "log": name,
            "follows": follows(&verdict),
            "records": verdict.records,
            "end": verdict.end,
            "digest_fits": verdict.digest_fits,
            "divergence": verdict.divergence,
        }))?,
    }
    Ok(if follows(&verdict) { Exit::Pass } else { Exit::Unmet })
}

fn stop(name: &str, error: &JudgeError) -> Stop {
    let message = format!("`{name}`: {error}");
    match error {
        JudgeError::Log(_) | JudgeError::Book(_) | JudgeError::Fault { .. } => {
            Stop::unusable(message)
        }
        JudgeError::Pack(_) => Stop::internal(message),
    }
}

fn follows(verdict: &Verdict) -> bool {
    verdict.divergence.is_none() && verdict.digest_fits != Some(false)
}

fn pretty(name: &str, verdict: &Verdict) -> String {
    let (records, end) = (verdict.records, verdict.end.wall());
    match &verdict.divergence {
        Some(divergence) => format!("{}  {name}: {divergence}", styled(BAD, "diverges")),
        None if verdict.digest_fits == Some(false) => {
            let bad = styled(BAD, "diverges");
            format!(
                "{bad}  {name}: its {records} records do not have the digest that it ends with\n"
            )
        }
        None => {
            let digest = match verdict.digest_fits {
                Some(_) => ", and they have the digest that it ends with",
                None => "",
            };
            let good = styled(GOOD, "follows the rules");
            format!("{good}  {name}: {records} records until {end}{digest}\n")
        }
    }
}
