//! The digest of a run: SHA-256 over what the run was given and over the packed form of every record,
//! hashed in blocks. Two runs with equal digests were the same run.

mod pack;
mod packets;
mod short;

pub use packets::{PACKET_RECORD_BYTES, PacketDigester};

use crate::record::{Record, RecordRef};
use koosim_model::time::SimTime;
use pack::{Packed, PackedInside, RuleLists, Span};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use short::{SHORT_BYTES_MAX, Short};
use std::fmt;

/// Records are packed into a block of this many bytes before they are hashed.
const BLOCK_BYTES: usize = 16 * 1024;

/// 32 bytes that name content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
    /// The first 16 hexadecimal digits: enough for people.
    pub fn short(&self) -> String {
        self.to_string().chars().take(16).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes: Option<Vec<u8>> = (0..text.len())
            .step_by(2)
            .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("not 64 hexadecimal digits"))
    }
}

/// Why a record could not be packed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record could not be packed: {0}")]
pub struct PackError(String);

/// A digest that is still being taken.
#[derive(Clone, Debug)]
pub struct Digester {
    hash: Sha256,
    /// Packed records that are not hashed yet, and behind them room for another short one.
    block: Box<[u8]>,
    /// How much of the block is filled. INVARIANT: less than [`BLOCK_BYTES`].
    filled: usize,
    /// Room to pack longer records in.
    long: Vec<u8>,
    records: u64,
    /// The instant of the last record.
    last: SimTime,
    /// Lists of rules in the order in which they first came.
    rules: RuleLists,
}

impl Digester {
    /// Begins with what the run was given.
    pub fn new(given: &Digest) -> Self {
        let mut hash = Sha256::new();
        hash.update(given.bytes());
        Self {
            hash,
            block: vec![0; BLOCK_BYTES + SHORT_BYTES_MAX].into_boxed_slice(),
            filled: 0,
            long: Vec::new(),
            records: 0,
            last: SimTime::from_nanos(0),
            rules: RuleLists::default(),
        }
    }
    /// Adds a record in its packed form; answers the length of that in bytes.
    pub fn add(&mut self, record: &Record) -> Result<usize, PackError> {
        self.add_ref(&record.borrow())
    }
    /// As [`Self::add`], for a record that is somebody else's.
    #[inline]
    pub fn add_ref(&mut self, record: &RecordRef<'_>) -> Result<usize, PackError> {
        let after = Span::between(self.last, record.at);
        self.last = record.at;
        let inside = PackedInside::of(record, self.records, &mut self.rules);
        let room = self.block.get_mut(self.filled..).and_then(<[u8]>::first_chunk_mut);
        let short = room.and_then(|room| Short::write(room, record, after, inside.as_ref()));
        let bytes = match short {
            Some(bytes) => {
                self.filled += bytes;
                bytes
            }
            None => self.add_long(&Packed::new(record, after, inside))?,
        };
        self.records = self.records.saturating_add(1);
        if self.filled >= BLOCK_BYTES {
            self.hash_block();
        }
        Ok(bytes)
    }
    /// Records of other kinds are few: they are packed apart and hashed at once.
    fn add_long(&mut self, packed: &Packed<'_>) -> Result<usize, PackError> {
        self.hash_block();
        self.long.clear();
        let extended = postcard::to_extend(packed, std::mem::take(&mut self.long));
        self.long = extended.map_err(|error| PackError(error.to_string()))?;
        self.hash.update(&self.long);
        Ok(self.long.len())
    }
    fn hash_block(&mut self) {
        self.hash.update(self.block.get(..self.filled).unwrap_or_default());
        self.filled = 0;
    }
    /// Records added so far.
    pub fn records(&self) -> u64 {
        self.records
    }
    /// The digest of everything so far.
    pub fn digest(&self) -> Digest {
        let mut hash = self.hash.clone();
        hash.update(self.block.get(..self.filled).unwrap_or_default());
        hash.update(self.records.to_le_bytes());
        Digest(hash.finalize().into())
    }
}

/// The digest of a value's packed form.
pub fn digest_of(value: &impl Serialize) -> Result<Digest, PackError> {
    let bytes = postcard::to_extend(value, Vec::new()).map_err(|e| PackError(e.to_string()))?;
    Ok(Digest::of(&bytes))
}
