//! Debt and what it does to phones charged by use (R8.1, R8.2, R8.5, R8.7), and topping up (R4.8).

use crate::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{ArrearsCleared, ArrearsStarted, Frozen, Released, ToppedUp, Unfrozen};
use crate::lifecycle::PhoneStatus;
use crate::money::Amount;
use crate::name::PhoneId;
use crate::rules::{Case, Params, r, usage};
use crate::state::{Arrears, FreezeCause};

const READ_ARREARS: &[Read] = &[
    Read { rule: r(8, 2), name: "on_demand_grace_days" },
    Read { rule: r(8, 2), name: "on_demand_retention_days" },
    Read { rule: r(8, 4), name: "on_demand_accrues_in_retention" },
    Read { rule: r(8, 5), name: "zero_balance_is_arrears" },
];

/// Whether debt blocks buying and renewing (R1.14, R8.5).
pub(super) fn in_arrears(case: &Case<'_>) -> bool {
    let exhausted = || case.account.available().is_ok_and(|available| !available.is_positive());
    let charged_out = case.params.zero_balance_is_arrears
        && !matches!(case.account.arrears, Arrears::None)
        && exhausted();
    case.account.in_arrears() || charged_out
}

/// R8.5: what a charge of `due`, of which `owed` was not paid, does to the account's standing.
pub(super) fn after_charge(
    case: &Case<'_>,
    decision: &mut Decision,
    due: Amount,
    owed: Amount,
) -> Result<(), Fault> {
    if !matches!(case.account.arrears, Arrears::None) {
        return Ok(());
    }
    let left = case.account.available()?.minus(due)?;
    let exhausted = case.params.zero_balance_is_arrears && !left.is_positive();
    if !owed.is_positive() && !exhausted {
        return Ok(());
    }
    decision.read = READ_ARREARS;
    let debt = case.account.debt().plus(owed)?;
    let grace = Params::days_of(&case.params.on_demand_grace_days, case.account.tier);
    let grace_until = case.now + grace;
    decision.happen(by![r(8, 5), r(8, 2), r(8, 1)], ArrearsStarted { debt, grace_until });
    if grace_until > case.now {
        decision.schedule(TimerKey::ArrearsGraceEnd, Window::exactly(grace_until));
    } else {
        freeze_all(case, decision);
    }
    Ok(())
}

/// Phones charged by use with this status, in the order of their names.
fn on_demand_phones<'a>(case: &Case<'a>, status: PhoneStatus) -> impl Iterator<Item = &'a PhoneId> {
    let phones = case.account.phones.iter();
    let wanted = phones.filter(move |(_, p)| p.metering().is_some() && p.status() == status);
    wanted.map(|(id, _)| id)
}

fn freeze_all(case: &Case<'_>, decision: &mut Decision) {
    let retention = Params::days_of(&case.params.on_demand_retention_days, case.account.tier);
    let retention_until = case.now + retention;
    let accrues = case.params.accrues_in_retention;
    for phone in on_demand_phones(case, PhoneStatus::Active) {
        let (phone, cause) = (phone.clone(), FreezeCause::Arrears);
        decision.happen(
            by![r(8, 1), r(8, 2), r(8, 3), r(8, 4)],
            Frozen { phone, cause, retention_until, accrues },
        );
    }
    decision.schedule(TimerKey::ArrearsRetentionEnd, Window::exactly(retention_until));
}

/// R8.1, R8.2: grace is over; phones charged by use are frozen.
pub(super) fn end_grace(case: &Case<'_>) -> Decision {
    let mut decision = Decision { read: READ_ARREARS, ..Decision::default() };
    freeze_all(case, &mut decision);
    decision
}

/// R8.1, R8.2: retention is over; frozen phones charged by use are released.
pub(super) fn end_retention(case: &Case<'_>) -> Decision {
    let mut decision = Decision { read: READ_ARREARS, ..Decision::default() };
    for phone in on_demand_phones(case, PhoneStatus::Frozen) {
        let (phone, cause) = (phone.clone(), FreezeCause::Arrears);
        decision.happen(by![r(8, 1), r(8, 2)], Released { phone, cause });
    }
    decision
}

/// R4.8, R8.7: money pays debt first; what was frozen for it comes back once something is left.
pub(super) fn top_up(case: &Case<'_>, amount: Amount) -> Result<Decision, Fault> {
    let account = case.account;
    if !amount.is_positive() || amount.currency() != account.currency() {
        return Ok(Decision::refuse(Reason::OutOfRange, by![r(4, 8)]));
    }
    let mut decision = Decision { read: READ_ARREARS, ..Decision::default() };
    let to_debt = account.debt().lesser(amount)?;
    let to_cash = amount.minus(to_debt)?;
    decision.happen(by![r(4, 8)], ToppedUp { amount, to_debt, to_cash });
    let debt_left = account.debt().minus(to_debt)?;
    let above_zero = account.available()?.plus(amount)?.is_positive();
    let cleared = match account.arrears {
        Arrears::None => false,
        Arrears::Grace { .. } if case.params.zero_balance_is_arrears => above_zero,
        Arrears::Grace { .. } | Arrears::Released => !debt_left.is_positive(),
        Arrears::Retention { .. } => above_zero,
    };
    if cleared && !debt_left.is_positive() {
        clear(case, &mut decision);
    }
    Ok(decision)
}

fn clear(case: &Case<'_>, decision: &mut Decision) {
    decision.happen(by![r(8, 7), r(8, 5)], ArrearsCleared {});
    decision.cancel(TimerKey::ArrearsGraceEnd);
    decision.cancel(TimerKey::ArrearsRetentionEnd);
    for id in on_demand_phones(case, PhoneStatus::Frozen) {
        decision.happen(by![r(8, 7)], Unfrozen { phone: id.clone() });
        let settled = case.account.metering(id).is_some_and(|m| m.unsettled.is_empty());
        if settled {
            decision.schedule(TimerKey::Settle(id.clone()), usage::settlement_of(case, case.now));
        }
    }
}
