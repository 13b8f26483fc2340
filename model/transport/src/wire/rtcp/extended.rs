//! Extended reports (RFC 3611): a receiver's clock (section 4.4) and the answer to it (section 4.5), with which
//! a side that sends no media learns the round trip. Other blocks are passed on as they are.

use crate::wire::cursor::{Cursor, Write, low16, words};
use crate::wire::error::{Format, Found, Freedom, Malformed, Unwritable};
use crate::wire::list::{Entries, Entry, Item, List};
use crate::wire::ntp::NtpTime;

const REFERENCE_TIME: u8 = 4;
const DELAYS: u8 = 5;
/// Bytes of a block's own header.
const BLOCK_HEAD_LEN: usize = 4;
const REFERENCE_TIME_LEN: usize = 8;
const DELAY_LEN: usize = 12;
/// Most answers of a block: its length is counted in 16 bits, in words.
pub const DELAYS_MAX: usize = 21_845;

/// What a side has to say beyond reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extended<'a> {
    /// Who says it.
    pub ssrc: u32,
    /// Blocks in order; there may be none.
    pub blocks: Entries<'a, ExtendedBlock<'a>>,
}

/// One block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtendedBlock<'a> {
    /// Type 4: the clock of a receiver.
    ReferenceTime(NtpTime),
    /// Type 5: answers to the clocks of receivers, at most [`DELAYS_MAX`].
    Delays(List<'a, DelaySince, 12>),
    /// Any other type: receivers pass over what they do not know (section 3).
    Other {
        /// The type.
        kind: u8,
        /// Eight bits with a meaning of the type's own.
        specific: u8,
        /// The content, a whole number of words.
        data: &'a [u8],
    },
}

/// The answer to one receiver's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelaySince {
    /// The receiver.
    pub ssrc: u32,
    /// The middle of its NTP timestamp; 0 before any.
    pub last_reference: u32,
    /// From its arrival to this answer, in 1/65536 s.
    pub delay: u32,
}

impl Item<12> for DelaySince {
    fn from_wire(bytes: [u8; 12]) -> Self {
        let [ssrc, last_reference, delay] = words(&bytes);
        Self { ssrc, last_reference, delay }
    }
    fn to_wire(self) -> [u8; 12] {
        let mut bytes = [0; DELAY_LEN];
        let words = [self.ssrc, self.last_reference, self.delay];
        for (place, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *place = word.to_be_bytes();
        }
        bytes
    }
}

impl<'a> Entry<'a> for ExtendedBlock<'a> {
    const FORMAT: Format = Format::Extended;

    fn take(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        if cursor.left().is_empty() {
            return Ok(None);
        }
        let [kind, specific] = cursor.array()?;
        let len = usize::from(cursor.u16()?) * 4;
        let known = matches!(kind, REFERENCE_TIME | DELAYS);
        cursor.note_if(known && specific != 0, Freedom::ReservedNotZero);
        let fits = match kind {
            REFERENCE_TIME => len == REFERENCE_TIME_LEN,
            DELAYS => len.is_multiple_of(DELAY_LEN),
            _ => true,
        };
        if !fits {
            return Err(cursor.fail_before(2, Found::Length(len)));
        }
        Ok(Some(match kind {
            REFERENCE_TIME => Self::ReferenceTime(NtpTime(cursor.u64()?)),
            DELAYS => Self::Delays(List::read(cursor.pieces(len / DELAY_LEN)?)),
            _ => Self::Other { kind, specific, data: cursor.take(len)? },
        }))
    }
    fn wire_len(&self) -> usize {
        BLOCK_HEAD_LEN
            + match self {
                Self::ReferenceTime(_) => REFERENCE_TIME_LEN,
                Self::Delays(delays) => delays.len() * DELAY_LEN,
                Self::Other { data, .. } => data.len(),
            }
    }
    fn put(&self, out: &mut Vec<u8>) {
        let (kind, specific) = match self {
            Self::ReferenceTime(_) => (REFERENCE_TIME, 0),
            Self::Delays(_) => (DELAYS, 0),
            Self::Other { kind, specific, .. } => (*kind, *specific),
        };
        out.extend_from_slice(&[kind, specific]);
        let words = (self.wire_len() - BLOCK_HEAD_LEN) / 4;
        out.extend_from_slice(&low16(words).to_be_bytes());
        match self {
            Self::ReferenceTime(at) => out.extend_from_slice(&at.0.to_be_bytes()),
            Self::Delays(delays) => delays.put(out),
            Self::Other { data, .. } => out.extend_from_slice(data),
        }
    }
}

impl ExtendedBlock<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        match self {
            Self::ReferenceTime(_) => Ok(()),
            Self::Delays(delays) => Unwritable::limit("answers", delays.len(), DELAYS_MAX),
            Self::Other { kind: REFERENCE_TIME | DELAYS, .. } => {
                Err(Unwritable::Ambiguous("block of an extended report"))
            }
            Self::Other { data, .. } => {
                Unwritable::multiple("block of an extended report", data.len(), 4)?;
                Unwritable::limit("words of a block", data.len() / 4, usize::from(u16::MAX))
            }
        }
    }
}

impl<'a> Extended<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>, count: u8) -> Result<Self, Malformed> {
        cursor.name(Format::Extended);
        cursor.note_if(count != 0, Freedom::ReservedNotZero);
        Ok(Self { ssrc: cursor.u32()?, blocks: Entries::read(cursor)?.0 })
    }
}

impl Write for Extended<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        self.blocks.iter().try_for_each(|block| block.check())
    }
    fn wire_len(&self) -> usize {
        4 + self.blocks.wire_len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        self.blocks.put(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Read;
    use crate::wire::rtcp::{Body, Packet};

    /// A clock, an answer, and a block of a type that has no format here.
    const BYTES: [u8; 44] = [
        0x80, 207, 0, 10, 0, 0, 0, 9, 4, 0, 0, 2, 0x83, 0xaa, 0x7e, 0x80, 0x80, 0, 0, 0, 5, 0, 0,
        3, 0, 0, 0, 1, 0xb7, 0x05, 0x20, 0, 0, 5, 0x40, 0, 7, 0x21, 0, 1, 1, 2, 3, 4,
    ];

    fn refused(place: usize, byte: u8) -> String {
        let mut wrong = BYTES;
        wrong[place] = byte;
        Packet::parse(&wrong).unwrap_err().to_string()
    }

    #[test]
    fn the_blocks_of_rfc_3611_sections_4_4_and_4_5() {
        let (packet, freedom) = Packet::parse_strictly(&BYTES).unwrap();
        let delay = DelaySince { ssrc: 1, last_reference: 0xb705_2000, delay: 0x0005_4000 };
        let delays = [delay];
        let blocks = [
            ExtendedBlock::ReferenceTime(NtpTime(0x83aa_7e80_8000_0000)),
            ExtendedBlock::Delays(List::of(&delays)),
            ExtendedBlock::Other { kind: 7, specific: 0x21, data: &[1, 2, 3, 4] },
        ];
        let said = Extended { ssrc: 9, blocks: Entries::of(&blocks) };
        let said = Packet { body: Body::Extended(said), padding: 0 };
        assert_eq!((packet, freedom), (said, None));
        let mut again = Vec::new();
        said.write(&mut again).unwrap();
        assert_eq!(again, BYTES);
    }

    #[test]
    fn lengths_are_those_of_their_blocks() {
        assert_eq!(refused(11, 1), "extended report, byte 10: length 4");
        assert_eq!(refused(23, 4), "extended report, byte 22: length 16");
        assert_eq!(refused(23, 6), "extended report, byte 24: 20 bytes where 24 are needed");
        assert_eq!(refused(39, 2), "extended report, byte 40: 4 bytes where 8 are needed");
        let cut = [0x80, 207, 0, 2, 0, 0, 0, 9, 4, 0, 0, 2];
        let said = Packet::parse(&cut).unwrap_err().to_string();
        assert_eq!(said, "extended report, byte 12: 0 bytes where 8 are needed");
    }

    #[test]
    fn bits_without_meaning_are_a_freedom() {
        for place in [0, 9, 21] {
            let mut bytes = BYTES;
            bytes[place] |= 1;
            let (packet, freedom) = Packet::parse_strictly(&bytes).unwrap();
            assert_eq!(freedom, Some(Freedom::ReservedNotZero));
            assert_eq!(Ok(packet), Packet::parse(&BYTES));
        }
    }

    #[test]
    fn a_block_that_has_a_format_is_not_written_as_another() {
        for (kind, data) in [(4, &[0; 8][..]), (5, &[]), (7, &[1, 2])] {
            let blocks = [ExtendedBlock::Other { kind, specific: 0, data }];
            let said = Extended { ssrc: 1, blocks: Entries::of(&blocks) };
            assert!(said.check().is_err());
        }
    }
}
