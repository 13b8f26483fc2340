//! Parity over RTP packets (T2.12): what both formats share, and each of them.
//!
//! The standard's flexible format (RFC 8627) has another header than the draft that browsers send, and is not
//! here: nobody sends it.

mod flexfec03;
mod sums;
mod ulpfec;

pub use flexfec03::{FLEXFEC03_SPAN, FlexFec03, FlexMask, protect_flexfec03};
pub use sums::{Recovered, Sums, Unprotectable, Unrecoverable};
pub use ulpfec::{ULPFEC_SPAN, UlpFec, protect_ulpfec};
