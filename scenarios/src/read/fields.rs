//! The keys of one mapping: which may be there, which must, which exclude each other.

use super::{Definitions, Read, wrong_shape};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list_names, nearest, quoted};
use crate::syntax::{Entry, Node, Value};
use serde_json::json;

/// A rule over the keys of one mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRule {
    /// One of them, and only one.
    ExactlyOne(&'static [&'static str]),
    /// One of them or none.
    AtMostOne(&'static [&'static str]),
    /// One of them or more.
    AtLeastOne(&'static [&'static str]),
    /// The first only together with the second.
    Needs(&'static [&'static str]),
}

/// A set of keys of which a mapping has exactly one, each with a document of its own.
pub trait Choice: Sized {
    /// The keys.
    const KEYS: &'static [&'static str];
    /// What they are: "a verb".
    const WHAT: &'static str;
    /// Reads the value of one of the keys.
    fn read_entry(key: &str, node: &Node, out: &mut Diagnostics) -> Option<Self>;
    /// The schemas of the keys' values, with their descriptions.
    fn properties(definitions: &mut Definitions) -> Vec<(&'static str, serde_json::Value)>;
}

/// One mapping while it is read.
#[derive(Clone, Debug)]
pub struct Fields<'n> {
    node: &'n Node,
    entries: &'n [Entry],
    whole: bool,
    what: &'static str,
    /// Whether some key is unknown, and which keys such ones were probably meant to be: they are
    /// not missing as well.
    unknown: bool,
    meant: Vec<&'n str>,
}

impl<'n> Fields<'n> {
    /// Opens a mapping, and refuses every key of it that is none of `keys`. `what` the mapping is
    /// has its article: "an account".
    pub fn open(
        node: &'n Node,
        what: &'static str,
        keys: &[&[&'n str]],
        out: &mut Diagnostics,
    ) -> Option<Self> {
        let all = || keys.iter().copied().flatten().copied();
        if node.value == Value::Refused {
            return None;
        }
        let Value::Map { entries, whole } = &node.value else {
            let help = format!("the keys of {what} are {}", list_names(all()));
            wrong_shape(node, "a mapping", Some(help), out);
            return None;
        };
        let (mut unknown, mut meant) = (false, vec![]);
        for entry in entries {
            if !all().any(|key| key == entry.key.value) {
                unknown = true;
                // Comparing names takes long; what is not shown needs none.
                let near = if out.is_full() { None } else { nearest(&entry.key, all()) };
                out.push_with(true, || unknown_key(entry, what, near, all()));
                meant.extend(near);
            }
        }
        Some(Self { node, entries, whole: *whole, what, unknown, meant })
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|e| e.key.value == key)
    }

    /// Reads the value of a key. Nothing means that a diagnostic says why.
    pub fn take<T: Read>(&self, key: &str, out: &mut Diagnostics) -> Option<T> {
        if let Some(entry) = self.entry(key) {
            return T::read(&entry.value, out);
        }
        if let Some(absent) = T::absent() {
            return Some(absent);
        }
        // A mapping that was cut off may have had the key in the part that is lost.
        if self.whole && !self.meant.contains(&key) {
            let message = format!("the key {} is missing in {}", quoted(key), self.what);
            let label = format!("needs {}", quoted(key));
            out.push(Diagnostic::error(Code::MissingKey, self.node.head, message, label));
        }
        T::lost()
    }

    /// Reads the one key of a choice.
    pub fn choose<C: Choice>(&self, out: &mut Diagnostics) -> Option<C> {
        let mut found = self.entries.iter().filter(|e| C::KEYS.contains(&&*e.key.value));
        let Some(first) = found.next() else {
            // An unknown key was probably meant to be the choice, and has its diagnostic already.
            if self.whole && !self.unknown {
                let message = format!("{} is missing in {}", C::WHAT, self.what);
                let label = format!("needs {}", C::WHAT);
                let help = format!("write one of {}", list_names(C::KEYS.iter().copied()));
                let place = self.node.head;
                out.push(Diagnostic::error(Code::KeyChoice, place, message, label).help(help));
            }
            return None;
        };
        let chosen = C::read_entry(&first.key, &first.value, out);
        let mut alone = true;
        for other in found {
            alone = false;
            let message =
                format!("{} has {} and {}", self.what, quoted(&first.key), quoted(&other.key));
            out.push(
                Diagnostic::error(Code::KeyChoice, other.key.span, message, "one too many")
                    .and(first.key.span, "the first")
                    .help(format!("{} has exactly one of them", self.what)),
            );
            // The other is read for its own mistakes only.
            let _ = C::read_entry(&other.key, &other.value, out);
        }
        chosen.filter(|_| alone)
    }

    /// Checks the rules over the keys.
    pub fn check(&self, rules: &[KeyRule], out: &mut Diagnostics) -> bool {
        // Each is checked, so that each has its diagnostic.
        let broken = rules.iter().filter(|rule| !self.check_one(**rule, out)).count();
        broken == 0
    }

    fn check_one(&self, rule: KeyRule, out: &mut Diagnostics) -> bool {
        let (KeyRule::ExactlyOne(keys)
        | KeyRule::AtMostOne(keys)
        | KeyRule::AtLeastOne(keys)
        | KeyRule::Needs(keys)) = rule;
        let found: Vec<&Entry> = keys.iter().filter_map(|key| self.entry(key)).collect();
        let needs_one = matches!(rule, KeyRule::ExactlyOne(_) | KeyRule::AtLeastOne(_));
        let excludes = matches!(rule, KeyRule::ExactlyOne(_) | KeyRule::AtMostOne(_));
        match &*found {
            [] if needs_one => {
                if self.whole && !self.meant.iter().any(|m| keys.contains(m)) {
                    let names = list_names(keys.iter().copied());
                    let message = format!("{} needs one of {names}", self.what);
                    let label = format!("needs one of {names}");
                    out.push(Diagnostic::error(Code::KeyChoice, self.node.head, message, label));
                }
                false
            }
            [first, second, ..] if excludes => {
                let (a, b) = (quoted(&first.key), quoted(&second.key));
                let message = format!("{} has both {a} and {b}", self.what);
                out.push(
                    Diagnostic::error(Code::KeyChoice, second.key.span, message, "one too many")
                        .and(first.key.span, "the first")
                        .help("keep one of the two"),
                );
                false
            }
            [only] if matches!(rule, KeyRule::Needs([first, _]) if *first == only.key.value) => {
                let second = keys.get(1).copied().unwrap_or_default();
                let message = format!("{} needs {}", quoted(&only.key), quoted(second));
                let label = format!("without {}", quoted(second));
                out.push(Diagnostic::error(Code::MissingKey, only.key.span, message, label));
                false
            }
            _ => true,
        }
    }
}

impl KeyRule {
    /// The rule as a part of a JSON Schema.
    pub fn schema(self) -> serde_json::Value {
        let each = |keys: &[&str]| -> Vec<_> {
            keys.iter().map(|key| json!({ "required": [key] })).collect()
        };
        match self {
            Self::ExactlyOne(keys) => json!({ "oneOf": each(keys) }),
            Self::AtLeastOne(keys) => json!({ "anyOf": each(keys) }),
            Self::AtMostOne(keys) => {
                let none = json!({ "not": { "anyOf": each(keys) } });
                json!({ "oneOf": each(keys).into_iter().chain([none]).collect::<Vec<_>>() })
            }
            Self::Needs(keys) => {
                let first = keys.first().copied().unwrap_or_default();
                let rest = keys.get(1..).unwrap_or_default();
                json!({ "dependentRequired": { first: rest } })
            }
        }
    }
}

fn unknown_key<'a>(
    entry: &Entry,
    what: &str,
    near: Option<&str>,
    keys: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let help = match near {
        Some(near) => format!("did you mean {}?", quoted(near)),
        // `{ balance: 1,000.00 }` is a balance of 1 and a key `000.00` without a value.
        None if entry.value.is_nothing() && entry.key.starts_with(|c: char| c.is_ascii_digit()) => {
            String::from("write numbers without separators: `1000.00`")
        }
        None => format!("the keys of {what} are {}", list_names(keys)),
    };
    let message = format!("unknown key {} in {what}", quoted(&entry.key));
    Diagnostic::error(Code::UnknownKey, entry.key.span, message, "not a key of this place")
        .help(help)
}

/// The key that a field's name stands for: a word of the language is written `r#for`.
pub const fn key_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', rest @ ..] => match str::from_utf8(rest) {
            Ok(name) => name,
            Err(_) => field,
        },
        _ => field,
    }
}
