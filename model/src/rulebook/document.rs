//! The data files as they are written, and how they become records.
//!
//! Types here mirror the TOML; the records of `record.rs` are what the rest of the crate sees. A
//! record is lowered whole or not at all, and every problem is reported with the rule it is in.

use super::edition::{Edition, Profile};
use super::error::{self, BookError};
use super::id::RuleId;
use super::record::{Basis, Decision, Label, Parameter, Rule, Source, SourceKind, Variant};
use super::value::{self, Kind, Table, Value};
use crate::time::BillingDay;
use rust_decimal::Decimal;
use serde::Deserialize;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// `book.toml`: the editions, and what the labels mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderDoc {
    editions: Vec<String>,
    label: Vec<LabelDoc>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelDoc {
    name: SmolStr,
    topic: String,
}

/// Every other file: records.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordsDoc {
    pub(super) rule: Vec<RuleDoc>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleDoc {
    id: String,
    title: String,
    says: String,
    #[serde(default)]
    details: Vec<String>,
    basis: String,
    #[serde(default)]
    api_fact: bool,
    #[serde(default)]
    sources: Vec<SourceDoc>,
    #[serde(default)]
    decision: Vec<DecisionDoc>,
    #[serde(default)]
    parameter: Vec<ParameterDoc>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceDoc {
    site: Option<String>,
    url: Option<String>,
    sdk: Option<String>,
    document: Option<String>,
    date: Option<String>,
    #[serde(default)]
    mirror: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionDoc {
    settles: Vec<SmolStr>,
    choice: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParameterDoc {
    name: SmolStr,
    kind: String,
    unit: Option<String>,
    doc: String,
    #[serde(default)]
    choices: Vec<SmolStr>,
    range: Option<(i64, i64)>,
    profiles: Option<Vec<String>>,
    basis: Option<String>,
    reason: Option<String>,
    values: Vec<VariantDoc>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantDoc {
    profile: Option<String>,
    edition: Option<String>,
    effective_from: Option<String>,
    value: ValueDoc,
    basis: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ValueDoc {
    Integer(i64),
    Flag(bool),
    Text(String),
    Table(BTreeMap<SmolStr, NumberDoc>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberDoc {
    Integer(i64),
    Text(String),
}

/// A problem in words; the caller adds the place.
type Problem = String;

impl HeaderDoc {
    pub(super) fn lower(self) -> Result<(Vec<Edition>, Vec<Label>), Problem> {
        let read = |text: &String| {
            Edition::parse(text).ok_or_else(|| format!("`{text}` is not an edition"))
        };
        let editions = self.editions.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if editions.is_empty() || !editions.is_sorted_by(|a, b| a < b) {
            return Err("editions are to be listed, oldest first, each once".to_owned());
        }
        let label = |doc: LabelDoc| Label { name: doc.name, topic: doc.topic };
        Ok((editions, self.label.into_iter().map(label).collect()))
    }
}

impl RuleDoc {
    pub(super) fn lower(self) -> Result<Rule, BookError> {
        let place = self.id.clone();
        self.lower_unplaced().map_err(|problem| BookError::bad_record(&place, problem))
    }

    fn lower_unplaced(self) -> Result<Rule, Problem> {
        let id = RuleId::parse(&self.id).ok_or("the id is not one such as `R6.1`")?;
        let basis = basis(&self.basis)?;
        let parameters = self.parameter.into_iter().map(|doc| doc.lower(id, basis));
        let decision = |doc: DecisionDoc| Decision {
            settles: doc.settles,
            choice: doc.choice,
            reason: doc.reason,
        };
        Ok(Rule {
            id,
            title: self.title,
            says: self.says,
            details: self.details,
            basis,
            api_fact: self.api_fact,
            sources: self.sources.into_iter().map(SourceDoc::lower).collect::<Result<_, _>>()?,
            decisions: self.decision.into_iter().map(decision).collect(),
            parameters: parameters.collect::<Result<_, _>>()?,
        })
    }
}

impl SourceDoc {
    fn lower(self) -> Result<Source, Problem> {
        let (kind, reference) = match (self.url, self.sdk, self.document) {
            (Some(url), None, None) if self.mirror => (SourceKind::Mirror, url),
            (Some(url), None, None) => (SourceKind::Page, url),
            (None, Some(class), None) if !self.mirror => (SourceKind::Sdk, class),
            (None, None, Some(title)) if !self.mirror => (SourceKind::Document, title),
            _ => return Err("a source is one of `url`, `sdk` and `document`".to_owned()),
        };
        let date = self.date.as_deref().map(day).transpose()?;
        let site = self.site.as_deref().map(profile).transpose()?;
        Ok(Source { site, kind, reference, date })
    }
}

impl ParameterDoc {
    fn lower(self, rule: RuleId, rule_basis: Basis) -> Result<Parameter, Problem> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == self.kind);
        let kind = kind.ok_or_else(|| format!("`{}` is not a kind", self.kind))?;
        let basis = self.basis.as_deref().map_or(Ok(rule_basis), basis)?;
        let profiles = match self.profiles {
            None => Profile::ALL.to_vec(),
            Some(names) => names.iter().map(|name| profile(name)).collect::<Result<_, _>>()?,
        };
        let lower = |doc: VariantDoc| doc.lower(kind, basis);
        let variants = self.values.into_iter().map(lower).collect::<Result<_, _>>();
        Ok(Parameter {
            rule,
            path: error::path(rule, &self.name),
            kind,
            unit: self.unit,
            doc: self.doc,
            choices: self.choices,
            range: self.range,
            profiles,
            reason: self.reason,
            variants: variants.map_err(|problem| format!("`{}`: {problem}", self.name))?,
            name: self.name,
        })
    }
}

impl VariantDoc {
    fn lower(self, kind: Kind, parameter_basis: Basis) -> Result<Variant, Problem> {
        let edition =
            |text: &str| Edition::parse(text).ok_or_else(|| format!("`{text}` is not an edition"));
        let value = self.value.lower(kind);
        Ok(Variant {
            profile: self.profile.as_deref().map(profile).transpose()?,
            edition: self.edition.as_deref().map(edition).transpose()?,
            effective_from: self.effective_from.as_deref().map(day).transpose()?,
            value: value.ok_or_else(|| format!("a value is not {}", kind.in_words()))?,
            basis: self.basis.as_deref().map_or(Ok(parameter_basis), basis)?,
        })
    }
}

impl ValueDoc {
    fn lower(self, kind: Kind) -> Option<Value> {
        match (kind, self) {
            (Kind::Integer, Self::Integer(number)) => Some(Value::Integer(number)),
            (Kind::Flag, Self::Flag(flag)) => Some(Value::Flag(flag)),
            (Kind::Table, Self::Table(entries)) => lower_table(entries).map(Value::Table),
            (Kind::Integer | Kind::Flag | Kind::Table, _) => None,
            (_, Self::Text(text)) => Value::parse(kind, &text),
            (_, Self::Integer(_) | Self::Flag(_) | Self::Table(_)) => None,
        }
    }
}

fn lower_table(entries: BTreeMap<SmolStr, NumberDoc>) -> Option<Table> {
    if entries.len() > value::TABLE_ENTRIES_MAX {
        return None;
    }
    let lower = |(key, number): (SmolStr, NumberDoc)| {
        let number = match number {
            NumberDoc::Integer(number) => Decimal::from(number),
            NumberDoc::Text(text) => value::read_decimal(&text)?,
        };
        value::is_table_key(&key).then_some((key, number))
    };
    entries.into_iter().map(lower).collect::<Option<_>>().map(Table)
}

fn basis(text: &str) -> Result<Basis, Problem> {
    let found = Basis::ALL.into_iter().find(|basis| basis.name() == text);
    found.ok_or_else(|| format!("`{text}` is not a basis"))
}

fn profile(text: &str) -> Result<Profile, Problem> {
    text.parse().map_err(|error: BookError| error.to_string())
}

fn day(text: &str) -> Result<BillingDay, Problem> {
    BillingDay::parse(text).ok_or_else(|| format!("`{text}` is not a day"))
}
