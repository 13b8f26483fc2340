//! Bill cycles: calendar months at UTC+8 (R11.4), and when one is final (R11.5).

use crate::rules::BillParams;
use crate::time::{BillingDay, SimTime};
use serde::{Serialize, Serializer};
use std::fmt;

/// A bill cycle: one calendar month at UTC+8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cycle {
    /// INVARIANT: the first of a month.
    first: BillingDay,
}

impl Cycle {
    /// The cycle that a day belongs to.
    pub fn of(day: BillingDay) -> Self {
        Self { first: BillingDay::new(day.year(), day.month(), 1).unwrap_or(day) }
    }
    /// Reads `2024-03`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |part: &str, count: usize| {
            part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let first = BillingDay::parse(&format!("{text}-01"));
        first.filter(|_| digits(year, 4) && digits(month, 2)).map(|first| Self { first })
    }
    /// Its first day.
    pub const fn first_day(self) -> BillingDay {
        self.first
    }
    /// Its last day.
    pub fn last_day(self) -> BillingDay {
        self.next().first.minus_days(1)
    }
    /// The cycle after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self { first: self.first.anchored_months_later(1, 1) }
    }
    /// R11.5: how final the month is at `now`, as the calendar has it.
    pub fn state_at(self, params: &BillParams, now: SimTime) -> MonthState {
        let next = self.next().first;
        let on = |day: u32| next.anchored_months_later(0, day);
        if now < next.start() {
            MonthState::Open
        } else if now < params.final_time.on(on(params.final_day)) {
            MonthState::Ended
        } else if now < params.export_time.on(on(params.export_day)) {
            MonthState::Final
        } else {
            MonthState::Complete
        }
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Padded as a whole, so that columns line up.
        f.pad(&format!("{:04}-{:02}", self.first.year(), self.first.month()))
    }
}

impl Serialize for Cycle {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// How final a month is (R11.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthState {
    /// It lasts.
    Open,
    /// It is over; records may still come.
    Ended,
    /// Its amounts stand.
    Final,
    /// Its data can be exported.
    Complete,
}

impl MonthState {
    /// Every state, in the order in which they follow each other.
    pub const ALL: [Self; 4] = [Self::Open, Self::Ended, Self::Final, Self::Complete];

    /// The state's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended => "ended",
            Self::Final => "final",
            Self::Complete => "complete",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;
    use crate::rules::{Catalogue, Rules};
    use crate::time::WallTime;

    fn check(overrides: &[(&str, &str)], now: &str, expect: MonthState) {
        let own = |(path, value): &(&str, &str)| ((*path).to_owned(), (*value).to_owned());
        let overrides: Vec<_> = overrides.iter().map(own).collect();
        let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &overrides).unwrap();
        let rules = Rules::new(settings, Catalogue::default()).unwrap();
        let now = WallTime::parse(now).unwrap().instant();
        let cycle = Cycle::parse("2024-12").unwrap();
        assert_eq!(cycle.state_at(&rules.params(now).bills, now), expect, "{}", now.wall());
    }

    #[test]
    fn a_month_is_final_on_the_third_and_complete_on_the_fourth() {
        check(&[], "2024-12-31 23:59:59", MonthState::Open);
        check(&[], "2025-01-01 00:00:00", MonthState::Ended);
        check(&[], "2025-01-02 23:59:59", MonthState::Ended);
        check(&[], "2025-01-03 00:00:00", MonthState::Final);
        check(&[], "2025-01-04 09:59:59", MonthState::Final);
        check(&[], "2025-01-04 10:00:00", MonthState::Complete);
        let late = [("R11.5.final_day", "5"), ("R11.5.export_day", "6")];
        check(&late, "2025-01-04 10:00:00", MonthState::Ended);
        check(&late, "2025-01-06 10:00:00", MonthState::Complete);
    }

    #[test]
    fn a_cycle_is_read_as_it_is_written() {
        let read = |text: &str| Cycle::parse(text).map(|cycle| cycle.to_string());
        assert_eq!(read("2024-02").as_deref(), Some("2024-02"));
        for wrong in ["2024-13", "2024-2", "24-02", "2024-02-01", "2024/02", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(Cycle::parse("2024-02").unwrap().last_day().to_string(), "2024-02-29");
    }
}
