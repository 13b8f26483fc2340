//! How a payment is composed of sources (R4.1, R4.2, R4.5).

use crate::decision::{Fault, Reason};
use crate::money::{Amount, MoneyError, Rounding, Unrounded};
use crate::name::CouponId;
use crate::rules::Case;
use crate::rules::purchase::ToPay;
use crate::state::{Coupon, CouponWorth, Split, SplitPart};
use crate::time::SimTime;
use rust_decimal::Decimal;

/// How one order is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OrderPayment {
    /// What is due after the discount coupon.
    pub(super) due: Amount,
    /// What the discount coupon takes off.
    pub(super) coupon_discount: Amount,
    /// The discount coupon.
    pub(super) discount_coupon: Option<CouponId>,
    /// The sources.
    pub(super) paid: Split,
}

/// The composition of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Payment {
    /// Every order can be paid, in the order in which they were named.
    Paid(Vec<OrderPayment>),
    /// The balance does not reach.
    TooLow {
        /// What the balance would have to pay.
        needed: Amount,
        /// What it could.
        available: Amount,
    },
    /// A coupon cannot be used.
    Refused(Reason),
}

/// R4.1, R1.11: for each order in turn a discount coupon, then voucher, flexi and card, then cash, then
/// credit; what one order leaves of a source is there for the next.
pub(super) fn pay_orders(
    case: &Case<'_>,
    orders: &[ToPay<'_>],
    coupons: &[CouponId],
) -> Result<Payment, Fault> {
    let mut chosen = match choose(case, coupons) {
        Ok(chosen) => chosen,
        Err(reason) => return Ok(Payment::Refused(reason)),
    };
    let available = case.account.available()?;
    let mut cash = case.account.ledger.cash().at_least_zero();
    let mut needed = Amount::zero(case.account.currency());
    let mut payments = Vec::with_capacity(orders.len());
    for order in orders {
        let (coupon_discount, discount_coupon) = take_discount(&mut chosen, order.due)?;
        let due = order.due.minus(coupon_discount)?;
        let (mut paid, rest) = draw_down(due, &mut chosen)?;
        needed = needed.plus(rest)?;
        paid.cash = cash.lesser(rest)?;
        cash = cash.minus(paid.cash)?;
        paid.credit = rest.minus(paid.cash)?;
        payments.push(OrderPayment { due, coupon_discount, discount_coupon, paid });
    }
    if !available.at_least_zero().covers(needed) {
        return Ok(Payment::TooLow { needed, available });
    }
    Ok(Payment::Paid(payments))
}

/// What a discount coupon takes off, and the coupon; it serves one order. A discount on an amount that
/// can be paid is rounded half up to one that can (R2.7, R2.8).
fn take_discount(
    chosen: &mut Vec<(CouponId, Coupon)>,
    due: Amount,
) -> Result<(Amount, Option<CouponId>), MoneyError> {
    let place = chosen.iter().position(|(_, coupon)| coupon.terms.worth.money().is_none());
    let Some((id, coupon)) = place.map(|place| chosen.remove(place)) else {
        return Ok((Amount::zero(due.currency()), None));
    };
    let fraction = match coupon.terms.worth {
        CouponWorth::DiscountCoupon(fraction) => fraction.value(),
        CouponWorth::Voucher(_) | CouponWorth::Flexi(_) | CouponWorth::Card(_) => Decimal::ZERO,
    };
    let off = due.times(fraction)?.rounded(Rounding::HalfUp, due.currency().decimals())?;
    Ok((off, Some(id)))
}

/// Draws on the chosen money coupons in their order, leaving in them what is not needed.
fn draw_down(
    due: Amount,
    chosen: &mut [(CouponId, Coupon)],
) -> Result<(Split, Amount), MoneyError> {
    let (split, rest) = {
        let coupons: Vec<_> = chosen.iter().map(|(id, coupon)| (id, coupon)).collect();
        draw(due, &coupons)?
    };
    for part in &split.coupons {
        if let Some((_, coupon)) = chosen.iter_mut().find(|(id, _)| *id == part.coupon) {
            coupon.balance = coupon.balance.minus(part.amount)?;
        }
    }
    Ok((split, rest))
}

/// The first of the coupons that the account does not have.
pub(crate) fn unknown_coupon(case: &Case<'_>, coupons: &[CouponId]) -> Option<Reason> {
    let unknown = coupons.iter().find(|id| !case.account.coupons.contains_key(*id));
    unknown.map(|id| Reason::UnknownCoupon(id.clone()))
}

/// The coupons named, in the rank in which they pay, or why one of them cannot be used.
fn choose(case: &Case<'_>, coupons: &[CouponId]) -> Result<Vec<(CouponId, Coupon)>, Reason> {
    let mut chosen: Vec<(CouponId, Coupon)> = Vec::with_capacity(coupons.len());
    for id in coupons {
        let coupon = case.account.coupons.get(id);
        let coupon = coupon.ok_or_else(|| Reason::UnknownCoupon(id.clone()))?;
        if chosen.iter().any(|(_, other)| other.terms.worth.same_kind(&coupon.terms.worth)) {
            return Err(Reason::CouponKindTwice);
        }
        chosen.push((id.clone(), *coupon));
    }
    let useless = chosen.iter().find(|(_, coupon)| {
        let spent = coupon.terms.worth.money().is_some() && !coupon.balance.is_positive();
        spent || coupon.used || !coupon.valid_at(case.now)
    });
    if let Some((id, _)) = useless {
        return Err(Reason::CouponNotValid(id.clone()));
    }
    chosen.sort_by_key(|(_, coupon)| coupon.terms.worth.money().map(|(rank, _)| rank));
    Ok(chosen)
}

/// Draws on money coupons in the given order; answers the parts and what is left to pay.
fn draw(due: Amount, coupons: &[(&CouponId, &Coupon)]) -> Result<(Split, Amount), MoneyError> {
    let mut split = Split::nothing(due.currency());
    let mut rest = due;
    for (id, coupon) in coupons {
        let amount = coupon.balance.lesser(rest)?;
        if coupon.terms.worth.money().is_none() || !amount.is_positive() {
            continue;
        }
        let counts_as_paid = coupon.terms.worth.counts_as_paid();
        split.coupons.push(SplitPart { coupon: (*id).clone(), amount, counts_as_paid });
        rest = rest.minus(amount)?;
    }
    Ok((split, rest))
}

/// R4.2: usage draws on vouchers, flexi and cards that were valid when it happened, the nearest to
/// their end first, then on cash, then on credit. What is left is owed (R8.5).
pub(crate) fn pay_usage(case: &Case<'_>, due: Amount, used_at: SimTime) -> Result<Split, Fault> {
    let account = case.account;
    let mut coupons: Vec<(&CouponId, &Coupon)> =
        account.coupons.iter().filter(|(_, coupon)| coupon.valid_at(used_at)).collect();
    coupons.sort_by_key(|(_, coupon)| {
        (coupon.terms.worth.money().map(|(rank, _)| rank), coupon.terms.valid_until)
    });
    let (mut split, rest) = draw(due, &coupons)?;
    split.cash = account.ledger.cash().at_least_zero().lesser(rest)?;
    let rest = rest.minus(split.cash)?;
    split.credit = account.credit_left()?.at_least_zero().lesser(rest)?;
    split.debt = rest.minus(split.credit)?;
    Ok(split)
}

/// The share that one of `phones` phones has in the payment of their order. The order's amount is cut
/// into equal parts of whole cents, spare cents in the last; each source is used up in turn, so that
/// every share adds up to its part.
pub(crate) fn share(paid: &Split, phones: usize, place: usize) -> Result<Split, Fault> {
    let count = |n: usize| u32::try_from(n).map_err(|_| Fault::Range("phones of an order"));
    let (phones, place) = (count(phones)?, count(place)?);
    let total = paid.total()?;
    let each = total.value().checked_div(Decimal::from(phones)).unwrap_or(Decimal::ZERO);
    let each = Unrounded::of(each, total.currency());
    let each = each.rounded(Rounding::Truncate, total.currency().decimals())?;
    let before = each.copies(place)?;
    let part = if place + 1 == phones { total.minus(before)? } else { each };
    Ok(take(paid, before, part)?)
}

/// What `part` of a payment consists of, once `before` has been used up; coupons come first.
pub(crate) fn take(paid: &Split, before: Amount, part: Amount) -> Result<Split, MoneyError> {
    let (mut skip, mut rest) = (before, part);
    let mut draw = |source: Amount| -> Result<Amount, MoneyError> {
        let skipped = source.lesser(skip)?;
        skip = skip.minus(skipped)?;
        let taken = source.minus(skipped)?.lesser(rest)?;
        rest = rest.minus(taken)?;
        Ok(taken)
    };
    let mut coupons = Vec::with_capacity(paid.coupons.len());
    for source in &paid.coupons {
        let amount = draw(source.amount)?;
        if amount.is_positive() {
            coupons.push(SplitPart { amount, ..source.clone() });
        }
    }
    let (cash, credit) = (draw(paid.cash)?, draw(paid.credit)?);
    Ok(Split { coupons, cash, credit, debt: draw(paid.debt)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn shares_use_up_each_source_in_turn_and_add_up() {
        let cny = |text: &str| Amount::parse(text, Currency::CNY).unwrap();
        let coupon = SplitPart {
            coupon: CouponId::new("v1").unwrap(),
            amount: cny("50"),
            counts_as_paid: false,
        };
        let mut paid = Split::nothing(Currency::CNY);
        (paid.coupons, paid.cash, paid.credit) = (vec![coupon], cny("45"), cny("5.01"));
        let shares: Vec<_> = (0..3).map(|place| share(&paid, 3, place).unwrap()).collect();
        let voucher = |s: &Split| s.coupons.first().map_or(cny("0"), |part| part.amount);
        let shown: Vec<_> = shares
            .iter()
            .map(|s| format!("{} {} {}", voucher(s).value(), s.cash.value(), s.credit.value()))
            .collect();
        assert_eq!(shown, ["33.33 0 0", "16.67 16.66 0", "0 28.34 5.01"]);
        let sum = shares.iter().try_fold(cny("0"), |sum, s| sum.plus(s.total()?));
        assert_eq!(sum, paid.total());
    }
}
