//! The virtual world around the rules: clock, queue, random streams, log and world.

/// Random numbers by name, portable and value-stable.
pub mod streams;
