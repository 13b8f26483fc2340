//! The control channel between client and phone: what is touched, typed and pasted, what the client's own
//! device senses and is called about, and what the session says. The format is this project's own and has a
//! version; the messages that scrcpy 4.0 has too are laid out as there (T5.2).
//!
//! Two classes of delivery (T5.3): most messages arrive once and in order, while a move of a finger or a
//! reading of a sensor is outdated by the next. Every input carries a number and a time ([`Stamp`]), which
//! the first frame that it changed carries back ([`Echo`], T5.4).
//!
//! [`Sender`] and [`Receiver`] own neither socket nor clock. Between them go [`Packet`]s, as values or as
//! bytes. What is *not* here: encryption, congestion control (a fixed window bounds what is in flight), and
//! anything about who may send input.

mod code;
mod device;
mod echo;
mod error;
mod fields;
mod input;
mod message;
mod packet;
mod pointers;
mod receiver;
mod sender;
mod session;

pub use device::{
    Call, CallAction, CallRequest, CallState, Location, Motion, NUMBER_LEN_MAX, SMS_LEN_MAX, Sms,
    SmsOutcome, SmsResult,
};
pub use echo::{ECHOES_MAX, Echo, Echoes};
pub use error::SendRefused;
pub use input::{
    BackAction, Input, Key, KeyAction, Paste, Place, SCRCPY_KEY_LEN, SCRCPY_TOUCH_LEN, Scroll,
    Touch, TouchAction,
};
pub use message::{Class, MESSAGE_LEN_MAX, Message, Owned, Slot, Stamp, TEXT_LEN_MAX};
pub use packet::{Ack, CHUNKS_MAX, Chunk, Content, PACKET_LEN_MAX, Packet, VERSION, WINDOW};
pub use pointers::POINTERS_MAX;
pub use receiver::{Delivered, Output, Received, Receiver};
pub use sender::{Mode, QUEUE_MAX, SendInput, Sender, Sent, Settings};
pub use session::{Notice, NoticeKind, Rotation};
