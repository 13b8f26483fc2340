//! Sender and receiver reports (T2.4, RFC 3550 sections 6.4.1 and 6.4.2).

use crate::wire::cursor::{Cursor, Write, low24, words};
use crate::wire::error::{Format, Malformed, Unwritable};
use crate::wire::list::{Item, List};
use crate::wire::ntp::NtpTime;

/// Most blocks of a report.
pub const REPORTS_MAX: usize = 31;

/// What a receiver says of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ReportBlock {
    /// The stream.
    pub ssrc: u32,
    /// Packets lost of those expected since the last report, in 1/256, rounded down.
    pub fraction_lost: u8,
    /// Packets lost since the beginning: expected less received, so that duplicates can make it negative. 24
    /// bits; what does not fit is written as the nearest that does.
    pub lost: i32,
    /// Highest sequence number, with the count of its wraps in the upper half.
    pub highest_sequence: u32,
    /// Mean deviation of the spacing, in ticks of the stream's clock.
    pub jitter: u32,
    /// The middle of the last sender report's NTP timestamp; 0 before any.
    pub last_report: u32,
    /// From that report's arrival to this one, in 1/65536 s.
    pub delay: u32,
}

/// Least and most that 24 bits hold.
const LOST_MIN: i32 = -(1 << 23);
const LOST_MAX: i32 = (1 << 23) - 1;

impl Item<24> for ReportBlock {
    fn from_wire(bytes: [u8; 24]) -> Self {
        let [ssrc, lost, highest_sequence, jitter, last_report, delay] = words(&bytes);
        let [fraction_lost, ..] = lost.to_be_bytes();
        // The sign is the first of the 24 bits.
        let lost = (lost << 8).cast_signed() >> 8;
        Self { ssrc, fraction_lost, lost, highest_sequence, jitter, last_report, delay }
    }
    fn to_wire(self) -> [u8; 24] {
        let [a, b, c] = low24(self.lost.clamp(LOST_MIN, LOST_MAX).cast_unsigned());
        let lost = u32::from_be_bytes([self.fraction_lost, a, b, c]);
        let words =
            [self.ssrc, lost, self.highest_sequence, self.jitter, self.last_report, self.delay];
        let mut bytes = [0; 24];
        for (place, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *place = word.to_be_bytes();
        }
        bytes
    }
}

/// What a sender says of its own stream and of those that it receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderReport<'a> {
    /// The sender's stream.
    pub ssrc: u32,
    /// When the report was sent.
    pub sent: NtpTime,
    /// The same instant in the stream's clock.
    pub timestamp: u32,
    /// Packets sent since the beginning.
    pub packets: u32,
    /// Bytes of payload sent since the beginning.
    pub bytes: u32,
    /// At most [`REPORTS_MAX`].
    pub blocks: List<'a, ReportBlock, 24>,
    /// What a profile adds, a whole number of words.
    pub extension: &'a [u8],
}

/// What a receiver says of the streams that it receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiverReport<'a> {
    /// The receiver.
    pub ssrc: u32,
    /// At most [`REPORTS_MAX`].
    pub blocks: List<'a, ReportBlock, 24>,
    /// What a profile adds, a whole number of words.
    pub extension: &'a [u8],
}

impl<'a> SenderReport<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>, count: u8) -> Result<Self, Malformed> {
        cursor.name(Format::Report);
        let (ssrc, sent) = (cursor.u32()?, NtpTime(cursor.u64()?));
        let (timestamp, packets, bytes) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
        let blocks = List::read(cursor.pieces(usize::from(count))?);
        let extension = cursor.rest();
        Ok(Self { ssrc, sent, timestamp, packets, bytes, blocks, extension })
    }
}

impl<'a> ReceiverReport<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>, count: u8) -> Result<Self, Malformed> {
        cursor.name(Format::Report);
        let ssrc = cursor.u32()?;
        let blocks = List::read(cursor.pieces(usize::from(count))?);
        Ok(Self { ssrc, blocks, extension: cursor.rest() })
    }
}

impl Write for SenderReport<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        Unwritable::limit("report blocks", self.blocks.len(), REPORTS_MAX)?;
        Unwritable::multiple("report extension", self.extension.len(), 4)
    }
    fn wire_len(&self) -> usize {
        24 + self.blocks.len() * 24 + self.extension.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&self.sent.0.to_be_bytes());
        for word in [self.timestamp, self.packets, self.bytes] {
            out.extend_from_slice(&word.to_be_bytes());
        }
        self.blocks.put(out);
        out.extend_from_slice(self.extension);
    }
}

impl Write for ReceiverReport<'_> {
    fn check(&self) -> Result<(), Unwritable> {
        Unwritable::limit("report blocks", self.blocks.len(), REPORTS_MAX)?;
        Unwritable::multiple("report extension", self.extension.len(), 4)
    }
    fn wire_len(&self) -> usize {
        4 + self.blocks.len() * 24 + self.extension.len()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        self.blocks.put(out);
        out.extend_from_slice(self.extension);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::rtcp::{Body, Packet};
    use crate::wire::{Found, Read};

    /// A receiver report of one block, as RFC 3550 section 6.4.2 lays it out.
    const RECEIVER: [u8; 32] = [
        0x81, 201, 0, 7, 0, 0, 0, 9, 0xde, 0xad, 0xbe, 0xef, 0x40, 0xff, 0xff, 0xfe, 0, 1, 0xab,
        0xcd, 0, 0, 0, 17, 0xb7, 0x05, 0x20, 0, 0, 5, 0x40, 0,
    ];

    #[test]
    fn the_round_trip_of_rfc_3550_section_6_4_1() {
        let packet = Packet::parse(&RECEIVER).unwrap();
        let Body::ReceiverReport(report) = packet.body else { panic!("{packet:?}") };
        let block = ReportBlock {
            ssrc: 0xdead_beef,
            fraction_lost: 64,
            lost: -2,
            highest_sequence: 0x0001_abcd,
            jitter: 17,
            last_report: 0xb705_2000,
            delay: 0x0005_4000,
        };
        assert_eq!((report.ssrc, report.blocks), (9, List::of(&[block])));
        // Arrived at 0xb710:8000, so the way there and back took 6.125 s (figure 2 of the section).
        let trip = 0xb710_8000_u32 - block.last_report - block.delay;
        assert_eq!(f64::from(trip) / 65536.0, 6.125);
        let mut again = Vec::new();
        packet.write(&mut again).unwrap();
        assert_eq!(again, RECEIVER);
    }

    #[test]
    fn a_sender_says_what_it_sent() {
        let mut bytes = vec![0x80, 200, 0, 6, 0, 0, 0, 1];
        bytes.extend([0x83, 0xaa, 0x7e, 0x80, 0x80, 0, 0, 0, 0, 0, 0, 90, 0, 0, 0, 3, 0, 0, 1, 0]);
        let packet = Packet::parse(&bytes).unwrap();
        let Body::SenderReport(report) = packet.body else { panic!("{packet:?}") };
        assert_eq!(report.sent, NtpTime(0x83aa_7e80_8000_0000));
        assert_eq!((report.timestamp, report.packets, report.bytes), (90, 3, 256));
        let mut again = Vec::new();
        packet.write(&mut again).unwrap();
        assert_eq!(again, bytes);
    }

    #[test]
    fn a_count_beyond_the_packet_is_refused() {
        let mut two = RECEIVER;
        two[0] += 1;
        let refused = Packet::parse(&two).unwrap_err();
        let found = Found::Short { needed: 48, left: 24 };
        assert_eq!(refused, Malformed { format: Format::Report, at: 8, found });
    }

    #[test]
    fn losses_beyond_24_bits_are_the_nearest() {
        for (lost, read) in [(i32::MAX, LOST_MAX), (i32::MIN, LOST_MIN), (-1, -1)] {
            let block = ReportBlock { lost, ..ReportBlock::default() };
            assert_eq!(ReportBlock::from_wire(block.to_wire()).lost, read);
        }
    }
}
