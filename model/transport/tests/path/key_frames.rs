use crate::bench::{CONNECTION, SOURCES, at_ms};
use koosim_time::SimTime;
use koosim_transport::Ecn;
use koosim_transport::endpoint::{
    Picture, Receiver, ReceiverInput, ReceiverOptions, ReceiverOutput,
};
use koosim_transport::packet::{Extensions, Media, Packet};

/// A receiver that is told of single packets, and what it does.
pub(crate) struct Told {
    pub(crate) receiver: Receiver,
    /// When key frames were asked for, in ms.
    pub(crate) asked: Vec<i64>,
    pub(crate) shown: Vec<Picture>,
    /// When each picture was given out, in ms.
    pub(crate) shown_at: Vec<i64>,
}

impl Told {
    pub(crate) fn new() -> Self {
        let receiver = Receiver::new(at_ms(0), ReceiverOptions::new(SOURCES, CONNECTION));
        Self { receiver, asked: Vec::new(), shown: Vec::new(), shown_at: Vec::new() }
    }
    /// Lets time pass.
    pub(crate) fn until(&mut self, ms: i64) {
        while let Some(due) = self.receiver.next_due().filter(|due| *due <= at_ms(ms)) {
            self.drain(due);
        }
        self.drain(at_ms(ms));
    }
    fn drain(&mut self, now: SimTime) {
        let ms = (now - at_ms(0)).as_nanos().div_euclid(1_000_000);
        while let Some(output) = self.receiver.poll(now) {
            match output {
                ReceiverOutput::Send(Packet::Pli(_)) => self.asked.push(ms),
                ReceiverOutput::Picture(picture) => {
                    self.shown.push(picture);
                    self.shown_at.push(ms);
                }
                _ => {}
            }
        }
    }
    /// Packet `index` of three of a picture that needs the one `back` before.
    pub(crate) fn packet(&mut self, ms: i64, frame: u32, index: u64, back: u8) {
        self.until(ms);
        let media = Media {
            sequence: u64::from(frame) * 3 + index,
            transport_sequence: u64::from(frame) * 3 + index,
            ssrc: SOURCES.video,
            timestamp: frame * 3000,
            frame,
            payload: 1000,
            back,
            first: index == 0,
            last: index == 2,
            extensions: Extensions::TransportSequence,
        };
        self.receiver
            .handle(at_ms(ms), ReceiverInput::Packet(&Packet::Media(media), Ecn::default()));
        self.drain(at_ms(ms));
    }
}

/// T2.5: the first packet of a session is lost: nobody knows that there was one, so nothing is shown until a key
/// frame is asked for, at once and then each 300 ms, and no more once it is shown.
#[test]
fn beginning_without_its_first_packet_asks_for_a_key_frame() {
    let mut told = Told::new();
    told.packet(10, 1, 1, 0);
    told.packet(10, 1, 2, 0);
    told.packet(40, 2, 0, 1);
    told.until(700);
    assert_eq!(told.asked, [10, 310, 610]);
    (0..3).for_each(|index| told.packet(800, 3, index, 0));
    told.until(2000);
    assert_eq!(
        told.shown.iter().map(|picture| (picture.id, picture.passed_over)).collect::<Vec<_>>(),
        [(3, 2)]
    );
    assert_eq!(told.asked, [10, 310, 610]);
}

/// T2.5: whole pictures come, and all of them need one that never came: after a second a key frame is asked for.
#[test]
fn stall_asks_for_a_key_frame() {
    let mut told = Told::new();
    (0..3).for_each(|index| told.packet(10, 1, index, 0));
    // Picture 5 needs picture 3, which was never sent.
    for n in 0..40 {
        let frame = 5 + u32::try_from(n).unwrap();
        (0..3).for_each(|index| told.packet(50 + 30 * n, frame, index, 2));
    }
    assert_eq!(told.shown.len(), 1);
    // The numbers between 1 and 5 are given up only later.
    assert_eq!(told.asked, [1050]);
}

/// A picture that is late is passed over for a later one that does not need it.
#[test]
fn layers_pass_over_what_they_do_not_need() {
    let mut told = Told::new();
    (0..3).for_each(|index| told.packet(10, 1, index, 0));
    // Picture 2 misses a packet; picture 3 needs only picture 1.
    told.packet(43, 2, 0, 1);
    told.packet(43, 2, 2, 1);
    (0..3).for_each(|index| told.packet(76, 3, index, 2));
    told.until(100);
    let shown: Vec<_> =
        told.shown.iter().map(|picture| (picture.id, picture.passed_over)).collect();
    assert_eq!(shown, [(1, 0), (3, 1)]);
    told.packet(110, 2, 1, 1);
    assert_eq!(told.receiver.stats().late, 1);
}
