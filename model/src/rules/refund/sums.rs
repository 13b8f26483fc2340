//! The sums of one refund, and its shares (R9.1 to R9.5).

use crate::decision::Fault;
use crate::money::{Amount, MoneyError, Rounding, Unrounded};
use crate::rulebook::Table;
use crate::rules::{Case, Params, RefundUnit};
use crate::state::{Split, SplitPart};
use crate::term::{Expiry, Term};
use crate::time::SimTime;
use rust_decimal::Decimal;

/// R9.2: within five days of provisioning, to the second.
pub fn within_five_days(params: &Params, effective: SimTime, now: SimTime) -> bool {
    now.floor_to_second() < effective.floor_to_second() + params.five_day
}

/// The sums of one refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundSums {
    /// Used part of the period.
    pub used: u32,
    /// Length of the period.
    pub total: u32,
    /// What the used part cost.
    pub consumed: Amount,
    /// Handling fee.
    pub fee: Amount,
    /// What goes back of the money paid.
    pub refund: Amount,
}

impl RefundSums {
    /// The same without a fee.
    pub(super) fn without_fee(self, paid: Amount) -> Result<Self, MoneyError> {
        let refund = paid.minus(self.consumed)?.at_least_zero();
        Ok(Self { fee: Amount::zero(paid.currency()), refund, ..self })
    }
    /// Everything goes back.
    pub(super) fn full(paid: Amount) -> Self {
        let zero = Amount::zero(paid.currency());
        Self { used: 0, total: 0, consumed: zero, fee: zero, refund: paid }
    }
}

/// R9.4: the used part and the whole of a period, in the unit of the edition. Hours: both ends are
/// floored to the hour. Days: the first day counts, the last does not.
pub fn consumption(unit: RefundUnit, from: SimTime, to: Expiry, now: SimTime) -> (u32, u32) {
    const HOUR: i64 = 3600;
    let (used, total) = match unit {
        RefundUnit::Hours => {
            let start = from.floor_to_hour();
            let used = (now.floor_to_hour() - start).floor_secs() / HOUR;
            (used, (to.boundary() - start).floor_secs() / HOUR)
        }
        RefundUnit::Days => {
            let start = from.day().start();
            let used = (now.day().start() - start).floor_secs() / (24 * HOUR);
            (used, (to.boundary() - start).floor_secs() / (24 * HOUR))
        }
    };
    // A period lasts at most three years, and `now` lies inside it.
    (u32::try_from(used).unwrap_or(0), u32::try_from(total).unwrap_or(u32::MAX))
}

/// R9.4, R9.5: paid less consumed less fee, never below zero; consumed and fee are each rounded to
/// cents before they are taken off.
pub fn conditional_refund(
    params: &Params,
    term: Term,
    from: SimTime,
    to: Expiry,
    now: SimTime,
    paid: Amount,
) -> Result<RefundSums, MoneyError> {
    let (used, total) = consumption(params.refund_unit, from, to, now);
    let decimals = params.due_decimals(paid.currency());
    let cents = |exact: Unrounded| exact.rounded(params.refund_rounding, decimals);
    let product = paid.times(Decimal::from(used))?.value();
    let consumed = product.checked_div(Decimal::from(total)).unwrap_or(Decimal::ZERO);
    let consumed = cents(Unrounded::of(consumed, paid.currency()))?;
    let fee = cents(paid.times(fee_rate(params, term, from, now))?)?;
    let refund = paid.minus(consumed)?.minus(fee)?.at_least_zero();
    Ok(RefundSums { used, total, consumed, fee, refund })
}

/// R9.5: the fee as a fraction of what was paid, by term and by the year of use in which the
/// subscription is given back. A year includes its anniversary second.
pub fn fee_rate(params: &Params, term: Term, from: SimTime, now: SimTime) -> Decimal {
    if params.fee_waived {
        return Decimal::ZERO;
    }
    let table: &Table = match term {
        Term::Months(_) => &params.fee_monthly,
        Term::Years(n) => {
            let [one, two, three] = &params.fee_years;
            [one, two].get(usize::try_from(n).unwrap_or(3).saturating_sub(1)).unwrap_or(&three)
        }
    };
    let anniversary = |year: u32| {
        let day = from.day().anchored_months_later(12 * year, from.day().day_of_month());
        day.start() + (from - from.day().start())
    };
    let now = now.floor_to_second();
    // A term runs on from its last anniversary to the end of that day, still in its last year.
    let last = (1..=3).rfind(|year: &u32| table.get(&year.to_string()).is_some()).unwrap_or(1);
    let year = (1..last).find(|year| now <= anniversary(*year)).unwrap_or(last);
    table.get(&year.to_string()).unwrap_or(Decimal::ZERO)
}

/// Everything that was paid, with vouchers that are still valid: an expired coupon does not come back
/// to life, and a discount coupon is lost (R9.1, R9.3).
pub(super) fn whole(case: &Case<'_>, paid: &Split) -> Split {
    let mut refund = paid.clone();
    refund.coupons.retain(|part| {
        let coupon = case.account.coupons.get(&part.coupon);
        coupon.is_some_and(|coupon| coupon.valid_at(case.now))
    });
    refund
}

/// A partial refund in proportion to the money sources that paid; spare cents go to cash, and
/// vouchers are lost (R9.1).
pub(in crate::rules) fn share_refund(paid: &Split, refund: Amount) -> Result<Split, Fault> {
    let money = paid.paid()?;
    let mut shared = Split::nothing(refund.currency());
    let mut rest = refund;
    let currency = refund.currency();
    let share = |part: Amount| -> Result<Amount, MoneyError> {
        let product = part.times(refund.value())?.value();
        let exact = product.checked_div(money.value()).unwrap_or(Decimal::ZERO);
        Unrounded::of(exact, currency).rounded(Rounding::Truncate, currency.decimals())
    };
    for part in paid.coupons.iter().filter(|part| part.counts_as_paid) {
        let amount = share(part.amount)?;
        if amount.is_positive() {
            shared.coupons.push(SplitPart { amount, ..part.clone() });
            rest = rest.minus(amount)?;
        }
    }
    shared.credit = share(paid.credit)?;
    shared.cash = rest.minus(shared.credit)?;
    Ok(shared)
}
