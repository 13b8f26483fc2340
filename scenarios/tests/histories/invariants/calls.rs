//! Calls and short messages through the real phone: who may begin them, how they stand, and what a
//! broken link does to them.

use super::{Invariant, Moment, Tally, What};
use koosim_model::command::{AtDevice, CallAction, CallOp, Op, Permit, StreamType};
use koosim_model::event::{CallEnd, Event, Side};
use koosim_model::lifecycle::{CallStatus, SessionStatus};
use koosim_model::name::{DeviceId, PhoneId};
use koosim_model::state::{Account, Call, Message, Session};
use std::collections::BTreeMap;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "what is asked about a call or message happens or is refused",
        rules: &["P4.13", "P4.14"],
        check: asked,
    },
    Invariant {
        name: "calls and messages begin at the device that controls a stream and permits them",
        rules: &["P4.13", "P4.14"],
        check: beginnings,
    },
    Invariant {
        name: "calls and messages of an account are counted together",
        rules: &["P4.13", "P4.14"],
        check: numbers,
    },
    Invariant {
        name: "a device has one call at a time, and its phone the stream that it controls",
        rules: &["P4.13", "P4.15"],
        check: one_call,
    },
    Invariant {
        name: "a call stands as its device tells, or as its phone wanted",
        rules: &["P4.13"],
        check: standing,
    },
    Invariant {
        name: "a call parts with the link, and is told once when that is back",
        rules: &["P4.15"],
        check: broken_calls,
    },
    Invariant {
        name: "each message crosses once, whatever becomes of the link",
        rules: &["P4.14", "P4.15"],
        check: messages,
    },
    Invariant {
        name: "what is under way is lost with the stream, and nothing is kept without one",
        rules: &["P4.15", "P3.5"],
        check: lost,
    },
];

fn session<'a>(account: &'a Account, phone: &PhoneId) -> Option<&'a Session> {
    account.sessions.as_deref()?.get(phone)
}

fn status(account: &Account, phone: &PhoneId) -> SessionStatus {
    session(account, phone).map_or(SessionStatus::None, Session::status)
}

fn call<'a>(account: &'a Account, phone: &PhoneId) -> Option<&'a Call> {
    account.telephony.as_deref()?.calls.get(phone)
}

fn waiting(account: &Account, phone: &PhoneId) -> BTreeMap<u32, Message> {
    let all = account.telephony.as_deref().and_then(|all| all.messages.get(phone));
    all.cloned().unwrap_or_default()
}

/// The events of this instant that came before, as far as they are about a phone.
fn now_about<'a>(m: &Moment<'a>, phone: &PhoneId) -> Vec<&'a Event> {
    let same = m.before().take_while(|(at, _)| *at == m.at).map(|(_, event)| event);
    same.filter(|event| event.phones().contains(phone)).collect()
}

/// What the event that follows at once must be about.
fn asked(m: &Moment<'_>, tally: &mut Tally) {
    let What::Asked(command) = m.what else { return };
    let Op::Call(op) = &command.op else { return };
    let next = m.told_after().next().map(|told| &told.what);
    let fits = match (next, &**op) {
        (Some(What::Refused(_)), _) => true,
        (Some(What::Happened(Event::PermitSet(e))), CallOp::Permit { device, what, given }) => {
            (&e.device, e.what, e.given) == (device, *what, *given)
        }
        (Some(What::Happened(Event::CallAsked(e))), CallOp::Dial { phone, device, number }) => {
            (&e.phone, &e.device, &e.number) == (phone, device, number)
        }
        (Some(What::Happened(Event::CallRinging(e))), CallOp::Ring { phone, device, number }) => {
            (&e.phone, &e.device, &e.number) == (phone, device, number)
        }
        (Some(What::Happened(event)), CallOp::Act { phone, action, .. }) => {
            let as_wanted = match (event, action) {
                (Event::CallActive(e), CallAction::Answer | CallAction::Resume) => {
                    e.by == Side::Phone
                }
                (Event::CallHeld(e), CallAction::Hold) => e.by == Side::Phone,
                (Event::CallEnded(e), CallAction::HangUp) => e.cause == CallEnd::HungUp,
                _ => false,
            };
            as_wanted && event.phones().contains(phone)
        }
        (Some(What::Happened(event)), CallOp::Report { phone, is }) => {
            let parted = call(m.account, phone).is_some_and(|c| c.status() == CallStatus::Apart);
            event.phones().contains(phone)
                && told(event) == Some(*is)
                && parted == matches!(event, Event::CallWentOn(_))
        }
        (
            Some(What::Happened(Event::MessageAsked(e))),
            CallOp::Send { phone, device, number, text },
        ) => (&e.phone, &e.device, &e.number, &e.text) == (phone, device, number, text),
        (
            Some(What::Happened(Event::MessageReceived(e))),
            CallOp::Receive { phone, device, number, text },
        ) => (&e.phone, &e.device, &e.number, &e.text) == (phone, device, number, text),
        (
            Some(What::Happened(Event::MessageKept(e))),
            CallOp::Receive { phone, device, number, text },
        ) => (&e.phone, &e.device, &e.number, &e.text) == (phone, device, number, text),
        (
            Some(What::Happened(Event::MessageAnswered(e))),
            CallOp::Result { phone, message, outcome },
        ) => (&e.phone, e.message, e.outcome) == (phone, *message, *outcome),
        (
            Some(What::Happened(Event::AnswerKept(e))),
            CallOp::Result { phone, message, outcome },
        ) => (&e.phone, e.message, e.outcome) == (phone, *message, *outcome),
        _ => false,
    };
    tally.holds(fits, op);
}

/// How a call stands at its device by an event in which the device says so.
fn told(event: &Event) -> Option<AtDevice> {
    match event {
        Event::CallDialling(_) => Some(AtDevice::Dialling),
        Event::CallRinging(_) => Some(AtDevice::Ringing),
        Event::CallActive(e) if e.by == Side::Device => Some(AtDevice::Active),
        Event::CallHeld(e) if e.by == Side::Device => Some(AtDevice::Held),
        Event::CallWentOn(e) => Some(e.is),
        Event::CallEnded(e) => match e.cause {
            CallEnd::Ended => Some(AtDevice::Ended),
            CallEnd::Failed => Some(AtDevice::Failed),
            _ => None,
        },
        _ => None,
    }
}

/// Phone, device and kind of what begins with an event.
fn begins<'a>(m: &Moment<'a>) -> Option<(&'a PhoneId, &'a DeviceId, Permit, u32)> {
    match m.event()? {
        Event::CallAsked(e) => Some((&e.phone, &e.device, Permit::Calls, e.call)),
        Event::CallRinging(e) if call(m.account, &e.phone).is_none() => {
            Some((&e.phone, &e.device, Permit::Calls, e.call))
        }
        Event::MessageAsked(e) => Some((&e.phone, &e.device, Permit::Messages, e.message)),
        Event::MessageKept(e) => Some((&e.phone, &e.device, Permit::Messages, e.message)),
        Event::MessageReceived(e) if !waiting(m.account, &e.phone).contains_key(&e.message) => {
            Some((&e.phone, &e.device, Permit::Messages, e.message))
        }
        _ => None,
    }
}

fn beginnings(m: &Moment<'_>, tally: &mut Tally) {
    let Some((phone, device, what, number)) = begins(m) else { return };
    let session = session(m.account, phone);
    let Some(stream) = session.and_then(Session::stream) else {
        return tally.holds(false, &number);
    };
    tally.same(&stream.controller, device, &number);
    let due = match m.event() {
        Some(Event::MessageKept(_)) => SessionStatus::Interrupted,
        _ => SessionStatus::Streaming,
    };
    tally.same(status(m.account, phone), due, &number);
    let browser = stream.token.stream == StreamType::H5;
    tally.holds(!browser || m.flag("P4.13.browser_telephony"), &number);
    let needed = m.flag(match what {
        Permit::Calls => "P4.13.calls_need_permission",
        Permit::Messages => "P4.14.messages_need_permission",
    });
    let given = m.before().find_map(|(_, event)| match event {
        Event::PermitSet(e) if e.device == *device && e.what == what => Some(e.given),
        _ => None,
    });
    tally.holds(!needed || given == Some(true), &number);
    tally.holds(m.names(if what == Permit::Calls { "P4.13" } else { "P4.14" }), &number);
}

fn numbers(m: &Moment<'_>, tally: &mut Tally) {
    let Some((.., number)) = begins(m) else { return };
    let earlier = m.before().filter_map(|(_, event)| match event {
        Event::CallAsked(e) => Some(e.call),
        Event::CallRinging(e) => Some(e.call),
        Event::MessageAsked(e) => Some(e.message),
        Event::MessageKept(e) => Some(e.message),
        Event::MessageReceived(e) => Some(e.message),
        _ => None,
    });
    tally.same(number, earlier.max().map_or(1, |last| last + 1), &number);
}

fn one_call(m: &Moment<'_>, tally: &mut Tally) {
    // What ends a stream comes before the end of its call, at the same instant.
    let next = m.told_after().next().map(|told| told.at);
    let Some(all) = m.folded.telephony.as_deref().filter(|_| next != Some(m.at)) else { return };
    for (phone, one) in &all.calls {
        let stream = session(m.folded, phone).and_then(Session::stream);
        tally.holds(stream.is_some_and(|stream| stream.controller == one.device), one);
        let broken = status(m.folded, phone) == SessionStatus::Interrupted;
        tally.same(one.status() == CallStatus::Apart, broken, one);
        let over = |call: &Call| call.at_device().is_some_and(AtDevice::is_over);
        let same = |other: &&Call| other.device == one.device && !over(other);
        tally.holds(over(one) || all.calls.values().filter(same).count() == 1, one);
    }
}

fn standing(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let (phone, by) = match event {
        Event::CallActive(e) => (&e.phone, e.by),
        Event::CallHeld(e) => (&e.phone, e.by),
        Event::CallDialling(e) => (&e.phone, Side::Device),
        Event::CallEnded(e) if e.cause == CallEnd::HungUp => (&e.phone, Side::Phone),
        _ => return,
    };
    let back = now_about(m, phone).iter().any(|event| matches!(event, Event::StreamResumed(_)));
    let op = m.asked_now().and_then(|command| match &command.op {
        Op::Call(op) => Some(&**op),
        _ => None,
    });
    let due = match (by, op) {
        (Side::Phone, Some(CallOp::Act { phone: of, device, .. })) => {
            of == phone && call(m.account, phone).is_some_and(|call| call.device == *device)
        }
        (Side::Device, Some(CallOp::Report { phone: of, is })) => {
            (of == phone && told(event) == Some(*is)) || back
        }
        (side, _) => side == Side::Device && back,
    };
    tally.holds(due, event);
}

/// How the call of a phone stands at its device by all that was said of it, newest first.
fn truth(m: &Moment<'_>, phone: &PhoneId) -> Option<AtDevice> {
    m.before().filter(|(_, event)| event.phones().contains(phone)).find_map(
        |(_, event)| match event {
            Event::CallActive(_) => Some(AtDevice::Active),
            Event::CallHeld(_) => Some(AtDevice::Held),
            event => told(event),
        },
    )
}

fn broken_calls(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let goes_on = m.word("P4.15.call_on_broken_link") == "goes_on";
    let of = |id: &PhoneId| call(m.account, id);
    let about_call = |event: &Event, phone: &PhoneId| {
        event.phones().contains(phone) && event.kind().starts_with("call_")
    };
    match event {
        Event::StreamInterrupted(e) => {
            let Some(one) = of(&e.phone) else { return };
            let parts = goes_on && one.status() != CallStatus::Asked;
            let then: Vec<_> = m.then().filter(|event| about_call(event, &e.phone)).collect();
            let due = match then[..] {
                [Event::CallParted(then)] => parts && then.call == one.number,
                [Event::CallEnded(then)] => !parts && then.cause == CallEnd::LinkBroken,
                _ => false,
            };
            tally.holds(due, e);
        }
        Event::StreamResumed(e) => {
            let then: Vec<_> = m.then().filter(|event| about_call(event, &e.phone)).collect();
            if of(&e.phone).is_some() {
                let said: Vec<_> = then.iter().filter_map(|event| told(event)).collect();
                tally.same(said, truth(m, &e.phone).into_iter().collect(), e);
            }
            tally.same(then.len(), usize::from(of(&e.phone).is_some()), e);
        }
        Event::CallParted(e) => {
            let broke = |event: &&Event| matches!(event, Event::StreamInterrupted(_));
            tally.holds(goes_on && now_about(m, &e.phone).iter().any(broke), e);
        }
        Event::CallWentOn(e) => {
            let may = truth(m, &e.phone).is_some_and(|before| before.may_become(e.is));
            tally.holds(may && status(m.account, &e.phone) == SessionStatus::Interrupted, e);
        }
        Event::CallRinging(e) if of(&e.phone).is_some() => {
            let begun = m.before().find_map(|(_, event)| match event {
                Event::CallRinging(begun) if begun.call == e.call => Some(begun),
                _ => None,
            });
            tally.same(begun, Some(e), e);
        }
        _ => {}
    }
}

fn messages(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let back = |phone: &PhoneId| {
        now_about(m, phone).iter().any(|event| matches!(event, Event::StreamResumed(_)))
    };
    match event {
        Event::MessageAsked(e) => written(m, (&e.phone, &e.text), tally),
        Event::MessageKept(e) => written(m, (&e.phone, &e.text), tally),
        Event::MessageReceived(e) => {
            let most = usize::try_from(m.integer("P4.14.text_bytes_max")).unwrap();
            tally.holds(e.text.len() <= most, e);
            let twice = |(_, event): (_, &Event)| matches!(event, Event::MessageReceived(o) if o.message == e.message);
            tally.holds(!m.before().any(twice), e);
            let kept = m.before().find_map(|(_, event)| match event {
                Event::MessageKept(kept) if kept.message == e.message => Some(kept),
                _ => None,
            });
            if let Some(kept) = kept {
                let same = (&kept.phone, &kept.device, &kept.number, &kept.text);
                tally.same(same, (&e.phone, &e.device, &e.number, &e.text), e);
                tally.holds(back(&e.phone), e);
            }
        }
        Event::MessageAnswered(e) => {
            let kept = m.before().find_map(|(_, event)| match event {
                Event::AnswerKept(kept) if kept.message == e.message => Some(kept.outcome),
                _ => None,
            });
            tally.same(kept.unwrap_or(e.outcome), e.outcome, e);
            tally.holds(kept.is_none() || back(&e.phone), e);
            let twice = |(_, event): (_, &Event)| matches!(event, Event::MessageAnswered(o) if o.message == e.message);
            tally.holds(!m.before().any(twice), e);
            tally.same(status(m.account, &e.phone), SessionStatus::Streaming, e);
        }
        Event::AnswerKept(e) => {
            tally.same(status(m.account, &e.phone), SessionStatus::Interrupted, e);
        }
        Event::StreamResumed(e) => {
            let due = waiting(m.account, &e.phone);
            let due = due.iter().filter(|(_, message)| **message != Message::Asked);
            let due: Vec<_> = due.map(|(number, _)| *number).collect();
            let crossed = m.then().filter_map(|event| match event {
                Event::MessageReceived(o) if o.phone == e.phone => Some(o.message),
                Event::MessageAnswered(o) if o.phone == e.phone => Some(o.message),
                _ => None,
            });
            tally.same(crossed.collect(), due, e);
        }
        _ => {}
    }
}

/// Limits of what waits.
fn written(m: &Moment<'_>, (phone, text): (&PhoneId, &str), tally: &mut Tally) {
    let most = usize::try_from(m.integer("P4.14.text_bytes_max")).unwrap();
    tally.holds(text.len() <= most, &text);
    let most = usize::try_from(m.integer("P4.15.messages_waiting_max")).unwrap();
    tally.holds(waiting(m.folded, phone).len() <= most, phone);
}

fn lost(m: &Moment<'_>, tally: &mut Tally) {
    let next = m.told_after().next().map(|told| told.at);
    if next != Some(m.at) {
        let all = m.folded.telephony.as_deref();
        for phone in all.into_iter().flat_map(|all| all.messages.keys()) {
            tally.holds(session(m.folded, phone).is_some_and(|s| s.stream().is_some()), phone);
        }
    }
    let over = |event: &Event| matches!(event, Event::StreamStopped(_) | Event::ControlGiven(_));
    match m.event() {
        Some(event) if over(event) => {
            let phone = &event.phones()[0];
            let due: Vec<_> = waiting(m.account, phone).into_keys().collect();
            let lost = m.then().find_map(|event| match event {
                Event::MessagesLost(e) if e.phone == *phone => Some(e.messages.clone()),
                _ => None,
            });
            tally.same(lost.unwrap_or_default(), due, event);
            if let Some(one) = call(m.account, phone) {
                let end = m.then().find_map(|event| match event {
                    Event::CallEnded(e) if e.phone == *phone => Some(e.cause),
                    _ => None,
                });
                let due = match one.at_device() {
                    Some(AtDevice::Ended) => CallEnd::Ended,
                    Some(AtDevice::Failed) => CallEnd::Failed,
                    _ => CallEnd::LeftToDevice,
                };
                tally.same(end, Some(due), event);
            }
        }
        Some(Event::MessagesLost(e)) => {
            let now = now_about(m, &e.phone);
            tally.holds(now.iter().any(|event| over(event)) && !e.messages.is_empty(), e);
            let unbound = now.iter().any(|event| matches!(event, Event::Unbound(_)));
            tally.same(m.names("P3.5"), unbound, e);
        }
        Some(Event::CallEnded(e)) if e.cause == CallEnd::LeftToDevice => {
            tally.holds(now_about(m, &e.phone).iter().any(|event| over(event)), e);
        }
        _ => {}
    }
}
