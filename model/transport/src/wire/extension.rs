//! RTP header extensions (RFC 8285), and the two that every media packet carries here.

use crate::wire::cursor::{Cursor, low8, low16, low24, padding_to_word, zeros};
use crate::wire::error::{Format, Freedom, Malformed, Unwritable};
use crate::wire::list::{Entries, Entry};
use koosim_time::{NS_PER_S, SimTime};

/// What says that elements have one-byte headers.
const ONE_BYTE: u16 = 0xbede;
/// What says that elements have two-byte headers; the last four bits are the application's.
const TWO_BYTE: u16 = 0x1000;
/// The longest data of an element with a one-byte header.
const ONE_BYTE_DATA_MAX: usize = 16;
/// The id that ends a list of elements with one-byte headers.
const ONE_BYTE_END: u8 = 15;

/// One extension element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// Which extension, by the number that signalling gave it.
    pub id: u8,
    /// What it says.
    pub data: &'a [u8],
}

/// An element with a one-byte header: id 1 to 14, data of 1 to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneByte<'a>(pub Element<'a>);

/// An element with a two-byte header: id 1 to 255, data of 0 to 255 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoByte<'a>(pub Element<'a>);

/// The extension block of an RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extensions<'a> {
    /// There is no block.
    None,
    /// Elements with one-byte headers (RFC 8285 section 4.2).
    OneByte(Entries<'a, OneByte<'a>>),
    /// Elements with two-byte headers (RFC 8285 section 4.3) and the application's four bits.
    TwoByte {
        /// 0 to 15.
        app_bits: u8,
        /// The elements.
        elements: Entries<'a, TwoByte<'a>>,
    },
    /// Another profile's block (RFC 3550 section 5.3.1).
    Other {
        /// Its first 16 bits.
        profile: u16,
        /// Its content, a whole number of words.
        data: &'a [u8],
    },
}

/// Skips padding between elements and at the end; an error cannot follow from it.
fn skip_padding(cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
    let (before, mut skipped) = (cursor.left(), 0);
    while before.get(skipped) == Some(&0) {
        skipped += 1;
    }
    cursor.take(skipped)?;
    // At the end, up to three bytes fill the word.
    let fills = cursor.left().is_empty() && skipped < 4;
    cursor.note_if(skipped > 0 && !fills, Freedom::PaddingPlaced);
    Ok(())
}

impl<'a> Entry<'a> for OneByte<'a> {
    const FORMAT: Format = Format::Extension;

    fn take(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        skip_padding(cursor)?;
        if cursor.left().is_empty() {
            return Ok(None);
        }
        let head = cursor.u8()?;
        let (id, len) = (head >> 4, usize::from(head & 15) + 1);
        // Id 0 with a length is not padding, and like id 15 ends the list (RFC 8285 section 4.2).
        if id == ONE_BYTE_END || id == 0 {
            cursor.note(Freedom::ExtensionsEnded);
            cursor.rest();
            return Ok(None);
        }
        Ok(Some(Self(Element { id, data: cursor.take(len)? })))
    }
    fn wire_len(&self) -> usize {
        1 + self.0.data.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.0.id << 4 | low8(self.0.data.len().saturating_sub(1)));
        out.extend_from_slice(self.0.data);
    }
}

impl<'a> Entry<'a> for TwoByte<'a> {
    const FORMAT: Format = Format::Extension;

    fn take(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        skip_padding(cursor)?;
        if cursor.left().is_empty() {
            return Ok(None);
        }
        let [id, len] = cursor.array()?;
        Ok(Some(Self(Element { id, data: cursor.take(usize::from(len))? })))
    }
    fn wire_len(&self) -> usize {
        2 + self.0.data.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.0.id, low8(self.0.data.len())]);
        out.extend_from_slice(self.0.data);
    }
}

impl<'a> Extensions<'a> {
    /// Reads the block behind the first header fields.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let profile = cursor.u16()?;
        let len = usize::from(cursor.u16()?) * 4;
        let mut block = cursor.split(Format::Extension, len)?;
        let read = if profile == ONE_BYTE {
            Self::OneByte(Entries::read(&mut block)?.0)
        } else if profile & 0xfff0 == TWO_BYTE {
            let app_bits = low8(usize::from(profile & 15));
            Self::TwoByte { app_bits, elements: Entries::read(&mut block)?.0 }
        } else {
            Self::Other { profile, data: block.rest() }
        };
        cursor.close(&block)?;
        Ok(read)
    }

    /// The elements in order; none of another profile's.
    pub fn elements(&self) -> impl Iterator<Item = Element<'a>> + Clone + use<'a> {
        let (one, two) = match *self {
            Self::OneByte(elements) => (elements, Entries::EMPTY),
            Self::TwoByte { elements, .. } => (Entries::EMPTY, elements),
            Self::None | Self::Other { .. } => (Entries::EMPTY, Entries::EMPTY),
        };
        one.iter().map(|one| one.0).chain(two.iter().map(|two| two.0))
    }
    /// The data of the first element with this id.
    pub fn get(&self, id: u8) -> Option<&'a [u8]> {
        self.elements().find(|element| element.id == id).map(|element| element.data)
    }
    /// The transport-wide sequence number (T2.3) in the element with this id.
    pub fn transport_sequence(&self, id: u8) -> Option<u16> {
        self.get(id).and_then(|data| data.try_into().ok()).map(u16::from_be_bytes)
    }
    /// The absolute send time (T2.2) in the element with this id.
    pub fn abs_send_time(&self, id: u8) -> Option<AbsSendTime> {
        self.get(id).and_then(|data| data.try_into().ok()).map(AbsSendTime::from_wire)
    }

    fn content_len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::OneByte(elements) => elements.wire_len(),
            Self::TwoByte { elements, .. } => elements.wire_len(),
            Self::Other { data, .. } => data.len(),
        }
    }
    pub(crate) fn wire_len(&self) -> usize {
        match self {
            Self::None => 0,
            _ => 4 + self.content_len().next_multiple_of(4),
        }
    }
    pub(crate) fn check(&self) -> Result<(), Unwritable> {
        let words = self.content_len().div_ceil(4);
        Unwritable::limit("extension words", words, usize::from(u16::MAX))?;
        match self {
            Self::None => Ok(()),
            Self::OneByte(elements) => elements.iter().try_for_each(|OneByte(element)| {
                let (id, len) = (usize::from(element.id), element.data.len());
                Unwritable::limit("one-byte extension id", id, usize::from(ONE_BYTE_END) - 1)?;
                Unwritable::limit("one-byte extension length", len, ONE_BYTE_DATA_MAX)?;
                if id == 0 || len == 0 {
                    return Err(Unwritable::Missing("id or data of a one-byte extension"));
                }
                Ok(())
            }),
            Self::TwoByte { app_bits, elements } => {
                Unwritable::limit("application bits", usize::from(*app_bits), 15)?;
                elements.iter().try_for_each(|TwoByte(element)| {
                    let most = usize::from(u8::MAX);
                    Unwritable::limit("two-byte extension length", element.data.len(), most)?;
                    if element.id == 0 {
                        return Err(Unwritable::Missing("id of a two-byte extension"));
                    }
                    Ok(())
                })
            }
            Self::Other { profile, data } => {
                if *profile == ONE_BYTE || profile & 0xfff0 == TWO_BYTE {
                    return Err(Unwritable::Ambiguous("extension profile"));
                }
                Unwritable::multiple("extension", data.len(), 4)
            }
        }
    }
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let profile = match self {
            Self::None => return,
            Self::OneByte(_) => ONE_BYTE,
            Self::TwoByte { app_bits, .. } => TWO_BYTE | u16::from(*app_bits),
            Self::Other { profile, .. } => *profile,
        };
        let len = self.content_len();
        out.extend_from_slice(&profile.to_be_bytes());
        out.extend_from_slice(&low16(len.div_ceil(4)).to_be_bytes());
        match self {
            Self::None => {}
            Self::OneByte(elements) => elements.put(out),
            Self::TwoByte { elements, .. } => elements.put(out),
            Self::Other { data, .. } => out.extend_from_slice(data),
        }
        zeros(out, padding_to_word(len));
    }
}

/// The absolute send time (T2.2): 24 bits of seconds, 18 of them after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbsSendTime(u32);

impl AbsSendTime {
    /// Bits after the point.
    const FRACTION_BITS: u32 = 18;
    /// Bits of the whole.
    const BITS: u32 = 24;

    /// Of an instant, rounded down to 2^-18 s. It counts NTP seconds modulo 64; 1900 and 1970 are a multiple
    /// of 64 s apart, so Unix seconds give the same.
    pub fn of(at: SimTime) -> Self {
        let span_ns = (NS_PER_S << (Self::BITS - Self::FRACTION_BITS)).unsigned_abs();
        let ns = at.as_nanos().rem_euclid(span_ns.cast_signed()).unsigned_abs();
        let ticks = (ns << Self::FRACTION_BITS) / NS_PER_S.unsigned_abs();
        Self(u32::try_from(ticks).unwrap_or_default())
    }
    /// Takes it from an element's data.
    pub const fn from_wire([a, b, c]: [u8; 3]) -> Self {
        Self(u32::from_be_bytes([0, a, b, c]))
    }
    /// An element's data.
    pub const fn to_wire(self) -> [u8; 3] {
        low24(self.0)
    }
    /// In 2^-18 s, below 2^24.
    pub const fn ticks(self) -> u32 {
        self.0
    }
    /// Ticks from `earlier` to this one, taken as less than 32 s either way.
    pub const fn since(self, earlier: Self) -> i32 {
        // The difference moved to the top of the word wraps as 24 bits do.
        let top = u32::BITS - Self::BITS;
        (self.0.wrapping_sub(earlier.0) << top).cast_signed() >> top
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Found, Read, Rtp};

    type Owned = Vec<(u8, Vec<u8>)>;

    fn elements(block: &[u8]) -> Result<(Owned, Option<Freedom>), Malformed> {
        let mut bytes = vec![0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend_from_slice(block);
        let (packet, freedom) = Rtp::parse_strictly(&bytes)?;
        let elements = packet.extensions.elements();
        Ok((elements.map(|one| (one.id, one.data.to_vec())).collect(), freedom))
    }

    /// T2.2, T2.3.
    #[test]
    fn one_byte_elements_of_rfc_8285_section_4_2() {
        // The example of the section: lengths 1, 2 and 4, with padding inside and at the end.
        let block = [0xbe, 0xde, 0, 3, 0x10, 1, 0x21, 2, 2, 0, 0, 0x33, 4, 4, 4, 4];
        let (found, freedom) = elements(&block).unwrap();
        assert_eq!(found, [(1, vec![1]), (2, vec![2, 2]), (3, vec![4; 4])]);
        assert_eq!(freedom, Some(Freedom::PaddingPlaced));
        let (found, freedom) = elements(&[0xbe, 0xde, 0, 1, 0x51, 0xab, 0xcd, 0]).unwrap();
        assert_eq!((found, freedom), (vec![(5, vec![0xab, 0xcd])], None));
    }

    #[test]
    fn id_15_ends_the_list() {
        for end in [0xf0, 0x02] {
            let (found, freedom) = elements(&[0xbe, 0xde, 0, 1, 0x10, 9, end, 1]).unwrap();
            assert_eq!((found, freedom), (vec![(1, vec![9])], Some(Freedom::ExtensionsEnded)));
        }
    }

    #[test]
    fn two_byte_elements_may_be_empty() {
        let block = [0x10, 0x05, 0, 2, 200, 0, 7, 3, 1, 2, 3, 0];
        let (found, freedom) = elements(&block).unwrap();
        assert_eq!((found, freedom), (vec![(200, vec![]), (7, vec![1, 2, 3])], None));
    }

    #[test]
    fn elements_longer_than_the_block_are_refused() {
        let short = elements(&[0xbe, 0xde, 0, 1, 0x13, 1, 2, 3]).unwrap_err();
        let found = Found::Short { needed: 4, left: 3 };
        assert_eq!(short, Malformed { format: Format::Extension, at: 17, found });
    }

    /// T2.2.
    #[test]
    fn send_times_wrap_every_64_seconds() {
        let at = |ns: i64| AbsSendTime::of(SimTime::from_nanos(ns));
        assert_eq!(at(0).to_wire(), [0, 0, 0]);
        assert_eq!(at(NS_PER_S * 3 / 2).to_wire(), [0x06, 0, 0]);
        assert_eq!(at(64 * NS_PER_S), at(0));
        assert_eq!(at(-1).to_wire(), [0xff; 3]);
        assert_eq!(at(64 * NS_PER_S).since(at(63 * NS_PER_S)), 1 << 18);
        assert_eq!(at(63 * NS_PER_S).since(at(64 * NS_PER_S)), -(1 << 18));
        // The timestamp of an NTP clock, shifted as the extension's definition says.
        let now = SimTime::parse_iso("2026-05-17T03:21:17.123456789Z").unwrap();
        let shifted = crate::wire::NtpTime::of(now).0 >> 14 & 0xff_ffff;
        assert_eq!(u64::from(AbsSendTime::of(now).ticks()), shifted);
    }
}
