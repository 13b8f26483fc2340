//! The file as a whole.

use super::{AccountDoc, PriceDoc, StepDoc};
use crate::diagnostic::{Code, Diagnostics, nearest, quoted};
use crate::read::{
    Definitions, FromText, Instant, Named, Number, ParameterName, Raw, Read, Title, Wrong,
};
use crate::span::Spanned;
use crate::syntax::Node;
use crate::{document, words};
use serde_json::json;
use std::fmt;

document! {
    /// One scenario: who there is at the start, what happens, and what must follow.
    pub struct ScenarioDoc ("a scenario") {
        /// One sentence that says what the scenario shows.
        scenario: Spanned<Title>,
        /// The rulebook and, if not the newest, its edition: `cn`, `intl`, `eu`, `cn@2025-07`. Without it, `cn`.
        rulebook: Option<Spanned<RulebookName>>,
        /// The instant at which the scenario begins, UTC+8.
        start: Spanned<Instant>,
        /// The seed of everything that is drawn; without it, the run chooses.
        seed: Option<Spanned<Number<0, { u64::MAX }>>>,
        /// Whether instants that the rules leave open take their defaults or are drawn.
        draws: Option<Spanned<Draws>>,
        /// Variables and their values: each combination is a case of its own, and `$name` stands for a value.
        matrix: Option<MatrixDoc>,
        /// Parameters of rules that differ from the rulebook, by name.
        parameters: Option<Named<Spanned<Raw>, ParameterName>>,
        /// Sizes and their prices; without it, the published ones.
        catalogue: Option<Named<PriceDoc>>,
        /// The accounts that exist at the start.
        accounts: Named<AccountDoc>,
        /// What happens and what must follow, in order.
        steps: Vec<StepDoc>,
    }
}

/// The variables of a file. They are replaced before documents are read; here they only have their
/// place in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatrixDoc;

impl Read for MatrixDoc {
    fn read(_: &Node, _: &mut Diagnostics) -> Option<Self> {
        Some(Self)
    }
    fn schema(_: &mut Definitions) -> serde_json::Value {
        let value = json!({ "type": ["string", "number", "boolean"] });
        json!({
            "type": "object",
            "propertyNames": { "pattern": "^[a-z][a-z0-9_]{0,63}$" },
            "additionalProperties": { "type": "array", "items": value, "minItems": 1 },
        })
    }
}

words! {
    /// Whether instants that the rules leave open take their defaults or are drawn.
    pub enum Draws ("`default` or `random`") {
        /// The default of each rule.
        Default = "default",
        /// Drawn inside what each rule allows, from the seed.
        Random = "random",
    }
}

words! {
    /// A site with rules of its own.
    pub enum Profile ("a rulebook") {
        /// The China site.
        Cn = "cn",
        /// The international site.
        Intl = "intl",
        /// The European site.
        Eu = "eu",
    }
}

/// The name of a rulebook: a profile and, if not the newest, an edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulebookName {
    profile: Profile,
    edition: Option<String>,
}

impl RulebookName {
    /// The profile.
    pub fn profile(&self) -> Profile {
        self.profile
    }
    /// The edition, such as `2025-07`.
    pub fn edition(&self) -> Option<&str> {
        self.edition.as_deref()
    }
}

impl fmt::Display for RulebookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.profile.as_str())?;
        self.edition.iter().try_for_each(|edition| write!(f, "@{edition}"))
    }
}

impl FromText for RulebookName {
    const WHAT: &'static str = "a rulebook";
    const PART: &'static str = "rulebook";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let (name, edition) = match text.split_once('@') {
            Some((name, edition)) => (name, Some(edition)),
            None => (text, None),
        };
        let help = |near: Option<&str>| match near {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => String::from("write `cn`, `intl` or `eu`, and for an edition `cn@2025-07`"),
        };
        let message = format!("{} is not a rulebook", quoted(text));
        let profile = Profile::from_text(name).map_err(|_| {
            let near = nearest(name, Profile::WORDS.iter().copied());
            Wrong::new(Code::UnknownWord, message.clone(), help(near))
        })?;
        if edition.is_some_and(|e| !is_edition(e)) {
            return Err(Wrong::new(Code::UnknownWord, message, help(None)));
        }
        Ok(Self { profile, edition: edition.map(str::to_owned) })
    }
    fn part() -> serde_json::Value {
        json!({
            "description": "A rulebook, and an edition of it if not the newest.",
            "type": "string",
            "pattern": "^(cn|intl|eu)(@[0-9]{4}-(0[1-9]|1[0-2]))?$|\\$",
            "examples": ["cn", "intl", "eu"],
        })
    }
}

/// A year and a month.
fn is_edition(text: &str) -> bool {
    let digits = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_digit());
    text.split_once('-').is_some_and(|(year, month)| {
        digits(year, 4) && digits(month, 2) && ("01"..="12").contains(&month)
    })
}
