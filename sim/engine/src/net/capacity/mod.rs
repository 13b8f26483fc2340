//! How fast a link transmits, as data ([`Capacity`]) and as state ([`Transmitter`]).
//!
//! A transmitter answers two questions: when the next packet may begin, and when one that begins
//! now will have left. It holds no packet; the queue and the packet on the wire are the link's.

mod bucket;
mod opportunities;
mod rate;
mod steps;

pub use bucket::Bucket;
pub use opportunities::{OPPORTUNITY_BYTES, Opportunities, OpportunityError};
pub use rate::{Rate, Rounding};
pub use steps::{Afterwards, STEPS_MAX, Step, StepError, Steps};

use serde::Serialize;

/// How fast a link transmits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// Every packet leaves at the instant at which it is offered.
    #[default]
    Unlimited,
    /// One rate.
    Constant(Rate),
    /// A rate that changes at given instants, also in the middle of a packet.
    Steps(Steps),
    /// Bytes may leave at given instants only, as a cellular base station grants them.
    Opportunities(Opportunities),
    /// A token bucket (T1.7).
    Bucket(Bucket),
}

impl Capacity {
    /// The largest packet that can ever leave.
    pub(super) const fn packet_bytes_max(&self) -> Option<u32> {
        match self {
            Self::Unlimited | Self::Constant(_) | Self::Steps(_) | Self::Opportunities(_) => None,
            Self::Bucket(bucket) => Some(bucket.burst_bytes()),
        }
    }
}

/// A transmitter at work. Most links have a constant rate, and need no room for more.
#[derive(Clone, Debug)]
pub(super) enum Transmitter {
    Unlimited,
    Constant(Rate),
    Steps(Box<(Steps, steps::Cursor)>),
    Opportunities(Box<(Opportunities, opportunities::Cursor)>),
    Bucket(Box<(Bucket, bucket::Tokens)>),
}

impl Transmitter {
    /// One that has not transmitted anything yet.
    pub(super) fn new(capacity: &Capacity) -> Self {
        match capacity {
            Capacity::Unlimited => Self::Unlimited,
            Capacity::Constant(rate) => Self::Constant(*rate),
            Capacity::Steps(steps) => Self::Steps(Box::new((steps.clone(), steps.begin()))),
            Capacity::Opportunities(all) => {
                Self::Opportunities(Box::new((all.clone(), all.begin())))
            }
            Capacity::Bucket(bucket) => Self::Bucket(Box::new((*bucket, bucket.begin()))),
        }
    }
    /// The earliest instant, not before `now_ns`, at which a packet may begin to leave.
    #[inline]
    pub(super) fn ready_ns(&mut self, now_ns: i64) -> i64 {
        match self {
            Self::Unlimited | Self::Constant(_) | Self::Steps(_) | Self::Bucket(_) => now_ns,
            Self::Opportunities(at_work) => {
                let (all, cursor) = &mut **at_work;
                cursor.ready_ns(all, now_ns)
            }
        }
    }
    /// The instant at which the last bit of a packet has left that begins now; the end of time if
    /// it never will.
    #[inline]
    pub(super) fn transmit(&mut self, now_ns: i64, bytes: u32, rounding: Rounding) -> i64 {
        match self {
            Self::Unlimited => now_ns,
            Self::Constant(rate) => now_ns.saturating_add(rate.transmit_ns(bytes, rounding)),
            Self::Steps(at_work) => {
                let (steps, cursor) = &mut **at_work;
                cursor.transmit(steps, now_ns, bytes, rounding)
            }
            Self::Opportunities(at_work) => {
                let (all, cursor) = &mut **at_work;
                cursor.transmit(all, now_ns, bytes)
            }
            Self::Bucket(at_work) => {
                let (bucket, tokens) = &mut **at_work;
                tokens.transmit(bucket, now_ns, bytes, rounding)
            }
        }
    }
    /// The rate at present, for limits of a queue that are lengths of time. `None` is no limit;
    /// opportunities count with their mean.
    pub(super) fn bits_per_s(&mut self, now_ns: i64) -> Option<u64> {
        match self {
            Self::Unlimited => None,
            Self::Constant(rate) => Some(rate.bits_per_s()),
            Self::Steps(at_work) => {
                let (steps, cursor) = &mut **at_work;
                Some(cursor.bits_per_s(steps, now_ns))
            }
            Self::Opportunities(at_work) => Some(at_work.0.mean_bits_per_s()),
            Self::Bucket(at_work) => Some(at_work.0.rate().bits_per_s()),
        }
    }
}
