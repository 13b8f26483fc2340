//! What the queue sorts: two words an entry, apart from its payload.

use super::Phase;
use koosim_model::time::SimTime;
use std::cmp::Ordering;

/// Bits for the number of the push: 2^36 pushes a run, nine hours at two million a second.
const SEQUENCE_BITS: u32 = 36;
/// Bits for the payload's slot: 2^25 entries may be pending.
const SLOT_BITS: u32 = 25;
/// Bits of sequence and slot; the phase has the three above them.
const TICKET_BITS: u32 = SEQUENCE_BITS + SLOT_BITS;
const TICKET_MASK: u64 = (1 << TICKET_BITS) - 1;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;
/// Turns the sign of a signed time, so that unsigned comparison orders it.
const SIGN: u64 = 1 << 63;

/// Pushes that one queue can number.
pub(super) const SEQUENCES: u64 = 1 << SEQUENCE_BITS;
/// Slots that one queue can number.
pub(super) const SLOTS: u32 = 1 << SLOT_BITS;

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

    #[inline]
    pub(super) fn new(sequence: u64, slot: u32) -> Self {
        Self(sequence << SLOT_BITS | u64::from(slot))
    }
    #[inline]
    pub(super) const fn sequence(self) -> u64 {
        self.0 >> SLOT_BITS
    }
    #[inline]
    pub(super) fn slot(self) -> u32 {
        u32::try_from(self.0 & SLOT_MASK).unwrap_or(SLOTS)
    }
}

/// The place of one entry in the order, and where its payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    time: u64,
    /// Phase, sequence and slot from the highest bits down. The slot never decides: the sequence
    /// is unique.
    low: u64,
}

impl Key {
    /// Fills space that holds no key.
    pub(super) const ZERO: Self = Self { time: 0, low: 0 };

    #[inline]
    pub(super) fn new(time: u64, phase: Phase, ticket: Ticket) -> Self {
        Self { time, low: u64::from(phase.rank()) << TICKET_BITS | ticket.0 }
    }
    #[inline]
    pub(super) const fn time(self) -> u64 {
        self.time
    }
    #[inline]
    pub(super) const fn phase(self) -> Phase {
        Phase::from_rank(self.low >> TICKET_BITS)
    }
    #[inline]
    pub(super) const fn ticket(self) -> Ticket {
        Ticket(self.low & TICKET_MASK)
    }
    /// Both words as one number: comparing those takes no branch.
    #[inline]
    fn wide(self) -> u128 {
        u128::from(self.time) << 64 | u128::from(self.low)
    }
}

impl Ord for Key {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.wide().cmp(&other.wide())
    }
}

impl PartialOrd for Key {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
    #[inline]
    fn lt(&self, other: &Self) -> bool {
        self.wide() < other.wide()
    }
    #[inline]
    fn gt(&self, other: &Self) -> bool {
        self.wide() > other.wide()
    }
}
