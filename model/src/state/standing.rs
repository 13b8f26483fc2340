//! What an account is to the service besides its money: who its owner is, what it has spent, and what
//! it was promised.

use crate::money::{Amount, Currency, MoneyError};
use crate::state::Split;
use crate::time::{BillingDay, SimTime};
use serde::{Deserialize, Serialize};

/// As what the owner of an account is verified by name (P1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// Not at all.
    None,
    /// As a person.
    Individual,
    /// As an enterprise.
    Enterprise,
}

impl Verification {
    /// Its name in logs and scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Individual => "individual",
            Self::Enterprise => "enterprise",
        }
    }
}

/// Lengths of the phases that a promotion gives instead of the tier's (R8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// Days of grace, where it has them.
    pub grace_days: Option<u32>,
    /// Days of retention, where it has them.
    pub retention_days: Option<u32>,
    /// First instant at which it no longer holds.
    pub until: SimTime,
}

/// What an account has spent, by which its tier is set (R8.2): what was due less vouchers and refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    /// The day of the last event that counts.
    day: BillingDay,
    /// On that day.
    today: Amount,
    /// Before that day, in its year.
    this_year: Amount,
    /// In the year before.
    last_year: Amount,
}

impl Spend {
    /// Nothing spent up to `day`.
    fn begin(day: BillingDay, zero: Amount) -> Self {
        Self { day, today: zero, this_year: zero, last_year: zero }
    }
    /// The same spending, seen from a later day.
    fn on(self, day: BillingDay) -> Result<Self, MoneyError> {
        if day <= self.day {
            return Ok(self);
        }
        let zero = Amount::zero(self.today.currency());
        let so_far = self.this_year.plus(self.today)?;
        let years = day.year() - self.day.year();
        let (this_year, last_year) = match years {
            0 => (so_far, self.last_year),
            1 => (zero, so_far),
            _ => (zero, zero),
        };
        Ok(Self { day, today: zero, this_year, last_year })
    }
    /// What was spent in the year before that of `day`, and in its own year before it.
    pub fn before(self, day: BillingDay) -> Result<(Amount, Amount), MoneyError> {
        let seen = self.on(day)?;
        Ok((seen.last_year, seen.this_year))
    }
    /// Counts what an event takes and gives back; one that does neither leaves everything as it is.
    #[inline(always)]
    pub fn count(
        spend: &mut Option<Self>,
        currency: Currency,
        at: SimTime,
        (paid, returned): (Option<&Split>, Option<&Split>),
    ) -> Result<(), MoneyError> {
        if paid.is_none() && returned.is_none() {
            return Ok(());
        }
        let zero = Amount::zero(currency);
        let mut amount = paid.map_or(Ok(zero), Self::of_customer)?;
        if let Some(returned) = returned {
            amount = amount.minus(Self::of_customer(returned)?)?;
        }
        let day = at.day();
        let seen = spend.get_or_insert_with(|| Self::begin(day, zero));
        if seen.day < day {
            *seen = seen.on(day)?;
        }
        seen.today = seen.today.plus(amount)?;
        Ok(())
    }
    /// What the customer paid or owes of a split; vouchers do not count.
    #[inline(always)]
    fn of_customer(split: &Split) -> Result<Amount, MoneyError> {
        if split.is_of_cash() { Ok(split.cash) } else { split.paid()?.plus(split.debt) }
    }
}
