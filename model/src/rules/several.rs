//! Calls that ask the same for several phones, each by itself (R5.4, R7.3): what one of them is refused
//! does not keep the others from it.

use crate::apply::apply;
use crate::decision::{Decision, Fault, Reason};
use crate::event::RefusedFor;
use crate::name::PhoneId;
use crate::rulebook::RuleId;
use crate::rules::Case;
use std::collections::BTreeSet;

/// How many phones a call takes, and by which rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) most: usize,
    pub(super) by: &'static [RuleId],
}

/// Whether phones are named, each once.
pub(super) fn distinct(phones: &[PhoneId]) -> bool {
    let once: BTreeSet<_> = phones.iter().collect();
    !phones.is_empty() && once.len() == phones.len()
}

/// Asks for one phone after the other, each in the account as those before it leave it. The refusals
/// of some are told as events; if all are refused, so is the call, for the first reason in their order.
pub(super) fn each(
    case: &Case<'_>,
    phones: &[PhoneId],
    limit: &Limit,
    ask: impl Fn(&Case<'_>, &PhoneId) -> Result<Decision, Fault>,
) -> Result<Decision, Fault> {
    if !distinct(phones) {
        return Ok(Decision::refuse(Reason::PhonesNotDistinct, limit.by));
    }
    if phones.len() > limit.most {
        return Ok(Decision::refuse(Reason::OutOfRange, limit.by));
    }
    if let [phone] = phones {
        return ask(case, phone);
    }
    let mut all = Decision::default();
    let mut refusals = Vec::new();
    let mut account = case.account.clone();
    for phone in phones {
        let answer = ask(&Case { account: &account, ..*case }, phone)?;
        if let Some(refusal) = answer.refusal {
            let (phone, reason) = (phone.clone(), refusal.reason.clone());
            all.happen(refusal.rules, RefusedFor { phone, reason });
            refusals.push((refusal.reason, refusal.rules));
            continue;
        }
        for decided in &answer.events {
            apply(&mut account, case.now, &decided.event)?;
        }
        all.read = answer.read;
        all.events.extend(answer.events);
        all.timers.extend(answer.timers);
    }
    let first = if refusals.len() == phones.len() { refusals.into_iter().min() } else { None };
    Ok(first.map_or(all, |(reason, rules)| Decision::refuse(reason, rules)))
}

/// What is asked once `done` has happened; if that is refused, so is all of it.
pub(super) fn then(
    case: &Case<'_>,
    done: Decision,
    ask: impl FnOnce(&Case<'_>) -> Result<Decision, Fault>,
) -> Result<Decision, Fault> {
    if done.refusal.is_some() {
        return Ok(done);
    }
    let mut account = case.account.clone();
    for decided in &done.events {
        apply(&mut account, case.now, &decided.event)?;
    }
    let answer = ask(&Case { account: &account, ..*case })?;
    if answer.refusal.is_some() {
        return Ok(answer);
    }
    let mut all = done;
    all.events.extend(answer.events);
    all.timers.extend(answer.timers);
    Ok(all)
}
