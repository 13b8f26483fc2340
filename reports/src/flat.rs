//! Any value of a log as `key=value` pairs on one line, in the order of its declaration.
//!
//! What has no value is left out, and inside nested values also empty lists and zero amounts; a
//! nested value without any part reads `{}`. Keys of nested values are joined with points, plain
//! items of lists with commas. Instants lose their offset, which is always UTC+8, and amounts the
//! space before their currency, so that no value holds a space.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, de};
use std::fmt;

/// A value with its parts in their order, as the readable log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    None,
    Plain(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value's form in the readable log, taken apart.
    pub(crate) fn of(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&serde_json::to_string(value)?)
    }
    /// The name and content of a value that is one of several kinds.
    pub(crate) fn kind(self) -> (String, Self) {
        match self {
            Self::Map(parts) if parts.len() == 1 => {
                parts.into_iter().next().unwrap_or((String::new(), Self::None))
            }
            Self::Plain(name) => (name, Self::None),
            other => (String::new(), other),
        }
    }
    /// Appends ` key=value` for every part.
    pub(crate) fn write(&self, to: &mut String) {
        match self {
            Self::Map(parts) => {
                for (key, part) in parts.iter().filter(|(_, part)| *part != Self::None) {
                    part.write_under(key, to);
                }
            }
            Self::None => {}
            other => {
                to.push(' ');
                to.push_str(&other.inline());
            }
        }
    }

    fn write_under(&self, key: &str, to: &mut String) {
        let parts: Vec<_> = match self {
            Self::Map(parts) => parts.iter().map(|(name, part)| (name.clone(), part)).collect(),
            Self::List(items) if items.iter().any(|item| matches!(item, Self::Map(_))) => {
                items.iter().enumerate().map(|(n, item)| (n.to_string(), item)).collect()
            }
            plain => {
                to.push_str(&format!(" {key}={}", plain.inline()));
                return;
            }
        };
        let length = to.len();
        for (name, part) in parts.iter().filter(|(_, part)| !part.is_nothing()) {
            part.write_under(&format!("{key}.{name}"), to);
        }
        if to.len() == length {
            to.push_str(&format!(" {key}={{}}"));
        }
    }

    fn is_nothing(&self) -> bool {
        match self {
            Self::None => true,
            Self::Plain(text) => text
                .split_once(' ')
                .is_some_and(|(number, _)| number.chars().all(|digit| matches!(digit, '0' | '.'))),
            Self::List(items) => items.is_empty(),
            Self::Map(_) => false,
        }
    }

    fn inline(&self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Plain(text) => match text.strip_suffix("+08:00") {
                Some(instant) => instant.to_owned(),
                None => text.replace(' ', ""),
            },
            Self::List(items) if items.is_empty() => "[]".to_owned(),
            Self::List(items) => items.iter().map(Self::inline).collect::<Vec<_>>().join(","),
            Self::Map(parts) => {
                let part = |(key, part): &(String, Self)| format!("{key}={}", part.inline());
                format!("{{{}}}", parts.iter().map(part).collect::<Vec<_>>().join(","))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a log")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::None)
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Plain(if value { "yes" } else { "no" }.to_owned()))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Plain(value.to_string()))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Plain(value.to_string()))
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Plain(value.to_string()))
    }
    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Plain(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = from.next_entry()? {
            parts.push(part);
        }
        Ok(Node::Map(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expect: &str) {
        let mut text = String::new();
        serde_json::from_str::<Node>(json).unwrap().write(&mut text);
        assert_eq!(text, expect);
    }

    #[test]
    fn parts_keep_their_order_and_lose_what_holds_nothing() {
        check(r#"{"b":"x","a":1,"c":null}"#, " b=x a=1");
        check(
            r#"{"paid":{"coupons":[],"cash":"2.50 CNY","debt":"0.00 CNY"}}"#,
            " paid.cash=2.50CNY",
        );
        check(r#"{"paid":{"cash":"0.00 CNY"},"discount":"0.00 CNY"}"#, " paid={} discount=0.00CNY");
        check(r#"{"payment":[],"phones":["p1","p2"]}"#, " payment=[] phones=p1,p2");
        check(r#"{"renewal":{"every":null,"times":null}}"#, " renewal={}");
        check(r#"{"term":{"months":1},"on":true}"#, " term.months=1 on=yes");
        check(r#"{"parts":[{"of":"c1"},{"of":"c2"}]}"#, " parts.0.of=c1 parts.1.of=c2");
        check(r#"{"at":"2024-03-08T15:50:04+08:00"}"#, " at=2024-03-08T15:50:04");
        check(r#"{"pairs":[["a",1]]}"#, " pairs=a,1");
        check(r#""p1""#, " p1");
        check("null", "");
    }
}
