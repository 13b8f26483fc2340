//! The JSON Schema of the format, for editors. It follows from the declarations that the reader
//! uses, and says as much of them as a schema can: names that one part of a file declares for
//! another are checked by the program alone.

use crate::grammar::ScenarioDoc;
use crate::read::{Definitions, Read};
use serde_json::{Value, json};

/// The name of the schema's file, as the scenario files refer to it.
pub const SCHEMA_FILE: &str = "scenario.schema.json";

/// The schema as a value.
pub fn schema() -> Value {
    let mut definitions = Definitions::new();
    let root = ScenarioDoc::schema(&mut definitions);
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "koosim scenario",
        "$defs": definitions.into_value(),
    });
    if let (Some(schema), Value::Object(root)) = (schema.as_object_mut(), root) {
        schema.extend(root);
    }
    schema
}

/// The schema as the text of its file.
pub fn schema_text() -> String {
    // A value of strings, numbers and lists always has a text.
    let text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    format!("{text}\n")
}
