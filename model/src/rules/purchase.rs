//! Orders for new subscriptions (R1.1 to R1.9): placed, paid, provisioned, or given up.

use crate::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{
    CancelReason, Charged, OrderCancelled, OrderCompleted, OrderPlaced, PaymentFailed, Provisioned,
    ProvisioningFailed,
};
use crate::money::{Amount, Rounding};
use crate::name::{CouponId, OrderId, PhoneId, SizeId};
use crate::rulebook::RuleId;
use crate::rules::payment::{OrderPayment, pay_order, unknown_coupon};
use crate::rules::{Case, EffectiveTime, access, arrears, p, product, r, refund, renewal};
use crate::state::{AutoRenewal, Order, OrderKind, OrderPhase};
use crate::term::{Anchor, Term};
use crate::time::SimTime;
use std::collections::BTreeSet;

const READ_ORDER: &[Read] = &[
    Read { rule: r(1, 2), name: "effective_time" },
    Read { rule: r(1, 9), name: "payment_deadline" },
    Read { rule: p(1, 3), name: "provisioning_earliest" },
    Read { rule: p(1, 3), name: "provisioning_latest" },
];

const CHARGE_RULES: &[RuleId] = &[r(1, 12), r(4, 1), r(4, 5)];

/// What a customer wants to buy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'a> {
    pub(super) phones: &'a [PhoneId],
    pub(super) size: &'a SizeId,
    pub(super) term: Term,
    pub(super) auto_renewal: Option<AutoRenewal>,
}

/// R1.1, R1.8: places an order for new phones and, if wished, pays it.
pub(super) fn buy(
    case: &Case<'_>,
    wish: Wish<'_>,
    payment: Option<&[CouponId]>,
) -> Result<Decision, Fault> {
    if let Some((reason, rules)) = refuse_purchase(case, wish, payment) {
        return Ok(Decision::refuse(reason, rules));
    }
    let phones = wish.phones.to_vec();
    let draft = Draft {
        kind: OrderKind::New,
        phones,
        size: wish.size.clone(),
        term: wish.term,
        auto_renewal: wish.auto_renewal.map(|s| renewal::stored(case.params, s, wish.term)),
    };
    let Some((mut decision, order)) = place(case, draft)? else {
        return Ok(Decision::refuse(Reason::NotSold(wish.size.clone()), by![r(3, 1)]));
    };
    if let Some(coupons) = payment {
        let refusal = pay_now(case, &mut decision, &order, coupons)?;
        if let Some(refusal) = refusal {
            return Ok(refusal);
        }
    }
    Ok(decision)
}

fn refuse_purchase(
    case: &Case<'_>,
    wish: Wish<'_>,
    payment: Option<&[CouponId]>,
) -> Option<(Reason, &'static [RuleId])> {
    if let Some(reason) = unknown_coupon(case, payment.unwrap_or_default()) {
        return Some((reason, by![r(4, 1)]));
    }
    let taken = wish.phones.iter().find(|phone| case.account.phones.contains_key(phone));
    if let Some(phone) = taken {
        return Some((Reason::PhoneExists(phone.clone()), by![r(1, 1)]));
    }
    let distinct: BTreeSet<_> = wish.phones.iter().collect();
    if wish.phones.is_empty() || distinct.len() != wish.phones.len() {
        return Some((Reason::PhonesNotDistinct, by![r(1, 1)]));
    }
    if let Some(barrier) = product::too_many(case, wish.phones.len()) {
        return Some(barrier);
    }
    let setting_legal = wish.auto_renewal.is_none_or(|setting| renewal::legal(case, setting));
    if wish.term.sold().is_none() || !setting_legal {
        return Some((Reason::OutOfRange, by![r(1, 7), r(6, 6)]));
    }
    if let Some(barrier) =
        product::term_barred(case, wish.term).or_else(|| product::buyer_barred(case))
    {
        return Some(barrier);
    }
    let owes = arrears::in_arrears(case).then_some((Reason::InArrears, by![r(1, 14), r(8, 5)]));
    owes.or_else(|| product::offer_barred(case, wish.size, false))
}

/// An order before it has an id and a price.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: OrderKind,
    pub(super) phones: Vec<PhoneId>,
    pub(super) size: SizeId,
    pub(super) term: Term,
    pub(super) auto_renewal: Option<AutoRenewal>,
}

/// Prices and places an order; `None` if the catalogue has no price for it (R3.1).
pub(super) fn place(
    case: &Case<'_>,
    draft: Draft,
) -> Result<Option<(Decision, OrderPlaced)>, Fault> {
    let Some((official, discount)) = quote(case, &draft.size, draft.term, draft.phones.len())?
    else {
        return Ok(None);
    };
    let number = case.account.orders_placed.checked_add(1);
    let number = number.ok_or(Fault::Range("number of orders"))?;
    let pay_by = case.now + case.params.payment_deadline;
    let placed = OrderPlaced {
        order: OrderId::nth(number),
        kind: draft.kind,
        phones: draft.phones,
        size: draft.size,
        place: if draft.kind == OrderKind::New { product::place(case) } else { None },
        term: draft.term,
        official,
        discount,
        due: official.minus(discount)?,
        auto_renewal: draft.auto_renewal,
        pay_by,
    };
    let mut decision = Decision { read: READ_ORDER, ..Decision::default() };
    decision.happen(product::order_rules(case, &placed), placed.clone());
    let key = TimerKey::OrderDeadline(placed.order.clone());
    decision.schedule(key, Window::exactly(pay_by));
    Ok(Some((decision, placed)))
}

/// List price and commercial discount of an order (R3.1, R3.4).
pub(super) fn quote(
    case: &Case<'_>,
    size: &SizeId,
    term: Term,
    phones: usize,
) -> Result<Option<(Amount, Amount)>, Fault> {
    let count = u32::try_from(phones).map_err(|_| Fault::Range("phones of an order"))?;
    let Some(each) = case.rules.catalogue().subscription(size, term)? else { return Ok(None) };
    let official = each.copies(count)?;
    let discount = official.times(case.account.discount.value())?;
    // What is due must be an amount that can be paid (R2.7, R2.8).
    let discount = discount.rounded(Rounding::HalfUp, official.currency().decimals())?;
    Ok(Some((official, discount)))
}

/// Pays the order that `decision` places; answers a refusal if a coupon cannot be used.
pub(super) fn pay_now(
    case: &Case<'_>,
    decision: &mut Decision,
    order: &OrderPlaced,
    coupons: &[CouponId],
) -> Result<Option<Decision>, Fault> {
    match pay_order(case, order.due, coupons)? {
        OrderPayment::Refused(reason) => return Ok(Some(Decision::refuse(reason, by![r(4, 1)]))),
        OrderPayment::TooLow { needed, available } => {
            let order = order.order.clone();
            decision.happen(by![r(4, 1), r(1, 9)], PaymentFailed { order, needed, available });
        }
        OrderPayment::Paid { due, coupon_discount, discount_coupon, paid } => {
            let charged = Charged {
                order: order.order.clone(),
                reason: order.kind,
                phones: order.phones.clone(),
                due,
                coupon_discount,
                discount_coupon,
                paid,
            };
            charge(case, decision, charged, order.term);
        }
    }
    Ok(None)
}

/// Takes the money and begins or completes what was ordered.
fn charge(case: &Case<'_>, decision: &mut Decision, charged: Charged, term: Term) {
    let (order, kind) = (charged.order.clone(), charged.reason);
    let phones = charged.phones.clone();
    decision.happen(CHARGE_RULES, charged);
    decision.cancel(TimerKey::OrderDeadline(order.clone()));
    if kind == OrderKind::New {
        let window = case.params.provisioning.after(case.now);
        decision.schedule(TimerKey::Provision(order), window);
        return;
    }
    for phone in &phones {
        renewal::lengthen(case, decision, phone, &order, term, kind);
    }
    decision.happen(by![r(1, 8)], OrderCompleted { order });
}

fn open_order<'a>(case: &Case<'a>, id: &OrderId) -> Result<&'a Order, Decision> {
    let order = case.account.orders.get(id);
    order.ok_or_else(|| Decision::refuse(Reason::UnknownOrder(id.clone()), by![r(1, 8)]))
}

/// R4.1: pays an order that waits for it.
pub(super) fn pay(case: &Case<'_>, id: &OrderId, coupons: &[CouponId]) -> Result<Decision, Fault> {
    let order = match open_order(case, id) {
        Ok(order) => order,
        Err(refusal) => return Ok(refusal),
    };
    if let Some(reason) = unknown_coupon(case, coupons) {
        return Ok(Decision::refuse(reason, by![r(4, 1)]));
    }
    if arrears::in_arrears(case) {
        return Ok(Decision::refuse(Reason::InArrears, by![r(1, 14), r(8, 5)]));
    }
    if !matches!(order.phase, OrderPhase::PendingPayment { .. }) {
        return Ok(Decision::refuse(Reason::NotPayable, by![r(1, 8)]));
    }
    let mut renewed = order.phones.iter().filter_map(|phone| case.account.phones.get(phone));
    let barrier = renewed.find_map(|phone| access::renewal_barred(case.params, phone));
    if let Some((reason, rules)) = barrier {
        return Ok(Decision::refuse(reason, rules));
    }
    let mut decision = Decision { read: READ_ORDER, ..Decision::default() };
    match pay_order(case, order.due, coupons)? {
        OrderPayment::Refused(reason) => Ok(Decision::refuse(reason, by![r(4, 1)])),
        OrderPayment::TooLow { .. } => Ok(Decision::refuse(Reason::BalanceTooLow, by![r(4, 1)])),
        OrderPayment::Paid { due, coupon_discount, discount_coupon, paid } => {
            let charged = Charged {
                order: id.clone(),
                reason: order.kind,
                phones: order.phones.clone(),
                due,
                coupon_discount,
                discount_coupon,
                paid,
            };
            charge(case, &mut decision, charged, order.term);
            Ok(decision)
        }
    }
}

/// R1.9: the customer gives up an unpaid order.
pub(super) fn cancel(case: &Case<'_>, id: &OrderId) -> Decision {
    let order = match open_order(case, id) {
        Ok(order) => order,
        Err(refusal) => return refusal,
    };
    if !matches!(order.phase, OrderPhase::PendingPayment { .. }) {
        return Decision::refuse(Reason::NotPayable, by![r(1, 8)]);
    }
    let mut decision = Decision::default();
    let reason = CancelReason::Customer;
    decision.happen(by![r(1, 9)], OrderCancelled { order: id.clone(), reason });
    decision.cancel(TimerKey::OrderDeadline(id.clone()));
    decision
}

/// R1.9: an unpaid order reaches its deadline.
pub(super) fn deadline(case: &Case<'_>, id: &OrderId) -> Decision {
    let mut decision = Decision { read: READ_ORDER, ..Decision::default() };
    if case.account.orders.contains_key(id) {
        let reason = CancelReason::Deadline;
        decision.happen(by![r(1, 9)], OrderCancelled { order: id.clone(), reason });
    }
    decision
}

fn processing(case: &Case<'_>, id: &OrderId) -> Option<(Order, SimTime)> {
    let order = case.account.orders.get(id)?;
    match &order.phase {
        OrderPhase::Processing { paid_at, .. } => Some((order.clone(), *paid_at)),
        OrderPhase::PendingPayment { .. } => None,
    }
}

/// R1.2, R1.3: a paid order is fulfilled; its phones run and their terms count.
pub(super) fn provision(case: &Case<'_>, id: &OrderId) -> Decision {
    let mut decision = Decision { read: READ_ORDER, ..Decision::default() };
    let Some((order, paid_at)) = processing(case, id) else { return decision };
    let effective = match case.params.effective_time {
        EffectiveTime::Provisioned => case.now,
        EffectiveTime::Paid => paid_at,
    };
    let effective = effective.floor_to_second();
    let expires = Anchor::at(effective).expiry_after(order.term.months());
    for phone in &order.phones {
        let rules: &[RuleId] = match order.term {
            Term::Months(_) => by![r(1, 2), r(1, 1), r(1, 3), r(1, 5), p(1, 3)],
            Term::Years(_) => by![r(1, 2), r(1, 1), r(1, 3), r(1, 5), r(1, 6), p(1, 3)],
        };
        let (order_id, phone_id) = (id.clone(), phone.clone());
        decision
            .happen(rules, Provisioned { phone: phone_id, order: order_id, effective, expires });
        let key = TimerKey::Expiry(phone.clone());
        decision.schedule(key, Window::exactly(expires.boundary()));
        if order.auto_renewal.is_some() {
            renewal::schedule_first(case, &mut decision, phone, expires);
        }
    }
    decision.happen(by![r(1, 8)], OrderCompleted { order: id.clone() });
    decision
}

/// R9.1: phones that cannot be provisioned are paid back in full, coupons included.
pub(super) fn fail_provisioning(case: &Case<'_>, id: &OrderId) -> Result<Decision, Fault> {
    if let Err(refusal) = open_order(case, id) {
        return Ok(refusal);
    }
    let Some((order, _)) = processing(case, id) else {
        return Ok(Decision::refuse(Reason::NotProvisioning, by![r(1, 13)]));
    };
    let mut decision = Decision::default();
    refund::refund_unprovisioned(case, &mut decision, id, &order)?;
    let phones = order.phones;
    let (order, reason) = (id.clone(), CancelReason::ProvisioningFailed);
    decision.happen(by![r(1, 13), r(9, 1)], ProvisioningFailed { order: order.clone(), phones });
    decision.happen(by![r(1, 13)], OrderCancelled { order, reason });
    decision.cancel(TimerKey::Provision(id.clone()));
    Ok(decision)
}
