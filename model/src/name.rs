//! Names: what accounts, phones, orders, coupons and sizes are called, in scenarios, logs and state
//! alike. A name is its own identity, so that no table of numbers stands between a log and its reader.

use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// Longest name in bytes.
pub const NAME_BYTES_MAX: usize = 64;

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("a name may not be empty")]
    Empty,
    /// Too many bytes.
    #[error("a name may have at most {NAME_BYTES_MAX} characters, this one has {0}")]
    Long(usize),
    /// A character outside the alphabet of names.
    #[error("`{0}` may not stand in a name: letters, digits, `_`, `-` and `.` may")]
    Character(char),
}

/// 1 to 64 ASCII letters, digits, `_`, `-` or `.`. Short names are kept without allocation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(SmolStr);

impl Name {
    /// Checks and takes a name.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > NAME_BYTES_MAX {
            return Err(NameError::Long(text.chars().count()));
        }
        let legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        match text.chars().find(|c| !legal(c)) {
            Some(c) => Err(NameError::Character(c)),
            None => Ok(Self(SmolStr::new(text))),
        }
    }
    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(d)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $id(Name);

        impl $id {
            /// Checks and takes the name.
            pub fn new(text: &str) -> Result<Self, NameError> {
                Name::new(text).map(Self)
            }
            /// The name's text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl From<Name> for $id {
            fn from(name: Name) -> Self {
                Self(name)
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A paying domain.
    AccountId;
    /// A cloud phone instance, unique within its account while it lives.
    PhoneId;
    /// An order, unique within its account.
    OrderId;
    /// A voucher, flexi, card or discount coupon, unique within its account.
    CouponId;
    /// A sellable size of phone, a key of the catalogue.
    SizeId;
    /// Somebody who uses phones of the account, and logs in to the client.
    MemberId;
    /// A region of the service, such as `cn-north-4`.
    RegionId;
    /// An availability zone of a region, such as `cn-north-4a`.
    ZoneId;
    /// What a caller names its request by.
    RequestId;
}

impl OrderId {
    /// The `n`-th order of an account: `o1`, `o2` and so on.
    pub fn nth(n: u32) -> Self {
        Self(Name(smol_str::format_smolstr!("o{n}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_an_alphabet_and_a_length() {
        assert!(Name::new("pro-4c8g64g_1.a").is_ok());
        assert_eq!(Name::new(""), Err(NameError::Empty));
        assert_eq!(Name::new("a b"), Err(NameError::Character(' ')));
        assert_eq!(Name::new(&"x".repeat(65)), Err(NameError::Long(65)));
        assert!(serde_json::from_str::<PhoneId>("\"p 1\"").is_err());
    }
}
