//! What is known of a request besides action and resource: keys with their values (A3.9).

use super::action::Action;
use super::pattern::folded;
use super::request::Scope;
use crate::time::{SimDuration, SimTime};
use chrono::DateTime;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The keys that hold for every service (A3.9).
pub const GLOBAL_KEYS: [&str; 8] = [
    "g:CurrentTime",
    "g:DomainName",
    "g:MFAAge",
    "g:MFAPresent",
    "g:ProjectName",
    "g:ServiceName",
    "g:UserId",
    "g:UserName",
];

/// An actual value, in every form in which operators look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Actual {
    pub(super) text: String,
    pub(super) folded: String,
    pub(super) number: Option<Decimal>,
    pub(super) instant: Option<SimTime>,
    pub(super) flag: Option<bool>,
}

impl Actual {
    fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            folded: folded(text),
            number: number(text),
            instant: instant(text),
            flag: flag(text),
        }
    }
}

/// An exact decimal number (A3.8).
pub(super) fn number(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).ok()
}

/// An instant such as `2022-08-01T00:00:00Z` (A3.8).
pub(super) fn instant(text: &str) -> Option<SimTime> {
    let with_offset = DateTime::parse_from_rfc3339(text).ok().filter(|_| text.contains('T'))?;
    with_offset.timestamp_nanos_opt().map(SimTime::from_nanos)
}

/// `true` or `false`, ignoring case (A3.8).
pub(super) fn flag(text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find_map(|(word, flag)| text.eq_ignore_ascii_case(word).then_some(flag))
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// The key was sent without a value.
    Null,
    /// Any number of values, also none.
    Values(Vec<Actual>),
}

/// Whether the user gave a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// The way of the request knows no such thing.
    Unknown,
    /// No.
    NotUsed,
    /// Yes, this long ago.
    Used {
        /// The age of the login.
        age: SimDuration,
    },
}

/// Who asks, and when: what the global keys are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts<'f> {
    /// The instant of the request.
    pub now: SimTime,
    /// Name of the account.
    pub domain: &'f str,
    /// Id of the user.
    pub user_id: &'f str,
    /// Name of the user.
    pub user_name: &'f str,
    /// The second factor of its login.
    pub second_factor: SecondFactor,
}

/// Keys and values of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, Given>,
}

impl Context {
    /// Nothing is known.
    pub fn empty() -> Self {
        Self::default()
    }
    /// A3.9: the global keys of a request. The age of a second factor comes only with its presence.
    pub fn global(facts: &Facts<'_>, action: &Action, scope: &Scope) -> Self {
        let mut context = Self::empty()
            .with("g:CurrentTime", &[&facts.now.to_string()])
            .with("g:DomainName", &[facts.domain])
            .with("g:UserId", &[facts.user_id])
            .with("g:UserName", &[facts.user_name])
            .with("g:ServiceName", &[action.service()]);
        if let Scope::Project { name, .. } = scope {
            context = context.with("g:ProjectName", &[name]);
        }
        match facts.second_factor {
            SecondFactor::Unknown => context,
            SecondFactor::NotUsed => context.with("g:MFAPresent", &["false"]),
            SecondFactor::Used { age } => context
                .with("g:MFAPresent", &["true"])
                .with("g:MFAAge", &[&age.floor_secs().to_string()]),
        }
    }
    /// With the values of a key; none is an empty set.
    pub fn with(mut self, key: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| Actual::of(value)).collect();
        self.values.insert(key.to_owned(), Given::Values(values));
        self
    }
    /// With a key that was sent without a value.
    pub fn with_null(mut self, key: &str) -> Self {
        self.values.insert(key.to_owned(), Given::Null);
        self
    }
    /// A3.8: the values of a key.
    pub(super) fn get(&self, key: &str, ignore_case: bool) -> Option<&Given> {
        self.values.get(key).or_else(|| {
            let mut entries = self.values.iter().filter(|_| ignore_case);
            entries.find(|(name, _)| folded(name) == folded(key)).map(|(_, given)| given)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_iso_8601_instants() {
        let utc = instant("2022-08-01T00:00:00Z").unwrap();
        assert_eq!(instant("2022-08-01T08:00:00+08:00"), Some(utc));
        assert_eq!(instant(&utc.to_string()), Some(utc));
        for text in
            ["2022-08-01", "2022-08-01 00:00:00Z", "2022-13-01T00:00:00Z", "9999-01-01T00:00:00Z"]
        {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn the_age_of_a_second_factor_comes_only_with_its_presence() {
        let action = Action::parse("koophone:cloudphoneResource:instanceReboot").unwrap();
        let keys = |second_factor| {
            let (domain, user_id, user_name) = ("acme", "u1", "ann");
            let facts = Facts { now: SimTime::EPOCH, domain, user_id, user_name, second_factor };
            let context = Context::global(&facts, &action, &Scope::Global);
            ["g:MFAPresent", "g:MFAAge"].map(|key| context.get(key, false).is_some())
        };
        assert_eq!(keys(SecondFactor::Unknown), [false, false]);
        assert_eq!(keys(SecondFactor::NotUsed), [true, false]);
        assert_eq!(keys(SecondFactor::Used { age: SimDuration::from_secs(5) }), [true, true]);
    }
}
