//! The wire formats of this project against foreign readers and writers of the same.
//!
//!     wire agree [CASES [SEED]]    random values, written here and read by crates of other authors, and the
//!                                  reverse; then the same bytes damaged, given to both
//!     wire tshark [CASES [SEED]]   random values as packets of a capture, whose fields tshark tells
//!     wire gstreamer [CASES [SEED]]   parity that GStreamer writes over random packets, read here
//!     wire capture [SECONDS [SEED]]    a run as its hosts saw it, in which tshark counts packets and losses
//!     wire real [SECONDS [SEED]]   real H.264 through links that lose packets, taken apart and decoded by GStreamer
//!
//! All print a table and end with an error at a difference between valid values that has no name. `SEED`
//! tells a case again.

mod capture;
mod gstreamer;
mod judge;
mod parity;
mod payloads;
#[path = "../../../../model/transport/tests/wire/random.rs"]
#[expect(dead_code, reason = "the control channel has no peer")]
mod random;
mod real;
mod rtc_rtcp;
mod rtcp_types;
mod rtp;
mod said;
mod tshark;

use judge::{Judged, Peer};
use koosim_engine::streams::{Domain, Stream, Streams};
use std::error::Error;

/// Choices out of a named stream.
pub struct Drawn(pub Stream);

impl random::Choose for Drawn {
    fn up_to(&mut self, most: u64) -> u64 {
        self.0.up_to(most)
    }
}

/// The choices of one case of one format.
fn drawn(seed: u64, case: u64, format: &str) -> Drawn {
    Drawn(Streams::new(seed).get(Domain::Component, &format!("{format} {case}")))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, default| {
        arguments.get(place).map_or(Ok(default), |text| text.parse::<u64>())
    };
    match arguments.first().map(String::as_str) {
        Some("agree") => agree(number(1, 2_000)?, number(2, 0)?),
        Some("tshark") => tshark::agree(number(1, 200)?, number(2, 0)?),
        Some("capture") => capture::agree(number(1, 20)?, number(2, 0)?),
        Some("real") => real::agree(number(1, 10)?, number(2, 0)?),
        Some("gstreamer") => gstreamer::agree(number(1, 700)?, number(2, 0)?),
        _ => {
            Err("wire agree, tshark or gstreamer, [CASES [SEED]]; wire capture or real, [SECONDS [SEED]]"
                .into())
        }
    }
}

fn agree(cases: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    // Peers that panic are counted; what they print is of no use.
    std::panic::set_hook(Box::new(|_| {}));
    let mut all: Vec<Judged> = Vec::new();
    let peers: Vec<Peer> =
        [rtp::peers(), rtcp_types::peers(), rtc_rtcp::peers(), payloads::peers()].concat();
    for peer in &peers {
        all.push(judge::judge(peer, seed, cases));
    }
    all.push(parity::judge(seed, cases));
    judge::print(&all, cases)
}
