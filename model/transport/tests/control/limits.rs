//! Every limit of the channel has a name, and is reached here.

use crate::path::{Path, after, losing, ms, touch};
use koosim_time::{SimDuration, SimTime};
use koosim_transport::control::{
    Ack, Chunk, Content, Input, Key, KeyAction, MESSAGE_LEN_MAX, Message, Mode, Output, Owned,
    POINTERS_MAX, Packet, QUEUE_MAX, Receiver, Rotation, SendInput, SendRefused, Sender, Settings,
    Stamp, TouchAction, WINDOW,
};

const WAY: SimDuration = SimDuration::from_millis(20);

fn send(sender: &mut Sender, message: Owned) -> Result<(), SendRefused> {
    sender.handle(ms(0), SendInput::Message(message))
}

fn rotation() -> Owned {
    Message::Rotation(Rotation { width: 1, height: 2 })
}

/// T5.6.
#[test]
fn ten_fingers_touch_at_most() {
    let mut sender = Sender::new(Settings::of(Mode::TwoClasses));
    for pointer in 0..10 {
        send(&mut sender, touch(0, TouchAction::Down, pointer, 0)).unwrap();
    }
    let mut refused = |action, pointer| send(&mut sender, touch(0, action, pointer, 0));
    assert_eq!(refused(TouchAction::Down, 10), Err(SendRefused::TooManyPointers(POINTERS_MAX)));
    assert_eq!(refused(TouchAction::Down, 9), Err(SendRefused::AlreadyDown(9)));
    assert_eq!(refused(TouchAction::Move, 10), Err(SendRefused::NotDown(10)));
    assert_eq!(refused(TouchAction::Up, 10), Err(SendRefused::NotDown(10)));
    assert_eq!(refused(TouchAction::HoverMove, 10), Ok(()));
    assert_eq!(refused(TouchAction::Cancel, 9), Ok(()));
    assert_eq!(refused(TouchAction::Down, 10), Ok(()));
}

/// T5.6.
#[test]
fn a_run_may_allow_fewer_fingers() {
    let settings = Settings { pointers_max: 2, ..Settings::of(Mode::TwoClasses) };
    let mut sender = Sender::new(settings);
    let mut down = |pointer| send(&mut sender, touch(0, TouchAction::Down, pointer, 0));
    assert_eq!([down(0), down(1)], [Ok(()), Ok(())]);
    assert_eq!(down(2), Err(SendRefused::TooManyPointers(2)));
    let mut receiver = Receiver::new(2);
    let downs = (0..3).map(|pointer| {
        let message = touch(0, TouchAction::Down, u64::from(pointer), 0);
        Chunk { number: pointer, content: Content::Whole(message) }
    });
    receiver.handle(ms(0), downs.collect());
    assert_eq!((receiver.counts().delivered, receiver.counts().refused), (2, 1));
}

/// T5.6.
#[test]
fn a_receiver_holds_others_to_the_rules_too() {
    let mut receiver = Receiver::new(POINTERS_MAX);
    let downs = (0..11).map(|pointer| {
        let message = touch(0, TouchAction::Down, u64::from(pointer), 0);
        Chunk { number: pointer, content: Content::Whole(message) }
    });
    receiver.handle(ms(0), downs.collect());
    let hidden = Content::Droppable { after: 11, message: rotation() };
    receiver.handle(ms(0), vec![Chunk { number: 0, content: hidden }]);
    let broken = Content::Part { is_last: true, bytes: [64, 0].into() };
    receiver.handle(ms(0), vec![Chunk { number: 11, content: broken }]);
    let unfinished = Content::Part { is_last: false, bytes: [64].into() };
    receiver.handle(ms(0), vec![Chunk { number: 12, content: unfinished }]);
    receiver.handle(ms(0), vec![Chunk { number: 13, content: Content::Whole(rotation()) }]);
    assert_eq!((receiver.counts().refused, receiver.counts().delivered), (4, 11));
}

#[test]
fn a_message_in_pieces_arrives_with_the_last_of_them() {
    let mut receiver = Receiver::new(POINTERS_MAX);
    let piece = |number, is_last, bytes: &[u8]| {
        vec![Chunk { number, content: Content::Part { is_last, bytes: bytes.into() } }]
    };
    receiver.handle(ms(5), piece(1, true, &[0, 2]));
    receiver.handle(ms(9), piece(0, false, &[64, 0, 1]));
    let Some(Output::Delivered(delivered)) = receiver.poll(ms(9)) else { panic!() };
    assert_eq!((delivered.message, delivered.arrived, delivered.at), (rotation(), ms(9), ms(9)));
}

#[test]
fn a_message_without_end_is_given_up() {
    let mut receiver = Receiver::new(POINTERS_MAX);
    let piece = |number, is_last| {
        let content = Content::Part { is_last, bytes: vec![0; 60_000].into() };
        vec![Chunk { number, content }]
    };
    for number in 0..100 {
        receiver.handle(ms(0), piece(number, false));
    }
    receiver.handle(ms(0), piece(100, true));
    receiver.handle(ms(0), vec![Chunk { number: 101, content: Content::Whole(rotation()) }]);
    assert_eq!((receiver.counts().refused, receiver.counts().delivered), (1, 1));
}

#[test]
fn what_nobody_polls_is_not_taken() {
    let mut receiver = Receiver::new(POINTERS_MAX);
    for number in 0..2_000 {
        receiver.handle(ms(0), vec![Chunk { number, content: Content::Whole(rotation()) }]);
    }
    assert_eq!((receiver.counts().delivered, receiver.counts().unpolled), (1_025, 975));
}

#[test]
fn what_is_beyond_the_window_is_not_held() {
    let mut receiver = Receiver::new(POINTERS_MAX);
    for number in [WINDOW, u32::MAX, 1] {
        receiver.handle(ms(0), vec![Chunk { number, content: Content::Whole(rotation()) }]);
    }
    assert_eq!(receiver.counts().repeated, 2);
    assert_eq!(receiver.poll(ms(0)), Some(Output::Ack(Ack { next: 0, beyond: 1 })));
    assert_eq!(receiver.poll(ms(0)), None);
}

/// T5.2.
#[test]
fn the_longest_message_goes_through_losses() {
    let mut path = Path::new(
        Settings::of(Mode::TwoClasses),
        losing(WAY, &[0, 5, 17, 63, 64, 150]),
        losing(WAY, &[3, 30]),
    );
    let text: Box<str> = "a".repeat(MESSAGE_LEN_MAX - 5).into();
    path.say(ms(0), Message::Clipboard(text.clone()));
    path.say(ms(0), rotation());
    path.run();
    let came: Vec<_> = path.delivered.iter().map(|delivered| &delivered.message).collect();
    assert_eq!(came, [&Message::Clipboard(text), &rotation()]);
    assert!(path.sender.counts().resent >= 6);
}

#[test]
fn a_queue_is_full() {
    let mut sender = Sender::new(Settings::of(Mode::TwoClasses));
    let text: Owned = Message::Clipboard("a".repeat(MESSAGE_LEN_MAX - 5).into());
    send(&mut sender, text.clone()).unwrap();
    send(&mut sender, text.clone()).unwrap();
    assert_eq!(send(&mut sender, text), Err(SendRefused::QueueFull(QUEUE_MAX)));
    while send(&mut sender, rotation()).is_ok() {}
    assert_eq!(sender.queued(), QUEUE_MAX);
    // No more is on its way than an acknowledgement can tell apart.
    let mut pieces = 0;
    while let Some(Packet::Data(chunks)) = sender.poll(ms(0)) {
        pieces += chunks.len();
    }
    assert_eq!(u32::try_from(pieces), Ok(WINDOW));
}

#[test]
fn a_channel_without_answers_breaks() {
    let mut path = Path::new(Settings::of(Mode::TwoClasses), Box::new(|_, _| vec![]), after(WAY));
    path.say(ms(0), rotation());
    path.run();
    assert!(path.sender.is_broken());
    // 1 s, doubled nine times and held at 60 s, is 1 + 2 + 4 + 8 + 16 + 32 + 4 * 60 s.
    assert_eq!(path.sender.counts().packets, 10);
    assert_eq!(send(&mut path.sender, rotation()), Err(SendRefused::Broken));
    assert_eq!(path.sender.next_due(), None);
}

#[test]
fn an_answer_to_what_was_never_sent_is_passed_over() {
    let mut sender = Sender::new(Settings::of(Mode::TwoClasses));
    send(&mut sender, rotation()).unwrap();
    let packet = sender.poll(ms(0));
    for ack in [Ack { next: 2, beyond: 0 }, Ack { next: u32::MAX, beyond: u64::MAX }] {
        sender.handle(ms(1), SendInput::Ack(ack)).unwrap();
        assert_eq!((sender.queued(), sender.poll(ms(1))), (1, None));
    }
    sender.handle(ms(40), SendInput::Ack(Ack { next: 1, beyond: u64::MAX })).unwrap();
    assert_eq!((sender.queued(), sender.round_trip()), (0, Some(SimDuration::from_millis(40))));
    assert!(packet.is_some());
}

#[test]
fn hovering_mice_make_room_for_newer_ones() {
    let mut sender = Sender::new(Settings::of(Mode::TwoClasses));
    for pointer in 0..20 {
        send(&mut sender, touch(0, TouchAction::HoverMove, pointer, 0)).unwrap();
    }
    let Some(Packet::Data(chunks)) = sender.poll(ms(0)) else { panic!() };
    assert_eq!((chunks.len(), sender.counts().dropped), (16, 4));
}

/// T5.2.
#[test]
fn what_does_not_fit_its_format_is_refused() {
    let mut sender = Sender::new(Settings::of(Mode::TwoClasses));
    let stamp = Stamp { number: 0, at: SimTime::EPOCH };
    let text = Message::Input(stamp, Input::Text("a".repeat(301).into()));
    let refused = send(&mut sender, text).unwrap_err().to_string();
    assert_eq!(refused, "text 301 where at most 300 can be written");
    let key = Key { action: KeyAction::Down, code: 4, repeat: 0, meta: 0 };
    assert_eq!(send(&mut sender, Message::Input(stamp, Input::Key(key))), Ok(()));
}
