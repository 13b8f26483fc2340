//! Policies as they are kept: a name, a generation, statements, and what a role depends on.

use super::action::{Action, ActionPattern};
use super::error::PolicyError;
use super::read;
use super::request::Request;
use super::statement::{Effect, Side, Statement};
use crate::access::AccessParams;
use crate::rulebook::RuleId;
use crate::rules::a;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use thiserror::Error;

/// The language of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// Roles, version 1.0.
    Role,
    /// Policies, version 1.1.
    Policy,
    /// Identity policies and service control policies, version 5.0.
    IdentityPolicy,
}

impl Generation {
    /// All of them, oldest first.
    pub const ALL: [Self; 3] = [Self::Role, Self::Policy, Self::IdentityPolicy];
    /// The version that the document names.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Role => "1.0",
            Self::Policy => "1.1",
            Self::IdentityPolicy => "5.0",
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.version())
    }
}

/// What a custom policy of version 1.1 is for (A2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Services without regions, `AX`.
    Global,
    /// Projects of regions, `XA`.
    Projects,
}

impl Reach {
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Projects => "project",
        }
    }
}

/// Who wrote a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The service; it cannot be edited (A2.5).
    System,
    /// A customer; the limits of A2.10 hold.
    Custom(Reach),
}

/// What is known of a policy besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'h> {
    /// Its name.
    pub name: &'h str,
    /// The catalogue it stands in, such as `BASE`; dependencies name it.
    pub catalog: &'h str,
    /// Who wrote it.
    pub origin: Origin,
}

impl<'h> Head<'h> {
    /// A policy of the service.
    pub const fn system(name: &'h str, catalog: &'h str) -> Self {
        Self { name, catalog, origin: Origin::System }
    }
    /// A policy of a customer, for projects of regions.
    pub const fn custom(name: &'h str) -> Self {
        Self { name, catalog: "CUSTOMED", origin: Origin::Custom(Reach::Projects) }
    }
}

/// What is known of a service that policies speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Whether it has regions.
    pub reach: Reach,
    /// Whether permissions may be given by resource (A2.9).
    pub by_resource: bool,
    /// Actions whose resource type is a dash (A4.1), in lower case.
    pub without_resource: BTreeSet<String>,
}

/// Services by name. Of others nothing is known, and nothing about them is checked.
pub type Services = BTreeMap<String, Service>;

/// A role that another needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// Its catalogue.
    pub catalog: String,
    /// Its name.
    pub name: String,
}

/// A policy, read and compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(super) name: String,
    pub(super) catalog: String,
    pub(super) origin: Origin,
    pub(super) generation: Generation,
    pub(super) statements: Vec<Statement>,
    /// Only roles have any (A2.4).
    pub(super) depends: Vec<Dependency>,
}

/// Why a policy was not edited.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotEdited {
    /// It is the service's own (A2.5).
    #[error("`{0}` belongs to the service and cannot be edited")]
    System(String),
    /// The new text is not a policy.
    #[error("{} errors in the policy", .0.len())]
    Text(Vec<PolicyError>),
}

impl NotEdited {
    /// The rule that refuses, where it is not the text's.
    pub fn rule(&self) -> Option<RuleId> {
        match self {
            Self::System(_) => Some(a(2, 5)),
            Self::Text(errors) => errors.first().and_then(|error| error.problem().rule()),
        }
    }
}

impl Policy {
    /// Reads and compiles a policy; if it cannot, says everything that is wrong with it.
    pub fn read(
        params: &AccessParams,
        services: &Services,
        head: Head<'_>,
        text: &str,
    ) -> Result<Self, Vec<PolicyError>> {
        read::policy(params, services, head, text)
    }
    /// A1.14: a role that allows exactly these actions.
    pub(crate) fn role(head: Head<'_>, actions: impl IntoIterator<Item = Action>) -> Self {
        let patterns = actions.into_iter().map(ActionPattern::Exactly).collect();
        Self {
            name: head.name.to_owned(),
            catalog: head.catalog.to_owned(),
            origin: head.origin,
            generation: Generation::Role,
            statements: vec![Statement {
                sid: None,
                effect: Effect::Allow,
                actions: (Side::Named, patterns),
                resources: None,
                conditions: Vec::new(),
            }],
            depends: Vec::new(),
        }
    }
    /// The policy with another text (A2.5).
    pub fn edited(
        &self,
        params: &AccessParams,
        services: &Services,
        text: &str,
    ) -> Result<Self, NotEdited> {
        if self.origin == Origin::System {
            return Err(NotEdited::System(self.name.clone()));
        }
        let head = Head { name: &self.name, catalog: &self.catalog, origin: self.origin };
        Self::read(params, services, head, text).map_err(NotEdited::Text)
    }
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Its generation.
    pub const fn generation(&self) -> Generation {
        self.generation
    }
    /// The rules by which one of its statements is read, where a request knows this: of its language,
    /// of resources if it speaks of any, and of its conditions.
    pub fn rules(&self, index: usize, request: &Request<'_>) -> Vec<RuleId> {
        let mut rules = Vec::new();
        if self.generation == Generation::IdentityPolicy {
            rules.push(a(4, 1));
        }
        if !self.depends.is_empty() {
            rules.push(a(2, 4));
        }
        let Some(statement) = self.statements.get(index) else { return rules };
        if statement.resources.is_some() {
            let rule = if request.resource.is_some() { a(2, 7) } else { a(2, 8) };
            rules.push(rule);
        }
        rules.extend(statement.conditions.iter().flat_map(|c| c.rules(request.context)));
        rules
    }
    /// Whether one of its statements names actions by pattern.
    pub fn has_patterns(&self) -> bool {
        let by_name = |pattern: &ActionPattern| matches!(pattern, ActionPattern::Exactly(_));
        self.statements.iter().any(|statement| !statement.actions.1.iter().all(by_name))
    }
    /// Its statements.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }
    /// What it depends on.
    pub fn depends(&self) -> &[Dependency] {
        &self.depends
    }
}
