//! One direction of one link: its answer to each packet, and its books.

use super::spec::{LinkSpec, Order, Rate};
use crate::streams::Stream;
use koosim_model::time::SimTime;
use serde::Serialize;
use std::collections::VecDeque;

/// Why a link dropped a packet, in the order in which the causes are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DropCause {
    /// The link is cut.
    Partitioned,
    /// The packet is larger than the link's limit.
    TooBig,
    /// The transmitter's queue has no room for it.
    QueueFull,
    /// Chance took it on the wire, after it had been transmitted.
    Lost,
}

impl DropCause {
    /// Every cause, in order.
    pub const ALL: [Self; 4] = [Self::Partitioned, Self::TooBig, Self::QueueFull, Self::Lost];
}

/// A link's answer to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrives at this instant; the caller keeps it until then and reports [`Link::arrived`].
    Deliver(SimTime),
    /// It never arrives.
    Dropped(DropCause),
}

/// A number of packets and of their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Packets.
    pub packets: u64,
    /// Bytes of those packets.
    pub bytes: u64,
}

impl Tally {
    fn add(&mut self, bytes: u32) {
        self.packets += 1;
        self.bytes += u64::from(bytes);
    }
    fn take(&mut self, bytes: u32) {
        self.packets -= 1;
        self.bytes -= u64::from(bytes);
    }
    /// The sum of two.
    pub const fn plus(self, other: Self) -> Self {
        Self { packets: self.packets + other.packets, bytes: self.bytes + other.bytes }
    }
}

/// The books of one direction: what was offered is delivered, dropped or on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// All that was offered.
    pub offered: Tally,
    /// What has arrived.
    pub delivered: Tally,
    /// What is still to arrive.
    pub in_flight: Tally,
    partitioned: Tally,
    too_big: Tally,
    queue_full: Tally,
    lost: Tally,
}

impl Counters {
    /// What was dropped for one cause.
    pub const fn dropped(&self, cause: DropCause) -> Tally {
        match cause {
            DropCause::Partitioned => self.partitioned,
            DropCause::TooBig => self.too_big,
            DropCause::QueueFull => self.queue_full,
            DropCause::Lost => self.lost,
        }
    }
    fn dropped_mut(&mut self, cause: DropCause) -> &mut Tally {
        match cause {
            DropCause::Partitioned => &mut self.partitioned,
            DropCause::TooBig => &mut self.too_big,
            DropCause::QueueFull => &mut self.queue_full,
            DropCause::Lost => &mut self.lost,
        }
    }
    /// What was dropped for any cause.
    pub fn dropped_in_all(&self) -> Tally {
        DropCause::ALL.into_iter().fold(Tally::default(), |sum, c| sum.plus(self.dropped(c)))
    }
    /// Whether nothing was made and nothing vanished.
    pub fn are_conserved(&self) -> bool {
        self.offered == self.delivered.plus(self.in_flight).plus(self.dropped_in_all())
    }
    /// The sum of two links' books.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            offered: self.offered.plus(other.offered),
            delivered: self.delivered.plus(other.delivered),
            in_flight: self.in_flight.plus(other.in_flight),
            partitioned: self.partitioned.plus(other.partitioned),
            too_big: self.too_big.plus(other.too_big),
            queue_full: self.queue_full.plus(other.queue_full),
            lost: self.lost.plus(other.lost),
        }
    }
}

/// What waits for the transmitter, and when it will be free.
#[derive(Clone, Debug, Default)]
struct Transmitter {
    free_at_ns: i64,
    // Start of transmission and size, oldest first. INVARIANT: the sizes sum to `waiting_bytes`.
    waiting: VecDeque<(i64, u32)>,
    waiting_bytes: u64,
}

impl Transmitter {
    /// Forgets what has begun to be transmitted by `now_ns`.
    fn settle(&mut self, now_ns: i64) {
        while let Some(&(start_ns, bytes)) = self.waiting.front() {
            if start_ns > now_ns {
                break;
            }
            self.waiting.pop_front();
            self.waiting_bytes -= u64::from(bytes);
        }
    }
    /// The instant at which the packet's last bit has left, or `None` if there is no room for it.
    fn accept(&mut self, rate: Rate, now_ns: i64, bytes: u32) -> Option<i64> {
        self.settle(now_ns);
        let start_ns = self.free_at_ns.max(now_ns);
        if start_ns > now_ns {
            if self.waiting_bytes + u64::from(bytes) > rate.queue_bytes_max() {
                return None;
            }
            self.waiting.push_back((start_ns, bytes));
            self.waiting_bytes += u64::from(bytes);
        }
        self.free_at_ns = start_ns.saturating_add(rate.transmit_ns(bytes));
        Some(self.free_at_ns)
    }
}

/// One direction of a link.
#[derive(Clone, Debug)]
pub struct Link {
    spec: LinkSpec,
    cut: bool,
    // Two streams, so that a link's losses stay the same when its delay begins to vary.
    loss: Stream,
    jitter: Stream,
    transmitter: Transmitter,
    last_offer: SimTime,
    last_arrival_ns: i64,
    counters: Counters,
}

impl Link {
    /// A link that draws its losses and its variation of delay from these streams.
    pub fn new(spec: LinkSpec, loss: Stream, jitter: Stream) -> Self {
        Self {
            spec,
            cut: false,
            loss,
            jitter,
            transmitter: Transmitter::default(),
            last_offer: SimTime::from_nanos(i64::MIN),
            last_arrival_ns: i64::MIN,
            counters: Counters::default(),
        }
    }

    /// What becomes of a packet of `bytes` that is offered now. Offers must come in order of time.
    pub fn offer(&mut self, now: SimTime, bytes: u32) -> Verdict {
        assert!(now >= self.last_offer, "packets are offered in order of time");
        self.last_offer = now;
        self.counters.offered.add(bytes);
        match self.arrival_ns(now.as_nanos(), bytes) {
            Ok(at_ns) => {
                self.counters.in_flight.add(bytes);
                Verdict::Deliver(SimTime::from_nanos(at_ns))
            }
            Err(cause) => {
                self.counters.dropped_mut(cause).add(bytes);
                Verdict::Dropped(cause)
            }
        }
    }

    fn arrival_ns(&mut self, now_ns: i64, bytes: u32) -> Result<i64, DropCause> {
        if self.cut {
            return Err(DropCause::Partitioned);
        }
        if self.spec.mtu_bytes().is_some_and(|mtu| bytes > mtu.get()) {
            return Err(DropCause::TooBig);
        }
        let sent_ns = match self.spec.transmitter() {
            None => now_ns,
            Some(rate) => {
                self.transmitter.accept(rate, now_ns, bytes).ok_or(DropCause::QueueFull)?
            }
        };
        let loss = self.spec.loss_ratio();
        if !loss.is_never() && self.loss.chance(loss.numerator(), loss.denominator()) {
            return Err(DropCause::Lost);
        }
        let delay_ns = self.spec.delay().as_nanos().saturating_add(self.draw_jitter_ns());
        let mut at_ns = sent_ns.saturating_add(delay_ns);
        if self.spec.order() == Order::Kept {
            at_ns = at_ns.max(self.last_arrival_ns);
        }
        self.last_arrival_ns = self.last_arrival_ns.max(at_ns);
        assert!(at_ns >= now_ns, "no packet arrives before it was sent");
        Ok(at_ns)
    }

    fn draw_jitter_ns(&mut self) -> i64 {
        match u64::try_from(self.spec.jitter_bound().as_nanos()) {
            Ok(0) | Err(_) => 0,
            Ok(bound) => i64::try_from(self.jitter.up_to(bound)).unwrap_or(i64::MAX),
        }
    }

    /// Takes note that a packet of `bytes` has arrived.
    pub fn arrived(&mut self, bytes: u32) {
        self.counters.in_flight.take(bytes);
        self.counters.delivered.add(bytes);
    }
    /// Bytes that wait for the transmitter now.
    pub fn waiting_bytes(&mut self, now: SimTime) -> u64 {
        self.transmitter.settle(now.as_nanos());
        self.transmitter.waiting_bytes
    }
    /// Changes what happens to packets that are offered from now on.
    pub fn set_spec(&mut self, spec: LinkSpec) {
        self.spec = spec;
    }
    /// What the link does at present.
    pub const fn spec(&self) -> &LinkSpec {
        &self.spec
    }
    /// Cuts the link: what is on the wire still arrives, what is offered later does not.
    pub fn cut(&mut self) {
        self.cut = true;
    }
    /// Ends a cut.
    pub fn join(&mut self) {
        self.cut = false;
    }
    /// The books.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests;
