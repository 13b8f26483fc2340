//! Who holds which policies where, and what bounds an account (A1.6, A1.8, A2.3, A2.4, A4.2).

use super::document::{Dependency, Generation, Policy};
use super::pool::Pool;
use super::request::{Request, Scope};
use super::statement::Effect;
use super::verdict::{Because, Missing, StatementRef, Verdict};
use crate::access::AccessParams;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where a grant holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// At global services.
    Global,
    /// In every project of every region.
    AllProjects,
    /// In one project.
    Project(String),
    /// For what is in an enterprise project.
    EnterpriseProject(String),
    /// Wherever the user is: identity policies are attached without a scope.
    Everywhere,
}

impl Held {
    /// A1.6, A2.3: whether it holds where a request happens.
    fn covers(&self, params: &AccessParams, scope: &Scope) -> bool {
        match (self, scope) {
            (Self::Everywhere, _)
            | (Self::Global, Scope::Global)
            | (Self::AllProjects, Scope::Project { .. }) => true,
            (Self::AllProjects, Scope::Global) => params.all_projects_cover_global,
            (Self::Project(held), Scope::Project { name, .. }) => held == name,
            (Self::EnterpriseProject(held), Scope::Project { enterprise, .. }) => {
                enterprise.as_ref() == Some(held)
            }
            (Self::Global, Scope::Project { .. })
            | (Self::Project(_) | Self::EnterpriseProject(_), Scope::Global) => false,
        }
    }
}

/// A policy given somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The policy; compiled once, shared by all that hold it.
    pub policy: Arc<Policy>,
    /// Where it holds.
    pub held: Held,
}

/// Users who hold the same grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// What they hold.
    pub grants: Vec<Grant>,
}

/// A user of an account (A1.5, A1.8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Its groups.
    pub groups: Vec<Group>,
    /// What is attached to the user itself: identity policies.
    pub own: Vec<Grant>,
}

impl User {
    /// A1.8: everything it holds.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.groups.iter().flat_map(|group| &group.grants).chain(&self.own)
    }
}

/// A4.2: service control policies above an account, one list a level, from the top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The levels. None bound nothing.
    pub levels: Vec<Vec<Arc<Policy>>>,
}

/// Decides what a user may do.
pub fn decide(
    params: &AccessParams,
    user: &User,
    bounds: &Bounds,
    request: &Request<'_>,
) -> Verdict {
    let (here, elsewhere): (Vec<&Grant>, Vec<&Grant>) =
        user.grants().partition(|grant| grant.held.covers(params, request.scope));
    let roles = roles_of(&here);
    let (working, waiting): (Vec<&Grant>, Vec<&Grant>) =
        here.iter().partition(|grant| unmet(&grant.policy, &roles).is_none());
    let verdict = pool(&working).decide(params, request);
    bounded(params, bounds, request, verdict, |missing| {
        let waiting = waiting.iter().filter_map(|grant| {
            let needs = unmet(&grant.policy, &roles)?.clone();
            let statement = allowing(params, grant, request)?;
            Some(Missing::Dependency { statement, needs })
        });
        let elsewhere = elsewhere.iter().filter_map(|grant| {
            Some(Missing::Scope { statement: allowing(params, grant, request)? })
        });
        let granted = if user.grants().next().is_some() { Missing::Action } else { Missing::Grant };
        waiting.chain(elsewhere).chain([granted]).fold(missing, Missing::nearer)
    })
}

/// Decides what the account itself may do (A1.5, A4.2).
pub fn decide_for_account(
    params: &AccessParams,
    bounds: &Bounds,
    request: &Request<'_>,
) -> Verdict {
    let verdict = Verdict::of(Effect::Allow, Because::Account);
    if !params.bounds_bind_account {
        return verdict;
    }
    bounded(params, bounds, request, verdict, |missing| missing)
}

/// A4.2: a denial of any level denies, and an allowance must be allowed on each. What is refused for
/// want of an allowance is explained once it is known that nothing denies it.
fn bounded(
    params: &AccessParams,
    bounds: &Bounds,
    request: &Request<'_>,
    verdict: Verdict,
    explain: impl FnOnce(Missing) -> Missing,
) -> Verdict {
    let denied_outright =
        verdict.effect == Effect::Deny && matches!(verdict.because, Because::Statements(_));
    if denied_outright {
        return verdict;
    }
    let levels = || bounds.levels.iter().map(|level| level.iter().map(Arc::as_ref));
    let mut denying = Vec::new();
    let mut lacking = None;
    for (level, policies) in levels().enumerate() {
        let verdict = Pool::of(policies).decide(params, request);
        match (verdict.effect, verdict.because) {
            (Effect::Deny, Because::Statements(statements)) => denying.extend(statements),
            (Effect::Deny, Because::Nothing(missing)) if lacking.is_none() => {
                lacking = Some(Because::BoundLacks { level, missing });
            }
            (Effect::Allow | Effect::Deny, _) => {}
        }
    }
    if !denying.is_empty() {
        denying.sort();
        denying.dedup();
        return Verdict::of(Effect::Deny, Because::BoundDenies(denying));
    }
    match (verdict.because, lacking) {
        (Because::Nothing(missing), _) => {
            Verdict::of(Effect::Deny, Because::Nothing(explain(missing)))
        }
        (_, Some(lacking)) => Verdict::of(Effect::Deny, lacking),
        (because, None) => Verdict::of(verdict.effect, because),
    }
}

fn pool<'g>(grants: &[&'g Grant]) -> Pool<'g> {
    Pool::of(grants.iter().map(|grant| grant.policy.as_ref()))
}

/// The roles granted where a request happens, by catalogue and name; identity policies are none.
fn roles_of<'g>(here: &[&'g Grant]) -> BTreeSet<(&'g str, &'g str)> {
    let roles = here.iter().map(|grant| &grant.policy);
    let roles = roles.filter(|policy| policy.generation != Generation::IdentityPolicy);
    roles.map(|policy| (policy.catalog.as_str(), policy.name.as_str())).collect()
}

/// A2.4: what a role needs and what is not granted there. Whether the other role has what *it* needs
/// makes no difference.
fn unmet<'p>(policy: &'p Policy, roles: &BTreeSet<(&str, &str)>) -> Option<&'p Dependency> {
    let met = |need: &&Dependency| roles.contains(&(need.catalog.as_str(), need.name.as_str()));
    policy.depends.iter().find(|need| !met(need))
}

/// The statement of a grant that would allow the request by itself.
fn allowing(params: &AccessParams, grant: &Grant, request: &Request<'_>) -> Option<StatementRef> {
    let verdict = pool(&[grant]).decide(params, request);
    verdict.is_allowed().then(|| verdict.statements().first().cloned())?
}
