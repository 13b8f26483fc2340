//! What holds whatever is asked of an encoder.

use super::*;
use proptest::prelude::*;

/// Something that is asked, and how many milliseconds pass before the next.
#[derive(Clone, Debug)]
enum Ask {
    Target(u32),
    KeyFrame,
    Content(Content),
}

fn asks() -> impl Strategy<Value = Vec<(Ask, i64)>> {
    let ask = prop_oneof![
        (100_u32..12_000).prop_map(Ask::Target),
        Just(Ask::KeyFrame),
        proptest::sample::select(Content::ALL.to_vec()).prop_map(Ask::Content),
    ];
    proptest::collection::vec((ask, 0_i64..1_000), 1..12)
}

fn told(options: EncoderOptions, seed: u64, asks: &[(Ask, i64)]) -> Run {
    let mut run = Run::new(options, Content::UserInterface);
    run.draws = Counted::new(seed);
    let mut now = 0;
    for (ask, pause) in asks {
        match ask {
            Ask::Target(rate) => run.encoder.set_target(kbps(*rate)),
            Ask::KeyFrame => run.encoder.request_keyframe(),
            Ask::Content(content) => {
                run.screen = Screen::new(*content, FrameRate::FPS_60, ms(now), &Figures::default());
            }
        }
        now += pause;
        run.until(ms(now));
    }
    run
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn frames_are_counted_without_gaps_and_keep_their_order(
        asks in asks(), seed in any::<u64>(), drop in any::<bool>(),
    ) {
        let when_busy = if drop { WhenBusy::Drop } else { WhenBusy::Wait { pictures: 3 } };
        let run = told(EncoderOptions { when_busy, ..options(4_000) }, seed, &asks);
        let frames = run.frames();
        for (number, frame) in (0..).zip(&frames) {
            prop_assert_eq!(frame.number, number);
            prop_assert!(frame.captured <= frame.starts && frame.starts < frame.ready);
            prop_assert!(frame.bytes >= EncodedFrame::LEAST_BYTES);
            prop_assert!((18..=42).contains(&frame.qp.unwrap()));
        }
        prop_assert!(frames.first().is_none_or(EncodedFrame::is_key));
        prop_assert!(frames.windows(2).all(|pair| pair[0].ready <= pair[1].starts));
    }

    /// A token bucket: what may be owed, what was saved, and one frame, beyond the greatest rate.
    #[test]
    fn no_window_carries_more_than_the_rate_and_what_may_be_owed(
        asks in asks(), seed in any::<u64>(),
    ) {
        let run = told(options(4_000), seed, &asks);
        let frames = run.frames();
        let rate = frames.iter().map(|frame| frame.target).max().unwrap_or(kbps(4_000));
        let greatest = frames.iter().map(|frame| f64::from(frame.bytes)).fold(0.0, f64::max);
        let burst = rate.bytes_in(SimDuration::from_millis(750)) + greatest;
        // The most that any window up to here carries beyond the rate.
        let (mut beyond, mut last) = (0.0_f64, ms(0));
        for frame in &frames {
            let carried = rate.bytes_in(frame.captured - last);
            beyond = (beyond - carried).max(0.0) + f64::from(frame.bytes);
            last = frame.captured;
            prop_assert!(beyond <= burst + 1.0, "{beyond} {burst}");
        }
    }

    #[test]
    fn a_requested_key_frame_comes_before_the_screen_rests(asks in asks(), seed in any::<u64>()) {
        let mut run = told(options(4_000), seed, &asks);
        prop_assume!(!run.frames().is_empty());
        let before = run.frames().len();
        run.encoder.request_keyframe();
        let now = run.screen.next_due().max(run.captures[run.captures.len() - 1].0);
        // At the least rate that can be set, ten seconds pay for the coarsest key frame.
        let later = now + SimDuration::from_secs(10);
        let asked = run.encoder.capture(later, None, &mut run.draws).unwrap();
        prop_assert!(asked.is_key());
        prop_assert_eq!(asked.number, u64::try_from(before).unwrap());
    }
}
