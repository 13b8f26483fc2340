//! The operators of conditions, as one table, and how a name such as
//! `ForAnyValue:StringEqualsIfExists` is put together (A3.1 to A3.8).

use super::error::Problem;
use crate::rulebook::nearest_of;
use std::cmp::Ordering;

/// What both sides of an operator are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Texts, told apart by case.
    Text,
    /// Texts without regard to case.
    FoldedText,
    /// Texts with `*` and `?`.
    Like,
    /// The beginning of a text.
    Start,
    /// The end of a text.
    End,
    /// Exact decimal numbers.
    Number,
    /// Instants.
    Date,
    /// `true` and `false`.
    Bool,
    /// Whether the key is there.
    Null,
}

/// How an actual value must stand to a listed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    pub(super) const fn holds(self, actual_to_listed: Ordering) -> bool {
        match self {
            Self::Equal => actual_to_listed.is_eq(),
            Self::Less => actual_to_listed.is_lt(),
            Self::LessOrEqual => actual_to_listed.is_le(),
            Self::Greater => actual_to_listed.is_gt(),
            Self::GreaterOrEqual => actual_to_listed.is_ge(),
        }
    }
}

/// Whether an operator wants a match or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    Positive,
    Negative,
}

/// One operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) name: &'static str,
    pub(super) family: Family,
    pub(super) relation: Relation,
    pub(super) sense: Sense,
}

const fn op(name: &'static str, family: Family, relation: Relation, sense: Sense) -> Operator {
    Operator { name, family, relation, sense }
}

/// Every operator that the pages list, and the two that only their samples have.
#[rustfmt::skip]
const OPERATORS: [Operator; 20] = [
    op("StringEquals", Family::Text, Relation::Equal, Sense::Positive),
    op("StringNotEquals", Family::Text, Relation::Equal, Sense::Negative),
    op("StringEqualsIgnoreCase", Family::FoldedText, Relation::Equal, Sense::Positive),
    op("StringNotEqualsIgnoreCase", Family::FoldedText, Relation::Equal, Sense::Negative),
    op("StringMatch", Family::Like, Relation::Equal, Sense::Positive),
    op("StringNotMatch", Family::Like, Relation::Equal, Sense::Negative),
    op("StringStartWith", Family::Start, Relation::Equal, Sense::Positive),
    op("StringEndWith", Family::End, Relation::Equal, Sense::Positive),
    op("NumberEquals", Family::Number, Relation::Equal, Sense::Positive),
    op("NumberNotEquals", Family::Number, Relation::Equal, Sense::Negative),
    op("NumberLessThan", Family::Number, Relation::Less, Sense::Positive),
    op("NumberLessThanEquals", Family::Number, Relation::LessOrEqual, Sense::Positive),
    op("NumberGreaterThan", Family::Number, Relation::Greater, Sense::Positive),
    op("NumberGreaterThanEquals", Family::Number, Relation::GreaterOrEqual, Sense::Positive),
    op("DateLessThan", Family::Date, Relation::Less, Sense::Positive),
    op("DateLessThanEquals", Family::Date, Relation::LessOrEqual, Sense::Positive),
    op("DateGreaterThan", Family::Date, Relation::Greater, Sense::Positive),
    op("DateGreaterThanEquals", Family::Date, Relation::GreaterOrEqual, Sense::Positive),
    op("Bool", Family::Bool, Relation::Equal, Sense::Positive),
    op("Null", Family::Null, Relation::Equal, Sense::Positive),
];

const IF_EXISTS: &str = "IfExists";

/// How the operator looks at a key with several values (A3.4, A3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sets {
    /// No prefix.
    Plain,
    /// `ForAnyValue:`.
    AnyValue,
    /// `ForAllValues:`.
    AllValues,
}

impl Sets {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::AnyValue => "ForAnyValue:",
            Self::AllValues => "ForAllValues:",
        }
    }
}

/// An operator as a condition names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) operator: Operator,
    pub(super) sets: Sets,
    /// A3.2.
    pub(super) if_exists: bool,
}

impl Test {
    pub(super) fn parse(given: &str) -> Result<Self, Problem> {
        let (sets, rest) = [Sets::AnyValue, Sets::AllValues]
            .into_iter()
            .find_map(|sets| Some((sets, given.strip_prefix(sets.prefix())?)))
            .unwrap_or((Sets::Plain, given));
        let (name, if_exists) = match rest.strip_suffix(IF_EXISTS) {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let found = OPERATORS.into_iter().find(|operator| operator.name == name);
        let operator = found.ok_or_else(|| Problem::Operator {
            given: given.to_owned(),
            nearest: nearest(sets, name, if_exists),
        })?;
        if operator.family == Family::Null && (if_exists || sets != Sets::Plain) {
            return Err(Problem::NullWithMore);
        }
        Ok(Self { operator, sets, if_exists })
    }
    /// The name as a condition writes it.
    pub(super) fn name(&self) -> String {
        let suffix = if self.if_exists { IF_EXISTS } else { "" };
        format!("{}{}{suffix}", self.sets.prefix(), self.operator.name)
    }
}

fn nearest(sets: Sets, name: &str, if_exists: bool) -> String {
    let found = nearest_of(name, OPERATORS.iter().map(|operator| operator.name));
    let bare = found.unwrap_or_else(|| "StringEquals".to_owned());
    let suffix = if if_exists && bare != "Null" { IF_EXISTS } else { "" };
    let prefix = if bare == "Null" { "" } else { sets.prefix() };
    format!("{prefix}{bare}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_is_read_with_and_without_its_additions() {
        for operator in OPERATORS {
            let plain = Test::parse(operator.name).unwrap();
            assert_eq!(
                (plain.operator, plain.sets, plain.if_exists),
                (operator, Sets::Plain, false)
            );
            let whole = format!("ForAllValues:{}IfExists", operator.name);
            match Test::parse(&whole) {
                Ok(test) => assert_eq!(test.name(), whole),
                Err(problem) => {
                    assert_eq!((operator.name, problem), ("Null", Problem::NullWithMore));
                }
            }
        }
    }

    #[test]
    fn a_misspelt_operator_is_answered_with_a_near_one() {
        let nearest = |given: &str| match Test::parse(given) {
            Err(Problem::Operator { nearest, .. }) => nearest,
            other => panic!("{other:?}"),
        };
        assert_eq!(nearest("StringEqual"), "StringEquals");
        assert_eq!(nearest("ForAnyValue:StringLikeIfExists"), "ForAnyValue:StringMatchIfExists");
        assert_eq!(nearest("NumericLessThan"), "NumberLessThan");
        assert_eq!(nearest("stringequals"), "StringEquals");
    }
}
