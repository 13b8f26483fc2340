//! Hosts: thousands that wait cost nothing; one that fails, panics or never waits stops the run.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use koosim_harness::{
    HostResult, HostState, Network, RunError, TcpStream, UdpSocket, note, random, sim_now, sleep,
    sleep_until, spawn,
};
use koosim_model::time::{SimDuration, SimTime};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const HOSTS: u32 = 10_000;

#[test]
fn ten_thousand_hosts_wait_for_a_year() {
    let mut net = Network::builder(1).build().unwrap();
    let woken = Rc::new(Cell::new(0_u32));
    for host in 0..HOSTS {
        let woken = Rc::clone(&woken);
        net.host(&format!("phone{host}"), move || {
            let woken = Rc::clone(&woken);
            async move {
                let socket = UdpSocket::bind("0.0.0.0:7").await?;
                socket.recv_from(&mut [0; 8]).await?;
                woken.set(woken.get() + 1);
                Ok(())
            }
        })
        .unwrap();
    }
    net.run_for(SimDuration::from_days(365)).unwrap();
    assert_eq!(woken.get(), 0);
    // They did wait: each can still be reached.
    net.host("caller", || async {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        for host in 0..HOSTS {
            socket.send_to(b"hello", format!("phone{host}:7")).await?;
        }
        Ok(())
    })
    .unwrap();
    net.run_for(SimDuration::from_secs(1)).unwrap();
    assert_eq!(woken.get(), HOSTS);
    // One record each for the start, the datagram in both places, and the end.
    assert_eq!(net.finish().count(), u64::from(HOSTS) * 4 + 2);
}

fn alone<F>(component: fn() -> F) -> Network
where
    F: Future<Output = HostResult> + 'static,
{
    let mut net = Network::builder(1).polls_per_instant(1_000).build().unwrap();
    net.host("alone", component).unwrap();
    net
}

/// How the run of one host ends, twice: a network that has stopped stays so.
fn end_of<F>(component: fn() -> F) -> RunError
where
    F: Future<Output = HostResult> + 'static,
{
    let mut net = alone(component);
    let first = net.run_for(SimDuration::from_secs(1)).unwrap_err();
    assert_eq!(net.run_for(SimDuration::from_secs(1)), Err(first.clone()));
    first
}

#[test]
fn an_error_of_a_component_stops_the_run() {
    let error = end_of(|| async {
        sleep(SimDuration::from_nanos(7)).await;
        Err("no bill".into())
    });
    let at = SimTime::from_nanos(7);
    let (host, message) = ("alone".to_owned(), "no bill".to_owned());
    assert_eq!(error, RunError::Failed { host, at, message });
}

#[test]
fn a_panic_of_a_task_stops_the_run_even_if_nobody_waits_for_it() {
    let error = end_of(|| async {
        spawn(async {
            sleep(SimDuration::from_nanos(7)).await;
            panic!("bill {} is negative", 3);
        });
        std::future::pending().await
    });
    let at = SimTime::from_nanos(7);
    let (host, message) = ("alone".to_owned(), "bill 3 is negative".to_owned());
    assert_eq!(error, RunError::Panicked { host, at, message });
}

#[test]
fn a_task_that_never_waits_stops_the_run() {
    let yields = end_of(|| async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    let (host, at) = ("alone".to_owned(), SimTime::EPOCH);
    assert_eq!(yields, RunError::Stalled { host, at, limit: 1_000 });
    let floods = end_of(|| async {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        loop {
            socket.send_to(b"x", "localhost:9").await?;
        }
    });
    assert!(matches!(floods, RunError::Stalled { .. }), "{floods}");
    let sleeps = end_of(|| async {
        loop {
            sleep_until(sim_now()).await;
            tokio::task::consume_budget().await;
        }
    });
    assert!(matches!(sleeps, RunError::Stalled { .. }), "{sleeps}");
}

#[test]
fn a_component_that_moves_the_clock_stops_the_run() {
    let advances = end_of(|| async {
        sleep(SimDuration::from_nanos(7)).await;
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        std::future::pending().await
    });
    assert_eq!(advances, RunError::ClockMoved { at: SimTime::from_nanos(7) });
}

#[test]
fn a_host_that_does_not_finish_is_named() {
    let mut net = alone(std::future::pending);
    let limit = SimTime::from_nanos(5_000_000);
    let error = net.run_until_finished("alone", limit).unwrap_err();
    assert_eq!(error, RunError::NotFinished { host: "alone".to_owned(), at: limit });
    assert_eq!(net.now(), limit);
}

#[test]
fn a_run_ends_at_the_instant_at_which_its_host_finishes() {
    let mut net = alone(|| async {
        sleep(SimDuration::from_nanos(1_234_567)).await;
        Ok(())
    });
    net.run_until_finished("alone", SimTime::from_nanos(i64::MAX)).unwrap();
    assert_eq!(net.now(), SimTime::from_nanos(1_234_567));
    assert_eq!(net.state("alone").unwrap(), HostState::Finished);
}

/// Says when it is dropped.
struct Dropped(Rc<Cell<u32>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_crash_drops_every_task_at_once_and_a_restart_begins_anew() {
    let mut net = Network::builder(1).build().unwrap();
    let dropped = Rc::new(Cell::new(0));
    let began = Rc::new(RefCell::new(Vec::new()));
    let (drops, begins) = (Rc::clone(&dropped), Rc::clone(&began));
    net.host("server", move || {
        let (drops, begins) = (Rc::clone(&drops), Rc::clone(&begins));
        async move {
            begins.borrow_mut().push((sim_now().as_nanos(), random("draw").bits()));
            let _main = Dropped(Rc::clone(&drops));
            let socket = UdpSocket::bind("0.0.0.0:7").await?;
            for _ in 0..3 {
                let task = Dropped(Rc::clone(&drops));
                spawn(async move {
                    let _task = task;
                    spawn(std::future::pending::<()>());
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                });
            }
            socket.recv_from(&mut [0; 8]).await?;
            Ok(())
        }
    })
    .unwrap();
    net.run_for(SimDuration::from_millis(10)).unwrap();
    net.crash("server").unwrap();
    assert_eq!((dropped.get(), net.now()), (4, SimTime::from_nanos(10_000_000)));
    net.run_for(SimDuration::from_secs(2)).unwrap();
    assert_eq!(net.state("server").unwrap(), HostState::Crashed);
    net.restart("server").unwrap();
    assert_eq!(net.state("server").unwrap(), HostState::Starting);
    net.run_for(SimDuration::from_millis(1)).unwrap();
    net.restart("server").unwrap();
    net.run_for(SimDuration::from_millis(1)).unwrap();
    assert_eq!((net.state("server").unwrap(), dropped.get()), (HostState::Running, 8));
    let began = began.borrow();
    let at: Vec<i64> = began.iter().map(|(ns, _)| ns / 1_000_000).collect();
    assert_eq!(at, [0, 2_010, 2_011]);
    let mut draws: Vec<u64> = began.iter().map(|(_, draw)| *draw).collect();
    draws.sort_unstable();
    draws.dedup();
    assert_eq!(draws.len(), 3, "each life draws its own numbers");
}

#[test]
fn what_an_earlier_life_has_left_running_reaches_nothing() {
    let mut net = Network::builder(1).build().unwrap();
    let seen = Rc::new(RefCell::new(String::new()));
    let sees = Rc::clone(&seen);
    net.host("server", move || {
        let sees = Rc::clone(&sees);
        async move {
            let socket = UdpSocket::bind("0.0.0.0:7").await?;
            // Not `koosim_harness::spawn`: tokio keeps this task when the host crashes.
            tokio::task::spawn_local(async move {
                let foreign = TcpStream::connect("server:7").await.unwrap_err();
                sees.borrow_mut().push_str(&foreign.to_string());
                let error = socket.recv_from(&mut [0; 8]).await.unwrap_err();
                sees.borrow_mut().push_str(&format!("; {error}"));
            });
            std::future::pending().await
        }
    })
    .unwrap();
    net.run_for(SimDuration::from_millis(10)).unwrap();
    net.crash("server").unwrap();
    net.restart("server").unwrap();
    net.run_for(SimDuration::from_millis(10)).unwrap();
    let outside = "not inside a host: start tasks with `koosim_harness::spawn`";
    assert_eq!(*seen.borrow(), format!("{outside}; the host has crashed since{outside}"));
}

#[test]
fn a_restart_ends_what_a_component_that_has_returned_left_running() {
    let mut net = Network::builder(1).build().unwrap();
    let dropped = Rc::new(Cell::new(0));
    let drops = Rc::clone(&dropped);
    net.host("server", move || {
        let task = Dropped(Rc::clone(&drops));
        async move {
            spawn(async move {
                let _task = task;
                std::future::pending::<()>().await;
            });
            Ok(())
        }
    })
    .unwrap();
    net.run_for(SimDuration::from_millis(1)).unwrap();
    assert_eq!((net.state("server").unwrap(), dropped.get()), (HostState::Finished, 0));
    net.restart("server").unwrap();
    assert_eq!(dropped.get(), 1);
    net.power_off("server").unwrap();
    net.crash("server").unwrap();
    assert_eq!(net.state("server").unwrap(), HostState::Off);
}

#[test]
fn two_networks_on_one_thread_do_not_mix() {
    let make = || {
        alone(|| async {
            note(&sim_now().to_string());
            sleep(SimDuration::from_millis(3)).await;
            note(&sim_now().to_string());
            Ok(())
        })
    };
    let (mut first, mut second) = (make(), make());
    first.run_for(SimDuration::from_millis(2)).unwrap();
    second.run_for(SimDuration::from_millis(5)).unwrap();
    first.run_for(SimDuration::from_millis(3)).unwrap();
    let (first, second) = (first.finish(), second.finish());
    assert_eq!((first.count(), first.digest()), (4, second.digest()));
}
