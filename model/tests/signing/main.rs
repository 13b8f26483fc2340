//! Signed calls: the known signatures byte for byte, what a signature covers and what it does not, how
//! each official client is understood, and the order of the reasons to refuse.
//!
//! All keys here are made up, or are the ones that the vendor prints in its own tests.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail loudly"
)]

mod clients;
mod covered;
mod received;
mod refusals;
mod vector;
mod vectors;
