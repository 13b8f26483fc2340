//! Packets that left together are looked at together: a difference of delay is one between groups.

use super::super::PacketResult;
use crate::number::ms;
use koosim_time::{SimDuration, SimTime};

/// Packets that left within this span are one group (T3.6 `group`).
pub(super) const GROUP: SimDuration = SimDuration::from_millis(5);
/// Packets that arrive so close behind each other, closer than they left, were held up together.
const BURST: SimDuration = SimDuration::from_millis(5);
/// Longest burst.
const BURST_MAX: SimDuration = SimDuration::from_millis(100);
/// Groups in a row that may arrive in the wrong order before all is forgotten.
const DISORDER_MAX: u32 = 3;

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: SimTime,
    last_sent: SimTime,
    first_arrived: SimTime,
    last_arrived: SimTime,
}

/// What lies between two groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Delta {
    /// Between their departures.
    pub(super) sent_ms: f64,
    /// Between their arrivals.
    pub(super) arrived_ms: f64,
}

/// The group that is being filled, and the one before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Groups {
    filling: Option<Group>,
    before: Option<Group>,
    disorder: u32,
}

impl Groups {
    /// Takes the next arrival; gives a difference when it begins a new group and two are full.
    pub(super) fn push(&mut self, packet: &PacketResult, arrived: SimTime) -> Option<Delta> {
        let sent = packet.sent_at;
        let fresh = Group {
            first_sent: sent,
            last_sent: sent,
            first_arrived: arrived,
            last_arrived: arrived,
        };
        let Some(group) = self.filling.as_mut() else {
            self.filling = Some(fresh);
            return None;
        };
        if sent < group.first_sent {
            return None;
        }
        if !group.ends_before(sent, arrived) {
            group.last_sent = group.last_sent.max(sent);
            group.last_arrived = group.last_arrived.max(arrived);
            return None;
        }
        let full = *group;
        self.filling = Some(fresh);
        self.before.replace(full).and_then(|before| self.between(&before, &full))
    }

    fn between(&mut self, before: &Group, full: &Group) -> Option<Delta> {
        let arrived = full.last_arrived - before.last_arrived;
        if arrived < SimDuration::ZERO {
            self.disorder += 1;
            if self.disorder >= DISORDER_MAX {
                *self = Self::default();
            }
            return None;
        }
        self.disorder = 0;
        Some(Delta { sent_ms: ms(full.last_sent - before.last_sent), arrived_ms: ms(arrived) })
    }
}

impl Group {
    /// Whether a packet begins another group. A burst stays one: it says nothing of the queue but its end.
    fn ends_before(&self, sent: SimTime, arrived: SimTime) -> bool {
        let (sent_later, arrived_later) = (sent - self.last_sent, arrived - self.last_arrived);
        let burst = sent_later == SimDuration::ZERO
            || (arrived_later < sent_later
                && arrived_later <= BURST
                && arrived - self.first_arrived < BURST_MAX);
        !burst && sent - self.first_sent > GROUP
    }
}
