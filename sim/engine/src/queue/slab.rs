//! Payloads, each in a numbered slot until it is popped or cancelled.

use super::key::{SLOTS, Ticket};
use crate::prefetch::prefetch;

#[derive(Clone, Debug)]
struct Slot<T> {
    /// INVARIANT: `Ticket::NONE` exactly when `payload` is `None`.
    ticket: Ticket,
    payload: Option<T>,
}

/// Slots are reused, the last freed one first: it is the one still in cache. A sequence is never
/// reused, so a ticket names one entry for good.
#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
    /// The number of occupied slots.
    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
    /// Puts a payload into a slot; `None` if every slot number is taken.
    #[inline]
    pub(super) fn insert(&mut self, sequence: u64, payload: T) -> Option<Ticket> {
        let Some(number) = self.free.pop() else { return self.grow(sequence, payload) };
        let ticket = Ticket::new(sequence, number);
        *self.slots.get_mut(index(ticket))? = Slot { ticket, payload: Some(payload) };
        Some(ticket)
    }
    fn grow(&mut self, sequence: u64, payload: T) -> Option<Ticket> {
        let number = u32::try_from(self.slots.len()).ok().filter(|number| *number < SLOTS)?;
        let ticket = Ticket::new(sequence, number);
        self.slots.push(Slot { ticket, payload: Some(payload) });
        Some(ticket)
    }
    /// Whether the entry is neither popped nor cancelled.
    #[inline]
    pub(super) fn holds(&self, ticket: Ticket) -> bool {
        self.slots.get(index(ticket)).is_some_and(|slot| slot.ticket == ticket)
    }
    /// The entry's payload, unless it was taken out.
    #[inline]
    pub(super) fn get(&self, ticket: Ticket) -> Option<&T> {
        self.slots.get(index(ticket)).filter(|slot| slot.ticket == ticket)?.payload.as_ref()
    }
    /// Has the slot of the entry brought near, and waits for nothing. A slot may lie in two lines.
    #[inline]
    pub(super) fn prefetch(&self, ticket: Ticket) {
        if let Some(slot) = self.slots.get(index(ticket)) {
            prefetch(&slot.ticket);
            prefetch(&slot.payload);
        }
    }
    /// The entry's payload to be changed, unless it was taken out.
    #[inline]
    pub(super) fn get_mut(&mut self, ticket: Ticket) -> Option<&mut T> {
        let slot = self.slots.get_mut(index(ticket)).filter(|slot| slot.ticket == ticket)?;
        slot.payload.as_mut()
    }
    /// Takes the entry's payload out, unless that has happened before.
    #[inline]
    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<T> {
        let slot = self.slots.get_mut(index(ticket))?;
        if slot.ticket != ticket {
            return None;
        }
        slot.ticket = Ticket::NONE;
        self.free.push(ticket.slot());
        slot.payload.take()
    }
}

#[inline]
fn index(ticket: Ticket) -> usize {
    usize::try_from(ticket.slot()).unwrap_or(usize::MAX)
}
