//! Who acts, and what changes who may do what.

use crate::access::matrix::Trust;
use crate::access::policy::{Held, Scope};
use crate::name::{GroupId, MemberId, PhoneId, TokenId, UserId};
use crate::state::PolicyName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Who acts, where it is not the account itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// A user of the account, by console or with keys of its own.
    User(UserId),
    /// Whoever holds this token (A5.1).
    Token(TokenId),
    /// A member of an organisation, who knows the client alone (A1.7).
    Member(MemberId),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => user.fmt(f),
            Self::Token(token) => write!(f, "token {token}"),
            Self::Member(member) => write!(f, "member {member}"),
        }
    }
}

/// Whose policy it is, and of which language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKind {
    /// The service's own, in this catalogue (A2.4, A2.5).
    System(String),
    /// A customer's, for projects of regions (A2.10).
    Projects,
    /// A customer's, for services without regions (A2.10).
    Global,
}

/// Who holds a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A group, for all its users (A1.8).
    Group(GroupId),
    /// A user by itself.
    User(UserId),
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => write!(f, "group {group}"),
            Self::User(user) => write!(f, "user {user}"),
        }
    }
}

/// What becomes of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserChange {
    /// It has another password.
    Password(String),
    /// It cannot log in any more.
    Disabled,
    /// It can again.
    Enabled,
    /// It is gone, and its name is free.
    Deleted,
}

/// What changes who may do what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityOp {
    /// Writes a policy, or writes it anew (A2.5, A2.10).
    SetPolicy {
        /// What it is called.
        policy: PolicyName,
        /// Whose it is.
        kind: PolicyKind,
        /// Its text, in JSON.
        text: String,
    },
    /// Makes a group.
    AddGroup {
        /// Its name.
        group: GroupId,
    },
    /// Makes a user, who has no permission yet (A1.5).
    AddUser {
        /// Its name.
        user: UserId,
        /// With which it logs in; without one it does not.
        password: Option<String>,
    },
    /// Takes a user into a group, or out of it (A1.8).
    SetMembership {
        /// Which user.
        user: UserId,
        /// Which group.
        group: GroupId,
        /// Whether it is in it.
        member: bool,
    },
    /// Gives a policy to a group or user (A1.6, A1.8).
    Attach {
        /// Which policy.
        policy: PolicyName,
        /// To whom.
        to: Holder,
        /// Where it holds.
        held: Held,
    },
    /// Takes it away again.
    Detach {
        /// Which policy.
        policy: PolicyName,
        /// From whom.
        from: Holder,
        /// Where it held.
        held: Held,
    },
    /// Changes a user.
    ChangeUser {
        /// Which.
        user: UserId,
        /// How.
        change: UserChange,
    },
    /// Of the world: the organisation above the account bounds what can be granted in it (A4.2).
    SetBounds {
        /// One list of policies a level, from the top.
        levels: Vec<Vec<PolicyName>>,
    },
    /// Makes, edits or deletes the agency of the service (A1.12).
    SetAgency {
        /// What it covers from now on.
        covers: Vec<Trust>,
    },
    /// Asks for a token (A5.1).
    GetToken {
        /// What it is to be called.
        token: TokenId,
        /// Who asks.
        user: UserId,
        /// With which password.
        password: String,
        /// For what it is to hold.
        scope: Scope,
    },
    /// Has a token checked by a call that is made with another (A5.4).
    CheckToken {
        /// Which token.
        token: TokenId,
        /// With which.
        with: TokenId,
    },
}

/// With what something is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// A phone of the account.
    Phone(PhoneId),
    /// Anything, by its full name.
    Resource(String),
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => phone.fmt(f),
            Self::Resource(resource) => f.pad(resource),
        }
    }
}

/// Whether the principal of the envelope may do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// An operation of console or interface by its name, or any action in full.
    pub operation: String,
    /// With what, where the request names it.
    pub on: Option<On>,
    /// Where, if it is said: a project otherwise.
    pub scope: Option<Scope>,
    /// What else the request says, by key; an empty list is an empty set.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Whether a second factor was given (A3.9).
    pub second_factor: SecondFactorSaid,
}

/// What a request says of a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorSaid {
    /// Nothing.
    #[default]
    Nothing,
    /// That none was given.
    NotGiven,
    /// That one was given so many seconds ago.
    Given(u64),
}
