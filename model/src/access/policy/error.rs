//! What can be wrong with a policy, where, and what was meant.

use super::json::{DOCUMENT_BYTES_MAX, DOCUMENT_DEPTH_MAX};
use crate::rulebook::RuleId;
use crate::rules::a;
use std::fmt;
use thiserror::Error;

/// Most errors that are listed for one policy.
const FAULTS_MAX: usize = 100;

/// Where something stands in a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    line: usize,
    column: usize,
    path: String,
}

impl Place {
    /// The line, from 1.
    pub const fn line(&self) -> usize {
        self.line
    }
    /// The column in characters, from 1.
    pub const fn column(&self) -> usize {
        self.column
    }
    /// The way from the top, such as `Statement[2].Condition.StringEquals`; lists count from 0.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, ", `{}`", self.path) }
    }
}

/// One thing that is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {problem}")]
pub struct PolicyError {
    place: Place,
    problem: Problem,
}

impl PolicyError {
    /// Where.
    pub const fn place(&self) -> &Place {
        &self.place
    }
    /// What.
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// The text is not JSON.
    #[error("not JSON: {what}")]
    NotJson {
        /// Why not.
        what: String,
    },
    /// More bytes than any policy needs.
    #[error("the policy has {bytes} bytes; the limit is {DOCUMENT_BYTES_MAX}")]
    TooLarge {
        /// How many.
        bytes: usize,
    },
    /// Lists and objects inside one another beyond the limit.
    #[error("lists and objects are nested more than {DOCUMENT_DEPTH_MAX} deep")]
    TooDeep,
    /// A key of one object stands twice.
    #[error("the key `{key}` stands twice")]
    Twice {
        /// The key.
        key: String,
    },
    /// The language of the policy is not known here, or not allowed for its origin.
    #[error("the version must be {expected}, not {found}")]
    Version {
        /// What it may be.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A value of another kind.
    #[error("expected {expected}, found {found}")]
    Kind {
        /// What belongs here.
        expected: &'static str,
        /// What stands here.
        found: &'static str,
    },
    /// A field that this language does not have here.
    #[error("unknown field `{given}`; the nearest is `{nearest}`")]
    Field {
        /// What was written.
        given: String,
        /// The nearest that may stand here.
        nearest: String,
    },
    /// An operator that does not exist.
    #[error("unknown operator `{given}`; the nearest is `{nearest}`")]
    Operator {
        /// What was written.
        given: String,
        /// The nearest one.
        nearest: String,
    },
    /// A prefix or a suffix on `Null`, which asks for the key itself.
    #[error("`Null` bears neither `IfExists` nor a set operator")]
    NullWithMore,
    /// A global key that does not exist.
    #[error("unknown global key `{given}`; the nearest is `{nearest}`")]
    GlobalKey {
        /// What was written.
        given: String,
        /// The nearest one.
        nearest: String,
    },
    /// A field that must be there.
    #[error("`{field}` is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// Two fields that exclude one another.
    #[error("`{one}` and `{other}` exclude one another")]
    Both {
        /// The first.
        one: &'static str,
        /// The second.
        other: &'static str,
    },
    /// Nothing in a list or object that must hold something.
    #[error("there must be at least one")]
    Empty,
    /// A word that is not one of a few.
    #[error("`{given}` must be {expected}; the nearest is `{nearest}`")]
    Word {
        /// What was written.
        given: String,
        /// What it may be.
        expected: &'static str,
        /// The nearest.
        nearest: String,
    },
    /// An action that is not written like one.
    #[error(
        "`{given}` is not an action such as `koophone:cloudphoneResource:instanceReboot`: {why}"
    )]
    Action {
        /// What was written.
        given: String,
        /// Why not.
        why: &'static str,
    },
    /// A resource that is not written like one.
    #[error("`{given}` is not a resource such as `obs:*:*:bucket:name`: {why}")]
    Resource {
        /// What was written.
        given: String,
        /// Why not.
        why: &'static str,
    },
    /// A value that the operator cannot compare with.
    #[error("`{given}` is not {expected}")]
    Value {
        /// What was written.
        given: String,
        /// What belongs here.
        expected: &'static str,
    },
    /// More than a custom policy may hold.
    #[error("{count} {what}; a custom policy has at most {most}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// Actions of global services beside such of projects.
    #[error("`{action}` is of a {is} service, and this is for {wanted} services")]
    Scope {
        /// The action.
        action: String,
        /// What its service is.
        is: &'static str,
        /// What the policy is for.
        wanted: &'static str,
    },
    /// Dependencies of what is no role.
    #[error("only roles of version 1.0 depend on others")]
    NoDependencies,
    /// A resource for a service that knows none.
    #[error("`{service}` has no permissions by resource; the resource must be `*` or missing")]
    NoResources {
        /// The service.
        service: String,
    },
    /// A resource for an action that has no type of resource.
    #[error("`{action}` has no type of resource; the resource must be `*` or missing")]
    NoResourceType {
        /// The action.
        action: String,
    },
}

impl Problem {
    /// The rule that the text breaks; the syntax of JSON is nobody's rule.
    pub const fn rule(&self) -> Option<RuleId> {
        Some(match self {
            Self::NotJson { .. } | Self::TooLarge { .. } | Self::TooDeep | Self::Twice { .. } => {
                return None;
            }
            Self::Version { .. } | Self::Kind { .. } | Self::Field { .. } | Self::Word { .. } => {
                a(2, 1)
            }
            Self::Missing { .. } | Self::Empty => a(2, 2),
            Self::Operator { .. } => a(3, 1),
            Self::NullWithMore => a(3, 2),
            Self::GlobalKey { .. } => a(3, 9),
            Self::Both { .. } | Self::NoResourceType { .. } => a(4, 1),
            Self::Action { .. } => a(2, 6),
            Self::Resource { .. } => a(2, 7),
            Self::Value { .. } => a(3, 8),
            Self::TooMany { .. } | Self::Scope { .. } => a(2, 10),
            Self::NoDependencies => a(2, 5),
            Self::NoResources { .. } => a(2, 9),
        })
    }
}

/// Gathers what is wrong with one text, and knows on which way the reading is.
pub(super) struct Faults<'t> {
    text: &'t str,
    path: Vec<String>,
    errors: Vec<PolicyError>,
}

impl<'t> Faults<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { text, path: Vec::new(), errors: Vec::new() }
    }
    /// Takes note of a problem at a byte of the text; beyond a hundred nobody reads them.
    pub(super) fn add(&mut self, at: usize, problem: Problem) {
        if self.errors.len() < FAULTS_MAX {
            let place = self.place(at);
            self.errors.push(PolicyError { place, problem });
        }
    }
    /// Reads what is under a key.
    pub(super) fn inside<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.step(key.to_owned(), read)
    }
    /// Reads one item of a list.
    pub(super) fn inside_item<T>(&mut self, index: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        self.step(format!("[{index}]"), read)
    }
    fn step<T>(&mut self, step: String, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let out = read(self);
        self.path.pop();
        out
    }
    /// What was found, in the order of the text.
    pub(super) fn into_errors(mut self) -> Vec<PolicyError> {
        self.errors.sort_by(|a, b| a.place.cmp(&b.place));
        self.errors
    }
    pub(super) const fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }
    fn place(&self, at: usize) -> Place {
        let before = self.text.get(..self.text.floor_char_boundary(at)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        let mut path = String::new();
        for step in &self.path {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        Place {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: in_line.chars().count() + 1,
            path,
        }
    }
}
