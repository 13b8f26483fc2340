//! The scenario format: text with spans in, a plan and its expectations out.

/// What is wrong with a file, and how it is shown.
pub mod diagnostic;
/// Expectations against what a run did.
pub mod expect;
/// A file with its cases.
pub mod file;
/// What a scenario may say.
pub mod grammar;
/// From documents to a plan and its expectations.
pub mod lower;
/// One file, many cases.
pub mod matrix;
/// From the tree of a file to typed documents.
pub mod read;
/// The JSON Schema of the format.
pub mod schema;
/// Places in a file.
pub mod span;
/// Bytes to a tree of values with places.
pub mod syntax;
