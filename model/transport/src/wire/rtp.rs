//! RTP packets (T2.1, RFC 3550 section 5.1).

use crate::wire::cursor::{Cursor, Read, Write, low8, zeros};
use crate::wire::error::{Format, Found, Freedom, Malformed, Unwritable};
use crate::wire::extension::Extensions;
use crate::wire::list::List;

/// Bytes of the fixed header.
pub const RTP_HEADER_LEN: usize = 12;
/// Most contributing sources of a packet.
pub const CSRCS_MAX: usize = 15;
/// The version of RTP and RTCP.
pub(crate) const VERSION: u8 = 2;
const PADDING: u8 = 0x20;
const EXTENSION: u8 = 0x10;
const MARKER: u8 = 0x80;

/// An RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtp<'a> {
    /// The payload's own mark; for video, the last packet of a picture.
    pub marker: bool,
    /// 0 to 127.
    pub payload_type: u8,
    /// Counts the packets of the stream, modulo 2^16.
    pub sequence: u16,
    /// Media time of the first byte, in the payload's clock, modulo 2^32.
    pub timestamp: u32,
    /// The stream.
    pub ssrc: u32,
    /// Sources that were mixed into it, at most [`CSRCS_MAX`].
    pub csrcs: List<'a, u32, 4>,
    /// Header extensions.
    pub extensions: Extensions<'a>,
    /// What is carried, without padding.
    pub payload: &'a [u8],
    /// Bytes of padding, their count included; 0 is none.
    pub padding: u8,
}

impl<'a> Read<'a> for Rtp<'a> {
    const FORMAT: Format = Format::Rtp;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let [flags, kind] = cursor.array()?;
        if flags >> 6 != VERSION {
            return Err(cursor.fail_before(2, Found::Version(flags >> 6)));
        }
        let (sequence, timestamp, ssrc) = (cursor.u16()?, cursor.u32()?, cursor.u32()?);
        let csrcs = List::read(cursor.pieces(usize::from(flags & 15))?);
        let extensions =
            if flags & EXTENSION == 0 { Extensions::None } else { Extensions::read(cursor)? };
        let padding = if flags & PADDING == 0 { 0 } else { padding_count(cursor)? };
        let payload = cursor.take(cursor.left().len() - usize::from(padding))?;
        read_padding(cursor, padding)?;
        let (marker, payload_type) = (kind & MARKER != 0, kind & !MARKER);
        Ok(Self {
            marker,
            payload_type,
            sequence,
            timestamp,
            ssrc,
            csrcs,
            extensions,
            payload,
            padding,
        })
    }
}

/// The count of padding in the last byte of what is left: at least itself, at most all of it.
pub(crate) fn padding_count(cursor: &Cursor<'_>) -> Result<u8, Malformed> {
    match cursor.left().last() {
        Some(&count) if count > 0 && usize::from(count) <= cursor.left().len() => Ok(count),
        count => {
            let found = Found::Padding(count.map_or(0, |count| usize::from(*count)));
            Err(cursor.fail(found))
        }
    }
}

/// Takes `count` bytes of padding with their count.
pub(crate) fn read_padding(cursor: &mut Cursor<'_>, count: u8) -> Result<(), Malformed> {
    if let Some((_, zeros)) = cursor.take(usize::from(count))?.split_last() {
        cursor.note_if(zeros.iter().any(|byte| *byte != 0), Freedom::PaddingNotZero);
    }
    Ok(())
}

/// Appends `count` bytes of padding with their count.
pub(crate) fn put_padding(out: &mut Vec<u8>, count: u8) {
    if count > 0 {
        zeros(out, usize::from(count) - 1);
        out.push(count);
    }
}

impl Rtp<'_> {
    /// Bytes in front of the payload.
    pub fn header_len(&self) -> usize {
        RTP_HEADER_LEN + self.csrcs.len() * 4 + self.extensions.wire_len()
    }

    /// Appends all that stands in front of the payload.
    pub(crate) fn put_header(&self, out: &mut Vec<u8>) {
        let padding = if self.padding > 0 { PADDING } else { 0 };
        let extension = if self.extensions == Extensions::None { 0 } else { EXTENSION };
        let marker = if self.marker { MARKER } else { 0 };
        let csrcs = low8(self.csrcs.len());
        out.extend_from_slice(&[VERSION << 6 | padding | extension | csrcs]);
        out.extend_from_slice(&[marker | self.payload_type]);
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        self.csrcs.put(out);
        self.extensions.put(out);
    }
}

impl Write for Rtp<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        Unwritable::limit("payload type", usize::from(self.payload_type), 127)?;
        Unwritable::limit("contributing sources", self.csrcs.len(), CSRCS_MAX)?;
        self.extensions.check()
    }
    fn wire_len(&self) -> usize {
        self.header_len() + self.payload.len() + usize::from(self.padding)
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.put_header(out);
        out.extend_from_slice(self.payload);
        put_padding(out, self.padding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: [u8; 14] =
        [0x80, 0xe0, 0x12, 0x34, 0, 0, 0x23, 0x28, 0xde, 0xad, 0xbe, 0xef, 1, 2];

    fn refused(bytes: &[u8]) -> (usize, Found) {
        let refused = Rtp::parse(bytes).unwrap_err();
        (refused.at, refused.found)
    }

    /// T2.1.
    #[test]
    fn the_fixed_header_of_rfc_3550_section_5_1() {
        let (packet, freedom) = Rtp::parse_strictly(&PLAIN).unwrap();
        assert_eq!((packet.marker, packet.payload_type, packet.sequence), (true, 96, 0x1234));
        assert_eq!((packet.timestamp, packet.ssrc), (9000, 0xdead_beef));
        assert_eq!((packet.payload, packet.padding, freedom), (&[1, 2][..], 0, None));
    }

    /// T2.1.
    #[test]
    fn sources_extension_and_padding() {
        let mut bytes = vec![0xb2, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5];
        bytes.extend([0xab, 0xcd, 0, 1, 9, 9, 9, 9, b'x', 0, 0, 3]);
        let (packet, freedom) = Rtp::parse_strictly(&bytes).unwrap();
        assert_eq!(packet.csrcs, List::of(&[4, 5]));
        assert_eq!(packet.extensions, Extensions::Other { profile: 0xabcd, data: &[9; 4] });
        assert_eq!((packet.payload, packet.padding, freedom), (&b"x"[..], 3, None));
        let mut again = Vec::new();
        packet.write(&mut again).unwrap();
        assert_eq!((again.len(), &again), (packet.wire_len(), &bytes));
        bytes[29] = 7;
        let freedom = Rtp::parse_strictly(&bytes).unwrap().1;
        assert_eq!(freedom, Some(Freedom::PaddingNotZero));
    }

    #[test]
    fn what_is_malformed_is_refused_with_its_place() {
        assert_eq!(refused(&[]), (0, Found::Short { needed: 2, left: 0 }));
        assert_eq!(refused(&PLAIN[..11]), (8, Found::Short { needed: 4, left: 3 }));
        assert_eq!(refused(&[0x40; 12]), (0, Found::Version(1)));
        let mut sources = PLAIN;
        sources[0] |= 1;
        assert_eq!(refused(&sources), (12, Found::Short { needed: 4, left: 2 }));
        let mut padded = PLAIN;
        padded[0] |= 0x20;
        for (count, refuses) in [(0, true), (1, false), (2, false), (3, true)] {
            padded[13] = count;
            assert_eq!(Rtp::parse(&padded).is_err(), refuses);
        }
        assert_eq!(refused(&padded), (12, Found::Padding(3)));
    }

    #[test]
    fn what_a_field_cannot_hold_is_not_written() {
        let packet = Rtp::parse(&PLAIN).unwrap();
        let sources = [0; 16];
        let mut out = vec![7];
        for wrong in [
            Rtp { payload_type: 128, ..packet },
            Rtp { csrcs: List::of(&sources), ..packet },
            Rtp { extensions: Extensions::Other { profile: 0xbede, data: &[] }, ..packet },
            Rtp { extensions: Extensions::Other { profile: 1, data: &[1] }, ..packet },
        ] {
            assert!(wrong.write(&mut out).is_err());
            assert_eq!(out, [7]);
        }
    }
}
