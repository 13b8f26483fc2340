//! Coupons, and how a payment is composed of sources (R4).

use crate::money::{Amount, Currency, Fraction, MoneyError};
use crate::name::{CouponId, RegionId, SizeId};
use crate::state::OrderKind;
use crate::time::SimTime;
use crate::view::ChargingMode;
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
    /// A fraction off every order that names it, in the place of the best discount (R3.4).
    Promotion(Fraction),
}

impl CouponWorth {
    /// The rank in which usage draws on money coupons: voucher, flexi, card (R4.2). `None` for a
    /// discount coupon and a promotion, which hold no money.
    pub fn money(&self) -> Option<(u8, Amount)> {
        match *self {
            Self::Voucher(amount) => Some((0, amount)),
            Self::Flexi(amount) => Some((1, amount)),
            Self::Card(amount) => Some((2, amount)),
            Self::DiscountCoupon(_) | Self::Promotion(_) => None,
        }
    }
    /// What a promotion takes off (R3.4).
    pub fn promotion(&self) -> Option<Fraction> {
        match *self {
            Self::Promotion(fraction) => Some(fraction),
            Self::Voucher(_) | Self::Flexi(_) | Self::Card(_) | Self::DiscountCoupon(_) => None,
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

/// What a voucher may pay for; what is not said is not limited (R4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponLimits {
    /// Only these sizes; any if none is named.
    pub sizes: Vec<SizeId>,
    /// Only phones that are known to run in these regions; anywhere if none is named.
    pub regions: Vec<RegionId>,
    /// Only orders of these kinds, and no use by the hour; anything if none is named.
    pub orders: Vec<OrderKind>,
    /// Only this charging mode.
    pub charging: Option<ChargingMode>,
    /// The least that must be due for the items it fits.
    pub minimum: Option<Amount>,
    /// It is used instead of discounts, not with them.
    pub excludes_discounts: bool,
}

impl CouponLimits {
    /// Whether an order of this kind, size and region is one it may pay for, whatever the amount.
    pub fn fits_order(&self, kind: OrderKind, size: &SizeId, region: Option<&RegionId>) -> bool {
        let kinds = self.orders.is_empty() || self.orders.contains(&kind);
        let phones = self.fits_size(size) && self.fits_region(region);
        kinds && phones && self.charging != Some(ChargingMode::OnDemand)
    }
    /// Whether it may pay for an hour of use that costs `due` after a discount or without one.
    pub fn fits_use(
        &self,
        size: &SizeId,
        region: Option<&RegionId>,
        due: Amount,
        discounted: bool,
    ) -> bool {
        let mode = self.orders.is_empty() && self.charging != Some(ChargingMode::Subscribed);
        let enough = self.minimum.is_none_or(|least| due.covers(least));
        let phone = self.fits_size(size) && self.fits_region(region);
        mode && enough && phone && !(discounted && self.excludes_discounts)
    }
    fn fits_region(&self, region: Option<&RegionId>) -> bool {
        self.regions.is_empty() || region.is_some_and(|region| self.regions.contains(region))
    }
    fn fits_size(&self, size: &SizeId) -> bool {
        self.sizes.is_empty() || self.sizes.contains(size)
    }
}

/// A coupon as it was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponTerms {
    /// Its kind and worth.
    pub worth: CouponWorth,
    /// First instant at which it may pay.
    pub valid_from: SimTime,
    /// First instant at which it no longer may.
    pub valid_until: SimTime,
    /// What it may pay for, if that is limited.
    pub limits: Option<Box<CouponLimits>>,
}

/// A coupon as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// What was granted.
    pub terms: CouponTerms,
    /// What is left of a money coupon; zero for a used discount coupon's last trace.
    pub balance: Amount,
    /// Whether an order has taken a discount coupon.
    pub used: bool,
}

impl Coupon {
    /// Whether it is bound to some products, and so goes before those that are not (R4.2).
    pub fn is_for_products(&self) -> bool {
        self.terms.limits.as_ref().is_some_and(|limits| !limits.sizes.is_empty())
    }
    /// Whether a balance alert counts what is left of it: vouchers without limits, and flexi (R4.7).
    pub fn counts_for_alert(&self) -> bool {
        match self.terms.worth {
            CouponWorth::Voucher(_) => self.terms.limits.is_none(),
            CouponWorth::Flexi(_) => true,
            CouponWorth::Card(_) | CouponWorth::DiscountCoupon(_) | CouponWorth::Promotion(_) => {
                false
            }
        }
    }
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
    /// Whether cash pays all of it.
    #[inline]
    pub fn is_of_cash(&self) -> bool {
        self.coupons.is_empty() && self.credit.is_zero() && self.debt.is_zero()
    }
    /// The sum of all parts.
    pub fn total(&self) -> Result<Amount, MoneyError> {
        let sum = self.cash.plus(self.credit)?.plus(self.debt)?;
        self.coupons.iter().try_fold(sum, |sum, part| sum.plus(part.amount))
    }
    /// What counts as paid for a refund: everything but vouchers and debt (R9.4).
    #[inline]
    pub fn paid(&self) -> Result<Amount, MoneyError> {
        let money = self.cash.plus(self.credit)?;
        let mut counted = self.coupons.iter().filter(|part| part.counts_as_paid);
        counted.try_fold(money, |sum, part| sum.plus(part.amount))
    }
}
