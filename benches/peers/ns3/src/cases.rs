//! Packets and links on which koosim and ns-3 must agree to the nanosecond.

use koosim_engine::law::Exponential;
use koosim_engine::net::{
    CoDelSpec, Fate, FqCoDelSpec, Limit, Link, LinkSpec, LinkStreams, Packet, QueueSpec, Rate,
    replay,
};
use koosim_engine::streams::{Domain, Streams};
use koosim_model::time::{SimDuration, SimTime};
use std::num::NonZeroU64;

const PACKETS: u64 = 20_000;
const SEED: u64 = 3;

/// How packets come.
#[derive(Clone, Copy)]
enum Work {
    /// Frames at 60 Hz, cut into packets of at most 1200 bytes.
    Video,
    /// Bursts of packets of all sizes, with pauses.
    Bursts,
    /// Packets of up to 1500 bytes at exponential distances, 12.5 Mbit/s together.
    Steady,
}

/// One comparison.
pub(crate) struct Case {
    /// Its name.
    pub(crate) name: &'static str,
    /// The rate of the link.
    pub(crate) bits_per_s: u64,
    queue: QueueSpec,
    /// What the peer calls the queue.
    pub(crate) peer: &'static str,
    work: Work,
}

/// Every comparison.
pub(crate) fn cases() -> Vec<Case> {
    let tail = |name, bits_per_s, limit, peer, work| Case {
        name,
        bits_per_s,
        queue: QueueSpec::DropTail(limit),
        peer,
        work,
    };
    let (bytes, packets) = (Limit::Bytes(30_000), Limit::Packets(25));
    let codel = |name, mbit: u64| Case {
        name,
        bits_per_s: mbit * 1_000_000,
        queue: QueueSpec::CoDel(CoDelSpec::STANDARD),
        peer: "codel",
        work: Work::Steady,
    };
    let fair = |name, peer, packets_max| Case {
        name,
        bits_per_s: 10_000_000,
        queue: QueueSpec::FqCoDel(FqCoDelSpec { packets_max, ..FqCoDelSpec::STANDARD }),
        peer,
        work: Work::Steady,
    };
    vec![
        tail("bytes-10-video", 10_000_000, bytes, "tail:30000B", Work::Video),
        tail("bytes-10-bursts", 10_000_000, bytes, "tail:30000B", Work::Bursts),
        tail("bytes-odd-video", 7_777_777, bytes, "tail:30000B", Work::Video),
        tail("bytes-odd-bursts", 7_777_777, bytes, "tail:30000B", Work::Bursts),
        tail("packets-10-video", 10_000_000, packets, "tail:25p", Work::Video),
        tail("packets-10-bursts", 10_000_000, packets, "tail:25p", Work::Bursts),
        tail("packets-odd-video", 7_777_777, packets, "tail:25p", Work::Video),
        tail("packets-odd-bursts", 7_777_777, packets, "tail:25p", Work::Bursts),
        codel("codel-8", 8),
        codel("codel-10", 10),
        codel("codel-12", 12),
        fair("fq-codel", "fq:10240", 10_240),
        fair("fq-codel-overflow", "fq:150", 150),
    ]
}

/// Instant, bytes and flow of each packet.
pub(crate) fn offers(case: &Case) -> Vec<(i64, u32, u32)> {
    let mut dice = Streams::new(SEED).get(Domain::Component, "offers");
    let small = |value: u64| u32::try_from(value).unwrap_or(0);
    let signed = |value: u64| i64::try_from(value).unwrap_or(0);
    let mut all = Vec::new();
    let mut at_ns = 0_i64;
    while u64::try_from(all.len()).is_ok_and(|count| count < PACKETS) {
        match case.work {
            Work::Video => {
                let mut frame_bytes = small(8_000 + dice.up_to(24_000));
                while frame_bytes > 0 {
                    let bytes = frame_bytes.min(1_200);
                    all.push((at_ns, bytes.max(64), 0));
                    frame_bytes -= bytes;
                }
                at_ns += 16_666_667;
            }
            Work::Bursts => {
                for _ in 0..=dice.up_to(40) {
                    all.push((at_ns, small(64 + dice.up_to(1_436)), 0));
                    // Often at the very instant, often at the end of a transmission.
                    at_ns += signed(dice.up_to(2)) * 400_000;
                }
                at_ns += signed(dice.up_to(12_000_000));
            }
            Work::Steady => {
                let bytes = small(100 + dice.up_to(1_400));
                all.push((at_ns, bytes, small(dice.up_to(9))));
                at_ns += Exponential::new(SimDuration::from_nanos(512_000)).draw_ns(&mut dice);
            }
        }
    }
    all.truncate(usize::try_from(PACKETS).unwrap_or(0));
    all
}

/// Instant, word and number of each departure and drop, in order.
pub(crate) fn told(case: &Case, offers: &[(i64, u32, u32)]) -> Vec<(i64, &'static str, u64)> {
    let rate = Rate::new(NonZeroU64::new(case.bits_per_s).unwrap_or(NonZeroU64::MIN));
    let spec = LinkSpec::from_millis(1).rate(rate, Limit::Packets(1)).queue(case.queue);
    let mut link = Link::new(spec, LinkStreams::new(&Streams::new(SEED), case.name));
    let offers = (0_u64..).zip(offers).map(|(token, (ns, bytes, flow))| {
        (SimTime::from_nanos(*ns), Packet::new(token, *bytes).of_flow(*flow))
    });
    let mut lines = Vec::new();
    replay(&mut link, offers, |told| {
        let word = match told.fate {
            Fate::Departed => "left",
            Fate::Dropped(_) => "dropped",
            Fate::Copied | Fate::Arrived { .. } => return,
        };
        lines.push((told.at.as_nanos(), word, told.packet.token));
    });
    lines.sort_unstable();
    lines
}
