//! Coupons, and how a payment is composed of sources (R4).

use crate::money::{Amount, Currency, Fraction, MoneyError};
use crate::name::CouponId;
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

/// What a coupon is worth. The service's own words differ by site; these are the field's (R4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CouponWorth {
    /// Money for orders and usage; lost or returned whole on a refund (R9.1).
    Voucher(Amount),
    /// Money like cash, with a date (R4.2).
    Flexi(Amount),
    /// A prepaid card (R4.4).
    Card(Amount),
    /// A fraction off one order; never returned (R9.1).
    DiscountCoupon(Fraction),
}

impl CouponWorth {
    /// The rank in which usage draws on money coupons: voucher, flexi, card (R4.2). `None` for a
    /// discount coupon, which holds no money.
    pub fn money(&self) -> Option<(u8, Amount)> {
        match *self {
            Self::Voucher(amount) => Some((0, amount)),
            Self::Flexi(amount) => Some((1, amount)),
            Self::Card(amount) => Some((2, amount)),
            Self::DiscountCoupon(_) => None,
        }
    }
    /// Whether a refund treats it as money paid: flexi and card are, vouchers are not (R9.4).
    pub fn counts_as_paid(&self) -> bool {
        matches!(self, Self::Flexi(_) | Self::Card(_))
    }
    /// Whether two coupons are of one kind; an order takes at most one of each (R4.1).
    pub fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// A coupon as it was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponTerms {
    /// Its kind and worth.
    pub worth: CouponWorth,
    /// First instant at which it may pay.
    pub valid_from: SimTime,
    /// First instant at which it no longer may.
    pub valid_until: SimTime,
}

/// A coupon as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// What was granted.
    pub terms: CouponTerms,
    /// What is left of a money coupon; zero for a used discount coupon's last trace.
    pub balance: Amount,
    /// Whether an order has taken a discount coupon.
    pub used: bool,
}

impl Coupon {
    /// Whether it may pay for something of instant `at`.
    pub fn valid_at(&self, at: SimTime) -> bool {
        self.terms.valid_from <= at && at < self.terms.valid_until
    }
}

/// What one coupon contributed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitPart {
    /// Which coupon.
    pub coupon: CouponId,
    /// How much.
    pub amount: Amount,
    /// Whether a refund treats the part as money paid (flexi, card) or not (voucher).
    pub counts_as_paid: bool,
}

/// How an amount is composed of sources. Its parts add up to the amount (R4.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Vouchers, flexi and cards, in the order in which they were drawn on.
    pub coupons: Vec<SplitPart>,
    /// From the cash balance.
    pub cash: Amount,
    /// On credit.
    pub credit: Amount,
    /// What nobody paid and is owed.
    pub debt: Amount,
}

impl Split {
    /// Nothing from anywhere.
    pub fn nothing(currency: Currency) -> Self {
        let zero = Amount::zero(currency);
        Self { coupons: Vec::new(), cash: zero, credit: zero, debt: zero }
    }
    /// The sum of all parts.
    pub fn total(&self) -> Result<Amount, MoneyError> {
        let sum = self.cash.plus(self.credit)?.plus(self.debt)?;
        self.coupons.iter().try_fold(sum, |sum, part| sum.plus(part.amount))
    }
    /// What counts as paid for a refund: everything but vouchers and debt (R9.4).
    pub fn paid(&self) -> Result<Amount, MoneyError> {
        let money = self.cash.plus(self.credit)?;
        let counted = self.coupons.iter().filter(|part| part.counts_as_paid);
        counted.map(|part| part.amount).try_fold(money, Amount::plus)
    }
}
