//! What happened: the observable facts of which state is the fold, without rulebook or clock.

#[macro_use]
mod kind;

mod account;
mod call;
mod control;
mod detail;
mod device;
mod identity;
mod orders;
mod organisation;
mod returns;
mod session;
mod sources;
mod subscription;
mod usage;

pub use account::{
    AccountOpened, AlertSet, ApprovalSet, BalanceAlert, CouponGranted, DebtPaid, DeductionDaySet,
    DiscountsSet, MonthSettled, Notified, PartnerFreezeSet, PromotionGranted, SettlementSet,
    TierSet, ToppedUp, TransferArrived, TransferSent, UnifiedDaySet, VerificationSet, Withdrawn,
};
pub use call::{
    AnswerKept, CallActive, CallAsked, CallDialling, CallEnd, CallEnded, CallHeld, CallParted,
    CallRinging, CallWentOn, MessageAnswered, MessageAsked, MessageKept, MessageReceived,
    MessagesLost, PermitSet, Side,
};
pub use control::{
    AppInstalled, AppListAttached, AppListEnabled, AppListRemoved, AppListSet, AppTaskDone,
    AppTaskStarted, AppUninstalled, AppUploaded, ControlSet,
};
pub use detail::{AutoRenewalResult, CancelReason, RefundTerms, RefundTo, ReviewVerdict};
pub use device::{
    Bound, Frozen, OperationDone, OperationFailed, OperationStarted, PowerSet, Released, Unbound,
    Unfrozen,
};
pub use identity::{
    AgencySet, Answer, BoundsSet, GroupAdded, MembershipSet, PermissionAnswered, PolicyAttached,
    PolicyDetached, PolicySet, TokenChecked, TokenEnded, TokenIssued, UserAdded, UserChanged,
};
pub use kind::Kind;
pub use orders::{
    Charged, OrderApproved, OrderCancelled, OrderCompleted, OrderConfirmed, OrderPlaced,
    PaymentFailed, Provisioned, ProvisioningFailed,
};
pub use organisation::{
    ConsentSet, DeedAnswered, DepartmentAdded, DepartmentEdited, DepartmentRemoved, Entered,
    LeaveCause, Left, LoggedIn, LoggedOut, MemberAdded, MemberPasswordSet, MemberRemoved,
    OrganisationCreated,
};
pub use returns::{
    FiveDayRightVoided, Marked, RefundArrived, Refunded, ReviewEnded, ReviewStarted,
    UnsubscribeFailed, Unsubscribed,
};
pub use session::{
    AuthorisationLapsed, ControlGiven, InterruptCause, SessionEnd, SessionEnded, SessionPrepared,
    SessionQueued, SessionRestoring, StreamAuthorised, StreamInterrupted, StreamResumed,
    StreamStarted, StreamStopped, ViewerJoined, ViewerLeft,
};
pub use subscription::{
    AtExpirySet, AutoRenewalSet, AutoRenewalTried, BecameOnDemand, BecameSubscribed, Expired,
    RefusedFor, Renewed, SizeChanged,
};
pub use usage::{
    ArrearsCleared, ArrearsStarted, Created, Deleted, DepositFrozen, DepositReleased,
    ErasedCollected, ErasedKept, Metered, MonthCharged, Settled, UsePaused, UseResumed,
};

use crate::name::{OrderId, PhoneId};
use serde::{Deserialize, Serialize};

events! {
    "account_opened" AccountOpened,
    "verification_set" VerificationSet,
    "tier_set" TierSet,
    "promotion_granted" PromotionGranted,
    "topped_up" ToppedUp,
    "transfer_sent" TransferSent,
    "transfer_arrived" TransferArrived,
    "withdrawn" Withdrawn,
    "discounts_set" DiscountsSet,
    "settlement_set" SettlementSet,
    "month_settled" MonthSettled,
    "alert_set" AlertSet,
    "balance_alert" BalanceAlert,
    "coupon_granted" CouponGranted,
    "deduction_day_set" DeductionDaySet,
    "unified_day_set" UnifiedDaySet,
    "order_placed" OrderPlaced,
    "approval_set" ApprovalSet,
    "order_approved" OrderApproved,
    "order_confirmed" OrderConfirmed,
    "payment_failed" PaymentFailed,
    "charged" Charged,
    "order_cancelled" OrderCancelled,
    "order_completed" OrderCompleted,
    "provisioned" Provisioned,
    "auto_renewal_set" AutoRenewalSet,
    "at_expiry_set" AtExpirySet,
    "became_on_demand" BecameOnDemand,
    "became_subscribed" BecameSubscribed,
    "partner_freeze_set" PartnerFreezeSet,
    "auto_renewal" AutoRenewalTried,
    "notified" Notified,
    "renewed" Renewed,
    "created" Created,
    "deposit_frozen" DepositFrozen,
    "deposit_released" DepositReleased,
    "use_paused" UsePaused,
    "use_resumed" UseResumed,
    "deleted" Deleted,
    "power_set" PowerSet,
    "operation_started" OperationStarted,
    "operation_done" OperationDone,
    "operation_failed" OperationFailed,
    "bound" Bound,
    "unbound" Unbound,
    "policy_set" PolicySet,
    "group_added" GroupAdded,
    "user_added" UserAdded,
    "membership_set" MembershipSet,
    "policy_attached" PolicyAttached,
    "policy_detached" PolicyDetached,
    "user_changed" UserChanged,
    "bounds_set" BoundsSet,
    "agency_set" AgencySet,
    "token_issued" TokenIssued,
    "token_checked" TokenChecked,
    "token_ended" TokenEnded,
    "permission_answered" PermissionAnswered,
    "organisation_created" OrganisationCreated,
    "department_added" DepartmentAdded,
    "department_edited" DepartmentEdited,
    "department_removed" DepartmentRemoved,
    "member_added" MemberAdded,
    "member_password_set" MemberPasswordSet,
    "member_removed" MemberRemoved,
    "logged_in" LoggedIn,
    "logged_out" LoggedOut,
    "entered" Entered,
    "left" Left,
    "consent_set" ConsentSet,
    "deed_answered" DeedAnswered,
    "control_set" ControlSet,
    "app_list_set" AppListSet,
    "app_list_enabled" AppListEnabled,
    "app_list_attached" AppListAttached,
    "app_list_removed" AppListRemoved,
    "app_uploaded" AppUploaded,
    "app_task_started" AppTaskStarted,
    "app_installed" AppInstalled,
    "app_uninstalled" AppUninstalled,
    "app_task_done" AppTaskDone,
    "session_queued" SessionQueued,
    "session_restoring" SessionRestoring,
    "session_prepared" SessionPrepared,
    "stream_authorised" StreamAuthorised,
    "authorisation_lapsed" AuthorisationLapsed,
    "stream_started" StreamStarted,
    "viewer_joined" ViewerJoined,
    "viewer_left" ViewerLeft,
    "control_given" ControlGiven,
    "stream_interrupted" StreamInterrupted,
    "stream_resumed" StreamResumed,
    "stream_stopped" StreamStopped,
    "session_ended" SessionEnded,
    "permit_set" PermitSet,
    "call_asked" CallAsked,
    "call_dialling" CallDialling,
    "call_ringing" CallRinging,
    "call_active" CallActive,
    "call_held" CallHeld,
    "call_parted" CallParted,
    "call_went_on" CallWentOn,
    "call_ended" CallEnded,
    "message_asked" MessageAsked,
    "message_answered" MessageAnswered,
    "message_received" MessageReceived,
    "message_kept" MessageKept,
    "answer_kept" AnswerKept,
    "messages_lost" MessagesLost,
    "settled" Settled,
    "erased_kept" ErasedKept,
    "erased_collected" ErasedCollected,
    "metered" Metered,
    "month_charged" MonthCharged,
    "arrears_started" ArrearsStarted,
    "arrears_cleared" ArrearsCleared,
    "expired" Expired,
    "frozen" Frozen,
    "unfrozen" Unfrozen,
    "released" Released,
    "unsubscribed" Unsubscribed,
    "refunded" Refunded,
    "size_changed" SizeChanged,
    "refund_arrived" RefundArrived,
    "debt_paid" DebtPaid,
    "unsubscribe_failed" UnsubscribeFailed,
    "refused_for" RefusedFor,
    "review_started" ReviewStarted,
    "review_ended" ReviewEnded,
    "marked" Marked,
    "five_day_right_voided" FiveDayRightVoided,
    "provisioning_failed" ProvisioningFailed,
}
