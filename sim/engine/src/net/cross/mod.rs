//! Cross traffic: what else uses a link. Sans-IO sources that say when they send.

mod congestion;
mod pace;
mod tcp;

pub use congestion::{Congestion, Cubic, Reno};
pub use pace::{Cbr, Law, OnOff};
pub use tcp::{Ack, Receiver, Segment, Sender};
