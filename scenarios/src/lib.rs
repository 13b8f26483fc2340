//! The scenario format: text with spans in, a plan and its expectations out.

/// What is wrong with a file, and how it is shown.
pub mod diagnostic;
/// Places in a file.
pub mod span;
/// Bytes to a tree of values with places.
pub mod syntax;
