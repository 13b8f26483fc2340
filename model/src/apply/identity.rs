//! What becomes of users, groups, policies and tokens.

use super::missing;
use crate::command::{Holder, UserChange};
use crate::decision::Fault;
use crate::event::{Event, TokenIssued, UserChanged};
use crate::name::UserId;
use crate::state::{Account, Attached, Identity, PolicyText, TOKENS_KEPT_MAX, Token, UserState};
use crate::time::SimTime;
use std::collections::BTreeSet;

/// Whether an event is about them.
pub(super) const fn is_theirs(event: &Event) -> bool {
    matches!(
        event,
        Event::PolicySet(_)
            | Event::GroupAdded(_)
            | Event::UserAdded(_)
            | Event::MembershipSet(_)
            | Event::PolicyAttached(_)
            | Event::PolicyDetached(_)
            | Event::UserChanged(_)
            | Event::BoundsSet(_)
            | Event::AgencySet(_)
            | Event::TokenIssued(_)
            | Event::TokenEnded(_)
    )
}

/// Users, groups, policies, tokens, and what bounds them.
pub(super) fn apply_to_identity(
    account: &mut Account,
    at: SimTime,
    event: &Event,
) -> Result<(), Fault> {
    let identity = account.identity.get_or_insert_default();
    match event {
        Event::PolicySet(e) => {
            let policy = PolicyText { kind: e.kind.clone(), text: e.text.clone() };
            identity.policies.insert(e.policy.clone(), policy);
        }
        Event::GroupAdded(e) => {
            identity.groups.insert(e.group.clone(), BTreeSet::new());
        }
        Event::UserAdded(e) => {
            let user = UserState {
                password: e.password.clone(),
                enabled: true,
                groups: BTreeSet::new(),
                own: BTreeSet::new(),
                tokens: 0,
                tokens_in_vain: 0,
            };
            identity.users.insert(e.user.clone(), user);
        }
        Event::MembershipSet(e) => {
            let user = user(identity, &e.user, event)?;
            if e.member {
                user.groups.insert(e.group.clone());
            } else {
                user.groups.remove(&e.group);
            }
        }
        Event::PolicyAttached(e) => {
            let (policy, held) = (e.policy.clone(), e.held.clone());
            holding(identity, &e.to, event)?.insert(Attached { policy, held });
        }
        Event::PolicyDetached(e) => {
            let (policy, held) = (e.policy.clone(), e.held.clone());
            holding(identity, &e.from, event)?.remove(&Attached { policy, held });
        }
        Event::UserChanged(e) => change(identity, e, event)?,
        Event::BoundsSet(e) => identity.bounds.clone_from(&e.levels),
        Event::AgencySet(e) => identity.agency = Some(e.covers.iter().copied().collect()),
        Event::TokenIssued(e) => issue(identity, at, e, event)?,
        Event::TokenEnded(e) => {
            let token = identity.tokens.get_mut(&e.token);
            token.ok_or_else(|| missing(event, "token", &e.token))?.revoked = true;
        }
        _ => return Err(missing(event, "identity of", &event.kind())),
    }
    Ok(())
}

fn user<'a>(
    identity: &'a mut Identity,
    id: &UserId,
    event: &Event,
) -> Result<&'a mut UserState, Fault> {
    identity.users.get_mut(id).ok_or_else(|| missing(event, "user", id))
}

fn holding<'a>(
    identity: &'a mut Identity,
    holder: &Holder,
    event: &Event,
) -> Result<&'a mut BTreeSet<Attached>, Fault> {
    match holder {
        Holder::User(id) => Ok(&mut user(identity, id, event)?.own),
        Holder::Group(id) => identity.groups.get_mut(id).ok_or_else(|| missing(event, "group", id)),
    }
}

fn change(identity: &mut Identity, e: &UserChanged, event: &Event) -> Result<(), Fault> {
    let user = user(identity, &e.user, event)?;
    match &e.change {
        UserChange::Password(password) => user.password = Some(password.clone()),
        UserChange::Disabled => user.enabled = false,
        UserChange::Enabled => user.enabled = true,
        UserChange::Deleted => {
            identity.users.remove(&e.user);
        }
    }
    Ok(())
}

fn issue(
    identity: &mut Identity,
    at: SimTime,
    e: &TokenIssued,
    event: &Event,
) -> Result<(), Fault> {
    let user = user(identity, &e.user, event)?;
    user.tokens = user.tokens.saturating_add(1);
    user.tokens_in_vain = user.tokens_in_vain.saturating_add(u32::from(e.in_vain));
    let (user, scope, expires) = (e.user.clone(), e.scope.clone(), e.expires);
    identity.tokens.insert(e.token.clone(), Token { user, scope, expires, revoked: false });
    if identity.tokens.len() > TOKENS_KEPT_MAX {
        let ended = identity.tokens.iter().filter(|(_, token)| !token.holds(at));
        let oldest = ended.min_by_key(|(_, token)| token.expires).map(|(id, _)| id.clone());
        oldest.map(|id| identity.tokens.remove(&id));
    }
    Ok(())
}
