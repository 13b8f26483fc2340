//! Debt and what it does to phones charged by use (R8.1, R8.2, R8.5, R8.7), and topping up (R4.8).

use crate::decision::{Decided, Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{ArrearsCleared, ArrearsStarted, Event, Frozen, Released, ToppedUp, Unfrozen};
use crate::lifecycle::PhoneStatus;
use crate::money::Amount;
use crate::name::PhoneId;
use crate::rules::{Case, expiry, funds, lengths, living, r, usage};
use crate::state::{Arrears, FreezeCause, Phase, Split};
use crate::time::SimTime;

const READ_ARREARS: &[Read] = &[
    Read { rule: r(2, 8), name: "due_decimals" },
    Read { rule: r(2, 8), name: "due_decimals_jpy" },
    Read { rule: r(8, 2), name: "on_demand_grace_days" },
    Read { rule: r(8, 2), name: "on_demand_retention_days" },
    Read { rule: r(8, 4), name: "on_demand_accrues_in_retention" },
    Read { rule: r(8, 5), name: "zero_balance_is_arrears" },
    Read { rule: r(8, 7), name: "restores_at_zero" },
];

/// Whether debt blocks buying and renewing (R1.14, R8.5).
pub(super) fn in_arrears(case: &Case<'_>) -> bool {
    let exhausted = || case.account.available().is_ok_and(|available| !available.is_positive());
    let charged_out = case.params.zero_balance_is_arrears
        && !matches!(case.account.arrears, Arrears::None)
        && exhausted();
    case.account.in_arrears() || charged_out
}

/// R8.5: what a charge that was `paid` like this does to the account's standing.
#[inline(always)]
pub(super) fn after_charge(
    case: &Case<'_>,
    decision: &mut Decision,
    paid: &Split,
) -> Result<(), Fault> {
    // Who owes already has the grace of the older debt. A top-up to exactly zero ends that debt, though
    // it restores nothing (R8.7).
    if !matches!(case.account.arrears, Arrears::None) && in_arrears(case) {
        return Ok(());
    }
    if paid.debt.is_positive() || case.params.zero_balance_is_arrears {
        start(case, decision, paid)
    } else {
        Ok(())
    }
}

/// R8.5: an account that owes, or has nothing left where that counts as much, has its grace.
fn start(case: &Case<'_>, decision: &mut Decision, paid: &Split) -> Result<(), Fault> {
    // What coupons paid leaves the available amount as it was.
    let spent = paid.cash.plus(paid.credit)?.plus(paid.debt)?;
    let left = case.account.available()?.minus(spent)?;
    let exhausted = case.params.zero_balance_is_arrears && !left.is_positive();
    if !paid.debt.is_positive() && !exhausted {
        return Ok(());
    }
    decision.read = READ_ARREARS;
    let debt = case.account.debt().plus(paid.debt)?;
    let grace = lengths::on_demand_grace(case);
    let grace_until = case.now + grace;
    decision.happen(by![r(8, 5), r(8, 2), r(8, 1)], ArrearsStarted { debt, grace_until });
    if grace_until > case.now {
        decision.schedule(TimerKey::ArrearsGraceEnd, Window::exactly(grace_until));
    } else {
        freeze_all(case, decision);
    }
    Ok(())
}

fn freeze_all(case: &Case<'_>, decision: &mut Decision) {
    let retention = lengths::on_demand_retention(case);
    let retention_until = case.now + retention;
    let accrues = case.params.accrues_in_retention;
    let running =
        case.account.phones.iter().filter(|(_, phone)| {
            phone.metering().is_some() && phone.stage() == PhoneStatus::Active
        });
    for (id, _) in running {
        let (phone, cause) = (id.clone(), FreezeCause::Arrears);
        decision.happen(
            by![r(8, 1), r(8, 2), r(8, 3), r(8, 4)],
            Frozen { phone, cause, retention_until: Some(retention_until), accrues },
        );
    }
    let first = next_end(case).map_or(retention_until, |until| until.min(retention_until));
    decision.schedule(TimerKey::ArrearsRetentionEnd, Window::exactly(first));
}

/// Phones frozen for arrears, each with the end of its retention.
fn frozen<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a PhoneId, SimTime)> {
    case.account.phones.iter().filter_map(|(id, phone)| match phone.metering()?.phase {
        Phase::Frozen { until, .. } if phone.stage() == PhoneStatus::Frozen => Some((id, until)),
        Phase::Frozen { .. } | Phase::Grace { .. } | Phase::Active => None,
    })
}

/// When retention ends next. What public security holds may be overdue and waits for them (R8.8).
fn next_end(case: &Case<'_>) -> Option<SimTime> {
    frozen(case).map(|(_, until)| until).filter(|until| *until > case.now).min()
}

/// R8.1, R8.2: grace is over; phones charged by use are frozen.
pub(super) fn end_grace(case: &Case<'_>) -> Decision {
    let mut decision = Decision { read: READ_ARREARS, ..Decision::default() };
    freeze_all(case, &mut decision);
    decision
}

/// R8.1, R8.2: retention is over; phones frozen that long are released.
pub(super) fn end_retention(case: &Case<'_>) -> Decision {
    let mut decision = Decision { read: READ_ARREARS, ..Decision::default() };
    // What public security has frozen stays until they lift it (R8.8).
    let police = |id: &PhoneId| living(case, id).is_some_and(|phone| phone.details.holds.police);
    for (id, _) in frozen(case).filter(|(id, until)| *until <= case.now && !police(id)) {
        let (phone, cause) = (id.clone(), FreezeCause::Arrears);
        decision.happen(by![r(8, 1), r(8, 2)], Released { phone, cause });
        expiry::forget(case, &mut decision, id);
    }
    if let Some(next) = next_end(case) {
        decision.schedule(TimerKey::ArrearsRetentionEnd, Window::exactly(next));
    }
    decision
}

/// R4.8, R8.7: money pays debt first; what was frozen for it comes back once something is left.
pub(super) fn top_up(case: &Case<'_>, amount: Amount) -> Result<Decision, Fault> {
    let account = case.account;
    if !funds::is_payable(case, amount) {
        return Ok(Decision::refuse(Reason::OutOfRange, by![r(4, 8), r(2, 8)]));
    }
    let mut decision = Decision { read: READ_ARREARS, ..Decision::default() };
    let to_debt = account.debt().lesser(amount)?;
    let to_cash = amount.minus(to_debt)?;
    decision.happen(by![r(4, 8)], ToppedUp { amount, to_debt, to_cash });
    let debt_left = account.debt().minus(to_debt)?;
    after_payment(case, &mut decision, debt_left, account.available()?.plus(amount)?);
    Ok(decision)
}

/// R8.7: what money that came in does to the account's standing, with what is then owed and available.
pub(super) fn after_payment(
    case: &Case<'_>,
    decision: &mut Decision,
    debt_left: Amount,
    available: Amount,
) {
    let owes = debt_left.is_positive() || matches!(case.account.arrears, Arrears::None);
    // Where something is frozen, or zero counts as arrears, only more than zero will do.
    let frozen = !case.params.life.restores_at_zero && frozen(case).next().is_some();
    let zero_will_do = !case.params.zero_balance_is_arrears && !frozen;
    if !owes && (available.is_positive() || zero_will_do) {
        clear(case, decision);
    }
}

fn clear(case: &Case<'_>, decision: &mut Decision) {
    decision.happen(by![r(8, 7), r(8, 5)], ArrearsCleared {});
    decision.cancel(TimerKey::ArrearsGraceEnd);
    decision.cancel(TimerKey::ArrearsRetentionEnd);
    // What is deleted at this very instant does not come back.
    let deleted = |decided: &Decided| match &decided.event {
        Event::Deleted(e) => Some(e.phone.clone()),
        _ => None,
    };
    let deleted: Vec<PhoneId> = decision.events.iter().filter_map(deleted).collect();
    for (id, _) in frozen(case).filter(|(id, _)| !deleted.contains(id)) {
        let cause = FreezeCause::Arrears;
        decision.happen(by![r(8, 7)], Unfrozen { phone: id.clone(), cause });
        // A phone that somebody else has frozen too stays so (R8.8).
        if living(case, id).is_some_and(|phone| !phone.details.holds.any()) {
            usage::schedule_hours(case, decision, id);
        }
    }
}
