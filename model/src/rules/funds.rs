//! Money around the balance: transfers and withdrawals (R4.3, R4.8), what a month puts on the credit line
//! (R4.1), the balance alert (R4.7) and coupons as they are granted (R4.3, R4.4).

use crate::decision::{Decided, Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{
    AlertSet, BalanceAlert, CouponGranted, DiscountsSet, Event, MonthSettled, SettlementSet,
    TransferArrived, TransferSent, Withdrawn,
};
use crate::ledger::{Book, postings};
use crate::money::{Amount, Fraction, MoneyError, Rounding};
use crate::name::CouponId;
use crate::rules::{Case, arrears, r, usage};
use crate::state::{Alert, Coupon, CouponTerms, CouponWorth, Settlement, Split};
use crate::time::{BillingDay, SimDuration};

const READ_TRANSFER: &[Read] = &[
    Read { rule: r(2, 8), name: "due_decimals" },
    Read { rule: r(2, 8), name: "due_decimals_jpy" },
    Read { rule: r(4, 8), name: "transfer_lag_earliest" },
    Read { rule: r(4, 8), name: "transfer_lag_latest" },
];

const READ_ALERT: &[Read] =
    &[Read { rule: r(4, 7), name: "fires_at_threshold" }, Read { rule: r(4, 7), name: "days" }];

/// From one alert of a row to the next (R4.7).
const ALERT_EVERY: SimDuration = SimDuration::from_days(1);

const READ_CARD: &[Read] = &[Read { rule: r(4, 4), name: "card_validity_months" }];

/// R2.8: whether somebody can pay or be paid this: more than nothing, and no part of the smallest coin
/// in which an amount due is rounded.
pub(super) fn is_payable(case: &Case<'_>, amount: Amount) -> bool {
    let decimals = case.params.due_decimals(amount.currency());
    let same = amount.currency() == case.account.currency();
    same && amount.is_positive() && amount.rounded(Rounding::Truncate, decimals) == amount
}

/// R4.8: money sent by bank transfer arrives later, as a top-up.
pub(super) fn transfer(case: &Case<'_>, amount: Amount) -> Result<Decision, Fault> {
    if !is_payable(case, amount) {
        return Ok(Decision::refuse(Reason::OutOfRange, by![r(4, 8), r(2, 8)]));
    }
    let number = case.account.funds.transfers_sent.checked_add(1);
    let number = number.ok_or(Fault::Range("number of transfers"))?;
    let mut decision = Decision { read: READ_TRANSFER, ..Decision::default() };
    decision.happen(by![r(4, 8)], TransferSent { number, amount });
    decision.schedule(TimerKey::Transfer(number), case.params.payment.transfer_lag.after(case.now));
    Ok(decision)
}

/// R4.8: a transfer has arrived.
pub(super) fn arrive(case: &Case<'_>, number: u32) -> Result<Decision, Fault> {
    let Some(amount) = case.account.funds.transfers.get(&number) else {
        return Ok(Decision::default());
    };
    let mut decision = arrears::top_up(case, *amount)?;
    let event = Event::from(TransferArrived { number });
    decision.events.insert(0, Decided { event, rules: by![r(4, 8)] });
    Ok(decision)
}

/// R4.3: only cash can be taken out; coupons and credit cannot.
pub(super) fn withdraw(case: &Case<'_>, amount: Amount) -> Decision {
    if !is_payable(case, amount) {
        return Decision::refuse(Reason::OutOfRange, by![r(4, 3), r(2, 8)]);
    }
    if arrears::in_arrears(case) {
        return Decision::refuse(Reason::InArrears, by![r(1, 14), r(8, 5)]);
    }
    if !case.account.ledger.cash().covers(amount) {
        return Decision::refuse(Reason::BalanceTooLow, by![r(4, 3), r(4, 6)]);
    }
    let mut decision = Decision::default();
    decision.happen(by![r(4, 3), r(4, 6)], Withdrawn { amount });
    decision
}

/// R3.4: discounts hold for what is priced from now on.
pub(super) fn set_discounts(commercial: Fraction, partner: Fraction) -> Decision {
    let mut decision = Decision::default();
    decision.happen(by![r(3, 4)], DiscountsSet { commercial, partner });
    decision
}

/// R4.1: whether orders are paid at once or with the month.
pub(super) fn set_settlement(settlement: Settlement) -> Decision {
    let mut decision = Decision::default();
    decision.happen(by![r(4, 1)], SettlementSet { settlement });
    decision
}

/// R4.1: evens out what a month put on the credit line: from cash, and what that does not reach is owed.
pub(super) fn settle_month(case: &Case<'_>, cycle: BillingDay) -> Result<Decision, Fault> {
    let mut decision = Decision::default();
    let Some(put) = case.account.funds.on_month.get(&cycle) else { return Ok(decision) };
    // What was refunded meanwhile is not on the line any more.
    let used = case.account.ledger.credit().negated();
    let due = put.lesser(used.at_least_zero())?;
    let cash = case.account.ledger.cash().at_least_zero().lesser(due)?;
    let debt = due.minus(cash)?;
    decision.happen(by![r(4, 1), r(2, 5)], MonthSettled { cycle, due, cash, debt });
    let paid = Split { debt, ..Split::nothing(due.currency()) };
    arrears::after_charge(case, &mut decision, &paid)?;
    Ok(decision)
}

/// R4.1: whatever this decision puts on the credit line of an account that pays by the month is evened
/// out after the cycle.
fn watch_month(case: &Case<'_>, decision: &mut Decision) {
    if case.account.funds.settlement != Settlement::Monthly {
        return;
    }
    let on_credit =
        |decided: &Decided| decided.event.paid().is_some_and(|paid| paid.credit.is_positive());
    let cycle = case.now.day().anchored_months_later(0, 1);
    let known = case.account.funds.on_month.contains_key(&cycle);
    if !known && decision.events.iter().any(on_credit) {
        decision.schedule(TimerKey::SettleMonth(cycle), usage::month_charge(case, cycle));
    }
}

/// R4.7: asks for a balance alert; one that is low already is given at once.
pub(super) fn set_alert(case: &Case<'_>, threshold: Option<Amount>) -> Decision {
    let legal = |t: Amount| !t.is_negative() && t.currency() == case.account.currency();
    if !threshold.is_none_or(legal) {
        return Decision::refuse(Reason::OutOfRange, by![r(4, 7)]);
    }
    let at_threshold = case.params.payment.alert_at_threshold;
    let mut decision = Decision { read: READ_ALERT, ..Decision::default() };
    decision.happen(by![r(4, 7)], AlertSet { threshold, at_threshold });
    decision
}

/// What a decision brings with it: the settlement of its month, and an alert where it leaves too little.
pub(super) fn follow(case: &Case<'_>, decision: &mut Decision) -> Result<(), Fault> {
    // A refusal changes nothing: what time alone has done is told with the next event.
    if decision.refusal.is_some() {
        return Ok(());
    }
    watch_month(case, decision);
    let asked = decision.events.iter().find_map(|decided| match &decided.event {
        Event::AlertSet(e) => Some(e.threshold.map(|threshold| Alert {
            threshold,
            at_threshold: e.at_threshold,
            given: 0,
        })),
        _ => None,
    });
    let before = case.account.funds.alert;
    let alert = asked.unwrap_or(before);
    let repeats = case.params.payment.alert_days > 1;
    let left = match alert {
        Some(alert) if repeats || alert.given == 0 => left_after(case, decision)?,
        _ => Amount::zero(case.account.currency()),
    };
    let low = alert.filter(|alert| alert.is_low(left));
    // A row of alerts ends with the low balance that it is about, and with another threshold.
    let row = repeats && before.is_some_and(|alert| alert.given > 0);
    if row && (asked.is_some() || low.is_none()) {
        decision.cancel(TimerKey::BalanceAlert);
    }
    if let Some(alert) = low.filter(|alert| alert.given == 0) {
        warn(case, decision, alert, left);
    }
    Ok(())
}

/// R4.7: the next alert of a row.
fn warn(case: &Case<'_>, decision: &mut Decision, alert: Alert, left: Amount) {
    let (threshold, time) = (alert.threshold, alert.given.saturating_add(1));
    decision.happen(by![r(4, 7)], BalanceAlert { threshold, left, time });
    if time < case.params.payment.alert_days {
        let again = Window::exactly(case.now + ALERT_EVERY);
        decision.schedule(TimerKey::BalanceAlert, again);
    }
}

/// R4.7: an alert is repeated while the balance stays low.
pub(super) fn alert_again(case: &Case<'_>) -> Result<Decision, Fault> {
    let mut decision = Decision { read: READ_ALERT, ..Decision::default() };
    let given = case.account.funds.alert.filter(|alert| alert.given > 0);
    let left = case.account.watched(case.now)?;
    if let Some(alert) = given.filter(|alert| alert.is_low(left)) {
        warn(case, &mut decision, alert, left);
    }
    Ok(decision)
}

/// What a balance alert watches, once the events of a decision have happened.
fn left_after(case: &Case<'_>, decision: &Decision) -> Result<Amount, MoneyError> {
    let granted = |id: &CouponId| {
        decision.events.iter().find_map(|decided| match &decided.event {
            Event::CouponGranted(e) if e.coupon == *id => Some(e.terms.clone()),
            _ => None,
        })
    };
    let zero = Amount::zero(case.account.currency());
    let counts = |book: &Book| match book {
        Book::Cash | Book::Credit | Book::Debt => true,
        Book::Coupon(id) => {
            let new = || granted(id).map(|terms| Coupon { terms, balance: zero, used: false });
            let coupon = case.account.coupons.get(id).cloned().or_else(new);
            coupon.is_some_and(|c| c.counts_for_alert() && c.valid_at(case.now))
        }
        Book::Outside | Book::Deposit | Book::Granted | Book::Underway | Book::Revenue => false,
    };
    let mut left = case.account.watched(case.now)?;
    for moved in decision.events.iter().flat_map(|decided| postings(&decided.event)) {
        if counts(&moved.to) {
            left = left.plus(moved.amount)?;
        }
        if counts(&moved.from) {
            left = left.minus(moved.amount)?;
        }
    }
    Ok(left)
}

/// R4.1, R4.3, R4.4: gives the account a coupon. A card lasts its months from the day of its first use
/// on, whatever was wished.
pub(super) fn grant(case: &Case<'_>, coupon: &CouponId, terms: &CouponTerms) -> Decision {
    if case.account.coupons.contains_key(coupon) {
        return Decision::refuse(Reason::CouponExists(coupon.clone()), by![r(4, 1)]);
    }
    let currency = case.account.currency();
    let legal = match terms.worth.money() {
        Some((_, amount)) => is_payable(case, amount),
        None => true,
    };
    let minimum = terms.limits.as_ref().and_then(|limits| limits.minimum);
    let minimum_legal = minimum.is_none_or(|least| least.currency() == currency);
    if !legal || !minimum_legal || terms.valid_until <= terms.valid_from {
        return Decision::refuse(Reason::OutOfRange, by![r(4, 3), r(2, 8)]);
    }
    let mut decision = Decision::default();
    let (coupon, mut terms) = (coupon.clone(), terms.clone());
    if let CouponWorth::Card(_) = terms.worth {
        let first = terms.valid_from.day();
        let last =
            first.anchored_months_later(case.params.payment.card_months, first.day_of_month());
        terms.valid_until = terms.valid_until.min(last.end());
        decision.read = READ_CARD;
        decision.happen(by![r(4, 4), r(4, 1)], CouponGranted { coupon, terms });
    } else {
        decision.happen(by![r(4, 1), r(4, 3)], CouponGranted { coupon, terms });
    }
    decision
}
