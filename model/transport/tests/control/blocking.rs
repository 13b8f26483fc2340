//! T5.3 in numbers: what a lost move costs with and without the two classes, on a path of 50 ms each way.

use crate::path::{Path, after, losing, ms, touch};
use koosim_time::SimDuration;
use koosim_transport::control::{Mode, Settings, TouchAction};

const WAY: SimDuration = SimDuration::from_millis(50);

/// A finger goes down at 100 ms, moves every 10 ms and goes up at 160 ms; the second move's packet is lost.
fn swipe(mode: Mode) -> Vec<(u32, i64, i64)> {
    let mut path = Path::new(Settings::of(mode), losing(WAY, &[2]), after(WAY));
    path.say(ms(100), touch(0, TouchAction::Down, 7, 0));
    for step in 1..6 {
        path.say(ms(100 + 10 * i64::from(step)), touch(step, TouchAction::Move, 7, 1));
    }
    path.say(ms(160), touch(6, TouchAction::Up, 7, 6));
    path.run();
    path.times()
}

/// T5.3.
#[test]
fn a_lost_move_delays_nothing_in_two_classes() {
    let expect = [(0, 150, 0), (1, 160, 0), (3, 180, 0), (4, 190, 0), (5, 200, 0), (6, 210, 0)];
    assert_eq!(swipe(Mode::TwoClasses), expect);
}

/// T5.3.
#[test]
fn a_lost_move_blocks_all_behind_it_on_one_channel() {
    // Sent at 120 and lost; the third answer to something sent later is that to 150, back at 250, so that it
    // arrives at 300.
    let expect = [
        (0, 150, 0),
        (1, 160, 0),
        (2, 300, 0),
        (3, 300, 120),
        (4, 300, 110),
        (5, 300, 100),
        (6, 300, 90),
    ];
    assert_eq!(swipe(Mode::OneChannel), expect);
}

/// T5.3.
#[test]
fn a_lost_down_holds_back_its_own_moves_only_until_it_comes() {
    // Nothing that is answered was sent before, so the first wait of RFC 6298 passes: 1 s.
    let mut path = Path::new(Settings::of(Mode::TwoClasses), losing(WAY, &[0]), after(WAY));
    path.say(ms(0), touch(0, TouchAction::Down, 7, 0));
    for step in 1..4 {
        path.say(ms(10 * i64::from(step)), touch(step, TouchAction::Move, 7, 1));
    }
    path.run();
    // Of the moves that waited only the newest is of use.
    assert_eq!(path.times(), [(0, 1_050, 0), (3, 1_050, 970)]);
    assert_eq!(path.receiver.counts().outdated, 2);
}

/// T5.3.
#[test]
fn moves_that_wait_are_merged() {
    let settings =
        Settings { spacing: SimDuration::from_millis(8), ..Settings::of(Mode::TwoClasses) };
    let mut path = Path::new(settings, after(WAY), after(WAY));
    path.say(ms(0), touch(0, TouchAction::Down, 7, 0));
    for step in 1..=10 {
        path.say(ms(i64::from(step)), touch(step, TouchAction::Move, 7, 1));
    }
    path.say(ms(11), touch(11, TouchAction::Up, 7, 1));
    path.run();
    // One packet at 8 ms, and what waits goes along with the finger's rise at 11 ms.
    assert_eq!(path.times(), [(0, 50, 0), (8, 58, 0), (10, 61, 0), (11, 61, 0)]);
    assert_eq!((path.sender.counts().merged, path.sender.counts().packets), (8, 3));
}
