//! Resolved values: what the rules of one run read.

use super::book::Rulebook;
use super::edition::BookRef;
use super::error::{self, BookError};
use super::id::RuleId;
use super::record::Parameter;
use super::value::{self, Kind, Table, TimeOfDay, Value};
use crate::time::{BillingDay, SimDuration};
use rust_decimal::Decimal;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most overrides that a run may have.
const OVERRIDES_MAX: usize = 1024;

/// The value of every parameter for one profile and edition, with overrides applied.
///
/// Cheap to clone. Two settings are equal when the book and all values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    book: BookRef,
    // INVARIANT: ordered by rule and name, each once.
    entries: Arc<[Entry]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    rule: RuleId,
    name: SmolStr,
    // INVARIANT: not empty; the first holds from the beginning, the rest from ascending days.
    series: Vec<(Option<BillingDay>, Value)>,
}

impl Settings {
    /// The profile and edition.
    pub const fn book(&self) -> BookRef {
        self.book
    }

    /// The days from which some value changes, oldest first.
    pub fn effective_days(&self) -> BTreeSet<BillingDay> {
        let series = self.entries.iter().flat_map(|entry| &entry.series);
        series.filter_map(|(from, _)| *from).collect()
    }

    /// The value that holds on a day.
    pub fn value(&self, rule: RuleId, name: &str, day: BillingDay) -> Result<&Value, BookError> {
        let key = (rule, name);
        let found = self.entries.binary_search_by(|e| (e.rule, e.name.as_str()).cmp(&key));
        let series = found.ok().and_then(|index| self.entries.get(index)).map(|e| &e.series);
        series
            .and_then(|s| s.iter().rfind(|(from, _)| from.is_none_or(|from| from <= day)))
            .map(|(_, value)| value)
            .ok_or_else(|| self.no_value(rule, name))
    }

    /// A whole number.
    pub fn integer(&self, rule: RuleId, name: &str, day: BillingDay) -> Result<i64, BookError> {
        match self.value(rule, name, day)? {
            Value::Integer(number) => Ok(*number),
            other => Err(other_kind(rule, name, other, Kind::Integer)),
        }
    }

    /// An exact decimal number.
    pub fn decimal(&self, rule: RuleId, name: &str, day: BillingDay) -> Result<Decimal, BookError> {
        match self.value(rule, name, day)? {
            Value::Decimal(number) => Ok(*number),
            other => Err(other_kind(rule, name, other, Kind::Decimal)),
        }
    }

    /// A length of time.
    pub fn duration(
        &self,
        rule: RuleId,
        name: &str,
        day: BillingDay,
    ) -> Result<SimDuration, BookError> {
        match self.value(rule, name, day)? {
            Value::Duration(length) => Ok(*length),
            other => Err(other_kind(rule, name, other, Kind::Duration)),
        }
    }

    /// A time of day at UTC+8.
    pub fn time_of_day(
        &self,
        rule: RuleId,
        name: &str,
        day: BillingDay,
    ) -> Result<TimeOfDay, BookError> {
        match self.value(rule, name, day)? {
            Value::TimeOfDay(time) => Ok(*time),
            other => Err(other_kind(rule, name, other, Kind::TimeOfDay)),
        }
    }

    /// One word of the parameter's choices.
    pub fn word(&self, rule: RuleId, name: &str, day: BillingDay) -> Result<&str, BookError> {
        match self.value(rule, name, day)? {
            Value::Word(word) => Ok(word),
            other => Err(other_kind(rule, name, other, Kind::Word)),
        }
    }

    /// Yes or no.
    pub fn flag(&self, rule: RuleId, name: &str, day: BillingDay) -> Result<bool, BookError> {
        match self.value(rule, name, day)? {
            Value::Flag(flag) => Ok(*flag),
            other => Err(other_kind(rule, name, other, Kind::Flag)),
        }
    }

    /// Numbers by key.
    pub fn table(&self, rule: RuleId, name: &str, day: BillingDay) -> Result<&Table, BookError> {
        match self.value(rule, name, day)? {
            Value::Table(table) => Ok(table),
            other => Err(other_kind(rule, name, other, Kind::Table)),
        }
    }

    /// Bytes that stand for all values, for digests: equal values give equal bytes.
    ///
    /// They hold ids, names, days and values, ordered by id and name; neither prose nor the order
    /// of files nor the name of the book has a part in them.
    pub fn packed(&self) -> Vec<u8> {
        let mut out = Vec::new();
        value::pack_len(self.entries.len(), &mut out);
        for entry in self.entries.iter() {
            out.extend(entry.rule.code());
            value::pack_text(&entry.name, &mut out);
            value::pack_len(entry.series.len(), &mut out);
            for (from, value) in &entry.series {
                let from_ns = from.map_or(i64::MIN, |day| day.start().as_nanos());
                out.extend(from_ns.to_le_bytes());
                value.pack(&mut out);
            }
        }
        out
    }

    fn no_value(&self, rule: RuleId, name: &str) -> BookError {
        let parameter = error::path(rule, name);
        let standard = Rulebook::standard();
        if standard.parameter(rule, name).is_some() {
            return BookError::NoValue { parameter, wanted: format!("`{}`", self.book) };
        }
        let nearest = standard.nearest(&parameter).map(str::to_owned);
        BookError::UnknownParameter { given: parameter, nearest }
    }
}

fn other_kind(rule: RuleId, name: &str, is: &Value, asked: Kind) -> BookError {
    BookError::OtherKind {
        parameter: error::path(rule, name),
        is: is.kind().in_words(),
        asked: asked.in_words(),
    }
}

/// See [`Rulebook::resolve`].
pub(super) fn resolve(
    rulebook: &Rulebook,
    book: BookRef,
    overrides: &[(String, String)],
) -> Result<Settings, Vec<BookError>> {
    if overrides.len() > OVERRIDES_MAX {
        return Err(vec![BookError::TooManyOverrides { most: OVERRIDES_MAX }]);
    }
    let mut entries = BTreeMap::new();
    for parameter in rulebook.parameters() {
        let series = parameter.series(book.profile(), book.edition());
        let series: Vec<_> =
            series.iter().map(|v| (v.effective_from(), v.value().clone())).collect();
        if !series.is_empty() {
            entries.insert((parameter.rule(), SmolStr::new(parameter.name())), series);
        }
    }
    let (mut errors, mut seen) = (Vec::new(), BTreeSet::new());
    for (path, text) in overrides {
        if !seen.insert(path) {
            errors.push(BookError::Repeated { parameter: path.clone() });
        } else if let Err(error) = apply(rulebook, path, text, &mut entries) {
            errors.push(error);
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let entries = entries.into_iter().map(|((rule, name), series)| Entry { rule, name, series });
    Ok(Settings { book, entries: entries.collect() })
}

type Entries = BTreeMap<(RuleId, SmolStr), Vec<(Option<BillingDay>, Value)>>;

/// Sets one parameter, or one key of a table, for every day.
fn apply(
    rulebook: &Rulebook,
    path: &str,
    text: &str,
    entries: &mut Entries,
) -> Result<(), BookError> {
    let (parameter, key) = find(rulebook, path).ok_or_else(|| BookError::UnknownParameter {
        given: path.to_owned(),
        nearest: rulebook.nearest(path).map(str::to_owned),
    })?;
    let entry = (parameter.rule(), SmolStr::new(parameter.name()));
    let value = match key {
        None => read(parameter, text)?,
        // One key of a table is read as a table of one entry, so that both forms are checked alike.
        Some(key) => read(parameter, &format!("{key} = {text}"))?,
    };
    match (key, value, entries.get_mut(&entry)) {
        (Some(_), Value::Table(one), Some(series)) => {
            for (_, value) in series {
                if let Value::Table(table) = value {
                    table.0.extend(one.0.clone());
                }
            }
        }
        (_, value, _) => {
            entries.insert(entry, vec![(None, value)]);
        }
    }
    Ok(())
}

/// The parameter that a path names, and the key behind it if it is a table.
fn find<'a, 'p>(rulebook: &'a Rulebook, path: &'p str) -> Option<(&'a Parameter, Option<&'p str>)> {
    let mut segments = path.splitn(4, '.');
    let id = RuleId::parse(&format!("{}.{}", segments.next()?, segments.next()?))?;
    let parameter = rulebook.parameter(id, segments.next()?)?;
    let key = segments.next();
    let fits = key.is_none_or(|key| parameter.kind() == Kind::Table && value::is_table_key(key));
    fits.then_some((parameter, key))
}

fn read(parameter: &Parameter, text: &str) -> Result<Value, BookError> {
    let refused = |expected: String, nearest| BookError::BadValue {
        parameter: parameter.path().to_owned(),
        given: text.to_owned(),
        expected,
        nearest,
    };
    let value = Value::parse(parameter.kind(), text)
        .ok_or_else(|| refused(parameter.kind().in_words().to_owned(), None))?;
    match parameter.refuses(&value) {
        None => Ok(value),
        Some(refusal) => Err(refused(refusal.expected, refusal.nearest)),
    }
}
