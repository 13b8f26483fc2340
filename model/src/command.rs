//! What can be asked of the service, and the envelope in which every request arrives.

use crate::money::{Amount, Fraction};
use crate::name::{AccountId, CouponId, Name, OrderId, PhoneId, RequestId, SizeId};
use crate::rulebook::Table;
use crate::state::{AutoRenewal, CouponTerms, Power};
use crate::term::Term;
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
}

/// Who asks, for which account, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The paying account that the command acts on.
    pub account: AccountId,
    /// Who acts; `None` is the account itself, which may do everything.
    #[serde(default)]
    pub principal: Option<Name>,
    /// The project, where the caller named one.
    #[serde(default)]
    pub project: Option<Name>,
    /// The region, where the caller named one.
    #[serde(default)]
    pub region: Option<Name>,
    /// The caller's own name for this request; refusals carry it back.
    #[serde(default)]
    pub request: Option<RequestId>,
    /// Where the command came from.
    pub source: Source,
}

impl Envelope {
    /// A command of the account itself, out of a scenario.
    pub fn scenario(account: AccountId) -> Self {
        let source = Source::Scenario;
        Self { account, principal: None, project: None, region: None, request: None, source }
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
        /// Auto-renewal from the start, if wished (R6.7).
        auto_renewal: Option<AutoRenewal>,
        /// Pay at once with these coupons, or leave the order unpaid.
        payment: Option<Vec<CouponId>>,
    },
    /// Pays an order that waits for it (R4.1).
    PayOrder {
        /// Which order.
        order: OrderId,
        /// At most one coupon of each kind.
        coupons: Vec<CouponId>,
    },
    /// Gives up an order that waits for payment.
    CancelOrder {
        /// Which order.
        order: OrderId,
    },
    /// Renews a subscription by hand (R5.1 to R5.3).
    Renew {
        /// Which phone.
        phone: PhoneId,
        /// For how long.
        term: Term,
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
    /// A partner freezes its customer, or lifts that (R6.10).
    SetPartnerFreeze {
        /// Whether it is frozen.
        frozen: bool,
    },
    /// Ends subscriptions against a refund (R9).
    Unsubscribe {
        /// Which phone.
        phone: PhoneId,
        /// All of it, or only what has not begun.
        what: UnsubscribeWhat,
    },
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
    /// An accident of the world, not a wish: the phones of a paid order cannot be provisioned (R9.1).
    FailProvisioning {
        /// Which order.
        order: OrderId,
    },
}
