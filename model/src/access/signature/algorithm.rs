//! The algorithms: hash, keyed hash and derived key. All take keys of any length and cannot fail.

use super::key::Credential;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use sm3::Sm3;
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of a hash and of a signature, in every algorithm.
pub(super) const HASH_BYTES: usize = 32;
/// Bytes that both hashes take at once: HMAC fills shorter keys up with zeros to this many.
const BLOCK_BYTES: usize = 64;

/// An algorithm that signs the same request twice in the same way, and so can be checked (A6.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// HMAC with SHA-256: what clients use unless told otherwise (A6.3).
    Sha256,
    /// HMAC with SM3.
    Sm3,
    /// HMAC with SHA-256 and a key for one day, region and service (A6.14).
    Derived,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sm3, Self::Derived];
    /// Algorithms of official signers whose signatures of one request differ every time.
    pub(super) const RANDOMISED: [&str; 2] = ["SDK-ECDSA-P256-SHA256", "SDK-SM2-SM3"];

    /// The word that headers begin with.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SDK-HMAC-SHA256",
            Self::Sm3 => "SDK-HMAC-SM3",
            Self::Derived => "V11-HMAC-SHA256",
        }
    }
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == word)
    }
    /// The header that declares the hash of the body (A6.6), as official signers spell it.
    pub const fn content_header(self) -> &'static str {
        match self {
            Self::Sha256 | Self::Derived => "X-Sdk-Content-Sha256",
            Self::Sm3 => "X-Sdk-Content-Sm3",
        }
    }
    pub(super) fn hash(self, data: &[u8]) -> [u8; HASH_BYTES] {
        match self {
            Self::Sha256 | Self::Derived => Sha256::digest(data).into(),
            Self::Sm3 => Sm3::digest(data).into(),
        }
    }
    fn key_block(self, key: &[u8]) -> Zeroizing<[u8; BLOCK_BYTES]> {
        let mut block = Zeroizing::new([0; BLOCK_BYTES]);
        let hashed = (key.len() > BLOCK_BYTES).then(|| Zeroizing::new(self.hash(key)));
        let key = hashed.as_ref().map_or(key, |hash| hash.as_slice());
        for (slot, byte) in block.iter_mut().zip(key) {
            *slot = *byte;
        }
        block
    }
    fn keyed_hash(self, key: &[u8], text: &[u8]) -> [u8; HASH_BYTES] {
        let block = self.key_block(key);
        match self {
            Self::Sha256 | Self::Derived => {
                Hmac::<Sha256>::new((&*block).into()).chain_update(text).finalize().into_bytes()
            }
            Self::Sm3 => {
                Hmac::<Sm3>::new((&*block).into()).chain_update(text).finalize().into_bytes()
            }
        }
        .into()
    }
    fn is_keyed_hash(self, key: &[u8], text: &[u8], signature: &[u8; HASH_BYTES]) -> bool {
        let block = self.key_block(key);
        match self {
            Self::Sha256 | Self::Derived => {
                Hmac::<Sha256>::new((&*block).into()).chain_update(text).verify_slice(signature)
            }
            Self::Sm3 => {
                Hmac::<Sm3>::new((&*block).into()).chain_update(text).verify_slice(signature)
            }
        }
        .is_ok()
    }
}

/// What a derived key is good for (A6.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The day (UTC) as headers write it, such as `20240229`.
    pub day: String,
    /// The region.
    pub region: String,
    /// The service.
    pub service: String,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.day, self.region, self.service)
    }
}

/// The key that signs: the secret as it is (A6.3), or one that was derived from it (A6.14).
pub(super) struct SigningKey {
    algorithm: Algorithm,
    bytes: Zeroizing<Vec<u8>>,
}

impl SigningKey {
    pub(super) fn new(
        algorithm: Algorithm,
        credential: &Credential,
        scope: Option<&Scope>,
    ) -> Self {
        let secret = credential.secret.expose();
        let bytes = match scope {
            None => secret.to_vec(),
            // HKDF whose output is one block: extract, then a single step of expand, written in hexadecimal.
            Some(scope) => {
                let extracted = Zeroizing::new(
                    algorithm.keyed_hash(credential.key.as_str().as_bytes(), secret),
                );
                let step = [scope.to_string().as_bytes(), &[1]].concat();
                let expanded = Zeroizing::new(algorithm.keyed_hash(extracted.as_slice(), &step));
                hex(expanded.as_slice()).into_bytes()
            }
        };
        Self { algorithm, bytes: Zeroizing::new(bytes) }
    }
    pub(super) fn sign(&self, text: &[u8]) -> [u8; HASH_BYTES] {
        self.algorithm.keyed_hash(&self.bytes, text)
    }
    /// Whether this is the signature of `text`, in a time that does not depend on where they differ.
    pub(super) fn verify(&self, text: &[u8], signature: &[u8; HASH_BYTES]) -> bool {
        self.algorithm.is_keyed_hash(&self.bytes, text, signature)
    }
}

/// Bytes in hexadecimal, in small letters.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads a hash in hexadecimal, in letters of either case.
pub(super) fn from_hex(text: &[u8]) -> Option<[u8; HASH_BYTES]> {
    let mut bytes = [0; HASH_BYTES];
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != HASH_BYTES || !rest.is_empty() {
        return None;
    }
    for (slot, [high, low]) in bytes.iter_mut().zip(pairs) {
        *slot = hex_digit(*high)? << 4 | hex_digit(*low)?;
    }
    Some(bytes)
}

/// The value of one hexadecimal digit.
pub(super) fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test cases of RFC 4231 that bear on the length of the key: four bytes, and more than a block.
    #[test]
    fn keys_of_any_length_sign() {
        let short = Algorithm::Sha256.keyed_hash(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(&short), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        let long = Algorithm::Sha256.keyed_hash(&[0xaa; 131], text);
        assert_eq!(hex(&long), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        assert!(Algorithm::Sha256.is_keyed_hash(&[0xaa; 131], text, &long));
        assert!(!Algorithm::Sha256.is_keyed_hash(&[0xaa; 130], text, &long));
    }

    #[test]
    fn hexadecimal_is_read_whole_or_not_at_all() {
        let bytes: [u8; HASH_BYTES] = Algorithm::Sha256.hash(b"");
        assert_eq!(from_hex(hex(&bytes).as_bytes()), Some(bytes));
        assert_eq!(from_hex(hex(&bytes).to_uppercase().as_bytes()), Some(bytes));
        assert_eq!(from_hex(&[b'0'; 63]), None);
        assert_eq!(from_hex(&[b'0'; 65]), None);
        assert_eq!(from_hex(&[b'g'; 64]), None);
    }
}
