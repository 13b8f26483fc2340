//! Flows apart, each with controlled delay (T1.5, RFC 8290).
//!
//! A flow's packets go to a queue that a hash chooses. Queues take turns by deficit; one that has
//! just become active is served before the others once. When too much waits, the queue with most
//! bytes loses packets at its head, several at once.

use super::codel::{CoDelSpec, Control, Signal};
use super::fifo::{Fifo, Queued};
use crate::net::out::Out;
use crate::net::packet::{DropCause, Packet};
use koosim_model::rules::LinkParams;
use serde::Serialize;
use std::collections::VecDeque;
use std::num::NonZeroU32;

/// What FQ-CoDel is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FqCoDelSpec {
    /// The law in each queue; its limit is not looked at.
    pub codel: CoDelSpec,
    /// How many queues there are.
    pub queues: NonZeroU32,
    /// Bytes that a queue may send in one turn.
    pub quantum_bytes: NonZeroU32,
    /// Most packets in all queues.
    pub packets_max: u32,
    /// Most packets that are dropped at once when there are more.
    pub drop_batch: u32,
}

impl FqCoDelSpec {
    /// The parameters of T1.5, for packets of up to 1500 bytes.
    pub const STANDARD: Self = Self {
        codel: CoDelSpec { signal: Signal::Mark, ..CoDelSpec::STANDARD },
        queues: NonZeroU32::MIN.saturating_add(1023),
        quantum_bytes: NonZeroU32::MIN.saturating_add(1499),
        packets_max: 10_240,
        drop_batch: 64,
    };
    /// The standard with what the rulebook of a run says (T1.4, T1.5); no queues count as one.
    pub fn ruled_by(params: &LinkParams) -> Self {
        let signal = if params.fq_ecn { Signal::Mark } else { Signal::Drop };
        Self {
            codel: CoDelSpec { signal, ..CoDelSpec::ruled_by(params) },
            queues: NonZeroU32::new(params.fq_queues).unwrap_or(NonZeroU32::MIN),
            packets_max: params.fq_limit,
            drop_batch: params.fq_drop_batch,
            ..Self::STANDARD
        }
    }
    /// The queue of a flow.
    fn queue_of(&self, flow: u32) -> u32 {
        // The finishing steps of a well-known mixer, so that neighbours are spread.
        let mut bits = u64::from(flow).wrapping_add(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        u32::try_from(bits % u64::from(self.queues.get())).unwrap_or(0)
    }
}

/// In which list of turns a queue is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Turn {
    #[default]
    None,
    New,
    Old,
}

#[derive(Clone, Debug, Default)]
struct Queue {
    fifo: Fifo,
    control: Control,
    deficit: i64,
    turn: Turn,
}

/// All queues of one link.
#[derive(Clone, Debug)]
pub(in crate::net) struct FqCoDel {
    pub(super) spec: FqCoDelSpec,
    // INVARIANT: as many as the spec says.
    queues: Vec<Queue>,
    // INVARIANT: places of queues, each in the list that its turn names.
    new: VecDeque<u32>,
    old: VecDeque<u32>,
    // INVARIANT: the sums over all queues.
    packets: usize,
    bytes: u64,
}

impl FqCoDel {
    pub(super) fn new(spec: FqCoDelSpec) -> Self {
        let count = usize::try_from(spec.queues.get()).unwrap_or(1);
        let queues = vec![Queue::default(); count];
        let (new, old) = (VecDeque::new(), VecDeque::new());
        Self { spec, queues, new, old, packets: 0, bytes: 0 }
    }
    pub(super) const fn packets(&self) -> usize {
        self.packets
    }
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }
    pub(super) fn offer(&mut self, now_ns: i64, packet: Packet, out: &mut Out) {
        out.admit(packet);
        self.put(Queued { packet, since_ns: now_ns });
        if usize::try_from(self.spec.packets_max).is_ok_and(|most| self.packets > most) {
            self.drop_batch(now_ns, out);
        }
    }
    pub(super) fn put(&mut self, queued: Queued) {
        let place = self.spec.queue_of(queued.packet.flow);
        let quantum = i64::from(self.spec.quantum_bytes.get());
        let Some(queue) = slot(place).and_then(|slot| self.queues.get_mut(slot)) else { return };
        self.packets += 1;
        self.bytes += u64::from(queued.packet.bytes);
        queue.fifo.put(queued);
        if queue.turn == Turn::None {
            queue.turn = Turn::New;
            queue.deficit = quantum;
            self.new.push_back(place);
        }
    }
    /// Drops up to half of the queue with most bytes, but no more packets than a batch.
    fn drop_batch(&mut self, now_ns: i64, out: &mut Out) {
        // The first of several with as many bytes.
        let longest = self.queues.iter_mut().rev().max_by_key(|queue| queue.fifo.bytes());
        let Some(queue) = longest else { return };
        let enough = queue.fifo.bytes() / 2;
        let mut dropped = 0;
        for _ in 0..self.spec.drop_batch {
            let Some(queued) = queue.fifo.pop() else { break };
            let bytes = u64::from(queued.packet.bytes);
            self.packets -= 1;
            self.bytes -= bytes;
            dropped += bytes;
            out.discard(now_ns, queued.packet, DropCause::QueueFull);
            if dropped >= enough {
                break;
            }
        }
    }
    pub(super) fn take(&mut self, now_ns: i64, out: &mut Out) -> Option<Packet> {
        let quantum = i64::from(self.spec.quantum_bytes.get());
        // Each round gives a quantum, takes a queue off its list, or ends.
        loop {
            let from_new = !self.new.is_empty();
            let list = if from_new { &mut self.new } else { &mut self.old };
            let place = *list.front()?;
            let queue = self.queues.get_mut(slot(place)?)?;
            if queue.deficit <= 0 {
                queue.deficit += quantum;
                queue.turn = Turn::Old;
                list.pop_front();
                self.old.push_back(place);
                continue;
            }
            let (packets, bytes) = (queue.fifo.len(), queue.fifo.bytes());
            let taken = queue.control.take(&self.spec.codel, &mut queue.fifo, now_ns, out);
            self.packets -= packets - queue.fifo.len();
            self.bytes -= bytes - queue.fifo.bytes();
            if let Some(packet) = taken {
                queue.deficit -= i64::from(packet.bytes);
                return Some(packet);
            }
            list.pop_front();
            // A new queue that ran empty has a turn among the old ones first, so that it cannot come
            // back as new at once.
            if from_new {
                queue.turn = Turn::Old;
                self.old.push_back(place);
            } else {
                queue.turn = Turn::None;
            }
        }
    }
    pub(super) fn drain(&mut self) -> Vec<Queued> {
        let mut all: Vec<Queued> =
            self.queues.iter_mut().flat_map(|queue| queue.fifo.drain()).collect();
        all.sort_by_key(|queued| queued.since_ns);
        all
    }
}

fn slot(place: u32) -> Option<usize> {
    usize::try_from(place).ok()
}
