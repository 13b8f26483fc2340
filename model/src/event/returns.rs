//! Giving back, and what bears on it.

use crate::command::UnsubscribeWhat;
use crate::decision::Reason;
use crate::event::{RefundTerms, RefundTo, ReviewVerdict};
use crate::money::Amount;
use crate::name::{OrderId, PhoneId};
use crate::state::{Mark, Split};
use crate::term::Expiry;
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

payloads! {
    /// A subscription was given back, or its unstarted renewals were (R9.1).
    pub struct Unsubscribed {
        /// Which phone.
        phone: PhoneId,
        /// What was given back.
        what: UnsubscribeWhat,
        /// The expiry that remains, where the phone does.
        expires: Option<Expiry>,
    }
    /// Money went back for one paid period of a phone (R9.1 to R9.6).
    pub struct Refunded {
        /// Which phone.
        phone: PhoneId,
        /// The order whose payment is returned.
        order: OrderId,
        /// By which row of the table of scenarios.
        terms: RefundTerms,
        /// Used part of the period, in the unit of the rule (hours; days in older editions).
        used: u32,
        /// Length of the period in the same unit.
        total: u32,
        /// What the used part cost.
        consumed: Amount,
        /// Handling fee.
        fee: Amount,
        /// What went back, by source.
        refund: Split,
        /// Where its cash goes (R9.10).
        to: RefundTo,
    }
    /// Cash of a refund arrived later than the refund (R9.10).
    pub struct RefundArrived {
        /// How much.
        amount: Amount,
        /// When it was to arrive.
        arrives: SimTime,
    }
    /// One phone of several could not be given back (R9.11).
    pub struct UnsubscribeFailed {
        /// Which phone.
        phone: PhoneId,
        /// Why.
        reason: Reason,
    }
    /// A large unsubscription waits for the account manager (R9.9).
    pub struct ReviewStarted {
        /// The phones that are to go.
        phones: Vec<PhoneId>,
        /// What is to go.
        what: UnsubscribeWhat,
        /// What would come back now.
        refund: Amount,
        /// When silence approves it.
        decide_by: SimTime,
    }
    /// A review is over (R9.9).
    pub struct ReviewEnded {
        /// Its phones.
        phones: Vec<PhoneId>,
        /// How it ended.
        verdict: ReviewVerdict,
    }
    /// The service noted how a phone was had (R9.8).
    pub struct Marked {
        /// Which phone.
        phone: PhoneId,
        /// What is noted.
        mark: Mark,
    }
    /// Misuse voided the five-day right of the account (R9.2).
    pub struct FiveDayRightVoided {}
}
