//! Byte streams over lossy links.

mod conn;
mod flows;
mod receive;
mod segment;
mod send;
mod socket;

pub use conn::{ASKS_AGAIN_MAX, RESENDS_MAX};
pub(crate) use flows::{FlowKey, Flows, Listener};
pub use receive::RECEIVE_BYTES_MAX;
pub use segment::HEADER_BYTES as SEGMENT_HEADER_BYTES;
pub(crate) use segment::Segment;
pub use send::SEND_BYTES_MAX;
#[cfg(test)]
mod tests;

pub use socket::{BACKLOG_MAX, TcpListener, TcpStream};
