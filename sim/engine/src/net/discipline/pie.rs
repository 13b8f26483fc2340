//! Proportional integral control (T1.6, RFC 8033): drops arrivals by chance, and moves the chance
//! at fixed times by how long packets wait and whether they wait longer than before.
//!
//! The wait is the age of the packet at the head. Updates have no event of their own: they are
//! caught up with when a packet comes or leaves, which gives the same, because nothing else changes
//! the queue.

use super::codel::Signal;
use super::fifo::{Fifo, Limit};
use super::mark;
use crate::net::out::Out;
use crate::net::packet::{DropCause, Packet};
use crate::streams::Stream;
use koosim_model::rules::LinkParams;
use koosim_model::time::{NS_PER_S, SimDuration};
use serde::Serialize;

/// What PIE is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PieSpec {
    /// Wait that is aimed at.
    pub target: SimDuration,
    /// Time between updates; at least a nanosecond.
    pub update: SimDuration,
    /// Burst that passes without drops.
    pub burst: SimDuration,
    /// Weight of the wait, in thousandths for each second.
    pub alpha_per_mille: u32,
    /// Weight of its change, in thousandths for each second.
    pub beta_per_mille: u32,
    /// Packets of this size count as the mean: two of them never face a drop.
    pub mean_bytes: u32,
    /// What is done to a packet while the chance is at most a tenth; above that it is dropped.
    pub signal: Signal,
    /// What may wait at all.
    pub limit: Limit,
}

impl PieSpec {
    /// The parameters of T1.6, with room for a thousand packets of 1500 bytes.
    pub const STANDARD: Self = Self {
        target: SimDuration::from_millis(15),
        update: SimDuration::from_millis(15),
        burst: SimDuration::from_millis(150),
        alpha_per_mille: 125,
        beta_per_mille: 1250,
        mean_bytes: 1500,
        signal: Signal::Drop,
        limit: Limit::Bytes(1_500_000),
    };

    /// The standard with what the rulebook of a run says (T1.6).
    pub const fn ruled_by(params: &LinkParams) -> Self {
        Self {
            target: params.pie_target,
            update: params.pie_update,
            burst: params.pie_burst,
            alpha_per_mille: params.pie_alpha_per_mille,
            beta_per_mille: params.pie_beta_per_mille,
            ..Self::STANDARD
        }
    }
}

/// A chance of one.
const ONE: i64 = 1 << 53;
/// Below each chance, by what a change of it is divided (RFC 8033, section 4.2).
const SCALES: [(i64, i64); 6] = [
    (ONE / 1_000_000, 2048),
    (ONE / 100_000, 512),
    (ONE / 10_000, 128),
    (ONE / 1_000, 32),
    (ONE / 100, 8),
    (ONE / 10, 2),
];
/// Above a chance of a tenth it grows by no more than this (RFC 8033, section 5.5).
const STEP_MAX: i64 = ONE / 50;

/// One queue under PIE.
#[derive(Clone, Debug)]
pub(in crate::net) struct Pie {
    spec: PieSpec,
    pub(super) fifo: Fifo,
    chance: i64,
    last_wait_ns: i64,
    burst_left_ns: i64,
    /// The instant of the next update; none before the first packet.
    next_update_ns: Option<i64>,
}

impl Pie {
    pub(super) fn new(spec: PieSpec) -> Self {
        Self {
            spec,
            fifo: Fifo::default(),
            chance: 0,
            last_wait_ns: 0,
            burst_left_ns: spec.burst.as_nanos(),
            next_update_ns: None,
        }
    }
    pub(super) fn change(&mut self, spec: PieSpec) {
        self.spec = spec;
    }
    pub(super) fn offer(
        &mut self,
        now_ns: i64,
        mut packet: Packet,
        rate: Option<u64>,
        stream: &mut Stream,
        out: &mut Out,
    ) {
        self.catch_up(now_ns);
        if !self.fifo.has_room(self.spec.limit, packet.bytes, rate) {
            return out.refuse(now_ns, packet, DropCause::QueueFull);
        }
        let signals = self.burst_left_ns <= 0 && self.is_early_drop(stream);
        let may_mark = self.chance <= ONE / 10;
        if signals && !(may_mark && mark(&mut packet, self.spec.signal, out)) {
            return out.refuse(now_ns, packet, DropCause::Managed);
        }
        self.fifo.push(now_ns, packet, out);
    }
    /// Adds a packet that faces no drop.
    pub(super) fn push(&mut self, now_ns: i64, packet: Packet, out: &mut Out) {
        self.catch_up(now_ns);
        self.fifo.push(now_ns, packet, out);
    }
    pub(super) fn take(&mut self, now_ns: i64) -> Option<Packet> {
        self.catch_up(now_ns);
        self.fifo.pop().map(|queued| queued.packet)
    }
    fn is_early_drop(&self, stream: &mut Stream) -> bool {
        let calm = self.last_wait_ns < self.spec.target.as_nanos() / 2 && self.chance < ONE / 5;
        let few = self.fifo.bytes() <= 2 * u64::from(self.spec.mean_bytes);
        if calm || few {
            return false;
        }
        let drawn = stream.bits() >> 11;
        i64::try_from(drawn).is_ok_and(|drawn| drawn < self.chance)
    }
    /// Does the updates that have fallen due.
    fn catch_up(&mut self, now_ns: i64) {
        let every_ns = self.spec.update.as_nanos().max(1);
        let Some(mut next_ns) = self.next_update_ns else {
            self.next_update_ns = Some(now_ns.saturating_add(every_ns));
            return;
        };
        while next_ns <= now_ns {
            let head = self.fifo.head().map(|queued| queued.since_ns);
            self.update(head.map_or(0, |since_ns| next_ns - since_ns));
            next_ns = next_ns.saturating_add(every_ns);
            if head.is_none() && self.is_at_rest() && next_ns <= now_ns {
                // Nothing changes any more, however long that was.
                next_ns += (now_ns - next_ns) / every_ns * every_ns;
            }
        }
        self.next_update_ns = Some(next_ns);
    }
    fn is_at_rest(&self) -> bool {
        self.chance == 0 && self.last_wait_ns == 0
    }
    fn update(&mut self, wait_ns: i64) {
        let (alpha, beta) = (self.spec.alpha_per_mille, self.spec.beta_per_mille);
        let above = i128::from(wait_ns - self.spec.target.as_nanos()) * i128::from(alpha);
        let longer = i128::from(wait_ns - self.last_wait_ns) * i128::from(beta);
        let change = (above + longer) * i128::from(ONE) / (i128::from(NS_PER_S) * 1000);
        let scale = SCALES.iter().find(|(below, _)| self.chance < *below).map_or(1, |s| s.1);
        let change = i64::try_from(change / i128::from(scale)).unwrap_or(ONE).clamp(-ONE, ONE);
        let change = if self.chance >= ONE / 10 { change.min(STEP_MAX) } else { change };
        self.chance = (self.chance + change).clamp(0, ONE);
        if wait_ns == 0 && self.last_wait_ns == 0 {
            self.chance = self.chance / 50 * 49;
        }
        self.burst_left_ns = (self.burst_left_ns - self.spec.update.as_nanos()).max(0);
        let half_ns = self.spec.target.as_nanos() / 2;
        if self.chance == 0 && wait_ns < half_ns && self.last_wait_ns < half_ns {
            self.burst_left_ns = self.spec.burst.as_nanos();
        }
        self.last_wait_ns = wait_ns;
    }
}
