//! Money: exact decimal amounts with their currency. Amounts are read and written as text and never
//! pass through a binary fraction. Every rounding is one of the named functions of [`Rounding`].

#[cfg(test)]
mod tests;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Amounts from this one on are refused: far above any bill, and low enough that a sum of a million
/// amounts stays far from where arithmetic ends.
pub const AMOUNT_LIMIT: i64 = 1_000_000_000_000;
/// Most decimals an amount can carry into the model (R2.7: unit prices have up to ten).
pub const AMOUNT_DECIMALS_MAX: u32 = 10;

/// What an account is billed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Currency {
    /// Renminbi, the China site.
    CNY,
    /// US dollar, the international site.
    USD,
    /// Euro, the European site.
    EUR,
    /// Yen; amounts due are whole numbers (R2.8).
    JPY,
}

impl Currency {
    /// Every currency, in declaration order.
    pub const ALL: [Self; 4] = [Self::CNY, Self::USD, Self::EUR, Self::JPY];

    /// The ISO 4217 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::CNY => "CNY",
            Self::USD => "USD",
            Self::EUR => "EUR",
            Self::JPY => "JPY",
        }
    }
    /// The number in packed amounts, of two bits.
    #[inline]
    const fn packed(self) -> u8 {
        match self {
            Self::CNY => 0,
            Self::USD => 1,
            Self::EUR => 2,
            Self::JPY => 3,
        }
    }
    /// The currency of that number, whatever stands in the bits above.
    #[inline]
    const fn unpack(bits: u64) -> Self {
        match bits & CURRENCY_MASK {
            0 => Self::CNY,
            1 => Self::USD,
            2 => Self::EUR,
            _ => Self::JPY,
        }
    }
    /// Decimals of an amount that can be paid (R2.8).
    pub const fn decimals(self) -> u32 {
        match self {
            Self::CNY | Self::USD | Self::EUR => 2,
            Self::JPY => 0,
        }
    }
}

/// Why an amount could not be made or combined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a plain decimal number.
    #[error("`{0}` is not an amount: write digits with an optional decimal point")]
    Text(String),
    /// At or beyond the limit, or more decimals than the model carries.
    #[error(
        "`{0}` is outside the limits: below {AMOUNT_LIMIT} with at most {AMOUNT_DECIMALS_MAX} decimals"
    )]
    Limit(String),
    /// Two currencies met in one sum.
    #[error("an amount in {0:?} cannot be combined with one in {1:?}")]
    Currency(Currency, Currency),
    /// The result does not fit the decimal type.
    #[error("a sum of money left the range of the decimal type")]
    Overflow,
}

/// How decimals beyond a place are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rounding {
    /// To the nearest, halves away from zero.
    HalfUp,
    /// Towards zero.
    Truncate,
}

impl Rounding {
    /// `value` with at most `decimals` decimals.
    pub fn apply(self, value: Decimal, decimals: u32) -> Decimal {
        let strategy = match self {
            Self::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Self::Truncate => RoundingStrategy::ToZero,
        };
        value.round_dp_with_strategy(decimals, strategy)
    }
    /// `number / 10^places` as a whole number.
    #[inline]
    fn divide(self, number: i128, places: u32) -> i128 {
        let divisor = power_of_ten(places);
        // Most numbers fit one word, whose division is several times as fast.
        let (quotient, rest) = match (u64::try_from(number), u64::try_from(divisor)) {
            (Ok(number), Ok(divisor)) => {
                (i128::from(number / divisor), i128::from(number % divisor))
            }
            _ => {
                let quotient = number / divisor;
                (quotient, number - quotient * divisor)
            }
        };
        match self {
            Self::HalfUp if 2 * rest.abs() >= divisor => quotient + rest.signum(),
            Self::HalfUp | Self::Truncate => quotient,
        }
    }
}

/// Decimals that every amount carries inside.
const UNIT_DECIMALS: u32 = AMOUNT_DECIMALS_MAX;
/// Units in one whole of a currency.
const UNITS: i128 = 10_i128.pow(UNIT_DECIMALS);
/// Bits of a currency's number.
const CURRENCY_BITS: u32 = 2;
const CURRENCY_MASK: u64 = (1 << CURRENCY_BITS) - 1;
/// How many of the decimals inside the packed form may leave out: those behind a cent, those behind
/// the eight decimals of a record of use (R2.7), none.
const PACKED_PLACES: [u32; 3] = [8, 2, 0];
/// Amounts have less than 2^95 units, so that each is a number of the decimal type as well: the upper
/// word stays below this one, and not below its negative.
const HIGH_LIMIT: i64 = 1 << (95 + CURRENCY_BITS - u64::BITS);

/// An exact amount of money.
///
/// Inside it is a whole number of units of 10^-10, because sums and comparisons of those are a few
/// instructions; a property test holds every operation against the decimal type.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Amount {
    /// The upper and the lower word of the number of units, and the currency in the lowest two bits:
    /// events are full of amounts, and copied often. INVARIANT: below the limit.
    high: i64,
    low: u64,
}

impl Amount {
    /// Nothing, in this currency.
    #[inline]
    pub const fn zero(currency: Currency) -> Self {
        Self::pack(0, currency)
    }
    /// Reads an amount such as `259.00`, refusing what is outside the limits.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let value = exact_decimal(text).ok_or_else(|| MoneyError::Text(text.into()))?;
        if value.abs() >= Decimal::from(AMOUNT_LIMIT) {
            return Err(MoneyError::Limit(text.into()));
        }
        Self::of(value, currency)
    }
    /// The amount with this exact value; an error if it has more decimals than an amount carries.
    pub fn of(value: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let value = value.normalize();
        let limit = || MoneyError::Limit(value.to_string());
        let missing = UNIT_DECIMALS.checked_sub(value.scale()).ok_or_else(limit)?;
        let units = value.mantissa().checked_mul(10_i128.pow(missing));
        Self::of_units(units.ok_or(MoneyError::Overflow)?, currency)
    }
    #[inline]
    fn of_units(units: i128, currency: Currency) -> Result<Self, MoneyError> {
        let packed = units.checked_mul(1 << CURRENCY_BITS).ok_or(MoneyError::Overflow)?;
        Self::of_words(packed | i128::from(currency.packed()))
    }
    /// The amount of both words, if it is within the limit.
    #[inline]
    fn of_words(words: i128) -> Result<Self, MoneyError> {
        let amount = Self::cut(words);
        let within = (-HIGH_LIMIT..HIGH_LIMIT).contains(&amount.high);
        if within { Ok(amount) } else { Err(MoneyError::Overflow) }
    }
    #[inline]
    #[expect(clippy::as_conversions, reason = "a wider number holds every narrower one")]
    const fn pack(units: i128, currency: Currency) -> Self {
        Self::cut(units << CURRENCY_BITS | currency.packed() as i128)
    }
    #[inline]
    #[expect(clippy::as_conversions, reason = "taking words out of a number is meant to cut it")]
    const fn cut(words: i128) -> Self {
        Self { high: (words >> 64) as i64, low: words as u64 }
    }
    /// Both words as one number. Those of amounts in one currency are ordered as the amounts are.
    #[inline]
    #[expect(clippy::as_conversions, reason = "a wider number holds every narrower one")]
    const fn words(self) -> i128 {
        (self.high as i128) << 64 | self.low as i128
    }
    /// Both words without the currency.
    #[inline]
    #[expect(clippy::as_conversions, reason = "a wider number holds every narrower one")]
    const fn words_alone(self) -> i128 {
        self.words() & !(CURRENCY_MASK as i128)
    }
    #[inline]
    const fn units(self) -> i128 {
        self.words() >> CURRENCY_BITS
    }
    /// The number.
    pub fn value(self) -> Decimal {
        // Within the limit the decimal type holds every number of units.
        let value = Decimal::try_from_i128_with_scale(self.units(), UNIT_DECIMALS);
        value.map_or(Decimal::ZERO, |value| value.normalize())
    }
    /// The currency.
    #[inline]
    pub const fn currency(self) -> Currency {
        Currency::unpack(self.low)
    }
    /// The same number in another currency: for prices that a file states without one.
    #[must_use]
    pub const fn relabelled(self, currency: Currency) -> Self {
        Self::pack(self.units(), currency)
    }
    /// Exactly nothing.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.high.cast_unsigned() | self.low >> CURRENCY_BITS == 0
    }
    /// Above zero.
    #[inline]
    pub const fn is_positive(self) -> bool {
        self.high >= 0 && !self.is_zero()
    }
    /// Below zero.
    #[inline]
    pub const fn is_negative(self) -> bool {
        self.high < 0
    }
    /// The sum.
    #[inline(always)]
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        // Two numbers below the limit cannot leave the range of the wider type.
        Self::of_words(self.words() + other.words_alone())
    }
    /// The difference.
    #[inline(always)]
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::of_words(self.words() - other.words_alone())
    }
    /// The amount taken `count` times.
    pub fn copies(self, count: u32) -> Result<Self, MoneyError> {
        let units = self.units().checked_mul(i128::from(count));
        Self::of_units(units.ok_or(MoneyError::Overflow)?, self.currency())
    }
    /// The product with a plain number, not rounded yet.
    pub fn times(self, factor: Decimal) -> Result<Unrounded, MoneyError> {
        let value = self.value().checked_mul(factor).ok_or(MoneyError::Overflow)?;
        Ok(Unrounded { value, currency: self.currency() })
    }
    /// The product with a number of ten decimals, rounded: what [`Self::times`] and
    /// [`Unrounded::rounded`] give, without the detour.
    #[inline(always)]
    pub fn scaled(
        self,
        factor: Factor,
        rounding: Rounding,
        decimals: u32,
    ) -> Result<Self, MoneyError> {
        match factor {
            Factor(0) => return Ok(Self::zero(self.currency())),
            Factor::ONE => return Ok(self.rounded(rounding, decimals)),
            Factor(_) => {}
        }
        let product = self.units().checked_mul(i128::from(factor.0)).ok_or(MoneyError::Overflow)?;
        // The product has twice the decimals of a unit.
        let whole = rounding.divide(product, 2 * UNIT_DECIMALS - decimals.min(UNIT_DECIMALS));
        let places = UNIT_DECIMALS - decimals.min(UNIT_DECIMALS);
        let units = whole.checked_mul(power_of_ten(places)).ok_or(MoneyError::Overflow)?;
        Self::of_units(units, self.currency())
    }
    /// The same amount with the other sign.
    #[must_use]
    #[inline]
    pub fn negated(self) -> Self {
        Self::pack(-self.units(), self.currency())
    }
    /// The smaller of two amounts.
    #[inline]
    pub fn lesser(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if other.words() < self.words() { other } else { self })
    }
    /// This amount, or zero where it is negative.
    #[must_use]
    #[inline]
    pub const fn at_least_zero(self) -> Self {
        if self.is_negative() { Self::zero(self.currency()) } else { self }
    }
    /// Whether this amount suffices to pay `price`.
    #[inline]
    pub fn covers(self, price: Self) -> bool {
        self.same_currency(price).is_ok() && self.words() >= price.words()
    }
    /// Rounded to a number of decimals.
    #[must_use]
    #[inline(always)]
    pub fn rounded(self, rounding: Rounding, decimals: u32) -> Self {
        let places = UNIT_DECIMALS - decimals.min(UNIT_DECIMALS);
        // Most amounts are of one word, and have no more decimals than they may.
        if let (Ok(units), Ok(power)) =
            (u64::try_from(self.units()), u64::try_from(power_of_ten(places)))
            && units % power == 0
        {
            return self;
        }
        // Rounding adds less than one whole, for which the wider type has room.
        let units = rounding.divide(self.units(), places) * power_of_ten(places);
        Self::pack(units, self.currency())
    }

    /// The packed form: currency and places in one byte, and the number in units of those places.
    pub fn packed(self) -> (u8, i128) {
        if let Some((form, number)) = self.packed_word() {
            return (form, i128::from(number));
        }
        let units = self.units();
        let divides = |places: &u32| units % power_of_ten(*places) == 0;
        let form = (0_u8..).zip(&PACKED_PLACES).find(|(_, places)| divides(places));
        let (index, places) = form.unwrap_or((0, &0));
        (index << CURRENCY_BITS | self.currency().packed(), units / power_of_ten(*places))
    }
    /// The packed form of an amount whose units are a number of one word, as nearly all are.
    #[inline]
    pub fn packed_word(self) -> Option<(u8, i64)> {
        const CENT: i64 = 10_i64.pow(PACKED_PLACES[0]);
        const EIGHT_DECIMALS: i64 = 10_i64.pow(PACKED_PLACES[1]);
        if self.is_zero() {
            return Some((self.currency().packed(), 0));
        }
        let units = i64::try_from(self.units()).ok()?;
        let (index, number) = if units % CENT == 0 {
            (0, units / CENT)
        } else if units % EIGHT_DECIMALS == 0 {
            (1, units / EIGHT_DECIMALS)
        } else {
            (2, units)
        };
        Some((index << CURRENCY_BITS | self.currency().packed(), number))
    }
    #[inline]
    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if (self.low ^ other.low) & CURRENCY_MASK == 0 {
            Ok(())
        } else {
            Err(MoneyError::Currency(self.currency(), other.currency()))
        }
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount({self})")
    }
}

/// Most places that are ever cut off: those of an amount scaled by a number of as many.
const PLACES_MAX: usize = 2 * 10;

/// The powers of ten up to that of the most places.
#[expect(clippy::indexing_slicing, reason = "in a constant it fails when the program is made")]
const POWERS_OF_TEN: [i128; PLACES_MAX + 1] = {
    let mut powers = [1; PLACES_MAX + 1];
    let mut place = 1;
    while place <= PLACES_MAX {
        powers[place] = powers[place - 1] * 10;
        place += 1;
    }
    powers
};

/// `10^places`, for the places that an amount has inside and their double.
#[inline]
fn power_of_ten(places: u32) -> i128 {
    let known = usize::try_from(places).ok().and_then(|places| POWERS_OF_TEN.get(places));
    known.copied().unwrap_or_else(|| 10_i128.pow(places))
}

/// A product of money and a plain number: no amount before it is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unrounded {
    value: Decimal,
    currency: Currency,
}

impl Unrounded {
    /// An exact number in a currency.
    pub const fn of(value: Decimal, currency: Currency) -> Self {
        Self { value, currency }
    }
    /// The number.
    pub const fn value(self) -> Decimal {
        self.value
    }
    /// The amount, if it has no more decimals than one carries.
    pub fn exact(self) -> Result<Amount, MoneyError> {
        Amount::of(self.value, self.currency)
    }
    /// The amount, rounded to a number of decimals.
    pub fn rounded(self, rounding: Rounding, decimals: u32) -> Result<Amount, MoneyError> {
        Amount::of(rounding.apply(self.value, decimals.min(UNIT_DECIMALS)), self.currency)
    }
}

/// A number of ten decimals to scale amounts by: hours of use, a part of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor(u64);

impl Factor {
    /// One whole.
    const ONE: Self = Self(10_u64.pow(UNIT_DECIMALS));

    /// `numerator / denominator`, cut off after `decimals` decimals, of which it carries at most ten.
    /// `None` if the denominator is zero or the number is too large.
    pub fn ratio(numerator: u32, denominator: u32, decimals: u32) -> Option<Self> {
        // A whole hour is a whole, to any number of decimals.
        if numerator == denominator && denominator != 0 {
            return Some(Self::ONE);
        }
        // 32 bits times ten decimals are less than 66 bits: most fit one word.
        let cut = 10_u64.pow(UNIT_DECIMALS - decimals.min(UNIT_DECIMALS));
        let exact = match u64::from(numerator).checked_mul(Self::ONE.0) {
            Some(exact) => exact.checked_div(u64::from(denominator))?,
            None => {
                let exact = u128::from(numerator) * UNITS.unsigned_abs();
                u64::try_from(exact.checked_div(u128::from(denominator))?).ok()?
            }
        };
        Some(Self(exact - exact % cut))
    }
    /// The number.
    pub fn value(self) -> Decimal {
        let value = Decimal::try_from_i128_with_scale(i128::from(self.0), UNIT_DECIMALS);
        value.map_or(Decimal::ZERO, |value| value.normalize())
    }
}

/// A part of a whole, from 0 to below 1: a discount on a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fraction(Factor);

impl Default for Fraction {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Fraction {
    /// No part at all.
    pub const ZERO: Self = Self(Factor(0));

    /// The fraction, if it lies in `0..1` and has at most ten decimals.
    pub fn new(value: Decimal) -> Option<Self> {
        let value = value.normalize();
        let inside = value >= Decimal::ZERO && value < Decimal::ONE;
        let missing = UNIT_DECIMALS.checked_sub(value.scale()).filter(|_| inside)?;
        let units = value.mantissa().checked_mul(power_of_ten(missing))?;
        u64::try_from(units).ok().map(|units| Self(Factor(units)))
    }
    /// The number.
    pub fn value(self) -> Decimal {
        self.0.value()
    }
    /// The same number, to scale amounts by.
    pub const fn factor(self) -> Factor {
        self.0
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.collect_str(&self.value())
        } else {
            let value = self.value();
            (value.mantissa(), value.scale()).serialize(s)
        }
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let value = if d.is_human_readable() {
            exact_decimal(&String::deserialize(d)?)
        } else {
            let (mantissa, scale) = <(i128, u32)>::deserialize(d)?;
            Decimal::try_from_i128_with_scale(mantissa, scale).ok()
        };
        value
            .and_then(Self::new)
            .ok_or_else(|| D::Error::custom("not a fraction from 0 to below 1"))
    }
}

/// Reads a decimal number exactly: digits, an optional sign and point, nothing else, nothing lost.
pub fn exact_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let framed = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit());
    if !plain || !framed {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

impl fmt::Display for Amount {
    /// At least the currency's own decimals, then the code: `259.00 CNY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let currency = self.currency();
        let decimals = currency.decimals();
        let mut value = self.value();
        if value.scale() < decimals {
            value.rescale(decimals);
        }
        write!(f, "{value} {}", currency.code())
    }
}

impl FromStr for Amount {
    type Err = MoneyError;
    /// Reads back what [`Display`](fmt::Display) writes, without the limits of [`Amount::parse`].
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let wrong = || MoneyError::Text(text.into());
        let (number, code) = text.split_once(' ').ok_or_else(wrong)?;
        let currency = Currency::ALL.into_iter().find(|c| c.code() == code).ok_or_else(wrong)?;
        exact_decimal(number).ok_or_else(wrong).and_then(|value| Self::of(value, currency))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.collect_str(self)
        } else {
            // Both widths have the same bytes, and the narrow one is written in half the time.
            match self.packed_word() {
                Some(packed) => packed.serialize(s),
                None => self.packed().serialize(s),
            }
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if d.is_human_readable() {
            return String::deserialize(d)?.parse().map_err(D::Error::custom);
        }
        let (form, number) = <(u8, i128)>::deserialize(d)?;
        let places = PACKED_PLACES.get(usize::from(form >> CURRENCY_BITS));
        let places = places.ok_or_else(|| D::Error::custom("no amount"))?;
        let currency = Currency::unpack(u64::from(form));
        let units = number.checked_mul(power_of_ten(*places)).ok_or(MoneyError::Overflow);
        units.and_then(|units| Self::of_units(units, currency)).map_err(D::Error::custom)
    }
}
