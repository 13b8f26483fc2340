//! What may not be given back, in the order in which it is looked for (R9.6, R9.8).

use crate::command::UnsubscribeWhat;
use crate::decision::Reason;
use crate::lifecycle::PhoneTrigger;
use crate::name::PhoneId;
use crate::rulebook::RuleId;
use crate::rules::access::Barrier;
use crate::rules::{Case, access, living, r, unusable};
use crate::state::{Mark, Period, Phone, Subscription};

const NOT_ALLOWED: &[RuleId] = &[r(9, 8), r(1, 1)];

/// Why this phone, or its renewals, cannot be given back now; `None` if they can.
pub(super) fn refuse(case: &Case<'_>, id: &PhoneId, what: UnsubscribeWhat) -> Option<Barrier> {
    let Some(phone) = living(case, id) else {
        return Some((Reason::UnknownPhone(id.clone()), by![r(9, 1)]));
    };
    if phone.metering().is_some() {
        return Some((Reason::OnDemand, by![r(2, 14), r(9, 1)]));
    }
    let marks = case.account.returns.marks_of(id);
    let first = by_state(case, id, phone, &|mark| marks.contains(&mark));
    if first.is_some() {
        return first;
    }
    let subscription = phone.subscription()?;
    match what {
        UnsubscribeWhat::PhoneAndRenewals => None,
        UnsubscribeWhat::RenewalsOnly | UnsubscribeWhat::RenewalsAfter(_) => {
            if marks.contains(&Mark::ChangedSince) {
                return Some((Reason::ChangedSince, by![r(9, 6), r(10, 5)]));
            }
            if marks.contains(&Mark::PromotionalRenewal) {
                return Some((Reason::PromotionalRenewal, by![r(9, 6), r(9, 11)]));
            }
            no_renewals(case, subscription, what)
        }
    }
}

/// R9.8 in its order.
fn by_state(
    case: &Case<'_>,
    id: &PhoneId,
    phone: &Phone,
    is: &dyn Fn(Mark) -> bool,
) -> Option<Barrier> {
    let not_provisioned = unusable(case, phone, PhoneTrigger::Unsubscribe, id)
        .filter(|reason| *reason == Reason::NotProvisioned);
    if let Some(reason) = not_provisioned {
        return Some((reason, NOT_ALLOWED));
    }
    let marked = |marks: &[(Mark, Reason)]| {
        let found = marks.iter().find(|(mark, _)| is(*mark));
        found.map(|(_, reason)| (reason.clone(), by![r(9, 8)]))
    };
    let never =
        [(Mark::Free, Reason::Free), (Mark::Trial, Reason::Trial), (Mark::OneOff, Reason::OneOff)];
    if let Some(refused) = marked(&never) {
        return Some(refused);
    }
    if let Some(reason) = unusable(case, phone, PhoneTrigger::Unsubscribe, id) {
        return Some((reason, NOT_ALLOWED));
    }
    if let Some(barrier) = access::police(phone) {
        return Some(barrier);
    }
    if case.account.open_order_of(id).is_some() {
        return Some((Reason::OrderPending, by![r(9, 8)]));
    }
    if case.account.returns.under_review(id) {
        return Some((Reason::UnderReview, by![r(9, 8), r(9, 9)]));
    }
    marked(&[
        (Mark::Invoiced, Reason::Invoiced),
        (Mark::StandardContract, Reason::StandardContract),
        (Mark::SpecialPromotion, Reason::SpecialPromotion),
    ])
}

/// R9.6, R9.11: there must be something that has not begun, and the expiry that is to remain must be
/// the end of a period.
fn no_renewals(
    case: &Case<'_>,
    subscription: &Subscription,
    what: UnsubscribeWhat,
) -> Option<Barrier> {
    if !subscription.periods.iter().any(|period| period.from > case.now) {
        return Some((Reason::NoRenewedPeriod, by![r(9, 11), r(9, 6)]));
    }
    let dropped: Vec<&Period> = dropped(case, subscription, what).collect();
    if let UnsubscribeWhat::RenewalsAfter(keep) = what
        && (dropped.is_empty() || !subscription.periods.iter().any(|period| period.to == keep))
    {
        return Some((Reason::OutOfRange, by![r(9, 6)]));
    }
    None
}

/// The periods that an unsubscription of renewals takes away.
pub(super) fn dropped<'s>(
    case: &Case<'_>,
    subscription: &'s Subscription,
    what: UnsubscribeWhat,
) -> impl Iterator<Item = &'s Period> {
    let now = case.now;
    subscription.periods.iter().filter(move |period| {
        let kept = match what {
            UnsubscribeWhat::RenewalsAfter(keep) => period.to <= keep,
            UnsubscribeWhat::PhoneAndRenewals | UnsubscribeWhat::RenewalsOnly => false,
        };
        period.from > now && !kept
    })
}
