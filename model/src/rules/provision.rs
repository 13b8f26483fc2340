//! Paid orders are fulfilled (R1.2, R1.3), or fail in whole or in part (R1.13).

use crate::command::OrderRef;
use crate::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{CancelReason, OrderCancelled, OrderCompleted, Provisioned, ProvisioningFailed};
use crate::name::{OrderId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::purchase::READ_ORDER;
use crate::rules::{Case, EffectiveTime, notice, order, p, r, refund, renewal};
use crate::state::{Order, OrderPhase, Split};
use crate::term::{Anchor, Term};
use crate::time::{SimDuration, SimTime};

const READ_FAILURE: &[Read] = &[Read { rule: r(1, 13), name: "refund_lag" }];

/// What paid an order that is being fulfilled, and when.
fn processing(order: &Order) -> Option<(&Split, SimTime)> {
    match &order.phase {
        OrderPhase::Processing { paid, paid_at } => Some((paid, *paid_at)),
        _ => None,
    }
}

/// The orders that are fulfilled in one stroke: what is sold in combination, or one order by itself.
fn in_one_stroke<'a>(case: &Case<'a>, id: &OrderId) -> Vec<(&'a OrderId, &'a Order)> {
    let mut orders = case.account.together_with(id);
    orders.retain(|(other, order)| {
        let combined = order.group.as_ref().is_some_and(|group| group.combination);
        (combined || *other == id) && processing(order).is_some()
    });
    orders
}

/// R1.1, R1.3: paid orders are fulfilled.
pub(super) fn provision(case: &Case<'_>, id: &OrderId) -> Decision {
    let mut decision = Decision { read: READ_ORDER, ..Decision::default() };
    for (id, order) in in_one_stroke(case, id) {
        provision_one(case, &mut decision, id, order);
    }
    decision
}

/// R1.2, R1.3: the phones of one order run and their terms count.
fn provision_one(case: &Case<'_>, decision: &mut Decision, id: &OrderId, order: &Order) {
    let Some((_, paid_at)) = processing(order) else { return };
    let effective = match case.params.effective_time {
        EffectiveTime::Provisioned => case.now,
        EffectiveTime::Paid => paid_at,
    };
    let effective = effective.floor_to_second();
    let expires = Anchor::at(effective).expiry_after(order.term.months());
    for (_, phone) in order.living() {
        let rules: &[RuleId] = match order.term {
            Term::Months(_) => by![r(1, 2), r(1, 1), r(1, 3), r(1, 5), p(1, 3)],
            Term::Years(_) => by![r(1, 2), r(1, 1), r(1, 3), r(1, 5), r(1, 6), p(1, 3)],
        };
        let (order_id, phone_id) = (id.clone(), phone.clone());
        decision
            .happen(rules, Provisioned { phone: phone_id, order: order_id, effective, expires });
        let key = TimerKey::Expiry(phone.clone());
        decision.schedule(key, Window::exactly(expires.boundary()));
        notice::schedule(case, decision, phone, expires);
        if order.auto_renewal.is_some() {
            renewal::schedule_first(case, decision, phone, expires);
        }
    }
    decision.happen(by![r(1, 8)], OrderCompleted { order: id.clone() });
}

/// R1.13: phones cannot be provisioned. They are paid back in full, coupons included; what is sold in
/// combination fails as a whole.
pub(super) fn fail(
    case: &Case<'_>,
    which: &OrderRef,
    phones: &[PhoneId],
) -> Result<Decision, Fault> {
    if let Some(phone) = phones.iter().find(|phone| !case.account.phones.contains_key(phone)) {
        return Ok(Decision::refuse(Reason::UnknownPhone(phone.clone()), by![r(1, 13)]));
    }
    let id = match order::find(case, which) {
        Ok((id, _)) => id,
        Err(reason) => return Ok(Decision::refuse(reason, by![r(1, 8)])),
    };
    let orders = in_one_stroke(case, id);
    let holds = |phone: &PhoneId| {
        orders.iter().any(|(_, order)| order.living().any(|(_, other)| other == phone))
    };
    if orders.is_empty() || !phones.iter().all(holds) {
        return Ok(Decision::refuse(Reason::NotProvisioning, by![r(1, 13)]));
    }
    let combined = orders.iter().any(|(_, o)| o.group.as_ref().is_some_and(|g| g.combination));
    let mut decision = Decision { read: READ_FAILURE, ..Decision::default() };
    for (id, order) in &orders {
        let living = order.living().map(|(_, phone)| phone.clone());
        let failed: Vec<_> = if combined || phones.is_empty() {
            living.collect()
        } else {
            living.filter(|phone| phones.contains(phone)).collect()
        };
        fail_one(case, &mut decision, id, order, &failed)?;
    }
    refund::settle(case, &mut decision)?;
    Ok(decision)
}

fn fail_one(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &OrderId,
    order: &Order,
    phones: &[PhoneId],
) -> Result<(), Fault> {
    let Some((paid, _)) = processing(order) else { return Ok(()) };
    if phones.is_empty() {
        return Ok(());
    }
    let whole = order.living().all(|(_, phone)| phones.contains(phone));
    let failed = ProvisioningFailed { order: id.clone(), phones: phones.to_vec() };
    decision.happen(by![r(1, 13), r(9, 1)], failed);
    if !whole {
        return refund::refund_unprovisioned(case, decision, id, order, paid, phones);
    }
    decision.cancel(TimerKey::Provision(id.clone()));
    if case.params.failure_refund_lag > SimDuration::ZERO {
        let window = Window::exactly(case.now + case.params.failure_refund_lag);
        decision.schedule(TimerKey::RefundOrder(id.clone()), window);
        return Ok(());
    }
    pay_back(case, decision, id, order, paid, phones)
}

/// R1.13: an order that failed as a whole has waited for its refund.
pub(super) fn refund_order(case: &Case<'_>, id: &OrderId) -> Result<Decision, Fault> {
    let mut decision = Decision { read: READ_FAILURE, ..Decision::default() };
    let Some(order) = case.account.orders.get(id) else { return Ok(decision) };
    if let OrderPhase::PendingRefund { paid, phones } = &order.phase {
        pay_back(case, &mut decision, id, order, paid, phones)?;
    }
    refund::settle(case, &mut decision)?;
    Ok(decision)
}

fn pay_back(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &OrderId,
    order: &Order,
    paid: &Split,
    phones: &[PhoneId],
) -> Result<(), Fault> {
    refund::refund_unprovisioned(case, decision, id, order, paid, phones)?;
    let reason = CancelReason::ProvisioningFailed;
    decision.happen(by![r(1, 13), r(1, 8)], OrderCancelled { order: id.clone(), reason });
    Ok(())
}
