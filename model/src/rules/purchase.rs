//! Orders for new subscriptions (R1.1 to R1.11): placed and paid. How they end without payment is in
//! `order`, what follows the payment in `provision`.

use crate::command::{BuyItem, OrderRef};
use crate::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{Charged, OrderCompleted, OrderPlaced, PaymentFailed};
use crate::money::{Amount, MoneyError};
use crate::name::{CouponId, OrderId, PhoneId, RegionId, SizeId};
use crate::rulebook::RuleId;
use crate::rules::access::Barrier;
use crate::rules::payment::{OrderPayment, Payment, pay_orders, unknown_coupon};
use crate::rules::price::{Quote, quote};
use crate::rules::{Case, access, arrears, mode, order, p, product, promotion, r, renewal};
use crate::state::{AutoRenewal, Group, Order, OrderKind, OrderPhase, OrderWait, Setup, Unified};
use crate::term::Term;
use std::collections::BTreeSet;

pub(super) const READ_ORDER: &[Read] = &[
    Read { rule: r(1, 2), name: "effective_time" },
    Read { rule: r(1, 9), name: "payment_deadline" },
    Read { rule: r(1, 11), name: "orders_paid_together_max" },
    Read { rule: p(1, 3), name: "provisioning_earliest" },
    Read { rule: p(1, 3), name: "provisioning_latest" },
];

/// R1.1, R1.8, R1.11, P1.7: places an order for each line of new phones and, if wished, pays them.
pub(super) fn buy(
    case: &Case<'_>,
    items: &[BuyItem],
    asked: Option<Setup>,
    combination: bool,
    payment: Option<&[CouponId]>,
) -> Result<Decision, Fault> {
    let setup = product::setup(case, asked);
    if let Some((reason, rules)) = refuse_purchase(case, items, setup, payment) {
        return Ok(Decision::refuse(reason, rules));
    }
    let group = if items.len() > 1 || combination { Some(group(case, combination)?) } else { None };
    let (waits_for, unsold) = (None, by![r(3, 1)]);
    place_and_pay(
        case,
        Drafts { drafts: new(case, items, setup), group, waits_for, unsold },
        payment,
    )
}

/// What bars another paid period of a phone that is there already: debt, or that its size is not sold
/// so; `unsold` are the rules of the latter.
pub(super) fn another_period_barred(
    case: &Case<'_>,
    size: &SizeId,
    term: Term,
    unsold: &'static [RuleId],
) -> Result<Option<Barrier>, Fault> {
    if arrears::in_arrears(case) {
        return Ok(Some((Reason::InArrears, by![r(1, 14), r(8, 5)])));
    }
    if case.rules.catalogue().is_withdrawn(size, case.now) {
        return Ok(Some((Reason::Withdrawn(size.clone()), by![r(5, 1)])));
    }
    if let Some(barrier) = product::term_unsold(case, size, term) {
        return Ok(Some(barrier));
    }
    let priced = quote(case, size, term, 1, None)?.is_some();
    Ok((!priced).then(|| (Reason::NotSold(size.clone()), unsold)))
}

/// R1.8: an account manager orders for the customer; the order is to be confirmed.
pub(super) fn offer(case: &Case<'_>, item: &BuyItem) -> Result<Decision, Fault> {
    let items = std::slice::from_ref(item);
    let setup = None;
    if let Some((reason, rules)) = refuse_purchase(case, items, setup, None) {
        return Ok(Decision::refuse(reason, rules));
    }
    let (waits_for, unsold) = (Some(OrderWait::Confirmation), by![r(3, 1)]);
    let drafts = Drafts { drafts: new(case, items, setup), group: None, waits_for, unsold };
    place_and_pay(case, drafts, None)
}

/// The orders for lines of new phones.
fn new(case: &Case<'_>, items: &[BuyItem], setup: Option<Setup>) -> Vec<Draft> {
    let draft = |item: &BuyItem| Draft {
        kind: OrderKind::New,
        setup,
        phones: item.phones.clone(),
        size: item.size.clone(),
        term: item.term,
        unified: None,
        auto_renewal: item.auto_renewal.map(|s| renewal::stored(case.params, s, item.term)),
    };
    items.iter().map(draft).collect()
}

/// R1.11: the group of the orders that the next action places, named after its first.
pub(super) fn group(case: &Case<'_>, combination: bool) -> Result<Group, Fault> {
    Ok(Group { first: next_order(case, 0)?, combination })
}

/// What one action orders.
#[derive(Debug)]
pub(super) struct Drafts {
    pub(super) drafts: Vec<Draft>,
    /// What holds them together, if there are several.
    pub(super) group: Option<Group>,
    /// What they wait for, if not as usual.
    pub(super) waits_for: Option<OrderWait>,
    /// By which rule something without a price is refused.
    pub(super) unsold: &'static [RuleId],
}

/// Places the orders of one action and, if wished, pays them; what has no price refuses all of it.
pub(super) fn place_and_pay(
    case: &Case<'_>,
    action: Drafts,
    payment: Option<&[CouponId]>,
) -> Result<Decision, Fault> {
    let Drafts { drafts, group, waits_for, unsold } = action;
    let mut decision = Decision { read: READ_ORDER, ..Decision::default() };
    let mut orders = Vec::with_capacity(drafts.len());
    for (place, draft) in drafts.into_iter().enumerate() {
        let size = draft.size.clone();
        let placing = Placing { place, group: group.clone().map(Box::new), waits_for };
        let Some(order) = place_one(case, &mut decision, draft, placing)? else {
            return Ok(Decision::refuse(Reason::NotSold(size), unsold));
        };
        orders.push(order);
    }
    let refusal = match payment {
        Some(coupons) => pay_now(case, &mut decision, &orders, coupons)?,
        None => None,
    };
    Ok(refusal.unwrap_or(decision))
}

fn refuse_purchase(
    case: &Case<'_>,
    items: &[BuyItem],
    setup: Option<Setup>,
    payment: Option<&[CouponId]>,
) -> Option<(Reason, &'static [RuleId])> {
    if let Some(reason) = unknown_coupon(case, payment.unwrap_or_default()) {
        return Some((reason, by![r(4, 1)]));
    }
    let mut phones = items.iter().flat_map(|item| &item.phones);
    if let Some(phone) = phones.find(|phone| case.account.phones.contains_key(phone)) {
        return Some((Reason::PhoneExists(phone.clone()), by![r(1, 1)]));
    }
    let mut seen = BTreeSet::new();
    let once = items.iter().flat_map(|item| &item.phones).all(|phone| seen.insert(phone));
    if !once || items.is_empty() || items.iter().any(|item| item.phones.is_empty()) {
        return Some((Reason::PhonesNotDistinct, by![r(1, 1)]));
    }
    let count = items.iter().map(|item| item.phones.len()).sum();
    if let Some(barrier) = product::too_many(case, count) {
        return Some(barrier);
    }
    let legal = |item: &BuyItem| {
        let setting = item.auto_renewal;
        product::is_term(case, item.term)
            && setting.is_none_or(|setting| renewal::legal(case, setting))
    };
    if !items.iter().all(legal) {
        return Some((Reason::OutOfRange, by![r(1, 7), r(6, 6)]));
    }
    // What could never be paid together is not placed together.
    if items.len() > case.params.orders_paid_together_max {
        return Some((Reason::TooManyOrders, by![r(1, 11)]));
    }
    let term = items.iter().find_map(|item| product::term_barred(case, item.term));
    let system = || items.iter().find_map(|item| product::system_missing(case, &item.size, setup));
    if let Some(barrier) = term.or_else(system).or_else(|| product::buyer_barred(case)) {
        return Some(barrier);
    }
    let owes = arrears::in_arrears(case).then_some((Reason::InArrears, by![r(1, 14), r(8, 5)]));
    owes.or_else(|| product::setup_barred(case, setup))
        .or_else(|| items.iter().find_map(|item| product::offer_barred(case, &item.size, false)))
        .or_else(|| items.iter().find_map(|item| product::term_unsold(case, &item.size, item.term)))
}

/// An order before it has an id and a price.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: OrderKind,
    pub(super) setup: Option<Setup>,
    pub(super) phones: Vec<PhoneId>,
    pub(super) size: SizeId,
    pub(super) term: Term,
    pub(super) unified: Option<Box<Unified>>,
    pub(super) auto_renewal: Option<AutoRenewal>,
}

/// Where an order stands among those of one action, and what it waits for if not as usual.
#[derive(Clone, Debug)]
struct Placing {
    place: usize,
    group: Option<Box<Group>>,
    waits_for: Option<OrderWait>,
}

/// The name of the order that is placed as the `n`-th next.
fn next_order(case: &Case<'_>, n: usize) -> Result<OrderId, Fault> {
    let next = u32::try_from(n).ok().and_then(|n| n.checked_add(1));
    let number = next.and_then(|next| case.account.orders_placed.checked_add(next));
    number.map(OrderId::nth).ok_or(Fault::Range("number of orders"))
}

/// Prices and places one order; nothing if the catalogue has no price for it (R3.1).
fn place_one(
    case: &Case<'_>,
    decision: &mut Decision,
    draft: Draft,
    placing: Placing,
) -> Result<Option<OrderPlaced>, Fault> {
    let (count, unified) = (draft.phones.len(), draft.unified.as_deref());
    let Some(quote) = quote(case, &draft.size, draft.term, count, unified)? else {
        return Ok(None);
    };
    let Quote { official, discount, from, .. } = quote;
    let pay_by = case.now + case.params.payment_deadline;
    // What the service orders by itself is paid at once or not ordered.
    let approval = case.account.approval && draft.kind != OrderKind::AutoRenew;
    let usual = if approval { OrderWait::Approval } else { OrderWait::Payment };
    let placed = OrderPlaced {
        order: next_order(case, placing.place)?,
        kind: draft.kind,
        phones: draft.phones,
        size: draft.size,
        place: if draft.kind == OrderKind::New { product::place(case) } else { None },
        setup: draft.setup,
        term: draft.term,
        unified: draft.unified,
        official,
        discount,
        discount_from: from,
        due: official.minus(discount)?,
        auto_renewal: draft.auto_renewal,
        group: placing.group,
        waits_for: placing.waits_for.unwrap_or(usual),
        pay_by,
    };
    let rules = product::order_rules(case, &placed, quote.published);
    decision.happen(rules, placed.clone());
    let key = TimerKey::OrderDeadline(placed.order.clone());
    decision.schedule(key, Window::exactly(pay_by));
    Ok(Some(placed))
}

/// An order that is to be paid, whether it is in the books already or placed by this very decision.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToPay<'a> {
    pub(super) order: &'a OrderId,
    pub(super) kind: OrderKind,
    pub(super) phones: &'a [PhoneId],
    pub(super) size: &'a SizeId,
    /// Where its phones run, if that is known.
    pub(super) region: Option<&'a RegionId>,
    pub(super) term: Term,
    pub(super) unified: Option<&'a Unified>,
    pub(super) official: Amount,
    /// What the best discount takes off, as the order was placed.
    pub(super) discount: Amount,
    pub(super) group: Option<&'a Group>,
    /// Whether its price was held since an earlier instant (R1.10).
    pub(super) held: bool,
}

impl<'a> ToPay<'a> {
    fn placed(case: &Case<'a>, e: &'a OrderPlaced) -> Self {
        let (order, group) = (&e.order, e.group.as_deref());
        let (kind, phones, size, term) = (e.kind, &e.phones, &e.size, e.term);
        let (unified, official, discount) = (e.unified.as_deref(), e.official, e.discount);
        let asked = e.place.as_ref().map(|place| &place.region);
        let (region, held) = (asked.or_else(|| region_of(case, phones)), false);
        Self { order, kind, phones, size, region, term, unified, official, discount, group, held }
    }
    fn open(case: &Case<'a>, (order, open): (&'a OrderId, &'a Order)) -> Result<Self, MoneyError> {
        let (kind, phones, size, term) = (open.kind, &open.phones, &open.size, open.term);
        let (official, discount) = (open.official, open.official.minus(open.due)?);
        let (group, held) = (open.group.as_deref(), kind != OrderKind::New);
        let (unified, region) = (open.unified.as_deref(), region_of(case, phones));
        Ok(Self {
            order,
            kind,
            phones,
            size,
            region,
            term,
            unified,
            official,
            discount,
            group,
            held,
        })
    }
}

/// The region in which the phones of an order are known to run.
pub(super) fn region_of<'a>(case: &Case<'a>, phones: &[PhoneId]) -> Option<&'a RegionId> {
    phones.first().and_then(|phone| case.account.phones.get(phone)?.region())
}

/// Pays the orders that `decision` places; answers a refusal if a coupon cannot be used. An order that
/// waits for approval is left alone (R1.11).
fn pay_now(
    case: &Case<'_>,
    decision: &mut Decision,
    orders: &[OrderPlaced],
    coupons: &[CouponId],
) -> Result<Option<Decision>, Fault> {
    if orders.iter().any(|order| order.waits_for != OrderWait::Payment) {
        return Ok(None);
    }
    let to_pay: Vec<_> = orders.iter().map(|order| ToPay::placed(case, order)).collect();
    // A call that pays is paid by the service itself, with a promotion that the phone has had (R3.4).
    let promotion = match to_pay.as_slice() {
        [one] if product::by_api(case) => promotion::remembered(case, *one, coupons)?,
        _ => None,
    };
    let mut used: Vec<CouponId> = promotion.into_iter().map(|(id, _)| id).collect();
    used.extend_from_slice(coupons);
    match pay_orders(case, &to_pay, &used)? {
        Payment::Refused(reason) => return Ok(Some(unusable_coupon(reason))),
        Payment::TooLow { needed, available } => {
            for order in orders {
                let order = order.order.clone();
                decision.happen(by![r(4, 1), r(1, 9)], PaymentFailed { order, needed, available });
            }
        }
        Payment::Paid(parts) => charge_all(case, decision, &to_pay, parts),
    }
    Ok(None)
}

/// A payment is refused because of a coupon.
fn unusable_coupon(reason: Reason) -> Decision {
    let rules: &[RuleId] =
        if matches!(reason, Reason::CouponNotFitting(_)) { by![r(4, 3)] } else { by![r(4, 1)] };
    Decision::refuse(reason, rules)
}

fn charge_all(
    case: &Case<'_>,
    decision: &mut Decision,
    orders: &[ToPay<'_>],
    parts: Vec<OrderPayment>,
) {
    for (order, payment) in orders.iter().zip(parts) {
        charge(case, decision, order, payment);
    }
}

/// The rules of a payment, with R3.4 if a promotion takes off its price.
fn rules_of_payment(
    case: &Case<'_>,
    order: &ToPay<'_>,
    promotion: Option<&CouponId>,
) -> &'static [RuleId] {
    // Whether one of the account's vouchers pays is a rule of its own.
    let by_itself = order.kind == OrderKind::AutoRenew && !case.account.coupons.is_empty();
    match (promotion, order.held, by_itself) {
        (None, true, _) => by![r(1, 12), r(4, 1), r(4, 5), r(1, 10)],
        (None, false, true) => by![r(1, 12), r(4, 1), r(4, 5), r(6, 8)],
        (None, false, false) => by![r(1, 12), r(4, 1), r(4, 5)],
        (Some(_), true, _) => by![r(1, 12), r(3, 4), r(4, 1), r(4, 5), r(1, 10)],
        (Some(_), false, true) => by![r(1, 12), r(3, 4), r(4, 1), r(4, 5), r(6, 8)],
        (Some(_), false, false) => by![r(1, 12), r(3, 4), r(4, 1), r(4, 5)],
    }
}

/// Takes the money and begins or completes what was ordered.
fn charge(case: &Case<'_>, decision: &mut Decision, order: &ToPay<'_>, payment: OrderPayment) {
    let OrderPayment { due, discount, promotion, coupon_discount, discount_coupon, paid } = payment;
    let (id, phones, reason) = (order.order.clone(), order.phones.to_vec(), order.kind);
    decision.happen(
        rules_of_payment(case, order, promotion.as_ref()),
        Charged {
            order: id.clone(),
            reason,
            phones,
            due,
            discount,
            promotion,
            coupon_discount,
            discount_coupon,
            paid,
        },
    );
    decision.cancel(TimerKey::OrderDeadline(id.clone()));
    if order.kind == OrderKind::New {
        // What is sold in combination is fulfilled in one stroke, by the first of its orders.
        let by_first = order.group.is_some_and(|group| group.combination && group.first != id);
        if !by_first {
            let window = case.params.provisioning.after(case.now);
            decision.schedule(TimerKey::Provision(id), window);
        }
        return;
    }
    for phone in order.phones {
        if order.kind == OrderKind::Subscribe {
            mode::begin_subscription(case, decision, phone, &id, order.term);
            continue;
        }
        renewal::lengthen(case, decision, phone, order);
    }
    decision.happen(by![r(1, 8)], OrderCompleted { order: id });
}

/// R1.11, R4.1: pays orders that wait for it, all of them or none.
pub(super) fn pay(
    case: &Case<'_>,
    which: &[OrderRef],
    coupons: &[CouponId],
) -> Result<Decision, Fault> {
    let orders = match all_together(case, which) {
        Ok(orders) => orders,
        Err(reason) => return Ok(Decision::refuse(reason, by![r(1, 8)])),
    };
    if let Some((reason, rules)) = refuse_payment(case, &orders, coupons) {
        return Ok(Decision::refuse(reason, rules));
    }
    let phones = orders.iter().flat_map(|(_, order)| &order.phones);
    let mut renewed = phones.filter_map(|phone| case.account.phones.get(phone));
    let barrier = renewed.find_map(|phone| access::renewal_barred(case.params, phone));
    if let Some((reason, rules)) = barrier {
        return Ok(Decision::refuse(reason, rules));
    }
    let mut decision = Decision { read: READ_ORDER, ..Decision::default() };
    let to_pay = orders.into_iter().map(|order| ToPay::open(case, order));
    let to_pay = to_pay.collect::<Result<Vec<_>, _>>()?;
    match pay_orders(case, &to_pay, coupons)? {
        Payment::Refused(reason) => return Ok(unusable_coupon(reason)),
        Payment::TooLow { .. } => {
            return Ok(Decision::refuse(Reason::BalanceTooLow, by![r(4, 1)]));
        }
        Payment::Paid(parts) => charge_all(case, &mut decision, &to_pay, parts),
    }
    Ok(decision)
}

fn refuse_payment(
    case: &Case<'_>,
    orders: &[(&OrderId, &Order)],
    coupons: &[CouponId],
) -> Option<(Reason, &'static [RuleId])> {
    if let Some(reason) = unknown_coupon(case, coupons) {
        return Some((reason, by![r(4, 1)]));
    }
    if orders.is_empty() {
        return Some((Reason::OutOfRange, by![r(1, 11)]));
    }
    if orders.len() > case.params.orders_paid_together_max {
        return Some((Reason::TooManyOrders, by![r(1, 11)]));
    }
    if arrears::in_arrears(case) {
        return Some((Reason::InArrears, by![r(1, 14), r(8, 5)]));
    }
    let waits = |order: &Order| matches!(order.phase, OrderPhase::PendingPayment { .. });
    let other = orders.iter().map(|(_, order)| *order).find(|order| !waits(order))?;
    let rules: &[RuleId] = match other.phase {
        OrderPhase::PendingApproval { .. } => by![r(1, 11), r(1, 8)],
        _ => by![r(1, 8)],
    };
    Some((Reason::NotPayable, rules))
}

/// R1.11: the orders named and those that were placed in one action with them, each once.
fn all_together<'a>(
    case: &Case<'a>,
    which: &[OrderRef],
) -> Result<Vec<(&'a OrderId, &'a Order)>, Reason> {
    let mut all: Vec<(&OrderId, &Order)> = Vec::with_capacity(which.len());
    for one in which {
        let (id, _) = order::find(case, one)?;
        for (id, order) in case.account.together_with(id) {
            if all.iter().all(|(known, _)| *known != id) {
                all.push((id, order));
            }
        }
    }
    Ok(all)
}
