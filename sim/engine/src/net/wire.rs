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

/// Packets that arrive before one that departed earlier.
#[derive(Clone, Debug, Default)]
struct Overtakers {
    heap: BinaryHeap<Reverse<Overtaking>>,
    number: u64,
}

/// All packets under way, first arrival first; at one instant, in the order of departure.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    // INVARIANT: ascending by arrival. Most packets overtake none, and need no sorting.
    in_order: VecDeque<Flying>,
    // Packets that arrive before the last of the above; nothing until there is one. On most links
    // there never is.
    overtaking: Option<Box<Overtakers>>,
    // INVARIANT: the first arrival of both, which is looked at more often than the packets are; the
    // end of time if there is none.
    next_ns: i64,
}

impl Default for Flight {
    fn default() -> Self {
        Self { in_order: VecDeque::new(), overtaking: None, next_ns: i64::MAX }
    }
}

impl Flight {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.in_order.len() + self.overtaking.as_ref().map_or(0, |over| over.heap.len())
    }
    #[inline]
    pub(super) fn push(&mut self, flying: Flying) {
        self.next_ns = self.next_ns.min(flying.at_ns);
        if self.in_order.back().is_none_or(|last| last.at_ns <= flying.at_ns) {
            self.in_order.push_back(flying);
        } else {
            let over = self.overtaking.get_or_insert_default();
            over.number += 1;
            over.heap.push(Reverse(Overtaking { number: over.number, flying }));
        }
    }
    /// When the next packet arrives.
    #[inline]
    pub(super) fn next_ns(&self) -> Option<i64> {
        // A packet may arrive at the end of time.
        (self.next_ns < i64::MAX || self.len() > 0).then_some(self.next_ns)
    }
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Flying> {
        let first =
            if self.overtaking.is_none() { self.pop_in_order() } else { self.pop_of_both() };
        let next_ns = self.in_order.front().map_or(i64::MAX, |flying| flying.at_ns);
        self.next_ns = self.overtaking_ns().map_or(next_ns, |over_ns| over_ns.min(next_ns));
        first
    }
    fn pop_of_both(&mut self) -> Option<Flying> {
        // Of one instant, who overtakes has departed later than somebody in order: it comes behind.
        let first_ns = self.in_order.front().map(|flying| flying.at_ns);
        match self.overtaking_ns() {
            Some(over_ns) if first_ns.is_none_or(|first_ns| over_ns < first_ns) => {
                let Reverse(over) = self.overtaking.as_mut()?.heap.pop()?;
                Some(over.flying)
            }
            _ => self.pop_in_order(),
        }
    }
    #[inline]
    fn pop_in_order(&mut self) -> Option<Flying> {
        let first = self.in_order.pop_front();
        if self.in_order.is_empty() {
            // Begins at the front again, so that a link at work stays in few lines of a cache.
            self.in_order.clear();
        }
        first
    }
    /// The first of those that overtake none.
    #[inline]
    pub(super) fn first(&self) -> Option<&Flying> {
        self.in_order.front()
    }
    /// Has the packet that arrives next brought near, or where it will be.
    #[inline]
    pub(super) fn prefetch(&self) {
        prefetch_first(&self.in_order);
    }
    /// When the first of the packets arrives that overtake.
    #[inline]
    fn overtaking_ns(&self) -> Option<i64> {
        let Reverse(over) = self.overtaking.as_ref()?.heap.peek()?;
        Some(over.flying.at_ns)
    }
}
