//! How the picture and the input travel: wire formats, and endpoints that own neither socket nor clock.
//!
//! [`wire`] reads and writes bytes and knows no time. Everything else is told the instant with each
//! input and says when it wants to be asked again. Links and queues are the engine's; what a frame
//! holds and costs is `koosim-media`'s.

pub mod control;
pub mod wire;
