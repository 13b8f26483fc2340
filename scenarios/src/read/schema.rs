//! The JSON Schema of the documents, gathered from their declarations.

use super::{Choice, KeyRule, Read};
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
        "type": "string",
        "pattern": format!("{pattern}|\\$"),
    })
}

/// The same where an editor may take the text for a number.
pub(super) fn number_pattern(description: &str, pattern: &str) -> Value {
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

/// A schema with a description of its own.
pub fn described(mut schema: Value, doc: &str) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".into(), one_line(doc).into());
    }
    schema
}

/// The schema of one document while it is gathered.
#[derive(Debug)]
pub struct ObjectSchema {
    description: String,
    properties: serde_json::Map<String, Value>,
    required: Vec<&'static str>,
    rules: Vec<Value>,
}

impl ObjectSchema {
    /// A document with this description and no keys yet.
    pub fn new(doc: &str) -> Self {
        let description = one_line(doc);
        Self { description, properties: serde_json::Map::new(), required: vec![], rules: vec![] }
    }
    /// Adds a key.
    pub fn field<T: Read>(&mut self, key: &'static str, doc: &str, parts: &mut Definitions) {
        let schema = described(T::schema(parts), doc);
        self.properties.insert(key.into(), schema);
        if T::absent().is_none() {
            self.required.push(key);
        }
    }
    /// Adds the keys of a choice, of which exactly one is needed.
    pub fn choice<C: Choice>(&mut self, parts: &mut Definitions) {
        self.properties.extend(C::properties(parts).into_iter().map(|(k, v)| (k.to_owned(), v)));
        self.rules.push(KeyRule::ExactlyOne(C::KEYS).schema());
    }
    /// The schema.
    pub fn finish(mut self, rules: &[KeyRule]) -> Value {
        self.rules.extend(rules.iter().map(|rule| rule.schema()));
        let mut schema = json!({
            "description": self.description,
            "type": "object",
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        });
        if let (false, Some(object)) = (self.rules.is_empty(), schema.as_object_mut()) {
            object.insert("allOf".into(), self.rules.into());
        }
        schema
    }
}
