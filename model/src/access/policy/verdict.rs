//! Verdicts: what was decided, by which statements, and what a refusal by default lacked.

use super::condition::Unmet;
use super::document::Dependency;
use super::statement::Effect;
use crate::rulebook::RuleId;
use crate::rules::a;
use std::cmp::Reverse;
use std::fmt;

/// A statement by the name of its policy and its place in it, from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatementRef {
    /// The policy.
    pub policy: String,
    /// The place.
    pub index: usize,
}

impl fmt::Display for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` Statement[{}]", self.policy, self.index)
    }
}

/// Why nothing allowed a request: the nearest that something came to it. Later ones are nearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No policy was granted at all.
    Grant,
    /// No statement that allows has the action.
    Action,
    /// This one has the action and not the resource.
    Resource {
        /// The statement.
        statement: StatementRef,
    },
    /// This one would allow it, but it counts elsewhere.
    Scope {
        /// The statement.
        statement: StatementRef,
    },
    /// This one would allow it, but its role needs another one in the same project.
    Dependency {
        /// The statement.
        statement: StatementRef,
        /// What the role needs.
        needs: Dependency,
    },
    /// This one has action and resource, and its condition does not hold.
    Condition {
        /// The statement.
        statement: StatementRef,
        /// The operator as it is written.
        operator: String,
        /// The key.
        key: String,
        /// Why it does not hold.
        why: Unmet,
    },
}

impl Missing {
    const fn rank(&self) -> u8 {
        match self {
            Self::Grant => 0,
            Self::Action => 1,
            Self::Resource { .. } => 2,
            Self::Scope { .. } => 3,
            Self::Dependency { .. } => 4,
            Self::Condition { .. } => 5,
        }
    }
    const fn statement(&self) -> Option<&StatementRef> {
        match self {
            Self::Grant | Self::Action => None,
            Self::Resource { statement }
            | Self::Scope { statement }
            | Self::Dependency { statement, .. }
            | Self::Condition { statement, .. } => Some(statement),
        }
    }
    /// How near a condition came, and which it is.
    fn condition(&self) -> Option<(Reverse<Unmet>, &str, &str)> {
        let Self::Condition { operator, key, why, .. } = self else { return None };
        Some((Reverse(*why), operator, key))
    }
    /// The nearer of two; among equals the first by what it says, and only then by where it stands,
    /// whatever order they were found in.
    pub(super) fn nearer(self, other: Self) -> Self {
        let order = other.rank().cmp(&self.rank());
        let order = order.then_with(|| self.condition().cmp(&other.condition()));
        if order.then_with(|| self.statement().cmp(&other.statement())).is_le() {
            self
        } else {
            other
        }
    }
    const fn rule(&self) -> RuleId {
        match self {
            Self::Grant => a(1, 5),
            Self::Action => a(2, 6),
            Self::Resource { .. } => a(2, 7),
            Self::Scope { .. } => a(2, 3),
            Self::Dependency { .. } => a(2, 4),
            Self::Condition { why, .. } => match why {
                Unmet::KeyAbsent => a(3, 6),
                Unmet::OtherValue => a(3, 1),
                Unmet::NotComparable => a(3, 8),
            },
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grant => f.write_str("nothing is granted"),
            Self::Action => f.write_str("no statement allows the action"),
            Self::Resource { statement } => write!(f, "{statement} allows it for other resources"),
            Self::Scope { statement } => write!(f, "{statement} allows it elsewhere"),
            Self::Dependency { statement, needs } => {
                let Dependency { catalog, name } = needs;
                write!(f, "{statement} needs the role `{name}` ({catalog}) in the same project")
            }
            Self::Condition { statement, operator, key, why } => {
                write!(f, "{statement} wants {operator} of `{key}`, which {why}")
            }
        }
    }
}

/// Why a verdict is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// These statements say so; ordered by name, each once.
    Statements(Vec<StatementRef>),
    /// Nothing says anything.
    Nothing(Missing),
    /// Statements of service control policies deny it.
    BoundDenies(Vec<StatementRef>),
    /// On one level of the organisation, from the top and from 0, nothing allows it.
    BoundLacks {
        /// The level.
        level: usize,
        /// What is missing there.
        missing: Missing,
    },
    /// The account itself asked.
    Account,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Yes or no.
    pub effect: Effect,
    /// Why.
    pub because: Because,
}

impl Verdict {
    pub(super) const fn of(effect: Effect, because: Because) -> Self {
        Self { effect, because }
    }
    /// Whether it is a yes.
    pub const fn is_allowed(&self) -> bool {
        matches!(self.effect, Effect::Allow)
    }
    /// The statements that determined it.
    pub fn statements(&self) -> &[StatementRef] {
        match &self.because {
            Because::Statements(statements) | Because::BoundDenies(statements) => statements,
            Because::Nothing(_) | Because::BoundLacks { .. } | Because::Account => &[],
        }
    }
    /// The rules, the deciding one first.
    pub fn rules(&self) -> Vec<RuleId> {
        match &self.because {
            Because::Statements(_) => vec![a(2, 1), a(2, 2)],
            Because::Nothing(missing) => vec![missing.rule(), a(2, 1)],
            Because::BoundDenies(_) => vec![a(4, 2), a(2, 1)],
            Because::BoundLacks { missing, .. } => vec![a(4, 2), missing.rule()],
            Because::Account => vec![a(1, 5)],
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |statements: &[StatementRef]| {
            statements.iter().map(StatementRef::to_string).collect::<Vec<_>>().join(", ")
        };
        let effect = self.effect.name().to_lowercase();
        match &self.because {
            Because::Statements(statements) => write!(f, "{effect}: {}", listed(statements)),
            Because::Nothing(missing) => write!(f, "{effect}: {missing}"),
            Because::BoundDenies(statements) => {
                write!(f, "{effect} by bound: {}", listed(statements))
            }
            Because::BoundLacks { level, missing } => {
                write!(f, "{effect} by bound of level {level}: {missing}")
            }
            Because::Account => write!(f, "{effect}: the account itself"),
        }
    }
}
