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
    /// Bytes of all its units without start codes; none counts as one.
    pub bytes: u32,
    /// Units (slices) that it comes in, of sizes that differ by at most one; none counts as one.
    pub units: u8,
    /// How many ids back the picture is that it needs; 0 for a key frame.
    pub back: u8,
    /// Capture time in ticks of 90 kHz, wrapping.
    pub timestamp: u32,
}

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
    fn units(frame: &Frame) -> (u32, u32) {
        let bytes = frame.bytes.max(1);
        (bytes, u32::from(frame.units).clamp(1, bytes))
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
        let (bytes, units) = Self::units(frame);
        let (small, larger) = (bytes / units, bytes % units);
        larger * self.unit_packets(small + 1) + (units - larger) * self.unit_packets(small)
    }
    /// Bytes of all payloads of a picture.
    pub(crate) fn payloads(self, frame: &Frame) -> u32 {
        let (bytes, units) = Self::units(frame);
        let (small, larger) = (bytes / units, bytes % units);
        let (header, fragment) = self.codec.headers();
        let extra = |unit: u32| match self.unit_packets(unit) {
            1 => 0,
            packets => packets * fragment - header,
        };
        bytes + larger * extra(small + 1) + (units - larger) * extra(small)
    }
    /// Bytes of the payload at `index`, which is below [`Self::packets`].
    pub(crate) fn payload(self, frame: &Frame, index: u32) -> u32 {
        let (bytes, units) = Self::units(frame);
        let (small, larger) = (bytes / units, bytes % units);
        let in_larger = larger * self.unit_packets(small + 1);
        if index < in_larger {
            self.fragment(small + 1, index)
        } else {
            self.fragment(small, index - in_larger)
        }
    }
    /// What the packet at `index`, which is below [`Self::packets`], holds of a picture.
    pub(crate) fn piece(self, frame: &Frame, index: u32) -> Piece {
        let (bytes, units) = Self::units(frame);
        let (small, larger) = (bytes / units, bytes % units);
        let in_larger = larger * self.unit_packets(small + 1);
        let (unit_bytes, before, index) = if index < in_larger {
            (small + 1, 0, index)
        } else {
            (small, larger, index - in_larger)
        };
        let packets = self.unit_packets(unit_bytes);
        let (unit, place) = (before + index / packets, index % packets);
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
    /// Bytes of the payload at `index` of units that are all of one size.
    const fn fragment(self, unit: u32, index: u32) -> u32 {
        let packets = self.unit_packets(unit);
        if packets == 1 {
            return unit;
        }
        let (header, fragment) = self.codec.headers();
        let (body, index) = (unit - header, index % packets);
        let longer = if index < body % packets { 1 } else { 0 };
        fragment + body / packets + longer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(codec: Codec, room: u32, bytes: u32, units: u8) -> Vec<u32> {
        let (cut, frame) =
            (Cut { codec, room }, Frame { id: 0, bytes, units, back: 0, timestamp: 0 });
        (0..cut.packets(&frame)).map(|index| cut.payload(&frame, index)).collect()
    }

    #[test]
    fn units_are_single_or_fragments_of_like_size() {
        assert_eq!(cut(Codec::H264, 1000, 1000, 1), [1000]);
        assert_eq!(cut(Codec::H264, 1000, 1001, 1), [502, 502]);
        assert_eq!(cut(Codec::H265, 1000, 1001, 1), [503, 502]);
        assert_eq!(cut(Codec::H264, 1000, 1997, 1), [1000, 1000]);
        assert_eq!(cut(Codec::H264, 1000, 2001, 2), [502, 502, 1000]);
        assert_eq!(cut(Codec::H264, 1000, 0, 9), [1]);
    }

    proptest! {
        /// Every byte of the picture is in one payload, beside two bytes of each fragment for one of its unit.
        #[test]
        fn no_byte_is_lost_and_no_payload_too_long(
            bytes in 0_u32..200_000, units in 0_u8..20, room in 50_u32..1500, h265: bool,
        ) {
            let codec = if h265 { Codec::H265 } else { Codec::H264 };
            let payloads = cut(codec, room, bytes, units);
            prop_assert!(payloads.iter().all(|payload| (1..=room).contains(payload)));
            let frame = Frame { id: 0, bytes, units, back: 0, timestamp: 0 };
            prop_assert_eq!(payloads.iter().sum::<u32>(), Cut { codec, room }.payloads(&frame));
            let (header, fragment) = codec.headers();
            let (bytes, units) = (bytes.max(1), u32::from(units).clamp(1, bytes.max(1)));
            let packets = u32::try_from(payloads.len()).unwrap();
            let over: u32 = payloads.iter().sum::<u32>() - bytes;
            // With F fragments of U fragmented units the overhead is F * fragment - U * header.
            let fits = (0..=units).any(|cut_units| {
                let fragments = packets - (units - cut_units);
                fragments * fragment == over + cut_units * header
            });
            prop_assert!(fits, "{over} {packets}");
        }

        /// The pieces of a picture follow each other without gap and are as long as the payloads.
        #[test]
        fn pieces_are_the_units_from_end_to_end(
            bytes in 0_u32..100_000, units in 0_u8..20, room in 50_u32..1500, h265: bool,
        ) {
            let codec = if h265 { Codec::H265 } else { Codec::H264 };
            let (cut, frame) =
                (Cut { codec, room }, Frame { id: 0, bytes, units, back: 0, timestamp: 0 });
            let (mut unit, mut next, mut all) = (0, 0, 0);
            for index in 0..cut.packets(&frame) {
                let piece = cut.piece(&frame, index);
                prop_assert_eq!(piece.payload(), cut.payload(&frame, index));
                if piece.part == Some(Part::Start) {
                    next = codec.headers().0;
                }
                prop_assert_eq!((piece.unit, piece.offset), (unit, next));
                next += piece.bytes;
                if matches!(piece.part, None | Some(Part::End)) {
                    prop_assert_eq!(next, piece.unit_bytes);
                    (unit, next, all) = (unit + 1, 0, all + piece.unit_bytes);
                }
            }
            prop_assert_eq!((all, next), (bytes.max(1), 0));
        }
    }
}
