//! Phones as devices: power, what takes a while, members, freezes.

use crate::name::{MemberId, PhoneId};
use crate::state::{FreezeCause, Operation, Power};
use crate::time::SimTime;
use serde::{Deserialize, Serialize};

payloads! {
    /// A phone was powered on or off.
    pub struct PowerSet {
        /// Which phone.
        phone: PhoneId,
        /// Its power now.
        to: Power,
    }
    /// A phone began something that takes a while (P2.9).
    pub struct OperationStarted {
        /// Which phone.
        phone: PhoneId,
        /// What it does.
        operation: Operation,
        /// When that is done.
        until: SimTime,
    }
    /// A phone has done what it began; powering on and off end with `power_set` instead.
    pub struct OperationDone {
        /// Which phone.
        phone: PhoneId,
        /// What it did.
        operation: Operation,
    }
    /// A backup or a restore failed (P2.3).
    pub struct OperationFailed {
        /// Which phone.
        phone: PhoneId,
        /// What it tried.
        operation: Operation,
    }
    /// A phone was given to a member, who is told so by text message (P3.4).
    pub struct Bound {
        /// Which phone.
        phone: PhoneId,
        /// To whom.
        member: MemberId,
    }
    /// A phone was taken from its member; its data are being wiped (P3.5).
    pub struct Unbound {
        /// Which phone.
        phone: PhoneId,
        /// From whom.
        member: MemberId,
    }
    /// A phone may not be used; its data is kept (R8.1).
    pub struct Frozen {
        /// Which phone.
        phone: PhoneId,
        /// Why.
        cause: FreezeCause,
        /// End of its retention period; a freeze by the police has none.
        retention_until: Option<SimTime>,
        /// Whether use is charged on while it is frozen (R8.4).
        accrues: bool,
    }
    /// One cause of a freeze is gone; with the last, the phone may be used again (R5.7, R8.7, R8.8).
    pub struct Unfrozen {
        /// Which phone.
        phone: PhoneId,
        /// Which cause.
        cause: FreezeCause,
    }
    /// A phone and its data are gone (R8.1).
    pub struct Released {
        /// Which phone.
        phone: PhoneId,
        /// Why it had been frozen.
        cause: FreezeCause,
    }
}
