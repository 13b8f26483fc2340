//! The answer of the rules to one input: events or a refusal, and what is to happen later.

use crate::event::Event;
use crate::money::MoneyError;
use crate::name::{AccountId, CouponId, OrderId, PhoneId, RegionId, SizeId};
use crate::rulebook::{BookError, RuleId};
use crate::time::{BillingDay, SimTime};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An event with the rules that caused it, the deciding one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What happens.
    pub event: Event,
    /// Why: the deciding rule, then those that shaped it.
    pub rules: &'static [RuleId],
}

/// A parameter that a decision looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// Whose parameter.
    pub rule: RuleId,
    /// Its name.
    pub name: &'static str,
}

/// The instants at which something may happen, and the one it takes unless told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First allowed instant.
    pub earliest: SimTime,
    /// The instant of a plain run.
    pub default: SimTime,
    /// Last allowed instant.
    pub latest: SimTime,
}

impl Window {
    /// Exactly one instant.
    pub const fn exactly(at: SimTime) -> Self {
        Self { earliest: at, default: at, latest: at }
    }
    /// Whether only one instant is allowed.
    pub fn is_exact(&self) -> bool {
        self.earliest == self.latest
    }
    /// Whether `at` is allowed.
    pub fn allows(&self, at: SimTime) -> bool {
        self.earliest <= at && at <= self.latest
    }
    /// The same window without the part before `now`.
    pub fn from_now(self, now: SimTime) -> Self {
        let clip = |at: SimTime| at.max(now);
        Self {
            earliest: clip(self.earliest),
            default: clip(self.default),
            latest: clip(self.latest),
        }
    }
}

/// What a timer of an account stands for. There is at most one timer of each key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKey {
    /// An unpaid order runs out (R1.9).
    OrderDeadline(OrderId),
    /// A paid order is fulfilled (R1.1, P1.3).
    Provision(OrderId),
    /// An order that failed is paid back (R1.13).
    RefundOrder(OrderId),
    /// The service tries to renew (R6.1).
    AutoRenewal(PhoneId),
    /// A day on which something may have to be said about a phone (R6.9); the next one only.
    Notice(PhoneId),
    /// A subscription ends (R1.3).
    Expiry(PhoneId),
    /// Grace of an expired subscription ends (R8.2).
    GraceEnd(PhoneId),
    /// Retention of an expired subscription ends (R8.2).
    RetentionEnd(PhoneId),
    /// A phone frozen for a violation is deleted (R8.8).
    ViolationEnd(PhoneId),
    /// What a phone is in the middle of is done (P2.9).
    Operation(PhoneId),
    /// The clock hour of an on-demand phone that begins at this instant is deducted (R2.5). Hours are
    /// timers of their own, because a late deduction may come after that of the next hour.
    Settle(PhoneId, SimTime),
    /// A bank transfer arrives (R4.8).
    Transfer(u32),
    /// A month's erased decimals are collected (R2.9).
    CollectErased(BillingDay),
    /// What a month put on the credit line is evened out (R4.1).
    SettleMonth(BillingDay),
    /// A balance alert is given again (R4.7).
    BalanceAlert,
    /// A month's metered usage is charged (R2.5, international).
    MonthCharge(BillingDay),
    /// Nobody has answered the review of an unsubscription, named by its first phone (R9.9).
    Review(PhoneId),
    /// Refunds that were under way arrive at this instant (R9.10).
    RefundArrives(SimTime),
    /// Grace of an account in arrears ends (R8.2).
    ArrearsGraceEnd,
    /// Retention of an account in arrears ends (R8.2).
    ArrearsRetentionEnd,
}

impl TimerKey {
    /// The phone that the timer is about, if it is about one.
    pub fn phone(&self) -> Option<&PhoneId> {
        match self {
            Self::AutoRenewal(phone)
            | Self::Notice(phone)
            | Self::Expiry(phone)
            | Self::GraceEnd(phone)
            | Self::RetentionEnd(phone)
            | Self::ViolationEnd(phone)
            | Self::Operation(phone)
            | Self::Review(phone)
            | Self::Settle(phone, _) => Some(phone),
            _ => None,
        }
    }
}

impl fmt::Display for TimerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrderDeadline(order) => write!(f, "payment deadline of {order}"),
            Self::Provision(order) => write!(f, "provisioning of {order}"),
            Self::RefundOrder(order) => write!(f, "refund of {order}"),
            Self::AutoRenewal(phone) => write!(f, "auto-renewal of {phone}"),
            Self::Notice(phone) => write!(f, "next notice about {phone}"),
            Self::Expiry(phone) => write!(f, "expiry of {phone}"),
            Self::GraceEnd(phone) => write!(f, "end of grace of {phone}"),
            Self::RetentionEnd(phone) => write!(f, "end of retention of {phone}"),
            Self::ViolationEnd(phone) => write!(f, "deletion of {phone} for a violation"),
            Self::Operation(phone) => write!(f, "operation of {phone}"),
            Self::Settle(phone, hour) => write!(f, "settlement of {phone} for {hour}"),
            Self::Transfer(number) => write!(f, "arrival of transfer {number}"),
            Self::CollectErased(cycle) => write!(f, "collection of what {cycle} erased"),
            Self::SettleMonth(cycle) => write!(f, "settlement of {cycle}"),
            Self::BalanceAlert => f.write_str("balance alert once more"),
            Self::Review(phone) => write!(f, "review of {phone}"),
            Self::RefundArrives(at) => write!(f, "arrival of refunds at {at}"),
            Self::MonthCharge(cycle) => write!(f, "monthly charge of {cycle}"),
            Self::ArrearsGraceEnd => f.write_str("end of grace in arrears"),
            Self::ArrearsRetentionEnd => f.write_str("end of retention in arrears"),
        }
    }
}

/// What is to become of a timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerOp {
    /// Fires inside the window; replaces an older timer of the same key.
    Schedule {
        /// Which timer.
        key: TimerKey,
        /// When.
        window: Window,
    },
    /// Does not fire.
    Cancel {
        /// Which timer.
        key: TimerKey,
    },
}

/// Why a command was refused. Where several reasons hold, the first in this order is given.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The account has not been opened.
    #[error("there is no account `{0}`")]
    UnknownAccount(AccountId),
    /// The account has been opened before.
    #[error("account `{0}` is open already")]
    AccountExists(AccountId),
    /// No such phone lives in the account.
    #[error("there is no phone `{0}`")]
    UnknownPhone(PhoneId),
    /// No such order is open in the account.
    #[error("there is no open order `{0}`")]
    UnknownOrder(OrderId),
    /// The phone sits in no open order.
    #[error("phone `{0}` has no open order")]
    NoOpenOrder(PhoneId),
    /// The account has no such coupon.
    #[error("there is no coupon `{0}`")]
    UnknownCoupon(CouponId),
    /// A phone of that name lives or is on order.
    #[error("there is a phone `{0}` already")]
    PhoneExists(PhoneId),
    /// A coupon of that name was granted before.
    #[error("there is a coupon `{0}` already")]
    CouponExists(CouponId),
    /// An order needs at least one phone, each once.
    #[error("an order names each phone once and at least one")]
    PhonesNotDistinct,
    /// The size of a phone cannot be changed (R10.1).
    #[error("the size of a phone cannot be changed")]
    SizeFixed,
    /// More phones than one call or one account takes (P1.2, P1.7).
    #[error("that is more phones than may be bought")]
    TooManyPhones,
    /// A value outside what the operation takes.
    #[error("the value is outside what may be set")]
    OutOfRange,
    /// More orders than one payment takes (R1.11).
    #[error("one payment takes fewer orders")]
    TooManyOrders,
    /// A general-purpose phone was ordered without a system (P1.7).
    #[error("a general-purpose phone needs a system")]
    SystemNotSaid,
    /// The owner of the account is not verified as needed (P1.1, R5.1).
    #[error("the account is not verified as needed")]
    NotVerified,
    /// The account has enough debt to block the operation (R1.14).
    #[error("the account is in arrears")]
    InArrears,
    /// The service does not offer that at all (P1.5, P1.7, P1.8, P1.11).
    #[error("the service does not offer this")]
    NotOffered,
    /// Phones are not sold in that region or zone (P1.6).
    #[error("no phones are sold in `{0}`")]
    RegionNotSold(RegionId),
    /// The size was sold once and is not any more (R5.1, R6.7).
    #[error("size `{0}` is not sold any more")]
    Withdrawn(SizeId),
    /// The catalogue has no price for it.
    #[error("size `{0}` is not sold for this term or mode")]
    NotSold(SizeId),
    /// Phones do not change their charging mode here (R7.4).
    #[error("phones do not change their charging mode")]
    ModeFixed,
    /// The operation is for phones paid ahead (R2.14).
    #[error("the phone is charged by use")]
    OnDemand,
    /// The operation is for phones charged by use (R2.14).
    #[error("the phone is paid ahead")]
    Subscribed,
    /// The phone is not there yet (R1.1).
    #[error("the phone is not provisioned yet")]
    NotProvisioned,
    /// The phone was had for nothing (R9.8).
    #[error("the phone was free")]
    Free,
    /// The phone is on trial (R9.8).
    #[error("the phone is on trial")]
    Trial,
    /// The phone is a one-off product (R9.8).
    #[error("the phone is a one-off product")]
    OneOff,
    /// The subscription has ended (R6.12, R9.8).
    #[error("the subscription has expired")]
    Expired,
    /// The phone is frozen (R6.12, R8.10).
    #[error("the phone is frozen")]
    Frozen,
    /// Public security froze the phone (R8.8).
    #[error("the phone is frozen by public security")]
    FrozenByPolice,
    /// The phone is frozen by that cause already (R8.8).
    #[error("the phone is frozen so already")]
    AlreadyFrozen,
    /// The phone is not frozen by that cause (R8.8).
    #[error("the phone is not frozen so")]
    NotFrozen,
    /// The subscription has not ended (R8.11).
    #[error("the subscription has not expired")]
    NotExpired,
    /// The phone sits in an order that waits for payment (R5.1, R9.8).
    #[error("the phone sits in an unpaid order")]
    OrderPending,
    /// The phone is to become on-demand at its expiry (R5.1, R7.3).
    #[error("the phone becomes on-demand at its expiry")]
    BecomingOnDemand,
    /// Trial and commercial products are not renewed in one action (R5.4).
    #[error("trial and commercial products are not renewed together")]
    MixedProducts,
    /// What was bought and the renewal are longer together than the product allows (R5.8).
    #[error("the subscription would be longer than allowed")]
    TermTooLong,
    /// An unsubscription of the phone waits for its review (R9.8, R9.9).
    #[error("an unsubscription of the phone is under review")]
    UnderReview,
    /// The order was invoiced by a marketplace or partner (R9.6, R9.8).
    #[error("the order was invoiced")]
    Invoiced,
    /// The order is under a standard contract (R9.8).
    #[error("the order is under a standard contract")]
    StandardContract,
    /// The phone was had in a special promotion (R9.8).
    #[error("the phone was had in a special promotion")]
    SpecialPromotion,
    /// The size changed after the renewal and before its start (R9.6).
    #[error("the size has changed since the renewal")]
    ChangedSince,
    /// The renewal was made in a promotion (R9.6).
    #[error("the renewal was made in a promotion")]
    PromotionalRenewal,
    /// No unsubscription of the phone waits for a review (R9.9).
    #[error("no unsubscription of the phone is under review")]
    NotUnderReview,
    /// The order is not waiting for approval (R1.8).
    #[error("the order does not wait for approval")]
    NotForApproval,
    /// The order is not waiting for the customer's word (R1.8).
    #[error("the order is not to be confirmed")]
    NotToBeConfirmed,
    /// The order is not waiting for payment (R1.8).
    #[error("the order does not wait for payment")]
    NotPayable,
    /// The order is not being fulfilled.
    #[error("the order is not being provisioned")]
    NotProvisioning,
    /// Nothing is paid for beyond the running period (R9.11).
    #[error("there is no renewed period that has not begun")]
    NoRenewedPeriod,
    /// The phone is being backed up (P4.4).
    #[error("the phone is backing up")]
    BackingUp,
    /// The phone is being restored (P4.1).
    #[error("the phone is restoring")]
    Restoring,
    /// The phone is in the middle of something else (P2.9).
    #[error("the phone is in the middle of something")]
    Busy,
    /// The phone is in the middle of nothing that can fail.
    #[error("the phone neither backs up nor restores")]
    NothingToFail,
    /// The phone does not run (P2.6).
    #[error("the phone is not running")]
    NotRunning,
    /// The phone's data are not on a slot (P4.4).
    #[error("the phone's data are not on it")]
    NotLoaded,
    /// The phone's data are on a slot already (P4.1).
    #[error("the phone's data are on it already")]
    AlreadyLoaded,
    /// The phone has a member already (P3.4).
    #[error("the phone is bound to a member already")]
    AlreadyBound,
    /// The phone has no member (P3.5).
    #[error("the phone is bound to no member")]
    NotBound,
    /// The phone already has that power.
    #[error("the phone's power is so already")]
    PowerUnchanged,
    /// More coupons than one payment takes (R4.1).
    #[error("one payment takes fewer coupons")]
    TooManyCoupons,
    /// Two coupons of one kind for one order (R4.1).
    #[error("an order takes one coupon of each kind")]
    CouponKindTwice,
    /// The coupon is not valid now, or is used up.
    #[error("coupon `{0}` is not valid now")]
    CouponNotValid(CouponId),
    /// The coupon is limited to other things (R4.3).
    #[error("coupon `{0}` does not fit")]
    CouponNotFitting(CouponId),
    /// The account cannot pay.
    #[error("the balance is too low")]
    BalanceTooLow,
}

impl Reason {
    /// The reason's name in logs and scenarios.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UnknownAccount(_) => "unknown_account",
            Self::AccountExists(_) => "account_exists",
            Self::UnknownPhone(_) => "unknown_phone",
            Self::UnknownOrder(_) => "unknown_order",
            Self::NoOpenOrder(_) => "no_open_order",
            Self::UnknownCoupon(_) => "unknown_coupon",
            Self::PhoneExists(_) => "phone_exists",
            Self::CouponExists(_) => "coupon_exists",
            Self::PhonesNotDistinct => "phones_not_distinct",
            Self::SizeFixed => "size_fixed",
            Self::TooManyPhones => "too_many_phones",
            Self::OutOfRange => "out_of_range",
            Self::TooManyOrders => "too_many_orders",
            Self::SystemNotSaid => "system_not_said",
            Self::NotVerified => "not_verified",
            Self::InArrears => "in_arrears",
            Self::NotOffered => "not_offered",
            Self::RegionNotSold(_) => "region_not_sold",
            Self::Withdrawn(_) => "withdrawn",
            Self::NotSold(_) => "not_sold",
            Self::ModeFixed => "mode_fixed",
            Self::OnDemand => "on_demand",
            Self::Subscribed => "subscribed",
            Self::NotProvisioned => "not_provisioned",
            Self::Free => "free",
            Self::Trial => "trial",
            Self::OneOff => "one_off",
            Self::Expired => "expired",
            Self::Frozen => "frozen",
            Self::FrozenByPolice => "frozen_by_police",
            Self::AlreadyFrozen => "already_frozen",
            Self::NotFrozen => "not_frozen",
            Self::NotExpired => "not_expired",
            Self::OrderPending => "order_pending",
            Self::BecomingOnDemand => "becoming_on_demand",
            Self::MixedProducts => "mixed_products",
            Self::TermTooLong => "term_too_long",
            Self::UnderReview => "under_review",
            Self::Invoiced => "invoiced",
            Self::StandardContract => "standard_contract",
            Self::SpecialPromotion => "special_promotion",
            Self::ChangedSince => "changed_since",
            Self::PromotionalRenewal => "promotional_renewal",
            Self::NotUnderReview => "not_under_review",
            Self::NotForApproval => "not_for_approval",
            Self::NotToBeConfirmed => "not_to_be_confirmed",
            Self::NotPayable => "not_payable",
            Self::NotProvisioning => "not_provisioning",
            Self::NoRenewedPeriod => "no_renewed_period",
            Self::BackingUp => "backing_up",
            Self::Restoring => "restoring",
            Self::Busy => "busy",
            Self::NothingToFail => "nothing_to_fail",
            Self::NotRunning => "not_running",
            Self::NotLoaded => "not_loaded",
            Self::AlreadyLoaded => "already_loaded",
            Self::AlreadyBound => "already_bound",
            Self::NotBound => "not_bound",
            Self::PowerUnchanged => "power_unchanged",
            Self::TooManyCoupons => "too_many_coupons",
            Self::CouponKindTwice => "coupon_kind_twice",
            Self::CouponNotValid(_) => "coupon_not_valid",
            Self::CouponNotFitting(_) => "coupon_not_fitting",
            Self::BalanceTooLow => "balance_too_low",
        }
    }

    /// Every reason's name, in the order in which they are looked for.
    pub const NAMES: &'static [&'static str] = &[
        "unknown_account",
        "account_exists",
        "unknown_phone",
        "unknown_order",
        "no_open_order",
        "unknown_coupon",
        "phone_exists",
        "coupon_exists",
        "phones_not_distinct",
        "size_fixed",
        "too_many_phones",
        "out_of_range",
        "too_many_orders",
        "system_not_said",
        "not_verified",
        "in_arrears",
        "not_offered",
        "region_not_sold",
        "withdrawn",
        "not_sold",
        "mode_fixed",
        "on_demand",
        "subscribed",
        "not_provisioned",
        "free",
        "trial",
        "one_off",
        "expired",
        "frozen",
        "frozen_by_police",
        "already_frozen",
        "not_frozen",
        "not_expired",
        "order_pending",
        "becoming_on_demand",
        "mixed_products",
        "term_too_long",
        "under_review",
        "invoiced",
        "standard_contract",
        "special_promotion",
        "changed_since",
        "promotional_renewal",
        "not_under_review",
        "not_for_approval",
        "not_to_be_confirmed",
        "not_payable",
        "not_provisioning",
        "no_renewed_period",
        "backing_up",
        "restoring",
        "busy",
        "nothing_to_fail",
        "not_running",
        "not_loaded",
        "already_loaded",
        "already_bound",
        "not_bound",
        "power_unchanged",
        "too_many_coupons",
        "coupon_kind_twice",
        "coupon_not_valid",
        "coupon_not_fitting",
        "balance_too_low",
    ];
}

/// A refusal with the rule that demands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// By which rules, the deciding one first.
    pub rules: &'static [RuleId],
}

/// What the rules answer to one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// What happens, in this order. Empty if refused.
    pub events: Vec<Decided>,
    /// The refusal, if the command was refused; then nothing happens.
    pub refusal: Option<Refusal>,
    /// Timers to set and to cancel, in this order.
    pub timers: Vec<TimerOp>,
    /// The parameters that were looked at.
    pub read: &'static [Read],
}

impl Decision {
    /// A refusal.
    pub fn refuse(reason: Reason, rules: &'static [RuleId]) -> Self {
        Self { refusal: Some(Refusal { reason, rules }), ..Self::default() }
    }
    /// Forgets everything but the room that it took.
    pub fn clear(&mut self) {
        self.events.clear();
        self.timers.clear();
        (self.refusal, self.read) = (None, &[]);
    }
    /// Adds an event.
    pub fn happen(&mut self, rules: &'static [RuleId], event: impl Into<Event>) {
        self.events.push(Decided { event: event.into(), rules });
    }
    /// Sets a timer.
    pub fn schedule(&mut self, key: TimerKey, window: Window) {
        self.timers.push(TimerOp::Schedule { key, window });
    }
    /// Cancels a timer.
    pub fn cancel(&mut self, key: TimerKey) {
        self.timers.push(TimerOp::Cancel { key });
    }
}

/// What no decision can be taken on: a limit was reached, or the state contradicts itself. Never the
/// answer to a customer; that is a [`Refusal`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Arithmetic left its range or mixed currencies.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A parameter is missing or of the wrong kind.
    #[error(transparent)]
    Book(#[from] BookError),
    /// An event speaks of something that is not there.
    #[error("event `{event}` speaks of {what} `{name}`, which is not there")]
    Missing {
        /// The event's kind.
        event: &'static str,
        /// What sort of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// An event is illegal in the state that it meets.
    #[error("event `{event}` is illegal for `{name}`, which is {status}")]
    Illegal {
        /// The event's kind.
        event: &'static str,
        /// The phone or order.
        name: String,
        /// Its state.
        status: &'static str,
    },
    /// A time or a count left its range.
    #[error("{0} left its range")]
    Range(&'static str),
}
