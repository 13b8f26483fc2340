//! Packets a second through links and nothing else, and what the digest of every packet costs.
//!
//! `replay [ROUNDS]` prints tables in Markdown: one bottleneck with 50 flows; the same from 2 to
//! 10,000 endpoints, over one bottleneck and over a link for each pair. Sizes take turns in short
//! rounds, so that whatever else the machine does meets all of them alike; a figure is the median of
//! the rounds, and a ratio the median of ratios within a round. Where the system tells it, rounds
//! are measured in the thread's own processor time.

use koosim_benches::clock::{Clock, median};
use koosim_benches::replay::{Replay, Shape};
use koosim_engine::digest::{Digest, PacketDigester};
use std::error::Error;

const PACKETS: u32 = 1_000_000;
/// Packets that go before a round counts, to fill queues and wires.
const WARM_UP: u32 = 200_000;
const ENDPOINTS: [u32; 6] = [2, 20, 100, 1_000, 4_000, 10_000];

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(9), |text| text.parse())?;
    let digester = || Some(PacketDigester::new(&Digest::of(b"replay")));
    println!("| one bottleneck, 50 flows | million packets/s | ns a packet |");
    println!("| --- | ---: | ---: |");
    let mut both = [
        ("without a digest", Replay::new(Shape::Bottleneck, 50, None)),
        ("with a digest", Replay::new(Shape::Bottleneck, 50, digester())),
    ];
    for (seconds, (name, _)) in measure(rounds, &mut both)?.into_iter().zip(&both) {
        let packet_ns = 1e9 * median(seconds) / f64::from(PACKETS);
        println!("| {name} | {:.2} | {packet_ns:.0} |", 1e3 / packet_ns);
    }
    for (shape, name) in [(Shape::Bottleneck, "one bottleneck"), (Shape::Pairs, "a link a pair")] {
        println!("\n| {name}, with a digest: endpoints | million packets/s | cost to 100's |");
        println!("| ---: | ---: | ---: |");
        let mut sizes = ENDPOINTS.map(|ends| (ends, Replay::new(shape, ends / 2, digester())));
        let seconds = measure(rounds, &mut sizes)?;
        let base = seconds.get(2).cloned().unwrap_or_default();
        for (own, (ends, _)) in seconds.into_iter().zip(&sizes) {
            let ratio = median(own.iter().zip(&base).map(|(own, base)| own / base).collect());
            println!("| {ends} | {:.2} | {ratio:.2} |", 1e-6 * f64::from(PACKETS) / median(own));
        }
    }
    Ok(())
}

/// Seconds of each round of each network, by turns.
fn measure<T>(
    rounds: usize,
    networks: &mut [(T, Replay)],
) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let mut seconds = vec![Vec::new(); networks.len()];
    for (_, network) in networks.iter_mut() {
        network.run(u64::from(WARM_UP));
    }
    for _ in 0..rounds {
        for ((_, network), seconds) in networks.iter_mut().zip(&mut seconds) {
            let begin = Clock::now();
            network.run(u64::from(PACKETS));
            seconds.push(begin.seconds());
        }
    }
    for (_, network) in networks.iter() {
        let books = network.counters();
        let sent = u64::from(WARM_UP) + u64::try_from(rounds)? * u64::from(PACKETS);
        if !books.are_conserved() || books.offered.packets != sent {
            return Err(format!("the books do not add up: {books:?}").into());
        }
    }
    Ok(seconds)
}
