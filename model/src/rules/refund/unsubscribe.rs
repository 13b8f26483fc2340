//! Giving subscriptions back: whole phones, or renewals that have not begun (R9.1, R9.6, R9.7, R9.11).

use super::refuse::{dropped, refuse};
use super::sums::{RefundSums, conditional_refund, share_refund, whole, within_five_days};
use super::{pay_back, review};
use crate::command::UnsubscribeWhat;
use crate::decision::{Decided, Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{Event, RefundTerms, RefundTo, Refunded, UnsubscribeFailed, Unsubscribed};
use crate::money::Amount;
use crate::name::{OrderId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::{Case, expiry, notice, payment, r, renewal};
use crate::state::{Mark, Order, Period, Split, Subscription};
use crate::term::Anchor;
use crate::time::SimTime;
use std::collections::BTreeSet;

pub(super) const READ_REFUND: &[Read] = &[
    Read { rule: r(9, 2), name: "five_day_right" },
    Read { rule: r(9, 2), name: "five_day_hours" },
    Read { rule: r(9, 2), name: "five_day_quota" },
    Read { rule: r(9, 4), name: "time_unit" },
    Read { rule: r(9, 4), name: "cents_rounding" },
    Read { rule: r(9, 5), name: "fee_monthly" },
    Read { rule: r(9, 5), name: "fee_waived" },
    Read { rule: r(9, 9), name: "review_above" },
    Read { rule: r(9, 9), name: "approved_after" },
    Read { rule: r(9, 10), name: "destination" },
    Read { rule: r(9, 10), name: "refund_delay" },
    Read { rule: r(9, 11), name: "unsubscriptions_per_call_max" },
];

const FIVE_DAY_RULES: &[RuleId] = &[r(9, 2), r(9, 1), r(9, 3), r(9, 10)];
const CONDITIONAL_RULES: &[RuleId] = &[r(9, 4), r(9, 1), r(9, 5), r(9, 10), r(3, 5)];
const NOT_STARTED_RULES: &[RuleId] = &[r(9, 6), r(9, 1), r(9, 7), r(9, 10)];

/// What was asked for, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) phones: &'a [PhoneId],
    pub(super) what: UnsubscribeWhat,
    pub(super) at: SimTime,
}

/// R9.1, R9.11: gives up to ten phones back together, or their renewals. What may not go is told for
/// each phone; the call is refused only if nothing may go.
pub(in crate::rules) fn unsubscribe(
    case: &Case<'_>,
    phones: &[PhoneId],
    what: UnsubscribeWhat,
) -> Result<Decision, Fault> {
    let distinct: BTreeSet<_> = phones.iter().collect();
    if phones.is_empty() || distinct.len() != phones.len() {
        return Ok(Decision::refuse(Reason::PhonesNotDistinct, by![r(9, 11)]));
    }
    if u32::try_from(phones.len()).is_ok_and(|n| n > case.params.refunds.per_call_max) {
        return Ok(Decision::refuse(Reason::OutOfRange, by![r(9, 11)]));
    }
    let refused = phones.iter().map(|id| refuse(case, id, what));
    let refused: Option<Vec<_>> = refused.collect();
    let first = refused.and_then(|all| all.into_iter().min());
    if let Some((reason, rules)) = first {
        return Ok(Decision::refuse(reason, rules));
    }
    let given = give_back(case, Asked { phones, what, at: case.now })?;
    let refund = returned(case, &given)?;
    if !review::is_large(case, refund) {
        return Ok(given);
    }
    let failed = |decided: &Decided| matches!(decided.event, Event::UnsubscribeFailed(_));
    let (failed, _): (Vec<_>, Vec<_>) = given.events.into_iter().partition(failed);
    let may_go = phones.iter().filter(|id| refuse(case, id, what).is_none()).cloned();
    let may_go: Vec<PhoneId> = may_go.collect();
    let mut waiting = review::begin(case, &may_go, what, refund);
    waiting.events.extend(failed);
    Ok(waiting)
}

/// What a decision returns in all, to whatever source.
fn returned(case: &Case<'_>, decision: &Decision) -> Result<Amount, Fault> {
    let mut sum = Amount::zero(case.account.currency());
    for decided in &decision.events {
        if let Event::Refunded(e) = &decided.event {
            sum = sum.plus(e.refund.total()?)?;
        }
    }
    Ok(sum)
}

/// Gives back what may go, and tells of the rest that it may not.
pub(super) fn give_back(case: &Case<'_>, asked: Asked<'_>) -> Result<Decision, Fault> {
    let used = case.account.five_day_uses(case.now.day().year());
    let five_day_left = case.params.five_day_quota.saturating_sub(used);
    let decision = Decision { read: READ_REFUND, ..Decision::default() };
    let mut returning = Returning { case, asked_at: asked.at, five_day_left, decision };
    for id in asked.phones {
        match (refuse(case, id, asked.what), case.account.subscription(id)) {
            (Some((reason, rules)), _) => {
                let failed = UnsubscribeFailed { phone: id.clone(), reason };
                returning.decision.happen(rules, failed);
            }
            (None, Some(subscription)) => returning.phone(id, subscription, asked.what)?,
            (None, None) => {}
        }
    }
    pay_back::settle(case, &mut returning.decision)?;
    Ok(returning.decision)
}

/// An unsubscription in the making.
struct Returning<'c, 'a> {
    case: &'c Case<'a>,
    /// When it was asked for: the five-day right is judged by it.
    asked_at: SimTime,
    /// Uses of the five-day right that are left this year.
    five_day_left: u32,
    decision: Decision,
}

impl Returning<'_, '_> {
    fn phone(
        &mut self,
        id: &PhoneId,
        subscription: &Subscription,
        what: UnsubscribeWhat,
    ) -> Result<(), Fault> {
        match what {
            UnsubscribeWhat::PhoneAndRenewals => self.whole_phone(id, subscription),
            UnsubscribeWhat::RenewalsOnly | UnsubscribeWhat::RenewalsAfter(_) => {
                self.renewals(id, subscription, what)
            }
        }
    }

    /// R9.6: the phone stays, and ends earlier.
    fn renewals(
        &mut self,
        id: &PhoneId,
        subscription: &Subscription,
        what: UnsubscribeWhat,
    ) -> Result<(), Fault> {
        let case = self.case;
        for period in dropped(case, subscription, what) {
            self.period(id, subscription, period)?;
        }
        let first = dropped(case, subscription, what).map(|period| period.from).min();
        let kept = subscription.periods.iter().filter(|p| first.is_none_or(|from| p.from < from));
        let Some(expires) = kept.map(|period| period.to).max() else { return Ok(()) };
        let unsubscribed = Unsubscribed { phone: id.clone(), what, expires: Some(expires) };
        self.decision.happen(by![r(9, 6), r(9, 11)], unsubscribed);
        let key = TimerKey::Expiry(id.clone());
        self.decision.schedule(key, Window::exactly(expires.boundary()));
        notice::schedule(case, &mut self.decision, id, expires);
        if subscription.auto_renewal.is_some() {
            renewal::schedule_first(case, &mut self.decision, id, expires);
        }
        Ok(())
    }

    /// R9.7: the phone goes with everything that was paid for it.
    fn whole_phone(&mut self, id: &PhoneId, subscription: &Subscription) -> Result<(), Fault> {
        for period in &subscription.periods {
            if period.to.boundary() > self.case.now {
                self.period(id, subscription, period)?;
            }
        }
        let what = UnsubscribeWhat::PhoneAndRenewals;
        let unsubscribed = Unsubscribed { phone: id.clone(), what, expires: None };
        self.decision.happen(by![r(9, 1), r(9, 11)], unsubscribed);
        expiry::forget(self.case, &mut self.decision, id);
        Ok(())
    }

    fn period(
        &mut self,
        id: &PhoneId,
        subscription: &Subscription,
        period: &Period,
    ) -> Result<(), Fault> {
        let (case, paid) = (self.case, &period.paid);
        let terms = self.terms_of(id, subscription, period);
        let (rules, sums, refund) = match terms {
            RefundTerms::Conditional => {
                let (from, to) = (period.from, period.to);
                let money = paid.paid()?;
                let sums = conditional_refund(case.params, period.term, from, to, case.now, money)?;
                (CONDITIONAL_RULES, sums, share_refund(paid, sums.refund)?)
            }
            RefundTerms::FiveDay => {
                self.five_day_left = self.five_day_left.saturating_sub(1);
                (FIVE_DAY_RULES, RefundSums::full(paid.paid()?), whole(case, paid))
            }
            RefundTerms::NotStarted | RefundTerms::ProvisioningFailed | RefundTerms::Switched => {
                (NOT_STARTED_RULES, RefundSums::full(paid.paid()?), whole(case, paid))
            }
        };
        let to = pay_back::destination(case, id);
        self.decision.happen(rules, refunded(id, &period.order, terms, sums, (refund, to)));
        Ok(())
    }

    /// The row of the table of scenarios for one period (R9.1).
    fn terms_of(&self, id: &PhoneId, bought: &Subscription, period: &Period) -> RefundTerms {
        let (params, returns) = (self.case.params, &self.case.account.returns);
        if period.from > self.case.now {
            return RefundTerms::NotStarted;
        }
        // A renewal is not newly bought (R9.2): only the period that begins at the anchor is.
        let newly_bought = Anchor::at(period.from) == bought.anchor
            && within_five_days(params, period.from, self.asked_at);
        let excluded =
            returns.five_day_voided || returns.marks_of(id).contains(&Mark::NoFiveDayRight);
        if params.five_day_right && newly_bought && !excluded && self.five_day_left > 0 {
            RefundTerms::FiveDay
        } else {
            RefundTerms::Conditional
        }
    }
}

fn refunded(
    phone: &PhoneId,
    order: &OrderId,
    terms: RefundTerms,
    sums: RefundSums,
    (refund, to): (Split, RefundTo),
) -> Refunded {
    let (phone, order) = (phone.clone(), order.clone());
    let RefundSums { used, total, consumed, fee, .. } = sums;
    Refunded { phone, order, terms, used, total, consumed, fee, refund, to }
}

/// R10.4: what is left of a subscription that becomes on-demand at once, as in R9.4 without a fee.
pub(in crate::rules) fn switch_back(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &PhoneId,
    subscription: &Subscription,
) -> Result<(), Fault> {
    for period in subscription.periods.iter().filter(|period| period.to.boundary() > case.now) {
        let (paid, to) = (&period.paid, pay_back::destination(case, id));
        let (money, end) = (paid.paid()?, period.to);
        let (terms, sums, refund) = if period.from > case.now {
            (RefundTerms::NotStarted, RefundSums::full(money), whole(case, paid))
        } else {
            let (from, now) = (period.from, case.now);
            let sums = conditional_refund(case.params, period.term, from, end, now, money)?;
            let sums = sums.without_fee(money)?;
            (RefundTerms::Switched, sums, share_refund(paid, sums.refund)?)
        };
        let event = refunded(id, &period.order, terms, sums, (refund, to));
        decision.happen(by![r(10, 4), r(7, 4), r(9, 4), r(9, 1), r(9, 10)], event);
    }
    pay_back::settle(case, decision)
}

/// R1.13, R9.1: phones that could not be provisioned are paid back in full, each its share of what
/// `paid` their order.
pub(in crate::rules) fn refund_unprovisioned(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &OrderId,
    order: &Order,
    paid: &Split,
    failed: &[PhoneId],
) -> Result<(), Fault> {
    for (place, phone) in order.phones.iter().enumerate() {
        if !failed.contains(phone) {
            continue;
        }
        let paid = payment::share(paid, order.phones.len(), place)?;
        let (sums, refund) = (RefundSums::full(paid.paid()?), whole(case, &paid));
        let to = pay_back::destination(case, phone);
        let event = refunded(phone, id, RefundTerms::ProvisioningFailed, sums, (refund, to));
        decision.happen(by![r(9, 1), r(1, 13), r(9, 10)], event);
    }
    Ok(())
}
