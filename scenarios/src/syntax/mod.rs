//! Bytes to a tree of values with the place of each. Knows YAML and the limits of a file; knows
//! nothing of scenarios. What YAML allows beyond plain lists, mappings and texts is refused:
//! a file must mean the same to its reader, to an editor and to this program.

mod build;
mod characters;
mod error;
mod node;
mod parse;

pub use node::{Entry, Node, Scalar, Value};
pub use parse::parse;

/// The largest file that is read.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// How deep lists and mappings may be nested.
pub const MAX_DEPTH: usize = 24;
/// How many values and keys a file may have.
pub const MAX_NODES: usize = 30_000;
