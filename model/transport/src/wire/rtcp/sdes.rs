//! Who the sources are (RFC 3550 section 6.5).

use crate::wire::cursor::{Cursor, Write, low8, padding_to_word, zeros};
use crate::wire::error::{Format, Found, Malformed, Unwritable};
use crate::wire::list::{Entries, Entry};

/// The type of the item that names an endpoint.
pub const CNAME: u8 = 1;
/// Sources are counted in five bits.
const CHUNKS_MAX: usize = 31;

/// What is said of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceDescription<'a> {
    /// One for each source, at most 31.
    pub chunks: Entries<'a, SdesChunk<'a>>,
}

/// What is said of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdesChunk<'a> {
    /// The source.
    pub ssrc: u32,
    /// What is said.
    pub items: Entries<'a, SdesItem<'a>>,
}

/// One thing that is said of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdesItem<'a> {
    /// What it is; [`CNAME`], or another of the registry. 0 ends a chunk and is none.
    pub kind: u8,
    /// At most 255 bytes, meant as UTF-8.
    pub text: &'a [u8],
}

impl<'a> Entry<'a> for SdesItem<'a> {
    const FORMAT: Format = Format::SourceDescription;

    fn take(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        match cursor.left().first() {
            None | Some(0) => Ok(None),
            Some(_) => {
                let [kind, len] = cursor.array()?;
                Ok(Some(Self { kind, text: cursor.take(usize::from(len))? }))
            }
        }
    }
    fn wire_len(&self) -> usize {
        2 + self.text.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.kind, low8(self.text.len())]);
        out.extend_from_slice(self.text);
    }
}

impl SdesChunk<'_> {
    /// Zeros behind the items: one at least, up to the next word.
    fn end_len(&self) -> usize {
        1 + padding_to_word(self.items.wire_len() + 1)
    }
}

impl<'a> Entry<'a> for SdesChunk<'a> {
    const FORMAT: Format = Format::SourceDescription;

    fn take(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        if cursor.left().is_empty() {
            return Ok(None);
        }
        let ssrc = cursor.u32()?;
        let chunk = Self { ssrc, items: Entries::read(cursor)?.0 };
        if cursor.left().is_empty() {
            return Err(cursor.fail(Found::Missing("end of the items")));
        }
        cursor.padding(chunk.end_len())?;
        Ok(Some(chunk))
    }
    fn wire_len(&self) -> usize {
        4 + self.items.wire_len() + self.end_len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        self.items.put(out);
        zeros(out, self.end_len());
    }
}

impl<'a> SourceDescription<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>, count: u8) -> Result<Self, Malformed> {
        cursor.name(Format::SourceDescription);
        Ok(Self { chunks: Entries::read_count(cursor, usize::from(count))? })
    }
    /// Whether an endpoint is named.
    pub fn has_cname(&self) -> bool {
        self.chunks.iter().any(|chunk| chunk.items.iter().any(|item| item.kind == CNAME))
    }
}

impl Write for SourceDescription<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        Unwritable::limit("sources", self.chunks.iter().count(), CHUNKS_MAX)?;
        for item in self.chunks.iter().flat_map(|chunk| chunk.items.iter()) {
            Unwritable::limit("source item", item.text.len(), usize::from(u8::MAX))?;
            if item.kind == 0 {
                return Err(Unwritable::Missing("type of a source item"));
            }
        }
        Ok(())
    }
    fn wire_len(&self) -> usize {
        self.chunks.wire_len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.chunks.put(out);
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::rtcp::{Body, Packet};
    use crate::wire::{Freedom, Read, Write};

    /// Two sources: a CNAME whose end fills the word exactly, and one without items.
    const TWO: [u8; 24] = [
        0x82, 202, 0, 5, 0, 0, 0, 1, 1, 5, b'p', b'h', b'o', b'n', b'e', 0, 0, 0, 0, 2, 0, 0, 0, 0,
    ];

    #[test]
    fn chunks_end_on_a_word_as_in_rfc_3550_section_6_5() {
        let (packet, freedom) = Packet::parse_strictly(&TWO).unwrap();
        let Body::SourceDescription(sdes) = packet.body else { panic!("{packet:?}") };
        let said: Vec<_> = sdes
            .chunks
            .iter()
            .map(|chunk| (chunk.ssrc, chunk.items.iter().map(|item| item.text).collect()))
            .collect::<Vec<(u32, Vec<&[u8]>)>>();
        assert_eq!(said, [(1, vec![&b"phone"[..]]), (2, vec![])]);
        assert!(sdes.has_cname() && freedom.is_none());
        let mut again = Vec::new();
        packet.write(&mut again).unwrap();
        assert_eq!(again, TWO);
    }

    #[test]
    fn ends_are_checked() {
        let mut endless = TWO;
        endless[20..].fill(0xff);
        assert!(Packet::parse(&endless).is_err());
        let mut loose = TWO;
        loose[23] = 1;
        assert_eq!(Packet::parse_strictly(&loose).unwrap().1, Some(Freedom::PaddingNotZero));
        let full = [0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, b'a', b'b'];
        let refused = Packet::parse(&full).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "RTCP source description, byte 12: end of the items missing"
        );
    }
}
