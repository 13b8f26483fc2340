//! Calls and short messages through the real phone: what crosses between the cloud phone and the device
//! that controls its stream, and when that is refused (P4.13 to P4.15).

use crate::command::{AtDevice, CallAction, CallOp, MessageOutcome, Permit, StreamType};
use crate::decision::{Decision, Denial, Read, Reason};
use crate::event::{
    AnswerKept, CallActive, CallAsked, CallDialling, CallEnd, CallEnded, CallHeld, CallRinging,
    CallWentOn, Event, MessageAnswered, MessageAsked, MessageKept, MessageReceived, PermitSet,
    Side,
};
use crate::lifecycle::PowerStatus;
use crate::name::{DeviceId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::access::{Barrier, Wanted, barred};
use crate::rules::{Case, living, p, session};
use crate::state::{Call, CallState, Message, Session, Telephony};
use crate::tel::TelNumber;
use std::collections::BTreeMap;

mod follow;

pub(super) use follow::follow;

const READ_CALL: &[Read] = &[
    Read { rule: p(2, 8), name: "stream_while_expired" },
    Read { rule: p(4, 13), name: "calls_need_permission" },
    Read { rule: p(4, 13), name: "browser_telephony" },
    Read { rule: p(4, 14), name: "messages_need_permission" },
    Read { rule: p(4, 14), name: "text_bytes_max" },
    Read { rule: p(4, 15), name: "call_on_broken_link" },
    Read { rule: p(4, 15), name: "messages_waiting_max" },
];

fn refuse((reason, rules): Barrier) -> Decision {
    Decision { read: READ_CALL, ..Decision::refuse(reason, rules) }
}

fn happens(rules: &'static [RuleId], event: impl Into<Event>) -> Decision {
    let mut decision = Decision { read: READ_CALL, ..Decision::default() };
    decision.happen(rules, event);
    decision
}

fn all<'a>(case: &Case<'a>) -> Option<&'a Telephony> {
    case.account.telephony.as_deref()
}

/// The call of a phone, if it has one.
fn of<'a>(case: &Case<'a>, id: &PhoneId) -> Option<&'a Call> {
    all(case)?.calls.get(id)
}

/// The number of one more call or short message.
fn next(case: &Case<'_>) -> u32 {
    all(case).map_or(0, |all| all.told).saturating_add(1)
}

/// The rules of a use of the real phone, the deciding one first.
const fn rules_of(what: Permit) -> &'static [RuleId] {
    match what {
        Permit::Calls => by![p(4, 13)],
        Permit::Messages => by![p(4, 14)],
    }
}

/// The answer to one of these requests.
pub(super) fn decide(case: &Case<'_>, op: &CallOp) -> Decision {
    let answer = match op {
        CallOp::Permit { device, what, given } => permit(case, device, *what, *given),
        CallOp::Dial { phone, device, number } => dial(case, phone, device, number),
        CallOp::Act { phone, device, action } => act(case, phone, device, *action),
        CallOp::Ring { phone, device, number } => ring(case, phone, device, number.as_ref()),
        CallOp::Report { phone, is } => report(case, phone, *is),
        CallOp::Send { phone, device, number, text } => send(case, phone, device, (number, text)),
        CallOp::Result { phone, message, outcome } => result(case, phone, *message, *outcome),
        CallOp::Receive { phone, device, number, text } => {
            receive(case, phone, device, (number, text))
        }
    };
    answer.unwrap_or_else(refuse)
}

/// P4.13, P4.14: a device permits the use of what it has, or does so no more.
fn permit(
    case: &Case<'_>,
    device: &DeviceId,
    what: Permit,
    given: bool,
) -> Result<Decision, Barrier> {
    if permits(case, device, what) == given {
        return Err((Reason::Access(Denial::NothingToChange), rules_of(what)));
    }
    Ok(happens(rules_of(what), PermitSet { device: device.clone(), what, given }))
}

fn permits(case: &Case<'_>, device: &DeviceId, what: Permit) -> bool {
    let permits = all(case).and_then(|all| all.permits.get(device));
    permits.is_some_and(|permits| permits.contains(&what))
}

fn is_there(case: &Case<'_>, id: &PhoneId, what: Permit) -> Result<(), Barrier> {
    let unknown = (Reason::UnknownPhone(id.clone()), rules_of(what));
    living(case, id).map(|_| ()).ok_or(unknown)
}

/// Whether the device of a phone is connected now, where it has one; otherwise what is in the way of using
/// the calls or short messages of this one for it.
fn is_connected(
    case: &Case<'_>,
    id: &PhoneId,
    device: &DeviceId,
    what: Permit,
) -> Result<bool, Barrier> {
    let using = &case.params.using;
    let rules = rules_of(what);
    let session = session::of(case, id);
    let Some((session, stream)) = session.and_then(|session| Some((session, session.stream()?)))
    else {
        return Err(no_stream(case, id, what));
    };
    if !stream.viewers.contains(device) {
        return Err((Reason::NotWatching, rules));
    }
    if stream.controller != *device {
        return Err((Reason::NotController, rules));
    }
    if stream.token.stream == StreamType::H5 && !using.browser_telephony {
        return Err((Reason::NoTelephony, rules));
    }
    let needed = match what {
        Permit::Calls => using.calls_need_permission,
        Permit::Messages => using.messages_need_permission,
    };
    if needed && !permits(case, device, what) {
        return Err((Reason::NotPermitted, rules));
    }
    Ok(matches!(session, Session::Streaming(_)))
}

/// Why a phone has no stream: it cannot have one, or has none.
fn no_stream(case: &Case<'_>, id: &PhoneId, what: Permit) -> Barrier {
    let Some(phone) = living(case, id) else {
        return (Reason::UnknownPhone(id.clone()), rules_of(what));
    };
    if let Some(barrier) = barred(case.params, id, phone, Wanted::Enter) {
        return barrier;
    }
    if phone.power_status() != PowerStatus::Running {
        let rules: &[RuleId] = match what {
            Permit::Calls => by![p(4, 13), p(2, 6)],
            Permit::Messages => by![p(4, 14), p(2, 6)],
        };
        return (Reason::NotRunning, rules);
    }
    match session::of(case, id) {
        None => (Reason::NoSession, rules_of(what)),
        Some(_) => (Reason::NotStreaming, rules_of(what)),
    }
}

/// P4.13, P4.15: a call can begin between a phone and this device now.
fn may_begin(case: &Case<'_>, id: &PhoneId, device: &DeviceId) -> Result<(), Barrier> {
    is_there(case, id, Permit::Calls)?;
    if !is_connected(case, id, device, Permit::Calls)? {
        return Err((Reason::NotStreaming, by![p(4, 15), p(4, 13)]));
    }
    let busy = of(case, id).is_some() || all(case).is_some_and(|all| all.is_calling(device));
    if busy { Err((Reason::CallOn, by![p(4, 13)])) } else { Ok(()) }
}

/// P4.13: a phone wants somebody called.
fn dial(
    case: &Case<'_>,
    id: &PhoneId,
    device: &DeviceId,
    number: &TelNumber,
) -> Result<Decision, Barrier> {
    may_begin(case, id, device)?;
    let (phone, device, number) = (id.clone(), device.clone(), number.clone());
    Ok(happens(by![p(4, 13)], CallAsked { phone, device, call: next(case), number }))
}

/// P4.13: somebody calls the device of a phone.
fn ring(
    case: &Case<'_>,
    id: &PhoneId,
    device: &DeviceId,
    number: Option<&TelNumber>,
) -> Result<Decision, Barrier> {
    may_begin(case, id, device)?;
    let (phone, device, number) = (id.clone(), device.clone(), number.cloned());
    Ok(happens(by![p(4, 13)], CallRinging { phone, device, call: next(case), number }))
}

/// P4.13: what the phone wants of its call crosses to the device. What was permitted when the call began
/// is not asked again.
fn act(
    case: &Case<'_>,
    id: &PhoneId,
    device: &DeviceId,
    action: CallAction,
) -> Result<Decision, Barrier> {
    is_there(case, id, Permit::Calls)?;
    let found = of(case, id).ok_or((Reason::NoCall, by![p(4, 13)]))?;
    let watches = session::of(case, id).and_then(Session::stream);
    if watches.is_none_or(|stream| !stream.viewers.contains(device)) {
        return Err((Reason::NotWatching, by![p(4, 13)]));
    }
    if found.device != *device {
        return Err((Reason::NotController, by![p(4, 13)]));
    }
    let (phone, call, by) = (id.clone(), found.number, Side::Phone);
    let rules = by![p(4, 13)];
    Ok(match (action, found.state) {
        (_, CallState::Apart { .. }) => {
            return Err((Reason::NotStreaming, by![p(4, 15), p(4, 13)]));
        }
        (CallAction::Answer, CallState::Ringing) | (CallAction::Resume, CallState::Held) => {
            happens(rules, CallActive { phone, call, by })
        }
        (CallAction::Hold, CallState::Active) => happens(rules, CallHeld { phone, call, by }),
        (CallAction::HangUp, _) => {
            happens(rules, CallEnded { phone, call, cause: CallEnd::HungUp })
        }
        _ => return Err((Reason::CallNotSo, rules)),
    })
}

/// P4.13, P4.15: the call of a phone stands otherwise at its device, which says so if it can.
fn report(case: &Case<'_>, id: &PhoneId, is: AtDevice) -> Result<Decision, Barrier> {
    is_there(case, id, Permit::Calls)?;
    let rules = by![p(4, 13)];
    let call = of(case, id).ok_or((Reason::NoCall, rules))?;
    let possible = match call.at_device() {
        None => matches!(is, AtDevice::Dialling) || is.is_over(),
        Some(before) if before.is_over() => return Err((Reason::NoCall, by![p(4, 15)])),
        Some(before) => before.may_become(is),
    };
    if !possible {
        return Err((Reason::CallNotSo, rules));
    }
    Ok(match call.state {
        CallState::Apart { .. } => {
            let went_on = CallWentOn { phone: id.clone(), call: call.number, is };
            happens(by![p(4, 15), p(4, 13)], went_on)
        }
        _ => happens(rules, told(id, call, is)),
    })
}

/// What a phone learns of a call that stands so.
fn told(id: &PhoneId, of: &Call, is: AtDevice) -> Event {
    let (phone, call, by) = (id.clone(), of.number, Side::Device);
    match is {
        AtDevice::Dialling => CallDialling { phone, call }.into(),
        AtDevice::Ringing => {
            let (device, number) = (of.device.clone(), of.with.clone());
            CallRinging { phone, device, call, number }.into()
        }
        AtDevice::Active => CallActive { phone, call, by }.into(),
        AtDevice::Held => CallHeld { phone, call, by }.into(),
        AtDevice::Ended => CallEnded { phone, call, cause: CallEnd::Ended }.into(),
        AtDevice::Failed => CallEnded { phone, call, cause: CallEnd::Failed }.into(),
    }
}

fn fits(case: &Case<'_>, id: &PhoneId, text: &str) -> Result<(), Barrier> {
    is_there(case, id, Permit::Messages)?;
    let long = text.len() > case.params.using.text_bytes_max;
    if long { Err((Reason::OutOfRange, by![p(4, 14)])) } else { Ok(()) }
}

/// P4.15: whether one more short message may wait.
fn has_room(case: &Case<'_>, id: &PhoneId) -> Result<(), Barrier> {
    let waiting = all(case).and_then(|all| all.messages.get(id)).map_or(0, BTreeMap::len);
    let full = waiting >= case.params.using.messages_waiting_max;
    if full { Err((Reason::TooManyMessages, by![p(4, 15), p(4, 14)])) } else { Ok(()) }
}

/// P4.14: a phone asks its device to send a short message.
fn send(
    case: &Case<'_>,
    id: &PhoneId,
    device: &DeviceId,
    (number, text): (&TelNumber, &str),
) -> Result<Decision, Barrier> {
    fits(case, id, text)?;
    if !is_connected(case, id, device, Permit::Messages)? {
        return Err((Reason::NotStreaming, by![p(4, 15), p(4, 14)]));
    }
    has_room(case, id)?;
    let (phone, device, message) = (id.clone(), device.clone(), next(case));
    let (number, text) = (number.clone(), text.to_owned());
    Ok(happens(by![p(4, 14)], MessageAsked { phone, device, message, number, text }))
}

/// P4.14, P4.15: the device knows what became of a short message, and says so if it can.
fn result(
    case: &Case<'_>,
    id: &PhoneId,
    message: u32,
    outcome: MessageOutcome,
) -> Result<Decision, Barrier> {
    is_there(case, id, Permit::Messages)?;
    let waiting = all(case).and_then(|all| all.messages.get(id)).and_then(|all| all.get(&message));
    if waiting != Some(&Message::Asked) {
        return Err((Reason::UnknownMessage, by![p(4, 14)]));
    }
    let phone = id.clone();
    Ok(match session::is_streaming(case, id) {
        true => happens(by![p(4, 14)], MessageAnswered { phone, message, outcome }),
        false => happens(by![p(4, 15), p(4, 14)], AnswerKept { phone, message, outcome }),
    })
}

/// P4.14, P4.15: a short message that comes to the device crosses at once, or waits there.
fn receive(
    case: &Case<'_>,
    id: &PhoneId,
    device: &DeviceId,
    (number, text): (&TelNumber, &str),
) -> Result<Decision, Barrier> {
    fits(case, id, text)?;
    let connected = is_connected(case, id, device, Permit::Messages)?;
    let (phone, device, message) = (id.clone(), device.clone(), next(case));
    let (number, text) = (number.clone(), text.to_owned());
    if connected {
        let received = MessageReceived { phone, device, message, number, text };
        return Ok(happens(by![p(4, 14)], received));
    }
    has_room(case, id)?;
    let kept = MessageKept { phone, device, message, number, text };
    Ok(happens(by![p(4, 15), p(4, 14)], kept))
}
