//! Actions that are asked for, and patterns of actions in policies (A2.6).

use super::error::Problem;
use super::pattern::{Case, Pattern, Wild, folded};
use crate::access::AccessParams;
use std::fmt;
use thiserror::Error;

/// Most characters of an action.
pub const ACTION_CHARS_MAX: usize = 256;

/// One spelling: service, type and operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Spelling {
    service: String,
    /// Folded.
    kind: String,
    /// Folded.
    operation: String,
    text: String,
}

/// What somebody wants to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action(Form);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// The first is its name, further ones mean the same (A1.11).
    Published { name: Spelling, also: Vec<Spelling> },
    /// An operation whose action nobody published (A1.13).
    Unpublished { service: String, operation: String },
}

/// A text is not the name of an action.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not an action: it must have service, type and operation, without stars")]
pub struct NotAnAction(String);

impl Spelling {
    fn parse(text: &str) -> Result<Self, NotAnAction> {
        let wrong = || NotAnAction(text.to_owned());
        let mut fields = text.split(':');
        let mut field = || fields.next().filter(|f| !f.is_empty() && !f.contains('*'));
        let (service, kind, operation) = (field(), field(), field());
        let (Some(service), Some(kind), Some(operation)) = (service, kind, operation) else {
            return Err(wrong());
        };
        if fields.next().is_some() || text.chars().count() > ACTION_CHARS_MAX {
            return Err(wrong());
        }
        Ok(Self {
            service: service.to_owned(),
            kind: folded(kind),
            operation: folded(operation),
            text: text.to_owned(),
        })
    }
}

impl Action {
    /// Reads `service:type:operation`.
    pub fn parse(text: &str) -> Result<Self, NotAnAction> {
        let name = Spelling::parse(text)?;
        Ok(Self(Form::Published { name, also: Vec::new() }))
    }
    /// The same action with a second spelling, which patterns may match as well (A1.11).
    pub fn also_spelled(self, text: &str) -> Result<Self, NotAnAction> {
        let Form::Published { name, mut also } = self.0 else {
            return Err(NotAnAction(text.to_owned()));
        };
        also.push(Spelling::parse(text)?);
        Ok(Self(Form::Published { name, also }))
    }
    /// An operation of a service whose action nobody published (A1.13).
    pub fn unpublished(service: &str, operation: &str) -> Self {
        Self(Form::Unpublished { service: service.to_owned(), operation: operation.to_owned() })
    }
    /// Whether both are the same action, whatever further spellings are known of them.
    fn is(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Form::Published { name, .. }, Form::Published { name: other, .. }) => {
                (&name.service, &name.kind, &name.operation)
                    == (&other.service, &other.kind, &other.operation)
            }
            (one, other) => one == other,
        }
    }
    /// Whether policies can name it.
    pub const fn is_published(&self) -> bool {
        matches!(self.0, Form::Published { .. })
    }
    /// The service.
    pub fn service(&self) -> &str {
        match &self.0 {
            Form::Published { name, .. } => &name.service,
            Form::Unpublished { service, .. } => service,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Published { name, .. } => f.pad(&name.text),
            Form::Unpublished { service, operation } => {
                f.pad(&format!("{service}, unpublished: {operation}"))
            }
        }
    }
}

/// What a policy says of actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ActionPattern {
    /// Service, type and operation.
    Fields { service: Pattern, kind: Pattern, operation: Pattern, text: String },
    /// Two fields, which match nothing (A2.6).
    Short,
    /// Exactly this one, in a role that was built from the table of operations (A1.14).
    Exactly(Action),
}

impl ActionPattern {
    pub(super) fn parse(given: &str) -> Result<Self, Problem> {
        let wrong = |why| Problem::Action { given: given.to_owned(), why };
        if given.chars().count() > ACTION_CHARS_MAX {
            return Err(wrong("it is too long"));
        }
        if given.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong("there is a blank in it"));
        }
        let fields: Vec<&str> = given.split(':').collect();
        if fields.contains(&"") {
            return Err(wrong("a field is empty"));
        }
        let (service, rest) = match fields.as_slice() {
            [service, kind, operation] => (*service, Some((*kind, *operation))),
            [service, _] => (*service, None),
            _ => return Err(wrong("it must have three fields")),
        };
        if service != "*" && service.contains('*') {
            return Err(wrong("a star may stand for the whole service and not for a part"));
        }
        if service.chars().any(char::is_uppercase) {
            return Err(wrong("the service must be in lower case"));
        }
        let Some((kind, operation)) = rest else { return Ok(Self::Short) };
        Ok(Self::Fields {
            service: Pattern::new(service, Wild::Star, Case::Kept),
            kind: Pattern::new(kind, Wild::Star, Case::Folded),
            operation: Pattern::new(operation, Wild::Star, Case::Folded),
            text: given.to_owned(),
        })
    }

    /// A2.6, A1.11, A1.13: whether the action is one of these.
    pub(super) fn matches(&self, params: &AccessParams, action: &Action) -> bool {
        match (self, &action.0) {
            (Self::Short, _) => false,
            (Self::Exactly(one), _) => one.is(action),
            (Self::Fields { service, kind, operation, .. }, Form::Published { name, also }) => {
                let fits = |spelling: &Spelling| {
                    service.matches(&spelling.service)
                        && kind.matches(&spelling.kind)
                        && operation.matches(&spelling.operation)
                };
                fits(name) || also.iter().any(fits)
            }
            (
                Self::Fields { service, kind, operation, .. },
                Form::Unpublished { service: of, .. },
            ) => {
                let stars = kind.is_star() && operation.is_star();
                params.stars_cover_unpublished && stars && service.matches(of)
            }
        }
    }
    /// The service it names, and the whole text, where it names one.
    pub(super) fn named(&self) -> Option<(&str, &str)> {
        let Self::Fields { text, .. } = self else { return None };
        let (service, _) = text.split_once(':')?;
        (service != "*").then_some((service, text))
    }
}
