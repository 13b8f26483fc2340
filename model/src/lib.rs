//! The rules of the service as pure values: state, command and instant in; events out.

/// Amounts, currencies and rounding.
pub mod money;
/// Names and ids.
pub mod name;
/// Terms, anchors and expiry.
pub mod term;
/// Instants, lengths, wall time and billing days.
pub mod time;
