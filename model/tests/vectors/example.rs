//! One worked example as the file holds it.

use koosim_model::money::{Amount, Currency, exact_decimal};
use koosim_model::rulebook::RuleId;
use koosim_model::time::{SimTime, WallTime};
use rust_decimal::Decimal;
use serde_json::Value;

const FILE: &str = include_str!("../../vectors/billing-worked-examples.json");

/// Examples that print a time of day only are told on this day.
const SOME_DAY: &str = "2024-03-12";

/// One example.
#[derive(Clone, Debug)]
pub(crate) struct Example(Value);

/// All examples in the order of the file.
pub(crate) fn all() -> Vec<Example> {
    let list: Vec<Value> = serde_json::from_str(FILE).unwrap();
    list.into_iter().map(Example).collect()
}

/// The example of this id.
pub(crate) fn find(id: &str) -> Example {
    let found = all().into_iter().find(|example| example.text("/id") == id);
    found.unwrap_or_else(|| panic!("the file has no example `{id}`"))
}

/// Whether generated files are to be written anew.
#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not of a simulated one")]
pub(crate) fn is_update() -> bool {
    std::env::var("UPDATE").is_ok_and(|value| value == "1")
}

impl Example {
    /// A value by its place, such as `/inputs/create`.
    pub(crate) fn at(&self, place: &str) -> &Value {
        let id = self.0.get("id");
        self.0.pointer(place).unwrap_or_else(|| panic!("{id:?} has no {place}"))
    }
    /// A text.
    pub(crate) fn text(&self, place: &str) -> &str {
        self.at(place).as_str().unwrap_or_else(|| panic!("{place} is not a text"))
    }
    /// A list.
    pub(crate) fn list(&self, place: &str) -> &[Value] {
        self.at(place).as_array().unwrap_or_else(|| panic!("{place} is not a list"))
    }
    /// A list of texts.
    pub(crate) fn texts(&self, place: &str) -> Vec<&str> {
        self.list(place).iter().map(|text| text.as_str().unwrap()).collect()
    }
    /// A whole number, also where it is written as text.
    pub(crate) fn count(&self, place: &str) -> u32 {
        let value = self.at(place);
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        u32::try_from(number.unwrap_or_else(|| panic!("{place} is not a count"))).unwrap()
    }
    /// A decimal number written as text; figures cut off with `...` keep the printed decimals.
    pub(crate) fn decimal(&self, place: &str) -> Decimal {
        exact_decimal(self.text(place).trim_end_matches("...")).unwrap()
    }
    /// An amount.
    pub(crate) fn amount(&self, place: &str, currency: Currency) -> Amount {
        Amount::of(self.decimal(place), currency).unwrap()
    }
    /// An instant. A bare time of day is told on some day, a bare day at noon.
    pub(crate) fn instant(&self, place: &str) -> SimTime {
        instant(self.text(place))
    }
    /// The rules that the example is about.
    pub(crate) fn rules(&self) -> Vec<RuleId> {
        self.text("/rule").split('/').map(|id| id.parse().unwrap()).collect()
    }
}

/// Reads an instant as the examples print them.
pub(crate) fn instant(text: &str) -> SimTime {
    let wall = |text: String| WallTime::parse(&text).map(WallTime::instant);
    SimTime::parse_iso(text)
        .or_else(|| wall(format!("{SOME_DAY} {text}")))
        .or_else(|| wall(format!("{text} 12:00:00")))
        .unwrap_or_else(|| panic!("`{text}` is no instant"))
}
