//! R7: what happens at the end of a subscription.

use super::lives::paid;
use super::{Invariant, Moment, Tally};
use koosim_model::command::Op;
use koosim_model::decision::Reason;
use koosim_model::event::{Event, RefundTerms};
use koosim_model::name::PhoneId;
use koosim_model::state::{AtExpiry, FreezeCause};
use koosim_model::view::RenewalGroup;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "the end of a subscription follows its policy",
        rules: &["R7.1"],
        check: follows_its_policy,
    },
    Invariant {
        name: "the console groups subscriptions by what happens at their end",
        rules: &["R7.2"],
        check: groups_of_the_console,
    },
    Invariant {
        name: "a move to on-demand is set before the end, happens there and ends auto-renewal",
        rules: &["R7.3", "R10.3"],
        check: moves_at_the_end,
    },
    Invariant {
        name: "phones change their mode only where the book lets them",
        rules: &["R7.4"],
        check: mode_changes,
    },
];

/// What was said to happen at the end of a phone's subscription.
fn policy(m: &Moment<'_>, phone: &PhoneId) -> AtExpiry {
    let told = m.before().find_map(|(_, event)| match event {
        Event::AtExpirySet(e) if e.phone == *phone => Some(e.policy),
        Event::Provisioned(e) if e.phone == *phone => Some(AtExpiry::Grace),
        Event::BecameSubscribed(e) if e.phone == *phone => Some(AtExpiry::Grace),
        _ => None,
    });
    told.unwrap_or_default()
}

/// Whether a phone has expired and was not renewed since.
fn has_expired(m: &Moment<'_>, phone: &PhoneId) -> bool {
    let told = m.before().find_map(|(_, event)| match event {
        Event::Expired(e) if e.phone == *phone => Some(true),
        Event::Frozen(e) if e.phone == *phone && e.cause == FreezeCause::Expiry => Some(true),
        Event::Provisioned(_) | Event::Renewed(_) | Event::BecameSubscribed(_)
            if event.phones().contains(phone) =>
        {
            Some(false)
        }
        _ => None,
    });
    told.unwrap_or(false)
}

fn follows_its_policy(m: &Moment<'_>, tally: &mut Tally) {
    let held = |phone: &PhoneId| m.account.phones.get(phone).is_some_and(|p| p.details.holds.any());
    match m.event() {
        Some(Event::Expired(e)) => match policy(m, &e.phone) {
            AtExpiry::Grace | AtExpiry::DeleteFromRetention => tally.holds(true, e),
            AtExpiry::Freeze => tally.holds(false, e),
            AtExpiry::Delete => tally.holds(held(&e.phone), e),
            // It cannot become on-demand while its account owes, or it is frozen, or has no price.
            AtExpiry::ToOnDemand => {
                let size = m.account.phones.get(&e.phone).map(|phone| phone.details.size.clone());
                let hour = size.and_then(|size| m.judged_by().catalogue().hour(&size));
                let owes = m.account.debt().is_positive()
                    || (m.flag("R8.5.zero_balance_is_arrears")
                        && !m.account.available().unwrap().is_positive());
                tally.holds(owes || held(&e.phone) || hour.is_none(), e);
            }
        },
        Some(Event::Frozen(e)) if e.cause == FreezeCause::Expiry => {
            let at_once = !has_expired(m, &e.phone);
            tally.same(at_once, policy(m, &e.phone) == AtExpiry::Freeze, e);
        }
        Some(Event::Released(e)) if e.cause == FreezeCause::Expiry => {
            let Some(paid) = paid(m, &e.phone) else { return tally.holds(false, e) };
            let frozen = m
                .account
                .phones
                .get(&e.phone)
                .is_some_and(|phone| phone.freezes().contains(&FreezeCause::Expiry));
            let by_hand = matches!(m.asked_now().map(|c| &c.op), Some(Op::Release { .. }));
            if frozen || by_hand || held(&e.phone) {
                return;
            }
            let due = if m.at == paid.end() || !has_expired(m, &e.phone) {
                AtExpiry::Delete
            } else {
                tally.same(m.word("R7.1.delete_from_retention"), "start", e);
                AtExpiry::DeleteFromRetention
            };
            tally.same(policy(m, &e.phone), due, e);
        }
        _ => {}
    }
}

fn groups_of_the_console(m: &Moment<'_>, tally: &mut Tally) {
    let phone = match m.event() {
        Some(Event::AutoRenewalSet(e)) => &e.phone,
        Some(Event::AtExpirySet(e)) => &e.phone,
        Some(Event::Provisioned(e)) => &e.phone,
        _ => return,
    };
    let folded = m.folded;
    let Some(subscription) = folded.subscription(phone) else { return };
    let due = if subscription.auto_renewal.is_some() {
        "automatic"
    } else {
        match subscription.at_expiry {
            AtExpiry::Grace => "manual",
            AtExpiry::ToOnDemand => "on_demand",
            AtExpiry::Delete | AtExpiry::Freeze | AtExpiry::DeleteFromRetention => "no_renewal",
        }
    };
    tally.same(RenewalGroup::of(subscription).name(), due, &m.event());
}

fn moves_at_the_end(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::AtExpirySet(e)) if e.policy != AtExpiry::Grace => {
            let Some(paid) = paid(m, &e.phone) else { return tally.holds(false, e) };
            tally.holds(m.at < paid.end(), e);
            let folded = m.folded;
            let setting = folded.subscription(&e.phone).and_then(|s| s.auto_renewal);
            tally.same(setting, None, e);
        }
        Some(Event::BecameOnDemand(e)) if !at_once(m, &e.phone) => {
            let Some(paid) = paid(m, &e.phone) else { return tally.holds(false, e) };
            tally.same(policy(m, &e.phone), AtExpiry::ToOnDemand, e);
            // A renewal that ends in the past brings the end at once.
            let late = m
                .before()
                .take_while(|(at, _)| *at == m.at)
                .any(|(_, event)| matches!(event, Event::Renewed(r) if r.phone == e.phone));
            tally.holds(m.at == paid.end() || late, e);
        }
        _ => {}
    }
}

/// Whether a phone that becomes on-demand does so on request.
fn at_once(m: &Moment<'_>, phone: &PhoneId) -> bool {
    matches!(m.asked_now().map(|c| &c.op), Some(Op::ToOnDemand { phones }) if phones.contains(phone))
}

fn mode_changes(m: &Moment<'_>, tally: &mut Tally) {
    let (at_expiry, now) =
        (m.flag("R7.4.mode_change_at_expiry"), m.flag("R7.4.mode_change_at_once"));
    match m.event() {
        Some(Event::AtExpirySet(e)) if e.policy == AtExpiry::ToOnDemand => {
            tally.holds(at_expiry, e);
        }
        Some(Event::BecameOnDemand(e)) if at_once(m, &e.phone) => tally.holds(now, e),
        Some(Event::BecameSubscribed(e)) => tally.holds(now, e),
        Some(Event::Refunded(e)) if e.terms == RefundTerms::Switched => tally.holds(now, e),
        _ => {}
    }
    match m.refused() {
        Some((Reason::ModeFixed, asked @ Op::SetAtExpiry { .. })) => tally.holds(!at_expiry, asked),
        Some((Reason::ModeFixed, asked)) => tally.holds(!now, asked),
        _ => {}
    }
}
