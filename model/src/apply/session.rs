//! What becomes of streaming sessions.

use super::{illegal, missing};
use crate::decision::Fault;
use crate::event::Event;
use crate::lifecycle::{SessionStatus, SessionTrigger};
use crate::name::PhoneId;
use crate::state::{Account, Session, Stream, StreamToken};
use std::collections::BTreeSet;

/// What an event does to a session.
pub(super) const fn trigger(event: &Event) -> Option<SessionTrigger> {
    Some(match event {
        Event::SessionQueued(_) => SessionTrigger::Queue,
        Event::SessionRestoring(_) => SessionTrigger::Restore,
        Event::SessionPrepared(_) => SessionTrigger::Prepare,
        Event::StreamAuthorised(_) => SessionTrigger::Authorise,
        Event::AuthorisationLapsed(_) => SessionTrigger::Lapse,
        Event::StreamStarted(_) => SessionTrigger::Start,
        Event::ViewerJoined(_) => SessionTrigger::Join,
        Event::ViewerLeft(_) => SessionTrigger::Part,
        Event::ControlGiven(_) => SessionTrigger::Control,
        Event::StreamInterrupted(_) => SessionTrigger::Interrupt,
        Event::StreamResumed(_) => SessionTrigger::Resume,
        Event::StreamStopped(_) => SessionTrigger::Stop,
        Event::SessionEnded(_) => SessionTrigger::End,
        _ => return None,
    })
}

/// Carries a session from one state to the next; the table says whether it may.
pub(super) fn apply_to_session(
    account: &mut Account,
    event: &Event,
    trigger: SessionTrigger,
) -> Result<(), Fault> {
    let phone = event.phones().first().ok_or(Fault::Range("phones of a session"))?;
    // A session may outlive its phone by the events that end it.
    let sessions = account.sessions.get_or_insert_default();
    let before = sessions.remove(phone);
    let status = before.as_ref().map_or(SessionStatus::None, Session::status);
    if status.after(trigger).is_none() {
        return Err(illegal(event, phone, status.name()));
    }
    if let Some(after) = after(before, phone, event)? {
        sessions.insert(phone.clone(), after);
    }
    Ok(())
}

fn after(before: Option<Session>, id: &PhoneId, event: &Event) -> Result<Option<Session>, Fault> {
    Ok(Some(match (event, before) {
        (Event::SessionQueued(e), _) => Session::Queued { number: e.number },
        (Event::SessionRestoring(_), _) => Session::Restoring,
        (Event::SessionPrepared(_) | Event::AuthorisationLapsed(_), _) => Session::Ready,
        (Event::StreamAuthorised(e), Some(Session::Interrupted { mut stream, cause })) => {
            stream.token = StreamToken { stream: e.stream, until: e.until };
            Session::Interrupted { stream, cause }
        }
        (Event::StreamAuthorised(e), _) => {
            Session::Authorised(StreamToken { stream: e.stream, until: e.until })
        }
        (Event::StreamStarted(e), Some(Session::Authorised(token))) => {
            let (controller, viewers) = (e.device.clone(), BTreeSet::from([e.device.clone()]));
            Session::Streaming(Box::new(Stream { token, controller, viewers }))
        }
        (Event::ViewerJoined(e), Some(Session::Streaming(mut stream))) => {
            stream.viewers.insert(e.device.clone());
            Session::Streaming(stream)
        }
        (Event::ViewerLeft(e), Some(Session::Streaming(mut stream))) => {
            stream.viewers.remove(&e.device);
            Session::Streaming(stream)
        }
        (Event::ControlGiven(e), Some(Session::Streaming(mut stream))) => {
            if !stream.viewers.contains(&e.device) {
                return Err(missing(event, "viewer", &e.device));
            }
            stream.controller = e.device.clone();
            Session::Streaming(stream)
        }
        (Event::StreamInterrupted(e), Some(Session::Streaming(stream))) => {
            Session::Interrupted { stream, cause: e.cause }
        }
        (Event::StreamResumed(_), Some(Session::Interrupted { stream, .. })) => {
            Session::Streaming(stream)
        }
        (Event::StreamStopped(_), _) => Session::Lingering,
        (Event::SessionEnded(_), _) => return Ok(None),
        _ => return Err(missing(event, "session of", id)),
    }))
}
