//! Whether somebody may do an operation (A1.5 to A1.7, A1.12).

use super::operation::{Operation, Trust};
use crate::access::AccessParams;
use crate::access::policy::{
    Bounds, Context, Request, Resource, Scope, User, Verdict, decide, decide_for_account,
};
use crate::rulebook::RuleId;
use crate::rules::a;
use std::collections::BTreeSet;
use thiserror::Error;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub enum Caller<'c> {
    /// The account itself.
    Account,
    /// One of its users.
    User(&'c User),
    /// A member of an organisation, who knows the client alone (A1.7).
    Member,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'r> {
    /// The operation.
    pub operation: &'r Operation,
    /// The project: the one the console is switched to, or the one of the token (A1.6).
    pub scope: &'r Scope,
    /// The phone or whatever it is about, where the request names it.
    pub resource: Option<&'r Resource>,
    /// What else is known.
    pub context: &'r Context,
}

/// What the account has entrusted to the service: the agency `kp_cph_trust` of the region (A1.12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency(BTreeSet<Trust>);

impl Agency {
    /// As the console makes it.
    pub fn whole() -> Self {
        Self(BTreeSet::from(Trust::ALL))
    }
    /// Not made yet, or deleted.
    pub const fn missing() -> Self {
        Self(BTreeSet::new())
    }
    /// As it stands: these parts, whoever edited it.
    pub fn of(parts: impl IntoIterator<Item = Trust>) -> Self {
        Self(parts.into_iter().collect())
    }
    /// Edited by hand: one part taken out.
    pub fn without(mut self, part: Trust) -> Self {
        self.0.remove(&part);
        self
    }
}

/// Why not. What is declared first is answered first: who has no permission learns nothing of the
/// agency.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Members have no part in console and interface.
    #[error("members use the client, and not console or interface")]
    Member,
    /// No permission.
    #[error("{0}")]
    Denied(Verdict),
    /// The service may not do its part.
    #[error("the agency `kp_cph_trust` does not cover {0}")]
    Agency(Trust),
}

impl Refusal {
    /// The rules, the deciding one first.
    pub fn rules(&self) -> Vec<RuleId> {
        match self {
            Self::Member => vec![a(1, 7)],
            Self::Denied(verdict) => verdict.rules(),
            Self::Agency(_) => vec![a(1, 12)],
        }
    }
}

/// A1.5 to A1.7, A1.12: whether a caller may do an operation. The answer says by which statements.
pub fn admit(
    params: &AccessParams,
    caller: Caller<'_>,
    bounds: &Bounds,
    ask: &Ask<'_>,
    agency: &Agency,
) -> Result<Verdict, Refusal> {
    let request = Request {
        action: ask.operation.action(params),
        resource: ask.resource,
        scope: ask.scope,
        context: ask.context,
    };
    let verdict = match caller {
        Caller::Member => return Err(Refusal::Member),
        Caller::Account => decide_for_account(params, bounds, &request),
        Caller::User(user) => decide(params, user, bounds, &request),
    };
    if !verdict.is_allowed() {
        return Err(Refusal::Denied(verdict));
    }
    let missing = ask.operation.trust.iter().find(|part| !agency.0.contains(part));
    match missing.filter(|_| params.agency_required) {
        Some(part) => Err(Refusal::Agency(*part)),
        None => Ok(verdict),
    }
}
