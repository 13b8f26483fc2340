use crate::bench::{CONNECTION, Link, SOURCES, World, at_ms};
use crate::key_frames::Told;
use koosim_transport::BitRate;
use koosim_transport::Ecn;
use koosim_transport::congestion::{ControlOptions, Controller, GccOptions};
use koosim_transport::endpoint::{
    Frame, Receiver, ReceiverInput, ReceiverOptions, ReceiverOutput, Sender, SenderInput,
    SenderOptions, SenderOutput,
};
use koosim_transport::packet::{
    Audio, Check, DelaySince, Extensions, Packet, TransportFeedback, ntp_middle,
};

/// What a receiver sends until an instant, with the ms at which it does.
fn sends(receiver: &mut Receiver, ms: i64) -> Vec<(i64, Packet)> {
    let mut all = Vec::new();
    loop {
        let due = receiver.next_due().filter(|due| *due <= at_ms(ms));
        let now = due.unwrap_or(at_ms(ms)).max(at_ms(0));
        while let Some(output) = receiver.poll(now) {
            if let ReceiverOutput::Send(packet) = output {
                all.push(((now - at_ms(0)).as_nanos() / 1_000_000, packet));
            }
        }
        if due.is_none() {
            return all;
        }
    }
}

fn sound(number: u64) -> Packet {
    Packet::Audio(Audio {
        sequence: number,
        transport_sequence: number,
        ssrc: SOURCES.audio,
        timestamp: 0,
        payload: 100,
        extensions: Extensions::TransportSequence,
    })
}

/// What left on the old path says nothing of the new one.
#[test]
fn reports_of_the_old_path_count_for_nothing() {
    let reported = |changed: bool| {
        let control = ControlOptions::Fixed(BitRate::from_kbps(8000));
        let mut sender = Sender::new(at_ms(0), SenderOptions::new(SOURCES, control, CONNECTION));
        let frame = Frame { id: 0, bytes: 2000, heads: [0; 3], back: 0, timestamp: 0 };
        sender.handle(at_ms(100), SenderInput::Frame(frame));
        while sender.poll(at_ms(100)).is_some() {}
        if changed {
            sender.handle(at_ms(110), SenderInput::NetworkChanged);
        }
        let mut feedback = TransportFeedback::new(SOURCES.receiver, 0, 0, 0);
        assert!(feedback.push(Some(0)) && feedback.push(None));
        let packet = Packet::TransportFeedback(Box::new(feedback));
        sender.handle(at_ms(120), SenderInput::Packet(&packet));
        (sender.stats().reported_arrived, sender.stats().reported_lost)
    };
    assert_eq!((reported(false), reported(true)), ((1, 1), (0, 0)));
}

#[test]
fn arrivals_of_the_old_path_are_not_reported() {
    let bases = |changed: bool| -> Vec<u16> {
        let mut receiver = Receiver::new(at_ms(0), ReceiverOptions::new(SOURCES, CONNECTION));
        for number in [7, 8] {
            receiver.handle(at_ms(10), ReceiverInput::Packet(&sound(number), Ecn::default()));
        }
        if changed {
            receiver.handle(at_ms(20), ReceiverInput::NetworkChanged);
        }
        receiver.handle(at_ms(30), ReceiverInput::Packet(&sound(9), Ecn::default()));
        let sent = sends(&mut receiver, 200).into_iter();
        let bases = sent.filter_map(|(_, packet)| match packet {
            Packet::TransportFeedback(report) => Some(report.base),
            _ => None,
        });
        bases.collect()
    };
    assert_eq!((bases(false), bases(true)), (vec![7], vec![9]));
}

/// P4.6: a receiver that hears nothing checks a new path by itself, each 500 ms, until it is answered.
#[test]
fn silence_is_met_with_checks_of_a_new_path() {
    let mut receiver = Receiver::new(at_ms(0), ReceiverOptions::new(SOURCES, CONNECTION));
    let checks = |sent: Vec<(i64, Packet)>| -> Vec<(i64, u32)> {
        let checks = sent.into_iter().filter_map(|(ms, packet)| match packet {
            Packet::Check(check) => Some((ms, check.path)),
            _ => None,
        });
        checks.collect()
    };
    let first = checks(sends(&mut receiver, 0));
    assert_eq!(first, [(0, 0)]);
    let answer = Packet::CheckAnswer(Check { path: 0 });
    receiver.handle(at_ms(40), ReceiverInput::Packet(&answer, Ecn::default()));
    assert_eq!(checks(sends(&mut receiver, 3600)), [(2540, 1), (3040, 1), (3540, 1)]);
    let stale = Packet::CheckAnswer(Check { path: 0 });
    receiver.handle(at_ms(3700), ReceiverInput::Packet(&stale, Ecn::default()));
    assert_eq!(
        checks(sends(&mut receiver, 4100)),
        [(4040, 1)],
        "the answer of an old path is none"
    );
    let fresh = Packet::CheckAnswer(Check { path: 1 });
    receiver.handle(at_ms(4200), ReceiverInput::Packet(&fresh, Ecn::default()));
    assert_eq!(checks(sends(&mut receiver, 6000)), []);
}

/// T2.5: a key frame is asked for again after a round trip if that is longer than 300 ms.
#[test]
fn key_frames_are_asked_for_once_a_round_trip() {
    let mut told = Told::new();
    let last_reference = ntp_middle(at_ms(0));
    let since = DelaySince { ssrc: SOURCES.video, last_reference, delay: 0 };
    let since = Packet::DelaySince(since);
    told.receiver.handle(at_ms(800), ReceiverInput::Packet(&since, Ecn::default()));
    // It needs one that never came.
    told.picture(900, 1, 1);
    told.until(3000);
    // The round trip is measured in units of 1/65536 s.
    assert!(matches!(told.asked.as_slice(), [900, 1699 | 1700, 2499 | 2500]), "{:?}", told.asked);
}

/// T3.7: a fifth of all packets lost on a wide link is a matter of loss, since delay never grows.
#[test]
fn loss_alone_lowers_the_rate_of_gcc() {
    let target = |loss| {
        let control = ControlOptions::Gcc(GccOptions::default());
        let mut forward = Link::new(20_000_000, 20);
        forward.loss = loss;
        let sender = SenderOptions::new(SOURCES, control, CONNECTION);
        let back = Link::new(20_000_000, 20);
        let mut world =
            World::new(sender, ReceiverOptions::new(SOURCES, CONNECTION), forward, back);
        world.run(20_000);
        world.sender.control().target_rate()
    };
    let (without, with) = (target(0), target(200));
    assert!(
        without > BitRate::from_kbps(3000) && with < BitRate::from_kbps(300),
        "{without:?} {with:?}"
    );
}

/// What there is to send is drained in one go: nothing is left behind when a sender says that it has nothing.
#[test]
fn drained_sender_has_nothing_to_say() {
    let control = ControlOptions::Gcc(GccOptions::default());
    let mut sender = Sender::new(at_ms(0), SenderOptions::new(SOURCES, control, CONNECTION));
    let first: Vec<_> = std::iter::from_fn(|| sender.poll(at_ms(0))).collect();
    assert!(matches!(
        first.as_slice(),
        [
            SenderOutput::TargetRate { .. },
            SenderOutput::KeyFrameWanted,
            SenderOutput::Send(Packet::SenderReport(_))
        ]
    ));
    assert_eq!(sender.poll(at_ms(0)), None);
}
