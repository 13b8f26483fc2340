//! What endpoints send each other, as values with an exact size on the wire. Bytes are [`crate::wire`]'s.
//!
//! Numbers are kept with all their turns for whoever reads a log; a receiving endpoint looks at no more
//! of them than the wire carries. Sizes are those of RTP and RTCP alone: whoever puts a packet on a link adds
//! [`UDP_IPV4_BYTES`] or [`UDP_IPV6_BYTES`].

mod congestion;
mod control;
mod media;
mod transport;

pub use congestion::{CongestionFeedback, CongestionMetric, StreamArrivals};
pub use control::{
    Check, DelaySince, Nack, Pli, ReceiverReport, ReferenceTime, Remb, ReportBlock, SenderReport,
    ntp_middle, ntp_time,
};
pub use media::{Audio, Extensions, Fec, Media, Padding, Rtx};
pub use transport::TransportFeedback;

/// Bytes of an RTP header without sources and extensions (T2.1).
pub const RTP_HEADER_BYTES: u32 = 12;
/// Bytes of UDP (8) and IPv4 (20) in front of every packet; for the caller to add.
pub const UDP_IPV4_BYTES: u32 = 28;
/// Bytes of UDP (8) and IPv6 (40) in front of every packet; for the caller to add.
pub const UDP_IPV6_BYTES: u32 = 48;
/// Ticks of the media clock of pictures in a second (T2.9).
pub const VIDEO_CLOCK_HZ: u32 = 90_000;

/// The four streams of one session; each has a source id and counts for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Repeated packets and padding (RFC 4588).
    Repair,
    /// Parity (RFC 5109).
    Parity,
}

impl Stream {
    /// All streams, in the order in which reports list them.
    pub const ALL: [Self; 4] = [Self::Video, Self::Audio, Self::Repair, Self::Parity];
}

/// Source ids (SSRC) of the streams of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sources {
    /// Pictures.
    pub video: u32,
    /// Sound.
    pub audio: u32,
    /// Repeated packets and padding.
    pub repair: u32,
    /// Parity.
    pub parity: u32,
    /// Reports of the receiving side.
    pub receiver: u32,
}

impl Sources {
    /// The id of a stream.
    pub const fn of(&self, stream: Stream) -> u32 {
        match stream {
            Stream::Video => self.video,
            Stream::Audio => self.audio,
            Stream::Repair => self.repair,
            Stream::Parity => self.parity,
        }
    }
    /// The stream with this id.
    pub fn stream(&self, ssrc: u32) -> Option<Stream> {
        Stream::ALL.into_iter().find(|stream| self.of(*stream) == ssrc)
    }
}

/// Anything that one endpoint sends to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// A piece of a picture.
    Media(Media),
    /// A piece of sound.
    Audio(Audio),
    /// A piece of a picture once more.
    Rtx(Rtx),
    /// Parity over pieces of pictures.
    Fec(Fec),
    /// Nothing, to measure with.
    Padding(Padding),
    /// What was sent so far, and when.
    SenderReport(SenderReport),
    /// What arrived so far, and how.
    ReceiverReport(ReceiverReport),
    /// A receiver's clock, so that it learns the round trip.
    ReferenceTime(ReferenceTime),
    /// The answer to a receiver's clock.
    DelaySince(DelaySince),
    /// Arrivals by the number of the transport.
    TransportFeedback(Box<TransportFeedback>),
    /// Arrivals by the numbers of the streams, with congestion marks.
    CongestionFeedback(Box<CongestionFeedback>),
    /// Please repeat.
    Nack(Nack),
    /// Please begin anew with a key frame.
    Pli(Pli),
    /// Please stay below a rate.
    Remb(Remb),
    /// Is this path alive? Sent by the receiving side.
    Check(Check),
    /// It is. Sent by the sending side.
    CheckAnswer(Check),
}

impl Packet {
    /// Bytes of the packet on the wire without UDP and IP.
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Media(packet) => packet.wire_len(),
            Self::Audio(packet) => packet.wire_len(),
            Self::Rtx(packet) => packet.wire_len(),
            Self::Fec(packet) => packet.wire_len(),
            Self::Padding(packet) => packet.wire_len(),
            Self::SenderReport(packet) => packet.wire_len(),
            Self::ReceiverReport(packet) => packet.wire_len(),
            Self::ReferenceTime(_) => ReferenceTime::WIRE_LEN,
            Self::DelaySince(_) => DelaySince::WIRE_LEN,
            Self::TransportFeedback(packet) => packet.wire_len(),
            Self::CongestionFeedback(packet) => packet.wire_len(),
            Self::Nack(packet) => packet.wire_len(),
            Self::Pli(_) => Pli::WIRE_LEN,
            Self::Remb(packet) => packet.wire_len(),
            Self::Check(_) => Check::REQUEST_LEN,
            Self::CheckAnswer(_) => Check::ANSWER_LEN,
        }
    }
    /// The stream of an RTP packet, and nothing for a report or request.
    pub fn stream(&self) -> Option<Stream> {
        self.place().map(|(stream, _)| stream)
    }
    /// Number in the stream and number in the transport of an RTP packet, with all their turns.
    pub fn numbers(&self) -> Option<(u64, u64)> {
        self.place().map(|(_, numbers)| numbers)
    }
    /// Stream and numbers of an RTP packet.
    const fn place(&self) -> Option<(Stream, (u64, u64))> {
        Some(match self {
            Self::Media(p) => (Stream::Video, (p.sequence, p.transport_sequence)),
            Self::Audio(p) => (Stream::Audio, (p.sequence, p.transport_sequence)),
            Self::Rtx(p) => (Stream::Repair, (p.sequence, p.media.transport_sequence)),
            Self::Padding(p) => (Stream::Repair, (p.sequence, p.transport_sequence)),
            Self::Fec(p) => (Stream::Parity, (p.sequence, p.transport_sequence)),
            Self::SenderReport(_)
            | Self::ReceiverReport(_)
            | Self::ReferenceTime(_)
            | Self::DelaySince(_)
            | Self::TransportFeedback(_)
            | Self::CongestionFeedback(_)
            | Self::Nack(_)
            | Self::Pli(_)
            | Self::Remb(_)
            | Self::Check(_)
            | Self::CheckAnswer(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests;
