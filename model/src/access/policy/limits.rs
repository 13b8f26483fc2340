//! What a custom policy may hold at most, and what it may not mix (A2.9, A2.10, A4.1).

use super::action::ActionPattern;
use super::document::{Generation, Origin, Reach, Service};
use super::error::{Faults, Problem};
use super::fields::find;
use super::json::{Json, Member, Node};
use super::read::By;
use super::resource::ResourcePattern;

/// Custom policies of version 1.1 have limits; what identity policies may hold is not known.
fn limited(by: By<'_>) -> Option<Reach> {
    match (by.origin, by.generation) {
        (Origin::Custom(reach), Generation::Policy) => Some(reach),
        (Origin::Custom(_) | Origin::System, _) => None,
    }
}

fn at_most((what, most): (&'static str, usize), count: usize, at: usize, faults: &mut Faults<'_>) {
    if count > most {
        faults.add(at, Problem::TooMany { what, count, most });
    }
}

/// How many things a list or object has; what is neither has none.
fn count(node: &Node) -> usize {
    match &node.value {
        Json::List(items) => items.len(),
        Json::Object(members) => members.len(),
        Json::Null | Json::Flag(_) | Json::Number(_) | Json::Text(_) => 0,
    }
}

/// A2.10: statements of a policy.
pub(super) fn statements(by: By<'_>, node: &Node, faults: &mut Faults<'_>) {
    if limited(by).is_some() {
        let most = by.params.limits.statements_max;
        at_most(("statements", most), count(node), node.at, faults);
    }
}

/// A2.10: actions, resources and conditions of a statement.
pub(super) fn statement(by: By<'_>, members: &[Member], faults: &mut Faults<'_>) {
    if limited(by).is_none() {
        return;
    }
    let limits = &by.params.limits;
    for (field, what, most) in
        [("Action", "actions", limits.actions_max), ("Resource", "resources", limits.resources_max)]
    {
        if let Some(node) = find(members, field) {
            faults.inside(field, |faults| at_most((what, most), count(node), node.at, faults));
        }
    }
    if let Some(Node { value: Json::List(resources), .. }) = find(members, "Resource") {
        for (index, node) in resources.iter().enumerate() {
            let Json::Text(text) = &node.value else { continue };
            let rule = ("characters in this resource", limits.resource_chars_max);
            let add =
                |faults: &mut Faults<'_>| at_most(rule, text.chars().count(), node.at, faults);
            faults.inside("Resource", |faults| faults.inside_item(index, add));
        }
    }
    if let Some(node @ Node { value: Json::Object(operators), .. }) = find(members, "Condition") {
        let conditions = operators.iter().map(|operator| count(&operator.value)).sum();
        let rule = ("conditions", limits.conditions_max);
        faults.inside("Condition", |faults| at_most(rule, conditions, node.at, faults));
    }
}

/// A2.9, A2.10, A4.1: what is known of the services that the actions name.
pub(super) fn services(
    by: By<'_>,
    node: &Node,
    actions: &[ActionPattern],
    resources: Option<&[ResourcePattern]>,
    faults: &mut Faults<'_>,
) {
    let named = actions.iter().filter_map(ActionPattern::named);
    let known = named.filter_map(|(name, action)| Some((name, action, by.services.get(name)?)));
    let limited_to_some = resources.is_some_and(|all| !all.iter().all(ResourcePattern::is_stars));
    for (name, action, service) in known {
        if let Some(wanted) = limited(by).filter(|reach| *reach != service.reach) {
            let (is, wanted) = (service.reach.in_words(), wanted.in_words());
            faults.add(node.at, Problem::Scope { action: action.to_owned(), is, wanted });
        }
        if limited_to_some && let Some(problem) = without_resources(by, service, name, action) {
            faults.add(node.at, problem);
        }
    }
}

/// What knows no resources: the service for custom policies, the action for identity policies.
fn without_resources(by: By<'_>, service: &Service, name: &str, action: &str) -> Option<Problem> {
    match (by.generation, by.origin) {
        (Generation::Policy, Origin::Custom(_)) => {
            (!service.by_resource).then(|| Problem::NoResources { service: name.to_owned() })
        }
        (Generation::IdentityPolicy, _) => service
            .without_resource
            .contains(&action.to_lowercase())
            .then(|| Problem::NoResourceType { action: action.to_owned() }),
        (Generation::Role, _) | (Generation::Policy, Origin::System) => None,
    }
}
