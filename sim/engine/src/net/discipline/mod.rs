//! What waits for a link's transmitter, in which order it leaves, and what is dropped on the way.
//!
//! The packet on the wire is no part of a queue (T1.2). A discipline is told when a packet comes
//! and when the transmitter wants one; it knows neither the wire nor the clock.

mod codel;
mod fifo;
mod fq_codel;
mod pie;

pub use codel::{CoDelSpec, Law, Signal};
pub use fifo::Limit;
pub use fq_codel::FqCoDelSpec;
pub use pie::PieSpec;

use super::out::Out;
use super::packet::{DropCause, Packet};
use crate::streams::Stream;
use codel::CoDel;
use fifo::{Fifo, Queued};
use fq_codel::FqCoDel;
use pie::Pie;
use serde::Serialize;

/// How a link keeps what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueSpec {
    /// First come, first served; what finds no room is dropped (T1.2).
    DropTail(Limit),
    /// Controlled delay (T1.4).
    CoDel(CoDelSpec),
    /// Flows apart, each with controlled delay (T1.5).
    FqCoDel(FqCoDelSpec),
    /// Proportional integral control (T1.6).
    Pie(PieSpec),
}

/// A queue at work.
#[derive(Clone, Debug)]
pub(super) enum Discipline {
    DropTail(Limit, Fifo),
    CoDel(Box<CoDel>),
    FqCoDel(Box<FqCoDel>),
    Pie(Box<Pie>),
}

impl Discipline {
    pub(super) fn new(spec: QueueSpec) -> Self {
        match spec {
            QueueSpec::DropTail(limit) => Self::DropTail(limit, Fifo::default()),
            QueueSpec::CoDel(spec) => Self::CoDel(Box::new(CoDel::new(spec))),
            QueueSpec::FqCoDel(spec) => Self::FqCoDel(Box::new(FqCoDel::new(spec))),
            QueueSpec::Pie(spec) => Self::Pie(Box::new(Pie::new(spec))),
        }
    }
    /// Whether nothing waits.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.packets() == 0
    }
    /// Packets that wait.
    #[inline]
    pub(super) fn packets(&self) -> usize {
        match self {
            Self::DropTail(_, fifo) => fifo.len(),
            Self::CoDel(codel) => codel.fifo.len(),
            Self::FqCoDel(flows) => flows.packets(),
            Self::Pie(pie) => pie.fifo.len(),
        }
    }
    /// Their bytes.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::DropTail(_, fifo) => fifo.bytes(),
            Self::CoDel(codel) => codel.fifo.bytes(),
            Self::FqCoDel(flows) => flows.bytes(),
            Self::Pie(pie) => pie.fifo.bytes(),
        }
    }
    /// A packet comes and must wait; `rate` is what the link transmits at present.
    #[inline]
    pub(super) fn offer(
        &mut self,
        now_ns: i64,
        packet: Packet,
        rate: Option<u64>,
        stream: &mut Stream,
        out: &mut Out,
    ) {
        match self {
            Self::DropTail(limit, fifo) => fifo.offer(*limit, now_ns, packet, rate, out),
            Self::CoDel(codel) => {
                codel.fifo.offer(codel.spec.limit, now_ns, packet, rate, out);
            }
            Self::FqCoDel(flows) => flows.offer(now_ns, packet, out),
            Self::Pie(pie) => pie.offer(now_ns, packet, rate, stream, out),
        }
    }
    /// A packet comes while the transmitter is free and nothing waits: it does not wait either.
    #[inline]
    pub(super) fn pass(&mut self, now_ns: i64, packet: Packet, out: &mut Out) -> Option<Packet> {
        match self {
            Self::DropTail(..) => {
                out.admit(packet);
                return Some(packet);
            }
            Self::CoDel(codel) => codel.fifo.push(now_ns, packet, out),
            Self::FqCoDel(flows) => flows.offer(now_ns, packet, out),
            Self::Pie(pie) => pie.push(now_ns, packet, out),
        }
        self.take(now_ns, out)
    }
    /// The packet that the transmitter gets; drops may leave none.
    #[inline]
    pub(super) fn take(&mut self, now_ns: i64, out: &mut Out) -> Option<Packet> {
        match self {
            Self::DropTail(_, fifo) => fifo.pop().map(|queued| queued.packet),
            Self::CoDel(codel) => codel.take(now_ns, out),
            Self::FqCoDel(flows) => flows.take(now_ns, out),
            Self::Pie(pie) => pie.take(now_ns),
        }
    }
    /// The transmitter is free, and nothing waits: queues whose turn it would be give it up.
    #[inline]
    pub(super) fn rest(&mut self, now_ns: i64, out: &mut Out) {
        if let Self::FqCoDel(flows) = self {
            let nothing = flows.take(now_ns, out);
            debug_assert_eq!(nothing, None);
        }
    }
    /// Becomes another. What waits stays, in the order of time (what came to flows kept apart at one
    /// instant, flow by flow), also where the new limit would not have let it in; a law of the same
    /// kind goes on where it is.
    pub(super) fn change(&mut self, spec: QueueSpec) {
        match (&mut *self, spec) {
            (Self::DropTail(limit, _), QueueSpec::DropTail(new)) => *limit = new,
            (Self::CoDel(codel), QueueSpec::CoDel(new)) => codel.spec = new,
            (Self::Pie(pie), QueueSpec::Pie(new)) => pie.change(new),
            (Self::FqCoDel(flows), QueueSpec::FqCoDel(new)) if flows.spec == new => {}
            _ => {
                let waiting = self.drain();
                *self = Self::new(spec);
                waiting.into_iter().for_each(|queued| self.put(queued));
            }
        }
    }
    fn drain(&mut self) -> Vec<Queued> {
        match self {
            Self::DropTail(_, fifo) => fifo.drain(),
            Self::CoDel(codel) => codel.fifo.drain(),
            Self::FqCoDel(flows) => flows.drain(),
            Self::Pie(pie) => pie.fifo.drain(),
        }
    }
    fn put(&mut self, queued: Queued) {
        match self {
            Self::DropTail(_, fifo) => fifo.put(queued),
            Self::CoDel(codel) => codel.fifo.put(queued),
            Self::FqCoDel(flows) => flows.put(queued),
            Self::Pie(pie) => pie.fifo.put(queued),
        }
    }
}

/// Marks a packet whose flow looks at marks; whether it was.
fn mark(packet: &mut Packet, signal: Signal, out: &mut Out) -> bool {
    let marks = signal == Signal::Mark && packet.ecn.is_capable();
    if marks {
        packet.ecn = super::packet::Ecn::Congested;
        out.mark(*packet);
    }
    marks
}

/// Drops a packet that a law has taken out of its queue.
fn manage(now_ns: i64, packet: Packet, out: &mut Out) {
    out.discard(now_ns, packet, DropCause::Managed);
}
