//! Resources that are asked for, and patterns of resources in policies (A2.7, A2.8).

use super::error::Problem;
use super::pattern::{Case, Pattern, Wild, folded};
use crate::access::AccessParams;
use std::fmt;
use thiserror::Error;

/// Fields of a resource: service, region, domain, type and path.
const FIELDS: usize = 5;
/// The field that ignores case.
const TYPE_FIELD: usize = 3;
/// Most characters of a resource that is asked for or named by a system policy.
pub const RESOURCE_CHARS_MAX: usize = 4096;

/// What somebody wants to do it with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    // INVARIANT: five fields, the type folded; only the path may hold colons.
    fields: Vec<String>,
    text: String,
}

/// A text is not the name of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a resource: it must have service, region, domain, type and path")]
pub struct NotAResource(String);

impl Resource {
    /// Reads `service:region:domain:type:path`; region and domain may be empty.
    pub fn parse(text: &str) -> Result<Self, NotAResource> {
        let fields = fields(text);
        let named = |index: usize| fields.get(index).is_some_and(|field| !field.is_empty());
        let whole = fields.len() == FIELDS && named(0) && named(TYPE_FIELD);
        if !whole || text.chars().count() > RESOURCE_CHARS_MAX {
            return Err(NotAResource(text.to_owned()));
        }
        let fields = fields.into_iter().enumerate().map(|(index, field)| match case(index) {
            Case::Kept => field.to_owned(),
            Case::Folded => folded(field),
        });
        Ok(Self { fields: fields.collect(), text: text.to_owned() })
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

fn fields(text: &str) -> Vec<&str> {
    text.splitn(FIELDS, ':').collect()
}

fn case(index: usize) -> Case {
    if index == TYPE_FIELD { Case::Folded } else { Case::Kept }
}

/// What a policy says of resources: one pattern a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ResourcePattern {
    fields: Vec<Pattern>,
    // INVARIANT: whether every field is a star.
    stars: bool,
}

impl ResourcePattern {
    /// Reads five fields, or one star for all of them.
    pub(super) fn parse(given: &str) -> Result<Self, Problem> {
        let wrong = |why| Problem::Resource { given: given.to_owned(), why };
        if given.chars().count() > RESOURCE_CHARS_MAX {
            return Err(wrong("it is too long"));
        }
        if given == "*" {
            return Ok(Self { fields: Vec::new(), stars: true });
        }
        let fields = fields(given);
        if fields.len() != FIELDS {
            return Err(wrong("it must have five fields, or be `*`"));
        }
        if fields.first().is_some_and(|service| service.is_empty()) {
            return Err(wrong("the service is empty"));
        }
        let compile = |(index, field)| Pattern::new(field, Wild::Star, case(index));
        let fields: Vec<Pattern> = fields.into_iter().enumerate().map(compile).collect();
        let stars = fields.iter().all(Pattern::is_star);
        Ok(Self { fields, stars })
    }
    pub(super) const fn is_stars(&self) -> bool {
        self.stars
    }
    /// A2.7, A2.8: whether the resource is one of these.
    pub(super) fn matches(&self, params: &AccessParams, resource: Option<&Resource>) -> bool {
        match resource {
            _ if self.stars => true,
            None => !params.no_resource_needs_stars,
            Some(resource) => {
                let mut pairs = self.fields.iter().zip(&resource.fields);
                pairs.all(|(pattern, field)| pattern.matches(field))
            }
        }
    }
}
