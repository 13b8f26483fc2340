//! Tokens: who gets one, how long it holds, and whose it is (A5).

use crate::access::policy::Scope;
use crate::command::Principal;
use crate::decision::{Decision, Denial, Read, Reason};
use crate::event::{TokenChecked, TokenEnded, TokenIssued};
use crate::name::{TokenId, UserId};
use crate::rulebook::RuleId;
use crate::rules::permission::{Who, principal};
use crate::rules::{Case, a};
use crate::state::{Identity, Token};

const READ_TOKEN: &[Read] = &[
    Read { rule: a(5, 2), name: "token_lifetime" },
    Read { rule: a(5, 3), name: "revoked_early" },
];

/// A refusal before it is one.
type Barrier = (Denial, &'static [RuleId]);

fn refuse((denial, rules): Barrier) -> Decision {
    Decision { read: READ_TOKEN, ..Decision::refuse(Reason::Access(denial), rules) }
}

/// A5.1: gives out a token for name and password. Its life is counted in whole seconds (A5.2).
pub(super) fn issue(
    case: &Case<'_>,
    token: &TokenId,
    user: &UserId,
    password: &str,
    scope: &Scope,
) -> Decision {
    let identity = case.account.identity.as_deref();
    let known = identity.and_then(|identity| identity.users.get(user));
    let Some(known) = known else {
        return refuse((Denial::UnknownUser(user.clone()), by![a(5, 1)]));
    };
    if identity.is_some_and(|identity| identity.tokens.contains_key(token)) {
        return refuse((Denial::NameTaken, by![a(5, 1)]));
    }
    if known.password.as_deref() != Some(password) {
        return refuse((Denial::WrongPassword, by![a(5, 1)]));
    }
    if !known.enabled {
        return refuse((Denial::UserDisabled, by![a(5, 1)]));
    }
    let in_vain = identity.is_some_and(|identity| identity.has_token(user, scope, case.now));
    let expires = case.now.floor_to_second() + case.params.access.token_lifetime;
    let mut decision = Decision { read: READ_TOKEN, ..Decision::default() };
    let (token, user, scope) = (token.clone(), user.clone(), scope.clone());
    decision.happen(by![a(5, 1), a(5, 2)], TokenIssued { token, user, scope, expires, in_vain });
    decision
}

/// A5.4: a token is checked by a call with another one.
pub(super) fn check(case: &Case<'_>, token: &TokenId, with: &TokenId) -> Decision {
    let checked = match holding(case, with).and_then(|_| holding(case, token)) {
        Ok(token) => token,
        Err((denial, rules)) => {
            let rules = super::listed([a(5, 4)].into_iter().chain(rules.iter().copied()));
            return refuse((denial, rules));
        }
    };
    let mut decision = Decision { read: READ_TOKEN, ..Decision::default() };
    let (user, expires) = (checked.user.clone(), checked.expires);
    let (token, with) = (token.clone(), with.clone());
    decision.happen(by![a(5, 4), a(5, 2)], TokenChecked { token, with, user, expires });
    decision
}

/// The token of this name, or why it does not hold (A5.2, A5.3).
pub(super) fn holding<'a>(case: &Case<'a>, id: &TokenId) -> Result<&'a Token, Barrier> {
    let tokens = case.account.identity.as_deref().map(|identity| &identity.tokens);
    match tokens.and_then(|tokens| tokens.get(id)) {
        None => Err((Denial::UnknownToken(id.clone()), by![a(5, 1)])),
        Some(token) if token.revoked => Err((Denial::TokenRevoked(id.clone()), by![a(5, 3)])),
        Some(token) if token.holds(case.now) => Ok(token),
        Some(_) => Err((Denial::TokenExpired(id.clone()), by![a(5, 2)])),
    }
}

/// Who asks: whoever it says, or the user behind its token, with the scope of that token and the rules
/// that found out.
pub(super) type Asking<'a> = (Who<'a>, Option<Scope>, &'static [RuleId]);

/// A1.5, A5.1: who asks.
pub(super) fn asking<'a>(case: &Case<'a>) -> Result<Asking<'a>, Barrier> {
    let known = |user: &UserId| {
        let identity = case.account.identity.as_deref();
        identity.is_some_and(|identity| identity.users.contains_key(user))
    };
    match principal(case) {
        None => Ok((Who::Account, None, &[])),
        Some(Principal::Member(_)) => Ok((Who::Member, None, &[])),
        Some(Principal::User(user)) if known(user) => Ok((Who::User(user), None, &[])),
        Some(Principal::User(user)) => Err((Denial::UnknownUser(user.clone()), by![a(1, 5)])),
        Some(Principal::Token(token)) => {
            let held = holding(case, token)?;
            // What the user may do is looked at now, whatever it was when the token was issued.
            Ok((Who::User(&held.user), Some(held.scope.clone()), by![a(5, 1), a(5, 2), a(5, 3)]))
        }
    }
}

/// A5.3: where it is so, a change of password or user ends the tokens of that user.
pub(super) fn end_all(
    case: &Case<'_>,
    identity: &Identity,
    user: &UserId,
    decision: &mut Decision,
) {
    decision.read = READ_TOKEN;
    if !case.params.access.tokens_revoked_early {
        return;
    }
    let held = identity.tokens.iter().filter(|(_, t)| t.user == *user && t.holds(case.now));
    for (token, _) in held {
        let ended = TokenEnded { token: token.clone(), user: user.clone() };
        decision.happen(by![a(5, 3)], ended);
    }
}
