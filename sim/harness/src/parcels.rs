//! Packets that links hold, by the tokens under which the links know them.

use crate::world::Packet;

/// One packet, and how often it will still arrive.
struct Parcel {
    packet: Packet,
    copies: u32,
}

/// All packets on all links.
#[derive(Default)]
pub(crate) struct Parcels {
    slots: Vec<Option<Parcel>>,
    // INVARIANT: the places that hold nothing.
    free: Vec<usize>,
}

impl Parcels {
    /// Keeps a packet; the token is free again when it was taken.
    pub(crate) fn keep(&mut self, packet: Packet) -> u64 {
        let parcel = Some(Parcel { packet, copies: 1 });
        let place = match self.free.pop() {
            Some(place) => {
                if let Some(slot) = self.slots.get_mut(place) {
                    *slot = parcel;
                }
                place
            }
            None => {
                self.slots.push(parcel);
                self.slots.len() - 1
            }
        };
        u64::try_from(place).unwrap_or(u64::MAX)
    }
    /// The packet will arrive once more.
    pub(crate) fn copy(&mut self, token: u64) {
        if let Some(parcel) = self.slot(token).and_then(Option::as_mut) {
            parcel.copies += 1;
        }
    }
    /// The packet has arrived, or will not: gives it away, or a copy while another is under way.
    pub(crate) fn take(&mut self, token: u64) -> Option<Packet> {
        let slot = self.slot(token)?;
        let parcel = slot.as_mut()?;
        parcel.copies -= 1;
        if parcel.copies > 0 {
            return Some(parcel.packet.clone());
        }
        let taken = slot.take();
        self.free.extend(usize::try_from(token));
        taken.map(|parcel| parcel.packet)
    }
    fn slot(&mut self, token: u64) -> Option<&mut Option<Parcel>> {
        self.slots.get_mut(usize::try_from(token).ok()?)
    }
}
