//! Async components on the virtual network, under a paused clock.
mod addr;
mod clock;
mod datagram;
mod drive;
mod error;
mod host;
mod log;
mod network;
mod record;
mod stream;
mod time;
mod verify;
mod world;

pub use addr::{ToAddr, lookup};
pub use datagram::{DATAGRAM_BYTES_MAX, DATAGRAM_HEADER_BYTES, INBOX_DATAGRAMS_MAX, UdpSocket};
pub use error::{HostError, HostResult, RequestError, RunError};
pub use host::{HostState, POLLS_PER_INSTANT_MAX, spawn};
pub use log::{RECORDS_KEPT, RECORDS_PER_BLOCK, RunLog};
pub use network::{Builder, Network};
pub use record::{Carrier, Discard, Record, What};
pub use stream::{
    BACKLOG_MAX, RECEIVE_BYTES_MAX, RESENDS_MAX, SEGMENT_HEADER_BYTES, SEND_BYTES_MAX, TcpListener,
    TcpStream,
};
pub use time::{Elapsed, Sleep, note, random, sim_now, sleep, sleep_until, timeout};
pub use verify::{Divergence, VerifyError, compare, verify};
