//! A client polls its bill every hour for thirty days, over a link that takes 40 ms and loses 2 %.
//!
//! The server adds an hour's charge to the bill every hour and answers each request with the sum;
//! the client opens a connection for each request and gives up after five seconds. Nothing waits
//! in real time. The run is done twice and must be the same to the last byte.
//!
//!     cargo run --release -p koosim-harness --example bill_poll

use koosim_engine::net::{LinkSpec, Ratio};
use koosim_harness::{
    HostError, HostResult, Network, RunError, RunLog, TcpListener, TcpStream, note, sim_now, sleep,
    sleep_until, spawn, timeout, verify,
};
use koosim_model::time::{SimDuration, SimTime, WallTime};
use std::cell::Cell;
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const DAYS: i64 = 30;
const FEN_PER_HOUR: u64 = 45;
const PATIENCE: SimDuration = SimDuration::from_secs(5);

/// What the client saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Answers that came in time.
    pub(crate) answers: u64,
    /// Polls that were given up.
    pub(crate) given_up: u64,
    /// The last bill, in fen.
    pub(crate) last_fen: u64,
    /// The longest wait for an answer.
    pub(crate) slowest: SimDuration,
}

async fn server() -> HostResult {
    let bill = Rc::new(Cell::new(0_u64));
    let charged = Rc::clone(&bill);
    spawn(async move {
        loop {
            sleep(SimDuration::from_hours(1)).await;
            charged.set(charged.get() + FEN_PER_HOUR);
        }
    });
    let listener = TcpListener::bind("0.0.0.0:80").await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let bill = Rc::clone(&bill);
        spawn(async move {
            // A client that has gone away is no business of the server's.
            let _gone = answer(stream, bill.get()).await;
        });
    }
}

async fn answer(mut stream: TcpStream, fen: u64) -> std::io::Result<()> {
    let mut request = [0; 5];
    stream.read_exact(&mut request).await?;
    stream.write_all(&fen.to_be_bytes()).await?;
    stream.shutdown().await
}

async fn poll_once() -> std::io::Result<u64> {
    let mut stream = TcpStream::connect("server:80").await?;
    stream.write_all(b"bill?").await?;
    stream.read_u64().await
}

async fn client(start: SimTime, seen: Rc<Cell<Tally>>) -> Result<(), HostError> {
    for hour in 1..=DAYS * 24 {
        // Half an hour past, so that the hour's charge is certain to be on the bill.
        sleep_until(start + SimDuration::from_secs(hour * 3600 + 1800)).await;
        let (asked, mut tally) = (sim_now(), seen.get());
        match timeout(PATIENCE, poll_once()).await {
            Ok(bill) => {
                let fen = bill?;
                note(&format!("bill {}.{:02}", fen / 100, fen % 100));
                tally.answers += 1;
                tally.last_fen = fen;
                tally.slowest = tally.slowest.max(sim_now() - asked);
            }
            Err(late) => {
                note(&late.to_string());
                tally.given_up += 1;
            }
        }
        seen.set(tally);
    }
    Ok(())
}

/// One run: its log, and what the client saw.
pub(crate) fn scenario(seed: u64) -> Result<(RunLog, Tally), RunError> {
    let start = WallTime::parse("2024-03-08 00:00:00").map_or(SimTime::EPOCH, WallTime::instant);
    let link = LinkSpec::from_millis(40).loss(Ratio::percent(2));
    let mut net = Network::builder(seed).start(start).link(link).build()?;
    let seen = Rc::new(Cell::new(Tally::default()));
    net.host("server", server)?;
    let client_sees = Rc::clone(&seen);
    net.host("client", move || client(start, Rc::clone(&client_sees)))?;
    net.run_until_finished("client", start + SimDuration::from_days(DAYS + 1))?;
    Ok((net.finish(), seen.get()))
}

#[expect(clippy::disallowed_types, reason = "an example may say how long it took")]
fn main() -> Result<(), HostError> {
    let began = std::time::Instant::now();
    let log = verify(|| scenario(42).map(|(log, _)| log))?;
    let wall = began.elapsed();
    let (_, tally) = scenario(42)?;
    println!("{} hourly polls over {DAYS} virtual days, twice", DAYS * 24);
    println!("answers {}, given up {}", tally.answers, tally.given_up);
    println!("last bill {}.{:02}", tally.last_fen / 100, tally.last_fen % 100);
    println!("slowest answer {} ms", tally.slowest.as_nanos() / 1_000_000);
    println!("records {}, digest {}", log.count(), log.digest());
    println!("wall time of the two runs {} ms", wall.as_millis());
    Ok(())
}
