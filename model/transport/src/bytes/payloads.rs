//! What stands in payloads.

use crate::endpoint::{Codec, Frame, Piece};
use crate::wire::{H264, H264Nal, H265, H265Header, Unwritable, Write as _};

/// A unit of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Format of the picture.
    pub codec: Codec,
    /// The picture.
    pub frame: Frame,
    /// Which unit of it, from 0.
    pub number: u32,
    /// Bytes of the unit, its header among them.
    pub bytes: u32,
}

/// The bytes of pictures and sound. The same bytes may be asked for several times, and have to be the same.
pub trait Payloads {
    /// Fills `out` with the bytes of a unit from `offset` on. The first is the unit's header, of H.265 the
    /// first two.
    fn picture(&mut self, unit: &Unit, offset: u32, out: &mut [u8]);
    /// Fills `out` with the sound of this time.
    fn sound(&mut self, timestamp: u32, out: &mut [u8]);
}

/// Bytes that look like units and like Opus, and are none that a decoder could use. They are the same in each
/// run, and none of them is zero, so that nothing in a unit looks like its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filler;

/// Configuration 31, one channel, one frame: 20 ms (RFC 6716 section 3.1).
const OPUS_HEAD: u8 = 0xf8;

impl Filler {
    /// The header of a unit and the begin of its slice: the first block, the kind, and the first parameter set.
    const fn head(unit: &Unit) -> [u8; 3] {
        match (unit.codec, unit.frame.back == 0) {
            (Codec::H264, true) => [0x65, 0x88, 0x84],
            (Codec::H264, false) => [0x41, 0x9a, 0x24],
            (Codec::H265, true) => [0x26, 0x01, 0xaf],
            (Codec::H265, false) => [0x02, 0x01, 0xd0],
        }
    }
    fn byte(seed: u32, place: u32) -> u8 {
        let [high, ..] =
            (seed.wrapping_mul(0x9e37_79b1) ^ place).wrapping_mul(0x85eb_ca6b).to_be_bytes();
        high.max(1)
    }
}

impl Payloads for Filler {
    fn picture(&mut self, unit: &Unit, offset: u32, out: &mut [u8]) {
        let head = Self::head(unit);
        for (place, byte) in (offset..).zip(out) {
            let fixed = usize::try_from(place).ok().and_then(|place| head.get(place));
            *byte = fixed.copied().unwrap_or_else(|| {
                Self::byte(unit.frame.id.wrapping_mul(251).wrapping_add(unit.number), place)
            });
        }
    }
    fn sound(&mut self, timestamp: u32, out: &mut [u8]) {
        for (place, byte) in (0..).zip(out) {
            *byte = if place == 0 { OPUS_HEAD } else { Self::byte(timestamp, place) };
        }
    }
}

/// Appends the payload of a packet of a picture.
pub(super) fn put_picture(
    piece: &Piece,
    payloads: &mut dyn Payloads,
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let unit = Unit {
        codec: piece.codec,
        frame: piece.frame,
        number: piece.unit,
        bytes: piece.unit_bytes,
    };
    let Some(part) = piece.part else {
        fill(out, piece.bytes, |bytes| payloads.picture(&unit, 0, bytes));
        return Ok(());
    };
    match piece.codec {
        Codec::H264 => {
            let mut head = [0; 1];
            payloads.picture(&unit, 0, &mut head);
            let nal = H264Nal(&head);
            let (importance, kind) = (nal.importance(), nal.kind());
            H264::Fragment { importance, kind, part, data: &[] }.write(out)?;
        }
        Codec::H265 => {
            let mut head = [0; 2];
            payloads.picture(&unit, 0, &mut head);
            let header = H265Header::from_wire(head);
            H265::Fragment { header, part, data: &[] }.write(out)?;
        }
    }
    fill(out, piece.bytes, |bytes| payloads.picture(&unit, piece.offset, bytes));
    Ok(())
}

/// Appends so many bytes, which are written in place.
pub(super) fn fill(out: &mut Vec<u8>, count: u32, with: impl FnOnce(&mut [u8])) {
    let (from, count) = (out.len(), usize::try_from(count).unwrap_or_default());
    out.resize(from + count, 0);
    with(out.get_mut(from..).unwrap_or_default());
}
