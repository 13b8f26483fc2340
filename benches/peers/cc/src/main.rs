//! Our GCC beside that of rtc-interceptor 0.21.1 (a port of pion's) on the same packets.
//!
//! `series`: both hear of one constant stream through links of several rates, in which nothing that they say
//! changes anything: when each first lowers its rate, and to what, beside what arrives. `steps`: each steers
//! a stream of its own through RFC 8867 5.1 (1, 2.5, 0.6 and 1 Mbit/s): mean rate and mean wait in each step.
//!
//! They differ by design: theirs compares a Kalman estimate of single differences of delay with the threshold,
//! as the first draft did; ours the slope over twenty of them, as libwebrtc does now. Neither probes here.
//!
//!     cargo run --release -p koosim-peers-cc
#![expect(clippy::disallowed_types, reason = "the peer wants instants of the standard library")]

use koosim_time::{SimDuration, SimTime};
use koosim_transport::BitRate;
use koosim_transport::congestion::{
    Controller, Gcc, GccLaw, GccOptions, Loss, Marks, Nada, NadaLaw, NadaOptions, PacketResult,
    Scream, ScreamLaw, ScreamOptions, Sent,
};
use rtc_interceptor::{BandwidthEstimator, Gcc as Peer, PacketReport};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

const MS: i64 = 1_000_000;
const PACKET_BITS: i64 = 12_000;
const REPORT_EVERY: i64 = 50 * MS;
const ONE_WAY: i64 = 50 * MS;
const QUEUE_MAX: i64 = 300 * MS;

/// One controller, told of the same things in its own words.
trait Party {
    fn name(&self) -> &'static str;
    fn sent(&mut self, now: i64, packet: &PacketResult);
    fn report(&mut self, now: i64, results: &[PacketResult]);
    fn target(&self) -> f64;
}

struct Ours<C>(&'static str, C);

impl<C: Controller> Party for Ours<C> {
    fn name(&self) -> &'static str {
        self.0
    }
    fn sent(&mut self, now: i64, packet: &PacketResult) {
        let sent = Sent { sequence: packet.sequence, bytes: packet.bytes };
        self.1.on_sent(SimTime::from_nanos(now), sent);
    }
    fn report(&mut self, now: i64, results: &[PacketResult]) {
        let now = SimTime::from_nanos(now);
        let mut results = results.to_vec();
        results.sort_by_key(|result| (result.arrived_at, result.sequence));
        self.1.on_rtt(now, SimDuration::from_nanos(2 * ONE_WAY));
        self.1.on_feedback(now, &results);
        let lost = results.iter().filter(|result| result.arrived_at.is_none()).count();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        if !results.is_empty() {
            self.1.on_loss(now, Loss { lost: count(lost), of: count(results.len()) });
        }
    }
    fn target(&self) -> f64 {
        f64::from(u32::try_from(self.1.target_rate().bps()).unwrap_or(u32::MAX))
    }
}

struct Theirs {
    peer: Peer,
    /// Their instants have no beginning: ours are counted from here.
    start: Instant,
}

impl Theirs {
    fn at(&self, ns: i64) -> Instant {
        self.start + Duration::from_nanos(ns.unsigned_abs())
    }
}

impl Party for Theirs {
    fn name(&self) -> &'static str {
        "rtc-interceptor"
    }
    fn sent(&mut self, _: i64, _: &PacketResult) {}
    fn report(&mut self, now: i64, results: &[PacketResult]) {
        let of = |result: &PacketResult| PacketReport {
            ssrc: 1,
            id: result.sequence,
            rtp_sequence_number: (result.sequence & 0xFFFF) as u16,
            is_twcc: true,
            twcc_sequence_number: (result.sequence & 0xFFFF) as u16,
            size: result.bytes as usize,
            arrived: result.arrived_at.is_some(),
            departure: self.at(result.sent_at.as_nanos()),
            arrival: result.arrived_at.map(|at| Duration::from_nanos(at.as_nanos().unsigned_abs())),
            ecn: Default::default(),
        };
        let reports: Vec<_> = results.iter().map(of).collect();
        self.peer.on_reports(self.at(now), &reports);
    }
    fn target(&self) -> f64 {
        self.peer.target_bitrate()
    }
}

fn parties(start_kbps: u64) -> Vec<Box<dyn Party>> {
    let [start, min, max] = [start_kbps, 150, 1500].map(BitRate::from_kbps);
    let bps = |rate: BitRate| rate.bps() as f64;
    let gcc =
        GccOptions { start, min, max, pacing_factor: 2.5, probing: false, law: GccLaw::PUBLISHED };
    let nada = NadaOptions { start, min, max, law: NadaLaw::PUBLISHED };
    let scream =
        ScreamOptions { start, min, max, marks: Marks::Classic, law: ScreamLaw::PUBLISHED };
    vec![
        Box::new(Ours("koosim gcc", Gcc::new(SimTime::EPOCH, gcc))),
        Box::new(Theirs { peer: Peer::new(bps(start), bps(min), bps(max)), start: Instant::now() }),
        Box::new(Ours("koosim nada", Nada::new(SimTime::EPOCH, nada))),
        Box::new(Ours("koosim scream", Scream::new(SimTime::EPOCH, scream))),
    ]
}

/// A link with a queue, and reports of what came out of it.
#[derive(Default)]
struct Link {
    free: i64,
    waiting: VecDeque<PacketResult>,
    sequence: u64,
}

impl Link {
    /// Sends a packet; what became of it, and how long it waited.
    fn send(&mut self, now: i64, bps: i64) -> (PacketResult, i64) {
        let wait = (self.free - now).max(0);
        let passes = wait <= QUEUE_MAX;
        if passes {
            self.free = now + wait + PACKET_BITS * 1_000_000_000 / bps;
        }
        let result = PacketResult {
            sequence: self.sequence,
            sent_at: SimTime::from_nanos(now),
            arrived_at: passes.then_some(SimTime::from_nanos(self.free + ONE_WAY)),
            bytes: (PACKET_BITS / 8) as u32,
            congested: false,
            probe: None,
        };
        self.sequence += 1;
        self.waiting.push_back(result);
        (result, wait)
    }
    /// What a receiver knows and its report has brought back by now. A loss is known with the next arrival.
    fn reported(&mut self, now: i64) -> Vec<PacketResult> {
        let known = SimTime::from_nanos(now - ONE_WAY);
        let arrived = |packet: &PacketResult| packet.arrived_at.is_some_and(|at| at <= known);
        let count = self.waiting.iter().rposition(arrived).map_or(0, |last| last + 1);
        self.waiting.drain(..count).collect()
    }
}

/// 12,000 bits each 10 ms (1.2 Mbit/s), whatever is said.
fn series(party: &mut dyn Party, bps: i64) {
    let (mut link, mut next_report) = (Link::default(), REPORT_EVERY);
    let (mut lowered, mut before) = (None, party.target());
    for n in 0..1000 {
        let now = n * 10 * MS;
        let (packet, _) = link.send(now, bps);
        party.sent(now, &packet);
        if now >= next_report {
            next_report += REPORT_EVERY;
            party.report(now, &link.reported(now));
            if party.target() < before {
                lowered.get_or_insert((now / MS, party.target() / 1e3));
            }
            before = party.target();
        }
    }
    let arrives = bps.min(1_200_000) / 1000;
    let first = lowered.map_or("never".to_owned(), |(ms, kbps)| format!("{ms} ms, to {kbps:.0}"));
    println!("| {} | {arrives} | {first} | {:.0} |", party.name(), party.target() / 1e3);
}

/// RFC 8867 5.1, packets evenly spaced at the target.
fn steps(party: &mut dyn Party) {
    let rates = [(0, 1_000_000), (40, 2_500_000), (60, 600_000), (80, 1_000_000), (100, 0)];
    let (mut link, mut next_report, mut now) = (Link::default(), REPORT_EVERY, 0);
    let mut cells = Vec::new();
    for step in rates.windows(2) {
        let [(_, bps), (end, _)] = [step[0], step[1]];
        let (mut bits, mut waited, mut packets, mut lost) = (0, 0, 0, 0);
        // The first five seconds of a step are for finding it.
        let counted = (step[0].0 + 5) * 1000 * MS;
        while now < end * 1000 * MS {
            let (packet, wait) = link.send(now, bps);
            party.sent(now, &packet);
            if now >= counted {
                (bits, waited, packets) = (bits + PACKET_BITS, waited + wait, packets + 1);
                lost += i64::from(packet.arrived_at.is_none());
            }
            now += (PACKET_BITS as f64 * 1e9 / party.target()) as i64;
            while now >= next_report {
                party.report(next_report, &link.reported(next_report));
                next_report += REPORT_EVERY;
            }
        }
        let seconds = end - counted / 1000 / MS;
        let mean = waited / packets / MS;
        cells.push(format!("{} / {mean} / {lost}", bits / seconds / 1000));
    }
    println!("| {} | {} |", party.name(), cells.join(" | "));
}

fn main() {
    println!("| 1.2 Mbit/s through | arrives, kbit/s | first lowered | target after 10 s |");
    println!("| --- | ---: | --- | ---: |");
    for kbps in [300, 600, 1000, 1300] {
        for party in &mut parties(1200) {
            series(party.as_mut(), kbps * 1000);
        }
    }
    println!("\n| kbit/s / mean wait in ms / lost | 1 Mbit/s | 2.5 | 0.6 | 1 |");
    println!("| --- | --- | --- | --- | --- |");
    for party in &mut parties(300) {
        steps(party.as_mut());
    }
}
