use super::*;
use crate::testing::{Counted, budget};

const fn ms(n: i64) -> SimTime {
    SimTime::from_nanos(n * 1_000_000)
}
const fn long(n: i64) -> SimDuration {
    SimDuration::from_millis(n)
}

/// A timeline whose stages end at these milliseconds.
fn told(mut timeline: Timeline, ends: &[i64]) -> Timeline {
    for end in ends {
        timeline.end(timeline.stage().unwrap(), ms(*end)).unwrap();
    }
    timeline
}

#[test]
fn stages_have_words_and_one_order() {
    for (place, stage) in Stage::ALL.into_iter().enumerate() {
        assert_eq!(stage.place(), place);
        assert_eq!(Stage::from_word(stage.word()), Some(stage));
    }
    assert!(Stage::ALL.is_sorted());
    assert_eq!(Stage::from_word("Touch"), None);
}

#[test]
fn given_stages_keep_their_percentiles() {
    let times = StageTimes::new(&budget()).unwrap();
    for (given, stage) in [
        (GivenStage::Touch, Stage::Touch),
        (GivenStage::ClientSend, Stage::ClientSend),
        (GivenStage::InjectAndCompose, Stage::InjectAndCompose),
    ] {
        let mut draws = Counted::new(11);
        let mut drawn: Vec<_> = (0..20_000).map(|_| times.draw(given, &mut draws)).collect();
        drawn.sort();
        let Percentiles { p50, p95 } = budget().get(stage);
        for (place, expected) in [(10_000, p50), (19_000, p95)] {
            let found = nanos(drawn[place]);
            assert!((found / nanos(expected) - 1.0).abs() < 0.03, "{stage:?} {found}");
        }
    }
    let swapped = StageBudget::of(|_| Percentiles::from_millis(2, 1));
    assert_eq!(StageTimes::new(&swapped), Err(PercentilesError::Tail));
}

/// T6.2.
#[test]
fn a_frame_and_the_input_that_it_answers_have_two_latencies() {
    // Composed at 40, captured at 48, on the display at 100; the input was composed at 43.
    let frame = told(Timeline::of_frame(ms(40)), &[48, 56, 60, 70, 76, 84, 100]);
    assert_eq!(frame.capture_to_display(), Some(long(52)));
    assert_eq!(frame.input_to_photon(), None);
    let mut input = told(Timeline::of_input(ms(0)), &[12, 13, 23, 43]);
    assert_eq!((input.input_to_photon(), input.stage()), (None, Some(Stage::CaptureWait)));
    input.answered_by(&frame).unwrap();
    assert_eq!(input.input_to_photon(), Some(long(100)));
    assert_eq!(input.capture_to_display(), frame.capture_to_display());
    let spent = Stage::ALL.map(|stage| input.spent(stage).unwrap().as_nanos() / 1_000_000);
    assert_eq!(spent, [12, 1, 10, 20, 5, 8, 4, 10, 6, 8, 16]);
    assert_eq!(spent.iter().sum::<i64>(), 100);
    assert_eq!((input.stage(), frame.spent(Stage::Touch)), (None, None));
}

#[test]
fn stages_end_in_their_order_and_time_goes_on() {
    let mut input = told(Timeline::of_input(ms(5)), &[10]);
    let before = input;
    assert_eq!(input.end(Stage::Uplink, ms(9)), Err(TimelineError::Order(Stage::Uplink)));
    assert_eq!(
        input.end(Stage::ClientSend, ms(9)),
        Err(TimelineError::Backwards(Stage::ClientSend))
    );
    assert_eq!(input, before);
    input.end(Stage::ClientSend, ms(10)).unwrap();
    assert_eq!(input.spent(Stage::ClientSend), Some(SimDuration::ZERO));
    let mut whole = told(Timeline::of_frame(ms(0)), &[1; 7]);
    assert_eq!(whole.end(Stage::DisplayWait, ms(2)), Err(TimelineError::Order(Stage::DisplayWait)));
}

#[test]
fn a_frame_from_before_the_input_cannot_answer_it() {
    let frame = told(Timeline::of_frame(ms(0)), &[8, 16, 20]);
    let mut input = told(Timeline::of_input(ms(0)), &[2, 3, 6, 9]);
    assert_eq!(input.answered_by(&frame), Err(TimelineError::Backwards(Stage::CaptureWait)));
}

#[test]
fn the_stage_at_fault_is_the_one_furthest_beyond_its_median() {
    assert_eq!(Timeline::of_input(ms(0)).at_fault(&budget()), None);
    // Composing takes longest and is as long as budgeted; the downlink took 22 ms more than its 8.
    let frame = told(Timeline::of_frame(ms(0)), &[8, 16, 20, 50, 56, 62, 70]);
    let mut input = told(Timeline::of_input(ms(-41)), &[-29, -28, -20, 0]);
    input.answered_by(&frame).unwrap();
    assert_eq!(input.at_fault(&budget()), Some((Stage::Downlink, long(22))));
    // All exactly as budgeted: the first.
    let even = told(Timeline::of_input(ms(0)), &[12, 13, 21, 41]);
    assert_eq!(even.at_fault(&budget()), Some((Stage::Touch, SimDuration::ZERO)));
}
