//! `koosim explain`: one rule, who says so, and what exercises it.

use crate::args::Format;
use crate::exercise::{Where, coverage};
use crate::exit::{Exit, Stop};
use crate::io::Io;
use koosim_model::rulebook::{Rule, RuleId, Rulebook};
use koosim_reports::explain::{explain, explain_json};

/// Explain a rule: what it says, who says so, what can be set, what exercises it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  koosim explain R6.1\n  koosim explain R6.1.attempt_time")]
pub(crate) struct Args {
    /// The rule, such as `R6.1`, or one of its parameters
    rule: String,
    #[command(flatten)]
    from: Where,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Explains the rule.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let rule = find(&args.rule)?;
    let exercised = coverage(&args.from, io)?.of(rule.id());
    match args.format {
        Format::Pretty => io.data(&explain(rule, &exercised))?,
        Format::Json => io.json(&explain_json(rule, &exercised))?,
    }
    Ok(Exit::Pass)
}

fn find(text: &str) -> Result<&'static Rule, Stop> {
    let book = Rulebook::standard();
    // The id of a parameter's rule is what stands before its second point.
    let id = text.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    let rule = id.parse::<RuleId>().ok().and_then(|id| book.rule(id));
    let rule = rule.filter(|rule| {
        text == id || rule.parameters().iter().any(|parameter| parameter.path() == text)
    });
    rule.ok_or_else(|| {
        let near = book.nearest(text).map(|near| format!("; did you mean `{near}`?"));
        Stop::unusable(format!("there is no rule `{text}`{}", near.unwrap_or_default()))
    })
}
