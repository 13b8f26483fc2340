//! The parameters of how refunds are asked for and paid (R9.9 to R9.11).

use super::params::Reader;
use crate::rulebook::BookError;
use crate::rules::r;
use crate::time::SimDuration;
use rust_decimal::Decimal;

/// Where the cash of a refund goes, unless a partner had paid it (R9.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundDestination {
    /// To the cash balance.
    CashAccount,
    /// Back the way it was paid.
    OriginalMethod,
}

/// How refunds are asked for and paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundParams {
    /// R9.9 `review_above`, in the currency of the account.
    pub review_above: Decimal,
    /// R9.9 `approved_after`.
    pub approved_after: SimDuration,
    /// R9.10 `destination`.
    pub destination: RefundDestination,
    /// R9.10 `refund_delay`.
    pub delay: SimDuration,
    /// R9.11 `unsubscriptions_per_call_max`.
    pub per_call_max: u32,
}

impl RefundParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        let original = read.is(r(9, 10), "destination", "original_method")?;
        Ok(Self {
            review_above: read.decimal(r(9, 9), "review_above")?,
            approved_after: read.duration(r(9, 9), "approved_after")?,
            destination: if original {
                RefundDestination::OriginalMethod
            } else {
                RefundDestination::CashAccount
            },
            delay: read.duration(r(9, 10), "refund_delay")?,
            per_call_max: read.count(r(9, 11), "unsubscriptions_per_call_max")?,
        })
    }
}
