//! The whole path of a picture: a touch on the client, uplink, injection, composition, capture, encoding,
//! packets, links, jitter buffer, decoding, display.
//!
//! [`Paths`] holds links and flows under one queue. A flow is the stream of one phone: a screen and an
//! encoder, and for every viewer a sender, a receiver, a decoder and a display; the first viewer
//! controls. Packets are values with sizes; links decide when they arrive. Everything is measured where it
//! happens: every frame and every input has its instants by stage ([`measure`]).
//!
//! A listener ([`Tap`]) is shown every packet that a host sends or receives; [`capture`] makes a file of them.
//!
//! [`network`] holds them by the names of a plan and ties flows to the streams of phones. What is *not* here:
//! what a budget says of the figures.
//!
//! ```
//! use koosim_engine::net::LinkSpec;
//! use koosim_engine::path::{FlowSpec, Paths, Route, params};
//! use koosim_engine::streams::Streams;
//! use koosim_media::content::Content;
//! use koosim_media::encoder::Video;
//! use koosim_media::work::{Codec, Definition};
//! use koosim_model::rulebook::Rulebook;
//! use koosim_model::rules::{Catalogue, Rules};
//! use koosim_model::time::{SimDuration, SimTime};
//!
//! let settings = Rulebook::standard().resolve("cn".parse()?, &[]).map_err(|_| "overrides")?;
//! let rules = Rules::new(settings, Catalogue::default())?;
//! let params = rules.params(SimTime::EPOCH);
//! let figures = params::figures(&params.media);
//! let video = Video::unless_told(Definition::P720, Codec::H264, &figures).ok_or("no rate")?;
//! let mut paths = Paths::new(SimTime::EPOCH, Streams::new(1));
//! let down = paths.add_link("down", LinkSpec::from_millis(10));
//! let up = paths.add_link("up", LinkSpec::from_millis(10));
//! let route = Route { down: vec![down], up: vec![up] };
//! let flow = paths.start("p1", FlowSpec::of(params, Content::Game, video), vec![route])?;
//! paths.run_through(SimTime::EPOCH + SimDuration::from_secs(2))?;
//! let seen = paths.measured(flow, 0).ok_or("no such viewer")?;
//! assert!(seen.playback.shown() > 50);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ahead;
pub mod capture;
mod cargo;
mod cross;
/// The figures of a window of measuring.
pub mod figures;
mod flow;
mod flows;
mod hand;
mod input;
/// What was seen of a flow by one viewer.
pub mod measure;
/// Links, flows and cross traffic of a run by their names.
pub mod network;
/// What a plan says of links and flows.
pub mod order;
pub mod params;
mod rules;
/// What is seen of flows, as entries of the log.
pub mod sight;
mod sound;
mod spec;
mod tap;
#[cfg(test)]
mod tests;
mod transit;
mod viewer;
mod world;

pub use cargo::Load;
pub use cross::{ACK_BYTES, CrossIndex, CrossSpec, SEGMENT_BYTES, Seen};
pub use sound::{Heard, SOUND_PACKET};
pub use spec::{FlowSpec, LinkIndex, PathError, Route, Taps};
pub use tap::{Host, HostPacket, Passage, Tap};
pub use world::{FlowIndex, Paths};
