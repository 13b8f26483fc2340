//! The state of one account: everything that its rules may look at. It changes only by
//! [`apply`](crate::apply::apply)ing events.

mod account;
mod call;
mod control;
mod coupon;
mod device;
mod funds;
mod identity;
mod order;
mod organisation;
mod phone;
mod phones;
mod returns;
mod session;
mod standing;

pub use account::{Account, Arrears, FiveDayUse};
pub use call::{Call, CallState, Message, Telephony};
pub use control::{AppList, AppTask, Controls, Library};
pub use coupon::{Coupon, CouponLimits, CouponTerms, CouponWorth, Split, SplitPart};
pub use device::{Data, Holds, Network, Operation, Place, Setup, System, Task};
pub use funds::{Alert, DiscountSource, Funds, Settlement};
pub use identity::{
    Attached, Identity, NotAPolicyName, PolicyName, PolicyText, TOKENS_KEPT_MAX, Token, UserState,
};
pub use order::{Group, Order, OrderKind, OrderPhase, OrderWait, Unified};
pub use organisation::{Department, Device, Member, Organisations};
pub use phone::{
    AtExpiry, AutoRenewal, Charging, Details, FreezeCause, Metering, Period, Phase, Phone, Power,
    Stretches, Subscription, Usage,
};
pub use phones::{PhonePlace, Phones};
pub use returns::{Mark, Returns, Review};
pub use session::{Session, Stream, StreamToken};
pub use standing::{Promotion, Spend, Verification};
