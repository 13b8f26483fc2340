//! The JSON Schema of the documents, gathered from their declarations.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Named parts of a schema.
#[derive(Debug, Default)]
pub struct Definitions {
    parts: BTreeMap<String, Value>,
}

impl Definitions {
    /// No parts yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// A reference to the part of that name, which is built when it is first asked for.
    pub fn reference(&mut self, name: &str, build: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.parts.contains_key(name) {
            // Taken before it is built, so that a part that holds itself comes to an end.
            self.parts.insert(name.to_owned(), Value::Null);
            let part = build(self);
            self.parts.insert(name.to_owned(), part);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
    /// All parts, by name.
    pub fn into_value(self) -> Value {
        self.parts.into_iter().collect()
    }
}

/// A text that fits a pattern, or that holds a variable of the matrix.
pub(super) fn pattern(description: &str, pattern: &str) -> Value {
    json!({
        "description": description,
        "type": ["string", "number"],
        "pattern": format!("{pattern}|\\$"),
    })
}

/// The text of a documentation comment as one line.
pub fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}
