//! Whatever a stranger sends, in whatever order, both ends of a control channel keep their limits: a receiver
//! delivers no more than came, and a sender is never due in the past.
#![no_main]

use koosim_fuzz::pieces;
use koosim_time::{SimDuration, SimTime};
use koosim_transport::control::{
    Content, Mode, Output, POINTERS_MAX, Packet, Receiver, SendInput, Sender, Settings,
};
use koosim_transport::wire::Read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut sender = Sender::new(Settings::of(Mode::TwoClasses));
    let mut receiver = Receiver::new(POINTERS_MAX);
    let (mut now, mut came, mut delivered) = (SimTime::EPOCH, 0, 0);
    for piece in pieces(bytes) {
        now = now + SimDuration::from_millis(i64::from(piece.first().copied().unwrap_or(0)) * 8);
        match Packet::parse(piece.get(1..).unwrap_or_default()) {
            Ok(Packet::Data(chunks)) => {
                came += chunks.len();
                // What a stranger sends is sent on, as far as it is taken.
                for chunk in &chunks {
                    let (Content::Whole(message) | Content::Droppable { message, .. }) =
                        &chunk.content
                    else {
                        continue;
                    };
                    let _ = sender.handle(now, SendInput::Message(message.clone()));
                }
                receiver.handle(now, chunks);
            }
            Ok(Packet::Ack(ack)) => sender.handle(now, SendInput::Ack(ack)).unwrap(),
            Err(_) => {}
        }
        while let Some(packet) = sender.poll(now) {
            assert_ne!(packet, Packet::Data(Vec::new()), "a packet says something");
        }
        assert!(sender.next_due().is_none_or(|due| due > now), "drained, nothing is due");
        while let Some(output) = receiver.poll(now) {
            delivered += usize::from(matches!(output, Output::Delivered(_)));
        }
        assert!(delivered <= came, "no more is delivered than came");
    }
});
