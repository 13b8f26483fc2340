//! Readers of traces: text in, capacity out. Nothing here opens a file.

mod error;
mod idle;
mod mahimahi;
mod rates;
mod sabre;

pub use error::{TraceError, What};
pub use idle::{Idle, Reply};
pub use mahimahi::mahimahi;
pub use rates::rates;
pub use sabre::{Sabre, sabre};

/// Most bytes of the text of a trace.
pub const TRACE_BYTES_MAX: usize = 1 << 26;
