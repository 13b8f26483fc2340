//! Virtual time: tokio's paused clock, and the gate that keeps it from running ahead.
//!
//! There is one clock, tokio's. Left alone it would jump to the next tokio timer whenever no task
//! can run. The [`Gate`] sits in the runtime's park hook, wakes the driver instead, and lets the
//! clock jump only when the driver has armed a timer at the next event of the network.

use koosim_model::time::{SimDuration, SimTime};
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use tokio::time::Instant;

/// Nanoseconds in one tick of tokio's timers.
pub(crate) const TICK_NS: i64 = 1_000_000;

/// Tells the driver when no task can run. Shared with the runtime's hook, hence the atomics; all
/// of it happens on one thread.
#[derive(Default)]
pub(crate) struct Gate {
    idle: AtomicBool,
    may_jump: AtomicBool,
    clock_moved: AtomicBool,
    driver: Mutex<Option<Waker>>,
}

impl Gate {
    /// Called by the runtime when it is about to wait because no task can run.
    pub(crate) fn on_park(&self) {
        if self.may_jump.swap(false, Relaxed) {
            self.clock_moved.store(true, Relaxed);
        } else {
            self.call_driver();
        }
    }
    /// Gives the driver control at the next opportunity.
    pub(crate) fn call_driver(&self) {
        self.idle.store(true, Relaxed);
        let driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(driver) = driver.as_ref() {
            driver.wake_by_ref();
        }
    }
    /// Forgets what an earlier run has left.
    pub(crate) fn begin(&self) {
        self.idle.store(false, Relaxed);
        self.may_jump.store(false, Relaxed);
    }
    /// Lets the runtime wait once, and its clock jump to the next tokio timer.
    pub(crate) fn allow_jump(&self) {
        self.may_jump.store(true, Relaxed);
    }
    /// Completes when no task can run.
    pub(crate) async fn idle(&self) {
        poll_fn(|cx| {
            if self.idle.swap(false, Relaxed) {
                return Poll::Ready(());
            }
            let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
            match driver.as_mut() {
                Some(known) => known.clone_from(cx.waker()),
                None => *driver = Some(cx.waker().clone()),
            }
            Poll::Pending
        })
        .await;
    }
}

/// Reads tokio's clock as virtual time.
pub(crate) struct Clock {
    start: SimTime,
    origin: Instant,
    // INVARIANT: what tokio's clock shows, unless the gate says that it moved.
    now: SimTime,
    gate: Arc<Gate>,
}

impl Clock {
    /// A clock that shows `start` when tokio's shows `origin`.
    pub(crate) const fn new(start: SimTime, origin: Instant, gate: Arc<Gate>) -> Self {
        Self { start, origin, now: start, gate }
    }
    /// The present instant.
    pub(crate) fn now(&mut self) -> SimTime {
        if self.gate.clock_moved.swap(false, Relaxed) {
            self.now = self.at(Instant::now());
        }
        self.now
    }
    /// Whether tokio's clock was moved by nobody but the driver.
    pub(crate) fn is_untouched(&self) -> bool {
        self.gate.clock_moved.load(Relaxed) || self.at(Instant::now()) == self.now
    }
    /// The instant that was last read.
    pub(crate) const fn last_read(&self) -> SimTime {
        self.now
    }
    /// Says that somebody else has moved tokio's clock.
    pub(crate) fn has_moved(&self) {
        self.gate.clock_moved.store(true, Relaxed);
    }
    /// Virtual time for one of tokio's instants.
    pub(crate) fn at(&self, instant: Instant) -> SimTime {
        let ns = instant.saturating_duration_since(self.origin).as_nanos();
        let since = SimDuration::from_nanos(i64::try_from(ns).unwrap_or(i64::MAX));
        self.start.checked_add(since).unwrap_or(SimTime::from_nanos(i64::MAX))
    }
    /// Nanoseconds since the last tick of tokio's timers, which count from the start.
    pub(crate) fn ns_into_tick(&mut self) -> i64 {
        let now_ns = self.now().as_nanos();
        now_ns.saturating_sub(self.start.as_nanos()).rem_euclid(TICK_NS)
    }
    /// The gate to wake the driver through.
    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }
}
