//! Calls and short messages through the real phone, each with what must have gone before.

use super::phone;
use koosim_model::command::{AtDevice, MessageOutcome, Permit};
use koosim_model::event::{
    AnswerKept, CallActive, CallAsked, CallDialling, CallEnd, CallEnded, CallHeld, CallParted,
    CallRinging, CallWentOn, Event, MessageAnswered, MessageAsked, MessageKept, MessageReceived,
    MessagesLost, PermitSet, Side,
};
use koosim_model::name::DeviceId;
use koosim_model::tel::TelNumber;

fn device() -> DeviceId {
    DeviceId::new("tablet").unwrap()
}

fn number() -> TelNumber {
    TelNumber::new("10086").unwrap()
}

fn sequence(events: &[&Event]) -> Vec<Event> {
    events.iter().map(|event| (*event).clone()).collect()
}

/// What happens to calls.
pub(super) fn of_calls() -> Vec<Vec<Event>> {
    let by = Side::Device;
    let permitted: Event = PermitSet { device: device(), what: Permit::Calls, given: true }.into();
    let asked: Event =
        CallAsked { phone: phone(), device: device(), call: 1, number: number() }.into();
    let (with, is) = (Some(number()), AtDevice::Ended);
    let ringing: Event =
        CallRinging { phone: phone(), device: device(), call: 1, number: with }.into();
    let dialling: Event = CallDialling { phone: phone(), call: 1 }.into();
    let active: Event = CallActive { phone: phone(), call: 1, by }.into();
    let held: Event = CallHeld { phone: phone(), call: 1, by }.into();
    let parted: Event = CallParted { phone: phone(), call: 1 }.into();
    let went_on: Event = CallWentOn { phone: phone(), call: 1, is }.into();
    let ended: Event = CallEnded { phone: phone(), call: 1, cause: CallEnd::Ended }.into();
    let other: Event = CallEnded { phone: phone(), call: 2, cause: CallEnd::Ended }.into();
    vec![
        sequence(&[&permitted]),
        sequence(&[&asked]),
        sequence(&[&asked, &asked]),
        sequence(&[&dialling]),
        sequence(&[&asked, &dialling]),
        sequence(&[&ringing]),
        sequence(&[&active]),
        sequence(&[&ringing, &active]),
        sequence(&[&ringing, &held]),
        sequence(&[&ringing, &active, &held]),
        sequence(&[&asked, &parted]),
        sequence(&[&ringing, &parted]),
        sequence(&[&ringing, &went_on]),
        sequence(&[&ringing, &parted, &went_on]),
        sequence(&[&ringing, &parted, &active]),
        sequence(&[&ended]),
        sequence(&[&asked, &ended]),
        sequence(&[&asked, &other]),
    ]
}

/// What happens to short messages.
pub(super) fn of_messages() -> Vec<Vec<Event>> {
    let (outcome, text) = (MessageOutcome::Sent, || "hello".to_owned());
    let written = |message| {
        let (phone, device, number, text) = (phone(), device(), number(), text());
        Event::from(MessageAsked { phone, device, message, number, text })
    };
    let kept = |message| {
        let (phone, device, number, text) = (phone(), device(), number(), text());
        Event::from(MessageKept { phone, device, message, number, text })
    };
    let received = |message| {
        let (phone, device, number, text) = (phone(), device(), number(), text());
        Event::from(MessageReceived { phone, device, message, number, text })
    };
    let answered: Event = MessageAnswered { phone: phone(), message: 1, outcome }.into();
    let answer_kept: Event = AnswerKept { phone: phone(), message: 1, outcome }.into();
    let lost = |messages: &[u32]| {
        Event::from(MessagesLost { phone: phone(), messages: messages.to_vec() })
    };
    vec![
        sequence(&[&written(1)]),
        sequence(&[&written(2)]),
        sequence(&[&kept(1), &written(2)]),
        sequence(&[&received(1)]),
        sequence(&[&received(2)]),
        sequence(&[&kept(1), &received(1)]),
        sequence(&[&written(1), &received(1)]),
        sequence(&[&answered]),
        sequence(&[&written(1), &answered]),
        sequence(&[&kept(1), &answered]),
        sequence(&[&answer_kept]),
        sequence(&[&written(1), &answer_kept]),
        sequence(&[&written(1), &answer_kept, &answer_kept]),
        sequence(&[&written(1), &answer_kept, &answered]),
        sequence(&[&lost(&[1])]),
        sequence(&[&written(1), &kept(2), &lost(&[1, 2])]),
    ]
}
