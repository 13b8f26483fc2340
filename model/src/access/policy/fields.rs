//! Fields of JSON objects as policies have them: known by name, required or not, lists never empty.

use super::error::{Faults, Problem};
use super::json::{Json, Member, Node};
use crate::rulebook::nearest_of;

fn other_kind<T>(node: &Node, expected: &'static str, faults: &mut Faults<'_>) -> Option<T> {
    faults.add(node.at, Problem::Kind { expected, found: node.value.in_words() });
    None
}

/// The members of an object.
pub(super) fn object<'n>(node: &'n Node, faults: &mut Faults<'_>) -> Option<&'n [Member]> {
    match &node.value {
        Json::Object(members) => Some(members),
        _ => other_kind(node, "an object", faults),
    }
}

/// A text.
pub(super) fn text<'n>(node: &'n Node, faults: &mut Faults<'_>) -> Option<&'n str> {
    match &node.value {
        Json::Text(text) => Some(text),
        _ => other_kind(node, "a text", faults),
    }
}

/// Every item of a list that holds at least one; nothing if any cannot be read.
pub(super) fn each<T>(
    node: &Node,
    faults: &mut Faults<'_>,
    mut read: impl FnMut(&Node, &mut Faults<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let Json::List(items) = &node.value else { return other_kind(node, "a list", faults) };
    if items.is_empty() {
        faults.add(node.at, Problem::Empty);
        return None;
    }
    let items = items.iter().enumerate();
    let out: Vec<Option<T>> =
        items.map(|(index, item)| faults.inside_item(index, |f| read(item, f))).collect();
    out.into_iter().collect()
}

/// The value of a field, if the field is there.
pub(super) fn find<'n>(members: &'n [Member], name: &str) -> Option<&'n Node> {
    members.iter().find(|member| member.key == name).map(|member| &member.value)
}

/// Reads a field. Nothing if it cannot be read, and nothing within if it is not there.
pub(super) fn optional<'n, T>(
    members: &'n [Member],
    name: &str,
    faults: &mut Faults<'_>,
    read: impl FnOnce(&'n Node, &mut Faults<'_>) -> Option<T>,
) -> Option<Option<T>> {
    match find(members, name) {
        None => Some(None),
        Some(node) => faults.inside(name, |faults| read(node, faults)).map(Some),
    }
}

/// Reads a field that must be there.
pub(super) fn required<'n, T>(
    (node, members): (&Node, &'n [Member]),
    name: &'static str,
    faults: &mut Faults<'_>,
    read: impl FnOnce(&'n Node, &mut Faults<'_>) -> Option<T>,
) -> Option<T> {
    let found = optional(members, name, faults, read)?;
    if found.is_none() {
        faults.add(node.at, Problem::Missing { field: name });
    }
    found
}

/// Refuses every field but these.
pub(super) fn only(members: &[Member], known: &[&str], faults: &mut Faults<'_>) {
    for member in members.iter().filter(|member| !known.contains(&member.key.as_str())) {
        let nearest = nearest_of(&member.key, known.iter().copied()).unwrap_or_default();
        faults.inside(&member.key, |faults| {
            faults.add(member.key_at, Problem::Field { given: member.key.clone(), nearest });
        });
    }
}
