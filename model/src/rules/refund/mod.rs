//! Giving subscriptions back (R9): whether they may, what is refunded, to which sources and when.

mod pay_back;
mod refuse;
mod review;
mod sums;
mod terms;
mod unsubscribe;

pub use sums::{RefundSums, conditional_refund, consumption, fee_rate, within_five_days};

pub(super) use pay_back::{arrive, pay_debt, settle, to_the_line};
pub(super) use review::{answer_review, end_review};
pub(super) use sums::share_refund;
pub(super) use terms::{mark, void_five_day_right};
pub(super) use unsubscribe::{refund_unprovisioned, switch_back, unsubscribe};
