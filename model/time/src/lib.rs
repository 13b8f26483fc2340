//! Time in the model, and every conversion between its kinds.
//!
//! [`SimTime`] drives everything: nanoseconds since the Unix epoch. [`WallTime`] is what people in
//! the service's home zone read on a clock (UTC+8, no daylight saving). [`BillingDay`] is a calendar
//! day in that zone. Nothing here knows what time it *is*: instants are always given.

#![deny(clippy::float_arithmetic)]

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Add, Sub};

/// Nanoseconds in one second.
pub const NS_PER_S: i64 = 1_000_000_000;
/// Seconds that UTC+8 is ahead of UTC.
const WALL_OFFSET_S: i64 = 8 * 3600;

/// A length of virtual time in nanoseconds; may be negative.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SimDuration(i64);

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A length of whole nanoseconds.
    pub const fn from_nanos(ns: i64) -> Self {
        Self(ns)
    }
    /// A length of whole milliseconds.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms * 1_000_000)
    }
    /// A length of whole seconds.
    pub const fn from_secs(s: i64) -> Self {
        Self(s * NS_PER_S)
    }
    /// A length of whole hours.
    pub const fn from_hours(h: i64) -> Self {
        Self::from_secs(h * 3600)
    }
    /// A length of whole days of 24 hours.
    pub const fn from_days(d: i64) -> Self {
        Self::from_hours(d * 24)
    }
    /// The length in nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }
    /// Whole seconds, rounded towards minus infinity.
    pub const fn floor_secs(self) -> i64 {
        self.0.div_euclid(NS_PER_S)
    }
}

/// An instant: nanoseconds since 1970-01-01T00:00:00Z. Covers the years 1678 to 2261.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(i64);

impl SimTime {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(0);

    /// The instant `ns` nanoseconds after the Unix epoch.
    pub const fn from_nanos(ns: i64) -> Self {
        Self(ns)
    }
    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }
    /// The last whole second not after this instant: metering truncates (R2.1).
    pub const fn floor_to_second(self) -> Self {
        Self(self.0.div_euclid(NS_PER_S) * NS_PER_S)
    }
    /// The start of the clock hour (UTC+8) that holds this instant (R2.1).
    pub const fn floor_to_hour(self) -> Self {
        // The zone is a whole number of hours from UTC, so its hours begin with UTC's.
        Self(self.0.div_euclid(3600 * NS_PER_S) * 3600 * NS_PER_S)
    }
    /// The sum, or `None` beyond the range of the type.
    pub fn checked_add(self, d: SimDuration) -> Option<Self> {
        self.0.checked_add(d.0).map(Self)
    }
    /// What a clock at UTC+8 shows at this instant.
    pub fn wall(self) -> WallTime {
        let local_ns = self.0.saturating_add(WALL_OFFSET_S * NS_PER_S);
        let utc = chrono::DateTime::from_timestamp_nanos(local_ns);
        WallTime(utc.naive_utc())
    }
    /// The billing day (UTC+8) that holds this instant.
    pub fn day(self) -> BillingDay {
        // Instants reach a few hundred years.
        BillingDay(i32::try_from(self.days_since_epoch()).unwrap_or(i32::MAX))
    }
    /// Whether both are on one billing day; the calendar is not needed for that.
    pub fn is_on_day_of(self, other: Self) -> bool {
        self.days_since_epoch() == other.days_since_epoch()
    }
    const fn days_since_epoch(self) -> i64 {
        let local_ns = self.0.saturating_add(WALL_OFFSET_S * NS_PER_S);
        local_ns.div_euclid(SimDuration::from_days(1).0)
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    fn add(self, d: SimDuration) -> Self {
        Self(self.0 + d.0)
    }
}

impl Sub<SimDuration> for SimTime {
    type Output = Self;
    fn sub(self, d: SimDuration) -> Self {
        Self(self.0 - d.0)
    }
}

impl Sub for SimTime {
    type Output = SimDuration;
    fn sub(self, earlier: Self) -> SimDuration {
        SimDuration(self.0 - earlier.0)
    }
}

impl fmt::Display for SimTime {
    /// ISO 8601 at UTC+8, with a fraction only where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+08:00", self.wall().0.format("%Y-%m-%dT%H:%M:%S%.f"))
    }
}

impl Serialize for SimTime {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() { s.collect_str(self) } else { s.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for SimTime {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if !d.is_human_readable() {
            return i64::deserialize(d).map(Self);
        }
        let text = String::deserialize(d)?;
        Self::parse_iso(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is not an ISO 8601 instant with its offset"))
        })
    }
}

impl SimTime {
    /// Reads an ISO 8601 instant that states its offset, such as `2024-03-08T15:50:04+08:00`.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let at = chrono::DateTime::parse_from_rfc3339(text).ok()?;
        at.timestamp_nanos_opt().map(Self)
    }
    /// Reads `20240229T235959Z`, the form of dates in signed calls (A6.2).
    pub fn parse_basic_utc(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| -> Option<u32> {
            let digits = text.get(range)?;
            if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
        };
        if text.len() != 16 || text.get(8..9) != Some("T") || text.get(15..) != Some("Z") {
            return None;
        }
        let year = i32::try_from(number(0..4)?).ok()?;
        let day = NaiveDate::from_ymd_opt(year, number(4..6)?, number(6..8)?)?;
        let time = day.and_hms_opt(number(9..11)?, number(11..13)?, number(13..15)?)?;
        time.and_utc().timestamp_nanos_opt().map(Self)
    }
    /// The instant as dates in signed calls are written (A6.2), without a fraction.
    pub fn basic_utc(self) -> String {
        chrono::DateTime::from_timestamp_nanos(self.0).format("%Y%m%dT%H%M%SZ").to_string()
    }
}

/// A date and a time of day as a clock at UTC+8 shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(NaiveDateTime);

impl WallTime {
    /// Midnight at the start of `day`, plus a time of day. `None` if there is no such time of day.
    pub fn new(day: BillingDay, hour: u32, minute: u32, second: u32) -> Option<Self> {
        NaiveTime::from_hms_opt(hour, minute, second).map(|time| Self(day.date().and_time(time)))
    }
    /// Reads `2024-03-08 15:50:04`, also with `T` between, without seconds, or with a fraction.
    pub fn parse(text: &str) -> Option<Self> {
        let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"];
        forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(Self)
    }
    /// The instant at which the clock shows this.
    pub fn instant(self) -> SimTime {
        // A year outside the range of SimTime saturates; readers of text refuse such years first.
        let utc = self.0.and_utc();
        let local = utc.timestamp_nanos_opt().unwrap_or(if utc.year() < 1970 {
            i64::MIN + WALL_OFFSET_S * NS_PER_S
        } else {
            i64::MAX
        });
        SimTime(local - WALL_OFFSET_S * NS_PER_S)
    }
    /// The calendar day.
    pub fn day(self) -> BillingDay {
        BillingDay::of(self.0.date())
    }
    /// Seconds since the day's midnight, without the fraction.
    pub fn second_of_day(self) -> u32 {
        self.0.num_seconds_from_midnight()
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d %H:%M:%S%.f"))
    }
}

/// A calendar day at UTC+8: what terms, bill cycles and deduction days are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillingDay(
    /// Since 1 January 1970: days are counted and compared far more often than named.
    i32,
);

impl BillingDay {
    const fn of(date: NaiveDate) -> Self {
        Self(date.to_epoch_days())
    }
    fn date(self) -> NaiveDate {
        // Whatever became a day was a date, or an instant's.
        NaiveDate::from_epoch_days(self.0).unwrap_or(NaiveDate::MAX)
    }
    /// The day with these numbers, if the calendar has it.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self::of)
    }
    /// Reads `2024-03-08`.
    pub fn parse(text: &str) -> Option<Self> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self::of)
    }
    /// The year number.
    pub fn year(self) -> i32 {
        self.date().year()
    }
    /// The month number, 1 to 12.
    pub fn month(self) -> u32 {
        self.date().month()
    }
    /// The day of the month, 1 to 31.
    pub fn day_of_month(self) -> u32 {
        self.date().day()
    }
    /// Whether both are in one month of one year.
    pub fn is_in_month_of(self, other: Self) -> bool {
        let month = |date: NaiveDate| (date.year(), date.month());
        month(self.date()) == month(other.date())
    }
    /// The instant 00:00:00 with which the day begins.
    pub fn start(self) -> SimTime {
        WallTime(self.date().and_time(NaiveTime::MIN)).instant()
    }
    /// The instant 24:00:00 with which the day ends: the next day's 00:00:00.
    pub fn end(self) -> SimTime {
        self.start() + SimDuration::from_days(1)
    }
    /// The day `n` days later, saturating at the end of the calendar.
    pub fn plus_days(self, n: u64) -> Self {
        Self::of(self.date().checked_add_days(Days::new(n)).unwrap_or(NaiveDate::MAX))
    }
    /// The day `n` days earlier, saturating at the start of the calendar.
    pub fn minus_days(self, n: u64) -> Self {
        Self::of(self.date().checked_sub_days(Days::new(n)).unwrap_or(NaiveDate::MIN))
    }
    /// The day `anchor_day` of the month `n` months after this day's month, or that month's last
    /// day where it is shorter (R1.5). The anchor is given, not taken from `self`, so that a day
    /// lost in a short month comes back in the next long one.
    pub fn anchored_months_later(self, n: u32, anchor_day: u32) -> Self {
        let first = self.date().with_day(1).and_then(|d| d.checked_add_months(Months::new(n)));
        let first = first.unwrap_or(NaiveDate::MAX);
        (0..4)
            .find_map(|short| first.with_day(anchor_day.saturating_sub(short)))
            .map_or(Self::of(first), Self::of)
    }
}

impl fmt::Display for BillingDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date().format("%Y-%m-%d"))
    }
}

impl Serialize for BillingDay {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.collect_str(self)
        } else {
            s.serialize_i32(self.date().num_days_from_ce())
        }
    }
}

impl<'de> Deserialize<'de> for BillingDay {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if !d.is_human_readable() {
            let days = i32::deserialize(d)?;
            let day = NaiveDate::from_num_days_from_ce_opt(days);
            return day.map(Self::of).ok_or_else(|| serde::de::Error::custom("no such day"));
        }
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a day")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BillingDay {
        BillingDay::parse(text).unwrap()
    }

    #[test]
    fn wall_time_and_instant_are_inverse() {
        let wall = WallTime::parse("2024-03-08 15:50:04").unwrap();
        assert_eq!(wall.instant().to_string(), "2024-03-08T15:50:04+08:00");
        assert_eq!(wall.instant().wall(), wall);
        assert_eq!(SimTime::parse_iso("2024-03-08T07:50:04Z"), Some(wall.instant()));
    }

    #[test]
    fn dates_of_signed_calls_are_read_in_one_form() {
        for text in ["20240229T235959Z", "19700101T000000Z", "16780101T000000Z"] {
            assert_eq!(
                SimTime::parse_basic_utc(text).map(SimTime::basic_utc).as_deref(),
                Some(text)
            );
        }
        let at = SimTime::parse_basic_utc("20240308T075004Z").unwrap();
        assert_eq!(at.to_string(), "2024-03-08T15:50:04+08:00");
        for text in [
            "",
            "20230229T000000Z",
            "20240229T240000Z",
            "20240229T235960Z",
            "20240229T235959",
            "20240229t235959z",
            "2024-02-29T23:59",
            "+0240229T235959Z",
            "2024022\u{661}T23595Z",
            "99990101T000000Z",
        ] {
            assert_eq!(SimTime::parse_basic_utc(text), None, "{text}");
        }
    }

    #[test]
    fn anchor_day_survives_short_months() {
        let start = day("2024-01-31");
        let ends: Vec<_> =
            (1..=5).map(|n| start.anchored_months_later(n, 31).to_string()).collect();
        assert_eq!(ends, ["2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"]);
    }

    #[test]
    fn leap_day_anchor_ends_on_28_february() {
        assert_eq!(day("2024-02-29").anchored_months_later(12, 29), day("2025-02-28"));
        assert_eq!(day("2024-02-29").anchored_months_later(48, 29), day("2028-02-29"));
    }

    #[test]
    fn days_are_those_of_the_wall_clock() {
        let hour = SimDuration::from_hours(1).as_nanos();
        let ends = [i64::MIN, -hour, 0, 16 * hour - 1, 16 * hour, 40 * hour - 1, i64::MAX];
        for (at, other) in ends.iter().flat_map(|at| ends.iter().map(move |other| (at, other))) {
            let (at, other) = (SimTime::from_nanos(*at), SimTime::from_nanos(*other));
            assert_eq!(at.day(), at.wall().day());
            assert_eq!(at.is_on_day_of(other), at.day() == other.day());
        }
    }

    #[test]
    fn months_are_told_apart_by_their_years() {
        for (other, same) in [("2024-03-01", true), ("2024-04-01", false), ("2025-03-31", false)] {
            assert_eq!(day("2024-03-31").is_in_month_of(day(other)), same, "{other}");
        }
    }

    #[test]
    fn hours_of_the_wall_clock_begin_on_the_hour() {
        let at = WallTime::parse("2024-03-08 15:50:04.5").unwrap().instant();
        assert_eq!(at.floor_to_hour().to_string(), "2024-03-08T15:00:00+08:00");
        assert_eq!(at.floor_to_second().to_string(), "2024-03-08T15:50:04+08:00");
    }

    #[test]
    fn instants_before_the_epoch_floor_downwards() {
        let at = SimTime::from_nanos(-1);
        assert_eq!(at.floor_to_second().as_nanos(), -NS_PER_S);
        assert_eq!(SimDuration::from_nanos(-1).floor_secs(), -1);
    }
}
