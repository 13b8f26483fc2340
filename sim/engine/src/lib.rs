//! The virtual world around the rules: clock, queue, random streams, log and world.

/// The event queue: what happens next.
pub mod queue;
/// Random numbers by name, portable and value-stable.
pub mod streams;
