//! Whose money an event takes or gives back, and what action an order belongs to.

use super::Event;
use crate::name::OrderId;
use crate::state::Split;

impl Event {
    /// What the event takes from the sources of the account.
    pub const fn paid(&self) -> Option<&Split> {
        match self {
            Self::Charged(e) => Some(&e.paid),
            Self::Settled(e) => Some(&e.paid),
            Self::MonthCharged(e) => Some(&e.paid),
            Self::ErasedCollected(e) => Some(&e.paid),
            Self::SizeChanged(e) => Some(&e.paid),
            _ => None,
        }
    }

    /// What the event gives back to the sources of the account.
    pub const fn returned(&self) -> Option<&Split> {
        match self {
            Self::Refunded(e) => Some(&e.refund),
            Self::SizeChanged(e) => Some(&e.returned),
            _ => None,
        }
    }

    /// The first order of the action that placed this one (R1.11).
    pub fn group_mut(&mut self) -> Option<&mut OrderId> {
        match self {
            Self::OrderPlaced(e) => e.group.as_mut().map(|group| &mut group.first),
            _ => None,
        }
    }
}
