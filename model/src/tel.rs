//! Telephone numbers.

use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// Longest number in bytes: fifteen digits with separators fit.
pub const TEL_BYTES_MAX: usize = 32;

/// Why a text is not a telephone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TelError {
    /// Nothing was given.
    #[error("a telephone number may not be empty")]
    Empty,
    /// Too many bytes.
    #[error("a telephone number may have at most {TEL_BYTES_MAX} characters, this one has {0}")]
    Long(usize),
    /// A character outside the alphabet of numbers.
    #[error(
        "`{0}` may not stand in a telephone number: letters, digits, `+`, `*`, `#` and `-` may"
    )]
    Character(char),
}

/// Whom a call or short message comes from or goes to, as the network writes it: 1 to 32 ASCII letters,
/// digits, `+`, `*`, `#` or `-`. Letters name senders that have no number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TelNumber(SmolStr);

impl TelNumber {
    /// Checks and takes a number.
    ///
    /// # Errors
    /// If it is empty, too long, or has another character.
    pub fn new(text: &str) -> Result<Self, TelError> {
        let legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '*' | '#' | '-');
        match text.chars().find(|c| !legal(c)) {
            Some(c) => Err(TelError::Character(c)),
            None if text.is_empty() => Err(TelError::Empty),
            None if text.len() > TEL_BYTES_MAX => Err(TelError::Long(text.len())),
            None => Ok(Self(SmolStr::new(text))),
        }
    }
    /// The number's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TelNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TelNumber {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(d)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_an_alphabet_and_a_length() {
        for text in ["10086", "+86-138-0013-8000", "*100#", "BANK"] {
            assert_eq!(TelNumber::new(text).unwrap().as_str(), text);
        }
        assert_eq!(TelNumber::new(""), Err(TelError::Empty));
        assert_eq!(TelNumber::new("1 2"), Err(TelError::Character(' ')));
        assert!(TelNumber::new(&"1".repeat(32)).is_ok());
        assert_eq!(TelNumber::new(&"1".repeat(33)), Err(TelError::Long(33)));
        assert!(serde_json::from_str::<TelNumber>("\"1/2\"").is_err());
    }
}
