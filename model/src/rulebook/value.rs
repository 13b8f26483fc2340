//! Values of parameters: seven kinds, each with one text form that overrides and reports share.

use crate::time::{BillingDay, SimDuration, SimTime};
use rust_decimal::Decimal;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Most entries that a table may have.
pub(super) const TABLE_ENTRIES_MAX: usize = 64;
/// The table key that answers for every key without an entry of its own.
const ANY_KEY: &str = "any";
/// Parts of a length of time, longest first, with their nanoseconds and their names.
const DURATION_UNITS: [(i64, &str, &str); 6] = [
    (86_400_000_000_000, "day", "days"),
    (3_600_000_000_000, "h", "h"),
    (60_000_000_000, "min", "min"),
    (1_000_000_000, "s", "s"),
    (1_000_000, "ms", "ms"),
    (1_000, "us", "us"),
];

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// An exact decimal number.
    Decimal,
    /// A length of time, such as `1 h 30 min`.
    Duration,
    /// A time of day at UTC+8, such as `03:00`.
    TimeOfDay,
    /// One word of a declared list.
    Word,
    /// `yes` or `no`.
    Flag,
    /// Numbers by key, such as `V0 = 1, V1 = 7`.
    Table,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Integer,
        Self::Decimal,
        Self::Duration,
        Self::TimeOfDay,
        Self::Word,
        Self::Flag,
        Self::Table,
    ];

    /// The name in the data files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Duration => "duration",
            Self::TimeOfDay => "time_of_day",
            Self::Word => "word",
            Self::Flag => "flag",
            Self::Table => "table",
        }
    }

    /// The kind in a sentence, with its article.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Integer => "a whole number",
            Self::Decimal => "a decimal number",
            Self::Duration => "a length of time such as `1 h 30 min`",
            Self::TimeOfDay => "a time of day such as `03:00`",
            Self::Word => "one of its words",
            Self::Flag => "`yes` or `no`",
            Self::Table => "a table such as `V0 = 1, V1 = 7`",
        }
    }
}

/// A time of day on the clock of the service (UTC+8), to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    second_of_day: u32,
}

impl TimeOfDay {
    /// The time of day with these numbers, if a clock shows it.
    pub fn new(hour: u32, minute: u32, second: u32) -> Option<Self> {
        let shown = hour < 24 && minute < 60 && second < 60;
        shown.then(|| Self { second_of_day: hour * 3600 + minute * 60 + second })
    }
    /// Seconds since midnight.
    pub const fn second_of_day(self) -> u32 {
        self.second_of_day
    }
    /// The instant at which the clock shows this on a day.
    pub fn on(self, day: BillingDay) -> SimTime {
        day.start() + SimDuration::from_secs(i64::from(self.second_of_day))
    }
    /// Reads `03:00` or `23:59:59`.
    pub fn parse(text: &str) -> Option<Self> {
        let two_digits = |part: &str| {
            let plain = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            if plain { part.parse().ok() } else { None }
        };
        let mut parts = text.split(':').map(two_digits);
        let (hour, minute) = (parts.next()??, parts.next()??);
        let second = parts.next().unwrap_or(Some(0))?;
        if parts.next().is_some() { None } else { Self::new(hour, minute, second) }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, second) = (self.second_of_day / 60, self.second_of_day % 60);
        write!(f, "{:02}:{:02}:{second:02}", minutes / 60, minutes % 60)
    }
}

/// Numbers by key. The key `any` answers for every key that has no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table(pub(super) BTreeMap<SmolStr, Decimal>);

impl Table {
    /// The number of a key, or that of `any`.
    pub fn get(&self, key: &str) -> Option<Decimal> {
        self.0.get(key).or_else(|| self.0.get(ANY_KEY)).copied()
    }
    /// The whole number of a key, or that of `any`; `None` also where it has a fraction.
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.get(key).filter(Decimal::is_integer).and_then(|number| i64::try_from(number).ok())
    }
    /// Keys and numbers, ordered by key.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Decimal)> {
        self.0.iter().map(|(key, number)| (key.as_str(), *number))
    }
    /// Reads `V0 = 1, V1 = 7`.
    fn parse(text: &str) -> Option<Self> {
        let mut table = BTreeMap::new();
        for entry in text.split(',') {
            let (key, number) = entry.split_once('=')?;
            let key = key.trim();
            let repeated = table.insert(SmolStr::new(key), read_decimal(number.trim())?).is_some();
            if repeated || !is_table_key(key) || table.len() > TABLE_ENTRIES_MAX {
                return None;
            }
        }
        Some(Self(table))
    }
}

/// Whether a key can be written in an override: no blanks, and none of `. = ,`.
pub(super) fn is_table_key(key: &str) -> bool {
    !key.is_empty() && !key.contains(|c: char| c.is_whitespace() || matches!(c, '.' | '=' | ','))
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, number)) in self.entries().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{key} = {number}")?;
        }
        Ok(())
    }
}

/// One value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A length of time.
    Duration(SimDuration),
    /// A time of day.
    TimeOfDay(TimeOfDay),
    /// A word.
    Word(SmolStr),
    /// `yes` or `no`.
    Flag(bool),
    /// Numbers by key.
    Table(Table),
}

impl Value {
    /// What kind of value this is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Integer(_) => Kind::Integer,
            Self::Decimal(_) => Kind::Decimal,
            Self::Duration(_) => Kind::Duration,
            Self::TimeOfDay(_) => Kind::TimeOfDay,
            Self::Word(_) => Kind::Word,
            Self::Flag(_) => Kind::Flag,
            Self::Table(_) => Kind::Table,
        }
    }

    /// Reads the text form of a kind. Whether a word is among the choices is not looked at.
    pub(super) fn parse(kind: Kind, text: &str) -> Option<Self> {
        let text = text.trim();
        match kind {
            Kind::Integer if text.starts_with('+') => None,
            Kind::Integer => text.parse().ok().map(Self::Integer),
            Kind::Decimal => read_decimal(text).map(Self::Decimal),
            Kind::Duration => read_duration(text).map(Self::Duration),
            Kind::TimeOfDay => TimeOfDay::parse(text).map(Self::TimeOfDay),
            Kind::Word => Some(Self::Word(SmolStr::new(text))),
            Kind::Flag => match text {
                "yes" => Some(Self::Flag(true)),
                "no" => Some(Self::Flag(false)),
                _ => None,
            },
            Kind::Table => Table::parse(text).map(Self::Table),
        }
    }

    /// Appends bytes that equal values share and different values do not.
    pub(super) fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::Integer(number) => {
                out.push(0);
                out.extend(number.to_le_bytes());
            }
            Self::Decimal(number) => {
                out.push(1);
                pack_decimal(*number, out);
            }
            Self::Duration(length) => {
                out.push(2);
                out.extend(length.as_nanos().to_le_bytes());
            }
            Self::TimeOfDay(time) => {
                out.push(3);
                out.extend(time.second_of_day().to_le_bytes());
            }
            Self::Word(word) => {
                out.push(4);
                pack_text(word, out);
            }
            Self::Flag(flag) => out.extend([5, u8::from(*flag)]),
            Self::Table(table) => {
                out.push(6);
                pack_len(table.0.len(), out);
                for (key, number) in table.entries() {
                    pack_text(key, out);
                    pack_decimal(number, out);
                }
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => write!(f, "{number}"),
            Self::Decimal(number) => write!(f, "{number}"),
            Self::Duration(length) => write_duration(*length, f),
            Self::TimeOfDay(time) => write!(f, "{time}"),
            Self::Word(word) => write!(f, "{word}"),
            Self::Flag(flag) => f.write_str(if *flag { "yes" } else { "no" }),
            Self::Table(table) => write!(f, "{table}"),
        }
    }
}

/// Appends a length and the text, so that neighbours cannot run together.
pub(super) fn pack_text(text: &str, out: &mut Vec<u8>) {
    pack_len(text.len(), out);
    out.extend(text.as_bytes());
}

/// Appends a length as four bytes.
pub(super) fn pack_len(len: usize, out: &mut Vec<u8>) {
    // Names, words and tables are bounded far below this; saturation cannot be reached.
    out.extend(u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
}

/// `0.10` and `0.1` are one number, so they are packed alike.
fn pack_decimal(number: Decimal, out: &mut Vec<u8>) {
    pack_text(&number.normalize().to_string(), out);
}

/// Reads plain decimal text: digits, at most one point, perhaps a minus sign.
pub(super) fn read_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let framed = digits.starts_with(|c: char| c.is_ascii_digit()) && !digits.ends_with('.');
    if plain && framed { Decimal::from_str_exact(text).ok() } else { None }
}

/// Reads `7 days`, `1 h 30 min`, `120 s`: whole numbers, each with its unit, never negative.
fn read_duration(text: &str) -> Option<SimDuration> {
    let mut words = text.split_whitespace();
    let mut total_ns: Option<i64> = None;
    while let Some(number) = words.next() {
        let unit = words.next()?;
        let (unit_ns, ..) =
            DURATION_UNITS.into_iter().find(|(_, one, many)| [*one, *many].contains(&unit))?;
        // `parse` alone would also take a plus sign.
        let digits = number.bytes().all(|b| b.is_ascii_digit());
        let number = i64::from(u32::from_str(number).ok().filter(|_| digits)?);
        total_ns = Some(total_ns.unwrap_or(0).checked_add(number.checked_mul(unit_ns)?)?);
    }
    total_ns.map(SimDuration::from_nanos)
}

fn write_duration(length: SimDuration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut left_ns = length.as_nanos();
    let mut blank = "";
    for (unit_ns, one, many) in DURATION_UNITS {
        let (count, rest) = (left_ns / unit_ns, left_ns % unit_ns);
        if count != 0 {
            write!(f, "{blank}{count} {}", if count == 1 { one } else { many })?;
            (left_ns, blank) = (rest, " ");
        }
    }
    if blank.is_empty() { f.write_str("0 s") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value as it is written back, or `-` where the text is refused.
    fn check(kind: Kind, text: &str, expect: &str) {
        let read = Value::parse(kind, text);
        assert_eq!(read.as_ref().map_or("-".to_owned(), Value::to_string), expect, "{text}");
        if let Some(value) = read {
            assert_eq!(Value::parse(kind, expect).as_ref(), Some(&value), "{text}");
            assert_eq!(value.kind(), kind);
        }
    }

    #[test]
    fn durations_are_whole_numbers_with_units() {
        check(Kind::Duration, "7 days", "7 days");
        check(Kind::Duration, "90 min", "1 h 30 min");
        check(Kind::Duration, "0 s", "0 s");
        check(Kind::Duration, "1500 us", "1 ms 500 us");
        for text in ["", "7", "days", "7 weeks", "-1 h", "1.5 h", "+1 h", "4294967296 s"] {
            check(Kind::Duration, text, "-");
        }
    }

    #[test]
    fn times_of_day_have_two_digits_each() {
        check(Kind::TimeOfDay, "03:00", "03:00:00");
        check(Kind::TimeOfDay, "23:59:59", "23:59:59");
        for text in ["3:00", "24:00", "03", "03:60", "03:00:60", "03:00:00:00", "+3:00"] {
            check(Kind::TimeOfDay, text, "-");
        }
    }

    #[test]
    fn decimals_keep_their_written_places() {
        check(Kind::Decimal, "0.10", "0.10");
        check(Kind::Decimal, "-1", "-1");
        for text in ["1e3", ".5", "5.", "1_000", "+1", "--1", "", "1.2.3"] {
            check(Kind::Decimal, text, "-");
        }
    }

    #[test]
    fn tables_are_ordered_and_refuse_repeats() {
        check(Kind::Table, "V1=7,V0 = 1", "V0 = 1, V1 = 7");
        for text in ["", "V0", "V0 = ", "V0 = 1, V0 = 2", "a b = 1", "a.b = 1", "= 1"] {
            check(Kind::Table, text, "-");
        }
    }

    #[test]
    fn any_answers_for_keys_without_an_entry() {
        let Some(Value::Table(table)) = Value::parse(Kind::Table, "V0 = 1.5, any = 15") else {
            panic!("the text is a table");
        };
        assert_eq!(table.integer("V5"), Some(15));
        assert_eq!(table.integer("V0"), None);
        assert_eq!(table.get("V0").map(|n| n.to_string()).as_deref(), Some("1.5"));
    }

    #[test]
    fn integers_may_be_negative_but_carry_no_plus() {
        check(Kind::Integer, "-1", "-1");
        for text in ["+1", "1.0", "", "1e3", "9223372036854775808"] {
            check(Kind::Integer, text, "-");
        }
    }

    #[test]
    fn flags_are_yes_or_no() {
        check(Kind::Flag, "yes", "yes");
        check(Kind::Flag, "true", "-");
    }

    #[test]
    fn packing_tells_values_apart_but_not_their_trailing_zeros() {
        let packed = |kind, text| {
            let mut out = Vec::new();
            Value::parse(kind, text).unwrap().pack(&mut out);
            out
        };
        assert_eq!(packed(Kind::Decimal, "0.10"), packed(Kind::Decimal, "0.1"));
        assert_ne!(packed(Kind::Decimal, "1"), packed(Kind::Integer, "1"));
        assert_ne!(packed(Kind::Table, "ab = 1"), packed(Kind::Table, "a = 1, b = 1"));
    }
}
