//! Dates, times, lengths of time and terms. A bare time is UTC+8.

use super::schema::pattern;
use super::{FromText, Wrong};
use crate::diagnostic::{Code, quoted};
use koosim_model::term::Term as ModelTerm;
use koosim_model::time::{BillingDay, SimDuration, SimTime, WallTime};
use std::fmt;

/// The first year of which a file may speak.
pub const FIRST_YEAR: i32 = 2000;
/// The last year of which a file may speak.
pub const LAST_YEAR: i32 = 2100;
/// The longest length of time.
pub const MAX_LENGTH_DAYS: i64 = 36_525;
/// How many parts a length may have: `1 day 2 h 30 min`.
const MAX_LENGTH_PARTS: usize = 6;
/// The units of a length, with the nanoseconds of each.
const UNITS: &[(&[&str], i64)] = &[
    (&["ms"], 1_000_000),
    (&["s", "second", "seconds"], 1_000_000_000),
    (&["min", "minute", "minutes"], 60_000_000_000),
    (&["h", "hour", "hours"], 3_600_000_000_000),
    (&["day", "days"], 86_400_000_000_000),
    (&["week", "weeks"], 604_800_000_000_000),
];

/// A day of the years that a file may speak of.
const DAY_PATTERN: &str = "(20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}";
/// A time of day after its day, perhaps with its offset.
const CLOCK_PATTERN: &str =
    "[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?";

const TIME_HELP: &str = "write `2024-04-01 03:00:00`; a time without an offset is UTC+8";

/// A date with a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(SimTime);

impl Instant {
    /// The instant.
    pub fn get(self) -> SimTime {
        self.0
    }
}

impl FromText for Instant {
    const WHAT: &'static str = "a date with a time";
    const PART: &'static str = "instant";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        match Moment::from_text(text)? {
            Moment::At(at) => Ok(Self(at)),
            Moment::On(day) => Err(Wrong::new(
                Code::BadTime,
                format!("{} is a date without a time of day", quoted(text)),
                format!("add the time: `{day} 00:00:00`"),
            )),
        }
    }
    fn part() -> serde_json::Value {
        pattern(
            "A date with a time, UTC+8 unless it says otherwise: `2024-04-01 03:00:00`.",
            &format!("^{DAY_PATTERN}{CLOCK_PATTERN}$"),
        )
    }
}

/// A date, or a date with a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A whole day.
    On(BillingDay),
    /// An instant.
    At(SimTime),
}

impl Moment {
    /// The instant from which something counts: the day's 00:00:00.
    pub fn from(self) -> SimTime {
        match self {
            Self::On(day) => day.start(),
            Self::At(at) => at,
        }
    }
    /// The instant up to which something counts: the day's 24:00:00.
    pub fn until(self) -> SimTime {
        match self {
            Self::On(day) => day.end(),
            Self::At(at) => at,
        }
    }
}

impl FromText for Moment {
    const WHAT: &'static str = "a date";
    const PART: &'static str = "moment";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        if !has_shape(text) {
            let message = format!("{} is neither a date nor a time", quoted(text));
            return Err(Wrong::new(Code::BadTime, message, TIME_HELP));
        }
        let moment = parse(text).ok_or_else(|| {
            let message = format!("the calendar has no {}", quoted(text));
            Wrong::new(Code::BadTime, message, TIME_HELP)
        })?;
        let year = match moment {
            Self::On(day) => day.year(),
            Self::At(at) => at.day().year(),
        };
        // The year as written counts as well: beyond its range an instant saturates.
        let written = text.get(..4).and_then(|y| y.parse::<i32>().ok()).unwrap_or_default();
        let range = FIRST_YEAR..=LAST_YEAR;
        if range.contains(&year) && range.contains(&written) {
            return Ok(moment);
        }
        Err(Wrong::new(
            Code::DateOutOfRange,
            format!("{} is outside the years {FIRST_YEAR} to {LAST_YEAR}", quoted(text)),
            format!("a scenario may speak of the years {FIRST_YEAR} to {LAST_YEAR}"),
        ))
    }
    fn part() -> serde_json::Value {
        pattern(
            "A date, or a date with a time, UTC+8 unless it says otherwise: `2024-04-01`.",
            &format!("^{DAY_PATTERN}({CLOCK_PATTERN})?$"),
        )
    }
}

/// Whether the text looks like `YYYY-MM-DD[ T]HH:MM[:SS[.f]][offset]`, digit by digit: a calendar
/// library takes more than a reader would.
fn has_shape(text: &str) -> bool {
    let fits = |t: &str, shape: &str| {
        t.len() == shape.len()
            && t.bytes().zip(shape.bytes()).all(|(b, s)| match s {
                b'0' => b.is_ascii_digit(),
                b' ' => matches!(b, b' ' | b'T'),
                _ => b == s,
            })
    };
    let (main, _) = split_offset(text);
    let (clock, fraction) = main.split_once('.').map_or((main, None), |(c, f)| (c, Some(f)));
    let fraction_fits = fraction.is_none_or(|f| {
        (1..=9).contains(&f.len())
            && f.bytes().all(|b| b.is_ascii_digit())
            && fits(clock, "0000-00-00 00:00:00")
    });
    let shapes = ["0000-00-00", "0000-00-00 00:00", "0000-00-00 00:00:00"];
    let (_, offset) = split_offset(text);
    let offset_fits = match offset {
        "" => true,
        "Z" => clock.len() > 10,
        _ => clock.len() > 10 && (fits(offset, "+00:00") || fits(offset, "-00:00")),
    };
    fraction_fits && offset_fits && shapes.iter().any(|shape| fits(clock, shape))
}

/// The text before a final `Z`, `+08:00` or `-05:00`, and that.
fn split_offset(text: &str) -> (&str, &str) {
    let at = if text.ends_with('Z') {
        text.len() - 1
    } else {
        let clock = text.get(10..).unwrap_or_default();
        clock.rfind(['+', '-']).map_or(text.len(), |at| at + 10)
    };
    text.split_at_checked(at).unwrap_or((text, ""))
}

fn parse(text: &str) -> Option<Moment> {
    if text.len() == 10 {
        return BillingDay::parse(text).map(Moment::On);
    }
    let (main, offset) = split_offset(text);
    let clock = if main.len() == 16 { format!("{main}:00") } else { main.to_owned() };
    // A leap second is no instant of this calendar.
    if clock.get(17..19).is_none_or(|s| s >= "60") {
        return None;
    }
    if offset.is_empty() {
        return WallTime::parse(&clock).map(|w| Moment::At(w.instant()));
    }
    SimTime::parse_iso(&format!("{}{offset}", clock.replacen(' ', "T", 1))).map(Moment::At)
}

/// A length of time: `7 days`, `90 s`, `1 h 30 min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length(SimDuration);

impl Length {
    /// The length.
    pub fn get(self) -> SimDuration {
        self.0
    }
}

impl FromText for Length {
    const WHAT: &'static str = "a length of time";
    const PART: &'static str = "length";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let wrong = |help: &str| {
            let message = format!("{} is not a length of time", quoted(text));
            Err(Wrong::new(Code::BadDuration, message, help))
        };
        let (mut rest, mut total) = (text.trim(), 0_i64);
        let most = SimDuration::from_days(MAX_LENGTH_DAYS).as_nanos();
        for _ in 0..MAX_LENGTH_PARTS {
            let Some((count, unit, after)) = number_and_unit(rest) else {
                return wrong("write a whole number and a unit: `7 days`, `2 h`, `90 s`, `500 ms`");
            };
            let Some(size) = UNITS.iter().find(|(names, _)| names.contains(&unit)) else {
                return match unit {
                    "month" | "months" | "year" | "years" => {
                        wrong("months and years differ in length: count in days, or name a date")
                    }
                    _ => wrong("the units are `ms`, `s`, `min`, `h`, `days` and `weeks`"),
                };
            };
            let part = count.parse::<i64>().ok().and_then(|n| n.checked_mul(size.1));
            total = match part.and_then(|part| part.checked_add(total)) {
                Some(sum) if sum <= most => sum,
                _ => {
                    let help = format!("a length is at most {MAX_LENGTH_DAYS} days");
                    return wrong(&help);
                }
            };
            rest = after;
            if rest.is_empty() {
                return Ok(Self(SimDuration::from_nanos(total)));
            }
        }
        wrong("a length has at most six parts")
    }
    fn part() -> serde_json::Value {
        pattern(
            "A length of time: `7 days`, `2 h`, `90 s`, `1 h 30 min`.",
            "^([0-9]+ ?(ms|s|seconds?|min|minutes?|h|hours?|days?|weeks?) ?){1,6}$",
        )
    }
}

/// The first number and word of a text, and what follows.
fn number_and_unit(text: &str) -> Option<(&str, &str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, rest) = text.split_at_checked(end).filter(|(count, _)| !count.is_empty())?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(end).filter(|(unit, _)| !unit.is_empty())?;
    Some((count, unit, rest.trim_start()))
}

/// A term that is sold: 1 to 11 months or 1 to 3 years (R1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term(ModelTerm);

impl Term {
    /// The term.
    pub fn get(self) -> ModelTerm {
        self.0
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromText for Term {
    const WHAT: &'static str = "a term";
    const PART: &'static str = "term";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let term = number_and_unit(text.trim()).and_then(|(count, unit, rest)| {
            let count = count.parse().ok().filter(|_| rest.is_empty())?;
            match unit {
                "month" | "months" => ModelTerm::Months(count).sold(),
                "year" | "years" => ModelTerm::Years(count).sold(),
                _ => None,
            }
        });
        term.map(Self).ok_or_else(|| {
            Wrong::new(
                Code::BadTerm,
                format!("{} is not a term", quoted(text)),
                "a term is `1 month` to `11 months`, or `1 year` to `3 years`",
            )
        })
    }
    fn part() -> serde_json::Value {
        pattern(
            "A term: `1 month` to `11 months`, or `1 year` to `3 years`.",
            "^(([1-9]|1[01]) ?months?|[1-3] ?years?)$",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> String {
        match Moment::from_text(text) {
            Ok(Moment::On(day)) => format!("on {day}"),
            Ok(Moment::At(at)) => format!("at {at}"),
            Err(wrong) => wrong.code.to_string(),
        }
    }

    #[test]
    fn dates_and_times_are_read_exactly() {
        let table = [
            ("2024-04-01", "on 2024-04-01"),
            ("2024-04-01 03:00", "at 2024-04-01T03:00:00+08:00"),
            ("2024-04-01T03:00:07.5", "at 2024-04-01T03:00:07.500+08:00"),
            ("2024-04-01 03:00:00Z", "at 2024-04-01T11:00:00+08:00"),
            ("2024-04-01 03:00:00-05:00", "at 2024-04-01T16:00:00+08:00"),
            ("2000-01-01 00:00:00", "at 2000-01-01T00:00:00+08:00"),
            ("2100-12-31 23:59:59", "at 2100-12-31T23:59:59+08:00"),
            ("1999-12-31 23:59:59", "date-out-of-range"),
            ("2101-01-01", "date-out-of-range"),
            ("9999-12-31 23:59:59", "date-out-of-range"),
            ("0000-01-01", "date-out-of-range"),
            ("2023-02-29", "bad-time"),
            ("2024-04-31 00:00:00", "bad-time"),
            ("2024-04-01 24:00:00", "bad-time"),
            ("2024-12-31 23:59:60", "bad-time"),
            ("2024-4-1", "bad-time"),
            ("+2024-04-01", "bad-time"),
            ("2024-04-01Z", "bad-time"),
            ("2024-04-01 3:00", "bad-time"),
            ("2024-04-01 03:00:00 +08:00", "bad-time"),
            ("01.04.2024", "bad-time"),
            ("tomorrow", "bad-time"),
        ];
        for (text, expect) in table {
            assert_eq!(moment(text), expect, "{text}");
        }
    }

    #[test]
    fn lengths_add_their_parts() {
        let check = |text: &str| Length::from_text(text).ok().map(|l| l.get().as_nanos());
        assert_eq!(check("500 ms"), Some(500_000_000));
        assert_eq!(check("1 h 30 min"), Some(5_400_000_000_000));
        assert_eq!(check("7days"), Some(604_800_000_000_000));
        for text in ["", "7", "days", "1.5 h", "-1 h", "1 month", "99999999999 days", "1 h,2 s"] {
            assert_eq!(check(text), None, "{text}");
        }
    }

    #[test]
    fn only_terms_that_are_sold_are_terms() {
        let check = |text: &str| Term::from_text(text).ok().map(|t| t.to_string());
        assert_eq!(check("1 month"), Some("1 month".into()));
        assert_eq!(check("11 months"), Some("11 months".into()));
        assert_eq!(check("3 years"), Some("3 years".into()));
        for text in ["0 months", "12 months", "4 years", "1 day", "month", "1 month 2"] {
            assert_eq!(check(text), None, "{text}");
        }
    }
}
