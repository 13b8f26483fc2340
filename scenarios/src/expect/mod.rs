//! Expectations against what a run really did: states through the model's views, events and refusals
//! through the records of the log. A failed expectation says in one line what was expected and what
//! was seen.

mod bill;
mod compare;
mod events;
mod flow;
mod matcher;
mod outcome;
mod state;

pub use bill::{BillAmount, BillExpectation, BillPart};
pub use flow::{FlowExpectation, Part, ShareExpectation, ms};
pub use matcher::Matcher;
pub use outcome::{Outcome, Verdict, run, run_in, run_with};

use crate::grammar::ValueDoc;
use crate::read::Moment;
use koosim_model::money::Amount;
use koosim_model::name::{AccountId, CouponId, MemberId, OrderId, PhoneId, TokenId, UserId};
use koosim_model::rulebook::RuleId;
use koosim_model::status::Vocabulary;
use std::collections::BTreeSet;

/// One expectation, about the end of its instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// A phone's state.
    Phone(Box<PhoneExpectation>),
    /// An account's money.
    Account(AccountExpectation),
    /// An order's state.
    Order {
        /// Whose order.
        account: AccountId,
        /// Which.
        order: OrderId,
        /// Its state.
        is: &'static str,
    },
    /// What is left of a coupon.
    Coupon(CouponExpectation),
    /// What a member is.
    Member(MemberExpectation),
    /// What a user has.
    User(UserExpectation),
    /// What a token is.
    Token(TokenExpectation),
    /// What a bill says.
    Bill(BillExpectation),
    /// What a viewer has seen of a flow.
    Flow(Box<FlowExpectation>),
    /// How evenly flows share.
    Share(ShareExpectation),
    /// A command was refused at this instant.
    Refused(RefusalExpectation),
    /// An event happened at this instant.
    Event(EventExpectation),
    /// Since the step before, nothing happened but what this instant's expectations name.
    Silence {
        /// Kinds of events that may happen all the same.
        except: Vec<&'static str>,
    },
}

/// What a phone must be; what is nothing is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneExpectation {
    /// Whose phone.
    pub account: AccountId,
    /// Which.
    pub phone: PhoneId,
    /// Its state.
    pub is: Option<&'static str>,
    /// When its subscription expires.
    pub expires: Option<Moment>,
    /// When its grace or retention period ends.
    pub until: Option<Moment>,
    /// Its power.
    pub power: Option<&'static str>,
    /// Its power with what it is in the middle of.
    pub power_status: Option<&'static str>,
    /// Where its data are.
    pub data: Option<&'static str>,
    /// Where its session stands.
    pub session: Option<&'static str>,
    /// How many are prepared before it.
    pub waiting: Option<u64>,
    /// Which device controls its stream.
    pub controller: Option<String>,
    /// The devices that watch its stream.
    pub viewers: Option<BTreeSet<String>>,
    /// Where its call stands.
    pub call: Option<&'static str>,
    /// How many short messages are under way.
    pub messages_waiting: Option<u64>,
    /// Every cause for which it is frozen.
    pub frozen_by: Option<Vec<&'static str>>,
    /// Who uses it, or that nobody does.
    pub member: Option<Option<String>>,
    /// Where it runs, or that nobody said.
    pub region: Option<Option<String>>,
    /// What is switched on in it.
    pub controls: Option<BTreeSet<&'static str>>,
    /// The apps in it with their versions.
    pub apps: Option<BTreeSet<String>>,
    /// Its system, or that nobody said.
    pub system: Option<&'static str>,
    /// Its network, or that nobody said.
    pub network: Option<&'static str>,
    /// The billing column.
    pub billing: Option<String>,
    /// Its numbers in the interfaces.
    pub numbers: Vec<(Vocabulary, u64)>,
    /// How it is paid for.
    pub charging: Option<&'static str>,
    /// Whether it renews itself.
    pub auto_renew: Option<bool>,
    /// The group in which the console lists its renewal.
    pub renewal: Option<&'static str>,
}

/// What an account must have; what is nothing is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountExpectation {
    /// Which.
    pub account: AccountId,
    /// Its cash.
    pub balance: Option<Amount>,
    /// What it can spend.
    pub available: Option<Amount>,
    /// Its customer tier.
    pub tier: Option<&'static str>,
    /// As what its owner is verified.
    pub verified: Option<&'static str>,
    /// What it owes.
    pub debt: Option<Amount>,
    /// Whether it is in arrears.
    pub in_arrears: Option<bool>,
}

/// What must be left of a coupon; what is nothing is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouponExpectation {
    /// Whose coupon.
    pub account: AccountId,
    /// Which.
    pub coupon: CouponId,
    /// What is left of it.
    pub balance: Option<Amount>,
    /// Whether an order took it.
    pub used: Option<bool>,
}

/// How a command must have been refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalExpectation {
    /// Why.
    pub reason: &'static str,
    /// Whose command.
    pub account: Option<AccountId>,
    /// By which rule.
    pub rule: Option<RuleId>,
    /// A part of what was said about it.
    pub because: Option<String>,
}

/// What a member must be; what is nothing is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberExpectation {
    /// In which account.
    pub account: AccountId,
    /// Who.
    pub member: MemberId,
    /// Its department.
    pub department: Option<String>,
    /// The phones that are bound to it.
    pub phones: Option<BTreeSet<String>>,
    /// The devices on which it is logged in.
    pub devices: Option<BTreeSet<String>>,
    /// Whether it must change its password.
    pub temporary_password: Option<bool>,
}

/// What a user must have; what is nothing is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserExpectation {
    /// In which account.
    pub account: AccountId,
    /// Which.
    pub user: UserId,
    /// Its groups.
    pub groups: Option<BTreeSet<String>>,
    /// Whether it can log in.
    pub enabled: Option<bool>,
    /// How many tokens it was given.
    pub tokens: Option<u64>,
    /// Whether it kept the tokens that it had (A5.2).
    pub keeps_tokens: Option<bool>,
}

/// What a token must be; what is nothing is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenExpectation {
    /// In which account.
    pub account: AccountId,
    /// Which.
    pub token: TokenId,
    /// Whether it holds.
    pub holds: bool,
    /// When it ends.
    pub expires: Option<Moment>,
}

/// What an event must have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventExpectation {
    /// Its kind.
    pub kind: &'static str,
    /// To which account.
    pub account: Option<AccountId>,
    /// About which phone.
    pub phone: Option<PhoneId>,
    /// Some of its fields.
    pub fields: Vec<(String, ValueDoc)>,
    /// By which rule.
    pub rule: Option<RuleId>,
    /// How many there must be; without it, at least one.
    pub times: Option<u64>,
}
