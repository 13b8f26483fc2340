//! Packets in the order in which they came, and limits on how many may wait.

use crate::net::out::Out;
use crate::net::packet::{DropCause, Packet};
use koosim_model::time::{NS_PER_S, SimDuration};
use serde::Serialize;
use std::collections::VecDeque;

/// What may wait in a queue, without the packet on the wire (T1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// At most so many bytes.
    Bytes(u64),
    /// At most so many packets.
    Packets(u32),
    /// What is ahead of a packet may take no longer than this at the present rate.
    Delay(SimDuration),
}

/// A packet that waits.
#[derive(Clone, Copy, Debug)]
pub(in crate::net) struct Queued {
    pub(super) packet: Packet,
    /// Since when.
    pub(super) since_ns: i64,
}

/// A first-in first-out queue.
#[derive(Clone, Debug, Default)]
pub(in crate::net) struct Fifo {
    queued: VecDeque<Queued>,
    // INVARIANT: the sum of their bytes.
    bytes: u64,
}

impl Fifo {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.queued.len()
    }
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }
    /// The packet that has waited longest.
    pub(super) fn head(&self) -> Option<&Queued> {
        self.queued.front()
    }
    /// Adds a packet if there is room, and drops it if there is none.
    #[inline]
    pub(super) fn offer(
        &mut self,
        limit: Limit,
        now_ns: i64,
        packet: Packet,
        rate: Option<u64>,
        out: &mut Out,
    ) {
        if self.has_room(limit, packet.bytes, rate) {
            self.push(now_ns, packet, out);
        } else {
            out.refuse(now_ns, packet, DropCause::QueueFull);
        }
    }
    pub(super) fn has_room(&self, limit: Limit, bytes: u32, rate: Option<u64>) -> bool {
        match limit {
            Limit::Bytes(most) => self.bytes + u64::from(bytes) <= most,
            Limit::Packets(most) => {
                usize::try_from(most).is_ok_and(|most| self.queued.len() < most)
            }
            Limit::Delay(most) => rate.is_none_or(|rate| {
                let ahead = u128::from(self.bytes) * 8 * u128::from(NS_PER_S.unsigned_abs());
                let most_ns = u128::try_from(most.as_nanos()).unwrap_or(0);
                ahead <= most_ns * u128::from(rate)
            }),
        }
    }
    #[inline]
    pub(super) fn push(&mut self, now_ns: i64, packet: Packet, out: &mut Out) {
        out.admit(packet);
        self.put(Queued { packet, since_ns: now_ns });
    }
    /// Adds a packet that is in the books already.
    #[inline]
    pub(super) fn put(&mut self, queued: Queued) {
        self.bytes += u64::from(queued.packet.bytes);
        self.queued.push_back(queued);
    }
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Queued> {
        let queued = self.queued.pop_front()?;
        self.bytes -= u64::from(queued.packet.bytes);
        if self.queued.is_empty() {
            // Begins at the front again, so that a link at work stays in few lines of a cache.
            self.queued.clear();
        }
        Some(queued)
    }
    pub(super) fn drain(&mut self) -> Vec<Queued> {
        self.bytes = 0;
        self.queued.drain(..).collect()
    }
}
