//! The receiving half of a connection: puts segments in order and offers room for more.

use super::segment::Data;
use std::collections::{BTreeMap, VecDeque};
use std::io::Read;

/// Bytes that a connection holds for a component that does not read them.
pub const RECEIVE_BYTES_MAX: u64 = 64 * 1024;

/// The receiving half.
#[derive(Clone, Debug)]
pub(crate) struct Receiver {
    // The place of the next byte that is missing; the end of the stream takes one place.
    next: u64,
    ready: VecDeque<u8>,
    // Bytes that came before their turn, by place. INVARIANT: all lie inside the offered window.
    early: BTreeMap<u64, Vec<u8>>,
    end_at: Option<u64>,
    // The place up to which the peer knows that it may send.
    offered: u64,
    ack_due: bool,
    // The acknowledgement is not to wait for something that it could travel with.
    ack_is_urgent: bool,
}

impl Receiver {
    pub(crate) const fn new() -> Self {
        Self {
            next: 0,
            ready: VecDeque::new(),
            early: BTreeMap::new(),
            end_at: None,
            offered: RECEIVE_BYTES_MAX,
            ack_due: false,
            ack_is_urgent: false,
        }
    }

    /// Takes what a segment brings.
    pub(crate) fn accept(&mut self, data: Data) {
        if data.bytes.is_empty() && !data.end {
            return;
        }
        self.ack_due = true;
        if data.end {
            self.end_at = Some(data.seq + len(&data.bytes));
        }
        // Out of turn: the sender counts repeated acknowledgements to find out what was lost.
        self.ack_is_urgent |= data.seq != self.next;
        self.store(data.seq, data.bytes);
        self.advance();
        if self.end_at == Some(self.next) {
            self.next += 1;
        }
    }

    /// Keeps the part of the bytes that is new and inside the window.
    fn store(&mut self, seq: u64, mut bytes: Vec<u8>) {
        let limit = self.next + self.room();
        if seq >= limit || self.is_ended() {
            return;
        }
        let fits = usize::try_from(limit - seq).unwrap_or(usize::MAX);
        bytes.truncate(fits);
        let known = usize::try_from(self.next.saturating_sub(seq)).unwrap_or(usize::MAX);
        if known >= bytes.len() {
            return;
        }
        bytes.drain(..known);
        let seq = seq.max(self.next);
        if seq == self.next {
            self.next += len(&bytes);
            self.ready.extend(bytes);
        } else if self.early.get(&seq).is_none_or(|held| held.len() < bytes.len()) {
            self.early.insert(seq, bytes);
        }
    }

    /// Moves bytes whose turn has come.
    fn advance(&mut self) {
        while let Some(first) = self.early.first_entry() {
            let seq = *first.key();
            if seq > self.next {
                break;
            }
            let bytes = first.remove();
            let known = usize::try_from(self.next - seq).unwrap_or(usize::MAX);
            if let Some(fresh) = bytes.get(known..) {
                self.next += len(fresh);
                self.ready.extend(fresh);
            }
        }
    }

    /// Copies bytes to the component; how many.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> usize {
        let mut copied = 0;
        // A ring has at most two pieces, and reading from memory does not fail.
        for _ in 0..2 {
            let rest = into.get_mut(copied..).unwrap_or_default();
            copied += self.ready.read(rest).unwrap_or(0);
        }
        // The peer is told of new room when it is worth a segment of its own.
        if self.next + self.room() >= self.offered + RECEIVE_BYTES_MAX / 4 && !self.is_ended() {
            self.ack_due = true;
        }
        copied
    }

    /// Whether a segment has bytes that were not received before.
    pub(crate) fn is_news(&self, data: &Data) -> bool {
        data.seq + len(&data.bytes) > self.next && !data.bytes.is_empty()
    }
    /// Whether everything was received, the end included.
    pub(crate) fn is_ended(&self) -> bool {
        self.end_at.is_some_and(|end| self.next > end)
    }
    /// Whether a component can read bytes.
    pub(crate) fn is_readable(&self) -> bool {
        !self.ready.is_empty()
    }
    /// Whether the peer waits for an acknowledgement or for news about the window.
    pub(crate) const fn owes_ack(&self) -> bool {
        self.ack_due
    }
    /// Whether an acknowledgement is to be sent even by itself.
    pub(crate) const fn is_in_a_hurry(&self) -> bool {
        self.ack_due && self.ack_is_urgent
    }
    /// Lets an acknowledgement that is owed wait no longer.
    pub(crate) const fn hurry(&mut self) {
        self.ack_is_urgent = true;
    }
    /// The acknowledgement and the window to send now.
    pub(crate) fn acknowledge(&mut self) -> (u64, u64) {
        self.ack_due = false;
        self.ack_is_urgent = false;
        let room = self.room();
        self.offered = self.next + room;
        (self.next, room)
    }
    /// Sends an acknowledgement although nothing new has come.
    pub(crate) const fn repeat_ack(&mut self) {
        self.ack_due = true;
    }
    fn room(&self) -> u64 {
        RECEIVE_BYTES_MAX.saturating_sub(u64::try_from(self.ready.len()).unwrap_or(u64::MAX))
    }
}

fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(seq: u64, bytes: &[u8], end: bool) -> Data {
        Data { seq, bytes: bytes.to_vec(), end, ack: 0, window: 0 }
    }

    fn read_all(receiver: &mut Receiver) -> Vec<u8> {
        let mut into = [0; 64];
        let n = receiver.read(&mut into);
        into[..n].to_vec()
    }

    #[test]
    fn bytes_come_out_in_order_and_once() {
        let mut receiver = Receiver::new();
        receiver.accept(data(6, b"gh", true));
        receiver.accept(data(2, b"cd", false));
        assert_eq!((read_all(&mut receiver), receiver.acknowledge().0), (vec![], 0));
        receiver.accept(data(0, b"abc", false));
        assert_eq!((read_all(&mut receiver), receiver.acknowledge().0), (b"abcd".to_vec(), 4));
        receiver.accept(data(0, b"abcdefg", false));
        assert_eq!(read_all(&mut receiver), b"efgh");
        assert!(receiver.is_ended());
        assert_eq!(receiver.acknowledge().0, 9);
        receiver.accept(data(6, b"gh", true));
        assert!(receiver.owes_ack(), "a repeated end is acknowledged again");
        assert_eq!(read_all(&mut receiver), b"");
    }

    #[test]
    fn what_lies_beyond_the_window_is_not_kept() {
        let mut receiver = Receiver::new();
        let all = usize::try_from(RECEIVE_BYTES_MAX).unwrap();
        receiver.accept(data(0, &vec![7; all + 10], false));
        assert_eq!(receiver.acknowledge(), (RECEIVE_BYTES_MAX, 0));
        receiver.accept(data(RECEIVE_BYTES_MAX, b"x", false));
        assert_eq!(receiver.acknowledge(), (RECEIVE_BYTES_MAX, 0));
        let mut into = vec![0; all / 4 - 1];
        receiver.read(&mut into);
        assert!(!receiver.owes_ack());
        receiver.read(&mut [0]);
        assert!(receiver.owes_ack(), "a quarter of the buffer is worth telling");
    }
}
