//! What the benchmarks share: the work, and the designs that were tried and not chosen.

use mimalloc::MiMalloc;

// The allocator of the command line (sim/cli), so that what is measured here is what users run.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How long rounds of a benchmark take.
pub mod clock;
/// All designs on the same work.
pub mod contest;
/// Event queues that lost against the engine's, kept so that the comparison can be repeated.
pub mod designs;
/// Both ends of many sessions and nothing else.
pub mod ends;
/// A fleet of phones through the whole model.
pub mod fleet;
/// The hold model: the work on which event queues are compared.
pub mod hold;
/// Packets through links and nothing else.
pub mod replay;
