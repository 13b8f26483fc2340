//! Any value that each format can write, out of a source of choices. The programs that hold the formats
//! against foreign crates draw from here too.

use koosim_time::SimTime;
use koosim_transport::Ecn;
use koosim_transport::control;
use koosim_transport::wire::rtcp::{
    Arrivals, Body, CongestionFeedback, CongestionStream, DelaySince, Extended, ExtendedBlock, Fir,
    FirEntry, Goodbye, Metric, Nack, NackEntry, Other, Packet, Pli, ReceiverReport, Remb,
    ReportBlock, SdesChunk, SdesItem, SenderReport, SourceDescription, TransportCc,
};
use koosim_transport::wire::{
    Element, Entries, Extensions, FlexFec03, FlexMask, H264, H264Nal, H265, H265_AGGREGATE,
    H265Header, H265Nal, List, NtpTime, OneByte, Part, Rtp, Sums, TwoByte, UlpFec,
};

/// A source of choices.
pub(crate) trait Choose {
    /// A number from 0 to `most`.
    fn up_to(&mut self, most: u64) -> u64;
}

fn size(c: &mut dyn Choose, most: usize) -> usize {
    usize::try_from(c.up_to(u64::try_from(most).unwrap())).unwrap()
}

/// A number of so many bits; often one of its ends.
fn bits(c: &mut dyn Choose, bits: u32) -> u64 {
    let most = u64::MAX >> (64 - bits);
    match c.up_to(9) {
        8 => 0,
        9 => most,
        _ => c.up_to(most),
    }
}

fn u8s(c: &mut dyn Choose) -> u8 {
    u8::try_from(bits(c, 8)).unwrap()
}
fn u16s(c: &mut dyn Choose) -> u16 {
    u16::try_from(bits(c, 16)).unwrap()
}
fn u32s(c: &mut dyn Choose) -> u32 {
    u32::try_from(bits(c, 32)).unwrap()
}
fn i32s(c: &mut dyn Choose) -> i32 {
    u32s(c).cast_signed()
}
fn times(c: &mut dyn Choose) -> SimTime {
    SimTime::from_nanos(bits(c, 64).cast_signed())
}
fn flag(c: &mut dyn Choose) -> bool {
    c.up_to(1) == 1
}
fn list<T>(
    c: &mut dyn Choose,
    (least, most): (usize, usize),
    one: impl Fn(&mut dyn Choose) -> T,
) -> Vec<T> {
    let count = least + size(c, most - least);
    (0..count).map(|_| one(c)).collect()
}
fn bytes(c: &mut dyn Choose, least: usize, most: usize) -> Vec<u8> {
    list(c, (least, most), |c| u8s(c))
}
fn words(c: &mut dyn Choose, most: usize) -> Vec<u8> {
    let words = size(c, most);
    bytes(c, words * 4, words * 4)
}
fn letters(c: &mut dyn Choose, most: usize) -> Box<str> {
    let letters = ['a', '9', '+', 'é', '\u{4f60}', '\u{1f4f1}'];
    let mut text = String::new();
    for _ in 0..size(c, most / 4) {
        text.push(letters[size(c, letters.len() - 1)]);
    }
    text.into()
}

/// An RTP packet.
pub(crate) fn rtp(c: &mut dyn Choose, then: &mut dyn FnMut(&Rtp<'_>)) {
    let csrcs = list(c, (0, 15), |c| u32s(c));
    let kind = c.up_to(3);
    let lens = if kind == 1 { (1, 16) } else { (0, 40) };
    let data: Vec<(u8, Vec<u8>)> =
        list(c, (0, 4), |c| (1 + u8::try_from(c.up_to(13)).unwrap(), bytes(c, lens.0, lens.1)));
    let one: Vec<_> = data.iter().map(|(id, data)| OneByte(Element { id: *id, data })).collect();
    let two: Vec<_> = data.iter().map(|(id, data)| TwoByte(Element { id: *id, data })).collect();
    let other = words(c, 3);
    let app_bits = u8::try_from(c.up_to(15)).unwrap();
    let extensions = match kind {
        0 => Extensions::None,
        1 => Extensions::OneByte(Entries::of(&one)),
        2 => Extensions::TwoByte { app_bits, elements: Entries::of(&two) },
        _ => Extensions::Other { profile: 0x7000 | u16s(c) >> 4, data: &other },
    };
    let payload = bytes(c, 0, 60);
    then(&Rtp {
        marker: flag(c),
        payload_type: u8s(c) >> 1,
        sequence: u16s(c),
        timestamp: u32s(c),
        ssrc: u32s(c),
        csrcs: List::of(&csrcs),
        extensions,
        payload: &payload,
        padding: if flag(c) { u8s(c) } else { 0 },
    });
}

/// The formats of RTCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    SenderReport,
    ReceiverReport,
    SourceDescription,
    Goodbye,
    Nack,
    Pli,
    Fir,
    Remb,
    TransportCc,
    CongestionFeedback,
    Extended,
    Other,
}

impl Kind {
    pub(crate) const ALL: [Self; 12] = [
        Self::SenderReport,
        Self::ReceiverReport,
        Self::SourceDescription,
        Self::Goodbye,
        Self::Nack,
        Self::Pli,
        Self::Fir,
        Self::Remb,
        Self::TransportCc,
        Self::CongestionFeedback,
        Self::Extended,
        Self::Other,
    ];
}

fn block(c: &mut dyn Choose) -> ReportBlock {
    ReportBlock {
        ssrc: u32s(c),
        fraction_lost: u8s(c),
        lost: i32s(c) >> 8,
        highest_sequence: u32s(c),
        jitter: u32s(c),
        last_report: u32s(c),
        delay: u32s(c),
    }
}

fn arrival(c: &mut dyn Choose) -> Option<i16> {
    match c.up_to(9) {
        0..=2 => None,
        3 => Some(u16s(c).cast_signed()),
        _ => Some(i16::from(u8s(c))),
    }
}

/// Arrivals with runs, so that every kind of chunk is met.
fn arrivals(c: &mut dyn Choose) -> Vec<Option<i16>> {
    let runs = list(c, (1, 12), |c| {
        let one = arrival(c);
        let len = if c.up_to(3) == 0 { 1 + size(c, 40) } else { 1 };
        vec![one; len]
    });
    runs.concat()
}

fn metric(c: &mut dyn Choose) -> Metric {
    if c.up_to(2) == 0 {
        return Metric::Lost;
    }
    Metric::Received { ecn: Ecn::ALL[size(c, 3)], before: u16s(c) >> 3 }
}

/// An RTCP packet of one format, without padding.
pub(crate) fn rtcp(c: &mut dyn Choose, kind: Kind, then: &mut dyn FnMut(&Packet<'_>)) {
    let (sender, media) = (u32s(c), u32s(c));
    let blocks = list(c, (0, 31), block);
    let (extension, ssrcs) = (words(c, 2), list(c, (0, 31), |c| u32s(c)));
    let (blocks, extension, list_of_ssrcs) = (List::of(&blocks), &extension[..], List::of(&ssrcs));
    let mut say = |body: Body<'_>| then(&Packet { body, padding: 0 });
    match kind {
        Kind::SenderReport => say(Body::SenderReport(SenderReport {
            ssrc: sender,
            sent: NtpTime(bits(c, 64)),
            timestamp: u32s(c),
            packets: u32s(c),
            bytes: u32s(c),
            blocks,
            extension,
        })),
        Kind::ReceiverReport => {
            say(Body::ReceiverReport(ReceiverReport { ssrc: sender, blocks, extension }));
        }
        Kind::SourceDescription => sdes(c, &mut say),
        Kind::Goodbye => {
            let reason = bytes(c, 0, 60);
            let reason = flag(c).then_some(&reason[..]);
            say(Body::Goodbye(Goodbye { ssrcs: list_of_ssrcs, reason }));
        }
        Kind::Nack => {
            let entries = list(c, (1, 20), |c| NackEntry { sequence: u16s(c), mask: u16s(c) });
            say(Body::Nack(Nack { sender, media, entries: List::of(&entries) }));
        }
        Kind::Pli => say(Body::Pli(Pli { sender, media })),
        Kind::Fir => {
            let entries = list(c, (1, 5), |c| FirEntry { ssrc: u32s(c), sequence: u8s(c) });
            say(Body::Fir(Fir { sender, media, entries: List::of(&entries) }));
        }
        Kind::Remb => say(Body::Remb(Remb {
            sender,
            media: 0,
            exponent: u8s(c) >> 2,
            mantissa: u32s(c) >> 14,
            ssrcs: list_of_ssrcs,
        })),
        Kind::TransportCc => {
            let arrivals = arrivals(c);
            say(Body::TransportCc(TransportCc {
                sender,
                media,
                base: u16s(c),
                reference: u32s(c) >> 8,
                count: u8s(c),
                arrivals: Arrivals::of(&arrivals),
            }));
        }
        Kind::CongestionFeedback => congestion_feedback(c, &mut say),
        Kind::Extended => extended(c, &mut say),
        Kind::Other => {
            let count = u8s(c) >> 3;
            say(Body::Other(Other { count, kind: 204, body: extension }));
        }
    }
}

fn extended(c: &mut dyn Choose, say: &mut dyn FnMut(Body<'_>)) {
    let delay = |c: &mut dyn Choose| {
        let (ssrc, last_reference, delay) = (u32s(c), u32s(c), u32s(c));
        DelaySince { ssrc, last_reference, delay }
    };
    let said = list(c, (0, 4), |c| (c.up_to(2), list(c, (0, 3), delay), words(c, 2), bits(c, 64)));
    let blocks: Vec<_> = said
        .iter()
        .map(|(kind, delays, data, at)| match kind {
            0 => ExtendedBlock::ReferenceTime(NtpTime(*at)),
            1 => ExtendedBlock::Delays(List::of(delays)),
            _ => ExtendedBlock::Other { kind: 99, specific: 1, data },
        })
        .collect();
    let ssrc = u32s(c);
    say(Body::Extended(Extended { ssrc, blocks: Entries::of(&blocks) }));
}

fn sdes(c: &mut dyn Choose, say: &mut dyn FnMut(Body<'_>)) {
    let said = list(c, (0, 5), |c| {
        let item = |c: &mut dyn Choose| (1 + u8s(c) / 32, bytes(c, 0, 40));
        (u32s(c), list(c, (0, 3), item))
    });
    let items: Vec<Vec<SdesItem<'_>>> = said
        .iter()
        .map(|(_, items)| items.iter().map(|(kind, text)| SdesItem { kind: *kind, text }).collect())
        .collect();
    let chunks: Vec<SdesChunk<'_>> = said
        .iter()
        .zip(&items)
        .map(|((ssrc, _), items)| SdesChunk { ssrc: *ssrc, items: Entries::of(items) })
        .collect();
    say(Body::SourceDescription(SourceDescription { chunks: Entries::of(&chunks) }));
}

fn congestion_feedback(c: &mut dyn Choose, say: &mut dyn FnMut(Body<'_>)) {
    let said = list(c, (0, 3), |c| (u32s(c), u16s(c), list(c, (0, 30), metric)));
    let streams: Vec<_> = said
        .iter()
        .map(|(ssrc, begin, metrics)| {
            let (ssrc, begin, metrics) = (*ssrc, *begin, List::of(metrics));
            CongestionStream { ssrc, begin, metrics }
        })
        .collect();
    let (sender, streams, timestamp) = (u32s(c), Entries::of(&streams), u32s(c));
    say(Body::CongestionFeedback(CongestionFeedback { sender, streams, timestamp }));
}

fn h264_unit(c: &mut dyn Choose) -> Vec<u8> {
    let head = (u8s(c) & 0xe0) | (1 + u8::try_from(c.up_to(22)).unwrap());
    [vec![head], bytes(c, 0, 30)].concat()
}

fn part(c: &mut dyn Choose) -> Part {
    [Part::Start, Part::Middle, Part::End][size(c, 2)]
}

/// An H.264 payload.
pub(crate) fn h264(c: &mut dyn Choose, then: &mut dyn FnMut(&H264<'_>)) {
    let units = list(c, (1, 4), h264_unit);
    let units: Vec<_> = units.iter().map(|unit| H264Nal(unit)).collect();
    let importance = u8::try_from(c.up_to(7)).unwrap();
    match c.up_to(2) {
        0 => then(&H264::Single(units[0])),
        1 => then(&H264::Aggregate { importance, units: Entries::of(&units) }),
        _ => {
            let kind = 1 + u8::try_from(c.up_to(22)).unwrap();
            then(&H264::Fragment { importance, kind, part: part(c), data: units[0].0 });
        }
    }
}

fn h265_header(c: &mut dyn Choose) -> H265Header {
    H265Header {
        forbidden: flag(c),
        kind: u8::try_from(c.up_to(47)).unwrap(),
        layer: u8s(c) >> 2,
        temporal: 1 + u8::try_from(c.up_to(6)).unwrap(),
    }
}

/// An H.265 payload.
pub(crate) fn h265(c: &mut dyn Choose, then: &mut dyn FnMut(&H265<'_>)) {
    let unit = |c: &mut dyn Choose| [h265_header(c).to_wire().to_vec(), bytes(c, 0, 30)].concat();
    let units = list(c, (2, 4), unit);
    let units: Vec<_> = units.iter().map(|unit| H265Nal(unit)).collect();
    let header = h265_header(c);
    match c.up_to(2) {
        0 => then(&H265::Single(units[0])),
        1 => {
            let header = H265Header { kind: H265_AGGREGATE, ..header };
            then(&H265::Aggregate { header, units: Entries::of(&units) });
        }
        _ => then(&H265::Fragment { header, part: part(c), data: units[0].0 }),
    }
}

/// An Opus packet.
pub(crate) fn opus(c: &mut dyn Choose) -> Vec<u8> {
    let toc = u8s(c);
    let frame = |c: &mut dyn Choose| bytes(c, 0, 20);
    match toc & 3 {
        0 => [vec![toc], frame(c)].concat(),
        1 => {
            let first = frame(c);
            [vec![toc], first.clone(), first].concat()
        }
        2 => {
            let first = frame(c);
            [vec![toc, u8::try_from(first.len()).unwrap()], first, frame(c)].concat()
        }
        _ => {
            // Two frames are short enough whatever the configuration.
            let (first, second, padding) = (frame(c), frame(c), bytes(c, 0, 9));
            let len = u8::try_from(first.len()).unwrap();
            let count = u8::try_from(padding.len()).unwrap();
            [vec![toc, 0xc2, count, len], first, second, padding].concat()
        }
    }
}

fn sums(c: &mut dyn Choose) -> Sums {
    Sums { flags: u8s(c) >> 2, kind: u8s(c), len: u16s(c), timestamp: u32s(c) }
}

/// A parity payload of RFC 5109.
pub(crate) fn ulpfec(c: &mut dyn Choose, then: &mut dyn FnMut(&UlpFec<'_>)) {
    let parity = bytes(c, 0, 40);
    let long_mask = flag(c);
    let mask = bits(c, if long_mask { 48 } else { 16 }).max(1);
    then(&UlpFec { sums: sums(c), base: u16s(c), mask, long_mask, parity: &parity });
}

/// A parity payload of the flexible draft.
pub(crate) fn flexfec03(c: &mut dyn Choose, then: &mut dyn FnMut(&FlexFec03<'_>)) {
    let parity = bytes(c, 0, 40);
    let mask_size = [FlexMask::Short, FlexMask::Middle, FlexMask::Long][size(c, 2)];
    let any = u128::from(bits(c, 64)) << 64 | u128::from(bits(c, 64));
    let mask = (any >> (128 - u32::from(mask_size.span()))).max(1);
    let (ssrc, base) = (u32s(c), u16s(c));
    then(&FlexFec03 { sums: sums(c), ssrc, base, mask, mask_size, parity: &parity });
}

/// RTP packets of one stream with ascending numbers, as bytes.
pub(crate) fn group(c: &mut dyn Choose, most: usize, span: u64) -> Vec<Vec<u8>> {
    let count = 1 + size(c, most - 1);
    let (ssrc, mut sequence, mut left) = (u32s(c), u16s(c), span - 1);
    let mut packets = Vec::new();
    for place in 0..count {
        if place > 0 {
            let step = 1 + c.up_to((left / u64::try_from(count).unwrap()).saturating_sub(1));
            left -= step;
            sequence = sequence.wrapping_add(u16::try_from(step).unwrap());
        }
        rtp(c, &mut |packet| {
            let mut out = Vec::new();
            let packet = Rtp { ssrc, sequence, padding: 0, ..*packet };
            koosim_transport::wire::Write::write(&packet, &mut out).unwrap();
            packets.push(out);
        });
    }
    packets
}

fn one_of<T: Copy>(c: &mut dyn Choose, all: &[T]) -> T {
    all[size(c, all.len() - 1)]
}

fn input(c: &mut dyn Choose) -> control::Input<Box<str>> {
    let place = control::Place { x: i32s(c), y: i32s(c), width: u16s(c), height: u16s(c) };
    match c.up_to(6) {
        0 => control::Input::Key(control::Key {
            action: one_of(c, control::KeyAction::ALL),
            code: u32s(c),
            repeat: u32s(c),
            meta: u32s(c),
        }),
        1 => control::Input::Text(letters(c, 300)),
        2 => control::Input::Touch(control::Touch {
            action: one_of(c, control::TouchAction::ALL),
            pointer: bits(c, 64),
            place,
            pressure: u16s(c),
            action_button: u32s(c),
            buttons: u32s(c),
        }),
        3 => control::Input::Scroll(control::Scroll {
            place,
            horizontal: u16s(c).cast_signed(),
            vertical: u16s(c).cast_signed(),
            buttons: u32s(c),
        }),
        4 => control::Input::Back(one_of(c, control::BackAction::ALL)),
        5 => control::Input::Clipboard {
            sequence: bits(c, 64),
            paste: one_of(c, control::Paste::ALL),
            text: letters(c, 400),
        },
        _ => control::Input::Rotate,
    }
}

/// A message of the control channel.
pub(crate) fn message(c: &mut dyn Choose) -> control::Owned {
    use control::Message;
    let (id, at) = (u32s(c), times(c));
    let motion = control::Motion { at, x: i32s(c), y: i32s(c), z: i32s(c) };
    match c.up_to(10) {
        0 => {
            let (width, height) = (u16s(c), u16s(c));
            Message::Rotation(control::Rotation { width, height })
        }
        1 => Message::Clipboard(letters(c, 400)),
        2 => {
            let (state, number) = (one_of(c, control::CallState::ALL), letters(c, 32));
            Message::Call(control::Call { id, state, number })
        }
        3 => {
            let (action, number) = (one_of(c, control::CallAction::ALL), letters(c, 32));
            Message::CallRequest(control::CallRequest { id, action, number })
        }
        4 => {
            let (number, text) = (letters(c, 32), letters(c, 400));
            Message::Sms(control::Sms { id, at, number, text })
        }
        5 => {
            let outcome = one_of(c, control::SmsOutcome::ALL);
            Message::SmsResult(control::SmsResult { id, outcome })
        }
        6 => Message::Location(control::Location {
            at,
            latitude: i32s(c) % 900_000_001,
            longitude: i32s(c) % 1_800_000_001,
            altitude_cm: i32s(c),
            accuracy_cm: u32s(c),
        }),
        7 => Message::Gyroscope(motion),
        8 => Message::Accelerometer(motion),
        9 => Message::Notice(control::Notice { kind: one_of(c, control::NoticeKind::ALL), at }),
        _ => Message::Input(control::Stamp { number: id, at }, input(c)),
    }
}

/// A packet of the control channel.
pub(crate) fn control_packet(c: &mut dyn Choose) -> control::Packet {
    if c.up_to(4) == 0 {
        return control::Packet::Ack(control::Ack { next: u32s(c), beyond: bits(c, 64) });
    }
    control::Packet::Data(list(c, (0, 5), |c| {
        let content = match c.up_to(2) {
            0 => control::Content::Whole(message(c)),
            1 => control::Content::Part { is_last: flag(c), bytes: bytes(c, 0, 40).into() },
            _ => control::Content::Droppable { after: u32s(c), message: message(c) },
        };
        control::Chunk { number: u32s(c), content }
    }))
}
