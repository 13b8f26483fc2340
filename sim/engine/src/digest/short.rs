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
/// Variants of a packed settlement and of [`Span`], options that are there, and the class of business.
const SETTLED: u8 = 1;
const SECONDS: u8 = 0;
const NANOS: u8 = 1;
const SOME: u8 = 1;
const BUSINESS: u8 = 0;
const NO_COUPONS: u8 = 0;
/// Which amounts of a settlement are something, where cash pays the list price.
const CASH_ALONE: u8 = 1 << 1;

/// A record in its packed form, as far as it is written.
pub(super) struct Short<'a> {
    // INVARIANT: there is room for everything that is written.
    room: &'a mut [u8; SHORT_BYTES_MAX],
    length: usize,
    /// Whether one of the numbers is too wide to be written so.
    wide: bool,
}

impl<'a> Short<'a> {
    /// Writes the form of the record, if it is a settlement without coupons under rules that are known, of
    /// numbers that are not too wide; answers its length.
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
        let mut short = Self { room, length: 0, wide: false };
        short.span(after);
        short.name(record.account.name());
        short.number(u64::from(SETTLED));
        short.name(settled.phone.name());
        short.span(Span::between(settled.from, record.at));
        short.span(Span::between(settled.from, settled.to));
        short.number(u64::from(settled.seconds));
        short.amounts(settled);
        short.put(Bytes::of_signed(inside.offset).behind(SOME));
        short.put(Bytes::of(u64::from(rules)).behind(BUSINESS));
        Some(short.length).filter(|_| !short.wide)
    }

    /// The three that are mostly something, no coupons, which of the others are something, and those.
    #[inline(always)]
    fn amounts(&mut self, settled: &Settled) {
        let Settled { official, discount, erased, due, .. } = *settled;
        let Split { cash, credit, debt, .. } = settled.paid;
        let price = Bytes::of_amount(official);
        self.put(price);
        self.put(Bytes::of_amount(erased));
        // Mostly what is due is the list price, and cash.
        self.put(if due == official { price } else { Bytes::of_amount(due) });
        let bit = |amount: Amount, bit: u8| u8::from(!amount.is_zero()) << bit;
        let present = bit(discount, 0) | bit(cash, 1) | bit(credit, 2) | bit(debt, 3);
        self.put(Bytes::of(u64::from(present)).behind(NO_COUPONS));
        if present == CASH_ALONE && cash == official {
            return self.put(price);
        }
        for amount in [discount, cash, credit, debt] {
            if !amount.is_zero() {
                self.put(Bytes::of_amount(amount));
            }
        }
    }
    #[inline(always)]
    fn span(&mut self, span: Span) {
        let (variant, count) = match span {
            Span::Seconds(count) => (SECONDS, count),
            Span::Nanos(count) => (NANOS, count),
        };
        self.put(Bytes::of_signed(count).behind(variant));
    }
    #[inline(always)]
    fn number(&mut self, number: u64) {
        self.put(Bytes::of(number));
    }
    #[inline(always)]
    fn put(&mut self, bytes: Bytes) {
        self.wide |= bytes.length > Bytes::LENGTH_MAX;
        if let Some(room) = self.room.get_mut(self.length..).and_then(<[u8]>::first_chunk_mut) {
            *room = bytes.word.to_le_bytes();
            self.length += bytes.length;
        }
    }
    #[inline(always)]
    fn name(&mut self, name: &Name) {
        let Some((padded, length)) = name.padded() else { return self.long_name(name.as_bytes()) };
        self.number(u64::from(length));
        if let Some(room) = self.room.get_mut(self.length..).and_then(<[u8]>::first_chunk_mut) {
            *room = *padded;
            self.length += usize::try_from(length).unwrap_or(0);
        }
    }
    fn long_name(&mut self, text: &[u8]) {
        self.number(u64::try_from(text.len()).unwrap_or(u64::MAX));
        let end = self.length + text.len();
        if let Some(room) = self.room.get_mut(self.length..end) {
            room.copy_from_slice(text);
            self.length = end;
        }
    }
}

/// Up to eight bytes that are written at once, the first in the lowest place, and zeros behind them.
#[derive(Clone, Copy)]
struct Bytes {
    word: u64,
    length: usize,
}

impl Bytes {
    const LENGTH_MAX: usize = 8;
    /// What would have to be longer.
    const WIDE: Self = Self { word: 0, length: Self::LENGTH_MAX + 1 };

    /// A number in digits of seven bits, the lowest first; the highest bit of each byte says that more
    /// follow. Too wide if it has more digits than leave a byte free.
    #[inline(always)]
    fn of(number: u64) -> Self {
        if number < 1 << DIGIT_BITS {
            return Self { word: number, length: 1 };
        }
        if number < 1 << (2 * DIGIT_BITS) {
            let (low, high) = (number & 0x7f, number >> DIGIT_BITS);
            return Self { word: high << u8::BITS | 0x80 | low, length: 2 };
        }
        Self::of_more(number)
    }
    /// The digits are spread over the word at once.
    #[inline]
    fn of_more(number: u64) -> Self {
        if number >> (7 * DIGIT_BITS) != 0 {
            return Self::WIDE;
        }
        let halves = number & 0x0fff_ffff | (number & 0x00ff_ffff_f000_0000) << 4;
        let quarters = halves & 0x3fff_0000_3fff | (halves & 0x0fff_c000_0fff_c000) << 2;
        let digits = quarters & 0x007f_007f_007f_007f | (quarters & 0x3f80_3f80_3f80_3f80) << 1;
        let last = (u64::BITS - 1 - number.leading_zeros()) / DIGIT_BITS;
        let more = 0x8080_8080_8080_8080 & ((1 << (8 * last)) - 1);
        Self { word: digits | more, length: usize::try_from(last).unwrap_or(0) + 1 }
    }
    /// A signed number, the sign in its lowest bit.
    #[inline(always)]
    fn of_signed(number: i64) -> Self {
        Self::of((number << 1 ^ number >> 63).cast_unsigned())
    }
    #[inline]
    fn of_amount(amount: Amount) -> Self {
        let Some((form, number)) = amount.packed_word() else { return Self::WIDE };
        Self::of_signed(number).behind(form)
    }
    /// These bytes with one before them.
    #[inline(always)]
    fn behind(self, byte: u8) -> Self {
        Self { word: self.word << u8::BITS | u64::from(byte), length: self.length + 1 }
    }
}

const DIGIT_BITS: u32 = 7;

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
            times in prop::array::uniform4(-200_000_000_000_000_i64..200_000_000_000_000),
            whole in any::<bool>(),
            numbers in (any::<u32>(), any::<u64>(), prop_oneof![Just(0), -99..99_i64, any::<i64>()]),
            amounts in prop::array::uniform7(any_amount()),
        ) {
            let scaled = |time| if whole { time / 100_000 * 1_000_000_000 } else { time };
            let [last, at, from, to] = times.map(|time| SimTime::from_nanos(scaled(time)));
            let [official, discount, erased, due, cash, credit, debt] = amounts;
            let paid = Split { cash, credit, debt, ..Split::nothing(Currency::CNY) };
            let (seconds, records, offset) = numbers;
            let sequence = records.wrapping_add_signed(offset);
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
            let narrow = |number: &i64| (-(1 << 48)..1 << 48).contains(number);
            let words = amounts.iter().map(|amount| amount.packed_word().map(|(_, word)| word));
            let spans = [(last, at), (from, at), (from, to)].map(|(a, b)| Span::between(a, b));
            let spans = spans.map(|(Span::Seconds(count) | Span::Nanos(count))| Some(count));
            let mut all = words.chain(spans).chain([Some(offset)]);
            let narrow = all.all(|number| number.is_some_and(|number| narrow(&number)));
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
