//! The sending half of a connection: what is to be sent, sent again, or may not be sent yet.

use koosim_model::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// Bytes that a component may write ahead of their acknowledgement.
pub const SEND_BYTES_MAX: usize = 64 * 1024;
/// After so many acknowledgements of the same place, the segment there is taken for lost.
const REPEATS_BEFORE_RESEND: u32 = 3;

/// A piece of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) seq: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: bool,
}

/// What an acknowledgement brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acked {
    /// Something new, and the round trip of a piece that was sent once, if one was being timed.
    Progress { trip: Option<SimDuration> },
    /// Nothing new.
    Nothing,
}

/// The sending half.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    segment_bytes: usize,
    // INVARIANT: acked <= next <= written (+ 1 once the end was sent); `buffer` begins at `acked`.
    acked: u64,
    next: u64,
    written: u64,
    buffer: VecDeque<u8>,
    end_queued: bool,
    // The peer takes bytes up to here.
    edge: u64,
    resend: bool,
    // While acknowledgements stay below this place, each shows the next hole.
    recover: u64,
    repeats: u32,
    probe: bool,
    timed: Option<(u64, SimTime)>,
}

impl Sender {
    /// Nothing was written yet; the peer takes `window` bytes.
    pub(crate) const fn new(segment_bytes: usize, window: u64) -> Self {
        Self {
            segment_bytes,
            acked: 0,
            next: 0,
            written: 0,
            buffer: VecDeque::new(),
            end_queued: false,
            edge: window,
            resend: false,
            recover: 0,
            repeats: 0,
            probe: false,
            timed: None,
        }
    }

    /// Takes as many bytes as there is room for; how many.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> usize {
        let room = SEND_BYTES_MAX.saturating_sub(self.buffer.len());
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.buffer.extend(taken);
        self.written += len(taken.len());
        taken.len()
    }
    /// Ends the stream after what was written.
    pub(crate) const fn end(&mut self) {
        self.end_queued = true;
    }
    /// The peer takes bytes up to `window` after the first.
    pub(crate) fn open_window(&mut self, window: u64) {
        self.edge = self.edge.max(window);
    }

    /// Takes an acknowledgement; `bare` if nothing else came with it.
    pub(crate) fn acknowledge(&mut self, now: SimTime, ack: u64, window: u64, bare: bool) -> Acked {
        if ack > self.next || ack < self.acked {
            return Acked::Nothing;
        }
        let old_edge = self.edge;
        self.edge = self.edge.max(ack.saturating_add(window));
        if ack == self.acked {
            match (bare && self.in_flight(), self.edge > old_edge, old_edge <= self.acked) {
                // The peer has room again: what it had no room for is sent again at once.
                (true, true, true) => self.lose(),
                (true, false, _) => self.count_repeat(),
                _ => {}
            }
            return Acked::Nothing;
        }
        let bytes = ack.min(self.written) - self.acked.min(self.written);
        self.buffer.drain(..usize::try_from(bytes).unwrap_or(usize::MAX).min(self.buffer.len()));
        self.acked = ack;
        self.repeats = 0;
        self.resend = self.acked < self.recover;
        let trip = self.timed.filter(|&(place, _)| ack >= place);
        if trip.is_some() {
            self.timed = None;
        }
        Acked::Progress { trip: trip.map(|(_, sent)| now - sent) }
    }

    const fn count_repeat(&mut self) {
        self.repeats = self.repeats.saturating_add(1);
        if self.repeats == REPEATS_BEFORE_RESEND && self.acked >= self.recover {
            self.lose();
        }
    }
    /// Takes the first piece in flight for lost.
    const fn lose(&mut self) {
        self.resend = true;
        self.recover = self.next;
        self.timed = None;
    }
    /// Waited in vain: sends the first piece again, or asks a peer without room.
    pub(crate) const fn timed_out(&mut self) {
        self.repeats = 0;
        if self.in_flight() {
            self.lose();
        } else {
            self.probe = true;
        }
    }

    /// The piece to send now.
    pub(crate) fn take(&mut self, now: SimTime) -> Option<Piece> {
        if std::mem::take(&mut self.resend) && self.in_flight() {
            let size = self.next.min(self.written) - self.acked.min(self.written);
            let piece = self.piece(self.acked, size);
            // The end is sent again only if it was sent before.
            return Some(Piece { end: piece.end && self.next > self.written, ..piece });
        }
        let probe = std::mem::take(&mut self.probe);
        let left = self.written.saturating_sub(self.next);
        let room = self.edge.saturating_sub(self.next);
        let size = left.min(room.max(u64::from(probe))).min(len(self.segment_bytes));
        // A small piece waits for room rather than fill the peer's window with crumbs.
        let crumb = size < len(self.segment_bytes) && size < left && self.in_flight();
        if (size == 0 || crumb) && !(left == 0 && self.end_queued && self.next == self.written) {
            return None;
        }
        let piece = self.piece(self.next, size);
        self.next = piece.seq + size + u64::from(piece.end);
        if self.timed.is_none() {
            self.timed = Some((self.next, now));
        }
        Some(piece)
    }

    fn piece(&self, seq: u64, bytes_max: u64) -> Piece {
        let from = usize::try_from(seq - self.acked).unwrap_or(usize::MAX).min(self.buffer.len());
        let size = usize::try_from(bytes_max).unwrap_or(usize::MAX).min(self.segment_bytes);
        let to = from.saturating_add(size).min(self.buffer.len());
        let bytes: Vec<u8> = self.buffer.range(from..to).copied().collect();
        let end = self.end_queued && seq + len(bytes.len()) == self.written;
        Piece { seq, bytes, end }
    }

    /// The place of the next byte to be sent for the first time.
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }
    /// Whether something waits for its acknowledgement.
    pub(crate) const fn in_flight(&self) -> bool {
        self.acked < self.next
    }
    /// Whether bytes wait for a peer that has no room.
    pub(crate) const fn is_blocked(&self) -> bool {
        !self.in_flight() && self.next < self.written && self.edge <= self.next
    }
    /// Whether the peer has said that it has no room.
    pub(crate) const fn peer_is_full(&self) -> bool {
        self.edge <= self.acked
    }
    /// Whether a component can write bytes.
    pub(crate) fn is_writable(&self) -> bool {
        self.buffer.len() < SEND_BYTES_MAX
    }
    /// Whether a component has ended the stream.
    pub(crate) const fn is_ending(&self) -> bool {
        self.end_queued
    }
    /// Whether everything was acknowledged, the end included.
    pub(crate) const fn is_done(&self) -> bool {
        self.end_queued && self.acked > self.written
    }
}

fn len(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
