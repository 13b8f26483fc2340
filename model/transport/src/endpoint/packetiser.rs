//! Cuts a picture into payloads (T2.9, T2.10). A payload is a function of the picture and of its place, so that
//! neither a queue nor a history of packets is kept.

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
    const fn headers(self) -> (u32, u32) {
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
    }
}
