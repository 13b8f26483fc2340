//! Names of rules: a family, a section and a number, such as `R6.1`.

use super::error::BookError;
use super::suggest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// What a rule is about. Families are ordered as the book prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Billing.
    R,
    /// Product and lifecycle.
    P,
    /// Access: roles, policies, tokens, signatures.
    A,
    /// Transport and media.
    T,
}

impl Family {
    /// All families, in order.
    pub const ALL: [Self; 4] = [Self::R, Self::P, Self::A, Self::T];

    /// The letter that ids begin with.
    pub const fn letter(self) -> char {
        match self {
            Self::R => 'R',
            Self::P => 'P',
            Self::A => 'A',
            Self::T => 'T',
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::R => 0,
            Self::P => 1,
            Self::A => 2,
            Self::T => 3,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.code() == code)
    }
}

/// The name of one rule. Ordered by family, then section, then number: `R2.9` before `R2.10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId {
    family: Family,
    section: u8,
    number: u8,
}

impl RuleId {
    /// The id `R6.1` for `(Family::R, 6, 1)`. Whether the book has such a rule is another question.
    pub const fn new(family: Family, section: u8, number: u8) -> Self {
        Self { family, section, number }
    }
    /// The family.
    pub const fn family(self) -> Family {
        self.family
    }
    /// The section, the number before the point.
    pub const fn section(self) -> u8 {
        self.section
    }
    /// The number in the section, after the point.
    pub const fn number(self) -> u8 {
        self.number
    }
    /// Three bytes that order like the id.
    pub(super) const fn code(self) -> [u8; 3] {
        [self.family.code(), self.section, self.number]
    }

    /// Reads an id without looking for the nearest valid one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let family = Family::ALL.into_iter().find(|family| text.starts_with(family.letter()))?;
        let (section, number) = text.get(1..)?.split_once('.')?;
        let read = |digits: &str| {
            let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
            if plain { digits.parse().ok() } else { None }
        };
        Some(Self { family, section: read(section)?, number: read(number)? })
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `pad` honours a width, so that ids line up in tables.
        f.pad(&format!("{}{}.{}", self.family.letter(), self.section, self.number))
    }
}

impl FromStr for RuleId {
    type Err = BookError;
    fn from_str(text: &str) -> Result<Self, BookError> {
        Self::parse(text).ok_or_else(|| BookError::NotARuleId {
            given: text.to_owned(),
            nearest: suggest::in_standard_book(text),
        })
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() { s.collect_str(self) } else { self.code().serialize(s) }
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if d.is_human_readable() {
            return String::deserialize(d)?.parse().map_err(Error::custom);
        }
        let [family, section, number] = <[u8; 3]>::deserialize(d)?;
        let family = Family::from_code(family)
            .ok_or_else(|| Error::custom(format!("no rule family has the code {family}")))?;
        Ok(Self { family, section, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_order_by_family_and_then_by_number() {
        let mut ids = ["T1.1", "R2.10", "A1.1", "R2.9", "P9.9", "R11.1"]
            .map(|text| text.parse::<RuleId>().unwrap());
        ids.sort();
        assert_eq!(
            ids.map(|id| id.to_string()),
            ["R2.9", "R2.10", "R11.1", "P9.9", "A1.1", "T1.1"]
        );
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        for text in ["r6.1", "R6", "R6.", "R06.1", "R6.01", "R6.+1", "R6.1.2", "R6.256", "X1.1", ""]
        {
            assert!(RuleId::parse(text).is_none(), "{text}");
        }
        assert_eq!(RuleId::parse("R6.1"), Some(RuleId::new(Family::R, 6, 1)));
    }

    #[test]
    fn a_misspelt_id_is_answered_with_a_near_one() {
        let error = "r6.1".parse::<RuleId>().unwrap_err().to_string();
        assert_eq!(error, "`r6.1` is not a rule id such as `R6.1`; the nearest is `R6.1`");
    }
}
