use crate::bench::{CONNECTION, SOURCES, at_ms};
use koosim_transport::BitRate;
use koosim_transport::congestion::ControlOptions;
use koosim_transport::endpoint::{
    FRAME_PACKETS_MAX, Frame, Refusal, Sender, SenderInput, SenderOptions, SenderOutput,
};

fn sender() -> Sender {
    let control = ControlOptions::Fixed(BitRate::from_kbps(100));
    Sender::new(at_ms(0), SenderOptions::new(SOURCES, control, CONNECTION))
}

fn frame(id: u32, back: u8, bytes: u32) -> Frame {
    Frame { id, bytes, heads: [0; 3], back, timestamp: id * 3000 }
}

/// Offers a picture; why it is refused, and whether a key frame is asked for.
fn offer(sender: &mut Sender, ms: i64, frame: Frame) -> (Option<Refusal>, bool) {
    sender.handle(at_ms(ms), SenderInput::Frame(frame));
    let (mut cause, mut key) = (None, false);
    while let Some(output) = sender.poll(at_ms(ms)) {
        key |= output == SenderOutput::KeyFrameWanted;
        if let SenderOutput::FrameRefused { frame: id, cause: why } = output {
            assert_eq!(id, frame.id);
            cause = Some(why);
        }
    }
    (cause, key)
}

const LARGE: u32 = FRAME_PACKETS_MAX * 1200;

/// Where several causes hold, the first in the order of their declaration is told.
#[test]
fn causes_of_refusal_have_an_order() {
    let mut sender = sender();
    // The key frame that is asked for at the start was not made.
    assert_eq!(offer(&mut sender, 0, frame(5, 1, 100)), (Some(Refusal::Undecodable), true));
    assert_eq!(offer(&mut sender, 1, frame(6, 0, 100)), (None, false));
    assert_eq!(offer(&mut sender, 2, frame(6, 0, 100)).0, Some(Refusal::OutOfOrder));
    // What was refused breaks the chain, and asking again takes 300 ms.
    assert_eq!(offer(&mut sender, 3, frame(7, 1, 100)), (Some(Refusal::Undecodable), false));
    assert_eq!(offer(&mut sender, 300, frame(8, 1, 100)), (Some(Refusal::Undecodable), true));
    for id in 9..73 {
        assert_eq!(offer(&mut sender, 301, frame(id, u8::from(id > 9), 60_000)).0, None);
    }
    assert_eq!(offer(&mut sender, 302, frame(73, 1, 100)).0, Some(Refusal::QueueFull));
    assert_eq!(offer(&mut sender, 303, frame(73, 1, 100)).0, Some(Refusal::OutOfOrder));
    assert_eq!(offer(&mut sender, 304, frame(73, 1, LARGE)).0, Some(Refusal::TooLarge));
    sender.handle(at_ms(305), SenderInput::Pause);
    assert_eq!(offer(&mut sender, 306, frame(73, 1, LARGE)), (Some(Refusal::Paused), false));
    let silent = CONNECTION.silence_max.as_nanos() / 1_000_000;
    assert_eq!(offer(&mut sender, silent, frame(73, 1, LARGE)).0, Some(Refusal::Paused));
    assert_eq!(offer(&mut sender, silent + 1, frame(73, 1, LARGE)).0, Some(Refusal::Lost));
    let end = CONNECTION.give_up.as_nanos() / 1_000_000;
    while sender.poll(at_ms(end)).is_some() {}
    assert_eq!(offer(&mut sender, end + 1, frame(73, 1, LARGE)).0, Some(Refusal::Ended));
    let stats = sender.stats();
    let done = stats.frames_refused + stats.frames_dropped + stats.frames_sent;
    assert_eq!(stats.frames_offered, done + sender.waiting_frames(), "{stats:?}");
    assert!(stats.frames_dropped > 0);
}
