//! The common header of RTCP packets (RFC 3550 section 6.4.1) and compounds (section 6.1).

use crate::wire::cursor::{Cursor, Read, Write, low8, low16, padding_to_word, zeros};
use crate::wire::error::{Format, Found, Malformed, Unwritable};
use crate::wire::rtcp::{
    CongestionFeedback, Extended, Fir, Goodbye, Nack, Pli, ReceiverReport, Remb, SenderReport,
    SourceDescription, TransportCc,
};
use crate::wire::rtp::{VERSION, padding_count, put_padding, read_padding};

/// Bytes of the common header.
const HEADER_LEN: usize = 4;
/// The longest packet: its length is counted in 16 bits, in words less one.
pub const PACKET_LEN_MAX: usize = (1 << 16) * 4;
const PADDING: u8 = 0x20;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
const EXTENDED: u8 = 207;

const NACK: u8 = 1;
const CONGESTION_FEEDBACK: u8 = 11;
const TRANSPORT_CC: u8 = 15;
const PICTURE_LOSS: u8 = 1;
const FULL_INTRA: u8 = 4;
const APPLICATION: u8 = 15;
/// What an application's feedback begins with, behind both sources, if it is an estimate.
const REMB_NAME: &[u8; 4] = b"REMB";

/// One RTCP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What it says.
    pub body: Body<'a>,
    /// Bytes of padding, their count included; 0 is none.
    pub padding: u8,
}

/// What an RTCP packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// Payload type 200.
    SenderReport(SenderReport<'a>),
    /// Payload type 201.
    ReceiverReport(ReceiverReport<'a>),
    /// Payload type 202.
    SourceDescription(SourceDescription<'a>),
    /// Payload type 203.
    Goodbye(Goodbye<'a>),
    /// Payload type 205, format 1.
    Nack(Nack<'a>),
    /// Payload type 206, format 1.
    Pli(Pli),
    /// Payload type 206, format 4.
    Fir(Fir<'a>),
    /// Payload type 206, format 15, named REMB.
    Remb(Remb<'a>),
    /// Payload type 205, format 15.
    TransportCc(TransportCc<'a>),
    /// Payload type 205, format 11.
    CongestionFeedback(CongestionFeedback<'a>),
    /// Payload type 207.
    Extended(Extended<'a>),
    /// Anything else: receivers pass over what they do not know (RFC 3550 section 6.1).
    Other(Other<'a>),
}

/// A packet of a type that has no format here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other<'a> {
    /// Five bits: a count, a subtype or a feedback format.
    pub count: u8,
    /// The payload type.
    pub kind: u8,
    /// Everything behind the common header, a whole number of words.
    pub body: &'a [u8],
}

impl<'a> Body<'a> {
    fn read(cursor: &mut Cursor<'a>, kind: u8, count: u8) -> Result<Self, Malformed> {
        Ok(match (kind, count) {
            (SENDER_REPORT, _) => Self::SenderReport(SenderReport::read(cursor, count)?),
            (RECEIVER_REPORT, _) => Self::ReceiverReport(ReceiverReport::read(cursor, count)?),
            (SOURCE_DESCRIPTION, _) => {
                Self::SourceDescription(SourceDescription::read(cursor, count)?)
            }
            (GOODBYE, _) => Self::Goodbye(Goodbye::read(cursor, count)?),
            (EXTENDED, _) => Self::Extended(Extended::read(cursor, count)?),
            (TRANSPORT_FEEDBACK, NACK) => Self::Nack(Nack::read(cursor)?),
            (TRANSPORT_FEEDBACK, TRANSPORT_CC) => Self::TransportCc(TransportCc::read(cursor)?),
            (TRANSPORT_FEEDBACK, CONGESTION_FEEDBACK) => {
                Self::CongestionFeedback(CongestionFeedback::read(cursor)?)
            }
            (PAYLOAD_FEEDBACK, PICTURE_LOSS) => Self::Pli(Pli::read(cursor)?),
            (PAYLOAD_FEEDBACK, FULL_INTRA) => Self::Fir(Fir::read(cursor)?),
            (PAYLOAD_FEEDBACK, APPLICATION) if is_remb(cursor.left()) => {
                Self::Remb(Remb::read(cursor)?)
            }
            _ => Self::Other(Other { count, kind, body: cursor.rest() }),
        })
    }

    /// Payload type and the five bits in front of it.
    fn head(&self) -> (u8, usize) {
        match self {
            Self::SenderReport(report) => (SENDER_REPORT, report.blocks.len()),
            Self::ReceiverReport(report) => (RECEIVER_REPORT, report.blocks.len()),
            Self::SourceDescription(sdes) => (SOURCE_DESCRIPTION, sdes.chunks.iter().count()),
            Self::Goodbye(goodbye) => (GOODBYE, goodbye.ssrcs.len()),
            Self::Nack(_) => (TRANSPORT_FEEDBACK, usize::from(NACK)),
            Self::Pli(_) => (PAYLOAD_FEEDBACK, usize::from(PICTURE_LOSS)),
            Self::Fir(_) => (PAYLOAD_FEEDBACK, usize::from(FULL_INTRA)),
            Self::Remb(_) => (PAYLOAD_FEEDBACK, usize::from(APPLICATION)),
            Self::TransportCc(_) => (TRANSPORT_FEEDBACK, usize::from(TRANSPORT_CC)),
            Self::CongestionFeedback(_) => (TRANSPORT_FEEDBACK, usize::from(CONGESTION_FEEDBACK)),
            Self::Extended(_) => (EXTENDED, 0),
            Self::Other(other) => (other.kind, usize::from(other.count)),
        }
    }

    fn as_write(&self) -> &dyn Write {
        match self {
            Self::SenderReport(body) => body,
            Self::ReceiverReport(body) => body,
            Self::SourceDescription(body) => body,
            Self::Goodbye(body) => body,
            Self::Nack(body) => body,
            Self::Pli(body) => body,
            Self::Fir(body) => body,
            Self::Remb(body) => body,
            Self::TransportCc(body) => body,
            Self::CongestionFeedback(body) => body,
            Self::Extended(body) => body,
            Self::Other(body) => body,
        }
    }

    /// Whether it may end inside a word, which zeros fill, or padding that is counted.
    const fn ends_inside(&self) -> bool {
        matches!(self, Self::TransportCc(_) | Self::Goodbye(_))
    }
    fn has_cname(&self) -> bool {
        matches!(self, Self::SourceDescription(sdes) if sdes.has_cname())
    }
    const fn is_report(&self) -> bool {
        matches!(self, Self::SenderReport(_) | Self::ReceiverReport(_))
    }
}

fn is_remb(body: &[u8]) -> bool {
    body.get(8..12) == Some(REMB_NAME)
}

impl Write for Other<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        let known = match (self.kind, self.count) {
            (SENDER_REPORT..=GOODBYE | EXTENDED, _)
            | (TRANSPORT_FEEDBACK, NACK | CONGESTION_FEEDBACK | TRANSPORT_CC)
            | (PAYLOAD_FEEDBACK, PICTURE_LOSS | FULL_INTRA) => true,
            (PAYLOAD_FEEDBACK, APPLICATION) => is_remb(self.body),
            _ => false,
        };
        if known {
            return Err(Unwritable::Ambiguous("RTCP packet"));
        }
        Unwritable::multiple("RTCP packet", self.body.len(), 4)
    }
    fn wire_len(&self) -> usize {
        self.body.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.body);
    }
}

impl<'a> Read<'a> for Packet<'a> {
    const FORMAT: Format = Format::Rtcp;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        cursor.name(Format::Rtcp);
        let [flags, kind] = cursor.array()?;
        if flags >> 6 != VERSION {
            return Err(cursor.fail_before(2, Found::Version(flags >> 6)));
        }
        let len = usize::from(cursor.u16()?) * 4;
        let mut part = cursor.split(Format::Rtcp, len)?;
        let padding = if flags & PADDING == 0 { 0 } else { padding_count(&part)? };
        let mut content = part.split(Format::Rtcp, len - usize::from(padding))?;
        let body = Body::read(&mut content, kind, flags & 31)?;
        let (own, fills) = (content.left().len(), padding.is_multiple_of(4));
        if body.ends_inside() && fills && (1..4).contains(&own) {
            content.padding(own)?;
        } else if !body.ends_inside() && !fills {
            return Err(part.fail(Found::Padding(usize::from(padding))));
        }
        part.close(&content)?;
        read_padding(&mut part, padding)?;
        cursor.close(&part)?;
        // Written with other chunks, the same arrivals may end at another place in a word.
        let padding = if fills {
            padding
        } else {
            padding - padding % 4 + low8(padding_to_word(body.as_write().wire_len()))
        };
        Ok(Self { body, padding })
    }
}

impl Packet<'_> {
    /// Zeros that fill the word, unless padding with a count does.
    fn fill(&self) -> usize {
        let own = self.body.as_write().wire_len();
        let counted = (own + usize::from(self.padding)).is_multiple_of(4);
        if counted { 0 } else { padding_to_word(own) }
    }
}

impl Write for Packet<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        self.body.as_write().check()?;
        Unwritable::limit("RTCP count", self.body.head().1, 31)?;
        let len = self.wire_len();
        Unwritable::multiple("RTCP packet", len, 4)?;
        Unwritable::limit("RTCP packet", len, PACKET_LEN_MAX)
    }
    fn wire_len(&self) -> usize {
        let own = self.body.as_write().wire_len();
        HEADER_LEN + own + self.fill() + usize::from(self.padding)
    }
    fn put(&self, out: &mut Vec<u8>) {
        let (kind, count) = self.body.head();
        let padding = if self.padding > 0 { PADDING } else { 0 };
        let words = (self.wire_len() - HEADER_LEN) / 4;
        out.extend_from_slice(&[VERSION << 6 | padding | low8(count), kind]);
        out.extend_from_slice(&low16(words).to_be_bytes());
        self.body.as_write().put(out);
        zeros(out, self.fill());
        put_padding(out, self.padding);
    }
}

/// Which compounds are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Composition {
    /// A report first, a CNAME among the rest, and padding at most in the last (RFC 3550 section 6.1).
    Full,
    /// Any packets (RFC 5506), as browsers send them: a packet in front of others may be padded too.
    Reduced,
}

/// The packets of a compound, in order. Ends with the first error.
pub fn packets(
    bytes: &[u8],
    composition: Composition,
) -> impl Iterator<Item = Result<Packet<'_>, Malformed>> {
    let mut walk = Walk {
        cursor: Cursor::new(Format::Rtcp, bytes),
        state: State::Begin,
        padded: false,
        named: false,
    };
    std::iter::from_fn(move || walk.step(composition))
}

/// Where a walk through a compound is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Begin,
    Inside,
    Ended,
}

struct Walk<'a> {
    cursor: Cursor<'a>,
    state: State,
    padded: bool,
    named: bool,
}

impl<'a> Walk<'a> {
    fn step(&mut self, composition: Composition) -> Option<Result<Packet<'a>, Malformed>> {
        let step = self.try_step(composition);
        if matches!(step, Err(_) | Ok(None)) {
            self.state = State::Ended;
        }
        step.transpose()
    }
    fn try_step(&mut self, composition: Composition) -> Result<Option<Packet<'a>>, Malformed> {
        let full = composition == Composition::Full;
        match (self.state, self.cursor.left().is_empty()) {
            (State::Ended, _) => return Ok(None),
            (State::Inside, true) if full && !self.named => {
                return Err(self.cursor.fail(Found::Missing("CNAME")));
            }
            (State::Inside, true) => return Ok(None),
            (State::Begin, _) | (State::Inside, false) => {}
        }
        if full && self.padded {
            return Err(self.cursor.fail(Found::Misplaced("padding")));
        }
        let before = self.cursor.clone();
        let packet = Packet::read(&mut self.cursor)?;
        if full && self.state == State::Begin && !packet.body.is_report() {
            return Err(before.fail(Found::Missing("report")));
        }
        self.state = State::Inside;
        self.padded = packet.padding > 0;
        self.named |= packet.body.has_cname();
        Ok(Some(packet))
    }
}

/// Appends a compound. Nothing is appended if it may not be.
///
/// # Errors
/// A packet that cannot be written, and what a full compound lacks.
pub fn put_all(
    packets: &[Packet<'_>],
    composition: Composition,
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    packets.iter().try_for_each(Write::check)?;
    if composition == Composition::Full {
        if !packets.first().is_some_and(|first| first.body.is_report()) {
            return Err(Unwritable::Missing("report"));
        }
        if !packets.iter().any(|packet| packet.body.has_cname()) {
            return Err(Unwritable::Missing("CNAME"));
        }
        if packets.iter().rev().skip(1).any(|packet| packet.padding > 0) {
            return Err(Unwritable::Missing("place for padding in front of the last packet"));
        }
    }
    for packet in packets {
        packet.put(out);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(bytes: &[u8], composition: Composition) -> Vec<String> {
        let said = packets(bytes, composition).map(|packet| match packet {
            Ok(packet) => format!("{} +{}", packet.body.head().0, packet.padding),
            Err(error) => error.to_string(),
        });
        said.collect()
    }

    const REPORT: [u8; 8] = [0x80, 201, 0, 1, 0, 0, 0, 1];
    const PLI: [u8; 12] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];

    const NAMED: [u8; 20] =
        [0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, b'a', 0];

    #[test]
    fn a_compound_begins_with_a_report_and_has_a_name() {
        let full = [&NAMED[..], &PLI].concat();
        assert_eq!(walk(&full, Composition::Full), ["201 +0", "202 +0", "206 +0"]);
        assert_eq!(walk(&PLI, Composition::Full), ["RTCP, byte 0: report missing"]);
        let unnamed = [&REPORT[..], &PLI].concat();
        let said = walk(&unnamed, Composition::Full);
        assert_eq!(said, ["201 +0", "206 +0", "RTCP, byte 20: CNAME missing"]);
        assert_eq!(walk(&unnamed, Composition::Reduced), ["201 +0", "206 +0"]);
        let none = ["RTCP, byte 0: 0 bytes where 2 are needed"];
        assert_eq!(walk(&[], Composition::Reduced), none);
    }

    #[test]
    fn only_the_last_packet_of_a_full_compound_is_padded() {
        let padded = [0xa0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4];
        let last = [&NAMED[..], &padded].concat();
        assert_eq!(walk(&last, Composition::Full), ["201 +0", "202 +0", "201 +4"]);
        let first = [&padded[..], &NAMED].concat();
        let said = ["201 +4", "RTCP, byte 12: padding out of place"];
        assert_eq!(walk(&first, Composition::Full), said);
        assert_eq!(walk(&first, Composition::Reduced), ["201 +4", "201 +0", "202 +0"]);
        let read = |bytes| packets(bytes, Composition::Reduced).map(Result::unwrap);
        let (first, last): (Vec<_>, Vec<_>) = (read(&first).collect(), read(&last).collect());
        let mut out = Vec::new();
        assert!(put_all(&first, Composition::Full, &mut out).is_err() && out.is_empty());
        for composition in [Composition::Full, Composition::Reduced] {
            put_all(&last, composition, &mut out).unwrap();
        }
        put_all(&first, Composition::Reduced, &mut out).unwrap();
        assert_eq!(out.len(), 3 * (NAMED.len() + padded.len()));
    }

    #[test]
    fn a_full_compound_lacks_nothing() {
        let packets: Vec<_> = packets(&NAMED, Composition::Full).map(Result::unwrap).collect();
        let lacks = |packets: &[Packet<'_>]| {
            put_all(packets, Composition::Full, &mut Vec::new()).unwrap_err()
        };
        assert_eq!(lacks(&packets[..1]), Unwritable::Missing("CNAME"));
        assert_eq!(lacks(&packets[1..]), Unwritable::Missing("report"));
        assert_eq!(lacks(&[]), Unwritable::Missing("report"));
    }

    #[test]
    fn padding_fills_words() {
        let odd = [0xa1, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        assert_eq!(walk(&odd, Composition::Reduced), ["RTCP, byte 13: 3 bytes of padding"]);
        let odd = [0xa1, 204, 0, 1, 0, 0, 0, 1];
        assert_eq!(walk(&odd, Composition::Reduced), ["RTCP, byte 7: 1 bytes of padding"]);
        let all = [0xa1, 204, 0, 1, 0, 0, 0, 5];
        assert_eq!(walk(&all, Composition::Reduced), ["RTCP, byte 4: 5 bytes of padding"]);
    }

    #[test]
    fn lengths_and_versions_are_held_to() {
        let long = [0x80, 201, 0, 2, 0, 0, 0, 1];
        let said = ["RTCP, byte 4: 4 bytes where 8 are needed"];
        assert_eq!(walk(&long, Composition::Reduced), said);
        assert_eq!(walk(&[0; 8], Composition::Reduced), ["RTCP, byte 0: version 0"]);
        let mut pli = [PLI.to_vec(), vec![0; 4]].concat();
        pli[3] = 3;
        let said = walk(&pli, Composition::Reduced);
        assert_eq!(said, ["PLI, byte 12: 4 bytes after the end"]);
    }

    #[test]
    fn what_is_not_known_is_passed_on() {
        let application = [0x85, 204, 0, 2, 0, 0, 0, 1, b'n', b'a', b'm', b'e'];
        let packet = Packet::parse(&application).unwrap();
        let body = application.get(4..).unwrap();
        assert_eq!(packet.body, Body::Other(Other { count: 5, kind: 204, body }));
        let pli = Body::Other(Other { count: 1, kind: 206, body: &[0; 8] });
        let written = Packet { body: pli, padding: 0 }.write(&mut Vec::new());
        assert_eq!(written, Err(Unwritable::Ambiguous("RTCP packet")));
    }
}
