//! The packed form of records.

use crate::record::{Class, RecordRef, WhatRef};
use koosim_model::event::{Event, Settled};
use koosim_model::money::Amount;
use koosim_model::name::{AccountId, PhoneId};
use koosim_model::rulebook::RuleId;
use koosim_model::state::{Split, SplitPart};
use koosim_model::time::{NS_PER_S, SimTime};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A record as it is packed: what the record before it says is not said again.
#[derive(Serialize)]
pub(super) struct Packed<'a> {
    /// Since the record before.
    after: Span,
    account: &'a AccountId,
    what: PackedWhat<'a>,
    inside: Option<PackedInside<'a>>,
}

impl<'a> Packed<'a> {
    pub(super) fn new(
        record: &RecordRef<'a>,
        after: Span,
        inside: Option<PackedInside<'a>>,
    ) -> Self {
        let what = PackedWhat::new(record.what, record.at);
        Self { after, account: record.account, what, inside }
    }
}

/// What a record says; settlements, of which a fleet has hundreds to every other record, are told by
/// how long ago and how long.
#[derive(Serialize)]
enum PackedWhat<'a> {
    Plain(WhatRef<'a>),
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
    fn new(what: WhatRef<'a>, at: SimTime) -> Self {
        let WhatRef::Event(Event::Settled(settled)) = what else { return Self::Plain(what) };
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
#[derive(Clone, Copy, Serialize)]
pub(super) enum Span {
    Seconds(i64),
    Nanos(i64),
}

impl Span {
    #[inline]
    pub(super) fn between(from: SimTime, to: SimTime) -> Self {
        let nanos = to.as_nanos().wrapping_sub(from.as_nanos());
        // Most records share their instant with the one before.
        if nanos == 0 {
            return Self::Seconds(0);
        }
        if nanos % NS_PER_S == 0 { Self::Seconds(nanos / NS_PER_S) } else { Self::Nanos(nanos) }
    }
}

#[derive(Serialize)]
pub(super) struct PackedInside<'a> {
    /// How far the sequence is from the number of records before: nothing in a log of ours.
    pub(super) offset: i64,
    pub(super) class: Class,
    pub(super) rules: PackedRules<'a>,
}

impl<'a> PackedInside<'a> {
    /// The internal half of a record that has `records` before it.
    #[inline]
    pub(super) fn of(record: &RecordRef<'a>, records: u64, lists: &mut RuleLists) -> Option<Self> {
        let inside = record.inside?;
        let offset = inside.sequence.wrapping_sub(records).cast_signed();
        Some(Self { offset, class: inside.class, rules: lists.pack(&inside.rules) })
    }
}

/// A list of rules is written out once, behind a zero, and named by its number from then on.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum PackedRules<'a> {
    New(u32, &'a [RuleId]),
    Number(u32),
}

/// Numbers for lists of rules, from 1.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleLists {
    numbers: BTreeMap<Cow<'static, [RuleId]>, u32>,
    /// The list asked for last, by its address: most records have the rules of the one before.
    last: Option<(&'static [RuleId], u32)>,
}

impl RuleLists {
    #[expect(clippy::ptr_arg, reason = "only a list that lives for ever is known by its address")]
    #[inline]
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
