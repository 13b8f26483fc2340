//! Reads one statement, with its conditions.

use super::action::ActionPattern;
use super::condition::{Condition, check_value};
use super::context::GLOBAL_KEYS;
use super::document::Generation;
use super::error::{Faults, Problem};
use super::fields::{each, find, object, only, optional, required, text};
use super::json::{Member, Node};
use super::limits;
use super::operator::Test;
use super::read::By;
use super::resource::ResourcePattern;
use super::statement::{Effect, Side, Statement};
use crate::rulebook::nearest_of;

const ACTION: [&str; 2] = ["Action", "NotAction"];
const RESOURCE: [&str; 2] = ["Resource", "NotResource"];

pub(super) fn statement(by: By<'_>, node: &Node, faults: &mut Faults<'_>) -> Option<Statement> {
    let members = object(node, faults)?;
    only(members, fields_of(by.generation), faults);
    let effect = required((node, members), "Effect", faults, effect);
    let actions = sided(by, node, members, ACTION, faults, ActionPattern::parse);
    if actions.as_ref().is_some_and(Option::is_none) {
        faults.add(node.at, Problem::Missing { field: "Action" });
    }
    let resources = sided(by, node, members, RESOURCE, faults, ResourcePattern::parse);
    let conditions =
        optional(members, "Condition", faults, |node, faults| conditions(by, node, faults));
    let sid = optional(members, "Sid", faults, text);
    limits::statement(by, members, faults);
    let (actions, resources) = (actions??, resources?);
    let patterns = resources.as_ref().map(|(_, patterns)| patterns.as_slice());
    limits::services(by, node, &actions.1, patterns, faults);
    Some(Statement {
        sid: sid?.map(str::to_owned),
        effect: effect?,
        actions,
        resources,
        conditions: conditions?.unwrap_or_default(),
    })
}

const fn fields_of(generation: Generation) -> &'static [&'static str] {
    match generation {
        Generation::Role => &["Effect", "Action"],
        Generation::Policy => &["Effect", "Action", "Resource", "Condition"],
        Generation::IdentityPolicy => {
            &["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]
        }
    }
}

fn effect(node: &Node, faults: &mut Faults<'_>) -> Option<Effect> {
    let given = text(node, faults)?;
    let found = [Effect::Allow, Effect::Deny].into_iter().find(|effect| effect.name() == given);
    if found.is_none() {
        faults.add(node.at, word(given, "`Allow` or `Deny`", &["Allow", "Deny"]));
    }
    found
}

fn word(given: &str, expected: &'static str, known: &[&str]) -> Problem {
    let nearest = nearest_of(given, known.iter().copied()).unwrap_or_default();
    Problem::Word { given: given.to_owned(), expected, nearest }
}

type Sided<T> = (Side, Vec<T>);

/// A4.1: a list or its opposite, which only identity policies have.
fn sided<T>(
    by: By<'_>,
    node: &Node,
    members: &[Member],
    [named, others]: [&'static str; 2],
    faults: &mut Faults<'_>,
    parse: fn(&str) -> Result<T, Problem>,
) -> Option<Option<Sided<T>>> {
    let has_others = by.generation == Generation::IdentityPolicy && find(members, others).is_some();
    if has_others && find(members, named).is_some() {
        faults.add(node.at, Problem::Both { one: named, other: others });
        return None;
    }
    let (side, name) = if has_others { (Side::Others, others) } else { (Side::Named, named) };
    let patterns = optional(members, name, faults, |node, faults| {
        each(node, faults, |node, faults| {
            let parsed = parse(text(node, faults)?);
            parsed.map_err(|problem| faults.add(node.at, problem)).ok()
        })
    })?;
    Some(patterns.map(|patterns| (side, patterns)))
}

fn conditions(by: By<'_>, node: &Node, faults: &mut Faults<'_>) -> Option<Vec<Condition>> {
    let members = object(node, faults)?;
    if members.is_empty() {
        faults.add(node.at, Problem::Empty);
    }
    let mut whole = true;
    let mut all = Vec::new();
    for member in members {
        let read = faults.inside(&member.key, |faults| of_operator(by, member, faults));
        whole &= read.is_some();
        all.extend(read.unwrap_or_default());
    }
    whole.then_some(all)
}

/// The conditions under one operator.
fn of_operator(by: By<'_>, member: &Member, faults: &mut Faults<'_>) -> Option<Vec<Condition>> {
    let test = Test::parse(&member.key);
    let test = test.map_err(|problem| faults.add(member.key_at, problem)).ok();
    let keys = object(&member.value, faults)?;
    if keys.is_empty() {
        faults.add(member.value.at, Problem::Empty);
    }
    let read = keys.iter().map(|key| {
        faults.inside(&key.key, |faults| {
            global_key(by, key, faults);
            let values = each(&key.value, faults, |node, faults| {
                let value = text(node, faults)?;
                if let Some(problem) = test.and_then(|test| check_value(test, value).err()) {
                    faults.add(node.at, problem);
                }
                Some(value.to_owned())
            });
            Some(Condition::new(&by.params.conditions, test?, key.key.clone(), &values?))
        })
    });
    let read: Vec<Option<Condition>> = read.collect();
    read.into_iter().collect()
}

/// A3.9: the global keys of policies are known; identity policies have more of them.
fn global_key(by: By<'_>, member: &Member, faults: &mut Faults<'_>) {
    let given = &member.key;
    let same = |known: &&str| {
        known == given
            || (by.params.conditions.keys_ignore_case && known.eq_ignore_ascii_case(given))
    };
    let closed = by.generation != Generation::IdentityPolicy && given.starts_with("g:");
    if closed && !GLOBAL_KEYS.iter().any(same) {
        let nearest = nearest_of(given, GLOBAL_KEYS).unwrap_or_default();
        faults.add(member.key_at, Problem::GlobalKey { given: given.clone(), nearest });
    }
}
