//! The control channel over a path that delays, loses, doubles and reorders.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail loudly"
)]

mod blocking;
mod delivery;
mod limits;
mod path;
