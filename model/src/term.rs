//! Terms and the day on which a subscription ends (R1.3 to R1.7).

use crate::time::{BillingDay, SimTime};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long one order of a subscription lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// A number of months, 1 to 11 (R1.7).
    Months(u32),
    /// A number of years, 1 to 3 (R1.7).
    Years(u32),
}

impl Term {
    /// The term if it is one of those that orders know (R1.7); rulebooks may offer fewer.
    pub fn sold(self) -> Option<Self> {
        let sold = match self {
            Self::Months(n) => (1..=11).contains(&n),
            Self::Years(n) => (1..=3).contains(&n),
        };
        sold.then_some(self)
    }
    /// The term counted in months.
    pub const fn months(self) -> u32 {
        match self {
            Self::Months(n) => n,
            Self::Years(n) => n * 12,
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self {
            Self::Months(n) => (n, "month"),
            Self::Years(n) => (n, "year"),
        };
        write!(f, "{n} {unit}{}", if *n == 1 { "" } else { "s" })
    }
}

/// The last day of a subscription. It ends with that day, at 24:00:00; the service prints 23:59:59,
/// and that last second still belongs to the subscription (R1.3, R1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry(BillingDay);

impl Expiry {
    /// Expiry at the end of this day.
    pub const fn on(day: BillingDay) -> Self {
        Self(day)
    }
    /// The expiry day.
    pub const fn day(self) -> BillingDay {
        self.0
    }
    /// The first instant after the subscription: 24:00:00 of the expiry day.
    pub fn boundary(self) -> SimTime {
        self.0.end()
    }
    /// The instant that the service prints: 23:59:59 of the expiry day.
    pub fn printed(self) -> SimTime {
        self.0.end() - crate::time::SimDuration::from_secs(1)
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} 23:59:59", self.0)
    }
}

impl Serialize for Expiry {
    /// Written as the printed instant, so that a log reads as the service's own pages do.
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.printed().serialize(s)
    }
}

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let printed = SimTime::deserialize(d)?;
        let expiry = Self(printed.day());
        if expiry.printed() == printed {
            return Ok(expiry);
        }
        Err(serde::de::Error::custom(format!("`{printed}` is not 23:59:59 at UTC+8")))
    }
}

/// The day from which all expiries of one subscription are counted (R1.5). Periods are counted from
/// here, never stepped, so that a day lost in a short month comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    first_day: BillingDay,
    day_of_month: u32,
}

impl Anchor {
    /// The anchor of a subscription that takes effect at `effective` (R1.2).
    pub fn at(effective: SimTime) -> Self {
        let first_day = effective.day();
        Self { first_day, day_of_month: first_day.day_of_month() }
    }
    /// Its day of the month.
    pub const fn day_of_month(self) -> u32 {
        self.day_of_month
    }
    /// The expiry after a total of `months` (R1.3, R1.5).
    pub fn expiry_after(self, months: u32) -> Expiry {
        Expiry(self.first_day.anchored_months_later(months, self.day_of_month))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::WallTime;

    fn check(start: &str, months: u32, expect: &str) {
        let start = WallTime::parse(start).unwrap().instant();
        assert_eq!(Anchor::at(start).expiry_after(months).to_string(), expect);
    }

    #[test]
    fn expiry_is_the_end_of_the_anchored_day() {
        check("2023-03-08 15:50:04", 1, "2023-04-08 23:59:59");
        check("2024-03-31 00:00:00", 1, "2024-04-30 23:59:59");
        check("2024-03-31 00:00:00", 2, "2024-05-31 23:59:59");
        check("2024-11-30 15:50:04", 2, "2025-01-30 23:59:59");
        check("2024-02-08 15:50:04", 12, "2025-02-08 23:59:59");
        check("2024-02-29 00:00:00", 12, "2025-02-28 23:59:59");
    }

    #[test]
    fn expiry_reads_back_only_from_its_printed_form() {
        let expiry = Expiry::on(BillingDay::parse("2024-04-08").unwrap());
        let text = serde_json::to_string(&expiry).unwrap();
        assert_eq!(text, "\"2024-04-08T23:59:59+08:00\"");
        assert_eq!(serde_json::from_str::<Expiry>(&text).unwrap(), expiry);
        assert!(serde_json::from_str::<Expiry>("\"2024-04-08T00:00:00+08:00\"").is_err());
    }

    #[test]
    fn terms_sold_are_those_of_the_catalogue() {
        assert_eq!(Term::Months(12).sold(), None);
        assert_eq!(Term::Years(3).sold(), Some(Term::Years(3)));
        assert_eq!(Term::Years(0).sold(), None);
    }
}
