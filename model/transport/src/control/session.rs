//! What the phone says of the session and its picture.

use crate::control::code::codes;
use koosim_time::SimTime;

/// A new picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
}

codes! {
    /// What becomes of a session.
    NoticeKind, "notice":
    /// It streams.
    Started = 0,
    /// It stopped and stays in place (P4.3).
    Stopped = 1,
    /// A newer connection took its place (P4.7).
    Preempted = 2,
    /// The device token does not hold any more (P4.2).
    TokenExpired = 3,
    /// The phone was frozen.
    Frozen = 4,
    /// The phone was switched off.
    PoweredOff = 5,
    /// The phone was unbound.
    Unbound = 6,
    /// The phone's term is over.
    Expired = 7,
    /// The account is in arrears.
    Arrears = 8,
    /// This viewer's input counts from now on.
    InputGranted = 9,
    /// It does not any more.
    InputTaken = 10,
}

/// What becomes of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// When.
    pub at: SimTime,
}
