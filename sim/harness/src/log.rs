//! What happened on the network: records in order, and one digest over all of them.

use crate::record::{Carrier, NOBODY, PACKED_BYTES, Record};
use koosim_engine::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// How many records a run keeps unless it is told otherwise.
pub const RECORDS_KEPT: usize = 1 << 16;
/// After how many records the digest so far is noted, so that a difference can be placed among
/// records that were not kept.
pub const RECORDS_PER_BLOCK: u64 = 4096;
const BUFFER_BYTES: usize = 8192;

/// The log of a run that is going on.
pub(crate) struct Log {
    hasher: Sha256,
    buffer: Vec<u8>,
    count: u64,
    keep: usize,
    kept: Vec<Record>,
    notes: BTreeMap<u64, String>,
    blocks: Vec<Digest>,
}

impl Log {
    /// An empty log of a run with this seed that will keep the first `keep` records.
    pub(crate) fn new(seed: u64, keep: usize) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"koosim-harness 2\0");
        hasher.update(seed.to_le_bytes());
        let buffer = Vec::with_capacity(BUFFER_BYTES);
        let (notes, blocks) = (BTreeMap::new(), Vec::new());
        Self { hasher, buffer, count: 0, keep, kept: Vec::new(), notes, blocks }
    }

    pub(crate) fn push(&mut self, record: &Record) {
        record.pack(&mut self.buffer);
        if self.kept.len() < self.keep {
            self.kept.push(*record);
        }
        self.count += 1;
        if self.buffer.len() + PACKED_BYTES > BUFFER_BYTES {
            self.flush();
        }
        if self.count.is_multiple_of(RECORDS_PER_BLOCK) {
            self.flush();
            self.blocks.push(Digest::of(&self.hasher.clone().finalize()));
        }
    }

    pub(crate) fn push_note(&mut self, record: &Record, text: &str) {
        if self.kept.len() < self.keep {
            self.notes.insert(self.count, text.to_owned());
        }
        self.push(record);
    }

    fn flush(&mut self) {
        self.hasher.update(&self.buffer);
        self.buffer.clear();
    }

    /// Closes the log.
    pub(crate) fn finish(mut self, hosts: Vec<String>) -> RunLog {
        self.flush();
        for name in &hosts {
            self.hasher.update(name.as_bytes());
            self.hasher.update([0]);
        }
        self.hasher.update(self.count.to_le_bytes());
        let digest = Digest::of(&self.hasher.finalize());
        let Self { count, kept, notes, blocks, .. } = self;
        RunLog { digest, count, kept, notes, blocks, hosts }
    }
}

/// The log of a run that has ended.
#[derive(Clone, Debug)]
pub struct RunLog {
    digest: Digest,
    count: u64,
    kept: Vec<Record>,
    notes: BTreeMap<u64, String>,
    blocks: Vec<Digest>,
    hosts: Vec<String>,
}

impl RunLog {
    /// The digest over the seed, all records and the hosts' names.
    pub const fn digest(&self) -> Digest {
        self.digest
    }
    /// How many records there were.
    pub const fn count(&self) -> u64 {
        self.count
    }
    /// The first records, as many as were kept.
    pub fn kept(&self) -> &[Record] {
        &self.kept
    }
    /// The text of the note at that place among the records, if it was kept.
    pub fn note(&self, place: u64) -> Option<&str> {
        self.notes.get(&place).map(String::as_str)
    }
    /// The hosts' names, in the order in which they were added.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }
    /// The digest after each [`RECORDS_PER_BLOCK`] records.
    pub fn blocks(&self) -> &[Digest] {
        &self.blocks
    }
    /// The record at that place in words, if it was kept.
    pub fn describe(&self, place: u64) -> Option<String> {
        let record = self.kept.get(usize::try_from(place).ok()?)?;
        let host = self.host_name(record.host);
        let mut text = format!("{} {host}", record.at);
        if record.peer != NOBODY && record.what.carrier().is_none() {
            text.push_str(&format!(" -> {}", self.host_name(record.peer)));
        }
        text.push_str(&format!(" {}", record.what.words()));
        if let Some(note) = self.note(place) {
            text.push_str(&format!(": {note}"));
        }
        if let Some(carrier) = record.what.carrier() {
            let (kind, peer) = (carrier_word(carrier), self.host_name(record.peer));
            let Record { port, peer_port, bytes, content, .. } = record;
            text.push_str(&format!(
                " a {kind} of {bytes} bytes ({content:016x}), port {port}, peer {peer}:{peer_port}"
            ));
        }
        Some(text)
    }
    fn host_name(&self, host: u32) -> &str {
        let name = usize::try_from(host).ok().and_then(|host| self.hosts.get(host));
        name.map_or("?", String::as_str)
    }
}

const fn carrier_word(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Datagram => "datagram",
        Carrier::Segment => "segment",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::What;
    use koosim_engine::net::DropCause;
    use koosim_model::time::SimTime;

    #[test]
    fn every_field_reaches_the_digest() {
        let base = Record::of_host(SimTime::from_nanos(5), What::Started, 1, 2);
        let others = [
            Record { at: SimTime::from_nanos(6), ..base },
            Record { what: What::Dropped(Carrier::Segment, DropCause::Lost), ..base },
            Record { what: What::Dropped(Carrier::Segment, DropCause::TooBig), ..base },
            Record { host: 3, ..base },
            Record { peer: 3, ..base },
            Record { port: 3, ..base },
            Record { peer_port: 3, ..base },
            Record { bytes: 3, ..base },
            Record { content: 3, ..base },
        ];
        let digest = |record: &Record| {
            let mut log = Log::new(1, 0);
            log.push(record);
            log.finish(vec!["a".to_owned()]).digest()
        };
        let mut all: Vec<Digest> = others.iter().chain([&base]).map(digest).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 10);
    }
}
