//! What can be wrong with a reference to the book, an override, a question, or the book itself.

use super::id::RuleId;
use thiserror::Error;

/// A refusal of the rulebook. Every one that answers a misspelt name has the nearest valid one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BookError {
    /// The text is not written like a rule id.
    #[error("`{given}` is not a rule id such as `R6.1`{}", hint(.nearest))]
    NotARuleId {
        /// What was written.
        given: String,
        /// The nearest id or parameter of the book.
        nearest: Option<String>,
    },
    /// There is no such profile.
    #[error(
        "`{given}` is not a profile; the profiles are `cn`, `intl` and `eu`{}", hint(.nearest)
    )]
    UnknownProfile {
        /// What was written.
        given: String,
        /// The nearest profile.
        nearest: Option<String>,
    },
    /// There is no such edition.
    #[error("the rulebook has no edition `{given}`; it has `{known}`{}", hint(.nearest))]
    UnknownEdition {
        /// What was written.
        given: String,
        /// The editions, joined.
        known: String,
        /// The nearest edition.
        nearest: Option<String>,
    },
    /// There is no such rule or parameter.
    #[error("the rulebook has no parameter `{given}`{}", hint(.nearest))]
    UnknownParameter {
        /// What was written or asked for.
        given: String,
        /// The nearest parameter.
        nearest: Option<String>,
    },
    /// A parameter is overridden that no rule of this version looks at.
    #[error("`{given}` is set in vain: no rule of this version looks at it")]
    NotRead {
        /// What was set.
        given: String,
    },
    /// A parameter is overridden twice.
    #[error("`{parameter}` is set twice")]
    Repeated {
        /// The parameter.
        parameter: String,
    },
    /// There are more overrides than a run may have.
    #[error("more than {most} overrides")]
    TooManyOverrides {
        /// How many there may be.
        most: usize,
    },
    /// The text of a value is not of the parameter's kind.
    #[error("`{given}` is not {expected}, which `{parameter}` takes{}", hint(.nearest))]
    BadValue {
        /// The parameter.
        parameter: String,
        /// What was written.
        given: String,
        /// What a value must look like.
        expected: String,
        /// The nearest word, where the parameter has a list of them.
        nearest: Option<String>,
    },
    /// A question asked for another kind than the parameter has.
    #[error("`{parameter}` is {is}, not {asked}")]
    OtherKind {
        /// The parameter.
        parameter: String,
        /// Its kind.
        is: &'static str,
        /// The kind asked for.
        asked: &'static str,
    },
    /// The parameter has no value for the profile, edition or day.
    #[error("`{parameter}` has no value for {wanted}; set it with an override")]
    NoValue {
        /// The parameter.
        parameter: String,
        /// The book or day asked for.
        wanted: String,
    },
    /// A record of the book itself is wrong.
    #[error("{place}: {problem}")]
    BadRecord {
        /// The file or rule.
        place: String,
        /// What is wrong.
        problem: String,
    },
}

impl BookError {
    pub(super) fn bad_record(place: &impl ToString, problem: impl Into<String>) -> Self {
        Self::BadRecord { place: place.to_string(), problem: problem.into() }
    }
}

/// The full name of a parameter: `R2.5.deduction_lag_default`.
pub(super) fn path(rule: RuleId, name: &str) -> String {
    format!("{rule}.{name}")
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!("; the nearest is `{name}`"))
}
