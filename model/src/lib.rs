//! The rules of the service as pure values: state, command and instant in; events out.

/// Every rule as data: ids, sources, parameters, decisions, and the settings of a run.
pub mod rulebook;
/// Instants, lengths, wall time and billing days.
pub mod time;
