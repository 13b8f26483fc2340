//! Why sessions are refused, from the phone that is not there to the viewer that is one too many.

use super::together::desk_under;
use super::{at, phone, why};
use crate::desk::Desk;
use koosim_model::command::{Op, SessionOp, StreamType};
use koosim_model::decision::Reason;
use koosim_model::event::Event;
use koosim_model::name::{DeviceId, PhoneId};
use koosim_model::state::Operation;

const LIMITS: &[(&str, &str)] = &[("P4.12.viewers_max", "2"), ("P4.1.prepare_at_once", "1")];

fn ask(desk: &mut Desk, time: &str, op: SessionOp) -> Result<Vec<Event>, Reason> {
    desk.ask(at(&format!("2024-04-02 {time}")), Op::Session(Box::new(op)))
}

fn prepare(name: &str) -> SessionOp {
    SessionOp::Prepare { phones: vec![phone(name)], member: None }
}

fn device(name: &str) -> DeviceId {
    DeviceId::new(name).unwrap()
}

/// P4.1 to P4.3, P4.6, P4.7, P4.12.
#[test]
pub(super) fn sessions_in_their_course() {
    let mut desk = desk_under(LIMITS);
    let runs = || phone("runs");
    let authorise = |phone: PhoneId| SessionOp::Authorise { phone, stream: StreamType::Sdk };
    let start = || SessionOp::Start { phone: runs(), device: device("tab") };
    let join = |name: &str| SessionOp::Join { phone: runs(), device: device(name) };
    let give = |name: &str| SessionOp::GiveControl { phone: runs(), device: device(name) };
    let mut refused = |time: &str, op, reason| {
        assert_eq!(why(ask(&mut desk, time, op)), reason, "{time}");
    };
    refused("13:00:00", prepare("none"), "unknown_phone");
    refused("13:00:01", authorise(phone("none")), "unknown_phone");
    refused("13:00:02", authorise(runs()), "no_session");
    ask(&mut desk, "13:01:00", prepare("runs")).unwrap();
    let mut refused = |time: &str, op, reason| {
        assert_eq!(why(ask(&mut desk, time, op)), reason, "{time}");
    };
    refused("13:01:01", prepare("runs"), "session_exists");
    refused("13:01:02", start(), "not_authorised");
    refused("13:01:03", join("tv"), "not_streaming");
    ask(&mut desk, "13:02:00", authorise(runs())).unwrap();
    ask(&mut desk, "13:02:01", start()).unwrap();
    ask(&mut desk, "13:02:02", join("tv")).unwrap();
    let mut refused = |time: &str, op, reason| {
        assert_eq!(why(ask(&mut desk, time, op)), reason, "{time}");
    };
    refused("13:02:03", start(), "phone_in_use");
    refused("13:02:04", join("tv"), "already_watching");
    refused("13:02:05", join("pc"), "too_many_viewers");
    refused("13:02:06", give("pc"), "not_watching");
    refused("13:02:07", give("tab"), "nothing_to_change");
    refused("13:02:08", SessionOp::Reconnect { phone: runs() }, "not_interrupted");
}

/// P4.1: a phone that is being restored is not ready for a stream.
#[test]
pub(super) fn sessions_of_stored_phones() {
    let mut desk = desk_under(LIMITS);
    let stored = Op::Operate { phone: phone("runs"), operation: Operation::BackUp };
    desk.ask(at("2024-04-02 13:00:00"), stored).unwrap();
    ask(&mut desk, "14:00:00", prepare("runs")).unwrap();
    let authorise = SessionOp::Authorise { phone: phone("runs"), stream: StreamType::H5 };
    assert_eq!(why(ask(&mut desk, "14:00:01", authorise)), "not_ready");
    let back = SessionOp::Release { phones: vec![phone("runs")] };
    ask(&mut desk, "14:00:02", back).unwrap();
}
