//! A value as a file writes it against a value as the log has it: amounts as decimals, times as
//! instants, terms as terms, whatever their notation.

use crate::grammar::ValueDoc;
use crate::read::{FromText, Moment, Term};
use koosim_model::money::{Amount, exact_decimal};
use koosim_model::term::Term as ModelTerm;
use koosim_model::time::{SimDuration, SimTime};
use serde_json::Value;

/// The word for a field that has no value.
const NOTHING: &str = "none";

/// Whether `seen` is what `expected` says. A mapping may leave out keys; a list may not leave out
/// items.
// The depth of a file's values is bounded by `syntax::MAX_DEPTH`.
pub(super) fn matches(expected: &ValueDoc, seen: &Value) -> bool {
    match (expected, seen) {
        (ValueDoc::Text(text), _) => text_matches(text.as_str(), seen),
        (ValueDoc::List(items), Value::Array(seen)) => {
            items.len() == seen.len() && items.iter().zip(seen).all(|(e, s)| matches(e, s))
        }
        (ValueDoc::Map(entries), Value::Object(seen)) => {
            entries.iter().all(|(key, e)| seen.get(key).is_some_and(|s| matches(e, s)))
        }
        _ => false,
    }
}

fn text_matches(text: &str, seen: &Value) -> bool {
    match seen {
        Value::Null => text == NOTHING,
        Value::Bool(seen) => match text {
            "true" | "yes" => *seen,
            "false" | "no" => !seen,
            _ => false,
        },
        Value::Number(seen) => {
            let number = exact_decimal(text);
            number.is_some() && number == exact_decimal(&seen.to_string())
        }
        Value::String(seen) => text == seen || same_meaning(text, seen),
        Value::Object(_) => {
            let seen = serde_json::from_value::<ModelTerm>(seen.clone()).ok();
            let expected = Term::from_text(text).ok();
            seen.is_some() && seen == expected.map(Term::get)
        }
        // One thing stands for a list of one.
        Value::Array(seen) => matches!(&**seen, [only] if text_matches(text, only)),
    }
}

fn same_meaning(text: &str, seen: &str) -> bool {
    if let Ok(amount) = seen.parse::<Amount>() {
        let (number, currency) = text.split_once(' ').unwrap_or((text, amount.currency().code()));
        return currency == amount.currency().code()
            && exact_decimal(number) == Some(amount.value());
    }
    if let Some(at) = SimTime::parse_iso(seen) {
        return Moment::from_text(text).is_ok_and(|moment| same_moment(moment, at));
    }
    match (exact_decimal(text), exact_decimal(seen)) {
        (Some(text), Some(seen)) => text == seen,
        _ => false,
    }
}

/// Whether an instant is the one that a file means: that instant, or any of that day. The service
/// prints the end of a day as 23:59:59; a file may write it so or as the next midnight.
pub(super) fn same_moment(expected: Moment, seen: SimTime) -> bool {
    match expected {
        Moment::On(day) => seen.day() == day,
        Moment::At(at) => at == seen,
    }
}

/// The same for the end of a subscription, of which the service prints the last second.
pub(super) fn same_end(expected: Moment, printed: SimTime) -> bool {
    let boundary = printed + SimDuration::from_secs(1);
    same_moment(expected, printed) || expected == Moment::At(boundary)
}

/// A value of a file in one line.
pub(super) fn words(value: &ValueDoc) -> String {
    match value {
        ValueDoc::Text(text) => text.to_string(),
        ValueDoc::List(items) => {
            format!("[{}]", items.iter().map(words).collect::<Vec<_>>().join(", "))
        }
        ValueDoc::Map(entries) => {
            let pairs = entries.iter().map(|(key, value)| format!("{key}: {}", words(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A value of the log in one line, as a file would write it.
pub(super) fn seen_words(value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::String(text) => match SimTime::parse_iso(text) {
            Some(at) => at.wall().to_string(),
            None => text.clone(),
        },
        Value::Array(items) => {
            format!("[{}]", items.iter().map(seen_words).collect::<Vec<_>>().join(", "))
        }
        Value::Object(entries) => {
            let term = serde_json::from_value::<ModelTerm>(value.clone());
            term.map_or_else(
                |_| {
                    let pairs = entries.iter().map(|(key, v)| format!("{key}: {}", seen_words(v)));
                    format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
                },
                |term| term.to_string(),
            )
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::read::Read;
    use crate::syntax::parse;
    use serde_json::json;

    fn value(text: &str) -> ValueDoc {
        let (_, node, _) = parse("x", text.as_bytes());
        ValueDoc::read(&node.unwrap(), &mut Diagnostics::new()).unwrap()
    }

    fn check(expected: &str, seen: impl Into<Value>, answer: bool) {
        let seen = seen.into();
        assert_eq!(matches(&value(expected), &seen), answer, "{expected} against {seen}");
    }

    #[test]
    fn amounts_are_compared_as_decimals() {
        check("259", json!("259.00 CNY"), true);
        check("259.000 CNY", json!("259.00 CNY"), true);
        check("259 USD", json!("259.00 CNY"), false);
        check("259.01", json!("259.00 CNY"), false);
        check("-0.5", json!("-0.50 CNY"), true);
        check("123456789012345678901234.01", json!("123456789012345678901234.02 CNY"), false);
    }

    #[test]
    fn times_are_compared_as_instants() {
        check("2024-04-01 03:00:00", json!("2024-04-01T03:00:00+08:00"), true);
        check("2024-03-31 19:00:00Z", json!("2024-04-01T03:00:00+08:00"), true);
        check("2024-04-01", json!("2024-04-01T03:00:00+08:00"), true);
        check("2024-04-02", json!("2024-04-01T03:00:00+08:00"), false);
        check("2024-04-01", json!("2024-04-01"), true);
    }

    #[test]
    fn terms_words_and_parts_are_compared_by_meaning() {
        check("1 month", json!({ "months": 1 }), true);
        check("2 months", json!({ "months": 1 }), false);
        check("0.10", json!("0.1"), true);
        check("none", Value::Null, true);
        check("none", json!("none"), true);
        check("yes", json!(true), true);
        check("no", json!(true), false);
        check("3", json!(3), true);
        check("p1", json!(["p1"]), true);
        check("[p1]", json!(["p1", "p2"]), false);
        check("{ cash: 1 }", json!({ "cash": "1.00 CNY", "debt": "0.00 CNY" }), true);
        check("{ cash: 1, lost: 2 }", json!({ "cash": "1.00 CNY" }), false);
    }
}
