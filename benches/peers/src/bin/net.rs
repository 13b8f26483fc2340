//! The virtual network against turmoil 0.7.2: the same work, in one run, interleaved.
//!
//! Datagrams: pairs of hosts, 64-byte echo, 32 in flight a pair, 1 ms one way, no loss.
//! Streams: the same pairs, one 64-byte request and answer at a time over one connection.
//! Idle: hosts that wait for a datagram that never comes; simulated seconds per wall second.
//!
//! Both sides do the same work and are checked to have delivered the same number of messages; a
//! round measures one and then the other, start-up included, and the ratio is the median of the
//! rounds' ratios.
//!
//!     cargo run --release --bin net [-- rounds]
#![expect(clippy::disallowed_types, reason = "a benchmark measures wall time")]

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
    use koosim_engine::net::{LinkSpec, Order};
    use koosim_harness::{Network, TcpListener, TcpStream, UdpSocket, spawn};
    use koosim_model::time::SimDuration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Every packet of a host takes as long as every other.
    pub fn constant() -> Result<LinkSpec, Failure> {
        Ok(LinkSpec::from_millis(1))
    }
    /// Every packet arrives at a nanosecond of its own.
    pub fn varied() -> Result<LinkSpec, Failure> {
        let half = SimDuration::from_nanos(500_000);
        Ok(LinkSpec::new(half)?.jitter(SimDuration::from_millis(1), Order::Free)?)
    }

    pub fn echo(pairs: u64, trips_per_pair: u64, link: LinkSpec) -> Result<Sample, Failure> {
        let delivered = Rc::new(Cell::new(0_u64));
        let began = Instant::now();
        let mut net = Network::builder(42).link(link).keep_records(0).build()?;
        for pair in 0..pairs {
            let count = Rc::clone(&delivered);
            net.host(&format!("server{pair}"), move || server(Rc::clone(&count)))?;
            let count = Rc::clone(&delivered);
            net.host(&format!("client{pair}"), move || {
                client(pair, trips_per_pair, Rc::clone(&count))
            })?;
        }
        let rounds = i64::try_from(trips_per_pair / IN_FLIGHT)?;
        net.run_for(SimDuration::from_millis(3 * rounds + 10))?;
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

    pub fn streams(pairs: u64, trips_per_pair: u64) -> Result<Sample, Failure> {
        let delivered = Rc::new(Cell::new(0_u64));
        let began = Instant::now();
        let mut net = Network::builder(42).keep_records(0).build()?;
        for pair in 0..pairs {
            let count = Rc::clone(&delivered);
            net.host(&format!("server{pair}"), move || listener(Rc::clone(&count)))?;
            let count = Rc::clone(&delivered);
            net.host(&format!("client{pair}"), move || {
                requester(pair, trips_per_pair, Rc::clone(&count))
            })?;
        }
        net.run_for(SimDuration::from_millis(2 * i64::try_from(trips_per_pair)? + 10))?;
        let virtual_s = net.now().as_nanos() as f64 / 1e9;
        Ok(Sample { messages: delivered.get(), virtual_s, wall: began.elapsed() })
    }

    async fn listener(count: Rc<Cell<u64>>) -> Result<(), Failure> {
        let listener = TcpListener::bind(("0.0.0.0", PORT)).await?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            let count = Rc::clone(&count);
            spawn(async move {
                let mut buffer = [0; 64];
                while stream.read_exact(&mut buffer).await.is_ok() {
                    count.set(count.get() + 1);
                    if stream.write_all(&buffer).await.is_err() {
                        break;
                    }
                }
            });
        }
    }

    async fn requester(pair: u64, trips: u64, count: Rc<Cell<u64>>) -> Result<(), Failure> {
        let mut stream = TcpStream::connect((format!("server{pair}").as_str(), PORT)).await?;
        let mut buffer = [0; 64];
        for _ in 0..trips {
            stream.write_all(&PAYLOAD).await?;
            stream.read_exact(&mut buffer).await?;
            count.set(count.get() + 1);
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use turmoil::net::{TcpListener, TcpStream, UdpSocket};

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
            sim.client(
                format!("client{pair}"),
                client(pair, trips_per_pair, Rc::clone(&delivered)),
            );
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

    pub fn streams(pairs: u64, trips_per_pair: u64) -> Result<Sample, Failure> {
        let delivered = Rc::new(Cell::new(0_u64));
        let began = Instant::now();
        let mut sim = sim(Duration::from_secs(1_000_000));
        for pair in 0..pairs {
            let count = Rc::clone(&delivered);
            sim.host(format!("server{pair}"), move || listener(Rc::clone(&count)));
            let count = Rc::clone(&delivered);
            sim.client(format!("client{pair}"), requester(pair, trips_per_pair, count));
        }
        sim.run()?;
        let virtual_s = sim.elapsed().as_secs_f64();
        Ok(Sample { messages: delivered.get(), virtual_s, wall: began.elapsed() })
    }

    async fn listener(count: Rc<Cell<u64>>) -> Result<(), Failure> {
        let listener = TcpListener::bind(("0.0.0.0", PORT)).await?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            let count = Rc::clone(&count);
            tokio::task::spawn_local(async move {
                let mut buffer = [0; 64];
                while stream.read_exact(&mut buffer).await.is_ok() {
                    count.set(count.get() + 1);
                    if stream.write_all(&buffer).await.is_err() {
                        break;
                    }
                }
            });
        }
    }

    async fn requester(pair: u64, trips: u64, count: Rc<Cell<u64>>) -> Result<(), Failure> {
        let mut stream = TcpStream::connect((format!("server{pair}").as_str(), PORT)).await?;
        let mut buffer = [0; 64];
        for _ in 0..trips {
            stream.write_all(&PAYLOAD).await?;
            stream.read_exact(&mut buffer).await?;
            count.set(count.get() + 1);
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

/// Messages per wall second of a run that must have delivered so many.
fn rate(sample: Result<Sample, Failure>, expected: u64) -> Result<f64, Failure> {
    let sample = sample?;
    if sample.messages != expected {
        return Err(format!("{} messages were delivered, not {expected}", sample.messages).into());
    }
    Ok(sample.messages_per_s())
}

type Work = fn(u64, u64) -> Result<Sample, Failure>;

fn table(
    rounds: usize,
    what: &str,
    ours: Work,
    theirs: Work,
    sizes: [(u64, u64); 3],
) -> Result<(), Failure> {
    println!("\n{what}; medians of {rounds} interleaved rounds\n");
    println!(
        "| hosts | messages a round | koosim, messages/s | turmoil 0.7.2, messages/s | ratio |"
    );
    println!("|---:|---:|---:|---:|---:|");
    for (hosts, trips) in sizes {
        let pairs = hosts / 2;
        let messages = 2 * pairs * trips;
        let (ours, theirs, ratio) = compare(
            rounds,
            || rate(ours(pairs, trips), messages),
            || rate(theirs(pairs, trips), messages),
        )?;
        println!("| {hosts} | {messages} | {ours:.0} | {theirs:.0} | {ratio:.1} |");
    }
    Ok(())
}

fn alone(rounds: usize) -> Result<(), Failure> {
    println!(
        "\nkoosim alone: datagrams as above, and with a delay of 0.5 to 1.5 ms drawn for each\n"
    );
    println!("| hosts | messages a round | constant delay, messages/s | drawn delay, messages/s |");
    println!("|---:|---:|---:|---:|");
    let sizes = [(2_u64, 320_000_u64), (20, 32_000), (200, 3_200), (2_000, 320), (10_000, 64)];
    for (hosts, trips) in sizes {
        let pairs = hosts / 2;
        let messages = 2 * pairs * trips;
        let (constant, varied, _) = compare(
            rounds,
            || rate(ours::echo(pairs, trips, ours::constant()?), messages),
            || rate(ours::echo(pairs, trips, ours::varied()?), messages),
        )?;
        println!("| {hosts} | {messages} | {constant:.0} | {varied:.0} |");
    }
    Ok(())
}

fn idle(rounds: usize) -> Result<(), Failure> {
    const YEAR_S: i64 = 365 * 86_400;
    println!(
        "\nidle hosts, simulated seconds per wall second, start-up included; koosim one year\n"
    );
    println!("| hosts | koosim | koosim, wall ms | turmoil 0.7.2 |");
    println!("|---:|---:|---:|---:|");
    for (hosts, their_seconds) in [(2_u64, Some(20)), (10, Some(5)), (50, Some(1)), (10_000, None)]
    {
        let ours = (0..rounds).map(|_| Ok(ours::idle(hosts, YEAR_S)?.speed()));
        let ours = median(ours.collect::<Result<_, Failure>>()?);
        let wall_ms = YEAR_S as f64 / ours * 1e3;
        let theirs = match their_seconds {
            Some(seconds) => format!("{:.1}", theirs::idle(hosts, seconds)?.speed()),
            None => "not feasible".to_owned(),
        };
        println!("| {hosts} | {ours:.1e} | {wall_ms:.2} | {theirs} |");
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let rounds = std::env::args().nth(1).map_or(Ok(5), |text| text.parse())?;
    let datagrams: Work = |pairs, trips| ours::echo(pairs, trips, ours::constant()?);
    let sizes = [(2, 160_000), (20, 16_000), (200, 320)];
    let what = "64-byte datagrams, 32 in flight a pair, 1 ms one way";
    table(rounds, what, datagrams, theirs::echo, sizes)?;
    let sizes = [(2, 20_000), (20, 2_000), (200, 40)];
    let what = "64-byte requests and answers over one stream a pair, one in flight, 1 ms one way";
    table(rounds, what, ours::streams, theirs::streams, sizes)?;
    alone(rounds)?;
    idle(rounds)
}
