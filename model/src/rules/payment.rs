//! How a payment is composed of sources (R4.1, R4.2, R4.5).

use crate::decision::{Fault, Reason};
use crate::money::{Amount, MoneyError, Rounding};
use crate::name::CouponId;
use crate::rules::Case;
use crate::state::{Coupon, CouponWorth, Split, SplitPart};
use crate::time::SimTime;
use rust_decimal::Decimal;

/// Amounts paid for orders have cents; a discount on them is rounded half up (R2.7).
const ORDER_DECIMALS: u32 = 2;

/// The composition of one order's payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OrderPayment {
    /// It can be paid like this.
    Paid {
        /// What is due after the discount coupon.
        due: Amount,
        /// What the discount coupon takes off.
        coupon_discount: Amount,
        /// The discount coupon.
        discount_coupon: Option<CouponId>,
        /// The sources.
        paid: Split,
    },
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

/// R4.1: discount coupon, then voucher, flexi and card, then cash, then credit.
pub(crate) fn pay_order(
    case: &Case<'_>,
    due: Amount,
    coupons: &[CouponId],
) -> Result<OrderPayment, Fault> {
    let chosen = match choose(case, coupons) {
        Ok(chosen) => chosen,
        Err(reason) => return Ok(OrderPayment::Refused(reason)),
    };
    let discount = chosen.iter().find_map(|(id, coupon)| match coupon.terms.worth {
        CouponWorth::DiscountCoupon(fraction) => Some(((*id).clone(), fraction)),
        CouponWorth::Voucher(_) | CouponWorth::Flexi(_) | CouponWorth::Card(_) => None,
    });
    let fraction = discount.as_ref().map_or(Decimal::ZERO, |(_, fraction)| fraction.value());
    let coupon_discount = due.times(fraction)?.rounded(Rounding::HalfUp, ORDER_DECIMALS);
    let due = due.minus(coupon_discount)?;
    let (mut split, rest) = draw(due, &chosen)?;
    let available = case.account.available()?;
    if !available.at_least_zero().covers(rest) {
        return Ok(OrderPayment::TooLow { needed: rest, available });
    }
    split.cash = case.account.ledger.cash().at_least_zero().lesser(rest)?;
    split.credit = rest.minus(split.cash)?;
    let discount_coupon = discount.map(|(id, _)| id);
    Ok(OrderPayment::Paid { due, coupon_discount, discount_coupon, paid: split })
}

/// The coupons named, in the rank in which they pay, or why one of them cannot be used.
fn choose<'a>(
    case: &Case<'a>,
    coupons: &'a [CouponId],
) -> Result<Vec<(&'a CouponId, &'a Coupon)>, Reason> {
    let mut chosen: Vec<(&CouponId, &Coupon)> = Vec::with_capacity(coupons.len());
    for id in coupons {
        let coupon = case.account.coupons.get(id);
        let coupon = coupon.ok_or_else(|| Reason::UnknownCoupon(id.clone()))?;
        if chosen.iter().any(|(_, other)| other.terms.worth.same_kind(&coupon.terms.worth)) {
            return Err(Reason::CouponKindTwice);
        }
        let spent = coupon.terms.worth.money().is_some() && !coupon.balance.is_positive();
        if spent || coupon.used || !coupon.valid_at(case.now) {
            return Err(Reason::CouponNotValid(id.clone()));
        }
        chosen.push((id, coupon));
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

/// The equal shares that `phones` phones have in one payment, phone by phone: each source is used up
/// in turn, so that every share adds up to its part of the total. Spare cents fall to the last.
pub(crate) fn shares(paid: &Split, phones: usize) -> Result<Vec<Split>, Fault> {
    let count = u32::try_from(phones).map_err(|_| Fault::Range("phones of an order"))?;
    let total = paid.total()?;
    let each = total.value().checked_div(Decimal::from(count)).unwrap_or(Decimal::ZERO);
    let each = Amount::of(Rounding::Truncate.apply(each, ORDER_DECIMALS), total.currency());
    let mut left = paid.clone();
    let mut shares = Vec::with_capacity(phones);
    for place in 1..=count {
        let due = if place == count { left.total()? } else { each };
        shares.push(take(&mut left, due)?);
    }
    Ok(shares)
}

/// Takes `due` out of a split, coupons first.
fn take(left: &mut Split, due: Amount) -> Result<Split, MoneyError> {
    let mut taken = Split::nothing(due.currency());
    let mut rest = due;
    for part in &mut left.coupons {
        let amount = part.amount.lesser(rest)?;
        if amount.is_positive() {
            taken.coupons.push(SplitPart { amount, ..part.clone() });
            part.amount = part.amount.minus(amount)?;
            rest = rest.minus(amount)?;
        }
    }
    for (source, target) in [
        (&mut left.cash, &mut taken.cash),
        (&mut left.credit, &mut taken.credit),
        (&mut left.debt, &mut taken.debt),
    ] {
        let amount = source.lesser(rest)?;
        *target = amount;
        *source = source.minus(amount)?;
        rest = rest.minus(amount)?;
    }
    Ok(taken)
}
