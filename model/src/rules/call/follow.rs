//! What becomes of calls and short messages when something happens to the stream of their phone (P4.15).

use super::{all, told};
use crate::command::AtDevice;
use crate::decision::Decision;
use crate::event::{
    CallEnd, CallEnded, CallParted, Event, MessageAnswered, MessageReceived, MessagesLost,
    SessionEnd,
};
use crate::name::PhoneId;
use crate::rulebook::RuleId;
use crate::rules::{Case, p};
use crate::state::{Call, CallState, Message, Telephony};

/// What a decision about streams means for the calls and messages of their phones.
pub(in crate::rules) fn follow(case: &Case<'_>, decision: &mut Decision) {
    let Some(all) = all(case) else { return };
    if all.calls.is_empty() && all.messages.is_empty() {
        return;
    }
    let mut out = Decision::default();
    for decided in &decision.events {
        match &decided.event {
            Event::StreamInterrupted(e) => interrupted(case, all, &e.phone, &mut out),
            Event::StreamResumed(e) => resumed(all, &e.phone, &mut out),
            Event::StreamStopped(e) if e.cause == SessionEnd::Unbound => {
                over(all, &e.phone, by![p(4, 15), p(3, 5)], &mut out);
            }
            Event::StreamStopped(e) => over(all, &e.phone, by![p(4, 15), p(4, 3)], &mut out),
            Event::ControlGiven(e) => over(all, &e.phone, by![p(4, 15), p(4, 12)], &mut out),
            _ => {}
        }
    }
    decision.events.append(&mut out.events);
}

/// The link is broken: what is on its way waits, and a call goes on without the phone if it can.
fn interrupted(case: &Case<'_>, all: &Telephony, id: &PhoneId, out: &mut Decision) {
    let Some(call) = all.calls.get(id) else { return };
    let goes_on = case.params.using.call_goes_on && call.state != CallState::Asked;
    let (phone, rules, cause) = (id.clone(), by![p(4, 15), p(4, 6)], CallEnd::LinkBroken);
    match goes_on {
        true => out.happen(rules, CallParted { phone, call: call.number }),
        false => out.happen(rules, CallEnded { phone, call: call.number, cause }),
    }
}

/// The link is there again: the phone learns how its call stands, and gets what waited.
fn resumed(all: &Telephony, id: &PhoneId, out: &mut Decision) {
    let rules = by![p(4, 15), p(4, 6)];
    if let Some(call) = all.calls.get(id)
        && let CallState::Apart { is } = call.state
    {
        out.happen(rules, told(id, call, is));
    }
    for (&message, waiting) in all.messages.get(id).into_iter().flatten() {
        let phone = id.clone();
        match waiting.clone() {
            Message::Asked => {}
            Message::Answered(outcome) => {
                out.happen(rules, MessageAnswered { phone, message, outcome });
            }
            Message::Kept { device, number, text } => {
                out.happen(rules, MessageReceived { phone, device, message, number, text });
            }
        }
    }
}

/// The device serves the phone no more: calls are left to it, and messages that were under way are lost.
fn over(all: &Telephony, id: &PhoneId, rules: &'static [RuleId], out: &mut Decision) {
    if let Some(call) = all.calls.get(id) {
        let cause = cause_of(call);
        out.happen(rules, CallEnded { phone: id.clone(), call: call.number, cause });
    }
    if let Some(waiting) = all.messages.get(id) {
        let messages = waiting.keys().copied().collect();
        out.happen(rules, MessagesLost { phone: id.clone(), messages });
    }
}

/// Why a phone loses its call with its device: it goes on there, or is over there already.
fn cause_of(call: &Call) -> CallEnd {
    match call.at_device() {
        Some(AtDevice::Ended) => CallEnd::Ended,
        Some(AtDevice::Failed) => CallEnd::Failed,
        _ => CallEnd::LeftToDevice,
    }
}
