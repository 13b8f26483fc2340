//! From the tree of a file to typed documents. Every document is declared once, with
//! [`document!`](crate::document); struct, reader, diagnostics and JSON Schema follow from that
//! one declaration, so that they cannot drift apart. Reading never stops at the first mistake.

mod amount;
mod collection;
mod cycle;
mod fields;
mod json;
mod lenient;
mod macros;
mod network;
mod scalar;
mod schema;
mod time;
mod words;

pub use amount::{AmountText, MAX_AMOUNT_DIGITS, Percent};
pub use collection::Named;
pub use cycle::{Day, Month};
pub use fields::{Choice, Fields, KeyRule, key_name};
pub use json::JsonText;
pub use lenient::Lenient;
pub use network::{QueueText, RateText, SoundText, TraceName};
pub use scalar::{
    FromText, MAX_NAME_CHARS, MAX_TITLE_CHARS, Name, Number, ParameterName, Raw, RuleName, Title,
    Wrong, YesNo,
};
pub use schema::{Definitions, ObjectSchema, described, one_line};
pub use time::{FIRST_YEAR, Instant, LAST_YEAR, Length, MAX_LENGTH_DAYS, Moment, Term};
pub use words::{unknown_word, words_schema};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::span::Spanned;
use crate::syntax::{Node, Value};

/// A type that is read from a value of a file.
pub trait Read: Sized {
    /// Reads the value. Nothing means that a diagnostic says why.
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self>;
    /// The JSON Schema of the value.
    fn schema(definitions: &mut Definitions) -> serde_json::Value;
    /// What a missing key means, if it may be missing.
    fn absent() -> Option<Self> {
        None
    }
    /// What stands for a value that had to be there and was not, once that has been said.
    fn lost() -> Option<Self> {
        None
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        T::read(node, out).map(Some)
    }
    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        T::schema(definitions)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Spanned<T> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        T::read(node, out).map(|value| Self::new(value, node.span))
    }
    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        T::schema(definitions)
    }
}

/// An error at a value. If the value came from the matrix, the place there is shown as well.
pub fn error_at(
    node: &Node,
    code: Code,
    message: impl Into<String>,
    label: impl Into<String>,
) -> Diagnostic {
    let span = if node.span.is_empty() { node.head } else { node.span };
    let diagnostic = Diagnostic::error(code, span, message, label);
    match node.origin {
        Some(origin) => diagnostic.and(origin, "the value comes from here"),
        None => diagnostic,
    }
}

/// Refuses a value that has not the shape that its place needs.
pub fn wrong_shape(node: &Node, needed: &str, help: Option<String>, out: &mut Diagnostics) {
    if node.value == Value::Refused {
        return;
    }
    if node.is_nothing() {
        let message = format!("a value is missing: {needed} is needed");
        out.push(error_at(node, Code::MissingValue, message, "nothing follows").help_if(help));
        return;
    }
    let message = format!("{needed} is needed here, and this is {}", node.kind());
    out.push(Diagnostic::error(Code::WrongShape, node.head, message, node.kind()).help_if(help));
}
