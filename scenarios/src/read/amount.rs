//! Amounts of money and percentages, as the text that was written: never through a binary fraction.

use super::schema::number_pattern;
use super::{FromText, Wrong};
use crate::diagnostic::{Code, quoted};
use koosim_model::money::{AMOUNT_DECIMALS_MAX, AMOUNT_LIMIT, Amount, Currency, Fraction};
use rust_decimal::Decimal;
use std::fmt;

/// The most digits of an amount.
pub const MAX_AMOUNT_DIGITS: usize = 28;
/// The most decimals of a percentage.
const MAX_PERCENT_DECIMALS: usize = 2;

/// An amount of money without its currency, exactly as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountText {
    text: String,
    /// The same in some currency. INVARIANT: what `text` says.
    amount: Amount,
}

impl AmountText {
    /// The amount in a currency.
    pub fn in_currency(&self, currency: Currency) -> Amount {
        self.amount.relabelled(currency)
    }
    /// Below nothing.
    pub fn is_negative(&self) -> bool {
        self.amount.is_negative()
    }
    /// Exactly nothing.
    pub fn is_zero(&self) -> bool {
        self.amount.is_zero()
    }
}

impl fmt::Display for AmountText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromText for AmountText {
    const WHAT: &'static str = "an amount";
    const PART: &'static str = "amount";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let (whole, decimals) = decimal_parts(text.strip_prefix('-').unwrap_or(text))
            .ok_or_else(|| not_an_amount(text))?;
        let digits = whole.len() + decimals.len();
        let wrong = |message: String, help: String| Err(Wrong::new(Code::BadAmount, message, help));
        if digits > MAX_AMOUNT_DIGITS {
            return wrong(
                format!("the amount has {digits} digits"),
                format!("an amount has at most {MAX_AMOUNT_DIGITS} digits"),
            );
        }
        if decimals.len() > usize::try_from(AMOUNT_DECIMALS_MAX).unwrap_or(usize::MAX) {
            return wrong(
                format!("the amount has {} decimals", decimals.len()),
                format!("an amount has at most {AMOUNT_DECIMALS_MAX} decimals"),
            );
        }
        match Amount::parse(text, Currency::CNY) {
            Ok(amount) => Ok(Self { text: text.to_owned(), amount }),
            Err(_) => wrong(
                format!("the amount {} is too large", quoted(text)),
                format!("amounts stay below {AMOUNT_LIMIT}"),
            ),
        }
    }
    fn part() -> serde_json::Value {
        number_pattern("An amount of money, such as `259.00`.", "^-?[0-9]{1,28}(\\.[0-9]{1,10})?$")
    }
}

/// Digits before and after the point.
fn decimal_parts(text: &str) -> Option<(&str, &str)> {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        None => digits(text).then_some((text, "")),
        Some((whole, decimals)) => (digits(whole) && digits(decimals)).then_some((whole, decimals)),
    }
}

fn not_an_amount(text: &str) -> Wrong {
    let help = if text.contains(',') {
        "write it without separators: `1000.00`"
    } else if text
        .split_once(['e', 'E'])
        .is_some_and(|(a, b)| decimal_parts(a).is_some() && decimal_parts(b).is_some())
    {
        "write all digits: `1000.00`"
    } else if text.contains(|c: char| c.is_alphabetic() || matches!(c, '¥' | '$' | '€')) {
        "write the number alone; the currency follows from the rulebook"
    } else {
        "write digits with an optional point and decimals: `259.00`"
    };
    Wrong::new(Code::BadAmount, format!("{} is not an amount", quoted(text)), help)
}

/// A percentage from 0 to below 100, in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// Hundredths of a percent, 0 to 9999.
    pub fn basis_points(self) -> u32 {
        self.0
    }
    /// The same as a fraction of one.
    pub fn fraction(self) -> Fraction {
        // INVARIANT: below one and with four decimals, so it always is a fraction.
        Fraction::new(Decimal::new(i64::from(self.0), 4)).unwrap_or_default()
    }
}

impl FromText for Percent {
    const WHAT: &'static str = "a percentage";
    const PART: &'static str = "percent";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let number = text.strip_suffix('%').unwrap_or(text).trim_end();
        let parts = decimal_parts(number)
            .filter(|(whole, decimals)| whole.len() <= 3 && decimals.len() <= MAX_PERCENT_DECIMALS);
        let points = parts.and_then(|(whole, decimals)| {
            let hundredths = format!("{decimals:0<MAX_PERCENT_DECIMALS$}").parse::<u32>().ok()?;
            Some(whole.parse::<u32>().ok()? * 100 + hundredths)
        });
        points.filter(|p| *p < 10_000).map(Self).ok_or_else(|| {
            Wrong::new(
                Code::BadPercent,
                format!("{} is not a percentage", quoted(text)),
                "write a number from 0 to below 100 with at most two decimals: `12.5`",
            )
        })
    }
    fn part() -> serde_json::Value {
        number_pattern("A percentage from 0 to below 100.", "^[0-9]{1,2}(\\.[0-9]{1,2})? ?%?$")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_digit() {
        let amount = AmountText::from_text("123456789012.0123456789").unwrap();
        assert_eq!(amount.to_string(), "123456789012.0123456789");
        assert_eq!(
            amount.in_currency(Currency::USD).value().to_string(),
            "123456789012.0123456789"
        );
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        let texts = [
            "",
            "-",
            ".5",
            "5.",
            "1,000.00",
            "1e3",
            "0x10",
            "+1",
            "1_000",
            "¥5",
            "5 CNY",
            "--1",
            "NaN",
            "1.2.3",
            "٣",
            " 1",
            "1000000000000",
            "1.12345678901",
            "0.00000000000000000000000000001",
        ];
        for text in texts {
            assert!(AmountText::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn percentages_are_counted_in_hundredths() {
        let check = |text: &str| Percent::from_text(text).ok().map(Percent::basis_points);
        assert_eq!(check("0"), Some(0));
        assert_eq!(check("12.5"), Some(1250));
        assert_eq!(check("12.05 %"), Some(1205));
        assert_eq!(check("99.99%"), Some(9999));
        assert_eq!(check("100"), None);
        assert_eq!(check("12.345"), None);
        assert_eq!(check("-1"), None);
        assert_eq!(check("%"), None);
    }
}
