//! Queues against what can be worked out by hand: CoDel's drops, FQ-CoDel's turns, PIE's target.
#![expect(clippy::as_conversions, clippy::indexing_slicing, reason = "the numbers are small")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use koosim_engine::net::{
    CoDelSpec, Counters, DropCause, Ecn, Fate, FqCoDelSpec, Happening, Law, Limit, Link, LinkSpec,
    LinkStreams, Packet, PieSpec, QueueSpec, Rate, Rounding, Signal, Tie, replay,
};
use koosim_engine::streams::Streams;
use koosim_model::rulebook::Rulebook;
use koosim_model::rules::{Catalogue, LinkParams, Rules};
use koosim_model::time::{SimDuration, SimTime};
use std::num::NonZeroU32;

const MS: i64 = 1_000_000;

/// A link on which 1000 bytes take a millisecond.
fn run(
    queue: QueueSpec,
    offers: impl IntoIterator<Item = (i64, Packet)>,
) -> (Vec<Happening>, Counters) {
    let spec = LinkSpec::from_millis(0).rate(Rate::kilobits(8_000), Limit::Packets(0)).queue(queue);
    let mut link = Link::new(spec, LinkStreams::new(&Streams::new(1), "a->b"));
    let mut all = Vec::new();
    let offers = offers.into_iter().map(|(ns, packet)| (SimTime::from_nanos(ns), packet));
    replay(&mut link, offers, |told| all.push(told));
    assert!(link.counters().are_conserved());
    (all, *link.counters())
}

/// Packets of 1000 bytes, every `gap_ns` from an instant up to another.
fn flood(from_ms: i64, until_ms: i64, gap_ns: i64) -> impl Iterator<Item = (i64, Packet)> + Clone {
    let count = (until_ms - from_ms) * MS / gap_ns;
    (0..count).map(move |n| (from_ms * MS + n * gap_ns, Packet::new(0, 1000)))
}

fn drops_ns(told: &[Happening]) -> Vec<i64> {
    let dropped = told.iter().filter(|told| told.fate == Fate::Dropped(DropCause::Managed));
    dropped.map(|told| told.at.as_nanos()).collect()
}

fn codel(law: Law) -> CoDelSpec {
    CoDelSpec { law, limit: Limit::Packets(100_000), ..CoDelSpec::STANDARD }
}

/// T1.4: twice what the link carries: packet `n` comes at `n/2` ms and is taken at `n` ms, so that the
/// wait is 5 ms at 10 ms, the interval is over at 110 ms, and the first drop at the packet after.
#[test]
fn codel_drops_first_after_an_interval_and_then_by_the_root_of_the_count() {
    let mut next_ms = 111.0_f64;
    let by_hand: Vec<i64> = (1..=300_u32)
        .map(|count| {
            // Packets are taken at every whole millisecond, and the law looks at each.
            let drop_ms = next_ms.ceil();
            next_ms += 100.0 / f64::from(count).sqrt();
            drop_ms as i64 * MS
        })
        .collect();
    let (told, _) = run(QueueSpec::CoDel(codel(Law::Root)), flood(0, 5_000, MS / 2));
    let root = drops_ns(&told);
    assert_eq!(root[..300], by_hand);
    let (told, _) = run(QueueSpec::CoDel(codel(Law::FixedPoint)), flood(0, 5_000, MS / 2));
    let fixed = drops_ns(&told);
    assert_eq!(fixed[0], 111 * MS);
    // The 16-bit root lags for some drops and then keeps close: within 5 % of the time passed.
    let off = |(a, b): (&i64, &i64)| (a - b).abs() as f64 / (*b - 10 * MS) as f64;
    let worst = fixed.iter().zip(&by_hand).skip(20).map(off).fold(0.0, f64::max);
    assert!(worst < 0.05, "{worst}");
    assert_ne!(fixed[..300], by_hand, "the two laws are not the same");
}

/// Gaps between the first drops of a second flood that begins so long after the first has gone.
fn second_flood(pause_ms: i64) -> Vec<i64> {
    // 1,000 packets come in 500 ms; all are gone by 1,000 ms.
    let begin_ms = 1_000 + pause_ms;
    let offers = flood(0, 500, MS / 2).chain(flood(begin_ms, begin_ms + 1_000, MS / 2));
    let (told, _) = run(QueueSpec::CoDel(codel(Law::Root)), offers);
    let second: Vec<i64> =
        drops_ns(&told).into_iter().filter(|ns| *ns > begin_ms * MS).take(3).collect();
    second.windows(2).map(|pair| (pair[1] - pair[0]) / MS).collect()
}

/// T1.4.
#[test]
fn codel_goes_on_with_its_count_only_soon_after() {
    assert_eq!(second_flood(2_000), [100, 71], "counted anew");
    let soon = second_flood(100);
    assert!(soon[0] < 50 && soon[1] <= soon[0], "{soon:?}");
}

/// T1.4.
#[test]
fn codel_never_drops_while_less_than_a_packet_of_greatest_size_waits() {
    // A packet of 8 ms every 8 ms, behind two more: each waits 16 ms, and leaves two behind it.
    let first = (0..2).map(|_| (0, Packet::new(0, 8_000)));
    let rest = (0..500_i64).map(|n| (n * 8 * MS, Packet::new(0, 8_000)));
    let offers: Vec<_> = first.chain(rest).collect();
    let dropped = |mtu_bytes| {
        let spec = CoDelSpec { mtu_bytes, ..codel(Law::FixedPoint) };
        drops_ns(&run(QueueSpec::CoDel(spec), offers.clone()).0).len()
    };
    assert_eq!(dropped(16_001), 0);
    assert!(dropped(16_000) > 0);
}

/// T1.4.
#[test]
fn codel_marks_what_can_be_marked_and_drops_the_rest() {
    let spec = CoDelSpec { signal: Signal::Mark, ..codel(Law::Root) };
    let capable = flood(0, 2_000, MS / 2).map(|(ns, p)| (ns, p.with_ecn(Ecn::Capable0)));
    let (told, books) = run(QueueSpec::CoDel(spec), capable.clone());
    assert!(drops_ns(&told).is_empty());
    let marked = told.iter().filter(|told| told.packet.ecn == Ecn::Congested);
    let left = marked.filter(|told| told.fate == Fate::Departed).count();
    assert_eq!(books.marked.packets, u64::try_from(left).unwrap());
    assert!(left > 20, "{left}");
    let (told, books) = run(QueueSpec::CoDel(spec), flood(0, 2_000, MS / 2));
    assert!(drops_ns(&told).len() > 20 && books.marked.packets == 0);
    // Who does not mark drops all the same.
    let (told, books) = run(QueueSpec::CoDel(codel(Law::Root)), capable);
    assert!(drops_ns(&told).len() > 20 && books.marked.packets == 0);
}

/// T1.5.
#[test]
fn flows_that_want_more_than_their_share_get_their_share() {
    let spec = FqCoDelSpec::STANDARD;
    // Three flows of packets of 500, 1000 and 1500 bytes, each wanting the whole link, and a sparse
    // one of a packet every 40 ms.
    let greedy = (0..6_000_i64).flat_map(|n| {
        [500, 1000, 1500].into_iter().zip(0_u32..).filter_map(move |(bytes, flow)| {
            let at_ns = n * i64::from(bytes) * 1_000;
            (at_ns < 3_000 * MS).then(|| (at_ns, Packet::new(0, bytes).of_flow(flow)))
        })
    });
    let sparse = (0..75_i64).map(|n| (n * 40 * MS + 7, Packet::new(1, 100).of_flow(3)));
    let mut offers: Vec<_> = greedy.chain(sparse).collect();
    offers.sort_by_key(|(ns, _)| *ns);
    let (told, _) = run(QueueSpec::FqCoDel(spec), offers.clone());
    let mut bytes = [0_u32; 4];
    let mut waited = Vec::new();
    for told in told.iter().filter(|told| told.fate == Fate::Departed) {
        let ns = told.at.as_nanos();
        if (500 * MS..3_000 * MS).contains(&ns) {
            bytes[usize::try_from(told.packet.flow).unwrap()] += told.packet.bytes;
        }
        if told.packet.flow == 3 {
            waited.push((ns - 7).rem_euclid(40 * MS));
        }
    }
    let shares = &bytes[..3];
    let spread = shares.iter().max().unwrap() - shares.iter().min().unwrap();
    assert!(spread <= 3_000, "{shares:?}");
    // A sparse flow waits for the packet on the wire at most, and for nobody who stands in line;
    // only its first packet is new among others that are.
    assert_eq!(waited.len(), 75);
    assert!(waited[1..].iter().all(|ns| *ns <= 1_600_000), "{waited:?}");
    // In one queue it finds no room, as everybody.
    let (told, _) = run(QueueSpec::DropTail(Limit::Packets(100)), offers);
    let departed = told.iter().filter(|told| told.fate == Fate::Departed);
    assert!(departed.filter(|told| told.packet.flow == 3).count() < 60);
}

/// T1.5.
#[test]
fn the_longest_queue_pays_when_too_much_waits() {
    let spec = FqCoDelSpec { packets_max: 100, drop_batch: 8, ..FqCoDelSpec::STANDARD };
    let greedy = (0..200).map(|_| (0, Packet::new(0, 1000).of_flow(0)));
    let modest = (0..5).map(|_| (1, Packet::new(1, 1000).of_flow(1)));
    let (told, books) = run(QueueSpec::FqCoDel(spec), greedy.chain(modest));
    let full = |token: u64| {
        let dropped = told.iter().filter(|told| told.fate == Fate::Dropped(DropCause::QueueFull));
        dropped.filter(|told| told.packet.token == token).count()
    };
    assert!(full(0) >= 100 && full(0) % 8 == 0, "{}", full(0));
    assert_eq!(full(1), 0);
    assert_eq!(books.dropped(DropCause::QueueFull).packets, u64::try_from(full(0)).unwrap());
}

/// T1.6.
#[test]
fn pie_lets_a_burst_pass_and_then_holds_its_target() {
    let spec = PieSpec { limit: Limit::Packets(100_000), ..PieSpec::STANDARD };
    // A fifth more than the link carries.
    let (told, books) = run(QueueSpec::Pie(spec), flood(0, 60_000, MS * 5 / 6));
    let drops = drops_ns(&told);
    assert!(drops[0] >= 150 * MS, "{}", drops[0]);
    let late = drops.iter().filter(|ns| **ns >= 20_000 * MS).count();
    let share = late as f64 / (40_000.0 * 1.2);
    assert!((share - 1.0 / 6.0).abs() < 0.01, "a sixth must go, and {share} went");
    // The mean wait in the second half: what is there at the end of each packet's turn.
    let mut waits = Vec::new();
    let (mut offered, mut left) = (0_i64, 0_i64);
    let mut arrivals = flood(0, 60_000, MS * 5 / 6).map(|(ns, _)| ns).peekable();
    for told in &told {
        let ns = told.at.as_nanos();
        while arrivals.next_if(|at| *at <= ns).is_some() {
            offered += 1;
        }
        left += i64::from(matches!(told.fate, Fate::Departed | Fate::Dropped(_)));
        if told.fate == Fate::Departed && ns > 30_000 * MS {
            waits.push(offered - left);
        }
    }
    let mean = waits.iter().sum::<i64>() as f64 / waits.len() as f64;
    assert!((10.0..20.0).contains(&mean), "about 15 packets of a millisecond, and {mean} waited");
    assert_eq!(books.dropped(DropCause::QueueFull).packets, 0);
}

/// T1.6.
#[test]
fn pie_forgets_while_nothing_comes_and_marks_a_little() {
    let spec = PieSpec { signal: Signal::Mark, limit: Limit::Packets(10_000), ..PieSpec::STANDARD };
    let capable = |(ns, p): (i64, Packet)| (ns, p.with_ecn(Ecn::Capable1));
    // Marks slow nobody down here, so that the chance rises above a tenth and drops set in.
    let (told, books) = run(QueueSpec::Pie(spec), flood(0, 20_000, MS * 5 / 6).map(capable));
    let marked = told.iter().find(|told| told.packet.ecn == Ecn::Congested).unwrap();
    assert!(marked.at.as_nanos() < drops_ns(&told)[0]);
    assert!(books.marked.packets > 10, "{:?}", books.marked);
    // Much too much, then a day of nothing, then as much again: the second burst passes as well.
    let day = 86_400_000;
    let offers = flood(0, 3_000, MS / 2).chain(flood(day, day + 3_000, MS / 2)).map(capable);
    let (told, _) = run(QueueSpec::Pie(spec), offers);
    let drops = drops_ns(&told);
    let second = drops.iter().find(|ns| **ns > day * MS).unwrap() - day * MS;
    assert!(second >= 150 * MS, "{second}");
    assert_eq!(SimDuration::from_millis(150), PieSpec::STANDARD.burst);
}

fn params(overrides: &[(&str, &str)]) -> LinkParams {
    let given: Vec<(String, String)> =
        overrides.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &given).unwrap();
    let rules = Rules::new(settings, Catalogue::default()).unwrap();
    assert_eq!(rules.overrides_in_vain(&given), []);
    rules.params(SimTime::EPOCH).links
}

/// T1.4, T1.5, T1.6.
#[test]
fn constants_are_those_of_the_rulebook() {
    let book = params(&[]);
    assert_eq!(CoDelSpec::ruled_by(&book), CoDelSpec::STANDARD);
    assert_eq!(FqCoDelSpec::ruled_by(&book), FqCoDelSpec::STANDARD);
    assert_eq!(PieSpec::ruled_by(&book), PieSpec::STANDARD);
    let link = LinkSpec::from_millis(1);
    assert_eq!(link.clone().ruled_by(&book), link);
}

/// T1.1, T1.3, T1.4, T1.5, T1.6.
#[test]
fn a_run_may_have_other_values() {
    let other = params(&[
        ("T1.1.serialisation_rounding", "ceil"),
        ("T1.3.arrival_before_end", "no"),
        ("T1.4.codel_target", "4 ms"),
        ("T1.4.codel_interval", "90 ms"),
        ("T1.4.codel_law", "floating_point"),
        ("T1.5.fq_queues", "8"),
        ("T1.5.fq_limit", "9"),
        ("T1.5.fq_drop_batch", "2"),
        ("T1.5.fq_ecn", "no"),
        ("T1.6.pie_target", "16 ms"),
        ("T1.6.pie_update", "14 ms"),
        ("T1.6.pie_burst", "100 ms"),
        ("T1.6.pie_alpha", "0.25"),
        ("T1.6.pie_beta", "2.5"),
    ]);
    let ms = SimDuration::from_millis;
    let codel = CoDelSpec {
        target: ms(4),
        interval: ms(90),
        law: Law::Root,
        signal: Signal::Drop,
        ..CoDelSpec::STANDARD
    };
    assert_eq!(CoDelSpec::ruled_by(&other), codel);
    let queues = NonZeroU32::new(8).unwrap();
    let (packets_max, drop_batch) = (9, 2);
    let fair = FqCoDelSpec { codel, queues, packets_max, drop_batch, ..FqCoDelSpec::STANDARD };
    assert_eq!(FqCoDelSpec::ruled_by(&other), fair);
    let pie = PieSpec {
        target: ms(16),
        update: ms(14),
        burst: ms(100),
        alpha_per_mille: 250,
        beta_per_mille: 2_500,
        ..PieSpec::STANDARD
    };
    assert_eq!(PieSpec::ruled_by(&other), pie);
    let link = LinkSpec::from_millis(1);
    let wanted = link.clone().rounding(Rounding::Ceil).tie(Tie::EndFirst);
    assert_eq!(link.ruled_by(&other), wanted);
}
