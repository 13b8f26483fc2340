//! Pictures that wait to be sent and pictures that were sent, in one ring.

use super::packetiser::{Cut, Frame, Piece};
use crate::packet::{Extensions, Media, RTP_HEADER_BYTES};
use crate::ring::Ring;
use koosim_time::{SimDuration, SimTime};

/// Pictures in the ring: 64 that wait, and over 3 s of sent ones at 60 a second.
const RING: u32 = 256;
/// Most pictures that wait.
const WAITING_MAX: u64 = 64;

#[derive(Clone, Copy, Debug)]
struct Entry {
    frame: Frame,
    /// Number of the first packet, once that is sent.
    first: u64,
    packets: u32,
    sent: u32,
    sent_at: SimTime,
}

/// What does not change from packet to packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) cut: Cut,
    pub(crate) ssrc: u32,
    pub(crate) extensions: Extensions,
    /// Bytes of UDP and IP.
    pub(crate) overhead: u32,
}

/// Pictures, numbered from 0 in the order in which they were accepted.
#[derive(Clone, Debug)]
pub(crate) struct Frames {
    form: Form,
    ring: Ring<Entry>,
    /// The picture that is being sent.
    head: u64,
    /// The next to be accepted.
    tail: u64,
    next_sequence: u64,
    waiting_bytes: u64,
}

impl Frames {
    pub(crate) fn new(form: Form, first_sequence: u16, now: SimTime) -> Self {
        let frame = Frame { id: 0, bytes: 0, heads: [0; 3], back: 0, timestamp: 0 };
        let empty = Entry { frame, first: u64::MAX, packets: 0, sent: 0, sent_at: now };
        Self {
            form,
            ring: Ring::new(RING, empty),
            head: 0,
            tail: 0,
            next_sequence: u64::from(first_sequence),
            waiting_bytes: 0,
        }
    }
    pub(crate) const fn has_room(&self) -> bool {
        self.tail - self.head < WAITING_MAX
    }
    /// Bytes that wait, with all headers.
    pub(crate) const fn waiting_bytes(&self) -> u64 {
        self.waiting_bytes
    }
    pub(crate) const fn waiting_frames(&self) -> u64 {
        self.tail - self.head
    }
    pub(crate) const fn next_sequence(&self) -> u64 {
        self.next_sequence
    }
    pub(crate) fn packets(&self, frame: &Frame) -> u32 {
        self.form.cut.packets(frame)
    }
    /// Accepts a picture; there must be room.
    pub(crate) fn push(&mut self, now: SimTime, frame: Frame) {
        let packets = self.form.cut.packets(&frame);
        let headers = RTP_HEADER_BYTES + self.form.extensions.bytes() + self.form.overhead;
        let bytes = u64::from(packets) * u64::from(headers);
        self.waiting_bytes += bytes + u64::from(self.form.cut.payloads(&frame));
        let entry = Entry { frame, first: u64::MAX, packets, sent: 0, sent_at: now };
        *self.ring.get_mut(self.tail) = entry;
        self.tail += 1;
    }
    fn piece(&self, entry: &Entry, index: u32) -> Media {
        let payload = self.form.cut.payload(&entry.frame, index);
        Media {
            sequence: entry.first + u64::from(index),
            transport_sequence: 0,
            ssrc: self.form.ssrc,
            timestamp: entry.frame.timestamp,
            frame: entry.frame.id,
            payload: u16::try_from(payload).unwrap_or(u16::MAX),
            back: entry.frame.back,
            first: index == 0,
            last: index + 1 == entry.packets,
            extensions: self.form.extensions,
        }
    }
    /// The packet that is next, without the transport's number.
    pub(crate) fn peek(&self) -> Option<Media> {
        if self.head == self.tail {
            return None;
        }
        let entry = self.ring.get(self.head);
        let first = if entry.sent == 0 { self.next_sequence } else { entry.first };
        Some(self.piece(&Entry { first, ..*entry }, entry.sent))
    }
    /// The packet that [`Self::peek`] gave has been sent; true at the end of its picture.
    pub(crate) fn pop(&mut self, now: SimTime, media: &Media) -> bool {
        self.waiting_bytes -= u64::from(media.wire_len() + self.form.overhead);
        self.next_sequence += 1;
        let entry = self.ring.get_mut(self.head);
        if entry.sent == 0 {
            entry.first = media.sequence;
        }
        entry.sent += 1;
        entry.sent_at = now;
        let ended = entry.sent == entry.packets;
        self.head += u64::from(ended);
        ended
    }
    /// Forgets all that waits; how many pictures were not sent to their end.
    pub(crate) fn clear(&mut self) -> u64 {
        let dropped = self.tail - self.head;
        let begun = dropped > 0 && self.ring.get(self.head).sent > 0;
        // One that was begun stays in the past: its packets can still be asked for.
        self.tail = self.head + u64::from(begun);
        self.head = self.tail;
        self.waiting_bytes = 0;
        dropped
    }
    /// A packet that was sent no longer ago than `age`.
    pub(crate) fn find(&self, sequence: u64, now: SimTime, age: SimDuration) -> Option<Media> {
        let (entry, index) = self.sent(sequence)?;
        (now - entry.sent_at <= age).then(|| self.piece(entry, index))
    }
    /// Where in its picture the payload of a packet that was sent lies.
    pub(crate) fn piece_of(&self, sequence: u64) -> Option<Piece> {
        let (entry, index) = self.sent(sequence)?;
        Some(self.form.cut.piece(&entry.frame, index))
    }
    /// The picture of a packet that was sent, and which packet of it that is.
    fn sent(&self, sequence: u64) -> Option<(&Entry, u32)> {
        let past = self.tail.min(self.ring.capacity());
        let newest = if self.head == self.tail { self.head.checked_sub(1)? } else { self.head };
        let entries = (0..past).map_while(|back| newest.checked_sub(back));
        let entry = entries.map(|n| self.ring.get(n)).find(|entry| entry.first <= sequence)?;
        let index = u32::try_from(sequence - entry.first).ok()?;
        (index < entry.sent).then_some((entry, index))
    }
    /// Where the picture that is sent next lies.
    pub(crate) const fn place(&self) -> *const u8 {
        self.ring.place(self.head)
    }
    pub(crate) fn bytes(&self) -> usize {
        self.ring.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::packetiser::Codec;
    use super::*;

    fn frames() -> Frames {
        let cut = Cut { codec: Codec::H264, room: 1000 };
        let form = Form { cut, ssrc: 1, extensions: Extensions::TransportSequence, overhead: 28 };
        Frames::new(form, 65_530, SimTime::EPOCH)
    }

    fn frame(id: u32, bytes: u32) -> Frame {
        Frame { id, bytes, heads: [0; 3], back: u8::from(id > 0), timestamp: id * 1500 }
    }

    #[test]
    fn what_was_sent_is_found_again_and_nothing_else() {
        let mut frames = frames();
        let now = SimTime::EPOCH;
        for id in 0..400 {
            frames.push(now, frame(id, 500 + 7 * id));
            while let Some(media) = frames.peek() {
                frames.pop(now, &media);
                let found = frames.find(media.sequence, now, SimDuration::ZERO);
                assert_eq!(found, Some(media));
                let piece = frames.piece_of(media.sequence).unwrap();
                assert_eq!((piece.frame.id, piece.payload()), (id, u32::from(media.payload)));
                assert_eq!(frames.find(media.sequence + 1, now, SimDuration::ZERO), None);
            }
            assert_eq!(frames.waiting_bytes(), 0);
        }
        let next = frames.next_sequence();
        assert_eq!(frames.find(65_530, now, SimDuration::ZERO), None, "too many pictures ago");
        let later = SimTime::from_nanos(2);
        assert_eq!(frames.find(next - 1, later, SimDuration::from_nanos(1)), None, "too long ago");
    }

    #[test]
    fn cleared_pictures_leave_no_gap_in_the_numbers() {
        let mut frames = frames();
        frames.push(SimTime::EPOCH, frame(0, 5000));
        frames.push(SimTime::EPOCH, frame(1, 5000));
        let first = frames.peek().unwrap();
        frames.pop(SimTime::EPOCH, &first);
        assert_eq!((frames.clear(), frames.waiting_bytes(), frames.peek()), (2, 0, None));
        frames.push(SimTime::EPOCH, frame(2, 100));
        let next = frames.peek().unwrap();
        assert_eq!((next.sequence, next.frame), (65_531, 2));
        assert_eq!(frames.find(65_530, SimTime::EPOCH, SimDuration::ZERO), Some(first));
    }
}
