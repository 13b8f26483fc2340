//! Several flows on one bottleneck: shares, TCP beside them, and conservation.

use crate::law::Exponential;
use crate::net::cross::{Cbr, Congestion, Law};
use crate::net::{Capacity, Limit, LinkSpec, QueueSpec, Rate, preset};
use crate::path::{CrossSpec, FlowIndex, FlowSpec, LinkIndex, Paths, Route};
use crate::streams::Streams;
use koosim_media::content::Content;
use koosim_media::rate::BitRate as MediaRate;
use koosim_model::time::{SimDuration, SimTime};

fn second(n: i64) -> SimTime {
    SimTime::EPOCH + SimDuration::from_secs(n)
}

/// The media of RFC 8867: up to 1.5 Mbit/s.
fn media() -> FlowSpec {
    let mut spec = super::showing(Content::Call);
    spec.encoder.target = MediaRate::from_kbps(1_500);
    spec
}

/// A bottleneck of this rate and a way back, with 50 ms each way.
fn dumbbell(paths: &mut Paths, kbps: u32) -> Route {
    let cases = super::params(&[]).transport.cases;
    let capacity = Capacity::Constant(Rate::kilobits(kbps));
    let down = paths.add_link("down", preset::rfc8867(&cases, capacity).unwrap());
    let back = LinkSpec::from_millis(50)
        .rate(Rate::kilobits(100_000), Limit::Delay(SimDuration::from_millis(300)));
    Route { down: vec![down], up: vec![paths.add_link("up", back)] }
}

/// Mean rate of what a flow received between two seconds, in kbit/s.
fn kbps(paths: &Paths, flow: FlowIndex, from: usize, to: usize) -> u64 {
    let seen = paths.measured(flow, 0).unwrap();
    let since = usize::try_from((seen.since - SimTime::EPOCH).floor_secs()).unwrap();
    let bins = &seen.bins()[(from - since) * 5..(to - since) * 5];
    bins.iter().map(|bin| bin.received_bytes * 8).sum::<u64>()
        / u64::try_from(to - from).unwrap()
        / 1_000
}

/// T3.2.
#[test]
fn one_flow_follows_a_capacity_that_varies() {
    let cases = super::params(&[]).transport.cases;
    let capacity = preset::variable_capacity(&cases, second(0)).unwrap();
    let mut paths = Paths::new(second(0), Streams::new(1));
    let down = paths.add_link("down", preset::rfc8867(&cases, capacity).unwrap());
    let up = paths.add_link("up", LinkSpec::from_millis(50));
    let route = Route { down: vec![down], up: vec![up] };
    let flow = paths.start("f1", media(), vec![route]).unwrap();
    paths.run_through(second(100)).unwrap();
    let rates = [(20, 40), (50, 60), (65, 80), (90, 100)];
    let rates = rates.map(|(from, to)| kbps(&paths, flow, from, to));
    let fits = |rate: u64, capacity: u64| rate <= capacity && rate * 100 >= capacity * 55;
    assert!(fits(rates[0], 1_000) && fits(rates[2], 600) && fits(rates[3], 1_000), "{rates:?}");
    assert!(rates[1] > rates[0] && rates[1] <= 1_700, "{rates:?}");
}

/// T3.3.
#[test]
fn three_flows_that_start_apart_share_a_bottleneck() {
    let mut paths = Paths::new(second(0), Streams::new(2));
    let route = dumbbell(&mut paths, 3_500);
    let mut flows = Vec::new();
    for n in 0..3 {
        paths.run_through(second(20 * n)).unwrap();
        flows.push(paths.start(&format!("f{n}"), media(), vec![route.clone()]).unwrap());
    }
    paths.run_through(second(120)).unwrap();
    let shares: Vec<u64> = flows.iter().map(|flow| kbps(&paths, *flow, 90, 120)).collect();
    let (least, most) = (shares.iter().min().unwrap(), shares.iter().max().unwrap());
    assert!(least * 3 > *most && shares.iter().sum::<u64>() <= 3_500, "{shares:?}");
}

#[test]
fn transfers_come_and_go_beside_a_flow_and_end() {
    let mut paths = Paths::new(second(0), Streams::new(3));
    let route = dumbbell(&mut paths, 2_000);
    let flow = paths.start("f1", media(), vec![route.clone()]).unwrap();
    let pause = Law::Exponential(Exponential::new(SimDuration::from_secs(10)));
    let mut transfers = Vec::new();
    for n in 0..10 {
        let spec = CrossSpec::Transfers {
            congestion: Congestion::reno(),
            bytes: (100_000, 1_000_000),
            pause,
            at_once: n < 2,
        };
        transfers.push(paths.add_cross(&format!("t{n}"), spec, route.clone()).unwrap());
    }
    paths.run_through(second(300)).unwrap();
    let ended: u64 = transfers.iter().map(|t| paths.cross_seen(*t).unwrap().transfers).sum();
    assert!(ended > 40, "{ended}");
    // Ten transfers at a time ask for the whole link, and fill its queue: a flow that follows delay is
    // pushed aside, but not out.
    let rate = kbps(&paths, flow, 30, 300);
    assert!((50..500).contains(&rate), "{rate}");
    for index in [LinkIndex(0), LinkIndex(1)] {
        assert!(paths.link(index).unwrap().counters().are_conserved());
    }
}

/// T3.4.
#[test]
fn an_endless_transfer_takes_what_a_flow_leaves() {
    let mut paths = Paths::new(second(0), Streams::new(4));
    let route = dumbbell(&mut paths, 2_000);
    let transfer =
        paths.add_cross("t", CrossSpec::Endless(Congestion::cubic()), route.clone()).unwrap();
    paths.run_through(second(5)).unwrap();
    let flow = paths.start("f1", media(), vec![route]).unwrap();
    paths.run_through(second(120)).unwrap();
    let carried = paths.cross_seen(transfer).unwrap().bytes * 8 / 120_000;
    let rate = kbps(&paths, flow, 30, 120);
    assert!(rate > 50 && carried + rate <= 2_000 && carried > 800, "{rate} {carried}");
}

#[test]
fn a_constant_flow_takes_its_part_whoever_else_sends() {
    let mut paths = Paths::new(second(0), Streams::new(5));
    let link = LinkSpec::from_millis(50)
        .capacity(Capacity::Constant(Rate::kilobits(4_000)))
        .queue(QueueSpec::DropTail(Limit::Delay(SimDuration::from_millis(300))));
    let down = paths.add_link("down", link.clone());
    let up = paths.add_link("up", link);
    let route = Route { down: vec![down], up: vec![up] };
    let cbr = Cbr::new(Rate::kilobits(3_000), 1_200, second(0), second(60));
    let constant = paths.add_cross("c", CrossSpec::Steady(cbr), route.clone()).unwrap();
    let flow = paths.start("f1", media(), vec![route]).unwrap();
    paths.run_through(second(60)).unwrap();
    let carried = paths.cross_seen(constant).unwrap().bytes * 8 / 60_000;
    assert!((2_900..=3_000).contains(&carried), "{carried}");
    let rate = kbps(&paths, flow, 20, 60);
    // What is left is 1 Mbit/s; the constant flow loses as much as this one takes beyond that.
    assert!((400..=1_100).contains(&rate), "{rate}");
}
