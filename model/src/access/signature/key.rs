//! Keys: the half that is shown and the half that never is.

use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The half of a key pair that travels with every call. It is no secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessKey(String);

impl AccessKey {
    /// A key that a header can name: visible ASCII without the separators `,` and `/`.
    pub fn new(text: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_graphic() && b != b',' && b != b'/';
        (!text.is_empty() && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Bytes that are never printed, compared only in constant time, and wiped when they are dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Keeps `bytes` secret.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }
    /// Whether these are the bytes. Their number may show in the time that this takes, their values not.
    pub fn is(&self, bytes: &[u8]) -> bool {
        self.0.ct_eq(bytes).into()
    }
    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A key pair as its holder and the service both know it.
#[derive(Clone, Debug)]
pub struct Credential {
    pub(super) key: AccessKey,
    pub(super) secret: Secret,
    pub(super) token: Option<Secret>,
}

impl Credential {
    /// A key that holds until it is deleted.
    pub const fn permanent(key: AccessKey, secret: Secret) -> Self {
        Self { key, secret, token: None }
    }
    /// A key that was issued together with a security token (A6.9).
    pub const fn temporary(key: AccessKey, secret: Secret, token: Secret) -> Self {
        Self { key, secret, token: Some(token) }
    }
    /// The half that is shown.
    pub const fn key(&self) -> &AccessKey {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let key = AccessKey::new("EXAMPLE-NOT-A-KEY").unwrap();
        let made_up = || Secret::new("made up for this test");
        let credential = Credential::temporary(key, made_up(), made_up());
        let shown = format!("{credential:?}");
        assert!(!shown.contains("made up"), "{shown}");
        assert!(shown.contains("EXAMPLE-NOT-A-KEY"), "{shown}");
    }

    #[test]
    fn a_secret_is_only_its_own_bytes() {
        let secret = Secret::new("abc");
        assert!(secret.is(b"abc"));
        for other in ["abd", "ab", "abcd", ""] {
            assert!(!secret.is(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_key_cannot_hold_what_separates_keys_from_other_things() {
        for text in ["", "a,b", "a/b", "a b", "a\n", "é"] {
            assert!(AccessKey::new(text).is_none(), "{text:?}");
        }
    }
}
