//! What a call through the real phone does between its request and its end (P4.13).

use super::diagram;
use std::fmt;

machine! {
    /// Where the call of a phone stands, as far as the phone knows.
    CallStatus {
        /// It has none.
        None = "none",
        /// Its device was asked to call somebody and has not said anything yet.
        Asked = "asked",
        /// The device calls somebody.
        Dialling = "dialling",
        /// Somebody calls the device.
        Ringing = "ringing",
        /// They speak.
        Active = "active",
        /// They wait.
        Held = "held",
        /// The link is broken; the device has the call by itself (P4.15).
        Apart = "apart",
    }
    /// What can befall a call. What a device told before a broken link it tells again after it.
    CallTrigger {
        /// The phone wants somebody called (P4.13).
        Ask = "call_asked" [None => Asked],
        /// The device does so (P4.13).
        Dial = "call_dialling" [Asked => Dialling, Apart => Dialling],
        /// Somebody calls the device (P4.13).
        Ring = "call_ringing" [None => Ringing, Apart => Ringing],
        /// They speak from here on (P4.13).
        Speak = "call_active" [
            Dialling => Active, Ringing => Active, Held => Active, Apart => Active],
        /// One of them waits (P4.13).
        Hold = "call_held" [Active => Held, Apart => Held],
        /// The link broke under it (P4.15).
        Part = "call_parted" [
            Dialling => Apart, Ringing => Apart, Active => Apart, Held => Apart],
        /// It changed at the device, which cannot say so (P4.15).
        GoOn = "call_went_on" [Apart => Apart],
        /// The phone has it no more (P4.13, P4.15).
        End = "call_ended" [
            Asked => None, Dialling => None, Ringing => None, Active => None, Held => None,
            Apart => None],
    }
}
