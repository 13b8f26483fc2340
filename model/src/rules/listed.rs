//! Lists of rules that are put together while something is decided.

use crate::rulebook::RuleId;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The rules in this order, each once. A list lives as long as the program, as constant ones do, and
/// equal ones are one: there are as many as there are kinds of answers, however many are given.
pub(crate) fn listed(rules: impl IntoIterator<Item = RuleId>) -> &'static [RuleId] {
    static LISTS: Mutex<BTreeSet<&'static [RuleId]>> = Mutex::new(BTreeSet::new());
    let mut list: Vec<RuleId> = Vec::new();
    for rule in rules {
        if !list.contains(&rule) {
            list.push(rule);
        }
    }
    let mut lists = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lists.get(list.as_slice()) {
        return known;
    }
    let list: &'static [RuleId] = list.leak();
    lists.insert(list);
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::a;

    #[test]
    fn equal_lists_are_one_and_name_each_rule_once() {
        let (one, other) = (listed([a(1, 5), a(2, 1), a(1, 5)]), listed([a(1, 5), a(2, 1)]));
        assert_eq!(one, [a(1, 5), a(2, 1)]);
        assert!(std::ptr::eq(one, other));
        assert_ne!(one, listed([a(2, 1), a(1, 5)]));
    }
}
