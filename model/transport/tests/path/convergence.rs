use crate::bench::{CONNECTION, Link, SOURCES, World, at_ms};
use koosim_time::SimDuration;
use koosim_transport::BitRate;
use koosim_transport::congestion::{
    ControlOptions, GccLaw, GccOptions, NadaOptions, ScreamOptions,
};
use koosim_transport::endpoint::{FeedbackKind, ReceiverOptions, SenderOptions};

const GCC: ControlOptions = ControlOptions::Gcc(GccOptions {
    start: BitRate::from_kbps(300),
    min: BitRate::from_kbps(150),
    max: BitRate::from_kbps(1500),
    pacing_factor: 2.5,
    probing: true,
    law: GccLaw::PUBLISHED,
});

fn nada() -> ControlOptions {
    ControlOptions::Nada(NadaOptions::default())
}

/// RFC 8867 5.1 (T3.2): 1, 2.5, 0.6 and 1 Mbit/s from 0, 40, 60 and 80 s.
fn steps(control: ControlOptions, feedback: FeedbackKind, mark: SimDuration) -> World {
    let mut forward = Link::new(1_000_000, 50);
    forward.rates =
        vec![(0, 1_000_000), (40_000, 2_500_000), (60_000, 600_000), (80_000, 1_000_000)];
    forward.mark = mark;
    let mut world = World::new(
        SenderOptions { feedback, ..SenderOptions::new(SOURCES, control, CONNECTION) },
        ReceiverOptions { feedback, ..ReceiverOptions::new(SOURCES, CONNECTION) },
        forward,
        Link::new(10_000_000, 50),
    );
    world.run(100_000);
    world.assert_conserved();
    world.assert_shown_in_order();
    world
}

/// Sent kbit/s and mean wait in ms of some spans in seconds.
fn spans(world: &World, spans: &[(i64, i64)]) -> Vec<(u64, i64)> {
    let within = |at, (from, to): &(i64, i64)| at >= at_ms(from * 1000) && at < at_ms(to * 1000);
    let one = |span: &(i64, i64)| {
        let left = world.seen.left.iter().filter(|packet| within(packet.0, span));
        let bits: u64 = left.map(|packet| u64::from(packet.1) * 8).sum();
        let waits = world.seen.waits.iter().filter(|wait| within(wait.0, span));
        let waits: Vec<_> = waits.map(|wait| wait.1.as_nanos()).collect();
        let mean = waits.iter().sum::<i64>() / i64::try_from(waits.len()).unwrap().max(1);
        (bits / (span.1 - span.0).cast_unsigned() / 1000, mean / 1_000_000)
    };
    spans.iter().map(one).collect()
}

/// Each step without the time that it takes to find it.
const SETTLED: [(i64, i64); 4] = [(10, 40), (45, 60), (68, 80), (88, 100)];

/// Rates at least these and at most what passes (1.5 Mbit/s is the controllers' own bound), without a queue
/// that stands.
fn assert_settled(world: &World, least: [u64; 4], wait_max_ms: i64) {
    let seen = spans(world, &SETTLED);
    let most = [1010, 1515, 610, 1010];
    for ((rate, wait), (least, most)) in seen.iter().zip(least.into_iter().zip(most)) {
        assert!((least..=most).contains(rate) && *wait <= wait_max_ms, "{seen:?}");
    }
}

/// T3.6: after the step up GCC grows near the old capacity by 21 kbit/s a second, a packet of 8333 bits in twice
/// 100 + 100 ms, until what arrives is three deviations above it, and by 8 percent a second from there.
#[test]
fn gcc_follows_steps_of_capacity_without_a_standing_queue() {
    let never = SimDuration::from_secs(9);
    let world = steps(GCC, FeedbackKind::Transport, never);
    assert_settled(&world, [850, 1250, 420, 850], 20);
    let world = steps(GCC, FeedbackKind::Congestion, never);
    assert_settled(&world, [850, 1250, 420, 850], 20);
}

/// T3.8.
#[test]
fn nada_follows_steps_of_capacity_without_a_standing_queue() {
    let never = SimDuration::from_secs(9);
    let world = steps(nada(), FeedbackKind::Transport, never);
    assert_settled(&world, [950, 1350, 270, 900], 20);
}

/// T3.9.
#[test]
fn scream_follows_steps_of_capacity_without_a_standing_queue() {
    let options = ScreamOptions {
        min: BitRate::from_kbps(150),
        max: BitRate::from_kbps(1500),
        ..ScreamOptions::default()
    };
    let never = SimDuration::from_secs(9);
    let world = steps(ControlOptions::Scream(options), FeedbackKind::Transport, never);
    assert_settled(&world, [850, 1350, 450, 850], 70);
}

/// T3.8.
#[test]
fn marks_keep_the_queue_of_nada_shorter() {
    let run = |mark| {
        let world = steps(nada(), FeedbackKind::Congestion, mark);
        spans(&world, &[(10, 40)])[0]
    };
    let ((rate, wait), (_, unmarked)) =
        (run(SimDuration::from_millis(5)), run(SimDuration::from_secs(9)));
    assert!(wait < unmarked && rate > 500, "{rate} {wait} {unmarked}");
}

#[test]
fn same_run_twice_is_the_same_to_the_last_bit() {
    for control in [GCC, nada(), ControlOptions::Scream(ScreamOptions::default())] {
        let run = || {
            let world = steps(control, FeedbackKind::Transport, SimDuration::from_secs(9));
            format!("{:?} {:?} {:?}", world.seen, world.sender, world.receiver)
        };
        assert_eq!(run(), run());
    }
}

/// T3.6, T3.8, T3.9: jitter of RFC 8867: a deviation of 5 ms, cut at three of them, without reordering (T3.1).
#[test]
fn jitter_alone_starves_nobody() {
    for control in [GCC, nada(), ControlOptions::Scream(ScreamOptions::default())] {
        let mut forward = Link::new(1_000_000, 35);
        forward.jitter_ms = 10;
        let mut world = World::new(
            SenderOptions::new(SOURCES, control, CONNECTION),
            ReceiverOptions::new(SOURCES, CONNECTION),
            forward,
            Link::new(10_000_000, 50),
        );
        world.run(60_000);
        world.assert_shown_in_order();
        let (rate, wait) = spans(&world, &[(40, 60)])[0];
        assert!((850..=1010).contains(&rate) && wait <= 30, "{control:?} {rate} {wait}");
        let stats = world.receiver.stats();
        assert_eq!((stats.asked, stats.key_frames_asked), (0, 0));
        // 30 a second, but for those that the encoder skipped and those under way.
        assert!(stats.pictures > 1790, "{stats:?}");
        let delay = world.receiver.playout_delay();
        let bounds = SimDuration::from_millis(15)..SimDuration::from_millis(80);
        assert!(bounds.contains(&delay), "{delay:?}");
    }
}
