//! What happened: the observable facts of which state is the fold, without rulebook or clock.

mod about;
mod detail;
#[macro_use]
mod kind;

use crate::command::{Tier, UnsubscribeWhat};
use crate::decision::Reason;
use crate::money::{Amount, Fraction};
use crate::name::{CouponId, MemberId, OrderId, PhoneId, SizeId};
use crate::notice::{Channel, NoticeKind, Recipient};
use crate::state::{
    AtExpiry, AutoRenewal, CouponTerms, DiscountSource, FreezeCause, Group, Mark, Operation,
    OrderKind, OrderWait, Place, Power, Settlement, Split, Unified, Verification,
};
use crate::term::{Expiry, Term};
use crate::time::SimTime;
pub use detail::{AutoRenewalResult, CancelReason, RefundTerms, RefundTo, ReviewVerdict};
pub use kind::Kind;
use serde::{Deserialize, Serialize};

events! {
    /// The account exists from here on.
    "account_opened" AccountOpened {
        /// Customer tier.
        tier: Tier,
        /// How far it may pay on credit.
        credit_limit: Amount,
        /// Commercial discount as a fraction of the list price.
        discount: Fraction,
        /// Days before expiry at which auto-renewal first deducts (R6.1, R6.5).
        deduction_days: u32,
    }
    /// Who the account's owner is was verified anew (P1.1).
    "verification_set" VerificationSet {
        /// As what.
        to: Verification,
    }
    /// The customer tier changed with what was spent (R8.2).
    "tier_set" TierSet {
        /// The tier now.
        tier: Tier,
    }
    /// A promotion gives the account other lengths of the phases (R8.2).
    "promotion_granted" PromotionGranted {
        /// Days of grace instead of the tier's.
        grace_days: Option<u32>,
        /// Days of retention instead of the tier's.
        retention_days: Option<u32>,
        /// When it ends.
        until: SimTime,
    }
    /// Money came in; debt is paid first (R4.8).
    "topped_up" ToppedUp {
        /// What was paid in.
        amount: Amount,
        /// The part that paid debt.
        to_debt: Amount,
        /// The part that went to the cash balance.
        to_cash: Amount,
    }
    /// Money is on its way by bank transfer (R4.8).
    "transfer_sent" TransferSent {
        /// Which transfer of the account, from 1.
        number: u32,
        /// How much.
        amount: Amount,
    }
    /// A bank transfer has arrived (R4.8).
    "transfer_arrived" TransferArrived {
        /// Which transfer.
        number: u32,
    }
    /// Cash was taken out (R4.3).
    "withdrawn" Withdrawn {
        /// How much.
        amount: Amount,
    }
    /// Discounts of list prices were agreed on (R3.4).
    "discounts_set" DiscountsSet {
        /// With the service.
        commercial: Fraction,
        /// With a partner.
        partner: Fraction,
    }
    /// It was agreed on when orders are to be paid (R4.1).
    "settlement_set" SettlementSet {
        /// When.
        settlement: Settlement,
    }
    /// What a month put on the credit line was evened out (R4.1).
    "month_settled" MonthSettled {
        /// First day of the cycle.
        cycle: crate::time::BillingDay,
        /// What was to be paid.
        due: Amount,
        /// What cash paid.
        cash: Amount,
        /// What is owed from now on.
        debt: Amount,
    }
    /// A balance alert was asked for, or no more (R4.7).
    "alert_set" AlertSet {
        /// At which amount.
        threshold: Option<Amount>,
        /// Whether the threshold itself is low enough.
        at_threshold: bool,
    }
    /// The balance has become low (R4.7).
    "balance_alert" BalanceAlert {
        /// The amount asked for.
        threshold: Amount,
        /// What is left of balance, credit, general vouchers and flexi coupons.
        left: Amount,
    }
    /// The account was given a coupon.
    "coupon_granted" CouponGranted {
        /// Its name.
        coupon: CouponId,
        /// Its worth and validity.
        terms: CouponTerms,
    }
    /// The account's deduction day changed (R6.5).
    "deduction_day_set" DeductionDaySet { #[doc = "Whole days before the expiry day."] days: u32, }
    /// The account's unified expiry day changed (R5.6).
    "unified_day_set" UnifiedDaySet { #[doc = "Day of the month, 1 to 28, or -1 for its last."] day: i32, }
    /// An order exists and waits for payment.
    "order_placed" OrderPlaced {
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
    /// Whether orders of the account wait for approval was set (R1.8).
    "approval_set" ApprovalSet { #[doc = "Whether they do."] needed: bool, }
    /// An order was approved and can be paid (R1.8).
    "order_approved" OrderApproved {
        /// Which order.
        order: OrderId,
    }
    /// The customer agreed to an order that was placed for it (R1.8).
    "order_confirmed" OrderConfirmed {
        /// Which order.
        order: OrderId,
    }
    /// An order was to be paid at once and could not be; it waits.
    "payment_failed" PaymentFailed {
        /// Which order.
        order: OrderId,
        /// What would have been needed from the balance.
        needed: Amount,
        /// What was available.
        available: Amount,
    }
    /// An order was paid (R1.12).
    "charged" Charged {
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
        /// What a discount coupon took off beyond that.
        coupon_discount: Amount,
        /// The discount coupon used, if any.
        discount_coupon: Option<CouponId>,
        /// Which sources paid it.
        paid: Split,
    }
    /// An order ended without effect (R1.9).
    "order_cancelled" OrderCancelled {
        /// Which order.
        order: OrderId,
        /// Why.
        reason: CancelReason,
    }
    /// An order's flow is over (R1.8).
    "order_completed" OrderCompleted {
        /// Which order.
        order: OrderId,
    }
    /// A subscribed phone exists and runs (R1.2, R1.3).
    "provisioned" Provisioned {
        /// Which phone.
        phone: PhoneId,
        /// The order that bought it.
        order: OrderId,
        /// The instant from which its term counts.
        effective: SimTime,
        /// When its term ends.
        expires: Expiry,
    }
    /// Auto-renewal was set, changed or (with nothing) taken away (R6.7).
    "auto_renewal_set" AutoRenewalSet {
        /// Which phone.
        phone: PhoneId,
        /// The setting now.
        setting: Option<AutoRenewal>,
    }
    /// What is to happen at the end of a subscription was said (R7.1).
    "at_expiry_set" AtExpirySet {
        /// Which phone.
        phone: PhoneId,
        /// What is to happen.
        policy: AtExpiry,
    }
    /// A subscribed phone is charged by use from here on (R10.3, R10.4).
    "became_on_demand" BecameOnDemand {
        /// Which phone.
        phone: PhoneId,
        /// List price of an hour.
        unit_price: Amount,
    }
    /// A phone that was charged by use is subscribed from here on (R10.2).
    "became_subscribed" BecameSubscribed {
        /// Which phone.
        phone: PhoneId,
        /// The order that paid for it.
        order: OrderId,
        /// The instant from which its term counts, and up to which use is charged.
        effective: SimTime,
        /// When its term ends.
        expires: Expiry,
    }
    /// A partner froze its customer, or lifted that (R6.10).
    "partner_freeze_set" PartnerFreezeSet {
        /// Whether it is frozen now.
        frozen: bool,
    }
    /// The service tried to renew a phone by itself (R6.1).
    "auto_renewal" AutoRenewalTried {
        /// Which phone.
        phone: PhoneId,
        /// How it went.
        result: AutoRenewalResult,
        /// The price of the renewal.
        needed: Amount,
        /// What the account could spend.
        available: Amount,
    }
    /// The customer was told something (R6.9).
    "notified" Notified {
        /// To whom it went.
        to: Recipient,
        /// What was said.
        kind: NoticeKind,
        /// How it went out.
        channels: Vec<Channel>,
        /// The phones of which it was said; none where it is about the account.
        about: Vec<PhoneId>,
        /// Whole days left until what it warns of.
        days: Option<u32>,
    }
    /// A subscription was lengthened (R1.4, R5.2).
    "renewed" Renewed {
        /// Which phone.
        phone: PhoneId,
        /// The order that paid for it.
        order: OrderId,
        /// Whether by hand or by auto-renewal.
        by: OrderKind,
        /// The old expiry, from which the new period counts.
        from: Expiry,
        /// The new expiry.
        expires: Expiry,
    }
    /// An on-demand phone exists and runs (R2.2).
    "created" Created {
        /// Which phone.
        phone: PhoneId,
        /// Its size.
        size: SizeId,
        /// Where it runs, if the buyer said it (P1.5, P1.6).
        place: Option<Place>,
        /// List price of an hour.
        unit_price: Amount,
    }
    /// Cash was set aside for an on-demand phone (R2.13).
    "deposit_frozen" DepositFrozen {
        /// Which phone.
        phone: PhoneId,
        /// How much.
        amount: Amount,
    }
    /// A deposit was given back (R2.13).
    "deposit_released" DepositReleased {
        /// Which phone.
        phone: PhoneId,
        /// How much.
        amount: Amount,
    }
    /// Use is not counted while the phone is switched off (R2.6).
    "use_paused" UsePaused {
        /// Which phone.
        phone: PhoneId,
    }
    /// Use is counted again (R2.6).
    "use_resumed" UseResumed {
        /// Which phone.
        phone: PhoneId,
    }
    /// An on-demand phone is gone; its last usage is still to be settled (R2.2).
    "deleted" Deleted {
        /// Which phone.
        phone: PhoneId,
    }
    /// A phone was powered on or off.
    "power_set" PowerSet {
        /// Which phone.
        phone: PhoneId,
        /// Its power now.
        to: Power,
    }
    /// A phone began something that takes a while (P2.9).
    "operation_started" OperationStarted {
        /// Which phone.
        phone: PhoneId,
        /// What it does.
        operation: Operation,
        /// When that is done.
        until: SimTime,
    }
    /// A phone has done what it began; powering on and off end with `power_set` instead.
    "operation_done" OperationDone {
        /// Which phone.
        phone: PhoneId,
        /// What it did.
        operation: Operation,
    }
    /// A backup or a restore failed (P2.3).
    "operation_failed" OperationFailed {
        /// Which phone.
        phone: PhoneId,
        /// What it tried.
        operation: Operation,
    }
    /// A phone was given to a member, who is told so by text message (P3.4).
    "bound" Bound {
        /// Which phone.
        phone: PhoneId,
        /// To whom.
        member: MemberId,
    }
    /// A phone was taken from its member; its data are being wiped (P3.5).
    "unbound" Unbound {
        /// Which phone.
        phone: PhoneId,
        /// From whom.
        member: MemberId,
    }
    /// The usage of one clock hour was charged (R2.3, R2.5).
    "settled" Settled {
        /// Which phone.
        phone: PhoneId,
        /// First instant used in the hour.
        from: SimTime,
        /// End of the last use in the hour.
        to: SimTime,
        /// Whole seconds used.
        seconds: u32,
        /// List price at eight decimals.
        official: Amount,
        /// What the commercial discount takes off.
        discount: Amount,
        /// What rounding takes off; negative where it rounds up.
        erased: Amount,
        /// What is charged: official less discount less erased.
        due: Amount,
        /// Which sources paid it; `debt` is what nobody could pay.
        paid: Split,
    }
    /// What rounding took off a record is kept, to be collected with its month (R2.9).
    "erased_kept" ErasedKept {
        /// First day of the cycle.
        cycle: crate::time::BillingDay,
        /// How much.
        erased: Amount,
    }
    /// What rounding took off the records of a month was charged (R2.9).
    "erased_collected" ErasedCollected {
        /// First day of the cycle.
        cycle: crate::time::BillingDay,
        /// Sum of what was erased.
        total: Amount,
        /// What is erased for good, because it is less than can be paid.
        erased: Amount,
        /// What is charged.
        due: Amount,
        /// Which sources paid it.
        paid: Split,
    }
    /// The usage of one clock hour was priced, to be charged with its month (R2.5, international).
    "metered" Metered {
        /// Which phone.
        phone: PhoneId,
        /// First instant used in the hour.
        from: SimTime,
        /// End of the last use in the hour.
        to: SimTime,
        /// Whole seconds used.
        seconds: u32,
        /// List price at eight decimals.
        official: Amount,
        /// What the commercial discount takes off.
        discount: Amount,
    }
    /// A month of metered usage was charged (R2.5, R2.8, international).
    "month_charged" MonthCharged {
        /// First day of the cycle.
        cycle: crate::time::BillingDay,
        /// Sum of the month's records after discounts, at eight decimals.
        total: Amount,
        /// What rounding takes off; negative where it rounds up.
        erased: Amount,
        /// What is charged.
        due: Amount,
        /// Which sources paid it.
        paid: Split,
    }
    /// The account owes money (R8.5).
    "arrears_started" ArrearsStarted {
        /// What it owes.
        debt: Amount,
        /// Until when its on-demand phones stay usable (R8.1, R8.2).
        grace_until: SimTime,
    }
    /// The account owes nothing any more (R8.7).
    "arrears_cleared" ArrearsCleared {}
    /// A subscription ended; the phone stays usable for a while (R8.1).
    "expired" Expired {
        /// Which phone.
        phone: PhoneId,
        /// End of its grace period.
        grace_until: SimTime,
    }
    /// A phone may not be used; its data is kept (R8.1).
    "frozen" Frozen {
        /// Which phone.
        phone: PhoneId,
        /// Why.
        cause: FreezeCause,
        /// End of its retention period; a freeze by the police has none.
        retention_until: Option<SimTime>,
        /// Whether use is charged on while it is frozen (R8.4).
        accrues: bool,
    }
    /// One cause of a freeze is gone; with the last, the phone may be used again (R5.7, R8.7, R8.8).
    "unfrozen" Unfrozen {
        /// Which phone.
        phone: PhoneId,
        /// Which cause.
        cause: FreezeCause,
    }
    /// A phone and its data are gone (R8.1).
    "released" Released {
        /// Which phone.
        phone: PhoneId,
        /// Why it had been frozen.
        cause: FreezeCause,
    }
    /// A subscription was given back, or its unstarted renewals were (R9.1).
    "unsubscribed" Unsubscribed {
        /// Which phone.
        phone: PhoneId,
        /// What was given back.
        what: UnsubscribeWhat,
        /// The expiry that remains, where the phone does.
        expires: Option<Expiry>,
    }
    /// Money went back for one paid period of a phone (R9.1 to R9.6).
    "refunded" Refunded {
        /// Which phone.
        phone: PhoneId,
        /// The order whose payment is returned.
        order: OrderId,
        /// By which row of the table of scenarios.
        terms: RefundTerms,
        /// Used part of the period, in the unit of the rule (hours; days in older editions).
        used: u32,
        /// Length of the period in the same unit.
        total: u32,
        /// What the used part cost.
        consumed: Amount,
        /// Handling fee.
        fee: Amount,
        /// What went back, by source.
        refund: Split,
        /// Where its cash goes (R9.10).
        to: RefundTo,
    }
    /// A subscription has another size for the rest of its term (R10.5).
    "size_changed" SizeChanged {
        /// Which phone.
        phone: PhoneId,
        /// The order that had paid for the period in use.
        order: OrderId,
        /// Its size before.
        from: SizeId,
        /// Its size now.
        to: SizeId,
        /// Difference of the list prices for the time that is left; negative for a smaller size.
        official: Amount,
        /// What the commercial discount takes off.
        discount: Amount,
        /// What rounding takes off.
        erased: Amount,
        /// What is charged, or if negative what comes back.
        due: Amount,
        /// Which sources paid it.
        paid: Split,
        /// To which sources it came back.
        returned: Split,
    }
    /// Cash of a refund arrived later than the refund (R9.10).
    "refund_arrived" RefundArrived {
        /// How much.
        amount: Amount,
        /// When it was to arrive.
        arrives: SimTime,
    }
    /// Cash that came back paid what was owed (R4.8, R8.7).
    "debt_paid" DebtPaid {
        /// How much.
        amount: Amount,
    }
    /// One phone of several could not be given back (R9.11).
    "unsubscribe_failed" UnsubscribeFailed {
        /// Which phone.
        phone: PhoneId,
        /// Why.
        reason: Reason,
    }
    /// A large unsubscription waits for the account manager (R9.9).
    "review_started" ReviewStarted {
        /// The phones that are to go.
        phones: Vec<PhoneId>,
        /// What is to go.
        what: UnsubscribeWhat,
        /// What would come back now.
        refund: Amount,
        /// When silence approves it.
        decide_by: SimTime,
    }
    /// A review is over (R9.9).
    "review_ended" ReviewEnded {
        /// Its phones.
        phones: Vec<PhoneId>,
        /// How it ended.
        verdict: ReviewVerdict,
    }
    /// The service noted how a phone was had (R9.8).
    "marked" Marked {
        /// Which phone.
        phone: PhoneId,
        /// What is noted.
        mark: Mark,
    }
    /// Misuse voided the five-day right of the account (R9.2).
    "five_day_right_voided" FiveDayRightVoided {}
    /// A paid order, or a part of it, could not be provisioned (R1.13).
    "provisioning_failed" ProvisioningFailed {
        /// Which order.
        order: OrderId,
        /// Its phones that failed.
        phones: Vec<PhoneId>,
    }
}
