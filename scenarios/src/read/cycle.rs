//! Bill cycles and single days.

use super::schema::pattern;
use super::time::Moment;
use super::{FIRST_YEAR, FromText, LAST_YEAR, Wrong};
use crate::diagnostic::{Code, quoted};
use koosim_model::bill::Cycle;
use koosim_model::time::BillingDay;

/// A bill cycle: a calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month(Cycle);

impl Month {
    /// The cycle.
    pub fn get(self) -> Cycle {
        self.0
    }
}

impl FromText for Month {
    const WHAT: &'static str = "a month";
    const PART: &'static str = "month";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let wrong = |code, message| Err(Wrong::new(code, message, "write the month as `2024-03`"));
        let Some(cycle) = Cycle::parse(text) else {
            return wrong(Code::BadTime, format!("{} is not a month", quoted(text)));
        };
        if (FIRST_YEAR..=LAST_YEAR).contains(&cycle.first_day().year()) {
            return Ok(Self(cycle));
        }
        let years = format!("{} is outside the years {FIRST_YEAR} to {LAST_YEAR}", quoted(text));
        wrong(Code::DateOutOfRange, years)
    }
    fn part() -> serde_json::Value {
        pattern("A calendar month: `2024-03`.", "^(20[0-9]{2}|2100)-(0[1-9]|1[0-2])$")
    }
}

/// A calendar day at UTC+8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(BillingDay);

impl Day {
    /// The day.
    pub fn get(self) -> BillingDay {
        self.0
    }
}

impl FromText for Day {
    const WHAT: &'static str = "a day";
    const PART: &'static str = "day";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        match Moment::from_text(text)? {
            Moment::On(day) => Ok(Self(day)),
            Moment::At(_) => Err(Wrong::new(
                Code::BadTime,
                format!("{} is an instant, not a day", quoted(text)),
                "leave out the time of day: `2024-03-08`",
            )),
        }
    }
    fn part() -> serde_json::Value {
        pattern("A calendar day at UTC+8: `2024-03-08`.", "^(20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}$")
    }
}
