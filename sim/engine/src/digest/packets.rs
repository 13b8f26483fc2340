//! The digest of what links did, packet by packet.

use super::{BLOCK_BYTES, Digest};
use crate::net::{DropCause, Fate, Happening};
use sha2::{Digest as _, Sha256};

/// Bytes of one record, all of them fixed: instant, token, link, bytes, flow, fate, congestion bits,
/// and two that are nothing.
pub const PACKET_RECORD_BYTES: usize = 32;

/// A digest over records of packets, hashed in blocks.
#[derive(Clone, Debug)]
pub struct PacketDigester {
    hash: Sha256,
    /// Records that are not hashed yet.
    block: Box<[[u8; PACKET_RECORD_BYTES]]>,
    /// How many they are. INVARIANT: fewer than the block holds.
    filled: usize,
    records: u64,
}

impl PacketDigester {
    /// Begins with what the run was given.
    pub fn new(given: &Digest) -> Self {
        let mut hash = Sha256::new();
        hash.update(given.bytes());
        let records = BLOCK_BYTES / PACKET_RECORD_BYTES;
        let block = vec![[0; PACKET_RECORD_BYTES]; records].into_boxed_slice();
        Self { hash, block, filled: 0, records: 0 }
    }
    /// Adds what a link did; `link` is its number in the run.
    #[inline]
    pub fn add(&mut self, link: u32, told: &Happening) {
        if let Some(room) = self.block.get_mut(self.filled) {
            *room = record(link, told);
        }
        self.filled += 1;
        self.records += 1;
        if self.filled == self.block.len() {
            self.hash.update(self.block.as_flattened());
            self.filled = 0;
        }
    }
    /// Records added so far.
    pub const fn records(&self) -> u64 {
        self.records
    }
    /// The digest of everything so far.
    pub fn digest(&self) -> Digest {
        let mut hash = self.hash.clone();
        let rest = self.block.get(..self.filled).unwrap_or_default();
        hash.update(rest.as_flattened());
        hash.update(self.records.to_le_bytes());
        Digest(hash.finalize().into())
    }
}

#[inline]
fn record(link: u32, told: &Happening) -> [u8; PACKET_RECORD_BYTES] {
    let mut record = [0; PACKET_RECORD_BYTES];
    let (words, rest) = record.as_chunks_mut::<8>();
    let pair = |high: u32, low: u32| u64::from(high) << u32::BITS | u64::from(low);
    let marks = u32::from(fate_code(told.fate)) << u8::BITS | u32::from(told.packet.ecn.bits());
    let values = [
        told.at.as_nanos().cast_unsigned(),
        told.packet.token,
        pair(link, told.packet.bytes),
        pair(told.packet.flow, marks),
    ];
    for (word, value) in words.iter_mut().zip(values) {
        *word = value.to_le_bytes();
    }
    debug_assert!(rest.is_empty());
    record
}

const fn fate_code(fate: Fate) -> u8 {
    match fate {
        Fate::Departed => 1,
        Fate::Copied => 2,
        Fate::Arrived { corrupt: false, copy: false } => 3,
        Fate::Arrived { corrupt: true, copy: false } => 4,
        Fate::Arrived { corrupt: false, copy: true } => 5,
        Fate::Arrived { corrupt: true, copy: true } => 6,
        Fate::Dropped(DropCause::Partitioned) => 16,
        Fate::Dropped(DropCause::Outage) => 17,
        Fate::Dropped(DropCause::TooBig) => 18,
        Fate::Dropped(DropCause::QueueFull) => 19,
        Fate::Dropped(DropCause::Managed) => 20,
        Fate::Dropped(DropCause::Lost) => 21,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Ecn, Packet};
    use koosim_model::time::SimTime;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_reaches_the_digest() {
        let packet = Packet::new(1, 2).of_flow(3);
        let told = Happening { at: SimTime::from_nanos(4), packet, fate: Fate::Departed };
        let arrived = |corrupt, copy| Fate::Arrived { corrupt, copy };
        let fates = DropCause::ALL.map(Fate::Dropped).into_iter().chain([
            Fate::Departed,
            Fate::Copied,
            arrived(false, false),
            arrived(true, false),
            arrived(false, true),
            arrived(true, true),
        ]);
        let mut all: Vec<(u32, Happening)> =
            fates.map(|fate| (0, Happening { fate, ..told })).collect();
        for ecn in [Ecn::Capable0, Ecn::Capable1, Ecn::Congested] {
            all.push((0, Happening { packet: packet.with_ecn(ecn), ..told }));
        }
        all.push((1, told));
        all.push((0, Happening { at: SimTime::from_nanos(-4), ..told }));
        all.push((0, Happening { packet: packet.of_flow(9), ..told }));
        all.push((0, Happening { packet: Packet { token: 9, ..packet }, ..told }));
        all.push((0, Happening { packet: Packet { bytes: 9, ..packet }, ..told }));
        let digest = |given: &[u8], link, told: &Happening| {
            let mut digester = PacketDigester::new(&Digest::of(given));
            digester.add(link, told);
            digester.digest()
        };
        let mut seen: BTreeSet<Digest> =
            all.iter().map(|(link, told)| digest(b"a", *link, told)).collect();
        seen.insert(digest(b"b", 0, &told));
        assert_eq!(seen.len(), all.len() + 1);
    }

    #[test]
    fn blocks_do_not_show() {
        let fate = Fate::Departed;
        let mut whole = Sha256::new();
        let given = Digest::of(b"given");
        whole.update(given.bytes());
        let mut digester = PacketDigester::new(&given);
        for ns in 0..1_300 {
            let told = Happening { at: SimTime::from_nanos(ns), packet: Packet::new(7, 8), fate };
            digester.add(5, &told);
            whole.update(record(5, &told));
        }
        whole.update(1_300_u64.to_le_bytes());
        assert_eq!(digester.digest(), Digest(whole.finalize().into()));
    }
}
