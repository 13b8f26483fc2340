//! What must be seen: a state, an event, a refusal, or nothing.

use super::EventKindName;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list_names, nearest, quoted};
use crate::document;
use crate::read::{
    AmountText, Definitions, FromText, Moment, Name, Number, Raw, Read, RuleName, YesNo, error_at,
    wrong_shape,
};
use crate::span::{Span, Spanned};
use crate::syntax::{Entry, Node, Value};
use serde_json::json;

/// One expectation, about one subject, at the end of its instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectDoc {
    /// A phone's state.
    Phone(ExpectPhoneDoc),
    /// An account's money.
    Account(ExpectAccountDoc),
    /// An order's state.
    Order(ExpectOrderDoc),
    /// What is left of a coupon.
    Coupon(ExpectCouponDoc),
    /// A command was refused.
    Refused(ExpectRefusedDoc),
    /// An event happened.
    Event(EventDoc),
    /// Nothing else happened since the step before.
    Silence {
        /// Where it is said.
        span: Span,
        /// Kinds of events that may happen all the same.
        except: Vec<Spanned<EventKindName>>,
    },
}

document! {
    /// What a phone is.
    pub struct ExpectPhoneDoc ("an expectation of a phone") {
        /// The phone.
        phone: Spanned<Name>,
        /// Its state.
        is: Option<Spanned<Raw>>,
        /// When its subscription expires.
        expires: Option<Spanned<Moment>>,
        /// Whether it renews itself.
        auto_renew: Option<Spanned<YesNo>>,
    }
    AtLeastOne ["is", "expires", "auto_renew"];
}

document! {
    /// What an account has.
    pub struct ExpectAccountDoc ("an expectation of an account") {
        /// The account.
        account: Spanned<Name>,
        /// Its cash.
        balance: Option<Spanned<AmountText>>,
        /// What it can spend: cash and credit.
        available: Option<Spanned<AmountText>>,
        /// What it owes.
        debt: Option<Spanned<AmountText>>,
        /// Whether it is in arrears.
        in_arrears: Option<Spanned<YesNo>>,
    }
    AtLeastOne ["balance", "available", "debt", "in_arrears"];
}

document! {
    /// What an order is.
    pub struct ExpectOrderDoc ("an expectation of an order") {
        /// The order.
        order: Spanned<Name>,
        /// Its state.
        is: Spanned<Raw>,
    }
}

document! {
    /// What is left of a coupon.
    pub struct ExpectCouponDoc ("an expectation of a coupon") {
        /// The coupon.
        coupon: Spanned<Name>,
        /// The account that holds it.
        account: Spanned<Name>,
        /// What is left of it.
        balance: Spanned<AmountText>,
    }
}

document! {
    /// A command was refused at this instant.
    pub struct ExpectRefusedDoc ("an expectation of a refusal") {
        /// The reason.
        refused: Spanned<Raw>,
        /// The rule that refused it.
        rule: Option<Spanned<RuleName>>,
    }
}

document! {
    /// Exceptions from silence.
    pub struct ExceptDoc ("`silence`") {
        /// Kinds of events that may happen.
        except: Vec<Spanned<EventKindName>>,
    }
}

/// An event that must have happened at this instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDoc {
    /// The whole expectation.
    pub span: Span,
    /// The kind of the event.
    pub kind: Spanned<EventKindName>,
    /// Fields that the event must have, among others.
    pub fields: FieldsDoc,
    /// The rule that caused it.
    pub rule: Option<Spanned<RuleName>>,
    /// How many such events there must be; without it, at least one.
    pub times: Option<Spanned<Number<0, 10_000>>>,
}

/// Fields of an event and their values, which the event's own kind gives a meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldsDoc {
    /// Names and values.
    pub entries: Vec<(Spanned<EventKindName>, Spanned<Raw>)>,
}

/// The keys that name a subject, in the order in which they are looked for: an expectation of a
/// coupon names its account as well.
const SUBJECTS: [&str; 5] = ["coupon", "order", "phone", "account", "refused"];
/// Keys that go with the kind of an event.
const EVENT_KEYS: [&str; 2] = ["rule", "times"];

impl Read for ExpectDoc {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        if let Some(text) = node.as_text().filter(|_| !node.is_nothing()) {
            if text == "silence" {
                return Some(Self::Silence { span: node.span, except: vec![] });
            }
            let message = format!("{} is not an expectation", quoted(text));
            let help = "write `silence`, or `{ phone: p1, is: running }`";
            out.push(error_at(node, Code::WrongShape, message, "not an expectation").help(help));
            return None;
        }
        let Value::Map { entries, .. } = &node.value else {
            let help = "write `silence`, or `{ phone: p1, is: running }`";
            wrong_shape(node, "an expectation", Some(String::from(help)), out);
            return None;
        };
        // An event may be called like a subject; its fields then stand in a mapping.
        let subject = SUBJECTS.iter().find(|s| node.get(s).is_some_and(|v| v.as_text().is_some()));
        match subject {
            Some(&"coupon") => ExpectCouponDoc::read(node, out).map(Self::Coupon),
            Some(&"order") => ExpectOrderDoc::read(node, out).map(Self::Order),
            Some(&"phone") => ExpectPhoneDoc::read(node, out).map(Self::Phone),
            Some(&"account") => ExpectAccountDoc::read(node, out).map(Self::Account),
            Some(_) => ExpectRefusedDoc::read(node, out).map(Self::Refused),
            None => Self::silence_or_event(node, entries, out),
        }
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        definitions.reference("ExpectDoc", |definitions| {
            let silence = json!({
                "type": "object",
                "properties": { "silence": ExceptDoc::schema(definitions) },
                "required": ["silence"],
                "additionalProperties": false,
            });
            json!({
                "description": "What must be seen at the end of this instant.",
                "anyOf": [
                    { "const": "silence" },
                    silence,
                    ExpectPhoneDoc::schema(definitions),
                    ExpectAccountDoc::schema(definitions),
                    ExpectOrderDoc::schema(definitions),
                    ExpectCouponDoc::schema(definitions),
                    ExpectRefusedDoc::schema(definitions),
                    EventDoc::schema(definitions),
                ],
            })
        })
    }
}

impl ExpectDoc {
    fn silence_or_event(node: &Node, entries: &[Entry], out: &mut Diagnostics) -> Option<Self> {
        let [first, rest @ ..] = entries else {
            out.push(no_subject(node));
            return None;
        };
        if first.key.value == "silence" {
            for entry in rest {
                let message = format!("unknown key {} beside `silence`", quoted(&entry.key));
                let label = "not a key of this place";
                out.push(Diagnostic::error(Code::UnknownKey, entry.key.span, message, label));
            }
            let ExceptDoc { span, except, .. } = ExceptDoc::read(&first.value, out)?;
            return Some(Self::Silence { span, except });
        }
        EventDoc::read(node, out).map(Self::Event)
    }
}

impl Read for EventDoc {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        let Value::Map { entries, .. } = &node.value else {
            wrong_shape(node, "an event", None, out);
            return None;
        };
        let mut kinds = entries.iter().filter(|e| !EVENT_KEYS.contains(&&*e.key.value));
        let Some(first) = kinds.next() else {
            out.push(no_subject(node));
            return None;
        };
        if first.value.as_text().is_some() {
            // Neither a subject nor an event with its fields: say what was probably meant.
            let near = nearest(&first.key, SUBJECTS);
            let help = match near {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => String::from("an event has its fields in `{ }`, perhaps none"),
            };
            let message = format!("nothing to expect is called {}", quoted(&first.key));
            let label = "not a subject";
            out.push(
                Diagnostic::error(Code::UnknownKey, first.key.span, message, label).help(help),
            );
            return None;
        }
        let mut good = true;
        for entry in kinds {
            good = false;
            let message = format!("unknown key {} beside an event", quoted(&entry.key));
            let help = match nearest(&entry.key, EVENT_KEYS) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => format!("fields stand inside {}", quoted(&first.key)),
            };
            let label = "not a key of this place";
            out.push(
                Diagnostic::error(Code::UnknownKey, entry.key.span, message, label).help(help),
            );
        }
        let kind = key(first, out);
        let fields = FieldsDoc::read(&first.value, out);
        let rule = optional(node, "rule", out);
        let times = optional(node, "times", out);
        let event =
            Self { span: node.span, kind: kind?, fields: fields?, rule: rule?, times: times? };
        good.then_some(event)
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        definitions.reference("EventDoc", |definitions| {
            let fields = FieldsDoc::schema(definitions);
            let kind = definitions.reference(EventKindName::PART, |_| EventKindName::part());
            let rule = definitions.reference(RuleName::PART, |_| RuleName::part());
            let times = Number::<0, 10_000>::schema(definitions);
            json!({
                "description": "An event that must have happened at this instant, with some of its fields.",
                "type": "object",
                "properties": { "rule": rule, "times": times },
                "propertyNames": kind,
                "additionalProperties": fields,
                "minProperties": 1,
                "maxProperties": 3,
            })
        })
    }
}

impl Read for FieldsDoc {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        let Value::Map { entries, .. } = &node.value else {
            wrong_shape(node, "a mapping", Some(String::from("write `{ field: value }`")), out);
            return None;
        };
        let read: Vec<Option<_>> =
            entries.iter().map(|e| key(e, out).zip(Spanned::read(&e.value, out))).collect();
        read.into_iter().collect::<Option<_>>().map(|entries| Self { entries })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let value = definitions.reference(Raw::PART, |_| Raw::part());
        json!({ "type": "object", "additionalProperties": value })
    }
}

fn no_subject(node: &Node) -> Diagnostic {
    let message = "it is not said what is expected";
    let subjects = list_names(SUBJECTS);
    Diagnostic::error(Code::KeyChoice, node.head, message, "needs a subject")
        .help(format!("write `silence`, a kind of event, or one of {subjects}"))
}

/// A key that names a kind or a field of events.
fn key(entry: &Entry, out: &mut Diagnostics) -> Option<Spanned<EventKindName>> {
    match EventKindName::from_text(&entry.key) {
        Ok(kind) => Some(Spanned::new(kind, entry.key.span)),
        Err(wrong) => {
            let label = "not a name of this kind";
            out.push(
                Diagnostic::error(wrong.code, entry.key.span, wrong.message, label)
                    .help(wrong.help),
            );
            None
        }
    }
}

fn optional<T: Read>(node: &Node, key: &str, out: &mut Diagnostics) -> Option<Option<T>> {
    match node.get(key) {
        None => Some(None),
        Some(value) => T::read(value, out).map(Some),
    }
}
