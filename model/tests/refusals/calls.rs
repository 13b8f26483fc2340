//! Why calls and short messages through the real phone are refused, in their declared order.

use super::together::desk_under;
use super::{at, phone, why};
use crate::desk::Desk;
use koosim_model::command::{
    AtDevice, CallAction, CallOp, Freezer, MessageOutcome, Op, Permit, SessionOp, StreamType,
};
use koosim_model::decision::Reason;
use koosim_model::event::Event;
use koosim_model::name::DeviceId;
use koosim_model::state::Operation;
use koosim_model::tel::TelNumber;

const LIMITS: &[(&str, &str)] =
    &[("P4.14.text_bytes_max", "5"), ("P4.15.messages_waiting_max", "1")];

fn ask(desk: &mut Desk, time: &str, op: Op) -> Result<Vec<Event>, Reason> {
    desk.ask(at(&format!("2024-04-02 {time}")), op)
}

fn call(op: CallOp) -> Op {
    Op::Call(Box::new(op))
}

fn of_session(op: SessionOp) -> Op {
    Op::Session(Box::new(op))
}

fn device(name: &str) -> DeviceId {
    DeviceId::new(name).unwrap()
}

fn number() -> TelNumber {
    TelNumber::new("10086").unwrap()
}

fn dial(of: &str, with: &str) -> Op {
    call(CallOp::Dial { phone: phone(of), device: device(with), number: number() })
}

fn act(with: &str, action: CallAction) -> Op {
    call(CallOp::Act { phone: phone("runs"), device: device(with), action })
}

fn report(is: AtDevice) -> Op {
    call(CallOp::Report { phone: phone("runs"), is })
}

fn send(of: &str, text: &str) -> Op {
    let (phone, device, text) = (phone(of), device("tab"), text.to_owned());
    call(CallOp::Send { phone, device, number: number(), text })
}

fn receive(text: &str) -> Op {
    let (phone, device, text) = (phone("runs"), device("tab"), text.to_owned());
    call(CallOp::Receive { phone, device, number: number(), text })
}

fn result(message: u32) -> Op {
    let outcome = MessageOutcome::Sent;
    call(CallOp::Result { phone: phone("runs"), message, outcome })
}

fn permit(what: Permit) -> Op {
    call(CallOp::Permit { device: device("tab"), what, given: true })
}

/// Streams a phone to the tablet, which controls, while the television watches.
fn stream(desk: &mut Desk, of: &str, stream: StreamType) {
    let (phone, tab, tv) = (phone(of), device("tab"), device("tv"));
    let prepare = SessionOp::Prepare { phones: vec![phone.clone()], member: None };
    for op in [
        prepare,
        SessionOp::Authorise { phone: phone.clone(), stream },
        SessionOp::Start { phone: phone.clone(), device: tab },
        SessionOp::Join { phone, device: tv },
    ] {
        ask(desk, "13:00:00", of_session(op)).unwrap();
    }
}

/// P4.13, P4.14: what stands against a call or a message, from the phone that is not there to the call
/// that is on.
#[test]
pub(super) fn calls_in_their_order() {
    let mut desk = desk_under(LIMITS);
    let refused = |desk: &mut Desk, time: &str, op, reason| {
        assert_eq!(why(ask(desk, time, op)), reason, "{time}");
    };
    refused(&mut desk, "12:59:00", dial("none", "tab"), "unknown_phone");
    refused(&mut desk, "12:59:01", send("none", "too long"), "unknown_phone");
    refused(&mut desk, "12:59:02", send("runs", "too long"), "out_of_range");
    refused(&mut desk, "12:59:03", dial("runs", "tab"), "no_session");
    stream(&mut desk, "runs", StreamType::Sdk);
    stream(&mut desk, "too", StreamType::H5);
    refused(&mut desk, "13:00:01", dial("runs", "pc"), "not_watching");
    refused(&mut desk, "13:00:02", dial("runs", "tv"), "not_controller");
    refused(&mut desk, "13:00:03", dial("too", "tab"), "no_telephony");
    refused(&mut desk, "13:00:04", dial("runs", "tab"), "not_permitted");
    ask(&mut desk, "13:00:05", permit(Permit::Calls)).unwrap();
    refused(&mut desk, "13:00:06", permit(Permit::Calls), "nothing_to_change");
    refused(&mut desk, "13:00:07", send("runs", "hello"), "not_permitted");
    refused(&mut desk, "13:00:08", act("tab", CallAction::HangUp), "no_call");
    refused(&mut desk, "13:00:09", report(AtDevice::Ended), "no_call");
    ask(&mut desk, "13:00:10", dial("runs", "tab")).unwrap();
    refused(&mut desk, "13:00:11", dial("runs", "tab"), "call_on");
    refused(&mut desk, "13:00:12", act("pc", CallAction::HangUp), "not_watching");
    refused(&mut desk, "13:00:13", act("tv", CallAction::HangUp), "not_controller");
    refused(&mut desk, "13:00:14", act("tab", CallAction::Answer), "call_not_so");
    refused(&mut desk, "13:00:15", report(AtDevice::Active), "call_not_so");
    refused(&mut desk, "13:00:16", report(AtDevice::Ringing), "call_not_so");
}

/// P4.14, P4.15: short messages have numbers, and few wait.
#[test]
pub(super) fn messages_in_their_order() {
    let mut desk = desk_under(LIMITS);
    stream(&mut desk, "runs", StreamType::Sdk);
    ask(&mut desk, "13:00:01", permit(Permit::Messages)).unwrap();
    ask(&mut desk, "13:00:02", send("runs", "hello")).unwrap();
    let mut refused = |time: &str, op, reason| {
        assert_eq!(why(ask(&mut desk, time, op)), reason, "{time}");
    };
    refused("13:00:03", send("runs", "more"), "too_many_messages");
    refused("13:00:04", result(2), "unknown_message");
    refused("13:00:05", receive("too long"), "out_of_range");
    // What crosses at once does not wait.
    ask(&mut desk, "13:00:06", receive("hi")).unwrap();
    let lose = || of_session(SessionOp::LoseConnection { phone: phone("runs") });
    ask(&mut desk, "13:00:07", lose()).unwrap();
    let mut refused = |time: &str, op, reason| {
        assert_eq!(why(ask(&mut desk, time, op)), reason, "{time}");
    };
    refused("13:00:08", send("runs", "more"), "not_streaming");
    refused("13:00:09", receive("hi"), "too_many_messages");
    ask(&mut desk, "13:00:10", result(1)).unwrap();
    assert_eq!(why(ask(&mut desk, "13:00:11", result(1))), "unknown_message");
}

/// P4.13, P2.8, P2.6: a phone that cannot stream says why; a call that has gone on without the phone is
/// out of its reach.
#[test]
pub(super) fn calls_of_phones_that_do_not_stream() {
    let mut desk = desk_under(&[]);
    let frozen = Op::Freeze { phone: phone("too"), by: Freezer::Violation };
    ask(&mut desk, "12:59:00", frozen).unwrap();
    assert_eq!(why(ask(&mut desk, "12:59:01", dial("too", "tab"))), "frozen");
    stream(&mut desk, "runs", StreamType::Sdk);
    ask(&mut desk, "13:00:01", permit(Permit::Calls)).unwrap();
    let (phone, device) = (phone("runs"), device("tab"));
    let ring = CallOp::Ring { phone: phone.clone(), device, number: None };
    ask(&mut desk, "13:00:02", call(ring)).unwrap();
    let lose = SessionOp::LoseConnection { phone: phone.clone() };
    ask(&mut desk, "13:00:03", of_session(lose)).unwrap();
    let mut refused = |time: &str, op, reason| {
        assert_eq!(why(ask(&mut desk, time, op)), reason, "{time}");
    };
    refused("13:00:04", act("tab", CallAction::Answer), "not_streaming");
    refused("13:00:05", dial("runs", "tab"), "not_streaming");
    refused("13:00:06", report(AtDevice::Held), "call_not_so");
    ask(&mut desk, "13:00:07", report(AtDevice::Ended)).unwrap();
    assert_eq!(why(ask(&mut desk, "13:00:08", report(AtDevice::Ended))), "no_call");
    let off = Op::Operate { phone, operation: Operation::PowerOff };
    ask(&mut desk, "13:00:09", off).unwrap();
    assert_eq!(why(ask(&mut desk, "13:00:10", dial("runs", "tab"))), "not_running");
}
