//! Sources that leave (RFC 3550 section 6.6).

use crate::wire::cursor::{Cursor, Write, low8};
use crate::wire::error::{Format, Freedom, Malformed, Unwritable};
use crate::wire::list::List;

/// Sources are counted in five bits.
const SOURCES_MAX: usize = 31;

/// Sources that leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goodbye<'a> {
    /// At most 31.
    pub ssrcs: List<'a, u32, 4>,
    /// Why, at most 255 bytes, meant as UTF-8. An empty reason is not the same as none.
    pub reason: Option<&'a [u8]>,
}

impl<'a> Goodbye<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>, count: u8) -> Result<Self, Malformed> {
        cursor.name(Format::Goodbye);
        let ssrcs = List::read(cursor.pieces(usize::from(count))?);
        if cursor.left().is_empty() {
            return Ok(Self { ssrcs, reason: None });
        }
        let len = usize::from(cursor.u8()?);
        let reason = cursor.take(len)?;
        // Zeros up to the next word are the packet's. Whole words of them are too many.
        let words = cursor.left().len() / 4 * 4;
        cursor.note_if(words > 0, Freedom::PaddingPlaced);
        cursor.padding(words)?;
        Ok(Self { ssrcs, reason: Some(reason) })
    }
}

impl Write for Goodbye<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        Unwritable::limit("sources", self.ssrcs.len(), SOURCES_MAX)?;
        Unwritable::limit("reason", self.reason.map_or(0, <[u8]>::len), usize::from(u8::MAX))
    }
    fn wire_len(&self) -> usize {
        self.ssrcs.len() * 4 + self.reason.map_or(0, |text| 1 + text.len())
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.ssrcs.put(out);
        if let Some(text) = self.reason {
            out.push(low8(text.len()));
            out.extend_from_slice(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Read;
    use crate::wire::rtcp::{Body, Packet};

    #[test]
    fn a_reason_fills_its_word() {
        let bytes = [0x81, 203, 0, 3, 0, 0, 0, 7, 4, b'm', b'o', b'v', b'e', 0, 0, 0];
        let packet = Packet::parse(&bytes).unwrap();
        let reason = Some(&b"move"[..]);
        assert_eq!(packet.body, Body::Goodbye(Goodbye { ssrcs: List::of(&[7]), reason }));
        let mut again = Vec::new();
        packet.write(&mut again).unwrap();
        assert_eq!(again, bytes);
        let quiet = Packet::parse(&bytes[..0]);
        assert!(quiet.is_err());
    }

    /// webrtc-rs counts the bytes that fill the word as padding.
    #[test]
    fn a_reason_may_end_with_counted_padding() {
        let bytes = [0xa1, 203, 0, 2, 0, 0, 0, 7, 1, b'x', 0, 2];
        let (packet, freedom) = Packet::parse_strictly(&bytes).unwrap();
        let reason = Some(&b"x"[..]);
        let body = Body::Goodbye(Goodbye { ssrcs: List::of(&[7]), reason });
        assert_eq!((packet, freedom), (Packet { body, padding: 2 }, None));
        let mut again = Vec::new();
        packet.write(&mut again).unwrap();
        assert_eq!(again, bytes);
    }

    #[test]
    fn an_empty_reason_is_not_none() {
        let (none, empty) = ([0x80, 203, 0, 0], [0x80, 203, 0, 1, 0, 0, 0, 0]);
        let reason = |bytes: &[u8]| match Packet::parse(bytes).unwrap().body {
            Body::Goodbye(goodbye) => goodbye.reason.map(<[u8]>::len),
            other => panic!("{other:?}"),
        };
        assert_eq!((reason(&none), reason(&empty)), (None, Some(0)));
        let long = [0x80, 203, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Packet::parse_strictly(&long).unwrap().1, Some(Freedom::PaddingPlaced));
    }
}
