//! What exists at the start: accounts with their money, and sizes with their prices.

use super::{CouponDoc, Edition, Verification};
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
        /// A discount that its partner grants, in percent off.
        partner_discount: Option<Spanned<Percent>>,
        /// When its orders are paid; without it, at once.
        settlement: Option<Spanned<SettlementWord>>,
        /// At which balance it is warned; without it, at none.
        balance_alert: Option<Spanned<AmountText>>,
        /// Whether its orders wait for approval; without it, no.
        approval: Option<Spanned<YesNo>>,
        /// On which day before expiry auto-renewals are deducted.
        deduction_day: Option<Spanned<Number<0, 31>>>,
        /// Coupons that the account holds at the start, by name.
        coupons: Option<Named<CouponDoc>>,
    }
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
        /// What the phones are for; without it, for anything.
        line: Option<Spanned<LineWord>>,
        /// Its edition; without it, professional.
        edition: Option<Spanned<Edition>>,
        /// From when it is not sold any more; what was sold stays.
        withdrawn: Option<Spanned<Moment>>,
    }
    AtLeastOne ["month", "year", "hour", "withdrawn"];
}

words! {
    /// What phones are for.
    pub enum LineWord ("`general` or `industry`") {
        /// For anything.
        General = "general",
        /// For an industry; sold by subscription only.
        Industry = "industry",
    }
}

words! {
    /// When orders are paid.
    pub enum SettlementWord ("`at_once` or `monthly`") {
        /// At once.
        AtOnce = "at_once",
        /// With the month, out of the credit line.
        Monthly = "monthly",
    }
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
