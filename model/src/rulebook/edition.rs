//! Which book: the site's profile and the edition.

use super::book::Rulebook;
use super::error::BookError;
use super::suggest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The site whose rules hold. Where no source speaks of the EU site, it follows `intl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// The Chinese site.
    Cn,
    /// The international site.
    Intl,
    /// The European site.
    Eu,
}

impl Profile {
    /// All profiles, in order.
    pub const ALL: [Self; 3] = [Self::Cn, Self::Intl, Self::Eu];

    /// The word that names the profile.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cn => "cn",
            Self::Intl => "intl",
            Self::Eu => "eu",
        }
    }

    /// Whose values hold where the profile has none of its own.
    pub(super) const fn falls_back_to(self) -> Option<Self> {
        match self {
            Self::Eu => Some(Self::Intl),
            Self::Cn | Self::Intl => None,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Profile {
    type Err = BookError;
    fn from_str(text: &str) -> Result<Self, BookError> {
        let found = Self::ALL.into_iter().find(|profile| profile.name() == text);
        found.ok_or_else(|| BookError::UnknownProfile {
            given: text.to_owned(),
            nearest: suggest::nearest_of(text, Self::ALL.map(Self::name)),
        })
    }
}

/// A state of the book, named by the month from which its sources speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition {
    year: u16,
    month: u8,
}

impl Edition {
    /// The edition of a month, or `None` for a month outside 1 to 12 or a year beyond 9999.
    pub const fn new(year: u16, month: u8) -> Option<Self> {
        if matches!(month, 1..=12) && year <= 9999 { Some(Self { year, month }) } else { None }
    }
    /// The year.
    pub const fn year(self) -> u16 {
        self.year
    }
    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }
    /// Reads `2024-02`. Whether the book has this edition is another question.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let edition = Self::new(year.parse().ok()?, month.parse().ok()?)?;
        // One spelling per edition: no signs, no missing zeros.
        (edition.to_string() == text).then_some(edition)
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}", self.year, self.month))
    }
}

/// A profile and an edition of the standard book, written `cn@2025-07`. `cn` alone is its newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookRef {
    profile: Profile,
    edition: Edition,
}

impl BookRef {
    /// The newest edition of a profile.
    pub fn newest(profile: Profile) -> Self {
        Self { profile, edition: Rulebook::standard().newest_edition() }
    }
    /// One edition of a profile, if the standard book has it.
    pub fn new(profile: Profile, edition: Edition) -> Result<Self, BookError> {
        let editions = Rulebook::standard().editions();
        if editions.contains(&edition) {
            return Ok(Self { profile, edition });
        }
        Err(no_such_edition(&edition.to_string()))
    }
    /// The profile.
    pub const fn profile(self) -> Profile {
        self.profile
    }
    /// The edition.
    pub const fn edition(self) -> Edition {
        self.edition
    }
}

fn no_such_edition(given: &str) -> BookError {
    let names: Vec<_> = Rulebook::standard().editions().iter().map(Edition::to_string).collect();
    BookError::UnknownEdition {
        given: given.to_owned(),
        known: names.join("`, `"),
        nearest: suggest::nearest_of(given, names.iter().map(String::as_str)),
    }
}

impl fmt::Display for BookRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}@{}", self.profile, self.edition))
    }
}

impl FromStr for BookRef {
    type Err = BookError;
    fn from_str(text: &str) -> Result<Self, BookError> {
        let Some((profile, edition)) = text.split_once('@') else {
            return text.parse().map(Self::newest);
        };
        let profile = profile.parse()?;
        let edition = Edition::parse(edition).ok_or_else(|| no_such_edition(edition))?;
        Self::new(profile, edition)
    }
}

impl Serialize for BookRef {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BookRef {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let said = match text.parse::<BookRef>() {
            Ok(book) => book.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expect);
    }

    #[test]
    fn a_reference_names_its_edition_or_means_the_newest() {
        check("cn", "cn@2025-07");
        check("eu@2024-02", "eu@2024-02");
    }

    #[test]
    fn a_wrong_reference_is_answered_with_what_exists() {
        check(
            "int",
            "`int` is not a profile; the profiles are `cn`, `intl` and `eu`; \
             the nearest is `intl`",
        );
        check(
            "cn@2024-03",
            "the rulebook has no edition `2024-03`; it has `2024-02`, `2025-07`; \
             the nearest is `2024-02`",
        );
        check(
            "cn@2024-2",
            "the rulebook has no edition `2024-2`; it has `2024-02`, `2025-07`; \
             the nearest is `2024-02`",
        );
    }
}
