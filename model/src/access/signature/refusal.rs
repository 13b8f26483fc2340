//! Why a call is refused, and by which rules.

use super::algorithm::Algorithm;
use super::authorization::Malformed;
use crate::rulebook::RuleId;
use crate::rules::{a, by};

/// Why a signature is refused. Where several reasons speak against a call, the first in this order is given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is longer than `body_bytes_max` (A6.8).
    #[error("a signed body has at most {max} bytes, this one has {bytes}")]
    BodyTooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// Method, target and headers together are longer than `head_bytes_max` (A6.8).
    #[error("method, target and headers have at most {max} bytes together, these have {bytes}")]
    HeadTooLarge {
        /// Their length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// There is no `Authorization` header.
    #[error("there is no `Authorization` header")]
    NotSigned,
    /// There are several of them.
    #[error("there is more than one `Authorization` header")]
    SignedTwice,
    /// The header is not written as signers write it.
    #[error(transparent)]
    Malformed(Malformed),
    /// The algorithm is none that can be checked (A6.12).
    #[error("{}", unsupported(.0))]
    UnsupportedAlgorithm(String),
    /// The method is not a word.
    #[error("a method is a word of letters")]
    BadMethod,
    /// The target is not a path with an optional query.
    #[error(
        "a target begins with `/` and is written in visible ASCII without `#`: byte {at} is not"
    )]
    BadTarget {
        /// Bytes before the first wrong one.
        at: usize,
    },
    /// The date is not among the signed headers.
    #[error("`x-sdk-date` is not among the signed headers")]
    DateNotSigned,
    /// A header is listed as signed and not sent.
    #[error("the signed header `{0}` was not sent")]
    HeaderMissing(String),
    /// A signed header was sent several times.
    #[error("the signed header `{0}` was sent more than once")]
    HeaderRepeated(String),
    /// A signed header holds control characters.
    #[error("the signed header `{0}` holds a control character")]
    HeaderUnreadable(String),
    /// The date is not one.
    #[error("`x-sdk-date` is written like `20240229T235959Z`, not `{0}`")]
    BadDate(String),
    /// A derived key is for another day than that of the date, or for another region or service (A6.14).
    #[error("the key is for `{given}`, and `{needed}` is needed")]
    OtherScope {
        /// As the header names it.
        given: String,
        /// As it would have to be.
        needed: String,
    },
    /// The date is too far from the clock (A6.4).
    #[error("`x-sdk-date` is {seconds} s from the clock, and at most {max_seconds} s are accepted")]
    ClockDifference {
        /// How far, in whole seconds, rounded up.
        seconds: u64,
        /// The limit in whole seconds.
        max_seconds: u64,
    },
    /// Nobody has this access key.
    #[error("there is no access key `{0}`")]
    UnknownKey(String),
    /// The key is temporary and no token came with it (A6.9).
    #[error("a temporary key comes with `X-Security-Token`")]
    TokenMissing,
    /// A token came that is not signed.
    #[error("`X-Security-Token` is not among the signed headers")]
    TokenNotSigned,
    /// The token is not the one that was issued with the key, or the key has none.
    #[error("`X-Security-Token` does not belong to the key")]
    OtherToken,
    /// The declared hash of the body is not one (A6.6).
    #[error("`{0}` is neither 64 hexadecimal digits nor `UNSIGNED-PAYLOAD`")]
    BadDeclaredHash(&'static str),
    /// The declared hash is of another body.
    #[error("`{0}` is the hash of another body")]
    OtherBody(&'static str),
    /// The signature is of another request, or by another key.
    #[error("the signature is not that of this request with this key")]
    OtherSignature,
}

impl Refusal {
    /// The rules behind it, the deciding one first.
    pub const fn rules(&self) -> &'static [RuleId] {
        match self {
            Self::BodyTooLarge { .. } | Self::HeadTooLarge { .. } => by![a(6, 8), a(6, 11)],
            Self::NotSigned | Self::SignedTwice | Self::Malformed(_) => by![a(6, 1), a(6, 11)],
            Self::UnsupportedAlgorithm(_) => by![a(6, 12), a(6, 11)],
            Self::BadMethod
            | Self::BadTarget { .. }
            | Self::DateNotSigned
            | Self::HeaderMissing(_)
            | Self::HeaderRepeated(_)
            | Self::HeaderUnreadable(_)
            | Self::BadDate(_) => by![a(6, 2), a(6, 11)],
            Self::OtherScope { .. } => by![a(6, 14), a(6, 11)],
            Self::ClockDifference { .. } => by![a(6, 4), a(6, 11)],
            Self::TokenMissing | Self::TokenNotSigned | Self::OtherToken => {
                by![a(6, 9), a(6, 11)]
            }
            Self::BadDeclaredHash(_) | Self::OtherBody(_) => by![a(6, 6), a(6, 11)],
            Self::UnknownKey(_) | Self::OtherSignature => by![a(6, 3), a(6, 11)],
        }
    }
}

fn unsupported(word: &str) -> String {
    if Algorithm::RANDOMISED.contains(&word) {
        return format!("signatures by `{word}` are not checked here");
    }
    let names = Algorithm::ALL.map(|algorithm| format!("`{}`", algorithm.name())).join(", ");
    format!("`{word}` is no algorithm of request signatures; these are: {names}")
}
