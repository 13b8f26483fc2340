//! How the picture and the input travel: wire formats, and endpoints that own neither socket nor clock.
//!
//! [`wire`] reads and writes bytes and knows no time. Everything else is told the instant with each
//! input and says when it wants to be asked again. Links and queues are the engine's; what a frame
//! holds and costs is `koosim-media`'s.
//!
//! # Endpoints
//!
//! A session has two ends: a [`Sender`](endpoint::Sender) at the phone, one for each viewer, and a
//! [`Receiver`](endpoint::Receiver) at the viewer. They exchange [`Packet`](packet::Packet)s, which are values with
//! the exact size that they have on the wire ([`Packet::wire_len`](packet::Packet::wire_len)); whoever puts one on
//! a link adds [`packet::UDP_IPV4_BYTES`]. Both work alike:
//!
//! 1. `handle(now, input)` takes one thing that happened: a picture, a packet, a pause, another network.
//! 2. `poll(now)` then gives what is to be done, one thing at a time, until it gives nothing: packets to put
//!    on the link *now*, pictures to decode *now*, rates for the encoder.
//! 3. `next_due()` says when to call `poll` again if nothing happens before. What is due in the past is due now.
//!
//! Instants never go back, and only the end to which something happened needs to be drained. A packet is handed in
//! by reference; reports may be given back with [`Receiver::recycle`](endpoint::Receiver::recycle) afterwards, and
//! then neither end takes memory from the second second on. A session holds about 80 kB in fixed rings
//! (`memory_bytes` of both ends).
//!
//! The encoder follows [`SenderOutput::TargetRate`](endpoint::SenderOutput::TargetRate) and makes a key frame after
//! [`SenderOutput::KeyFrameWanted`](endpoint::SenderOutput::KeyFrameWanted), of which there is one at the start; until
//! then other pictures are refused. [`Sender::backlog`](endpoint::Sender::backlog) tells it when to skip a picture.
//! What may be sent is one of the controllers in [`congestion`], chosen by
//! [`ControlOptions`](congestion::ControlOptions).
//!
//! ```
//! use koosim_time::{SimDuration, SimTime};
//! use koosim_transport::BitRate;
//! use koosim_transport::congestion::{ControlOptions, GccOptions};
//! use koosim_transport::endpoint::{
//!     ConnectionOptions, Frame, Receiver, ReceiverInput, ReceiverOptions, ReceiverOutput, Sender, SenderInput,
//!     SenderOptions, SenderOutput,
//! };
//! use koosim_transport::Ecn;
//! use koosim_transport::packet::{Packet, Sources};
//! use std::collections::VecDeque;
//!
//! // A world of two ends, 20 ms apart, without any bottleneck.
//! let sources = Sources { video: 1, audio: 2, repair: 3, parity: 4, receiver: 5 };
//! let start = SimTime::from_nanos(0);
//! let control = ControlOptions::Gcc(GccOptions::default());
//! let connection = ConnectionOptions::back_within(SimDuration::from_secs(30));
//! let mut sender = Sender::new(start, SenderOptions::new(sources, control, connection));
//! let mut receiver = Receiver::new(start, ReceiverOptions::new(sources, connection));
//! let delay = SimDuration::from_millis(20);
//! let (mut there, mut back) = (VecDeque::<(SimTime, Packet)>::new(), VecDeque::new());
//! let (mut next_picture, mut id, mut key, mut target) = (start, 0, false, BitRate::default());
//! let mut shown = 0;
//!
//! loop {
//!     let arrivals = [there.front(), back.front()].into_iter().flatten().map(|(at, _)| *at);
//!     let dues = [Some(next_picture), sender.next_due(), receiver.next_due()];
//!     let now = dues.into_iter().flatten().chain(arrivals).min().unwrap().max(start);
//!     if now > start + SimDuration::from_secs(2) {
//!         break;
//!     }
//!     // One thing that happens ...
//!     if there.front().is_some_and(|(at, _)| *at == now) {
//!         let (_, packet) = there.pop_front().unwrap();
//!         receiver.handle(now, ReceiverInput::Packet(&packet, Ecn::NotCapable));
//!     } else if back.front().is_some_and(|(at, _)| *at == now) {
//!         let (_, packet) = back.pop_front().unwrap();
//!         sender.handle(now, SenderInput::Packet(&packet));
//!         receiver.recycle(packet);
//!     } else if next_picture == now && key | (id > 0) {
//!         let bytes = u32::try_from(target.bps() / 8 / 60).unwrap();
//!         let frame = Frame { id, bytes, heads: [0; 3], back: u8::from(!key), timestamp: id * 1500 };
//!         sender.handle(now, SenderInput::Frame(frame));
//!         (key, id) = (false, id + 1);
//!         next_picture = now + SimDuration::from_nanos(1_000_000_000 / 60);
//!     }
//!     // ... and then what comes of it.
//!     while let Some(output) = sender.poll(now) {
//!         match output {
//!             SenderOutput::Send(packet) => there.push_back((now + delay, packet)),
//!             SenderOutput::TargetRate { video, .. } => target = video,
//!             SenderOutput::KeyFrameWanted => key = true,
//!             other => panic!("{other:?}"),
//!         }
//!     }
//!     while let Some(output) = receiver.poll(now) {
//!         match output {
//!             ReceiverOutput::Send(packet) => back.push_back((now + delay, packet)),
//!             ReceiverOutput::Picture(_) => shown += 1,
//!             ReceiverOutput::PathConfirmed { after } => assert!(after >= delay),
//!             other => panic!("{other:?}"),
//!         }
//!     }
//! }
//! assert!((115..=120).contains(&shown), "{shown}");
//! assert!(target > BitRate::from_kbps(1000), "two seconds of probing: {target:?}");
//! ```
//!
//! # What is not here
//!
//! Bytes of values are written by [`bytes`], for captures and foreign tools. Sound is handed out as it comes,
//! without a jitter buffer. Clocks of the two ends agree (no rule needs them to, as only differences count). A
//! picture needs at most one other. The absolute send time counts in sizes only.
//! Reports are single RTCP packets (RFC 5506). Padding of probes is at most 255 bytes a packet.

pub mod bytes;
pub mod congestion;
/// Input, telephony, sensors and notices beside the picture, and their delivery.
pub mod control;
mod ecn;
pub mod endpoint;
mod number;
pub mod packet;
mod rate;
mod ring;
mod rto;
pub mod sequence;
/// Byte formats of packets, both ways.
pub mod wire;

pub use ecn::Ecn;
pub use rate::BitRate;
pub use rto::Rto;
