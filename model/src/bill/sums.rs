//! Sums of rows: of one type, of one cycle.

use super::row::{BillType, Row};
use crate::money::{Amount, Currency, MoneyError};
use crate::name::CouponId;
use crate::state::{CouponWorth, Split};
use serde::Serialize;
use std::collections::BTreeMap;

/// An amount by the kind of source that paid it (R4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PaidBy {
    /// From the cash balance.
    pub cash: Amount,
    /// On credit.
    pub credit: Amount,
    /// By vouchers.
    pub voucher: Amount,
    /// By flexi coupons.
    pub flexi: Amount,
    /// By cards.
    pub card: Amount,
    /// Left owing.
    pub debt: Amount,
}

/// The kinds of the coupons that an account was given, by name.
pub(super) type CouponKinds = BTreeMap<CouponId, CouponWorth>;

impl PaidBy {
    /// Nothing from anywhere.
    pub fn nothing(currency: Currency) -> Self {
        let zero = Amount::zero(currency);
        let (cash, credit, debt) = (zero, zero, zero);
        Self { cash, credit, voucher: zero, flexi: zero, card: zero, debt }
    }
    /// The sources of a payment. A coupon of which nothing is known is taken for a voucher.
    pub(super) fn of(split: &Split, kinds: &CouponKinds) -> Result<Self, MoneyError> {
        let nothing = Self::nothing(split.cash.currency());
        let (cash, credit, debt) = (split.cash, split.credit, split.debt);
        let mut paid = Self { cash, credit, debt, ..nothing };
        for part in &split.coupons {
            let source = match kinds.get(&part.coupon) {
                Some(CouponWorth::Flexi(_)) => &mut paid.flexi,
                Some(CouponWorth::Card(_)) => &mut paid.card,
                Some(
                    CouponWorth::Voucher(_)
                    | CouponWorth::DiscountCoupon(_)
                    | CouponWorth::Promotion(_),
                )
                | None => &mut paid.voucher,
            };
            *source = source.plus(part.amount)?;
        }
        Ok(paid)
    }
    /// The same sources, given back.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            cash: self.cash.negated(),
            credit: self.credit.negated(),
            voucher: self.voucher.negated(),
            flexi: self.flexi.negated(),
            card: self.card.negated(),
            debt: self.debt.negated(),
        }
    }
    /// The sum of all sources.
    pub fn total(self) -> Result<Amount, MoneyError> {
        let money = self.cash.plus(self.credit)?.plus(self.debt)?;
        money.plus(self.voucher)?.plus(self.flexi)?.plus(self.card)
    }
    /// R4.3, R11.6: what can be invoiced of it: neither vouchers nor what is still owed.
    pub fn can_be_invoiced(self) -> Result<Amount, MoneyError> {
        self.total()?.minus(self.voucher)?.minus(self.debt)
    }
    /// Both together.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            cash: self.cash.plus(other.cash)?,
            credit: self.credit.plus(other.credit)?,
            voucher: self.voucher.plus(other.voucher)?,
            flexi: self.flexi.plus(other.flexi)?,
            card: self.card.plus(other.card)?,
            debt: self.debt.plus(other.debt)?,
        })
    }
}

/// Rows added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// How many.
    pub rows: u64,
    /// At list price.
    pub official: Amount,
    /// What discounts take off.
    pub discount: Amount,
    /// What rounding takes off.
    pub erased: Amount,
    /// What is charged, less what is returned.
    pub due: Amount,
    /// Which sources paid it.
    pub paid: PaidBy,
}

impl Sums {
    /// Of no rows.
    pub fn nothing(currency: Currency) -> Self {
        let zero = Amount::zero(currency);
        let (official, discount, erased, due) = (zero, zero, zero, zero);
        Self { rows: 0, official, discount, erased, due, paid: PaidBy::nothing(currency) }
    }
    /// With one row more.
    pub fn with(self, row: &Row) -> Result<Self, MoneyError> {
        let (rows, paid) = (1, row.paid);
        let Row { official, discount, erased, due, .. } = *row;
        self.plus(Self { rows, official, discount, erased, due, paid })
    }
    /// Both together.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            rows: self.rows.saturating_add(other.rows),
            official: self.official.plus(other.official)?,
            discount: self.discount.plus(other.discount)?,
            erased: self.erased.plus(other.erased)?,
            due: self.due.plus(other.due)?,
            paid: self.paid.plus(other.paid)?,
        })
    }
}

/// The bill of one account for one cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CycleBill {
    /// Sums by type; types without rows are left out.
    pub types: BTreeMap<BillType, Sums>,
    /// All rows of the detail bill, whose money is the same (R11.3).
    pub detail: Sums,
    /// What is still owed of it.
    pub unsettled: Amount,
    /// Use that is metered and not charged yet, at eight decimals.
    pub not_yet_billed: Amount,
    /// What can be invoiced of it (R11.6): what was paid in other ways than by voucher, less what was
    /// returned later of the same orders.
    pub invoiceable: Amount,
}

impl CycleBill {
    pub(super) fn nothing(currency: Currency) -> Self {
        let (unsettled, invoiceable) = (Amount::zero(currency), Amount::zero(currency));
        let not_yet_billed = Amount::zero(currency);
        let detail = Sums::nothing(currency);
        Self { types: BTreeMap::new(), detail, unsettled, not_yet_billed, invoiceable }
    }
    /// The sums over all types.
    pub fn total(&self) -> Result<Sums, MoneyError> {
        let nothing = Sums::nothing(self.unsettled.currency());
        self.types.values().try_fold(nothing, |sum, sums| sum.plus(*sums))
    }
    /// R11.3: whether both bills have the same money.
    pub fn agrees(&self) -> Result<bool, MoneyError> {
        let total = self.total()?;
        Ok(total == Sums { rows: total.rows, ..self.detail })
    }
    pub(super) fn add(&mut self, row: &Row) -> Result<(), MoneyError> {
        let nothing = Sums::nothing(row.due.currency());
        let sums = self.types.get(&row.bill_type).copied().unwrap_or(nothing);
        self.types.insert(row.bill_type, sums.with(row)?);
        Ok(())
    }
}
