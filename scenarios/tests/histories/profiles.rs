//! One history under two books: whatever comes out differently names a rule in which they differ.

use crate::desk::Desk;
use crate::history::History;
use koosim_model::rulebook::{Rule, RuleId, Rulebook, Settings};
use std::collections::BTreeSet;

/// Pairs of books.
const PAIRS: &[(&str, &str)] =
    &[("cn", "intl"), ("cn", "cn@2024-02"), ("intl", "intl@2024-02"), ("intl", "eu")];

fn settings(book: &str) -> Settings {
    Rulebook::standard().resolve(book.parse().unwrap(), &[]).unwrap()
}

/// The rules with a parameter that has another value in the one book than in the other, on any day.
fn differing(one: &str, other: &str) -> BTreeSet<RuleId> {
    let (one, other) = (settings(one), settings(other));
    let days: BTreeSet<_> = one.effective_days().union(&other.effective_days()).copied().collect();
    let book = Rulebook::standard();
    let differs = book.rules().iter().filter(|rule| {
        rule.parameters().iter().any(|parameter| {
            let value = |settings: &Settings, day| {
                settings.value(rule.id(), parameter.name(), day).ok().cloned()
            };
            days.iter().any(|day| value(&one, *day) != value(&other, *day))
        })
    });
    differs.map(Rule::id).collect()
}

/// The rules of the event at this place of the log, and of refusals just before it.
fn reasons(desk: &Desk, place: usize) -> BTreeSet<RuleId> {
    let there = desk.reasons.iter().filter(|(at, _)| *at == place);
    there.flat_map(|(_, rules)| rules.iter().copied()).collect()
}

/// Tells the history under each pair of books and looks at the first difference.
pub(crate) fn differ_where_a_rule_does(history: &History) {
    for (one, other) in PAIRS {
        let rules = differing(one, other);
        let (a, b) = (history.under(one).tell(|_, _| ()), history.under(other).tell(|_, _| ()));
        let length = a.log().len().max(b.log().len());
        let Some(place) = (0..length).find(|place| a.log().get(*place) != b.log().get(*place))
        else {
            continue;
        };
        let mut named = reasons(&a, place);
        named.extend(reasons(&b, place));
        assert!(
            !named.is_disjoint(&rules),
            "{one} and {other} differ at {place} by none of {rules:?}:\n{:?} by {:?}\n{:?} by {:?}",
            a.log().get(place),
            reasons(&a, place),
            b.log().get(place),
            reasons(&b, place),
        );
    }
}
