//! What holds whatever a path does.

use crate::path::{Fate, Path, ms, touch};
use koosim_time::{SimDuration, SimTime};
use koosim_transport::control::{
    Class, Input, Message, Mode, Motion, Owned, Settings, Slot, Touch, TouchAction,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Each packet is lost, doubled or delayed as a byte says; behind the last byte all arrive, so that a run ends. Of
/// three in a row one arrives: with both ways like this a ninth try is answered, and the tenth in vain would break
/// the channel.
fn fate<'f>(bytes: Vec<u8>) -> Fate<'f> {
    let mut lost = 0;
    Box::new(move |count, at| {
        let byte = bytes.get(count).copied().unwrap_or(0);
        let copies = match byte % 8 {
            5 => 2,
            6.. if lost < 2 => 0,
            _ => 1,
        };
        lost = if copies == 0 { lost + 1 } else { 0 };
        let later = |copy: i64| SimDuration::from_millis(5 + i64::from(byte / 8) * (1 + copy));
        (0..copies).map(|copy| at + later(copy)).collect()
    })
}

/// A story of fingers, texts and sensors, told out of bytes.
fn story(bytes: &[u8]) -> Vec<(SimTime, Owned)> {
    let (mut down, mut told, mut at) = (Vec::new(), Vec::new(), 0);
    for (number, byte) in (0_u32..).zip(bytes) {
        at += i64::from(byte % 5);
        let pointer = u64::from(byte / 5 % 3);
        let is_down = down.contains(&pointer);
        let x = i32::try_from(number).unwrap();
        let message = match (byte / 15, is_down) {
            (0..=8, true) => touch(number, TouchAction::Move, pointer, x),
            (_, true) => {
                down.retain(|one| *one != pointer);
                touch(number, TouchAction::Up, pointer, x)
            }
            (0..=11, false) => {
                down.push(pointer);
                touch(number, TouchAction::Down, pointer, x)
            }
            (12..=14, false) => Message::Gyroscope(Motion { at: ms(at), x, y: 0, z: 0 }),
            (_, false) => Message::Clipboard("c".repeat(usize::from(*byte) * 20).into()),
        };
        told.push((ms(at), message));
    }
    told
}

fn moved(message: &Owned) -> Option<&Touch> {
    match message {
        Message::Input(_, Input::Touch(touch)) => Some(touch),
        _ => None,
    }
}

fn run(settings: Settings, told: &[(SimTime, Owned)], forth: &[u8], back: &[u8]) -> Vec<Owned> {
    let mut path = Path::new(settings, fate(forth.to_vec()), fate(back.to_vec()));
    for (at, message) in told {
        path.say(*at, message.clone());
    }
    path.run();
    assert_eq!((path.sender.queued(), path.receiver.counts().refused), (0, 0));
    path.delivered.into_iter().map(|delivered| delivered.message).collect()
}

fn ordered(messages: impl IntoIterator<Item = Owned>) -> Vec<Owned> {
    messages.into_iter().filter(|message| message.class() == Class::Ordered).collect()
}

proptest! {
    /// T5.3.
    #[test]
    fn ordered_messages_come_once_and_in_order(
        bytes in vec(any::<u8>(), 0..120),
        forth in vec(any::<u8>(), 0..80),
        back in vec(any::<u8>(), 0..80),
    ) {
        let told = story(&bytes);
        let came = run(Settings::of(Mode::TwoClasses), &told, &forth, &back);
        let said = told.iter().map(|(_, message)| message.clone());
        prop_assert_eq!(ordered(came), ordered(said));
    }

    /// T5.3.
    #[test]
    fn droppable_messages_never_go_back(
        bytes in vec(any::<u8>(), 0..120),
        forth in vec(any::<u8>(), 0..80),
        back in vec(any::<u8>(), 0..80),
    ) {
        let told = story(&bytes);
        let came = run(Settings::of(Mode::TwoClasses), &told, &forth, &back);
        // Every touch tells the number of its input as its place: for a pointer they only grow.
        let mut newest: BTreeMap<Slot, i32> = BTreeMap::new();
        for message in &came {
            let (slot, x) = match (moved(message), message) {
                (Some(touch), _) => (Slot::Pointer(touch.pointer), touch.place.x),
                (None, Message::Gyroscope(motion)) => (Slot::Gyroscope, motion.x),
                _ => continue,
            };
            prop_assert!(newest.insert(slot, x).is_none_or(|before| before < x));
        }
    }

    /// T5.3.
    #[test]
    fn on_one_channel_everything_comes_in_order(
        bytes in vec(any::<u8>(), 0..80),
        forth in vec(any::<u8>(), 0..80),
        back in vec(any::<u8>(), 0..80),
    ) {
        let told = story(&bytes);
        let came = run(Settings::of(Mode::OneChannel), &told, &forth, &back);
        let said: Vec<_> = told.into_iter().map(|(_, message)| message).collect();
        prop_assert_eq!(came, said);
    }

    #[test]
    fn on_a_clean_path_nothing_is_lost_that_was_not_merged(bytes in vec(any::<u8>(), 0..120)) {
        let told = story(&bytes);
        let way = SimDuration::from_millis(20);
        let settings = Settings::of(Mode::TwoClasses);
        let mut path = Path::new(settings, crate::path::after(way), crate::path::after(way));
        for (at, message) in &told {
            path.say(*at, message.clone());
        }
        path.run();
        let (sent, received) = (path.sender.counts(), path.receiver.counts());
        let told = u64::try_from(told.len()).unwrap();
        prop_assert_eq!(received.delivered + sent.merged, told);
        prop_assert_eq!((sent.resent, sent.dropped, received.outdated, received.repeated), (0, 0, 0, 0));
    }
}
