//! Which rules were exercised, and by what.

use crate::explain::Exercised;
use crate::style::{BAD, FAINT, RULE, styled};
use koosim_model::rulebook::{Rule, RuleId, Rulebook};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// What made each rule act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    scenarios: BTreeMap<RuleId, BTreeSet<String>>,
    vectors: BTreeMap<RuleId, BTreeSet<String>>,
    properties: BTreeMap<RuleId, BTreeSet<String>>,
}

/// How many of each kind exercise a rule.
#[derive(Clone, Copy, Debug)]
struct Counts {
    scenarios: usize,
    vectors: usize,
    properties: usize,
}

impl Coverage {
    /// Notes that a scenario made these rules act.
    pub fn scenario(&mut self, name: &str, rules: &BTreeSet<RuleId>) {
        for rule in rules {
            self.scenarios.entry(*rule).or_default().insert(name.to_owned());
        }
    }
    /// Notes that a worked example of the vendor shows these rules.
    pub fn vector(&mut self, name: &str, rules: &BTreeSet<RuleId>) {
        for rule in rules {
            self.vectors.entry(*rule).or_default().insert(name.to_owned());
        }
    }
    /// Notes that tests hold a property of these rules.
    pub fn property(&mut self, name: &str, rules: &BTreeSet<RuleId>) {
        for rule in rules {
            self.properties.entry(*rule).or_default().insert(name.to_owned());
        }
    }
    /// What exercises one rule.
    pub fn of(&self, rule: RuleId) -> Exercised {
        let names = |of: &BTreeMap<RuleId, BTreeSet<String>>| {
            of.get(&rule).into_iter().flatten().cloned().collect()
        };
        Exercised {
            scenarios: names(&self.scenarios),
            vectors: names(&self.vectors),
            properties: names(&self.properties),
        }
    }
    fn counts(&self, rule: RuleId) -> Counts {
        let count =
            |of: &BTreeMap<RuleId, BTreeSet<String>>| of.get(&rule).map_or(0, BTreeSet::len);
        Counts {
            scenarios: count(&self.scenarios),
            vectors: count(&self.vectors),
            properties: count(&self.properties),
        }
    }

    /// Every rule with its counts, as JSON.
    pub fn json(&self) -> Json {
        let one = |rule: &Rule| {
            let Counts { scenarios, vectors, properties } = self.counts(rule.id());
            json!({
                "id": rule.id(),
                "title": rule.title(),
                "scenarios": scenarios,
                "vectors": vectors,
                "properties": properties,
                "api_fact": rule.is_api_fact(),
            })
        };
        Rulebook::standard().rules().iter().map(one).collect()
    }
    /// Every rule with its counts, and the rules that no scenario made act, as styled text.
    pub fn pretty(&self) -> String {
        let rules = Rulebook::standard().rules();
        let mut text = String::from("rule    scenarios  vectors  properties  title\n");
        for rule in rules {
            let Counts { scenarios, vectors, properties } = self.counts(rule.id());
            let id = styled(RULE, rule.id());
            let fact = if rule.is_api_fact() { "  (interface)" } else { "" };
            let title = format!("{}{}", rule.title(), styled(FAINT, fact));
            let counts = format!("{scenarios:>9}  {vectors:>7}  {properties:>10}");
            text.push_str(&format!("{id:<6}  {counts}  {title}\n"));
        }
        let silent = |rule: &&Rule| self.counts(rule.id()).scenarios == 0;
        let silent: Vec<_> = rules.iter().filter(silent).collect();
        let acted = rules.len() - silent.len();
        text.push_str(&format!("\n{acted} of {} rules acted in some scenario\n", rules.len()));
        let facts = silent.iter().filter(|rule| rule.is_api_fact()).count();
        if !silent.is_empty() {
            let none = format!("{} acted in none", silent.len());
            text.push_str(&format!(
                "{}, {facts} of them facts about an interface:\n",
                styled(BAD, none)
            ));
        }
        for rule in silent {
            text.push_str(&format!("  {:<6}  {}\n", rule.id(), rule.title()));
        }
        text
    }
}

/// Every rule with its basis and title, as styled text.
pub fn pretty_list() -> String {
    let line = |rule: &Rule| {
        let id = styled(RULE, rule.id());
        format!("{id:<6}  {:<8}  {}\n", rule.basis(), rule.title())
    };
    Rulebook::standard().rules().iter().map(line).collect()
}

/// Every rule with its basis and title, as JSON.
pub fn json_list() -> Json {
    let one = |rule: &Rule| {
        json!({
            "id": rule.id(),
            "title": rule.title(),
            "basis": rule.basis().name(),
            "api_fact": rule.is_api_fact(),
        })
    };
    Rulebook::standard().rules().iter().map(one).collect()
}
