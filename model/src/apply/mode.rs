//! Moves between the charging modes (R10.2 to R10.4). Use that is not settled moves along.

use super::orders::share_of;
use super::{cut_hour, forget_device, missing, step_phone};
use crate::decision::Fault;
use crate::event::{BecameOnDemand, BecameSubscribed, Event};
use crate::lifecycle::PhoneTrigger;
use crate::name::PhoneId;
use crate::state::{Account, AtExpiry, Charging, Metering, Period, Phase, Stretches, Subscription};
use crate::term::Anchor;
use crate::time::SimTime;

pub(super) fn become_on_demand(
    account: &mut Account,
    at: SimTime,
    e: &BecameOnDemand,
    event: &Event,
) -> Result<(), Fault> {
    let phone = step_phone(account, &e.phone, event, PhoneTrigger::BecomeOnDemand)?;
    let Charging::Subscribed(subscription) = &mut phone.charging else {
        return Err(missing(event, "subscription", &e.phone));
    };
    let unsettled =
        subscription.metered_before.take().map_or(Stretches::new(), |before| before.unsettled);
    phone.charging = Charging::OnDemand(Metering::begun(e.unit_price, unsettled, at));
    Ok(())
}

pub(super) fn become_subscribed(
    account: &mut Account,
    at: SimTime,
    e: &BecameSubscribed,
    event: &Event,
) -> Result<(), Fault> {
    let order = account.orders.get(&e.order).ok_or_else(|| missing(event, "order", &e.order))?;
    let (paid, term) = (share_of(order, &e.phone, missing(event, "order", &e.order))?, order.term);
    let phone = step_phone(account, &e.phone, event, PhoneTrigger::BecomeSubscribed)?;
    let Charging::OnDemand(metering) = &mut phone.charging else {
        return Err(missing(event, "on-demand phone", &e.phone));
    };
    metering.stop_use(at);
    let before = Some(Box::new(metering.clone())).filter(|before| !before.unsettled.is_empty());
    let (order, from, to) = (e.order.clone(), e.effective, e.expires);
    let (anchor, anchor_day) = (Anchor::at(from), from.day().day_of_month());
    phone.charging = Charging::Subscribed(Box::new(Subscription {
        phase: Phase::Active,
        anchor,
        periods: vec![Period { order, term, from, to, anchor_day, paid }],
        expires: to,
        auto_renewal: None,
        at_expiry: AtExpiry::Grace,
        metered_before: before,
        attempt_failed: false,
    }));
    Ok(())
}

/// Cuts the hour that holds `from` out of the use from before a subscription.
pub(super) fn settle_before(
    before: &mut Option<Box<Metering>>,
    from: SimTime,
) -> Result<(), Fault> {
    if let Some(metering) = before {
        cut_hour(&mut metering.unsettled, from);
    }
    *before = before.take().filter(|metering| !metering.unsettled.is_empty());
    Ok(())
}

/// Removes a subscribed phone; what is not settled of its earlier use stays until it is.
pub(super) fn remove(account: &mut Account, id: &PhoneId) {
    let Some(phone) = account.phones.get_mut(id) else { return };
    let before = match &mut phone.charging {
        Charging::Subscribed(subscription) => subscription.metered_before.take(),
        Charging::OnDemand(_) | Charging::Provisioning { .. } => None,
    };
    match before {
        Some(metering) => {
            forget_device(phone);
            phone.charging = Charging::OnDemand(Metering { deleted: true, ..*metering });
        }
        None => drop(account.phones.remove(id)),
    }
}
