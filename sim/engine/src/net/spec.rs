//! What one direction of a link does to packets, as data.

use koosim_model::time::SimDuration;
use serde::Serialize;
use std::num::{NonZeroU32, NonZeroU64};

/// A probability as a fraction of whole numbers; one and above mean always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ratio {
    numerator: u64,
    denominator: NonZeroU64,
}

impl Ratio {
    /// Never.
    pub const NEVER: Self = Self::new(0, NonZeroU64::MIN);
    /// Always.
    pub const ALWAYS: Self = Self::new(1, NonZeroU64::MIN);
    const HUNDRED: NonZeroU64 = NonZeroU64::MIN.saturating_add(99);
    const MILLION: NonZeroU64 = NonZeroU64::MIN.saturating_add(999_999);

    /// `numerator` of `denominator`.
    pub const fn new(numerator: u64, denominator: NonZeroU64) -> Self {
        Self { numerator, denominator }
    }
    /// `n` of a hundred.
    pub fn percent(n: u32) -> Self {
        Self::new(u64::from(n), Self::HUNDRED)
    }
    /// `n` of a million.
    pub fn per_million(n: u32) -> Self {
        Self::new(u64::from(n), Self::MILLION)
    }
    /// The part above the line.
    pub const fn numerator(self) -> u64 {
        self.numerator
    }
    /// The part below the line.
    pub const fn denominator(self) -> u64 {
        self.denominator.get()
    }
    /// Whether this is no chance at all.
    pub const fn is_never(self) -> bool {
        self.numerator == 0
    }
}

/// Whether variation of delay may let a packet overtake an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// A packet never arrives before one that was offered earlier.
    Kept,
    /// Every packet's delay stands for itself.
    Free,
}

/// A transmitter of limited speed and the drop-tail queue in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    bits_per_s: NonZeroU64,
    queue_bytes_max: u64,
}

impl Rate {
    /// `bits_per_s` on the wire; packets that find more than `queue_bytes_max` bytes waiting
    /// together with their own are dropped. The packet being transmitted is not waiting.
    pub const fn new(bits_per_s: NonZeroU64, queue_bytes_max: u64) -> Self {
        Self { bits_per_s, queue_bytes_max }
    }
    /// Whole nanoseconds to transmit `bytes`, rounded up: a link is never faster than its rate.
    pub fn transmit_ns(self, bytes: u32) -> i64 {
        const BIT_NS_PER_BYTE: u128 = 8 * 1_000_000_000;
        let bit_ns = u128::from(bytes) * BIT_NS_PER_BYTE;
        let ns = bit_ns.div_ceil(u128::from(self.bits_per_s.get()));
        i64::try_from(ns).unwrap_or(i64::MAX)
    }
    /// The limit of the queue.
    pub const fn queue_bytes_max(self) -> u64 {
        self.queue_bytes_max
    }
}

/// Why a link cannot be as described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The delay is below zero.
    #[error("a link's delay is {ns} ns, and it cannot be negative", ns = .0.as_nanos())]
    NegativeDelay(SimDuration),
    /// The bound of the variation is below zero.
    #[error("a link's jitter is {ns} ns, and it cannot be negative", ns = .0.as_nanos())]
    NegativeJitter(SimDuration),
}

/// What one direction of a link does to packets. Everything may be changed while it carries some;
/// a change counts for packets offered after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LinkSpec {
    // INVARIANT: delay and jitter are not negative; the constructors refuse.
    delay: SimDuration,
    jitter: SimDuration,
    order: Order,
    loss: Ratio,
    rate: Option<Rate>,
    mtu_bytes: Option<NonZeroU32>,
}

impl LinkSpec {
    /// From a node to itself: never lossy, and not instant, so that time moves on.
    pub const LOOPBACK: Self = Self::ideal(SimDuration::from_nanos(10_000));

    const fn ideal(delay: SimDuration) -> Self {
        Self {
            delay,
            jitter: SimDuration::ZERO,
            order: Order::Kept,
            loss: Ratio::NEVER,
            rate: None,
            mtu_bytes: None,
        }
    }
    /// A link with a constant one-way delay and no other property.
    pub fn new(delay: SimDuration) -> Result<Self, SpecError> {
        if delay < SimDuration::ZERO {
            return Err(SpecError::NegativeDelay(delay));
        }
        Ok(Self::ideal(delay))
    }
    /// A link with a constant one-way delay of whole milliseconds.
    pub fn from_millis(delay_ms: u32) -> Self {
        Self::ideal(SimDuration::from_millis(i64::from(delay_ms)))
    }
    /// Adds to each packet's delay a length from zero to `bound`, each nanosecond equally likely.
    pub fn jitter(self, bound: SimDuration, order: Order) -> Result<Self, SpecError> {
        if bound < SimDuration::ZERO {
            return Err(SpecError::NegativeJitter(bound));
        }
        Ok(Self { jitter: bound, order, ..self })
    }
    /// Loses each packet with this probability, whatever happened to the others.
    pub const fn loss(self, loss: Ratio) -> Self {
        Self { loss, ..self }
    }
    /// Limits the speed.
    pub const fn rate(self, rate: Rate) -> Self {
        Self { rate: Some(rate), ..self }
    }
    /// Drops packets of more bytes than this.
    pub const fn mtu(self, bytes: NonZeroU32) -> Self {
        Self { mtu_bytes: Some(bytes), ..self }
    }
    /// The constant part of the one-way delay.
    pub const fn delay(&self) -> SimDuration {
        self.delay
    }
    /// The bound of the part that varies.
    pub const fn jitter_bound(&self) -> SimDuration {
        self.jitter
    }
    /// Whether packets may overtake each other.
    pub const fn order(&self) -> Order {
        self.order
    }
    /// The probability of loss.
    pub const fn loss_ratio(&self) -> Ratio {
        self.loss
    }
    /// The transmitter, if its speed is limited.
    pub const fn transmitter(&self) -> Option<Rate> {
        self.rate
    }
    /// The largest packet that passes, if there is a limit.
    pub const fn mtu_bytes(&self) -> Option<NonZeroU32> {
        self.mtu_bytes
    }
}
