//! Calls and short messages, aimed at streams, calls and messages that are there.

use koosim_model::command::{AtDevice, CallAction, CallOp, Op, Permit, SessionOp, StreamType};
use koosim_model::name::{DeviceId, PhoneId};
use koosim_model::state::{Account, Call, CallState, Message, Session, Stream};
use koosim_model::tel::TelNumber;

/// Turns a request about calls and messages to what is there. What would need something that is not asks
/// for that first: a stream, a permission, a call, a message.
pub(crate) fn aim_call(op: &mut Op, account: &Account) {
    let Op::Call(call) = op else { return };
    let sessions = account.sessions.iter().flat_map(|all| all.iter());
    let streams = sessions.filter_map(|(id, session)| Some((id, session, session.stream()?)));
    let for_calls = |stream: &Stream| stream.token.stream == StreamType::Sdk;
    let Some((phone, session, stream)) = streams.max_by_key(|(.., stream)| for_calls(stream))
    else {
        let (phone, device) = (PhoneId::new("p0").unwrap(), DeviceId::new("tab").unwrap());
        *op = Op::Session(Box::new(SessionOp::Start { phone, device }));
        return;
    };
    let (phone, device) = (phone.clone(), stream.controller.clone());
    let number = TelNumber::new("10086").unwrap();
    let connected = matches!(session, Session::Streaming(_));
    match &mut **call {
        CallOp::Act { phone: at, device: of, action } => {
            match calls(account).find(|(_, call)| wanted(call, *action)) {
                Some((id, call)) => (*at, *of) = (id.clone(), call.device.clone()),
                None => {
                    let begins = CallOp::Ring { phone, device, number: Some(number) };
                    **call = news(account).unwrap_or(begins);
                }
            }
        }
        CallOp::Report { phone: at, is } => {
            match calls(account).find(|(_, call)| possible(call, *is)) {
                Some((id, _)) => *at = id.clone(),
                None => {
                    let begins = CallOp::Dial { phone, device, number };
                    **call = news(account).unwrap_or(begins);
                }
            }
        }
        CallOp::Result { phone: at, message, .. } => match asked(account) {
            Some((id, of)) => (*at, *message) = (id.clone(), of),
            None => **call = CallOp::Send { phone, device, number, text: String::new() },
        },
        CallOp::Dial { phone: at, device: of, .. }
        | CallOp::Ring { phone: at, device: of, .. }
        | CallOp::Send { phone: at, device: of, .. }
        | CallOp::Receive { phone: at, device: of, .. } => {
            *at = phone;
            // Whoever only watches asks in vain.
            if !stream.viewers.contains(of) {
                *of = device;
            }
        }
        CallOp::Permit { device: of, .. } => *of = device,
    }
    permit_first(call, account, connected);
}

fn permit_first(call: &mut CallOp, account: &Account, connected: bool) {
    let (device, what) = match call {
        CallOp::Dial { device, .. } | CallOp::Ring { device, .. } => (device, Permit::Calls),
        CallOp::Send { device, .. } | CallOp::Receive { device, .. } => (device, Permit::Messages),
        _ => return,
    };
    let permits = account.telephony.as_deref().and_then(|all| all.permits.get(device));
    if connected && !permits.is_some_and(|permits| permits.contains(&what)) {
        *call = CallOp::Permit { device: device.clone(), what, given: true };
    }
}

fn calls(account: &Account) -> impl Iterator<Item = (&PhoneId, &Call)> {
    account.telephony.iter().flat_map(|all| all.calls.iter())
}

/// Whether somebody may ask this of a call; an answer is tried of any.
fn wanted(call: &Call, action: CallAction) -> bool {
    match action {
        CallAction::Answer | CallAction::HangUp => true,
        CallAction::Hold => call.state == CallState::Active,
        CallAction::Resume => call.state == CallState::Held,
    }
}

fn possible(call: &Call, is: AtDevice) -> bool {
    match call.at_device() {
        None => is == AtDevice::Dialling || is.is_over(),
        Some(before) => before.may_become(is),
    }
}

/// What would be heard next of the first call that is on.
fn news(account: &Account) -> Option<CallOp> {
    let (phone, call) = calls(account).next()?;
    let is = match call.at_device() {
        None => AtDevice::Dialling,
        Some(AtDevice::Active) => AtDevice::Held,
        Some(before) if before.is_over() => return None,
        Some(_) => AtDevice::Active,
    };
    Some(CallOp::Report { phone: phone.clone(), is })
}

fn asked(account: &Account) -> Option<(&PhoneId, u32)> {
    let mut all = account.telephony.iter().flat_map(|all| all.messages.iter());
    all.find_map(|(id, waiting)| {
        let (number, _) = waiting.iter().find(|(_, message)| **message == Message::Asked)?;
        Some((id, *number))
    })
}
