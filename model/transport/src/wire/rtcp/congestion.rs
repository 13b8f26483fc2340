//! Congestion control feedback (T2.8, RFC 8888 section 3.1).

use crate::Ecn;
use crate::wire::cursor::{Cursor, Write, low16};
use crate::wire::error::{Format, Found, Freedom, Malformed, Unwritable};
use crate::wire::list::{Entries, Entry, Item, List};

/// Most packets that are reported of a stream (RFC 8888 section 3.1).
pub const METRICS_MAX: usize = 16_384;
const RECEIVED: u16 = 0x8000;
const OFFSET_MASK: u16 = 0x1fff;

/// When packets of several streams arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CongestionFeedback<'a> {
    /// Who received them.
    pub sender: u32,
    /// The streams.
    pub streams: Entries<'a, CongestionStream<'a>>,
    /// When the report was made: the middle 32 bits of the receiver's NTP time.
    pub timestamp: u32,
}

/// When packets of one stream arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CongestionStream<'a> {
    /// The stream.
    pub ssrc: u32,
    /// Number of the first packet that is reported.
    pub begin: u16,
    /// One for each number from there on, at most [`METRICS_MAX`].
    pub metrics: List<'a, Metric, 2>,
}

/// What became of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// It did not arrive.
    Lost,
    /// It arrived.
    Received {
        /// With this mark.
        ecn: Ecn,
        /// So long before the report, in 1/1024 s: below [`Metric::TOO_OLD`], or one of the two names.
        before: u16,
    },
}

impl Metric {
    /// Longer ago than can be written.
    pub const TOO_OLD: u16 = 0x1ffe;
    /// After the report was made, or not known.
    pub const UNKNOWN: u16 = 0x1fff;
}

impl Item<2> for Metric {
    fn from_wire(bytes: [u8; 2]) -> Self {
        let bits = u16::from_be_bytes(bytes);
        if bits & RECEIVED == 0 {
            return Self::Lost;
        }
        Self::Received { ecn: Ecn::from_bits(bytes[0] >> 5), before: bits & OFFSET_MASK }
    }
    fn to_wire(self) -> [u8; 2] {
        let bits = match self {
            Self::Lost => 0,
            Self::Received { ecn, before } => {
                RECEIVED | u16::from(ecn.bits()) << 13 | before.min(OFFSET_MASK)
            }
        };
        bits.to_be_bytes()
    }
}

impl<'a> Entry<'a> for CongestionStream<'a> {
    const FORMAT: Format = Format::CongestionFeedback;

    fn take(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        if cursor.left().is_empty() {
            return Ok(None);
        }
        let (ssrc, begin, count) = (cursor.u32()?, cursor.u16()?, usize::from(cursor.u16()?));
        if count > METRICS_MAX {
            let found = Found::TooMany { what: "packets", count, most: METRICS_MAX };
            return Err(cursor.fail_before(2, found));
        }
        let metrics = List::read(cursor.pieces(count)?);
        if cursor.is_strict() {
            let unused = |bits: &[u8; 2]| {
                let bits = u16::from_be_bytes(*bits);
                bits & RECEIVED == 0 && bits != 0
            };
            cursor.note_if(metrics.wire().iter().any(unused), Freedom::ReservedNotZero);
        }
        cursor.padding(count % 2 * 2)?;
        Ok(Some(Self { ssrc, begin, metrics }))
    }
    fn wire_len(&self) -> usize {
        8 + self.metrics.len().next_multiple_of(2) * 2
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&self.begin.to_be_bytes());
        out.extend_from_slice(&low16(self.metrics.len()).to_be_bytes());
        self.metrics.put(out);
        if self.metrics.len() % 2 == 1 {
            out.extend_from_slice(&[0, 0]);
        }
    }
}

impl<'a> CongestionFeedback<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        cursor.name(Format::CongestionFeedback);
        let sender = cursor.u32()?;
        let Some(len) = cursor.left().len().checked_sub(4) else {
            return Err(cursor.fail(Found::Short { needed: 4, left: cursor.left().len() }));
        };
        let mut part = cursor.split(Format::CongestionFeedback, len)?;
        let streams = Entries::read(&mut part)?.0;
        cursor.close(&part)?;
        Ok(Self { sender, streams, timestamp: cursor.u32()? })
    }
}

impl Write for CongestionFeedback<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        for stream in self.streams.iter() {
            Unwritable::limit("packets", stream.metrics.len(), METRICS_MAX)?;
            for metric in stream.metrics.iter() {
                if let Metric::Received { before, .. } = metric {
                    let (value, most) = (usize::from(before), usize::from(OFFSET_MASK));
                    Unwritable::limit("time of arrival", value, most)?;
                }
            }
        }
        Ok(())
    }
    fn wire_len(&self) -> usize {
        8 + self.streams.wire_len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sender.to_be_bytes());
        self.streams.put(out);
        out.extend_from_slice(&self.timestamp.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Read;
    use crate::wire::rtcp::{Body, Packet};

    /// Two streams: three packets, one lost and one marked, and none.
    const BYTES: [u8; 36] = [
        0x8b, 205, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0, 3, 0x9f, 0xfe, 0, 0, 0xe0, 0x01, 0,
        0, 0, 0, 0, 3, 0, 7, 0, 0, 0x12, 0x34, 0x56, 0x78,
    ];

    #[test]
    fn the_layout_of_rfc_8888_section_3_1() {
        let (packet, freedom) = Packet::parse_strictly(&BYTES).unwrap();
        let metrics = [
            Metric::Received { ecn: Ecn::NotCapable, before: Metric::TOO_OLD },
            Metric::Lost,
            Metric::Received { ecn: Ecn::Congested, before: 1 },
        ];
        let streams = [
            CongestionStream { ssrc: 2, begin: 0xffff, metrics: List::of(&metrics) },
            CongestionStream { ssrc: 3, begin: 7, metrics: List::EMPTY },
        ];
        let streams = Entries::of(&streams);
        let said = CongestionFeedback { sender: 1, streams, timestamp: 0x1234_5678 };
        let said = Packet { body: Body::CongestionFeedback(said), padding: 0 };
        assert_eq!((packet, freedom), (said, None));
        let mut again = Vec::new();
        said.write(&mut again).unwrap();
        assert_eq!(again, BYTES);
    }

    #[test]
    fn a_lost_packet_says_nothing_else() {
        let mut bytes = BYTES;
        bytes[19] = 5;
        let (packet, freedom) = Packet::parse_strictly(&bytes).unwrap();
        assert_eq!(Ok(packet), Packet::parse(&BYTES));
        assert_eq!(freedom, Some(Freedom::ReservedNotZero));
    }

    #[test]
    fn counts_are_held_to() {
        let mut long = BYTES;
        long[14..16].copy_from_slice(&[0x40, 1]);
        let refused = Packet::parse(&long).unwrap_err();
        assert_eq!(refused.at, 14);
        let text = "congestion feedback, byte 14: 16385 packets, at most 16384 are read";
        assert_eq!(refused.to_string(), text);
        long[14..16].copy_from_slice(&[0, 10]);
        let found = Found::Short { needed: 20, left: 16 };
        assert_eq!(Packet::parse(&long).unwrap_err().found, found);
        assert!(Packet::parse(&[0x8b, 205, 0, 1, 0, 0, 0, 1]).is_err());
        let metrics = [Metric::Received { ecn: Ecn::Capable0, before: 0x2000 }];
        let streams = [CongestionStream { ssrc: 2, begin: 0, metrics: List::of(&metrics) }];
        let said = CongestionFeedback { sender: 1, streams: Entries::of(&streams), timestamp: 0 };
        assert!(said.check().is_err());
    }
}
