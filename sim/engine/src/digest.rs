//! The digest of a run: SHA-256 over what the run was given and over the packed form of every record,
//! hashed in blocks. Two runs with equal digests were the same run.

use crate::record::{Class, Record, What};
use koosim_model::event::{Event, Settled};
use koosim_model::money::Amount;
use koosim_model::name::{AccountId, PhoneId};
use koosim_model::rulebook::RuleId;
use koosim_model::state::{Split, SplitPart};
use koosim_model::time::{NS_PER_S, SimTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
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
    block: Vec<u8>,
    records: u64,
    /// The instant of the last record.
    last: SimTime,
    /// Lists of rules in the order in which they first came.
    rules: RuleLists,
}

/// A record as it is packed: what the record before it says is not said again.
#[derive(Serialize)]
struct Packed<'a> {
    /// Since the record before.
    after: Span,
    account: &'a AccountId,
    what: PackedWhat<'a>,
    inside: Option<PackedInside<'a>>,
}

/// What a record says; settlements, of which a fleet has hundreds to every other record, are told by
/// how long ago and how long.
#[derive(Serialize)]
enum PackedWhat<'a> {
    Plain(&'a What),
    Settled {
        phone: &'a PhoneId,
        /// From the beginning of use to the record.
        ago: Span,
        /// From the beginning of use to its end.
        lasting: Span,
        seconds: u32,
        amounts: [&'a Amount; 3],
        rest: PackedRest<'a>,
    },
}

/// The amounts of a settlement that are mostly nothing.
#[derive(Serialize)]
struct PackedRest<'a> {
    coupons: &'a [SplitPart],
    /// Which of the following are something, by one bit each.
    present: u8,
    #[serde(skip_serializing_if = "is_zero")]
    discount: &'a Amount,
    #[serde(skip_serializing_if = "is_zero")]
    cash: &'a Amount,
    #[serde(skip_serializing_if = "is_zero")]
    credit: &'a Amount,
    #[serde(skip_serializing_if = "is_zero")]
    debt: &'a Amount,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(amount: &&Amount) -> bool {
    amount.is_zero()
}

impl<'a> PackedRest<'a> {
    fn new(discount: &'a Amount, paid: &'a Split) -> Self {
        let Split { coupons, cash, credit, debt } = paid;
        let bit = |amount: &Amount, bit: u8| if amount.is_zero() { 0 } else { 1 << bit };
        let present = bit(discount, 0) | bit(cash, 1) | bit(credit, 2) | bit(debt, 3);
        Self { coupons, present, discount, cash, credit, debt }
    }
}

impl<'a> PackedWhat<'a> {
    fn new(what: &'a What, at: SimTime) -> Self {
        let What::Event(Event::Settled(settled)) = what else { return Self::Plain(what) };
        let Settled { phone, from, to, seconds, official, discount, erased, due, paid } = settled;
        Self::Settled {
            phone,
            ago: Span::between(*from, at),
            lasting: Span::between(*from, *to),
            seconds: *seconds,
            amounts: [official, erased, due],
            rest: PackedRest::new(discount, paid),
        }
    }
}

/// A length of time: in seconds where they are whole.
#[derive(Serialize)]
enum Span {
    Seconds(i64),
    Nanos(i64),
}

impl Span {
    fn between(from: SimTime, to: SimTime) -> Self {
        let nanos = to.as_nanos().wrapping_sub(from.as_nanos());
        if nanos % NS_PER_S == 0 { Self::Seconds(nanos / NS_PER_S) } else { Self::Nanos(nanos) }
    }
}

#[derive(Serialize)]
struct PackedInside<'a> {
    /// How far the sequence is from the number of records before: nothing in a log of ours.
    offset: i64,
    class: Class,
    rules: PackedRules<'a>,
}

/// A list of rules is written out once, behind a zero, and named by its number from then on.
#[derive(Serialize)]
#[serde(untagged)]
enum PackedRules<'a> {
    New(u32, &'a [RuleId]),
    Number(u32),
}

/// Numbers for lists of rules, from 1.
#[derive(Clone, Debug, Default)]
struct RuleLists {
    numbers: BTreeMap<Cow<'static, [RuleId]>, u32>,
    /// The list asked for last, by its address: most records have the rules of the one before.
    last: Option<(&'static [RuleId], u32)>,
}

impl RuleLists {
    #[expect(clippy::ptr_arg, reason = "only a list that lives for ever is known by its address")]
    fn pack<'a>(&mut self, rules: &'a Cow<'static, [RuleId]>) -> PackedRules<'a> {
        if let (Cow::Borrowed(list), Some((last, number))) = (rules, self.last)
            && std::ptr::eq(*list, last)
        {
            return PackedRules::Number(number);
        }
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX).saturating_add(1);
        let known = self.numbers.get(rules).copied();
        if known.is_none() {
            self.numbers.insert(rules.clone(), next);
        }
        if let Cow::Borrowed(list) = rules {
            self.last = Some((list, known.unwrap_or(next)));
        }
        known.map_or(PackedRules::New(0, rules), PackedRules::Number)
    }
}

impl Digester {
    /// Begins with what the run was given.
    pub fn new(given: &Digest) -> Self {
        let mut hash = Sha256::new();
        hash.update(given.bytes());
        Self {
            hash,
            block: Vec::with_capacity(BLOCK_BYTES),
            records: 0,
            last: SimTime::from_nanos(0),
            rules: RuleLists::default(),
        }
    }
    /// Adds a record in its packed form; answers the length of that in bytes.
    pub fn add(&mut self, record: &Record) -> Result<usize, PackError> {
        let inside = record.inside.as_ref().map(|inside| PackedInside {
            offset: inside.sequence.wrapping_sub(self.records).cast_signed(),
            class: inside.class,
            rules: self.rules.pack(&inside.rules),
        });
        let after = Span::between(self.last, record.at);
        self.last = record.at;
        let what = PackedWhat::new(&record.what, record.at);
        let packed = Packed { after, account: &record.account, what, inside };
        let block = std::mem::take(&mut self.block);
        let before = block.len();
        self.block = postcard::to_extend(&packed, block).map_err(|e| PackError(e.to_string()))?;
        let bytes = self.block.len() - before;
        self.records = self.records.saturating_add(1);
        if self.block.len() >= BLOCK_BYTES {
            self.hash.update(&self.block);
            self.block.clear();
        }
        Ok(bytes)
    }
    /// Records added so far.
    pub fn records(&self) -> u64 {
        self.records
    }
    /// The digest of everything so far.
    pub fn digest(&self) -> Digest {
        let mut hash = self.hash.clone();
        hash.update(&self.block);
        hash.update(self.records.to_le_bytes());
        Digest(hash.finalize().into())
    }
}

/// The digest of a value's packed form.
pub fn digest_of(value: &impl Serialize) -> Result<Digest, PackError> {
    let bytes = postcard::to_extend(value, Vec::new()).map_err(|e| PackError(e.to_string()))?;
    Ok(Digest::of(&bytes))
}
