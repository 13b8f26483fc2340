//! What a world has in its queue.

use crate::accounts::AccountNumber;
use koosim_model::command::Command;

/// Timers of one account that share an entry at most: those of the phones of a small account.
const TOGETHER: usize = 5;

/// Something that happens at an instant.
#[derive(Clone, Debug)]
pub(crate) enum Due {
    /// Until it is taken out.
    Command(Option<Box<Command>>),
    Timers(Group),
}

/// The next part of what is due.
#[derive(Debug)]
pub(crate) enum Part {
    Command(Option<Box<Command>>),
    Timer(Set),
}

/// A timer that is set: whose, and its place among those of the account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Set {
    pub(crate) account: AccountNumber,
    pub(crate) place: u32,
}

/// Timers of one account that were set one after the other for one instant. They come due one after the
/// other as well, so that one entry of the queue does for all of them.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    account: AccountNumber,
    /// How many of the places are of timers that have come due.
    begun: u16,
    /// Up to where there are places.
    end: u16,
    places: [u32; TOGETHER],
}

impl Group {
    pub(crate) fn of(set: Set) -> Self {
        let mut group = Self { account: set.account, begun: 0, end: 0, places: [0; TOGETHER] };
        group.add(set);
        group
    }
    /// Adds a timer, if it is of the same account and there is room; answers whether.
    #[inline]
    pub(crate) fn add(&mut self, set: Set) -> bool {
        let room = self.places.get_mut(usize::from(self.end));
        match room.filter(|_| self.account == set.account) {
            Some(room) => {
                *room = set.place;
                self.end += 1;
                true
            }
            None => false,
        }
    }
    /// Takes a timer out before its time; answers whether it was the last one. Of two at one place, of
    /// which the later replaces the earlier, that is the earlier.
    pub(crate) fn remove(&mut self, place: u32) -> bool {
        let (begun, end) = (usize::from(self.begun), usize::from(self.end));
        let waiting = self.places.get_mut(begun..end).unwrap_or_default();
        if let Some(at) = waiting.iter().position(|other| *other == place) {
            if let Some(behind) = waiting.get_mut(at..) {
                behind.rotate_left(1);
            }
            self.end -= 1;
        }
        self.begun == self.end
    }
    /// The timers that have not come due.
    #[inline]
    pub(crate) fn waiting(&self) -> impl Iterator<Item = Set> {
        let (begun, end) = (usize::from(self.begun), usize::from(self.end));
        let waiting = self.places.get(begun..end).unwrap_or_default();
        waiting.iter().map(|place| Set { account: self.account, place: *place })
    }
    /// Whose they are.
    #[inline]
    pub(crate) fn account(&self) -> AccountNumber {
        self.account
    }
}

impl Due {
    /// The next part, and whether there is more.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> (Part, bool) {
        match self {
            Self::Timers(group) => {
                let place = group.places.get(usize::from(group.begun)).copied().unwrap_or(0);
                group.begun += 1;
                let set = Set { account: group.account, place };
                (Part::Timer(set), group.begun < group.end)
            }
            Self::Command(command) => (Part::Command(command.take()), false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Accounts;
    use koosim_model::name::AccountId;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    proptest! {
        /// Timers come due in the order in which they were added, and what was taken out does not.
        #[test]
        fn a_group_answers_as_a_list_does(steps in prop::collection::vec((0..4_u8, 0..4_u32), 1..12)) {
            let mut accounts = Accounts::default();
            let mut number = |name| accounts.number(&AccountId::new(name).unwrap()).unwrap();
            let (account, other) = (number("ours"), number("theirs"));
            let (mut due, mut added) = (Due::Timers(Group::of(Set { account, place: 9 })), 1);
            let mut list = VecDeque::from([9]);
            for (what, place) in steps {
                let Due::Timers(group) = &mut due else { unreachable!() };
                match what {
                    0 | 1 => {
                        let foreign = group.add(Set { account: other, place });
                        prop_assert!(!foreign, "it is of one account");
                        let room = group.add(Set { account, place });
                        prop_assert_eq!(room, added < TOGETHER);
                        list.extend(room.then_some(place));
                        added += usize::from(room);
                    }
                    2 if list.len() > 1 => {
                        let held = list.iter().position(|other| *other == place);
                        held.map(|at| list.remove(at));
                        added -= usize::from(held.is_some());
                        prop_assert_eq!(group.remove(place), list.is_empty());
                    }
                    _ => {
                        let (part, more) = due.next();
                        let first = list.pop_front();
                        let Part::Timer(set) = part else { panic!("no command was given") };
                        prop_assert_eq!((set.account, Some(set.place)), (account, first));
                        prop_assert_eq!(more, !list.is_empty());
                        if !more {
                            return Ok(());
                        }
                    }
                }
                let Due::Timers(group) = &due else { unreachable!() };
                let waiting: Vec<_> = group.waiting().map(|set| set.place).collect();
                prop_assert_eq!(&waiting, &Vec::from(list.clone()));
            }
        }
    }
}
