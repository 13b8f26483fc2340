//! The books of one direction of a link.

use super::packet::DropCause;
use serde::Serialize;

/// A number of packets and of their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Packets.
    pub packets: u64,
    /// Bytes of those packets.
    pub bytes: u64,
}

impl Tally {
    pub(super) fn add(&mut self, bytes: u32) {
        self.packets += 1;
        self.bytes += u64::from(bytes);
    }
    pub(super) fn take(&mut self, bytes: u32) {
        self.packets -= 1;
        self.bytes -= u64::from(bytes);
    }
    /// The sum of two.
    pub const fn plus(self, other: Self) -> Self {
        Self { packets: self.packets + other.packets, bytes: self.bytes + other.bytes }
    }
}

/// What was offered, and what was made of it on the way, is delivered, dropped or still here.
// In this order in memory too: what every packet needs lies together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[repr(C)]
pub struct Counters {
    /// All that was offered.
    pub offered: Tally,
    /// Second copies that the wire made.
    pub duplicated: Tally,
    /// What has arrived.
    pub delivered: Tally,
    /// What waits for the transmitter or is being transmitted.
    pub waiting: Tally,
    /// What has been transmitted and is still to arrive.
    pub in_flight: Tally,
    /// What a queue has marked in place of dropping it; it is counted elsewhere as well.
    pub marked: Tally,
    /// What has become corrupt on the wire; it is counted elsewhere as well.
    pub corrupted: Tally,
    partitioned: Tally,
    outage: Tally,
    too_big: Tally,
    queue_full: Tally,
    managed: Tally,
    lost: Tally,
}

impl Counters {
    /// What was dropped for one cause.
    pub const fn dropped(&self, cause: DropCause) -> Tally {
        match cause {
            DropCause::Partitioned => self.partitioned,
            DropCause::Outage => self.outage,
            DropCause::TooBig => self.too_big,
            DropCause::QueueFull => self.queue_full,
            DropCause::Managed => self.managed,
            DropCause::Lost => self.lost,
        }
    }
    pub(super) fn dropped_mut(&mut self, cause: DropCause) -> &mut Tally {
        match cause {
            DropCause::Partitioned => &mut self.partitioned,
            DropCause::Outage => &mut self.outage,
            DropCause::TooBig => &mut self.too_big,
            DropCause::QueueFull => &mut self.queue_full,
            DropCause::Managed => &mut self.managed,
            DropCause::Lost => &mut self.lost,
        }
    }
    /// What was dropped for any cause.
    pub fn dropped_in_all(&self) -> Tally {
        DropCause::ALL.into_iter().fold(Tally::default(), |sum, c| sum.plus(self.dropped(c)))
    }
    /// Whether nothing was made but by a named source, and nothing vanished but for a named cause.
    pub fn are_conserved(&self) -> bool {
        let here = self.waiting.plus(self.in_flight);
        let out = self.delivered.plus(here).plus(self.dropped_in_all());
        self.offered.plus(self.duplicated) == out
    }
    /// The sum of two links' books.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            offered: self.offered.plus(other.offered),
            duplicated: self.duplicated.plus(other.duplicated),
            delivered: self.delivered.plus(other.delivered),
            waiting: self.waiting.plus(other.waiting),
            in_flight: self.in_flight.plus(other.in_flight),
            marked: self.marked.plus(other.marked),
            corrupted: self.corrupted.plus(other.corrupted),
            partitioned: self.partitioned.plus(other.partitioned),
            outage: self.outage.plus(other.outage),
            too_big: self.too_big.plus(other.too_big),
            queue_full: self.queue_full.plus(other.queue_full),
            managed: self.managed.plus(other.managed),
            lost: self.lost.plus(other.lost),
        }
    }
}
