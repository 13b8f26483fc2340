//! What is said about the ends of subscriptions: renewal, what happens at expiry, moves, notices.

use super::{days_before, kind, list, month_day, paying, renewing, short_of, wall};
use koosim_model::command::{Op, RenewTo, RenewalPolicy};
use koosim_model::event::{AutoRenewalResult, Event, Notified};

/// What a command about the end of a subscription asks for.
pub(super) fn command(op: &Op) -> String {
    match op {
        Op::Renew { phones, term, to, policy, payment } => {
            let on = if *to == RenewTo::UnifiedDay { " and on to the unified day" } else { "" };
            let then = policy.map_or("", sent);
            format!("renew {} for {term}{on}{then}{}", list(phones), paying(payment.as_deref()))
        }
        Op::SetAutoRenewal { phone, setting: Some(setting) } => {
            format!("set auto-renewal of {phone}: {}", renewing(setting))
        }
        Op::SetAutoRenewal { phone, setting: None } => format!("cancel auto-renewal of {phone}"),
        Op::SetDeductionDay { days } => format!("set the deduction day: {}", days_before(*days)),
        Op::SetUnifiedDay { day } => format!("set the unified day: {}", month_day(*day)),
        Op::SetAtExpiry { phones, policy } => {
            format!("at the expiry of {}: {}", list(phones), policy.name())
        }
        Op::ToOnDemand { phones } => format!("move {} to on-demand at once", list(phones)),
        Op::Subscribe { phone, term, payment } => {
            format!("subscribe {phone} for {term}{}", paying(payment.as_deref()))
        }
        Op::SetPartnerFreeze { frozen } => format!("partner {}", partner(*frozen)),
        _ => String::new(),
    }
}

/// What a renewal call says of the end of the subscription.
fn sent(policy: RenewalPolicy) -> &'static str {
    match policy {
        RenewalPolicy::Grace => ", then grace",
        RenewalPolicy::ToOnDemand => ", then on-demand",
        RenewalPolicy::Delete => ", then deleted",
        RenewalPolicy::AutoRenew => ", then renewed by itself",
    }
}

/// What an event about the end of a subscription says.
pub(super) fn event(event: &Event) -> String {
    match event {
        Event::AutoRenewalSet(e) => match &e.setting {
            Some(setting) => format!("auto-renewal of {} set: {}", e.phone, renewing(setting)),
            None => format!("auto-renewal of {} cancelled", e.phone),
        },
        Event::AtExpirySet(e) => format!("at the expiry of {}: {}", e.phone, e.policy.name()),
        Event::BecameOnDemand(e) => {
            format!("{} is on-demand from here on: {} an hour", e.phone, e.unit_price)
        }
        Event::BecameSubscribed(e) => {
            let (phone, order, since) = (&e.phone, &e.order, wall(e.effective));
            format!(
                "{phone} subscribed by order {order}: counts from {since}, expires {}",
                e.expires
            )
        }
        Event::PartnerFreezeSet(e) => format!("partner {}", partner(e.frozen)),
        Event::AutoRenewalTried(e) => {
            let (result, money) = (attempt(e.result), short_of(e.needed, e.available));
            format!("auto-renewal of {}: {result}; {money}", e.phone)
        }
        Event::RefusedFor(e) => format!("not for {}: {}", e.phone, e.reason),
        Event::Notified(e) => notified(e),
        Event::Renewed(e) => {
            let (by, from, to) = (kind(e.by), e.from, e.expires);
            format!("{} renewed by order {} ({by}): expires {to}, before {from}", e.phone, e.order)
        }
        _ => String::new(),
    }
}

fn notified(e: &Notified) -> String {
    let about = if e.about.is_empty() { "the account".to_owned() } else { list(&e.about) };
    let days = match e.days {
        Some(1) => ", 1 day left".to_owned(),
        Some(days) => format!(", {days} days left"),
        None => String::new(),
    };
    let channels: Vec<_> = e.channels.iter().map(|channel| channel.name()).collect();
    format!("told by {}: {about} {}{days}", list(&channels), e.kind)
}

fn partner(frozen: bool) -> &'static str {
    if frozen { "freezes the customer" } else { "lifts the freeze of the customer" }
}

fn attempt(result: AutoRenewalResult) -> &'static str {
    match result {
        AutoRenewalResult::Renewed => "renewed",
        AutoRenewalResult::BalanceTooLow => "balance too low",
        AutoRenewalResult::InArrears => "account in arrears",
        AutoRenewalResult::Frozen => "phone frozen",
        AutoRenewalResult::OrderPending => "phone in an unpaid order",
        AutoRenewalResult::TermTooLong => "longer than allowed",
        AutoRenewalResult::PartnerFrozen => "frozen by a partner",
        AutoRenewalResult::NotSold => "term not sold",
    }
}
