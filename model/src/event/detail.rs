//! What events say beside names, amounts and instants: reasons, results, terms.

use crate::time::SimTime;
use serde::{Deserialize, Serialize};

/// Why an order ended without effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The customer gave it up.
    Customer,
    /// It was not paid in time (R1.9).
    Deadline,
    /// Its approval was refused (R1.9).
    Refused,
    /// Its phone went away meanwhile (R1.9).
    PhoneGone,
    /// Its phone was changed meanwhile (R1.9).
    PhoneChanged,
    /// Its phone was moved to another charging mode meanwhile (R1.9).
    PhoneSwitched,
    /// Its phones could not be provisioned (R1.13).
    ProvisioningFailed,
}

/// How an attempt at auto-renewal went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoRenewalResult {
    /// Paid and renewed.
    Renewed,
    /// The account cannot pay the price.
    BalanceTooLow,
    /// The account owes money, which blocks renewals (R1.14).
    InArrears,
    /// Public security froze the phone, or it is frozen for a violation that stops renewals (R8.8).
    Frozen,
    /// The phone sits in an unpaid renewal order (R5.1).
    OrderPending,
    /// The catalogue has no price for the term any more.
    NotSold,
    /// The subscription would be longer than allowed (R5.8).
    TermTooLong,
    /// A partner has frozen the customer (R6.10).
    PartnerFrozen,
}

/// The rows of the refund table (R9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundTerms {
    /// Newly bought and within five days (R9.2, R9.3).
    FiveDay,
    /// In use: paid less consumed less fee (R9.4, R9.5).
    Conditional,
    /// In use until it became on-demand: paid less consumed (R10.4).
    Switched,
    /// A renewed period that has not begun (R9.6).
    NotStarted,
    /// Never provisioned.
    ProvisioningFailed,
}

/// Where the cash of a refund goes (R9.10). What coupons and credit paid goes back to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundTo {
    /// To the cash balance, at once.
    Cash,
    /// To the cash balance, later.
    CashLater {
        /// When.
        arrives: SimTime,
    },
    /// To the partner who paid.
    Partner,
    /// Back the way it was paid, outside the account.
    OriginalMethod,
}

/// How a review ended (R9.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewVerdict {
    /// The account manager approved.
    Approved,
    /// Nobody answered in time, which approves.
    Silent,
    /// The account manager refused; nothing goes.
    Refused,
}
