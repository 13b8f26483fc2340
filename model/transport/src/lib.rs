//! How the picture and the input travel: wire formats, and endpoints that own neither socket nor clock.
//!
//! [`wire`] reads and writes bytes and knows no time. Everything else is told the instant with each
//! input and says when it wants to be asked again. Links and queues are the engine's; what a frame
//! holds and costs is `koosim-media`'s.

/// What a sender may send.
pub mod congestion;
/// The two ends of one session.
pub mod endpoint;
mod number;
/// What endpoints send each other.
pub mod packet;
mod rate;
mod ring;
/// Numbers that wrap on the wire.
pub mod sequence;
/// Byte formats of packets, both ways.
pub mod wire;

pub use rate::BitRate;
