//! JSON inside a scenario: flow mappings of YAML are nearly that, so that a policy can be pasted.

use super::{Definitions, Read};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Node, Value};
use serde_json::json;

/// A mapping or list of a file as JSON text. Every single value in it is a text, as in policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonText(String);

impl JsonText {
    /// The text, in JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Read for JsonText {
    fn read(node: &Node, _: &mut Diagnostics) -> Option<Self> {
        value(node).map(|value| Self(value.to_string()))
    }
    fn schema(_: &mut Definitions) -> serde_json::Value {
        json!({ "type": ["object", "array", "string", "number", "boolean"] })
    }
}

/// Nothing means that a part of it was refused, and has its diagnostic. The depth of a tree is
/// bounded by `syntax::MAX_DEPTH`.
fn value(node: &Node) -> Option<serde_json::Value> {
    match &node.value {
        Value::Scalar(scalar) => Some(json!(scalar.text)),
        Value::List { items, .. } => items.iter().map(value).collect(),
        Value::Map { entries, .. } => {
            let entry = |e: &crate::syntax::Entry| Some((e.key.value.clone(), value(&e.value)?));
            let entries: Option<serde_json::Map<_, _>> = entries.iter().map(entry).collect();
            entries.map(serde_json::Value::Object)
        }
        Value::Refused => None,
    }
}
