//! What exists at the start: accounts with their money, and sizes with their prices.

use super::{Edition, Verification};
use crate::read::{AmountText, Moment, Named, Number, Percent, YesNo};
use crate::span::Spanned;
use crate::{document, words};

document! {
    /// An account and what it owns at the start.
    pub struct AccountDoc ("an account") {
        /// The customer tier; without it, V0.
        tier: Option<Spanned<Tier>>,
        /// Cash at the start; without it, nothing.
        balance: Option<Spanned<AmountText>>,
        /// As what its owner is verified; without it, as an enterprise.
        verified: Option<Spanned<Verification>>,
        /// The credit limit; without it, none.
        credit: Option<Spanned<AmountText>>,
        /// A discount on all list prices, in percent off.
        discount: Option<Spanned<Percent>>,
        /// Whether its orders wait for approval; without it, no.
        approval: Option<Spanned<YesNo>>,
        /// On which day before expiry auto-renewals are deducted.
        deduction_day: Option<Spanned<Number<0, 31>>>,
        /// Coupons that the account holds at the start, by name.
        coupons: Option<Named<CouponDoc>>,
    }
}

document! {
    /// A coupon that an account holds at the start.
    pub struct CouponDoc ("a coupon") {
        /// Its kind.
        kind: Spanned<CouponKind>,
        /// What it is worth.
        amount: Option<Spanned<AmountText>>,
        /// What it takes off, in percent: for discount coupons.
        percent: Option<Spanned<Percent>>,
        /// From when it may be used; without it, at once.
        valid_from: Option<Spanned<Moment>>,
        /// Until when it may be used: an instant, or the end of a day; without it, for ever.
        expires: Option<Spanned<Moment>>,
    }
    ExactlyOne ["amount", "percent"];
}

document! {
    /// The list prices of one size.
    pub struct PriceDoc ("the prices of a size") {
        /// For a month.
        month: Option<Spanned<AmountText>>,
        /// For a year.
        year: Option<Spanned<AmountText>>,
        /// For an hour of pay-per-use.
        hour: Option<Spanned<AmountText>>,
        /// Its edition; without it, professional.
        edition: Option<Spanned<Edition>>,
        /// From when it is not sold any more; what was sold stays.
        withdrawn: Option<Spanned<Moment>>,
    }
    AtLeastOne ["month", "year", "hour", "withdrawn"];
}

words! {
    /// A customer tier.
    pub enum Tier ("a tier") {
        /// V0.
        V0 = "V0",
        /// V1.
        V1 = "V1",
        /// V2.
        V2 = "V2",
        /// V3.
        V3 = "V3",
        /// V4.
        V4 = "V4",
        /// V5.
        V5 = "V5",
    }
}

words! {
    /// A kind of coupon.
    pub enum CouponKind ("a kind of coupon") {
        /// Pays for what its terms allow, before any other money.
        Voucher = "voucher",
        /// Pays like cash.
        Flexi = "flexi",
        /// A stored-value card.
        Card = "card",
        /// Takes a part off a price.
        DiscountCoupon = "discount_coupon",
    }
}
