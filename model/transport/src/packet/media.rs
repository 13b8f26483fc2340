use super::RTP_HEADER_BYTES;

/// Header extensions of an RTP packet, all in the one-byte form of RFC 8285 (T2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Extensions {
    /// None.
    None,
    /// The transport-wide number: 4 bytes of block, 1 of id, 2 of number, 1 of padding (T2.3).
    #[default]
    TransportSequence,
    /// The absolute send time: 4 bytes of block, 1 of id, 3 of time (T2.2).
    SendTime,
    /// Both: 4 bytes of block, 4 and 3, 1 of padding.
    Both,
}

impl Extensions {
    /// Bytes of the whole block, in words of four.
    pub const fn bytes(self) -> u32 {
        match self {
            Self::None => 0,
            Self::TransportSequence | Self::SendTime => 8,
            Self::Both => 12,
        }
    }
}

/// A piece of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Media {
    /// Number in the stream; the lowest 16 bits travel.
    pub sequence: u64,
    /// Number over all streams; the lowest 16 bits travel.
    pub transport_sequence: u64,
    /// Source of the stream.
    pub ssrc: u32,
    /// When the picture was captured, in ticks of 90 kHz, wrapping.
    pub timestamp: u32,
    /// Which picture.
    pub frame: u32,
    /// Bytes after header and extensions, with those of fragmentation (T2.9).
    pub payload: u16,
    /// How many frames back the picture is that this one needs; 0 for a key frame.
    pub back: u8,
    /// The first packet of its frame.
    pub first: bool,
    /// The last packet of its frame, which carries the marker.
    pub last: bool,
    /// Extensions of the header.
    pub extensions: Extensions,
}

impl Media {
    /// Bytes on the wire without UDP and IP.
    pub const fn wire_len(&self) -> u32 {
        RTP_HEADER_BYTES + self.extensions.bytes() + widen(self.payload)
    }
    /// Whether the picture needs no other.
    pub const fn is_key(&self) -> bool {
        self.back == 0
    }
    /// The marker bit: set on the last packet of a picture (T2.9).
    pub const fn marker(&self) -> bool {
        self.last
    }
    /// What parity protects, as bits of one length for every packet (RFC 5109 recovery fields).
    pub(crate) fn protected(&self) -> [u64; 2] {
        let flags = u64::from(self.first) | u64::from(self.last) << 1;
        [
            u64::from(self.timestamp) << 32 | u64::from(self.frame),
            u64::from(self.payload) | u64::from(self.back) << 16 | flags << 24,
        ]
    }
    /// The packet with this number whose protected bits are these; the rest is as in `like`.
    pub(crate) fn recovered(like: &Self, sequence: u64, bits: [u64; 2]) -> Self {
        let [times, rest] = bits;
        Self {
            sequence,
            timestamp: crate::number::low32(times >> 32),
            frame: crate::number::low32(times),
            payload: crate::number::low16(rest),
            back: u8::try_from(rest >> 16 & 0xFF).unwrap_or_default(),
            first: rest >> 24 & 1 == 1,
            last: rest >> 25 & 1 == 1,
            ..*like
        }
    }
}

/// A piece of sound: one packet a payload (T2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audio {
    /// Number in the stream; the lowest 16 bits travel.
    pub sequence: u64,
    /// Number over all streams; the lowest 16 bits travel.
    pub transport_sequence: u64,
    /// Source of the stream.
    pub ssrc: u32,
    /// Ticks of 48 kHz, wrapping.
    pub timestamp: u32,
    /// Bytes after header and extensions.
    pub payload: u16,
    /// Extensions of the header.
    pub extensions: Extensions,
}

impl Audio {
    /// Bytes on the wire without UDP and IP.
    pub const fn wire_len(&self) -> u32 {
        RTP_HEADER_BYTES + self.extensions.bytes() + widen(self.payload)
    }
}

/// A packet once more, in a stream of its own with the original number in front (T2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtx {
    /// Number in the stream of repeats; the lowest 16 bits travel.
    pub sequence: u64,
    /// Source of the stream of repeats.
    pub ssrc: u32,
    /// What is repeated, with the transport's number of this transmission.
    pub media: Media,
}

impl Rtx {
    /// Bytes of the original number.
    pub const ORIGINAL_BYTES: u32 = 2;

    /// Bytes on the wire without UDP and IP.
    pub const fn wire_len(&self) -> u32 {
        self.media.wire_len() + Self::ORIGINAL_BYTES
    }
}

/// Parity over up to 16 packets of pictures (T2.12): any one of them follows from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fec {
    /// Number in the stream of parity; the lowest 16 bits travel.
    pub sequence: u64,
    /// Number over all streams; the lowest 16 bits travel.
    pub transport_sequence: u64,
    /// The first number that is protected; the lowest 16 bits travel.
    pub base: u64,
    /// Source of the stream of parity.
    pub ssrc: u32,
    /// Exclusive or of what is protected of each.
    pub parity: [u64; 2],
    /// Bit `n` from the top: `base + n` is protected.
    pub mask: u16,
    /// Bytes after the fixed header of the longest protected packet.
    pub longest: u16,
    /// Extensions of the header.
    pub extensions: Extensions,
}

impl Fec {
    /// Bytes of the header of parity (10) and of its one level with a mask of 16 (4), RFC 5109.
    pub const HEADERS_BYTES: u32 = 14;
    /// Most packets that one parity protects: the bits of its mask.
    pub const GROUP_MAX: u8 = 16;

    /// Bytes on the wire without UDP and IP.
    pub const fn wire_len(&self) -> u32 {
        RTP_HEADER_BYTES + self.extensions.bytes() + Self::HEADERS_BYTES + widen(self.longest)
    }
    /// The numbers that are protected, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + use<> {
        let (base, mask) = (self.base, self.mask);
        (0..u64::from(Self::GROUP_MAX))
            .filter(move |n| mask << n & 0x8000 != 0)
            .map(move |n| base + n)
    }
}

/// A packet of nothing but padding, in the stream of repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padding {
    /// Number in the stream of repeats; the lowest 16 bits travel.
    pub sequence: u64,
    /// Number over all streams; the lowest 16 bits travel.
    pub transport_sequence: u64,
    /// Source of the stream of repeats.
    pub ssrc: u32,
    /// Bytes of padding, counted in the last of them.
    pub bytes: u8,
    /// Extensions of the header.
    pub extensions: Extensions,
}

impl Padding {
    /// Bytes on the wire without UDP and IP.
    pub const fn wire_len(&self) -> u32 {
        RTP_HEADER_BYTES + self.extensions.bytes() + widen_u8(self.bytes)
    }
}

#[expect(clippy::as_conversions, reason = "widening, where From is not const")]
const fn widen(bytes: u16) -> u32 {
    bytes as u32
}

#[expect(clippy::as_conversions, reason = "widening, where From is not const")]
const fn widen_u8(bytes: u8) -> u32 {
    bytes as u32
}
