//! Ordinary async components as hosts of a virtual network, under one virtual clock.
//!
//! A host is a function that returns a future. All hosts of a [`Network`] run as tasks of one
//! current-thread tokio runtime whose clock is paused; sockets here have the names and the methods
//! of tokio's, and packets between them travel over the links of [`koosim_engine::net`]: delay,
//! jitter, loss, rate, partition. A run of thirty days takes as long as its events take, and the
//! same seed gives the same records, hence the same digest.
//!
//! ```
//! use koosim_engine::net::{LinkSpec, Ratio};
//! use koosim_harness::{Network, TcpListener, TcpStream, sim_now};
//! use koosim_model::time::{SimDuration, SimTime};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! let link = LinkSpec::from_millis(40).loss(Ratio::percent(2));
//! let mut net = Network::builder(42).link(link).build()?;
//! net.host("server", || async {
//!     let listener = TcpListener::bind("0.0.0.0:80").await?;
//!     loop {
//!         let (mut stream, _) = listener.accept().await?;
//!         stream.write_all(b"3.20").await?;
//!     }
//! })?;
//! net.host("client", || async {
//!     let mut bill = String::new();
//!     TcpStream::connect("server:80").await?.read_to_string(&mut bill).await?;
//!     assert_eq!((bill.as_str(), sim_now()), ("3.20", SimTime::from_nanos(160_000_000)));
//!     Ok(())
//! })?;
//! net.run_until_finished("client", SimTime::EPOCH + SimDuration::from_days(30))?;
//! net.partition("client", "server")?;
//! net.crash("server")?;
//! net.restart("server")?;
//! println!("{}", net.finish().digest());
//! # Ok::<(), koosim_harness::RunError>(())
//! ```
//!
//! # Time
//!
//! The network owns the clock. tokio's timers cannot make it jump over a delivery: whenever no task
//! can run, the network decides how far it may go. [`sim_now`] and `tokio::time::Instant::now()`
//! always agree, to the nanosecond.
//! - Deliveries, [`sleep`], [`sleep_until`] and [`timeout`] come at exactly their nanosecond.
//! - tokio's own timers have a grain of a millisecond: `tokio::time::sleep`, `interval` and
//!   `timeout` end at the first whole millisecond, counted from the start of the run, that is not
//!   before their deadline. Never earlier, and less than a millisecond later.
//! - Within one instant, tokio's timers come first, then sleeps of this crate and retransmissions,
//!   each in the order in which they were set; then arrivals, link by link, and on one link in the
//!   order in which they were sent. Tasks run in the order in which they were woken.
//!
//! A host that waits costs nothing while it waits, however many there are and however long.
//!
//! # What breaks determinism in a component, and what to write instead
//!
//! - `select!`, `join!` as they are: write `biased;` as their first word. Otherwise tokio draws the
//!   order of the branches from a generator that the operating system has seeded.
//! - `HashMap`, `HashSet` that are iterated: `BTreeMap`, `BTreeSet`, or a fixed hasher. The order
//!   depends on a hash key that differs from run to run.
//! - `std::time::Instant`, `SystemTime`: [`sim_now`], or `tokio::time::Instant`. They read the
//!   machine's clock.
//! - `spawn_blocking`, threads, a multi-threaded runtime: a task, or the computation inline. The
//!   operating system decides when they end, and virtual time may or may not wait for it.
//! - A thread's own sleep, blocking channels: [`sleep`], channels of tokio. They stop the whole
//!   network in real time.
//! - `rand::rng()`, random identifiers: [`random`]. The operating system draws them.
//! - Addresses in memory, thread and task ids, as keys or in messages: names and counters.
//! - Statics and thread-locals that survive a run: state made by the component. The second run
//!   begins where the first ended.
//! - `tokio::spawn`, `tokio::task::spawn_local`: [`spawn`]. Such a task belongs to no host: it cannot
//!   open sockets, and outlives a crash of its host, though the sockets that were moved into it end.
//! - Sockets and files of tokio or std: those of this crate. They reach the real machine; tokio's
//!   sockets panic, as the runtime has no I/O driver.
//! - `tokio::time::pause`, `advance`, `resume`: [`Network::run_for`]. The clock is the network's; a
//!   run in which it was moved stops with [`RunError::ClockMoved`].
//!
//! None of this is enforced by types, so [`verify`] runs a scenario twice and names the first
//! record that differs. What a component decides without sending it enters the records by [`note`].
//!
//! # Streams
//!
//! [`TcpStream`] is not TCP. It has its handshake, its in-order bytes, a receiver's window of
//! [`RECEIVE_BYTES_MAX`], cumulative acknowledgements that travel with data where there is some at
//! the same instant, a retransmission timeout that follows the
//! round trips (at least 200 ms) and doubles, fast retransmission after three repeated
//! acknowledgements, half-close, reset, and probes of a closed window. It has no congestion window,
//! no delayed acknowledgements and no waiting after the end: a stream fills the bottleneck's queue
//! as far as its buffers allow. A peer that
//! is silent for [`RESENDS_MAX`] repetitions, or [`ASKS_AGAIN_MAX`] before there is a connection, is
//! given up.
//!
//! # When a host goes away
//!
//! [`Network::crash`] kills the component, as a process dies: peers' connections are reset at once
//! (the reset travels like any packet, and may be lost), and connection attempts are refused.
//! [`Network::power_off`] tells nobody: packets vanish until [`Network::restart`], after which
//! segments of old connections are answered with a reset.

mod addr;
mod clock;
mod datagram;
mod drive;
mod error;
mod host;
mod log;
mod network;
mod parcels;
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
    ASKS_AGAIN_MAX, BACKLOG_MAX, RECEIVE_BYTES_MAX, RESENDS_MAX, SEGMENT_HEADER_BYTES,
    SEND_BYTES_MAX, TcpListener, TcpStream,
};
pub use time::{Elapsed, Sleep, note, random, sim_now, sleep, sleep_until, timeout};
pub use verify::{Divergence, VerifyError, compare, verify};
