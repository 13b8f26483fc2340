//! Streaming sessions: preparation, token, stream, connection, viewers, end (P4.1 to P4.3, P4.6, P4.7,
//! P4.12).

use crate::command::{SessionOp, StreamType};
use crate::decision::{Decision, Denial, Fault, Read, Reason, TimerKey, Window};
use crate::event::{
    AuthorisationLapsed, ControlGiven, InterruptCause, LeaveCause, SessionEnd, SessionEnded,
    SessionPrepared, SessionQueued, StreamAuthorised, StreamInterrupted, StreamResumed,
    StreamStarted, StreamStopped, ViewerJoined, ViewerLeft,
};
use crate::lifecycle::{PowerStatus, SessionStatus};
use crate::name::{DeviceId, MemberId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::access::{Barrier, Wanted, barred};
use crate::rules::{Case, client, living, operation, p, r, several};
use crate::state::{Operation, Phone, Session, Stream};
use crate::time::SimDuration;

mod follow;

pub(super) use follow::follow;

const READ_SESSION: &[Read] = &[
    Read { rule: p(2, 8), name: "stream_while_expired" },
    Read { rule: p(4, 1), name: "prepare_at_once" },
    Read { rule: p(4, 2), name: "signalling_valid" },
    Read { rule: p(4, 2), name: "token_ends_stream" },
    Read { rule: p(4, 3), name: "linger" },
    Read { rule: p(4, 6), name: "reconnect_within" },
    Read { rule: p(4, 7), name: "second_connection" },
    Read { rule: p(4, 12), name: "viewers_max" },
    Read { rule: p(5, 3), name: "ids_per_call_max" },
];

fn refuse((reason, rules): Barrier) -> Decision {
    Decision { read: READ_SESSION, ..Decision::refuse(reason, rules) }
}

fn nothing() -> Decision {
    Decision { read: READ_SESSION, ..Decision::default() }
}

/// The session of a phone, if it has one.
pub(super) fn of<'a>(case: &Case<'a>, id: &PhoneId) -> Option<&'a Session> {
    case.account.sessions.as_deref()?.get(id)
}

/// Whether a phone has a stream that a second connection would meet (P4.7).
pub(super) fn is_streaming(case: &Case<'_>, id: &PhoneId) -> bool {
    of(case, id).is_some_and(|session| session.status() == SessionStatus::Streaming)
}

/// The answer to one of these requests.
pub(super) fn decide(case: &Case<'_>, op: &SessionOp) -> Result<Decision, Fault> {
    let limit = several::Limit { most: case.params.using.ids_per_call_max, by: by![p(5, 3)] };
    match op {
        SessionOp::Prepare { phones, member } => {
            several::each(case, phones, &limit, |case, id| Ok(prepare(case, id, member.as_ref())))
        }
        SessionOp::Release { phones } => {
            several::each(case, phones, &limit, |case, id| Ok(release(case, id)))
        }
        SessionOp::Authorise { phone, stream } => Ok(authorise(case, phone, *stream)),
        SessionOp::Start { phone, device } => Ok(start(case, phone, device)),
        SessionOp::Join { phone, device } => Ok(join(case, phone, device)),
        SessionOp::Part { phone, device } => Ok(part(case, phone, device)),
        SessionOp::GiveControl { phone, device } => Ok(give_control(case, phone, device)),
        SessionOp::Stop { phone } => Ok(stop_asked(case, phone)),
        SessionOp::LoseConnection { phone } => Ok(lose_connection(case, phone)),
        SessionOp::Reconnect { phone } => Ok(reconnect(case, phone)),
    }
}

/// A phone with its session, or why there is none.
fn found<'a>(case: &Case<'a>, id: &PhoneId) -> Result<&'a Session, Barrier> {
    let Some(_) = living(case, id) else {
        return Err((Reason::UnknownPhone(id.clone()), by![p(4, 1)]));
    };
    of(case, id).ok_or((Reason::NoSession, by![p(4, 1)]))
}

/// The running stream of a phone, or why there is none.
fn running<'a>(
    case: &Case<'a>,
    id: &PhoneId,
    rules: &'static [RuleId],
) -> Result<&'a Stream, Barrier> {
    match found(case, id)? {
        Session::Streaming(stream) => Ok(stream),
        _ => Err((Reason::NotStreaming, rules)),
    }
}

/// P4.1: prepares a phone for a session.
fn prepare(case: &Case<'_>, id: &PhoneId, member: Option<&MemberId>) -> Decision {
    let rules = by![p(4, 1)];
    let Some(phone) = living(case, id) else {
        return refuse((Reason::UnknownPhone(id.clone()), rules));
    };
    if let Some(barrier) = barred(case.params, id, phone, Wanted::Enter) {
        return refuse(barrier);
    }
    if member.is_some() && phone.details.member.as_ref() != member {
        return refuse((Reason::Access(Denial::NotBoundToMember), by![p(3, 4), p(4, 1)]));
    }
    if of(case, id).is_some() {
        return refuse((Reason::SessionExists, rules));
    }
    let full = {
        let most = case.params.using.prepare_at_once;
        most > 0 && follow::restoring(case).count() >= most
    };
    let mut decision = nothing();
    match way_to_slot(case, id, phone) {
        Way::There => decision.happen(by![p(4, 1)], SessionPrepared { phone: id.clone() }),
        Way::Barred(barrier) => return refuse(barrier),
        Way::Underway | Way::Restore(_) if full => {
            let (number, waiting) = follow::last_in_queue(case);
            let queued = SessionQueued { phone: id.clone(), number, waiting };
            decision.happen(by![p(4, 1), p(2, 4)], queued);
        }
        way => follow::set_out(id, way, &mut decision),
    }
    decision
}

/// What it takes until the data of a phone are on a slot and it runs.
enum Way {
    /// Nothing.
    There,
    /// The restore that goes on.
    Underway,
    /// A restore, which this begins.
    Restore(Decision),
    /// It cannot be done.
    Barred(Barrier),
}

fn way_to_slot(case: &Case<'_>, id: &PhoneId, phone: &Phone) -> Way {
    if phone.details.task.is_some_and(|task| task.operation == Operation::Restore) {
        return Way::Underway;
    }
    match phone.power_status() {
        PowerStatus::Running => Way::There,
        PowerStatus::PoweredOff => Way::Barred((Reason::NotRunning, by![p(2, 6), p(4, 1)])),
        _ => {
            let restore = operation::operate(case, id, Operation::Restore);
            match restore.refusal {
                Some(refusal) => Way::Barred((refusal.reason, refusal.rules)),
                None => Way::Restore(restore),
            }
        }
    }
}

/// P4.2, P4.7: gives out a token for a stream.
fn authorise(case: &Case<'_>, id: &PhoneId, stream: StreamType) -> Decision {
    let session = match found(case, id) {
        Ok(session) => session,
        Err(barrier) => return refuse(barrier),
    };
    let mut decision = nothing();
    let preempts = case.params.using.second_preempts;
    match session {
        Session::Queued { .. } | Session::Restoring => {
            return refuse((Reason::NotReady, by![p(4, 1), p(4, 2)]));
        }
        Session::Streaming(_) if !preempts => {
            return refuse((Reason::Access(Denial::PhoneInUse), by![p(4, 7)]));
        }
        Session::Streaming(_) => stop(case, id, session, SessionEnd::Preempted, &mut decision),
        _ => {}
    }
    let until = case.now + case.params.using.signalling_valid;
    decision.happen(by![p(4, 2), p(4, 1)], StreamAuthorised { phone: id.clone(), stream, until });
    if session.status() != SessionStatus::Interrupted {
        decision.schedule(TimerKey::Session(id.clone()), Window::exactly(until));
    }
    decision
}

/// P4.1, P4.7: a device begins the stream for which there is a token.
fn start(case: &Case<'_>, id: &PhoneId, device: &DeviceId) -> Decision {
    let token = match found(case, id) {
        Err(barrier) => return refuse(barrier),
        Ok(Session::Streaming(_)) => {
            return refuse((Reason::Access(Denial::PhoneInUse), by![p(4, 7)]));
        }
        // A token does not hold at the instant at which it ends, though its timer comes after.
        Ok(Session::Authorised(token)) if case.now < token.until => token,
        Ok(_) => return refuse((Reason::NotAuthorised, by![p(4, 2)])),
    };
    let mut decision = nothing();
    let inside = case.account.organisations.as_deref().and_then(|all| all.inside(id));
    match inside {
        Some(_) if !case.params.using.second_preempts => {
            return refuse((Reason::Access(Denial::PhoneInUse), by![p(4, 7)]));
        }
        Some((older, state)) => client::leave(older, state, LeaveCause::Preempted, &mut decision),
        None => {}
    }
    decision.happen(
        by![p(4, 1), p(4, 2), p(4, 7)],
        StreamStarted { phone: id.clone(), device: device.clone() },
    );
    let key = TimerKey::Session(id.clone());
    match case.params.using.token_ends_stream {
        true => decision.schedule(key, Window::exactly(token.until)),
        false => decision.cancel(key),
    }
    decision
}

/// P4.12: one more device watches.
fn join(case: &Case<'_>, id: &PhoneId, device: &DeviceId) -> Decision {
    let stream = match running(case, id, by![p(4, 12)]) {
        Ok(stream) => stream,
        Err(barrier) => return refuse(barrier),
    };
    if stream.viewers.contains(device) {
        return refuse((Reason::AlreadyWatching, by![p(4, 12)]));
    }
    if stream.viewers.len() >= case.params.using.viewers_max {
        return refuse((Reason::TooManyViewers, by![p(4, 12)]));
    }
    let mut decision = nothing();
    decision.happen(by![p(4, 12)], ViewerJoined { phone: id.clone(), device: device.clone() });
    decision
}

/// P4.12: a device does not watch any more; the last one to go stops the stream.
fn part(case: &Case<'_>, id: &PhoneId, device: &DeviceId) -> Decision {
    let (session, stream) = match (found(case, id), running(case, id, by![p(4, 12)])) {
        (Ok(session), Ok(stream)) => (session, stream),
        (Err(barrier), _) | (_, Err(barrier)) => return refuse(barrier),
    };
    if !stream.viewers.contains(device) {
        return refuse((Reason::NotWatching, by![p(4, 12)]));
    }
    let mut decision = nothing();
    decision.happen(by![p(4, 12)], ViewerLeft { phone: id.clone(), device: device.clone() });
    match stream.viewers.iter().find(|other| *other != device) {
        None => stop(case, id, session, SessionEnd::NobodyWatches, &mut decision),
        Some(next) if stream.controller == *device => {
            let given = ControlGiven { phone: id.clone(), device: next.clone() };
            decision.happen(by![p(4, 12)], given);
        }
        Some(_) => {}
    }
    decision
}

/// P4.12: a device that watches controls from now on.
fn give_control(case: &Case<'_>, id: &PhoneId, device: &DeviceId) -> Decision {
    let stream = match running(case, id, by![p(4, 12)]) {
        Ok(stream) => stream,
        Err(barrier) => return refuse(barrier),
    };
    if !stream.viewers.contains(device) {
        return refuse((Reason::NotWatching, by![p(4, 12)]));
    }
    if stream.controller == *device {
        return refuse((Reason::Access(Denial::NothingToChange), by![p(4, 12)]));
    }
    let mut decision = nothing();
    decision.happen(by![p(4, 12)], ControlGiven { phone: id.clone(), device: device.clone() });
    decision
}

/// P4.3: stops a stream; of a phone that does not stream it changes nothing.
fn stop_asked(case: &Case<'_>, id: &PhoneId) -> Decision {
    let mut decision = nothing();
    match found(case, id) {
        Err((Reason::NoSession, _)) => {}
        Err(barrier) => return refuse(barrier),
        Ok(session) if session.stream().is_some() => {
            stop(case, id, session, SessionEnd::Asked, &mut decision);
        }
        Ok(_) => {}
    }
    decision
}

/// P4.3: ends a session.
fn release(case: &Case<'_>, id: &PhoneId) -> Decision {
    match found(case, id) {
        Err(barrier) => refuse(barrier),
        Ok(session) => {
            let mut decision = nothing();
            end(case, id, session, SessionEnd::Asked, &mut decision);
            decision
        }
    }
}

/// P4.6: the connection of a stream is lost.
fn lose_connection(case: &Case<'_>, id: &PhoneId) -> Decision {
    match running(case, id, by![p(4, 6)]) {
        Err(barrier) => refuse(barrier),
        Ok(_) => {
            let mut decision = nothing();
            interrupt(case, id, InterruptCause::Network, &mut decision);
            decision
        }
    }
}

/// P4.6, P4.2: the client is back, if it has a token that holds.
fn reconnect(case: &Case<'_>, id: &PhoneId) -> Decision {
    let stream = match found(case, id) {
        Err(barrier) => return refuse(barrier),
        Ok(Session::Interrupted { stream, cause: InterruptCause::Network }) => stream,
        Ok(_) => return refuse((Reason::NotInterrupted, by![p(4, 6)])),
    };
    if stream.token.until <= case.now {
        return refuse((Reason::NotAuthorised, by![p(4, 2), p(4, 6)]));
    }
    let mut decision = nothing();
    resume(case, id, stream, &mut decision);
    decision
}

fn interrupt(case: &Case<'_>, id: &PhoneId, cause: InterruptCause, decision: &mut Decision) {
    let until = case.now + case.params.using.reconnect_within;
    decision.happen(by![p(4, 6)], StreamInterrupted { phone: id.clone(), cause, until });
    decision.schedule(TimerKey::Session(id.clone()), Window::exactly(until));
}

fn resume(case: &Case<'_>, id: &PhoneId, stream: &Stream, decision: &mut Decision) {
    decision.happen(by![p(4, 6)], StreamResumed { phone: id.clone() });
    let key = TimerKey::Session(id.clone());
    match case.params.using.token_ends_stream {
        // A token that ran out meanwhile ends it now.
        true => decision.schedule(key, Window::exactly(stream.token.until.max(case.now))),
        false => decision.cancel(key),
    }
}

/// The rules behind the end of a stream or session, the deciding one first.
fn rules_of(cause: SessionEnd) -> &'static [RuleId] {
    match cause {
        SessionEnd::Asked | SessionEnd::Lingered => by![p(4, 3)],
        SessionEnd::NobodyWatches => by![p(4, 12), p(4, 3)],
        SessionEnd::Preempted => by![p(4, 7), p(4, 3)],
        SessionEnd::ConnectionLost => by![p(4, 6), p(4, 3)],
        SessionEnd::TokenRanOut => by![p(4, 2), p(4, 3)],
        SessionEnd::RestoreFailed => by![p(4, 1), p(2, 3)],
        SessionEnd::Unbound => by![p(4, 1), p(3, 5)],
        SessionEnd::Frozen => by![p(4, 1), r(8, 10)],
        SessionEnd::Expired => by![p(4, 1), p(2, 8)],
        SessionEnd::Stopped => by![p(4, 1), p(2, 6)],
        SessionEnd::Gone => by![p(4, 1), r(8, 1)],
    }
}

/// A stream stops, and its session lingers.
pub(super) fn stop(
    case: &Case<'_>,
    id: &PhoneId,
    session: &Session,
    cause: SessionEnd,
    decision: &mut Decision,
) {
    decision.happen(rules_of(cause), StreamStopped { phone: id.clone(), cause });
    let (key, linger) = (TimerKey::Session(id.clone()), case.params.using.linger);
    if linger > SimDuration::ZERO {
        decision.schedule(key, Window::exactly(case.now + linger));
    } else if is_timed(case, session) {
        decision.cancel(key);
    }
}

/// A session ends, and the stream in it.
fn end(
    case: &Case<'_>,
    id: &PhoneId,
    session: &Session,
    cause: SessionEnd,
    decision: &mut Decision,
) {
    let rules = rules_of(cause);
    if session.stream().is_some() {
        decision.happen(rules, StreamStopped { phone: id.clone(), cause });
    }
    decision.happen(rules, SessionEnded { phone: id.clone(), cause });
    if is_timed(case, session) {
        decision.cancel(TimerKey::Session(id.clone()));
    }
}

/// Whether a timer is set for a session.
fn is_timed(case: &Case<'_>, session: &Session) -> bool {
    let using = &case.params.using;
    match session {
        Session::Queued { .. } | Session::Restoring | Session::Ready => false,
        Session::Authorised(_) | Session::Interrupted { .. } => true,
        Session::Streaming(_) => using.token_ends_stream,
        Session::Lingering => using.linger > SimDuration::ZERO,
    }
}

/// P4.2, P4.3, P4.6: what a session waited for has not come.
pub(super) fn run_out(case: &Case<'_>, id: &PhoneId) -> Decision {
    let mut decision = nothing();
    let phone = id.clone();
    match of(case, id) {
        Some(Session::Authorised(_)) => {
            decision.happen(by![p(4, 2)], AuthorisationLapsed { phone });
        }
        Some(session @ Session::Interrupted { .. }) => {
            stop(case, id, session, SessionEnd::ConnectionLost, &mut decision);
        }
        Some(session @ Session::Streaming(_)) => {
            stop(case, id, session, SessionEnd::TokenRanOut, &mut decision);
        }
        Some(Session::Lingering) => {
            let cause = SessionEnd::Lingered;
            decision.happen(rules_of(cause), SessionEnded { phone, cause });
        }
        _ => {}
    }
    decision
}
