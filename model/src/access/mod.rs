//! Who may do what, and the proof that it is them: policies of three generations, the permissions of
//! the product, and signatures of requests.
//!
//! [`policy`] reads and compiles policies, and decides a request over the statements that count for
//! it; [`matrix`] says which operations the product has, what its two system roles may do, and what
//! a caller may do besides; [`signature`] signs requests and verifies signatures. All are pure:
//! policies, request, keys and parameters in, a verdict with its reasons out. Tokens are not here.

/// What the product's roles, actions and agency permit.
pub mod matrix;
mod params;
/// Policies: reading, matching, deciding.
pub mod policy;
/// Signatures of requests.
pub mod signature;

pub use params::{AccessParams, ConditionParams, Limits};

use crate::rulebook::{Family, RuleId};

/// The id of a rule of access.
pub(crate) const fn a(section: u8, number: u8) -> RuleId {
    RuleId::new(Family::A, section, number)
}
