//! Signatures of calls (A6): a signer in the manner of each official client, and the verifier that has
//! to understand them all.
//!
//! Nothing here has a clock, a network or a store of keys: the instant, the keys and the bytes of a call
//! are given. A call that was accepted says how it was read; one that was refused says why, in a declared
//! order, and by which rules. Neither says anything about what its caller may do.

mod algorithm;
mod authorization;
mod canonical;
mod key;
mod refusal;
mod request;
mod sign;
mod verify;

pub use algorithm::{Algorithm, Scope};
pub use authorization::{Authorization, Malformed};
pub use canonical::{HeaderOrder, PathReading, QueryOrder};
pub use key::{AccessKey, Credential, Secret};
pub use refusal::Refusal;
pub use request::Request;
pub use sign::{Call, Client, Scheme, Signed, sign};
pub use verify::{Accepted, BodyReading, Verifier};
