//! Virtual time inside a component, exact to the nanosecond.
//!
//! - [`sleep_until`], [`sleep`] and [`timeout`] of this crate end at exactly their nanosecond.
//! - `tokio::time::sleep` and the like end at the first whole millisecond, counted from the start of
//!   the run, that is not before the deadline.
//! - Packets arrive at exactly the nanosecond that the link gives.
//!
//! All of them show on one clock: [`sim_now`] and `tokio::time::Instant::now()` advance together.

use crate::host::current;
use crate::world::{Due, enter};
use koosim_engine::queue::{Handle, Phase};
use koosim_engine::streams::{Domain, Stream};
use koosim_model::time::{SimDuration, SimTime};
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// The present instant of the network that runs on this thread.
///
/// # Panics
/// Outside a run.
pub fn sim_now() -> SimTime {
    let now = enter(|world| world.clock.now());
    #[expect(clippy::expect_used, reason = "documented: there is no time outside a run")]
    now.expect("`koosim_harness::sim_now` is called inside a run")
}

/// Waits until an instant, exactly. An instant that has passed is not waited for.
#[must_use = "a sleep does nothing unless it is awaited"]
pub const fn sleep_until(deadline: SimTime) -> Sleep {
    Sleep { deadline, pending: None }
}

/// Waits for a length of time, exactly.
///
/// # Panics
/// Outside a run.
#[must_use = "a sleep does nothing unless it is awaited"]
pub fn sleep(length: SimDuration) -> Sleep {
    sleep_until(sim_now().checked_add(length).unwrap_or(SimTime::from_nanos(i64::MAX)))
}

/// A wait for one instant.
#[derive(Debug)]
pub struct Sleep {
    deadline: SimTime,
    pending: Option<Pending>,
}

/// A wait that is on the agenda of a network.
#[derive(Debug)]
struct Pending {
    network: u64,
    handle: Handle,
    waker: Waker,
}

impl Sleep {
    /// The instant that is waited for.
    pub const fn deadline(&self) -> SimTime {
        self.deadline
    }
    fn cancel(&mut self) {
        if let Some(Pending { network, handle, .. }) = self.pending.take() {
            // Dropped by itself only after the world is let go of: a waker may run any code then.
            let _due = enter(|world| (world.id == network).then(|| world.agenda.cancel(handle)));
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline;
        if enter(|world| world.clock.now() >= deadline).unwrap_or(false) {
            self.cancel();
            return Poll::Ready(());
        }
        if self.pending.as_ref().is_some_and(|pending| pending.waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        self.cancel();
        self.pending = enter(|world| {
            let due = Due::Wake(cx.waker().clone());
            let handle = world.schedule(deadline, Phase::BusinessTimer, due)?;
            Some(Pending { network: world.id, handle, waker: cx.waker().clone() })
        })
        .flatten();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The wait was longer than its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing came by {0}")]
pub struct Elapsed(pub SimTime);

impl From<Elapsed> for std::io::Error {
    fn from(elapsed: Elapsed) -> Self {
        Self::new(std::io::ErrorKind::TimedOut, elapsed)
    }
}

/// Waits for a future, but no longer than `length`. What comes at the very end of it counts as
/// late: the limit is a timer, and timers come before arrivals of the same instant.
pub async fn timeout<F: Future>(length: SimDuration, future: F) -> Result<F::Output, Elapsed> {
    let limit = sleep(length);
    let deadline = limit.deadline();
    let (mut limit, mut future) = (pin!(limit), pin!(future));
    std::future::poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        limit.as_mut().poll(cx).map(|()| Err(Elapsed(deadline)))
    })
    .await
}

/// A stream of random numbers for the host that calls this, derived from the run's seed, the
/// host's name, how often it was restarted, and `name`. Asking twice gives the same values twice.
///
/// # Panics
/// Outside a host.
pub fn random(name: &str) -> Stream {
    let stream = current().ok().and_then(|life| {
        enter(|world| {
            let host = world.topology.name(life.host);
            world.streams.get(Domain::Component, &format!("{host}#{} {name}", life.life))
        })
    });
    #[expect(clippy::expect_used, reason = "documented: there is no stream outside a host")]
    stream.expect("`koosim_harness::random` is called inside a host")
}

/// Writes a line to the run's log, and so into its digest: what a component has seen or decided.
/// Does nothing outside a host.
pub fn note(text: &str) {
    if let Ok(life) = current() {
        enter(|world| world.note_text(life.host, text));
    }
}
