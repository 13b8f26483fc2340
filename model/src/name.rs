//! Names: what accounts, phones, orders, coupons and sizes are called, in scenarios, logs and state
//! alike. A name is its own identity, so that no table of numbers stands between a log and its reader.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

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

/// Names of up to this many bytes are kept without allocation.
const HEAD_BYTES: usize = 16;

/// 1 to 64 ASCII letters, digits, `_`, `-` or `.`, in the order of their bytes.
///
/// Names are compared all the time, in every ordered map: the first sixteen bytes are kept so that
/// comparing them is comparing two numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct Name {
    /// The first bytes, and zeros behind a shorter name. No name holds a zero.
    head: [u8; HEAD_BYTES],
    /// The whole text where it is longer.
    long: Option<Arc<String>>,
}

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
            None => Ok(Self::of_legal(text)),
        }
    }
    fn of_legal(text: &str) -> Self {
        let mut head = [0; HEAD_BYTES];
        head.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        let long = (text.len() > HEAD_BYTES).then(|| Arc::new(text.to_owned()));
        Self { head, long }
    }
    /// The name's text.
    pub fn as_str(&self) -> &str {
        if let Some(long) = &self.long {
            return long;
        }
        // Only ASCII ever comes in.
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
    /// The name's text, a byte a character.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        if let Some(long) = &self.long {
            return long.as_bytes();
        }
        let zeros = usize::try_from(self.number().trailing_zeros() / u8::BITS).unwrap_or(0);
        self.head.get(..HEAD_BYTES - zeros.min(HEAD_BYTES)).unwrap_or_default()
    }
    /// The text with zeros behind it, and its length, if it has at most sixteen bytes.
    #[inline]
    pub const fn padded(&self) -> Option<(&[u8; HEAD_BYTES], u32)> {
        match self.long {
            Some(_) => None,
            None => Some((&self.head, (u128::BITS - self.number().trailing_zeros()).div_ceil(8))),
        }
    }
    #[inline]
    const fn number(&self) -> u128 {
        u128::from_be_bytes(self.head)
    }
}

impl Hash for Name {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.number());
        if let Some(long) = &self.long {
            long.hash(state);
        }
    }
}

impl Ord for Name {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        // Mostly the first eight bytes decide, and they are one word.
        let (number, theirs) = (self.number(), other.number());
        let first = (number >> u64::BITS).cmp(&(theirs >> u64::BITS));
        // A short name ends inside its head, so that equal heads leave only long names to compare.
        first.then_with(|| number.cmp(&theirs)).then_with(|| self.long.cmp(&other.long))
    }
}

impl PartialOrd for Name {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({:?})", self.as_str())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
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
            /// The name itself.
            #[inline]
            pub const fn name(&self) -> &Name {
                &self.0
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
    /// Somebody in whom an account trusts: an IAM user.
    UserId;
    /// A group of users.
    GroupId;
    /// A token, by the name that whoever asked for it gave it.
    TokenId;
    /// An organisation of an account.
    OrganisationId;
    /// A department of an organisation.
    DepartmentId;
    /// What a member uses the client on.
    DeviceId;
    /// An app by its package, such as `com.example.mail`.
    AppId;
    /// A list of apps.
    AppListId;
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
        Self(Name::of_legal(&smol_str::format_smolstr!("o{n}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whether short, of just the length of a head, or long.
        #[test]
        fn names_are_ordered_and_written_as_their_texts(
            a in "[ab]{0,2}[a-c.]{13,16}[ab]{0,3}|[A-z0-9]{1,64}", b in "[ab]{0,2}[a-c.]{13,16}[ab]{0,3}",
        ) {
            let names = (Name::new(&a), Name::new(&b));
            if let (Ok(x), Ok(y)) = names {
                prop_assert_eq!(x.cmp(&y), a.cmp(&b));
                prop_assert_eq!(x == y, a == b);
                prop_assert_eq!((x.as_str(), y.as_str()), (&*a, &*b));
                let text = serde_json::to_string(&x).unwrap();
                prop_assert_eq!(serde_json::from_str::<Name>(&text).unwrap(), x);
            }
        }
    }

    #[test]
    fn names_have_an_alphabet_and_a_length() {
        assert!(Name::new("pro-4c8g64g_1.a").is_ok());
        assert_eq!(Name::new(""), Err(NameError::Empty));
        assert_eq!(Name::new("a b"), Err(NameError::Character(' ')));
        assert_eq!(Name::new(&"x".repeat(65)), Err(NameError::Long(65)));
        assert!(serde_json::from_str::<PhoneId>("\"p 1\"").is_err());
    }
}
