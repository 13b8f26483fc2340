//! Streaming sessions in words.

use super::{list, wall};
use koosim_model::command::SessionOp;
use koosim_model::event::Event;

/// What a request about sessions asks for.
pub(super) fn command(op: &SessionOp) -> String {
    match op {
        SessionOp::Prepare { phones, member: Some(member) } => {
            format!("prepare {} for {member}", list(phones))
        }
        SessionOp::Prepare { phones, member: None } => format!("prepare {}", list(phones)),
        SessionOp::Authorise { phone, stream } => {
            format!("authorise a stream of {phone} ({})", stream.name())
        }
        SessionOp::Start { phone, device } => format!("stream {phone} to {device}"),
        SessionOp::Join { phone, device } => format!("let {device} watch {phone} too"),
        SessionOp::Part { phone, device } => format!("{device} leaves the stream of {phone}"),
        SessionOp::GiveControl { phone, device } => format!("let {device} control {phone}"),
        SessionOp::Stop { phone } => format!("stop the stream of {phone}"),
        SessionOp::Release { phones } => format!("release the session of {}", list(phones)),
        SessionOp::LoseConnection { phone } => format!("{phone} loses its client"),
        SessionOp::Reconnect { phone } => format!("the client of {phone} comes back"),
    }
}

/// What an event says of them, if it does.
pub(super) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::SessionQueued(e) => {
            format!("{} waits for its restore behind {} others", e.phone, e.waiting)
        }
        Event::SessionRestoring(e) => format!("{} is being restored for its session", e.phone),
        Event::SessionPrepared(e) => format!("{} is ready to stream", e.phone),
        Event::StreamAuthorised(e) => {
            let stream = e.stream.name();
            format!("a stream of {} may begin ({stream}) until {}", e.phone, wall(e.until))
        }
        Event::AuthorisationLapsed(e) => format!("the token of {} was not used", e.phone),
        Event::StreamStarted(e) => format!("{} streams to {}", e.phone, e.device),
        Event::ViewerJoined(e) => format!("{} watches {} too", e.device, e.phone),
        Event::ViewerLeft(e) => format!("{} watches {} no more", e.device, e.phone),
        Event::ControlGiven(e) => format!("{} controls {}", e.device, e.phone),
        Event::StreamInterrupted(e) => {
            let cause = e.cause.name();
            format!("the stream of {} waits until {} ({cause})", e.phone, wall(e.until))
        }
        Event::StreamResumed(e) => format!("the stream of {} goes on", e.phone),
        Event::StreamStopped(e) => {
            format!("the stream of {} stops: {}", e.phone, e.cause.name())
        }
        Event::SessionEnded(e) => format!("the session of {} ends: {}", e.phone, e.cause.name()),
        _ => return None,
    })
}
