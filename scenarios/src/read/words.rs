//! Values that are one of a fixed list of words.

use super::Wrong;
use super::schema::one_line;
use crate::diagnostic::{Code, list_names, nearest, quoted};
use serde_json::{Value, json};

/// Says that a text is none of the words, and which was probably meant.
pub fn unknown_word(text: &str, what: &str, words: &[&str]) -> Wrong {
    let help = match nearest(text, words.iter().copied()) {
        Some(near) => format!("did you mean {}?", quoted(near)),
        None => format!("write one of {}", list_names(words.iter().copied())),
    };
    Wrong::new(Code::UnknownWord, format!("{} is not {what}", quoted(text)), help)
}

/// The schema of a value that is one of the words. An editor reads `yes`, `on` and `1` as other
/// things than texts; a variable of the matrix fits everywhere.
pub fn words_schema(doc: &str, words: &[&str]) -> Value {
    json!({
        "description": one_line(doc),
        "anyOf": [{ "enum": words }, { "type": "string", "pattern": "\\$" }],
    })
}
