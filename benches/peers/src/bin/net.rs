//! The virtual network against turmoil 0.7.2: the same work, in one run, interleaved.
//!
//! Echo: pairs of hosts, 64-byte datagrams, 32 in flight a pair, 1 ms one way, no loss. Each side
//! delivers the same number of messages; what is compared is messages delivered per wall second.
//! Idle: hosts that wait for a datagram that never comes; simulated seconds per wall second.
//!
//!     cargo run --release --bin net [-- rounds]

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

const IN_FLIGHT: u64 = 32;
const PAYLOAD: [u8; 64] = [7; 64];
const PORT: u16 = 9000;

type Failure = Box<dyn std::error::Error>;

/// One measurement: messages delivered, virtual seconds passed, wall time.
#[derive(Clone, Copy)]
struct Sample {
    messages: u64,
    virtual_s: f64,
    wall: Duration,
}

impl Sample {
    fn messages_per_s(self) -> f64 {
        self.messages as f64 / self.wall.as_secs_f64()
    }
    fn speed(self) -> f64 {
        self.virtual_s / self.wall.as_secs_f64()
    }
}

mod ours {
    use super::*;
    use koosim_harness::{Network, UdpSocket};
    use koosim_model::time::SimDuration;

    pub fn echo(pairs: u64, trips_per_pair: u64) -> Result<Sample, Failure> {
        let delivered = Rc::new(Cell::new(0_u64));
        let began = Instant::now();
        let mut net = Network::builder(42).keep_records(0).build()?;
        for pair in 0..pairs {
            let count = Rc::clone(&delivered);
            net.host(&format!("server{pair}"), move || server(Rc::clone(&count)))?;
            let count = Rc::clone(&delivered);
            net.host(&format!("client{pair}"), move || {
                client(pair, trips_per_pair, Rc::clone(&count))
            })?;
        }
        let rounds = i64::try_from(trips_per_pair / IN_FLIGHT)?;
        net.run_for(SimDuration::from_millis(2 * rounds + 10))?;
        let virtual_s = net.now().as_nanos() as f64 / 1e9;
        Ok(Sample { messages: delivered.get(), virtual_s, wall: began.elapsed() })
    }

    async fn server(count: Rc<Cell<u64>>) -> Result<(), Failure> {
        let socket = UdpSocket::bind(("0.0.0.0", PORT)).await?;
        let mut buffer = [0; 128];
        loop {
            let (size, from) = socket.recv_from(&mut buffer).await?;
            count.set(count.get() + 1);
            socket.send_to(&buffer[..size], from).await?;
        }
    }

    async fn client(pair: u64, trips: u64, count: Rc<Cell<u64>>) -> Result<(), Failure> {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        let to = std::net::SocketAddr::new(koosim_harness::lookup(&format!("server{pair}"))?, PORT);
        for _ in 0..IN_FLIGHT {
            socket.send_to(&PAYLOAD, to).await?;
        }
        let mut buffer = [0; 128];
        for trip in 0..trips {
            socket.recv_from(&mut buffer).await?;
            count.set(count.get() + 1);
            if trip + IN_FLIGHT < trips {
                socket.send_to(&PAYLOAD, to).await?;
            }
        }
        Ok(())
    }

    pub fn idle(hosts: u64, virtual_s: i64) -> Result<Sample, Failure> {
        let began = Instant::now();
        let mut net = Network::builder(42).build()?;
        for host in 0..hosts {
            net.host(&format!("idle{host}"), || async {
                let socket = UdpSocket::bind(("0.0.0.0", PORT)).await?;
                socket.recv_from(&mut [0; 64]).await?;
                Ok(())
            })?;
        }
        net.run_for(SimDuration::from_secs(virtual_s))?;
        Ok(Sample { messages: 0, virtual_s: virtual_s as f64, wall: began.elapsed() })
    }
}

mod theirs {
    use super::*;
    use turmoil::net::UdpSocket;

    fn sim<'a>(limit: Duration) -> turmoil::Sim<'a> {
        turmoil::Builder::new()
            .rng_seed(42)
            .epoch(std::time::UNIX_EPOCH)
            .simulation_duration(limit)
            .tick_duration(Duration::from_millis(1))
            .min_message_latency(Duration::from_millis(1))
            .max_message_latency(Duration::from_millis(1))
            .udp_capacity(4096)
            .build()
    }

    pub fn echo(pairs: u64, trips_per_pair: u64) -> Result<Sample, Failure> {
        let delivered = Rc::new(Cell::new(0_u64));
        let began = Instant::now();
        let mut sim = sim(Duration::from_secs(1_000_000));
        for pair in 0..pairs {
            let count = Rc::clone(&delivered);
            sim.host(format!("server{pair}"), move || server(Rc::clone(&count)));
            sim.client(format!("client{pair}"), client(pair, trips_per_pair, Rc::clone(&delivered)));
        }
        sim.run()?;
        let virtual_s = sim.elapsed().as_secs_f64();
        Ok(Sample { messages: delivered.get(), virtual_s, wall: began.elapsed() })
    }

    async fn server(count: Rc<Cell<u64>>) -> Result<(), Failure> {
        let socket = UdpSocket::bind(("0.0.0.0", PORT)).await?;
        let mut buffer = [0; 128];
        loop {
            let (size, from) = socket.recv_from(&mut buffer).await?;
            count.set(count.get() + 1);
            socket.send_to(&buffer[..size], from).await?;
        }
    }

    async fn client(pair: u64, trips: u64, count: Rc<Cell<u64>>) -> Result<(), Failure> {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        let to = std::net::SocketAddr::new(turmoil::lookup(format!("server{pair}")), PORT);
        for _ in 0..IN_FLIGHT {
            socket.send_to(&PAYLOAD, to).await?;
        }
        let mut buffer = [0; 128];
        for trip in 0..trips {
            socket.recv_from(&mut buffer).await?;
            count.set(count.get() + 1);
            if trip + IN_FLIGHT < trips {
                socket.send_to(&PAYLOAD, to).await?;
            }
        }
        Ok(())
    }

    pub fn idle(hosts: u64, virtual_s: u64) -> Result<Sample, Failure> {
        let began = Instant::now();
        let mut sim = sim(Duration::from_secs(virtual_s + 1));
        for host in 0..hosts {
            sim.host(format!("idle{host}"), || async {
                let socket = UdpSocket::bind(("0.0.0.0", PORT)).await?;
                socket.recv_from(&mut [0; 64]).await?;
                Ok(())
            });
        }
        let ticks = virtual_s * 1000;
        for _ in 0..ticks {
            sim.step()?;
        }
        let virtual_s = sim.elapsed().as_secs_f64();
        Ok(Sample { messages: 0, virtual_s, wall: began.elapsed() })
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Medians of both, and of the ratio of neighbours in time.
fn compare(
    rounds: usize,
    mut ours: impl FnMut() -> Result<f64, Failure>,
    mut theirs: impl FnMut() -> Result<f64, Failure>,
) -> Result<(f64, f64, f64), Failure> {
    let mut samples = Vec::new();
    for _ in 0..rounds {
        samples.push((ours()?, theirs()?));
    }
    let ratio = samples.iter().map(|(a, b)| a / b).collect();
    let ours = samples.iter().map(|(a, _)| *a).collect();
    let theirs = samples.iter().map(|(_, b)| *b).collect();
    Ok((median(ours), median(theirs), median(ratio)))
}

fn echo_rate(run: impl Fn() -> Result<Sample, Failure>, expected: u64) -> Result<f64, Failure> {
    let sample = run()?;
    if sample.messages != expected {
        return Err(format!("{} messages, not {expected}", sample.messages).into());
    }
    Ok(sample.messages_per_s())
}

fn main() -> Result<(), Failure> {
    let rounds = std::env::args().nth(1).map_or(Ok(5), |text| text.parse())?;
    println!("64-byte UDP echo, 32 in flight a pair, 1 ms one way; medians of {rounds} interleaved rounds");
    println!("| hosts | messages | koosim msg/s | turmoil 0.7.2 msg/s | ratio |");
    println!("|---|---|---|---|---|");
    for (hosts, trips) in [(2_u64, 160_000_u64), (20, 16_000), (200, 320)] {
        let pairs = hosts / 2;
        let messages = 2 * pairs * trips;
        let (ours, theirs, ratio) = compare(
            rounds,
            || echo_rate(|| ours::echo(pairs, trips), messages),
            || echo_rate(|| theirs::echo(pairs, trips), messages),
        )?;
        println!("| {hosts} | {messages} | {ours:.0} | {theirs:.0} | {ratio:.1} |");
    }
    println!();
    println!("koosim alone, longer, to see whether the number of hosts matters");
    println!("| hosts | messages | msg/s |");
    println!("|---|---|---|");
    for (hosts, trips) in [(2_u64, 480_000_u64), (20, 48_000), (200, 4_800), (2_000, 480), (10_000, 96)] {
        let pairs = hosts / 2;
        let messages = 2 * pairs * trips;
        let rates = (0..rounds).map(|_| echo_rate(|| ours::echo(pairs, trips), messages));
        let rate = median(rates.collect::<Result<_, _>>()?);
        println!("| {hosts} | {messages} | {rate:.0} |");
    }
    println!();
    println!("idle hosts, simulated seconds per wall second, start-up included");
    println!("| hosts | koosim | turmoil 0.7.2 |");
    println!("|---|---|---|");
    const YEAR_S: i64 = 365 * 86_400;
    for (hosts, their_seconds) in [(2_u64, Some(20)), (10, Some(5)), (50, Some(1)), (10_000, None)] {
        let ours = median(
            (0..rounds).map(|_| Ok(ours::idle(hosts, YEAR_S)?.speed())).collect::<Result<_, Failure>>()?,
        );
        let theirs = match their_seconds {
            Some(seconds) => format!("{:.1}", theirs::idle(hosts, seconds)?.speed()),
            None => "not feasible".to_owned(),
        };
        println!("| {hosts} | {ours:.2e} | {theirs} |");
    }
    Ok(())
}
