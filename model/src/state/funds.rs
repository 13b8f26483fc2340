//! What surrounds the balance of an account: discounts, alert, deposits and money on its way (R3.4, R4).

use crate::money::{Amount, Fraction};
use crate::name::PhoneId;
use crate::time::BillingDay;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whose discount a price has (R3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountSource {
    /// A contract between the customer and the service.
    Commercial,
    /// The partner through which the customer buys.
    Partner,
}

/// When what an order costs is to be paid (R4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// At once, out of cash and then credit.
    #[default]
    AtOnce,
    /// With the month: orders go on the credit line, which is evened out after each cycle.
    Monthly,
}

/// A warning that the customer has asked for (R4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// At which amount.
    pub threshold: Amount,
    /// Whether the threshold itself is low enough.
    pub at_threshold: bool,
    /// How often it was given since the amount was last higher.
    pub given: u32,
}

impl Alert {
    /// Whether so much is so little that the customer is to be warned.
    pub fn is_low(&self, left: Amount) -> bool {
        let below = !left.covers(self.threshold);
        below || (self.at_threshold && left == self.threshold)
    }
}

/// What surrounds the balance of an account; in memory as [`Account`](super::Account) is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[repr(C)]
pub struct Funds {
    /// The balance alert, if the customer wants one.
    pub alert: Option<Alert>,
    /// Partner discount as a fraction of the list price (R3.4).
    pub partner_discount: Fraction,
    /// Deposits of phones that have not been settled yet (R2.13).
    pub deposits: BTreeMap<PhoneId, Amount>,
    /// When orders are to be paid.
    pub settlement: Settlement,
    /// What was paid on credit and is to be evened out, by the first day of the cycle.
    pub on_month: BTreeMap<BillingDay, Amount>,
    /// Erased decimals to be collected, by the first day of the cycle (R2.9).
    pub erased: BTreeMap<BillingDay, Amount>,
    /// Transfers that have not arrived, by their number (R4.8).
    pub transfers: BTreeMap<u32, Amount>,
    /// Transfers sent so far.
    pub transfers_sent: u32,
}
