//! JSON with the place of every value. The text is scanned by `serde_json`; what this adds is places,
//! a bound on size and depth, and the refusal of keys that stand twice.

use super::error::{Faults, Problem};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;

/// Most bytes of a policy.
pub const DOCUMENT_BYTES_MAX: usize = 4 << 20;
/// Most lists and objects inside one another; a policy needs six.
pub const DOCUMENT_DEPTH_MAX: usize = 8;

/// A value and the byte at which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) value: Json,
}

/// What JSON can say. Numbers are kept as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Flag(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    /// Keys in the order of the text, each once.
    Object(Vec<Member>),
}

/// A key, where it stands, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) key_at: usize,
    pub(super) value: Node,
}

impl Json {
    /// The kind of value, in a sentence.
    pub(super) const fn in_words(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// The tree of a text; what is wrong with it goes into `faults`. A key that stands twice leaves the
/// first, so that reading goes on.
pub(super) fn read(text: &str, faults: &mut Faults<'_>) -> Option<Node> {
    if text.len() > DOCUMENT_BYTES_MAX {
        faults.add(0, Problem::TooLarge { bytes: text.len() });
        return None;
    }
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => node(text, raw.get(), 0, faults),
        Err(error) => {
            faults.add(offset_of(text, &error), syntax(&error));
            None
        }
    }
}

fn node(text: &str, raw: &str, depth: usize, faults: &mut Faults<'_>) -> Option<Node> {
    let at = raw.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let value = match raw.as_bytes().first() {
        Some(b'{' | b'[') if depth >= DOCUMENT_DEPTH_MAX => {
            faults.add(at, Problem::TooDeep);
            return None;
        }
        Some(b'{') => {
            let members = parsed::<Members<'_>>(raw, at, faults)?;
            Json::Object(object(text, members, depth, faults)?)
        }
        Some(b'[') => {
            let items = parsed::<Vec<&RawValue>>(raw, at, faults)?;
            let nodes = items.into_iter().enumerate().map(|(index, item)| {
                faults.inside_item(index, |faults| node(text, item.get(), depth + 1, faults))
            });
            // All are read before one that cannot be spoils the list, so that all are reported.
            let nodes: Vec<Option<Node>> = nodes.collect();
            Json::List(nodes.into_iter().collect::<Option<_>>()?)
        }
        Some(b'"') => Json::Text(parsed(raw, at, faults)?),
        Some(b't') => Json::Flag(true),
        Some(b'f') => Json::Flag(false),
        Some(b'n') => Json::Null,
        _ => Json::Number(raw.to_owned()),
    };
    Some(Node { at, value })
}

fn object(
    text: &str,
    members: Members<'_>,
    depth: usize,
    faults: &mut Faults<'_>,
) -> Option<Vec<Member>> {
    let (mut seen, mut out, mut whole) = (BTreeSet::new(), Vec::new(), true);
    for (key, value) in members.0 {
        let key_at = key.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
        let Some(key) = parsed::<String>(key.get(), key_at, faults) else {
            whole = false;
            continue;
        };
        let value = faults.inside(&key, |faults| node(text, value.get(), depth + 1, faults));
        if !seen.insert(key.clone()) {
            faults.inside(&key, |faults| faults.add(key_at, Problem::Twice { key: key.clone() }));
        } else if let Some(value) = value {
            out.push(Member { key, key_at, value });
        } else {
            whole = false;
        }
    }
    whole.then_some(out)
}

/// A part of the text, which the scan has found whole: only its escapes can still be wrong.
fn parsed<'t, T: Deserialize<'t>>(raw: &'t str, at: usize, faults: &mut Faults<'_>) -> Option<T> {
    let read = serde_json::from_str(raw);
    read.map_err(|error| faults.add(at + offset_of(raw, &error), syntax(&error))).ok()
}

/// The byte at which reading stopped.
fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(lines_before).map(str::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}

fn syntax(error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or_default().to_owned();
    Problem::NotJson { what }
}

/// The members of an object as they stand in the text.
struct Members<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Members<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Vec<(&'de RawValue, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(All).map(Self)
    }
}
