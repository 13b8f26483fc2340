//! Orders that are still open (R1.8, R1.9). A finished order lives on in the periods it paid for.

use crate::money::Amount;
use crate::name::{PhoneId, SizeId};
use crate::state::{AutoRenewal, Split};
use crate::term::Term;
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

/// What an order is for; also the bill type of its payment (R11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// New phones.
    New,
    /// A renewal by hand.
    Renew,
    /// A renewal by the service.
    AutoRenew,
}

/// Where an open order stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderPhase {
    /// It waits for payment until its deadline.
    PendingPayment {
        /// When it is cancelled.
        pay_by: SimTime,
    },
    /// It is paid and not yet fulfilled.
    Processing {
        /// Which sources paid it.
        paid: Split,
        /// When.
        paid_at: SimTime,
    },
}

/// An open order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What it is for.
    pub kind: OrderKind,
    /// Its phones.
    pub phones: Vec<PhoneId>,
    /// Their size.
    pub size: SizeId,
    /// How long.
    pub term: Term,
    /// List price.
    pub official: Amount,
    /// What is to be paid before any coupon.
    pub due: Amount,
    /// Auto-renewal wished from the start.
    pub auto_renewal: Option<AutoRenewal>,
    /// Where it stands.
    pub phase: OrderPhase,
}
