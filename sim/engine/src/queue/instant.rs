//! Keys of one instant: in one phase whoever came first, so nothing needs sorting.

use super::Phase;
use super::key::Key;
use std::collections::VecDeque;

#[derive(Clone, Debug)]
pub(super) struct Instant {
    /// By rank of the phase.
    phases: [VecDeque<Key>; Phase::ALL.len()],
    /// Bit `r` is set exactly when the phase of rank `r` has keys.
    occupied: u32,
}

impl Instant {
    pub(super) const fn new() -> Self {
        Self { phases: [const { VecDeque::new() }; Phase::ALL.len()], occupied: 0 }
    }
    /// Adds a key of the same instant and a higher sequence than all others of its phase.
    pub(super) fn push(&mut self, key: Key) {
        let rank = key.phase().rank();
        if let Some(phase) = self.phases.get_mut(usize::from(rank)) {
            debug_assert!(phase.back().is_none_or(|last| *last < key));
            phase.push_back(key);
            self.occupied |= 1 << rank;
        }
    }
    /// The first key, unless `other` comes before it.
    #[inline]
    pub(super) fn first_before(&self, other: Option<&Key>) -> Option<Key> {
        let first = self.ahead(0)?;
        if other.is_some_and(|other| *other < first) { None } else { Some(first) }
    }
    /// Drops the first key.
    pub(super) fn drop_first(&mut self) {
        let rank = self.occupied.trailing_zeros();
        let phase = usize::try_from(rank).ok().and_then(|rank| self.phases.get_mut(rank));
        let Some(phase) = phase else { return };
        phase.pop_front();
        if phase.is_empty() {
            self.occupied &= !(1 << rank);
        }
    }
    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.occupied == 0
    }
    /// The key so many places behind the first of the phase that is next.
    #[inline]
    pub(super) fn ahead(&self, places: usize) -> Option<Key> {
        let rank = usize::try_from(self.occupied.trailing_zeros()).ok()?;
        self.phases.get(rank)?.get(places).copied()
    }
    /// The first key in order that is live.
    pub(super) fn first(&self, live: impl Fn(&Key) -> bool) -> Option<Key> {
        if self.occupied == 0 {
            return None;
        }
        self.phases.iter().flatten().copied().find(live)
    }
    pub(super) fn retain(&mut self, live: impl Fn(&Key) -> bool) {
        self.occupied = 0;
        for (rank, phase) in self.phases.iter_mut().enumerate() {
            phase.retain(&live);
            self.occupied |= u32::from(!phase.is_empty()) << rank;
        }
    }
}
