//! Who may do what: the checks that stand before the rules of the service.
//!
//! [`signature`] says who asks; [`policy`] reads and compiles policies, and decides a request over
//! the statements that count for it; [`matrix`] says which operations the product has, what its two
//! system roles may do, and what a caller may do besides. All of them are pure. Tokens are not here.

/// What the product's roles, actions and agency permit.
pub mod matrix;
mod params;
/// Policies: reading, matching, deciding.
pub mod policy;
pub mod signature;

pub use params::{AccessParams, ConditionParams, Limits};
