//! The compact form of a run: one line a record, for snapshots. Stable, without sequence numbers,
//! and so made that one change of behaviour is one changed line.
//!
//! A line is wall time (UTC+8), account, mark, kind, `key=value` pairs and, in brackets, rules. The
//! marks are `>` for a command, `!` for a refusal, `~` for a draw, `-` for an event and `.` for what was seen
//! of a picture.

use crate::flat::Node;
use crate::story::rules;
use koosim_engine::record::{Class, Inside, Record, What};

/// One record as a line without its end.
pub fn line(record: &Record) -> Result<String, serde_json::Error> {
    let (mark, kind, parts) = match &record.what {
        What::Command(command) => {
            let (kind, parts) = Node::of(&command.op)?.kind();
            ('>', kind, parts)
        }
        What::Refusal(refused) => {
            let (_, parts) = Node::of(&refused.reason)?.kind();
            ('!', refused.reason.name().to_owned(), parts)
        }
        What::Draw(draw) => ('~', "draw".to_owned(), Node::of(draw)?),
        What::Event(event) => {
            let (kind, parts) = Node::of(event)?.kind();
            ('-', kind, parts)
        }
        What::Sight(sight) => {
            let (kind, parts) = Node::of(sight)?.kind();
            ('.', kind, parts)
        }
    };
    let mut text = format!("{} {} {mark} {kind}", record.at.wall(), record.account);
    if let What::Command(command) = &record.what
        && let Some(who) = &command.envelope.principal
    {
        text.push_str(&format!(" by={who}"));
    }
    parts.write(&mut text);
    if !record.rules().is_empty() {
        text.push(' ');
        text.push_str(&rules(record.rules()));
    }
    Ok(text)
}

/// Whether a record belongs into a snapshot of business.
pub fn is_business(record: &Record) -> bool {
    let class = record.inside.as_ref().map_or(Class::Business, |inside: &Inside| inside.class);
    class == Class::Business
}
