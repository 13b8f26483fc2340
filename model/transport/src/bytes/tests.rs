use super::*;
use crate::BitRate;
use crate::Ecn;
use crate::congestion::ControlOptions;
use crate::endpoint::{
    Codec, ConnectionOptions, FecOptions, Frame, HEADS_MAX, Sender, SenderInput, SenderOutput,
};
use crate::number::{low16, low32};
use crate::packet::{
    Audio, CongestionFeedback, CongestionMetric, DelaySince, Extensions, Fec, Nack, Padding, Pli,
    ReceiverReport, ReferenceTime, Remb, ReportBlock, Rtx, SenderReport, TransportFeedback,
};
use crate::wire::{H264, H265, MediaStream, Part, Read as _, Rtp, UlpFec, restore, rtcp};
use koosim_time::SimDuration;
use proptest::prelude::*;
use std::net::Ipv4Addr;

const SOURCES: Sources = Sources { video: 1, audio: 2, repair: 3, parity: 4, receiver: 5 };
const VIEWER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 3478);

fn options(codec: Codec, extensions: Extensions) -> SenderOptions {
    SenderOptions {
        codec,
        extensions,
        first_sequence: 65_530,
        fec: Some(FecOptions::default()),
        ..SenderOptions::new(
            SOURCES,
            ControlOptions::Fixed(BitRate::from_kbps(1_000_000)),
            ConnectionOptions::back_within(SimDuration::from_secs(300)),
        )
    }
}

fn any_extensions() -> impl Strategy<Value = Extensions> {
    prop::sample::select(vec![
        Extensions::None,
        Extensions::TransportSequence,
        Extensions::SendTime,
        Extensions::Both,
    ])
}

/// Units in front of the slice: each has the header of its format at least.
fn any_heads() -> impl Strategy<Value = [u8; HEADS_MAX]> {
    prop::array::uniform3(prop_oneof![Just(0), 2_u8..=u8::MAX])
}

fn written(writer: &mut Writer, packet: &Packet, piece: Option<&Piece>) -> Vec<u8> {
    let (at, mut out) = (SimTime::from_nanos(77_000_000), Vec::new());
    writer.write(at, packet, piece, &mut Filler, &mut out).unwrap();
    assert_eq!(out.len(), usize::try_from(packet.wire_len()).unwrap());
    out
}

/// What a sender makes of pictures: packets and where they lie.
fn packets(options: SenderOptions, frames: &[Frame]) -> Vec<(crate::packet::Media, Piece)> {
    let mut sender = Sender::new(SimTime::EPOCH, options);
    let (mut now, mut all) = (SimTime::EPOCH, Vec::new());
    for frame in frames {
        sender.handle(now, SenderInput::Frame(*frame));
        for _ in 0..40 {
            while let Some(output) = sender.poll(now) {
                if let SenderOutput::Send(Packet::Media(media)) = output {
                    all.push((media, sender.piece_of(&media).unwrap()));
                }
            }
            now = now + SimDuration::from_millis(1);
        }
    }
    all
}

/// The units that a depacketiser makes of payloads.
fn units(codec: Codec, payloads: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for payload in payloads {
        let (head, part, data) = match codec {
            Codec::H264 => match H264::parse_strictly(payload).unwrap() {
                (H264::Single(unit), None) => (vec![], None, unit.0),
                (H264::Fragment { importance, kind, part, data }, None) => {
                    (vec![importance << 5 | kind], Some(part), data)
                }
                other => panic!("{other:?}"),
            },
            Codec::H265 => match H265::parse_strictly(payload).unwrap() {
                (H265::Single(unit), None) => (vec![], None, unit.0),
                (H265::Fragment { header, part, data }, None) => {
                    (header.to_wire().to_vec(), Some(part), data)
                }
                other => panic!("{other:?}"),
            },
        };
        if matches!(part, None | Some(Part::Start)) {
            all.push(head);
        }
        all.last_mut().unwrap().extend_from_slice(data);
    }
    all
}

/// Sizes of the units of a picture, as the model says them.
fn modelled(frame: &Frame) -> Vec<usize> {
    let heads = frame.heads.into_iter().filter(|bytes| *bytes > 0).map(usize::from);
    let slice = usize::try_from(frame.bytes).unwrap() - heads.clone().sum::<usize>();
    heads.chain([slice]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A depacketiser makes units of exactly the modelled sizes, with exactly the bytes that were given, out of
    /// the packets, and out of their repeats; any one packet follows from parity over the others.
    #[test]
    fn pictures_come_out_as_they_were_cut(
        sizes in prop::collection::vec((800_u32..20_000, any_heads()), 1..4),
        h265: bool,
        extensions in any_extensions(),
        lost in any::<prop::sample::Index>(),
    ) {
        let codec = if h265 { Codec::H265 } else { Codec::H264 };
        let options = options(codec, extensions);
        let frames: Vec<_> = (0..).zip(&sizes).map(|(id, (bytes, heads))| {
            let (bytes, heads) = (*bytes, *heads);
            Frame { id, bytes, heads, back: u8::from(id > 0), timestamp: id * 1500 }
        }).collect();
        let mut writer = Writer::new(&options, VIEWER);
        let sent = packets(options, &frames);
        let bytes: Vec<_> = sent.iter()
            .map(|(media, piece)| written(&mut writer, &Packet::Media(*media), Some(piece)))
            .collect();
        let payload = |bytes: &Vec<u8>| Rtp::parse(bytes).unwrap().payload.to_vec();
        let all = units(codec, &bytes.iter().map(payload).collect::<Vec<_>>());
        let sizes: Vec<_> = frames.iter().flat_map(modelled).collect();
        prop_assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
        let whole = frames.iter().flat_map(|frame| {
            let frame = *frame;
            (0..).zip(modelled(&frame)).map(move |(number, size)| {
                let mut unit = vec![0; size];
                let bytes = u32::try_from(size).unwrap();
                Filler.picture(&Unit { codec, frame, number, bytes }, 0, &mut unit);
                unit
            })
        });
        prop_assert_eq!(&all, &whole.collect::<Vec<_>>());
        prop_assert!(all.iter().flatten().skip(1).all(|byte| *byte != 0));

        // Repeats.
        for ((sequence, original), (media, piece)) in (7..).zip(&bytes).zip(&sent) {
            let rtx = Rtx { sequence, ssrc: SOURCES.repair, media: *media };
            let repeated = written(&mut writer, &Packet::Rtx(rtx), Some(piece));
            let repeated = Rtp::parse(&repeated).unwrap();
            prop_assert_eq!((repeated.payload_type, repeated.ssrc), (REPAIR, SOURCES.repair));
            let stream = MediaStream { ssrc: SOURCES.video, payload_type: VIDEO };
            prop_assert_eq!(restore(&repeated, stream), Ok(Rtp::parse(original).unwrap()));
        }

        // Parity over the last packets, one of which is lost.
        let group = sent.len().min(usize::from(Fec::GROUP_MAX));
        let from = sent.len() - group;
        let longest = bytes[from..].iter().map(|packet| packet.len() - 12).max().unwrap();
        let fec = Fec {
            sequence: 9,
            transport_sequence: 10,
            base: sent[from].0.sequence,
            ssrc: SOURCES.parity,
            parity: [0; 2],
            mask: u16::MAX << (16 - group),
            longest: u16::try_from(longest).unwrap(),
            extensions,
        };
        let parity = written(&mut writer, &Packet::Fec(fec), None);
        let parity = Rtp::parse(&parity).unwrap();
        prop_assert_eq!((parity.payload_type, parity.timestamp), (PARITY, frames.last().unwrap().timestamp));
        let lost = from + lost.index(group);
        let rest = (from..sent.len()).filter(|place| *place != lost).map(|place| &bytes[place][..]);
        let mut back = Vec::new();
        UlpFec::parse(parity.payload).unwrap().recover(SOURCES.video, rest, &mut back).unwrap();
        prop_assert_eq!(&back, &bytes[lost]);
    }

    #[test]
    fn sound_and_padding_are_as_long_as_they_say(
        payload in 1_u16..1_200, bytes: u8, extensions in any_extensions(), number: u64,
    ) {
        let mut writer = Writer::new(&options(Codec::H264, extensions), VIEWER);
        let (sequence, transport_sequence) = (number, number);
        let (ssrc, timestamp) = (SOURCES.audio, low32(number));
        let audio = Audio { sequence, transport_sequence, ssrc, timestamp, payload, extensions };
        let out = written(&mut writer, &Packet::Audio(audio), None);
        let read = Rtp::parse_strictly(&out).unwrap();
        prop_assert_eq!((read.0.payload_type, read.0.sequence, read.1), (AUDIO, low16(number), None));
        prop_assert!(crate::wire::Opus::parse(read.0.payload).is_ok());
        let padding = Padding { sequence, transport_sequence, ssrc: SOURCES.repair, bytes, extensions };
        let out = written(&mut writer, &Packet::Padding(padding), None);
        let (read, freedom) = Rtp::parse_strictly(&out).unwrap();
        prop_assert_eq!((read.payload, read.padding, freedom), (&[][..], bytes, None));
        let wanted = matches!(extensions, Extensions::TransportSequence | Extensions::Both);
        let number = read.extensions.transport_sequence(TRANSPORT_SEQUENCE_ID);
        prop_assert_eq!(number, wanted.then(|| low16(transport_sequence)));
        let wanted = matches!(extensions, Extensions::SendTime | Extensions::Both);
        let time = read.extensions.abs_send_time(SEND_TIME_ID).map(crate::wire::AbsSendTime::ticks);
        // 77 ms in units of 2^-18 s.
        prop_assert_eq!(time, wanted.then_some(20_185));
    }

    #[test]
    fn reports_of_arrivals_are_as_long_as_they_say(
        steps in prop::collection::vec(prop::option::weighted(0.8, -600_i16..900), 1..64),
        marks in prop::collection::vec(prop::collection::vec(prop::option::of(0_u16..0x1ffe), 0..30), 0..4),
    ) {
        let mut writer = Writer::new(&options(Codec::H264, Extensions::None), VIEWER);
        let mut transport = TransportFeedback::new(SOURCES.receiver, 65_535, 3, 4);
        prop_assert!(steps.iter().all(|step| transport.push(step.map(i64::from))));
        let out = written(&mut writer, &Packet::TransportFeedback(Box::new(transport)), None);
        let (read, freedom) = rtcp::Packet::parse_strictly(&out).unwrap();
        let arrivals = rtcp::Arrivals::of(&steps);
        let (sender, media) = (SOURCES.receiver, SOURCES.video);
        let said = rtcp::TransportCc { sender, media, base: 65_535, reference: 3, count: 4, arrivals };
        prop_assert_eq!((read.body, freedom), (rtcp::Body::TransportCc(said), None));

        let mut congestion = CongestionFeedback::new(SOURCES.receiver, 9);
        for (ssrc, marks) in (1..).zip(&marks) {
            prop_assert!(congestion.begin_stream(ssrc, 7));
            for before in marks {
                let arrived = CongestionMetric::Arrived { ecn: Ecn::Congested, before: *before };
                let metric = if before.is_some() { arrived } else { CongestionMetric::Missing };
                prop_assert!(congestion.push(metric));
            }
        }
        let out = written(&mut writer, &Packet::CongestionFeedback(Box::new(congestion)), None);
        let (read, freedom) = rtcp::Packet::parse_strictly(&out).unwrap();
        let rtcp::Body::CongestionFeedback(said) = read.body else { panic!("{read:?}") };
        prop_assert_eq!((said.sender, said.timestamp, freedom), (SOURCES.receiver, 9, None));
        let metric = |before: &Option<u16>| before.map_or(rtcp::Metric::Lost, |before| {
            rtcp::Metric::Received { ecn: Ecn::Congested, before }
        });
        let read: Vec<Vec<_>> = said.streams.iter().map(|s| s.metrics.iter().collect()).collect();
        let sent: Vec<Vec<_>> = marks.iter().map(|m| m.iter().map(metric).collect()).collect();
        prop_assert_eq!(read, sent);
    }

    #[test]
    fn requests_and_reports_are_as_long_as_they_say(
        numbers in prop::collection::btree_set(any::<u16>(), 1..8), word: u32, ntp: u64,
        has_video: bool, has_audio: bool, bps in 0_u64..1 << 40,
    ) {
        let mut writer = Writer::new(&options(Codec::H264, Extensions::None), VIEWER);
        let mut nack = Nack::new(SOURCES.video);
        prop_assert!(numbers.iter().all(|number| nack.push(*number)));
        let block = ReportBlock { ssrc: 1, lost: -1, delay: word, ..ReportBlock::default() };
        let (video, audio) = (has_video.then_some(block), has_audio.then_some(block));
        let remb = Remb::new(SOURCES.video, BitRate::from_bps(bps));
        let (ssrc, timestamp) = (SOURCES.video, word);
        let report = SenderReport { ssrc, ntp, timestamp, packets: 1, bytes: 2 };
        let all = [
            (Packet::Nack(nack), 205),
            (Packet::Pli(Pli { ssrc }), 206),
            (Packet::Remb(remb), 206),
            (Packet::SenderReport(report), 200),
            (Packet::ReceiverReport(ReceiverReport { ssrc: SOURCES.receiver, video, audio }), 201),
            (Packet::ReferenceTime(ReferenceTime { ssrc: SOURCES.receiver, ntp }), 207),
            (Packet::DelaySince(DelaySince { ssrc, last_reference: word, delay: 3 }), 207),
        ];
        for (packet, kind) in &all {
            let out = written(&mut writer, packet, None);
            prop_assert_eq!(out[1], *kind);
            let (read, freedom) = rtcp::Packet::parse_strictly(&out).unwrap();
            prop_assert_eq!(freedom, None);
            match read.body {
                rtcp::Body::Nack(said) => {
                    prop_assert_eq!((said.sender, said.media), (SOURCES.receiver, SOURCES.video));
                    prop_assert!(said.sequences().eq(numbers.iter().copied()));
                }
                rtcp::Body::Remb(said) => {
                    prop_assert_eq!(said.bits_per_second(), remb.rate().bps());
                }
                rtcp::Body::SenderReport(said) => prop_assert_eq!(said.sent, crate::wire::NtpTime(ntp)),
                _ => {}
            }
        }
        for (packet, kind) in [
            (Packet::Check(Check { path: word }), [0, 1]),
            (Packet::CheckAnswer(Check { path: word }), [1, 1]),
        ] {
            prop_assert_eq!(&written(&mut writer, &packet, None)[..2], kind);
        }
    }
}

#[test]
fn what_is_not_known_has_no_bytes() {
    let options = options(Codec::H264, Extensions::None);
    let frame = Frame { id: 0, bytes: 3_000, heads: [0; 3], back: 0, timestamp: 0 };
    let sent = packets(options, &[frame]);
    let (media, piece) = sent[0];
    let (mut writer, mut out) = (Writer::new(&options, VIEWER), vec![7]);
    let fec = Fec {
        sequence: 0,
        transport_sequence: 0,
        base: media.sequence,
        ssrc: SOURCES.parity,
        parity: [0; 2],
        mask: 0x8000,
        longest: media.payload,
        extensions: Extensions::None,
    };
    let unplaced = Err(NoBytes::Unplaced(media.sequence));
    let other = Piece { bytes: piece.bytes + 1, ..piece };
    let late = Piece { frame: Frame { id: 1, ..frame }, ..piece };
    let (packet, parity) = (Packet::Media(media), Packet::Fec(fec));
    let long = Piece { bytes: 70_000, part: None, ..piece };
    for (packet, piece, expect) in [
        (&packet, None, unplaced),
        (&packet, Some(&other), unplaced),
        (&packet, Some(&late), unplaced),
        (&packet, Some(&long), unplaced),
        (&parity, None, Err(NoBytes::Unknown(media.sequence))),
    ] {
        let refused = writer.write(SimTime::EPOCH, packet, piece, &mut Filler, &mut out);
        assert_eq!((refused, &out[..]), (expect, &[7][..]));
    }
    written(&mut writer, &packet, Some(&piece));
    written(&mut writer, &parity, None);
    // Older packets make room for newer ones.
    for (number, (media, piece)) in (1..).zip(std::iter::repeat_n(sent[0], PROTECTED_MAX)) {
        let media = crate::packet::Media { sequence: media.sequence + number, ..media };
        written(&mut writer, &Packet::Media(media), Some(&piece));
    }
    let refused = writer.write(SimTime::EPOCH, &parity, None, &mut Filler, &mut out);
    assert_eq!(refused, Err(NoBytes::Unknown(media.sequence)));
}
