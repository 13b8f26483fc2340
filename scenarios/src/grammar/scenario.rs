//! The file as a whole.

use super::verbs::OnOff;
use super::{AccountDoc, LinksDoc, PriceDoc, StepDoc};
use crate::diagnostic::{Diagnostics, quoted};
use crate::read::{
    Definitions, FromText, Instant, Lenient, Named, Number, ParameterName, Raw, Read, Title, Wrong,
    unknown_word,
};
use crate::span::Spanned;
use crate::syntax::Node;
use crate::{document, words};
use koosim_model::rulebook::{BookError, BookRef, Profile, Rulebook};
use serde_json::json;

document! {
    /// One scenario: who there is at the start, what happens, and what must follow.
    pub struct ScenarioDoc ("a scenario") {
        /// One sentence that says what the scenario shows.
        scenario: Lenient<Spanned<Title>>,
        /// The rulebook and, if not the newest, its edition: `cn`, `intl`, `eu`, `cn@2025-07`. Without it, `cn`.
        rulebook: Option<Lenient<Spanned<RulebookName>>>,
        /// The currency of every amount; without it, the rulebook's.
        currency: Option<Lenient<Spanned<CurrencyWord>>>,
        /// The instant at which the scenario begins, UTC+8.
        start: Lenient<Spanned<Instant>>,
        /// The seed of everything that is drawn; without it, the run chooses.
        seed: Option<Lenient<Spanned<Number<0, { u64::MAX }>>>>,
        /// Whether instants that the rules leave open take their defaults or are drawn.
        draws: Option<Lenient<Spanned<Draws>>>,
        /// Whether the customers' notices are part of the story; without it, `off`.
        notices: Option<Lenient<Spanned<OnOff>>>,
        /// Variables and their values: each combination is a case of its own, and `$name` stands for a value.
        matrix: Option<MatrixDoc>,
        /// Parameters of rules that differ from the rulebook, by name.
        parameters: Option<Lenient<Named<Spanned<Raw>, ParameterName>>>,
        /// Prices that differ from the published ones or are added to them, by size.
        catalogue: Option<Lenient<Named<PriceDoc>>>,
        /// The accounts that exist at the start.
        accounts: Lenient<Named<Lenient<AccountDoc>>>,
        /// Links of the network, each one direction, by name.
        links: Option<Lenient<LinksDoc>>,
        /// What happens and what must follow, in order.
        steps: Lenient<Vec<Lenient<StepDoc>>>,
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
    /// A currency.
    pub enum CurrencyWord ("a currency") {
        /// Renminbi.
        Cny = "CNY",
        /// US dollar.
        Usd = "USD",
        /// Euro.
        Eur = "EUR",
        /// Yen, which has no smaller coin.
        Jpy = "JPY",
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

/// The name of a rulebook: a profile and, if not the newest, an edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RulebookName(BookRef);

impl RulebookName {
    /// The rulebook of a file that names none.
    pub fn standard() -> Self {
        Self(BookRef::newest(Profile::Cn))
    }
    /// The rulebook.
    pub fn get(self) -> BookRef {
        self.0
    }
}

impl FromText for RulebookName {
    const WHAT: &'static str = "a rulebook";
    const PART: &'static str = "rulebook";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let (profile, edition) = text.split_once('@').unwrap_or((text, ""));
        let editions = Rulebook::standard().editions();
        let (given, names): (&str, Vec<String>) = match text.parse::<BookRef>() {
            Ok(book) => return Ok(Self(book)),
            Err(BookError::UnknownEdition { .. }) => {
                (text, editions.iter().map(|edition| format!("{profile}@{edition}")).collect())
            }
            Err(_) if edition.is_empty() => (text, profiles()),
            Err(_) => (profile, profiles()),
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut wrong = unknown_word(given, Self::WHAT, &names);
        wrong.message = format!("{} is not a rulebook", quoted(text));
        Err(wrong)
    }
    fn part() -> serde_json::Value {
        let editions: Vec<String> =
            Rulebook::standard().editions().iter().map(ToString::to_string).collect();
        let profiles = Profile::ALL.map(Profile::name);
        json!({
            "description": "A rulebook, and an edition of it if not the newest.",
            "type": "string",
            "pattern": format!("^({})(@({}))?$|\\$", profiles.join("|"), editions.join("|")),
            "examples": profiles,
        })
    }
}

fn profiles() -> Vec<String> {
    Profile::ALL.iter().map(ToString::to_string).collect()
}
