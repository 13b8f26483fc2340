//! Coupons as a scenario writes them.

use super::*;

impl Fields {
    pub(super) fn limits(&mut self, limits: &CouponLimits) {
        if !limits.sizes.is_empty() {
            self.names("sizes", limits.sizes.iter().map(SizeId::as_str));
        }
        if !limits.regions.is_empty() {
            self.names("regions", limits.regions.iter().map(RegionId::as_str));
        }
        if !limits.orders.is_empty() {
            let kinds = serde_json::to_string(&limits.orders).unwrap_or_default();
            self.add("orders", kinds);
        }
        if let Some(mode) = &limits.charging {
            self.word("charging", mode);
        }
        self.amount("minimum", limits.minimum);
        if limits.excludes_discounts {
            self.add("excludes_discounts", yes_no(true));
        }
    }
    pub(super) fn coupon(&mut self, terms: &CouponTerms) -> Result<(), &'static str> {
        let (kind, amount) = match terms.worth {
            CouponWorth::Voucher(amount) => ("voucher", Some(amount)),
            CouponWorth::Flexi(amount) => ("flexi", Some(amount)),
            CouponWorth::Card(amount) => ("card", Some(amount)),
            CouponWorth::DiscountCoupon(fraction) => {
                self.add("percent", percent(fraction).ok_or("so fine a part of a price")?);
                ("discount_coupon", None)
            }
            CouponWorth::Promotion(fraction) => {
                self.add("percent", percent(fraction).ok_or("so fine a part of a price")?);
                ("promotion", None)
            }
        };
        self.add("kind", kind);
        self.amount("amount", amount);
        self.add("valid_from", terms.valid_from.wall());
        if terms.valid_until != for_ever() {
            self.add("expires", terms.valid_until.wall());
        }
        if let Some(limits) = &terms.limits {
            self.limits(limits);
        }
        Ok(())
    }
}
