//! Where the money of a refund goes, and when (R9.10); and the debt that it pays (R4.8, R8.7).

use crate::decision::{Decision, Fault, TimerKey, Window};
use crate::event::{DebtPaid, Event, RefundArrived, RefundTo};
use crate::money::Amount;
use crate::name::PhoneId;
use crate::rules::{Case, RefundDestination, arrears, r};
use crate::state::{Mark, Split};
use crate::time::{SimDuration, SimTime};

/// R9.10: to the cash account, at once or later; to the partner who paid; or back the way it came.
pub(super) fn destination(case: &Case<'_>, phone: &PhoneId) -> RefundTo {
    let params = &case.params.refunds;
    if case.account.returns.marks_of(phone).contains(&Mark::PaidByPartner) {
        return RefundTo::Partner;
    }
    match params.destination {
        RefundDestination::OriginalMethod => RefundTo::OriginalMethod,
        RefundDestination::CashAccount if params.delay > SimDuration::ZERO => {
            RefundTo::CashLater { arrives: case.now + params.delay }
        }
        RefundDestination::CashAccount => RefundTo::Cash,
    }
}

/// R9.10: what was paid on credit goes back to the line as far as it is still drawn; the customer has
/// evened out the rest with the month (R4.1), and gets it as cash.
pub(in crate::rules) fn to_the_line<'s>(
    case: &Case<'_>,
    refunds: impl Iterator<Item = &'s mut Split>,
) -> Result<(), Fault> {
    let mut drawn = case.account.ledger.credit().negated();
    for refund in refunds {
        let credit = refund.credit.lesser(drawn)?;
        refund.cash = refund.cash.plus(refund.credit)?.minus(credit)?;
        refund.credit = credit;
        drawn = drawn.minus(credit)?;
    }
    Ok(())
}

/// Sets the timers of what arrives later, and lets what arrives now pay debt: once, after every refund
/// of a decision.
pub(in crate::rules) fn settle(case: &Case<'_>, decision: &mut Decision) -> Result<(), Fault> {
    let refunds = decision.events.iter_mut().filter_map(|decided| match &mut decided.event {
        Event::Refunded(e) => Some(&mut e.refund),
        _ => None,
    });
    to_the_line(case, refunds)?;
    let zero = Amount::zero(case.account.currency());
    let (mut cash, mut credit) = (zero, zero);
    let mut later = None;
    for decided in &decision.events {
        let Event::Refunded(e) = &decided.event else { continue };
        credit = credit.plus(e.refund.credit)?;
        match e.to {
            RefundTo::Cash => cash = cash.plus(e.refund.cash)?,
            RefundTo::CashLater { arrives } => later = Some(arrives),
            RefundTo::Partner | RefundTo::OriginalMethod => {}
        }
    }
    if let Some(arrives) = later {
        decision.schedule(TimerKey::RefundArrives(arrives), Window::exactly(arrives));
    }
    debt_first(case, decision, cash, credit)
}

/// R9.10: money that was under way arrives.
pub(in crate::rules) fn arrive(case: &Case<'_>, arrives: SimTime) -> Result<Decision, Fault> {
    let mut decision = Decision::default();
    let Some(amount) = case.account.returns.underway.get(&arrives).copied() else {
        return Ok(decision);
    };
    decision.happen(by![r(9, 10)], RefundArrived { amount, arrives });
    pay_debt(case, &mut decision, amount)?;
    Ok(decision)
}

/// R4.8, R8.7: cash that this decision brings in pays debt first.
pub(in crate::rules) fn pay_debt(
    case: &Case<'_>,
    decision: &mut Decision,
    cash: Amount,
) -> Result<(), Fault> {
    if !cash.is_positive() {
        return Ok(());
    }
    debt_first(case, decision, cash, Amount::zero(cash.currency()))
}

/// R4.8, R8.7: what comes in pays debt first, as a top-up does, and restores what was frozen for it.
fn debt_first(
    case: &Case<'_>,
    decision: &mut Decision,
    cash: Amount,
    credit: Amount,
) -> Result<(), Fault> {
    let account = case.account;
    let held = account.ledger.cash().at_least_zero().plus(cash)?;
    let paid = account.debt().lesser(held)?;
    if paid.is_positive() {
        decision.happen(by![r(8, 7), r(4, 8), r(9, 10)], DebtPaid { amount: paid });
    }
    if cash.plus(credit)?.is_positive() {
        let available = account.available()?.plus(cash)?.plus(credit)?;
        let owed = account.debt().minus(paid)?;
        arrears::after_payment(case, decision, owed, available);
    }
    Ok(())
}
