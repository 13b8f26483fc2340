//! The hold model: pop one entry, push one at the popped instant plus a random increment, so that
//! the number of pending entries stays the same. Every design does the same work with the same
//! payload and the same cancellation, and a checksum over what is popped proves the same order.
//!
//! Increments are drawn by integer arithmetic from a fixed stream; nothing depends on the platform.

use koosim_engine::queue::{Handle, Phase, Queue};
use koosim_model::time::SimTime;
use rand::SeedableRng;
use rand::rand_core::Rng;
use rand::rngs::Xoshiro256PlusPlus;

/// What an entry carries: 32 bytes, as a small event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Which of the pending entries this is.
    pub id: u32,
    /// Stands for the rest of an event.
    pub rest: [u64; 3],
}

/// What a queue gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Popped {
    /// Nanoseconds.
    pub at: i64,
    /// Tie-breaker before the order of pushing.
    pub phase: Phase,
    /// What was pushed.
    pub payload: Payload,
}

/// One design of an event queue.
pub trait EventQueue {
    /// Names a pending entry, to cancel it.
    type Handle: Copy;
    /// The name in tables.
    const NAME: &'static str;
    /// An empty queue.
    fn new() -> Self;
    /// Adds an entry; `at` is never before what was popped last.
    fn push(&mut self, at: i64, phase: Phase, payload: Payload) -> Self::Handle;
    /// Takes an entry out if it is still pending.
    fn cancel(&mut self, handle: Self::Handle) -> Option<Payload>;
    /// Takes the first entry out.
    fn pop(&mut self) -> Option<Popped>;
}

impl EventQueue for Queue<Payload> {
    type Handle = Handle;
    const NAME: &'static str = "engine: radix buckets, sorted run";

    fn new() -> Self {
        Self::new()
    }
    #[inline]
    #[expect(clippy::expect_used, reason = "the work never pushes into the past")]
    fn push(&mut self, at: i64, phase: Phase, payload: Payload) -> Handle {
        self.push(SimTime::from_nanos(at), phase, payload).expect("not in the past")
    }
    #[inline]
    fn cancel(&mut self, handle: Handle) -> Option<Payload> {
        self.cancel(handle)
    }
    #[inline]
    fn pop(&mut self) -> Option<Popped> {
        let entry = self.pop()?;
        Some(Popped { at: entry.at.as_nanos(), phase: entry.phase, payload: entry.payload })
    }
}

/// The distribution of increments, and what else happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Near to exponential, mean about one second.
    Exponential,
    /// Nine of ten within a few microseconds, one of ten about a second.
    Bimodal,
    /// Whole milliseconds from 0 to 49: thousands of entries share an instant.
    Ties,
    /// Exponential, and one operation of four cancels a pending entry and pushes it again.
    Cancel,
}

impl Work {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Exponential, Self::Bimodal, Self::Ties, Self::Cancel];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exponential => "exponential",
            Self::Bimodal => "bimodal",
            Self::Ties => "ties",
            Self::Cancel => "cancel",
        }
    }

    #[inline]
    fn increment(self, bits: u64) -> i64 {
        match self {
            Self::Exponential | Self::Cancel => exponential(bits),
            Self::Bimodal if bits.is_multiple_of(10) => {
                900_000_000 + small(bits >> 32, 200_000_000)
            }
            Self::Bimodal => 1_000 + small(bits >> 32, 4_000),
            Self::Ties => 1_000_000 * small(bits >> 32, 50),
        }
    }
}

/// A whole number below `range` from 32 random bits.
#[inline]
fn small(bits: u64, range: u64) -> i64 {
    (((bits & 0xffff_ffff) * range) >> 32).cast_signed()
}

/// `-log2(u)` with the mantissa taken as linear, times 2^30 ns / 1.44: close to an exponential
/// distribution of mean 1.07 s.
#[inline]
fn exponential(bits: u64) -> i64 {
    let octave = u64::from(bits.leading_zeros());
    let mantissa = bits.checked_shl(bits.leading_zeros() + 1).unwrap_or(0) >> 32;
    let log2 = ((octave + 1) << 32) - mantissa;
    ((log2 * 744) >> 32).cast_signed() * 1_000_000 + (bits & 0xf_ffff).cast_signed()
}

/// One queue in the middle of the work.
#[derive(Clone, Debug)]
pub struct Hold<Q: EventQueue> {
    work: Work,
    queue: Q,
    draws: Xoshiro256PlusPlus,
    /// The handle of each entry, where entries are cancelled.
    handles: Vec<Q::Handle>,
    now: i64,
    checksum: u64,
}

impl<Q: EventQueue> Hold<Q> {
    /// A queue with `pending` entries, brought near to its steady state by as many holds.
    pub fn new(work: Work, pending: u32) -> Self {
        let draws = Xoshiro256PlusPlus::seed_from_u64(0x6b6f_6f73_696d);
        let (queue, handles) = (Q::new(), Vec::new());
        let mut hold = Self { work, queue, draws, handles, now: 0, checksum: 0 };
        for id in 0..pending {
            let handle = hold.push(id);
            if work == Work::Cancel {
                hold.handles.push(handle);
            }
        }
        hold.run(u64::from(pending));
        hold
    }
    /// What was popped so far, in one number.
    pub const fn checksum(&self) -> u64 {
        self.checksum
    }
    /// Does `holds` holds, and with [`Work::Cancel`] one cancellation after every third.
    #[inline(never)]
    pub fn run(&mut self, holds: u64) {
        let cancels = self.work == Work::Cancel;
        for turn in 0..holds {
            let Some(popped) = self.queue.pop() else { return };
            self.now = popped.at;
            let id = popped.payload.id;
            let seen = popped.at.cast_unsigned() ^ u64::from(id) << 3 ^ popped.payload.rest[0];
            self.checksum = (self.checksum.rotate_left(5) ^ seen ^ rank(popped.phase))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let handle = self.push(id);
            if cancels {
                self.store(id, handle);
                if turn.is_multiple_of(3) {
                    self.reschedule();
                }
            }
        }
    }
    #[inline]
    fn push(&mut self, id: u32) -> Q::Handle {
        let bits = self.draws.next_u64();
        let at = self.now + self.work.increment(bits);
        let phase = match bits & 7 {
            0 => Phase::Command,
            1 | 2 => Phase::BusinessTimer,
            3 | 4 => Phase::Arrival,
            5 | 6 => Phase::TransmissionEnd,
            _ => Phase::Observation,
        };
        self.queue.push(at, phase, Payload { id, rest: [bits, 1, 2] })
    }
    fn store(&mut self, id: u32, handle: Q::Handle) {
        let place = usize::try_from(id).ok().and_then(|id| self.handles.get_mut(id));
        if let Some(place) = place {
            *place = handle;
        }
    }
    fn reschedule(&mut self) {
        let bits = self.draws.next_u64();
        let pick = small_index(bits, self.handles.len());
        let Some(handle) = self.handles.get(pick).copied() else { return };
        let cancelled = self.queue.cancel(handle).map_or(u32::MAX, |payload| payload.id);
        self.checksum = self.checksum.rotate_left(5) ^ u64::from(cancelled);
        let handle = self.push(cancelled);
        self.store(cancelled, handle);
    }
}

/// An index below `len` from random bits.
fn small_index(bits: u64, len: usize) -> usize {
    let wide = u128::from(bits) * u128::try_from(len).unwrap_or(0);
    usize::try_from(wide >> 64).unwrap_or(0)
}

const fn rank(phase: Phase) -> u64 {
    match phase {
        Phase::Command => 0,
        Phase::BusinessTimer => 1,
        Phase::Arrival => 2,
        Phase::TransmissionEnd => 3,
        Phase::Observation => 4,
    }
}
