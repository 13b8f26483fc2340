//! Parity of draft-ietf-payload-flexible-fec-scheme-03 with a flexible mask over one stream, as browsers send
//! it. Its header is not that of RFC 8627: it carries a count and the protected stream, and another last mask.
//! Its packets are a stream of their own.

use crate::wire::cursor::{Cursor, Read, Write, low24};
use crate::wire::error::{Format, Found, Freedom, Malformed, Unwritable};
use crate::wire::fec::sums::{
    FLAGS, Recovered, Repair, Sums, Unprotectable, Unrecoverable, protection, put_parity,
};

/// Numbers that the longest mask reaches.
pub const FLEXFEC03_SPAN: u16 = 109;
const RETRANSMISSION: u8 = 0x80;
const FIXED_MASK: u8 = 0x40;
/// Bytes in front of the masks.
const HEAD_LEN: usize = 18;

/// How much of the mask is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlexMask {
    /// 15 numbers in 2 bytes.
    Short,
    /// 46 numbers in 6 bytes.
    Middle,
    /// 109 numbers in 14 bytes.
    Long,
}

impl FlexMask {
    /// Numbers that it reaches.
    pub const fn span(self) -> u16 {
        match self {
            Self::Short => 15,
            Self::Middle => 46,
            Self::Long => FLEXFEC03_SPAN,
        }
    }
    const fn len(self) -> usize {
        match self {
            Self::Short => 2,
            Self::Middle => 6,
            Self::Long => 14,
        }
    }
    /// The shortest for a mask.
    fn of(mask: u128) -> Self {
        match u128::BITS - mask.leading_zeros() {
            0..=15 => Self::Short,
            16..=46 => Self::Middle,
            _ => Self::Long,
        }
    }
}

/// The payload of a parity packet (section 4.2 of the draft).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlexFec03<'a> {
    /// Sums of the headers.
    pub sums: Sums,
    /// The protected stream.
    pub ssrc: u32,
    /// The lowest protected number.
    pub base: u16,
    /// Bit `i` stands for number `base + i`.
    pub mask: u128,
    /// How much of the mask is written.
    pub mask_size: FlexMask,
    /// The sum of what stands behind the fixed headers.
    pub parity: &'a [u8],
}

impl<'a> Read<'a> for FlexFec03<'a> {
    const FORMAT: Format = Format::FlexFec03;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let [flags, kind] = cursor.array()?;
        for (bit, what) in
            [(RETRANSMISSION, "retransmission flag"), (FIXED_MASK, "fixed mask flag")]
        {
            if flags & bit != 0 {
                return Err(cursor.fail_before(2, Found::Value { what, value: 1 }));
            }
        }
        let (len, timestamp) = (cursor.u16()?, cursor.u32()?);
        let streams = cursor.u8()?;
        if streams != 1 {
            let found = Found::Value { what: "count of streams", value: u64::from(streams) };
            return Err(cursor.fail_before(1, found));
        }
        let reserved = cursor.u24()? != 0;
        cursor.note_if(reserved, Freedom::ReservedNotZero);
        let (ssrc, base) = (cursor.u32()?, cursor.u16()?);
        let (mask, mask_size) = read_mask(cursor)?;
        if mask == 0 {
            return Err(cursor.fail(Found::Missing("protected packet")));
        }
        let sums = Sums { flags: flags & FLAGS, kind, len, timestamp };
        Ok(Self { sums, ssrc, base, mask, mask_size, parity: cursor.rest() })
    }
}

/// Three masks, of 15, 31 and 63 numbers, the highest bit first. The bit in front of each says that it is the
/// last.
fn read_mask(cursor: &mut Cursor<'_>) -> Result<(u128, FlexMask), Malformed> {
    // Turned round, the bit in front comes last, behind the numbers.
    let first = cursor.u16()?;
    let mask = u128::from(first.reverse_bits() >> 1);
    if first >> 15 == 1 {
        // The leading bit became the lowest and was shifted out.
        return Ok((mask, FlexMask::Short));
    }
    let second = cursor.u32()?;
    let mask = mask | u128::from(second.reverse_bits() >> 1) << FlexMask::Short.span();
    if second >> 31 == 1 {
        return Ok((mask, FlexMask::Middle));
    }
    let third = cursor.u64()?;
    if third >> 63 == 0 {
        return Err(cursor.fail_before(8, Found::Missing("end of the mask")));
    }
    let mask = mask | u128::from(third.reverse_bits() >> 1) << FlexMask::Middle.span();
    Ok((mask, FlexMask::Long))
}

impl Write for FlexFec03<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        let bits = usize::try_from(u128::BITS - self.mask.leading_zeros()).unwrap_or(usize::MAX);
        Unwritable::limit("mask bits", bits, usize::from(self.mask_size.span()))?;
        if self.mask == 0 {
            return Err(Unwritable::Missing("protected packet"));
        }
        Unwritable::limit("header flags", usize::from(self.sums.flags), usize::from(FLAGS))
    }
    fn wire_len(&self) -> usize {
        HEAD_LEN + self.mask_size.len() + self.parity.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        let Sums { flags, kind, len, timestamp } = self.sums;
        out.extend_from_slice(&[flags, kind]);
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(&timestamp.to_be_bytes());
        out.push(1);
        out.extend_from_slice(&low24(0));
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&self.base.to_be_bytes());
        self.put_mask(out);
        out.extend_from_slice(self.parity);
    }
}

impl FlexFec03<'_> {
    fn put_mask(&self, out: &mut Vec<u8>) {
        let part = |from: u16, bits: u32| -> u64 {
            let low = self.mask >> from & ((1 << bits) - 1);
            u64::try_from(low).unwrap_or_default().reverse_bits() >> (u64::BITS - bits)
        };
        let last = |size: FlexMask, bits: u32| u64::from(self.mask_size == size) << bits;
        let [.., a, b] = (last(FlexMask::Short, 15) | part(0, 15)).to_be_bytes();
        out.extend_from_slice(&[a, b]);
        if self.mask_size > FlexMask::Short {
            let from = FlexMask::Short.span();
            let [.., a, b, c, d] = (last(FlexMask::Middle, 31) | part(from, 31)).to_be_bytes();
            out.extend_from_slice(&[a, b, c, d]);
        }
        if self.mask_size > FlexMask::Middle {
            let from = FlexMask::Middle.span();
            out.extend_from_slice(&(last(FlexMask::Long, 63) | part(from, 63)).to_be_bytes());
        }
    }

    /// Appends the one protected packet that is not among `received`, or nothing. Packets that are not
    /// protected, or come twice, do no harm.
    ///
    /// # Errors
    /// None or several are missing, or the packets do not belong to this parity.
    pub fn recover<'p>(
        &self,
        received: impl IntoIterator<Item = &'p [u8]>,
        out: &mut Vec<u8>,
    ) -> Result<Recovered, Unrecoverable> {
        let Self { sums, base, mask, parity, .. } = *self;
        Repair { base, mask, sums, parity }.recover(self.ssrc, received, out)
    }
}

/// Appends the payload that protects `packets`: whole RTP packets of one stream, of which the first has the
/// lowest number and the others are within [`FLEXFEC03_SPAN`] of it. How long it is: 20, 24 or 32 bytes and
/// the longest of what stands behind a fixed header.
///
/// # Errors
/// Packets that cannot be protected together. Nothing is appended.
pub fn protect_flexfec03(packets: &[&[u8]], out: &mut Vec<u8>) -> Result<(), Unprotectable> {
    let all = protection(packets, FLEXFEC03_SPAN)?;
    let mask_size = FlexMask::of(all.mask);
    FlexFec03 {
        sums: all.sums,
        ssrc: all.ssrc,
        base: all.base,
        mask: all.mask,
        mask_size,
        parity: &[],
    }
    .put(out);
    put_parity(packets, out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u16, body: &[u8]) -> Vec<u8> {
        let [high, low] = sequence.to_be_bytes();
        let mut bytes = vec![0x80, 96, high, low, 0, 0, 0, 9, 0, 0, 0, 7];
        bytes.extend_from_slice(body);
        bytes
    }

    fn protected(packets: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        let packets: Vec<&[u8]> = packets.iter().map(Vec::as_slice).collect();
        protect_flexfec03(&packets, &mut out).unwrap();
        out
    }

    #[test]
    fn the_header_of_section_4_2_with_each_mask() {
        for (behind, mask) in [
            (14, &[0xc0, 0x01][..]),
            (45, &[0x40, 0, 0x80, 0, 0, 1][..]),
            (108, &[0x40, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 1][..]),
        ] {
            let packets = [packet(0xfffe, &[1, 2]), packet(0xfffe_u16.wrapping_add(behind), &[4])];
            let bytes = protected(&packets);
            let head = [0, 0, 0, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 0xff, 0xfe];
            assert_eq!(bytes, [&head[..], mask, &[5, 2]].concat());
            let parity = FlexFec03::parse(&bytes).unwrap();
            assert_eq!(parity.mask, 1 | 1 << behind);
            let mut again = Vec::new();
            parity.write(&mut again).unwrap();
            assert_eq!((again.len(), &again), (parity.wire_len(), &bytes));
            for (lost, kept) in [(0, 1), (1, 0)] {
                let mut out = Vec::new();
                let recovered = parity.recover([&packets[kept][..]], &mut out).unwrap();
                assert_eq!((&out, recovered.len), (&packets[lost], packets[lost].len()));
            }
        }
    }

    #[test]
    fn what_browsers_do_not_send_is_refused_by_name() {
        let bytes = protected(&[packet(1, &[9])]);
        let refused = |place: usize, byte: u8| {
            let mut wrong = bytes.clone();
            wrong[place] = byte;
            FlexFec03::parse(&wrong).unwrap_err().to_string()
        };
        assert_eq!(refused(0, 0x80), "FlexFEC-03, byte 0: retransmission flag 1");
        assert_eq!(refused(0, 0x40), "FlexFEC-03, byte 0: fixed mask flag 1");
        assert_eq!(refused(8, 2), "FlexFEC-03, byte 8: count of streams 2");
        assert_eq!(refused(18, 0x80), "FlexFEC-03, byte 20: protected packet missing");
        assert_eq!(refused(18, 0x40), "FlexFEC-03, byte 20: 1 bytes where 4 are needed");
        let mut endless = bytes.clone();
        endless.resize(32, 0);
        endless[18] = 0x40;
        let refused = FlexFec03::parse(&endless).unwrap_err().to_string();
        assert_eq!(refused, "FlexFEC-03, byte 24: end of the mask missing");
        let mut reserved = bytes;
        reserved[11] = 1;
        let freedom = FlexFec03::parse_strictly(&reserved).unwrap().1;
        assert_eq!(freedom, Some(Freedom::ReservedNotZero));
    }
}
