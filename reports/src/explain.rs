//! One rule explained to a person, or to a program as JSON.
//!
//! Everything shown is read from the rulebook; which scenarios and vectors exercise the rule is
//! given by the caller. Nothing here knows what the rule does.

use koosim_model::rulebook::{
    Decision, Edition, Label, Parameter, Profile, Rule, Rulebook, Source, SourceKind, Variant,
};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// Width at which prose is broken; addresses are never broken.
const LINE_WIDTH: usize = 100;

/// What exercises a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exercised {
    /// Scenario files, by path.
    pub scenarios: Vec<String>,
    /// Worked examples of the vendor, by id.
    pub vectors: Vec<String>,
    /// Properties that tests hold over whole logs or all cases, by name.
    pub properties: Vec<String>,
}

/// The rule as text for a terminal, readable without colour.
pub fn explain(rule: &Rule, exercised_by: &Exercised) -> String {
    let fact = if rule.is_api_fact() { ", a fact about an interface" } else { "" };
    let mut text = format!("{}  {}  [{}{fact}]\n\n", rule.id(), rule.title(), rule.basis());
    paragraph(&mut text, "  ", "  ", rule.says());
    for detail in rule.details() {
        paragraph(&mut text, "  - ", "    ", detail);
    }
    if !rule.parameters().is_empty() {
        text.push_str("\nParameters\n");
        for parameter in rule.parameters() {
            explain_parameter(&mut text, parameter);
        }
    }
    if !rule.decisions().is_empty() {
        text.push_str("\nDecisions\n");
        for decision in rule.decisions() {
            explain_decision(&mut text, decision);
        }
    }
    if !rule.sources().is_empty() {
        text.push_str("\nSources\n");
        let lines = rule.sources().iter().map(source_cells);
        table(&mut text, "  ", &lines.collect::<Vec<_>>());
    }
    text.push_str("\nExercised by\n");
    list(&mut text, "scenarios", &exercised_by.scenarios, ", ");
    list(&mut text, "vectors", &exercised_by.vectors, ", ");
    // Names of properties are sentences.
    list(&mut text, "properties", &exercised_by.properties, "; ");
    text
}

fn explain_parameter(text: &mut String, parameter: &Parameter) {
    let mut kind = parameter.kind().name().replace('_', " ");
    if let Some(unit) = parameter.unit() {
        kind = format!("{kind}, {unit}");
    }
    if let Some((least, greatest)) = parameter.range() {
        kind = format!("{kind}, {least} to {greatest}");
    }
    let choices: Vec<_> = parameter.choices().collect();
    if !choices.is_empty() {
        kind = format!("{kind}: {}", choices.join(" | "));
    }
    paragraph(text, "  ", "      ", &format!("{} ({kind})", parameter.path()));
    paragraph(text, "      ", "      ", parameter.doc());
    if let Some(reason) = parameter.reason() {
        paragraph(text, "      Why: ", "           ", reason);
    }
    let mut rows = vec![["profile", "edition", "from", "basis", "value"].map(str::to_owned)];
    rows.extend(settings_of(parameter).iter().map(|row| {
        let profiles: Vec<_> = row.profiles.iter().map(|profile| profile.name()).collect();
        let everywhere = profiles.len() == Profile::ALL.len();
        [
            if everywhere { "all".to_owned() } else { profiles.join(", ") },
            row.edition.map_or_else(|| "all".to_owned(), |edition| edition.to_string()),
            row.variant.effective_from().map_or_else(|| "-".to_owned(), |day| day.to_string()),
            row.variant.basis().to_string(),
            row.variant.value().to_string(),
        ]
    }));
    table(text, "      ", &rows);
}

/// One line of a parameter's table of values.
struct Setting<'a> {
    profiles: Vec<Profile>,
    /// The first edition that says so; `None` where all editions say the same.
    edition: Option<Edition>,
    variant: &'a Variant,
}

/// The values of a profile by edition, each entry from the first edition that says so.
type Course<'a> = Vec<(Edition, Vec<&'a Variant>)>;

/// The values of every book, with profiles that agree in all editions on one line.
fn settings_of(parameter: &Parameter) -> Vec<Setting<'_>> {
    let mut groups: Vec<(Vec<Profile>, Course<'_>)> = Vec::new();
    for &profile in parameter.profiles() {
        let mut course = Course::new();
        for &edition in Rulebook::standard().editions() {
            let series = parameter.series(profile, edition);
            if course.last().is_none_or(|(_, before)| !same_values(before, &series)) {
                course.push((edition, series));
            }
        }
        let agrees = |(_, other): &&mut (_, Course<'_>)| {
            other.len() == course.len()
                && other.iter().zip(&course).all(|(a, b)| a.0 == b.0 && same_values(&a.1, &b.1))
        };
        match groups.iter_mut().find(agrees) {
            Some((profiles, _)) => profiles.push(profile),
            None => groups.push((vec![profile], course)),
        }
    }
    let mut settings = Vec::new();
    for (profiles, course) in groups {
        let changes = course.len() > 1;
        for (edition, series) in course {
            let edition = changes.then_some(edition);
            let setting = |variant| Setting { profiles: profiles.clone(), edition, variant };
            settings.extend(series.into_iter().map(setting));
        }
    }
    settings
}

fn same_values(a: &[&Variant], b: &[&Variant]) -> bool {
    let seen = |v: &&Variant| (v.effective_from(), v.value().clone(), v.basis());
    a.iter().map(seen).eq(b.iter().map(seen))
}

fn explain_decision(text: &mut String, decision: &Decision) {
    paragraph(text, "  - ", "    ", decision.choice());
    paragraph(text, "    Because: ", "             ", decision.reason());
    for name in decision.settles() {
        let topic = Rulebook::standard().label(name).map_or("", Label::topic);
        paragraph(text, "    Settles ", "            ", &format!("{name}: {topic}"));
    }
}

fn source_cells(source: &Source) -> [String; 4] {
    let kind = match source.kind() {
        SourceKind::Page => "page",
        SourceKind::Mirror => "third-party copy",
        SourceKind::Sdk => "sdk",
        SourceKind::Document => "document",
    };
    [
        source.site().map_or_else(|| "-".to_owned(), |site| site.to_string()),
        kind.to_owned(),
        source.date().map_or_else(|| "undated".to_owned(), |day| day.to_string()),
        source.reference().to_owned(),
    ]
}

fn list(text: &mut String, what: &str, names: &[String], between: &str) {
    let names = if names.is_empty() { "none".to_owned() } else { names.join(between) };
    paragraph(text, &format!("  {what:<11}"), "             ", &names);
}

/// Appends words broken at the line width; a word longer than a line stays whole.
fn paragraph(text: &mut String, first: &str, rest: &str, words: &str) {
    let mut line = first.to_owned();
    let mut fresh = true;
    for word in words.split_whitespace() {
        if !fresh && line.chars().count() + 1 + word.chars().count() > LINE_WIDTH {
            text.push_str(line.trim_end());
            text.push('\n');
            rest.clone_into(&mut line);
            fresh = true;
        }
        if !fresh {
            line.push(' ');
        }
        line.push_str(word);
        fresh = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

/// Appends rows with columns as wide as their widest cell; the last column is not padded.
fn table<const N: usize>(text: &mut String, indent: &str, rows: &[[String; N]]) {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows {
        let mut line = indent.to_owned();
        for (width, cell) in widths.iter().zip(row) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// The rule as JSON. Values are texts, as an override would write them; none is a float.
pub fn explain_json(rule: &Rule, exercised_by: &Exercised) -> Json {
    json!({
        "id": rule.id(),
        "title": rule.title(),
        "says": rule.says(),
        "details": rule.details(),
        "basis": rule.basis().name(),
        "api_fact": rule.is_api_fact(),
        "parameters": rule.parameters().iter().map(parameter_json).collect::<Vec<_>>(),
        "decisions": rule.decisions().iter().map(decision_json).collect::<Vec<_>>(),
        "sources": rule.sources().iter().map(source_json).collect::<Vec<_>>(),
        "exercised_by": {
            "scenarios": exercised_by.scenarios,
            "vectors": exercised_by.vectors,
            "properties": exercised_by.properties,
        },
    })
}

fn parameter_json(parameter: &Parameter) -> Json {
    let values = settings_of(parameter).into_iter().map(|setting| {
        json!({
            "profiles": setting.profiles,
            "edition": setting.edition.map(|edition| edition.to_string()),
            "effective_from": setting.variant.effective_from().map(|day| day.to_string()),
            "basis": setting.variant.basis().name(),
            "value": setting.variant.value().to_string(),
        })
    });
    json!({
        "name": parameter.name(),
        "path": parameter.path(),
        "kind": parameter.kind().name(),
        "unit": parameter.unit(),
        "doc": parameter.doc(),
        "choices": parameter.choices().collect::<Vec<_>>(),
        "range": parameter.range(),
        "reason": parameter.reason(),
        "values": values.collect::<Vec<_>>(),
    })
}

fn decision_json(decision: &Decision) -> Json {
    let settles = decision.settles().map(|name| {
        let topic = Rulebook::standard().label(name).map(Label::topic);
        json!({ "label": name, "topic": topic })
    });
    json!({
        "choice": decision.choice(),
        "reason": decision.reason(),
        "settles": settles.collect::<Vec<_>>(),
    })
}

fn source_json(source: &Source) -> Json {
    let kind = match source.kind() {
        SourceKind::Page => "page",
        SourceKind::Mirror => "mirror",
        SourceKind::Sdk => "sdk",
        SourceKind::Document => "document",
    };
    json!({
        "site": source.site(),
        "kind": kind,
        "reference": source.reference(),
        "date": source.date().map(|day| day.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str) -> &'static Rule {
        Rulebook::standard().rule(id.parse().unwrap()).unwrap()
    }

    fn exercised() -> Exercised {
        Exercised {
            scenarios: vec!["suite/billing/a.yaml".into(), "suite/billing/b.yaml".into()],
            vectors: vec!["PPU-05".into()],
            properties: vec!["an amount due is rounded as the site does".into()],
        }
    }

    #[test]
    fn values_differ_by_profile_and_edition() {
        insta::assert_snapshot!("explain_R2.8", explain(rule("R2.8"), &exercised()));
    }

    #[test]
    fn values_change_on_a_day() {
        insta::assert_snapshot!("explain_R11.4", explain(rule("R11.4"), &exercised()));
    }

    #[test]
    fn tables_differ_by_site() {
        insta::assert_snapshot!("explain_R8.2", explain(rule("R8.2"), &Exercised::default()));
    }

    #[test]
    fn a_decided_rule_has_no_sources() {
        insta::assert_snapshot!("explain_P2.9", explain(rule("P2.9"), &Exercised::default()));
    }

    #[test]
    fn the_same_as_json() {
        let json = explain_json(rule("R9.9"), &exercised());
        insta::assert_snapshot!("json_R9.9", serde_json::to_string_pretty(&json).unwrap());
    }

    #[test]
    fn every_rule_fits_the_width_but_for_addresses_and_tables() {
        for rule in Rulebook::standard().rules() {
            let text = explain(rule, &exercised());
            let table_starts = ["all  ", "cn  ", "intl  ", "intl, eu  ", "eu  ", "-  "];
            for line in text.lines().filter(|line| line.chars().count() > LINE_WIDTH) {
                let start = line.trim_start();
                assert!(table_starts.iter().any(|s| start.starts_with(s)), "{}: {line}", rule.id());
            }
            assert!(!text.lines().any(|line| line.ends_with(' ')), "{}", rule.id());
            assert!(text.contains(rule.title()) && text.ends_with('\n'));
        }
    }
}
