//! Money around the balance and orders before their payment, in words.

use super::{kind, list};
use koosim_model::command::Op;
use koosim_model::event::Event;
use koosim_model::money::Fraction;
use koosim_model::state::{CouponLimits, Settlement};
use koosim_model::view::ChargingMode;

/// What a command about money asks for; nothing for the others.
pub(super) fn command(op: &Op) -> String {
    match op {
        Op::Transfer { amount } => format!("transfer {amount} through a bank"),
        Op::Withdraw { amount } => format!("withdraw {amount}"),
        Op::SetDiscounts { commercial, partner } => {
            format!("set discounts: {}", discounts(*commercial, *partner))
        }
        Op::SetSettlement { settlement } => {
            format!("let orders be paid {}", settled_how(*settlement))
        }
        Op::SetAlert { threshold: Some(amount) } => format!("warn of a balance of {amount}"),
        Op::SetAlert { threshold: None } => "warn of no balance".to_owned(),
        Op::SetApproval { needed: true } => "let orders wait for approval".to_owned(),
        Op::SetApproval { needed: false } => "let no order wait for approval".to_owned(),
        _ => String::new(),
    }
}

/// What an event of this kind says; nothing for the others.
pub(super) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::ApprovalSet(e) if e.needed => "orders wait for approval".to_owned(),
        Event::ApprovalSet(_) => "no order waits for approval".to_owned(),
        Event::OrderApproved(e) => format!("order {} approved", e.order),
        Event::OrderConfirmed(e) => format!("order {} confirmed", e.order),
        Event::TransferSent(e) => format!("transfer {} of {} sent", e.number, e.amount),
        Event::TransferArrived(e) => format!("transfer {} arrived", e.number),
        Event::Withdrawn(e) => format!("{} withdrawn", e.amount),
        Event::DiscountsSet(e) => format!("discounts set: {}", discounts(e.commercial, e.partner)),
        Event::SettlementSet(e) => format!("orders are paid {}", settled_how(e.settlement)),
        Event::MonthSettled(e) => {
            format!("{} of the credit line settled for {}: {} owed", e.due, e.cycle, e.debt)
        }
        Event::AlertSet(e) => match e.threshold {
            Some(amount) => format!("balance alert set at {amount}"),
            None => "balance alert cancelled".to_owned(),
        },
        Event::BalanceAlert(e) => {
            let again = if e.time > 1 { " again" } else { "" };
            format!("balance is low{again}: {} left, alert at {}", e.left, e.threshold)
        }
        Event::DepositFrozen(e) => format!("{} set aside for {}", e.amount, e.phone),
        Event::DepositReleased(e) => format!("{} given back for {}", e.amount, e.phone),
        Event::UsePaused(e) => format!("use of {} is not counted", e.phone),
        Event::UseResumed(e) => format!("use of {} is counted again", e.phone),
        Event::ErasedKept(e) => format!("{} kept of what {} erased", e.erased, e.cycle),
        Event::ErasedCollected(e) => format!("{} charged: what {} erased", e.due, e.cycle),
        _ => return None,
    })
}

pub(super) fn discounts(commercial: Fraction, partner: Fraction) -> String {
    format!("commercial {}, partner {}", commercial.value(), partner.value())
}

pub(super) fn settled_how(settlement: Settlement) -> &'static str {
    match settlement {
        Settlement::AtOnce => "at once",
        Settlement::Monthly => "by the month",
    }
}

pub(super) fn limits(limits: &CouponLimits) -> String {
    let mut parts = Vec::new();
    if !limits.sizes.is_empty() {
        parts.push(format!("for {}", list(&limits.sizes)));
    }
    if !limits.regions.is_empty() {
        parts.push(format!("in {}", list(&limits.regions)));
    }
    if !limits.orders.is_empty() {
        let kinds: Vec<_> = limits.orders.iter().map(|of| kind(*of)).collect();
        parts.push(format!("for orders: {}", kinds.join(", ")));
    }
    match limits.charging {
        Some(ChargingMode::Subscribed) => parts.push("for subscriptions".to_owned()),
        Some(ChargingMode::OnDemand) => parts.push("for use".to_owned()),
        None => {}
    }
    parts.extend(limits.minimum.map(|least| format!("from {least} on")));
    if limits.excludes_discounts {
        parts.push("instead of discounts".to_owned());
    }
    parts.iter().map(|part| format!(", {part}")).collect()
}
