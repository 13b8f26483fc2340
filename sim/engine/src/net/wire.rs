//! What happens to packets between the transmitter and the far end: loss, copies, corruption,
//! delay and its variation, and the packets that are under way.

use super::packet::Packet;
use super::ratio::Ratio;
use crate::law::Gaussian;
use crate::prefetch::prefetch_first;
use crate::streams::Stream;
use koosim_model::time::SimDuration;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Whether variation of delay may let a packet overtake an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// A packet never arrives before one that was sent earlier.
    Kept,
    /// Every packet's delay stands for itself.
    Free,
}

/// How packets are lost on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Each by itself.
    Independent(Ratio),
    /// In bursts (T1.8).
    Bursts(Bursts),
}

/// The two-state model of loss of Gilbert and Elliott (T1.8). It is good at first; after each packet
/// the state may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bursts {
    /// The chance `p` that a bad state follows a packet in the good one.
    pub begin: Ratio,
    /// The chance `r` that the good state follows a packet in a bad one.
    pub end: Ratio,
    /// The chance that a packet is lost in the good state.
    pub lost_in_good: Ratio,
    /// The chance that a packet is lost in the bad state.
    pub lost_in_bad: Ratio,
}

impl Bursts {
    /// Nothing is lost in the good state and everything in the bad one.
    pub const fn new(begin: Ratio, end: Ratio) -> Self {
        Self { begin, end, lost_in_good: Ratio::NEVER, lost_in_bad: Ratio::ALWAYS }
    }
}

/// How the delay of packets varies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// Not at all.
    None,
    /// By a length from nothing to this, each nanosecond equally likely.
    Uniform(SimDuration),
    /// By a length around nothing, either way (RFC 8868); never so early that the delay is negative.
    Gaussian(Gaussian),
}

impl Jitter {
    /// What is added to a delay.
    #[inline]
    pub(super) fn draw_ns(&self, stream: &mut Stream) -> i64 {
        match self {
            Self::None => 0,
            Self::Uniform(bound) => match u64::try_from(bound.as_nanos()) {
                Ok(0) | Err(_) => 0,
                Ok(bound) => i64::try_from(stream.up_to(bound)).unwrap_or(i64::MAX),
            },
            Self::Gaussian(law) => law.draw_ns(stream),
        }
    }
}

/// A wire's memory of its loss.
#[derive(Clone, Debug, Default)]
pub(super) struct Burst {
    is_bad: bool,
}

impl Burst {
    /// Whether the next packet is lost.
    #[inline]
    pub(super) fn loses(&mut self, loss: Loss, stream: &mut Stream) -> bool {
        let bursts = match loss {
            Loss::Independent(ratio) => return ratio.happens(stream),
            Loss::Bursts(bursts) => bursts,
        };
        let (lost, changes) = if self.is_bad {
            (bursts.lost_in_bad, bursts.end)
        } else {
            (bursts.lost_in_good, bursts.begin)
        };
        let lost = lost.happens(stream);
        self.is_bad ^= changes.happens(stream);
        lost
    }
}

/// A packet under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flying {
    pub(super) at_ns: i64,
    pub(super) packet: Packet,
    pub(super) corrupt: bool,
    pub(super) copy: bool,
}

/// A packet that overtakes, by arrival and then by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Overtaking {
    number: u64,
    flying: Flying,
}

impl Ord for Overtaking {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.flying.at_ns, self.number).cmp(&(other.flying.at_ns, other.number))
    }
}

impl PartialOrd for Overtaking {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// All packets under way, first arrival first; at one instant, in the order of departure.
#[derive(Clone, Debug, Default)]
pub(super) struct Flight {
    // INVARIANT: ascending by arrival. Most packets overtake none, and need no sorting.
    in_order: VecDeque<Flying>,
    // Packets that arrive before the last of the above.
    overtaking: BinaryHeap<Reverse<Overtaking>>,
    number: u64,
}

impl Flight {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.in_order.len() + self.overtaking.len()
    }
    #[inline]
    pub(super) fn push(&mut self, flying: Flying) {
        if self.in_order.back().is_none_or(|last| last.at_ns <= flying.at_ns) {
            self.in_order.push_back(flying);
        } else {
            self.number += 1;
            self.overtaking.push(Reverse(Overtaking { number: self.number, flying }));
        }
    }
    /// When the next packet arrives.
    #[inline]
    pub(super) fn next_ns(&self) -> Option<i64> {
        let first = self.in_order.front().map(|flying| flying.at_ns);
        match self.overtaking.peek() {
            None => first,
            Some(Reverse(over)) => {
                Some(first.map_or(over.flying.at_ns, |f| f.min(over.flying.at_ns)))
            }
        }
    }
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Flying> {
        // Of one instant, who overtakes has departed later than somebody in order: it comes behind.
        let first_ns = self.in_order.front().map(|flying| flying.at_ns);
        match self.overtaking.peek() {
            Some(Reverse(over)) if first_ns.is_none_or(|first| over.flying.at_ns < first) => {
                self.overtaking.pop().map(|Reverse(over)| over.flying)
            }
            _ => {
                let first = self.in_order.pop_front();
                if self.in_order.is_empty() {
                    // Begins at the front again, so that a link at work stays in few lines of a cache.
                    self.in_order.clear();
                }
                first
            }
        }
    }
    /// Has the packet that arrives next brought near, or where it will be.
    /// The first of those that overtake none.
    #[inline]
    pub(super) fn first(&self) -> Option<&Flying> {
        self.in_order.front()
    }
    #[inline]
    pub(super) fn prefetch(&self) {
        prefetch_first(&self.in_order);
    }
}
