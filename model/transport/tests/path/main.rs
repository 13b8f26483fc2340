//! Both ends over a small path: rate control converges, losses are repaired, nothing is made or lost.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail loudly"
)]

mod bench;
mod connection;
mod convergence;
mod decoder;
mod key_frames;
mod paths;
mod refusals;
mod repair;
