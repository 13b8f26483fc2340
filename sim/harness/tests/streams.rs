//! Byte streams over lossy links, and what becomes of them when a host goes away.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use koosim_engine::net::{LinkSpec, Order, Ratio};
use koosim_harness::{
    HostResult, HostState, Network, RECEIVE_BYTES_MAX, SEND_BYTES_MAX, TcpListener, TcpStream,
    sim_now, sleep, spawn, timeout,
};
use koosim_model::time::{SimDuration, SimTime};
use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn ms(ms: i64) -> SimDuration {
    SimDuration::from_millis(ms)
}

async fn echo() -> HostResult {
    let listener = TcpListener::bind("0.0.0.0:80").await?;
    loop {
        let (stream, _) = listener.accept().await?;
        spawn(async move {
            let (mut read, mut write) = tokio::io::split(stream);
            // A peer that resets the connection ends the copy, and that is all.
            let _ended = tokio::io::copy(&mut read, &mut write).await;
            let _ended = write.shutdown().await;
        });
    }
}

/// Takes requests and never answers.
async fn silent() -> HostResult {
    let listener = TcpListener::bind("0.0.0.0:80").await?;
    let mut held = Vec::new();
    loop {
        held.push(listener.accept().await?.0);
    }
}

/// What a client has seen, in words and nanoseconds.
type Seen = Rc<RefCell<Vec<(i64, String)>>>;

fn see(seen: &Seen, what: impl Into<String>) {
    seen.borrow_mut().push((sim_now().as_nanos(), what.into()));
}

/// Asks once and writes down how it ended.
async fn ask(seen: &Seen) {
    let answer = async {
        let mut stream = TcpStream::connect("server:80").await?;
        stream.write_all(b"bill?").await?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
    };
    match answer.await {
        Ok(text) => see(seen, text),
        Err(error) => see(seen, format!("{:?}", error.kind())),
    }
}

fn asking<F>(server: fn() -> F, link: LinkSpec) -> (Network, Seen)
where
    F: Future<Output = HostResult> + 'static,
{
    let mut net = Network::builder(3).link(link).build().unwrap();
    let seen = Seen::default();
    let sees = Rc::clone(&seen);
    net.host("server", server).unwrap();
    net.host("client", move || {
        let seen = Rc::clone(&sees);
        async move {
            ask(&seen).await;
            Ok(())
        }
    })
    .unwrap();
    (net, seen)
}

fn words(seen: &Seen) -> Vec<(i64, String)> {
    seen.borrow().iter().map(|(ns, what)| (ns / 1_000_000, what.clone())).collect()
}

#[test]
fn an_answer_takes_two_round_trips() {
    let (mut net, seen) = asking(echo, LinkSpec::from_millis(40));
    net.run_for(ms(10_000)).unwrap();
    assert_eq!(words(&seen), [(160, "bill?".to_owned())]);
}

#[test]
fn bytes_survive_loss_reordering_and_small_packets() {
    let link = LinkSpec::from_millis(20)
        .loss(Ratio::percent(10))
        .jitter(ms(30), Order::Free)
        .unwrap()
        .mtu(NonZeroU32::new(540).unwrap());
    let mut net = Network::builder(9).link(link).build().unwrap();
    net.host("server", echo).unwrap();
    net.host("client", || async {
        let stream = TcpStream::connect(("server", 80)).await?;
        stream.set_nodelay(true)?;
        let (mut read, mut write) = tokio::io::split(stream);
        let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let expected = bytes.clone();
        spawn(async move {
            write.write_all(&bytes).await.unwrap();
            write.shutdown().await.unwrap();
            assert_eq!(write.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        });
        let mut received = Vec::new();
        read.read_to_end(&mut received).await?;
        assert!(received == expected, "{} bytes", received.len());
        Ok(())
    })
    .unwrap();
    net.run_until_finished("client", SimTime::EPOCH + SimDuration::from_hours(10)).unwrap();
    let books = net.counters();
    assert!(books.are_conserved());
    assert_eq!(books.dropped(koosim_engine::net::DropCause::TooBig).packets, 0);
    net.run_for(SimDuration::from_hours(1)).unwrap();
    assert_eq!(net.counters().in_flight.packets, 0);
}

#[test]
fn nobody_listens() {
    let (mut net, seen) = asking(|| async { Ok(()) }, LinkSpec::from_millis(40));
    net.run_for(ms(10_000)).unwrap();
    assert_eq!(words(&seen), [(80, "ConnectionRefused".to_owned())]);
}

#[test]
fn a_crash_during_a_request_resets_it_and_a_restart_serves_again() {
    let (mut net, seen) = asking(silent, LinkSpec::from_millis(40));
    net.run_for(ms(500)).unwrap();
    assert_eq!(words(&seen), []);
    net.crash("server").unwrap();
    assert_eq!(net.state("server").unwrap(), HostState::Crashed);
    net.restart("client").unwrap();
    net.run_for(ms(500)).unwrap();
    // The first client was killed before it saw the reset; the second is refused.
    assert_eq!(words(&seen), [(580, "ConnectionRefused".to_owned())]);
    net.restart("server").unwrap();
    net.restart("client").unwrap();
    net.run_for(ms(500)).unwrap();
    net.crash("server").unwrap();
    net.run_for(ms(500)).unwrap();
    assert_eq!(words(&seen)[1..], [(1_540, "ConnectionReset".to_owned())]);
}

#[test]
fn a_host_without_power_is_met_with_silence_until_it_comes_back() {
    let (mut net, seen) = asking(silent, LinkSpec::from_millis(40));
    net.run_for(ms(500)).unwrap();
    net.power_off("server").unwrap();
    net.restart("client").unwrap();
    net.run_for(SimDuration::from_hours(1)).unwrap();
    // It was asked again after 1, 2, 4, 8, 16 and 32 s, and given up after another minute.
    assert_eq!(words(&seen), [(500 + 123_000, "TimedOut".to_owned())]);
    net.restart("server").unwrap();
    net.restart("client").unwrap();
    net.run_for(ms(500)).unwrap();
    assert_eq!(net.state("server").unwrap(), HostState::Running);
    net.power_off("server").unwrap();
    net.restart("server").unwrap();
    net.restart("client").unwrap();
    net.run_for(SimDuration::from_hours(1)).unwrap();
    assert_eq!(words(&seen).len(), 1, "the new server is as silent as the old one");
}

#[test]
fn a_connection_to_an_earlier_life_of_a_host_is_reset_when_it_is_used() {
    let mut net = Network::builder(3).link(LinkSpec::from_millis(40)).build().unwrap();
    let seen = Seen::default();
    let sees = Rc::clone(&seen);
    net.host("server", silent).unwrap();
    net.host("client", move || {
        let seen = Rc::clone(&sees);
        async move {
            let mut stream = TcpStream::connect("server:80").await?;
            sleep(SimDuration::from_hours(1)).await;
            stream.write_all(b"still there?").await?;
            see(&seen, format!("{:?}", stream.read_u8().await.unwrap_err().kind()));
            Ok(())
        }
    })
    .unwrap();
    net.run_for(ms(1_000)).unwrap();
    net.power_off("server").unwrap();
    net.restart("server").unwrap();
    net.run_for(SimDuration::from_hours(2)).unwrap();
    assert_eq!(words(&seen), [(3_600_000 + 160, "ConnectionReset".to_owned())]);
}

#[test]
fn a_partition_during_a_request_delays_it_or_ends_it() {
    let (mut net, seen) = asking(echo, LinkSpec::from_millis(40));
    net.run_for(ms(100)).unwrap();
    net.partition("client", "server").unwrap();
    net.run_for(ms(3_000)).unwrap();
    assert_eq!(words(&seen), []);
    net.heal("client", "server").unwrap();
    net.run_for(ms(10_000)).unwrap();
    let (at_ms, what) = words(&seen)[0].clone();
    assert_eq!(what, "bill?");
    assert!((3_100..6_500).contains(&at_ms), "answered at {at_ms} ms");
}

#[test]
fn a_writer_waits_for_a_reader_that_does_not_read() {
    let mut net = Network::builder(3).build().unwrap();
    let written = Rc::new(Cell::new(0_usize));
    let reads = Rc::new(Cell::new(false));
    let may_read = Rc::clone(&reads);
    net.host("server", move || {
        let may_read = Rc::clone(&may_read);
        async move {
            let listener = TcpListener::bind("0.0.0.0:80").await?;
            let (mut stream, _) = listener.accept().await?;
            while !may_read.get() {
                sleep(ms(1_000)).await;
            }
            let mut sink = Vec::new();
            stream.read_to_end(&mut sink).await?;
            assert_eq!(sink.len(), 1_000_000);
            Ok(())
        }
    })
    .unwrap();
    let count = Rc::clone(&written);
    net.host("client", move || {
        let written = Rc::clone(&count);
        async move {
            let mut stream = TcpStream::connect("server:80").await?;
            for _ in 0..1_000 {
                stream.write_all(&[7; 1_000]).await?;
                written.set(written.get() + 1_000);
            }
            Ok(())
        }
    })
    .unwrap();
    net.run_for(SimDuration::from_hours(1)).unwrap();
    let held = usize::try_from(RECEIVE_BYTES_MAX).unwrap() + SEND_BYTES_MAX;
    assert!((held - 1_000..=held).contains(&written.get()), "{} bytes", written.get());
    reads.set(true);
    net.run_until_finished("server", net.now() + ms(10_000)).unwrap();
    assert_eq!(written.get(), 1_000_000);
}

#[test]
fn a_stream_that_is_dropped_unread_resets_and_one_that_is_read_ends() {
    let mut net = Network::builder(3).build().unwrap();
    net.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        for polite in [true, false] {
            let (mut stream, _) = listener.accept().await?;
            if polite {
                stream.read_u8().await?;
            } else {
                sleep(ms(10)).await;
            }
        }
        Ok(())
    })
    .unwrap();
    net.host("client", || async {
        for expected in [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset] {
            let mut stream = TcpStream::connect("server:80").await?;
            stream.write_u8(7).await?;
            assert_eq!(stream.read_u8().await.unwrap_err().kind(), expected);
        }
        let refused = TcpStream::connect("server:80").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        Ok(())
    })
    .unwrap();
    net.run_until_finished("client", SimTime::EPOCH + ms(1_000)).unwrap();
}

#[test]
fn an_attempt_that_is_given_up_leaves_nothing_behind() {
    let (mut net, _) = asking(silent, LinkSpec::from_millis(40).loss(Ratio::ALWAYS));
    net.host("impatient", || async {
        let first = TcpStream::connect("server:80");
        assert!(timeout(ms(100), first).await.is_err());
        // Every port is free again, so that the next attempt can use all but the one in use.
        for _ in 0..20_000 {
            assert!(timeout(ms(1), TcpStream::connect("server:80")).await.is_err());
        }
        Ok(())
    })
    .unwrap();
    net.run_until_finished("impatient", SimTime::EPOCH + SimDuration::from_hours(1)).unwrap();
}
