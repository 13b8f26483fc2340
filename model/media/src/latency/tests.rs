use super::*;
use crate::vsync::{FrameRate, VSync};
use proptest::prelude::*;

const fn ms(n: i64) -> SimDuration {
    SimDuration::from_millis(n)
}

fn recorded(nanos: &[i64]) -> Latencies {
    let mut latencies = Latencies::new();
    for ns in nanos {
        latencies.record(SimDuration::from_nanos(*ns));
    }
    latencies
}

#[test]
fn percentiles_are_of_the_nearest_rank() {
    let even: Vec<i64> = (1..=1000).map(|n| n * 1_000).collect();
    let latencies = recorded(&even);
    // Up to 128 units every bucket is exact.
    assert_eq!(latencies.percentile(0), Some(SimDuration::from_nanos(1_000)));
    assert_eq!(latencies.percentile(50), Some(SimDuration::from_nanos(50_000)));
    assert_eq!(latencies.percentile(1000), Some(SimDuration::from_nanos(1_000_000)));
    assert_eq!(latencies.mean(), Some(SimDuration::from_nanos(500_500)));
    assert_eq!((latencies.count(), latencies.worst()), (1000, Some(ms(1))));
    let none = Latencies::new();
    assert_eq!((none.percentile(500), none.mean(), none.worst()), (None, None, None));
    assert_eq!(recorded(&[-5]).worst(), Some(SimDuration::ZERO));
}

#[test]
fn buckets_follow_each_other_without_gaps() {
    let mut last = place(0);
    for units in 1..100_000 {
        let place = place(units);
        assert!(place == last || place == last + 1, "{units}");
        if place > last {
            let end = upper_end(last.try_into().unwrap()).as_nanos();
            assert_eq!(end, (i64::try_from(units).unwrap() - 1) * UNIT_NS);
        }
        last = place;
    }
    assert_eq!(place(u64::MAX), place(MOST_UNITS));
    let bytes = |units: u64| (place(units) + 1) * 4;
    assert!(bytes(131_000) <= 3 << 10 && bytes(u64::MAX) <= (7 << 10) + 4);
}

proptest! {
    #[test]
    fn a_percentile_is_at_most_one_part_in_64_above_the_exact_one(
        mut nanos in proptest::collection::vec(0_i64..10_000_000_000, 1..200),
        permille in 0_u32..=1000,
    ) {
        let latencies = recorded(&nanos);
        nanos.sort_unstable();
        let rank = (nanos.len() * usize::try_from(permille).unwrap()).div_ceil(1000).max(1);
        let exact = nanos[rank - 1];
        let found = latencies.percentile(permille).unwrap().as_nanos();
        prop_assert!(found >= exact && found <= exact + exact / 64 + UNIT_NS, "{found} {exact}");
    }

    #[test]
    fn parts_add_up_to_the_whole_in_any_order(
        nanos in proptest::collection::vec(0_i64..10_000_000_000, 0..60), cut in 0_usize..60,
    ) {
        let (left, right) = nanos.split_at(cut.min(nanos.len()));
        let (mut there, mut back) = (recorded(left), recorded(right));
        let before = there.clone();
        there.merge(&back);
        back.merge(&before);
        prop_assert_eq!(&there, &recorded(&nanos));
        prop_assert_eq!(&there, &back);
    }
}

#[test]
fn even_playback_does_not_stall() {
    let beat = VSync::new(FrameRate::FPS_60, SimTime::EPOCH);
    let (mut playback, mut at) = (Playback::new(), SimTime::EPOCH);
    for _ in 0..601 {
        playback.show(at, None);
        at = beat.after(at);
    }
    assert_eq!((playback.shown(), playback.millifps()), (601, 60_000));
    assert_eq!((playback.freezes(), playback.stalled_ppm()), (0, 0));
}

#[test]
fn a_freeze_is_later_than_three_intervals_and_150_ms() {
    // At 10 ms a picture, 159 ms is none and 160 ms is one; at 100 ms it takes 300.
    for (interval, gap, freezes) in [(10, 159, 0), (10, 160, 1), (100, 299, 0), (100, 300, 1)] {
        let (mut playback, mut at) = (Playback::new(), SimTime::EPOCH);
        for _ in 0..40 {
            playback.show(at, None);
            at = at + ms(interval);
        }
        playback.show(at - ms(interval) + ms(gap), None);
        assert_eq!(playback.freezes(), freezes, "{interval} {gap}");
        assert_eq!(playback.longest(), ms(gap));
        let length = 39 * interval + gap;
        let stalled = freezes * u64::try_from(gap * 1_000_000 / length).unwrap();
        assert_eq!(playback.stalled_ppm(), stalled);
    }
    assert_eq!(Playback::new().millifps(), 0);
}

#[test]
fn only_the_last_thirty_intervals_say_what_is_usual() {
    // After slow pictures come 30 or 29 fast ones: 160 ms is a freeze only after 30.
    for (fast, freezes) in [(30, 1), (29, 0)] {
        let (mut playback, mut at) = (Playback::new(), SimTime::EPOCH);
        playback.show(at, None);
        for interval in [100; 40].into_iter().chain(std::iter::repeat_n(10, fast)).chain([160]) {
            at = at + ms(interval);
            playback.show(at, None);
        }
        assert_eq!(playback.freezes(), freezes);
    }
}

/// Pictures that are shown 50 ms after they were composed, at these instants in ms; the last at another one.
fn shown_50_ms_later(composed: &[i64], last_at: i64) -> Playback {
    let mut playback = Playback::new();
    let at = |n: i64| SimTime::EPOCH + ms(n);
    for (place, now) in composed.iter().enumerate() {
        let next = composed.get(place + 1).map(|next| at(*next));
        let shown = if next.is_some() { now + 50 } else { last_at };
        playback.show(at(shown), Some(Origin { composed: at(*now), next }));
    }
    playback
}

#[test]
fn a_still_screen_is_no_freeze_until_something_is_on_its_way() {
    let moving: Vec<i64> = (0..40).map(|n| n * 10).collect();
    // Nothing is new for 3 s, and then the new picture comes in its time, or later than 160 ms.
    let still = [moving.as_slice(), &[3_390]].concat();
    assert_eq!(shown_50_ms_later(&still, 3_440).freezes(), 0);
    assert_eq!(shown_50_ms_later(&still, 3_549).freezes(), 0);
    let late = shown_50_ms_later(&still, 3_550);
    assert_eq!((late.freezes(), late.longest()), (1, ms(3_110)));
    // Of the 3500 ms from the first picture to the last, 160.
    assert_eq!(late.stalled_ppm(), 160 * 1_000_000 / 3_500);
    // A screen that moves as it did is judged by what is shown alone.
    let moved = [moving.as_slice(), &[400]].concat();
    assert_eq!(shown_50_ms_later(&moved, 440 + 159).freezes(), 0);
    assert_eq!(shown_50_ms_later(&moved, 440 + 160).freezes(), 1);
}

#[test]
fn a_still_screen_is_steady_while_nothing_is_on_its_way() {
    let at = |n: i64| SimTime::EPOCH + ms(n);
    let mut playback = Playback::new();
    for n in 0..40 {
        let origin = Origin { composed: at(n * 10), next: Some(at(n * 10 + 10)) };
        playback.show(at(n * 10 + 50), Some(origin));
    }
    playback.comes(at(450), Origin { composed: at(400), next: None });
    let steady = |playback: &Playback, now| playback.steady_since(at(now)).is_some();
    assert!(steady(&playback, 5_000), "nothing is new");
    playback.captured(at(5_000));
    playback.captured(at(5_010));
    assert!(steady(&playback, 5_159));
    assert!(!steady(&playback, 5_160), "a picture has been on its way for as long as a freeze");
}
