//! The story of a run: one record after the other as a person would tell it. When, to which
//! account, what happened, by which rule; below it the money that moved.

use crate::style::{BAD, FAINT, MONEY, RULE, STRONG, styled};
use crate::{sights, words};
use koosim_engine::record::{Record, What};
use koosim_model::ledger::postings;
use koosim_model::rulebook::RuleId;
use std::fmt::Write as _;

/// Columns before the account's name: `2024-03-08 15:50:04 `.
const TIME_WIDTH: usize = 20;

/// One record as lines of text, styled.
pub fn tell(record: &Record) -> String {
    let mut text = format!("{} {} ", record.at.wall(), styled(STRONG, &record.account));
    // Writing to a string cannot fail, here and below.
    let _ = match &record.what {
        What::Command(command) => {
            let by = command.envelope.principal.as_ref();
            let by = by.map(|who| format!(" (by {who})")).unwrap_or_default();
            write!(text, "{} {}{by}", styled(FAINT, ">"), words::command(&command.op))
        }
        What::Refusal(refused) => {
            write!(text, "{} {}", styled(BAD, "x refused:"), refused.reason)
        }
        What::Draw(draw) => {
            let (from, to) = (words::wall(draw.window.earliest), words::wall(draw.window.latest));
            let at = words::wall(draw.at);
            write!(
                text,
                "{} {} drawn for {at}, from {from} to {to}",
                styled(FAINT, "~"),
                draw.timer
            )
        }
        What::Event(event) => write!(text, "{}", words::event(event)),
        What::Sight(sight) => write!(text, "{} {}", styled(FAINT, "."), sights::sight(sight)),
    };
    if !record.rules().is_empty() {
        let _ = write!(text, "  {}", styled(RULE, rules(record.rules())));
    }
    text.push('\n');
    for moved in record.event().map(postings).unwrap_or_default() {
        let line = format!("{} -> {}  {}", moved.from, moved.to, moved.amount);
        let _ = writeln!(text, "{:TIME_WIDTH$}  {}", "", styled(MONEY, line));
    }
    text
}

/// Ids of rules with spaces between them, in brackets.
pub(crate) fn rules(rules: &[RuleId]) -> String {
    let ids: Vec<_> = rules.iter().map(RuleId::to_string).collect();
    format!("[{}]", ids.join(" "))
}
