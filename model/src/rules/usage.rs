//! Phones charged by use (R2): creation and deletion, the clock hour, its price and its deduction.

use crate::apply::cut_hour;
use crate::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{Created, Deleted, Metered, MonthCharged, Settled};
use crate::lifecycle::PhoneTrigger;
use crate::money::{Amount, Fraction, MoneyError};
use crate::name::{PhoneId, SizeId};
use crate::rules::{Case, DeductionMode, Params, arrears, payment, r, unusable};
use crate::state::{Metering, Usage};
use crate::time::{BillingDay, SimDuration, SimTime};
use rust_decimal::Decimal;

const SECONDS_PER_HOUR: u32 = 3600;

const READ_SETTLE: &[Read] = &[
    Read { rule: r(2, 5), name: "deduction_lag_earliest" },
    Read { rule: r(2, 5), name: "deduction_lag_latest" },
    Read { rule: r(2, 5), name: "deduction_mode" },
    Read { rule: r(2, 7), name: "usage_decimals" },
    Read { rule: r(2, 7), name: "fee_decimals" },
    Read { rule: r(2, 8), name: "due_decimals" },
    Read { rule: r(2, 8), name: "due_rounding" },
];

/// R2.2, R2.16: an on-demand phone is charged from its successful creation.
pub(super) fn create(case: &Case<'_>, phone: &PhoneId, size: &SizeId) -> Decision {
    if case.account.phones.contains_key(phone) {
        return Decision::refuse(Reason::PhoneExists(phone.clone()), by![r(2, 2)]);
    }
    if arrears::in_arrears(case) {
        return Decision::refuse(Reason::InArrears, by![r(8, 5)]);
    }
    let Some(unit_price) = case.rules.catalogue().hour(size) else {
        return Decision::refuse(Reason::NotSold(size.clone()), by![r(2, 4)]);
    };
    let mut decision = Decision { read: READ_SETTLE, ..Decision::default() };
    let (key, size) = (TimerKey::Settle(phone.clone()), size.clone());
    decision.happen(by![r(2, 2)], Created { phone: phone.clone(), size, unit_price });
    decision.schedule(key, settlement_of(case, case.now));
    decision
}

/// R2.2, R2.14, R8.8: deletion stops the charge; it is allowed while frozen for arrears.
pub(super) fn delete(case: &Case<'_>, id: &PhoneId) -> Decision {
    let Some(phone) = case.account.phones.get(id) else {
        return Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(2, 2)]);
    };
    if phone.metering().is_none() {
        return Decision::refuse(Reason::Subscribed, by![r(2, 14)]);
    }
    if let Some(reason) = unusable(phone, PhoneTrigger::Delete, id) {
        return Decision::refuse(reason, by![r(2, 2)]);
    }
    let mut decision = Decision::default();
    decision.happen(by![r(2, 2)], Deleted { phone: id.clone() });
    decision
}

/// When the clock hour that holds `used_at` may be deducted (R2.5).
pub(super) fn settlement_of(case: &Case<'_>, used_at: SimTime) -> Window {
    let hour_end = used_at.floor_to_hour() + SimDuration::from_hours(1);
    case.params.deduction_lag.after(hour_end).from_now(case.now)
}

/// The oldest clock hour of unsettled use: where use begins and ends in it, and its whole seconds.
pub fn oldest_hour(unsettled: &[Usage]) -> Option<(SimTime, SimTime, u32)> {
    let from = unsettled.first()?.from;
    let hour_end = from.floor_to_hour() + SimDuration::from_hours(1);
    let mut to = from;
    let mut used = SimDuration::ZERO;
    for usage in unsettled.iter().take_while(|usage| usage.from < hour_end) {
        let end = usage.to.map_or(hour_end, |end| end.min(hour_end));
        used = SimDuration::from_nanos(used.as_nanos() + (end - usage.from).as_nanos());
        to = end;
    }
    // An hour has at most 3600 seconds.
    u32::try_from(used.floor_secs()).ok().map(|seconds| (from, to, seconds))
}

/// The clock hours that one stretch of use touches, each with its whole seconds (R2.1, R2.3).
pub fn clock_hours(from: SimTime, to: SimTime) -> Vec<(SimTime, SimTime, u32)> {
    let (from, to) = (from.floor_to_second(), to.floor_to_second());
    let mut unsettled = vec![Usage { from, to: Some(to) }];
    let mut hours = Vec::new();
    while let Some(hour) = oldest_hour(&unsettled) {
        hours.push(hour);
        cut_hour(&mut unsettled, hour.0);
    }
    hours
}

/// Usage in hours, truncated (R2.7).
pub fn usage_hours(params: &Params, seconds: u32) -> Decimal {
    let hours = Decimal::from(seconds) / Decimal::from(SECONDS_PER_HOUR);
    crate::money::Rounding::Truncate.apply(hours, params.usage_decimals)
}

/// The list price of `seconds` of use and what the commercial discount takes off (R2.4, R2.7).
pub fn price(
    params: &Params,
    unit_price: Amount,
    discount: Fraction,
    seconds: u32,
) -> Result<(Amount, Amount), MoneyError> {
    let fee = |amount: Amount| amount.rounded(params.fee_rounding, params.fee_decimals);
    let official = fee(unit_price.times(usage_hours(params, seconds))?);
    Ok((official, fee(official.times(discount.value())?)))
}

/// What is due for `net`, and what rounding takes off it (R2.8).
pub fn due(params: &Params, net: Amount) -> Result<(Amount, Amount), MoneyError> {
    let due = net.rounded(params.due_rounding, params.due_decimals(net.currency()));
    Ok((due, net.minus(due)?))
}

/// The first day of the bill cycle of a record that ends at `end`: the month of its last second (R11.4).
pub fn cycle_of(end: SimTime) -> BillingDay {
    let day = (end - SimDuration::from_secs(1)).day();
    BillingDay::new(day.year(), day.month(), 1).unwrap_or(day)
}

/// R2.3 to R2.8: the oldest unsettled clock hour becomes a bill record.
pub(super) fn settle(case: &Case<'_>, id: &PhoneId) -> Result<Decision, Fault> {
    let mut decision = Decision { read: READ_SETTLE, ..Decision::default() };
    let Some(metering) = case.account.metering(id) else { return Ok(decision) };
    let Some((from, to, seconds)) = oldest_hour(&metering.unsettled) else { return Ok(decision) };
    let discount = case.account.discount;
    let (official, discount) = price(case.params, metering.unit_price, discount, seconds)?;
    let phone = id.clone();
    match case.params.deduction_mode {
        DeductionMode::Hourly => {
            let (due, erased) = due(case.params, official.minus(discount)?)?;
            let paid = payment::pay_usage(case, due, from)?;
            let owed = paid.debt;
            decision.happen(
                by![r(2, 5), r(2, 1), r(2, 3), r(2, 4), r(2, 7), r(2, 8), r(4, 2)],
                Settled { phone, from, to, seconds, official, discount, erased, due, paid },
            );
            arrears::after_charge(case, &mut decision, due, owed)?;
        }
        DeductionMode::Monthly => {
            let cycle = cycle_of(to);
            if !case.account.unbilled.contains_key(&cycle) {
                decision.schedule(TimerKey::MonthCharge(cycle), month_charge(case, cycle));
            }
            decision.happen(
                by![r(2, 3), r(2, 1), r(2, 4), r(2, 5), r(2, 7)],
                Metered { phone, from, to, seconds, official, discount },
            );
        }
    }
    schedule_next(case, &mut decision, id, metering, from);
    Ok(decision)
}

fn schedule_next(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &PhoneId,
    metering: &Metering,
    settled: SimTime,
) {
    let mut unsettled = metering.unsettled.clone();
    cut_hour(&mut unsettled, settled);
    if let Some(next) = unsettled.first() {
        decision.schedule(TimerKey::Settle(id.clone()), settlement_of(case, next.from));
    }
}

/// When a month's usage is charged: on a day of the next month, from an hour of it on (R2.5).
fn month_charge(case: &Case<'_>, cycle: BillingDay) -> Window {
    let day = cycle.anchored_months_later(1, case.params.monthly_charge_day);
    let default = case.params.monthly_charge_time.on(day);
    let latest = day.end() - SimDuration::from_nanos(1);
    Window { earliest: day.start(), default, latest }.from_now(case.now)
}

/// R2.5, R2.8 (international): a month's records are added at eight decimals and rounded once.
pub(super) fn charge_month(case: &Case<'_>, cycle: BillingDay) -> Result<Decision, Fault> {
    let mut decision = Decision { read: READ_SETTLE, ..Decision::default() };
    let Some(total) = case.account.unbilled.get(&cycle).copied() else { return Ok(decision) };
    let (due, erased) = due(case.params, total)?;
    let last_use = cycle.anchored_months_later(1, 1).start() - SimDuration::from_secs(1);
    let paid = payment::pay_usage(case, due, last_use)?;
    let owed = paid.debt;
    decision
        .happen(by![r(2, 5), r(2, 8), r(4, 2)], MonthCharged { cycle, total, erased, due, paid });
    arrears::after_charge(case, &mut decision, due, owed)?;
    Ok(decision)
}
