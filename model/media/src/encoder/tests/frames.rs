//! What frames look like at a steady target.

use super::*;

#[test]
fn options_are_checked_in_their_order() {
    let good = options(4_000);
    let bad = EncoderOptions {
        codec: Codec::H265,
        machine: Machine::Software,
        qp: (30, 20),
        key_interval: Some(0),
        most_owed: SimDuration::ZERO,
        ..good
    };
    let error = |options| Encoder::new(options).map(|_| ()).unwrap_err();
    assert_eq!(error(bad), EncoderError::Work(WorkError::SoftwareH265));
    let bad = EncoderOptions { codec: Codec::H264, ..bad };
    assert_eq!(error(bad), EncoderError::Quantiser);
    assert_eq!(error(EncoderOptions { qp: (10, 52), ..bad }), EncoderError::Quantiser);
    let bad = EncoderOptions { qp: (20, 51), ..bad };
    assert_eq!(error(bad), EncoderError::KeyInterval);
    let bad = EncoderOptions { key_interval: None, ..bad };
    assert_eq!(error(bad), EncoderError::MostOwed);
}

#[test]
fn what_needs_the_rate_uses_it_and_no_more() {
    // A film's heavy scenes are paid back faster than its light ones save.
    for (content, rate, least) in
        [(Content::Game, 4_000, 0.98), (Content::Call, 1_000, 0.97), (Content::Video, 1_500, 0.8)]
    {
        let mut run = Run::new(options(rate), content);
        let used = run.until(ms(100_000)).kbps(ms(5_000), ms(100_000)) / f64::from(rate);
        assert!((least..=1.01).contains(&used), "{content:?} {used}");
        assert_eq!(run.frames().iter().filter(|frame| frame.is_key()).count(), 1);
    }
}

#[test]
fn what_needs_less_is_sent_at_the_finest_quantiser() {
    for content in [Content::Idle, Content::ScrollingText] {
        let mut run = Run::new(options(4_000), content);
        let frames = run.until(ms(60_000)).between(ms(5_000), ms(60_000));
        assert!(frames.iter().all(|frame| frame.qp == Some(18)), "{content:?}");
        assert!(run.kbps(ms(5_000), ms(60_000)) < 700.0);
    }
    // Scrolling text: the measured mean of its frames at that quantiser.
    let mut run = Run::new(options(4_000), Content::ScrollingText);
    let moments = Moments::of(&sizes(&run.until(ms(60_000)).frames()[60..])).unwrap();
    assert!((moments.mean / 1_091.0 - 1.0).abs() < 0.05, "{}", moments.mean);
    assert!((moments.cv() / 0.9 - 1.0).abs() < 0.08, "{}", moments.cv());
}

/// T4.5.
#[test]
fn frames_of_a_game_are_cut_off_normal() {
    let frames = Run::new(options(4_000), Content::Game).until(ms(100_000)).frames();
    let moments = Moments::of(&sizes(&frames[120..])).unwrap();
    // The rate over eight times the frame rate; T4.5. Paying back takes a few percent.
    assert!((moments.mean / (4e6 / 8.0 / 60.0) - 1.0).abs() < 0.03, "{}", moments.mean);
    assert!((moments.cv() / 0.105 - 1.0).abs() < 0.1, "{}", moments.cv());
    let most = sizes(&frames[120..]).into_iter().fold(0.0, f64::max);
    assert!(most <= 1.5 * 4e6 / 8.0 / 60.0, "{most}");
}

#[test]
fn a_key_frame_takes_no_more_than_may_be_owed_unless_the_coarsest_quantiser_needs_it() {
    for content in Content::ALL {
        for rate in [1_000, 4_000, 10_000] {
            let first = Run::new(options(rate), content).until(ms(1)).frames()[0];
            assert_eq!((first.key, first.number), (Some(KeyCause::First), 0));
            let limit = kbps(rate).bytes_in(SimDuration::from_millis(500)) + 30.0;
            let fits = f64::from(first.bytes) <= limit;
            assert!(fits || first.qp == Some(42), "{content:?} {rate} {first:?}");
        }
    }
}

/// T4.6: key frames over others: text and motion need ratios far apart (T4.6), and the real encoder's lie there.
#[test]
fn key_frames_of_text_weigh_a_hundred_others_and_of_games_a_few() {
    let ratio = |content| {
        let frames = Run::new(options(4_000), content).until(ms(20_000)).frames();
        let steady = Moments::of(&sizes(&frames[60..])).unwrap().mean;
        f64::from(frames[0].bytes) / steady
    };
    let (text, game) = (ratio(Content::ScrollingText), ratio(Content::Game));
    assert!((90.0..200.0).contains(&text), "{text}");
    assert!((1.7..11.0).contains(&game), "{game}");
}

#[test]
fn nothing_is_sent_while_nothing_changes() {
    let mut encoder = Encoder::new(options(4_000)).unwrap();
    let mut draws = Counted::new(1);
    assert_eq!(encoder.capture(ms(0), None, &mut draws), Err(NoFrame::Still));
    // Not even a key frame, while nothing was ever shown.
    encoder.request_keyframe();
    assert!(!encoder.wants_capture());
    assert_eq!(encoder.capture(ms(16), None, &mut draws), Err(NoFrame::Still));
    let part = Picture::Drawn { content: Content::Idle, change: Change::Part, weight: 1.0 };
    assert!(encoder.capture(ms(33), Some(part), &mut draws).is_ok());
    assert_eq!(encoder.capture(ms(50), None, &mut draws), Err(NoFrame::Still));
    // A still screen is encoded again for whoever asks, once.
    assert!(!encoder.wants_capture());
    encoder.request_keyframe();
    encoder.request_keyframe();
    assert!(encoder.wants_capture());
    let again = encoder.capture(ms(600), None, &mut draws).unwrap();
    assert_eq!((again.key, again.number), (Some(KeyCause::Requested), 1));
    assert_eq!(encoder.capture(ms(617), None, &mut draws), Err(NoFrame::Still));
}

#[test]
fn what_was_not_encoded_is_part_of_the_next_frame() {
    let slow = EncoderOptions { when_busy: WhenBusy::Drop, ..options(4_000) };
    let mut encoder = Encoder::new(slow).unwrap();
    let mut draws = Counted::new(1);
    let drawn = |change| Picture::Drawn { content: Content::Video, change, weight: 1.0 };
    let first = encoder.capture(ms(0), Some(drawn(Change::Motion)), &mut draws).unwrap();
    let busy = first.ready - SimDuration::from_nanos(1);
    assert_eq!(encoder.capture(busy, Some(drawn(Change::Scene)), &mut draws), Err(NoFrame::Busy));
    assert!(encoder.wants_capture());
    let mut other = encoder.clone();
    let free = encoder.capture(ms(1_000), None, &mut draws).unwrap();
    let moved = drawn(Change::Motion);
    let moved = other.capture(ms(1_000), Some(moved), &mut draws).unwrap();
    // The new page that was seen while the encoder was busy is in it, with or without another picture.
    assert!(!free.is_key() && free.bytes > 5_000, "{free:?}");
    assert_eq!(moved.bytes, free.bytes);
    assert_eq!((free.number, free.starts), (1, ms(1_000)));
}

#[test]
fn key_frames_come_at_their_interval_and_with_scenes_if_told_so() {
    let causes = |options| {
        let frames = Run::new(options, Content::Video).until(ms(60_000)).frames();
        frames.iter().filter_map(|frame| frame.key.map(|key| (frame.number, key))).collect()
    };
    let every = EncoderOptions { key_interval: Some(48), ..options(3_000) };
    let keys: Vec<(u64, KeyCause)> = causes(every);
    let expected = (0..).map(|n| (48 * n, KeyCause::Interval)).skip(1).take(keys.len() - 1);
    assert_eq!(keys[0], (0, KeyCause::First));
    assert!(keys.len() > 25 && keys[1..].iter().copied().eq(expected), "{keys:?}");
    let scenes = EncoderOptions { scene_change: SceneChange::KeyFrame, ..options(3_000) };
    let keys: Vec<(u64, KeyCause)> = causes(scenes);
    // 1,440 pictures, of which 1.15 percent begin scenes: 16.6, and a deviation of 4.
    assert!((5..30).contains(&keys.len()), "{keys:?}");
    assert!(keys[1..].iter().all(|(_, key)| *key == KeyCause::Scene));
}

#[test]
fn a_rate_that_the_coarsest_quantiser_exceeds_is_held_by_skipping() {
    let mut run = Run::new(options(150), Content::Game);
    let used = run.until(ms(60_000)).kbps(ms(5_000), ms(60_000));
    assert!((140.0..=158.0).contains(&used), "{used}");
    let (skipped, sent) = (run.refused(NoFrame::OverBudget), run.frames().len());
    assert!(skipped > 1_000 && sent > 200, "{skipped} {sent}");
    assert!(run.frames()[1..].iter().all(|frame| frame.qp == Some(42)));
    assert_eq!(run.refused(NoFrame::Still) + run.refused(NoFrame::Busy), 0);
}

#[test]
fn definition_and_codec_scale_as_recommended_rates_do() {
    // At the coarsest quantiser sizes are what the picture needs.
    let needs = |definition, codec| {
        let coarse = EncoderOptions { definition, codec, qp: (40, 40), ..options(10_000) };
        let frames = Run::new(coarse, Content::Game).until(ms(20_000)).frames();
        Moments::of(&sizes(&frames)).unwrap().mean
    };
    let base = needs(Definition::P720, Codec::H264);
    assert!((needs(Definition::P1080, Codec::H264) / base - 2.0).abs() < 0.001);
    assert!((needs(Definition::P720, Codec::H265) / base - 2.0 / 3.0).abs() < 0.001);
    assert!(needs(Definition::P540, Codec::H264) < 0.65 * base);
}

#[test]
fn the_rate_recommended_for_a_game_means_the_same_quantiser_everywhere() {
    use crate::settings::{Level, Use, recommended};
    for codec in Codec::ALL {
        for definition in [Definition::P720, Definition::P1080] {
            let figures = Figures::default();
            let target = recommended(&figures, Use::CloudGame, codec, definition, Level::High);
            let target = target.unwrap();
            let frame_rate = FrameRate::FPS_30;
            let game = EncoderOptions { definition, codec, target, frame_rate, ..options(1) };
            let frames = Run::new(game, Content::Game).until(ms(20_000)).frames();
            let qps = frames[60..].iter().filter_map(|frame| frame.qp);
            let mean = qps.map(f64::from).sum::<f64>() / 540.0;
            assert!((mean - 28.0).abs() < 0.3, "{codec:?} {definition:?} {mean}");
        }
    }
}

#[test]
fn units_add_up_and_key_frames_carry_parameter_sets() {
    for (codec, sets) in [(Codec::H264, 2), (Codec::H265, 3)] {
        let mut run = Run::new(EncoderOptions { codec, ..options(4_000) }, Content::Game);
        for frame in run.until(ms(1_000)).frames() {
            assert_eq!(frame.nals.iter().sum::<u32>(), frame.bytes);
            assert_eq!(frame.nals.iter().count(), if frame.is_key() { sets + 1 } else { 1 });
        }
    }
}

#[test]
fn a_slow_encoder_loses_pictures_and_keeps_its_order() {
    let slow = EncoderOptions {
        machine: Machine::Software,
        definition: Definition::P1080,
        when_busy: WhenBusy::Drop,
        ..options(6_000)
    };
    let mut run = Run::new(slow, Content::Game);
    let frames = run.until(ms(20_000)).frames();
    // 27.5 ms at the median against 16.7: every second or third picture is encoded.
    assert!((450..650).contains(&frames.len()), "{}", frames.len());
    assert_eq!(run.refused(NoFrame::Busy) + frames.len(), 1_200);
    assert!(frames.windows(2).all(|pair| pair[0].ready <= pair[1].starts));
    assert!(frames.iter().all(|frame| frame.encode_time() > SimDuration::ZERO));
}

#[test]
fn coarser_quantisers_look_worse() {
    let quality = |rate| {
        let frames = Run::new(options(rate), Content::Game).until(ms(5_000)).frames();
        let last = frames[frames.len() - 1];
        (last.qp.unwrap(), last.quality_cdb.unwrap())
    };
    let all = [1_000, 2_000, 4_000, 8_000].map(quality);
    assert!(all.is_sorted_by(|a, b| a.0 > b.0 && a.1 < b.1), "{all:?}");
}

#[test]
fn a_trace_is_sent_as_it_was_recorded_or_at_the_target_s_share_of_it() {
    let text = include_str!("../../../data/frames-syncodecs/Foreman_ProRes_720p_1500.txt");
    let trace = Arc::new(FrameTrace::parse(text, FrameRate::FPS_30).unwrap());
    let screen = || Screen::replay(Arc::clone(&trace), FrameRate::FPS_60, SimTime::EPOCH);
    let parameter_sets = 18;
    let sent = |rate| {
        let options = EncoderOptions { target: BitRate::from_bps(rate), ..options(1) };
        let frames = Run::of(options, screen()).until(ms(8_000)).frames();
        frames.iter().map(|f| f.bytes - if f.is_key() { parameter_sets } else { 0 }).collect()
    };
    let recorded: Vec<u32> = trace.bytes().take(240).collect();
    let same: Vec<u32> = sent(trace.rate_bps());
    assert_eq!(same[..240], recorded);
    let half: Vec<u32> = sent(trace.rate_bps() / 2);
    for (half, recorded) in half.iter().zip(recorded) {
        assert!(half.abs_diff(recorded / 2) <= 1);
    }
    let mut run = Run::of(options(2_000), screen());
    run.until(ms(1_000)).encoder.request_keyframe();
    let asked = run.until(ms(1_040)).frames().last().copied().unwrap();
    assert_eq!((asked.key, asked.quality_cdb), (Some(KeyCause::Requested), None));
    assert!(asked.bytes > 20_000 && asked.qp.is_some());
}

/// Neither rate, nor requests, nor a busy encoder change what a real encoder made.
#[test]
fn a_real_encoder_s_frames_are_sent_as_they_are() {
    let units: [&[usize]; 4] = [&[15, 5, 90_000], &[700], &[16, 4, 80_000], &[90]];
    let frame =
        |units: &&[usize]| Encoded { nals: NalSizes::of(units).unwrap(), key: units.len() > 1 };
    let frames: Vec<Encoded> = units.iter().map(frame).collect();
    let trace = Arc::new(EncodedTrace::new(frames.clone()).unwrap());
    let screen = Screen::carry(trace, FrameRate::FPS_60, SimTime::EPOCH);
    let options = EncoderOptions {
        machine: Machine::Software,
        when_busy: WhenBusy::Drop,
        key_interval: Some(1),
        ..options(1)
    };
    let mut run = Run::of(options, screen);
    run.until(ms(20)).encoder.request_keyframe();
    assert!(!run.encoder.wants_capture());
    assert_eq!(run.encoder.capture(ms(20), None, &mut Counted::new(1)), Err(NoFrame::Still));
    run.until(ms(1_000)).encoder.set_target(kbps(9_000));
    let sent = run.until(ms(2_000)).frames();
    assert_eq!(sent.len(), 120);
    for (sent, frame) in sent.iter().zip(frames.iter().cycle()) {
        assert_eq!((sent.nals, sent.is_key()), (frame.nals, frame.key));
        assert_eq!((sent.captured, sent.bytes), (sent.ready, frame.nals.total()));
    }
    let keys: Vec<_> = sent.iter().filter_map(|frame| frame.key).take(3).collect();
    assert_eq!(keys, [KeyCause::First, KeyCause::Requested, KeyCause::Interval]);
}

#[test]
fn the_same_draws_give_the_same_frames() {
    for content in Content::ALL {
        let tell = || Run::new(options(4_000), content).until(ms(5_000)).captures.clone();
        assert_eq!(tell(), tell());
    }
}

#[test]
fn golden_frames_never_change() {
    let mut lines = Vec::new();
    for content in Content::ALL {
        let frames = Run::new(options(4_000), content).until(ms(5_000)).frames();
        let line = |frame: &EncodedFrame| {
            let took = frame.encode_time().as_nanos() / 1_000;
            format!("{}B q{} {took}us", frame.bytes, frame.qp.unwrap())
        };
        let some: Vec<String> = [0, 1, 12, 24].map(|n| line(&frames[n])).into();
        lines.push(format!("{content:?}: {}", some.join(", ")));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    Idle: 161675B q18 3897us, 737B q18 9647us, 697B q18 7050us, 234B q18 7311us
    UserInterface: 161675B q18 9150us, 288B q18 4360us, 637B q18 11150us, 36B q18 7937us
    ScrollingText: 161675B q18 3897us, 194B q18 9647us, 397B q18 7050us, 277B q18 7311us
    Video: 86866B q23 4247us, 1131B q33 8063us, 9124B q18 9941us, 2835B q18 12188us
    Call: 17322B q27 6179us, 3384B q28 9150us, 13913B q21 5357us, 13800B q20 10991us
    Game: 20332B q31 6179us, 5446B q31 9150us, 7529B q31 5357us, 7315B q31 10991us
    ");
}
