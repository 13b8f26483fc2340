//! Freezes for a violation and by public security, and release by hand (R8.8, R8.11).

use crate::command::Freezer;
use crate::decision::{Decision, Read, Reason, TimerKey, Window};
use crate::event::{Frozen, Released, Unfrozen};
use crate::lifecycle::{PhoneStatus, PhoneTrigger};
use crate::name::PhoneId;
use crate::rulebook::RuleId;
use crate::rules::{Case, access, expiry, lengths, living, p, r, unusable, usage};
use crate::state::{Charging, FreezeCause, Phase, Phone};

const READ_FREEZE: &[Read] = &[
    Read { rule: r(8, 2), name: "prepaid_retention_days" },
    Read { rule: r(8, 2), name: "on_demand_retention_days" },
    Read { rule: r(8, 4), name: "on_demand_accrues_in_retention" },
];

/// R8.8, P1.1: somebody freezes a phone beside its charging, which goes on as it would.
pub(super) fn freeze(case: &Case<'_>, id: &PhoneId, by: Freezer) -> Decision {
    let phone = match held(case, id, by, false) {
        Ok(phone) => phone,
        Err(refusal) => return refusal,
    };
    let mut decision = Decision { read: READ_FREEZE, ..Decision::default() };
    let retention = match &phone.charging {
        Charging::OnDemand(_) => lengths::on_demand_retention(case),
        Charging::Subscribed(_) | Charging::Provisioning { .. } => lengths::prepaid_retention(case),
    };
    let (rules, until): (&[RuleId], _) = match by {
        Freezer::Violation => (by![r(8, 8), p(1, 1), r(8, 2)], Some(case.now + retention)),
        Freezer::Police => (by![r(8, 8), p(1, 1)], None),
    };
    let accrues = phone.metering().is_some() && case.params.accrues_in_retention;
    let frozen = Frozen { phone: id.clone(), cause: by.into(), retention_until: until, accrues };
    decision.happen(rules, frozen);
    if let Some(until) = until {
        decision.schedule(TimerKey::ViolationEnd(id.clone()), Window::exactly(until));
    }
    decision
}

/// R8.8: that freeze is lifted. The phone comes back once no other cause is left; what was due
/// meanwhile and held up by the police happens now.
pub(super) fn unfreeze(case: &Case<'_>, id: &PhoneId, by: Freezer) -> Decision {
    let phone = match held(case, id, by, true) {
        Ok(phone) => phone,
        Err(refusal) => return refusal,
    };
    let cause = FreezeCause::from(by);
    let mut decision = Decision { read: READ_FREEZE, ..Decision::default() };
    decision.happen(by![r(8, 8)], Unfrozen { phone: id.clone(), cause });
    if by == Freezer::Violation {
        decision.cancel(TimerKey::ViolationEnd(id.clone()));
    }
    match overdue(case, phone).filter(|_| by == Freezer::Police) {
        Some(cause) => release(case, &mut decision, id, cause),
        None if phone.freezes() == [cause] && phone.metering().is_some() => {
            usage::schedule_hours(case, &mut decision, id);
        }
        None => {}
    }
    decision
}

/// The phone, if it is (or is not) frozen by this hand.
fn held<'a>(
    case: &Case<'a>,
    id: &PhoneId,
    by: Freezer,
    is_held: bool,
) -> Result<&'a Phone, Decision> {
    let Some(phone) = living(case, id) else {
        return Err(Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(8, 8)]));
    };
    if let Some(reason) = unusable(case, phone, PhoneTrigger::Operate, id) {
        return Err(Decision::refuse(reason, by![r(1, 1)]));
    }
    match (phone.freezes().contains(&by.into()), is_held) {
        (true, false) => Err(Decision::refuse(Reason::AlreadyFrozen, by![r(8, 8)])),
        (false, true) => Err(Decision::refuse(Reason::NotFrozen, by![r(8, 8)])),
        _ => Ok(phone),
    }
}

/// For what the phone should have been released by now, had the police not held it.
fn overdue(case: &Case<'_>, phone: &Phone) -> Option<FreezeCause> {
    let phase = match &phone.charging {
        Charging::Subscribed(subscription) => subscription.phase,
        Charging::OnDemand(metering) => metering.phase,
        Charging::Provisioning { .. } => return None,
    };
    let past = |until| until <= case.now;
    match phase {
        Phase::Frozen { cause, until } if past(until) => Some(cause),
        _ => phone.details.holds.violation.is_some_and(past).then_some(FreezeCause::Violation),
    }
}

/// R8.8: the countdown of a violation has run out.
pub(super) fn violation_end(case: &Case<'_>, id: &PhoneId) -> Decision {
    let mut decision = Decision { read: READ_FREEZE, ..Decision::default() };
    let held = living(case, id).filter(|phone| phone.details.holds.violation.is_some());
    // What public security has frozen stays until they lift it.
    if held.is_some_and(|phone| !phone.details.holds.police) {
        release(case, &mut decision, id, FreezeCause::Violation);
    }
    decision
}

/// The phone and its data go away, with everything that was to happen to it (R8.1).
fn release(case: &Case<'_>, decision: &mut Decision, id: &PhoneId, cause: FreezeCause) {
    let rules: &[RuleId] = match cause {
        FreezeCause::Violation => by![r(8, 8), r(8, 1)],
        FreezeCause::Expiry | FreezeCause::Arrears | FreezeCause::Police => {
            by![r(8, 1), r(8, 2), r(8, 8)]
        }
    };
    decision.happen(rules, Released { phone: id.clone(), cause });
    expiry::forget(case, decision, id);
}

/// R8.11: the owner releases a phone whose subscription has ended, before its time.
pub(super) fn release_by_hand(case: &Case<'_>, id: &PhoneId) -> Decision {
    let Some(phone) = living(case, id) else {
        return Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(8, 11)]);
    };
    if phone.metering().is_some() {
        return Decision::refuse(Reason::OnDemand, by![r(8, 11), r(2, 14)]);
    }
    match phone.stage() {
        PhoneStatus::Expired | PhoneStatus::Frozen => {}
        PhoneStatus::Provisioning => return Decision::refuse(Reason::NotProvisioned, by![r(1, 1)]),
        PhoneStatus::Active | PhoneStatus::Gone => {
            let barrier = access::police(phone);
            let (reason, rules) = barrier.unwrap_or((Reason::NotExpired, by![r(8, 11)]));
            return Decision::refuse(reason, rules);
        }
    }
    if let Some((reason, rules)) = access::police(phone) {
        return Decision::refuse(reason, rules);
    }
    if case.account.returns.under_review(id) {
        return Decision::refuse(Reason::UnderReview, by![r(9, 9), r(8, 11)]);
    }
    let mut decision = Decision::default();
    let released = Released { phone: id.clone(), cause: FreezeCause::Expiry };
    decision.happen(by![r(8, 11), r(8, 1)], released);
    expiry::forget(case, &mut decision, id);
    decision
}
