//! Phones charged by use (R2): creation and deletion, the clock hour, its price and its deduction.
//!
//! Nothing is decided as often as an hour: what its settlement goes through is one path for the compiler.

use crate::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{
    Created, Deleted, DepositFrozen, DepositReleased, ErasedCollected, ErasedKept, Event, Metered,
    MonthCharged, Settled, UsePaused, UseResumed,
};
use crate::lifecycle::{PhoneStatus, PhoneTrigger};
use crate::money::{Amount, Factor, Fraction, MoneyError};
use crate::name::{PhoneId, SizeId};
use crate::rulebook::RuleId;
use crate::rules::payment::UseToPay;
use crate::rules::{
    Case, DeductionMode, Lag, Params, access, arrears, expiry, living, p, payment, product, r,
    refund, unusable,
};
use crate::state::{Metering, Phone, Power, Split, Usage};
use crate::time::{BillingDay, SimDuration, SimTime};

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

const READ_CREATE: &[Read] = &[
    Read { rule: r(2, 5), name: "deduction_lag_earliest" },
    Read { rule: r(2, 5), name: "deduction_lag_latest" },
    Read { rule: r(2, 13), name: "deposit" },
    Read { rule: r(2, 13), name: "balance_to_create" },
];

/// R2.2, R2.13, R2.16: an on-demand phone is charged from its successful creation.
pub(super) fn create(case: &Case<'_>, phone: &PhoneId, size: &SizeId) -> Result<Decision, Fault> {
    if case.account.phones.contains_key(phone) {
        return Ok(Decision::refuse(Reason::PhoneExists(phone.clone()), by![r(2, 2)]));
    }
    if let Some((reason, rules)) =
        product::too_many(case, 1).or_else(|| product::buyer_barred(case))
    {
        return Ok(Decision::refuse(reason, rules));
    }
    if arrears::in_arrears(case) {
        return Ok(Decision::refuse(Reason::InArrears, by![r(8, 5)]));
    }
    if case.rules.catalogue().is_industry(size) {
        return Ok(Decision::refuse(Reason::NotSold(size.clone()), by![r(2, 16)]));
    }
    if let Some((reason, rules)) = product::offer_barred(case, size, true) {
        return Ok(Decision::refuse(reason, rules));
    }
    let Some(unit_price) = case.rules.catalogue().hour(size) else {
        return Ok(Decision::refuse(Reason::NotSold(size.clone()), by![r(2, 4)]));
    };
    let currency = case.account.currency();
    let deposit = Amount::of(case.params.on_demand.deposit, currency)?;
    let least = Amount::of(case.params.on_demand.balance_to_create, currency)?;
    let poor = least.is_positive() && !case.account.available()?.covers(least);
    if poor || (deposit.is_positive() && !case.account.ledger.cash().covers(deposit)) {
        return Ok(Decision::refuse(Reason::BalanceTooLow, by![r(2, 13)]));
    }
    let mut decision = Decision { read: READ_CREATE, ..Decision::default() };
    let (size, place) = (size.clone(), product::place(case));
    let rules: &[RuleId] =
        if place.is_some() { by![r(2, 2), p(1, 2), p(1, 6)] } else { by![r(2, 2), p(1, 2)] };
    decision.happen(rules, Created { phone: phone.clone(), size, place, unit_price });
    if deposit.is_positive() {
        let phone = phone.clone();
        decision.happen(by![r(2, 13)], DepositFrozen { phone, amount: deposit });
    }
    schedule_hours(case, &mut decision, phone);
    Ok(decision)
}

/// R2.13: gives the deposit of a phone back; answers how much it was.
#[inline(always)]
fn release_deposit(case: &Case<'_>, decision: &mut Decision, id: &PhoneId) -> Amount {
    // Most accounts have none.
    if case.account.funds.deposits.is_empty() {
        return Amount::zero(case.account.currency());
    }
    let Some(amount) = case.account.funds.deposits.get(id).copied() else {
        return Amount::zero(case.account.currency());
    };
    decision.happen(by![r(2, 13)], DepositReleased { phone: id.clone(), amount });
    amount
}

const READ_POWER: &[Read] = &[Read { rule: r(2, 6), name: "powered_off_is_billed" }];

/// R2.6: where a phone that is switched off costs nothing, its use stops and goes on with its power.
pub(super) fn follow_power(case: &Case<'_>, decision: &mut Decision) {
    if case.params.on_demand.powered_off_is_billed {
        return;
    }
    let switched = |event: &Event| match event {
        Event::PowerSet(e) => Some((e.phone.clone(), e.to)),
        _ => None,
    };
    let switched: Vec<_> = decision.events.iter().filter_map(|d| switched(&d.event)).collect();
    for (phone, to) in switched {
        decision.read = READ_POWER;
        let Some(metering) = case.account.metering(&phone) else { continue };
        match (to, metering.paused) {
            (Power::Off, false) => decision.happen(by![r(2, 6)], UsePaused { phone }),
            (Power::On, true) => {
                decision.happen(by![r(2, 6)], UseResumed { phone: phone.clone() });
                schedule_hours(case, decision, &phone);
            }
            (Power::Off, true) | (Power::On, false) => {}
        }
    }
}

/// R2.2, R2.14, R8.8: deletion stops the charge; it is allowed while frozen for arrears.
pub(super) fn delete(case: &Case<'_>, id: &PhoneId) -> Result<Decision, Fault> {
    let Some(phone) = living(case, id) else {
        return Ok(Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(2, 2)]));
    };
    if phone.metering().is_none() {
        return Ok(Decision::refuse(Reason::Subscribed, by![r(2, 14), p(1, 10)]));
    }
    if let Some(reason) = unusable(case, phone, PhoneTrigger::Delete, id) {
        return Ok(Decision::refuse(reason, by![r(2, 2)]));
    }
    if let Some((reason, rules)) = access::police(phone) {
        return Ok(Decision::refuse(reason, rules));
    }
    let mut decision = Decision::default();
    let frozen = phone.status() == PhoneStatus::Frozen;
    let rules: &[RuleId] = if frozen { by![r(2, 2), r(8, 8)] } else { by![r(2, 2)] };
    decision.happen(rules, Deleted { phone: id.clone() });
    let released = release_deposit(case, &mut decision, id);
    expiry::forget(case, &mut decision, id);
    refund::pay_debt(case, &mut decision, released)?;
    Ok(decision)
}

pub(super) const HOUR: SimDuration = SimDuration::from_hours(1);

/// Hours whose windows of deduction can be open together, so that each needs its own timer (R2.5).
fn hours_open_together(params: &Params) -> i64 {
    let Lag { earliest, latest, .. } = params.deduction_lag;
    (latest.as_nanos() - earliest.as_nanos()).div_euclid(HOUR.as_nanos()) + 1
}

/// From an hour that is settled to the one whose timer is set then (R2.5).
#[inline(always)]
pub(super) fn ahead(params: &Params) -> SimDuration {
    SimDuration::from_hours(hours_open_together(params))
}

/// Sets the timers of the clock hours from now on, for use that begins now.
pub(super) fn schedule_hours(case: &Case<'_>, decision: &mut Decision, id: &PhoneId) {
    let mut hour = case.now.floor_to_hour();
    for _ in 0..hours_open_together(case.params) {
        schedule_hour(case, decision, id, hour);
        hour = hour + HOUR;
    }
}

/// When the clock hour that begins at `hour` is deducted, seen from `now` (R2.5).
#[inline(always)]
pub(super) fn deducted(params: &Params, hour: SimTime, now: SimTime) -> Window {
    params.deduction_lag.after(hour + HOUR).from_now(now)
}

/// Sets the timer of the clock hour that begins at `hour` (R2.5).
#[inline(always)]
fn schedule_hour(case: &Case<'_>, decision: &mut Decision, id: &PhoneId, hour: SimTime) {
    decision.schedule(TimerKey::Settle(id.clone(), hour), deducted(case.params, hour, case.now));
}

/// Use in the clock hour that begins at `hour`: its first instant, its end, and its whole seconds;
/// `None` if the hour was not touched.
pub fn use_in_hour(unsettled: &[Usage], hour: SimTime) -> Option<(SimTime, SimTime, u32)> {
    let end = hour + HOUR;
    let mut touched = None;
    let mut used_ns = 0;
    for usage in unsettled {
        let from = usage.from.max(hour);
        let to = usage.to.map_or(end, |to| to.min(end));
        // A stretch without length, begun and ended in one second, touches its hour too.
        let inside = from < end && (from < to || usage.to == Some(usage.from) && from == to);
        if inside {
            used_ns += (to - from).as_nanos();
            touched = Some((touched.map_or(from, |(first, _)| first), to));
        }
    }
    let (from, to) = touched?;
    let seconds = u32::try_from(SimDuration::from_nanos(used_ns).floor_secs()).ok()?;
    Some((from, to, seconds))
}

/// The clock hours that one stretch of use touches, each with its whole seconds (R2.1, R2.3).
pub fn clock_hours(from: SimTime, to: SimTime) -> Vec<(SimTime, SimTime, u32)> {
    let (from, to) = (from.floor_to_second(), to.floor_to_second());
    let usage = [Usage { from, to: Some(to) }];
    let hours = std::iter::successors(Some(from.floor_to_hour()), |hour| Some(*hour + HOUR));
    let touched = hours.take_while(|hour| *hour < to || *hour <= from);
    touched.filter_map(|hour| use_in_hour(&usage, hour)).collect()
}

/// Usage in hours, truncated (R2.7).
#[inline(always)]
pub fn usage_hours(params: &Params, seconds: u32) -> Result<Factor, MoneyError> {
    Factor::ratio(seconds, SECONDS_PER_HOUR, params.usage_decimals).ok_or(MoneyError::Overflow)
}

/// The list price of `seconds` of use and what the commercial discount takes off (R2.4, R2.7).
#[inline(always)]
pub fn price(
    params: &Params,
    unit_price: Amount,
    discount: Fraction,
    seconds: u32,
) -> Result<(Amount, Amount), MoneyError> {
    let (rounding, decimals) = (params.fee_rounding, params.fee_decimals);
    let official = unit_price.scaled(usage_hours(params, seconds)?, rounding, decimals)?;
    Ok((official, official.scaled(discount.factor(), rounding, decimals)?))
}

/// What is due for `net`, and what rounding takes off it (R2.8).
#[inline(always)]
pub fn due(params: &Params, net: Amount) -> Result<(Amount, Amount), MoneyError> {
    let due = net.rounded(params.due_rounding, params.due_decimals(net.currency()));
    Ok((due, net.minus(due)?))
}

/// The first day of the bill cycle of a record that ends at `end`: the month of its last second (R11.4).
pub fn cycle_of(end: SimTime) -> BillingDay {
    last_second(end).day().anchored_months_later(0, 1)
}

fn last_second(end: SimTime) -> SimTime {
    end - SimDuration::from_secs(1)
}

/// R2.3 to R2.8: the use of one clock hour becomes a bill record.
pub(super) fn settle(
    case: &Case<'_>,
    id: &PhoneId,
    hour: SimTime,
    decision: &mut Decision,
) -> Result<(), Fault> {
    decision.read = READ_SETTLE;
    let Some(phone) = case.account.phones.get(id) else { return Ok(()) };
    let Some(metering) = phone.metered() else { return Ok(()) };
    let Some(used) = use_in_hour(&metering.unsettled, hour) else { return Ok(()) };
    match case.params.deduction_mode {
        DeductionMode::Hourly => charge_hour(case, decision, (id, phone), metering, used)?,
        DeductionMode::Monthly => meter_hour(case, decision, id, metering, used)?,
    }
    let goes_on = metering.unsettled.last().is_some_and(|usage| usage.to.is_none());
    if goes_on {
        schedule_hour(case, decision, id, hour + ahead(case.params));
    }
    Ok(())
}

/// First instant, end and whole seconds of use.
type Used = (SimTime, SimTime, u32);

fn charge_hour(
    case: &Case<'_>,
    decision: &mut Decision,
    (id, phone): (&PhoneId, &Phone),
    metering: &Metering,
    (from, to, seconds): Used,
) -> Result<(), Fault> {
    let (discount, _) = case.account.best_discount();
    let (official, discount) = price(case.params, metering.unit_price, discount, seconds)?;
    let (due, erased) = due(case.params, official.minus(discount)?)?;
    let released = release_deposit(case, decision, id);
    let discounted = discount.is_positive();
    let to_pay = UseToPay { due, used_at: from, of: Some(phone), discounted, released };
    let paid = payment::pay_usage(case, &to_pay)?;
    let (cash, credit, debt) = (paid.cash.minus(released)?, paid.credit, paid.debt);
    // What coupons paid does not bear on arrears.
    let spent = Split { cash, credit, debt, coupons: Vec::new() };
    let phone = id.clone();
    decision.happen(
        settled_by(case.now, due, to),
        Settled { phone, from, to, seconds, official, discount, erased, due, paid },
    );
    keep_erased(case, decision, to, erased);
    arrears::after_charge(case, decision, &spent)?;
    refund::pay_debt(case, decision, cash.negated().at_least_zero())
}

fn meter_hour(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &PhoneId,
    metering: &Metering,
    (from, to, seconds): Used,
) -> Result<(), Fault> {
    let (discount, _) = case.account.best_discount();
    let (official, discount) = price(case.params, metering.unit_price, discount, seconds)?;
    let released = release_deposit(case, decision, id);
    refund::pay_debt(case, decision, released)?;
    let cycle = cycle_of(to);
    if !case.account.unbilled.contains_key(&cycle) {
        decision.schedule(TimerKey::MonthCharge(cycle), month_charge(case, cycle));
    }
    let phone = id.clone();
    decision.happen(
        by![r(2, 3), r(2, 1), r(2, 4), r(2, 5), r(2, 7), r(2, 12), r(11, 4)],
        Metered { phone, from, to, seconds, official, discount },
    );
    Ok(())
}

/// The rules of an hourly record; one that is due nothing exists by R2.11, and one that is charged in
/// another month than it was used in belongs to that of its use by R2.12.
#[inline(always)]
pub(super) fn settled_by(now: SimTime, due: Amount, to: SimTime) -> &'static [RuleId] {
    // Most are charged on the day of their use, for which no calendar is needed.
    let used = last_second(to);
    let late = !used.is_on_day_of(now) && !used.day().is_in_month_of(now.day());
    match (due.is_zero(), late) {
        (true, false) => by![r(2, 5), r(2, 1), r(2, 3), r(2, 4), r(2, 7), r(2, 8), r(2, 11)],
        (true, true) => {
            by![r(2, 5), r(2, 1), r(2, 3), r(2, 4), r(2, 7), r(2, 8), r(2, 11), r(2, 12)]
        }
        (false, false) => by![r(2, 5), r(2, 1), r(2, 3), r(2, 4), r(2, 7), r(2, 8), r(4, 2)],
        (false, true) => {
            by![r(2, 5), r(2, 1), r(2, 3), r(2, 4), r(2, 7), r(2, 8), r(4, 2), r(2, 12)]
        }
    }
}

const READ_ERASED: &[Read] = &[
    Read { rule: r(2, 9), name: "erased_is_collected" },
    Read { rule: r(2, 5), name: "monthly_charge_day" },
    Read { rule: r(2, 5), name: "monthly_charge_time" },
];

/// R2.9: where erased decimals are collected, those of a record are kept for the end of its month.
fn keep_erased(case: &Case<'_>, decision: &mut Decision, to: SimTime, erased: Amount) {
    if !case.params.on_demand.erased_is_collected || erased.is_zero() {
        return;
    }
    let cycle = cycle_of(to);
    decision.happen(by![r(2, 9)], ErasedKept { cycle, erased });
    if !case.account.funds.erased.contains_key(&cycle) {
        decision.schedule(TimerKey::CollectErased(cycle), month_charge(case, cycle));
    }
}

/// R2.9: what a month has erased is charged in one sum, as far as it can be paid; the rest is gone.
pub(super) fn collect_erased(case: &Case<'_>, cycle: BillingDay) -> Result<Decision, Fault> {
    let mut decision = Decision { read: READ_ERASED, ..Decision::default() };
    let Some(total) = case.account.funds.erased.get(&cycle).copied() else { return Ok(decision) };
    // Records that were rounded up may outweigh the others; nothing is paid back for that.
    let due = due(case.params, total)?.0.at_least_zero();
    let erased = total.minus(due)?;
    let paid = payment::pay_usage(case, &month_to_pay(case, due, cycle))?;
    let split = paid.clone();
    let collected = ErasedCollected { cycle, total, erased, due, paid };
    decision.happen(by![r(2, 9), r(2, 8), r(11, 1)], collected);
    arrears::after_charge(case, &mut decision, &split)?;
    Ok(decision)
}

/// A charge for a whole month, of phones of any size.
fn month_to_pay<'a>(case: &Case<'_>, due: Amount, cycle: BillingDay) -> UseToPay<'a> {
    let used_at = cycle.anchored_months_later(1, 1).start() - SimDuration::from_secs(1);
    let released = Amount::zero(case.account.currency());
    UseToPay { due, used_at, of: None, discounted: false, released }
}

/// When a month's usage is charged: on a day of the next month, from an hour of it on (R2.5).
pub(super) fn month_charge(case: &Case<'_>, cycle: BillingDay) -> Window {
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
    let paid = payment::pay_usage(case, &month_to_pay(case, due, cycle))?;
    let split = paid.clone();
    decision
        .happen(by![r(2, 5), r(2, 8), r(4, 2)], MonthCharged { cycle, total, erased, due, paid });
    arrears::after_charge(case, &mut decision, &split)?;
    Ok(decision)
}
