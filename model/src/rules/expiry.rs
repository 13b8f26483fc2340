//! What happens when a subscription ends (R8.1 to R8.3): grace, retention, release.

use crate::decision::{Decision, Read, TimerKey, Window};
use crate::event::{CancelReason, Expired, Frozen, Released};
use crate::name::PhoneId;
use crate::rulebook::RuleId;
use crate::rules::{Case, RetriesEnd, lengths, living, mode, notice, order, r};
use crate::state::{AtExpiry, FreezeCause, Phase};
use crate::term::Expiry;
use crate::time::SimTime;

pub(super) const READ_PREPAID: &[Read] = &[
    Read { rule: r(8, 2), name: "prepaid_grace_days" },
    Read { rule: r(8, 2), name: "prepaid_retention_days" },
];

const PHASE_RULES: &[RuleId] = &[r(8, 1), r(8, 2)];
const FREEZE_RULES: &[RuleId] = &[r(8, 1), r(8, 2), r(8, 3)];
const POLICY_RULES: &[RuleId] = &[r(7, 1), r(8, 1)];

/// End of grace and end of retention of a subscription (R8.2, R8.3): whole days after 24:00:00.
pub(super) fn ends(case: &Case<'_>, expires: Expiry) -> (SimTime, SimTime) {
    let grace = expires.boundary() + lengths::prepaid_grace(case);
    (grace, grace + lengths::prepaid_retention(case))
}

/// R8.1: the subscription has ended.
pub(super) fn expire(case: &Case<'_>, id: &PhoneId) -> Decision {
    let mut decision = Decision { read: READ_PREPAID, ..Decision::default() };
    if let Some(subscription) = case.account.subscription(id) {
        enter_phase(case, &mut decision, id, subscription.expires);
    }
    decision
}

/// Puts a phone whose subscription ends at `expires` into the phase that this implies now. A late
/// renewal may end in the past, and lands in grace, in retention or beyond (R5.2).
pub(super) fn enter_phase(case: &Case<'_>, decision: &mut Decision, id: &PhoneId, expires: Expiry) {
    let phone = || id.clone();
    for key in [TimerKey::Expiry(phone()), TimerKey::GraceEnd(phone())] {
        decision.cancel(key);
    }
    decision.cancel(TimerKey::RetentionEnd(phone()));
    notice::schedule(case, decision, id, expires);
    if case.now < expires.boundary() {
        let key = TimerKey::Expiry(phone());
        decision.schedule(key, Window::exactly(expires.boundary()));
        return;
    }
    let policy = case.account.subscription(id).map(|subscription| subscription.at_expiry);
    // What public security has frozen stays until they lift it (R8.8).
    let police = living(case, id).is_some_and(|phone| phone.details.holds.police);
    match policy.unwrap_or_default() {
        AtExpiry::ToOnDemand if mode::end_on_demand(case, decision, id) => return,
        AtExpiry::Delete if !police => return release(case, decision, id, POLICY_RULES),
        AtExpiry::Freeze => return freeze_at_once(case, decision, (id, police), expires),
        AtExpiry::ToOnDemand
        | AtExpiry::Delete
        | AtExpiry::Grace
        | AtExpiry::DeleteFromRetention => {}
    }
    let (grace_until, retention_until) = ends(case, expires);
    decision.happen(by![r(8, 1), r(8, 2), r(8, 3)], Expired { phone: phone(), grace_until });
    if case.now < grace_until {
        decision.schedule(TimerKey::GraceEnd(phone()), Window::exactly(grace_until));
        return;
    }
    freeze(decision, id, retention_until, FREEZE_RULES);
    if case.now < retention_until {
        decision.schedule(TimerKey::RetentionEnd(phone()), Window::exactly(retention_until));
    } else if !police {
        release(case, decision, id, PHASE_RULES);
    }
}

/// R7.1: a phone that is frozen at its end has the retention of any other, without the grace.
fn freeze_at_once(
    case: &Case<'_>,
    decision: &mut Decision,
    (id, police): (&PhoneId, bool),
    expires: Expiry,
) {
    let (grace_until, retention_until) = ends(case, expires);
    let until = expires.boundary() + (retention_until - grace_until);
    freeze(decision, id, until, by![r(7, 1), r(8, 1), r(8, 2), r(8, 3)]);
    if case.now < until {
        decision.schedule(TimerKey::RetentionEnd(id.clone()), Window::exactly(until));
    } else if !police {
        release(case, decision, id, PHASE_RULES);
    }
}

fn freeze(
    decision: &mut Decision,
    id: &PhoneId,
    retention_until: SimTime,
    rules: &'static [RuleId],
) {
    let (phone, cause) = (id.clone(), FreezeCause::Expiry);
    decision.happen(
        rules,
        Frozen { phone, cause, retention_until: Some(retention_until), accrues: false },
    );
}

/// R8.1, R8.2: grace is over; the phone is frozen.
pub(super) fn end_grace(case: &Case<'_>, id: &PhoneId) -> Decision {
    let mut decision = Decision { read: READ_PREPAID, ..Decision::default() };
    let Some(subscription) = case.account.subscription(id) else { return decision };
    let police = living(case, id).is_some_and(|phone| phone.details.holds.police);
    let at_start = case.params.mode.deletes_at_retention_start;
    if subscription.at_expiry == AtExpiry::DeleteFromRetention && at_start && !police {
        release(case, &mut decision, id, POLICY_RULES);
        return decision;
    }
    if let Phase::Grace { until } = subscription.phase {
        let until = until + lengths::prepaid_retention(case);
        freeze(&mut decision, id, until, FREEZE_RULES);
        decision.schedule(TimerKey::RetentionEnd(id.clone()), Window::exactly(until));
        if case.params.retries_end == RetriesEnd::Expiry {
            decision.cancel(TimerKey::AutoRenewal(id.clone()));
        }
    }
    decision
}

/// R8.1, R8.2: retention is over; the phone and its data are gone.
pub(super) fn end_retention(case: &Case<'_>, id: &PhoneId) -> Decision {
    let mut decision = Decision { read: READ_PREPAID, ..Decision::default() };
    // What public security has frozen stays until they lift it (R8.8).
    let police = living(case, id).is_some_and(|phone| phone.details.holds.police);
    if case.account.subscription(id).is_some() && !police {
        release(case, &mut decision, id, PHASE_RULES);
    }
    decision
}

fn release(case: &Case<'_>, decision: &mut Decision, id: &PhoneId, rules: &'static [RuleId]) {
    let (phone, cause) = (id.clone(), FreezeCause::Expiry);
    decision.happen(rules, Released { phone, cause });
    forget(case, decision, id);
}

/// Cancels what was still to happen to a phone that is gone; its use is settled all the same.
pub(super) fn forget(case: &Case<'_>, decision: &mut Decision, id: &PhoneId) {
    let phone = || id.clone();
    for key in [TimerKey::Expiry(phone()), TimerKey::GraceEnd(phone())] {
        decision.cancel(key);
    }
    for key in [TimerKey::RetentionEnd(phone()), TimerKey::AutoRenewal(phone())] {
        decision.cancel(key);
    }
    for key in [TimerKey::ViolationEnd(phone()), TimerKey::Operation(phone())] {
        decision.cancel(key);
    }
    decision.cancel(TimerKey::Notice(id.clone()));
    order::cancel_waiting(case, decision, id, CancelReason::PhoneGone);
}
