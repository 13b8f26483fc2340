//! The answer of the rules to one input: events or a refusal, and what is to happen later.

mod denial;
mod reason;
mod window;

pub use denial::Denial;
pub use reason::Reason;
pub use window::Window;

use crate::event::Event;
use crate::money::MoneyError;
use crate::name::{OrderId, PhoneId};
use crate::rulebook::{BookError, RuleId};
use crate::time::{BillingDay, SimTime};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An event with the rules that caused it, the deciding one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What happens.
    pub event: Event,
    /// Why: the deciding rule, then those that shaped it.
    pub rules: &'static [RuleId],
}

/// A parameter that a decision looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// Whose parameter.
    pub rule: RuleId,
    /// Its name.
    pub name: &'static str,
}

/// What a timer of an account stands for. There is at most one timer of each key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKey {
    /// An unpaid order runs out (R1.9).
    OrderDeadline(OrderId),
    /// A paid order is fulfilled (R1.1, P1.3).
    Provision(OrderId),
    /// An order that failed is paid back (R1.13).
    RefundOrder(OrderId),
    /// The service tries to renew (R6.1).
    AutoRenewal(PhoneId),
    /// A day on which something may have to be said about a phone (R6.9); the next one only.
    Notice(PhoneId),
    /// A subscription ends (R1.3).
    Expiry(PhoneId),
    /// Grace of an expired subscription ends (R8.2).
    GraceEnd(PhoneId),
    /// Retention of an expired subscription ends (R8.2).
    RetentionEnd(PhoneId),
    /// A phone frozen for a violation is deleted (R8.8).
    ViolationEnd(PhoneId),
    /// What a phone is in the middle of is done (P2.9).
    Operation(PhoneId),
    /// The clock hour of an on-demand phone that begins at this instant is deducted (R2.5). Hours are
    /// timers of their own, because a late deduction may come after that of the next hour.
    Settle(PhoneId, SimTime),
    /// A bank transfer arrives (R4.8).
    Transfer(u32),
    /// A month's erased decimals are collected (R2.9).
    CollectErased(BillingDay),
    /// What a month put on the credit line is evened out (R4.1).
    SettleMonth(BillingDay),
    /// A balance alert is given again (R4.7).
    BalanceAlert,
    /// A month's metered usage is charged (R2.5, international).
    MonthCharge(BillingDay),
    /// Nobody has answered the review of an unsubscription, named by its first phone (R9.9).
    Review(PhoneId),
    /// Refunds that were under way arrive at this instant (R9.10).
    RefundArrives(SimTime),
    /// A task of the library is over (P4.10).
    AppTask(u32),
    /// What a session waits for has not come: a stream with its token, its client, or anybody at all
    /// (P4.2, P4.3, P4.6).
    Session(PhoneId),
    /// Grace of an account in arrears ends (R8.2).
    ArrearsGraceEnd,
    /// Retention of an account in arrears ends (R8.2).
    ArrearsRetentionEnd,
}

impl TimerKey {
    /// The phone that the timer is about, if it is about one.
    pub fn phone(&self) -> Option<&PhoneId> {
        match self {
            Self::AutoRenewal(phone)
            | Self::Notice(phone)
            | Self::Expiry(phone)
            | Self::GraceEnd(phone)
            | Self::RetentionEnd(phone)
            | Self::ViolationEnd(phone)
            | Self::Operation(phone)
            | Self::Review(phone)
            | Self::Session(phone)
            | Self::Settle(phone, _) => Some(phone),
            _ => None,
        }
    }
}

impl fmt::Display for TimerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrderDeadline(order) => write!(f, "payment deadline of {order}"),
            Self::Provision(order) => write!(f, "provisioning of {order}"),
            Self::RefundOrder(order) => write!(f, "refund of {order}"),
            Self::AutoRenewal(phone) => write!(f, "auto-renewal of {phone}"),
            Self::Notice(phone) => write!(f, "next notice about {phone}"),
            Self::Expiry(phone) => write!(f, "expiry of {phone}"),
            Self::GraceEnd(phone) => write!(f, "end of grace of {phone}"),
            Self::RetentionEnd(phone) => write!(f, "end of retention of {phone}"),
            Self::ViolationEnd(phone) => write!(f, "deletion of {phone} for a violation"),
            Self::Operation(phone) => write!(f, "operation of {phone}"),
            Self::Settle(phone, hour) => write!(f, "settlement of {phone} for {hour}"),
            Self::Transfer(number) => write!(f, "arrival of transfer {number}"),
            Self::CollectErased(cycle) => write!(f, "collection of what {cycle} erased"),
            Self::SettleMonth(cycle) => write!(f, "settlement of {cycle}"),
            Self::BalanceAlert => f.write_str("balance alert once more"),
            Self::Review(phone) => write!(f, "review of {phone}"),
            Self::RefundArrives(at) => write!(f, "arrival of refunds at {at}"),
            Self::MonthCharge(cycle) => write!(f, "monthly charge of {cycle}"),
            Self::Session(phone) => write!(f, "session of {phone}"),
            Self::AppTask(number) => write!(f, "task {number} of the library"),
            Self::ArrearsGraceEnd => f.write_str("end of grace in arrears"),
            Self::ArrearsRetentionEnd => f.write_str("end of retention in arrears"),
        }
    }
}

/// What is to become of a timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerOp {
    /// Fires inside the window; replaces an older timer of the same key.
    Schedule {
        /// Which timer.
        key: TimerKey,
        /// When.
        window: Window,
    },
    /// Does not fire.
    Cancel {
        /// Which timer.
        key: TimerKey,
    },
}

/// A refusal with the rule that demands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// By which rules, the deciding one first.
    pub rules: &'static [RuleId],
}

/// What the rules answer to one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// What happens, in this order. Empty if refused.
    pub events: Vec<Decided>,
    /// The refusal, if the command was refused; then nothing happens.
    pub refusal: Option<Refusal>,
    /// Timers to set and to cancel, in this order.
    pub timers: Vec<TimerOp>,
    /// The parameters that were looked at.
    pub read: &'static [Read],
}

impl Decision {
    /// A refusal.
    pub fn refuse(reason: Reason, rules: &'static [RuleId]) -> Self {
        Self { refusal: Some(Refusal { reason, rules }), ..Self::default() }
    }
    /// Forgets everything but the room that it took.
    pub fn clear(&mut self) {
        self.events.clear();
        self.timers.clear();
        (self.refusal, self.read) = (None, &[]);
    }
    /// Adds an event.
    pub fn happen(&mut self, rules: &'static [RuleId], event: impl Into<Event>) {
        self.events.push(Decided { event: event.into(), rules });
    }
    /// Sets a timer.
    pub fn schedule(&mut self, key: TimerKey, window: Window) {
        self.timers.push(TimerOp::Schedule { key, window });
    }
    /// Cancels a timer.
    pub fn cancel(&mut self, key: TimerKey) {
        self.timers.push(TimerOp::Cancel { key });
    }
}

/// What no decision can be taken on: a limit was reached, or the state contradicts itself. Never the
/// answer to a customer; that is a [`Refusal`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Arithmetic left its range or mixed currencies.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A parameter is missing or of the wrong kind.
    #[error(transparent)]
    Book(#[from] BookError),
    /// An event speaks of something that is not there.
    #[error("event `{event}` speaks of {what} `{name}`, which is not there")]
    Missing {
        /// The event's kind.
        event: &'static str,
        /// What sort of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// An event is illegal in the state that it meets.
    #[error("event `{event}` is illegal for `{name}`, which is {status}")]
    Illegal {
        /// The event's kind.
        event: &'static str,
        /// The phone or order.
        name: String,
        /// Its state.
        status: &'static str,
    },
    /// A time or a count left its range.
    #[error("{0} left its range")]
    Range(&'static str),
}
