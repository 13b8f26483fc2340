//! Links against the laws of queueing theory (T1.7 to T1.9). Each law is inside the 99 % interval of
#![expect(clippy::as_conversions, clippy::indexing_slicing, reason = "the numbers are small")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
//! independent replications.

use koosim_engine::law::Exponential;
use koosim_engine::net::{
    Bucket, Bursts, Capacity, DropCause, Fate, Limit, Link, LinkSpec, LinkStreams, Loss, Packet,
    Rate, Ratio, replay,
};
use koosim_engine::streams::{Domain, Stream, Streams};
use koosim_model::time::{SimDuration, SimTime};
use proptest::prelude::*;
use std::num::NonZeroU64;

const REPLICATIONS: u64 = 20;
/// Student's t for 99 % and 19 degrees of freedom.
const STUDENT_99: f64 = 2.861;
/// At 8 Mbit/s a byte is a microsecond on the wire; this many are a service time.
const MEAN_BYTES: i64 = 1_000;
const MEAN_NS: i64 = 1_000_000;

/// Mean and half the width of the 99 % interval of replications.
fn interval(values: &[f64]) -> (f64, f64) {
    let count = REPLICATIONS as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    (mean, STUDENT_99 * (squares / (count - 1.0) / count).sqrt())
}

/// Asserts that the truth is inside the interval, and the interval narrow.
fn check(what: &str, values: &[f64], truth: f64, half_width_max: f64) {
    let (mean, half) = interval(values);
    assert!((mean - truth).abs() <= half, "{what}: {mean} +- {half}, and not {truth}");
    assert!(half <= half_width_max * truth, "{what}: {mean} +- {half} is too wide");
}

fn link(spec: LinkSpec, run: u64) -> Link {
    Link::new(spec, LinkStreams::new(&Streams::new(run), "a->b"))
}

fn served(limit: Limit) -> LinkSpec {
    LinkSpec::from_millis(0).rate(Rate::kilobits(8_000), limit)
}

/// Packets that come by a Poisson law at this load, with sizes drawn by `size`.
fn poisson(
    run: u64,
    load: f64,
    count: u64,
    mut size: impl FnMut(&mut Stream) -> u32,
) -> Vec<(SimTime, Packet)> {
    let streams = Streams::new(run);
    let mut gaps = streams.get(Domain::Component, "gaps");
    let mut sizes = streams.get(Domain::Component, "sizes");
    let law = Exponential::new(SimDuration::from_nanos((MEAN_NS as f64 / load) as i64));
    let mut at_ns = 0;
    let offers = (0..count).map(|token| {
        at_ns += law.draw_ns(&mut gaps);
        (SimTime::from_nanos(at_ns), Packet::new(token, size(&mut sizes)))
    });
    offers.collect()
}

fn equal(_: &mut Stream) -> u32 {
    u32::try_from(MEAN_BYTES).unwrap()
}

fn exponential(stream: &mut Stream) -> u32 {
    let bytes = (Exponential::new(SimDuration::from_nanos(MEAN_NS)).draw_ns(stream) + 500) / 1_000;
    u32::try_from(bytes.max(1)).unwrap()
}

/// How long each packet waited, in mean service times, without the first few.
fn waits(run: u64, offers: &[(SimTime, Packet)]) -> Vec<f64> {
    let mut waits = Vec::with_capacity(offers.len());
    let mut link = link(served(Limit::Packets(100_000)), run);
    replay(&mut link, offers.iter().copied(), |told| {
        if told.fate == Fate::Departed {
            let (offered, packet) = offers[usize::try_from(told.packet.token).unwrap()];
            let own_ns = i64::from(packet.bytes) * 1_000;
            waits.push(((told.at - offered).as_nanos() - own_ns) as f64 / MEAN_NS as f64);
        }
    });
    assert!(link.counters().are_conserved());
    assert_eq!(waits.len(), offers.len());
    waits.split_off(offers.len() / 20)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The share of packets of equal size that wait no longer than so many service times.
fn waits_within(load: f64, most: f64) -> f64 {
    let mut sum = 0.0;
    let mut whole = 0.0;
    let mut over_factorial = 1.0;
    while whole <= most {
        let before = load * (most - whole);
        let power = (0..whole as u32).fold(1.0, |product, _| product * -before);
        sum += libm::exp(before) * power * over_factorial;
        whole += 1.0;
        over_factorial /= whole;
    }
    (1.0 - load) * sum
}

/// T1.9.
#[test]
fn equal_sizes_wait_as_the_law_of_m_d_1_says() {
    // The law against known values at load 0.8.
    for (most, known) in [(0.0, 0.2), (1.0, 0.445_108), (2.0, 0.634_520), (5.0, 0.899_503)] {
        assert!((waits_within(0.8, most) - known).abs() < 1e-6, "{most}");
    }
    let (load, limits) = (0.7, [0.0, 0.5, 1.0, 2.0, 5.0]);
    let (mut means, mut shares) = (Vec::new(), vec![Vec::new(); limits.len()]);
    for run in 0..REPLICATIONS {
        let waits = waits(run, &poisson(run, load, 55_000, equal));
        means.push(mean(&waits));
        for (most, shares) in limits.iter().zip(&mut shares) {
            let within = waits.iter().filter(|wait| **wait <= *most).count();
            shares.push(within as f64 / waits.len() as f64);
        }
    }
    check("mean wait", &means, load / (2.0 * (1.0 - load)), 0.02);
    for (most, shares) in limits.iter().zip(&shares) {
        check(&format!("share up to {most}"), shares, waits_within(load, *most), 0.02);
    }
}

/// T1.9.
#[test]
fn sizes_that_vary_wait_as_pollaczek_and_khinchine_say() {
    let load = 0.6;
    let (mut ratios, mut means) = (Vec::new(), Vec::new());
    for run in 0..REPLICATIONS {
        let offers = poisson(run, load, 70_000, exponential);
        let service: Vec<f64> =
            offers.iter().map(|(_, p)| f64::from(p.bytes) / MEAN_BYTES as f64).collect();
        let square = mean(&service.iter().map(|s| s * s).collect::<Vec<_>>());
        let law = load * square / (2.0 * (1.0 - load * mean(&service)));
        let found = mean(&waits(run, &offers));
        ratios.push(found / law);
        means.push(found);
    }
    // For the sizes really sent, and for the law of M/M/1 that they come from.
    check("wait over its law", &ratios, 1.0, 0.02);
    check("mean wait of M/M/1", &means, load / (1.0 - load), 0.02);
}

/// T1.2, T1.9.
#[test]
fn a_queue_of_k_loses_what_the_law_of_m_m_1_k_says() {
    for (load, places, known) in [(0.8_f64, 10_u32, 0.023_492_86), (1.2, 20, 0.170_369_95)] {
        let power = |n: u32| (0..n).fold(1.0, |product, _| product * load);
        let law = (1.0 - load) * power(places) / (1.0 - power(places + 1));
        assert!((law - known).abs() < 1e-8);
        let lost = (0..REPLICATIONS).map(|run| {
            let offers = poisson(100 + run, load, 25_000, exponential);
            // One of the places is the wire (T1.2).
            let mut link = link(served(Limit::Packets(places - 1)), run);
            replay(&mut link, offers, |_| ());
            let books = link.counters();
            assert!(books.are_conserved());
            let full = books.dropped(DropCause::QueueFull).packets;
            full as f64 / books.offered.packets as f64
        });
        check(&format!("loss at {load}"), &lost.collect::<Vec<_>>(), law, 0.06);
    }
}

/// T1.8.
#[test]
fn bursts_of_loss_have_their_share_and_their_length() {
    let (begin, end) = (Ratio::percent(3), Ratio::percent(25));
    let (mut shares, mut bursts) = (Vec::new(), Vec::new());
    for run in 0..REPLICATIONS {
        let spec = LinkSpec::from_millis(0).losing(Loss::Bursts(Bursts::new(begin, end)));
        let offers = (0..120_000_u64).map(|n| (SimTime::EPOCH, Packet::new(n, 1)));
        let (mut lost, mut begun, mut next) = (0_u32, 0_u32, 0_u64);
        replay(&mut link(spec, run), offers, |told| {
            if told.fate == Fate::Dropped(DropCause::Lost) {
                lost += 1;
                begun += u32::from(told.packet.token != next || lost == 1);
                next = told.packet.token + 1;
            }
        });
        shares.push(f64::from(lost) / 120_000.0);
        bursts.push(f64::from(lost) / f64::from(begun));
    }
    check("share lost", &shares, 3.0 / 28.0, 0.02);
    check("length of a burst", &bursts, 4.0, 0.02);
}

const BURST: u32 = 3_000;

/// The instants at which packets leave a token bucket, and their bytes.
fn through_bucket(bits_per_s: u64, offers: &[(i64, u32)]) -> Vec<(i64, u32)> {
    let rate = Rate::new(NonZeroU64::new(bits_per_s).unwrap());
    let spec = LinkSpec::from_millis(0).capacity(Capacity::Bucket(Bucket::new(rate, BURST)));
    let offers =
        offers.iter().map(|(ns, bytes)| (SimTime::from_nanos(*ns), Packet::new(0, *bytes)));
    let mut left = Vec::new();
    replay(&mut link(spec, 0), offers, |told| {
        if told.fate == Fate::Departed {
            left.push((told.at.as_nanos(), told.packet.bytes));
        }
    });
    left
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// T1.7.
    #[test]
    fn no_span_sees_more_than_the_burst_and_the_rate(
        bits_per_s in 1_000_u64..50_000_000,
        offers in prop::collection::vec((0_i64..5_000_000, 1_u32..=BURST), 1..80),
    ) {
        let mut now_ns = 0;
        let offers: Vec<(i64, u32)> = offers.into_iter().map(|(gap_ns, bytes)| {
            now_ns += gap_ns;
            (now_ns, bytes)
        }).collect();
        let left = through_bucket(bits_per_s, &offers);
        prop_assert_eq!(left.len(), offers.len());
        for from in 0..left.len() {
            let mut bytes = 0_u128;
            for (ns, more) in &left[from..] {
                bytes += u128::from(*more);
                let span_ns = u128::try_from(ns - left[from].0).unwrap();
                let tokens = u128::from(BURST) * 8_000_000_000 + span_ns * u128::from(bits_per_s);
                prop_assert!(bytes * 8_000_000_000 <= tokens);
            }
        }
    }

    /// T1.7.
    #[test]
    fn a_flow_within_the_bucket_is_never_delayed(
        bits_per_s in 1_000_u64..50_000_000,
        offers in prop::collection::vec((0_i64..5_000_000, 1_u32..=BURST), 1..80),
    ) {
        // Leaves out what a bucket of its own would have to hold back.
        let (mut tokens, mut last_ns, mut now_ns) = (u128::from(BURST) * 8_000_000_000, 0, 0_i64);
        let full = tokens;
        let mut conforming = Vec::new();
        for (gap_ns, bytes) in offers {
            now_ns += gap_ns;
            let come = u128::try_from(now_ns - last_ns).unwrap() * u128::from(bits_per_s);
            tokens = full.min(tokens + come);
            last_ns = now_ns;
            let needed = u128::from(bytes) * 8_000_000_000;
            if needed <= tokens {
                tokens -= needed;
                conforming.push((now_ns, bytes));
            }
        }
        prop_assert_eq!(through_bucket(bits_per_s, &conforming), conforming);
    }
}
