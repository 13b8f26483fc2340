//! What is on its way: links know a token and a size, and the content lies here meanwhile.

use super::sight::Way;
use crate::net::cross::{Ack, Segment};
use crate::prefetch::prefetch_lines;
use koosim_transport::control::Packet as ControlPacket;
use koosim_transport::packet::Packet as MediaPacket;

/// Between which ends a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Those of a phone and this viewer.
    Viewer(usize),
    /// Those of this cross traffic.
    Cross(usize),
}

/// What a packet holds.
#[derive(Clone, Debug)]
pub enum Load {
    /// Pictures, and what is said about them.
    Media(MediaPacket),
    /// Input, and what is said about it.
    Control(ControlPacket),
    /// A segment of this transfer.
    Segment(u32, Segment),
    /// What has come of this transfer.
    Ack(u32, Ack),
    /// Cross traffic that nobody looks into.
    Nothing,
}

/// A packet between two ends.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) load: Load,
    pub(super) end: End,
    pub(super) way: Way,
    /// Which of the networks of its viewer it goes over.
    pub(super) network: u32,
    /// How many were sent before it.
    pub(super) number: u64,
    /// How many links it has passed.
    pub(super) hops: usize,
    /// How many of it are on their way: a link may make two of one.
    pub(super) copies: u32,
}

/// Everything that is on its way, by token. Places are used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Cargo {
    parcels: Vec<Option<Parcel>>,
    free: Vec<usize>,
    /// How many were ever sent.
    sent: u64,
}

impl Cargo {
    /// Nothing is on its way.
    pub(super) const fn new() -> Self {
        Self { parcels: Vec::new(), free: Vec::new(), sent: 0 }
    }
    /// Keeps what sets out between two ends; gives its token.
    pub(super) fn put(&mut self, load: Load, end: End, way: Way, network: u32) -> u64 {
        let parcel = Parcel { load, end, way, network, number: self.sent, hops: 0, copies: 1 };
        self.sent += 1;
        let place = match self.free.pop() {
            Some(place) => {
                if let Some(later) = self.free.iter().nth_back(1) {
                    self.prefetch_place(*later);
                }
                if let Some(slot) = self.parcels.get_mut(place) {
                    *slot = Some(parcel);
                }
                place
            }
            None => {
                self.parcels.push(Some(parcel));
                self.parcels.len() - 1
            }
        };
        u64::try_from(place).unwrap_or(u64::MAX)
    }
    /// The parcel of a token.
    pub(super) fn get_mut(&mut self, token: u64) -> Option<&mut Parcel> {
        self.parcels.get_mut(usize::try_from(token).ok()?)?.as_mut()
    }
    /// The parcel of a token, to look at.
    pub(super) fn get(&self, token: u64) -> Option<&Parcel> {
        self.parcels.get(usize::try_from(token).ok()?)?.as_ref()
    }
    /// Has the parcel of a token brought near, and waits for nothing. It may lie in three lines.
    #[inline]
    pub(super) fn prefetch(&self, token: u64) {
        self.prefetch_place(usize::try_from(token).unwrap_or(usize::MAX));
    }
    #[inline]
    fn prefetch_place(&self, place: usize) {
        if let Some(slot) = self.parcels.get(place) {
            prefetch_lines(slot, 0..3);
        }
    }
    /// One parcel of this token is at its end: the last one is handed out, of others a copy.
    pub(super) fn take(&mut self, token: u64) -> Option<Parcel> {
        let place = usize::try_from(token).ok()?;
        let slot = self.parcels.get_mut(place)?;
        let parcel = slot.as_mut()?;
        if parcel.copies > 1 {
            parcel.copies -= 1;
            return Some(parcel.clone());
        }
        self.free.push(place);
        slot.take()
    }
    /// How many parcels are on their way, copies counted once.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.parcels.len() - self.free.len()
    }
}
