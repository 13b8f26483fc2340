use crate::bench::{Action, CONNECTION, Link, SOURCES, World, at_ms};
use koosim_time::SimDuration;
use koosim_transport::BitRate;
use koosim_transport::congestion::{ControlOptions, Controller, GccOptions};
use koosim_transport::endpoint::{ReceiverOptions, SenderOptions};

fn world() -> World {
    World::new(
        SenderOptions::new(SOURCES, ControlOptions::Gcc(GccOptions::default()), CONNECTION),
        ReceiverOptions::new(SOURCES, CONNECTION),
        Link::new(3_000_000, 40),
        Link::new(3_000_000, 40),
    )
}

fn said(world: &World, what: &str) -> Vec<i64> {
    let lines = world.seen.log.iter().filter(|(_, line)| line.contains(what));
    lines.map(|(at, _)| (*at - at_ms(0)).as_nanos() / 1_000_000).collect()
}

/// Longest time without a picture that began between two instants in ms, and when it ended.
fn longest_gap(world: &World, from: i64, to: i64) -> (i64, i64) {
    let at: Vec<_> = world.seen.pictures.iter().map(|(at, _)| *at).collect();
    let gaps = at.windows(2).filter(|pair| pair[0] >= at_ms(from) && pair[0] < at_ms(to));
    let gaps = gaps.map(|pair| (pair[1] - pair[0], pair[1] - at_ms(0)));
    let (gap, end) = gaps.max().unwrap();
    (gap.as_nanos() / 1_000_000, end.as_nanos() / 1_000_000)
}

/// P4.6: both sides notice after 2.5 s of silence, and pictures go on from a key frame.
#[test]
fn outage_is_noticed_and_overcome() {
    let mut world = world();
    (world.forward.outage, world.back.outage) = ((10_000, 15_000), (10_000, 15_000));
    world.run(20_000);
    world.assert_conserved();
    world.assert_shown_in_order();
    let lost = said(&world, "Connection(Lost)");
    assert!(lost.len() == 2 && lost.iter().all(|ms| (11_500..=12_700).contains(ms)), "{lost:?}");
    let back = said(&world, "Connection(Back");
    assert!(back.len() == 2 && back.iter().all(|ms| (15_000..=15_700).contains(ms)), "{back:?}");
    let (sent, came) = (world.sender.stats(), world.receiver.stats());
    assert_eq!((sent.connections_lost, sent.connections_back), (1, 1));
    assert_eq!((came.connections_lost, came.connections_back), (1, 1));
    let (gap, end) = longest_gap(&world, 9_000, 11_000);
    assert!(gap > 4_900 && end < 16_500, "{gap} {end}");
    let first = world.seen.pictures.iter().find(|(at, _)| *at > at_ms(15_000)).unwrap();
    assert_eq!(first.1.back, 0);
}

#[test]
fn outage_without_end_ends_the_session() {
    let mut world = world();
    (world.forward.outage, world.back.outage) = ((10_000, 99_000), (10_000, 99_000));
    world.run(60_000);
    world.assert_conserved();
    let ended = said(&world, "Connection(Ended)");
    assert!(ended.len() == 2 && ended.iter().all(|ms| (39_000..=40_200).contains(ms)), "{ended:?}");
    assert_eq!((world.sender.next_due(), world.receiver.next_due()), (None, None));
}

/// A hand-over: what was learnt is forgotten, the path is checked, and a key frame follows.
#[test]
fn change_of_network_begins_anew() {
    let mut world = world();
    world.run(10_000);
    let before = world.sender.control().target_rate();
    world.at(10_000, Action::ReceiverNetworkChanged);
    world.run(10_060);
    let after = world.sender.control().target_rate();
    assert!(before > BitRate::from_kbps(1000), "{before:?}");
    assert_eq!(after, GccOptions::default().start);
    world.run(15_000);
    world.assert_conserved();
    world.assert_shown_in_order();
    let confirmed = said(&world, "PathConfirmed");
    assert!(confirmed[0] < 100 && (10_080..10_100).contains(&confirmed[1]), "{confirmed:?}");
    assert_eq!(world.sender.stats().path_changes, 1);
    let keys = world.seen.pictures.iter().filter(|(_, picture)| picture.back == 0);
    assert_eq!(keys.count(), 2);
    assert!(world.sender.control().target_rate() > BitRate::from_kbps(1000));
}

/// T2.5: RFC 8867 5.8: no pictures between pause and resume, no loss of connection, then a key frame.
#[test]
fn pause_is_silent_and_resume_begins_with_a_key_frame() {
    let mut world = world();
    world.at(5_000, Action::Pause);
    world.at(15_000, Action::Resume);
    world.run(20_000);
    world.assert_conserved();
    world.assert_shown_in_order();
    let silent = |(at, _): &&(_, u32)| *at > at_ms(6_000) && *at < at_ms(15_000);
    assert_eq!(world.seen.left.iter().filter(silent).count(), 0);
    assert_eq!(said(&world, "Connection"), []);
    let (gap, end) = longest_gap(&world, 4_000, 6_000);
    assert!(gap > 9_800 && end < 15_300, "{gap} {end}");
    let first = world.seen.pictures.iter().find(|(at, _)| *at > at_ms(15_000)).unwrap();
    assert_eq!(first.1.back, 0);
}

/// T2.6.
#[test]
fn receiver_can_bound_the_rate() {
    let mut world = world();
    world.at(5_000, Action::RateMax(BitRate::from_kbps(400)));
    world.run(15_000);
    let left = world.seen.left.iter().filter(|(at, _)| *at > at_ms(8_000));
    let bits: u64 = left.map(|(_, bytes)| u64::from(*bytes) * 8).sum();
    assert!((330..=440).contains(&(bits / 7000)), "{}", bits / 7000);
}

/// Both sides learn the round trip: 80 ms and what a report takes to leave.
#[test]
fn round_trip_is_measured_at_both_ends() {
    let mut world = world();
    world.run(5_000);
    for rtt in [world.sender.rtt(), world.receiver.rtt()] {
        let rtt = rtt.unwrap();
        let bounds = SimDuration::from_millis(80)..SimDuration::from_millis(110);
        assert!(bounds.contains(&rtt), "{rtt:?}");
    }
}

/// T4.7: sound goes first: each payload of 20 ms arrives, and pictures leave room for it.
#[test]
fn sound_passes_beside_pictures() {
    let mut world = world();
    world.speak();
    world.run(10_000);
    world.assert_conserved();
    assert_eq!(world.seen.sounds, 498);
}

/// An idle screen of 200 kbit/s: probes keep the estimate above what is sent, so that the next full picture
/// passes quickly, up to the bound and no further.
#[test]
fn idle_sender_learns_by_probes() {
    let mut world = world();
    world.encoder_max = 200_000;
    world.run(5_000);
    let padding = world.sender.stats().padding.0;
    world.run(60_000);
    let target = world.sender.control().target_rate();
    assert!(target > BitRate::from_kbps(1500), "{target:?}");
    assert!(world.sender.stats().padding.0 > padding);
    let mut bounded = World::new(
        SenderOptions::new(
            SOURCES,
            ControlOptions::Gcc(GccOptions { max: BitRate::from_kbps(800), ..Default::default() }),
            CONNECTION,
        ),
        ReceiverOptions::new(SOURCES, CONNECTION),
        Link::new(3_000_000, 40),
        Link::new(3_000_000, 40),
    );
    bounded.encoder_max = 200_000;
    bounded.run(20_000);
    let padding = bounded.sender.stats().padding;
    bounded.run(60_000);
    assert_eq!(bounded.sender.control().target_rate(), BitRate::from_kbps(800));
    assert_eq!(bounded.sender.stats().padding, padding);
}

/// All rings are made at the start: what a session holds does not depend on what happens to it.
#[test]
fn memory_of_a_session_is_small_and_fixed() {
    let mut world = world();
    let held = |world: &World| world.sender.memory_bytes() + world.receiver.memory_bytes();
    let before = held(&world);
    (world.forward.loss, world.forward.outage) = (100, (4_000, 8_000));
    world.run(10_000);
    assert_eq!(held(&world), before);
    assert!((70_000..90_000).contains(&before), "{before}");
}
