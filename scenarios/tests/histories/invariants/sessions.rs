//! Streaming sessions: the way to a stream, its token, its connection, its viewers and its end.

use super::{Invariant, Moment, Tally, What};
use koosim_model::command::{Op, SessionOp};
use koosim_model::event::{Event, InterruptCause, SessionEnd};
use koosim_model::lifecycle::{PhoneStatus, PowerStatus};
use koosim_model::name::PhoneId;
use koosim_model::state::{Phone, Session};
use koosim_model::time::SimDuration;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "few phones are restored for sessions at a time, the longest waiting first",
        rules: &["P4.1"],
        check: queue,
    },
    Invariant {
        name: "a stream begins, and goes on after a break, with a token that holds",
        rules: &["P4.2", "P4.6"],
        check: tokens,
    },
    Invariant {
        name: "a stream that stops leaves its session for as long as one lingers",
        rules: &["P4.3"],
        check: lingering,
    },
    Invariant {
        name: "a session ends for what happens to its phone at that instant",
        rules: &["P4.1", "P4.3", "P2.8"],
        check: causes,
    },
    Invariant {
        name: "a client has so long to come back, and a phone restarts as fast as ever",
        rules: &["P4.6"],
        check: connections,
    },
    Invariant {
        name: "whoever controls a stream watches it, with no more others than may",
        rules: &["P4.12", "P4.7"],
        check: viewers,
    },
    Invariant {
        name: "no phone streams that is frozen, off, gone or being wiped",
        rules: &["P4.1", "R8.10"],
        check: usable,
    },
];

fn session<'a>(m: &Moment<'a>, phone: &PhoneId) -> Option<&'a Session> {
    m.account.sessions.as_deref()?.get(phone)
}

fn queue(m: &Moment<'_>, tally: &mut Tally) {
    let sessions = m.folded.sessions.as_deref();
    match m.event() {
        Some(Event::SessionRestoring(e)) => {
            let most = usize::try_from(m.integer("P4.1.prepare_at_once")).unwrap();
            let restoring = sessions.into_iter().flatten();
            let restoring = restoring.filter(|(_, s)| matches!(s, Session::Restoring)).count();
            tally.holds(most == 0 || restoring <= most, e);
            if let Some(Session::Queued { number: own }) = session(m, &e.phone) {
                let first = m
                    .account
                    .sessions
                    .as_deref()
                    .unwrap()
                    .values()
                    .all(|other| !matches!(other, Session::Queued { number } if number < own));
                tally.holds(first, e);
            }
        }
        Some(Event::SessionQueued(e)) => {
            let others = m.account.sessions.as_deref().into_iter().flatten();
            let waiting = others.filter(|(_, s)| matches!(s, Session::Queued { .. })).count();
            tally.same(usize::try_from(e.waiting).unwrap(), waiting, e);
            let others = m.account.sessions.as_deref().into_iter().flatten();
            let last = others.filter_map(|(_, session)| match session {
                Session::Queued { number } => Some(*number),
                _ => None,
            });
            tally.same(e.number, last.max().map_or(0, |last| last + 1), e);
        }
        Some(Event::SessionPrepared(e)) => {
            let power = m.account.phones.get(&e.phone).unwrap().power_status();
            tally.holds(power == PowerStatus::Running, e);
        }
        _ => {}
    }
}

/// When the last token for this phone ends.
fn token_until(m: &Moment<'_>, phone: &PhoneId) -> Option<koosim_model::time::SimTime> {
    m.before().find_map(|(_, event)| match event {
        Event::StreamAuthorised(e) if e.phone == *phone => Some(e.until),
        _ => None,
    })
}

fn tokens(m: &Moment<'_>, tally: &mut Tally) {
    let ends = m.flag("P4.2.token_ends_stream");
    match m.event() {
        Some(Event::StreamAuthorised(e)) => {
            tally.same(e.until, m.at + m.duration("P4.2.signalling_valid"), e);
        }
        Some(Event::StreamStarted(e)) => {
            tally.holds(token_until(m, &e.phone).is_some_and(|until| m.at < until), e);
        }
        Some(Event::StreamResumed(e)) => {
            let restarted = matches!(
                session(m, &e.phone),
                Some(Session::Interrupted { cause: InterruptCause::Restart, .. })
            );
            let holds = token_until(m, &e.phone).is_some_and(|until| m.at < until);
            tally.holds(restarted || holds, e);
        }
        Some(Event::AuthorisationLapsed(e)) => {
            tally.same(token_until(m, &e.phone), Some(m.at), e);
        }
        Some(Event::StreamStopped(e)) if e.cause == SessionEnd::TokenRanOut => {
            tally.holds(ends && token_until(m, &e.phone).is_some_and(|until| until <= m.at), e);
        }
        _ => {}
    }
}

fn lingering(m: &Moment<'_>, tally: &mut Tally) {
    let linger = m.duration("P4.3.linger");
    let stopped = |phone: &PhoneId| {
        m.before().find_map(|(at, event)| match event {
            Event::StreamStopped(stopped) if stopped.phone == *phone => Some(at),
            _ => None,
        })
    };
    match m.event() {
        Some(Event::SessionEnded(e)) if e.cause == SessionEnd::Lingered => {
            tally.holds(linger > SimDuration::ZERO, e);
            tally.same(stopped(&e.phone), Some(m.at - linger), e);
        }
        _ => {}
    }
    for (phone, session) in m.account.sessions.as_deref().into_iter().flatten() {
        // What waits for a timer does not wait longer than that.
        let until = match session {
            Session::Lingering if linger > SimDuration::ZERO => {
                stopped(phone).map(|at| at + linger)
            }
            Session::Authorised(token) => Some(token.until),
            Session::Interrupted { .. } => m.before().find_map(|(_, event)| match event {
                Event::StreamInterrupted(e) if e.phone == *phone => Some(e.until),
                _ => None,
            }),
            _ => None,
        };
        if let Some(until) = until {
            tally.holds(m.at <= until, phone);
        }
    }
}

/// What an event of the same instant must have been for a session to end so.
fn causes(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::SessionEnded(e)) = m.event() else { return };
    let mut same = m.before().take_while(|(at, _)| *at == m.at).map(|(_, event)| event);
    let about = |event: &Event| event.phones().contains(&e.phone);
    let seen = match e.cause {
        SessionEnd::Unbound => same.any(|event| matches!(event, Event::Unbound(_)) && about(event)),
        SessionEnd::Frozen => same.any(|event| matches!(event, Event::Frozen(_)) && about(event)),
        SessionEnd::Expired => {
            let expired = same.any(|event| matches!(event, Event::Expired(_)) && about(event));
            expired && !m.flag("P2.8.stream_while_expired")
        }
        SessionEnd::RestoreFailed => {
            same.any(|event| matches!(event, Event::OperationFailed(_)) && about(event))
        }
        SessionEnd::Stopped => {
            same.any(|event| matches!(event, Event::OperationStarted(_)) && about(event))
        }
        SessionEnd::Gone => same.any(about),
        SessionEnd::Asked => m.asked_now().is_some(),
        SessionEnd::Lingered => true,
        SessionEnd::NobodyWatches
        | SessionEnd::Preempted
        | SessionEnd::ConnectionLost
        | SessionEnd::TokenRanOut => false,
    };
    tally.holds(seen, e);
}

fn connections(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::StreamInterrupted(e)) => {
            tally.same(e.until, m.at + m.duration("P4.6.reconnect_within"), e);
            let restarts =
                m.account.phones.get(&e.phone).unwrap().power_status() == PowerStatus::Restarting;
            tally.same(e.cause == InterruptCause::Restart, restarts, e);
        }
        Some(Event::StreamStopped(e)) if e.cause == SessionEnd::ConnectionLost => {
            let until = m.before().find_map(|(_, event)| match event {
                Event::StreamInterrupted(lost) if lost.phone == e.phone => Some(lost.until),
                _ => None,
            });
            tally.same(until, Some(m.at), e);
        }
        _ => {}
    }
}

fn viewers(m: &Moment<'_>, tally: &mut Tally) {
    let most = usize::try_from(m.integer("P4.12.viewers_max")).unwrap();
    if let What::Asked(command) = m.what
        && let Op::Session(op) = &command.op
        && let SessionOp::Part { device, .. } = &**op
    {
        let parted = m.told_after().next().is_some_and(|told| match &told.what {
            What::Happened(Event::ViewerLeft(e)) => e.device == *device,
            What::Refused(_) => true,
            _ => false,
        });
        tally.holds(parted, op);
    }
    let (Some(event), Some(all)) = (m.event(), m.folded.sessions.as_deref()) else { return };
    for phone in event.phones() {
        let Some(stream) = all.get(phone).and_then(Session::stream) else { continue };
        tally.holds(stream.viewers.len() <= most, event);
        // Whoever leaves gives control away, or stops the stream, at the same instant.
        let leaves = matches!(event, Event::ViewerLeft(_));
        let follows = m.then().next().is_some();
        tally.holds(stream.viewers.contains(&stream.controller) || (leaves && follows), event);
    }
}

fn usable(m: &Moment<'_>, tally: &mut Tally) {
    // What ends the use of a phone comes before the end of its session, at the same instant.
    let next = m.told_after().next().map(|told| told.at);
    let Some(all) = m.folded.sessions.as_deref().filter(|_| next != Some(m.at)) else { return };
    for (id, session) in all {
        let phone = m.folded.phones.get(id);
        let power = phone.map(Phone::power_status);
        let alive = phone.is_some_and(|phone| {
            matches!(phone.status(), PhoneStatus::Active | PhoneStatus::Expired)
        });
        let there = match session {
            Session::Queued { .. } | Session::Restoring => {
                matches!(power, Some(PowerStatus::Stopped | PowerStatus::Starting))
            }
            Session::Streaming(_) => power == Some(PowerStatus::Running),
            _ => matches!(power, Some(PowerStatus::Running | PowerStatus::Restarting)),
        };
        tally.holds(alive && there, id);
    }
}
