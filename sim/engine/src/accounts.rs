//! All accounts of a world, as the fold of the log so far.

use koosim_model::apply::apply;
use koosim_model::decision::Fault;
use koosim_model::event::Event;
use koosim_model::name::AccountId;
use koosim_model::state::Account;
use koosim_model::time::SimTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Accounts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Accounts(BTreeMap<AccountId, Account>);

impl Accounts {
    /// One account, if it has been opened.
    pub fn get(&self, id: &AccountId) -> Option<&Account> {
        self.0.get(id)
    }
    /// All accounts in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&AccountId, &Account)> {
        self.0.iter()
    }
    /// Lets an event happen to an account.
    pub fn apply(&mut self, id: &AccountId, at: SimTime, event: &Event) -> Result<(), Fault> {
        if let Event::AccountOpened(opened) = event {
            self.0.insert(id.clone(), Account::open(opened));
            return Ok(());
        }
        let missing =
            || Fault::Missing { event: event.kind(), what: "account", name: id.to_string() };
        apply(self.0.get_mut(id).ok_or_else(missing)?, at, event)
    }
}
