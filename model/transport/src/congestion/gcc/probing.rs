//! When to probe, and what a probe says (ALR and start-up probing as in libwebrtc, by its published sources).

use super::super::{PacketResult, Probe};
use crate::BitRate;
use crate::number::seconds;
use koosim_time::{SimDuration, SimTime};

/// Probes at the start are so many times the starting rate (libwebrtc, `probe_controller.cc`: `p1`, `p2`). From
/// 300 kbit/s the first two cannot find more than 1.8 Mbit/s, the next 3.6, the one after it 7.2: each result
/// is waited for, which takes a round trip and up to one interval of feedback (50 ms). Over `a-good-network`
/// they find 0.9, 1.66, 3.29, 6.57 and 10 Mbit/s, 73, 124, 182, 239 and 298 ms after the begin. A probe whose
/// packets leave without the time of their own lengths between them seems to find more than it tried,
/// which is no rate that anything was sent at. The second finds 8 % less than it tried, for the rate of arrival
/// leaves out its first packet, which is larger than the others; libwebrtc lets a small packet of padding lead
/// each probe (`PacingController::GetPendingPacket`), which is not done here.
pub(super) const START: [f64; 2] = [3.0, 6.0];
/// A probe that succeeds is followed by one of so many times what it found,
const FURTHER: f64 = 2.0;
/// if it found at least this share of what it tried.
const FURTHER_ABOVE: f64 = 0.7;
/// An idle sender probes at so many times its rate,
const IDLE: f64 = 2.0;
/// so often.
const IDLE_EVERY: SimDuration = SimDuration::from_secs(5);
/// A fall to less than this share is worth a probe of [`RECOVER`] of the old rate once the queue is empty,
const DROP: f64 = 0.66;
const RECOVER: f64 = 0.85;
/// if it was no longer ago than this.
const RECOVER_WITHIN: SimDuration = SimDuration::from_secs(5);
/// How long a result is waited for.
const RESULT_WAIT: SimDuration = SimDuration::from_secs(1);
/// Least span and number of packets of a probe.
const SPAN: SimDuration = SimDuration::from_millis(15);
const PACKETS: u32 = 5;
/// Share of bytes and packets of a probe that must have arrived before it counts.
const ARRIVED_SHARE: f64 = 0.8;
/// A probe that seems to arrive so many times faster than it left says nothing.
const FASTER_MAX: f64 = 2.0;
/// One that arrives slower than this share filled the link, of which the second share is used.
const UNSATURATED: f64 = 0.9;
const USED: f64 = 0.95;
/// Probes under way at a time.
const OPEN: u16 = 4;

/// Decides when to probe.
#[derive(Clone, Debug)]
pub(super) struct Prober {
    waiting: [Option<Probe>; 2],
    next_id: u16,
    max: f64,
    further_above: Option<f64>,
    probed_at: Option<SimTime>,
    before_drop: Option<(SimTime, f64)>,
}

impl Prober {
    pub(super) fn new(start: f64, max: f64) -> Self {
        let mut prober = Self {
            waiting: [None; 2],
            next_id: 0,
            max,
            further_above: None,
            probed_at: None,
            before_drop: None,
        };
        prober.want(START.map(|factor| Some(factor * start)));
        prober
    }
    fn want(&mut self, rates: [Option<f64>; 2]) {
        self.waiting = rates.map(|bps| {
            let bps = libm::fmin(bps?, self.max);
            self.further_above = (bps < self.max).then_some(FURTHER_ABOVE * bps);
            self.next_id = self.next_id.wrapping_add(1);
            let rate = BitRate::of(bps);
            let bytes = u32::try_from(rate.bytes_in(SPAN)).unwrap_or(u32::MAX);
            Some(Probe { id: self.next_id, rate, bytes, packets: PACKETS })
        });
    }
    /// The next probe to be sent now.
    pub(super) fn poll(&mut self, now: SimTime) -> Option<Probe> {
        let next = self.waiting.iter_mut().find_map(Option::take)?;
        self.probed_at = Some(now);
        Some(next)
    }
    pub(super) const fn is_waiting(&self) -> bool {
        self.waiting[0].is_some() || self.waiting[1].is_some()
    }
    /// The estimate has changed; `found` is what a probe said.
    pub(super) fn on_estimate(&mut self, now: SimTime, before: f64, bps: f64, found: bool) {
        if bps < DROP * before {
            self.before_drop = Some((now, before));
        }
        let in_time = self.probed_at.is_some_and(|at| now - at <= RESULT_WAIT);
        if found && in_time && self.further_above.is_some_and(|least| bps > least) {
            self.want([Some(FURTHER * bps), None]);
        }
    }
    /// The queue is empty again after overuse, in an idle sender.
    pub(super) fn on_recovered(&mut self, now: SimTime, bps: f64) {
        let Some((at, before)) = self.before_drop.take() else { return };
        if now - at <= RECOVER_WITHIN && RECOVER * before > bps {
            self.want([Some(RECOVER * before), None]);
        }
    }
    /// When an idle sender probes again; not at the greatest rate, above which there is nothing to find.
    pub(super) fn idle_due(&self, idle_since: Option<SimTime>, bps: f64) -> Option<SimTime> {
        let since = idle_since.filter(|_| bps < self.max)?;
        Some(self.probed_at.map_or(since, |at| at.max(since)) + IDLE_EVERY)
    }
    pub(super) fn probe_idle(&mut self, bps: f64) {
        self.want([Some(IDLE * bps), None]);
    }
}

/// What arrived of one probe.
#[derive(Clone, Copy, Debug)]
struct Cluster {
    id: u16,
    packets: u32,
    bytes: u64,
    first_sent: SimTime,
    last_sent: SimTime,
    last_sent_bytes: u64,
    first_arrived: SimTime,
    first_arrived_bytes: u64,
    last_arrived: SimTime,
}

/// Measures probes.
#[derive(Clone, Debug, Default)]
pub(super) struct Measure {
    clusters: [Option<Cluster>; 4],
    bytes: u64,
    packets: u32,
}

impl Measure {
    /// A probe is on its way.
    pub(super) const fn expect(&mut self, probe: &Probe) {
        (self.bytes, self.packets) = (widen(probe.bytes), probe.packets);
    }
    /// Takes a packet of a probe; gives the rate that the probe says, in bit/s.
    pub(super) fn push(&mut self, packet: &PacketResult) -> Option<f64> {
        let (id, arrived) = (packet.probe?, packet.arrived_at?);
        let slot = self.clusters.get_mut(usize::from(id % OPEN))?;
        let bytes = u64::from(packet.bytes);
        let fresh = Cluster {
            id,
            packets: 0,
            bytes: 0,
            first_sent: packet.sent_at,
            last_sent: packet.sent_at,
            last_sent_bytes: bytes,
            first_arrived: arrived,
            first_arrived_bytes: bytes,
            last_arrived: arrived,
        };
        let cluster = match slot {
            Some(cluster) if cluster.id == id => cluster,
            Some(_) | None => slot.insert(fresh),
        };
        cluster.push(packet.sent_at, arrived, bytes);
        let enough = f64::from(cluster.packets) >= ARRIVED_SHARE * f64::from(self.packets)
            && crate::number::real_u(cluster.bytes)
                >= ARRIVED_SHARE * crate::number::real_u(self.bytes);
        if enough { cluster.bps() } else { None }
    }
}

impl Cluster {
    fn push(&mut self, sent: SimTime, arrived: SimTime, bytes: u64) {
        self.packets += 1;
        self.bytes += bytes;
        self.first_sent = self.first_sent.min(sent);
        if sent >= self.last_sent {
            (self.last_sent, self.last_sent_bytes) = (sent, bytes);
        }
        if arrived < self.first_arrived {
            (self.first_arrived, self.first_arrived_bytes) = (arrived, bytes);
        }
        self.last_arrived = self.last_arrived.max(arrived);
    }
    fn bps(&self) -> Option<f64> {
        let rate = |bytes: u64, span: SimDuration| {
            let s = seconds(span);
            (s > 0.0 && s <= 1.0).then(|| crate::number::real_u(bytes) * 8.0 / s)
        };
        let sent = rate(self.bytes - self.last_sent_bytes, self.last_sent - self.first_sent)?;
        let arrived_bytes = self.bytes - self.first_arrived_bytes;
        let arrived = rate(arrived_bytes, self.last_arrived - self.first_arrived)?;
        if arrived > FASTER_MAX * sent {
            return None;
        }
        Some(if arrived < UNSATURATED * sent { USED * arrived } else { libm::fmin(arrived, sent) })
    }
}

#[expect(clippy::as_conversions, reason = "widening, where From is not const")]
const fn widen(bytes: u32) -> u64 {
    bytes as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A probe of 1250-byte packets each 1 ms (10 Mbit/s) that arrives each `gap_us`.
    fn found(gap_us: i64) -> Option<f64> {
        let mut measure = Measure::default();
        measure.expect(&Probe {
            id: 3,
            rate: BitRate::from_kbps(10_000),
            bytes: 18_750,
            packets: 5,
        });
        let seen = (0..20_i64).map(|n| {
            measure.push(&PacketResult {
                sequence: n.cast_unsigned(),
                sent_at: SimTime::from_nanos(n * 1_000_000),
                arrived_at: Some(SimTime::from_nanos(50_000_000 + n * gap_us * 1000)),
                bytes: 1250,
                congested: false,
                probe: Some(3),
            })
        });
        seen.last().flatten()
    }

    #[test]
    fn probe_that_passes_is_its_rate_and_one_that_does_not_is_less_than_arrived() {
        assert_eq!(found(1000), Some(1e7));
        assert_eq!(found(2000), Some(0.95 * 5e6));
        assert_eq!(found(400), None, "two and a half times as fast as sent");
    }

    #[test]
    fn probes_go_on_while_they_find_more() {
        let now = SimTime::EPOCH;
        let mut prober = Prober::new(1e5, 1e6);
        let rates = |prober: &mut Prober| {
            std::iter::from_fn(|| prober.poll(now)).map(|p| p.rate.bps()).collect::<Vec<_>>()
        };
        assert_eq!(rates(&mut prober), [300_000, 600_000]);
        prober.on_estimate(now, 1e5, 4.1e5, true);
        assert!(!prober.is_waiting(), "less than 0.7 of 600");
        prober.on_estimate(now, 4.1e5, 4.3e5, true);
        assert_eq!(rates(&mut prober), [860_000]);
        prober.on_estimate(now, 4.3e5, 8e5, true);
        assert_eq!(rates(&mut prober), [1_000_000], "at most the greatest rate");
        prober.on_estimate(now, 8e5, 1e6, true);
        assert!(!prober.is_waiting());
    }

    #[test]
    fn large_drop_is_probed_once_the_queue_is_empty() {
        let mut prober = Prober::new(1e5, 1e7);
        while prober.poll(SimTime::EPOCH).is_some() {}
        prober.on_estimate(SimTime::EPOCH, 1e6, 5e5, false);
        prober.on_recovered(SimTime::from_nanos(4_000_000_000), 5e5);
        assert_eq!(prober.poll(SimTime::EPOCH).map(|p| p.rate.bps()), Some(850_000));
        prober.on_recovered(SimTime::from_nanos(4_000_000_000), 5e5);
        assert_eq!(prober.poll(SimTime::EPOCH), None);
    }
}
