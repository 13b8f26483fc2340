//! The header that carries the signature (A6.1), read exactly as official signers write it.

use super::algorithm::{Algorithm, HASH_BYTES, Scope, from_hex};
use super::canonical::{is_blank, trimmed};
use super::key::AccessKey;
use super::refusal::Refusal;
use std::collections::BTreeSet;

/// Characters of the header that an error shows.
const FOUND_CHARS_MAX: usize = 24;

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// How it was signed.
    pub algorithm: Algorithm,
    /// Who signed.
    pub key: AccessKey,
    /// What a derived key is good for; only the derived algorithm has it.
    pub scope: Option<Scope>,
    /// The names of the signed headers, in small letters, in the order of the list.
    pub signed_headers: Vec<String>,
    /// The signature.
    pub signature: [u8; HASH_BYTES],
}

/// Where a header stops being one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`Authorization`, byte {at}: expected {expected}, found {found}")]
pub struct Malformed {
    /// Bytes before the place, counted from the start of the value.
    pub at: usize,
    /// What may stand there.
    pub expected: &'static str,
    /// What does.
    pub found: String,
}

impl Authorization {
    /// Reads the value of an `Authorization` header (A6.1). Blanks around it are not part of it.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] or [`Refusal::UnsupportedAlgorithm`].
    pub fn parse(value: &[u8]) -> Result<Self, Refusal> {
        let blanks = value.iter().take_while(|b| is_blank(b)).count();
        let mut rest = Rest { whole: value, at: blanks };
        let word = rest.until(b' ', "an algorithm and a blank")?;
        let Some(algorithm) = Algorithm::named(&word) else {
            return Err(Refusal::UnsupportedAlgorithm(word));
        };
        let (key, scope) = match algorithm {
            Algorithm::Sha256 | Algorithm::Sm3 => {
                rest.exactly(b"Access=", "`Access=`")?;
                (rest.key(b',')?, None)
            }
            Algorithm::Derived => {
                rest.exactly(b"Credential=", "`Credential=`")?;
                let key = rest.key(b'/')?;
                (key, Some(rest.scope()?))
            }
        };
        rest.exactly(b" SignedHeaders=", "one blank and `SignedHeaders=`")?;
        let signed_headers = rest.names()?;
        rest.exactly(b" Signature=", "one blank and `Signature=`")?;
        let signature = rest.signature()?;
        Ok(Self { algorithm, key, scope, signed_headers, signature })
    }
    /// Whether the list names this header, given in small letters.
    pub fn signs(&self, name: &str) -> bool {
        self.signed_headers.iter().any(|signed| signed == name)
    }
}

/// What has not been read yet.
struct Rest<'a> {
    whole: &'a [u8],
    at: usize,
}

impl<'a> Rest<'a> {
    fn left(&self) -> &'a [u8] {
        self.whole.get(self.at..).unwrap_or_default()
    }
    fn malformed<T>(&self, at: usize, expected: &'static str) -> Result<T, Refusal> {
        let rest = String::from_utf8_lossy(self.whole.get(at..).unwrap_or_default());
        let shown: String = rest.trim_end().chars().take(FOUND_CHARS_MAX).collect();
        let found = if shown.is_empty() {
            "the end".to_owned()
        } else {
            format!("`{}`", shown.escape_debug())
        };
        Err(Refusal::Malformed(Malformed { at, expected, found }))
    }
    fn exactly(&mut self, text: &[u8], expected: &'static str) -> Result<(), Refusal> {
        if !self.left().starts_with(text) {
            return self.malformed(self.at, expected);
        }
        self.at += text.len();
        Ok(())
    }
    /// Visible characters but commas up to `end`, which is read as well.
    fn until(&mut self, end: u8, expected: &'static str) -> Result<String, Refusal> {
        let start = self.at;
        let text: String = self
            .left()
            .iter()
            .take_while(|b| **b != end && **b != b',' && b.is_ascii_graphic())
            .map(|b| char::from(*b))
            .collect();
        self.at += text.len();
        if text.is_empty() || self.left().first() != Some(&end) {
            return self.malformed(if text.is_empty() { start } else { self.at }, expected);
        }
        self.at += 1;
        Ok(text)
    }
    fn key(&mut self, end: u8) -> Result<AccessKey, Refusal> {
        let (start, expected) = (self.at, "an access key and its separator");
        let text = self.until(end, expected)?;
        AccessKey::new(&text).map_or_else(|| self.malformed(start, expected), Ok)
    }
    fn scope(&mut self) -> Result<Scope, Refusal> {
        Ok(Scope {
            day: self.until(b'/', "a day and `/`")?,
            region: self.until(b'/', "a region and `/`")?,
            service: self.service()?,
        })
    }
    fn service(&mut self) -> Result<String, Refusal> {
        let (start, expected) = (self.at, "a service and `,`");
        let text = self.until(b',', expected)?;
        if text.contains('/') { self.malformed(start, expected) } else { Ok(text) }
    }
    /// Names of headers with `;` between them, each once, and the comma after them.
    fn names(&mut self) -> Result<Vec<String>, Refusal> {
        let mut at = self.at;
        let text = self.until(b',', "names of headers and `,`")?;
        let mut seen = BTreeSet::new();
        for name in text.split(';') {
            if name.is_empty() || !name.bytes().all(is_name_byte) {
                return self.malformed(at, "the name of a header in small letters");
            }
            if !seen.insert(name) {
                return self.malformed(at, "each header once");
            }
            at += name.len() + 1;
        }
        Ok(text.split(';').map(str::to_owned).collect())
    }
    /// Sixty-four hexadecimal digits in small letters, and then nothing.
    fn signature(&self) -> Result<[u8; HASH_BYTES], Refusal> {
        let digits = trimmed(self.left());
        let good = |b: &u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
        let read = digits.iter().take_while(|b| good(b)).count();
        let bytes = if read == digits.len() { from_hex(digits) } else { None };
        let wrong_at = self.at + read.min(2 * HASH_BYTES);
        bytes.map_or_else(|| self.malformed(wrong_at, "64 hexadecimal digits in small letters"), Ok)
    }
}

/// Whether a name of a header may hold this byte, once it is in small letters.
fn is_name_byte(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn problem(value: &str) -> String {
        Authorization::parse(value.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_header_is_read_as_signers_write_it() {
        let plain = format!(
            "  SDK-HMAC-SHA256 Access=EXAMPLE-NOT-A-KEY, SignedHeaders=host;x-sdk-date, Signature={SIGNATURE} "
        );
        let read = Authorization::parse(plain.as_bytes()).unwrap();
        assert_eq!((read.key.as_str(), read.scope.clone()), ("EXAMPLE-NOT-A-KEY", None));
        assert_eq!(read.signed_headers, ["host", "x-sdk-date"]);
        assert!(read.signs("host") && !read.signs("accept"));
        let derived = format!(
            "V11-HMAC-SHA256 Credential=EXAMPLE-NOT-A-KEY/20240229/cn-north-4/bss, \
             SignedHeaders=x-sdk-date, Signature={SIGNATURE}"
        );
        let read = Authorization::parse(derived.as_bytes()).unwrap();
        assert_eq!(read.scope.unwrap().to_string(), "20240229/cn-north-4/bss");
    }

    #[test]
    fn what_is_wrong_is_shown_with_its_place() {
        let signed = "SDK-HMAC-SHA256 Access=K, SignedHeaders=";
        let values = [
            "",
            "Bearer abc",
            "SDK-HMAC-SHA256",
            "SDK-HMAC-SHA256  Access=K",
            "SDK-HMAC-SHA256 access=K",
            "SDK-HMAC-SHA256 Access=, Sig",
            "SDK-HMAC-SHA256 Access=a/b, SignedHeaders=host",
            "SDK-HMAC-SHA256 Access=K,SignedHeaders=host",
            "SDK-HMAC-SHA256 Access=K, SignedHeaders=, Signature=",
            &format!("{signed}host;;x-sdk-date, Signature="),
            &format!("{signed}host;Accept, Signature="),
            &format!("{signed}host;accept;host, Signature="),
            &format!("{signed}host"),
            &format!("{signed}host, signature="),
            &format!("{signed}host, Signature=0011"),
            &format!("{signed}host, Signature={}", SIGNATURE.to_uppercase()),
            &format!("{signed}host, Signature={SIGNATURE}0"),
            &format!("{signed}host, Signature={SIGNATURE}, more"),
            "V11-HMAC-SHA256 Access=K, ",
            "V11-HMAC-SHA256 Credential=K/20240229/region, SignedHeaders=",
            "V11-HMAC-SHA256 Credential=K/20240229/region/a/b, SignedHeaders=",
            "SDK-SM2-SM3 Access=K, ",
            "\u{1}",
        ];
        insta::assert_snapshot!(values.map(problem).join("\n"));
    }
}
