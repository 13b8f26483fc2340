//! What changes who may do what: users, groups, policies, bounds and the agency (A1, A2, A4).

use crate::access::matrix::{Matrix, Trust};
use crate::access::policy::{Held, Policy};
use crate::command::{Holder, IdentityOp, PolicyKind, UserChange};
use crate::decision::{Decision, Denial, Reason};
use crate::event::{
    AgencySet, BoundsSet, GroupAdded, MembershipSet, PolicyAttached, PolicyDetached, PolicySet,
    UserAdded, UserChanged,
};
use crate::name::{GroupId, UserId};
use crate::rulebook::RuleId;
use crate::rules::{Case, a, listed, permission, tokens};
use crate::state::{Attached, Identity, PolicyName};
use std::collections::BTreeSet;

/// What the pages name the agency after its first login (A1.12): everything.
const AGENCY: &[RuleId] = by![a(1, 12)];

fn refuse(denial: Denial, rules: &'static [RuleId]) -> Decision {
    Decision::refuse(Reason::Access(denial), rules)
}

/// The answer to one of these requests.
pub(super) fn decide(case: &Case<'_>, op: &IdentityOp) -> Decision {
    let nothing = Identity::default();
    let identity = case.account.identity.as_deref().unwrap_or(&nothing);
    match op {
        IdentityOp::SetPolicy { policy, kind, text } => {
            set_policy(case, identity, policy, kind, text)
        }
        IdentityOp::AddGroup { group } if identity.groups.contains_key(group) => {
            refuse(Denial::NameTaken, by![a(1, 8)])
        }
        IdentityOp::AddGroup { group } => {
            happens(by![a(1, 8)], GroupAdded { group: group.clone() })
        }
        IdentityOp::AddUser { user, .. } if identity.users.contains_key(user) => {
            refuse(Denial::NameTaken, by![a(1, 5)])
        }
        IdentityOp::AddUser { user, password } => {
            let (user, password) = (user.clone(), password.clone());
            happens(by![a(1, 5)], UserAdded { user, password })
        }
        IdentityOp::SetMembership { user, group, member } => {
            set_membership(identity, user, group, *member)
        }
        IdentityOp::Attach { policy, to, held } => attach(identity, policy, to, held),
        IdentityOp::Detach { policy, from, held } => detach(identity, policy, from, held),
        IdentityOp::ChangeUser { user, change } => change_user(case, identity, user, change),
        IdentityOp::SetBounds { levels } => set_bounds(identity, levels),
        IdentityOp::SetAgency { covers } => set_agency(identity, covers),
        IdentityOp::GetToken { token, user, password, scope } => {
            tokens::issue(case, token, user, password, scope)
        }
        IdentityOp::CheckToken { token, with } => tokens::check(case, token, with),
    }
}

fn happens(rules: &'static [RuleId], event: impl Into<crate::event::Event>) -> Decision {
    let mut decision = Decision::default();
    decision.happen(rules, event);
    decision
}

/// A2.5, A2.9, A2.10: a policy is written, or a customer's own is written anew.
fn set_policy(
    case: &Case<'_>,
    identity: &Identity,
    name: &PolicyName,
    kind: &PolicyKind,
    text: &str,
) -> Decision {
    let written = identity.policies.get(name);
    let of_service = written.is_some_and(|of| matches!(of.kind, PolicyKind::System(_)));
    if of_service || permission::role(name).is_some() {
        return refuse(Denial::PolicyOfTheService(name.clone()), by![a(2, 5)]);
    }
    let head = permission::head(name, kind);
    match Policy::read(&case.params.access, &Matrix::services(), head, text) {
        Ok(policy) => {
            let rules: &[RuleId] = match (policy.generation().version(), kind) {
                ("5.0", _) => by![a(4, 1), a(2, 2)],
                (_, PolicyKind::System(_)) => by![a(2, 5), a(2, 2)],
                _ => by![a(2, 10), a(2, 2), a(2, 9)],
            };
            let (policy, kind, text) = (name.clone(), kind.clone(), text.to_owned());
            happens(rules, PolicySet { policy, kind, text })
        }
        Err(errors) => {
            let first = errors.first();
            let said = first.map(ToString::to_string).unwrap_or_default();
            let rule = first.and_then(|error| error.problem().rule()).unwrap_or(a(2, 1));
            refuse(Denial::NotAPolicy(said), listed([rule]))
        }
    }
}

fn set_membership(identity: &Identity, user: &UserId, group: &GroupId, member: bool) -> Decision {
    let rules = by![a(1, 8)];
    let Some(known) = identity.users.get(user) else {
        return refuse(Denial::UnknownUser(user.clone()), rules);
    };
    if !identity.groups.contains_key(group) {
        return refuse(Denial::UnknownGroup(group.clone()), rules);
    }
    if known.groups.contains(group) == member {
        return refuse(Denial::NothingToChange, rules);
    }
    happens(rules, MembershipSet { user: user.clone(), group: group.clone(), member })
}

/// What a group or user holds, or why there is no such one.
fn holding<'i>(identity: &'i Identity, holder: &Holder) -> Result<&'i BTreeSet<Attached>, Denial> {
    match holder {
        Holder::Group(id) => {
            identity.groups.get(id).ok_or_else(|| Denial::UnknownGroup(id.clone()))
        }
        Holder::User(id) => {
            let user = identity.users.get(id).map(|user| &user.own);
            user.ok_or_else(|| Denial::UnknownUser(id.clone()))
        }
    }
}

fn is_known(identity: &Identity, policy: &PolicyName) -> bool {
    permission::role(policy).is_some() || identity.policies.contains_key(policy)
}

/// A1.6, A1.8: a group or user holds a policy somewhere from now on.
fn attach(identity: &Identity, policy: &PolicyName, to: &Holder, held: &Held) -> Decision {
    let rules = by![a(1, 8), a(1, 6)];
    let holds = match holding(identity, to) {
        Ok(holds) => holds,
        Err(denial) => return refuse(denial, rules),
    };
    if !is_known(identity, policy) {
        return refuse(Denial::UnknownPolicy(policy.clone()), rules);
    }
    let attached = Attached { policy: policy.clone(), held: held.clone() };
    if holds.contains(&attached) {
        return refuse(Denial::NothingToChange, rules);
    }
    let Attached { policy, held } = attached;
    happens(rules, PolicyAttached { policy, to: to.clone(), held })
}

fn detach(identity: &Identity, policy: &PolicyName, from: &Holder, held: &Held) -> Decision {
    let rules = by![a(1, 8), a(1, 6)];
    let attached = Attached { policy: policy.clone(), held: held.clone() };
    match holding(identity, from) {
        Err(denial) => refuse(denial, rules),
        Ok(holds) if !holds.contains(&attached) => refuse(Denial::NothingToChange, rules),
        Ok(_) => {
            let Attached { policy, held } = attached;
            happens(rules, PolicyDetached { policy, from: from.clone(), held })
        }
    }
}

/// A5.3: a change of a user leaves its tokens alone, or ends them.
fn change_user(
    case: &Case<'_>,
    identity: &Identity,
    user: &UserId,
    change: &UserChange,
) -> Decision {
    let rules = by![a(1, 5), a(5, 3)];
    let Some(known) = identity.users.get(user) else {
        return refuse(Denial::UnknownUser(user.clone()), rules);
    };
    let same = match change {
        UserChange::Password(password) => known.password.as_ref() == Some(password),
        UserChange::Disabled => !known.enabled,
        UserChange::Enabled => known.enabled,
        UserChange::Deleted => false,
    };
    if same {
        return refuse(Denial::NothingToChange, rules);
    }
    let mut decision = Decision::default();
    let changed = UserChanged { user: user.clone(), change: change.clone() };
    decision.happen(rules, changed);
    if *change != UserChange::Enabled {
        tokens::end_all(case, identity, user, &mut decision);
    }
    decision
}

/// A4.2: the levels above the account bound what can be granted in it.
fn set_bounds(identity: &Identity, levels: &[Vec<PolicyName>]) -> Decision {
    let unknown = levels.iter().flatten().find(|policy| !is_known(identity, policy));
    match unknown {
        Some(policy) => refuse(Denial::UnknownPolicy(policy.clone()), by![a(4, 2)]),
        None => happens(by![a(4, 2)], BoundsSet { levels: levels.to_vec() }),
    }
}

/// A1.12: somebody makes, edits or deletes the agency.
fn set_agency(identity: &Identity, covers: &[Trust]) -> Decision {
    let covered: BTreeSet<Trust> = covers.iter().copied().collect();
    let before = identity.agency.clone().unwrap_or_else(|| BTreeSet::from(Trust::ALL));
    if covered == before {
        return refuse(Denial::NothingToChange, AGENCY);
    }
    happens(AGENCY, AgencySet { covers: covered.into_iter().collect() })
}
