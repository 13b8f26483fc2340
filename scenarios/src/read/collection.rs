//! Lists, and mappings from names to documents.

use super::{Definitions, FromText, Name, Read, Wrong, wrong_shape};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::span::Spanned;
use crate::syntax::{Node, Value};
use serde_json::json;

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        let Value::List { items, .. } = &node.value else {
            let help = "begin each item with `- ` on a line of its own, or write `[a, b]`";
            wrong_shape(node, "a list", Some(String::from(help)), out);
            return None;
        };
        // All are read before any is missed, so that each has its diagnostic.
        let read: Vec<Option<T>> = items.iter().map(|item| T::read(item, out)).collect();
        read.into_iter().collect()
    }
    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        json!({ "type": "array", "items": T::schema(definitions) })
    }
}

/// A mapping whose keys are chosen by the author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<T, K = Name> {
    /// Keys and values in the order of the file; no key stands twice.
    pub entries: Vec<(Spanned<K>, T)>,
}

impl<T, K> Default for Named<T, K> {
    fn default() -> Self {
        Self { entries: vec![] }
    }
}

impl<T: Read, K: FromText> Read for Named<T, K> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        let Value::Map { entries, .. } = &node.value else {
            wrong_shape(node, "a mapping", Some(String::from("write `name: value`")), out);
            return None;
        };
        let read: Vec<Option<_>> = entries
            .iter()
            .map(|entry| {
                let key = match K::from_text(&entry.key) {
                    Ok(key) => Some(Spanned::new(key, entry.key.span)),
                    Err(Wrong { code, message, help }) => {
                        let label = format!("not {}", K::WHAT);
                        let span = entry.key.span;
                        out.push(Diagnostic::error(code, span, message, label).help(help));
                        None
                    }
                };
                let value = T::read(&entry.value, out);
                key.zip(value)
            })
            .collect();
        let entries = read.into_iter().collect::<Option<_>>()?;
        Some(Self { entries })
    }
    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let key = definitions.reference(K::PART, |_| K::part());
        json!({
            "type": "object",
            "propertyNames": key,
            "additionalProperties": T::schema(definitions),
        })
    }
}
