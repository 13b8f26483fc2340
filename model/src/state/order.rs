//! Orders that are still open (R1.8, R1.9, R1.11). A finished order lives on in the periods it paid for.

use crate::lifecycle::OrderStatus;
use crate::money::Amount;
use crate::name::{OrderId, PhoneId, SizeId};
use crate::state::{AutoRenewal, Split};
use crate::term::{Expiry, Term};
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
    /// A subscription for a phone that is charged by use (R10.2).
    Subscribe,
}

/// What a new order waits for first (R1.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderWait {
    /// Somebody of the account approves it.
    Approval,
    /// The customer confirms what an account manager ordered.
    Confirmation,
    /// It is paid.
    Payment,
}

/// What one action ordered stays together (R1.11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The first order of the action.
    pub first: OrderId,
    /// A product sold in combination: if a part of it fails, all of it is rolled back (R1.13).
    pub combination: bool,
}

/// How a renewal goes on beyond its term up to a unified day (R5.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unified {
    /// When the phone expires after it.
    pub expires: Expiry,
    /// Days charged beyond the term.
    pub extra_days: u32,
    /// Their list price; a part of that of the order.
    pub extra: Amount,
    /// The day of the month from which later renewals count (R1.5).
    pub anchor_day: u32,
}

/// Where an open order stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderPhase {
    /// It waits for approval, and is cancelled at its deadline all the same.
    PendingApproval {
        /// When it is cancelled.
        pay_by: SimTime,
    },
    /// It waits for the customer's word.
    ToBeConfirmed {
        /// When it is cancelled.
        pay_by: SimTime,
    },
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
    /// It could not be fulfilled and is not paid back yet.
    PendingRefund {
        /// Which sources paid it.
        paid: Split,
        /// The phones whose share is not paid back yet.
        phones: Vec<PhoneId>,
    },
}

/// An open order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its place among all orders of the account, from 1.
    pub number: u32,
    /// What it is for.
    pub kind: OrderKind,
    /// Its phones.
    pub phones: Vec<PhoneId>,
    /// Those of them that could not be provisioned (R1.13).
    pub failed: Vec<PhoneId>,
    /// Their size.
    pub size: SizeId,
    /// How long.
    pub term: Term,
    /// The days beyond that up to a unified day (R5.6).
    pub unified: Option<Box<Unified>>,
    /// List price.
    pub official: Amount,
    /// What is to be paid before any coupon.
    pub due: Amount,
    /// Auto-renewal wished from the start.
    pub auto_renewal: Option<AutoRenewal>,
    /// The orders that were placed with it in one action, if any.
    pub group: Option<Box<Group>>,
    /// Where it stands.
    pub phase: OrderPhase,
}

impl Order {
    /// Its place in the lifecycle.
    pub fn status(&self) -> OrderStatus {
        match self.phase {
            OrderPhase::PendingApproval { .. } => OrderStatus::PendingApproval,
            OrderPhase::ToBeConfirmed { .. } => OrderStatus::ToBeConfirmed,
            OrderPhase::PendingPayment { .. } => OrderStatus::PendingPayment,
            OrderPhase::Processing { .. } => OrderStatus::Processing,
            OrderPhase::PendingRefund { .. } => OrderStatus::PendingRefund,
        }
    }
    /// Until when it waits for approval, confirmation or payment; `None` once it is paid.
    pub fn pay_by(&self) -> Option<SimTime> {
        match self.phase {
            OrderPhase::PendingApproval { pay_by }
            | OrderPhase::ToBeConfirmed { pay_by }
            | OrderPhase::PendingPayment { pay_by } => Some(pay_by),
            OrderPhase::Processing { .. } | OrderPhase::PendingRefund { .. } => None,
        }
    }
    /// Its phones without those that could not be provisioned, each with its place in the order.
    pub fn living(&self) -> impl Iterator<Item = (usize, &PhoneId)> {
        self.phones.iter().enumerate().filter(|(_, phone)| !self.failed.contains(phone))
    }
}
