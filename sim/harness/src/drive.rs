//! Moves virtual time: lets tasks run until none can, lets happen what is due, and then goes to
//! the next instant at which anything can happen.
//!
//! Left alone, tokio's paused clock jumps to the next tokio timer whenever no task can run. The
//! driver sits where that would begin, in the runtime's park hook, and so decides how far it goes.
//!
//! An instant is worked off in the order of its phases. First tokio's timers of that millisecond,
//! then sleeps and retransmissions, then arrivals, then acknowledgements that nothing else has
//! carried, one phase at a time; after each, tasks run until none can. What they send without delay
//! arrives in a later round of the same instant.
//!
//! Between events the clock moves in one of two ways. Up to the next whole millisecond no tokio
//! timer can be due, so the driver sets the clock itself, to the nanosecond. Beyond it only tokio
//! knows its timers: the driver arms a timer of its own at the last whole millisecond that is not
//! after the next event, and lets the clock jump to whichever timer comes first.

use crate::clock::TICK_NS;
use crate::error::RunError;
use crate::host::{HostState, allow_polls, count_round};
use crate::world::{World, enter};
use koosim_engine::net::NodeId;
use koosim_model::time::SimTime;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep, advance, sleep_until};

/// What ends a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    /// Everything up to this instant, and at it, has happened.
    pub(crate) until: SimTime,
    /// Or this host has finished.
    pub(crate) finished: Option<NodeId>,
}

/// A run that goes on.
pub(crate) struct Run {
    goal: Goal,
    has_ended: bool,
    // Who waits for the end, so that a failure is seen even while tasks can run.
    waiting: Waker,
    // Keeps the clock from jumping beyond the next event.
    alarm: Pin<Box<Sleep>>,
}

/// What the driver does next.
enum Step {
    /// Lets tasks run again at the same instant.
    Stay,
    /// Sets the clock forward by so many nanoseconds, before the next tick of tokio's timers.
    Creep(i64),
    /// Sets the clock forward by so many nanoseconds, to the next tick.
    ReachTick(i64),
    /// Lets the clock jump to the first of tokio's timers, by so many whole ticks at most.
    Jump(i64),
    /// There is nothing more to do.
    End,
}

/// Runs the network on this thread until the goal.
pub(crate) async fn drive(goal: Goal) -> Result<(), RunError> {
    let alarm = Box::pin(sleep_until(Instant::now()));
    let waiting = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
    enter(|world| {
        world.run = Some(Run { goal, has_ended: false, waiting, alarm });
        allow_polls(world.polls_max);
    });
    poll_fn(|_| if enter(World::is_over) == Some(false) { Poll::Pending } else { Poll::Ready(()) })
        .await;
    let ended = enter(|world| (world.run.take(), world.failure.clone()));
    ended.and_then(|(_run, failure)| failure).map_or(Ok(()), Err)
}

/// What the runtime does before it waits because no task can run.
pub(crate) fn on_park() {
    while let Some(step) = enter(World::next_step).flatten() {
        match step {
            // Nothing wakes anybody, so what is due then is looked at without another round.
            Step::Creep(ns) => set_forward(ns),
            // In these two the runtime must not wait: something may be runnable now.
            Step::Stay => return look_again(),
            Step::ReachTick(ns) => return set_forward(ns),
            Step::Jump(ns) => return allow_jump(ns),
            Step::End => return end(),
        }
    }
}

/// Keeps the runtime from waiting, and so its clock from jumping: something is to be looked at
/// once more, whether or not a task was woken.
fn look_again() {
    count_round();
    let again = pin!(tokio::task::yield_now());
    let _pending: Poll<()> = again.poll(&mut Context::from_waker(Waker::noop()));
}

/// Sets the clock forward. As this yields to the runtime, it does not wait either.
fn set_forward(ns: i64) {
    let moved = pin!(advance(length(ns)));
    // The clock moves in the first poll; the rest is the yielding.
    let _pending: Poll<()> = moved.poll(&mut Context::from_waker(Waker::noop()));
    enter(|world| {
        world.clock.was_set_forward(ns);
        allow_polls(world.polls_max);
    });
}

/// Lets the runtime wait, and its clock jump to the first of tokio's timers: at the latest, ours.
fn allow_jump(ns: i64) {
    let deadline = Instant::now() + length(ns);
    enter(|world| {
        let Some(run) = &mut world.run else { return };
        if run.alarm.deadline() != deadline {
            run.alarm.as_mut().reset(deadline);
            let mut cx = Context::from_waker(Waker::noop());
            let _pending: Poll<()> = run.alarm.as_mut().poll(&mut cx);
        }
        world.clock.may_jump();
        allow_polls(world.polls_max);
    });
}

fn end() {
    let waiting = enter(|world| {
        let run = world.run.as_mut()?;
        run.has_ended = true;
        Some(run.waiting.clone())
    });
    if let Some(waiting) = waiting.flatten() {
        waiting.wake();
    }
}

impl World {
    fn is_over(&mut self) -> bool {
        self.failure.is_some() || self.run.as_ref().is_none_or(|run| run.has_ended)
    }

    /// Stops the run; the first reason stays.
    pub(crate) fn stop(&mut self, error: RunError) {
        self.failure.get_or_insert(error);
        let waiting = self.run.as_ref().map(|run| run.waiting.clone());
        self.wakes.extend(waiting);
    }

    /// What to do next, now that no task can run; `None` if nothing was asked for.
    fn next_step(&mut self) -> Option<Step> {
        let Goal { until, finished } = self.run.as_ref()?.goal;
        if self.failure.is_some() {
            return Some(Step::End);
        }
        if self.happen() {
            return Some(Step::Stay);
        }
        let now = self.clock.now();
        let has_finished = finished.is_some_and(|h| self.host(h).state == HostState::Finished);
        let next = self.agenda.peek().map_or(until, |(at, _)| at.min(until));
        let ahead_ns = next.as_nanos().saturating_sub(now.as_nanos());
        let to_tick_ns = TICK_NS - self.clock.ns_into_tick();
        if !has_finished && ahead_ns > 0 && ahead_ns < to_tick_ns {
            return Some(Step::Creep(ahead_ns));
        }
        if !self.clock.is_untouched() {
            self.stop(RunError::ClockMoved { at: now });
        }
        Some(if has_finished || ahead_ns <= 0 || self.failure.is_some() {
            Step::End
        } else if to_tick_ns < TICK_NS {
            Step::ReachTick(to_tick_ns)
        } else {
            Step::Jump(ahead_ns - ahead_ns % TICK_NS)
        })
    }
}

fn length(ns: i64) -> Duration {
    Duration::from_nanos(u64::try_from(ns).unwrap_or(0))
}
