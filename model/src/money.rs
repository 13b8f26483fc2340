//! Money: exact decimal amounts with their currency. Amounts are read and written as text and never
//! pass through a binary fraction. Every rounding is one of the named functions of [`Rounding`].

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Amounts from this one on are refused: far above any bill, and low enough that a sum of a million
/// amounts with ten decimals still fits the decimal type.
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
}

/// An exact amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Amount {
    /// INVARIANT: normalised (no trailing zeros), so that equal amounts have equal bytes.
    value: Decimal,
    currency: Currency,
}

impl Amount {
    /// Nothing, in this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { value: Decimal::ZERO, currency }
    }
    /// Reads an amount such as `259.00`, refusing what is outside the limits.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let value = exact_decimal(text).ok_or_else(|| MoneyError::Text(text.into()))?;
        if value.abs() >= Decimal::from(AMOUNT_LIMIT) || value.scale() > AMOUNT_DECIMALS_MAX {
            return Err(MoneyError::Limit(text.into()));
        }
        Ok(Self::of(value, currency))
    }
    /// The amount with this exact value.
    pub fn of(value: Decimal, currency: Currency) -> Self {
        // Normalising keeps the sign of a zero; nothing owed and nothing owned are the same amount.
        let value = if value.is_zero() { Decimal::ZERO } else { value.normalize() };
        Self { value, currency }
    }
    /// The number.
    pub const fn value(self) -> Decimal {
        self.value
    }
    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }
    /// Exactly nothing.
    pub fn is_zero(self) -> bool {
        self.value.is_zero()
    }
    /// Above zero.
    pub fn is_positive(self) -> bool {
        self.value > Decimal::ZERO
    }
    /// Below zero.
    pub fn is_negative(self) -> bool {
        self.value < Decimal::ZERO
    }
    /// The sum.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let sum = self.value.checked_add(other.value).ok_or(MoneyError::Overflow)?;
        Ok(Self::of(sum, self.currency))
    }
    /// The difference.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(other.negated())
    }
    /// The product with a plain number, unrounded.
    pub fn times(self, factor: Decimal) -> Result<Self, MoneyError> {
        let product = self.value.checked_mul(factor).ok_or(MoneyError::Overflow)?;
        Ok(Self::of(product, self.currency))
    }
    /// The same amount with the other sign.
    pub fn negated(self) -> Self {
        Self::of(-self.value, self.currency)
    }
    /// The smaller of two amounts.
    pub fn lesser(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if other.value < self.value { other } else { self })
    }
    /// This amount, or zero where it is negative.
    pub fn at_least_zero(self) -> Self {
        if self.is_negative() { Self::zero(self.currency) } else { self }
    }
    /// Whether this amount suffices to pay `price`.
    pub fn covers(self, price: Self) -> bool {
        self.currency == price.currency && self.value >= price.value
    }
    /// Rounded to a number of decimals.
    pub fn rounded(self, rounding: Rounding, decimals: u32) -> Self {
        Self::of(rounding.apply(self.value, decimals), self.currency)
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Currency(self.currency, other.currency))
        }
    }
}

/// A part of a whole, from 0 to below 1: a discount on a price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fraction(Decimal);

impl Fraction {
    /// No part at all.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The fraction, if it lies in `0..1` and has at most ten decimals.
    pub fn new(value: Decimal) -> Option<Self> {
        let value = value.normalize();
        let inside = value >= Decimal::ZERO && value < Decimal::ONE;
        (inside && value.scale() <= AMOUNT_DECIMALS_MAX).then_some(Self(value))
    }
    /// The number.
    pub const fn value(self) -> Decimal {
        self.0
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.collect_str(&self.0)
        } else {
            (self.0.mantissa(), self.0.scale()).serialize(s)
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
        let decimals = self.currency.decimals();
        let mut value = self.value;
        if value.scale() < decimals {
            value.rescale(decimals);
        }
        write!(f, "{value} {}", self.currency.code())
    }
}

impl FromStr for Amount {
    type Err = MoneyError;
    /// Reads back what [`Display`](fmt::Display) writes, without the limits of [`Amount::parse`].
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let wrong = || MoneyError::Text(text.into());
        let (number, code) = text.split_once(' ').ok_or_else(wrong)?;
        let currency = Currency::ALL.into_iter().find(|c| c.code() == code).ok_or_else(wrong)?;
        exact_decimal(number).map(|value| Self::of(value, currency)).ok_or_else(wrong)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.collect_str(self)
        } else {
            (self.value.mantissa(), self.value.scale(), self.currency).serialize(s)
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if d.is_human_readable() {
            return String::deserialize(d)?.parse().map_err(D::Error::custom);
        }
        let (mantissa, scale, currency) = <(i128, u32, Currency)>::deserialize(d)?;
        let value = Decimal::try_from_i128_with_scale(mantissa, scale).map_err(D::Error::custom)?;
        Ok(Self::of(value, currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cny(text: &str) -> Amount {
        Amount::parse(text, Currency::CNY).unwrap()
    }

    #[test]
    fn text_is_exact_in_both_directions() {
        assert_eq!(cny("259").to_string(), "259.00 CNY");
        assert_eq!(cny("0.42416667").to_string(), "0.42416667 CNY");
        assert_eq!(cny("19.90").to_string().parse::<Amount>(), Ok(cny("19.9")));
        for text in
            ["", ".5", "5.", "1e3", "+1", "1_000", "0x1", "12345678901234567890123456789012"]
        {
            assert!(
                matches!(Amount::parse(text, Currency::CNY), Err(MoneyError::Text(_))),
                "{text}"
            );
        }
        for text in ["1000000000000", "0.00000000001"] {
            assert!(
                matches!(Amount::parse(text, Currency::CNY), Err(MoneyError::Limit(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn equal_amounts_have_equal_bytes() {
        assert_eq!(cny("0").negated().to_string(), "0.00 CNY");
        let bytes = |a: Amount| serde_json::to_string(&a).unwrap();
        assert_eq!(bytes(cny("1.50")), bytes(cny("1.5")));
        assert_eq!(bytes(cny("0").negated()), bytes(cny("0")));
        assert_eq!(cny("0").negated().to_string(), "0.00 CNY");
    }

    #[test]
    fn currencies_do_not_mix() {
        let usd = Amount::parse("1", Currency::USD).unwrap();
        assert_eq!(cny("1").plus(usd), Err(MoneyError::Currency(Currency::CNY, Currency::USD)));
        assert!(!cny("5").covers(usd));
    }

    #[test]
    fn rounding_has_two_kinds() {
        assert_eq!(cny("0.42416667").rounded(Rounding::Truncate, 2), cny("0.42"));
        assert_eq!(cny("0.835").rounded(Rounding::HalfUp, 2), cny("0.84"));
        assert_eq!(cny("-0.835").rounded(Rounding::HalfUp, 2), cny("-0.84"));
        assert_eq!(cny("-0.839").rounded(Rounding::Truncate, 2), cny("-0.83"));
    }
}
