//! The program as its users meet it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it says")]
#![expect(clippy::indexing_slicing, reason = "a missing part of an answer fails the test")]

mod commands;
mod common;
mod help;
mod sameness;
mod sweeping;
