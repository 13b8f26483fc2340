//! What is asked: an action, a resource, where, and what else is known.

use super::action::Action;
use super::context::Context;
use super::resource::Resource;
use serde::{Deserialize, Serialize};

/// Where a request happens (A1.6, A2.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// At a service that has no regions.
    Global,
    /// In a project of a region.
    Project {
        /// The project, such as `cn-north-4`.
        name: String,
        /// The enterprise project of the resource, where it is in one.
        enterprise: Option<String>,
    },
}

impl Scope {
    /// A project of a region, outside any enterprise project.
    pub fn project(name: &str) -> Self {
        Self::Project { name: name.to_owned(), enterprise: None }
    }
}

/// A request that is to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'r> {
    /// What to do.
    pub action: &'r Action,
    /// With what, where the request names it.
    pub resource: Option<&'r Resource>,
    /// Where.
    pub scope: &'r Scope,
    /// What else is known.
    pub context: &'r Context,
}
