//! Who may do what: users, groups, policies, tokens, and questions that were answered.

use crate::access::matrix::Trust;
use crate::access::policy::{Held, Scope};
use crate::command::{Holder, PolicyKind, Principal, UserChange};
use crate::name::{GroupId, TokenId, UserId};
use crate::state::PolicyName;
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

/// Whether something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes.
    Allow,
    /// No.
    Deny,
}

impl Answer {
    /// The word in logs and scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

payloads! {
    /// A policy was written, or written anew (A2.5, A2.10).
    pub struct PolicySet {
        /// Which.
        policy: PolicyName,
        /// Whose it is.
        kind: PolicyKind,
        /// Its text, in JSON.
        text: String,
    }
    /// There is a group.
    pub struct GroupAdded {
        /// Which.
        group: GroupId,
    }
    /// There is a user, without any permission (A1.5).
    pub struct UserAdded {
        /// Which.
        user: UserId,
        /// With which it logs in.
        password: Option<String>,
    }
    /// A user is in a group from now on, or not any more (A1.8).
    pub struct MembershipSet {
        /// Which user.
        user: UserId,
        /// Which group.
        group: GroupId,
        /// Whether it is in it.
        member: bool,
    }
    /// A group or user was given a policy (A1.6, A1.8).
    pub struct PolicyAttached {
        /// Which policy.
        policy: PolicyName,
        /// To whom.
        to: Holder,
        /// Where it holds.
        held: Held,
    }
    /// A policy was taken from a group or user.
    pub struct PolicyDetached {
        /// Which policy.
        policy: PolicyName,
        /// From whom.
        from: Holder,
        /// Where it held.
        held: Held,
    }
    /// A user was changed.
    pub struct UserChanged {
        /// Which.
        user: UserId,
        /// How.
        change: UserChange,
    }
    /// What can be granted in the account is bounded from above (A4.2).
    pub struct BoundsSet {
        /// One list of policies a level, from the top.
        levels: Vec<Vec<PolicyName>>,
    }
    /// The agency of the service was made, edited or deleted (A1.12).
    pub struct AgencySet {
        /// What it covers.
        covers: Vec<Trust>,
    }
    /// A token was given out (A5.1).
    pub struct TokenIssued {
        /// Which.
        token: TokenId,
        /// To whom.
        user: UserId,
        /// For what it holds.
        scope: Scope,
        /// The first instant at which it does not hold any more (A5.2).
        expires: SimTime,
        /// Whether an older one for the same would still have held: it was not kept (A5.2).
        in_vain: bool,
    }
    /// A token was checked with another, and holds (A5.4).
    pub struct TokenChecked {
        /// Which.
        token: TokenId,
        /// With which.
        with: TokenId,
        /// Whose it is.
        user: UserId,
        /// The first instant at which it does not hold any more.
        expires: SimTime,
    }
    /// A token ended before its time (A5.3).
    pub struct TokenEnded {
        /// Which.
        token: TokenId,
        /// Whose it was.
        user: UserId,
    }
    /// It was said whether somebody may do something (A2.1).
    pub struct PermissionAnswered {
        /// Who; nobody is the account itself.
        who: Option<Principal>,
        /// What.
        operation: String,
        /// With what, where it was said.
        on: Option<String>,
        /// Where.
        scope: Scope,
        /// Yes or no.
        answer: Answer,
        /// The statements that determined it.
        by: Vec<String>,
        /// Why, in words.
        because: String,
    }
}
