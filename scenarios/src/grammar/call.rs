//! Calls and short messages of phones through real ones.

use crate::diagnostic::Code;
use crate::read::{FromText, Name, Number, Raw, Wrong, YesNo};
use crate::span::Spanned;
use crate::{document, words};
use koosim_model::tel::{TEL_BYTES_MAX, TelNumber};
use serde_json::json;

/// Whom a call or short message comes from or goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tel(pub TelNumber);

impl FromText for Tel {
    const WHAT: &'static str = "a telephone number";
    const PART: &'static str = "telephone-number";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let help = format!(
            "a telephone number has 1 to {TEL_BYTES_MAX} digits, letters, `+`, `*`, `#` and `-`"
        );
        let wrong = |error| Wrong::new(Code::BadText, format!("{error}"), help);
        TelNumber::new(text).map(Self).map_err(wrong)
    }
    fn part() -> serde_json::Value {
        json!({
            "description": "A telephone number, or the name of a sender that has none.",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[A-Za-z0-9+*#-]{1,32}$|\\$" },
            ],
        })
    }
}

words! {
    /// What a device may permit.
    pub enum PermitWord ("`calls` or `messages`") {
        /// The use of its calls.
        Calls = "calls",
        /// The use of its short messages.
        Messages = "messages",
    }
}

words! {
    /// How a call stands at its device.
    pub enum CallNewsWord ("how a call stands") {
        /// The device calls somebody.
        Dialling = "dialling",
        /// They speak.
        Active = "active",
        /// They wait.
        Held = "held",
        /// It is over.
        Ended = "ended",
        /// It could not be made.
        Failed = "failed",
    }
}

words! {
    /// What became of a short message.
    pub enum MessageResultWord ("`sent` or `failed`") {
        /// The network took it.
        Sent = "sent",
        /// The network refused it.
        Failed = "failed",
    }
}

document! {
    /// Whoever holds a device permits the phone the use of its calls or short messages.
    pub struct PermitDoc ("`permit`") {
        /// The device.
        device: Spanned<Name>,
        /// What may be used.
        what: Spanned<PermitWord>,
        /// Whether it may; without it, yes.
        on: Option<Spanned<YesNo>>,
        /// Whose account; it may be left out where the file has one.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Somebody at a device wants the phone to call somebody.
    pub struct DialDoc ("`dial`") {
        /// The phone.
        phone: Spanned<Name>,
        /// The device.
        device: Spanned<Name>,
        /// Whom.
        number: Spanned<Tel>,
        /// Whose phone, where several accounts have one of that name.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Somebody calls a device.
    pub struct IncomingCallDoc ("`incoming_call`") {
        /// The phone that it may be handed to.
        phone: Spanned<Name>,
        /// The device.
        device: Spanned<Name>,
        /// Who; without it, the number is hidden.
        number: Option<Spanned<Tel>>,
        /// Whose phone, where several accounts have one of that name.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// The call of a phone stands otherwise at its device.
    pub struct CallNewsDoc ("`call_news`") {
        /// The phone.
        phone: Spanned<Name>,
        /// How it stands.
        is: Spanned<CallNewsWord>,
        /// Whose phone, where several accounts have one of that name.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// A short message, written in the phone or come to a device.
    pub struct MessageDoc ("a short message") {
        /// The phone.
        phone: Spanned<Name>,
        /// The device.
        device: Spanned<Name>,
        /// Whom it goes to or comes from.
        number: Spanned<Tel>,
        /// What it says.
        text: Spanned<Raw>,
        /// Whose phone, where several accounts have one of that name.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// The device knows what became of a short message.
    pub struct MessageResultDoc ("`message_result`") {
        /// The phone.
        phone: Spanned<Name>,
        /// The number of the message: calls and messages of an account are counted together, from 1.
        message: Spanned<Number<0, 4294967295>>,
        /// What became of it.
        result: Spanned<MessageResultWord>,
        /// Whose phone, where several accounts have one of that name.
        account: Option<Spanned<Name>>,
    }
}
