//! Orders, and what their payment brings about.

use crate::event::CancelReason;
use crate::money::Amount;
use crate::name::{CouponId, OrderId, PhoneId, SizeId};
use crate::state::{
    AutoRenewal, DiscountSource, Group, OrderKind, OrderWait, Place, Setup, Split, Unified,
};
use crate::term::{Expiry, Term};
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

payloads! {
    /// An order exists and waits for payment.
    pub struct OrderPlaced {
        /// Its id.
        order: OrderId,
        /// What it is for.
        kind: OrderKind,
        /// The phones it buys or renews.
        phones: Vec<PhoneId>,
        /// Their size.
        size: SizeId,
        /// Where new phones will run, if the buyer said it (P1.5, P1.6).
        place: Option<Place>,
        /// System and network of new phones, where either was said or is usual (P1.7).
        setup: Option<Setup>,
        /// How long.
        term: Term,
        /// The days beyond that up to a unified day, if it was renewed so (R5.6).
        unified: Option<Box<Unified>>,
        /// List price of the whole order.
        official: Amount,
        /// What the best discount takes off.
        discount: Amount,
        /// Whose discount that is (R3.4).
        discount_from: Option<DiscountSource>,
        /// What is to be paid before any coupon.
        due: Amount,
        /// Auto-renewal wished from the start.
        auto_renewal: Option<AutoRenewal>,
        /// The orders placed with it in one action (R1.11), named after the first.
        group: Option<Box<Group>>,
        /// What it waits for first (R1.8).
        waits_for: OrderWait,
        /// When the order is cancelled if still unpaid (R1.9).
        pay_by: SimTime,
    }
    /// An order was approved and can be paid (R1.8).
    pub struct OrderApproved {
        /// Which order.
        order: OrderId,
    }
    /// The customer agreed to an order that was placed for it (R1.8).
    pub struct OrderConfirmed {
        /// Which order.
        order: OrderId,
    }
    /// An order was to be paid at once and could not be; it waits.
    pub struct PaymentFailed {
        /// Which order.
        order: OrderId,
        /// What would have been needed from the balance.
        needed: Amount,
        /// What was available.
        available: Amount,
    }
    /// An order was paid (R1.12).
    pub struct Charged {
        /// Which order.
        order: OrderId,
        /// What the order is for.
        reason: OrderKind,
        /// Its phones.
        phones: Vec<PhoneId>,
        /// What was due after every discount.
        due: Amount,
        /// What the discount of the order took off; nothing where a voucher excludes it (R4.3).
        discount: Amount,
        /// The promotion whose discount that is, in the place of the best one (R3.4).
        promotion: Option<CouponId>,
        /// What a discount coupon took off beyond that.
        coupon_discount: Amount,
        /// The discount coupon used, if any.
        discount_coupon: Option<CouponId>,
        /// Which sources paid it.
        paid: Split,
    }
    /// An order ended without effect (R1.9).
    pub struct OrderCancelled {
        /// Which order.
        order: OrderId,
        /// Why.
        reason: CancelReason,
    }
    /// An order's flow is over (R1.8).
    pub struct OrderCompleted {
        /// Which order.
        order: OrderId,
    }
    /// A subscribed phone exists and runs (R1.2, R1.3).
    pub struct Provisioned {
        /// Which phone.
        phone: PhoneId,
        /// The order that bought it.
        order: OrderId,
        /// The instant from which its term counts.
        effective: SimTime,
        /// When its term ends.
        expires: Expiry,
    }
    /// A paid order, or a part of it, could not be provisioned (R1.13).
    pub struct ProvisioningFailed {
        /// Which order.
        order: OrderId,
        /// Its phones that failed.
        phones: Vec<PhoneId>,
    }
}
