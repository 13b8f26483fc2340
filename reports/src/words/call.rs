//! Calls and short messages in words.

use koosim_model::command::{CallAction, CallOp};
use koosim_model::event::Event;
use koosim_model::tel::TelNumber;

/// What a request about calls and messages asks for.
pub(super) fn command(op: &CallOp) -> String {
    match op {
        CallOp::Permit { device, what, given: true } => {
            format!("{device} permits the use of its {}", what.name())
        }
        CallOp::Permit { device, what, given: false } => {
            format!("{device} permits the use of its {} no more", what.name())
        }
        CallOp::Dial { phone, device, number } => {
            format!("call {number} by {phone}, from {device}")
        }
        CallOp::Act { phone, device, action } => {
            let what = match action {
                CallAction::Answer => "take",
                CallAction::HangUp => "end",
                CallAction::Hold => "hold",
                CallAction::Resume => "go on with",
            };
            format!("{what} the call of {phone}, from {device}")
        }
        CallOp::Ring { phone, device, number } => {
            format!("{} calls {device}, which serves {phone}", caller(number.as_ref()))
        }
        CallOp::Report { phone, is } => format!("the call of {phone} is {}", is.name()),
        CallOp::Send { phone, device, number, .. } => {
            format!("write to {number} by {phone}, from {device}")
        }
        CallOp::Result { phone, message, outcome } => {
            format!("message {message} of {phone} is {}", outcome.name())
        }
        CallOp::Receive { phone, device, number, .. } => {
            format!("{number} writes to {device}, which serves {phone}")
        }
    }
}

fn caller(number: Option<&TelNumber>) -> &str {
    number.map_or("somebody", TelNumber::as_str)
}

/// What an event says of them, if it does.
pub(super) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::PermitSet(e) => {
            let how = if e.given { "may" } else { "may not" };
            format!("the {} of {} {how} be used", e.what.name(), e.device)
        }
        Event::CallAsked(e) => {
            format!("call {}: {} asks {} to call {}", e.call, e.phone, e.device, e.number)
        }
        Event::CallDialling(e) => format!("call {}: the device of {} dials", e.call, e.phone),
        Event::CallRinging(e) => {
            let who = caller(e.number.as_ref());
            format!("call {}: {} hands a call from {who} to {}", e.call, e.device, e.phone)
        }
        Event::CallActive(e) => {
            format!("call {}: {} speaks (by the {})", e.call, e.phone, e.by.name())
        }
        Event::CallHeld(e) => {
            format!("call {}: {} holds it (by the {})", e.call, e.phone, e.by.name())
        }
        Event::CallParted(e) => {
            format!("call {}: it goes on at the device without {}", e.call, e.phone)
        }
        Event::CallWentOn(e) => {
            format!("call {}: at the device it is {}; {} cannot know", e.call, e.is.name(), e.phone)
        }
        Event::CallEnded(e) => {
            format!("call {}: {} has it no more: {}", e.call, e.phone, e.cause.name())
        }
        Event::MessageAsked(e) => {
            format!(
                "message {}: {} asks {} to send it to {}",
                e.message, e.phone, e.device, e.number
            )
        }
        Event::MessageAnswered(e) => {
            format!("message {}: {} learns that it is {}", e.message, e.phone, e.outcome.name())
        }
        Event::MessageReceived(e) => {
            format!("message {}: {} has it from {}", e.message, e.phone, e.number)
        }
        Event::MessageKept(e) => {
            format!("message {}: it waits on {} for {}", e.message, e.device, e.phone)
        }
        Event::AnswerKept(e) => {
            let outcome = e.outcome.name();
            format!("message {}: it is {outcome}, which {} cannot know", e.message, e.phone)
        }
        Event::MessagesLost(e) => {
            let numbers: Vec<_> = e.messages.iter().map(ToString::to_string).collect();
            format!("{} loses what was under way: message {}", e.phone, numbers.join(", "))
        }
        _ => return None,
    })
}
