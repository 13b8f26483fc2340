//! Renewal up to a common day of the month (R5.6).

use crate::command::RenewTo;
use crate::decision::{Decision, Fault, Reason};
use crate::event::UnifiedDaySet;
use crate::money::{Amount, MoneyError, Rounding, Unrounded};
use crate::rulebook::BookError;
use crate::rules::params::Reader;
use crate::rules::price::list_price;
use crate::rules::{Case, r};
use crate::state::{Phone, Subscription, Unified};
use crate::term::{Expiry, Term};
use crate::time::{BillingDay, SimTime};
use rust_decimal::Decimal;

/// The last day of a month, as the service writes it.
const LAST: i32 = -1;
/// The number that every last day of a month is clipped from.
const LONGEST_MONTH: u32 = 31;

/// The parameters of R5.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnifiedParams {
    /// `unified_day`; below 1 the last of the month.
    pub day: i32,
    /// `first_day_counting`: whether the extra days up to the 1st begin with the moved expiry day.
    pub counts_expiry_day: bool,
    /// `extra_day_price`: whether a day is a part of the order's price, or else of a calendar month's.
    pub day_of_order: bool,
    /// `becomes_anchor`.
    pub becomes_anchor: bool,
}

impl UnifiedParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        let rule = r(5, 6);
        Ok(Self {
            day: read.signed(rule, "unified_day")?,
            counts_expiry_day: read.is(rule, "first_day_counting", "expiry_day")?,
            day_of_order: read.is(rule, "extra_day_price", "order_days")?,
            becomes_anchor: read.flag(rule, "becomes_anchor")?,
        })
    }
}

/// R5.6: the unified day holds for the renewals of the account that ask for it from now on.
pub(super) fn set_day(day: i32) -> Decision {
    if day != LAST && !(1..=28).contains(&day) {
        return Decision::refuse(Reason::OutOfRange, by![r(5, 6)]);
    }
    let mut decision = Decision::default();
    decision.happen(by![r(5, 6)], UnifiedDaySet { day });
    decision
}

/// R5.6: what a renewal by `term` adds up to the unified day, if that was asked for.
pub(super) fn asked(
    case: &Case<'_>,
    phone: &Phone,
    term: Term,
    to: RenewTo,
) -> Result<Result<Option<Box<Unified>>, Reason>, Fault> {
    let (RenewTo::UnifiedDay, Some(subscription)) = (to, phone.subscription()) else {
        return Ok(Ok(None));
    };
    let day = case.account.unified_day.unwrap_or(case.params.unified.day);
    let moved = subscription.renewed_by(term);
    let expires = Expiry::on(next_unified_day(moved.day(), day));
    let whole_expiry_day = case.params.unified.counts_expiry_day && day == 1;
    let (first, days) = extra_days(moved, expires, whole_expiry_day);
    let extra = if days == 0 {
        Some(Amount::zero(case.account.currency()))
    } else if case.params.unified.day_of_order {
        of_order(case, phone, subscription, term, days)?
    } else {
        of_months(case, phone, first, days)?
    };
    // A size may be sold by the year and have no price of a month.
    let Some(extra) = extra else { return Ok(Err(Reason::NotSold(phone.details.size.clone()))) };
    let becomes_anchor = case.params.unified.becomes_anchor;
    let anchor_day = if becomes_anchor { number(day) } else { subscription.anchor_day() };
    Ok(Ok(Some(Box::new(Unified { expires, extra_days: days, extra, anchor_day }))))
}

/// A unified day as a number from which shorter months clip.
fn number(day: i32) -> u32 {
    u32::try_from(day).ok().filter(|day| *day > 0).unwrap_or(LONGEST_MONTH)
}

/// R5.6: the first unified day that is not before the moved expiry.
pub fn next_unified_day(moved: BillingDay, day: i32) -> BillingDay {
    let day = number(day);
    let same_month = moved.anchored_months_later(0, day);
    if same_month >= moved { same_month } else { moved.anchored_months_later(1, day) }
}

/// R5.6: the first extra day and how many there are: from the day after the moved expiry, or with
/// `whole_expiry_day` from that day itself, up to the unified day.
pub fn extra_days(moved: Expiry, unified: Expiry, whole_expiry_day: bool) -> (BillingDay, u32) {
    if moved >= unified {
        return (unified.day(), 0);
    }
    let first = if whole_expiry_day { moved.day() } else { moved.day().plus_days(1) };
    (first, days(first.start(), unified.boundary()))
}

/// Whole days between two midnights.
fn days(from: SimTime, to: SimTime) -> u32 {
    const DAY_S: i64 = 24 * 3600;
    u32::try_from((to - from).floor_secs() / DAY_S).unwrap_or(0)
}

/// Each day costs the month of its size over the days of the calendar month that it lies in.
fn of_months(
    case: &Case<'_>,
    phone: &Phone,
    first: BillingDay,
    mut left: u32,
) -> Result<Option<Amount>, MoneyError> {
    let Some((month, _)) = list_price(case, &phone.details.size, Term::Months(1))? else {
        return Ok(None);
    };
    let (mut from, mut part, mut whole) = (first, 0, 1);
    // One fraction for all months, so that a sum that comes out even is even.
    while left > 0 {
        let length = from.anchored_months_later(0, LONGEST_MONTH).day_of_month();
        let here = left.min(length + 1 - from.day_of_month());
        (part, whole) = (part * length + here * whole, whole * length);
        (from, left) = (from.plus_days(u64::from(here)), left - here);
    }
    rounded(month, part, whole).map(Some)
}

/// Each day costs the same part of the renewal that it is added to.
fn of_order(
    case: &Case<'_>,
    phone: &Phone,
    subscription: &Subscription,
    term: Term,
    extra: u32,
) -> Result<Option<Amount>, MoneyError> {
    let Some((price, _)) = list_price(case, &phone.details.size, term)? else { return Ok(None) };
    let whole = days(subscription.expires.boundary(), subscription.renewed_by(term).boundary());
    rounded(price, extra, whole.max(1)).map(Some)
}

/// The extra days' part of a price, half up to what can be paid, once.
fn rounded(price: Amount, part: u32, whole: u32) -> Result<Amount, MoneyError> {
    let value = price.value().checked_mul(Decimal::from(part)).ok_or(MoneyError::Overflow)?;
    let value = value / Decimal::from(whole);
    Unrounded::of(value, price.currency()).rounded(Rounding::HalfUp, price.currency().decimals())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(moved: &str, day: i32, whole_expiry_day: bool, expect: (&str, u32)) {
        let moved = BillingDay::parse(moved).unwrap();
        let unified = next_unified_day(moved, day);
        let (_, extra) = extra_days(Expiry::on(moved), Expiry::on(unified), whole_expiry_day);
        assert_eq!((unified.to_string().as_str(), extra), expect, "{moved} to {day}");
    }

    #[test]
    fn the_first_unified_day_at_or_after_the_moved_expiry() {
        check("2020-05-28", 15, false, ("2020-06-15", 18));
        check("2024-04-25", LAST, false, ("2024-04-30", 5));
        check("2024-04-30", LAST, false, ("2024-04-30", 0));
        check("2024-01-29", LAST, false, ("2024-01-31", 2));
        check("2024-12-29", 28, false, ("2025-01-28", 30));
        check("2024-04-15", 15, false, ("2024-04-15", 0));
    }

    #[test]
    fn the_older_text_counts_the_moved_expiry_day_too() {
        check("2024-04-25", 1, false, ("2024-05-01", 6));
        check("2024-04-25", 1, true, ("2024-05-01", 7));
        check("2024-05-01", 1, true, ("2024-05-01", 0));
    }
}
