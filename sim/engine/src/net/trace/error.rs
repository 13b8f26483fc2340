//! What can be wrong with a trace.

use super::TRACE_BYTES_MAX;
use crate::net::{OpportunityError, StepError};

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// The text is too long.
    #[error("a trace has at most {TRACE_BYTES_MAX} bytes")]
    TooLong,
    /// It is not the JSON that was expected.
    #[error("{0}")]
    Json(String),
    /// A word is no number that means something there.
    #[error("`{word}` is not {wanted}")]
    Number {
        /// The word.
        word: String,
        /// What was wanted.
        wanted: &'static str,
    },
    /// There are more or fewer words than there should be.
    #[error("{found} fields, and there should be {wanted}")]
    Fields {
        /// How many there are.
        found: usize,
        /// How many there should be.
        wanted: usize,
    },
    /// A time is before the one before it.
    #[error("the time goes back")]
    Order,
    /// There is nothing.
    #[error("the trace is empty")]
    Empty,
    /// What was read is no capacity.
    #[error("{0}")]
    Steps(#[from] StepError),
    /// What was read is no capacity.
    #[error("{0}")]
    Opportunities(#[from] OpportunityError),
}

/// What is wrong with a trace, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct TraceError {
    /// The line, from one.
    pub line: usize,
    /// What is wrong there.
    pub what: What,
}

impl TraceError {
    pub(super) const fn at(line: usize, what: What) -> Self {
        Self { line, what }
    }
}

/// The text, if it is not too long.
pub(super) fn bounded(text: &str) -> Result<&str, TraceError> {
    if text.len() > TRACE_BYTES_MAX {
        return Err(TraceError::at(1, What::TooLong));
    }
    Ok(text)
}

/// Lines that say something, with their numbers from one.
pub(super) fn lines(text: &str) -> Result<impl Iterator<Item = (usize, &str)>, TraceError> {
    let lines = (1..).zip(bounded(text)?.lines());
    Ok(lines.map(|(number, line)| (number, line.trim())).filter(|(_, line)| !line.is_empty()))
}

/// A decimal number of at most so many places after the point, in units of the last of them.
pub(super) fn decimal(word: &str, places: usize) -> Option<u64> {
    let (whole, part) = word.split_once('.').unwrap_or((word, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(part) {
        return None;
    }
    // Digits beyond the last place are cut off.
    let kept = part.get(..places.min(part.len()))?;
    format!("{whole}{kept:0<places$}").parse().ok()
}
