//! Cuts a picture into payloads (T2.9, T2.10). A payload is a function of the picture and of its place, so that
//! neither a queue nor a history of packets is kept.

use crate::wire::Part;

/// Format of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Codec {
    /// H.264, RFC 6184: unit header 1 byte, fragments with 2 in its place.
    #[default]
    H264,
    /// H.265, RFC 7798: unit header 2 bytes, fragments with 3 in its place.
    H265,
}

impl Codec {
    /// Bytes of the header of a unit, and of those that stand for it in each fragment.
    pub(crate) const fn headers(self) -> (u32, u32) {
        match self {
            Self::H264 => (1, 2),
            Self::H265 => (2, 3),
        }
    }
}

/// An encoded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Which picture; grows from one to the next, with gaps where pictures were skipped.
    pub id: u32,
    /// Bytes of all its units without start codes.
    pub bytes: u32,
    /// Bytes of the units in front of its slice, in their order, which are the parameter sets of a key frame; 0
    /// for none. The slice is the rest, and has at least one byte.
    pub heads: [u8; HEADS_MAX],
    /// How many ids back the picture is that it needs; 0 for a key frame.
    pub back: u8,
    /// Capture time in ticks of 90 kHz, wrapping.
    pub timestamp: u32,
}

/// Most units of a picture in front of its slice: the parameter sets of H.265.
pub const HEADS_MAX: usize = 3;

/// Most packets of one picture; a larger picture is refused. It is as many as a receiver can miss apart.
pub const FRAME_PACKETS_MAX: u32 = 1024;

/// Where the payload of a packet lies in its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Format of the picture.
    pub codec: Codec,
    /// The picture.
    pub frame: Frame,
    /// Which unit of the picture, from 0.
    pub unit: u32,
    /// Bytes of the unit, its header among them.
    pub unit_bytes: u32,
    /// Which fragment of the unit; nothing if the unit travels whole.
    pub part: Option<Part>,
    /// The first byte of the unit that is in the packet; of a fragment never one of the unit's header.
    pub offset: u32,
    /// Bytes of the unit that are in the packet.
    pub bytes: u32,
}

impl Piece {
    /// Bytes of the payload: those of the unit, and those that stand for its header in a fragment.
    pub const fn payload(&self) -> u32 {
        self.bytes + if self.part.is_some() { self.codec.headers().1 } else { 0 }
    }
}

/// How pictures are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) codec: Codec,
    /// Most bytes of a payload; more than the headers of a fragment.
    pub(crate) room: u32,
}

impl Cut {
    /// Sizes of the units of a picture, in their order.
    fn units(frame: &Frame) -> impl Iterator<Item = u32> {
        let heads = frame.heads.into_iter().map(u32::from).filter(|bytes| *bytes > 0);
        let slice = frame.bytes.saturating_sub(heads.clone().sum()).max(1);
        heads.chain([slice])
    }
    /// Packets of one unit: one, or fragments.
    const fn unit_packets(self, bytes: u32) -> u32 {
        if bytes <= self.room {
            return 1;
        }
        let (header, fragment) = self.codec.headers();
        (bytes - header).div_ceil(self.room - fragment)
    }
    /// Packets of a picture.
    pub(crate) fn packets(self, frame: &Frame) -> u32 {
        Self::units(frame).map(|bytes| self.unit_packets(bytes)).sum()
    }
    /// Bytes of all payloads of a picture.
    pub(crate) fn payloads(self, frame: &Frame) -> u32 {
        let (header, fragment) = self.codec.headers();
        let payloads = |bytes| match self.unit_packets(bytes) {
            1 => bytes,
            packets => bytes + packets * fragment - header,
        };
        Self::units(frame).map(payloads).sum()
    }
    /// The unit of the packet at `index`, which is below [`Self::packets`]: its number, its bytes, and which
    /// packet of it that is.
    fn find(self, frame: &Frame, mut index: u32) -> (u32, u32, u32) {
        for (unit, bytes) in (0..).zip(Self::units(frame)) {
            let packets = self.unit_packets(bytes);
            if index < packets {
                return (unit, bytes, index);
            }
            index -= packets;
        }
        (0, 0, 0)
    }
    /// Bytes of the payload at `index`, which is below [`Self::packets`].
    pub(crate) fn payload(self, frame: &Frame, index: u32) -> u32 {
        if frame.heads == [0; HEADS_MAX] {
            // Nearly all pictures are one slice.
            return self.fragment(frame.bytes.max(1), index);
        }
        let (_, bytes, place) = self.find(frame, index);
        self.fragment(bytes, place)
    }
    /// What the packet at `index`, which is below [`Self::packets`], holds of a picture.
    pub(crate) fn piece(self, frame: &Frame, index: u32) -> Piece {
        let (unit, unit_bytes, place) = self.find(frame, index);
        let packets = self.unit_packets(unit_bytes);
        let (codec, frame) = (self.codec, *frame);
        let whole =
            Piece { codec, frame, unit, unit_bytes, part: None, offset: 0, bytes: unit_bytes };
        if packets == 1 {
            return whole;
        }
        let (header, fragment) = codec.headers();
        let body = unit_bytes - header;
        // The first of them are longer by a byte if they cannot be alike.
        let offset = header + place * (body / packets) + place.min(body % packets);
        let part = match place {
            0 => Part::Start,
            _ if place + 1 == packets => Part::End,
            _ => Part::Middle,
        };
        let bytes = self.fragment(unit_bytes, place) - fragment;
        Piece { part: Some(part), offset, bytes, ..whole }
    }
    /// Bytes of the payload at `index` of one unit.
    const fn fragment(self, unit: u32, index: u32) -> u32 {
        let packets = self.unit_packets(unit);
        if packets == 1 {
            return unit;
        }
        let (header, fragment) = self.codec.headers();
        let body = unit - header;
        let longer = if index < body % packets { 1 } else { 0 };
        fragment + body / packets + longer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(bytes: u32, heads: [u8; HEADS_MAX]) -> Frame {
        Frame { id: 0, bytes, heads, back: 0, timestamp: 0 }
    }
    fn cut(codec: Codec, room: u32, bytes: u32, heads: [u8; HEADS_MAX]) -> Vec<u32> {
        let (cut, frame) = (Cut { codec, room }, frame(bytes, heads));
        (0..cut.packets(&frame)).map(|index| cut.payload(&frame, index)).collect()
    }
    /// The sizes of units as they are said.
    fn units(bytes: u32, heads: [u8; HEADS_MAX]) -> Vec<u32> {
        let mut units: Vec<u32> = heads.map(u32::from).to_vec();
        units.retain(|bytes| *bytes > 0);
        let before: u32 = units.iter().sum();
        units.push(if bytes > before { bytes - before } else { 1 });
        units
    }

    #[test]
    fn units_are_single_or_fragments_of_like_size() {
        let none = [0; HEADS_MAX];
        assert_eq!(cut(Codec::H264, 1000, 1000, none), [1000]);
        assert_eq!(cut(Codec::H264, 1000, 1001, none), [502, 502]);
        assert_eq!(cut(Codec::H265, 1000, 1001, none), [503, 502]);
        assert_eq!(cut(Codec::H264, 1000, 1997, none), [1000, 1000]);
        assert_eq!(cut(Codec::H264, 1000, 0, none), [1]);
        assert_eq!(cut(Codec::H264, 1000, 1020, [15, 5, 0]), [15, 5, 1000]);
        assert_eq!(cut(Codec::H264, 1000, 1021, [15, 0, 5]), [15, 5, 502, 502]);
        assert_eq!(cut(Codec::H264, 1000, 20, [15, 5, 0]), [15, 5, 1]);
    }

    proptest! {
        /// Every byte of every unit is in one payload, and two bytes stand for one in each fragment of H.264.
        #[test]
        fn no_byte_is_lost_and_no_payload_too_long(
            bytes in 0_u32..200_000, heads: [u8; HEADS_MAX], room in 50_u32..1500, h265: bool,
        ) {
            let codec = if h265 { Codec::H265 } else { Codec::H264 };
            let payloads = cut(codec, room, bytes, heads);
            prop_assert!(payloads.iter().all(|payload| (1..=room).contains(payload)));
            let whole = Cut { codec, room }.payloads(&frame(bytes, heads));
            prop_assert_eq!(payloads.iter().sum::<u32>(), whole);
            let (header, fragment) = codec.headers();
            let mut rest = payloads.iter();
            for unit in units(bytes, heads) {
                let mut left = unit;
                if unit > room {
                    left -= header;
                    while left > 0 {
                        left = left.checked_sub(rest.next().unwrap() - fragment).unwrap();
                    }
                } else {
                    prop_assert_eq!(rest.next(), Some(&unit));
                }
            }
            prop_assert_eq!(rest.next(), None);
        }

        /// The pieces of a picture follow each other without gap and are as long as the payloads.
        #[test]
        fn pieces_are_the_units_from_end_to_end(
            bytes in 0_u32..100_000, heads: [u8; HEADS_MAX], room in 50_u32..1500, h265: bool,
        ) {
            let codec = if h265 { Codec::H265 } else { Codec::H264 };
            let (cut, frame) = (Cut { codec, room }, frame(bytes, heads));
            let (mut next, mut seen) = (0, Vec::new());
            for index in 0..cut.packets(&frame) {
                let piece = cut.piece(&frame, index);
                prop_assert_eq!(piece.payload(), cut.payload(&frame, index));
                if piece.part == Some(Part::Start) {
                    next = codec.headers().0;
                }
                let unit = u32::try_from(seen.len()).unwrap();
                prop_assert_eq!((piece.unit, piece.offset), (unit, next));
                next += piece.bytes;
                if matches!(piece.part, None | Some(Part::End)) {
                    prop_assert_eq!(next, piece.unit_bytes);
                    next = 0;
                    seen.push(piece.unit_bytes);
                }
            }
            prop_assert_eq!((seen, next), (units(bytes, heads), 0));
        }
    }
}
