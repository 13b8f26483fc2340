//! Orders that are not paid yet (R1.8, R1.9, R1.11): which one a command means, approval and
//! confirmation, and every way in which they end without effect.

use crate::command::OrderRef;
use crate::decision::{Decision, Reason, TimerKey};
use crate::event::{ApprovalSet, CancelReason, OrderApproved, OrderCancelled, OrderConfirmed};
use crate::name::{OrderId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::purchase::READ_ORDER;
use crate::rules::{Case, r};
use crate::state::{Order, OrderKind, OrderPhase};

/// The open order that a command means.
pub(super) fn find<'a>(
    case: &Case<'a>,
    which: &OrderRef,
) -> Result<(&'a OrderId, &'a Order), Reason> {
    match which {
        OrderRef::Named(id) => {
            let order = case.account.orders.get_key_value(id);
            order.ok_or_else(|| Reason::UnknownOrder(id.clone()))
        }
        OrderRef::LastOf(phone) => {
            let order = case.account.open_order_of(phone);
            order.ok_or_else(|| Reason::NoOpenOrder(phone.clone()))
        }
    }
}

/// R1.8: sets whether orders of the account wait for approval; it changes nothing about older orders.
pub(super) fn set_approval(needed: bool) -> Decision {
    let mut decision = Decision::default();
    decision.happen(by![r(1, 8)], ApprovalSet { needed });
    decision
}

/// R1.8: an order is approved, with those that were placed in one action with it.
pub(super) fn approve(case: &Case<'_>, which: &OrderRef) -> Decision {
    let waits = |order: &Order| matches!(order.phase, OrderPhase::PendingApproval { .. });
    let id = match found(case, which, waits, Reason::NotForApproval) {
        Ok(id) => id,
        Err(refusal) => return refusal,
    };
    let mut decision = Decision::default();
    for (order, _) in case.account.together_with(id) {
        decision.happen(by![r(1, 8), r(1, 11)], OrderApproved { order: order.clone() });
    }
    decision
}

/// R1.8: the customer agrees to what an account manager ordered.
pub(super) fn confirm(case: &Case<'_>, which: &OrderRef) -> Decision {
    let waits = |order: &Order| matches!(order.phase, OrderPhase::ToBeConfirmed { .. });
    let id = match found(case, which, waits, Reason::NotToBeConfirmed) {
        Ok(id) => id,
        Err(refusal) => return refusal,
    };
    let mut decision = Decision::default();
    decision.happen(by![r(1, 8)], OrderConfirmed { order: id.clone() });
    decision
}

/// R1.9: approval is refused, which cancels the order.
pub(super) fn refuse_approval(case: &Case<'_>, which: &OrderRef) -> Decision {
    let waits = |order: &Order| matches!(order.phase, OrderPhase::PendingApproval { .. });
    match found(case, which, waits, Reason::NotForApproval) {
        Ok(id) => give_up(case, id, CancelReason::Refused),
        Err(refusal) => refusal,
    }
}

/// R1.9: the customer gives up an order that is not paid.
pub(super) fn cancel(case: &Case<'_>, which: &OrderRef) -> Decision {
    let unpaid = |order: &Order| order.pay_by().is_some();
    match found(case, which, unpaid, Reason::NotPayable) {
        Ok(id) => give_up(case, id, CancelReason::Customer),
        Err(refusal) => refusal,
    }
}

fn found<'a>(
    case: &Case<'a>,
    which: &OrderRef,
    fits: impl Fn(&Order) -> bool,
    otherwise: Reason,
) -> Result<&'a OrderId, Decision> {
    let (id, order) = find(case, which).map_err(|reason| Decision::refuse(reason, by![r(1, 8)]))?;
    if fits(order) { Ok(id) } else { Err(Decision::refuse(otherwise, by![r(1, 8)])) }
}

/// R1.9: an unpaid order reaches its deadline.
pub(super) fn deadline(case: &Case<'_>, id: &OrderId) -> Decision {
    let unpaid = case.account.orders.get(id).is_some_and(|order| order.pay_by().is_some());
    let decision =
        if unpaid { give_up(case, id, CancelReason::Deadline) } else { Decision::default() };
    Decision { read: READ_ORDER, ..decision }
}

fn give_up(case: &Case<'_>, id: &OrderId, reason: CancelReason) -> Decision {
    let mut decision = Decision::default();
    cancel_together(case, &mut decision, id, reason);
    decision
}

/// R1.9: an unpaid order for a phone that there is already ends when the phone goes away, is changed or
/// is charged in another way.
pub(super) fn cancel_waiting(
    case: &Case<'_>,
    decision: &mut Decision,
    phone: &PhoneId,
    reason: CancelReason,
) {
    if let Some((id, open)) = case.account.open_order_of(phone)
        && open.kind != OrderKind::New
        && open.pay_by().is_some()
    {
        cancel_together(case, decision, id, reason);
    }
}

/// R1.11: what one action ordered is cancelled together.
fn cancel_together(case: &Case<'_>, decision: &mut Decision, id: &OrderId, reason: CancelReason) {
    let together = case.account.together_with(id);
    let rules: &[RuleId] =
        if together.len() > 1 { by![r(1, 9), r(1, 8), r(1, 11)] } else { by![r(1, 9), r(1, 8)] };
    for (id, _) in together {
        decision.happen(rules, OrderCancelled { order: id.clone(), reason });
        decision.cancel(TimerKey::OrderDeadline(id.clone()));
    }
}
