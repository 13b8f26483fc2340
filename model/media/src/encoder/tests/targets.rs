//! What a change of the target does (T4.3).

use super::*;

/// T4.3.
#[test]
fn a_large_change_begins_with_a_key_frame_and_ten_frames_of_transition() {
    let mut run = Run::new(options(4_000), Content::Game);
    run.until(ms(5_000)).encoder.set_target(kbps(1_500));
    let frames = run.until(ms(10_000)).between(ms(5_000), ms(10_000));
    assert_eq!(frames[0].key, Some(KeyCause::TargetChange));
    assert!(frames[1..].iter().all(|frame| frame.key.is_none()));
    assert!(frames.iter().all(|frame| frame.target == kbps(1_500)));
    // The other nine pay for the key frame.
    let steady = kbps(1_500).bytes_in(FrameRate::FPS_60.interval());
    let shares: Vec<f64> = frames[..11].iter().map(|f| f64::from(f.bytes) / steady).collect();
    assert!(shares[1..10].iter().all(|share| (0.2..0.95).contains(share)), "{shares:?}");
    assert!((shares[..10].iter().sum::<f64>() / 10.0 - 1.0).abs() < 0.1, "{shares:?}");
    let used = run.kbps(ms(5_000), ms(10_000));
    assert!((1_350.0..=1_530.0).contains(&used), "{used}");
}

#[test]
fn no_frame_of_a_transition_is_allowed_less_than_a_fifth() {
    // The same picture again and again: a key frame of a film weighs more than ten others.
    let mut encoder = Encoder::new(options(1_000)).unwrap();
    let mut draws = Counted::new(1);
    let film = Picture::Drawn { content: Content::Video, change: Change::Motion, weight: 1.0 };
    let mut frame = |n: i64| {
        let at = SimTime::from_nanos(n * 16_666_667);
        f64::from(encoder.capture(at, Some(film), &mut draws).unwrap().bytes)
    };
    let steady = kbps(1_000).bytes_in(FrameRate::FPS_60.interval());
    let sizes: Vec<f64> = (0..12).map(|n| frame(n) / steady).collect();
    assert!(sizes[0] > 10.0, "{sizes:?}");
    assert!(sizes[1..10].iter().all(|share| (share - 0.2).abs() < 0.001), "{sizes:?}");
    assert!(sizes[10] > 0.5 && sizes[11] < 1.0, "{sizes:?}");
}

#[test]
fn a_small_key_frame_is_paid_by_the_nine_after_it() {
    let mut run = Run::new(options(10_000), Content::Game);
    run.until(ms(5_000)).encoder.request_keyframe();
    let frames = run.until(ms(6_000)).between(ms(5_000), ms(6_000));
    let steady = kbps(10_000).bytes_in(FrameRate::FPS_60.interval());
    let sizes: Vec<f64> = frames.iter().map(|frame| f64::from(frame.bytes) / steady).collect();
    assert!(sizes[0] > 1.5 && sizes[0] < 6.0, "{}", sizes[0]);
    // Ten frames are as large as ten steady ones.
    let ten: f64 = sizes[..10].iter().sum();
    assert!((ten / 10.0 - 1.0).abs() < 0.1, "{ten}");
    assert!(sizes[10] > 0.6, "{}", sizes[10]);
}

#[test]
fn a_large_change_at_once_needs_no_key_frame() {
    let at_once = EncoderOptions { large_change: LargeChange::AtOnce, ..options(4_000) };
    let mut run = Run::new(at_once, Content::Game);
    run.until(ms(5_000)).encoder.set_target(kbps(1_500));
    let frames = run.until(ms(6_000)).between(ms(5_000), ms(6_000));
    assert!(frames.iter().all(|frame| !frame.is_key() && frame.target == kbps(1_500)));
}

#[test]
fn small_changes_go_in_steps_of_a_tenth_each_hundred_milliseconds() {
    let mut run = Run::new(options(4_000), Content::Game);
    run.until(ms(5_000)).encoder.set_target(kbps(2_900));
    let frames = run.until(ms(6_000)).between(ms(5_000), ms(6_000));
    let mut steps: Vec<(i64, u32)> = Vec::new();
    for frame in &frames {
        let at = (frame.captured - ms(5_000)).as_nanos() / 1_000_000;
        if steps.last().is_none_or(|(_, rate)| *rate != frame.target.bps()) {
            steps.push((at, frame.target.bps()));
        }
    }
    // Captures come each 16.7 ms, so that a step is at most that late.
    assert_eq!(steps, [(0, 3_600_000), (100, 3_240_000), (200, 2_916_000), (300, 2_900_000)]);
    assert!(frames.iter().all(|frame| !frame.is_key()));
    // Up again.
    run.encoder.set_target(kbps(3_000));
    let frames = run.until(ms(6_500)).between(ms(6_000), ms(6_500));
    assert!(frames.iter().all(|frame| frame.target == kbps(3_000)));
}

#[test]
fn half_is_small_and_more_than_half_is_large() {
    for (target, key) in [(2_000, false), (1_999, true), (6_000, false), (6_001, true)] {
        let mut run = Run::new(options(4_000), Content::Game);
        run.until(ms(1_000)).encoder.set_target(kbps(target));
        let frames = run.until(ms(1_020)).between(ms(1_000), ms(1_020));
        assert_eq!(frames[0].is_key(), key, "{target}");
    }
}

#[test]
fn a_request_is_not_forgotten_while_the_rate_is_used_up() {
    let mut run = Run::new(options(150), Content::Game);
    run.until(ms(2_000)).encoder.request_keyframe();
    run.until(ms(8_000));
    let keys: Vec<KeyCause> = run.frames().iter().filter_map(|frame| frame.key).collect();
    assert_eq!(keys, [KeyCause::First, KeyCause::Requested]);
}

/// The same picture of a game again and again.
const GAME: Picture =
    Picture::Drawn { content: Content::Game, change: Change::Motion, weight: 1.0 };

#[test]
fn what_a_second_owes_takes_all_of_a_frame_s_share_of_it() {
    // Frame by frame: steady size, less the part of a second that is owed.
    let mut encoder = Encoder::new(options(4_000)).unwrap();
    let (mut draws, mut owed, mut last) = (Counted::new(1), 0.0_f64, ms(0));
    let beat = crate::vsync::VSync::new(FrameRate::FPS_60, ms(0));
    for n in 0..300 {
        let now = if n == 0 { last } else { beat.after(last) };
        owed -= kbps(4_000).bytes_in(now - last);
        last = now;
        let frame = encoder.capture(now, Some(GAME), &mut draws).unwrap();
        if n > 10 {
            let steady = kbps(4_000).bytes_in(FrameRate::FPS_60.interval());
            let expected = steady * (1.0 - owed / 500_000.0);
            assert!((f64::from(frame.bytes) - expected).abs() < 2.0, "{n} {frame:?} {expected}");
        }
        owed += f64::from(frame.bytes);
    }
}

#[test]
fn after_a_still_time_a_frame_is_a_quarter_larger_and_no_burst_comes() {
    // A second between pictures: the interval that is allowed goes from a 60th to a 20th of a second.
    let mut encoder = Encoder::new(options(4_000)).unwrap();
    let mut draws = Counted::new(1);
    encoder.capture(ms(0), Some(GAME), &mut draws).unwrap();
    for n in 1..10 {
        // The transition after the first key frame.
        encoder.capture(ms(n * 1_000), Some(GAME), &mut draws).unwrap();
    }
    let mut interval = 50.0 - (50.0 - 1_000.0 / 60.0) * libm::pow(7.0 / 8.0, 9.0);
    for n in 10..30 {
        let frame = encoder.capture(ms(n * 1_000), Some(GAME), &mut draws).unwrap();
        let expected = 1.25 * 500.0 * interval;
        assert!((f64::from(frame.bytes) - expected).abs() < 2.0, "{n} {frame:?} {expected}");
        interval += (50.0 - interval) / 8.0;
    }
}

#[test]
fn what_was_saved_does_not_make_key_frames_larger() {
    let mut run = Run::new(options(2_000), Content::Idle);
    run.until(ms(20_000)).encoder.request_keyframe();
    let key = run.until(ms(20_300)).frames().into_iter().rfind(EncodedFrame::is_key).unwrap();
    let parameter_sets = 18.0;
    assert_eq!(key.key, Some(KeyCause::Requested));
    assert!((f64::from(key.bytes) - parameter_sets - 125_000.0).abs() < 2.0, "{key:?}");
}

#[test]
fn a_fall_of_the_rate_does_not_freeze_the_picture() {
    // A heavy page owes 0.39 s at 10 Mbit/s; at a tenth of the rate its bytes would be 3.9 s.
    let at_once = EncoderOptions { large_change: LargeChange::AtOnce, ..options(10_000) };
    let mut encoder = Encoder::new(at_once).unwrap();
    let page =
        Picture::Drawn { content: Content::UserInterface, change: Change::Scene, weight: 3.0 };
    let mut draws = Counted::new(1);
    assert!(encoder.capture(ms(0), Some(page), &mut draws).unwrap().bytes > 480_000);
    encoder.set_target(kbps(1_000));
    let next = encoder.capture(ms(20), Some(GAME), &mut draws).unwrap();
    assert_eq!(next.target, kbps(1_000));
    // What is owed still makes it smaller.
    assert!(f64::from(next.bytes) < 0.7 * kbps(1_000).bytes_in(FrameRate::FPS_60.interval()));
}
