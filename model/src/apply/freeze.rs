//! Freezes and their ends, each cause by itself (R8.8).

use super::{illegal, missing, step_arrears, step_phone};
use crate::decision::Fault;
use crate::event::{Event, Frozen, Unfrozen};
use crate::lifecycle::{ArrearsTrigger, HoldTrigger, PhoneTrigger};
use crate::name::PhoneId;
use crate::state::{Account, Arrears, Charging, FreezeCause, Holds, Phase, Phone};
use crate::time::SimTime;

/// A phone is frozen by one more cause.
pub(super) fn freeze(
    account: &mut Account,
    at: SimTime,
    e: &Frozen,
    event: &Event,
) -> Result<(), Fault> {
    if e.cause == FreezeCause::Arrears {
        step_arrears(account, event, ArrearsTrigger::Freeze)?;
    }
    let of_charging = matches!(e.cause, FreezeCause::Expiry | FreezeCause::Arrears);
    let trigger = if of_charging { PhoneTrigger::Freeze } else { PhoneTrigger::Operate };
    let phone = step_phone(account, &e.phone, event, trigger)?;
    let until = || e.retention_until.ok_or_else(|| missing(event, "end of", &e.phone));
    match e.cause {
        FreezeCause::Expiry | FreezeCause::Arrears => {
            let frozen = Phase::Frozen { cause: e.cause, until: until()? };
            match &mut phone.charging {
                Charging::OnDemand(metering) => metering.phase = frozen,
                Charging::Subscribed(subscription) => subscription.phase = frozen,
                Charging::Provisioning { .. } => {}
            }
        }
        FreezeCause::Violation => {
            step_hold(phone.details.holds, &e.phone, event, HoldTrigger::FreezeForViolation)?;
            phone.details.holds.violation = Some(until()?);
        }
        FreezeCause::Police => {
            step_hold(phone.details.holds, &e.phone, event, HoldTrigger::FreezeByPolice)?;
            phone.details.holds.police = true;
        }
    }
    if let (Charging::OnDemand(metering), false) = (&mut phone.charging, e.accrues) {
        metering.stop_use(at);
    }
    if e.cause == FreezeCause::Arrears {
        account.arrears = Arrears::Retention { until: until()? };
    }
    Ok(())
}

/// One cause of a freeze is gone; use begins again with the last.
pub(super) fn unfreeze(
    account: &mut Account,
    at: SimTime,
    e: &Unfrozen,
    event: &Event,
) -> Result<(), Fault> {
    let status = |phone: &Phone| illegal(event, &e.phone, phone.status().name());
    let phone = match e.cause {
        FreezeCause::Expiry | FreezeCause::Arrears => {
            step_phone(account, &e.phone, event, PhoneTrigger::Unfreeze)?
        }
        FreezeCause::Violation | FreezeCause::Police => {
            step_phone(account, &e.phone, event, PhoneTrigger::Operate)?
        }
    };
    if !phone.freezes().contains(&e.cause) {
        return Err(status(phone));
    }
    match (e.cause, &mut phone.charging) {
        (FreezeCause::Violation, _) => {
            step_hold(phone.details.holds, &e.phone, event, HoldTrigger::LiftViolation)?;
            phone.details.holds.violation = None;
        }
        (FreezeCause::Police, _) => {
            step_hold(phone.details.holds, &e.phone, event, HoldTrigger::LiftPolice)?;
            phone.details.holds.police = false;
        }
        (FreezeCause::Arrears, Charging::OnDemand(metering)) => metering.phase = Phase::Active,
        (FreezeCause::Arrears | FreezeCause::Expiry, _) => {
            return Err(missing(event, "on-demand phone", &e.phone));
        }
    }
    let usable = phone.freezes().is_empty();
    if let (Charging::OnDemand(metering), true) = (&mut phone.charging, usable)
        && !metering.paused
        && metering.unsettled.last().is_none_or(|usage| usage.to.is_some())
    {
        metering.begin_use(at);
    }
    Ok(())
}

/// Checks that a freeze beside the charging may come or go.
fn step_hold(
    holds: Holds,
    phone: &PhoneId,
    event: &Event,
    trigger: HoldTrigger,
) -> Result<(), Fault> {
    let status = holds.status();
    status.after(trigger).map(drop).ok_or_else(|| illegal(event, phone, status.name()))
}
