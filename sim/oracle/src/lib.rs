//! The judge: somebody else's log, walked with the model.
//!
//! [`judge::judge`] reads a log of commands and events, asks the model what each command and each
//! timer should lead to, and applies what was observed where the rules allow it. The first thing that
//! they do not allow is a [`divergence::Divergence`], named with its rule.

/// Foreign ids of orders, bound to ours.
mod binding;
/// What was expected, what was seen, and how it came to it.
pub mod divergence;
/// The recent past of accounts and phones, in bounded memory.
mod history;
/// The walk.
pub mod judge;
/// What must still be seen.
mod pending;
