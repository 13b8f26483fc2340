//! Asking for packets and for pictures (T2.5, RFC 4585 section 6, RFC 5104 section 4.3.1).

use crate::wire::cursor::{Cursor, Write};
use crate::wire::error::{Format, Found, Freedom, Malformed, Unwritable};
use crate::wire::list::{Item, List};

/// Packets that are asked for again (RFC 4585 section 6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nack<'a> {
    /// Who asks.
    pub sender: u32,
    /// Of which stream.
    pub media: u32,
    /// At least one.
    pub entries: List<'a, NackEntry, 4>,
}

/// A number, and a mask of the sixteen behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NackEntry {
    /// A lost packet.
    pub sequence: u16,
    /// Bit `i` stands for number `sequence + 1 + i`.
    pub mask: u16,
}

impl NackEntry {
    /// The numbers that are asked for.
    pub fn sequences(self) -> impl Iterator<Item = u16> {
        let behind = (0..16).filter(move |bit| self.mask >> bit & 1 == 1);
        let behind = behind.map(move |bit| self.sequence.wrapping_add(bit + 1));
        std::iter::once(self.sequence).chain(behind)
    }

    /// The fewest entries for numbers that go upwards, modulo 2^16, without one twice.
    pub fn group(sequences: impl IntoIterator<Item = u16>) -> impl Iterator<Item = Self> {
        let mut sequences = sequences.into_iter().peekable();
        std::iter::from_fn(move || {
            let mut entry = Self { sequence: sequences.next()?, mask: 0 };
            let behind = |next: u16| next.wrapping_sub(entry.sequence).wrapping_sub(1);
            while let Some(next) = sequences.next_if(|next| behind(*next) < 16) {
                entry.mask |= 1 << behind(next);
            }
            Some(entry)
        })
    }
}

impl Item<4> for NackEntry {
    fn from_wire([a, b, c, d]: [u8; 4]) -> Self {
        Self { sequence: u16::from_be_bytes([a, b]), mask: u16::from_be_bytes([c, d]) }
    }
    fn to_wire(self) -> [u8; 4] {
        let ([a, b], [c, d]) = (self.sequence.to_be_bytes(), self.mask.to_be_bytes());
        [a, b, c, d]
    }
}

impl<'a> Nack<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        cursor.name(Format::Nack);
        let (sender, media) = (cursor.u32()?, cursor.u32()?);
        let entries = List::read(cursor.pieces(cursor.left().len() / 4)?);
        if entries.is_empty() {
            return Err(cursor.fail(Found::Missing("number")));
        }
        Ok(Self { sender, media, entries })
    }
    /// The numbers that are asked for, in the order of the entries.
    pub fn sequences(&self) -> impl Iterator<Item = u16> + use<'a> {
        self.entries.iter().flat_map(NackEntry::sequences)
    }
}

impl Write for Nack<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        if self.entries.is_empty() { Err(Unwritable::Missing("number")) } else { Ok(()) }
    }
    fn wire_len(&self) -> usize {
        8 + self.entries.len() * 4
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sender.to_be_bytes());
        out.extend_from_slice(&self.media.to_be_bytes());
        self.entries.put(out);
    }
}

/// A picture was lost (RFC 4585 section 6.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pli {
    /// Who says so.
    pub sender: u32,
    /// Of which stream.
    pub media: u32,
}

impl Pli {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        cursor.name(Format::PictureLoss);
        Ok(Self { sender: cursor.u32()?, media: cursor.u32()? })
    }
}

impl Write for Pli {
    fn check(&self) -> Result<(), Unwritable> {
        Ok(())
    }
    fn wire_len(&self) -> usize {
        8
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sender.to_be_bytes());
        out.extend_from_slice(&self.media.to_be_bytes());
    }
}

/// Pictures that stand alone are asked for (RFC 5104 section 4.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fir<'a> {
    /// Who asks.
    pub sender: u32,
    /// Not used; senders write 0.
    pub media: u32,
    /// At least one.
    pub entries: List<'a, FirEntry, 8>,
}

/// One stream that is asked for such a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirEntry {
    /// The stream.
    pub ssrc: u32,
    /// Counts the requests, modulo 2^8: the same number again is the same request.
    pub sequence: u8,
}

impl Item<8> for FirEntry {
    fn from_wire([a, b, c, d, sequence, ..]: [u8; 8]) -> Self {
        Self { ssrc: u32::from_be_bytes([a, b, c, d]), sequence }
    }
    fn to_wire(self) -> [u8; 8] {
        let [a, b, c, d] = self.ssrc.to_be_bytes();
        [a, b, c, d, self.sequence, 0, 0, 0]
    }
}

impl<'a> Fir<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        cursor.name(Format::FullIntra);
        let (sender, media) = (cursor.u32()?, cursor.u32()?);
        let entries = List::read(cursor.pieces(cursor.left().len() / 8)?);
        if entries.is_empty() {
            return Err(cursor.fail(Found::Missing("stream")));
        }
        let reserved =
            entries.wire().iter().any(|[_, _, _, _, _, rest @ ..]: &[u8; 8]| rest != &[0; 3]);
        cursor.note_if(reserved, Freedom::ReservedNotZero);
        Ok(Self { sender, media, entries })
    }
}

impl Write for Fir<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        if self.entries.is_empty() { Err(Unwritable::Missing("stream")) } else { Ok(()) }
    }
    fn wire_len(&self) -> usize {
        8 + self.entries.len() * 8
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sender.to_be_bytes());
        out.extend_from_slice(&self.media.to_be_bytes());
        self.entries.put(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Read;
    use crate::wire::rtcp::{Body, Packet};

    #[test]
    fn numbers_and_masks_of_rfc_4585_section_6_2_1() {
        let bytes = [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0x80, 0x05];
        let packet = Packet::parse(&bytes).unwrap();
        let Body::Nack(nack) = packet.body else { panic!("{packet:?}") };
        let lost: Vec<_> = nack.sequences().collect();
        assert_eq!(lost, [0xfffe, 0xffff, 1, 14]);
        let entries: Vec<_> = NackEntry::group(lost).collect();
        assert_eq!(entries, [NackEntry { sequence: 0xfffe, mask: 0x8005 }]);
        let mut again = Vec::new();
        Packet { body: Body::Nack(Nack { entries: List::of(&entries), ..nack }), padding: 0 }
            .write(&mut again)
            .unwrap();
        assert_eq!(again, bytes);
    }

    #[test]
    fn groups_end_behind_sixteen() {
        let entries: Vec<_> = NackEntry::group([10, 26, 27, 500]).collect();
        let entry = |sequence, mask| NackEntry { sequence, mask };
        assert_eq!(entries, [entry(10, 0x8000), entry(27, 0), entry(500, 0)]);
        let back: Vec<_> = entries.into_iter().flat_map(NackEntry::sequences).collect();
        assert_eq!(back, [10, 26, 27, 500]);
    }

    #[test]
    fn requests_of_rfc_5104_section_4_3_1() {
        let mut bytes = [0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 255, 0, 0, 0];
        let packet = Packet::parse(&bytes).unwrap();
        let entries = [FirEntry { ssrc: 9, sequence: 255 }];
        let fir = Fir { sender: 1, media: 0, entries: List::of(&entries) };
        assert_eq!(packet, Packet { body: Body::Fir(fir), padding: 0 });
        bytes[19] = 1;
        assert_eq!(Packet::parse_strictly(&bytes).unwrap().1, Some(Freedom::ReservedNotZero));
    }

    #[test]
    fn requests_for_nothing_are_refused() {
        for (format, kind, said) in
            [(1, 205, "NACK, byte 12: number missing"), (4, 206, "FIR, byte 12: stream missing")]
        {
            let empty = [0x80 | format, kind, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
            assert_eq!(Packet::parse(&empty).unwrap_err().to_string(), said);
        }
        let odd = [0x84, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 1, 1, 1, 1];
        assert_eq!(Packet::parse(&odd).unwrap_err().found, Found::Trailing(4));
    }
}
