//! What was sent and not yet reported on, by the number of the transport.

use crate::congestion::PacketResult;
use crate::number::{low16, low32};
use crate::packet::Stream;
use crate::ring::Ring;
use koosim_time::SimTime;

/// Packets that are remembered: over a second at 10 Mbit/s.
const RING: u32 = 1024;
/// Packets of one stream that are remembered by the number of the stream.
const STREAM_RING: u32 = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unknown,
    Lost,
    Arrived,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    sent_at: SimTime,
    sequence: u32,
    bytes: u16,
    probe: u16,
    stream_sequence: u16,
    stream: Stream,
    fate: Fate,
}

/// The past of the transport.
#[derive(Clone, Debug)]
pub(crate) struct SentLog {
    ring: Ring<Slot>,
    next: u64,
    /// For feedback by streams: the transport's number of each stream's packets.
    streams: Option<Box<[Ring<u64>; 4]>>,
}

impl SentLog {
    pub(crate) fn new(now: SimTime, by_streams: bool) -> Self {
        let empty = Slot {
            sent_at: now,
            sequence: u32::MAX,
            bytes: 0,
            probe: 0,
            stream_sequence: 0,
            stream: Stream::Video,
            fate: Fate::Arrived,
        };
        let streams = || Box::new(std::array::from_fn(|_| Ring::new(STREAM_RING, u64::MAX)));
        let streams = by_streams.then(streams);
        Self { ring: Ring::new(RING, empty), next: 0, streams }
    }
    /// The number of the next packet.
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }
    /// Where the next packet will lie.
    pub(crate) const fn place(&self) -> *const u8 {
        self.ring.place(self.next)
    }
    /// Remembers the next packet.
    pub(crate) fn push(
        &mut self,
        now: SimTime,
        (stream, sequence): (Stream, u64),
        bytes: u32,
        probe: Option<u16>,
    ) {
        *self.ring.get_mut(self.next) = Slot {
            sent_at: now,
            sequence: low32(self.next),
            bytes: u16::try_from(bytes).unwrap_or(u16::MAX),
            // Probes are numbered from 1.
            probe: probe.unwrap_or_default(),
            stream_sequence: low16(sequence),
            stream,
            fate: Fate::Unknown,
        };
        if let Some(streams) = &mut self.streams {
            *ring_of(streams, stream).get_mut(sequence) = self.next;
        }
        self.next += 1;
    }
    /// The number nearest to the next one with these lowest 16 bits.
    pub(crate) fn unwrap(&self, wire: u16) -> Option<u64> {
        let behind = u64::from(low16(self.next).wrapping_sub(wire));
        self.next.checked_sub(behind)
    }
    /// The transport's number of a packet of a stream.
    pub(crate) fn of_stream(&self, stream: Stream, wire: u16) -> Option<u64> {
        let [video, audio, repair, parity] = self.streams.as_deref()?;
        let ring = match stream {
            Stream::Video => video,
            Stream::Audio => audio,
            Stream::Repair => repair,
            Stream::Parity => parity,
        };
        let number = *ring.get(u64::from(wire));
        let slot = self.slot(number)?;
        (slot.stream == stream && slot.stream_sequence == wire).then_some(number)
    }
    fn slot(&self, number: u64) -> Option<&Slot> {
        let slot = self.ring.get(number);
        (number < self.next && slot.sequence == low32(number)).then_some(slot)
    }
    /// What a report says of a packet, unless that was known or is no longer.
    pub(crate) fn report(
        &mut self,
        number: u64,
        arrived_at: Option<SimTime>,
        congested: bool,
    ) -> Option<PacketResult> {
        let fate = if arrived_at.is_some() { Fate::Arrived } else { Fate::Lost };
        let slot = *self.slot(number)?;
        if slot.fate == Fate::Arrived || slot.fate == fate {
            return None;
        }
        self.ring.get_mut(number).fate = fate;
        Some(PacketResult {
            sequence: number,
            sent_at: slot.sent_at,
            arrived_at,
            bytes: u32::from(slot.bytes),
            congested,
            probe: Some(slot.probe).filter(|probe| *probe != 0),
        })
    }
    /// The path is another: nothing that was sent on the old one counts.
    pub(crate) fn forget(&mut self) {
        let mut empty = *self.ring.get(0);
        (empty.sequence, empty.fate) = (u32::MAX, Fate::Arrived);
        self.ring.fill(empty);
    }
    pub(crate) fn bytes(&self) -> usize {
        let streams = self.streams.iter().flat_map(|streams| streams.iter());
        self.ring.bytes() + streams.map(Ring::bytes).sum::<usize>()
    }
}

const fn ring_of(streams: &mut [Ring<u64>; 4], stream: Stream) -> &mut Ring<u64> {
    let [video, audio, repair, parity] = streams;
    match stream {
        Stream::Video => video,
        Stream::Audio => audio,
        Stream::Repair => repair,
        Stream::Parity => parity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fate_is_told_once_and_late_arrival_after_loss() {
        let mut sent = SentLog::new(SimTime::EPOCH, true);
        for n in 0..70_000_u64 {
            sent.push(SimTime::EPOCH, (Stream::Audio, n + 9), 100, (n == 69_999).then_some(4));
        }
        let number = sent.unwrap(low16(69_999)).unwrap();
        assert_eq!(number, 69_999);
        assert_eq!(sent.of_stream(Stream::Audio, low16(number + 9)), Some(number));
        assert_eq!(sent.of_stream(Stream::Video, low16(number + 9)), None);
        let lost = sent.report(number, None, false).unwrap();
        assert_eq!((lost.arrived_at, lost.probe), (None, Some(4)));
        assert_eq!(sent.report(number, None, false), None);
        let at = Some(SimTime::EPOCH);
        assert_eq!(sent.report(number, at, false).unwrap().arrived_at, at);
        assert_eq!(sent.report(number, at, false), None);
        assert_eq!(sent.report(number - 1024, at, false), None, "too long ago");
        assert_eq!(sent.report(number + 1, at, false), None, "not sent yet");
        sent.forget();
        assert_eq!(sent.report(number - 1, at, false), None);
    }
}
