//! Calendar and money written out again, so that a slip in the model's own is seen.

use koosim_model::money::{Amount, Currency};
use koosim_model::time::{BillingDay, SimDuration, SimTime};
use rust_decimal::{Decimal, RoundingStrategy};

/// The month and year so many months after `(year, month)`.
fn months_on(year: i32, month: u32, months: u32) -> (i32, u32) {
    let count = year * 12 + i32::try_from(month + months).unwrap() - 1;
    (count.div_euclid(12), u32::try_from(count.rem_euclid(12)).unwrap() + 1)
}

/// The days of a month, by the rule of the Gregorian calendar.
pub(crate) fn days_in(year: i32, month: u32) -> u32 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// The day that has this number so many months after the month of `day`, or the last of a shorter one.
pub(crate) fn later(day: BillingDay, months: u32, number: u32) -> BillingDay {
    let (year, month) = months_on(day.year(), day.month(), months);
    BillingDay::new(year, month, number.min(days_in(year, month))).unwrap()
}

/// The first day of the month of `day`.
pub(crate) fn first_of_month(day: BillingDay) -> BillingDay {
    BillingDay::new(day.year(), day.month(), 1).unwrap()
}

/// So many days of 24 hours.
pub(crate) fn days(count: i64) -> SimDuration {
    SimDuration::from_secs(count * 86_400)
}

/// So many seconds into a day.
pub(crate) fn at_second(day: BillingDay, second: i64) -> SimTime {
    day.start() + SimDuration::from_secs(second)
}

/// The whole second of an instant.
pub(crate) fn second(at: SimTime) -> SimTime {
    SimTime::from_nanos(at.as_nanos().div_euclid(1_000_000_000) * 1_000_000_000)
}

/// The clock hour of an instant; hours of UTC+8 begin with those of UTC.
pub(crate) fn hour(at: SimTime) -> SimTime {
    const HOUR_NS: i64 = 3_600_000_000_000;
    SimTime::from_nanos(at.as_nanos().div_euclid(HOUR_NS) * HOUR_NS)
}

/// Decimals of what can be paid (R2.8).
pub(crate) fn cents(currency: Currency) -> u32 {
    if currency == Currency::JPY { 0 } else { 2 }
}

/// Half up, away from zero, as amounts are.
pub(crate) fn half_up(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// Cut off, towards zero.
pub(crate) fn cut(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, RoundingStrategy::ToZero)
}

/// By the word of a parameter.
pub(crate) fn rounded(word: &str, value: Decimal, decimals: u32) -> Decimal {
    match word {
        "half_up" => half_up(value, decimals),
        "truncate" => cut(value, decimals),
        other => panic!("no rounding is called {other}"),
    }
}

/// The sum of amounts as plain decimals.
pub(crate) fn sum(amounts: impl IntoIterator<Item = Amount>) -> Decimal {
    amounts.into_iter().map(Amount::value).sum()
}
