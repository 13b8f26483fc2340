//! Who may do what in an account: users, groups, policies, tokens, and what bounds them. An account
//! whose story does not speak of them has none of it.

use crate::access::matrix::Trust;
use crate::access::policy::{Held, Scope};
use crate::command::PolicyKind;
use crate::name::{GroupId, TokenId, UserId};
use crate::time::SimTime;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Most characters of the name of a policy.
const POLICY_NAME_CHARS_MAX: usize = 128;
/// Most tokens that an account remembers; of those that have ended the oldest are forgotten first.
pub const TOKENS_KEPT_MAX: usize = 1_000;

/// The name of a policy, which may have blanks: `KooPhone ReadOnlyUser`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PolicyName(String);

/// A text is not the name of a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a policy has 1 to {POLICY_NAME_CHARS_MAX} characters on one line")]
pub struct NotAPolicyName;

impl PolicyName {
    /// Checks and takes the name.
    pub fn new(text: &str) -> Result<Self, NotAPolicyName> {
        let count = text.chars().count();
        let legal = (1..=POLICY_NAME_CHARS_MAX).contains(&count) && text.trim() == text;
        let printable = !text.chars().any(char::is_control);
        if legal && printable { Ok(Self(text.to_owned())) } else { Err(NotAPolicyName) }
    }
    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<PolicyName> for String {
    fn from(name: PolicyName) -> Self {
        name.0
    }
}

impl TryFrom<String> for PolicyName {
    type Error = NotAPolicyName;
    fn try_from(text: String) -> Result<Self, NotAPolicyName> {
        Self::new(&text)
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A policy as it was written; it is compiled where something is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyText {
    /// Whose it is.
    pub kind: PolicyKind,
    /// Its text, in JSON.
    pub text: String,
}

/// A policy that is held somewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attached {
    /// Which policy.
    pub policy: PolicyName,
    /// Where.
    pub held: Held,
}

/// A user of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserState {
    /// With which it logs in; without one it does not.
    pub password: Option<String>,
    /// Whether it can log in.
    pub enabled: bool,
    /// Its groups.
    pub groups: BTreeSet<GroupId>,
    /// What it holds by itself.
    pub own: BTreeSet<Attached>,
    /// How many tokens it was given.
    pub tokens: u32,
    /// How many of them while an older one for the same still held (A5.2).
    pub tokens_in_vain: u32,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Whose it is.
    pub user: UserId,
    /// For what it holds.
    pub scope: Scope,
    /// The first instant at which it does not hold any more (A5.2).
    pub expires: SimTime,
    /// Whether it ended before (A5.3).
    pub revoked: bool,
}

impl Token {
    /// A5.2: whether it holds.
    pub fn holds(&self, now: SimTime) -> bool {
        !self.revoked && now < self.expires
    }
}

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Policies beside the two roles of the product.
    pub policies: BTreeMap<PolicyName, PolicyText>,
    /// Groups and what they hold.
    pub groups: BTreeMap<GroupId, BTreeSet<Attached>>,
    /// Users.
    pub users: BTreeMap<UserId, UserState>,
    /// What bounds the account from above, one list a level, from the top (A4.2).
    pub bounds: Vec<Vec<PolicyName>>,
    /// What the agency covers, if it was touched since the console made it whole (A1.12).
    pub agency: Option<BTreeSet<Trust>>,
    /// Tokens that were given out.
    pub tokens: BTreeMap<TokenId, Token>,
}

impl Identity {
    /// Whether a user has a token for this that still holds.
    pub fn has_token(&self, user: &UserId, scope: &Scope, now: SimTime) -> bool {
        let fits = |token: &&Token| token.user == *user && token.scope == *scope;
        self.tokens.values().filter(fits).any(|token| token.holds(now))
    }
    /// What a user holds: by its groups, each with the name of the group, and by itself.
    pub fn held_by(&self, user: &UserId) -> impl Iterator<Item = (Option<&GroupId>, &Attached)> {
        let user = self.users.get(user);
        let groups = user.into_iter().flat_map(|user| &user.groups);
        let by_group = groups.flat_map(|group| {
            self.groups.get(group).into_iter().flatten().map(move |held| (Some(group), held))
        });
        by_group.chain(user.into_iter().flat_map(|user| &user.own).map(|held| (None, held)))
    }
}
