//! Packets that left together are looked at together: a difference of delay is one between groups.

use super::super::PacketResult;
use crate::number::ms;
use koosim_time::{SimDuration, SimTime};

/// Packets that arrive so close behind each other, closer than they left, were held up together.
const BURST: SimDuration = SimDuration::from_millis(5);
/// Longest burst.
const BURST_MAX: SimDuration = SimDuration::from_millis(100);

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
#[derive(Clone, Copy, Debug)]
pub(super) struct Groups {
    /// Packets that left within this span are one group (T3.6 `group`).
    span: SimDuration,
    filling: Option<Group>,
    before: Option<Group>,
}

impl Groups {
    pub(super) const fn new(span: SimDuration) -> Self {
        Self { span, filling: None, before: None }
    }
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
        if !group.ends_before(sent, arrived, self.span) {
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
            // Groups in the wrong order say nothing of a queue.
            *self = Self::new(self.span);
            return None;
        }
        Some(Delta { sent_ms: ms(full.last_sent - before.last_sent), arrived_ms: ms(arrived) })
    }
}

impl Group {
    /// Whether a packet begins another group. A burst stays one: it says nothing of the queue but its end.
    fn ends_before(&self, sent: SimTime, arrived: SimTime, span: SimDuration) -> bool {
        let (sent_later, arrived_later) = (sent - self.last_sent, arrived - self.last_arrived);
        let burst = sent_later == SimDuration::ZERO
            || (arrived_later < sent_later
                && arrived_later <= BURST
                && arrived - self.first_arrived < BURST_MAX);
        !burst && sent - self.first_sent > span
    }
}

#[cfg(test)]
mod tests {
    use super::super::GccLaw;
    use super::*;

    /// Packets by when they left and arrived, in ms; the differences between full groups.
    fn deltas(packets: &[(i64, i64)]) -> Vec<(f64, f64)> {
        deltas_by(GccLaw::PUBLISHED.group, packets)
    }
    fn deltas_by(span: SimDuration, packets: &[(i64, i64)]) -> Vec<(f64, f64)> {
        let at = |ms: i64| SimTime::from_nanos(ms * 1_000_000);
        let mut groups = Groups::new(span);
        let found = packets.iter().filter_map(|(sent, arrived)| {
            let packet = PacketResult {
                sequence: 0,
                sent_at: at(*sent),
                arrived_at: Some(at(*arrived)),
                bytes: 1200,
                congested: false,
                probe: None,
            };
            groups.push(&packet, at(*arrived))
        });
        found.map(|delta| (delta.sent_ms, delta.arrived_ms)).collect()
    }

    /// Departures and arrivals of a group are those of its last packet.
    #[test]
    fn packets_of_5_ms_are_one_group() {
        let packets = [(0, 50), (3, 58), (5, 66), (11, 74), (16, 83), (17, 93), (30, 110)];
        assert_eq!(deltas(&packets), [(11.0, 17.0), (1.0, 10.0)]);
        let apart = [(0, 50), (6, 56), (12, 62), (18, 68)];
        assert_eq!(deltas(&apart), [(6.0, 6.0), (6.0, 6.0)]);
        let long = SimDuration::from_millis(10);
        assert_eq!(deltas_by(long, &apart), [], "two of them are one group of 10 ms");
    }

    /// What left 20 ms apart and arrives 2 ms apart was held up together and let go.
    #[test]
    fn burst_is_one_group_for_100_ms() {
        let burst = |n: i64| (20 * n, 1000 + 2 * n);
        let packets: Vec<_> = (0..40).map(burst).chain([(900, 1900), (1800, 2800)]).collect();
        assert_eq!(deltas(&packets), [(120.0, 822.0)]);
        let long: Vec<_> = (0..60).map(burst).chain([(1300, 2300), (2200, 3200)]).collect();
        assert_eq!(deltas(&long).len(), 2, "the burst is cut once");
    }

    /// In a long burst one overtakes the rest, so that the next group seems to arrive before it.
    #[test]
    fn disorder_begins_anew() {
        let burst = [(0, 1000), (10, 1010), (30, 1012), (60, 1014), (20, 1005)];
        let later = [(100, 1100), (110, 1110), (120, 1120), (130, 1130)];
        let packets: Vec<_> = burst.into_iter().chain(later).collect();
        assert_eq!(deltas(&packets), [(60.0, 14.0), (10.0, 10.0)]);
        let late = [(10, 10), (5, 20), (20, 30), (30, 40)];
        assert_eq!(deltas(&late), [(10.0, 20.0)], "what left before its group is left out");
    }
}
