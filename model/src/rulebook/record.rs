//! Records of the book: rules, their sources, parameters and decisions.

use super::edition::{Edition, Profile};
use super::id::RuleId;
use super::suggest;
use super::value::{Kind, Value};
use crate::time::BillingDay;
use rust_decimal::Decimal;
use smol_str::SmolStr;
use std::fmt;

/// How firmly a rule or a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// A source says it.
    Sourced,
    /// It follows from what sources say, by arithmetic or logic.
    Derived,
    /// Sources are silent or differ; the book chose, and gives its reason.
    Decided,
}

impl Basis {
    /// All of them, firmest first.
    pub const ALL: [Self; 3] = [Self::Sourced, Self::Derived, Self::Decided];

    /// The word in the data files and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sourced => "sourced",
            Self::Derived => "derived",
            Self::Decided => "decided",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What kind of thing a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKind {
    /// A page.
    Page,
    /// A third party's copy of a vendor's page.
    Mirror,
    /// A class or file of an official SDK, with its release.
    Sdk,
    /// A document named by its title.
    Document,
}

/// Where a fact was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub(super) site: Option<Profile>,
    pub(super) kind: SourceKind,
    pub(super) reference: String,
    pub(super) date: Option<BillingDay>,
}

impl Source {
    /// The site that the source speaks of; `None` for standards and third parties.
    pub const fn site(&self) -> Option<Profile> {
        self.site
    }
    /// What kind of thing it is.
    pub const fn kind(&self) -> SourceKind {
        self.kind
    }
    /// Its address, class name or title.
    pub fn reference(&self) -> &str {
        &self.reference
    }
    /// The date it bears, if it bears one.
    pub const fn date(&self) -> Option<BillingDay> {
        self.date
    }
}

/// A matter that a decision settles: a conflict between sources (`C`), a question (`Q`), a reading
/// of unclear text (`D`), a gap in what is known (`G`) or a working assumption (`W`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub(super) name: SmolStr,
    pub(super) topic: String,
}

impl Label {
    /// The name, such as `C3`.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// What it is about.
    pub fn topic(&self) -> &str {
        &self.topic
    }
}

/// What the book chose where sources differ or are silent, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub(super) settles: Vec<SmolStr>,
    pub(super) choice: String,
    pub(super) reason: String,
}

impl Decision {
    /// The labels of the conflicts and questions that the decision settles.
    pub fn settles(&self) -> impl Iterator<Item = &str> {
        self.settles.iter().map(SmolStr::as_str)
    }
    /// What was chosen.
    pub fn choice(&self) -> &str {
        &self.choice
    }
    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// One value of a parameter, and where and when it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    pub(super) profile: Option<Profile>,
    pub(super) edition: Option<Edition>,
    pub(super) effective_from: Option<BillingDay>,
    pub(super) value: Value,
    pub(super) basis: Basis,
}

impl Variant {
    /// The profile it is for; `None` for every profile without a value of its own.
    pub const fn profile(&self) -> Option<Profile> {
        self.profile
    }
    /// The edition from which the book says so; `None` for all editions.
    pub const fn edition(&self) -> Option<Edition> {
        self.edition
    }
    /// The first day on which the service does so; `None` for always.
    pub const fn effective_from(&self) -> Option<BillingDay> {
        self.effective_from
    }
    /// The value.
    pub const fn value(&self) -> &Value {
        &self.value
    }
    /// How firmly it stands.
    pub const fn basis(&self) -> Basis {
        self.basis
    }
}

/// A named quantity of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub(super) rule: RuleId,
    pub(super) name: SmolStr,
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) unit: Option<String>,
    pub(super) doc: String,
    pub(super) choices: Vec<SmolStr>,
    pub(super) range: Option<(i64, i64)>,
    pub(super) profiles: Vec<Profile>,
    pub(super) reason: Option<String>,
    pub(super) variants: Vec<Variant>,
}

impl Parameter {
    /// The rule it belongs to.
    pub const fn rule(&self) -> RuleId {
        self.rule
    }
    /// The name within the rule: `deduction_lag_default`.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The full name, as overrides write it: `R2.5.deduction_lag_default`.
    pub fn path(&self) -> &str {
        &self.path
    }
    /// The kind of its values.
    pub const fn kind(&self) -> Kind {
        self.kind
    }
    /// The unit of its numbers, where they have one.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }
    /// What it means.
    pub fn doc(&self) -> &str {
        &self.doc
    }
    /// The words it may be, or the keys its table may have; empty where keys are free.
    pub fn choices(&self) -> impl Iterator<Item = &str> {
        self.choices.iter().map(SmolStr::as_str)
    }
    /// Least and greatest number allowed.
    pub const fn range(&self) -> Option<(i64, i64)> {
        self.range
    }
    /// The profiles for which it has values.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }
    /// Why its value was decided, where it was.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
    /// All its values.
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// Why a value may not be set, if it may not.
    pub(super) fn refuses(&self, value: &Value) -> Option<Refusal> {
        let given: Vec<&str> = match value {
            Value::Word(word) => vec![word],
            Value::Table(table) if !self.choices.is_empty() => {
                table.entries().map(|(key, _)| key).collect()
            }
            _ => Vec::new(),
        };
        let unknown = given.into_iter().find(|word| !self.choices().any(|choice| choice == *word));
        if let Some(word) = unknown {
            let nearest = suggest::nearest_of(word, self.choices());
            let choices: Vec<_> = self.choices().collect();
            return Some(Refusal {
                expected: format!("one of `{}`", choices.join("`, `")),
                nearest,
            });
        }
        let (least, greatest) = self.range?;
        let inside = |number: Decimal| (least.into()..=greatest.into()).contains(&number);
        let all_inside = match value {
            Value::Integer(number) => inside(Decimal::from(*number)),
            Value::Decimal(number) => inside(*number),
            Value::Table(table) => table.entries().all(|(_, number)| inside(number)),
            Value::Duration(_) | Value::TimeOfDay(_) | Value::Word(_) | Value::Flag(_) => true,
        };
        (!all_inside)
            .then(|| Refusal { expected: format!("from {least} to {greatest}"), nearest: None })
    }

    /// The values of one profile in one edition, ordered by the day from which they hold.
    ///
    /// A value for the profile itself goes before one for the profile it falls back to, and that
    /// before one for all; among these the newest edition not after the one asked for.
    pub fn series(&self, profile: Profile, edition: Edition) -> Vec<&Variant> {
        if !self.profiles.contains(&profile) {
            return Vec::new();
        }
        let mut scopes = vec![Some(profile)];
        scopes.extend(profile.falls_back_to().map(Some));
        scopes.push(None);
        let known = |v: &&Variant| v.edition.is_none_or(|from| from <= edition);
        for scope in scopes {
            let in_scope = || self.variants.iter().filter(|v| v.profile == scope).filter(known);
            if let Some(newest) = in_scope().map(|v| v.edition).max() {
                let mut series: Vec<_> = in_scope().filter(|v| v.edition == newest).collect();
                series.sort_by_key(|v| v.effective_from);
                return series;
            }
        }
        Vec::new()
    }
}

/// Why a value is not one of a parameter's.
pub(super) struct Refusal {
    /// What it must be, to follow "is not".
    pub(super) expected: String,
    /// The nearest word, where there is a list of them.
    pub(super) nearest: Option<String>,
}

/// One rule: what holds, who says so, and what can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) id: RuleId,
    pub(super) title: String,
    pub(super) says: String,
    pub(super) details: Vec<String>,
    pub(super) basis: Basis,
    pub(super) api_fact: bool,
    pub(super) sources: Vec<Source>,
    pub(super) decisions: Vec<Decision>,
    pub(super) parameters: Vec<Parameter>,
}

impl Rule {
    /// The id.
    pub const fn id(&self) -> RuleId {
        self.id
    }
    /// A few words.
    pub fn title(&self) -> &str {
        &self.title
    }
    /// The rule in one sentence.
    pub fn says(&self) -> &str {
        &self.says
    }
    /// Further facts that belong to the rule, one sentence each.
    pub fn details(&self) -> &[String] {
        &self.details
    }
    /// How firmly it stands.
    pub const fn basis(&self) -> Basis {
        self.basis
    }
    /// Whether it is a plain fact about an interface, which no scenario can exercise.
    pub const fn is_api_fact(&self) -> bool {
        self.api_fact
    }
    /// Where it was read.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }
    /// What the book decided about it.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }
    /// Its parameters, in the order of the book.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }
    /// The parameter with a name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}
