//! The rules of the service as pure values: state, command and instant in; events out.

/// Instants, lengths, wall time and billing days.
pub mod time;
