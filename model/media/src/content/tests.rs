use super::*;
use crate::figures::Rates;
use crate::rate::BitRate;
use crate::testing::Counted;

const fn ms(n: i64) -> SimTime {
    SimTime::from_nanos(n * 1_000_000)
}

/// When a screen changes by itself until an instant, and how.
fn changes(screen: &mut Screen, draws: &mut Counted, until: SimTime) -> Vec<(i64, Change)> {
    let mut seen = Vec::new();
    while screen.next_due() < until {
        let due = screen.next_due();
        let Some(Picture::Drawn { change, .. }) = screen.poll(due, draws) else { panic!("{due}") };
        seen.push(((due - SimTime::EPOCH).as_nanos() / 1_000_000, change));
    }
    seen
}

fn screen(content: Content) -> (Screen, Counted) {
    (Screen::new(content, FrameRate::FPS_60, SimTime::EPOCH, &Figures::default()), Counted::new(1))
}

#[test]
fn contents_change_as_often_as_they_do() {
    for (content, a_second) in [
        (Content::Idle, 5),
        (Content::UserInterface, 5),
        (Content::ScrollingText, 60),
        (Content::Video, 24),
        (Content::Call, 30),
        (Content::Game, 60),
    ] {
        let (mut screen, mut draws) = screen(content);
        let seen = changes(&mut screen, &mut draws, ms(100_000) - SimDuration::from_millis(10));
        assert_eq!(seen.len(), a_second * 100, "{content:?}");
    }
}

#[test]
fn nothing_is_composed_before_it_is_due() {
    let (mut screen, mut draws) = screen(Content::Idle);
    assert!(screen.poll(ms(0), &mut draws).is_some());
    assert_eq!(screen.poll(ms(199), &mut draws), None);
    assert_eq!(screen.next_due(), ms(200));
}

/// T4.4.
#[test]
fn a_still_screen_changes_in_small_parts_and_a_user_interface_turns_pages() {
    let (mut idle, mut draws) = screen(Content::Idle);
    let seen = changes(&mut idle, &mut draws, ms(1_000_000));
    assert_eq!(seen[0], (0, Change::Scene));
    assert!(seen[1..].iter().all(|(_, change)| *change == Change::Part));
    let (mut pages, mut draws) = screen(Content::UserInterface);
    let seen = changes(&mut pages, &mut draws, ms(4_000_000));
    let turned = seen.iter().filter(|(_, change)| *change == Change::Scene).count();
    // One in twenty of 20,000: 1,000, and a deviation of 31.
    assert!(turned.abs_diff(1_000) < 100, "{turned}");
}

/// T4.4.
#[test]
fn a_page_is_20_to_200_times_as_heavy_as_a_small_frame() {
    let Some(SceneCuts { weight, .. }) = Content::UserInterface.profile(&Figures::default()).cuts
    else {
        panic!()
    };
    let mut draws = Counted::new(2);
    let intra = Content::UserInterface.profile(&Figures::default()).intra_bytes;
    let bytes: Vec<f64> = (0..20_000).map(|_| weight.draw(&mut draws) * intra).collect();
    let mean = bytes.iter().sum::<f64>() / 20_000.0;
    // Half of 1,000 bytes, 110 times.
    assert!((mean / (PART_BYTES * 110.0) - 1.0).abs() < 0.03, "{mean}");
    assert!(bytes.iter().all(|bytes| *bytes <= 200_000.0));
}

#[test]
fn a_touch_moves_a_page_for_a_while_and_then_it_rests() {
    let (mut screen, mut draws) = screen(Content::Idle);
    changes(&mut screen, &mut draws, ms(300));
    screen.touch(ms(307));
    assert_eq!(screen.next_due(), ms(307));
    let moving = changes(&mut screen, &mut draws, ms(607));
    assert!(moving.iter().all(|(_, change)| *change == Change::Motion));
    let at: Vec<i64> = moving.iter().map(|(at, _)| *at).collect();
    // At once, and then with the display, whose ticks are at 316.6, 333.3 and so on.
    assert_eq!((at.len(), at[0], at[1], at[2], at[18]), (19, 307, 316, 333, 600));
    let after = changes(&mut screen, &mut draws, ms(1_200));
    assert_eq!(after, [(616, Change::Part), (800, Change::Part), (1000, Change::Part)]);
}

#[test]
fn a_touch_does_not_hurry_what_moves_anyway() {
    for content in [Content::ScrollingText, Content::Video, Content::Call, Content::Game] {
        let (mut screen, mut draws) = screen(content);
        screen.poll(ms(0), &mut draws);
        let due = screen.next_due();
        screen.touch(ms(1));
        assert_eq!(screen.next_due(), due);
    }
}

#[test]
fn a_screen_that_was_not_looked_at_goes_on_with_its_beat() {
    let (mut screen, mut draws) = screen(Content::Video);
    screen.poll(ms(0), &mut draws);
    assert!(screen.poll(ms(10_020), &mut draws).is_some());
    // 24 pictures a second from 0 on: the next is number 241.
    assert_eq!(screen.next_due().as_nanos(), 10_041_666_666);
}

#[test]
fn lateness_never_turns_the_order_around() {
    let (mut screen, mut draws) = screen(Content::Call);
    let mut last = SimTime::from_nanos(-1);
    for _ in 0..50_000 {
        let due = screen.next_due();
        assert!(due > last);
        last = due;
        screen.poll(due, &mut draws);
    }
}

#[test]
fn of_two_changes_the_greater_is_left_to_encode() {
    let drawn = |change, weight| Picture::Drawn { content: Content::Video, change, weight };
    let scene = drawn(Change::Scene, 2.0);
    assert_eq!(scene.covered_by(drawn(Change::Motion, 1.0)), scene);
    assert_eq!(drawn(Change::Part, 1.0).covered_by(scene), scene);
    let later = drawn(Change::Motion, 3.0);
    assert_eq!(drawn(Change::Motion, 1.0).covered_by(later), later);
    let frame = |bytes, key| {
        let (key_bytes, rate_bps) = (900, 1_000);
        Picture::Recorded(Recorded { bytes, key, qp: None, key_bytes, rate_bps })
    };
    assert_eq!(frame(700, true).covered_by(frame(100, false)), frame(900, true));
    assert_eq!(frame(700, false).covered_by(frame(100, false)), frame(100, false));
}

#[test]
fn a_trace_is_replayed_over_and_over() {
    let text = "0 U 0. 0.0 1000\n1 U 0. 0.04 500\n2 U 0. 0.07 700\n";
    let trace = Arc::new(FrameTrace::parse(text, FrameRate::FPS_30).unwrap());
    let mut screen = Screen::replay(trace, FrameRate::FPS_60, ms(5));
    let mut draws = Counted::new(1);
    let mut seen = Vec::new();
    for _ in 0..5 {
        let due = screen.next_due();
        let Some(Picture::Recorded(frame)) = screen.poll(due, &mut draws) else { panic!() };
        seen.push(((due - SimTime::EPOCH).as_nanos() / 1_000_000, frame.bytes, frame.key));
    }
    assert_eq!(
        seen,
        [(5, 1000, true), (45, 500, false), (75, 700, false), (105, 1000, true), (145, 500, false)]
    );
}

#[test]
fn the_figures_of_a_run_are_those_of_its_contents() {
    let still_rate = FrameRate::new(7).unwrap();
    let game_rate_h264 =
        Rates { p720: BitRate::from_kbps(6_000), p1080: BitRate::from_kbps(9_000) };
    let figures = Figures {
        still_rate,
        big_frame_share: 0.5,
        game_size_deviation: 0.2,
        game_rate_h264,
        ..Figures::default()
    };
    let Cadence::Own { rate, .. } = Content::Idle.profile(&figures).cadence else { panic!() };
    let share = Content::UserInterface.profile(&figures).cuts.unwrap().share;
    let game = Content::Game.profile(&figures);
    let Spread::TruncatedNormal { deviation, low, high } = game.spread else { panic!() };
    assert_eq!((rate, share, deviation), (still_rate, 0.5, 0.2));
    // T4.5: "cut at half and one and a half."
    assert_eq!((low, high), (0.5, 1.5));
    // 6 Mbit/s in 30 pictures.
    assert_eq!((game.inter_bytes, game.intra_bytes), (25_000.0, 50_000.0));
    for content in Content::ALL {
        assert_eq!(content.profile(&figures).family, content.family());
    }
}
