use super::*;
use crate::BitRate;
use crate::Ecn;
use crate::sequence::Unwrapper;
use koosim_time::{SimDuration, SimTime};
use proptest::prelude::*;

fn media(payload: u16, extensions: Extensions) -> Media {
    Media {
        sequence: 70_000,
        transport_sequence: 3,
        ssrc: 1,
        timestamp: 4_000_000_000,
        frame: 77,
        payload,
        back: 1,
        first: true,
        last: false,
        extensions,
    }
}

#[test]
fn sizes_are_those_of_the_formats() {
    let piece = media(1000, Extensions::TransportSequence);
    let rtx = Rtx { sequence: 1, ssrc: 2, media: piece };
    let fec = Fec {
        sequence: 0,
        transport_sequence: 0,
        base: 9,
        ssrc: 3,
        parity: [0; 2],
        mask: 0xC000,
        longest: 1008,
        extensions: Extensions::None,
    };
    let mut nack = Nack::new(1);
    for wire in [65_530, 65_535, 10, 11, 28] {
        assert!(nack.push(wire));
    }
    let report = ReceiverReport { ssrc: 9, video: Some(ReportBlock::default()), audio: None };
    let padding = Padding {
        sequence: 0,
        transport_sequence: 0,
        ssrc: 2,
        bytes: 255,
        extensions: Extensions::SendTime,
    };
    let cases = [
        (Packet::Media(piece), 12 + 8 + 1000),
        (Packet::Media(media(1, Extensions::Both)), 12 + 12 + 1),
        (Packet::Media(media(1, Extensions::None)), 13),
        (Packet::Rtx(rtx), 12 + 8 + 2 + 1000),
        (Packet::Fec(fec), 12 + 10 + 4 + 1008),
        (Packet::Padding(padding), 12 + 8 + 255),
        (Packet::ReceiverReport(report), 32),
        (Packet::Nack(nack), 12 + 3 * 4),
        (Packet::Pli(Pli { ssrc: 1 }), 12),
        (Packet::Remb(Remb::new(1, BitRate::from_kbps(1))), 24),
    ];
    for (packet, bytes) in cases {
        assert_eq!(packet.wire_len(), bytes, "{packet:?}");
    }
    assert_eq!(nack.numbers().collect::<Vec<_>>(), [65_530, 65_535, 10, 11, 28]);
    assert_eq!(size_of::<Packet>(), 72);
}

#[test]
fn what_is_protected_comes_back() {
    let (one, like) = (media(777, Extensions::None), media(1, Extensions::None));
    assert_eq!(Media::recovered(&like, one.sequence, one.protected()), one);
    let last = Media { last: true, first: false, back: 0, ..one };
    assert_eq!(Media::recovered(&like, last.sequence, last.protected()), last);
}

#[test]
fn ntp_counts_from_1900() {
    let half = SimTime::from_nanos(500_000_000);
    assert_eq!(ntp_time(half), 2_208_988_800 << 32 | 1 << 31);
    assert_eq!(ntp_middle(half), crate::number::low32(2_208_988_800_u64 << 16) | 0x8000);
}

#[test]
fn a_stated_rate_is_never_above() {
    for bps in [0, 1, (1 << 18) - 1, 1 << 18, 300_001, 4_000_000_000] {
        let rate = Remb::new(1, BitRate::from_bps(bps)).rate().bps();
        assert!(rate <= bps && bps - rate <= bps >> 17, "{bps} {rate}");
    }
}

/// Statuses and the bytes that they take: 20 fixed, chunks, steps, padding.
#[test]
fn chunks_are_runs_or_vectors() {
    let some = |n: usize| vec![Some(4); n];
    let mixed: Vec<_> = (0..14).map(|n| (n % 2 == 0).then_some(4)).collect();
    let wide: Vec<_> = (0..7).map(|n| Some(if n == 3 { -4 } else { 300 * (n % 2) })).collect();
    let cases = [
        (vec![], 20),
        (some(1), 20 + 2 + 1 + 1),
        (some(64), 20 + 2 + 64 + 2),
        (mixed, 20 + 2 + 7 + 3),
        (vec![None; 40], 20 + 2 + 2),
        (wide, 20 + 2 + 10),
    ];
    for (steps, bytes) in cases {
        let mut feedback = TransportFeedback::new(1, 0, 0, 0);
        assert!(steps.iter().all(|step| feedback.push(*step)));
        assert_eq!(feedback.wire_len(), bytes, "{steps:?}");
        let read: Vec<_> = feedback.steps().map(|step| step.map(i64::from)).collect();
        assert_eq!(read, steps);
    }
    let mut full = TransportFeedback::new(1, 0, 0, 0);
    assert!(!full.push(Some(32_768)) && !full.push(Some(-32_768)));
    assert!((0..64).all(|_| full.push(None)) && !full.push(None));
}

#[test]
fn reference_times_survive_their_turn() {
    let unit = TransportFeedback::STEPS_PER_REFERENCE * TransportFeedback::STEP.as_nanos();
    let mut references = Unwrapper::<24>::default();
    let mut read = |reference: u32| {
        let mut feedback = TransportFeedback::new(1, 0, reference, 0);
        feedback.push(Some(2));
        feedback.push(None);
        feedback.push(Some(-1));
        feedback.arrivals(&mut references).collect::<Vec<_>>()
    };
    let (before, after) = (read(0x00FF_FFFF), read(0x0100_0000));
    let apart = |n: usize| (after[n].unwrap() - before[n].unwrap()).as_nanos();
    assert_eq!((apart(0), apart(2)), (unit, unit));
    assert_eq!(before[1], None);
    assert_eq!((before[0].unwrap() - before[2].unwrap()).as_nanos(), 250_000);
}

#[test]
fn congestion_feedback_has_parts_padded_to_words() {
    let mut feedback = CongestionFeedback::new(1, 2);
    assert!(!feedback.push(CongestionMetric::Missing), "no source yet");
    let arrived = |before| CongestionMetric::Arrived { ecn: Ecn::Congested, before };
    assert!(feedback.begin_stream(5, 65_535));
    assert!(feedback.push(arrived(Some(7))) && feedback.push(CongestionMetric::Missing));
    assert!(feedback.begin_stream(6, 1) && feedback.push(arrived(None)));
    assert_eq!(feedback.wire_len(), 12 + (8 + 4) + (8 + 4));
    let read: Vec<_> = feedback.streams().collect();
    assert_eq!(read[0].1, [0x8000 | 3 << 13 | 7, 0]);
    assert_eq!(read[1].1, [0x8000 | 3 << 13 | 0x1FFE]);
}

proptest! {
    #[test]
    fn metrics_are_read_as_written(mark in 0_usize..4, before in prop::option::of(0_u16..0x1FFE)) {
        let ecn = Ecn::ALL[mark];
        let metric = CongestionMetric::Arrived { ecn, before };
        prop_assert_eq!(CongestionMetric::from_wire(metric.to_wire()), metric);
    }

    #[test]
    fn spans_lose_less_than_a_unit(ns in 0_i64..7_990_000_000) {
        let units = CongestionMetric::units(SimDuration::from_nanos(ns)).unwrap();
        let lost = ns - CongestionMetric::span(units).as_nanos();
        prop_assert!((0..=976_563).contains(&lost), "{}", lost);
    }
}
