//! The virtual world around the rules: clock, queue, random streams, log and world.

/// All accounts as the fold of a log.
pub mod accounts;
/// The digest of a run.
pub mod digest;
mod due;
/// Laws of random lengths as integer tables.
pub mod law;
/// The log as text: JSON Lines with a header and a footer.
pub mod log;
/// Links between named nodes: queues, capacities, loss, delay, and their books.
pub mod net;
/// The whole way between a finger and the light that answers it: phones, viewers and the links between.
pub mod path;
/// What a run is given.
pub mod plan;
mod prefetch;
/// The event queue.
pub mod queue;
/// Entries of the log.
pub mod record;
/// A plan carried out in a world.
pub mod run;
/// Random numbers by name, portable and value-stable.
pub mod streams;
mod timers;
/// Accounts, rules, queue and digest under one clock.
pub mod world;
