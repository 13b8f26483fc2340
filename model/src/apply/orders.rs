//! What happens to orders: placed, let through, paid, fulfilled or given up.

use super::{draw_on_coupons, expect_absent, illegal, missing, step_phone};
use crate::decision::Fault;
use crate::event::{Charged, Event, OrderPlaced, ProvisioningFailed};
use crate::lifecycle::{OrderTrigger, PhoneStatus, PhoneTrigger};
use crate::name::{OrderId, PhoneId};
use crate::state::{Account, Charging, Order, OrderKind, OrderPhase, OrderWait, Phone, Split};
use crate::time::SimTime;

pub(super) fn apply_to_orders(
    account: &mut Account,
    at: SimTime,
    event: &Event,
) -> Result<(), Fault> {
    match event {
        Event::OrderPlaced(e) => place(account, e, event),
        Event::ApprovalSet(e) => {
            account.approval = e.needed;
            Ok(())
        }
        Event::OrderApproved(e) => let_through(account, &e.order, event, OrderTrigger::Approve),
        Event::OrderConfirmed(e) => let_through(account, &e.order, event, OrderTrigger::Confirm),
        Event::PaymentFailed(e) => {
            step_order(account, &e.order, event, OrderTrigger::Pay).map(drop)
        }
        Event::Charged(e) => charge(account, at, e),
        Event::OrderCancelled(e) => close_order(account, &e.order, event, OrderTrigger::Cancel),
        Event::OrderCompleted(e) => close_order(account, &e.order, event, OrderTrigger::Complete),
        Event::ProvisioningFailed(e) => fail(account, e, event),
        _ => Ok(()),
    }
}

/// Checks that the trigger is legal for the order and hands it out for the change.
fn step_order<'a>(
    account: &'a mut Account,
    id: &OrderId,
    event: &Event,
    trigger: OrderTrigger,
) -> Result<&'a mut Order, Fault> {
    let order = account.orders.get_mut(id).ok_or_else(|| missing(event, "open order", id))?;
    let status = order.status();
    match status.after(trigger) {
        Some(_) => Ok(order),
        None => Err(illegal(event, id, status.name())),
    }
}

fn place(account: &mut Account, e: &OrderPlaced, event: &Event) -> Result<(), Fault> {
    if let Some(open) = account.orders.get(&e.order) {
        return Err(illegal(event, &e.order, open.status().name()));
    }
    if e.kind == OrderKind::New {
        e.phones.iter().try_for_each(|phone| expect_absent(account, phone, event))?;
    }
    let count = account.orders_placed.checked_add(1).ok_or(Fault::Range("number of orders"))?;
    account.orders_placed = count;
    let pay_by = e.pay_by;
    let order = Order {
        number: count,
        kind: e.kind,
        phones: e.phones.clone(),
        failed: Vec::new(),
        size: e.size.clone(),
        term: e.term,
        unified: e.unified.clone(),
        official: e.official,
        due: e.due,
        auto_renewal: e.auto_renewal,
        group: e.group.clone(),
        phase: match e.waits_for {
            OrderWait::Approval => OrderPhase::PendingApproval { pay_by },
            OrderWait::Confirmation => OrderPhase::ToBeConfirmed { pay_by },
            OrderWait::Payment => OrderPhase::PendingPayment { pay_by },
        },
    };
    account.orders.insert(e.order.clone(), order);
    if e.kind == OrderKind::New {
        for phone in &e.phones {
            let charging = Charging::Provisioning { order: e.order.clone() };
            let mut phone_state = Phone::new(e.size.clone(), charging, e.place.clone());
            phone_state.details.setup = e.setup;
            account.returns.begin(phone);
            account.phones.insert(phone.clone(), phone_state);
        }
    }
    Ok(())
}

/// What stood between an order and its payment is out of the way.
fn let_through(
    account: &mut Account,
    id: &OrderId,
    event: &Event,
    trigger: OrderTrigger,
) -> Result<(), Fault> {
    let order = step_order(account, id, event, trigger)?;
    if let Some(pay_by) = order.pay_by() {
        order.phase = OrderPhase::PendingPayment { pay_by };
    }
    Ok(())
}

fn charge(account: &mut Account, at: SimTime, e: &Charged) -> Result<(), Fault> {
    draw_on_coupons(account, &e.paid)?;
    if let Some(coupon) = e.discount_coupon.as_ref().and_then(|id| account.coupons.get_mut(id)) {
        coupon.used = true;
    }
    if let Some(promotion) = &e.promotion {
        for id in &e.phones {
            if let Some(phone) = account.phones.get_mut(id) {
                phone.details.promotions.insert(promotion.clone());
            }
        }
    }
    let event = Event::Charged(e.clone());
    let order = step_order(account, &e.order, &event, OrderTrigger::Pay)?;
    order.phase = OrderPhase::Processing { paid: e.paid.clone(), paid_at: at };
    Ok(())
}

/// R1.13: phones of a paid order will not come.
fn fail(account: &mut Account, e: &ProvisioningFailed, event: &Event) -> Result<(), Fault> {
    let open =
        account.orders.get(&e.order).ok_or_else(|| missing(event, "open order", &e.order))?;
    let whole = open.living().all(|(_, phone)| e.phones.contains(phone));
    let trigger = if whole { OrderTrigger::Fail } else { OrderTrigger::FailPart };
    let order = step_order(account, &e.order, event, trigger)?;
    order.failed.extend(e.phones.iter().cloned());
    if let (true, OrderPhase::Processing { paid, .. }) = (whole, &order.phase) {
        let (paid, phones) = (paid.clone(), e.phones.clone());
        order.phase = OrderPhase::PendingRefund { paid, phones };
    }
    for phone in &e.phones {
        step_phone(account, phone, event, PhoneTrigger::ProvisioningFailed)?;
        account.phones.remove(phone);
    }
    Ok(())
}

fn close_order(
    account: &mut Account,
    id: &OrderId,
    event: &Event,
    trigger: OrderTrigger,
) -> Result<(), Fault> {
    let order = step_order(account, id, event, trigger)?.clone();
    if trigger == OrderTrigger::Complete && order.kind == OrderKind::New {
        expect_provisioned(account, &order, event)?;
    }
    account.orders.remove(id);
    if order.kind == OrderKind::New && trigger == OrderTrigger::Cancel {
        // What a failed provisioning has removed may have been ordered anew.
        for phone in &order.phones {
            if account.phones.get(phone).is_some_and(|phone| waits_for(phone, id)) {
                account.phones.remove(phone);
            }
        }
    }
    Ok(())
}

fn waits_for(phone: &Phone, id: &OrderId) -> bool {
    matches!(&phone.charging, Charging::Provisioning { order } if order == id)
}

/// A new order is complete once all of its phones are there.
fn expect_provisioned(account: &Account, order: &Order, event: &Event) -> Result<(), Fault> {
    let mut living = order.living().map(|(_, id)| id);
    let waiting = living.find(|id| {
        let phone = account.phones.get(id);
        phone.is_some_and(|phone| phone.status() == PhoneStatus::Provisioning)
    });
    match waiting {
        Some(id) => Err(illegal(event, id, PhoneStatus::Provisioning.name())),
        None => Ok(()),
    }
}

/// The paid share of one phone of an order, as its first period.
pub(super) fn share_of(order: &Order, phone: &PhoneId, fault: Fault) -> Result<Split, Fault> {
    let OrderPhase::Processing { paid, .. } = &order.phase else { return Err(fault) };
    let place = order.phones.iter().position(|p| p == phone).ok_or(fault)?;
    crate::rules::payment::share(paid, order.phones.len(), place)
}
