//! The tree of a file.

use crate::span::{Span, Spanned};

/// A value of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The whole value.
    pub span: Span,
    /// What to underline when the value as a whole is meant: its key, or its first word.
    pub head: Span,
    /// Where the text really comes from, when a variable of the matrix was replaced here.
    pub origin: Option<Span>,
    /// The value.
    pub value: Value,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, a number, a date: what it means is decided by the reader of the place.
    Scalar(Scalar),
    /// A list.
    List {
        /// The items in the order of the file.
        items: Vec<Node>,
        /// Whether the list was read to its end.
        whole: bool,
    },
    /// Keys with values.
    Map {
        /// The entries in the order of the file; no key stands twice.
        entries: Vec<Entry>,
        /// Whether the mapping was read to its end.
        whole: bool,
    },
    /// Something that was refused and has its diagnostic already.
    Refused,
}

/// A text of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text without quotes and escapes.
    pub text: String,
    /// Whether it stands without quotes.
    pub plain: bool,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Spanned<String>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The places of the value, without the value.
    pub(crate) fn place(&self) -> Self {
        Self { span: self.span, head: self.head, origin: self.origin, value: Value::Refused }
    }
    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Value::Map { entries, .. } = &self.value else { return None };
        entries.iter().find(|e| e.key.value == key).map(|e| &e.value)
    }
    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        let Value::Scalar(scalar) = &self.value else { return None };
        Some(&scalar.text)
    }
    /// Whether nothing was written where a value belongs.
    pub fn is_nothing(&self) -> bool {
        matches!(&self.value, Value::Scalar(s) if s.plain && matches!(&*s.text, "" | "~" | "null"))
    }
    /// What this is, in a word that a sentence can use.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Scalar(_) => "a single value",
            Value::List { .. } => "a list",
            Value::Map { .. } => "a mapping",
            Value::Refused => "a refused value",
        }
    }
}
