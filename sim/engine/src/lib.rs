//! The virtual world around the rules: clock, queue, random streams, log and world.

/// Links between named nodes: delay, loss, rate, partition, and their books.
pub mod net;
/// Random numbers by name, portable and value-stable.
pub mod streams;
