//! An event that must have happened: its kind and some of its fields. Kinds and fields are those of
//! the log.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, list_names, nearest, quoted};
use crate::read::{
    Definitions, FromText, Number, Raw, Read, RuleName, Wrong, described, unknown_word,
    words_schema, wrong_shape,
};
use crate::span::{Span, Spanned};
use crate::syntax::{Entry, Node, Value};
use koosim_model::event::{Event, Kind};
use serde_json::json;

/// Keys that may stand among the fields of every event: the account to which it happened, and a phone
/// that it is about.
pub const ABOUT: [&str; 2] = ["account", "of"];
/// Keys that go with the kind of an event.
const BESIDE: [&str; 2] = ["rule", "times"];
/// The most times that an event may be expected.
const MAX_TIMES: u64 = 10_000;

/// A kind of event, such as `provisioned`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKind(&'static Kind);

impl EventKind {
    /// The kind.
    pub fn get(self) -> &'static Kind {
        self.0
    }
    /// Its name in the log.
    pub fn name(self) -> &'static str {
        self.0.name
    }
    fn names() -> Vec<&'static str> {
        Event::KINDS.iter().map(|kind| kind.name).collect()
    }
}

impl FromText for EventKind {
    const WHAT: &'static str = "a kind of event";
    const PART: &'static str = "event-kind";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let found = Event::KINDS.iter().find(|kind| kind.name == text);
        found.map(Self).ok_or_else(|| unknown_word(text, Self::WHAT, &Self::names()))
    }
    fn part() -> serde_json::Value {
        words_schema("A kind of event, as the log names it.", &Self::names())
    }
}

/// An event that must have happened at this instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDoc {
    /// The whole expectation.
    pub span: Span,
    /// The kind of the event.
    pub kind: Spanned<EventKind>,
    /// Fields that the event must have, among others.
    pub fields: FieldsDoc,
    /// The rule that caused it.
    pub rule: Option<Spanned<RuleName>>,
    /// How many such events there must be; without it, at least one.
    pub times: Option<Spanned<Number<0, MAX_TIMES>>>,
}

/// Fields of an event and their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldsDoc {
    /// Names and values.
    pub entries: Vec<(Spanned<String>, ValueDoc)>,
}

/// What a field must be: a single value, or a list or mapping of such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueDoc {
    /// A single value.
    Text(Spanned<Raw>),
    /// As many values, in this order.
    List(Spanned<Vec<Self>>),
    /// Some keys, with their values.
    Map(Spanned<Vec<(String, Self)>>),
}

impl Read for EventDoc {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        let Value::Map { entries, .. } = &node.value else {
            wrong_shape(node, "an event", None, out);
            return None;
        };
        let mut kinds = entries.iter().filter(|e| !BESIDE.contains(&&*e.key.value));
        let first = kinds.next()?;
        let mut good = true;
        for entry in kinds {
            good = false;
            out.push(beside(entry, first));
        }
        let kind = kind(first, out);
        let fields = match &kind {
            Some(kind) => FieldsDoc::read(&first.value, kind.value, out),
            None => None,
        };
        let rule = optional(node, "rule", out);
        let times = optional(node, "times", out);
        let event =
            Self { span: node.span, kind: kind?, fields: fields?, rule: rule?, times: times? };
        good.then_some(event)
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        definitions.reference("EventDoc", |definitions| {
            let mut properties = serde_json::Map::new();
            for kind in Event::KINDS {
                properties.insert(kind.name.to_owned(), fields_schema(kind));
            }
            let rule = RuleName::schema(definitions);
            let times = Number::<0, MAX_TIMES>::schema(definitions);
            properties.insert("rule".into(), described(rule, "The rule that caused it."));
            let doc = "How many such events there must be; without it, at least one.";
            properties.insert("times".into(), described(times, doc));
            json!({
                "description": "An event that must have happened at this instant, with some of its fields.",
                "type": "object",
                "properties": properties,
                "additionalProperties": false,
                "minProperties": 1,
                "maxProperties": 3,
            })
        })
    }
}

fn fields_schema(kind: &Kind) -> serde_json::Value {
    let any = || json!({ "type": ["string", "number", "boolean", "array", "object"] });
    let names = kind.fields.iter().copied().chain(ABOUT);
    let properties: serde_json::Map<_, _> = names.map(|name| (name.to_owned(), any())).collect();
    json!({
        "description": crate::read::one_line(kind.doc),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

impl FieldsDoc {
    fn read(node: &Node, kind: EventKind, out: &mut Diagnostics) -> Option<Self> {
        let Value::Map { entries, .. } = &node.value else {
            wrong_shape(node, "a mapping", Some(String::from("write `{ field: value }`")), out);
            return None;
        };
        let names = || kind.get().fields.iter().copied().chain(ABOUT);
        let mut read = vec![];
        for entry in entries {
            if !names().any(|name| name == entry.key.value) {
                let message =
                    format!("{} has no field {}", quoted(kind.name()), quoted(&entry.key));
                let help = match nearest(&entry.key, names()) {
                    Some(near) => format!("did you mean {}?", quoted(near)),
                    None => format!("it has {}", list_names(names())),
                };
                let span = entry.key.span;
                let label = "not a field of this event";
                out.push(Diagnostic::error(Code::UnknownKey, span, message, label).help(help));
                read.push(None);
                continue;
            }
            read.push(ValueDoc::read(&entry.value, out).map(|value| (entry.key.clone(), value)));
        }
        read.into_iter().collect::<Option<_>>().map(|entries| Self { entries })
    }
}

impl Read for ValueDoc {
    // The depth of a tree is bounded by `syntax::MAX_DEPTH`.
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::List { items, .. } => {
                let read: Vec<_> = items.iter().map(|item| Self::read(item, out)).collect();
                let items = read.into_iter().collect::<Option<_>>()?;
                Some(Self::List(Spanned::new(items, node.span)))
            }
            Value::Map { entries, .. } => {
                let entry = |e: &Entry, out: &mut _| {
                    Self::read(&e.value, out).map(|value| (e.key.value.clone(), value))
                };
                let read: Vec<_> = entries.iter().map(|e| entry(e, out)).collect();
                let entries = read.into_iter().collect::<Option<_>>()?;
                Some(Self::Map(Spanned::new(entries, node.span)))
            }
            Value::Scalar(_) | Value::Refused => Spanned::read(node, out).map(Self::Text),
        }
    }
    fn schema(_: &mut Definitions) -> serde_json::Value {
        json!({ "type": ["string", "number", "boolean", "array", "object"] })
    }
}

fn kind(entry: &Entry, out: &mut Diagnostics) -> Option<Spanned<EventKind>> {
    match EventKind::from_text(&entry.key) {
        Ok(kind) => Some(Spanned::new(kind, entry.key.span)),
        Err(Wrong { code, message, help }) => {
            let span = entry.key.span;
            out.push(Diagnostic::error(code, span, message, "not a kind of event").help(help));
            None
        }
    }
}

fn beside(entry: &Entry, first: &Entry) -> Diagnostic {
    let message = format!("unknown key {} beside an event", quoted(&entry.key));
    let help = match nearest(&entry.key, BESIDE) {
        Some(near) => format!("did you mean {}?", quoted(near)),
        None => format!("fields stand inside {}", quoted(&first.key)),
    };
    Diagnostic::error(Code::UnknownKey, entry.key.span, message, "not a key of this place")
        .help(help)
}

fn optional<T: Read>(node: &Node, key: &str, out: &mut Diagnostics) -> Option<Option<T>> {
    match node.get(key) {
        None => Some(None),
        Some(value) => T::read(value, out).map(Some),
    }
}
