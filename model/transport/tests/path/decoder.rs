use crate::bench::at_ms;
use crate::key_frames::Told;
use koosim_transport::endpoint::ReceiverInput;

impl Told {
    /// A whole picture.
    pub(crate) fn picture(&mut self, ms: i64, frame: u32, back: u8) {
        (0..3).for_each(|index| self.packet(ms, frame, index, back));
    }
    /// The decoder is full until then.
    fn full(&mut self, until_ms: i64) {
        let until = at_ms(until_ms);
        self.receiver.handle(at_ms(0), ReceiverInput::DecoderFull { until });
    }
    fn ids(&self) -> Vec<u32> {
        self.shown.iter().map(|picture| picture.id).collect()
    }
    /// Every picture that was whole was given to the decoder or has a reason why not.
    fn assert_all_done(&self) {
        let stats = self.receiver.stats();
        assert_eq!(stats.complete, stats.pictures + stats.given_up + stats.left, "{stats:?}");
    }
}

/// The first pictures of a session come in one go.
#[test]
fn pictures_that_come_together_are_all_given_to_a_decoder_that_has_room() {
    let mut told = Told::new();
    for frame in 0..20 {
        told.picture(10, frame, u8::from(frame > 0));
    }
    told.until(1000);
    assert_eq!(told.ids(), (0..20).collect::<Vec<_>>());
    told.assert_all_done();
}

#[test]
fn full_decoder_lets_pictures_wait_and_drops_none() {
    let mut told = Told::new();
    told.full(400);
    for n in 0..10 {
        told.picture(10 + 33 * n, u32::try_from(n).unwrap(), u8::from(n > 0));
    }
    told.until(399);
    assert_eq!(told.ids(), []);
    told.until(400);
    assert_eq!(told.ids(), (0..10).collect::<Vec<_>>());
    assert!(told.shown_at.iter().all(|at| *at == 400));
    assert!(told.shown.iter().all(|picture| picture.undecoded == 0));
    assert_eq!(told.asked, []);
    told.assert_all_done();
}

/// A picture is given up when it has waited for half a second, and no other that needs it is decoded: a key frame
/// is asked for, as after a loss.
#[test]
fn picture_that_waits_too_long_is_dropped_with_all_that_need_it() {
    let mut told = Told::new();
    told.picture(10, 0, 0);
    told.until(50);
    assert_eq!(told.ids(), [0]);
    told.full(800);
    for n in 1..25 {
        told.picture(10 + 33 * n, u32::try_from(n).unwrap(), 1);
    }
    // The first is to be played 2 ms after it came.
    assert_eq!(told.asked, [545]);
    assert_eq!(told.receiver.stats().given_up, 1);
    told.until(820);
    assert_eq!(told.ids(), [0], "what needs it is not decoded once the decoder has room");
    told.picture(843, 25, 0);
    told.picture(876, 26, 1);
    told.until(2000);
    assert_eq!(told.ids(), [0, 25, 26]);
    assert_eq!((told.shown[1].passed_over, told.shown[1].undecoded), (24, 24));
    let stats = told.receiver.stats();
    assert_eq!((stats.given_up, stats.left), (1, 23));
    assert_eq!(told.asked, [545], "nor is one asked for once it has come");
    told.assert_all_done();
}

/// A key frame that is there already is as good as one that is asked for.
#[test]
fn key_frame_that_waits_as_well_is_decoded_next() {
    let mut told = Told::new();
    told.picture(10, 0, 0);
    told.until(50);
    told.full(700);
    told.picture(43, 1, 1);
    told.picture(309, 2, 0);
    told.picture(342, 3, 1);
    told.until(1000);
    assert_eq!((told.ids(), told.asked.len()), (vec![0, 2, 3], 0));
    assert_eq!((told.shown_at[1], told.shown[1].undecoded), (700, 1));
    told.assert_all_done();
}

/// What waits for a repair does not wait for the decoder.
#[test]
fn time_before_a_repair_does_not_count() {
    let mut told = Told::new();
    told.picture(10, 0, 0);
    told.packet(43, 1, 0, 1);
    told.packet(43, 1, 2, 1);
    for n in 2..20 {
        told.picture(10 + 33 * n, u32::try_from(n).unwrap(), 1);
    }
    told.full(900);
    told.packet(650, 1, 1, 1);
    told.until(1200);
    assert_eq!(told.ids(), (0..20).collect::<Vec<_>>());
    told.assert_all_done();
}
