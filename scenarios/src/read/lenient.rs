//! Parts of a file that may be broken without hiding what is wrong with the others.

use super::{Definitions, Read};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Node, Value};
use std::collections::BTreeSet;

/// A part that was read, or of which only the words are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lenient<T> {
    /// It was read.
    Good(T),
    /// It has diagnostics. Its words may be names that other parts speak of.
    Broken(BTreeSet<String>),
}

impl<T> Lenient<T> {
    /// The part, if it was read.
    pub fn good(&self) -> Option<&T> {
        match self {
            Self::Good(part) => Some(part),
            Self::Broken(_) => None,
        }
    }
    /// The words of a broken part.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let words = match self {
            Self::Good(_) => None,
            Self::Broken(words) => Some(words),
        };
        words.into_iter().flatten().map(String::as_str)
    }
}

impl<T: Read> Read for Lenient<T> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        Some(T::read(node, out).map_or_else(
            || {
                let mut words = BTreeSet::new();
                gather(node, &mut words);
                Self::Broken(words)
            },
            Self::Good,
        ))
    }
    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        T::schema(definitions)
    }
    fn absent() -> Option<Self> {
        T::absent().map(Self::Good)
    }
    fn lost() -> Option<Self> {
        Some(Self::Broken(BTreeSet::new()))
    }
}

// The depth of a tree is bounded by `syntax::MAX_DEPTH`.
fn gather(node: &Node, words: &mut BTreeSet<String>) {
    match &node.value {
        Value::Scalar(scalar) => {
            words.insert(scalar.text.clone());
        }
        Value::List { items, .. } => items.iter().for_each(|item| gather(item, words)),
        Value::Map { entries, .. } => {
            for entry in entries {
                words.insert(entry.key.value.clone());
                gather(&entry.value, words);
            }
        }
        Value::Refused => {}
    }
}
