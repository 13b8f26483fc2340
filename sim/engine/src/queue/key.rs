//! What the queue sorts: one number an entry, apart from its payload.
#![expect(clippy::as_conversions, reason = "positions fit by construction")]

use super::Phase;
use koosim_model::time::SimTime;

/// Bits for the number of the push: 2^36 pushes a run, nine hours at two million a second.
const SEQUENCE_BITS: u32 = 36;
/// Bits for the payload's slot: 2^25 entries may be pending.
const SLOT_BITS: u32 = 25;
/// Pushes that one queue can number.
pub(super) const SEQUENCES: u64 = 1 << SEQUENCE_BITS;
/// Slots that one queue can number.
pub(super) const SLOTS: u32 = 1 << SLOT_BITS;
/// Bits of sequence and slot.
const TICKET_BITS: u32 = SEQUENCE_BITS + SLOT_BITS;

/// Turns the sign of a signed time, so that unsigned comparison orders it.
const SIGN: u64 = 1 << 63;

/// The instant as keys have it.
#[inline]
pub(super) const fn time_of(at: SimTime) -> u64 {
    at.as_nanos().cast_unsigned() ^ SIGN
}

/// The instant back.
#[inline]
pub(super) const fn instant_of(time: u64) -> SimTime {
    SimTime::from_nanos((time ^ SIGN).cast_signed())
}

impl Phase {
    #[inline]
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Command => 0,
            Self::BusinessTimer => 1,
            Self::Arrival => 2,
            Self::TransmissionEnd => 3,
            Self::Observation => 4,
        }
    }
    #[inline]
    const fn from_rank(rank: u64) -> Self {
        match rank {
            0 => Self::Command,
            1 => Self::BusinessTimer,
            2 => Self::Arrival,
            3 => Self::TransmissionEnd,
            _ => Self::Observation,
        }
    }
}

/// Names one entry for good: sequence above slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

impl Ticket {
    /// No entry has it.
    pub(super) const NONE: Self = Self(u64::MAX);

    pub(super) const fn new(sequence: u64, slot: u32) -> Self {
        Self(sequence << SLOT_BITS | slot as u64)
    }
    pub(super) const fn sequence(self) -> u64 {
        self.0 >> SLOT_BITS
    }
    #[inline]
    pub(super) fn slot(self) -> usize {
        (self.0 & (SLOTS as u64 - 1)) as usize
    }
}

/// Time, phase, sequence and slot from the highest bits down, so that comparing two keys is
/// comparing two numbers. The slot never decides: the sequence is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    pub(super) const ZERO: Self = Self(0);

    #[inline]
    pub(super) fn new(time: u64, phase: Phase, ticket: Ticket) -> Self {
        let low = u64::from(phase.rank()) << TICKET_BITS | ticket.0;
        Self(u128::from(time) << 64 | u128::from(low))
    }
    #[inline]
    pub(super) const fn time(self) -> u64 {
        (self.0 >> 64) as u64
    }
    const fn low(self) -> u64 {
        self.0 as u64
    }
    #[inline]
    pub(super) const fn phase(self) -> Phase {
        Phase::from_rank(self.low() >> TICKET_BITS)
    }
    #[inline]
    pub(super) const fn ticket(self) -> Ticket {
        Ticket(self.low() & ((1 << TICKET_BITS) - 1))
    }
}
