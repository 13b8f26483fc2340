//! The two ends of one session. See [`Sender`] and [`Receiver`]; the rest is what they are made of.

mod arrivals;
mod assembly;
mod bucket;
mod connection;
mod frames;
mod nack;
mod packetiser;
mod parity;
mod playout;
mod receiver;
mod receiver_types;
mod repair;
mod resend;
mod sender;
mod sender_feedback;
mod sender_pacing;
mod sender_types;
mod sent;
mod statistics;

pub use connection::{ConnectionChange, ConnectionOptions};
pub use nack::NackOptions;
pub use packetiser::{Codec, FRAME_PACKETS_MAX, Frame, HEADS_MAX, Piece};
pub use parity::FecOptions;
pub use playout::PlayoutOptions;
pub use receiver::Receiver;
pub use receiver_types::{
    Picture, ReceiverInput, ReceiverOptions, ReceiverOutput, ReceiverStats, Repaired, Sound,
};
pub use resend::ResendOptions;
pub use sender::Sender;
pub use sender_types::{
    AudioFrame, FeedbackKind, Refusal, Repair, SenderInput, SenderOptions, SenderOutput,
    SenderStats,
};
