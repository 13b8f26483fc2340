//! Links between named nodes: what becomes of a packet, when, and why.
//!
//! Everything here is arithmetic on whole nanoseconds. A [`Link`] is one direction of one pair: a
//! queue, a transmitter and a wire, made of data ([`LinkSpec`]) and driven by instants. A
//! [`Topology`] makes links on first use, so that a thousand nodes that never speak cost nothing.
//! A link knows sizes, flows and congestion bits of packets; what they hold is the caller's. It
//! does not know what a socket is, or that anything is retransmitted.
//!
//! ```
//! use koosim_engine::net::{Fate, Limit, Link, LinkSpec, LinkStreams, Packet, Rate};
//! use koosim_engine::streams::Streams;
//! use koosim_model::time::SimTime;
//!
//! // 1250 bytes at 10 Mbit/s are on the wire for 1 ms, and on their way for 5 more.
//! let spec = LinkSpec::from_millis(5).rate(Rate::kilobits(10_000), Limit::Packets(1));
//! let mut link = Link::new(spec, LinkStreams::new(&Streams::new(42), "a->b"));
//! link.offer(SimTime::EPOCH, Packet::new(7, 1250));
//! let mut fates = Vec::new();
//! while let Some((at, phase)) = link.next_due() {
//!     fates.extend(std::iter::from_fn(|| link.poll(at, phase)));
//! }
//! assert_eq!(fates.last().map(|told| told.at.as_nanos()), Some(6_000_000));
//! assert_eq!(fates.len(), 2);
//! assert!(matches!(fates.last().map(|told| told.fate), Some(Fate::Arrived { .. })));
//! assert!(link.counters().are_conserved());
//! ```

mod books;
mod capacity;
/// Cross traffic: what else uses a link.
pub mod cross;
mod discipline;
mod link;
mod out;
mod packet;
/// Links with a name and a source.
pub mod preset;
mod ratio;
mod spec;
mod topology;
/// Traces of real networks, read.
pub mod trace;
mod wire;

pub use books::{Counters, Tally};
pub use capacity::{
    Afterwards, Bucket, Capacity, OPPORTUNITY_BYTES, Opportunities, OpportunityError, Rate,
    Rounding, STEPS_MAX, Step, StepError, Steps,
};
pub use discipline::{CoDelSpec, FqCoDelSpec, Law, Limit, PieSpec, QueueSpec, Signal};
pub use link::{Link, LinkStreams, replay};
pub use packet::{DropCause, Ecn, Fate, Happening, Packet};
pub use ratio::Ratio;
pub use spec::{LinkSpec, OUTAGES_MAX, Outage, PACKETS_MAX, Promotion, SpecError, Tie};
pub use topology::{NODE_NAME_BYTES_MAX, NODES_MAX, NodeError, NodeId, Topology};
pub use wire::{Bursts, Jitter, Loss, Order};
