//! Review of large unsubscriptions (R9.9): they wait for the account manager, whose silence approves.

use super::unsubscribe::{Asked, give_back};
use crate::command::{ReviewAnswer, UnsubscribeWhat};
use crate::decision::{Decision, Fault, Reason, TimerKey, Window};
use crate::event::{ReviewEnded, ReviewStarted, ReviewVerdict};
use crate::money::Amount;
use crate::name::PhoneId;
use crate::rules::{Case, r};
use crate::state::Review;

/// Whether an unsubscription that returns this much waits for a review.
pub(super) fn is_large(case: &Case<'_>, refund: Amount) -> bool {
    refund.value() > case.params.refunds.review_above
}

/// Lets an unsubscription wait. The phones stay as they are; what comes back is reckoned once it is
/// approved.
pub(super) fn begin(
    case: &Case<'_>,
    phones: &[PhoneId],
    what: UnsubscribeWhat,
    refund: Amount,
) -> Decision {
    let mut decision = Decision { read: super::unsubscribe::READ_REFUND, ..Decision::default() };
    let Some(first) = phones.first() else { return decision };
    let decide_by = case.now + case.params.refunds.approved_after;
    let phones = phones.to_vec();
    decision
        .happen(by![r(9, 9)], ReviewStarted { phones: phones.clone(), what, refund, decide_by });
    decision.schedule(TimerKey::Review(first.clone()), Window::exactly(decide_by));
    decision
}

/// R9.9: the account manager answers.
pub(in crate::rules) fn answer_review(
    case: &Case<'_>,
    phone: &PhoneId,
    answer: ReviewAnswer,
) -> Result<Decision, Fault> {
    let Some((first, review)) = case.account.returns.review_of(phone) else {
        return Ok(Decision::refuse(Reason::NotUnderReview, by![r(9, 9)]));
    };
    let mut decision = match answer {
        ReviewAnswer::Approve => approved(case, first, review, ReviewVerdict::Approved)?,
        ReviewAnswer::Refuse => ended(review, ReviewVerdict::Refused),
    };
    decision.cancel(TimerKey::Review(first.clone()));
    Ok(decision)
}

/// R9.9: nobody has answered in time.
pub(in crate::rules) fn end_review(case: &Case<'_>, first: &PhoneId) -> Result<Decision, Fault> {
    match case.account.returns.reviews.get(first) {
        Some(review) => approved(case, first, review, ReviewVerdict::Silent),
        None => Ok(Decision::default()),
    }
}

fn ended(review: &Review, verdict: ReviewVerdict) -> Decision {
    let mut decision = Decision::default();
    let phones = review.phones.clone();
    decision.happen(by![r(9, 9)], ReviewEnded { phones, verdict });
    decision
}

/// The five-day right is that of the request; all else is reckoned now. A phone that has ended
/// meanwhile has nothing to give back any more.
fn approved(
    case: &Case<'_>,
    first: &PhoneId,
    review: &Review,
    verdict: ReviewVerdict,
) -> Result<Decision, Fault> {
    let mut decision = ended(review, verdict);
    // The review itself bars other transactions, but not the one that it is about.
    let mut account = case.account.clone();
    account.returns.reviews.remove(first);
    let case = Case { account: &account, ..*case };
    let asked = Asked { phones: &review.phones, what: review.what, at: review.asked };
    let given = give_back(&case, asked)?;
    decision.read = given.read;
    decision.events.extend(given.events);
    decision.timers.extend(given.timers);
    Ok(decision)
}
