//! What must still be seen: answers to commands, and timers with the instants allowed to them.

use koosim_model::decision::{Decided, Read, Reason, TimerKey, TimerOp, Window};
use koosim_model::name::AccountId;
use koosim_model::rulebook::RuleId;
use koosim_model::time::SimTime;
use std::collections::{BTreeMap, BTreeSet};

/// Something that follows at once from what was seen.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// An event.
    Event(Box<Decided>),
    /// A refusal.
    Refusal(Reason, &'static [RuleId]),
}

impl Answer {
    pub(crate) fn rules(&self) -> &'static [RuleId] {
        match self {
            Self::Event(decided) => decided.rules,
            Self::Refusal(_, rules) => rules,
        }
    }
}

/// An answer that must be seen at `at`.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) at: SimTime,
    pub(crate) answer: Answer,
    pub(crate) read: &'static [Read],
}

/// Everything that must still be seen, of all accounts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    timers: BTreeMap<AccountId, BTreeMap<TimerKey, Window>>,
    /// The same timers by their last allowed instant.
    by_latest: BTreeSet<(SimTime, AccountId, TimerKey)>,
    due: BTreeMap<AccountId, Vec<Due>>,
    /// The accounts that have answers due, by their instant.
    due_at: BTreeSet<(SimTime, AccountId)>,
}

impl Pending {
    /// Takes over the timers of a decision.
    pub(crate) fn set(&mut self, account: &AccountId, timers: Vec<TimerOp>) {
        for timer in timers {
            match timer {
                TimerOp::Schedule { key, window } => {
                    self.remove(account, &key);
                    self.by_latest.insert((window.latest, account.clone(), key.clone()));
                    self.timers.entry(account.clone()).or_default().insert(key, window);
                }
                TimerOp::Cancel { key } => self.remove(account, &key),
            }
        }
    }
    /// Takes a timer away.
    pub(crate) fn remove(&mut self, account: &AccountId, key: &TimerKey) {
        let Some(timers) = self.timers.get_mut(account) else { return };
        if let Some(window) = timers.remove(key) {
            self.by_latest.remove(&(window.latest, account.clone(), key.clone()));
        }
    }
    /// The timers of an account, the one due first by default first.
    pub(crate) fn timers(&self, account: &AccountId) -> Vec<(TimerKey, Window)> {
        let timers = self.timers.get(account).into_iter().flatten();
        let mut timers: Vec<_> = timers.map(|(key, window)| (key.clone(), *window)).collect();
        timers.sort_by_key(|(_, window)| (window.default, window.earliest));
        timers
    }
    /// A timer whose last allowed instant lies before `at`.
    pub(crate) fn overdue(&self, at: SimTime) -> Option<(SimTime, AccountId, TimerKey)> {
        self.by_latest.first().filter(|(latest, ..)| *latest < at).cloned()
    }
    /// Adds an answer that must be seen.
    pub(crate) fn expect(&mut self, account: &AccountId, due: Due) {
        self.due_at.insert((due.at, account.clone()));
        self.due.entry(account.clone()).or_default().push(due);
    }
    /// The answers due to an account.
    pub(crate) fn due(&self, account: &AccountId) -> &[Due] {
        self.due.get(account).map_or(&[], Vec::as_slice)
    }
    /// Ticks off the first answer that `matches`.
    pub(crate) fn tick_off(
        &mut self,
        account: &AccountId,
        mut matches: impl FnMut(&Answer) -> bool,
    ) -> bool {
        let Some(due) = self.due.get_mut(account) else { return false };
        let Some(place) = due.iter().position(|due| matches(&due.answer)) else { return false };
        let at = due.remove(place).at;
        if !due.iter().any(|other| other.at == at) {
            self.due_at.remove(&(at, account.clone()));
        }
        if due.is_empty() {
            self.due.remove(account);
        }
        true
    }
    /// An answer that should have been seen before `at`.
    pub(crate) fn unanswered(&self, at: SimTime) -> Option<(AccountId, Due)> {
        let (_, account) = self.due_at.first().filter(|(due, _)| *due < at)?;
        self.due(account).first().map(|due| (account.clone(), due.clone()))
    }
}
