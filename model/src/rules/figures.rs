//! Figures that a run computes with, read together with what its arithmetic needs of them.

use crate::rulebook::{BookError, RuleId, Table};
use crate::rules::params::Reader;
use crate::time::SimDuration;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

impl Reader<'_> {
    /// A length of time that something is divided by or that comes again and again.
    pub(super) fn some_duration(
        &self,
        rule: RuleId,
        name: &'static str,
    ) -> Result<SimDuration, BookError> {
        let length = self.duration(rule, name)?;
        if length > SimDuration::ZERO {
            return Ok(length);
        }
        Err(refused(rule, name, "0 s".to_owned(), "a length of time above zero"))
    }
    /// Whole numbers of a table, by keys that it must have.
    pub(super) fn counts_of<const N: usize>(
        &self,
        rule: RuleId,
        name: &'static str,
        keys: [&str; N],
    ) -> Result<[u32; N], BookError> {
        let count = |number: Decimal| u32::try_from(number).ok().filter(|_| number.is_integer());
        entries(&self.table(rule, name)?, keys, count)
            .map_err(|(table, key)| no_entry(rule, name, table, "a whole number", &key))
    }
    /// Lengths of a table of milliseconds, rounded down to nanoseconds, by keys that it must have.
    pub(super) fn millis_of<const N: usize>(
        &self,
        rule: RuleId,
        name: &'static str,
        keys: [&str; N],
    ) -> Result<[SimDuration; N], BookError> {
        let length = |ms: Decimal| {
            let ns = ms.checked_mul(Decimal::from(1_000_000))?.trunc().to_i64()?;
            Some(SimDuration::from_nanos(ns))
        };
        entries(&self.table(rule, name)?, keys, length)
            .map_err(|(table, key)| no_entry(rule, name, table, "a number", &key))
    }
    /// A table of whole numbers by second, in the order of time, from its beginning on.
    pub(super) fn course(
        &self,
        rule: RuleId,
        name: &'static str,
    ) -> Result<Vec<(u32, u32)>, BookError> {
        let table = self.table(rule, name)?;
        let entry = |(second, number): (&str, Decimal)| {
            let number = u32::try_from(number).ok().filter(|_| number.is_integer())?;
            Some((second.parse::<u32>().ok()?, number))
        };
        let course: Option<Vec<_>> = table.entries().map(entry).collect();
        let begins = |course: &Vec<(u32, u32)>| course.first().is_some_and(|(at, _)| *at == 0);
        let course = course.map(|mut course| {
            course.sort_unstable();
            course
        });
        course.filter(begins).ok_or_else(|| {
            refused(rule, name, table.to_string(), "whole numbers by second, from second 0 on")
        })
    }
}

/// The entries of these keys, or the table and the key that has none or another.
fn entries<T: Copy + Default, const N: usize>(
    table: &Table,
    keys: [&str; N],
    read: impl Fn(Decimal) -> Option<T>,
) -> Result<[T; N], (String, String)> {
    let mut found = [T::default(); N];
    for (slot, key) in found.iter_mut().zip(keys) {
        let entry = table.get(key).and_then(&read);
        *slot = entry.ok_or_else(|| (table.to_string(), key.to_owned()))?;
    }
    Ok(found)
}

fn no_entry(rule: RuleId, name: &str, table: String, what: &str, key: &str) -> BookError {
    refused(rule, name, table, &format!("a table with {what} for `{key}`"))
}

fn refused(rule: RuleId, name: &str, given: String, expected: &str) -> BookError {
    let (parameter, expected) = (format!("{rule}.{name}"), expected.to_owned());
    BookError::BadValue { parameter, given, expected, nearest: None }
}

#[cfg(test)]
mod tests {
    use crate::rulebook::Rulebook;
    use crate::rules::{Catalogue, Rules};

    fn refusal(path: &str, text: &str) -> String {
        let given = [(path.to_owned(), text.to_owned())];
        let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &given).unwrap();
        Rules::new(settings, Catalogue::default()).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_computed_with_is_refused() {
        let none = "`0 s` is not a length of time above zero, which `T3.5.bin` takes";
        assert_eq!(refusal("T3.5.bin", "0 s"), none);
        let missing = "`720p = 5` is not a table with a whole number for `1080p`, which \
                       `T4.2.default_rate` takes";
        assert_eq!(refusal("T4.2.default_rate", "720p = 5"), missing);
        let no_tail = "`touch = 3` is not a table with a number for `capture_wait`, which \
                       `T6.3.stage_p95_ms` takes";
        assert_eq!(refusal("T6.3.stage_p95_ms", "touch = 3"), no_tail);
        for course in ["5 = 1000", "0 = 1000, soon = 1"] {
            let text = refusal("T3.2.capacity_kbit", course);
            let wanted = "is not whole numbers by second, from second 0 on";
            assert!(text.starts_with(&format!("`{course}` {wanted}")), "{text}");
        }
    }

    #[test]
    fn a_course_is_in_order_of_time() {
        let given = [("T3.2.capacity_kbit.100".to_owned(), "7".to_owned())];
        let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &given).unwrap();
        let rules = Rules::new(settings, Catalogue::default()).unwrap();
        let course =
            rules.params(crate::time::SimTime::EPOCH).transport.cases.capacity_kbit.clone();
        assert_eq!(course, [(0, 1000), (40, 2500), (60, 600), (80, 1000), (100, 7)]);
    }
}
