//! One condition of a statement: an operator, a key, and the listed values (A3.1 to A3.8).

use super::context::{Actual, Context, GLOBAL_KEYS, Given, flag, instant, number};
use super::error::Problem;
use super::operator::{Family, Relation, Sense, Sets, Test};
use super::pattern::{Case, Pattern, Wild, folded};
use crate::access::ConditionParams;
use crate::rulebook::RuleId;
use crate::rules::a;
use crate::time::SimTime;
use rust_decimal::Decimal;
use std::fmt;

/// Why a condition does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unmet {
    /// Nothing the request says of the key can be compared with the listed values.
    NotComparable,
    /// The key has other values.
    OtherValue,
    /// The request does not have the key.
    KeyAbsent,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotComparable => "cannot be compared",
            Self::OtherValue => "has another value",
            Self::KeyAbsent => "is absent",
        })
    }
}

/// The listed values in the form in which the operator compares them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Listed {
    Texts(Vec<String>),
    /// Compared with the folded text.
    Folded(Vec<String>),
    Patterns(Vec<Pattern>),
    /// Compared with the folded text.
    FoldedPatterns(Vec<Pattern>),
    Numbers(Vec<Decimal>),
    Instants(Vec<SimTime>),
    Flags(Vec<bool>),
    /// Whether the key must be absent.
    Absence(Vec<bool>),
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    test: Test,
    key: String,
    listed: Listed,
}

/// One listed value, read as the operator wants it.
pub(super) fn check_value(test: Test, text: &str) -> Result<(), Problem> {
    let wrong = |expected| Problem::Value { given: text.to_owned(), expected };
    match test.operator.family {
        Family::Number => number(text).map(drop).ok_or_else(|| wrong("a decimal number")),
        Family::Date => {
            instant(text).map(drop).ok_or_else(|| wrong("a time such as `2022-08-01T00:00:00Z`"))
        }
        Family::Bool | Family::Null => flag(text).map(drop).ok_or_else(|| wrong("true or false")),
        Family::Text | Family::FoldedText | Family::Like | Family::Start | Family::End => Ok(()),
    }
}

impl Condition {
    /// Compiles values that [`check_value`] has let through.
    pub(super) fn new(
        params: &ConditionParams,
        test: Test,
        key: String,
        values: &[String],
    ) -> Self {
        let texts = || values.iter().map(String::as_str);
        let listed = match test.operator.family {
            Family::Text => Listed::Texts(values.to_vec()),
            Family::FoldedText => Listed::Folded(texts().map(folded).collect()),
            Family::Like => {
                let like = |text| Pattern::new(text, Wild::StarAndQuestion, Case::Kept);
                Listed::Patterns(texts().map(like).collect())
            }
            Family::Start | Family::End => affixes(params, test.operator.family, texts()),
            Family::Number => Listed::Numbers(texts().filter_map(number).collect()),
            Family::Date => Listed::Instants(texts().filter_map(instant).collect()),
            Family::Bool => Listed::Flags(texts().filter_map(flag).collect()),
            Family::Null => Listed::Absence(texts().filter_map(flag).collect()),
        };
        Self { test, key, listed }
    }
    pub(super) fn key(&self) -> &str {
        &self.key
    }
    pub(super) fn operator(&self) -> String {
        self.test.name()
    }

    /// The rules by which it is read, for a request that knows this.
    pub(super) fn rules(&self, context: &Context) -> Vec<RuleId> {
        let Test { operator, sets, if_exists } = self.test;
        let family = match operator.family {
            Family::Text | Family::FoldedText | Family::Like | Family::Start | Family::End => {
                a(3, 7)
            }
            Family::Number | Family::Date | Family::Bool => a(3, 8),
            Family::Null => a(3, 3),
        };
        let actual = match context.get(&self.key, false) {
            Some(Given::Values(values)) => Some(values.len()),
            Some(Given::Null) | None => None,
        };
        let absent = actual.is_none() && operator.sense == Sense::Negative && !if_exists;
        let several = sets == Sets::Plain && actual.is_some_and(|count| count > 1);
        let parts = [
            (true, a(3, 1)),
            (true, family),
            (if_exists, a(3, 2)),
            (sets != Sets::Plain, a(3, 4)),
            (several, a(3, 5)),
            (absent, a(3, 6)),
            (GLOBAL_KEYS.contains(&self.key.as_str()), a(3, 9)),
        ];
        parts.into_iter().filter_map(|(is, rule)| is.then_some(rule)).collect()
    }

    /// Whether it holds for a request; if not, why.
    pub(super) fn check(&self, params: &ConditionParams, context: &Context) -> Result<(), Unmet> {
        let given = context.get(&self.key, params.keys_ignore_case);
        if let Listed::Absence(wanted) = &self.listed {
            let absent = is_absent(params, given);
            let why = if absent { Unmet::KeyAbsent } else { Unmet::OtherValue };
            return if wanted.contains(&absent) { Ok(()) } else { Err(why) };
        }
        match given {
            Some(Given::Values(values)) => self.compare(params, values),
            // A key without a value has nothing that could be compared, as if it were not there.
            None | Some(Given::Null) => self.without_key(params),
        }
    }

    /// A3.2, A3.4, A3.6: what holds when the request does not have the key.
    fn without_key(&self, params: &ConditionParams) -> Result<(), Unmet> {
        let holds = self.test.if_exists
            || match (self.test.sets, self.test.operator.sense) {
                (Sets::AllValues, _) => params.all_values_on_nothing,
                (Sets::AnyValue, _) | (Sets::Plain, Sense::Positive) => false,
                (Sets::Plain, Sense::Negative) => params.negative_on_absent,
            };
        if holds { Ok(()) } else { Err(Unmet::KeyAbsent) }
    }

    /// A3.1, A3.4, A3.5: the values of the request against the listed ones.
    fn compare(&self, params: &ConditionParams, values: &[Actual]) -> Result<(), Unmet> {
        let negative = self.test.operator.sense == Sense::Negative;
        if values.is_empty() {
            // Nothing matches, which is what a negative operator wants.
            let holds = match self.test.sets {
                Sets::AllValues => params.all_values_on_nothing,
                Sets::AnyValue => false,
                Sets::Plain => negative,
            };
            return if holds { Ok(()) } else { Err(Unmet::OtherValue) };
        }
        let all = match self.test.sets {
            Sets::AllValues => true,
            Sets::AnyValue => false,
            // Under a negative operator none may match: all must fail to.
            Sets::Plain => negative || !params.one_value_is_enough,
        };
        let mut nearest = Unmet::NotComparable;
        for value in values {
            match self.one(value) {
                Ok(()) if !all => return Ok(()),
                Err(why) if all => return Err(why),
                Ok(()) => {}
                Err(why) => nearest = nearest.max(why),
            }
        }
        if all { Ok(()) } else { Err(nearest) }
    }

    /// One value of the request: under a positive operator some listed value fits it, under a
    /// negative one none does. What cannot be compared satisfies neither (A3.8).
    fn one(&self, actual: &Actual) -> Result<(), Unmet> {
        let fits = self.fits(actual).ok_or(Unmet::NotComparable)?;
        let holds = fits == (self.test.operator.sense == Sense::Positive);
        if holds { Ok(()) } else { Err(Unmet::OtherValue) }
    }

    fn fits(&self, actual: &Actual) -> Option<bool> {
        let relation = self.test.operator.relation;
        match &self.listed {
            Listed::Texts(texts) => Some(texts.contains(&actual.text)),
            Listed::Folded(texts) => Some(texts.contains(&actual.folded)),
            Listed::Patterns(patterns) => Some(patterns.iter().any(|p| p.matches(&actual.text))),
            Listed::FoldedPatterns(patterns) => {
                Some(patterns.iter().any(|p| p.matches(&actual.folded)))
            }
            Listed::Numbers(numbers) => any_related(relation, actual.number, numbers),
            Listed::Instants(instants) => any_related(relation, actual.instant, instants),
            Listed::Flags(flags) => any_related(relation, actual.flag, flags),
            // Asked for in `check`, which knows of absent keys.
            Listed::Absence(_) => None,
        }
    }
}

/// A3.8: less than a list means less than at least one of its values.
fn any_related<T: Ord + Copy>(relation: Relation, actual: Option<T>, listed: &[T]) -> Option<bool> {
    let actual = actual?;
    Some(listed.iter().any(|one| relation.holds(actual.cmp(one))))
}

/// A3.3.
fn is_absent(params: &ConditionParams, given: Option<&Given>) -> bool {
    match given {
        None | Some(Given::Null) => true,
        Some(Given::Values(values)) => values.is_empty() && !params.empty_set_is_present,
    }
}

/// A3.7: beginnings and ends as patterns; what a person writes in them is meant as it stands.
fn affixes<'t>(
    params: &ConditionParams,
    family: Family,
    texts: impl Iterator<Item = &'t str>,
) -> Listed {
    let case = if params.start_and_end_ignore_case { Case::Folded } else { Case::Kept };
    let patterns = texts.map(|text| match family {
        Family::End => Pattern::ending(text, case),
        _ => Pattern::beginning(text, case),
    });
    match case {
        Case::Folded => Listed::FoldedPatterns(patterns.collect()),
        Case::Kept => Listed::Patterns(patterns.collect()),
    }
}
