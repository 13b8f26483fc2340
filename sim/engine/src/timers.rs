//! The timers that an account has set.

use crate::queue::Handle;
use koosim_model::decision::TimerKey;
use std::collections::BTreeMap;

/// Up to this many timers are a sorted list.
const FEW: usize = 64;

/// Timers by key, each with its entry in the queue.
///
/// Most accounts have few, and most timers that fire are set again at once with a key that sorts where
/// the old one did: a list then changes in one place. An account with thousands of phones has a tree.
#[derive(Clone, Debug)]
pub(crate) enum Timers {
    /// INVARIANT: sorted by key.
    Few {
        list: Vec<(TimerKey, Handle)>,
        /// The place of the timer that has fired and whose decision is being carried out.
        spent: Option<usize>,
    },
    Many(BTreeMap<TimerKey, Handle>),
}

impl Default for Timers {
    fn default() -> Self {
        Self::Few { list: Vec::new(), spent: None }
    }
}

/// Where a timer goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// The place of the timer that has fired.
    Spent(usize),
    /// The place of a timer of the same key.
    Same(usize),
    /// Between two others.
    New(usize),
    /// Wherever the tree has it.
    Tree,
}

impl Place {
    /// Where the timer will be found again, if nothing before it changes.
    pub(crate) fn hint(self) -> u32 {
        match self {
            Self::Spent(at) | Self::Same(at) | Self::New(at) => u32::try_from(at).unwrap_or(0),
            Self::Tree => 0,
        }
    }
}

impl Timers {
    /// A timer has fired, which was at `hint` when it was set. Until [`Self::carried_out`] it may be
    /// set again.
    pub(crate) fn fired(&mut self, key: &TimerKey, hint: u32) {
        match self {
            Self::Few { list, spent } => {
                let hinted = usize::try_from(hint).ok();
                let hinted = hinted.filter(|at| list.get(*at).is_some_and(|(held, _)| held == key));
                *spent = hinted.or_else(|| find(list, key).ok());
            }
            Self::Many(tree) => {
                tree.remove(key);
            }
        }
    }
    /// Where a timer of this key goes.
    pub(crate) fn place(&self, key: &TimerKey) -> Place {
        let Self::Few { list, spent } = self else { return Place::Tree };
        // The key of a timer that has fired, or one that sorts beside it, takes its place.
        if let Some(at) = *spent {
            let before = at.checked_sub(1).and_then(|at| list.get(at));
            let after = list.get(at + 1);
            let fits = before.is_none_or(|(held, _)| held < key);
            if fits && after.is_none_or(|(held, _)| key < held) {
                return Place::Spent(at);
            }
        }
        find(list, key).map_or_else(Place::New, Place::Same)
    }
    /// Sets a timer at its place; answers the entry of the one that it replaces.
    pub(crate) fn set(&mut self, place: Place, key: TimerKey, handle: Handle) -> Option<Handle> {
        let (list, spent) = match self {
            Self::Few { list, spent } => (list, spent),
            Self::Many(tree) => return tree.insert(key, handle),
        };
        match place {
            Place::Spent(at) => {
                *spent = None;
                if let Some(entry) = list.get_mut(at) {
                    *entry = (key, handle);
                }
                None
            }
            Place::Same(at) => {
                list.get_mut(at).map(|entry| std::mem::replace(&mut entry.1, handle))
            }
            Place::New(at) => {
                list.insert(at, (key, handle));
                *spent = spent.map(|old| old + usize::from(at <= old));
                self.grow();
                None
            }
            Place::Tree => None,
        }
    }
    /// Takes a timer away; answers its entry, unless it has fired or was not set.
    pub(crate) fn cancel(&mut self, key: &TimerKey) -> Option<Handle> {
        match self {
            Self::Few { list, spent } => {
                let at = find(list, key).ok().filter(|at| Some(*at) != *spent)?;
                *spent = spent.map(|old| old - usize::from(at < old));
                Some(list.remove(at).1)
            }
            Self::Many(tree) => tree.remove(key),
        }
    }
    /// The decision of the timer that fired last is carried out.
    pub(crate) fn carried_out(&mut self) {
        if let Self::Few { list, spent } = self
            && let Some(at) = spent.take()
        {
            list.remove(at);
        }
    }
    fn grow(&mut self) {
        if let Self::Few { list, spent } = self
            && list.len() > FEW
        {
            if let Some(at) = spent.take() {
                list.remove(at);
            }
            *self = Self::Many(std::mem::take(list).into_iter().collect());
        }
    }
}

fn find(list: &[(TimerKey, Handle)], key: &TimerKey) -> Result<usize, usize> {
    list.binary_search_by(|(other, _)| other.cmp(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::{Phase, Queue};
    use koosim_model::name::PhoneId;
    use koosim_model::time::SimTime;
    use proptest::prelude::*;

    fn key(number: i64) -> TimerKey {
        let phone = PhoneId::new(&format!("p{}", number % 10)).unwrap();
        match number % 3 {
            0 => TimerKey::Expiry(phone),
            1 => TimerKey::AutoRenewal(phone),
            _ => TimerKey::Settle(phone, SimTime::from_nanos(number / 30)),
        }
    }

    proptest! {
        /// Whatever is set, fires and is cancelled, in few timers and in many: the same answers as a
        /// plain map, out of which a timer is taken when it fires.
        #[test]
        fn timers_answer_as_a_map_does(
            steps in prop::collection::vec((0..4_u8, 0..400_i64, 0..3_u8), 1..300),
        ) {
            let (mut timers, mut map) = (Timers::default(), BTreeMap::new());
            let mut queue = Queue::new();
            for ((what, number, next), hints) in steps.into_iter().zip(0_u32..) {
                let mut set = |timers: &mut Timers, map: &mut BTreeMap<_, _>, number| {
                    let at = SimTime::from_nanos(0);
                    let handle = queue.push(at, Phase::BusinessTimer, ()).unwrap();
                    let place = timers.place(&key(number));
                    let older = timers.set(place, key(number), handle);
                    assert_eq!(older, map.insert(key(number), handle));
                };
                match what {
                    0 | 1 => set(&mut timers, &mut map, number),
                    2 => prop_assert_eq!(timers.cancel(&key(number)), map.remove(&key(number))),
                    _ => {
                        timers.fired(&key(number), hints % 70);
                        map.remove(&key(number));
                        // It is set again, or another before or behind it is set or taken away.
                        for other in 0..i64::from(next) {
                            set(&mut timers, &mut map, number + 30 * (other % 2));
                        }
                        let gone = key(number + i64::from(next));
                        prop_assert_eq!(timers.cancel(&gone), map.remove(&gone));
                        timers.carried_out();
                    }
                }
            }
            for number in 0..500 {
                prop_assert_eq!(timers.cancel(&key(number)), map.remove(&key(number)));
            }
            prop_assert!(map.is_empty());
        }
    }
}
