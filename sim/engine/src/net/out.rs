//! What a link has to tell, and its books, kept together so that one cannot be without the other.

use super::books::Counters;
use super::packet::{DropCause, Fate, Happening, Packet};
use koosim_model::time::SimTime;
use std::collections::VecDeque;

/// Happenings that nobody has taken yet, and the books.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub(super) struct Out {
    untold: VecDeque<Happening>,
    pub(super) counters: Counters,
}

impl Out {
    /// The oldest happening that nobody has taken.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Happening> {
        let told = self.untold.pop_front();
        if self.untold.is_empty() {
            // Begins at the front again, so that a link at work stays in few lines of a cache.
            self.untold.clear();
        }
        told
    }
    /// When that was.
    #[inline]
    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.untold.front().map(|happening| happening.at)
    }
    /// A packet will be transmitted, now or later.
    #[inline]
    pub(super) fn admit(&mut self, packet: Packet) {
        self.counters.waiting.add(packet.bytes);
    }
    /// A packet is not taken at all.
    pub(super) fn refuse(&mut self, now_ns: i64, packet: Packet, cause: DropCause) {
        self.counters.dropped_mut(cause).add(packet.bytes);
        self.tell(now_ns, packet, Fate::Dropped(cause));
    }
    /// A packet that waited is dropped.
    pub(super) fn discard(&mut self, now_ns: i64, packet: Packet, cause: DropCause) {
        self.counters.waiting.take(packet.bytes);
        self.refuse(now_ns, packet, cause);
    }
    /// A packet has left the transmitter.
    #[inline]
    pub(super) fn depart(&mut self, now_ns: i64, packet: Packet) {
        let told = self.departed(now_ns, packet);
        self.untold.push_back(told);
    }
    /// As [`Self::depart`], for who tells it at once.
    #[inline]
    pub(super) fn departed(&mut self, now_ns: i64, packet: Packet) -> Happening {
        self.counters.waiting.take(packet.bytes);
        Happening { at: SimTime::from_nanos(now_ns), packet, fate: Fate::Departed }
    }
    /// The wire has made two of a packet.
    pub(super) fn copy(&mut self, now_ns: i64, packet: Packet) {
        self.counters.duplicated.add(packet.bytes);
        self.tell(now_ns, packet, Fate::Copied);
    }
    /// A queue has marked a packet.
    pub(super) fn mark(&mut self, packet: Packet) {
        self.counters.marked.add(packet.bytes);
    }
    #[inline]
    fn tell(&mut self, now_ns: i64, packet: Packet, fate: Fate) {
        self.untold.push_back(Happening { at: SimTime::from_nanos(now_ns), packet, fate });
    }
}
