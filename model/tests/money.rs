//! The fixed-point amount against the decimal type that it stands for.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail loudly")]

use koosim_model::money::{Amount, Currency, Factor, Fraction, MoneyError, Rounding};
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};

/// A number with up to ten decimals, of either sign, of any size an amount may have.
fn number() -> impl Strategy<Value = Decimal> {
    let size = prop_oneof![Just(1_i64), Just(1_000_000), Just(1_000_000_000_000_000_000)];
    size.prop_flat_map(|size| (-size..=size, 0_u32..=10))
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn small_number() -> impl Strategy<Value = Decimal> {
    (-1_000_000_000_000_i64..=1_000_000_000_000, 2_u32..=10)
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn rounding() -> impl Strategy<Value = Rounding> {
    prop_oneof![Just(Rounding::HalfUp), Just(Rounding::Truncate)]
}

fn cny(value: Decimal) -> Amount {
    Amount::of(value, Currency::CNY).unwrap()
}

/// The decimal type's own rounding, apart from the project's.
fn rounded(value: Decimal, rounding: Rounding, decimals: u32) -> Decimal {
    let strategy = match rounding {
        Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        Rounding::Truncate => RoundingStrategy::ToZero,
    };
    value.round_dp_with_strategy(decimals, strategy)
}

proptest! {
    #[test]
    fn sums_and_comparisons_are_those_of_the_decimal_type(a in number(), b in number()) {
        let (x, y) = (cny(a), cny(b));
        prop_assert_eq!(x.value(), a);
        prop_assert_eq!(x.plus(y).unwrap().value(), a + b);
        prop_assert_eq!(x.minus(y).unwrap().value(), a - b);
        prop_assert_eq!(x.negated().value(), -a);
        prop_assert_eq!(x.lesser(y).unwrap().value(), a.min(b));
        prop_assert_eq!(x.covers(y), a >= b);
        prop_assert_eq!(x == y, a == b);
        prop_assert_eq!(x.is_zero(), a.is_zero());
        prop_assert_eq!(x.is_positive(), a > Decimal::ZERO);
        prop_assert_eq!(x.is_negative(), a < Decimal::ZERO);
        prop_assert_eq!(x.at_least_zero().value(), a.max(Decimal::ZERO));
    }

    #[test]
    fn rounding_is_that_of_the_decimal_type(
        a in number(), kind in rounding(), decimals in 0_u32..=12,
    ) {
        prop_assert_eq!(cny(a).rounded(kind, decimals).value(), rounded(a, kind, decimals));
    }

    #[test]
    fn halves_are_rounded_as_the_decimal_type_does(
        cents in -1_000_000_i64..=1_000_000, kind in rounding(),
    ) {
        let half = Decimal::new(cents, 2) + Decimal::new(5, 3) * Decimal::from(cents.signum());
        prop_assert_eq!(cny(half).rounded(kind, 2).value(), rounded(half, kind, 2));
    }

    /// The short way over units and the long way over decimals are one function.
    #[test]
    fn scaling_is_multiplying_and_rounding(
        a in small_number(), part in 0_u32..3600, kind in rounding(), decimals in 0_u32..=10,
    ) {
        let hours = Factor::ratio(part, 3600, 10).unwrap();
        let exact = rounded(Decimal::from(part) / Decimal::from(3600), Rounding::Truncate, 10);
        prop_assert_eq!(hours.value(), exact);
        let short = cny(a).scaled(hours, kind, decimals).unwrap();
        prop_assert_eq!(short.value(), rounded(a * exact, kind, decimals));
        prop_assert_eq!(short, cny(a).times(exact).unwrap().rounded(kind, decimals).unwrap());
    }

    #[test]
    fn copies_add_up(a in small_number(), count in 0_u32..50) {
        let sum = (0..count).try_fold(cny(Decimal::ZERO), |sum, _| sum.plus(cny(a)));
        prop_assert_eq!(cny(a).copies(count), sum);
    }

    #[test]
    fn text_and_packed_form_lose_nothing(a in number(), f in 0_i64..10_000_000_000) {
        let amount = cny(a);
        prop_assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
        let text = serde_json::to_string(&amount).unwrap();
        prop_assert_eq!(serde_json::from_str::<Amount>(&text).unwrap(), amount);
        let packed = postcard::to_stdvec(&amount).unwrap();
        prop_assert_eq!(postcard::from_bytes::<Amount>(&packed).unwrap(), amount);
        let fraction = Fraction::new(Decimal::new(f, 10)).unwrap();
        prop_assert_eq!(fraction.value(), Decimal::new(f, 10));
        let text = serde_json::to_string(&fraction).unwrap();
        prop_assert_eq!(serde_json::from_str::<Fraction>(&text).unwrap(), fraction);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let most = cny(Decimal::from(3_000_000_000_000_000_000_i64));
    assert_eq!(most.plus(most), Err(MoneyError::Overflow));
    assert_eq!(most.copies(2), Err(MoneyError::Overflow));
    let eleven = Decimal::new(1, 11);
    assert!(matches!(Amount::of(eleven, Currency::CNY), Err(MoneyError::Limit(_))));
    let full = Factor::ratio(u32::MAX, 1, 10);
    assert_eq!(full, None);
    assert_eq!(Factor::ratio(1, 0, 10), None);
    let hour = Factor::ratio(u32::MAX / 100, 1, 10).unwrap();
    assert_eq!(most.scaled(hour, Rounding::Truncate, 8), Err(MoneyError::Overflow));
}
