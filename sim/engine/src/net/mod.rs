//! Links between named nodes: when a packet arrives, or why it never does.
//!
//! Everything here is arithmetic on whole nanoseconds. A [`Link`](crate::net::Link) is one direction
//! of one pair; a [`Topology`](crate::net::Topology) makes links on first use, so that a thousand
//! nodes that never speak cost nothing. Nothing is queued here either: a link answers an offer at
//! once with the instant of arrival, and the caller keeps the packet until then. It does not know
//! what a packet holds, what a socket is, or that anything is retransmitted.

mod link;
mod spec;
mod topology;

pub use link::{Counters, DropCause, Link, Tally, Verdict};
pub use spec::{LinkSpec, Order, Rate, Ratio, SpecError};
pub use topology::{NODE_NAME_BYTES_MAX, NODES_MAX, NodeError, NodeId, Topology};
