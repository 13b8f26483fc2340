//! Moves virtual time: lets tasks run until none can, lets happen what is due, and then goes to
//! the next instant at which anything can happen.
//!
//! An instant is worked off in the order of its phases. First tokio's timers of that millisecond,
//! then sleeps and retransmissions, then arrivals, one phase at a time; after each, tasks run until
//! none can. What they send without delay arrives in a later round of the same instant.
//!
//! Between events the clock moves in one of two ways. Up to the next whole millisecond no tokio
//! timer can be due, so the driver sets the clock itself, to the nanosecond. Beyond it only tokio
//! knows its timers: the driver arms a timer of its own at the last whole millisecond that is not
//! after the next event, and lets the runtime jump to whichever timer comes first.

use crate::clock::{Gate, TICK_NS};
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
    /// The goal is reached, or the run has failed.
    End,
}

/// Runs the network on this thread until the goal.
pub(crate) async fn drive(gate: &Gate, goal: Goal) -> Result<(), RunError> {
    let mut alarm = pin!(sleep_until(Instant::now()));
    gate.begin();
    clock_moved();
    loop {
        gate.idle().await;
        // A creep wakes nobody, so what is due after it is looked at without another round.
        let mut step = next_step(goal);
        while let Step::Creep(ns) = step {
            creep(ns);
            step = next_step(goal);
        }
        match step {
            Step::Stay | Step::Creep(_) => count_round(),
            Step::ReachTick(ns) => reach_tick(ns).await,
            Step::Jump(ns) => arm(alarm.as_mut(), ns, gate).await,
            Step::End => break,
        }
    }
    enter(|world| world.failure.clone()).flatten().map_or(Ok(()), Err)
}

fn next_step(goal: Goal) -> Step {
    enter(|world| world.next_step(goal)).unwrap_or(Step::End)
}

impl World {
    fn next_step(&mut self, goal: Goal) -> Step {
        if !self.clock.is_untouched() {
            self.stop(RunError::ClockMoved { at: self.clock.last_read() });
        }
        if self.failure.is_some() {
            return Step::End;
        }
        if self.happen() {
            return Step::Stay;
        }
        let now = self.clock.now();
        let finished = goal.finished.is_some_and(|h| self.host(h).state == HostState::Finished);
        if finished || now >= goal.until {
            return Step::End;
        }
        let next = self.agenda.peek().map_or(goal.until, |(at, _)| at.min(goal.until));
        let ahead_ns = next.as_nanos().saturating_sub(now.as_nanos());
        let to_tick_ns = TICK_NS - self.clock.ns_into_tick();
        if ahead_ns < to_tick_ns {
            Step::Creep(ahead_ns)
        } else if to_tick_ns < TICK_NS {
            Step::ReachTick(to_tick_ns)
        } else {
            Step::Jump(ahead_ns - ahead_ns % TICK_NS)
        }
    }
}

/// Sets the clock forward and goes on at once.
fn creep(ns: i64) {
    let moved = pin!(advance(length(ns)));
    // The clock moves in the first poll; the rest would only let others run.
    let _pending: Poll<()> = moved.poll(&mut Context::from_waker(Waker::noop()));
    clock_moved();
}

/// Sets the clock forward and lets tokio look at its timers.
async fn reach_tick(ns: i64) {
    advance(length(ns)).await;
    clock_moved();
}

/// Lets the clock jump to tokio's first timer, and sees to it that there is one in time.
async fn arm(mut alarm: Pin<&mut Sleep>, ns: i64, gate: &Gate) {
    alarm.as_mut().reset(Instant::now() + length(ns));
    poll_fn(|cx| Poll::Ready(alarm.as_mut().poll(cx).is_ready())).await;
    clock_moved();
    gate.allow_jump();
}

fn clock_moved() {
    enter(|world| {
        world.clock.has_moved();
        allow_polls(world.polls_max);
    });
}

fn length(ns: i64) -> Duration {
    Duration::from_nanos(u64::try_from(ns).unwrap_or(0))
}
