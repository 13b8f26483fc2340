//! The operations of the product: 32 of the console and 21 of the interface, what its two system
//! roles may do, and what a caller may do besides.
//!
//! The table of operations is data with its sources; what the pages leave open about single
//! operations stands beside it as readings. How a policy is evaluated is not known here.

mod admit;
mod data;
mod operation;

pub use admit::{Agency, Ask, Caller, Refusal, admit};
pub use operation::{Door, Matrix, Operation, SystemRole, Trust, UnknownOperation};
