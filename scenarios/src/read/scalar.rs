//! Texts with a meaning: names, numbers, yes and no.

use super::schema::{number_pattern, pattern};
use super::{Definitions, Read, error_at, wrong_shape};
use crate::diagnostic::{Code, Diagnostics, quoted};
use crate::syntax::{Node, Value};
use serde_json::json;
use std::fmt;

/// The longest name.
pub const MAX_NAME_CHARS: usize = 64;
/// The longest title.
pub const MAX_TITLE_CHARS: usize = 200;

/// Why a text is not what its place needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The kind of mistake.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Wrong {
    /// A mistake and advice.
    pub fn new(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: help.into() }
    }
}

/// A type that is read from a single text.
pub trait FromText: Sized {
    /// What is needed, with its article: "an amount".
    const WHAT: &'static str;
    /// The name of its part of the schema.
    const PART: &'static str;
    /// Reads the text.
    fn from_text(text: &str) -> Result<Self, Wrong>;
    /// Its part of the schema.
    fn part() -> serde_json::Value;
}

impl<T: FromText> Read for T {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match T::from_text(text_of(node, T::WHAT, out)?) {
            Ok(value) => Some(value),
            Err(Wrong { code, message, help }) => {
                out.push(error_at(node, code, message, format!("not {}", T::WHAT)).help(help));
                None
            }
        }
    }
    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        definitions.reference(T::PART, |_| T::part())
    }
}

macro_rules! text_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type! {
    /// The name of an account, a phone, an order, a coupon or a size.
    Name
}
text_type! {
    /// A sentence on one line.
    Title
}
text_type! {
    /// The id of a rule: `R6.1`.
    RuleName
}
text_type! {
    /// The name of a rule's parameter: `R2.5.deduction_lag_default`.
    ParameterName
}
text_type! {
    /// Any single text; what it may be is decided where it is used.
    Raw
}

impl FromText for Name {
    const WHAT: &'static str = "a name";
    const PART: &'static str = "name";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let bad = text.chars().find(|c| !allowed(*c));
        let message = match (bad, text.chars().next()) {
            (Some(c), _) => format!("{} cannot stand in a name", quoted(&c.to_string())),
            (None, Some('_' | '-' | '.')) => String::from("a name begins with a letter or a digit"),
            (None, None) => String::from("the name is empty"),
            (None, Some(_)) if text.len() > MAX_NAME_CHARS => {
                format!("the name has {} characters", text.len())
            }
            (None, Some(_)) => return Ok(Self(text.to_owned())),
        };
        let help = format!(
            "a name has 1 to {MAX_NAME_CHARS} letters, digits, `_`, `-` and `.`, \
             and begins with a letter or digit"
        );
        Err(Wrong::new(Code::BadName, message, help))
    }
    fn part() -> serde_json::Value {
        number_pattern(
            "A name: letters, digits, `_`, `-` and `.`, beginning with a letter or digit.",
            "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
        )
    }
}

impl FromText for Title {
    const WHAT: &'static str = "a title";
    const PART: &'static str = "title";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let count = text.chars().count();
        let text = text.trim_end();
        let message = if count > MAX_TITLE_CHARS {
            format!("the title has {count} characters")
        } else if text.is_empty() {
            String::from("the title is empty")
        } else if text.contains('\n') {
            String::from("the title has more than one line")
        } else {
            return Ok(Self(text.to_owned()));
        };
        let help = format!("write one sentence of at most {MAX_TITLE_CHARS} characters");
        Err(Wrong::new(Code::BadText, message, help))
    }
    fn part() -> serde_json::Value {
        json!({
            "description": "One sentence that says what happens.",
            "type": ["string", "number"],
            "minLength": 1,
            "maxLength": MAX_TITLE_CHARS,
        })
    }
}

impl FromText for RuleName {
    const WHAT: &'static str = "the id of a rule";
    const PART: &'static str = "rule";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        if is_rule(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Wrong::new(
            Code::BadRule,
            format!("{} is not the id of a rule", quoted(text)),
            "an id is a letter, a number, a point and a number: `R6.1`",
        ))
    }
    fn part() -> serde_json::Value {
        pattern("The id of a rule, such as `R6.1`.", "^[RPAT][0-9]{1,3}\\.[0-9]{1,3}$")
    }
}

/// Whether the text is a letter of a book, a number, a point and a number.
fn is_rule(text: &str) -> bool {
    let Some(numbers) = text.strip_prefix(['R', 'P', 'A', 'T']) else { return false };
    let number = |n: &str| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
    numbers.split_once('.').is_some_and(|(section, rule)| number(section) && number(rule))
}

impl FromText for ParameterName {
    const WHAT: &'static str = "the name of a parameter";
    const PART: &'static str = "parameter";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let tail = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let mut parts = text.splitn(4, '.');
        let section = parts.next().zip(parts.next()).map(|(a, b)| format!("{a}.{b}"));
        let word = parts.next().is_some_and(|w| {
            w.starts_with(|c: char| c.is_ascii_lowercase()) && w.chars().all(tail)
        });
        // The fourth part, if there is one, is a key of a table.
        let key = parts.next().is_none_or(|k| !k.is_empty() && k.chars().all(tail));
        if section.is_some_and(|s| is_rule(&s)) && word && key && text.len() <= MAX_NAME_CHARS {
            return Ok(Self(text.to_owned()));
        }
        Err(Wrong::new(
            Code::BadName,
            format!("{} is not the name of a parameter", quoted(text)),
            "write the id of a rule, a point and the parameter: `R6.1.attempt_time`",
        ))
    }
    fn part() -> serde_json::Value {
        pattern(
            "A parameter of a rule, such as `R6.1.attempt_time`, or a key of its table.",
            "^[RPAT][0-9]{1,3}\\.[0-9]{1,3}\\.[a-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)?$",
        )
    }
}

impl FromText for Raw {
    const WHAT: &'static str = "a single value";
    const PART: &'static str = "value";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        Ok(Self(text.to_owned()))
    }
    fn part() -> serde_json::Value {
        json!({ "description": "A single value.", "type": ["string", "number", "boolean"] })
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YesNo(pub bool);

impl FromText for YesNo {
    const WHAT: &'static str = "`true` or `false`";
    const PART: &'static str = "yes-no";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        match text {
            "true" | "yes" => Ok(Self(true)),
            "false" | "no" => Ok(Self(false)),
            _ => Err(Wrong::new(
                Code::BadBool,
                format!("{} is neither yes nor no", quoted(text)),
                "write `true`, `false`, `yes` or `no`",
            )),
        }
    }
    fn part() -> serde_json::Value {
        json!({
            "description": "Yes or no.",
            "anyOf": [
                { "enum": [true, false, "yes", "no"] },
                { "type": "string", "pattern": "\\$" },
            ],
        })
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number<const MIN: u64, const MAX: u64>(u64);

impl<const MIN: u64, const MAX: u64> Number<MIN, MAX> {
    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl<const MIN: u64, const MAX: u64> Read for Number<MIN, MAX> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        let what = if MAX == u64::MAX {
            String::from("a whole number")
        } else {
            format!("a whole number from {MIN} to {MAX}")
        };
        let text = text_of(node, &what, out)?;
        // Nothing but digits: `0x10`, `1_000`, `1e3` and `+1` mean different numbers to different
        // readers.
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        if let Some(number) = number.filter(|n| (MIN..=MAX).contains(n)) {
            return Some(Self(number));
        }
        let message = format!("{} is not {what}", quoted(text));
        out.push(error_at(node, Code::BadNumber, message, format!("not {what}")));
        None
    }
    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let part =
            if MAX == u64::MAX { String::from("number") } else { format!("number-{MIN}-{MAX}") };
        definitions.reference(&part, |_| {
            let range = if MAX == u64::MAX {
                json!({ "type": "integer", "minimum": MIN })
            } else {
                json!({ "type": "integer", "minimum": MIN, "maximum": MAX })
            };
            json!({
                "description": "A whole number.",
                "anyOf": [range, { "type": "string", "pattern": "^[0-9]+$|\\$" }],
            })
        })
    }
}

/// The text of a single value; otherwise a diagnostic says that `what` is needed.
pub(super) fn text_of<'n>(node: &'n Node, what: &str, out: &mut Diagnostics) -> Option<&'n str> {
    match &node.value {
        Value::Scalar(scalar) if !node.is_nothing() => Some(&scalar.text),
        _ => {
            wrong_shape(node, what, None, out);
            None
        }
    }
}
