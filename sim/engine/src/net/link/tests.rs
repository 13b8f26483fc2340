use super::*;
use crate::net::Ratio;
use crate::streams::{Domain, Streams};
use koosim_model::time::SimDuration;
use proptest::prelude::*;
use std::num::{NonZeroU32, NonZeroU64};

const US: i64 = 1_000;
const MS: i64 = 1_000_000;

fn link(spec: LinkSpec) -> Link {
    let streams = Streams::new(42);
    Link::new(spec, streams.get(Domain::Link, "a->b"), streams.get(Domain::Link, "a->b jitter"))
}

fn at(ns: i64) -> SimTime {
    SimTime::from_nanos(ns)
}

fn rate(bits_per_s: u64, queue_bytes_max: u64) -> Rate {
    Rate::new(NonZeroU64::new(bits_per_s).unwrap(), queue_bytes_max)
}

/// Offers packets of (instant, bytes) and gives the arrivals, with `-1` for a drop.
fn arrivals(link: &mut Link, offers: &[(i64, u32)]) -> Vec<i64> {
    let answer = |&(ns, bytes): &(i64, u32)| match link.offer(at(ns), bytes) {
        Verdict::Deliver(at) => at.as_nanos(),
        Verdict::Dropped(_) => -1,
    };
    offers.iter().map(answer).collect()
}

#[test]
fn delay_is_exact_to_the_nanosecond() {
    let mut link = link(LinkSpec::new(SimDuration::from_nanos(40_000_001)).unwrap());
    assert_eq!(
        arrivals(&mut link, &[(0, 64), (7, 1), (7, 1500)]),
        [40_000_001, 40_000_008, 40_000_008]
    );
}

#[test]
fn a_limited_rate_spaces_packets_and_drops_the_tail() {
    // 1250 bytes at 10 Mbit/s take 1 ms; two may wait behind the one that is being transmitted.
    let mut link = link(LinkSpec::from_millis(5).rate(rate(10_000_000, 2_500)));
    let offers = [(0, 1250), (0, 1250), (0, 1250), (0, 1250), (MS, 1250)];
    assert_eq!(arrivals(&mut link, &offers), [6 * MS, 7 * MS, 8 * MS, -1, 9 * MS]);
    assert_eq!(link.counters().dropped(DropCause::QueueFull), Tally { packets: 1, bytes: 1250 });
    assert_eq!(link.waiting_bytes(at(MS)), 2500);
    assert_eq!(link.waiting_bytes(at(3 * MS)), 0);
}

#[test]
fn transmission_time_rounds_up() {
    assert_eq!(rate(3, 0).transmit_ns(1), 2_666_666_667);
    assert_eq!(rate(8_000_000_000, 0).transmit_ns(1), 1);
    assert_eq!(rate(9_000_000_000, 0).transmit_ns(1), 1);
    assert_eq!(rate(1, 0).transmit_ns(u32::MAX), i64::MAX);
}

#[test]
fn a_packet_that_is_lost_has_still_used_the_transmitter() {
    let mut link = link(LinkSpec::from_millis(0).rate(rate(8_000, 10_000)).loss(Ratio::ALWAYS));
    assert_eq!(arrivals(&mut link, &[(0, 10)]), [-1]);
    link.set_spec(link.spec().loss(Ratio::NEVER));
    assert_eq!(arrivals(&mut link, &[(0, 10)]), [20 * MS]);
}

#[test]
fn causes_are_looked_for_in_their_declared_order() {
    let spec = LinkSpec::from_millis(1)
        .mtu(NonZeroU32::new(100).unwrap())
        .rate(rate(8_000, 0))
        .loss(Ratio::ALWAYS);
    let mut link = link(spec);
    link.cut();
    assert_eq!(link.offer(at(0), 101), Verdict::Dropped(DropCause::Partitioned));
    link.join();
    assert_eq!(link.offer(at(0), 101), Verdict::Dropped(DropCause::TooBig));
    assert_eq!(link.offer(at(0), 100), Verdict::Dropped(DropCause::Lost));
    assert_eq!(link.offer(at(0), 100), Verdict::Dropped(DropCause::QueueFull));
    assert_eq!(DropCause::ALL.map(|c| link.counters().dropped(c).packets), [1, 1, 1, 1]);
}

#[test]
fn loss_does_not_move_when_the_delay_begins_to_vary() {
    let lossy = LinkSpec::from_millis(1).loss(Ratio::percent(30));
    let varied = lossy.jitter(SimDuration::from_nanos(500 * US), Order::Free).unwrap();
    let offers: Vec<(i64, u32)> = (0..200).map(|i| (i * MS, 64)).collect();
    let drops = |spec| {
        let all = arrivals(&mut link(spec), &offers);
        all.iter().map(|&at| at == -1).collect::<Vec<_>>()
    };
    assert_eq!(drops(lossy), drops(varied));
    let lost = drops(lossy).iter().filter(|&&lost| lost).count();
    assert!((40..80).contains(&lost), "30 % of 200, and {lost} were lost");
}

#[test]
fn what_is_on_the_wire_when_the_link_is_cut_still_arrives() {
    let mut link = link(LinkSpec::from_millis(1));
    assert_eq!(link.offer(at(0), 9), Verdict::Deliver(at(MS)));
    link.cut();
    link.arrived(9);
    assert_eq!(link.counters().delivered.packets, 1);
    assert_eq!(link.counters().in_flight.packets, 0);
}

fn any_spec() -> impl Strategy<Value = LinkSpec> {
    let rates = prop::option::of((1_000_u64..1_000_000_000, 0_u64..20_000));
    let mtus = prop::option::of(1_u32..2_000);
    (0_i64..50 * MS, 0_i64..20 * MS, any::<bool>(), 0_u32..101, rates, mtus).prop_map(
        |(delay, jitter, free, loss, limited, mtu)| {
            let order = if free { Order::Free } else { Order::Kept };
            let mut spec = LinkSpec::new(SimDuration::from_nanos(delay)).unwrap();
            spec = spec.jitter(SimDuration::from_nanos(jitter), order).unwrap();
            spec = spec.loss(Ratio::percent(loss));
            if let Some((bits, queue)) = limited {
                spec = spec.rate(rate(bits, queue));
            }
            mtu.and_then(NonZeroU32::new).map_or(spec, |mtu| spec.mtu(mtu))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn nothing_is_made_and_nothing_vanishes(
        specs in prop::collection::vec(any_spec(), 1..4),
        offers in prop::collection::vec((0_i64..2 * MS, 1_u32..3_000, 0_u8..40), 1..200),
    ) {
        let mut link = link(specs[0]);
        let (mut now_ns, mut flying, mut latest_kept) = (0, Vec::new(), i64::MIN);
        for (gap_ns, bytes, action) in offers {
            now_ns += gap_ns;
            match action {
                0 => link.cut(),
                1 => link.join(),
                2..6 => link.set_spec(specs[usize::from(action) % specs.len()]),
                _ => {}
            }
            if let Verdict::Deliver(arrival) = link.offer(at(now_ns), bytes) {
                let ns = arrival.as_nanos();
                prop_assert!(ns >= now_ns + link.spec().delay().as_nanos());
                if link.spec().order() == Order::Kept {
                    prop_assert!(ns >= latest_kept, "overtook on a link that keeps order");
                }
                latest_kept = latest_kept.max(ns);
                flying.push((ns, bytes));
            }
            let limits = specs.iter().filter_map(LinkSpec::transmitter).map(Rate::queue_bytes_max);
            prop_assert!(link.waiting_bytes(at(now_ns)) <= limits.max().unwrap_or(0));
            flying.retain(|&(ns, bytes)| {
                if ns <= now_ns { link.arrived(bytes); }
                ns > now_ns
            });
            prop_assert!(link.counters().are_conserved());
            prop_assert_eq!(link.counters().in_flight.packets, u64::try_from(flying.len()).unwrap());
        }
    }
}
