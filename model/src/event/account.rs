//! The account itself: who it is, its money, what was agreed with it.

use crate::command::Tier;
use crate::money::{Amount, Fraction};
use crate::name::{CouponId, PhoneId};
use crate::notice::{Channel, NoticeKind, Recipient};
use crate::state::{CouponTerms, Settlement, Verification};
use crate::time::{BillingDay, SimTime};
use serde::{Deserialize, Serialize};

payloads! {
    /// The account exists from here on.
    pub struct AccountOpened {
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
    pub struct VerificationSet {
        /// As what.
        to: Verification,
    }
    /// The customer tier changed with what was spent (R8.2).
    pub struct TierSet {
        /// The tier now.
        tier: Tier,
    }
    /// A promotion gives the account other lengths of the phases (R8.2).
    pub struct PromotionGranted {
        /// Days of grace instead of the tier's.
        grace_days: Option<u32>,
        /// Days of retention instead of the tier's.
        retention_days: Option<u32>,
        /// When it ends.
        until: SimTime,
    }
    /// Money came in; debt is paid first (R4.8).
    pub struct ToppedUp {
        /// What was paid in.
        amount: Amount,
        /// The part that paid debt.
        to_debt: Amount,
        /// The part that went to the cash balance.
        to_cash: Amount,
    }
    /// Money is on its way by bank transfer (R4.8).
    pub struct TransferSent {
        /// Which transfer of the account, from 1.
        number: u32,
        /// How much.
        amount: Amount,
    }
    /// A bank transfer has arrived (R4.8).
    pub struct TransferArrived {
        /// Which transfer.
        number: u32,
    }
    /// Cash was taken out (R4.3).
    pub struct Withdrawn {
        /// How much.
        amount: Amount,
    }
    /// Discounts of list prices were agreed on (R3.4).
    pub struct DiscountsSet {
        /// With the service.
        commercial: Fraction,
        /// With a partner.
        partner: Fraction,
    }
    /// It was agreed on when orders are to be paid (R4.1).
    pub struct SettlementSet {
        /// When.
        settlement: Settlement,
    }
    /// What a month put on the credit line was evened out (R4.1).
    pub struct MonthSettled {
        /// First day of the cycle.
        cycle: BillingDay,
        /// What was to be paid.
        due: Amount,
        /// What cash paid.
        cash: Amount,
        /// What is owed from now on.
        debt: Amount,
    }
    /// A balance alert was asked for, or no more (R4.7).
    pub struct AlertSet {
        /// At which amount.
        threshold: Option<Amount>,
        /// Whether the threshold itself is low enough.
        at_threshold: bool,
    }
    /// The balance has become low (R4.7).
    pub struct BalanceAlert {
        /// The amount asked for.
        threshold: Amount,
        /// What is left of balance, credit, general vouchers and flexi coupons.
        left: Amount,
        /// The how-many-th it is since the amount was last higher, one a day.
        time: u32,
    }
    /// The account was given a coupon.
    pub struct CouponGranted {
        /// Its name.
        coupon: CouponId,
        /// Its worth and validity.
        terms: CouponTerms,
    }
    /// The account's deduction day changed (R6.5).
    pub struct DeductionDaySet {
        /// Whole days before the expiry day.
        days: u32,
    }
    /// The account's unified expiry day changed (R5.6).
    pub struct UnifiedDaySet {
        /// Day of the month, 1 to 28, or -1 for its last.
        day: i32,
    }
    /// Whether orders of the account wait for approval was set (R1.8).
    pub struct ApprovalSet {
        /// Whether they do.
        needed: bool,
    }
    /// A partner froze its customer, or lifted that (R6.10).
    pub struct PartnerFreezeSet {
        /// Whether it is frozen now.
        frozen: bool,
    }
    /// Cash that came back paid what was owed (R4.8, R8.7).
    pub struct DebtPaid {
        /// How much.
        amount: Amount,
    }
    /// The customer was told something (R6.9).
    pub struct Notified {
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
}
