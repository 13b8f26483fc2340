//! The book as a whole: loading, checking, looking up.

use super::document::{HeaderDoc, RecordsDoc, RuleDoc};
use super::edition::{BookRef, Edition};
use super::error::BookError;
use super::files::{HEADER, RECORDS};
use super::id::RuleId;
use super::record::{Decision, Label, Parameter, Rule};
use super::settings::{self, Settings};
use super::suggest;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The rules, their sources, their parameters and what was decided about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rulebook {
    // INVARIANT: at least one, oldest first.
    editions: Vec<Edition>,
    labels: Vec<Label>,
    // INVARIANT: ordered by id, each id once.
    rules: Vec<Rule>,
    // The ids as text, for suggestions.
    ids: Vec<String>,
}

impl Rulebook {
    /// The book that is part of the program; read once.
    pub fn standard() -> &'static Self {
        static BOOK: OnceLock<Rulebook> = OnceLock::new();
        BOOK.get_or_init(|| {
            #[expect(clippy::panic, reason = "the text is part of the program and tested")]
            Self::load(HEADER, &RECORDS).unwrap_or_else(|errors| panic!("{}", listed(&errors)))
        })
    }

    /// Reads and checks a book; reports everything that is wrong with it.
    fn load(header: &str, files: &[(&str, &str)]) -> Result<Self, Vec<BookError>> {
        let bad = |place: &str, problem: String| vec![BookError::bad_record(&place, problem)];
        let header: HeaderDoc = toml::from_str(header).map_err(|e| bad("book", e.to_string()))?;
        let (editions, labels) = header.lower().map_err(|problem| bad("book", problem))?;
        let (mut rules, mut errors) = (Vec::new(), Vec::new());
        for (name, text) in files {
            match toml::from_str::<RecordsDoc>(text) {
                Err(error) => errors.push(BookError::bad_record(name, error.to_string())),
                Ok(records) => {
                    for lowered in records.rule.into_iter().map(RuleDoc::lower) {
                        lowered.map_or_else(|e| errors.push(e), |rule| rules.push(rule));
                    }
                }
            }
        }
        rules.sort_by_key(Rule::id);
        let ids = rules.iter().map(|rule| rule.id().to_string()).collect();
        let book = Self { editions, labels, rules, ids };
        book.check(&mut errors);
        if errors.is_empty() { Ok(book) } else { Err(errors) }
    }

    /// The editions, oldest first.
    pub fn editions(&self) -> &[Edition] {
        &self.editions
    }
    /// The newest edition.
    pub fn newest_edition(&self) -> Edition {
        #[expect(clippy::expect_used, reason = "the header is refused when it has no edition")]
        *self.editions.last().expect("a book has an edition")
    }
    /// Conflicts, questions, readings and gaps that decisions settle.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }
    /// The label with a name.
    pub fn label(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.name() == name)
    }
    /// All rules, ordered by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
    /// The rule with an id.
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        let index = self.rules.binary_search_by_key(&id, Rule::id).ok()?;
        self.rules.get(index)
    }
    /// The parameter of a rule.
    pub fn parameter(&self, rule: RuleId, name: &str) -> Option<&Parameter> {
        self.rule(rule)?.parameter(name)
    }
    /// All parameters, ordered by rule.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.rules.iter().flat_map(Rule::parameters)
    }

    /// The rule id or full parameter name nearest to a misspelt one.
    ///
    /// Behind an id stands the parameter with exactly the name given, of whatever rule, or else the
    /// nearest one of the rule; a bare name is answered with the full one. `None` only for text
    /// too long to be a name.
    pub fn nearest(&self, text: &str) -> Option<&str> {
        let mut segments = text.split('.');
        let id = segments.next().zip(segments.next()).map(|(a, b)| format!("{a}.{b}"));
        let rule = id.and_then(|id| self.rule(RuleId::parse(&id)?));
        if let (Some(rule), Some(name)) = (rule, segments.next())
            && !rule.parameters().is_empty()
        {
            let elsewhere = self.parameters().find(|p| p.name() == name);
            let here = rule.parameter(name).or(elsewhere).map(Parameter::path);
            let names = rule.parameters().iter().map(|p| (p.name(), p.path()));
            return here.or_else(|| suggest::nearest_key(name, names));
        }
        let ids = self.ids.iter().map(|id| (id.as_str(), id.as_str()));
        let paths = self.parameters().map(|p| (p.path(), p.path()));
        let names = self.parameters().map(|p| (p.name(), p.path()));
        suggest::nearest_key(text, ids.chain(paths).chain(names))
    }

    /// The values that the rules of a run read: those of a profile and edition, with overrides.
    ///
    /// An override names a parameter (`R6.1.attempt_time`) or one key of a table
    /// (`R8.2.prepaid_grace_days.V0`) and gives the text of its value.
    pub fn resolve(
        &self,
        book: BookRef,
        overrides: &[(String, String)],
    ) -> Result<Settings, Vec<BookError>> {
        settings::resolve(self, book, overrides)
    }
}

fn listed(errors: &[BookError]) -> String {
    let lines: Vec<_> = errors.iter().map(BookError::to_string).collect();
    format!("the rulebook is wrong:\n{}", lines.join("\n"))
}

impl Rulebook {
    /// What must hold for every lookup and every `resolve` to mean one thing.
    fn check(&self, errors: &mut Vec<BookError>) {
        let labels: BTreeSet<_> = self.labels.iter().map(Label::name).collect();
        if labels.len() != self.labels.len() {
            errors.push(BookError::bad_record(&"book", "a label is declared twice"));
        }
        let repeated = self.rules.windows(2).filter_map(|pair| match pair {
            [a, b] if a.id() == b.id() => Some(a.id()),
            _ => None,
        });
        errors.extend(repeated.map(|id| BookError::bad_record(&id, "there are two records of it")));
        for rule in &self.rules {
            let names: BTreeSet<_> = rule.parameters().iter().map(Parameter::name).collect();
            if names.len() != rule.parameters().len() {
                errors.push(BookError::bad_record(&rule.id(), "a parameter is declared twice"));
            }
            let settled = rule.decisions().iter().flat_map(Decision::settles);
            for label in settled.filter(|label| !labels.contains(label)) {
                errors.push(BookError::bad_record(&rule.id(), format!("no label `{label}`")));
            }
            for parameter in rule.parameters() {
                let problems = self.problems_of(parameter);
                errors.extend(problems.map(|p| BookError::bad_record(&parameter.path(), p)));
            }
        }
    }

    fn problems_of<'a>(&'a self, parameter: &'a Parameter) -> impl Iterator<Item = String> + 'a {
        let values = parameter.variants().iter().filter_map(|variant| {
            let refusal = parameter.refuses(variant.value())?;
            Some(format!("`{}` is not {}", variant.value(), refusal.expected))
        });
        let unknown = parameter.variants().iter().filter_map(|variant| {
            let edition = variant.edition().filter(|edition| !self.editions.contains(edition));
            let profile = variant.profile().filter(|p| !parameter.profiles().contains(p));
            edition.map(|e| format!("no edition `{e}`")).or_else(|| {
                profile.map(|p| format!("a value for `{p}`, which the parameter is not for"))
            })
        });
        let books = parameter
            .profiles()
            .iter()
            .flat_map(|profile| self.editions.iter().map(|edition| (*profile, *edition)));
        let series = books.filter_map(|(profile, edition)| {
            let from: Vec<_> =
                parameter.series(profile, edition).iter().map(|v| v.effective_from()).collect();
            let sound = from.first() == Some(&None) && from.is_sorted_by(|a, b| a < b);
            (!sound).then(|| format!("not exactly one value for each day of {profile}@{edition}"))
        });
        values.chain(unknown).chain(series)
    }
}

#[cfg(test)]
mod tests {
    use super::super::edition::Profile;
    use super::*;

    const LITTLE_HEADER: &str =
        "editions = ['2024-02', '2025-07']\nlabel = [{ name = 'C1', topic = 'units' }]";

    fn record(id: &str, says: &str, parameter: &str) -> String {
        let parameter = if parameter.is_empty() {
            String::new()
        } else {
            format!("[[rule.parameter]]\nname = 'x'\ndoc = 'Some.'\n{parameter}")
        };
        format!(
            "[[rule]]\nid = '{id}'\ntitle = 't'\nsays = '{says}'\nbasis = 'sourced'\n{parameter}\n"
        )
    }

    /// Everything that is wrong with a book of one file.
    fn check(text: &str, expect: &[&str]) {
        let errors = Rulebook::load(LITTLE_HEADER, &[("file", text)]).err().unwrap_or_default();
        let said: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(said, expect, "{text}");
    }

    #[test]
    fn every_file_of_the_book_is_part_of_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rulebook");
        let files = std::fs::read_dir(folder).unwrap();
        let mut found: Vec<_> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let mut listed: Vec<_> = RECORDS.iter().map(|(name, _)| format!("{name}.toml")).collect();
        listed.push("book.toml".to_owned());
        found.sort();
        listed.sort();
        assert_eq!(found, listed);
    }

    #[test]
    fn a_sound_book_is_accepted() {
        check(&record("R1.1", "a", "kind = 'flag'\nvalues = [{ value = true }]"), &[]);
    }

    #[test]
    fn all_problems_of_a_book_are_reported() {
        let twice = record("R1.1", "a", "") + &record("R1.1", "b", "") + &record("R1", "c", "");
        check(
            &twice,
            &["R1: the id is not one such as `R6.1`", "R1.1: there are two records of it"],
        );
        let unknown = record("R1.1", "a", "")
            + "[[rule.decision]]\nsettles = ['C1', 'C9']\nchoice = 'a'\nreason = 'b'";
        check(&unknown, &["R1.1: no label `C9`"]);
    }

    #[test]
    fn values_must_fit_their_parameter() {
        let with = |parameter: &str| record("R1.1", "a", parameter);
        check(
            &with("kind = 'integer'\nvalues = [{ value = '1' }]"),
            &["R1.1: `x`: a value is not a whole number"],
        );
        check(
            &with("kind = 'word'\nchoices = ['a', 'b']\nvalues = [{ value = 'c' }]"),
            &["R1.1.x: `c` is not one of `a`, `b`"],
        );
        check(
            &with("kind = 'decimal'\nrange = [0, 1]\nvalues = [{ value = '1.01' }]"),
            &["R1.1.x: `1.01` is not from 0 to 1"],
        );
    }

    #[test]
    fn every_book_must_have_one_value_for_each_day() {
        let with = |values: &str| {
            record("R1.1", "a", &format!("kind = 'flag'\nprofiles = ['cn']\nvalues = [{values}]"))
        };
        check(
            &with("{ value = true, edition = '2025-07' }"),
            &["R1.1.x: not exactly one value for each day of cn@2024-02"],
        );
        check(
            &with("{ value = true, effective_from = '2024-06-01' }"),
            &[
                "R1.1.x: not exactly one value for each day of cn@2024-02",
                "R1.1.x: not exactly one value for each day of cn@2025-07",
            ],
        );
        check(
            &with("{ value = true }, { value = false, profile = 'eu' }"),
            &["R1.1.x: a value for `eu`, which the parameter is not for"],
        );
        check(
            &with("{ value = true }, { value = true, edition = '2024-03' }"),
            &["R1.1.x: no edition `2024-03`"],
        );
    }

    #[test]
    fn own_values_go_before_those_of_the_fallback_and_those_for_all() {
        let values = "kind = 'integer'\nvalues = [
            { value = 1 }, { value = 2, profile = 'intl' },
            { value = 3, profile = 'eu', edition = '2025-07' }]";
        let text = record("R1.1", "a", values);
        let book = Rulebook::load(LITTLE_HEADER, &[("file", &text)]).unwrap();
        let parameter = book.parameters().next().unwrap();
        let of = |profile, edition| {
            let series = parameter.series(profile, edition);
            series.iter().map(|v| v.value().to_string()).collect::<Vec<_>>().join(";")
        };
        let (old, new) = (book.editions()[0], book.editions()[1]);
        assert_eq!(
            [of(Profile::Cn, new), of(Profile::Intl, new), of(Profile::Eu, new)],
            ["1", "2", "3"]
        );
        assert_eq!(of(Profile::Eu, old), "2");
    }

    #[test]
    fn packed_settings_know_neither_prose_nor_the_order_of_files() {
        let one = |says| record("R1.1", says, "kind = 'flag'\nvalues = [{ value = true }]");
        let two = |value: &str| {
            record("R1.2", "b", &format!("kind = 'flag'\nvalues = [{{ value = {value} }}]"))
        };
        let packed = |first: &str, second: &str| {
            let files = [("a", first), ("b", second)];
            let book = Rulebook::load(LITTLE_HEADER, &files).unwrap();
            book.resolve(BookRef::newest(Profile::Cn), &[]).unwrap().packed()
        };
        let plain = packed(&one("a"), &two("true"));
        assert_eq!(plain, packed(&two("true"), &one("other words")));
        assert_ne!(plain, packed(&one("a"), &two("false")));
    }

    #[test]
    fn packed_settings_keep_their_layout() {
        let text = record("R1.2", "a", "kind = 'integer'\nvalues = [{ value = 258 }]");
        let book = Rulebook::load(LITTLE_HEADER, &[("file", &text)]).unwrap();
        let packed = book.resolve(BookRef::newest(Profile::Cn), &[]).unwrap().packed();
        let (count, rule, name, days) = ([1, 0, 0, 0], [0, 1, 2], [1, 0, 0, 0, b'x'], [1, 0, 0, 0]);
        let always = i64::MIN.to_le_bytes();
        let value = [0, 2, 1, 0, 0, 0, 0, 0, 0];
        let parts: [&[u8]; 6] = [&count, &rule, &name, &days, &always, &value];
        assert_eq!(packed, parts.concat());
    }
}
