//! What somebody may do, as its policies say it, and by which rules (A1.1 to A4.4).

use crate::access::matrix::{
    Agency, Ask, Caller, Door, Matrix, Operation, Refusal, SystemRole, admit,
};
use crate::access::policy::{
    Action, Because, Bounds, Context, Facts, Grant, Group, Head, Missing, Origin, Policy, Reach,
    Request, Resource, Scope, SecondFactor, StatementRef, User, Verdict, decide,
    decide_for_account,
};
use crate::command::{On, PolicyKind, Principal, Question, SecondFactorSaid};
use crate::decision::{Decision, Denial, Reason};
use crate::event::{Answer, PermissionAnswered};
use crate::name::{AccountId, PhoneId, UserId};
use crate::rulebook::RuleId;
use crate::rules::{Case, a, listed};
use crate::state::{Attached, Identity, PolicyName};
use crate::time::SimDuration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The type of the product's resources (A1.9).
const RESOURCE: &str = "cloudphoneResource";

/// Who asks, as the rules of permissions see it.
#[derive(Clone, Copy)]
pub(super) enum Who<'a> {
    Account,
    User(&'a UserId),
    Member,
}

/// The policies of one user, of those that bound the account, and their texts compiled.
struct Granted {
    user: User,
    bounds: Bounds,
    /// Every policy that counts, by name.
    policies: BTreeMap<PolicyName, Arc<Policy>>,
    /// Those that are the product's own roles.
    roles: BTreeMap<PolicyName, SystemRole>,
    by_group: bool,
    by_scope: bool,
}

/// The policy of this name, compiled; `None` where there is none, or its text is broken.
fn compiled(case: &Case<'_>, identity: &Identity, name: &PolicyName) -> Option<Arc<Policy>> {
    let params = &case.params.access;
    if let Some(role) = role(name) {
        return Some(Arc::new(Matrix::standard().role(params, role)));
    }
    let written = identity.policies.get(name)?;
    let services = Matrix::services();
    Policy::read(params, &services, head(name, &written.kind), &written.text).ok().map(Arc::new)
}

/// The product's own role of this name (A1.1).
pub(super) fn role(name: &PolicyName) -> Option<SystemRole> {
    SystemRole::ALL.into_iter().find(|role| role.name() == name.as_str())
}

/// What is known of a policy besides its text.
pub(super) fn head<'h>(name: &'h PolicyName, kind: &'h PolicyKind) -> Head<'h> {
    let name = name.as_str();
    match kind {
        PolicyKind::System(catalog) => Head::system(name, catalog),
        PolicyKind::Projects => Head::custom(name),
        PolicyKind::Global => Head { origin: Origin::Custom(Reach::Global), ..Head::custom(name) },
    }
}

impl Granted {
    fn of(case: &Case<'_>, identity: &Identity, user: Option<&UserId>) -> Self {
        let held: Vec<_> = user.into_iter().flat_map(|user| identity.held_by(user)).collect();
        let bounding = || identity.bounds.iter().flatten();
        let names = held.iter().map(|(_, attached)| &attached.policy).chain(bounding());
        let policies: BTreeMap<PolicyName, Arc<Policy>> =
            names.filter_map(|n| Some((n.clone(), compiled(case, identity, n)?))).collect();
        let grant = |attached: &Attached| {
            let policy = Arc::clone(policies.get(&attached.policy)?);
            Some(Grant { policy, held: attached.held.clone() })
        };
        let part = |by_group: bool| -> Vec<Grant> {
            let part = held.iter().filter(|(group, _)| group.is_some() == by_group);
            part.filter_map(|(_, attached)| grant(attached)).collect()
        };
        let (groups, own) = (vec![Group { grants: part(true) }], part(false));
        let level = |names: &Vec<PolicyName>| -> Vec<Arc<Policy>> {
            names.iter().filter_map(|name| policies.get(name).cloned()).collect()
        };
        let levels = identity.bounds.iter().map(level).collect();
        let roles = policies.keys().filter_map(|name| Some((name.clone(), role(name)?))).collect();
        let scoped = |attached: &Attached| {
            use crate::access::policy::Held;
            matches!(attached.held, Held::Project(_) | Held::AllProjects)
        };
        Self {
            by_group: held.iter().any(|(group, _)| group.is_some()),
            by_scope: held.iter().any(|(_, attached)| scoped(attached)),
            user: User { groups, own },
            bounds: Bounds { levels },
            policies,
            roles,
        }
    }

    /// A1.1 to A4.4: the rules behind a verdict, the deciding ones first and then those by which the
    /// statements that determine it are read.
    fn rules(&self, verdict: &Verdict, request: &Request<'_>) -> Vec<RuleId> {
        let mut rules = verdict.rules();
        let missing = match &verdict.because {
            Because::Nothing(missing) | Because::BoundLacks { missing, .. } => Some(missing),
            Because::Statements(_) | Because::BoundDenies(_) | Because::Account => None,
        };
        let near = missing.and_then(statement_of);
        for at in verdict.statements().iter().chain(near) {
            let Ok(name) = PolicyName::new(&at.policy) else { continue };
            if let Some(policy) = self.policies.get(&name) {
                rules.extend(policy.rules(at.index, request));
            }
            match self.roles.get(&name) {
                Some(SystemRole::Administrator) => rules.extend([a(1, 1), a(1, 2), a(1, 14)]),
                Some(SystemRole::ReadOnlyUser) => rules.extend([a(1, 1), a(1, 3), a(1, 14)]),
                None => {}
            }
        }
        if matches!(verdict.because, Because::Nothing(Missing::Action)) {
            // What the read-only role lacks is why.
            let read_only = |role: &SystemRole| *role == SystemRole::ReadOnlyUser;
            if self.roles.values().any(read_only) {
                rules.push(a(1, 3));
            }
        }
        let generations = |of: &Arc<Policy>| of.generation();
        let first = self.policies.values().next().map(generations);
        let mixed = self.policies.values().any(|policy| Some(generations(policy)) != first);
        let statements = matches!(verdict.because, Because::Statements(_));
        let parts = [
            (self.by_group && !matches!(verdict.because, Because::Account), a(1, 8)),
            (self.by_scope && !matches!(verdict.because, Because::Account), a(1, 6)),
            (mixed && statements, a(4, 4)),
        ];
        rules.extend(parts.into_iter().filter_map(|(is, rule)| is.then_some(rule)));
        rules
    }
}

fn statement_of(missing: &Missing) -> Option<&StatementRef> {
    match missing {
        Missing::Grant | Missing::Action => None,
        Missing::Resource { statement }
        | Missing::Scope { statement }
        | Missing::Dependency { statement, .. }
        | Missing::Condition { statement, .. } => Some(statement),
    }
}

/// What is asked of permissions.
pub(super) enum Wanted<'w> {
    /// An operation of the product.
    Product(&'w Operation),
    /// An action of any service.
    Other(&'w Action),
}

/// A request as it is decided.
pub(super) struct Wish<'w> {
    pub(super) wanted: Wanted<'w>,
    pub(super) resource: Option<&'w Resource>,
    pub(super) scope: &'w Scope,
    pub(super) context: &'w Context,
}

/// What was decided: whether it may be done, by which rules, and why.
pub(super) struct Said {
    pub(super) refused: Option<Denial>,
    pub(super) rules: &'static [RuleId],
    pub(super) by: Vec<String>,
    pub(super) because: String,
}

/// A1.5 to A1.14, A2, A3, A4: whether somebody may do something.
pub(super) fn decided(case: &Case<'_>, who: Who<'_>, wish: &Wish<'_>) -> Said {
    let nothing = Identity::default();
    let identity = case.account.identity.as_deref().unwrap_or(&nothing);
    let user = match who {
        Who::User(user) => Some(user),
        Who::Account | Who::Member => None,
    };
    let granted = Granted::of(case, identity, user);
    let params = &case.params.access;
    let action = match wish.wanted {
        Wanted::Product(operation) => operation.action(params),
        Wanted::Other(action) => action,
    };
    let (resource, scope, context) = (wish.resource, wish.scope, wish.context);
    let request = Request { action, resource, scope, context };
    let answer = match (wish.wanted_operation(), who) {
        (Some(operation), _) => {
            let caller = match who {
                Who::Account => Caller::Account,
                Who::User(_) => Caller::User(&granted.user),
                Who::Member => Caller::Member,
            };
            let agency = identity.agency.clone().map_or_else(Agency::whole, Agency::of);
            admit(
                params,
                caller,
                &granted.bounds,
                &Ask { operation, scope, resource, context },
                &agency,
            )
        }
        (None, Who::Member) => Err(Refusal::Member),
        (None, Who::Account) => Ok(decide_for_account(params, &granted.bounds, &request)),
        (None, Who::User(_)) => Ok(decide(params, &granted.user, &granted.bounds, &request)),
    };
    let answer = answer.and_then(|verdict| match verdict.is_allowed() {
        true => Ok(verdict),
        false => Err(Refusal::Denied(verdict)),
    });
    let (verdict, mut rules, refused) = match &answer {
        Ok(verdict) => (Some(verdict), granted.rules(verdict, &request), None),
        Err(Refusal::Denied(verdict)) => {
            let denial = Denial::NoPermission(words(verdict));
            (Some(verdict), granted.rules(verdict, &request), Some(denial))
        }
        Err(refusal @ Refusal::Member) => (None, refusal.rules(), Some(Denial::MemberOfTheClient)),
        Err(refusal @ Refusal::Agency(part)) => {
            (None, refusal.rules(), Some(Denial::AgencyMissing(part.to_string())))
        }
    };
    match wish.wanted {
        Wanted::Product(operation) => rules.extend(operation.rules()),
        Wanted::Other(action) if !action.is_published() => rules.push(a(1, 13)),
        Wanted::Other(_) => {}
    }
    let by = verdict.map(Verdict::statements).unwrap_or_default();
    let because = match (&answer, &refused) {
        (Err(Refusal::Agency(_) | Refusal::Member), Some(denial)) => denial.to_string(),
        _ => verdict.map(words).unwrap_or_default(),
    };
    let by = by.iter().map(ToString::to_string).collect();
    Said { refused, rules: listed(rules), by, because }
}

impl<'w> Wish<'w> {
    const fn wanted_operation(&self) -> Option<&'w Operation> {
        match self.wanted {
            Wanted::Product(operation) => Some(operation),
            Wanted::Other(_) => None,
        }
    }
}

/// A verdict without the word that the answer says already.
fn words(verdict: &Verdict) -> String {
    let said = verdict.to_string();
    let word = format!("{}: ", verdict.effect.name().to_lowercase());
    said.strip_prefix(word.as_str()).unwrap_or(&said).to_owned()
}

/// What is known of a request besides action and resource (A3.9).
pub(super) fn context(
    case: &Case<'_>,
    id: &AccountId,
    who: Who<'_>,
    action: &Action,
    scope: &Scope,
    second_factor: SecondFactor,
) -> Context {
    let name = match who {
        Who::User(user) => user.as_str(),
        Who::Account | Who::Member => id.as_str(),
    };
    let (user_id, user_name) = (name, name);
    let facts = Facts { now: case.now, domain: id.as_str(), user_id, user_name, second_factor };
    Context::global(&facts, action, scope)
}

/// The full name of a phone as a resource.
pub(super) fn resource_of(id: &AccountId, scope: &Scope, phone: &PhoneId) -> Option<Resource> {
    let project = match scope {
        Scope::Project { name, .. } => name.as_str(),
        Scope::Global => "",
    };
    Resource::parse(&format!("koophone:{project}:{id}:{RESOURCE}:{phone}")).ok()
}

/// A1.6: the project of a request: the one it names, or that of the phone, or the usual one.
pub(super) fn scope_of(case: &Case<'_>, phone: Option<&PhoneId>) -> Scope {
    let envelope = case.envelope;
    let project = envelope.and_then(|envelope| envelope.project.as_ref());
    let region = envelope.and_then(|envelope| envelope.region.as_ref());
    let of_phone = || case.account.phones.get(phone?)?.region();
    let named = project.map(|project| project.as_str().to_owned());
    let named = named.or_else(|| region.or_else(of_phone).map(|region| region.as_str().to_owned()));
    let usual = || case.params.access.project_if_unnamed.to_owned();
    Scope::Project { name: named.unwrap_or_else(usual), enterprise: None }
}

/// Why a question cannot be asked at all: what it names is nothing.
pub fn unaskable(question: &Question) -> Option<String> {
    let operation = match question.operation.contains(':') {
        true => Action::parse(&question.operation).err().map(|error| error.to_string()),
        false => Matrix::standard().operation(&question.operation).err().map(|e| e.to_string()),
    };
    let resource = match &question.on {
        Some(On::Resource(text)) => Resource::parse(text).err().map(|error| error.to_string()),
        Some(On::Phone(_)) | None => None,
    };
    operation.or(resource)
}

/// Says whether the principal of the envelope may do something. Nothing is done.
pub(super) fn answer(case: &Case<'_>, id: &AccountId, question: &Question) -> Decision {
    let refuse = |denial, rules| Decision::refuse(Reason::Access(denial), rules);
    if let Some(why) = unaskable(question) {
        return refuse(Denial::NotAskable(why), listed([a(2, 6)]));
    }
    let (who, scope, shaped) = match super::tokens::asking(case) {
        Ok(asking) => asking,
        Err((denial, rules)) => return refuse(denial, rules),
    };
    let phone = match &question.on {
        Some(On::Phone(phone)) => Some(phone),
        Some(On::Resource(_)) | None => None,
    };
    let scope = scope.or_else(|| question.scope.clone()).unwrap_or_else(|| scope_of(case, phone));
    let resource = match &question.on {
        Some(On::Phone(phone)) => resource_of(id, &scope, phone),
        Some(On::Resource(text)) => Resource::parse(text).ok(),
        None => None,
    };
    let operation = Matrix::standard().operation(&question.operation).ok();
    let action = match operation {
        Some(operation) => Some(operation.action(&case.params.access).clone()),
        None => Action::parse(&question.operation).ok(),
    };
    let Some(action) = action else {
        return refuse(Denial::NotAskable(question.operation.clone()), listed([a(2, 6)]));
    };
    let second_factor = match question.second_factor {
        SecondFactorSaid::Nothing => SecondFactor::Unknown,
        SecondFactorSaid::NotGiven => SecondFactor::NotUsed,
        SecondFactorSaid::Given(seconds) => {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
            SecondFactor::Used { age: SimDuration::from_secs(seconds) }
        }
    };
    let mut context = context(case, id, who, &action, &scope, second_factor);
    for (key, values) in &question.keys {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        context = context.with(key, &values);
    }
    let wanted = operation.map_or(Wanted::Other(&action), Wanted::Product);
    let wish = Wish { wanted, resource: resource.as_ref(), scope: &scope, context: &context };
    let said = decided(case, who, &wish);
    let mut decision = Decision::default();
    let rules = listed(said.rules.iter().chain(shaped).copied());
    decision.happen(
        rules,
        PermissionAnswered {
            who: case.envelope.and_then(|envelope| envelope.principal.clone()),
            operation: question.operation.clone(),
            on: question.on.as_ref().map(ToString::to_string),
            scope,
            answer: if said.refused.is_none() { Answer::Allow } else { Answer::Deny },
            by: said.by,
            because: said.because,
        },
    );
    decision
}

impl Operation {
    /// What the book says of this operation in particular (A1.4, A1.10, A1.11, A1.13).
    fn rules(&self) -> Vec<RuleId> {
        let parts = [
            (self.name() == "customise-list", a(1, 4)),
            (self.access_level() == Some("Write") && self.reads(), a(1, 10)),
            (self.is_spelled_twice(), a(1, 11)),
            (!self.is_published(), a(1, 13)),
            (self.is_other_read(), a(1, 14)),
            (self.door() == Door::Interface && self.is_published(), a(1, 9)),
        ];
        parts.into_iter().filter_map(|(is, rule)| is.then_some(rule)).collect()
    }
}

/// The principal of a request, if it has one.
pub(super) fn principal<'a>(case: &Case<'a>) -> Option<&'a Principal> {
    case.envelope.and_then(|envelope| envelope.principal.as_ref())
}
