//! Renewal by hand (R5.1 to R5.4): on the console several phones in one action, by the interface each
//! by itself.

use crate::command::{RenewTo, RenewalPolicy};
use crate::decision::{Decision, Fault, Reason};
use crate::lifecycle::PhoneTrigger;
use crate::name::{CouponId, PhoneId};
use crate::rulebook::BookError;
use crate::rules::access::Barrier;
use crate::rules::params::Reader;
use crate::rules::payment::unknown_coupon;
use crate::rules::purchase::{Draft, Drafts, another_period_barred, group, place_and_pay};
use crate::rules::{Case, access, living, mode, product, r, renewal, several, unified, unusable};
use crate::state::{AtExpiry, AutoRenewal, Mark, OrderKind, Phone, Unified, Verification};
use crate::term::Term;

/// What section 5 leaves open, but for the unified day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenewalParams {
    /// R5.1 `verification_needed`.
    pub verification_needed: Verification,
    /// R5.4 `renewals_per_call_max`.
    pub per_call_max: usize,
    /// R5.8 `total_months_max`, if there is a limit.
    pub total_months_max: Option<u32>,
}

impl RenewalParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            verification_needed: read.verification(r(5, 1))?,
            per_call_max: read.size(r(5, 4), "renewals_per_call_max")?,
            total_months_max: Some(read.count(r(5, 8), "total_months_max")?).filter(|n| *n > 0),
        })
    }
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) term: Term,
    pub(super) to: RenewTo,
    pub(super) policy: Option<RenewalPolicy>,
    pub(super) payment: Option<&'a [CouponId]>,
}

/// R5.1 to R5.4: renews subscriptions until they are released.
pub(super) fn renew(
    case: &Case<'_>,
    phones: &[PhoneId],
    asked: Asked<'_>,
) -> Result<Decision, Fault> {
    if !product::by_api(case) {
        return together(case, phones, asked);
    }
    let limit = several::Limit { most: case.params.renewal.per_call_max, by: by![r(5, 4)] };
    several::each(case, phones, &limit, |case, id| by_itself(case, id, asked))
}

/// R5.4, R1.11: the orders of several phones are one action, paid or cancelled as one; what stands
/// against one phone stands against all.
fn together(case: &Case<'_>, phones: &[PhoneId], asked: Asked<'_>) -> Result<Decision, Fault> {
    let mut drafts = Vec::with_capacity(phones.len());
    let mut barriers: Vec<Barrier> = whole(case, phones).into_iter().collect();
    for id in phones {
        match draft(case, id, asked)? {
            Ok(draft) => drafts.push(draft),
            Err(barrier) => barriers.push(barrier),
        }
    }
    if let Some((reason, rules)) = barriers.into_iter().min() {
        return Ok(Decision::refuse(reason, rules));
    }
    let group = if phones.len() > 1 { Some(group(case, false)?) } else { None };
    order(case, drafts, group, asked.payment)
}

/// What stands against the phones together.
fn whole(case: &Case<'_>, phones: &[PhoneId]) -> Option<Barrier> {
    if !several::distinct(phones) {
        return Some((Reason::PhonesNotDistinct, by![r(5, 4)]));
    }
    // What could never be paid together is not placed together.
    if phones.len() > case.params.orders_paid_together_max {
        return Some((Reason::TooManyOrders, by![r(1, 11), r(5, 4)]));
    }
    let on_trial = |id: &PhoneId| case.account.returns.marks_of(id).contains(&Mark::Trial);
    let trials = phones.iter().filter(|id| on_trial(id)).count();
    let mixed = trials > 0 && trials < phones.len();
    mixed.then_some((Reason::MixedProducts, by![r(5, 4)]))
}

/// R5.4: one phone of a call of the interface.
fn by_itself(case: &Case<'_>, id: &PhoneId, asked: Asked<'_>) -> Result<Decision, Fault> {
    let draft = match draft(case, id, asked)? {
        Ok(draft) => draft,
        Err((reason, rules)) => return Ok(Decision::refuse(reason, rules)),
    };
    let renewed = order(case, vec![draft], None, asked.payment)?;
    match asked.policy.filter(|_| case.params.mode.policy_in_renewal_applies) {
        None => Ok(renewed),
        Some(policy) => several::then(case, renewed, |case| Ok(apply_policy(case, id, policy))),
    }
}

/// R7.1: older editions heed the policy that is sent with a renewal.
fn apply_policy(case: &Case<'_>, id: &PhoneId, policy: RenewalPolicy) -> Decision {
    let at_expiry = match policy {
        RenewalPolicy::AutoRenew => {
            let setting = AutoRenewal { every: None, times_left: None };
            let mut decision = renewal::set_auto_renewal(case, id, Some(setting));
            // It is the policy that does it, or stands in the way.
            if let Some(refusal) = &mut decision.refusal {
                refusal.rules = by![r(7, 1), r(6, 7), r(6, 12)];
            }
            if let Some(set) = decision.events.first_mut() {
                set.rules = by![r(7, 1), r(6, 7), r(6, 3), r(6, 6), r(6, 2), r(6, 11)];
            }
            return decision;
        }
        RenewalPolicy::Grace => AtExpiry::Grace,
        RenewalPolicy::ToOnDemand => AtExpiry::ToOnDemand,
        RenewalPolicy::Delete => AtExpiry::Delete,
    };
    mode::set_at_expiry(case, id, at_expiry)
}

fn order(
    case: &Case<'_>,
    drafts: Vec<Draft>,
    group: Option<crate::state::Group>,
    payment: Option<&[CouponId]>,
) -> Result<Decision, Fault> {
    let (waits_for, unsold) = (None, by![r(5, 1)]);
    place_and_pay(case, Drafts { drafts, group, waits_for, unsold }, payment)
}

/// The order for one phone, or why it cannot be renewed so.
fn draft(case: &Case<'_>, id: &PhoneId, asked: Asked<'_>) -> Result<Result<Draft, Barrier>, Fault> {
    let Asked { term, to, .. } = asked;
    let Some(phone) = living(case, id) else {
        return Ok(Err((Reason::UnknownPhone(id.clone()), by![r(5, 1)])));
    };
    if let Some(reason) = unknown_coupon(case, asked.payment.unwrap_or_default()) {
        return Ok(Err((reason, by![r(4, 1)])));
    }
    if let Some(barrier) = refuse(case, id, phone, term)? {
        return Ok(Err(barrier));
    }
    let unified: Option<Box<Unified>> = match unified::asked(case, phone, term, to)? {
        Ok(unified) => unified,
        Err(reason) => return Ok(Err((reason, by![r(5, 6)]))),
    };
    if renewal::too_long(case, phone, term, unified.as_deref()) {
        return Ok(Err((Reason::TermTooLong, by![r(5, 8)])));
    }
    let (kind, phones, size) = (OrderKind::Renew, vec![id.clone()], phone.details.size.clone());
    Ok(Ok(Draft { kind, setup: None, phones, size, term, unified, auto_renewal: None }))
}

fn refuse(
    case: &Case<'_>,
    id: &PhoneId,
    phone: &Phone,
    term: Term,
) -> Result<Option<Barrier>, Fault> {
    if !product::is_term(case, term) {
        return Ok(Some((Reason::OutOfRange, by![r(1, 7)])));
    }
    if case.account.verification < case.params.renewal.verification_needed {
        return Ok(Some((Reason::NotVerified, by![r(5, 1)])));
    }
    let barrier = another_period_barred(case, &phone.details.size, term, by![r(5, 1)])?;
    if barrier.is_some() {
        return Ok(barrier);
    }
    if phone.metering().is_some() {
        return Ok(Some((Reason::OnDemand, by![r(2, 14), r(5, 1)])));
    }
    if let Some(reason) = unusable(case, phone, PhoneTrigger::Renewed, id) {
        return Ok(Some((reason, by![r(1, 1), r(5, 1)])));
    }
    if let Some(barrier) = access::renewal_barred(case.params, phone) {
        return Ok(Some(barrier));
    }
    if case.account.open_order_of(id).is_some() {
        return Ok(Some((Reason::OrderPending, by![r(5, 1)])));
    }
    let policy = phone.subscription().map(|subscription| subscription.at_expiry);
    if policy == Some(AtExpiry::ToOnDemand) {
        return Ok(Some((Reason::BecomingOnDemand, by![r(5, 1), r(7, 3)])));
    }
    let waits = case.account.returns.under_review(id);
    Ok(waits.then_some((Reason::UnderReview, by![r(9, 9), r(5, 1)])))
}
