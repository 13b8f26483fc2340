//! What becomes of sessions when something else happens to their phones, and whose turn it is then.

use super::{Way, end, interrupt, nothing, of, resume, way_to_slot};
use crate::decision::Decision;
use crate::event::{Event, InterruptCause, SessionEnd, SessionPrepared, SessionRestoring};
use crate::name::PhoneId;
use crate::rules::{Case, client, living, p};
use crate::state::{Operation, Session};
use std::collections::{BTreeMap, BTreeSet};

/// The phones whose sessions wait for their restore.
pub(super) fn restoring<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a PhoneId> {
    let sessions = case.account.sessions.as_deref().into_iter().flatten();
    sessions.filter(|(_, session)| matches!(session, Session::Restoring)).map(|(id, _)| id)
}

fn queued<'a>(case: &Case<'a>) -> impl Iterator<Item = (u32, &'a PhoneId)> {
    let sessions = case.account.sessions.as_deref().into_iter().flatten();
    sessions.filter_map(|(id, session)| match session {
        Session::Queued { number } => Some((*number, id)),
        _ => None,
    })
}

/// The number of one more session that waits, and how many wait before it.
pub(super) fn last_in_queue(case: &Case<'_>) -> (u32, u32) {
    let last = queued(case).map(|(number, _)| number).max();
    let waiting = u32::try_from(queued(case).count()).unwrap_or(u32::MAX);
    (last.map_or(0, |last| last.saturating_add(1)), waiting)
}

/// A session is on its way, or there already.
pub(super) fn set_out(id: &PhoneId, way: Way, decision: &mut Decision) {
    let phone = id.clone();
    match way {
        Way::There => decision.happen(by![p(4, 1)], SessionPrepared { phone }),
        Way::Underway => decision.happen(by![p(4, 1)], SessionRestoring { phone }),
        Way::Restore(restore) => {
            decision.happen(by![p(4, 1)], SessionRestoring { phone });
            decision.events.extend(restore.events);
            decision.timers.extend(restore.timers);
        }
        Way::Barred(_) => {}
    }
}

/// What a decision about phones means for their sessions.
pub(in crate::rules) fn follow(case: &Case<'_>, decision: &mut Decision) {
    if case.account.sessions.as_deref().is_none_or(BTreeMap::is_empty) {
        return;
    }
    let mut told = BTreeSet::new();
    let mut all = nothing();
    for decided in &decision.events {
        for id in decided.event.phones() {
            let Some(session) = of(case, id).filter(|_| !told.contains(id)) else { continue };
            if consequence(case, &decided.event, (id, session), &mut all) {
                told.insert(id.clone());
            }
        }
    }
    decision.events.append(&mut all.events);
    decision.timers.append(&mut all.timers);
    next_ones(case, decision);
}

/// Whether an event about a phone means something for its session, and what.
fn consequence(
    case: &Case<'_>,
    event: &Event,
    (id, session): (&PhoneId, &Session),
    out: &mut Decision,
) -> bool {
    let before = out.events.len();
    let restarts = |operation| operation == Operation::Restart;
    match (event, session) {
        (Event::OperationDone(e), Session::Queued { .. } | Session::Restoring)
            if e.operation == Operation::Restore =>
        {
            out.happen(by![p(4, 1)], SessionPrepared { phone: id.clone() });
        }
        (Event::OperationFailed(e), Session::Restoring) if e.operation == Operation::Restore => {
            end(case, id, session, SessionEnd::RestoreFailed, out);
        }
        (Event::OperationStarted(e), Session::Streaming(_)) if restarts(e.operation) => {
            interrupt(case, id, InterruptCause::Restart, out);
        }
        (
            Event::OperationDone(e),
            Session::Interrupted { stream, cause: InterruptCause::Restart },
        ) if restarts(e.operation) => resume(case, id, stream, out),
        (Event::Expired(_), _) if !case.params.using.stream_while_expired => {
            end(case, id, session, SessionEnd::Expired, out);
        }
        _ => {
            if let Some(cause) = client::ends_use(event) {
                end(case, id, session, cause.into(), out);
            }
        }
    }
    out.events.len() > before
}

/// P4.1: lets those set out whose turn it is, in the order in which they were asked for.
fn next_ones(case: &Case<'_>, decision: &mut Decision) {
    let most = case.params.using.prepare_at_once;
    let events = || decision.events.iter().map(|decided| &decided.event);
    let goes_on = |id: &PhoneId| {
        !events().any(|event| match event {
            Event::SessionPrepared(e) => e.phone == *id,
            Event::SessionEnded(e) => e.phone == *id,
            _ => false,
        })
    };
    let mut busy = restoring(case).filter(|id| goes_on(id)).count();
    busy += events().filter(|event| matches!(event, Event::SessionRestoring(_))).count();
    let mut waiting: Vec<_> = queued(case).filter(|(_, id)| goes_on(id)).collect();
    waiting.sort();
    for (_, id) in waiting {
        if most > 0 && busy >= most {
            return;
        }
        let Some(phone) = living(case, id) else { continue };
        let way = way_to_slot(case, id, phone);
        busy += usize::from(matches!(way, Way::Underway | Way::Restore(_)));
        set_out(id, way, decision);
    }
}
