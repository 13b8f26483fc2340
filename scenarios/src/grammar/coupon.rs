//! Coupons: those that an account holds at the start, and those that it is given.

use super::ChargingWord;
use crate::read::{AmountText, Moment, Name, Percent, YesNo};
use crate::span::Spanned;
use crate::{document, words};

/// A document of a coupon: fields of its own, and what every coupon has.
macro_rules! coupon_document {
    ($(#[doc = $doc:literal])* pub struct $name:ident ($what:literal) { $($own:tt)* }) => {
        document! {
            $(#[doc = $doc])*
            pub struct $name ($what) {
                $($own)*
                /// Its kind.
                kind: Spanned<CouponKind>,
                /// What it is worth.
                amount: Option<Spanned<AmountText>>,
                /// What it takes off, in percent: for discount coupons and promotions.
                percent: Option<Spanned<Percent>>,
                /// From when it may be used; without it, at once.
                valid_from: Option<Spanned<Moment>>,
                /// Until when it may be used: an instant, or the end of a day; without it, for ever.
                expires: Option<Spanned<Moment>>,
                /// The only sizes that it may pay for.
                sizes: Option<Spanned<Vec<Spanned<Name>>>>,
                /// The only regions whose phones it may pay for.
                regions: Option<Spanned<Vec<Spanned<Name>>>>,
                /// The only kinds of order that it may pay for.
                orders: Option<Spanned<Vec<Spanned<OrderWord>>>>,
                /// The only charging mode that it may pay for.
                charging: Option<Spanned<ChargingWord>>,
                /// The least amount due for what it may pay for.
                minimum: Option<Spanned<AmountText>>,
                /// Whether it takes the place of discounts; without it, no.
                excludes_discounts: Option<Spanned<YesNo>>,
            }
            ExactlyOne ["amount", "percent"];
        }
    };
}

coupon_document! {
    /// A coupon that an account holds at the start.
    pub struct CouponDoc ("a coupon") {}
}

coupon_document! {
    /// Gives a coupon to an account.
    pub struct GrantDoc ("`grant`") {
        /// The account.
        account: Spanned<Name>,
        /// The new coupon's name.
        coupon: Spanned<Name>,
    }
}

words! {
    /// What an order is for.
    pub enum OrderWord ("`new`, `renew` or `auto_renew`") {
        /// New phones.
        New = "new",
        /// A renewal by hand.
        Renew = "renew",
        /// A renewal by the service.
        AutoRenew = "auto_renew",
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
        /// Takes a part off every price that it is named for, in the place of the best discount.
        Promotion = "promotion",
    }
}
