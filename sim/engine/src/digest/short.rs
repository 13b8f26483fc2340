//! The packed form of a settlement, written at once: the bytes of [`Packed`](super::pack::Packed),
//! several times as fast. A fleet has hundreds of settlements to every other record.

use super::pack::{PackedInside, PackedRules, Span};
use crate::record::{Class, RecordRef, WhatRef};
use koosim_model::event::{Event, Settled};
use koosim_model::money::Amount;

/// Room for two names of the greatest length and thirteen numbers.
const BYTES_MAX: usize = 512;
/// Variants of a packed settlement and of [`Span`], options that are there, and the class of business.
const SETTLED: u8 = 1;
const SECONDS: u8 = 0;
const NANOS: u8 = 1;
const SOME: u8 = 1;
const BUSINESS: u8 = 0;

/// A record in its packed form.
pub(super) struct Short {
    bytes: [u8; BYTES_MAX],
    length: usize,
}

impl Short {
    /// The form of the record, if it is a settlement without coupons under rules that are known.
    #[inline]
    pub(super) fn of(
        record: &RecordRef<'_>,
        after: Span,
        inside: Option<&PackedInside<'_>>,
    ) -> Option<Self> {
        let WhatRef::Event(Event::Settled(settled)) = record.what else { return None };
        let inside = inside?;
        let PackedRules::Number(rules) = inside.rules else { return None };
        if !settled.paid.coupons.is_empty() || inside.class != Class::Business {
            return None;
        }
        let mut short = Self { bytes: [0; BYTES_MAX], length: 0 };
        short.span(after)?;
        short.name(record.account.as_bytes())?;
        short.byte(SETTLED)?;
        short.name(settled.phone.as_bytes())?;
        short.span(Span::between(settled.from, record.at))?;
        short.span(Span::between(settled.from, settled.to))?;
        short.number(u64::from(settled.seconds))?;
        short.amounts(settled)?;
        short.byte(SOME)?;
        short.signed(inside.offset)?;
        short.byte(BUSINESS)?;
        short.number(u64::from(rules))?;
        Some(short)
    }
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The three that are mostly something, no coupons, which of the others are something, and those.
    #[inline]
    fn amounts(&mut self, settled: &Settled) -> Option<()> {
        for amount in [settled.official, settled.erased, settled.due] {
            self.amount(amount)?;
        }
        self.byte(0)?;
        let paid = &settled.paid;
        let others = [settled.discount, paid.cash, paid.credit, paid.debt];
        let bits = others.iter().zip(0..).map(|(amount, bit)| u8::from(!amount.is_zero()) << bit);
        self.byte(bits.fold(0, |present, bit| present | bit))?;
        others.into_iter().filter(|amount| !amount.is_zero()).try_for_each(|a| self.amount(a))
    }
    #[inline]
    fn byte(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.length)? = byte;
        self.length += 1;
        Some(())
    }
    #[inline]
    fn name(&mut self, text: &[u8]) -> Option<()> {
        self.number(u64::try_from(text.len()).ok()?)?;
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end)?.copy_from_slice(text);
        self.length = end;
        Some(())
    }
    #[inline]
    fn span(&mut self, span: Span) -> Option<()> {
        let (variant, count) = match span {
            Span::Seconds(count) => (SECONDS, count),
            Span::Nanos(count) => (NANOS, count),
        };
        self.byte(variant)?;
        self.signed(count)
    }
    #[inline]
    fn amount(&mut self, amount: Amount) -> Option<()> {
        let (form, number) = amount.packed();
        self.byte(form)?;
        // Wider ones are written by the general form.
        self.signed(i64::try_from(number).ok()?)
    }
    /// A signed number, the sign in its lowest bit.
    #[inline]
    fn signed(&mut self, number: i64) -> Option<()> {
        self.number((number << 1 ^ number >> 63).cast_unsigned())
    }
    /// A number in digits of seven bits, the lowest first; the highest bit of each byte says that more
    /// follow. Up to eight digits are spread over a word at once.
    #[inline]
    fn number(&mut self, number: u64) -> Option<()> {
        if number < 1 << DIGIT_BITS {
            return self.byte(low_byte(number));
        }
        if number >> (8 * DIGIT_BITS) != 0 {
            return self.long_number(number);
        }
        let halves = number & 0x0fff_ffff | (number & 0x00ff_ffff_f000_0000) << 4;
        let quarters = halves & 0x3fff_0000_3fff | (halves & 0x0fff_c000_0fff_c000) << 2;
        let digits = quarters & 0x007f_007f_007f_007f | (quarters & 0x3f80_3f80_3f80_3f80) << 1;
        let last = (u64::BITS - 1 - number.leading_zeros()) / DIGIT_BITS;
        let more = 0x8080_8080_8080_8080 & ((1 << (8 * last)) - 1);
        let room = self.bytes.get_mut(self.length..)?.first_chunk_mut()?;
        *room = (digits | more).to_le_bytes();
        self.length += usize::try_from(last).ok()? + 1;
        Some(())
    }
    fn long_number(&mut self, mut number: u64) -> Option<()> {
        while number >> DIGIT_BITS != 0 {
            self.byte(low_byte(number) | 1 << DIGIT_BITS)?;
            number >>= DIGIT_BITS;
        }
        self.byte(low_byte(number))
    }
}

const DIGIT_BITS: u32 = 7;

#[inline]
fn low_byte(number: u64) -> u8 {
    let [low, ..] = number.to_le_bytes();
    low
}

#[cfg(test)]
mod tests {
    use super::super::pack::{Packed, RuleLists};
    use super::*;
    use crate::record::{Inside, Record, What};
    use koosim_model::event::{Event, Settled};
    use koosim_model::money::Currency;
    use koosim_model::name::{AccountId, PhoneId};
    use koosim_model::rulebook::RuleId;
    use koosim_model::state::Split;
    use koosim_model::time::SimTime;
    use proptest::prelude::*;
    use std::borrow::Cow;

    fn any_amount() -> impl Strategy<Value = Amount> {
        let text = "0|-?[0-9]{1,9}[.][0-9]{2}|-?[0-9]{1,11}[.][0-9]{0,9}[1-9]";
        text.prop_map(|text| Amount::parse(&text, Currency::CNY).unwrap())
    }

    proptest! {
        /// What is written at once has the bytes of the general form.
        #[test]
        fn a_settlement_is_written_as_it_is_packed(
            names in ("[a-z0-9.-]{1,40}", "[a-z0-9.-]{1,40}"),
            times in prop::array::uniform4(-2_000_000_000_000_000_i64..2_000_000_000_000_000),
            whole in any::<bool>(),
            numbers in (any::<u32>(), any::<u64>(), any::<u64>()),
            amounts in prop::array::uniform7(any_amount()),
        ) {
            let unit = if whole { 1_000_000_000 } else { 1 };
            let [last, at, from, to] = times.map(|time| SimTime::from_nanos(time / unit * unit));
            let [official, discount, erased, due, cash, credit, debt] = amounts;
            let paid = Split { cash, credit, debt, ..Split::nothing(Currency::CNY) };
            let (seconds, sequence, records) = numbers;
            let phone = PhoneId::new(&names.0).unwrap();
            let settled =
                Settled { phone, from, to, seconds, official, discount, erased, due, paid };
            let rules = Cow::Owned(vec!["R2.5".parse::<RuleId>().unwrap()]);
            let inside = Some(Inside { sequence, class: Class::Business, rules });
            let account = AccountId::new(&names.1).unwrap();
            let what = What::Event(Event::Settled(settled));
            let record = Record { at, account, what, inside };
            let mut lists = RuleLists::default();
            let (record, after) = (record.borrow(), Span::between(last, at));
            let narrow = amounts.iter().all(|amount| i64::try_from(amount.packed().1).is_ok());
            for known in [false, true] {
                let inside = PackedInside::of(&record, records, &mut lists);
                let short = Short::of(&record, after, inside.as_ref());
                let bytes = postcard::to_extend(&Packed::new(&record, after, inside), Vec::new());
                let bytes = Some(bytes.unwrap()).filter(|_| known && narrow);
                prop_assert_eq!(short.as_ref().map(Short::bytes), bytes.as_deref());
            }
        }
    }
}
