//! What one direction of a link does to packets, as data.
//!
//! A packet goes through stages in this order: the gate (cut, outage, size), the queue, the radio
//! that may have to wake up, the transmitter, the wire (loss, copies, corruption), the delay.

use super::capacity::{Capacity, Rate, Rounding};
use super::discipline::{Limit, QueueSpec};
use super::ratio::Ratio;
use super::wire::{Jitter, Loss, Order};
use crate::law::Gaussian;
use koosim_model::rules::{LinkParams, WireRounding};
use koosim_model::time::{SimDuration, SimTime};
use serde::Serialize;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Most outages of one link.
pub const OUTAGES_MAX: usize = 1 << 16;

/// Why a link cannot be as described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The delay is below zero.
    #[error("a link's delay is {ns} ns, and it cannot be negative", ns = .0.as_nanos())]
    NegativeDelay(SimDuration),
    /// The bound of the variation is below zero.
    #[error("a link's jitter is {ns} ns, and it cannot be negative", ns = .0.as_nanos())]
    NegativeJitter(SimDuration),
    /// Outages are not in order of time, or overlap, or last no time.
    #[error("outage {0} does not begin after the one before it and end later")]
    OutageOrder(usize),
    /// There are too many outages.
    #[error("a link has at most {OUTAGES_MAX} outages")]
    TooManyOutages,
    /// A radio wakes up in no less than nothing, and in no more than at most.
    #[error("a radio's shortest promotion is not between nothing and its longest")]
    Promotion,
}

/// What is first at one nanosecond (T1.3 `arrival_before_end`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// A packet that comes finds the link still sending.
    #[default]
    ArrivalFirst,
    /// A packet that comes finds the link free.
    EndFirst,
}

/// A stretch of time in which a link takes nothing: from its first instant, up to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// The first instant.
    pub from: SimTime,
    /// The first instant after it.
    pub until: SimTime,
}

/// A radio that falls asleep, and takes a while to wake up for the next packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Promotion {
    /// It sleeps when nothing was sent for longer than this.
    pub idle: SimDuration,
    /// It wakes up no sooner than after this.
    pub least: SimDuration,
    /// It wakes up no later than after this; each nanosecond between is equally likely.
    pub most: SimDuration,
}

/// What one direction of a link does to packets. Everything may be changed while it carries some:
/// [`Link::set_spec`](super::Link::set_spec) says for which packets a change counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkSpec {
    mtu_bytes: Option<NonZeroU32>,
    // INVARIANT: in order of time, not overlapping.
    outages: Option<Arc<[Outage]>>,
    queue: QueueSpec,
    promotion: Option<Promotion>,
    capacity: Capacity,
    rounding: Rounding,
    tie: Tie,
    loss: Loss,
    duplication: Ratio,
    corruption: Ratio,
    // INVARIANT: delay and jitter are not negative; the constructors refuse.
    delay: SimDuration,
    jitter: Jitter,
    order: Order,
}

impl LinkSpec {
    /// From a node to itself: never lossy, and not instant, so that time moves on.
    pub const LOOPBACK: Self = Self::ideal(SimDuration::from_nanos(10_000));

    const fn ideal(delay: SimDuration) -> Self {
        Self {
            mtu_bytes: None,
            outages: None,
            queue: QueueSpec::DropTail(Limit::Packets(PACKETS_MAX)),
            promotion: None,
            capacity: Capacity::Unlimited,
            rounding: Rounding::Nearest,
            tie: Tie::ArrivalFirst,
            loss: Loss::Independent(Ratio::NEVER),
            duplication: Ratio::NEVER,
            corruption: Ratio::NEVER,
            delay,
            jitter: Jitter::None,
            order: Order::Kept,
        }
    }
    /// A link with a constant one-way delay and no other property.
    pub const fn new(delay: SimDuration) -> Result<Self, SpecError> {
        if delay.as_nanos() < 0 {
            return Err(SpecError::NegativeDelay(delay));
        }
        Ok(Self::ideal(delay))
    }
    /// A link with a constant one-way delay of whole milliseconds.
    pub fn from_millis(delay_ms: u32) -> Self {
        Self::ideal(SimDuration::from_millis(i64::from(delay_ms)))
    }
    /// Lasts so long one way, beside what varies.
    pub fn delayed(self, delay: SimDuration) -> Result<Self, SpecError> {
        if delay.as_nanos() < 0 {
            return Err(SpecError::NegativeDelay(delay));
        }
        Ok(Self { delay, ..self })
    }
    /// Drops packets of more bytes than this.
    #[must_use]
    pub fn mtu(self, bytes: NonZeroU32) -> Self {
        Self { mtu_bytes: Some(bytes), ..self }
    }
    /// Takes nothing during these stretches of time.
    pub fn outages(self, outages: &[Outage]) -> Result<Self, SpecError> {
        if outages.len() > OUTAGES_MAX {
            return Err(SpecError::TooManyOutages);
        }
        let mut last = SimTime::from_nanos(i64::MIN);
        for (place, outage) in outages.iter().enumerate() {
            if outage.from < last || outage.until <= outage.from {
                return Err(SpecError::OutageOrder(place));
            }
            last = outage.until;
        }
        Ok(Self { outages: Some(outages.into()), ..self })
    }
    /// Keeps what waits for the transmitter like this.
    #[must_use]
    pub fn queue(self, queue: QueueSpec) -> Self {
        Self { queue, ..self }
    }
    /// Lets the radio sleep.
    pub fn promotion(self, promotion: Promotion) -> Result<Self, SpecError> {
        if promotion.least < SimDuration::ZERO || promotion.most < promotion.least {
            return Err(SpecError::Promotion);
        }
        Ok(Self { promotion: Some(promotion), ..self })
    }
    /// Limits the speed.
    #[must_use]
    pub fn capacity(self, capacity: Capacity) -> Self {
        Self { capacity, ..self }
    }
    /// Limits the speed to one rate, with a drop-tail queue in front of it.
    #[must_use]
    pub fn rate(self, rate: Rate, queue: Limit) -> Self {
        self.capacity(Capacity::Constant(rate)).queue(QueueSpec::DropTail(queue))
    }
    /// Rounds the time on the wire like this (T1.1).
    #[must_use]
    pub fn rounding(self, rounding: Rounding) -> Self {
        Self { rounding, ..self }
    }
    /// Breaks ties like this (T1.3).
    #[must_use]
    pub fn tie(self, tie: Tie) -> Self {
        Self { tie, ..self }
    }
    /// Loses each packet with this probability, whatever happened to the others.
    #[must_use]
    pub fn loss(self, loss: Ratio) -> Self {
        self.losing(Loss::Independent(loss))
    }
    /// Loses packets like this.
    #[must_use]
    pub fn losing(self, loss: Loss) -> Self {
        Self { loss, ..self }
    }
    /// Makes two of a packet with this probability.
    #[must_use]
    pub fn duplication(self, duplication: Ratio) -> Self {
        Self { duplication, ..self }
    }
    /// Turns over some bits of a packet with this probability.
    #[must_use]
    pub fn corruption(self, corruption: Ratio) -> Self {
        Self { corruption, ..self }
    }
    /// Adds to each packet's delay a length from zero to `bound`, each nanosecond equally likely.
    pub fn jitter(self, bound: SimDuration, order: Order) -> Result<Self, SpecError> {
        if bound < SimDuration::ZERO {
            return Err(SpecError::NegativeJitter(bound));
        }
        Ok(Self { jitter: Jitter::Uniform(bound), order, ..self })
    }
    /// Adds to each packet's delay a length around zero (RFC 8868).
    #[must_use]
    pub fn gaussian_jitter(self, law: Gaussian, order: Order) -> Self {
        Self { jitter: Jitter::Gaussian(law), order, ..self }
    }
    /// Rounds and breaks ties as the rulebook of a run says (T1.1, T1.3).
    #[must_use]
    pub fn ruled_by(self, params: &LinkParams) -> Self {
        let rounding = match params.serialisation_rounding {
            WireRounding::Nearest => Rounding::Nearest,
            WireRounding::Floor => Rounding::Floor,
            WireRounding::Ceil => Rounding::Ceil,
        };
        let tie = if params.arrival_before_end { Tie::ArrivalFirst } else { Tie::EndFirst };
        self.rounding(rounding).tie(tie)
    }
    /// The largest packet that passes, if there is a limit.
    pub const fn mtu_bytes(&self) -> Option<NonZeroU32> {
        self.mtu_bytes
    }
    pub(super) const fn has_outages(&self) -> bool {
        self.outages.is_some()
    }
    /// Whether the link is out at that instant.
    pub(super) fn is_out(&self, at: SimTime) -> bool {
        self.outages.as_deref().is_some_and(|outages| {
            let over = outages.partition_point(|outage| outage.until <= at);
            outages.get(over).is_some_and(|outage| outage.from <= at)
        })
    }
    /// How what waits is kept.
    pub const fn queue_spec(&self) -> QueueSpec {
        self.queue
    }
    /// The radio's sleep, if it has any.
    pub const fn promotion_spec(&self) -> Option<Promotion> {
        self.promotion
    }
    /// How fast it transmits.
    pub const fn capacity_spec(&self) -> &Capacity {
        &self.capacity
    }
    pub(super) const fn rounding_rule(&self) -> Rounding {
        self.rounding
    }
    pub(super) const fn tie_rule(&self) -> Tie {
        self.tie
    }
    /// How packets are lost.
    pub const fn loss_spec(&self) -> Loss {
        self.loss
    }
    pub(super) const fn duplication_ratio(&self) -> Ratio {
        self.duplication
    }
    pub(super) const fn corruption_ratio(&self) -> Ratio {
        self.corruption
    }
    /// The constant part of the one-way delay.
    pub const fn delay(&self) -> SimDuration {
        self.delay
    }
    /// The part that varies.
    pub const fn jitter_spec(&self) -> &Jitter {
        &self.jitter
    }
    /// Whether packets may overtake each other.
    pub const fn order(&self) -> Order {
        self.order
    }
}

/// Most packets that one link holds, waiting and under way together; more find its queue full.
pub const PACKETS_MAX: u32 = 1 << 20;
