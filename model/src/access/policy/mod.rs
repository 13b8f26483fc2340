//! Policies of three generations: roles (1.0), policies (1.1) and identity policies (5.0).
//!
//! [`Policy::read`] compiles a text once; [`Pool::decide`] answers a request over the statements of
//! some policies in one pass; [`decide`] finds out first which of a user's policies count where the
//! request happens, and holds the answer against what bounds the account.

mod action;
mod condition;
mod context;
mod document;
mod error;
mod fields;
mod grant;
mod json;
mod limits;
mod operator;
mod pattern;
mod pool;
mod read;
mod read_statement;
mod request;
mod resource;
mod statement;
mod verdict;

pub use action::{ACTION_CHARS_MAX, Action, NotAnAction};
pub use condition::Unmet;
pub use context::{Context, Facts, GLOBAL_KEYS, SecondFactor};
pub use document::{
    Dependency, Generation, Head, NotEdited, Origin, Policy, Reach, Service, Services,
};
pub use error::{Place, PolicyError, Problem};
pub use grant::{Bounds, Grant, Group, Held, User, decide, decide_for_account};
pub use json::{DOCUMENT_BYTES_MAX, DOCUMENT_DEPTH_MAX};
pub use pool::Pool;
pub use request::{Request, Scope};
pub use resource::{NotAResource, RESOURCE_CHARS_MAX, Resource};
pub use statement::{Effect, Statement};
pub use verdict::{Because, Missing, StatementRef, Verdict};
