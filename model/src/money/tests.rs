//! Text and arithmetic of amounts, case by case.

use super::*;

fn cny(text: &str) -> Amount {
    Amount::parse(text, Currency::CNY).unwrap()
}

#[test]
fn text_is_exact_in_both_directions() {
    assert_eq!(cny("259").to_string(), "259.00 CNY");
    assert_eq!(cny("0.42416667").to_string(), "0.42416667 CNY");
    assert_eq!(cny("19.90").to_string().parse::<Amount>(), Ok(cny("19.9")));
    for text in ["", ".5", "5.", "1e3", "+1", "1_000", "0x1", "12345678901234567890123456789012"] {
        assert!(matches!(Amount::parse(text, Currency::CNY), Err(MoneyError::Text(_))), "{text}");
    }
    for text in ["1000000000000", "0.00000000001"] {
        assert!(matches!(Amount::parse(text, Currency::CNY), Err(MoneyError::Limit(_))), "{text}");
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
