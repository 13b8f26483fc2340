//! One clock, exact to the nanosecond where it says so, and never running ahead of the network.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use koosim_engine::net::{Fate, Link, LinkSpec, LinkStreams, Order, Packet, replay};
use koosim_engine::streams::Streams;
use koosim_harness::{
    Builder, DATAGRAM_HEADER_BYTES, Network, Record, RunError, RunLog, UdpSocket, What, note,
    random, sim_now, sleep, sleep_until, timeout,
};
use koosim_model::time::{SimDuration, SimTime};
use proptest::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

const MS: i64 = 1_000_000;

fn ns(ns: i64) -> SimDuration {
    SimDuration::from_nanos(ns)
}

/// What hosts have noted, with the nanoseconds since the start.
#[derive(Clone, Default)]
struct Diary(Rc<RefCell<Vec<(i64, String)>>>);

impl Diary {
    fn write(&self, start: SimTime, what: &str) {
        self.0.borrow_mut().push(((sim_now() - start).as_nanos(), what.to_owned()));
    }
    fn read(&self) -> Vec<(i64, String)> {
        self.0.borrow().clone()
    }
}

fn entries(expected: &[(i64, &str)]) -> Vec<(i64, String)> {
    expected.iter().map(|(ns, what)| (*ns, (*what).to_owned())).collect()
}

fn network(start: SimTime, delay_ns: i64) -> Builder {
    Network::builder(1).start(start).link(LinkSpec::new(ns(delay_ns)).unwrap())
}

/// One host that does something and writes a diary.
fn alone<F, T>(start: SimTime, component: F) -> Vec<(i64, String)>
where
    F: Fn(Diary, SimTime) -> T + 'static,
    T: Future<Output = ()> + 'static,
{
    let mut net = network(start, MS).build().unwrap();
    let diary = Diary::default();
    let (written, component) = (diary.clone(), Rc::new(component));
    net.host("alone", move || {
        let (diary, component) = (written.clone(), Rc::clone(&component));
        async move {
            component(diary, start).await;
            Ok(())
        }
    })
    .unwrap();
    net.run_for(SimDuration::from_days(4000)).unwrap();
    diary.read()
}

#[test]
fn datagrams_arrive_at_their_nanosecond_and_both_clocks_show_it() {
    let start = SimTime::from_nanos(1_709_884_204_000_000_007);
    let mut net = network(start, 40_000_001).build().unwrap();
    let diary = Diary::default();
    let written = diary.clone();
    net.host("b", move || {
        let diary = written.clone();
        async move {
            let socket = UdpSocket::bind("0.0.0.0:1").await?;
            let origin = Instant::now();
            for _ in 0..2 {
                socket.recv_from(&mut [0; 8]).await?;
                diary.write(start, "arrived");
                let shown = i64::try_from(origin.elapsed().as_nanos())?;
                assert_eq!(shown, (sim_now() - start).as_nanos());
            }
            Ok(())
        }
    })
    .unwrap();
    net.host("a", move || async move {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        socket.send_to(b"1", "b:1").await?;
        sleep(ns(3)).await;
        socket.send_to(b"2", "b:1").await?;
        Ok(())
    })
    .unwrap();
    net.run_for(SimDuration::from_secs(1)).unwrap();
    assert_eq!(diary.read(), entries(&[(40_000_001, "arrived"), (40_000_004, "arrived")]));
    assert_eq!(net.now(), start + SimDuration::from_secs(1));
}

#[test]
fn own_sleeps_are_exact_and_tokios_end_at_the_next_whole_millisecond() {
    let written = alone(SimTime::from_nanos(5), |diary, start| async move {
        sleep(ns(300_001)).await;
        diary.write(start, "own");
        tokio::time::sleep(Duration::from_millis(1)).await;
        diary.write(start, "tokio, asked for 1.300001 ms");
        sleep(ns(1)).await;
        diary.write(start, "own");
        tokio::time::sleep(Duration::from_nanos(1)).await;
        diary.write(start, "tokio, asked for 2.000002 ms");
        tokio::time::sleep(Duration::from_millis(7)).await;
        diary.write(start, "tokio, asked for a whole one");
    });
    let expected = [
        (300_001, "own"),
        (2 * MS, "tokio, asked for 1.300001 ms"),
        (2 * MS + 1, "own"),
        (3 * MS, "tokio, asked for 2.000002 ms"),
        (10 * MS, "tokio, asked for a whole one"),
    ];
    assert_eq!(written, entries(&expected));
}

#[test]
fn an_instant_is_worked_off_timers_first() {
    let start = SimTime::EPOCH;
    let mut net = network(start, 5 * MS).build().unwrap();
    let diary = Diary::default();
    // Hosts are added in the opposite order, so that it is not theirs that decides.
    let written = diary.clone();
    net.host("receiver", move || {
        let diary = written.clone();
        async move {
            let socket = UdpSocket::bind("0.0.0.0:1").await?;
            socket.recv_from(&mut [0; 8]).await?;
            diary.write(start, "arrival");
            Ok(())
        }
    })
    .unwrap();
    net.host("sender", || async {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        socket.send_to(b"x", "receiver:1").await?;
        Ok(())
    })
    .unwrap();
    let written = diary.clone();
    net.host("own", move || {
        let diary = written.clone();
        async move {
            sleep_until(start + ns(5 * MS)).await;
            diary.write(start, "own sleep");
            Ok(())
        }
    })
    .unwrap();
    let written = diary.clone();
    net.host("tokio", move || {
        let diary = written.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            diary.write(start, "tokio sleep");
            Ok(())
        }
    })
    .unwrap();
    net.run_for(SimDuration::from_secs(1)).unwrap();
    let expected = [(5 * MS, "tokio sleep"), (5 * MS, "own sleep"), (5 * MS, "arrival")];
    assert_eq!(diary.read(), entries(&expected));
}

#[test]
fn years_pass_in_one_step_each_way() {
    let year_ns = 365 * 86_400_000 * MS;
    let written = alone(SimTime::from_nanos(99), move |diary, start| async move {
        let days = |n: u64| Duration::from_secs(n * 86_400);
        tokio::time::sleep(days(3 * 365)).await;
        diary.write(start, "tokio");
        sleep(SimDuration::from_days(3 * 365)).await;
        diary.write(start, "own");
    });
    assert_eq!(written, entries(&[(3 * year_ns, "tokio"), (6 * year_ns, "own")]));
}

#[test]
fn a_timeout_comes_before_an_arrival_of_its_instant() {
    let written = alone(SimTime::EPOCH, |diary, start| async move {
        let slow = timeout(ns(1_000), std::future::pending::<()>()).await;
        diary.write(start, &slow.unwrap_err().to_string());
        let quick = timeout(ns(1_000), sleep(ns(999))).await;
        diary.write(start, if quick.is_ok() { "in time" } else { "late" });
    });
    let late = "nothing came by 1970-01-01T08:00:00.000001+08:00";
    assert_eq!(written, entries(&[(1_000, late), (1_999, "in time")]));
}

#[test]
fn sleeps_that_are_given_up_leave_nothing_behind() {
    let written = alone(SimTime::EPOCH, |diary, start| async move {
        for _ in 0..100_000 {
            let gone = timeout(SimDuration::from_days(1), sleep(ns(10))).await;
            assert!(gone.is_ok());
        }
        diary.write(start, "done");
        // One sleep, polled again and again with the same waker and with others.
        let mut sleep = Box::pin(sleep(ns(50)));
        for _ in 0..20 {
            tokio::select! {
                biased;
                () = &mut sleep => diary.write(start, "ended"),
                () = koosim_harness::sleep(ns(3)) => {}
            }
        }
    });
    assert_eq!(written[..2], entries(&[(1_000_000, "done"), (1_000_050, "ended")]));
}

#[test]
fn a_run_does_not_go_back_and_not_into_another_runtime() {
    let mut net = network(SimTime::from_nanos(10), MS).build().unwrap();
    let back = net.run_until(SimTime::from_nanos(9));
    assert!(matches!(back, Err(RunError::Backwards { .. })));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let inside = runtime.block_on(async { net.run_for(ns(1)) });
    assert_eq!(inside, Err(RunError::InsideRuntime));
    net.run_for(ns(1)).unwrap();
    assert_eq!(net.now(), SimTime::from_nanos(11));
}

fn restless_link() -> LinkSpec {
    LinkSpec::new(ns(700_001)).unwrap().jitter(ns(3 * MS), Order::Free).unwrap()
}

/// Hosts that sleep by both clocks for lengths of all sizes, and send each other datagrams.
fn restless(seed: u64, pieces: &[i64]) -> Result<RunLog, RunError> {
    let start = SimTime::from_nanos(123);
    let mut net = Network::builder(seed).start(start).link(restless_link()).build()?;
    for host in 0..4_u64 {
        net.host(&format!("h{host}"), move || restless_host(host))?;
    }
    let end = net.now() + ns(200 * MS);
    for piece in pieces {
        let until = net.now() + ns(*piece);
        net.run_until(until.min(end))?;
    }
    net.run_until(end)?;
    Ok(net.finish())
}

async fn restless_host(host: u64) -> koosim_harness::HostResult {
    let start = SimTime::from_nanos(123);
    let socket = Rc::new(UdpSocket::bind("0.0.0.0:1").await?);
    let receiver = Rc::clone(&socket);
    koosim_harness::spawn(async move {
        let mut buffer = [0; 16];
        while let Ok((_, from)) = receiver.recv_from(&mut buffer).await {
            note(&format!("from {from} at {}", sim_now()));
        }
    });
    let mut dice = random("dice");
    loop {
        let before = sim_now();
        let length = i64::try_from(dice.up_to(4_000_000))?;
        if dice.chance(1, 2) {
            sleep(ns(length)).await;
            assert_eq!(sim_now() - before, ns(length));
        } else {
            tokio::time::sleep(Duration::from_nanos(u64::try_from(length)?)).await;
            // The first whole millisecond of the run that is not before the deadline.
            let asked = (before - start).as_nanos() + length;
            let rounded = (asked + MS - 1) / MS * MS;
            assert_eq!((sim_now() - start).as_nanos(), rounded.max((before - start).as_nanos()));
        }
        socket.send_to(&host.to_le_bytes(), format!("h{}:1", dice.up_to(3))).await?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn how_a_run_is_cut_into_pieces_changes_nothing(
        seed in any::<u64>(),
        pieces in prop::collection::vec(0_i64..20_000_000, 0..12),
    ) {
        let whole = restless(seed, &[]).unwrap();
        let cut = restless(seed, &pieces).unwrap();
        prop_assert!(whole.count() > 500);
        prop_assert_eq!(koosim_harness::compare(&whole, &cut), None);
        prop_assert_eq!(inexact(seed, &whole), Vec::<String>::new());
    }
}

/// Where the run differs from its links, each told again of the packets that it was offered: packets
/// that did not arrive at exactly their nanosecond, and those that arrived without having been sent.
fn inexact(seed: u64, log: &RunLog) -> Vec<String> {
    let end = log.kept().iter().map(|record| record.at).max().unwrap();
    let came = |record: &&Record| matches!(record.what, What::Arrived(_));
    let mut seen: Vec<_> = log.kept().iter().filter(came).map(|r| (r.at, r.content)).collect();
    let mut expected = Vec::new();
    for (from, to) in (0..4).flat_map(|from| (0..4).map(move |to| (from, to))) {
        let name = format!("h{from}->h{to}");
        let spec = if from == to { LinkSpec::LOOPBACK } else { restless_link() };
        let mut link = Link::new(spec, LinkStreams::new(&Streams::new(seed), &name));
        let of_link = |record: &&Record| {
            let ends = [record.host, record.peer].map(|host| usize::try_from(host).unwrap());
            matches!(record.what, What::Sent(_)) && ends == [from, to]
        };
        let offers = log.kept().iter().filter(of_link).map(|record| {
            (record.at, Packet::new(record.content, record.bytes + DATAGRAM_HEADER_BYTES))
        });
        replay(&mut link, offers, |told| {
            if matches!(told.fate, Fate::Arrived { .. }) && told.at <= end {
                expected.push((told.at, told.packet.token));
            }
        });
    }
    expected.sort_unstable();
    seen.sort_unstable();
    let missing = expected.iter().filter(|packet| seen.binary_search(packet).is_err());
    let unsent = seen.iter().filter(|packet| expected.binary_search(packet).is_err());
    missing.chain(unsent).map(|packet| format!("{packet:?}")).collect()
}
