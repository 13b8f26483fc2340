//! All accounts of a world, as the fold of the log so far.

use crate::prefetch::prefetch;
use koosim_model::apply::apply_near;
use koosim_model::decision::Fault;
use koosim_model::event::Event;
use koosim_model::name::AccountId;
use koosim_model::state::{Account, PhonePlace};
use koosim_model::time::SimTime;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The number of an account in its world: a short way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountNumber(u32);

/// Accounts by name, and by number in the order in which they were first spoken of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// `None` for one that has been asked for something and is not open.
    accounts: Vec<(AccountId, Option<Account>)>,
    numbers: BTreeMap<AccountId, AccountNumber>,
}

impl Accounts {
    /// One account, if it has been opened.
    pub fn get(&self, id: &AccountId) -> Option<&Account> {
        self.at(*self.numbers.get(id)?)
    }
    /// All accounts in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&AccountId, &Account)> {
        self.numbers.iter().filter_map(|(id, number)| Some((id, self.at(*number)?)))
    }
    /// The number of a name; it gets one if it has none.
    ///
    /// # Errors
    /// If there are more names than numbers.
    pub fn number(&mut self, id: &AccountId) -> Result<AccountNumber, Fault> {
        if let Some(number) = self.numbers.get(id) {
            return Ok(*number);
        }
        let number = u32::try_from(self.accounts.len());
        let number = AccountNumber(number.map_err(|_| Fault::Range("number of accounts"))?);
        self.accounts.push((id.clone(), None));
        self.numbers.insert(id.clone(), number);
        Ok(number)
    }
    /// One account by its number, if it has been opened.
    pub fn at(&self, number: AccountNumber) -> Option<&Account> {
        self.accounts.get(number.index()).and_then(|(_, account)| account.as_ref())
    }
    /// Has the beginning of an account brought near, and waits for nothing.
    pub(crate) fn prefetch(&self, number: AccountNumber) {
        if let Some((id, account)) = self.accounts.get(number.index()) {
            prefetch(id);
            prefetch(account);
        }
    }
    /// The name that has the number, which must have come from here.
    pub fn name(&self, number: AccountNumber) -> &AccountId {
        match self.accounts.get(number.index()) {
            Some((id, _)) => id,
            None => unreachable!("a number that these accounts did not give"),
        }
    }
    /// Lets an event happen to an account.
    pub fn apply(&mut self, id: &AccountId, at: SimTime, event: &Event) -> Result<(), Fault> {
        let number = self.number(id)?;
        self.apply_at(number, at, event, PhonePlace::default())
    }
    /// Lets an event happen to the account of that number; the phone of a settlement is looked for where it
    /// was last seen.
    pub fn apply_at(
        &mut self,
        number: AccountNumber,
        at: SimTime,
        event: &Event,
        seen: PhonePlace,
    ) -> Result<(), Fault> {
        let entry = self.accounts.get_mut(number.index());
        match (entry, event) {
            (Some((_, account)), Event::AccountOpened(opened)) => {
                *account = Some(Account::open(opened));
                Ok(())
            }
            (Some((_, Some(account))), _) => apply_near(account, at, event, seen),
            (entry, _) => {
                let name = entry.map(|(id, _)| id.to_string()).unwrap_or_default();
                Err(Fault::Missing { event: event.kind(), what: "account", name })
            }
        }
    }
}

impl Serialize for Accounts {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.iter())
    }
}

impl AccountNumber {
    /// The number as the index of a list.
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}
