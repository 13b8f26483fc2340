//! From the text of a policy to its compiled form. Nothing is passed over: what is not a field, an
//! operator or a value of the language is an error with its place.

use super::document::{Dependency, Generation, Head, Origin, Policy, Services};
use super::error::{Faults, PolicyError, Problem};
use super::fields::{each, object, only, optional, required, text};
use super::json::{self, Json, Node};
use super::{limits, read_statement};
use crate::access::AccessParams;

/// What the reading of one policy goes by.
#[derive(Clone, Copy)]
pub(super) struct By<'b> {
    pub(super) params: &'b AccessParams,
    pub(super) services: &'b Services,
    pub(super) origin: Origin,
    pub(super) generation: Generation,
}

/// See [`Policy::read`].
pub(super) fn policy(
    params: &AccessParams,
    services: &Services,
    head: Head<'_>,
    text: &str,
) -> Result<Policy, Vec<PolicyError>> {
    let mut faults = Faults::of(text);
    let tree = json::read(text, &mut faults);
    let read = tree.and_then(|node| document((params, services), head, &node, &mut faults));
    match read {
        Some(policy) if faults.is_empty() => Ok(policy),
        _ => Err(faults.into_errors()),
    }
}

fn document(
    (params, services): (&AccessParams, &Services),
    head: Head<'_>,
    node: &Node,
    faults: &mut Faults<'_>,
) -> Option<Policy> {
    let members = object(node, faults)?;
    let generation = required((node, members), "Version", faults, |node, faults| {
        version(head.origin, node, faults)
    })?;
    let by = By { params, services, origin: head.origin, generation };
    only(members, &["Version", "Statement", "Depends"], faults);
    let statements = required((node, members), "Statement", faults, |node, faults| {
        let statements =
            each(node, faults, |node, faults| read_statement::statement(by, node, faults));
        limits::statements(by, node, faults);
        statements
    });
    let depends = optional(members, "Depends", faults, |node, faults| {
        if generation != Generation::Role {
            faults.add(node.at, Problem::NoDependencies);
            return None;
        }
        each(node, faults, dependency)
    });
    Some(Policy {
        name: head.name.to_owned(),
        catalog: head.catalog.to_owned(),
        origin: head.origin,
        generation,
        statements: statements?,
        depends: depends?.unwrap_or_default(),
    })
}

/// A2.5, A4.1: the language. Roles are the service's own.
fn version(origin: Origin, node: &Node, faults: &mut Faults<'_>) -> Option<Generation> {
    let allowed: &[Generation] = match origin {
        Origin::System => &Generation::ALL,
        Origin::Custom(_) => &[Generation::Policy, Generation::IdentityPolicy],
    };
    let found = match &node.value {
        Json::Text(text) => text.as_str(),
        other => other.in_words(),
    };
    let generation = allowed.iter().find(|generation| generation.version() == found);
    if generation.is_none() {
        let versions: Vec<String> = allowed.iter().map(|g| format!("\"{g}\"")).collect();
        let found = match &node.value {
            Json::Text(text) => format!("\"{text}\""),
            other => other.in_words().to_owned(),
        };
        faults.add(node.at, Problem::Version { expected: versions.join(" or "), found });
    }
    generation.copied()
}

/// A2.4: a role that must be granted as well.
fn dependency(node: &Node, faults: &mut Faults<'_>) -> Option<Dependency> {
    let members = object(node, faults)?;
    only(members, &["catalog", "display_name"], faults);
    let mut word = |name| required((node, members), name, faults, |node, f| text(node, f));
    let (catalog, name) = (word("catalog"), word("display_name"));
    Some(Dependency { catalog: catalog?.to_owned(), name: name?.to_owned() })
}
