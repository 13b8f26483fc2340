//! Parameters of request signatures in the types that the verifier uses.

use crate::rulebook::BookError;
use crate::rules::a;
use crate::rules::params::Reader;
use crate::time::SimDuration;

/// What section A6 leaves open, each field named by its rule and parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureParams {
    /// A6.4 `clock_difference_max`.
    pub clock_difference_max: SimDuration,
    /// A6.8 `body_bytes_max`.
    pub body_bytes_max: usize,
    /// A6.8 `head_bytes_max`.
    pub head_bytes_max: usize,
    /// A6.11 `refusal_status`.
    pub refusal_status: u32,
}

impl SignatureParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            clock_difference_max: read.duration(a(6, 4), "clock_difference_max")?,
            body_bytes_max: read.size(a(6, 8), "body_bytes_max")?,
            head_bytes_max: read.size(a(6, 8), "head_bytes_max")?,
            refusal_status: read.count(a(6, 11), "refusal_status")?,
        })
    }
}
