//! Orders are named by the service, so a foreign log has names of its own for them. They are bound to
//! the model's names when they are first seen, one to one.

use koosim_model::event::Event;
use koosim_model::name::OrderId;
use koosim_model::state::{Account, Phone};
use std::collections::{BTreeMap, BTreeSet};

/// Bindings are pruned when they exceed the living orders by this many.
const SLACK: usize = 64;

/// Foreign names of one account's orders.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bindings {
    ours: BTreeMap<OrderId, OrderId>,
}

impl Bindings {
    /// Our name for a foreign order; a name never seen stands for itself.
    pub(crate) fn ours(&self, foreign: &OrderId) -> OrderId {
        self.ours.get(foreign).unwrap_or(foreign).clone()
    }
    /// Whether `seen` is `expected` up to the name of its order; binds a new name if so.
    pub(crate) fn unify(&mut self, seen: &Event, expected: &Event) -> bool {
        let (Some(foreign), Some(ours)) = (seen.order(), expected.order()) else {
            return seen == expected;
        };
        let free = || !self.ours.values().any(|bound| bound == ours);
        let bound = self.ours.get(foreign).map_or_else(free, |bound| bound == ours);
        let mut renamed = seen.clone().with_order(ours.clone());
        // The first order of a group names the group after itself.
        if let Some(first) = renamed.group_mut() {
            *first = if first == foreign { ours.clone() } else { self.ours(first) };
        }
        if !bound || renamed != *expected {
            return false;
        }
        self.ours.insert(foreign.clone(), ours.clone());
        true
    }
    /// Forgets orders that neither are open nor paid for a living phone.
    pub(crate) fn prune(&mut self, account: &Account) {
        if self.ours.len() <= SLACK + account.orders.len() + 2 * account.phones.len() {
            return;
        }
        let subscriptions = account.phones.values().filter_map(Phone::subscription);
        let paid = subscriptions.flat_map(|s| &s.periods).map(|period| &period.order);
        let living: BTreeSet<&OrderId> = paid.chain(account.orders.keys()).collect();
        self.ours.retain(|_, ours| living.contains(ours));
    }
}
