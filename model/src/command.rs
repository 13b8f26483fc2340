//! What can be asked of the service, and the envelope in which every request arrives.

mod call;
mod control;
mod identity;
mod organisation;
mod session;

pub use call::{AtDevice, CallAction, CallOp, MessageOutcome, Permit};
pub use control::{Control, ControlOp, ListKind, TaskKind};
pub use identity::{
    Holder, IdentityOp, On, PolicyKind, Principal, Question, SecondFactorSaid, UserChange,
};
pub use organisation::{ClientKind, ClientOp, Deed, Login, OrganisationOp};
pub use session::{SessionOp, StreamType};

use crate::money::{Amount, Fraction};
use crate::name::{
    AccountId, CouponId, MemberId, Name, OrderId, PhoneId, RegionId, RequestId, SizeId, ZoneId,
};
use crate::rulebook::Table;
use crate::state::{
    AtExpiry, AutoRenewal, CouponTerms, FreezeCause, Mark, Operation, Power, Settlement, Setup,
    Verification,
};
use crate::term::{Expiry, Term};
use crate::time::SimTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Where a command came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A step of a scenario.
    Scenario,
    /// One of the service's HTTP APIs.
    Api,
    /// A log that somebody else wrote.
    ForeignLog,
    /// What befell the connection of a stream on a virtual network (P4.6).
    Network,
}

/// Who asks, for which account, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The paying account that the command acts on.
    pub account: AccountId,
    /// Who acts; `None` is the account itself, which may do everything.
    #[serde(default)]
    pub principal: Option<Principal>,
    /// The project, where the caller named one.
    #[serde(default)]
    pub project: Option<Name>,
    /// The region, where the caller named one.
    #[serde(default)]
    pub region: Option<RegionId>,
    /// The availability zone, where the caller named one.
    #[serde(default)]
    pub zone: Option<ZoneId>,
    /// The caller's own name for this request; refusals carry it back.
    #[serde(default)]
    pub request: Option<RequestId>,
    /// Where the command came from.
    pub source: Source,
}

impl Envelope {
    /// A command of the account itself, out of a scenario.
    pub fn scenario(account: AccountId) -> Self {
        Self {
            account,
            principal: None,
            project: None,
            region: None,
            zone: None,
            request: None,
            source: Source::Scenario,
        }
    }
}

/// A request to the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Who asks, and for which account.
    pub envelope: Envelope,
    /// What is asked.
    pub op: Op,
}

/// Customer tier (R8.2). The international sites have none; an account there is V0 without effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tier {
    /// No spend on record.
    #[default]
    V0,
    /// Tier 1.
    V1,
    /// Tier 2.
    V2,
    /// Tier 3.
    V3,
    /// Tier 4.
    V4,
    /// Tier 5, the highest.
    V5,
}

impl Tier {
    /// Every tier, lowest first.
    pub const ALL: [Self; 6] = [Self::V0, Self::V1, Self::V2, Self::V3, Self::V4, Self::V5];

    /// The tier's printed name.
    pub fn name(self) -> &'static str {
        match self {
            Self::V0 => "V0",
            Self::V1 => "V1",
            Self::V2 => "V2",
            Self::V3 => "V3",
            Self::V4 => "V4",
            Self::V5 => "V5",
        }
    }

    /// This tier's entry in a table by tier, or the entry `any` that stands for all (R8.2).
    pub fn entry(self, table: &Table) -> Option<Decimal> {
        table.get(self.name()).or_else(|| table.get("any"))
    }
}

/// What an unsubscription takes away (R9.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsubscribeWhat {
    /// The phone, with every period paid for it.
    PhoneAndRenewals,
    /// Only the renewed periods that have not begun.
    RenewalsOnly,
    /// Of those, the ones after this expiry, which remains (R9.6).
    RenewalsAfter(Expiry),
}

/// Up to which day a renewal runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewTo {
    /// To the end of its term (R5.2).
    Term,
    /// On to the account's unified day (R5.6).
    UnifiedDay,
}

/// What a renewal call can say of the end of the subscription (R7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewalPolicy {
    /// It enters grace.
    Grace,
    /// The phone is charged by use from then on.
    ToOnDemand,
    /// The phone is released at once.
    Delete,
    /// It renews itself.
    AutoRenew,
}

/// What the account manager says of a large unsubscription (R9.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewAnswer {
    /// It may go.
    Approve,
    /// It may not.
    Refuse,
}

/// Who freezes a phone that its charging leaves alone (R8.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freezer {
    /// The service, for a violation.
    Violation,
    /// Public security.
    Police,
}

impl From<Freezer> for FreezeCause {
    fn from(by: Freezer) -> Self {
        match by {
            Freezer::Violation => Self::Violation,
            Freezer::Police => Self::Police,
        }
    }
}

/// Which order a command means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum OrderRef {
    /// The order of this name; written as the name.
    Named(OrderId),
    /// The open order that was placed last for this phone; written `last:p1`.
    LastOf(PhoneId),
}

const LAST_PREFIX: &str = "last:";

impl From<OrderRef> for String {
    fn from(order: OrderRef) -> Self {
        match order {
            OrderRef::Named(order) => order.to_string(),
            OrderRef::LastOf(phone) => format!("{LAST_PREFIX}{phone}"),
        }
    }
}

/// Ways to a phone that the layer below offers, and this service does not (P1.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The debug bridge of Android.
    Adb,
    /// A remote desktop.
    Vnc,
}

impl TryFrom<String> for OrderRef {
    type Error = crate::name::NameError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.strip_prefix(LAST_PREFIX) {
            Some(phone) => PhoneId::new(phone).map(Self::LastOf),
            None => OrderId::new(&text).map(Self::Named),
        }
    }
}

/// One line of a purchase of several kinds of phone at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyItem {
    /// Names of the new phones of this line; one order for all of them.
    pub phones: Vec<PhoneId>,
    /// The size of each.
    pub size: SizeId,
    /// How long.
    pub term: Term,
    /// Auto-renewal from the start, if wished (R6.7).
    pub auto_renewal: Option<AutoRenewal>,
}

/// The operations of the service and, last, those of the world around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Opens the account; every account's first command.
    OpenAccount {
        /// Customer tier at opening.
        tier: Tier,
        /// How far the account may pay on credit; zero for none. Also fixes the currency.
        credit_limit: Amount,
        /// Commercial discount as a fraction of the list price, (R3.4).
        discount: Fraction,
    },
    /// Pays money in (R4.8).
    TopUp {
        /// How much; above zero.
        amount: Amount,
    },
    /// Sends money by bank transfer, which takes its time (R4.8).
    Transfer {
        /// How much; above zero.
        amount: Amount,
    },
    /// Takes cash out of the account (R4.3).
    Withdraw {
        /// How much; above zero.
        amount: Amount,
    },
    /// Agrees on discounts of list prices, from now on (R3.4).
    SetDiscounts {
        /// With the service.
        commercial: Fraction,
        /// With the partner through which the account buys.
        partner: Fraction,
    },
    /// Agrees on when orders are to be paid, from now on (R4.1).
    SetSettlement {
        /// When.
        settlement: Settlement,
    },
    /// Asks to be warned of a low balance, or no more (R4.7).
    SetAlert {
        /// At which amount.
        threshold: Option<Amount>,
    },
    /// Gives the account a coupon (R4.1).
    GrantCoupon {
        /// What it is called.
        coupon: CouponId,
        /// What it is worth, and when.
        terms: CouponTerms,
    },
    /// Orders new subscriptions (R1.1).
    Buy {
        /// Names of the new phones; one order for all of them.
        phones: Vec<PhoneId>,
        /// The size of each.
        size: SizeId,
        /// How long.
        term: Term,
        /// Their system and network, where that is said (P1.7).
        setup: Option<Setup>,
        /// Auto-renewal from the start, if wished (R6.7).
        auto_renewal: Option<AutoRenewal>,
        /// Pay at once with these coupons, or leave the order unpaid.
        payment: Option<Vec<CouponId>>,
    },
    /// Orders phones of several sizes or terms in one action, an order for each line (R1.11).
    BuyTogether {
        /// The lines.
        items: Vec<BuyItem>,
        /// Whether it is a product sold in combination, to be rolled back as a whole (R1.13).
        combination: bool,
        /// Pay at once with these coupons, or leave the orders unpaid.
        payment: Option<Vec<CouponId>>,
    },
    /// An account manager orders new phones for the customer, who is to confirm it (R1.8).
    Offer {
        /// What is ordered.
        item: BuyItem,
    },
    /// The customer agrees to an order that was placed for it (R1.8).
    ConfirmOrder {
        /// Which order.
        order: OrderRef,
    },
    /// Sets whether orders of the account wait for approval (R1.8).
    SetApproval {
        /// Whether they do.
        needed: bool,
    },
    /// Approves an order, so that it can be paid (R1.8).
    ApproveOrder {
        /// Which order.
        order: OrderRef,
    },
    /// Refuses the approval of an order, which cancels it (R1.9).
    RefuseOrder {
        /// Which order.
        order: OrderRef,
    },
    /// Pays orders that wait for it, all of them or none (R1.11, R4.1).
    PayOrder {
        /// Which orders; naming one of several that one action placed names them all.
        orders: Vec<OrderRef>,
        /// At most one coupon of each kind.
        coupons: Vec<CouponId>,
    },
    /// Gives up an order that is not paid, with those that were placed in one action with it (R1.11).
    CancelOrder {
        /// Which order.
        order: OrderRef,
    },
    /// Renews subscriptions by hand (R5.1 to R5.4).
    Renew {
        /// Which phones: together on the console, each by itself by the interface (R5.4).
        phones: Vec<PhoneId>,
        /// For how long.
        term: Term,
        /// Up to which day.
        to: RenewTo,
        /// What is to happen at the end of the subscription, if the call says so (R7.1).
        policy: Option<RenewalPolicy>,
        /// Pay at once with these coupons, or leave the order unpaid.
        payment: Option<Vec<CouponId>>,
    },
    /// Sets, changes or (with `None`) cancels auto-renewal (R6.3, R6.6, R6.7).
    SetAutoRenewal {
        /// Which phone.
        phone: PhoneId,
        /// The setting, or none for manual renewal.
        setting: Option<AutoRenewal>,
    },
    /// Sets the account's deduction day (R6.5).
    SetDeductionDay {
        /// Whole days before the expiry day.
        days: u32,
    },
    /// Sets the account's unified expiry day (R5.6).
    SetUnifiedDay {
        /// Day of the month, 1 to 28, or -1 for its last.
        day: i32,
    },
    /// Says what is to happen at the end of a subscription (R7.1, R7.3).
    SetAtExpiry {
        /// Which phones (R7.3).
        phones: Vec<PhoneId>,
        /// What is to happen.
        policy: AtExpiry,
    },
    /// Makes subscribed phones ones that are charged by use, at once (R10.4).
    ToOnDemand {
        /// Which phones (R7.3).
        phones: Vec<PhoneId>,
    },
    /// Makes a phone that is charged by use a subscribed one, once that is paid (R10.2).
    Subscribe {
        /// Which phone.
        phone: PhoneId,
        /// For how long.
        term: Term,
        /// Pay at once with these coupons, or leave the order unpaid.
        payment: Option<Vec<CouponId>>,
    },
    /// A partner freezes its customer, or lifts that (R6.10).
    SetPartnerFreeze {
        /// Whether it is frozen.
        frozen: bool,
    },
    /// Ends subscriptions against a refund (R9).
    Unsubscribe {
        /// Which phones, together (R9.11).
        phones: Vec<PhoneId>,
        /// All of it, or only what has not begun.
        what: UnsubscribeWhat,
    },
    /// Changes the size of a subscribed phone for the rest of its term (R10.1, R10.5).
    ChangeSize {
        /// Which phone.
        phone: PhoneId,
        /// Its new size.
        to: SizeId,
    },
    /// Of the world: the account manager answers the review of a large unsubscription (R9.9).
    AnswerReview {
        /// One of its phones.
        phone: PhoneId,
        /// The answer.
        answer: ReviewAnswer,
    },
    /// Of the world: the service notes how a phone was had (R9.2, R9.6, R9.8, R9.10).
    MarkPhone {
        /// Which phone.
        phone: PhoneId,
        /// What is noted.
        mark: Mark,
    },
    /// Of the world: the service finds that the five-day right is misused (R9.2).
    VoidFiveDayRight {},
    /// Creates an on-demand phone; its instant is that of the successful creation (R2.2).
    CreateOnDemand {
        /// The new phone's name.
        phone: PhoneId,
        /// Its size.
        size: SizeId,
    },
    /// Deletes an on-demand phone (R2.2, R2.14).
    Delete {
        /// Which phone.
        phone: PhoneId,
    },
    /// Powers a phone on or off; billing goes on either way (R2.6).
    SetPower {
        /// Which phone.
        phone: PhoneId,
        /// The state wished for.
        to: Power,
    },
    /// Lets a phone do something that takes a while (P2.9).
    Operate {
        /// Which phone.
        phone: PhoneId,
        /// What.
        operation: Operation,
    },
    /// Gives a phone to a member (P3.4).
    Bind {
        /// Which phone.
        phone: PhoneId,
        /// To whom.
        member: MemberId,
    },
    /// Takes a phone to another region, which the service does not do (P1.5).
    Move {
        /// Which phone.
        phone: PhoneId,
        /// Where to.
        region: RegionId,
    },
    /// Reaches for a phone past the client (P1.11).
    Connect {
        /// Which phone.
        phone: PhoneId,
        /// How.
        by: Way,
    },
    /// Releases a phone whose subscription has ended, before its phases end (R8.11).
    Release {
        /// Which phone.
        phone: PhoneId,
    },
    /// What changes who may do what (A1 to A5).
    Identity(Box<IdentityOp>),
    /// Asks whether something may be done, without doing it (A2.1).
    Ask(Box<Question>),
    /// What changes organisations and their members (P3.1 to P3.3).
    Organise(Box<OrganisationOp>),
    /// What members do with the client (P4.5 to P4.9).
    Client(Box<ClientOp>),
    /// What the console controls in phones (P4.9, P4.10).
    Control(Box<ControlOp>),
    /// What becomes of streaming sessions (P4.1 to P4.3, P4.6, P4.12).
    Session(Box<SessionOp>),
    /// What becomes of calls and short messages through the real phone (P4.13 to P4.15).
    Call(Box<CallOp>),
    /// Of the world: the owner of the account is verified anew (P1.1).
    SetVerification {
        /// As what.
        to: Verification,
    },
    /// Of the world: a promotion with other lengths of the phases (R8.2).
    GrantPromotion {
        /// Days of grace instead of the tier's.
        grace_days: Option<u32>,
        /// Days of retention instead of the tier's.
        retention_days: Option<u32>,
        /// When it ends.
        until: SimTime,
    },
    /// Of the world: a phone is frozen for a violation or by public security (R8.8).
    Freeze {
        /// Which phone.
        phone: PhoneId,
        /// By whom.
        by: Freezer,
    },
    /// Of the world: that freeze is lifted (R8.8).
    Unfreeze {
        /// Which phone.
        phone: PhoneId,
        /// Whose freeze.
        by: Freezer,
    },
    /// An accident of the world: the backup or restore that a phone is in the middle of fails (P2.3).
    FailOperation {
        /// Which phone.
        phone: PhoneId,
    },
    /// An accident of the world, not a wish: phones of a paid order cannot be provisioned (R1.13).
    FailProvisioning {
        /// Which order.
        order: OrderRef,
        /// Which of its phones; all of them if none is named.
        phones: Vec<PhoneId>,
    },
}

impl Op {
    /// The orders that the operation names.
    pub fn orders_mut(&mut self) -> &mut [OrderRef] {
        match self {
            Self::PayOrder { orders, .. } => orders,
            Self::ConfirmOrder { order }
            | Self::ApproveOrder { order }
            | Self::RefuseOrder { order }
            | Self::CancelOrder { order }
            | Self::FailProvisioning { order, .. } => std::slice::from_mut(order),
            _ => &mut [],
        }
    }
}
