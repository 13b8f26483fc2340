//! What becomes of calls and short messages through real phones.

use super::{illegal, missing};
use crate::decision::Fault;
use crate::event::Event;
use crate::lifecycle::{CallStatus, CallTrigger};
use crate::name::PhoneId;
use crate::state::{Account, Call, CallState, Message, Telephony};

/// Whether an event is about them.
pub(super) const fn is_theirs(event: &Event) -> bool {
    trigger(event).is_some()
        || matches!(
            event,
            Event::PermitSet(_)
                | Event::MessageAsked(_)
                | Event::MessageAnswered(_)
                | Event::MessageReceived(_)
                | Event::MessageKept(_)
                | Event::AnswerKept(_)
                | Event::MessagesLost(_)
        )
}

/// What an event does to a call, and to which.
const fn trigger(event: &Event) -> Option<(CallTrigger, &PhoneId, u32)> {
    Some(match event {
        Event::CallAsked(e) => (CallTrigger::Ask, &e.phone, e.call),
        Event::CallDialling(e) => (CallTrigger::Dial, &e.phone, e.call),
        Event::CallRinging(e) => (CallTrigger::Ring, &e.phone, e.call),
        Event::CallActive(e) => (CallTrigger::Speak, &e.phone, e.call),
        Event::CallHeld(e) => (CallTrigger::Hold, &e.phone, e.call),
        Event::CallParted(e) => (CallTrigger::Part, &e.phone, e.call),
        Event::CallWentOn(e) => (CallTrigger::GoOn, &e.phone, e.call),
        Event::CallEnded(e) => (CallTrigger::End, &e.phone, e.call),
        _ => return None,
    })
}

/// Permissions, calls and short messages.
pub(super) fn apply_to_telephony(account: &mut Account, event: &Event) -> Result<(), Fault> {
    // They may outlive their phone by the events that end them.
    let all = account.telephony.get_or_insert_default();
    match (event, trigger(event)) {
        (Event::PermitSet(e), _) => {
            let permits = all.permits.entry(e.device.clone()).or_default();
            if e.given {
                permits.insert(e.what)
            } else {
                permits.remove(&e.what)
            };
            Ok(())
        }
        (_, Some(what)) => step(all, event, what),
        _ => apply_to_messages(all, event),
    }
}

/// Carries a call from one state to the next; the table says whether it may.
fn step(
    all: &mut Telephony,
    event: &Event,
    (trigger, id, number): (CallTrigger, &PhoneId, u32),
) -> Result<(), Fault> {
    let before = all.calls.remove(id);
    let status = before.as_ref().map_or(CallStatus::None, Call::status);
    let due = before.as_ref().map_or(all.told.saturating_add(1), |call| call.number);
    if status.after(trigger).is_none() {
        return Err(illegal(event, id, status.name()));
    }
    if number != due {
        return Err(missing(event, "call", &number));
    }
    let at_device = before.as_ref().and_then(Call::at_device);
    let (device, with) = match (event, before) {
        (_, Some(call)) => (call.device, call.with),
        (Event::CallAsked(e), None) => (e.device.clone(), Some(e.number.clone())),
        (Event::CallRinging(e), None) => (e.device.clone(), e.number.clone()),
        _ => return Err(missing(event, "call of", id)),
    };
    let state = match event {
        Event::CallAsked(_) => CallState::Asked,
        Event::CallDialling(_) => CallState::Dialling,
        Event::CallRinging(_) => CallState::Ringing,
        Event::CallActive(_) => CallState::Active,
        Event::CallHeld(_) => CallState::Held,
        Event::CallParted(_) => {
            let is = at_device.ok_or_else(|| illegal(event, id, status.name()))?;
            CallState::Apart { is }
        }
        Event::CallWentOn(e) => CallState::Apart { is: e.is },
        _ => return Ok(()),
    };
    all.told = all.told.max(number);
    all.calls.insert(id.clone(), Call { number, device, with, state });
    Ok(())
}

fn apply_to_messages(all: &mut Telephony, event: &Event) -> Result<(), Fault> {
    let Some(id) = event.phones().first() else { return Err(Fault::Range("phones of a message")) };
    let next = all.told.saturating_add(1);
    let waiting = all.messages.entry(id.clone()).or_default();
    let numbered = match event {
        Event::MessageAsked(e) if e.message == next => {
            waiting.insert(next, Message::Asked);
            next
        }
        Event::MessageKept(e) if e.message == next => {
            let (device, number, text) = (e.device.clone(), e.number.clone(), e.text.clone());
            waiting.insert(next, Message::Kept { device, number, text });
            next
        }
        Event::MessageReceived(e) => match waiting.remove(&e.message) {
            Some(Message::Kept { .. }) => all.told,
            None if e.message == next => next,
            _ => return Err(missing(event, "message", &e.message)),
        },
        Event::AnswerKept(e) => match waiting.get_mut(&e.message) {
            Some(message @ Message::Asked) => {
                *message = Message::Answered(e.outcome);
                all.told
            }
            _ => return Err(missing(event, "message", &e.message)),
        },
        Event::MessageAnswered(e) => match waiting.remove(&e.message) {
            Some(Message::Asked | Message::Answered(_)) => all.told,
            _ => return Err(missing(event, "message", &e.message)),
        },
        Event::MessagesLost(e) => {
            for number in &e.messages {
                waiting.remove(number).ok_or_else(|| missing(event, "message", number))?;
            }
            all.told
        }
        _ => return Err(missing(event, "message of", id)),
    };
    if waiting.is_empty() {
        all.messages.remove(id);
    }
    all.told = numbered;
    Ok(())
}
