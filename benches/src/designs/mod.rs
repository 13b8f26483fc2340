//! The designs that were tried. Each orders small keys; payloads, cancellation and the bound on
//! cancelled keys are the same for all of them and live in [`Slabbed`].

mod buckets;
mod calendar;
mod heaps;
mod ladder;

pub use buckets::{RadixHeap, TickBatch};
pub use calendar::Calendar;
pub use heaps::{PackedHeap, Quaternary, StdHeap, Tree};
pub use ladder::Ladder;

use crate::hold::{EventQueue, Payload, Popped};
use koosim_engine::queue::Phase;

/// Orders keys; the sequence is unique.
pub trait KeyQueue: Default {
    /// The name in tables.
    const NAME: &'static str;
    /// Adds a key, not before the instant of the last popped one.
    fn push(&mut self, key: Key);
    /// Takes the smallest key out.
    fn pop(&mut self) -> Option<Key>;
    /// Drops all keys but those.
    fn retain(&mut self, live: impl FnMut(Key) -> bool);
}

/// The order of one entry and where its payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Nanoseconds.
    pub at: i64,
    /// Tie-breaker.
    pub phase: Phase,
    /// The number of the push.
    pub sequence: u64,
    /// The payload's slot.
    pub slot: u32,
}

const SEQUENCE_BITS: u32 = 37;
const SLOT_BITS: u32 = 24;
const SIGN: u64 = 1 << 63;

impl Key {
    /// All in one number with the same order: time, phase, 37 bits of sequence, 24 bits of slot.
    #[inline]
    pub fn pack(self) -> u128 {
        let phase = match self.phase {
            Phase::Command => 0,
            Phase::BusinessTimer => 1,
            Phase::Arrival => 2,
            Phase::TransmissionEnd => 3,
            Phase::Observation => 4u64,
        };
        let low = phase << (SEQUENCE_BITS + SLOT_BITS) | self.sequence << SLOT_BITS;
        let time = self.at.cast_unsigned() ^ SIGN;
        u128::from(time) << 64 | u128::from(low | u64::from(self.slot))
    }
    /// The key back.
    #[inline]
    pub fn unpack(wide: u128) -> Self {
        let low = low(wide);
        let phase = match low >> (SEQUENCE_BITS + SLOT_BITS) {
            0 => Phase::Command,
            1 => Phase::BusinessTimer,
            2 => Phase::Arrival,
            3 => Phase::TransmissionEnd,
            _ => Phase::Observation,
        };
        let sequence = low >> SLOT_BITS & ((1 << SEQUENCE_BITS) - 1);
        let slot = u32::try_from(low & ((1 << SLOT_BITS) - 1)).unwrap_or(0);
        Self { at: (time(wide) ^ SIGN).cast_signed(), phase, sequence, slot }
    }
}

/// The time part of a packed key.
#[inline]
pub fn time(wide: u128) -> u64 {
    u64::try_from(wide >> 64).unwrap_or(0)
}

#[inline]
fn low(wide: u128) -> u64 {
    u64::try_from(wide & u128::from(u64::MAX)).unwrap_or(0)
}

#[derive(Clone, Debug)]
struct Slot {
    sequence: u64,
    payload: Option<Payload>,
}

/// Payloads in reused slots beside an order of keys; a cancelled entry leaves its key behind.
#[derive(Clone, Debug, Default)]
pub struct Slabbed<K> {
    keys: K,
    slots: Vec<Slot>,
    free: Vec<u32>,
    sequence: u64,
    dead: usize,
}

/// Cancelled keys that may stay behind beyond one for each pending entry.
const DEAD_MIN: usize = 64;

impl<K: KeyQueue> Slabbed<K> {
    #[inline]
    fn take(&mut self, slot: u32, sequence: u64) -> Option<Payload> {
        let place = usize::try_from(slot).ok().and_then(|slot| self.slots.get_mut(slot))?;
        if place.sequence != sequence {
            return None;
        }
        place.sequence = u64::MAX;
        self.free.push(slot);
        place.payload.take()
    }
}

impl<K: KeyQueue> EventQueue for Slabbed<K> {
    type Handle = (u64, u32);
    const NAME: &'static str = K::NAME;

    fn new() -> Self {
        Self { keys: K::default(), slots: Vec::new(), free: Vec::new(), sequence: 0, dead: 0 }
    }
    #[inline]
    fn push(&mut self, at: i64, phase: Phase, payload: Payload) -> Self::Handle {
        let sequence = self.sequence;
        self.sequence += 1;
        let full = Slot { sequence, payload: Some(payload) };
        let reused = self.free.pop().and_then(|slot| {
            *self.slots.get_mut(usize::try_from(slot).ok()?)? = full.clone();
            Some(slot)
        });
        let slot = reused.unwrap_or_else(|| {
            self.slots.push(full);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        self.keys.push(Key { at, phase, sequence, slot });
        (sequence, slot)
    }
    #[inline]
    fn cancel(&mut self, (sequence, slot): Self::Handle) -> Option<Payload> {
        let payload = self.take(slot, sequence)?;
        self.dead += 1;
        if self.dead > self.slots.len() - self.free.len() + DEAD_MIN {
            self.dead = 0;
            let slots = &self.slots;
            self.keys.retain(|key| {
                let slot = usize::try_from(key.slot).ok().and_then(|slot| slots.get(slot));
                slot.is_some_and(|slot| slot.sequence == key.sequence)
            });
        }
        Some(payload)
    }
    #[inline]
    fn pop(&mut self) -> Option<Popped> {
        loop {
            let key = self.keys.pop()?;
            if let Some(payload) = self.take(key.slot, key.sequence) {
                return Some(Popped { at: key.at, phase: key.phase, payload });
            }
            self.dead -= 1;
        }
    }
}
