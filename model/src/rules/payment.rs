//! How a payment is composed of sources (R4.1, R4.2, R4.5).

use crate::decision::{Fault, Reason};
use crate::money::{Amount, MoneyError, Rounding, Unrounded};
use crate::name::CouponId;
use crate::rulebook::BookError;
use crate::rules::params::{Lag, Reader};
use crate::rules::price::off;
use crate::rules::purchase::ToPay;
use crate::rules::{Case, r};
use crate::state::{Coupon, CouponWorth, Phone, Settlement, Split, SplitPart};
use crate::time::SimTime;
use rust_decimal::Decimal;

/// What section 4 leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentParams {
    /// R4.1 `coupons_per_order_max`.
    pub coupons_per_order_max: usize,
    /// R4.3 `vouchers_per_order_max`.
    pub vouchers_per_order_max: usize,
    /// R4.4 `card_validity_months`.
    pub card_months: u32,
    /// R4.7 `fires_at_threshold`.
    pub alert_at_threshold: bool,
    /// R4.7 `days`.
    pub alert_days: u32,
    /// R4.8 `transfer_lag_earliest`, `_default` and `_latest`.
    pub transfer_lag: Lag,
}

impl PaymentParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        let transfer = ["transfer_lag_earliest", "transfer_lag_default", "transfer_lag_latest"];
        Ok(Self {
            coupons_per_order_max: read.size(r(4, 1), "coupons_per_order_max")?,
            vouchers_per_order_max: read.size(r(4, 3), "vouchers_per_order_max")?,
            card_months: read.count(r(4, 4), "card_validity_months")?,
            alert_at_threshold: read.flag(r(4, 7), "fires_at_threshold")?,
            alert_days: read.count(r(4, 7), "days")?,
            transfer_lag: read.lag(r(4, 8), transfer)?,
        })
    }
}

/// How one order is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OrderPayment {
    /// What is due after every discount.
    pub(super) due: Amount,
    /// What the discount of the order takes off.
    pub(super) discount: Amount,
    /// The promotion whose discount that is.
    pub(super) promotion: Option<CouponId>,
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

/// R4.1, R1.11: for each order in turn one discount or none, a discount coupon, then voucher, flexi and
/// card, then cash, then credit; what one order leaves of a source is there for the next.
pub(super) fn pay_orders(
    case: &Case<'_>,
    orders: &[ToPay<'_>],
    coupons: &[CouponId],
) -> Result<Payment, Fault> {
    let mut chosen = match choose(case, coupons) {
        Ok(chosen) => chosen,
        Err(reason) => return Ok(Payment::Refused(reason)),
    };
    let terms = match terms_of_sale(orders, &chosen)? {
        Ok(terms) => terms,
        Err(coupon) => return Ok(Payment::Refused(Reason::CouponNotFitting(coupon))),
    };
    let available = case.account.available()?;
    let mut line = Line::of(case)?;
    let mut needed = Amount::zero(case.account.currency());
    let mut payments = Vec::with_capacity(orders.len());
    for (order, (discount, promotion)) in orders.iter().zip(terms) {
        let undiscounted = order.official.minus(discount)?;
        let fits = |coupon: &Coupon| fits(coupon, order);
        let (coupon_discount, discount_coupon) = take_discount(&mut chosen, undiscounted, fits)?;
        let due = undiscounted.minus(coupon_discount)?;
        let (mut paid, rest) = draw_down(due, &mut chosen, fits)?;
        needed = needed.plus(rest)?;
        line.pay(&mut paid, rest)?;
        payments.push(OrderPayment {
            due,
            discount,
            promotion,
            coupon_discount,
            discount_coupon,
            paid,
        });
    }
    if !available.at_least_zero().covers(needed) {
        return Ok(Payment::TooLow { needed, available });
    }
    Ok(Payment::Paid(payments))
}

/// What pays the rest once coupons are used up: cash and then credit, or for an account that pays by the
/// month credit and then cash (R4.1).
struct Line {
    cash: Amount,
    credit: Amount,
    credit_first: bool,
}

impl Line {
    fn of(case: &Case<'_>) -> Result<Self, MoneyError> {
        let cash = case.account.ledger.cash().at_least_zero();
        let credit = case.account.credit_left()?.at_least_zero();
        let credit_first = case.account.funds.settlement == Settlement::Monthly;
        Ok(Self { cash, credit, credit_first })
    }
    /// Pays `rest`; what neither reaches is put on credit, for the caller to refuse.
    fn pay(&mut self, paid: &mut Split, rest: Amount) -> Result<(), MoneyError> {
        let by_credit = self.credit.lesser(rest)?;
        paid.cash = if self.credit_first {
            self.cash.lesser(rest.minus(by_credit)?)?
        } else {
            self.cash.lesser(rest)?
        };
        paid.credit = rest.minus(paid.cash)?;
        self.cash = self.cash.minus(paid.cash)?;
        self.credit = self.credit.minus(paid.credit)?;
        Ok(())
    }
}

fn fits(coupon: &Coupon, order: &ToPay<'_>) -> bool {
    let limits = coupon.terms.limits.as_deref();
    limits.is_none_or(|limits| limits.fits_order(order.kind, order.size, order.region))
}

/// What takes off the price of an order, and the promotion if it is of one.
type Discount = (Amount, Option<CouponId>);

fn excludes_discounts(coupon: &Coupon) -> bool {
    coupon.terms.limits.as_ref().is_some_and(|limits| limits.excludes_discounts)
}

/// R3.4, R4.3: what takes off the price of an order: a promotion where one is named for it, the discount
/// of the order otherwise, nothing where a voucher takes its place.
fn discount_of(order: &ToPay<'_>, chosen: &[(CouponId, Coupon)]) -> Result<Discount, MoneyError> {
    let fitting = || chosen.iter().filter(|(_, coupon)| fits(coupon, order));
    if fitting().any(|(_, coupon)| excludes_discounts(coupon)) {
        return Ok((Amount::zero(order.discount.currency()), None));
    }
    let named = fitting().find_map(|(id, coupon)| Some((id, coupon.terms.worth.promotion()?)));
    Ok(match named {
        Some((id, part)) => (off(order.official, part)?, Some(id.clone())),
        None => (order.discount, None),
    })
}

/// The discount of each order and the promotion that it is of; or the first coupon that cannot be used
/// for these orders, because it fits none of them, too little is due for those that it fits, or it does
/// not go with another (R4.3).
fn terms_of_sale(
    orders: &[ToPay<'_>],
    chosen: &[(CouponId, Coupon)],
) -> Result<Result<Vec<Discount>, CouponId>, MoneyError> {
    let discounts = orders.iter().map(|order| discount_of(order, chosen));
    let discounts = discounts.collect::<Result<Vec<_>, _>>()?;
    let coupon_off = |(_, c): &&(CouponId, Coupon)| c.terms.worth.money().is_none();
    for (id, coupon) in chosen {
        let mut eligible = orders.iter().zip(&discounts).filter(|(order, _)| fits(coupon, order));
        let sum = eligible.try_fold(None, |sum: Option<Amount>, (order, (discount, _))| {
            let due = order.official.minus(*discount)?;
            Ok::<_, MoneyError>(Some(sum.map_or(Ok(due), |sum| sum.plus(due))?))
        })?;
        let least = coupon.terms.limits.as_ref().and_then(|limits| limits.minimum);
        let enough = sum.is_some_and(|sum| least.is_none_or(|least| sum.covers(least)));
        let clash = excludes_discounts(coupon) && chosen.iter().any(|other| coupon_off(&other));
        if !enough || clash {
            return Ok(Err(id.clone()));
        }
    }
    Ok(Ok(discounts))
}

/// What a discount coupon takes off, and the coupon; it serves one order.
fn take_discount(
    chosen: &mut Vec<(CouponId, Coupon)>,
    due: Amount,
    fits: impl Fn(&Coupon) -> bool,
) -> Result<(Amount, Option<CouponId>), MoneyError> {
    let is_discount = |coupon: &Coupon| {
        matches!(coupon.terms.worth, CouponWorth::DiscountCoupon(_)) && fits(coupon)
    };
    let place = chosen.iter().position(|(_, coupon)| is_discount(coupon));
    let Some((id, coupon)) = place.map(|place| chosen.remove(place)) else {
        return Ok((Amount::zero(due.currency()), None));
    };
    let taken = match coupon.terms.worth {
        CouponWorth::DiscountCoupon(part) => off(due, part)?,
        CouponWorth::Voucher(_)
        | CouponWorth::Flexi(_)
        | CouponWorth::Card(_)
        | CouponWorth::Promotion(_) => Amount::zero(due.currency()),
    };
    Ok((taken, Some(id)))
}

/// Draws on the chosen money coupons in their order, leaving in them what is not needed.
fn draw_down(
    due: Amount,
    chosen: &mut [(CouponId, Coupon)],
    fits: impl Fn(&Coupon) -> bool,
) -> Result<(Split, Amount), MoneyError> {
    let fitting = chosen.iter().filter(|(_, coupon)| fits(coupon));
    let coupons: Vec<_> = fitting.map(|(id, coupon)| (id, coupon)).collect();
    let (split, rest) = draw(due, &coupons)?;
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

/// The coupons named, in the rank in which they pay, or why one of them cannot be used. A promotion is
/// the one discount that a payment names beside its coupons (R4.1).
fn choose(case: &Case<'_>, coupons: &[CouponId]) -> Result<Vec<(CouponId, Coupon)>, Reason> {
    let promotes = |id: &&CouponId| {
        case.account.coupons.get(*id).is_some_and(|c| c.terms.worth.promotion().is_some())
    };
    let counted = coupons.iter().filter(|id| !promotes(id)).count();
    if counted > case.params.payment.coupons_per_order_max {
        return Err(Reason::TooManyCoupons);
    }
    let mut chosen: Vec<(CouponId, Coupon)> = Vec::with_capacity(coupons.len());
    for id in coupons {
        let coupon = case.account.coupons.get(id);
        let coupon = coupon.ok_or_else(|| Reason::UnknownCoupon(id.clone()))?;
        let most = match coupon.terms.worth {
            CouponWorth::Voucher(_) => case.params.payment.vouchers_per_order_max,
            CouponWorth::Flexi(_)
            | CouponWorth::Card(_)
            | CouponWorth::DiscountCoupon(_)
            | CouponWorth::Promotion(_) => 1,
        };
        let alike =
            |(_, other): &&(CouponId, Coupon)| other.terms.worth.same_kind(&coupon.terms.worth);
        let twice = chosen.iter().any(|(known, _)| known == id);
        if twice || chosen.iter().filter(alike).count() >= most {
            return Err(Reason::CouponKindTwice);
        }
        chosen.push((id.clone(), coupon.clone()));
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

/// A charge for use.
#[derive(Clone, Copy, Debug)]
pub(super) struct UseToPay<'a> {
    /// How much.
    pub(super) due: Amount,
    /// When the use was, for the validity of coupons.
    pub(super) used_at: SimTime,
    /// The phone, if it was one.
    pub(super) of: Option<&'a Phone>,
    /// Whether a discount was taken off.
    pub(super) discounted: bool,
    /// What this very decision gives back to cash first (R2.13).
    pub(super) released: Amount,
}

/// R4.2, R4.3: usage draws on vouchers, flexi and cards that fit it and were valid when it happened;
/// vouchers bound to a product before others, then the nearest to their end first, then by name; then on
/// cash, then on credit. What is left is owed (R8.5).
#[inline(always)]
pub(super) fn pay_usage(case: &Case<'_>, to_pay: &UseToPay<'_>) -> Result<Split, Fault> {
    let account = case.account;
    let due = to_pay.due;
    let (mut split, rest) = if account.coupons.is_empty() {
        (Split::nothing(due.currency()), due)
    } else {
        draw_for_use(case, to_pay)?
    };
    let cash = account.ledger.cash().at_least_zero().plus(to_pay.released)?;
    split.cash = cash.lesser(rest)?;
    let rest = rest.minus(split.cash)?;
    if !rest.is_zero() {
        split.credit = account.credit_left()?.at_least_zero().lesser(rest)?;
        split.debt = rest.minus(split.credit)?;
    }
    Ok(split)
}

/// What coupons pay for use, and what is left to pay.
fn draw_for_use(case: &Case<'_>, to_pay: &UseToPay<'_>) -> Result<(Split, Amount), MoneyError> {
    let fits = |coupon: &Coupon| match coupon.terms.limits.as_deref() {
        None => true,
        Some(limits) => {
            let (due, discounted) = (to_pay.due, to_pay.discounted);
            let fits = |of: &Phone| limits.fits_use(&of.details.size, of.region(), due, discounted);
            to_pay.of.is_some_and(fits)
        }
    };
    let valid = |coupon: &Coupon| coupon.valid_at(to_pay.used_at) && fits(coupon);
    let mut coupons: Vec<(&CouponId, &Coupon)> =
        case.account.coupons.iter().filter(|(_, coupon)| valid(coupon)).collect();
    coupons.sort_by_key(|(_, coupon)| {
        let rank = coupon.terms.worth.money().map(|(rank, _)| rank);
        (rank, !coupon.is_for_products(), coupon.terms.valid_until)
    });
    draw(to_pay.due, &coupons)
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
