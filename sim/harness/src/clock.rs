//! Virtual time: what tokio's paused clock shows, as an instant of the network.

use koosim_model::time::{SimDuration, SimTime};
use tokio::time::Instant;

/// Nanoseconds in one tick of tokio's timers.
pub(crate) const TICK_NS: i64 = 1_000_000;

/// Reads tokio's clock. There is no other.
pub(crate) struct Clock {
    start: SimTime,
    origin: Instant,
    // INVARIANT: what tokio's clock shows, unless it may have jumped.
    now: SimTime,
    may_have_jumped: bool,
}

impl Clock {
    /// A clock that shows `start` when tokio's shows `origin`.
    pub(crate) const fn new(start: SimTime, origin: Instant) -> Self {
        Self { start, origin, now: start, may_have_jumped: false }
    }
    /// The present instant.
    pub(crate) fn now(&mut self) -> SimTime {
        if std::mem::take(&mut self.may_have_jumped) {
            self.now = self.read();
        }
        self.now
    }
    /// The instant that was last read.
    pub(crate) const fn last_read(&self) -> SimTime {
        self.now
    }
    /// Says that tokio's clock may jump until it is read next.
    pub(crate) const fn may_jump(&mut self) {
        self.may_have_jumped = true;
    }
    /// Says that tokio's clock was set forward.
    pub(crate) fn was_set_forward(&mut self, ns: i64) {
        self.now = later(self.now(), ns);
    }
    /// Whether nobody else has moved tokio's clock.
    pub(crate) fn is_untouched(&self) -> bool {
        self.may_have_jumped || self.read() == self.now
    }
    /// Nanoseconds since the last tick of tokio's timers, which count from the start.
    pub(crate) fn ns_into_tick(&mut self) -> i64 {
        let now_ns = self.now().as_nanos();
        now_ns.saturating_sub(self.start.as_nanos()).rem_euclid(TICK_NS)
    }

    fn read(&self) -> SimTime {
        let ns = Instant::now().saturating_duration_since(self.origin).as_nanos();
        later(self.start, i64::try_from(ns).unwrap_or(i64::MAX))
    }
}

fn later(at: SimTime, ns: i64) -> SimTime {
    at.checked_add(SimDuration::from_nanos(ns)).unwrap_or(SimTime::from_nanos(i64::MAX))
}
