use super::*;
use crate::stages::Stage;
use crate::testing::{Counted, budget};
use proptest::prelude::*;

const fn ms(n: i64) -> SimTime {
    SimTime::from_nanos(n * 1_000_000)
}
const fn long(n: i64) -> SimDuration {
    SimDuration::from_millis(n)
}

#[test]
fn every_combination_has_its_times() {
    use {Codec::*, Direction::*, Machine::*};
    let mut table = String::new();
    for direction in [Encode, Decode] {
        for machine in [Software, Hardware] {
            for codec in [H264, H265] {
                for definition in Definition::ALL {
                    let name = format!("{direction:?} {machine:?} {codec:?} {definition:?}");
                    let stage = if direction == Encode { Stage::Encode } else { Stage::Decode };
                    let hardware = budget().get(stage);
                    let times = WorkTimes::new(direction, machine, codec, definition, hardware);
                    let times = times.map(|times| {
                        [Family::Screen, Family::Moving]
                            .map(|family| times.law(family))
                            .map(|law| [0.5, 0.95].map(|share| law.quantile(share) / 1e6))
                            .map(|[p50, p95]| format!("{p50:.1}/{p95:.1}"))
                            .join(" ")
                    });
                    let times = times.unwrap_or_else(|error| error.to_string());
                    table.push_str(&format!("{name}: {times}\n"));
                }
            }
        }
    }
    insta::assert_snapshot!(table, @"
    Encode Software H264 P540: 3.6/6.3 6.9/12.0
    Encode Software H264 P720: 6.4/11.2 12.2/21.3
    Encode Software H264 P1080: 14.4/25.2 27.5/48.0
    Encode Software H265 P540: the software encoder knows only H.264
    Encode Software H265 P720: the software encoder knows only H.264
    Encode Software H265 P1080: the software encoder knows only H.264
    Encode Hardware H264 P540: 6.0/10.5 6.0/10.5
    Encode Hardware H264 P720: 8.0/14.0 8.0/14.0
    Encode Hardware H264 P1080: 12.0/21.0 12.0/21.0
    Encode Hardware H265 P540: 6.0/10.5 6.0/10.5
    Encode Hardware H265 P720: 8.0/14.0 8.0/14.0
    Encode Hardware H265 P1080: 12.0/21.0 12.0/21.0
    Decode Software H264 P540: 2.9/5.7 9.2/18.4
    Decode Software H264 P720: 5.1/10.2 16.4/32.8
    Decode Software H264 P1080: 11.5/22.9 36.9/73.8
    Decode Software H265 P540: 2.9/5.7 9.2/18.4
    Decode Software H265 P720: 5.1/10.2 16.4/32.8
    Decode Software H265 P1080: 11.5/22.9 36.9/73.8
    Decode Hardware H264 P540: 4.5/9.0 4.5/9.0
    Decode Hardware H264 P720: 6.0/12.0 6.0/12.0
    Decode Hardware H264 P1080: 9.0/18.0 9.0/18.0
    Decode Hardware H265 P540: 4.5/9.0 4.5/9.0
    Decode Hardware H265 P720: 6.0/12.0 6.0/12.0
    Decode Hardware H265 P1080: 9.0/18.0 9.0/18.0
    ");
}

#[test]
fn drawn_times_have_the_percentiles_of_their_law() {
    let (machine, codec, hardware) = (Machine::Hardware, Codec::H264, budget().get(Stage::Encode));
    let times = WorkTimes::new(Direction::Encode, machine, codec, Definition::P720, hardware);
    let (times, mut draws) = (times.unwrap(), Counted::new(3));
    let mut drawn: Vec<_> = (0..20_000).map(|_| times.draw(Family::Screen, &mut draws)).collect();
    drawn.sort();
    let at = |place: usize| crate::numbers::nanos(drawn[place]) / 1e6;
    assert!((at(10_000) - 8.0).abs() < 0.1, "{}", at(10_000));
    assert!((at(19_000) - 14.0).abs() < 0.25, "{}", at(19_000));
}

#[test]
fn a_busy_slot_drops_or_lets_wait() {
    // Pictures each 10 ms that need 25 ms.
    let starts = |when_busy| -> Vec<Option<i64>> {
        let mut slot = Slot::new(when_busy);
        let turn = |work: Work| (work.starts - ms(0)).as_nanos() / 1_000_000;
        (0..8).map(|n| slot.take(ms(n * 10), long(25)).map(turn)).collect()
    };
    let n = None;
    assert_eq!(starts(WhenBusy::Drop), [Some(0), n, n, Some(30), n, n, Some(60), n]);
    assert_eq!(
        starts(WhenBusy::Wait { pictures: 1 }),
        [Some(0), Some(25), n, Some(50), n, Some(75), n, n]
    );
    assert_eq!(
        starts(WhenBusy::Wait { pictures: 2 }),
        [Some(0), Some(25), Some(50), Some(75), n, Some(100), n, n]
    );
}

/// One that is told when there is room comes then, and is taken.
#[test]
fn room_is_there_when_it_was_told() {
    let starts = |when_busy| -> Vec<i64> {
        let (mut slot, mut now) = (Slot::new(when_busy), ms(0));
        let turns = (0..6).map(|_| {
            now = slot.room_at(now);
            let early = now - long(1);
            assert!(!slot.clone().admits(early) || early < ms(0));
            let work = slot.take(now, long(25)).unwrap();
            assert!(work.starts >= now);
            (now - ms(0)).as_nanos() / 1_000_000
        });
        turns.collect()
    };
    assert_eq!(starts(WhenBusy::Drop), [0, 25, 50, 75, 100, 125]);
    assert_eq!(starts(WhenBusy::Wait { pictures: 2 }), [0, 0, 0, 25, 50, 75]);
}

#[test]
fn no_more_wait_than_an_untuned_codec_holds() {
    let mut slot = Slot::new(WhenBusy::Wait { pictures: usize::MAX });
    let taken = (0..100).filter(|_| slot.take(ms(0), long(1)).is_some()).count();
    assert_eq!(taken, 1 + Slot::MOST_WAITING);
}

#[test]
fn a_dropped_frame_shifts_no_later_time() {
    let times = WorkTimes::from_p50_p95(long(20), long(30)).unwrap();
    let mut draws = Counted::new(9);
    let mut slow = Decoder::new(times, WhenBusy::Drop);
    let first = slow.decode(ms(0), Family::Moving, &mut draws).unwrap();
    assert_eq!(slow.decode(ms(1), Family::Moving, &mut draws), None);
    let third = slow.decode(ms(1000), Family::Moving, &mut draws).unwrap();
    let mut draws = Counted::new(9);
    let mut drawn = [0; 3].map(|_| times.draw(Family::Moving, &mut draws)).into_iter();
    assert_eq!(drawn.next(), Some(first.ready - first.starts));
    assert_eq!(drawn.nth(1), Some(third.ready - third.starts));
}

proptest! {
    #[test]
    fn work_never_overlaps_and_keeps_its_order(
        pictures in 0_usize..5, gaps in proptest::collection::vec((0_i64..40, 1_i64..40), 1..60),
    ) {
        let mut slot = Slot::new(WhenBusy::Wait { pictures });
        let (mut now, mut free) = (0, ms(0));
        for (gap, length) in gaps {
            now += gap;
            if let Some(work) = slot.take(ms(now), long(length)) {
                prop_assert!(work.starts >= free && work.starts >= ms(now));
                prop_assert_eq!(work.ready - work.starts, long(length));
                free = work.ready;
            } else {
                prop_assert!(free > ms(now));
            }
        }
    }
}
