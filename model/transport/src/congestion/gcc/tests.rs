use super::*;

/// 12,000-bit packets each 10 ms through a link of `kbps` with an endless queue, reported each 50 ms: what
/// the controller thought after each report, and by how much more each packet was late than the one before.
fn through(kbps: i64, seconds: i64) -> (Vec<(SimTime, Usage, BitRate)>, Vec<i64>) {
    let options =
        GccOptions { probing: false, start: BitRate::from_kbps(1200), ..Default::default() };
    let mut gcc = Gcc::new(SimTime::EPOCH, options);
    let (mut free, mut waiting, mut seen, mut late) = (0, Vec::new(), Vec::new(), Vec::new());
    for n in 0..seconds * 100 {
        let sent = n * 10_000_000;
        free = sent.max(free) + 12_000 * 1_000_000 / kbps;
        late.push(free - sent);
        waiting.push(PacketResult {
            sequence: n.cast_unsigned(),
            sent_at: SimTime::from_nanos(sent),
            arrived_at: Some(SimTime::from_nanos(free)),
            bytes: 1500,
            congested: false,
            probe: None,
        });
        if n % 5 == 4 {
            let now = SimTime::from_nanos(sent);
            let come = waiting.iter().take_while(|packet| packet.arrived_at <= Some(now)).count();
            let results: Vec<_> = waiting.drain(..come).collect();
            gcc.on_feedback(now, &results);
            seen.push((now, gcc.usage(), gcc.target_rate()));
        }
    }
    (seen, late.windows(2).map(|pair| (pair[1] - pair[0]) / 1_000_000).collect())
}

/// T3.6 fixtures: 12,000 bits take 40 ms at 300 kbit/s and 20 ms at 600 kbit/s.
#[test]
fn too_slow_a_link_is_found_by_the_growth_of_its_delay() {
    for (kbps, growth_ms) in [(300, 30), (600, 10)] {
        let (seen, growth) = through(kbps, 6);
        assert!(growth.iter().all(|ms| *ms == growth_ms), "{kbps}");
        let first = seen.iter().find(|(_, usage, _)| *usage == Usage::Over).unwrap();
        // 22 groups make 21 differences, and the last group ends with the packet after it.
        let groups = 22 + 1;
        let full = SimTime::from_nanos(groups * (10 + growth_ms) * 1_000_000);
        let late = first.0 - full;
        assert!(
            late >= SimDuration::ZERO && late < SimDuration::from_millis(100),
            "{kbps} {late:?}"
        );
        let last = seen.last().unwrap().2;
        assert!(last.bps() < kbps.cast_unsigned() * 1000, "{last:?}");
    }
}

#[test]
fn link_that_is_fast_enough_is_never_overused() {
    let (seen, growth) = through(1300, 6);
    assert!(growth.iter().all(|ms| *ms == 0));
    assert!(seen.iter().all(|(_, usage, _)| *usage == Usage::Normal));
    let grown: Vec<_> = seen.windows(2).map(|pair| pair[1].2 >= pair[0].2).collect();
    assert!(grown.iter().all(|grows| *grows));
}

#[test]
fn loss_limits_what_delay_allows() {
    let mut gcc = Gcc::new(SimTime::EPOCH, GccOptions::default());
    gcc.on_loss(SimTime::EPOCH, Loss { lost: 20, of: 100 });
    assert_eq!(gcc.target_rate(), BitRate::from_kbps(270));
    assert_eq!(gcc.pacing_rate(), BitRate::from_kbps(675));
    gcc.reset(SimTime::EPOCH);
    assert_eq!(gcc.target_rate(), BitRate::from_kbps(300));
}

/// After two seconds without a report, what was known of the delay is of another time.
#[test]
fn silence_makes_delay_unknown() {
    let mut gcc = Gcc::new(SimTime::EPOCH, GccOptions::default());
    let mut report = |ms: i64| {
        let at = SimTime::from_nanos(ms * 1_000_000);
        let result = PacketResult {
            sequence: ms.cast_unsigned(),
            sent_at: at,
            arrived_at: Some(at),
            bytes: 1200,
            congested: false,
            probe: None,
        };
        gcc.on_feedback(at, &[result]);
        gcc.threshold_ms()
    };
    let fallen = (0..100).map(|n| report(n * 10)).last().unwrap();
    assert_eq!(fallen, 6.0, "without any signal the threshold falls to its bound");
    assert_eq!(report(990 + 2000), 6.0);
    assert_eq!(report(990 + 4001), 12.5);
}
