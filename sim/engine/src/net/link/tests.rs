use super::*;
use crate::law::Gaussian;
use crate::net::{
    Afterwards, Bucket, Bursts, Capacity, CoDelSpec, Ecn, FqCoDelSpec, Limit, Loss, Opportunities,
    Outage, PieSpec, Promotion, QueueSpec, Rate, Ratio, Signal, Step, Steps, Tally,
};
use koosim_model::time::SimDuration;
use proptest::prelude::*;
use std::num::{NonZeroU32, NonZeroU64};

const US: i64 = 1_000;
const MS: i64 = 1_000_000;

fn link(spec: LinkSpec) -> Link {
    Link::new(spec, LinkStreams::new(&Streams::new(42), "a->b"))
}

fn at(ns: i64) -> SimTime {
    SimTime::from_nanos(ns)
}

fn ms(ms: i64) -> SimDuration {
    SimDuration::from_millis(ms)
}

fn rate(bits_per_s: u64) -> Rate {
    Rate::new(NonZeroU64::new(bits_per_s).unwrap())
}

/// Offers packets of (instant, bytes), numbered from zero; all that becomes of them.
fn told(link: &mut Link, offers: &[(i64, u32)]) -> Vec<Happening> {
    let mut all = Vec::new();
    let offers = offers.iter().zip(0_u64..);
    let offers = offers.map(|(&(ns, bytes), token)| (at(ns), Packet::new(token, bytes)));
    replay(link, offers, |told| all.push(told));
    assert!(link.counters().are_conserved());
    all
}

/// The arrivals of packets of (instant, bytes), with `-1` for a drop.
fn arrivals(link: &mut Link, offers: &[(i64, u32)]) -> Vec<i64> {
    let mut at = vec![-1; offers.len()];
    for told in told(link, offers) {
        if matches!(told.fate, Fate::Arrived { .. }) {
            at[usize::try_from(told.packet.token).unwrap()] = told.at.as_nanos();
        }
    }
    at
}

fn drops(link: &mut Link, offers: &[(i64, u32)]) -> Vec<u64> {
    let dropped = |told: &Happening| matches!(told.fate, Fate::Dropped(_));
    told(link, offers).iter().filter(|told| dropped(told)).map(|told| told.packet.token).collect()
}

/// Where there are thousands of links, each line of a cache more is waited for.
#[test]
fn what_most_packets_need_lies_in_five_lines() {
    let books = std::mem::offset_of!(Link, out) + std::mem::offset_of!(Out, counters);
    let needed = books + std::mem::offset_of!(Counters, in_flight) + size_of::<Tally>();
    assert_eq!((align_of::<Link>(), needed), (64, 5 * 64));
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
    let spec = LinkSpec::from_millis(5);
    for limit in [Limit::Bytes(2_500), Limit::Packets(2), Limit::Delay(ms(1))] {
        let mut link = link(spec.clone().rate(rate(10_000_000), limit));
        let offers = [(0, 1250), (0, 1250), (0, 1250), (0, 1250), (MS + 1, 1250)];
        assert_eq!(arrivals(&mut link, &offers), [6 * MS, 7 * MS, 8 * MS, -1, 9 * MS], "{limit:?}");
        let full = link.counters().dropped(DropCause::QueueFull);
        assert_eq!(full, Tally { packets: 1, bytes: 1250 });
        assert_eq!(link.waiting_bytes(), 0);
    }
}

#[test]
fn an_arrival_comes_before_an_end_of_the_same_nanosecond() {
    // 1000 bytes at 10 Mbit/s end after 0.8 ms; one packet may wait (T1.3, compared with ns-3).
    let offers = [0, 0, 8, 8, 16].map(|tenths| (tenths * 100 * US, 1000));
    let spec = LinkSpec::from_millis(0).rate(rate(10_000_000), Limit::Packets(1));
    assert_eq!(drops(&mut link(spec.clone()), &offers), [2, 3]);
    assert_eq!(drops(&mut link(spec.tie(Tie::EndFirst)), &offers), [3]);
}

#[test]
fn a_packet_that_is_lost_has_still_used_the_transmitter() {
    let spec = LinkSpec::from_millis(0).rate(rate(8_000), Limit::Bytes(10_000));
    let mut link = link(spec.clone().loss(Ratio::ALWAYS));
    link.offer(at(0), Packet::new(0, 10));
    assert_eq!(link.poll(at(5 * MS), Phase::Observation), None);
    link.offer(at(5 * MS), Packet::new(1, 10));
    let departed = link.poll(at(10 * MS), Phase::TransmissionEnd).unwrap();
    assert_eq!((departed.packet.token, departed.fate), (0, Fate::Departed));
    link.set_spec(at(10 * MS), spec);
    let told: Vec<_> = std::iter::from_fn(|| link.poll(at(20 * MS), Phase::Observation)).collect();
    let fates: Vec<Fate> = told.iter().map(|told| told.fate).collect();
    let arrived = Fate::Arrived { corrupt: false, copy: false };
    assert_eq!(fates, [Fate::Dropped(DropCause::Lost), Fate::Departed, arrived]);
    assert_eq!(told[2].at, at(20 * MS));
}

#[test]
fn causes_are_looked_for_in_their_declared_order() {
    let outage = Outage { from: at(0), until: at(2) };
    let spec = LinkSpec::from_millis(1)
        .mtu(NonZeroU32::new(100).unwrap())
        .outages(&[outage])
        .unwrap()
        .rate(rate(8_000), Limit::Bytes(0))
        .loss(Ratio::ALWAYS);
    let mut link = link(spec);
    link.cut();
    link.offer(at(1), Packet::new(0, 101));
    link.join();
    for (ns, bytes) in [(1, 101), (2, 101), (2, 100), (2, 100)] {
        link.offer(at(ns), Packet::new(0, bytes));
    }
    while link.poll(at(1_000 * MS), Phase::Observation).is_some() {}
    let [partitioned, outage, too_big, full, managed, lost] =
        DropCause::ALL.map(|cause| link.counters().dropped(cause).packets);
    assert_eq!([partitioned, outage, too_big, full, managed, lost], [1, 1, 1, 1, 0, 1]);
}

#[test]
fn one_accident_does_not_move_another() {
    let lossy = LinkSpec::from_millis(1).loss(Ratio::percent(30));
    let bound = SimDuration::from_nanos(500 * US);
    let varied = lossy.clone().jitter(bound, Order::Free).unwrap();
    let varied = varied.duplication(Ratio::percent(5)).corruption(Ratio::percent(5));
    let offers: Vec<(i64, u32)> = (0..200).map(|i| (i * MS, 64)).collect();
    let lost = drops(&mut link(lossy), &offers);
    assert_eq!(lost, drops(&mut link(varied), &offers));
    assert!((40..80).contains(&lost.len()), "30 % of 200, and {} were lost", lost.len());
}

#[test]
fn copies_and_corruption_are_counted_by_name() {
    let spec = LinkSpec::from_millis(1).duplication(Ratio::ALWAYS).corruption(Ratio::percent(50));
    let mut link = link(spec);
    let offers: Vec<(i64, u32)> = (0..100).map(|i| (i * MS, 10)).collect();
    let told = told(&mut link, &offers);
    let arrived = |wanted: Fate| told.iter().filter(|told| told.fate == wanted).count();
    let copies = arrived(Fate::Arrived { corrupt: false, copy: true });
    let corrupt_copies = arrived(Fate::Arrived { corrupt: true, copy: true });
    assert_eq!(copies + corrupt_copies, 100);
    assert!((30..70).contains(&corrupt_copies));
    assert_eq!(link.counters().duplicated, Tally { packets: 100, bytes: 1_000 });
    assert_eq!(link.counters().delivered.packets, 200);
    let corrupt = arrived(Fate::Arrived { corrupt: true, copy: false }) + corrupt_copies;
    assert_eq!(link.counters().corrupted.packets, u64::try_from(corrupt).unwrap());
}

#[test]
fn what_is_on_the_wire_when_the_link_is_cut_still_arrives() {
    let mut link = link(LinkSpec::from_millis(1));
    link.offer(at(0), Packet::new(0, 9));
    link.cut();
    link.offer(at(0), Packet::new(1, 9));
    while link.poll(at(MS), Phase::Arrival).is_some() {}
    assert_eq!(link.counters().delivered.packets, 1);
    assert_eq!(link.counters().in_flight.packets, 0);
    assert_eq!(link.counters().dropped(DropCause::Partitioned).packets, 1);
}

#[test]
fn a_link_holds_no_more_than_its_limit() {
    let mut link = link(LinkSpec::from_millis(1_000));
    for token in 0..u64::from(PACKETS_MAX) {
        link.offer(at(0), Packet::new(token, 1));
        assert_eq!(link.told().map(|told| told.fate), Some(Fate::Departed));
    }
    link.offer(at(0), Packet::new(0, 1));
    let full = Fate::Dropped(DropCause::QueueFull);
    assert_eq!(link.told().map(|told| told.fate), Some(full));
    assert!(link.counters().are_conserved());
}

#[test]
fn alarms_ring_once_and_only_while_they_are_wanted() {
    // Far arrivals behind a slow transmitter, and then a packet that overtakes.
    let slow = LinkSpec::from_millis(50).rate(rate(8_000_000), Limit::Packets(9));
    let mut link = link(slow.clone());
    link.offer(at(0), Packet::new(0, 1_000));
    let end = Some((at(MS), Phase::TransmissionEnd));
    assert_eq!(link.alarms(), [None, end]);
    assert_eq!(link.alarms(), [None, None], "said once");
    assert!(link.rings(at(MS), Phase::TransmissionEnd));
    assert!(!link.rings(at(MS), Phase::TransmissionEnd), "and heard once");
    while link.poll(at(MS), Phase::TransmissionEnd).is_some() {}
    let arrival = |ms: i64| Some((at(ms * MS), Phase::Arrival));
    assert_eq!(link.alarms(), [arrival(51), None]);
    let near = LinkSpec::from_millis(1).jitter(ms(0), Order::Free).unwrap();
    link.set_spec(at(2 * MS), near);
    link.offer(at(2 * MS), Packet::new(1, 1_000));
    assert!(link.told().is_some());
    assert_eq!(link.alarms(), [arrival(3), None]);
    assert!(link.rings(at(3 * MS), Phase::Arrival));
    let first = link.poll(at(3 * MS), Phase::Arrival).unwrap();
    assert_eq!(first.packet.token, 1);
    assert_eq!(link.alarms(), [arrival(51), None]);
    assert!(link.rings(at(51 * MS), Phase::Arrival));
    assert!(!link.rings(at(51 * MS), Phase::Arrival), "the one from before means nothing");
}

#[test]
fn an_outage_takes_its_first_instant_and_not_its_last() {
    let outages =
        [(10, 20), (30, 31)].map(|(from, until)| Outage { from: at(from), until: at(until) });
    let mut link = link(LinkSpec::from_millis(0).outages(&outages).unwrap());
    let offers: Vec<(i64, u32)> = [9, 10, 19, 20, 30, 31].map(|ns| (ns, 1)).to_vec();
    assert_eq!(drops(&mut link, &offers), [1, 2, 4]);
    let overlapping = [outages[0], Outage { from: at(19), until: at(40) }];
    let refused = LinkSpec::from_millis(0).outages(&overlapping);
    assert_eq!(refused, Err(crate::net::SpecError::OutageOrder(1)));
}

#[test]
fn a_radio_that_slept_delays_the_first_packet_and_what_comes_behind_it() {
    let sleep = Promotion { idle: ms(100), least: ms(30), most: ms(30) };
    let mut link = link(LinkSpec::from_millis(5).promotion(sleep).unwrap());
    let offers = [(0, 9), (10 * MS, 9), (60 * MS, 9), (160 * MS, 9), (261 * MS, 9)];
    let wanted = [35 * MS, 35 * MS, 65 * MS, 165 * MS, 296 * MS];
    assert_eq!(arrivals(&mut link, &offers), wanted);
}

#[test]
fn a_radio_wakes_up_within_its_bounds() {
    let sleep = Promotion { idle: ms(10), least: ms(30), most: ms(50) };
    let mut link = link(LinkSpec::from_millis(0).promotion(sleep).unwrap());
    let offers: Vec<(i64, u32)> = (0..200).map(|i| (i * 100 * MS, 9)).collect();
    let waits: Vec<i64> =
        arrivals(&mut link, &offers).iter().zip(&offers).map(|(at, offer)| at - offer.0).collect();
    assert!(waits.iter().all(|wait| (30 * MS..=50 * MS).contains(wait)));
    assert!(waits.iter().any(|w| *w < 33 * MS) && waits.iter().any(|w| *w > 47 * MS));
}

#[test]
fn a_gaussian_jitter_keeps_order_or_does_not() {
    let offers: Vec<(i64, u32)> = (0..500).map(|i| (i * MS, 9)).collect();
    let law = Gaussian::new(ms(5), ms(15));
    let spec = LinkSpec::from_millis(50);
    let kept = arrivals(&mut link(spec.clone().gaussian_jitter(law.clone(), Order::Kept)), &offers);
    let free = arrivals(&mut link(spec.gaussian_jitter(law.clone(), Order::Free)), &offers);
    assert!(kept.is_sorted() && !free.is_sorted());
    let delays = free.iter().zip(&offers).map(|(at, offer)| at - offer.0);
    assert!(delays.clone().all(|delay| (35 * MS..=65 * MS).contains(&delay)));
    // The clamp only ever makes a packet later.
    assert!(kept.iter().zip(&free).all(|(kept, free)| kept >= free));
    // A law wider than the delay never makes a packet early.
    let near = LinkSpec::from_millis(1).gaussian_jitter(law, Order::Free);
    assert!(arrivals(&mut link(near), &offers).iter().zip(&offers).all(|(at, o)| *at >= o.0));
}

#[test]
fn a_trace_of_opportunities_holds_packets_in_the_queue() {
    let chances: Vec<SimDuration> = [5, 10].map(ms).to_vec();
    let chances = Opportunities::new(&chances, at(0)).unwrap();
    let spec = LinkSpec::from_millis(0).capacity(Capacity::Opportunities(chances));
    let mut roomy = link(spec.clone());
    let offers = [(0, 1500), (0, 700), (0, 800), (11 * MS, 1000)];
    assert_eq!(arrivals(&mut roomy, &offers), [5 * MS, 10 * MS, 10 * MS, 15 * MS]);
    // The packet that waits for its chance is part of the queue.
    let mut narrow = link(spec.queue(QueueSpec::DropTail(Limit::Packets(1))));
    assert_eq!(drops(&mut narrow, &offers), [1, 2]);
}

#[test]
fn a_change_of_capacity_counts_for_packets_that_begin_later() {
    let slow = LinkSpec::from_millis(0).rate(rate(8_000), Limit::Packets(9));
    let mut link = link(slow.clone());
    for token in 0..3 {
        link.offer(at(0), Packet::new(token, 10));
    }
    link.set_spec(at(5 * MS), slow.capacity(Capacity::Constant(rate(80_000))));
    let told: Vec<_> = std::iter::from_fn(|| link.poll(at(99 * MS), Phase::Observation)).collect();
    let departed = told.iter().filter(|told| told.fate == Fate::Departed);
    let ends: Vec<i64> = departed.map(|told| told.at.as_nanos()).collect();
    assert_eq!(ends, [10 * MS, 11 * MS, 12 * MS]);
}

#[test]
fn a_packet_that_could_never_leave_begins_anew_with_another_capacity() {
    let stop = [Step { lasts: ms(1), bits_per_s: 0 }];
    let stop = Capacity::Steps(Steps::new(&stop, at(0), Afterwards::Hold).unwrap());
    let mut link = link(LinkSpec::from_millis(0).capacity(stop));
    link.offer(at(0), Packet::new(0, 1000));
    link.offer(at(0), Packet::new(1, 1000));
    assert_eq!(link.next_end(), Some(at(i64::MAX)));
    assert_eq!(link.poll(at(5 * MS), Phase::Observation), None);
    link.set_spec(at(5 * MS), LinkSpec::from_millis(0).rate(rate(8_000_000), Limit::Packets(9)));
    let told: Vec<_> = std::iter::from_fn(|| link.poll(at(99 * MS), Phase::Observation)).collect();
    let ends: Vec<i64> = told.iter().map(|told| told.at.as_nanos()).collect();
    assert_eq!(ends, [6 * MS, 6 * MS, 7 * MS, 7 * MS]);
}

#[test]
fn what_waits_stays_when_the_queue_becomes_another() {
    let slow = LinkSpec::from_millis(0).rate(rate(8_000), Limit::Packets(9));
    let codel = QueueSpec::CoDel(CoDelSpec::STANDARD);
    let fair = QueueSpec::FqCoDel(FqCoDelSpec::STANDARD);
    let pie = QueueSpec::Pie(PieSpec::STANDARD);
    let tail = QueueSpec::DropTail(Limit::Packets(0));
    let mut link = link(slow.clone());
    for token in 0..6 {
        link.offer(at(0), Packet::new(token, 10).of_flow(u32::try_from(token % 2).unwrap()));
    }
    let mut order = Vec::new();
    for (step, queue) in (1_i64..).zip([codel, fair, pie, tail]) {
        link.set_spec(at(step * 10 * MS), slow.clone().queue(queue));
        let told = std::iter::from_fn(|| link.poll(at(step * 10 * MS), Phase::Observation));
        order.extend(told.filter(|told| told.fate == Fate::Departed).map(|told| told.packet.token));
    }
    link.offer(at(40 * MS), Packet::new(9, 10));
    assert!(link.counters().are_conserved());
    assert_eq!(order, [0, 1, 2, 3]);
    assert_eq!(link.counters().dropped(DropCause::QueueFull).packets, 1);
    assert_eq!(link.waiting_bytes(), 10);
}

fn any_limit() -> impl Strategy<Value = Limit> {
    prop_oneof![
        (0_u64..20_000).prop_map(Limit::Bytes),
        (0_u32..20).prop_map(Limit::Packets),
        (0_i64..50).prop_map(|delay| Limit::Delay(ms(delay))),
    ]
}

fn any_queue() -> impl Strategy<Value = QueueSpec> {
    let signal = prop_oneof![Just(Signal::Drop), Just(Signal::Mark)];
    prop_oneof![
        any_limit().prop_map(QueueSpec::DropTail),
        (any_limit(), signal.clone(), any::<bool>()).prop_map(|(limit, signal, exact)| {
            let law = if exact { crate::net::Law::Root } else { crate::net::Law::FixedPoint };
            let (target, interval) = (ms(1), ms(5));
            let base = CoDelSpec::STANDARD;
            QueueSpec::CoDel(CoDelSpec { target, interval, limit, signal, law, ..base })
        }),
        (1_u32..8, 1_u32..20).prop_map(|(queues, packets_max)| {
            let queues = NonZeroU32::new(queues).unwrap();
            let codel = CoDelSpec { target: ms(1), interval: ms(5), ..CoDelSpec::STANDARD };
            let base = FqCoDelSpec::STANDARD;
            QueueSpec::FqCoDel(FqCoDelSpec { queues, packets_max, codel, drop_batch: 4, ..base })
        }),
        (any_limit(), signal).prop_map(|(limit, signal)| {
            let (target, burst) = (ms(2), ms(5));
            let base = PieSpec::STANDARD;
            QueueSpec::Pie(PieSpec { target, burst, limit, signal, ..base })
        }),
    ]
}

fn any_capacity() -> impl Strategy<Value = Capacity> {
    let step = (1_i64..20, 0_u64..20_000_000)
        .prop_map(|(lasts, bits_per_s)| Step { lasts: ms(lasts), bits_per_s });
    let steps = prop::collection::vec(step, 1..5).prop_map(|steps| {
        let of = |afterwards| Steps::new(&steps, SimTime::EPOCH, afterwards);
        Capacity::Steps(of(Afterwards::Repeat).or_else(|_| of(Afterwards::Hold)).unwrap())
    });
    let chances = prop::collection::vec(1_i64..20, 1..10).prop_map(|mut offsets| {
        offsets.sort_unstable();
        let offsets: Vec<SimDuration> = offsets.into_iter().map(ms).collect();
        Capacity::Opportunities(Opportunities::new(&offsets, SimTime::EPOCH).unwrap())
    });
    prop_oneof![
        Just(Capacity::Unlimited),
        (1_000_u64..1_000_000_000).prop_map(|bits| Capacity::Constant(rate(bits))),
        steps,
        chances,
        (1_000_u64..100_000_000, 100_u32..10_000).prop_map(|(bits, burst)| {
            Capacity::Bucket(Bucket::new(rate(bits), burst).peak(rate(bits * 4)))
        }),
    ]
}

fn any_spec() -> impl Strategy<Value = LinkSpec> {
    let delays = (0_i64..50 * MS, 0_i64..20 * MS, any::<bool>());
    let accidents = (0_u32..101, 0_u32..101, 0_u32..30, 0_u32..30);
    let mtus = prop::option::of(1_u32..2_000);
    let sleeps = prop::option::of((0_i64..10, 0_i64..10));
    (delays, accidents, mtus, sleeps, any_queue(), any_capacity()).prop_map(
        |((delay, jitter, free), (loss, end, copies, corrupt), mtu, sleep, queue, capacity)| {
            let order = if free { Order::Free } else { Order::Kept };
            let mut spec = LinkSpec::new(SimDuration::from_nanos(delay)).unwrap();
            spec = spec.jitter(SimDuration::from_nanos(jitter), order).unwrap();
            let bursts = Bursts::new(Ratio::percent(loss), Ratio::percent(end));
            spec = if copies % 2 == 0 {
                spec.loss(Ratio::percent(loss))
            } else {
                spec.losing(Loss::Bursts(bursts))
            };
            spec = spec.duplication(Ratio::percent(copies)).corruption(Ratio::percent(corrupt));
            spec = spec.queue(queue).capacity(capacity);
            if let Some((idle, least)) = sleep {
                let most = ms(least + 3);
                spec =
                    spec.promotion(Promotion { idle: ms(idle), least: ms(least), most }).unwrap();
            }
            mtu.and_then(NonZeroU32::new).map_or(spec.clone(), |mtu| spec.mtu(mtu))
        },
    )
}

type Offers = Vec<(i64, u32, u8)>;

/// Offers packets while the link changes, and gives all happenings; checks what must hold.
fn changing(specs: &[LinkSpec], offers: &Offers) -> Result<Vec<Happening>, TestCaseError> {
    let mut link = link(specs[0].clone());
    let (mut now_ns, mut all) = (0, Vec::new());
    for (token, &(gap_ns, bytes, action)) in (0_u64..).zip(offers) {
        now_ns += gap_ns;
        all.extend(std::iter::from_fn(|| link.poll(at(now_ns), Phase::Arrival)));
        match action {
            0 => link.cut(),
            1 => link.join(),
            2..6 => link.set_spec(at(now_ns), specs[usize::from(action) % specs.len()].clone()),
            _ => {}
        }
        let ecn = if action % 2 == 0 { Ecn::Capable0 } else { Ecn::NotCapable };
        link.offer(at(now_ns), Packet::new(token, bytes).of_flow(u32::from(action)).with_ecn(ecn));
        all.extend(std::iter::from_fn(|| link.poll(at(now_ns), Phase::Arrival)));
        prop_assert!(link.counters().are_conserved());
        if let Some((due, _)) = link.next_due() {
            prop_assert!(due >= at(now_ns));
        }
    }
    while let Some((due, phase)) = link.next_due().filter(|(due, _)| *due < at(i64::MAX)) {
        all.extend(std::iter::from_fn(|| link.poll(due, phase)));
    }
    let books = link.counters();
    prop_assert!(books.are_conserved());
    prop_assert_eq!(books.in_flight, Tally::default());
    let count = |wanted: fn(&Fate) -> bool| {
        u64::try_from(all.iter().filter(|told| wanted(&told.fate)).count()).unwrap()
    };
    prop_assert_eq!(count(|f| matches!(f, Fate::Arrived { .. })), books.delivered.packets);
    prop_assert_eq!(count(|f| matches!(f, Fate::Dropped(_))), books.dropped_in_all().packets);
    Ok(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn nothing_is_made_and_nothing_vanishes(
        specs in prop::collection::vec(any_spec(), 1..4),
        offers in prop::collection::vec((0_i64..2 * MS, 1_u32..3_000, 0_u8..40), 1..200),
    ) {
        let told = changing(&specs, &offers)?;
        prop_assert!(told.is_sorted_by_key(|told| told.at), "happenings go back in time");
        // The same bytes twice.
        prop_assert_eq!(&told, &changing(&specs, &offers)?);
        // A packet never arrives before it has left, and never after it was dropped.
        let mut left = vec![None; offers.len()];
        for told in &told {
            let slot = &mut left[usize::try_from(told.packet.token).unwrap()];
            match told.fate {
                Fate::Departed => prop_assert_eq!(slot.replace(told.at), None),
                Fate::Copied => prop_assert!(slot.is_some()),
                Fate::Arrived { .. } => prop_assert!(slot.is_some_and(|at| at <= told.at)),
                Fate::Dropped(DropCause::Lost) => prop_assert!(slot.is_some()),
                Fate::Dropped(_) => prop_assert_eq!(*slot, None),
            }
        }
    }
}
