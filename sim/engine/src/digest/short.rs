//! The packed form of a settlement, written at once: the bytes of [`Packed`](super::pack::Packed),
//! several times as fast. A fleet has hundreds of settlements to every other record.

use super::pack::{PackedInside, PackedRules, Span};
use crate::record::{Class, RecordRef, WhatRef};
use koosim_model::event::{Event, Settled};
use koosim_model::money::Amount;
use koosim_model::name::Name;
use koosim_model::state::Split;

/// Room for two names of the greatest length and thirteen numbers.
pub(super) const SHORT_BYTES_MAX: usize = 512;
/// Room for an amount whose number is one word.
const AMOUNT_BYTES_MAX: usize = 16;
/// Variants of a packed settlement and of [`Span`], options that are there, and the class of business.
const SETTLED: u8 = 1;
const SECONDS: u8 = 0;
const NANOS: u8 = 1;
const SOME: u8 = 1;
const BUSINESS: u8 = 0;
/// Which amounts of a settlement are something, where cash pays the list price.
const CASH_ALONE: u8 = 1 << 1;

/// A record in its packed form, as far as it is written.
pub(super) struct Short<'a> {
    room: &'a mut [u8; SHORT_BYTES_MAX],
    length: usize,
}

/// Where an amount is written.
struct Written {
    amount: Amount,
    start: usize,
    length: usize,
}

impl<'a> Short<'a> {
    /// Writes the form of the record, if it is a settlement without coupons under rules that are known;
    /// answers its length.
    #[inline]
    pub(super) fn write(
        room: &'a mut [u8; SHORT_BYTES_MAX],
        record: &RecordRef<'_>,
        after: Span,
        inside: Option<&PackedInside<'_>>,
    ) -> Option<usize> {
        let WhatRef::Event(Event::Settled(settled)) = record.what else { return None };
        let inside = inside?;
        let PackedRules::Number(rules) = inside.rules else { return None };
        if !settled.paid.coupons.is_empty() || inside.class != Class::Business {
            return None;
        }
        let mut short = Self { room, length: 0 };
        short.span(after)?;
        short.name(record.account.name())?;
        short.byte(SETTLED)?;
        short.name(settled.phone.name())?;
        short.span(Span::between(settled.from, record.at))?;
        short.span(Span::between(settled.from, settled.to))?;
        short.number(u64::from(settled.seconds))?;
        short.amounts(settled)?;
        short.byte(SOME)?;
        short.signed(inside.offset)?;
        short.byte(BUSINESS)?;
        short.number(u64::from(rules))?;
        Some(short.length)
    }

    /// The three that are mostly something, no coupons, which of the others are something, and those.
    #[inline(always)]
    fn amounts(&mut self, settled: &Settled) -> Option<()> {
        let start = self.length;
        self.amount(settled.official)?;
        let price = Written { amount: settled.official, start, length: self.length - start };
        self.amount(settled.erased)?;
        self.again(settled.due, &price)?;
        self.byte(0)?;
        let Settled { discount, paid: Split { cash, credit, debt, .. }, .. } = *settled;
        let bit = |amount: Amount, bit: u8| u8::from(!amount.is_zero()) << bit;
        let present = bit(discount, 0) | bit(cash, 1) | bit(credit, 2) | bit(debt, 3);
        self.byte(present)?;
        if present == CASH_ALONE {
            return self.again(cash, &price);
        }
        for amount in [discount, cash, credit, debt] {
            if !amount.is_zero() {
                self.amount(amount)?;
            }
        }
        Some(())
    }
    #[inline(always)]
    fn byte(&mut self, byte: u8) -> Option<()> {
        *self.room.get_mut(self.length)? = byte;
        self.length += 1;
        Some(())
    }
    #[inline(always)]
    fn name(&mut self, name: &Name) -> Option<()> {
        let Some((padded, length)) = name.padded() else { return self.long_name(name.as_bytes()) };
        self.byte(u8::try_from(length).ok()?)?;
        *self.room.get_mut(self.length..)?.first_chunk_mut()? = *padded;
        self.length += usize::try_from(length).ok()?;
        Some(())
    }
    fn long_name(&mut self, text: &[u8]) -> Option<()> {
        self.byte(u8::try_from(text.len()).ok()?)?;
        let end = self.length + text.len();
        self.room.get_mut(self.length..end)?.copy_from_slice(text);
        self.length = end;
        Some(())
    }
    #[inline(always)]
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
        // Wider ones are written by the general form.
        let (form, number) = amount.packed_word()?;
        self.byte(form)?;
        self.signed(number)
    }
    /// An amount that mostly is one that was written before.
    #[inline(always)]
    fn again(&mut self, amount: Amount, before: &Written) -> Option<()> {
        if amount != before.amount {
            return self.amount(amount);
        }
        let bytes: [u8; AMOUNT_BYTES_MAX] = *self.room.get(before.start..)?.first_chunk()?;
        *self.room.get_mut(self.length..)?.first_chunk_mut()? = bytes;
        self.length += before.length;
        Some(())
    }
    /// A signed number, the sign in its lowest bit.
    #[inline(always)]
    fn signed(&mut self, number: i64) -> Option<()> {
        self.number((number << 1 ^ number >> 63).cast_unsigned())
    }
    /// A number in digits of seven bits, the lowest first; the highest bit of each byte says that more
    /// follow. Up to eight digits are spread over a word at once.
    #[inline(always)]
    fn number(&mut self, number: u64) -> Option<()> {
        if number < 1 << DIGIT_BITS {
            return self.byte(low_byte(number));
        }
        if number < 1 << (2 * DIGIT_BITS) {
            let digits = [low_byte(number) | 1 << DIGIT_BITS, low_byte(number >> DIGIT_BITS)];
            *self.room.get_mut(self.length..)?.first_chunk_mut()? = digits;
            self.length += digits.len();
            return Some(());
        }
        self.wide_number(number)
    }
    #[inline]
    fn wide_number(&mut self, number: u64) -> Option<()> {
        if number >> (8 * DIGIT_BITS) != 0 {
            return self.long_number(number);
        }
        let halves = number & 0x0fff_ffff | (number & 0x00ff_ffff_f000_0000) << 4;
        let quarters = halves & 0x3fff_0000_3fff | (halves & 0x0fff_c000_0fff_c000) << 2;
        let digits = quarters & 0x007f_007f_007f_007f | (quarters & 0x3f80_3f80_3f80_3f80) << 1;
        let last = (u64::BITS - 1 - number.leading_zeros()) / DIGIT_BITS;
        let more = 0x8080_8080_8080_8080 & ((1 << (8 * last)) - 1);
        let room = self.room.get_mut(self.length..)?.first_chunk_mut()?;
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
            let narrow = amounts.iter().all(|amount| amount.packed_word().is_some());
            for known in [false, true] {
                let inside = PackedInside::of(&record, records, &mut lists);
                let mut room = [0; SHORT_BYTES_MAX];
                let short = Short::write(&mut room, &record, after, inside.as_ref());
                let bytes = postcard::to_extend(&Packed::new(&record, after, inside), Vec::new());
                let bytes = Some(bytes.unwrap()).filter(|_| known && narrow);
                prop_assert_eq!(short.and_then(|length| room.get(..length)), bytes.as_deref());
            }
        }
    }
}
