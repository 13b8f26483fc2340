//! What a world looks at before its turn comes: where a fleet settles an hour, nearly all the waiting is for
//! memory. Nothing but speed depends on it.

use super::World;
use crate::due::{Due, Group};
use crate::prefetch::prefetch;
use crate::timers::Timers;
use koosim_model::state::Account;
use std::hint::black_box;

/// Groups of timers that take a step together: what has to be waited for is waited for together.
const BATCH: usize = 8;

impl World {
    /// A group of timers is about to come due; every so often, a batch of those behind it is looked at.
    #[inline]
    pub(super) fn look_ahead(&mut self) {
        match self.until_look.checked_sub(1) {
            Some(less) => self.until_look = less,
            None => {
                self.until_look = BATCH - 1;
                self.look_at_batches();
            }
        }
    }

    /// Has everything that the next groups are about brought into cache. Each step needs what the one
    /// before it asked for, so that a batch takes one step while the batch before it takes the next: the
    /// entry of the queue; where the account and its timers begin; the rest of what settling looks at in
    /// these; the keys of the timers; the phones, where they were last seen.
    fn look_at_batches(&self) {
        (4 * BATCH..).take(BATCH).for_each(|place| self.queue.prefetch_ahead(place));
        for group in self.batch(3) {
            self.accounts.prefetch(group.account());
            if let Some(timers) = self.timers.get(group.account().index()) {
                timers.prefetch();
            }
        }
        for group in self.batch(2) {
            black_box(self.accounts.at(group.account()).map(Account::outline));
            let timers = self.timers.get(group.account().index());
            black_box(timers.map(Timers::outline));
        }
        for group in self.batch(1) {
            if let Some(timers) = self.timers.get(group.account().index()) {
                group.waiting().for_each(|set| timers.prefetch_place(set.place));
            }
        }
        self.batch(0).for_each(|group| self.prefetch_phones(group));
    }

    /// The groups of the batch that comes so many batches after the next one.
    fn batch(&self, batches: usize) -> impl Iterator<Item = &Group> {
        let places = (batches * BATCH..).take(BATCH);
        places.map_while(|place| match self.queue.ahead(place)? {
            Due::Timers(group) => Some(group),
            Due::Command(_) => None,
        })
    }

    /// Asks for the phones of a group. One may lie in three lines.
    fn prefetch_phones(&self, group: &Group) {
        let Some(account) = self.accounts.at(group.account()) else { return };
        let Some(timers) = self.timers.get(group.account().index()) else { return };
        for set in group.waiting() {
            let seen = timers.seen(set.place).and_then(|seen| account.phones.at(seen));
            if let Some((id, phone)) = seen {
                prefetch(id);
                prefetch(phone);
                prefetch(&phone.details);
            }
        }
    }
}
