//! Why a request is refused, each reason once, in the order in which they are looked for.

use super::Denial;
use crate::name::{AccountId, CouponId, OrderId, PhoneId, RegionId, SizeId};
use serde::{Deserialize, Serialize};

/// Declares the reasons with their names, each once; those that speak of the account as a whole come
/// before those of [`Denial`].
macro_rules! reasons {
    ({ $($(#[doc = $adoc:literal])* #[error($atext:literal)] $akind:ident ($afield:ty) = $aname:literal,)* }
     { $($(#[doc = $doc:literal])* #[error($text:literal)] $kind:ident $(($field:ty))? = $name:literal,)* }) => {
        /// Why a command was refused. Where several reasons hold, the first in this order is given.
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Reason {
            $($(#[doc = $adoc])* #[error($atext)] $akind($afield),)*
            /// It is a matter of who asks (A1 to A5).
            #[error(transparent)]
            Access(Denial),
            $($(#[doc = $doc])* #[error($text)] $kind $(($field))?,)*
        }

        impl Reason {
            const OF_ACCOUNTS: &'static [&'static str] = &[$($aname),*];

            /// The names without those of [`Denial`], which stand behind the accounts.
            pub const NAMES: &'static [&'static str] = &[$($aname,)* $($name),*];

            /// The reason's name in logs and scenarios.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$akind(_) => $aname,)*
                    Self::Access(denial) => denial.name(),
                    $(reasons!(@pattern $kind $(($field))?) => $name,)*
                }
            }
        }
    };
    (@pattern $kind:ident) => { Self::$kind };
    (@pattern $kind:ident ($field:ty)) => { Self::$kind(_) };
}

reasons! {
{
    /// The account has not been opened.
    #[error("there is no account `{0}`")]
    UnknownAccount(AccountId) = "unknown_account",
    /// The account has been opened before.
    #[error("account `{0}` is open already")]
    AccountExists(AccountId) = "account_exists",
}
{
    /// No such phone lives in the account.
    #[error("there is no phone `{0}`")]
    UnknownPhone(PhoneId) = "unknown_phone",
    /// No such order is open in the account.
    #[error("there is no open order `{0}`")]
    UnknownOrder(OrderId) = "unknown_order",
    /// The phone sits in no open order.
    #[error("phone `{0}` has no open order")]
    NoOpenOrder(PhoneId) = "no_open_order",
    /// The account has no such coupon.
    #[error("there is no coupon `{0}`")]
    UnknownCoupon(CouponId) = "unknown_coupon",
    /// A phone of that name lives or is on order.
    #[error("there is a phone `{0}` already")]
    PhoneExists(PhoneId) = "phone_exists",
    /// A coupon of that name was granted before.
    #[error("there is a coupon `{0}` already")]
    CouponExists(CouponId) = "coupon_exists",
    /// An order needs at least one phone, each once.
    #[error("an order names each phone once and at least one")]
    PhonesNotDistinct = "phones_not_distinct",
    /// The size of a phone cannot be changed (R10.1).
    #[error("the size of a phone cannot be changed")]
    SizeFixed = "size_fixed",
    /// More phones than one call or one account takes (P1.2, P1.7).
    #[error("that is more phones than may be bought")]
    TooManyPhones = "too_many_phones",
    /// A value outside what the operation takes.
    #[error("the value is outside what may be set")]
    OutOfRange = "out_of_range",
    /// More orders than one payment takes (R1.11).
    #[error("one payment takes fewer orders")]
    TooManyOrders = "too_many_orders",
    /// A general-purpose phone was ordered without a system (P1.7).
    #[error("a general-purpose phone needs a system")]
    SystemNotSaid = "system_not_said",
    /// The owner of the account is not verified as needed (P1.1, R5.1).
    #[error("the account is not verified as needed")]
    NotVerified = "not_verified",
    /// The account has enough debt to block the operation (R1.14).
    #[error("the account is in arrears")]
    InArrears = "in_arrears",
    /// The service does not offer that at all (P1.5, P1.7, P1.8, P1.11).
    #[error("the service does not offer this")]
    NotOffered = "not_offered",
    /// Phones are not sold in that region or zone (P1.6).
    #[error("no phones are sold in `{0}`")]
    RegionNotSold(RegionId) = "region_not_sold",
    /// The size was sold once and is not any more (R5.1, R6.7).
    #[error("size `{0}` is not sold any more")]
    Withdrawn(SizeId) = "withdrawn",
    /// The catalogue has no price for it.
    #[error("size `{0}` is not sold for this term or mode")]
    NotSold(SizeId) = "not_sold",
    /// Phones do not change their charging mode here (R7.4).
    #[error("phones do not change their charging mode")]
    ModeFixed = "mode_fixed",
    /// The operation is for phones paid ahead (R2.14).
    #[error("the phone is charged by use")]
    OnDemand = "on_demand",
    /// The operation is for phones charged by use (R2.14).
    #[error("the phone is paid ahead")]
    Subscribed = "subscribed",
    /// The phone is not there yet (R1.1).
    #[error("the phone is not provisioned yet")]
    NotProvisioned = "not_provisioned",
    /// The phone was had for nothing (R9.8).
    #[error("the phone was free")]
    Free = "free",
    /// The phone is on trial (R9.8).
    #[error("the phone is on trial")]
    Trial = "trial",
    /// The phone is a one-off product (R9.8).
    #[error("the phone is a one-off product")]
    OneOff = "one_off",
    /// The subscription has ended (R6.12, R9.8).
    #[error("the subscription has expired")]
    Expired = "expired",
    /// The phone is frozen (R6.12, R8.10).
    #[error("the phone is frozen")]
    Frozen = "frozen",
    /// Public security froze the phone (R8.8).
    #[error("the phone is frozen by public security")]
    FrozenByPolice = "frozen_by_police",
    /// The phone is frozen by that cause already (R8.8).
    #[error("the phone is frozen so already")]
    AlreadyFrozen = "already_frozen",
    /// The phone is not frozen by that cause (R8.8).
    #[error("the phone is not frozen so")]
    NotFrozen = "not_frozen",
    /// The subscription has not ended (R8.11).
    #[error("the subscription has not expired")]
    NotExpired = "not_expired",
    /// The phone sits in an order that waits for payment (R5.1, R9.8).
    #[error("the phone sits in an unpaid order")]
    OrderPending = "order_pending",
    /// The phone is to become on-demand at its expiry (R5.1, R7.3).
    #[error("the phone becomes on-demand at its expiry")]
    BecomingOnDemand = "becoming_on_demand",
    /// Trial and commercial products are not renewed in one action (R5.4).
    #[error("trial and commercial products are not renewed together")]
    MixedProducts = "mixed_products",
    /// What was bought and the renewal are longer together than the product allows (R5.8).
    #[error("the subscription would be longer than allowed")]
    TermTooLong = "term_too_long",
    /// An unsubscription of the phone waits for its review (R9.8, R9.9).
    #[error("an unsubscription of the phone is under review")]
    UnderReview = "under_review",
    /// The order was invoiced by a marketplace or partner (R9.6, R9.8).
    #[error("the order was invoiced")]
    Invoiced = "invoiced",
    /// The order is under a standard contract (R9.8).
    #[error("the order is under a standard contract")]
    StandardContract = "standard_contract",
    /// The phone was had in a special promotion (R9.8).
    #[error("the phone was had in a special promotion")]
    SpecialPromotion = "special_promotion",
    /// The size changed after the renewal and before its start (R9.6).
    #[error("the size has changed since the renewal")]
    ChangedSince = "changed_since",
    /// The renewal was made in a promotion (R9.6).
    #[error("the renewal was made in a promotion")]
    PromotionalRenewal = "promotional_renewal",
    /// No unsubscription of the phone waits for a review (R9.9).
    #[error("no unsubscription of the phone is under review")]
    NotUnderReview = "not_under_review",
    /// The order is not waiting for approval (R1.8).
    #[error("the order does not wait for approval")]
    NotForApproval = "not_for_approval",
    /// The order is not waiting for the customer's word (R1.8).
    #[error("the order is not to be confirmed")]
    NotToBeConfirmed = "not_to_be_confirmed",
    /// The order is not waiting for payment (R1.8).
    #[error("the order does not wait for payment")]
    NotPayable = "not_payable",
    /// The order is not being fulfilled.
    #[error("the order is not being provisioned")]
    NotProvisioning = "not_provisioning",
    /// Nothing is paid for beyond the running period (R9.11).
    #[error("there is no renewed period that has not begun")]
    NoRenewedPeriod = "no_renewed_period",
    /// The phone is being backed up (P4.4).
    #[error("the phone is backing up")]
    BackingUp = "backing_up",
    /// The phone is being restored (P4.1).
    #[error("the phone is restoring")]
    Restoring = "restoring",
    /// The phone is in the middle of something else (P2.9).
    #[error("the phone is in the middle of something")]
    Busy = "busy",
    /// The phone is in the middle of nothing that can fail.
    #[error("the phone neither backs up nor restores")]
    NothingToFail = "nothing_to_fail",
    /// The phone does not run (P2.6).
    #[error("the phone is not running")]
    NotRunning = "not_running",
    /// The phone's data are not on a slot (P4.4).
    #[error("the phone's data are not on it")]
    NotLoaded = "not_loaded",
    /// The phone's data are on a slot already (P4.1).
    #[error("the phone's data are on it already")]
    AlreadyLoaded = "already_loaded",
    /// The phone has a member already (P3.4).
    #[error("the phone is bound to a member already")]
    AlreadyBound = "already_bound",
    /// The phone has no member (P3.5).
    #[error("the phone is bound to no member")]
    NotBound = "not_bound",
    /// The phone already has that power.
    #[error("the phone's power is so already")]
    PowerUnchanged = "power_unchanged",
    /// The phone has a session, and is not prepared for another (P4.1).
    #[error("the phone has a session already")]
    SessionExists = "session_exists",
    /// Nothing was prepared (P4.1).
    #[error("the phone has no session")]
    NoSession = "no_session",
    /// The session still waits for its phone (P4.1).
    #[error("the phone is not ready for a stream")]
    NotReady = "not_ready",
    /// There is no token with which a stream could begin or go on (P4.2).
    #[error("no token of the phone holds")]
    NotAuthorised = "not_authorised",
    /// There is no stream (P4.3, P4.12).
    #[error("the phone does not stream")]
    NotStreaming = "not_streaming",
    /// The connection is there (P4.6).
    #[error("the connection is there")]
    NotInterrupted = "not_interrupted",
    /// The device watches the stream (P4.12).
    #[error("the device watches already")]
    AlreadyWatching = "already_watching",
    /// The device does not watch the stream (P4.12).
    #[error("the device does not watch")]
    NotWatching = "not_watching",
    /// As many watch as may (P4.12).
    #[error("as many devices watch as may")]
    TooManyViewers = "too_many_viewers",
    /// The device watches, and another controls (P4.13, P4.14).
    #[error("another device controls")]
    NotController = "not_controller",
    /// The stream goes to a browser (P4.13, P4.14).
    #[error("a browser has neither calls nor short messages")]
    NoTelephony = "no_telephony",
    /// The device does not permit it (P4.13, P4.14).
    #[error("the device does not permit it")]
    NotPermitted = "not_permitted",
    /// The phone or its device has a call (P4.13).
    #[error("another call is on")]
    CallOn = "call_on",
    /// The phone has no call (P4.13).
    #[error("there is no call")]
    NoCall = "no_call",
    /// The call does not stand so that it could come to this (P4.13).
    #[error("the call does not stand so")]
    CallNotSo = "call_not_so",
    /// No short message of that number waits for its device (P4.14).
    #[error("no message of that number waits")]
    UnknownMessage = "unknown_message",
    /// As many short messages wait as may (P4.15).
    #[error("as many messages wait as may")]
    TooManyMessages = "too_many_messages",
    /// More coupons than one payment takes (R4.1).
    #[error("one payment takes fewer coupons")]
    TooManyCoupons = "too_many_coupons",
    /// Two coupons of one kind for one order (R4.1).
    #[error("an order takes one coupon of each kind")]
    CouponKindTwice = "coupon_kind_twice",
    /// The coupon is not valid now, or is used up.
    #[error("coupon `{0}` is not valid now")]
    CouponNotValid(CouponId) = "coupon_not_valid",
    /// The coupon is limited to other things (R4.3).
    #[error("coupon `{0}` does not fit")]
    CouponNotFitting(CouponId) = "coupon_not_fitting",
    /// The account cannot pay.
    #[error("the balance is too low")]
    BalanceTooLow = "balance_too_low",
}
}

impl Reason {
    /// Every reason's name, in the order in which they are looked for.
    pub fn names() -> Vec<&'static str> {
        let (first, rest) = Self::NAMES.split_at(Self::OF_ACCOUNTS.len());
        [first, Denial::NAMES, rest].concat()
    }
}
