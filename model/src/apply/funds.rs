//! What happens around the balance: discounts, alert, deposits, money on its way.

use super::{draw_on_coupons, missing};
use crate::decision::Fault;
use crate::event::Event;
use crate::money::Amount;
use crate::name::PhoneId;
use crate::state::{Account, Alert, Charging, Metering, Settlement, Split};
use crate::time::SimTime;

pub(super) fn apply_to_funds(
    account: &mut Account,
    at: SimTime,
    event: &Event,
) -> Result<(), Fault> {
    match event {
        Event::TransferSent(e) => {
            account.funds.transfers_sent = e.number;
            account.funds.transfers.insert(e.number, e.amount);
        }
        Event::TransferArrived(e) => {
            let sent = account.funds.transfers.remove(&e.number);
            sent.ok_or_else(|| missing(event, "transfer", &e.number))?;
        }
        Event::DiscountsSet(e) => {
            account.discount = e.commercial;
            account.funds.partner_discount = e.partner;
        }
        Event::SettlementSet(e) => account.funds.settlement = e.settlement,
        Event::MonthSettled(e) => {
            account.funds.on_month.remove(&e.cycle);
        }
        Event::AlertSet(e) => {
            let at_threshold = e.at_threshold;
            let alert = |threshold| Alert { threshold, at_threshold, given: 0 };
            account.funds.alert = e.threshold.map(alert);
        }
        Event::BalanceAlert(e) => {
            if let Some(alert) = &mut account.funds.alert {
                alert.given = e.time;
            }
        }
        Event::DepositFrozen(e) => {
            account.funds.deposits.insert(e.phone.clone(), e.amount);
        }
        Event::DepositReleased(e) => {
            account.funds.deposits.remove(&e.phone);
        }
        Event::ErasedKept(e) => {
            let sum = account.funds.erased.get(&e.cycle).copied();
            let sum = sum.map_or(Ok(e.erased), |sum| sum.plus(e.erased))?;
            account.funds.erased.insert(e.cycle, sum);
        }
        Event::ErasedCollected(e) => {
            draw_on_coupons(account, &e.paid)?;
            account.funds.erased.remove(&e.cycle);
        }
        Event::UsePaused(e) => {
            let metering = metering(account, &e.phone, event)?;
            metering.paused = true;
            metering.stop_use(at);
        }
        Event::UseResumed(e) => {
            let metering = metering(account, &e.phone, event)?;
            metering.paused = false;
            metering.begin_use(at);
        }
        _ => {}
    }
    Ok(())
}

fn metering<'a>(
    account: &'a mut Account,
    id: &PhoneId,
    event: &Event,
) -> Result<&'a mut Metering, Fault> {
    match account.phones.get_mut(id).map(|phone| &mut phone.charging) {
        Some(Charging::OnDemand(metering)) if !metering.deleted => Ok(metering),
        _ => Err(missing(event, "on-demand phone", id)),
    }
}

/// What follows from the new balances: what a month put on the credit line, and an alert that may be
/// given again.
#[inline(always)]
pub(super) fn after(
    account: &mut Account,
    at: SimTime,
    (paid, returned): (Option<&Split>, Option<&Split>),
) -> Result<(), Fault> {
    if let Some(paid) = paid
        && paid.credit.is_positive()
        && account.funds.settlement == Settlement::Monthly
    {
        let cycle = at.day().anchored_months_later(0, 1);
        let sum = account.funds.on_month.get(&cycle).copied();
        let sum = sum.map_or(Ok(paid.credit), |sum| sum.plus(paid.credit))?;
        account.funds.on_month.insert(cycle, sum);
    }
    if let Some(returned) = returned {
        off_the_month(account, returned.credit)?;
    }
    if let Some(alert) = account.funds.alert.filter(|alert| alert.given > 0)
        && !alert.is_low(account.watched(at)?)
    {
        account.funds.alert = Some(Alert { given: 0, ..alert });
    }
    Ok(())
}

/// What goes back to the credit line is not due any more, the newest month first.
fn off_the_month(account: &mut Account, refunded: Amount) -> Result<(), Fault> {
    let mut left = refunded;
    for put in account.funds.on_month.values_mut().rev() {
        let off = left.lesser(*put)?;
        *put = put.minus(off)?;
        left = left.minus(off)?;
    }
    Ok(())
}
