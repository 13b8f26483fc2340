//! What happens to a subscription at its end, and moves between the charging modes (R7, R10.2 to
//! R10.4). A phone that moves keeps its name and its data; only what it is charged by changes.

use crate::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{AtExpirySet, AutoRenewalSet, BecameOnDemand, BecameSubscribed, CancelReason};
use crate::lifecycle::PhoneTrigger;
use crate::name::{CouponId, OrderId, PhoneId};
use crate::rulebook::{BookError, RuleId};
use crate::rules::access::Barrier;
use crate::rules::params::Reader;
use crate::rules::payment::unknown_coupon;
use crate::rules::purchase::{Draft, Drafts, another_period_barred, place_and_pay};
use crate::rules::{
    Case, access, arrears, living, notice, order, product, r, refund, several, unusable, usage,
};
use crate::state::{AtExpiry, OrderKind, Phone};
use crate::term::{Anchor, Term};

const READ_MODE: &[Read] = &[
    Read { rule: r(7, 4), name: "mode_change_at_expiry" },
    Read { rule: r(7, 4), name: "mode_change_at_once" },
];

/// What section 7 leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModeParams {
    /// R7.1 `delete_from_retention`: whether the phone goes where retention begins, or else where it ends.
    pub deletes_at_retention_start: bool,
    /// R7.1 `policy_in_renewal`: whether it applies, or else is ignored.
    pub policy_in_renewal_applies: bool,
    /// R7.3 `moves_per_call_max`.
    pub per_call_max: usize,
    /// R7.3 `instant_moves_per_call_max`.
    pub at_once_per_call_max: usize,
    /// R7.4 `mode_change_at_expiry`.
    pub at_expiry: bool,
    /// R7.4 `mode_change_at_once`.
    pub at_once: bool,
}

impl ModeParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            deletes_at_retention_start: read.is(r(7, 1), "delete_from_retention", "start")?,
            policy_in_renewal_applies: read.is(r(7, 1), "policy_in_renewal", "applied")?,
            per_call_max: read.size(r(7, 3), "moves_per_call_max")?,
            at_once_per_call_max: read.size(r(7, 3), "instant_moves_per_call_max")?,
            at_expiry: read.flag(r(7, 4), "mode_change_at_expiry")?,
            at_once: read.flag(r(7, 4), "mode_change_at_once")?,
        })
    }
}

/// R7.1, R7.3: says what is to happen at the end of a subscription; whatever it is but grace, it takes
/// the place of auto-renewal.
pub(super) fn set_at_expiry(case: &Case<'_>, id: &PhoneId, policy: AtExpiry) -> Decision {
    let Some(phone) = living(case, id) else {
        return Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(7, 1)]);
    };
    let moves = policy == AtExpiry::ToOnDemand;
    if moves && case.rules.catalogue().hour(&phone.details.size).is_none() {
        return Decision::refuse(
            Reason::NotSold(phone.details.size.clone()),
            by![r(7, 3), r(7, 1)],
        );
    }
    if moves && !case.params.mode.at_expiry {
        return Decision::refuse(Reason::ModeFixed, by![r(7, 4), r(7, 1)]);
    }
    if phone.metering().is_some() {
        return Decision::refuse(Reason::OnDemand, by![r(7, 1)]);
    }
    // As with unsubscription: after provisioning and before the end.
    if let Some(reason) = unusable(case, phone, PhoneTrigger::Unsubscribe, id) {
        return Decision::refuse(reason, by![r(7, 3), r(7, 1)]);
    }
    let mut decision = Decision { read: READ_MODE, ..Decision::default() };
    let renews = phone.subscription().is_some_and(|s| s.auto_renewal.is_some());
    if renews && policy != AtExpiry::Grace {
        let (phone, setting) = (id.clone(), None);
        decision.happen(by![r(7, 1), r(7, 3), r(6, 7)], AutoRenewalSet { phone, setting });
        decision.cancel(TimerKey::AutoRenewal(id.clone()));
    }
    let rules: &[RuleId] = if moves {
        by![r(7, 1), r(7, 3), r(7, 2), r(7, 4)]
    } else {
        by![r(7, 1), r(7, 3), r(7, 2)]
    };
    decision.happen(rules, AtExpirySet { phone: id.clone(), policy });
    decision
}

/// R10.3: the end of a subscription has come, after which the phone is charged by use. It stays with
/// the old way where it cannot be: its account owes money, somebody has frozen it, or its hours are not sold any more.
pub(super) fn end_on_demand(case: &Case<'_>, decision: &mut Decision, id: &PhoneId) -> bool {
    let Some(phone) = living(case, id) else { return false };
    let Some(unit_price) = case.rules.catalogue().hour(&phone.details.size) else { return false };
    if arrears::in_arrears(case) || access::use_barred(phone).is_some() {
        return false;
    }
    let event = BecameOnDemand { phone: id.clone(), unit_price };
    decision.happen(by![r(10, 3), r(7, 3), r(2, 2)], event);
    begin_use(case, decision, id);
    true
}

fn begin_use(case: &Case<'_>, decision: &mut Decision, id: &PhoneId) {
    for key in [TimerKey::AutoRenewal(id.clone()), TimerKey::Notice(id.clone())] {
        decision.cancel(key);
    }
    decision.cancel(TimerKey::Expiry(id.clone()));
    usage::schedule_hours(case, decision, id);
    order::cancel_waiting(case, decision, id, CancelReason::PhoneSwitched);
}

/// R7.1, R7.3: says it of several phones, each by itself.
pub(super) fn set_all_at_expiry(
    case: &Case<'_>,
    phones: &[PhoneId],
    policy: AtExpiry,
) -> Result<Decision, Fault> {
    let limit = several::Limit { most: case.params.mode.per_call_max, by: by![r(7, 3)] };
    several::each(case, phones, &limit, |case, id| Ok(set_at_expiry(case, id, policy)))
}

/// R7.3, R10.4: moves several phones at once, each by itself.
pub(super) fn all_to_on_demand(case: &Case<'_>, phones: &[PhoneId]) -> Result<Decision, Fault> {
    let limit = several::Limit { most: case.params.mode.at_once_per_call_max, by: by![r(7, 3)] };
    several::each(case, phones, &limit, to_on_demand)
}

/// R10.4: a subscription becomes on-demand at once, and what is left of it goes back.
fn to_on_demand(case: &Case<'_>, id: &PhoneId) -> Result<Decision, Fault> {
    let Some(phone) = living(case, id) else {
        return Ok(Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(10, 4), r(7, 4)]));
    };
    if arrears::in_arrears(case) {
        return Ok(Decision::refuse(Reason::InArrears, by![r(8, 5), r(10, 4), r(7, 4)]));
    }
    let size = &phone.details.size;
    let Some(unit_price) = case.rules.catalogue().hour(size) else {
        return Ok(Decision::refuse(Reason::NotSold(size.clone()), by![r(10, 4), r(7, 4)]));
    };
    if let Some((reason, rules)) = refuse_leaving(case, id, phone) {
        return Ok(Decision::refuse(reason, rules));
    }
    let mut decision = Decision { read: READ_MODE, ..Decision::default() };
    if let Some(subscription) = phone.subscription() {
        refund::switch_back(case, &mut decision, id, subscription)?;
    }
    let event = BecameOnDemand { phone: id.clone(), unit_price };
    decision.happen(by![r(10, 4), r(7, 4), r(2, 2)], event);
    begin_use(case, &mut decision, id);
    Ok(decision)
}

fn refuse_leaving(case: &Case<'_>, id: &PhoneId, phone: &Phone) -> Option<Barrier> {
    if !case.params.mode.at_once {
        return Some((Reason::ModeFixed, by![r(7, 4)]));
    }
    if phone.metering().is_some() {
        return Some((Reason::OnDemand, by![r(10, 4)]));
    }
    if let Some(reason) = unusable(case, phone, PhoneTrigger::Unsubscribe, id) {
        return Some((reason, by![r(10, 4)]));
    }
    if let Some(barrier) = access::use_barred(phone) {
        return Some(barrier);
    }
    let waits = case.account.returns.under_review(id);
    waits.then_some((Reason::UnderReview, by![r(9, 9), r(10, 4)]))
}

/// R10.2: orders a subscription for a phone that is charged by use; it begins when that is paid.
pub(super) fn subscribe(
    case: &Case<'_>,
    id: &PhoneId,
    term: Term,
    payment: Option<&[CouponId]>,
) -> Result<Decision, Fault> {
    let Some(phone) = living(case, id) else {
        return Ok(Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(10, 2)]));
    };
    if let Some(reason) = unknown_coupon(case, payment.unwrap_or_default()) {
        return Ok(Decision::refuse(reason, by![r(4, 1)]));
    }
    if let Some((reason, rules)) = refuse_subscribing(case, id, phone, term)? {
        return Ok(Decision::refuse(reason, rules));
    }
    let (kind, phones, size) = (OrderKind::Subscribe, vec![id.clone()], phone.details.size.clone());
    let drafts =
        vec![Draft { kind, setup: None, phones, size, term, unified: None, auto_renewal: None }];
    let (group, waits_for, unsold) = (None, None, by![r(10, 2)]);
    place_and_pay(case, Drafts { drafts, group, waits_for, unsold }, payment)
}

fn refuse_subscribing(
    case: &Case<'_>,
    id: &PhoneId,
    phone: &Phone,
    term: Term,
) -> Result<Option<Barrier>, Fault> {
    if !product::is_term(case, term) {
        return Ok(Some((Reason::OutOfRange, by![r(1, 7)])));
    }
    let barrier = another_period_barred(case, &phone.details.size, term, by![r(10, 2)])?;
    if barrier.is_some() {
        return Ok(barrier);
    }
    if !case.params.mode.at_once {
        return Ok(Some((Reason::ModeFixed, by![r(7, 4)])));
    }
    if phone.metering().is_none() {
        return Ok(Some((Reason::Subscribed, by![r(10, 2)])));
    }
    if let Some(reason) = unusable(case, phone, PhoneTrigger::BecomeSubscribed, id) {
        return Ok(Some((reason, by![r(10, 2)])));
    }
    if let Some(barrier) = access::renewal_barred(case.params, phone) {
        return Ok(Some(barrier));
    }
    let open = case.account.open_order_of(id);
    Ok(open.map(|_| (Reason::OrderPending, by![r(10, 2)])))
}

/// R10.2: the order is paid; the subscription begins, and use ends, with this second.
pub(super) fn begin_subscription(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &PhoneId,
    order: &OrderId,
    term: Term,
) {
    let effective = case.now.floor_to_second();
    let expires = Anchor::at(effective).expiry_after(term.months());
    let (phone, order) = (id.clone(), order.clone());
    let event = BecameSubscribed { phone, order, effective, expires };
    decision.happen(by![r(10, 2), r(1, 3), r(1, 5), r(2, 2)], event);
    decision.schedule(TimerKey::Expiry(id.clone()), Window::exactly(expires.boundary()));
    notice::schedule(case, decision, id, expires);
}
