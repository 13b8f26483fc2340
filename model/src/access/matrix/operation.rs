//! Operations and the two system roles (A1.1 to A1.4, A1.10, A1.11, A1.13, A1.14).

use super::data::{self, SERVICE};
use crate::access::AccessParams;
use crate::access::policy::{Action, Head, Policy, Reach, Service, Services};
use crate::rulebook::nearest_of;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;
use thiserror::Error;

/// Where an operation is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// The web console.
    Console,
    /// The HTTP interface.
    Interface,
}

/// What the service's agency covers (A1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Hosts of phones.
    Phones,
    /// Networks.
    Network,
    /// Buckets.
    Storage,
}

impl Trust {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Phones, Self::Network, Self::Storage];
}

impl fmt::Display for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Phones => "phones",
            Self::Network => "network",
            Self::Storage => "storage",
        })
    }
}

/// Whether the read-only role has an operation (A1.3, A1.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadOnly {
    Has,
    Lacks,
    /// A call that only reads and belongs to none of the four operations.
    OtherRead,
}

/// One of the product's system roles (A1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SystemRole {
    /// Everything.
    Administrator,
    /// Four operations that only read.
    ReadOnlyUser,
}

impl SystemRole {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Administrator, Self::ReadOnlyUser];
    /// The name that grants and dependencies use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "KooPhone Administrator",
            Self::ReadOnlyUser => "KooPhone ReadOnlyUser",
        }
    }
}

/// Something that console or interface offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub(super) name: String,
    pub(super) other_name: Option<String>,
    pub(super) title: String,
    pub(super) door: Door,
    pub(super) action: Action,
    /// The same action with the spelling of the sample beside it (A1.11).
    pub(super) also: Option<Action>,
    pub(super) administrator: bool,
    pub(super) read_only: ReadOnly,
    pub(super) trust: Vec<Trust>,
    pub(super) access_level: Option<String>,
}

impl Operation {
    /// Its name: a word of the console, or the name that the SDK has for a call.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// What it does, in a few words.
    pub fn title(&self) -> &str {
        &self.title
    }
    /// Where it is done.
    pub const fn door(&self) -> Door {
        self.door
    }
    /// The access level that the pages give, which is `Write` for one that only reads (A1.10).
    pub fn access_level(&self) -> Option<&str> {
        self.access_level.as_deref()
    }
    /// What the agency must cover for it (A1.12).
    pub fn trust(&self) -> &[Trust] {
        &self.trust
    }
    /// A1.9, A1.11, A1.13: the action that it needs.
    pub fn action(&self, params: &AccessParams) -> &Action {
        self.also.as_ref().filter(|_| params.sample_spelling_accepted).unwrap_or(&self.action)
    }
    /// Whether policies can name it (A1.13).
    pub const fn is_published(&self) -> bool {
        self.action.is_published()
    }
    /// Whether its action has a second spelling (A1.11).
    pub const fn is_spelled_twice(&self) -> bool {
        self.also.is_some()
    }
    /// Whether it only reads: the read-only role has it, or could have (A1.3, A1.14).
    pub const fn reads(&self) -> bool {
        matches!(self.read_only, ReadOnly::Has | ReadOnly::OtherRead)
    }
    /// Whether it only reads and belongs to none of the four operations of the read-only role (A1.14).
    pub const fn is_other_read(&self) -> bool {
        matches!(self.read_only, ReadOnly::OtherRead)
    }
    /// A1.2, A1.3, A1.14: whether a role has it.
    pub const fn is_of(&self, params: &AccessParams, role: SystemRole) -> bool {
        match (role, self.read_only) {
            (SystemRole::Administrator, _) => self.administrator,
            (SystemRole::ReadOnlyUser, ReadOnly::Has) => true,
            (SystemRole::ReadOnlyUser, ReadOnly::Lacks) => false,
            (SystemRole::ReadOnlyUser, ReadOnly::OtherRead) => params.read_only_has_other_reads,
        }
    }
}

/// There is no such operation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no operation `{given}`; the nearest is `{nearest}`")]
pub struct UnknownOperation {
    given: String,
    nearest: String,
}

/// All operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    operations: Vec<Operation>,
}

impl Matrix {
    /// The table that is part of the program; read once.
    pub fn standard() -> &'static Self {
        static MATRIX: OnceLock<Matrix> = OnceLock::new();
        MATRIX.get_or_init(|| {
            #[expect(clippy::panic, reason = "the text is part of the program and tested")]
            let operations = data::operations().unwrap_or_else(|error| panic!("{error}"));
            Self { operations }
        })
    }
    /// All operations, those of the console first.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }
    /// An operation by its name, or by the name that the pages have for a call.
    pub fn operation(&self, name: &str) -> Result<&Operation, UnknownOperation> {
        let named = |o: &&Operation| o.name == name || o.other_name.as_deref() == Some(name);
        self.operations.iter().find(named).ok_or_else(|| {
            let names = self.operations.iter().flat_map(|o| {
                [Some(o.name.as_str()), o.other_name.as_deref()].into_iter().flatten()
            });
            let nearest = nearest_of(name, names).unwrap_or_default();
            UnknownOperation { given: name.to_owned(), nearest }
        })
    }
    /// A1.14: the body of a system role.
    pub fn role(&self, params: &AccessParams, role: SystemRole) -> Policy {
        let held = self.operations.iter().filter(|operation| operation.is_of(params, role));
        let actions = held.map(|operation| operation.action(params).clone());
        Policy::role(Head::system(role.name(), SERVICE), actions)
    }
    /// What policies may say about the product: it is bought in projects, and knows resources (A1.9).
    pub fn services() -> Services {
        let service = Service {
            reach: Reach::Projects,
            by_resource: true,
            without_resource: BTreeSet::new(),
        };
        Services::from([(SERVICE.to_owned(), service)])
    }
}
