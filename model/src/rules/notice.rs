//! Notices (R6.9): what the customer is told when something happens, and on which days before the end
//! of a subscription.
//!
//! A rule that wants the customer told of one of its events adds an arm to [`told_of`]; a rule that
//! tells at some other moment calls [`tell`]. Neither does anything in a run without notices.

use crate::decision::{Decision, Read, TimerKey, Window};
use crate::event::{AutoRenewalResult, Event, Notified};
use crate::name::PhoneId;
use crate::notice::{Channel, NoticeKind, Recipient};
use crate::rulebook::{RuleId, TimeOfDay};
use crate::rules::{Case, expiry, p, r};
use crate::state::{Phase, Subscription};
use crate::term::Expiry;
use crate::time::{BillingDay, SimDuration, SimTime};
use std::collections::BTreeMap;

const READ_NOTICES: &[Read] = &[
    Read { rule: r(6, 9), name: "sent" },
    Read { rule: r(6, 9), name: "time" },
    Read { rule: r(6, 9), name: "manual_days_before_expiry" },
    Read { rule: r(6, 9), name: "failed_days_before_expiry" },
    Read { rule: r(6, 9), name: "failed_days_before_release" },
];

/// The calendar of notices (R6.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notices {
    /// Whether there are any.
    pub sent: bool,
    /// The time of day of those that belong to a day.
    pub time: TimeOfDay,
    /// Days before expiry without auto-renewal.
    pub manual_days: Vec<u32>,
    /// Days before expiry after a failed auto-renewal.
    pub failed_days: Vec<u32>,
    /// Days before release after a failed auto-renewal.
    pub release_days: Vec<u32>,
    /// How they go out.
    pub channels: Vec<Channel>,
}

/// Tells of something about some phones, or about the account: the creator of the account by the ways
/// of R6.9, or a member by text message (P3.4).
pub(super) fn tell(
    case: &Case<'_>,
    decision: &mut Decision,
    rules: &'static [RuleId],
    kind: NoticeKind,
    about: Vec<PhoneId>,
    days: Option<u32>,
) {
    let notices = &case.params.notices;
    if notices.sent {
        let (to, channels) = match kind {
            NoticeKind::Bound => (Recipient::Member, vec![Channel::Sms]),
            _ => (Recipient::Creator, notices.channels.clone()),
        };
        decision.happen(rules, Notified { to, kind, channels, about, days });
    }
}

/// Of which events the customer is told at once, and by which rule.
fn told_of(event: &Event) -> Option<(NoticeKind, &'static [RuleId])> {
    match event {
        Event::AutoRenewalTried(e) if e.result == AutoRenewalResult::Renewed => {
            Some((NoticeKind::AutoRenewed, by![r(6, 9), r(6, 1)]))
        }
        Event::AutoRenewalTried(e) if e.result == AutoRenewalResult::PartnerFrozen => {
            Some((NoticeKind::AutoRenewalFailed, by![r(6, 9), r(6, 10)]))
        }
        Event::Bound(_) => Some((NoticeKind::Bound, by![p(3, 4), r(6, 9)])),
        Event::Released(_) => Some((NoticeKind::Released, by![r(6, 9), r(8, 1)])),
        Event::BalanceAlert(_) => Some((NoticeKind::LowBalance, by![r(4, 7), r(6, 9)])),
        Event::ArrearsStarted(_) => Some((NoticeKind::Arrears, by![r(6, 9), r(8, 5)])),
        _ => None,
    }
}

/// Adds to a decision the notices that its events ask for, one for all phones to which the same
/// happened.
pub(super) fn follow(case: &Case<'_>, decision: &mut Decision) {
    if !case.params.notices.sent {
        return;
    }
    let mut told: Vec<(NoticeKind, &'static [RuleId], Vec<PhoneId>)> = Vec::new();
    for decided in &decision.events {
        let Some((kind, rules)) = told_of(&decided.event) else { continue };
        let phones = decided.event.phones().iter().cloned();
        match told.iter_mut().find(|(other, ..)| *other == kind) {
            Some((_, _, about)) => about.extend(phones),
            None => told.push((kind, rules, phones.collect())),
        }
    }
    for (kind, rules, about) in told {
        tell(case, decision, rules, kind, about, None);
    }
}

/// Sets the timer of the next day on which something may have to be said about a subscription that
/// ends at `expires`; whether it is, is seen on that day.
pub(super) fn schedule(case: &Case<'_>, decision: &mut Decision, id: &PhoneId, expires: Expiry) {
    if !case.params.notices.sent {
        return;
    }
    let key = TimerKey::Notice(id.clone());
    match next(case, expires) {
        Some(at) => decision.schedule(key, Window::exactly(at)),
        None => decision.cancel(key),
    }
}

fn next(case: &Case<'_>, expires: Expiry) -> Option<SimTime> {
    let notices = &case.params.notices;
    let (_, release) = expiry::ends(case, expires);
    let last_day = (release - SimDuration::from_nanos(1)).day();
    let before = |day: BillingDay, days: u32| notices.time.on(day.minus_days(u64::from(days)));
    let to_expiry = notices.manual_days.iter().chain(&notices.failed_days);
    let to_expiry = to_expiry.map(|days| before(expires.day(), *days));
    let to_release = notices.release_days.iter().map(|days| before(last_day, *days));
    let to_release = to_release.filter(|at| *at >= expires.boundary());
    to_expiry.chain(to_release).filter(|at| *at > case.now).min()
}

/// R6.9: a day of the calendar has come for one phone; all phones of the account of which the same is
/// to be said now share one notice.
pub(super) fn daily(case: &Case<'_>) -> Decision {
    let mut decision = Decision { read: READ_NOTICES, ..Decision::default() };
    let mut told: BTreeMap<(NoticeKind, u32), Vec<PhoneId>> = BTreeMap::new();
    for (id, phone) in case.account.phones.iter() {
        let Some(subscription) = phone.subscription() else { continue };
        schedule(case, &mut decision, id, subscription.expires);
        if let Some(notice) = due(case, subscription) {
            told.entry(notice).or_default().push(id.clone());
        }
    }
    for ((kind, days), about) in told {
        tell(case, &mut decision, by![r(6, 9)], kind, about, Some(days));
    }
    decision
}

/// What is to be said now about a subscription, with the days that are left.
fn due(case: &Case<'_>, subscription: &Subscription) -> Option<(NoticeKind, u32)> {
    let notices = &case.params.notices;
    let today = case.now.day();
    if case.now != notices.time.on(today) {
        return None;
    }
    let days = |calendar: &[u32], last: BillingDay| {
        let mut days = calendar.iter().copied();
        days.find(|days| last.minus_days(u64::from(*days)) == today)
    };
    let failed = subscription.auto_renewal.is_some() && subscription.attempt_failed;
    if case.now < subscription.expires.boundary() {
        let last = subscription.expires.day();
        return match subscription.auto_renewal {
            None => Some((NoticeKind::Expiring, days(&notices.manual_days, last)?)),
            Some(_) if failed => {
                Some((NoticeKind::AutoRenewalFailed, days(&notices.failed_days, last)?))
            }
            Some(_) => None,
        };
    }
    let release = match subscription.phase {
        Phase::Frozen { until, .. } => until,
        Phase::Active | Phase::Grace { .. } => expiry::ends(case, subscription.expires).1,
    };
    let last = (release - SimDuration::from_nanos(1)).day();
    let left = days(&notices.release_days, last)?;
    failed.then_some((NoticeKind::Releasing, left))
}
