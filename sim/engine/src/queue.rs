//! The event queue: what happens next.
//!
//! Entries leave in the order (time, phase, sequence): at one instant the [`Phase`] decides, and in
//! one phase whoever was pushed first. Time never goes back, but at the current instant an earlier
//! phase than the last popped one may still be pushed, and then comes next: that is how a command
//! given at the end of an instant happens at that instant.
//!
//! The queue knows nothing of what it orders and draws nothing. How it is built was decided by the
//! benchmark `queue` of the `benches` crate, where the designs that lost can still be run.
//!
//! Keys lie apart from payloads in three places, nearest first:
//! - `instant`: pushed at the current instant, or part of a large group that shares it: a first-in
//!   first-out list for each phase;
//! - `run`: all keys up to `run_last`, sorted, at most a few hundred;
//! - `radix`: everything later, in unsorted buckets. When the run is used up, the first buckets are
//!   sorted into a new one; a bucket too large for that is split first.
//!
//! ```
//! use koosim_engine::queue::{Phase, Queue};
//! use koosim_model::time::SimTime;
//!
//! let mut queue = Queue::new();
//! let noon = SimTime::from_nanos(12);
//! queue.push(noon, Phase::Arrival, "packet")?;
//! let timer = queue.push(noon, Phase::BusinessTimer, "auto-renewal")?;
//! queue.push(noon, Phase::Command, "unsubscribe")?;
//! assert_eq!(queue.pop().map(|entry| entry.payload), Some("unsubscribe"));
//! assert_eq!(queue.cancel(timer), Some("auto-renewal"));
//! assert_eq!(queue.peek(), Some((noon, Phase::Arrival)));
//! # Ok::<(), koosim_engine::queue::PushError>(())
//! ```

mod instant;
mod key;
mod order;
mod radix;
mod slab;
#[cfg(test)]
mod tests;

use instant::Instant;
use key::{Key, SEQUENCES, Ticket};
use koosim_model::time::SimTime;
use order::Order;
use radix::Radix;
use serde::{Deserialize, Serialize};
use slab::Slab;

/// Buckets are gathered into one run up to this many keys.
const RUN_GATHER: usize = 32;
/// A single bucket is sorted whole up to this many keys, instead of being split...
const BUCKET_SORT: usize = 256;
/// ...if it is at most this part of all entries: few new keys are inserted into it then.
const BUCKET_PART: usize = 16;
/// A run into which more keys than this were inserted gives its later half back to the buckets.
const RUN_GROWTH: usize = 32;
/// Cancelled keys that may stay behind beyond one for each pending entry.
const DEAD_MIN: usize = 64;

/// What comes first among entries of the same instant: the one table that breaks ties, from the
/// first to the last. Expectations look after all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// What somebody outside asks for.
    Command,
    /// Deadlines of the rules: settlements, renewals, the end of a term.
    BusinessTimer,
    /// A packet reaches an endpoint.
    Arrival,
    /// A link has sent its packet and may take the next.
    TransmissionEnd,
    /// Samples and checks, which see all that the instant did.
    Observation,
}

impl Phase {
    /// All phases in their order.
    pub const ALL: [Self; 5] = [
        Self::Command,
        Self::BusinessTimer,
        Self::Arrival,
        Self::TransmissionEnd,
        Self::Observation,
    ];
}

/// Names one pushed entry for good, in the queue that gave it out and in clones of that queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Handle(Ticket);

/// One popped entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<T> {
    /// The instant it was pushed for.
    pub at: SimTime,
    /// Its phase within that instant.
    pub phase: Phase,
    /// The number of the push, from 0.
    pub sequence: u64,
    /// What was pushed.
    pub payload: T,
}

/// Why an entry was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The instant is before that of the last popped entry.
    #[error("`{at}` is past: the queue is at `{now}`")]
    Past {
        /// The instant asked for.
        at: SimTime,
        /// The instant of the last popped entry.
        now: SimTime,
    },
    /// Too many entries are pending.
    #[error("too many pending entries: {} at most", key::SLOTS)]
    Full,
    /// Too many entries were pushed since the queue was new.
    #[error("too many entries in one run: {SEQUENCES} at most")]
    Exhausted,
}

/// Where the first key is.
#[derive(Clone, Copy, Debug)]
enum Source {
    Instant,
    Run,
}

/// Entries that wait for their instant.
#[derive(Clone, Debug)]
pub struct Queue<T> {
    /// The instant of the last popped entry.
    now: u64,
    /// INVARIANT: all keys of `now`, none of them in `radix` once the first entry is popped.
    instant: Instant,
    /// INVARIANT: descending, so that the next key is the last; none after `run_last`.
    run: Vec<Key>,
    /// Keys up to here belong to `run`, later ones to `radix`.
    run_last: u64,
    /// INVARIANT: not less than the length of `run`, which is cut when it would be.
    run_max: usize,
    order: Order,
    radix: Radix,
    payloads: Slab<T>,
    /// The number of the next push.
    sequence: u64,
    /// Keys whose payload was cancelled.
    dead: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Queue<T> {
    /// A queue with no entries, at the beginning of time.
    pub const fn new() -> Self {
        Self {
            now: 0,
            instant: Instant::new(),
            run: Vec::new(),
            run_last: u64::MAX,
            run_max: RUN_GROWTH,
            order: Order::new(),
            radix: Radix::new(),
            payloads: Slab::new(),
            sequence: 0,
            dead: 0,
        }
    }
    /// The number of pending entries.
    pub fn len(&self) -> usize {
        self.payloads.len()
    }
    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Adds an entry behind all others of the same instant and phase.
    ///
    /// # Errors
    /// See [`PushError`]; the queue is unchanged then.
    #[inline]
    pub fn push(&mut self, at: SimTime, phase: Phase, payload: T) -> Result<Handle, PushError> {
        let time = key::time_of(at);
        if time < self.now {
            return Err(PushError::Past { at, now: key::instant_of(self.now) });
        }
        if self.sequence >= SEQUENCES {
            return Err(PushError::Exhausted);
        }
        let ticket = self.payloads.insert(self.sequence, payload).ok_or(PushError::Full)?;
        self.sequence += 1;
        let key = Key::new(time, phase, ticket);
        if time > self.run_last {
            self.radix.push(key);
        } else if time == self.now {
            self.instant.push(key);
        } else {
            self.push_run(key);
        }
        Ok(Handle(ticket))
    }
    /// Takes the first entry out.
    #[inline]
    pub fn pop(&mut self) -> Option<Entry<T>> {
        self.pop_up_to(u64::MAX)
    }
    /// Takes the first entry out if its instant is not after `last`. Entries up to `last` may still be
    /// pushed after it has answered that there are none.
    #[inline]
    pub fn pop_through(&mut self, last: SimTime) -> Option<Entry<T>> {
        self.pop_up_to(key::time_of(last))
    }
    /// Takes a part of the first entry out if its instant is not after `last`: `take` tells besides the part
    /// whether there is more, which then comes next unless something is pushed before it. Otherwise the
    /// entry is popped.
    #[inline]
    pub fn pop_part<P>(
        &mut self,
        last: SimTime,
        take: impl FnOnce(&mut T) -> (P, bool),
    ) -> Option<(SimTime, P, bool)> {
        let (key, from) = self.first_key(key::time_of(last))?;
        let ticket = key.ticket();
        let (part, more) = take(self.payloads.get_mut(ticket)?);
        if !more {
            self.drop_first(from);
            self.payloads.remove(ticket);
        }
        Some((key::instant_of(self.now), part, more))
    }
    #[inline]
    fn pop_up_to(&mut self, last: u64) -> Option<Entry<T>> {
        let (key, from) = self.first_key(last)?;
        self.drop_first(from);
        let (ticket, at) = (key.ticket(), key::instant_of(self.now));
        let payload = self.payloads.remove(ticket)?;
        Some(Entry { at, phase: key.phase(), sequence: ticket.sequence(), payload })
    }
    /// The first key of an entry that is not cancelled, whose instant becomes now. Keys of cancelled ones
    /// before it are dropped.
    #[inline]
    fn first_key(&mut self, last: u64) -> Option<(Key, Source)> {
        // From here on all keys of the instant are early enough.
        if last < self.now {
            return None;
        }
        loop {
            let (key, from) = match self.instant.first_before(self.run.last()) {
                Some(key) => (key, Source::Instant),
                None => match self.run.last().copied().filter(|key| key.time() <= last) {
                    Some(key) => (key, Source::Run),
                    None if self.run.is_empty() && self.refill(last) => continue,
                    None => return None,
                },
            };
            if self.payloads.holds(key.ticket()) {
                self.now = key.time();
                return Some((key, from));
            }
            self.drop_first(from);
            self.dead -= 1;
        }
    }
    /// Drops the key that is first there.
    #[inline]
    fn drop_first(&mut self, from: Source) {
        match from {
            Source::Instant => self.instant.drop_first(),
            Source::Run => drop(self.run.pop()),
        }
    }
    /// Instant and phase of the entry that the next [`Self::pop`] gives.
    ///
    /// Looks at one key, except after the run is used up, when the first bucket may have to be
    /// searched; nothing moves, so that earlier entries may still be pushed.
    pub fn peek(&self) -> Option<(SimTime, Phase)> {
        let live = |key: &Key| self.payloads.holds(key.ticket());
        let instant = self.instant.first(live);
        let run = self.run.iter().rev().copied().find(live);
        let near = instant.into_iter().chain(run).min();
        let first = near.or_else(|| self.radix.least(live))?;
        Some((key::instant_of(first.time()), first.phase()))
    }
    /// What comes so many pops after the next one, if nothing is pushed or cancelled before it and the queue
    /// has it at hand: for who wants to look at what it is about in time.
    #[inline]
    pub fn ahead(&self, pops: usize) -> Option<&T> {
        self.payloads.get(self.key_ahead(pops)?.ticket())
    }
    /// Has what [`Self::ahead`] gives brought near, and waits for nothing.
    #[inline]
    pub fn prefetch_ahead(&self, pops: usize) {
        if let Some(key) = self.key_ahead(pops) {
            self.payloads.prefetch(key.ticket());
        }
    }
    #[inline]
    fn key_ahead(&self, pops: usize) -> Option<Key> {
        if self.instant.is_empty() {
            self.run.iter().nth_back(pops).copied()
        } else {
            self.instant.ahead(pops)
        }
    }
    /// What waits under this handle; `None` if it was popped or cancelled.
    #[inline]
    pub fn get(&self, handle: Handle) -> Option<&T> {
        self.payloads.get(handle.0)
    }
    /// What waits under this handle, to be changed; `None` if it was popped or cancelled.
    #[inline]
    pub fn get_mut(&mut self, handle: Handle) -> Option<&mut T> {
        self.payloads.get_mut(handle.0)
    }
    /// Takes the entry out before its time; `None` if it was popped or cancelled already.
    #[inline]
    pub fn cancel(&mut self, handle: Handle) -> Option<T> {
        let payload = self.payloads.remove(handle.0)?;
        self.dead += 1;
        if self.dead > self.payloads.len() + DEAD_MIN {
            self.sweep();
        }
        Some(payload)
    }

    #[inline]
    fn push_run(&mut self, key: Key) {
        self.run.insert(later_than(&self.run, key), key);
        if self.run.len() > self.run_max {
            self.cut();
        }
    }
    /// Gives the later half of the run back to the buckets, keeping instants whole.
    #[cold]
    fn cut(&mut self) {
        let middle = self.run.get(self.run.len() / 2).map_or(self.now, |key| key.time());
        if self.radix.is_empty() {
            self.radix.rebase(self.now);
        }
        // Keys of the current instant stay: buckets hold later ones only. So do those before the base,
        // which is ahead of the instant where every key between the two was cancelled.
        let first_moved = middle.max(self.now.saturating_add(1)).max(self.radix.base());
        let moved = self.run.partition_point(|key| key.time() >= first_moved);
        for key in self.run.drain(..moved).rev() {
            self.radix.push(key);
        }
        self.run_last = first_moved - 1;
        self.run_max = self.run.len() + RUN_GROWTH;
    }
    /// Fills the empty run, or the instant, from the first buckets. False if nothing is left that is
    /// not after `last`; no bucket that is has been touched then.
    #[inline(never)]
    fn refill(&mut self, last: u64) -> bool {
        while let Some(place) = self.radix.first() {
            if self.radix.least_of(place) > last {
                break;
            }
            let count = self.radix.len_of(place);
            let sorts_whole = count <= BUCKET_SORT.min(self.len() / BUCKET_PART);
            if self.run.len() + count <= RUN_GATHER || self.run.is_empty() && sorts_whole {
                self.run_last = self.radix.last_instant(place);
                let (run, payloads, dead) = (&mut self.run, &self.payloads, &mut self.dead);
                // Looking at every payload's slot here, all at once, also brings it into cache.
                self.radix.drain(place, |key| {
                    let cancelled = usize::from(!payloads.holds(key.ticket()));
                    run.push(key);
                    run.truncate(run.len() - cancelled);
                    *dead -= cancelled;
                });
            } else if !self.run.is_empty() {
                break;
            } else if let Some(instant) = self.radix.only_time(place) {
                self.run_last = instant;
                self.radix.drain(place, |key| self.instant.push(key));
                return true;
            } else {
                self.radix.split(place);
            }
        }
        if self.radix.is_empty() {
            self.run_last = u64::MAX;
        }
        self.run_max = self.run.len() + RUN_GROWTH;
        self.order.sort(&mut self.run);
        !self.run.is_empty()
    }
    /// Drops the keys of cancelled entries.
    #[cold]
    fn sweep(&mut self) {
        let live = |key: &Key| self.payloads.holds(key.ticket());
        self.run.retain(live);
        self.instant.retain(live);
        self.radix.retain(live);
        self.dead = 0;
    }
}

/// Keys of one step of [`later_than`].
const STRIDE: usize = 8;

/// How many keys of the descending run are greater. Counting every eighth and then one stretch of
/// eight takes more comparisons than halving, but none of them waits for another or is guessed.
#[inline]
fn later_than(run: &[Key], key: Key) -> usize {
    let count = |keys: &[Key; STRIDE]| -> usize {
        keys.iter().map(|other| usize::from(*other > key)).sum()
    };
    // What a link wants next comes soon, and then the length of the run does not matter.
    if let Some(soon @ [first, ..]) = run.last_chunk::<STRIDE>()
        && *first > key
    {
        return run.len() - STRIDE + count(soon);
    }
    let (strides, rest) = run.as_chunks::<STRIDE>();
    let whole: usize = strides.iter().map(|[.., last]| usize::from(*last > key)).sum();
    let part = match strides.get(whole) {
        Some(stride) => count(stride),
        None => rest.iter().map(|other| usize::from(*other > key)).sum(),
    };
    whole * STRIDE + part
}
