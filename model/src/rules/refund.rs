//! Giving subscriptions back (R9): what is refunded, and to which sources.

use crate::command::UnsubscribeWhat;
use crate::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{RefundTerms, Refunded, Unsubscribed};
use crate::lifecycle::PhoneTrigger;
use crate::money::{Amount, MoneyError, Rounding, Unrounded};
use crate::name::{OrderId, PhoneId};
use crate::rulebook::{RuleId, Table};
use crate::rules::{
    Case, Params, RefundUnit, access, expiry, living, notice, payment, r, renewal, unusable,
};
use crate::state::{Order, Period, Phone, Split, SplitPart, Subscription};
use crate::term::{Anchor, Expiry, Term};
use crate::time::SimTime;
use rust_decimal::Decimal;

const READ_REFUND: &[Read] = &[
    Read { rule: r(9, 2), name: "five_day_right" },
    Read { rule: r(9, 2), name: "five_day_hours" },
    Read { rule: r(9, 2), name: "five_day_quota" },
    Read { rule: r(9, 4), name: "time_unit" },
    Read { rule: r(9, 4), name: "cents_rounding" },
    Read { rule: r(9, 5), name: "fee_monthly" },
    Read { rule: r(9, 5), name: "fee_waived" },
];

const FIVE_DAY_RULES: &[RuleId] = &[r(9, 2), r(9, 1), r(9, 3)];
const CONDITIONAL_RULES: &[RuleId] = &[r(9, 4), r(9, 1), r(9, 5)];
const NOT_STARTED_RULES: &[RuleId] = &[r(9, 6), r(9, 1), r(9, 7)];

/// R9.1, R9.8, R9.11: gives a subscription back, or only its renewals that have not begun.
pub(super) fn unsubscribe(
    case: &Case<'_>,
    id: &PhoneId,
    what: UnsubscribeWhat,
) -> Result<Decision, Fault> {
    let Some(phone) = living(case, id) else {
        return Ok(Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(9, 1)]));
    };
    if phone.metering().is_some() {
        return Ok(Decision::refuse(Reason::OnDemand, by![r(2, 14), r(9, 1)]));
    }
    if let Some((reason, rules)) = refuse(case, id, phone) {
        return Ok(Decision::refuse(reason, rules));
    }
    let mut decision = Decision { read: READ_REFUND, ..Decision::default() };
    let Some(subscription) = phone.subscription() else { return Ok(decision) };
    match what {
        UnsubscribeWhat::RenewalsOnly => drop_renewals(case, &mut decision, id, subscription),
        UnsubscribeWhat::PhoneAndRenewals => drop_phone(case, &mut decision, id, subscription),
    }?;
    Ok(decision)
}

fn refuse(case: &Case<'_>, id: &PhoneId, phone: &Phone) -> Option<(Reason, &'static [RuleId])> {
    if let Some(reason) = unusable(phone, PhoneTrigger::Unsubscribe, id) {
        return Some((reason, by![r(9, 8), r(1, 1)]));
    }
    if let Some(barrier) = access::police(phone) {
        return Some(barrier);
    }
    case.account.open_order_of(id).map(|_| (Reason::OrderPending, by![r(9, 8)]))
}

fn drop_renewals(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &PhoneId,
    subscription: &Subscription,
) -> Result<(), Fault> {
    let remaining = subscription.periods.iter().rfind(|period| period.from <= case.now);
    let unstarted = subscription.periods.iter().any(|period| period.from > case.now);
    let (Some(remaining), true) = (remaining, unstarted) else {
        *decision = Decision::refuse(Reason::NoRenewedPeriod, by![r(9, 11), r(9, 6)]);
        return Ok(());
    };
    refund_periods(case, decision, id, subscription, |period| period.from > case.now)?;
    let what = UnsubscribeWhat::RenewalsOnly;
    let expires = remaining.to;
    let unsubscribed = Unsubscribed { phone: id.clone(), what, expires: Some(expires) };
    decision.happen(by![r(9, 6), r(9, 11)], unsubscribed);
    let key = TimerKey::Expiry(id.clone());
    decision.schedule(key, Window::exactly(expires.boundary()));
    notice::schedule(case, decision, id, expires);
    if subscription.auto_renewal.is_some() {
        renewal::schedule_first(case, decision, id, expires);
    }
    Ok(())
}

fn drop_phone(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &PhoneId,
    subscription: &Subscription,
) -> Result<(), Fault> {
    refund_periods(case, decision, id, subscription, |_| true)?;
    let what = UnsubscribeWhat::PhoneAndRenewals;
    decision
        .happen(by![r(9, 1), r(9, 11)], Unsubscribed { phone: id.clone(), what, expires: None });
    expiry::forget(case, decision, id);
    Ok(())
}

fn refund_periods(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &PhoneId,
    subscription: &Subscription,
    which: impl Fn(&Period) -> bool,
) -> Result<(), Fault> {
    for period in subscription.periods.iter().filter(|period| which(period)) {
        if period.to.boundary() <= case.now {
            continue;
        }
        let terms = terms_of(case, subscription, period);
        let (rules, sums, refund) = match terms {
            RefundTerms::Conditional => {
                let paid = &period.paid;
                let sums = conditional_refund(
                    case.params,
                    period.term,
                    period.from,
                    period.to,
                    case.now,
                    paid.paid()?,
                )?;
                (CONDITIONAL_RULES, sums, share_refund(paid, sums.refund)?)
            }
            RefundTerms::FiveDay => {
                (FIVE_DAY_RULES, RefundSums::full(paid_of(period)?), whole(case, &period.paid))
            }
            RefundTerms::NotStarted | RefundTerms::ProvisioningFailed => {
                (NOT_STARTED_RULES, RefundSums::full(paid_of(period)?), whole(case, &period.paid))
            }
        };
        decision.happen(rules, refunded(id, &period.order, terms, sums, refund));
    }
    Ok(())
}

fn paid_of(period: &Period) -> Result<Amount, MoneyError> {
    period.paid.paid()
}

fn refunded(
    phone: &PhoneId,
    order: &OrderId,
    terms: RefundTerms,
    sums: RefundSums,
    refund: Split,
) -> Refunded {
    let (phone, order) = (phone.clone(), order.clone());
    let RefundSums { used, total, consumed, fee, .. } = sums;
    Refunded { phone, order, terms, used, total, consumed, fee, refund }
}

/// The row of the table of scenarios for one period (R9.1).
fn terms_of(case: &Case<'_>, subscription: &Subscription, period: &Period) -> RefundTerms {
    if period.from > case.now {
        return RefundTerms::NotStarted;
    }
    // A renewal is not newly bought (R9.2): only the period that begins at the anchor is.
    let newly_bought = Anchor::at(period.from) == subscription.anchor
        && within_five_days(case.params, period.from, case.now);
    let quota_left = case.account.five_day_uses(case.now.day().year()) < case.params.five_day_quota;
    if case.params.five_day_right && newly_bought && quota_left {
        RefundTerms::FiveDay
    } else {
        RefundTerms::Conditional
    }
}

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
    /// Everything goes back.
    fn full(paid: Amount) -> Self {
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
fn whole(case: &Case<'_>, paid: &Split) -> Split {
    let mut refund = paid.clone();
    refund.coupons.retain(|part| {
        let coupon = case.account.coupons.get(&part.coupon);
        coupon.is_some_and(|coupon| coupon.valid_at(case.now))
    });
    refund
}

/// A partial refund in proportion to the money sources that paid; spare cents go to cash, and
/// vouchers are lost (R9.1).
fn share_refund(paid: &Split, refund: Amount) -> Result<Split, Fault> {
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

/// R1.13, R9.1: phones that could not be provisioned are paid back in full, each its share of what
/// `paid` their order.
pub(super) fn refund_unprovisioned(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &OrderId,
    order: &Order,
    paid: &Split,
    failed: &[PhoneId],
) -> Result<(), Fault> {
    for (place, phone) in order.phones.iter().enumerate() {
        if !failed.contains(phone) {
            continue;
        }
        let paid = payment::share(paid, order.phones.len(), place)?;
        let (sums, refund) = (RefundSums::full(paid.paid()?), whole(case, &paid));
        let event = refunded(phone, id, RefundTerms::ProvisioningFailed, sums, refund);
        decision.happen(by![r(9, 1), r(1, 13)], event);
    }
    Ok(())
}
