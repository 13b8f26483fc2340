//! A divergence as a value, and as text for people.

use koosim_engine::record::{Record, What};
use koosim_model::decision::{Reason, Window};
use koosim_model::event::Event;
use koosim_model::name::{AccountId, PhoneId};
use koosim_model::rulebook::RuleId;
use koosim_model::time::SimTime;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// What the rules expect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// An event inside a window of instants.
    Event {
        /// The event, with our own order id.
        event: Box<Event>,
        /// When it is allowed.
        window: Window,
    },
    /// A refusal, at once.
    Refusal(Reason),
    /// Nothing of the kind.
    Nothing,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// A record.
    Record(Box<Record>),
    /// Nothing, although the log went on beyond this instant.
    NothingBefore(SimTime),
}

/// In what the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It happened as it should, at an instant that is not allowed.
    Instant,
    /// It happened, with another amount, state or date.
    Content,
    /// It should have happened and did not.
    Missing,
    /// It happened and should not have.
    Unexpected,
    /// It was refused and should not have been, or the other way round, or for another reason.
    Refusal,
}

/// The first place at which a log leaves what the rules allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// Line of the log; of the record at which it was noticed if something is missing.
    pub line: u64,
    /// In what expected and seen differ.
    pub kind: Kind,
    /// To whom it happened.
    pub account: AccountId,
    /// The phones concerned.
    pub phones: Vec<PhoneId>,
    /// The rules that demand what was expected, the deciding one first.
    pub rules: Vec<RuleId>,
    /// What was expected.
    pub expected: Expected,
    /// What was seen.
    pub seen: Seen,
    /// Parameters that the rules looked at, as `R2.8.due_rounding = truncate`.
    pub parameters: Vec<String>,
    /// What happened before to the account and the phones, with the lines of the log.
    pub history: Vec<(u64, Record)>,
}

impl Divergence {
    /// The fields in which the expected and the seen event differ: name, expected, seen.
    pub fn fields(&self) -> Vec<(String, String, String)> {
        let (Expected::Event { event, .. }, Seen::Record(record)) = (&self.expected, &self.seen)
        else {
            return Vec::new();
        };
        let Some(seen) = record.event() else { return Vec::new() };
        let (expected, seen) = (fields_of(event), fields_of(seen));
        let mut names: Vec<&String> = expected.keys().chain(seen.keys()).collect();
        names.sort();
        names.dedup();
        let text = |fields: &Map<String, Value>, name: &String| {
            fields.get(name).map_or_else(|| "absent".to_owned(), plain)
        };
        let both =
            names.into_iter().map(|name| (name.clone(), text(&expected, name), text(&seen, name)));
        both.filter(|(_, expected, seen)| expected != seen).collect()
    }
}

fn fields_of(event: &Event) -> Map<String, Value> {
    match serde_json::to_value(event) {
        Ok(Value::Object(kinds)) => match kinds.into_iter().next() {
            Some((_, Value::Object(fields))) => fields,
            _ => Map::new(),
        },
        _ => Map::new(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// One record on one line: kind, then its fields.
fn line_of(record: &Record) -> String {
    match &record.what {
        What::Event(event) => line_of_event(event),
        What::Command(command) => {
            let op = serde_json::to_value(&command.op).unwrap_or_default();
            format!("command {}", braces(&op))
        }
        What::Refusal(refused) => format!("refused: {}", refused.reason),
        What::Draw(draw) => format!("drawn: {} at {}", draw.timer, draw.at.wall()),
        What::Sight(sight) => format!("seen: {} of {}", sight.kind(), sight.flow()),
    }
}

fn line_of_event(event: &Event) -> String {
    let fields = fields_of(event);
    let shown = fields.iter().map(|(name, value)| format!("{name}={}", braces(value)));
    format!("{} {}", event.kind(), shown.collect::<Vec<_>>().join(" "))
}

fn braces(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(map) => {
            let inner = map.iter().filter(|(_, v)| !v.is_null());
            let inner = inner.map(|(k, v)| format!("{k}: {}", braces(v)));
            format!("{{{}}}", inner.collect::<Vec<_>>().join(", "))
        }
        Value::Array(list) => {
            format!("[{}]", list.iter().map(braces).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.rules.iter().map(ToString::to_string).collect();
        let kind = match self.kind {
            Kind::Instant => "an instant that is not allowed",
            Kind::Content => "another content than the rules give",
            Kind::Missing => "something is missing",
            Kind::Unexpected => "something that no rule leads to",
            Kind::Refusal => "another answer than the rules give",
        };
        writeln!(f, "line {}: {kind} (account {})", self.line, self.account)?;
        if !names.is_empty() {
            writeln!(f, "  rule      {}", names.join(", "))?;
        }
        match &self.expected {
            Expected::Event { event, window } if window.is_exact() => {
                writeln!(f, "  expected  {}  {}", window.default.wall(), line_of_event(event))?;
            }
            Expected::Event { event, window } => {
                let (from, to) = (window.earliest.wall(), window.latest.wall());
                writeln!(f, "  expected  {from} to {to}  {}", line_of_event(event))?;
            }
            Expected::Refusal(reason) => writeln!(f, "  expected  refused: {reason}")?,
            Expected::Nothing => writeln!(f, "  expected  nothing of the kind")?,
        }
        match &self.seen {
            Seen::Record(record) => {
                writeln!(f, "  seen      {}  {}", record.at.wall(), line_of(record))?;
            }
            Seen::NothingBefore(at) => {
                writeln!(f, "  seen      nothing, and the log goes on at {}", at.wall())?;
            }
        }
        if self.kind == Kind::Content {
            for (name, expected, seen) in self.fields() {
                writeln!(f, "  differs   {name}: expected {expected}, seen {seen}")?;
            }
        }
        for parameter in &self.parameters {
            writeln!(f, "  parameter {parameter}")?;
        }
        for (line, record) in &self.history {
            writeln!(f, "  history   line {line}: {}  {}", record.at.wall(), line_of(record))?;
        }
        Ok(())
    }
}
