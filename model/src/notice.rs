//! What customers are told, apart from the answers to their own requests (R6.9).

use serde::{Deserialize, Serialize};
use std::fmt;

/// To whom a notice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// Whoever created the account.
    Creator,
    /// The member to whom a phone was given (P3.4).
    Member,
}

/// How a notice goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// An e-mail.
    Mail,
    /// A text message.
    Sms,
    /// A message in the console.
    Console,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Mail, Self::Sms, Self::Console];

    /// The channel's name in parameters and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Console => "console",
        }
    }
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A subscription without auto-renewal is about to end.
    Expiring,
    /// Auto-renewal has renewed.
    AutoRenewed,
    /// Auto-renewal has failed, and the subscription is about to end.
    AutoRenewalFailed,
    /// Auto-renewal has failed, and the phone is about to be released.
    Releasing,
    /// A phone and its data are gone.
    Released,
    /// The account owes money.
    Arrears,
    /// A phone was given to a member; with it comes the link to the client (P3.4).
    Bound,
    /// The balance has fallen to what the customer set (R4.7).
    LowBalance,
}

impl fmt::Display for NoticeKind {
    /// In words, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expiring => "about to expire",
            Self::AutoRenewed => "renewed by auto-renewal",
            Self::AutoRenewalFailed => "auto-renewal failed",
            Self::Releasing => "about to be released",
            Self::Released => "released",
            Self::Arrears => "in arrears",
            Self::Bound => "a phone was given",
            Self::LowBalance => "the balance is low",
        })
    }
}
