//! Parity of RFC 5109, with one level of protection, as browsers send it. Its packets are of the stream that
//! they protect.

use crate::wire::cursor::{Cursor, Read, Write, low16};
use crate::wire::error::{Format, Found, Malformed, Unwritable};
use crate::wire::fec::sums::{
    FLAGS, Recovered, Repair, Sums, Unprotectable, Unrecoverable, protection, put_parity,
};

/// Numbers that the longer mask reaches.
pub const ULPFEC_SPAN: u16 = 48;
/// Numbers that the shorter mask reaches.
const SHORT_SPAN: u32 = 16;
const EXTENDED: u8 = 0x80;
const LONG: u8 = 0x40;
/// Bytes of the header, and of the level's with a mask of either length.
const HEADER_LEN: usize = 10;
const LEVEL_SHORT_LEN: usize = 4;
const LEVEL_LONG_LEN: usize = 8;

/// The payload of a parity packet (RFC 5109 sections 7.3 and 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UlpFec<'a> {
    /// Sums of the headers.
    pub sums: Sums,
    /// The lowest protected number.
    pub base: u16,
    /// Bit `i` stands for number `base + i`.
    pub mask: u64,
    /// Whether the mask is written with 48 bits rather than 16.
    pub long_mask: bool,
    /// The sum of what stands behind the fixed headers, for as far as it is protected.
    pub parity: &'a [u8],
}

impl<'a> Read<'a> for UlpFec<'a> {
    const FORMAT: Format = Format::UlpFec;

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let [flags, kind] = cursor.array()?;
        if flags & EXTENDED != 0 {
            return Err(cursor.fail_before(2, Found::Value { what: "extension flag", value: 1 }));
        }
        let (base, timestamp, len) = (cursor.u16()?, cursor.u32()?, cursor.u16()?);
        let protected = usize::from(cursor.u16()?);
        let long_mask = flags & LONG != 0;
        // On the wire the first number has the highest bit.
        let mask = if long_mask {
            let [a, b, c, d, e, f] = cursor.array()?;
            u64::from_be_bytes([a, b, c, d, e, f, 0, 0]).reverse_bits()
        } else {
            u64::from(cursor.u16()?.reverse_bits())
        };
        if mask == 0 {
            return Err(cursor.fail(Found::Missing("protected packet")));
        }
        let parity = cursor.take(protected)?;
        if !cursor.left().is_empty() {
            return Err(cursor.fail(Found::Value { what: "level of protection", value: 1 }));
        }
        let sums = Sums { flags: flags & FLAGS, kind, len, timestamp };
        Ok(Self { sums, base, mask, long_mask, parity })
    }
}

impl Write for UlpFec<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        let bits = u64::BITS - self.mask.leading_zeros();
        let most = if self.long_mask { u32::from(ULPFEC_SPAN) } else { SHORT_SPAN };
        let size = |bits: u32| usize::try_from(bits).unwrap_or(usize::MAX);
        Unwritable::limit("mask bits", size(bits), size(most))?;
        if self.mask == 0 {
            return Err(Unwritable::Missing("protected packet"));
        }
        Unwritable::limit("header flags", usize::from(self.sums.flags), usize::from(FLAGS))?;
        Unwritable::limit("parity", self.parity.len(), usize::from(u16::MAX))
    }
    fn wire_len(&self) -> usize {
        head_len(self.long_mask) + self.parity.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.put_head(self.parity.len(), out);
        out.extend_from_slice(self.parity);
    }
}

const fn head_len(long_mask: bool) -> usize {
    HEADER_LEN + if long_mask { LEVEL_LONG_LEN } else { LEVEL_SHORT_LEN }
}

impl UlpFec<'_> {
    fn put_head(&self, protected: usize, out: &mut Vec<u8>) {
        let Sums { flags, kind, len, timestamp } = self.sums;
        out.extend_from_slice(&[if self.long_mask { LONG | flags } else { flags }, kind]);
        out.extend_from_slice(&self.base.to_be_bytes());
        out.extend_from_slice(&timestamp.to_be_bytes());
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(&low16(protected).to_be_bytes());
        let [a, b, c, d, e, f, ..] = self.mask.reverse_bits().to_be_bytes();
        out.extend_from_slice(&[a, b]);
        if self.long_mask {
            out.extend_from_slice(&[c, d, e, f]);
        }
    }

    /// Appends the one protected packet of stream `ssrc` that is not among `received`, or nothing. Packets
    /// that are not protected, or come twice, do no harm.
    ///
    /// # Errors
    /// None or several are missing, or the packets do not belong to this parity.
    pub fn recover<'p>(
        &self,
        ssrc: u32,
        received: impl IntoIterator<Item = &'p [u8]>,
        out: &mut Vec<u8>,
    ) -> Result<Recovered, Unrecoverable> {
        let Self { sums, base, parity, .. } = *self;
        Repair { base, mask: u128::from(self.mask), sums, parity }.recover(ssrc, received, out)
    }
}

/// Appends the payload that protects `packets`: whole RTP packets of one stream, of which the first has the
/// lowest number and the others are within [`ULPFEC_SPAN`] of it. How long it is: 14 or 18 bytes and the
/// longest of what stands behind a fixed header.
///
/// # Errors
/// Packets that cannot be protected together. Nothing is appended.
pub fn protect_ulpfec(packets: &[&[u8]], out: &mut Vec<u8>) -> Result<(), Unprotectable> {
    let all = protection(packets, ULPFEC_SPAN)?;
    let mask = u64::try_from(all.mask).unwrap_or_default();
    let long_mask = mask >> SHORT_SPAN != 0;
    let head = UlpFec { sums: all.sums, base: all.base, mask, long_mask, parity: &[] };
    head.put_head(all.len, out);
    put_parity(packets, out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four packets like those of the example in RFC 5109 section 10.1: numbers 8 to 11, payload types 11 and
    /// 18, timestamps 3, 5, 7, 9, lengths 200, 140, 100 and 340.
    fn example() -> Vec<Vec<u8>> {
        let packet = |marker: u8, kind: u8, sequence: u8, time: u8, len: usize| {
            let mut bytes = vec![0x80, marker << 7 | kind, 0, sequence, 0, 0, 0, time, 0, 0, 0, 2];
            bytes.extend((0..len).map(|place| u8::try_from(place % 251).unwrap() ^ time));
            bytes
        };
        vec![
            packet(1, 11, 8, 3, 200),
            packet(0, 18, 9, 5, 140),
            packet(1, 11, 10, 7, 100),
            packet(0, 18, 11, 9, 340),
        ]
    }

    fn borrowed(packets: &[Vec<u8>]) -> Vec<&[u8]> {
        packets.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn the_header_of_rfc_5109_section_10_1() {
        let packets = example();
        let mut out = Vec::new();
        protect_ulpfec(&borrowed(&packets), &mut out).unwrap();
        // Sums of the example: marker 0, payload type 0, timestamps 3 5 7 9 = 8, lengths 200 140 100 340 = 372.
        let head = [0, 0, 0, 8, 0, 0, 0, 8, 0x01, 0x74, 0x01, 0x54, 0xf0, 0];
        assert_eq!((&out[..14], out.len()), (&head[..], 14 + 340));
        let parity = UlpFec::parse(&out).unwrap();
        let mut again = Vec::new();
        parity.write(&mut again).unwrap();
        assert_eq!((again, parity.wire_len()), (out.clone(), out.len()));
    }

    #[test]
    fn any_one_packet_comes_back() {
        let packets = example();
        let mut bytes = Vec::new();
        protect_ulpfec(&borrowed(&packets), &mut bytes).unwrap();
        let parity = UlpFec::parse(&bytes).unwrap();
        for lost in 0..packets.len() {
            let mut received = packets.clone();
            let gone = received.remove(lost);
            received.extend_from_within(..1);
            let mut out = vec![7];
            let recovered = parity.recover(2, borrowed(&received), &mut out).unwrap();
            assert_eq!(usize::from(recovered.sequence), 8 + lost);
            assert_eq!((&out[1..], recovered.len), (&gone[..], gone.len()));
        }
    }

    #[test]
    fn none_and_two_do_not_come_back() {
        let packets = example();
        let mut bytes = Vec::new();
        protect_ulpfec(&borrowed(&packets), &mut bytes).unwrap();
        let parity = UlpFec::parse(&bytes).unwrap();
        let mut out = vec![7];
        let recover = |ssrc, count: usize, out: &mut Vec<u8>| {
            parity.recover(ssrc, borrowed(&packets[..count]), out).unwrap_err()
        };
        assert_eq!(recover(2, 4, &mut out), Unrecoverable::NothingMissing);
        assert_eq!(recover(2, 2, &mut out), Unrecoverable::Missing(2));
        assert_eq!(recover(3, 4, &mut out), Unrecoverable::Missing(4));
        let mut wrong = packets.clone();
        wrong[0].truncate(12);
        let refused = parity.recover(2, borrowed(&wrong[..3]), &mut out).unwrap_err();
        assert_eq!(refused, Unrecoverable::TooLong { len: 0x19c, protected: 340 });
        assert_eq!(out, [7]);
    }

    #[test]
    fn masks_reach_48_numbers() {
        let mut packets = example();
        packets[1][3] = 8 + 47;
        let mut bytes = Vec::new();
        protect_ulpfec(&borrowed(&packets), &mut bytes).unwrap();
        assert_eq!((bytes[0], &bytes[12..18]), (LONG, &[0xb0, 0, 0, 0, 0, 1][..]));
        assert_eq!(UlpFec::parse(&bytes).unwrap().mask, 1 << 47 | 0b1101);
        packets[1][3] += 1;
        let refused = protect_ulpfec(&borrowed(&packets), &mut bytes).unwrap_err();
        assert_eq!(refused, Unprotectable::OutOfMask { sequence: 56, base: 8 });
        let refused = protect_ulpfec(&[], &mut bytes).unwrap_err();
        assert_eq!(refused, Unprotectable::Empty);
        let refused = protect_ulpfec(&[&[0; 12]], &mut bytes).unwrap_err();
        assert_eq!(refused, Unprotectable::NotRtp(0));
        packets[3][11] = 9;
        packets[1][3] = 9;
        let refused = protect_ulpfec(&borrowed(&packets), &mut bytes).unwrap_err();
        assert_eq!(refused, Unprotectable::OtherStream(3));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let refused = |bytes: &[u8]| UlpFec::parse(bytes).unwrap_err().to_string();
        let head = [0, 0, 0, 8, 0, 0, 0, 8, 0x01, 0x74, 0, 1, 0xf0, 0];
        assert_eq!(refused(&head), "ULPFEC, byte 14: 0 bytes where 1 are needed");
        assert_eq!(refused(&[0x80; 15]), "ULPFEC, byte 0: extension flag 1");
        let level = [&head[..], &[9, 0]].concat();
        assert_eq!(refused(&level), "ULPFEC, byte 15: level of protection 1");
        let mut nothing = [&head[..], &[9]].concat();
        nothing[12] = 0;
        assert_eq!(refused(&nothing), "ULPFEC, byte 14: protected packet missing");
    }
}
