//! A receiver's estimate of the bit rate (T2.6, draft-alvestrand-rmcat-remb-03 section 2.2).

use crate::wire::cursor::{Cursor, Write, low8, low24};
use crate::wire::error::{Format, Found, Malformed, Unwritable};
use crate::wire::list::List;

/// Most streams of an estimate: they are counted in eight bits.
pub const REMB_SSRCS_MAX: usize = 255;
const NAME: [u8; 4] = *b"REMB";
/// Bits of the mantissa.
const MANTISSA_BITS: u32 = 18;
const EXPONENT_MAX: u8 = 63;

/// How many bits a second arrive at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remb<'a> {
    /// Who estimates.
    pub sender: u32,
    /// Not used; senders write 0.
    pub media: u32,
    /// Power of two that the mantissa is multiplied by, 0 to 63.
    pub exponent: u8,
    /// Below 2^18.
    pub mantissa: u32,
    /// The streams that it is about, at most [`REMB_SSRCS_MAX`].
    pub ssrcs: List<'a, u32, 4>,
}

impl<'a> Remb<'a> {
    /// The estimate in bits a second, with the smallest exponent, rounded down to 18 leading bits.
    pub fn of(sender: u32, bits_per_second: u64, ssrcs: List<'a, u32, 4>) -> Self {
        let bits = u64::BITS - bits_per_second.leading_zeros();
        let exponent =
            low8(usize::try_from(bits.saturating_sub(MANTISSA_BITS)).unwrap_or_default());
        let mantissa = u32::try_from(bits_per_second >> exponent).unwrap_or_default();
        Self { sender, media: 0, exponent, mantissa, ssrcs }
    }
    /// The estimate in bits a second. The format reaches further than its type, which then holds its most.
    pub fn bits_per_second(&self) -> u64 {
        let bits = u128::from(self.mantissa) << self.exponent;
        u64::try_from(bits).unwrap_or(u64::MAX)
    }

    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        cursor.name(Format::Remb);
        let (sender, media) = (cursor.u32()?, cursor.u32()?);
        if cursor.array()? != NAME {
            return Err(cursor.fail_before(4, Found::Missing("name")));
        }
        let (count, number) = (cursor.u8()?, cursor.u24()?);
        let (exponent, mantissa) = (number >> MANTISSA_BITS, number & ((1 << MANTISSA_BITS) - 1));
        let exponent = u8::try_from(exponent).unwrap_or_default();
        let ssrcs = List::read(cursor.pieces(usize::from(count))?);
        Ok(Self { sender, media, exponent, mantissa, ssrcs })
    }
}

impl Write for Remb<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        Unwritable::limit("streams", self.ssrcs.len(), REMB_SSRCS_MAX)?;
        let mantissa = usize::try_from(self.mantissa).unwrap_or(usize::MAX);
        Unwritable::limit("mantissa", mantissa, (1 << MANTISSA_BITS) - 1)?;
        Unwritable::limit("exponent", usize::from(self.exponent), usize::from(EXPONENT_MAX))
    }
    fn wire_len(&self) -> usize {
        16 + self.ssrcs.len() * 4
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sender.to_be_bytes());
        out.extend_from_slice(&self.media.to_be_bytes());
        out.extend_from_slice(&NAME);
        out.push(low8(self.ssrcs.len()));
        out.extend_from_slice(&low24(u32::from(self.exponent) << MANTISSA_BITS | self.mantissa));
        self.ssrcs.put(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Read;
    use crate::wire::rtcp::{Body, Packet};

    #[test]
    fn the_layout_of_section_2_2() {
        let mut bytes = vec![0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B'];
        bytes.extend([1, 0x03, 0xfb, 0x93, 0x12, 0x34, 0x56, 0x78]);
        let packet = Packet::parse(&bytes).unwrap();
        let Body::Remb(remb) = packet.body else { panic!("{packet:?}") };
        assert_eq!((remb.exponent, remb.mantissa, remb.bits_per_second()), (0, 261_011, 261_011));
        assert_eq!(remb, Remb::of(1, 261_011, List::of(&[0x1234_5678])));
        bytes[16] = 2;
        let found = Found::Short { needed: 8, left: 4 };
        let refused = Packet::parse(&bytes).unwrap_err();
        assert_eq!(refused, Malformed { format: Format::Remb, at: 20, found });
    }

    #[test]
    fn estimates_keep_18_leading_bits() {
        let of = |rate| Remb::of(1, rate, List::EMPTY);
        for (rate, exponent, read) in [
            (0, 0, 0),
            ((1 << 18) - 1, 0, (1 << 18) - 1),
            (1 << 18, 1, 1 << 18),
            ((1 << 19) - 1, 1, (1 << 19) - 2),
            (u64::MAX, 46, u64::MAX - ((1 << 46) - 1)),
        ] {
            assert_eq!((of(rate).exponent, of(rate).bits_per_second()), (exponent, read));
        }
        let beyond = Remb { exponent: 63, mantissa: (1 << 18) - 1, ..of(0) };
        assert_eq!(beyond.bits_per_second(), u64::MAX);
    }

    #[test]
    fn another_application_is_passed_on() {
        let bytes = [0x8f, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'A'];
        assert!(matches!(Packet::parse(&bytes).unwrap().body, Body::Other(_)));
    }
}
