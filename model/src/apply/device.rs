//! What phones do besides living, and what accounts are besides their money.

use super::{control, illegal, missing, step_phone};
use crate::decision::Fault;
use crate::event::Event;
use crate::lifecycle::{BindingTrigger, PhoneTrigger, PowerTrigger};
use crate::name::PhoneId;
use crate::state::{Account, Data, Operation, Phone, Power, Promotion, Task};
use crate::time::SimTime;

/// Verification, tier and promotions.
pub(super) fn apply_to_standing(account: &mut Account, at: SimTime, event: &Event) {
    match event {
        Event::VerificationSet(e) => account.verification = e.to,
        Event::TierSet(e) => {
            account.tier = e.tier;
            account.tier_year = Some(at.day().year());
        }
        Event::PromotionGranted(e) => {
            let (grace_days, retention_days, until) = (e.grace_days, e.retention_days, e.until);
            account.promotion = Some(Promotion { grace_days, retention_days, until });
        }
        Event::DeductionDaySet(e) => account.deduction_days = e.days,
        Event::UnifiedDaySet(e) => account.unified_day = Some(e.day),
        Event::PartnerFreezeSet(e) => account.partner_frozen = e.frozen,
        _ => {}
    }
}

/// Power, data and binding.
pub(super) fn apply_to_device(account: &mut Account, event: &Event) -> Result<(), Fault> {
    match event {
        Event::OperationStarted(e) => {
            let begin = e.operation.begins();
            let phone = step_power(account, &e.phone, event, begin)?;
            phone.details.task = Some(Task { operation: e.operation, until: e.until });
        }
        Event::PowerSet(e) => {
            // A log that tells only the end of switching is as good as one that tells its beginning.
            let phone = step_phone(account, &e.phone, event, PhoneTrigger::Operate)?;
            let switching = [Operation::PowerOn, Operation::PowerOff];
            if phone.details.task.is_some_and(|task| !switching.contains(&task.operation)) {
                return Err(illegal(event, &e.phone, phone.power_status().name()));
            }
            phone.details.task = None;
            phone.details.power = e.to;
        }
        Event::OperationDone(e) => {
            let phone = step_power(account, &e.phone, event, e.operation.ends())?;
            finish(phone, e.operation)
                .ok_or_else(|| illegal(event, &e.phone, "in another task"))?;
            control::wipe(account, &e.phone, e.operation);
        }
        Event::OperationFailed(e) => {
            let phone = step_power(account, &e.phone, event, PowerTrigger::Fail)?;
            let task = phone.details.task.take().map(|task| task.operation);
            match (e.operation, task == Some(e.operation)) {
                (Operation::BackUp, true) => {
                    (phone.details.data, phone.details.power) = (Data::BackupFailed, Power::Off);
                }
                (Operation::Restore, true) => phone.details.data = Data::RestoreFailed,
                _ => return Err(illegal(event, &e.phone, "in another task")),
            }
        }
        Event::Bound(e) => {
            let phone = step_binding(account, &e.phone, event, BindingTrigger::Bind)?;
            phone.details.member = Some(e.member.clone());
        }
        Event::Unbound(e) => {
            step_binding(account, &e.phone, event, BindingTrigger::Unbind)?.details.member = None;
        }
        _ => return Err(missing(event, "device of", &event.kind())),
    }
    Ok(())
}

/// Ends what the phone is in the middle of; nothing if that is something else.
fn finish(phone: &mut Phone, operation: Operation) -> Option<()> {
    let task = phone.details.task.take()?;
    if task.operation != operation {
        return None;
    }
    match operation {
        Operation::BackUp => phone.details.data = Data::Stored,
        Operation::Restore => (phone.details.data, phone.details.power) = (Data::Loaded, Power::On),
        Operation::PowerOff => phone.details.power = Power::Off,
        Operation::PowerOn | Operation::Restart | Operation::Reset | Operation::Unbind => {
            phone.details.power = Power::On;
        }
    }
    Some(())
}

fn step_power<'a>(
    account: &'a mut Account,
    id: &PhoneId,
    event: &Event,
    trigger: PowerTrigger,
) -> Result<&'a mut Phone, Fault> {
    let phone = step_phone(account, id, event, PhoneTrigger::Operate)?;
    let status = phone.power_status();
    match status.after(trigger) {
        Some(_) => Ok(phone),
        None => Err(illegal(event, id, status.name())),
    }
}

fn step_binding<'a>(
    account: &'a mut Account,
    id: &PhoneId,
    event: &Event,
    trigger: BindingTrigger,
) -> Result<&'a mut Phone, Fault> {
    let phone = step_phone(account, id, event, PhoneTrigger::Operate)?;
    let status = phone.binding_status();
    match status.after(trigger) {
        Some(_) => Ok(phone),
        None => Err(illegal(event, id, status.name())),
    }
}
