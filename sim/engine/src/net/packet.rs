//! What a link is offered, and what becomes of it.

use koosim_model::time::SimTime;
pub use koosim_transport::Ecn;
use serde::{Deserialize, Serialize};

/// What a link needs to know of a packet. What it holds is the caller's, who finds it by its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Packet {
    /// The caller's name for it; a link does not look at it.
    pub token: u64,
    /// Its size on the wire.
    pub bytes: u32,
    /// The flow that it belongs to; looked at by queues that keep flows apart.
    pub flow: u32,
    /// Its congestion bits, which a queue may change.
    pub ecn: Ecn,
}

impl Packet {
    /// A packet of flow 0 that cannot be marked.
    pub const fn new(token: u64, bytes: u32) -> Self {
        Self { token, bytes, flow: 0, ecn: Ecn::NotCapable }
    }
    /// As it is, but of this flow.
    #[must_use]
    pub const fn of_flow(self, flow: u32) -> Self {
        Self { flow, ..self }
    }
    /// As it is, but with these congestion bits.
    #[must_use]
    pub const fn with_ecn(self, ecn: Ecn) -> Self {
        Self { ecn, ..self }
    }
}

/// Why a link dropped a packet, in the order in which the causes are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropCause {
    /// The link was cut.
    Partitioned,
    /// It was offered during an outage.
    Outage,
    /// It is larger than the link's limit, or than its token bucket.
    TooBig,
    /// The queue had no room for it (T1.2).
    QueueFull,
    /// The queue's law took it, to keep the queue short (T1.4 to T1.6).
    Managed,
    /// Chance took it on the wire, after it had been transmitted.
    Lost,
}

impl DropCause {
    /// Every cause, in order.
    pub const ALL: [Self; 6] =
        [Self::Partitioned, Self::Outage, Self::TooBig, Self::QueueFull, Self::Managed, Self::Lost];

    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Partitioned => "partitioned",
            Self::Outage => "outage",
            Self::TooBig => "too_big",
            Self::QueueFull => "queue_full",
            Self::Managed => "managed",
            Self::Lost => "lost",
        }
    }
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its last bit has left the transmitter.
    Departed,
    /// It has left, and the wire makes two of it: each will arrive.
    Copied,
    /// It has come to the far end.
    Arrived {
        /// Whether some of its bits were turned over on the way.
        corrupt: bool,
        /// Whether it is the second of two that were made of one on the way.
        copy: bool,
    },
    /// It will never arrive.
    Dropped(DropCause),
}

/// One thing that a link did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: SimTime,
    /// To which packet, with its congestion bits as they are now.
    pub packet: Packet,
    /// What.
    pub fate: Fate,
}
