use crate::bench::{CONNECTION, Link, SOURCES, World, at_ms};
use koosim_time::SimDuration;
use koosim_transport::BitRate;
use koosim_transport::congestion::ControlOptions;
use koosim_transport::endpoint::{
    FecOptions, NackOptions, ReceiverOptions, Repaired, SenderOptions,
};
use proptest::prelude::*;

struct Case {
    loss: u64,
    delay_ms: i64,
    nack: bool,
    fec: bool,
}

/// 2 Mbit/s of pictures over 20 Mbit/s for 20 s.
fn lossy(case: &Case) -> World {
    let control = ControlOptions::Fixed(BitRate::from_kbps(2000));
    let mut forward = Link::new(20_000_000, case.delay_ms);
    // A first packet that is lost is missed by nobody: it takes a key frame.
    (forward.loss, forward.loss_from) = (case.loss, 1000);
    let sender = SenderOptions {
        fec: case.fec.then(FecOptions::default),
        ..SenderOptions::new(SOURCES, control, CONNECTION)
    };
    let receiver = ReceiverOptions {
        nack: case.nack.then(NackOptions::default),
        fec: case.fec,
        ..ReceiverOptions::new(SOURCES, CONNECTION)
    };
    let mut world = World::new(sender, receiver, forward, Link::new(20_000_000, case.delay_ms));
    world.run(20_000);
    world.assert_conserved();
    world.assert_shown_in_order();
    world
}

/// Pictures in a row that were captured before `ms` and never shown.
fn missing(world: &World, ms: i64) -> usize {
    let shown: Vec<_> = world.seen.pictures.iter().map(|(_, picture)| picture.id).collect();
    let before = world.seen.captured.iter().filter(|(_, at)| **at < at_ms(ms));
    before.filter(|(id, _)| !shown.contains(id)).count()
}

/// T2.5, T2.12.
#[test]
fn every_loss_is_repaired_when_the_round_trip_allows() {
    for (loss, delay_ms) in [(10, 10), (50, 25), (100, 10)] {
        let world = lossy(&Case { loss, delay_ms, nack: true, fec: false });
        assert!(world.forward.dropped > 0);
        assert_eq!((missing(&world, 19_000), world.receiver.stats().key_frames_asked), (0, 0));
        let stats = world.receiver.stats();
        assert!(stats.repeats > 0 && stats.asked >= stats.repeats, "{stats:?}");
        let repaired = world.seen.pictures.iter().filter(|(_, p)| p.repaired == Repaired::ByRepeat);
        assert!(repaired.count() > 0);
    }
}

/// T2.5.
#[test]
fn without_repair_every_loss_is_a_key_frame() {
    let world = lossy(&Case { loss: 10, delay_ms: 25, nack: false, fec: false });
    assert!(missing(&world, 19_000) > 0);
    assert!(world.receiver.stats().key_frames_asked > 0);
    let mut last = None;
    for (_, picture) in &world.seen.pictures {
        let next = last.is_none_or(|last| picture.id == last + 1);
        assert!(next || picture.back == 0, "after a gap only a key frame: {picture:?}");
        last = Some(picture.id);
    }
    let end = world.seen.pictures.last().unwrap().0;
    assert!(end > at_ms(19_000), "pictures go on: {end}");
}

/// T2.12.
#[test]
fn parity_spares_most_key_frames_of_a_long_path() {
    let run = |fec| {
        let world = lossy(&Case { loss: 10, delay_ms: 100, nack: false, fec });
        (missing(&world, 19_000), world.receiver.stats().from_parity)
    };
    let ((with, made), (without, none)) = (run(true), run(false));
    assert!(made > 10 && none == 0 && with * 3 < without, "{with} {without} {made}");
}

/// T2.12: sent once more at most once in a round trip, and no more than was asked for.
#[test]
fn repeats_stay_within_what_was_asked() {
    let world = lossy(&Case { loss: 200, delay_ms: 100, nack: true, fec: false });
    let stats = world.sender.stats();
    assert_eq!(stats.repeats_asked, stats.repair.0 + stats.repeats_refused, "{stats:?}");
}

/// Nothing more leaves in any window than the pace of 4 Mbit/s and one burst of 5 ms or a packet.
#[test]
fn output_in_any_window_is_bounded() {
    let world = lossy(&Case { loss: 50, delay_ms: 25, nack: true, fec: true });
    let (pace, burst) = (BitRate::from_kbps(4000), 4_000_000 / 8 / 200);
    let left = &world.seen.left;
    for from in (0..left.len()).step_by(7) {
        let mut bytes = 0;
        for packet in left.iter().skip(from).take(200) {
            bytes += u64::from(packet.1);
            let window = packet.0 - left[from].0;
            assert!(bytes <= pace.bytes_in(window) + 1 + burst, "{window:?} {bytes}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is lost on a path of whatever length, with whatever means: packets are neither made nor lost
    /// inside the ends, pictures come in order, and they go on or a key frame is asked for.
    #[test]
    fn nothing_is_made_or_lost(
        loss in 0_u64..300, delay_ms in 0_i64..250, nack: bool, fec: bool,
        outage in prop::option::of((1_000_i64..8_000, 100_i64..6_000)),
    ) {
        let control = ControlOptions::Gcc(Default::default());
        let mut forward = Link::new(3_000_000, delay_ms);
        forward.loss = loss;
        forward.outage = outage.map_or((0, 0), |(at, for_ms)| (at, at + for_ms));
        let sender = SenderOptions {
            fec: fec.then(FecOptions::default),
            ..SenderOptions::new(SOURCES, control, CONNECTION)
        };
        let receiver = ReceiverOptions {
            nack: nack.then(NackOptions::default),
            fec,
            ..ReceiverOptions::new(SOURCES, CONNECTION)
        };
        let back = Link::new(3_000_000, delay_ms);
        let mut world = World::new(sender, receiver, forward, back);
        world.speak();
        for until in 1..20 {
            world.run(until * 1000);
            world.assert_conserved();
        }
        world.assert_shown_in_order();
        let last = world.seen.pictures.last().map(|(at, _)| *at);
        let asked = world.receiver.stats().key_frames_asked;
        let fresh = last.is_some_and(|last| at_ms(19_000) - last < SimDuration::from_secs(2));
        prop_assert!(fresh || asked > 0, "{:?} {:?}", last, world.receiver.stats());
    }
}
