//! Promotions in payments that the service makes by itself (R3.4).

use crate::decision::Fault;
use crate::money::Amount;
use crate::name::CouponId;
use crate::rules::Case;
use crate::rules::payment::{Payment, pay_orders};
use crate::rules::price::off;
use crate::rules::purchase::ToPay;
use std::cmp::Reverse;

/// R3.4: the promotion that a payment by the service itself uses, and what it takes off: the best of
/// those that are valid, that an earlier order of the phone had and that take off more than the best
/// discount does. It must go with the coupons named.
pub(super) fn remembered(
    case: &Case<'_>,
    order: ToPay<'_>,
    coupons: &[CouponId],
) -> Result<Option<(CouponId, Amount)>, Fault> {
    let [phone] = order.phones else { return Ok(None) };
    let Some(phone) = case.account.phones.get(phone) else { return Ok(None) };
    if !case.params.promotions_remembered || phone.details.promotions.is_empty() {
        return Ok(None);
    }
    let (best, _) = case.account.best_discount();
    let had = phone.details.promotions.iter().filter_map(|id| {
        let coupon = case.account.coupons.get(id).filter(|coupon| coupon.valid_at(case.now))?;
        let part = coupon.terms.worth.promotion().filter(|part| *part > best)?;
        Some((part, id))
    });
    let mut had: Vec<_> = had.collect();
    had.sort_by_key(|(part, _)| Reverse(*part));
    for (part, id) in had {
        let mut named = vec![id.clone()];
        named.extend_from_slice(coupons);
        if !matches!(pay_orders(case, &[order], &named)?, Payment::Refused(_)) {
            return Ok(Some((id.clone(), off(order.official, part)?)));
        }
    }
    Ok(None)
}
