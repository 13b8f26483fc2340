//! What a phone is asked to do and takes a while over: power, reset, backup and restore, and the
//! member it is bound to (P2.6, P2.9, P3.4 to P3.7, P4.1, P4.4).

use crate::decision::{Decision, Read, Reason, TimerKey, Window};
use crate::event::{Bound, OperationDone, OperationFailed, OperationStarted, PowerSet, Unbound};
use crate::lifecycle::{DataTrigger, PowerStatus};
use crate::name::{MemberId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::access::{Barrier, Wanted, barred};
use crate::rules::{Case, client, living, p, r};
use crate::state::{Operation, Phone, Power};

const READ_OPERATION: &[Read] = &[
    Read { rule: p(2, 8), name: "power_while_expired" },
    Read { rule: p(2, 9), name: "start_time" },
    Read { rule: p(2, 9), name: "stop_time" },
    Read { rule: p(2, 9), name: "restart_time" },
    Read { rule: p(2, 9), name: "reset_time" },
    Read { rule: p(2, 9), name: "backup_time" },
    Read { rule: p(2, 9), name: "restore_time" },
    Read { rule: r(8, 6), name: "grace_usability" },
];

/// The rules behind an operation, the deciding one first.
fn rules_of(operation: Operation) -> &'static [RuleId] {
    match operation {
        Operation::PowerOn | Operation::PowerOff | Operation::Restart => {
            by![p(2, 6), p(2, 9), p(2, 1)]
        }
        Operation::Reset => by![p(3, 6), p(2, 9)],
        Operation::Unbind => by![p(3, 5), p(3, 7), p(2, 9)],
        Operation::BackUp => by![p(4, 4), p(2, 9)],
        Operation::Restore => by![p(4, 1), p(2, 9)],
    }
}

/// P2.6, P2.9: lets a phone begin something, one thing at a time. To power on a stopped phone is to
/// restore it.
pub(super) fn operate(case: &Case<'_>, id: &PhoneId, wish: Operation) -> Decision {
    let Some(phone) = living(case, id) else {
        return Decision::refuse(Reason::UnknownPhone(id.clone()), rules_of(wish));
    };
    let stopped = phone.power_status() == PowerStatus::Stopped;
    let operation = match wish {
        Operation::PowerOn if stopped => Operation::Restore,
        other => other,
    };
    if let Some((reason, rules)) = hindrance(case, id, phone, operation) {
        return Decision::refuse(reason, rules);
    }
    let mut decision = Decision { read: READ_OPERATION, ..Decision::default() };
    if let (Operation::Unbind, Some(member)) = (operation, &phone.details.member) {
        let unbound = Unbound { phone: id.clone(), member: member.clone() };
        decision.happen(rules_of(operation), unbound);
    }
    let until = case.now + case.params.life.length(operation);
    let started = OperationStarted { phone: id.clone(), operation, until };
    let rules: &[RuleId] = match (wish, operation) {
        (Operation::PowerOn, Operation::Restore) => by![p(2, 6), p(4, 1), p(2, 9)],
        _ => rules_of(operation),
    };
    decision.happen(rules, started);
    decision.schedule(TimerKey::Operation(id.clone()), Window::exactly(until));
    decision
}

fn hindrance(
    case: &Case<'_>,
    id: &PhoneId,
    phone: &Phone,
    operation: Operation,
) -> Option<Barrier> {
    let disturbed = || client::disturbed(case, id).filter(|_| operation == Operation::Unbind);
    barred(case.params, id, phone, Wanted::Operation(operation))
        .or_else(|| busy(phone))
        .or_else(disturbed)
        .or_else(|| guard(case, phone, operation).map(|reason| (reason, rules_of(operation))))
}

/// A phone does one thing at a time (P2.9).
fn busy(phone: &Phone) -> Option<Barrier> {
    let reason = match phone.details.task?.operation {
        Operation::BackUp => Reason::BackingUp,
        Operation::Restore => Reason::Restoring,
        Operation::PowerOn
        | Operation::PowerOff
        | Operation::Restart
        | Operation::Reset
        | Operation::Unbind => Reason::Busy,
    };
    Some((reason, by![p(2, 9)]))
}

/// Whether the phone is in the state that the operation needs, if it is in the middle of nothing.
fn guard(case: &Case<'_>, phone: &Phone, operation: Operation) -> Option<Reason> {
    let power = phone.power_status();
    let illegal = power.after(operation.begins()).is_none();
    let data = phone.data_status();
    match operation {
        Operation::PowerOn => illegal.then_some(Reason::PowerUnchanged),
        Operation::PowerOff if power == PowerStatus::PoweredOff => Some(Reason::PowerUnchanged),
        Operation::PowerOff | Operation::Restart => illegal.then_some(Reason::NotRunning),
        Operation::Unbind if phone.details.member.is_none() => Some(Reason::NotBound),
        Operation::Unbind
            if power == PowerStatus::PoweredOff && !case.params.life.unbind_while_powered_off =>
        {
            Some(Reason::NotRunning)
        }
        Operation::Reset | Operation::Unbind => illegal.then_some(Reason::NotLoaded),
        Operation::BackUp => data.after(DataTrigger::BackUp).is_none().then_some(Reason::NotLoaded),
        Operation::Restore => {
            data.after(DataTrigger::Restore).is_none().then_some(Reason::AlreadyLoaded)
        }
    }
}

/// P2.9: what a phone is in the middle of is done.
pub(super) fn done(case: &Case<'_>, id: &PhoneId) -> Decision {
    let mut decision = Decision { read: READ_OPERATION, ..Decision::default() };
    let task = living(case, id).and_then(|phone| phone.details.task);
    let Some(operation) = task.map(|task| task.operation) else { return decision };
    let phone = id.clone();
    let to = match operation {
        Operation::PowerOn => Power::On,
        Operation::PowerOff => Power::Off,
        Operation::Restart
        | Operation::Reset
        | Operation::Unbind
        | Operation::BackUp
        | Operation::Restore => {
            decision.happen(rules_of(operation), OperationDone { phone, operation });
            return decision;
        }
    };
    decision.happen(by![p(2, 6), p(2, 9), p(2, 1), r(2, 6)], PowerSet { phone, to });
    decision
}

/// P2.3: a backup or a restore fails.
pub(super) fn fail(case: &Case<'_>, id: &PhoneId) -> Decision {
    let Some(phone) = living(case, id) else {
        return Decision::refuse(Reason::UnknownPhone(id.clone()), by![p(2, 3)]);
    };
    let task = phone.details.task.map(|task| task.operation);
    let Some(operation @ (Operation::BackUp | Operation::Restore)) = task else {
        return Decision::refuse(Reason::NothingToFail, by![p(2, 3)]);
    };
    let mut decision = Decision::default();
    let rules: &[RuleId] = match operation {
        Operation::BackUp => by![p(2, 3), p(4, 4)],
        _ => by![p(2, 3), p(4, 1)],
    };
    decision.happen(rules, OperationFailed { phone: id.clone(), operation });
    decision.cancel(TimerKey::Operation(id.clone()));
    decision
}

/// P3.4: gives a phone to a member, who is told so.
pub(super) fn bind(case: &Case<'_>, id: &PhoneId, member: &MemberId) -> Decision {
    let Some(phone) = living(case, id) else {
        return Decision::refuse(Reason::UnknownPhone(id.clone()), by![p(3, 4)]);
    };
    let barrier = barred(case.params, id, phone, Wanted::Bind).or_else(|| busy(phone));
    if let Some((reason, rules)) = barrier {
        return Decision::refuse(reason, rules);
    }
    if let Some((reason, rules)) = client::not_a_member(case, member) {
        return Decision::refuse(reason, rules);
    }
    if phone.details.member.is_some() {
        return Decision::refuse(Reason::AlreadyBound, by![p(3, 4)]);
    }
    let mut decision = Decision { read: READ_OPERATION, ..Decision::default() };
    decision.happen(by![p(3, 4)], Bound { phone: id.clone(), member: member.clone() });
    decision
}
