//! NADA (RFC 8698, T3.8), run at the sender on arrivals that the receiver reports.
//!
//! One signal `x` gathers delay, loss and marks. Without congestion the rate ramps up by a share of what
//! arrives; otherwise it moves towards the rate at which `x = PRIO * XREF * RMAX / r`.

use super::{Controller, Loss, PacketResult, Probe, Sent};
use crate::BitRate;
use crate::number::{ms, real_u};
use koosim_time::{SimDuration, SimTime};

/// Weight of priority.
const PRIO: f64 = 1.0;
/// Gain of the gradual law.
const KAPPA: f64 = 0.5;
/// Weight of the change of the signal.
const ETA: f64 = 2.0;
/// Queueing delay below which there is none, ms.
const QEPS_MS: f64 = 10.0;
/// Delay of filtering, ms.
const DFILT_MS: f64 = 120.0;
/// Greatest share of a step of the ramp.
const GAMMA_MAX: f64 = 0.5;
/// Queueing delay that a step of the ramp may cause, ms.
const QBOUND_MS: f64 = 50.0;
/// Loss counts as recent for so many mean intervals.
const MULTILOSS: f64 = 7.0;
/// Delay above which, under loss, it counts for less, ms.
const QTH_MS: f64 = 50.0;
/// How fast it counts for less.
const LAMBDA: f64 = 0.5;
/// Share of loss and of marks that costs one penalty.
const PLRREF: f64 = 0.01;
const PMRREF: f64 = 0.01;
/// Penalty of loss and of marks, ms.
const DLOSS_MS: f64 = 10.0;
const DMARK_MS: f64 = 2.0;
/// Weight of a new share of loss or marks.
const ALPHA: f64 = 0.1;
/// Updates in the span over which arrivals and losses are measured (LOGWIN: 500 ms at the published interval).
const LOG_UPDATES: usize = 5;
/// Greatest signal, ms (as in the authors' controller for ns-3, which keeps one burst of loss from
/// throwing the rate about).
const XMAX_MS: f64 = 500.0;
/// Weights of the last eight intervals between losses (RFC 5348 5.4).
const INTERVAL_WEIGHTS: [f64; 8] = [1.0, 1.0, 1.0, 1.0, 0.8, 0.6, 0.4, 0.2];
/// Delay is the least of so many arrivals.
const TAPS: usize = 15;
/// Waiting packets leave at so many times the rate: RFC 8698 leaves it open, so that a frame takes two
/// thirds of its interval.
const PACING: f64 = 1.5;
/// Round trip until one is measured.
const RTT_START_MS: f64 = 200.0;

/// What a [`Nada`] can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NadaOptions {
    /// Rate at the start.
    pub start: BitRate,
    /// Least rate.
    pub min: BitRate,
    /// Greatest rate.
    pub max: BitRate,
    /// What the rules of a run say.
    pub law: NadaLaw,
}

/// What T3.8 leaves to be set, each field named by its parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NadaLaw {
    /// `nada_xref`: the signal at the greatest rate.
    pub xref: SimDuration,
    /// `nada_tau`: the time constant, taken as at least a nanosecond.
    pub tau: SimDuration,
    /// `nada_interval`: time between updates, taken as at least a nanosecond.
    pub interval: SimDuration,
}

impl NadaLaw {
    /// The published figures, for measurements beside other implementations, documentation and tests: a run takes
    /// those of its rulebook.
    pub const PUBLISHED: Self = Self {
        xref: SimDuration::from_millis(10),
        tau: SimDuration::from_millis(500),
        interval: SimDuration::from_millis(100),
    };

    fn taken(self) -> Self {
        let least = SimDuration::from_nanos(1);
        Self { tau: self.tau.max(least), interval: self.interval.max(least), ..self }
    }
}

impl Default for NadaOptions {
    /// From 150 kbit/s to 1500 kbit/s, as in the test cases (T3.1), by the published law.
    fn default() -> Self {
        let [min, max] = [150, 1500].map(BitRate::from_kbps);
        Self { start: min, min, max, law: NadaLaw::PUBLISHED }
    }
}

/// What happened between two updates.
#[derive(Clone, Copy, Debug, Default)]
struct Interval {
    span_ms: f64,
    bytes: u64,
    arrived: u64,
    lost: u64,
    /// The most that a packet waited.
    queue_ms: f64,
}

/// The controller of RFC 8698.
#[derive(Clone, Debug)]
pub struct Nada {
    options: NadaOptions,
    bps: f64,
    signal_ms: f64,
    rtt_ms: f64,
    /// Least one-way delay ever, ms; clocks need not agree.
    base_ms: Option<f64>,
    taps: [f64; TAPS],
    tap_count: usize,
    now_counting: Interval,
    log: [Interval; LOG_UPDATES],
    marked: u64,
    loss_share: f64,
    mark_share: f64,
    /// Packets between losses, the newest first; the first counts on.
    intervals: [f64; INTERVAL_WEIGHTS.len() + 1],
    interval_count: usize,
    /// When the first packet of the last loss left.
    loss_began: Option<SimTime>,
    updated_at: SimTime,
}

impl Nada {
    /// The controller at its start.
    pub fn new(now: SimTime, options: NadaOptions) -> Self {
        let options = NadaOptions { law: options.law.taken(), ..options };
        let none = Interval { span_ms: 0.0, bytes: 0, arrived: 0, lost: 0, queue_ms: 0.0 };
        Self {
            options,
            bps: options.start.real(),
            signal_ms: 0.0,
            rtt_ms: RTT_START_MS,
            base_ms: None,
            taps: [0.0; TAPS],
            tap_count: 0,
            now_counting: none,
            log: [none; LOG_UPDATES],
            marked: 0,
            loss_share: 0.0,
            mark_share: 0.0,
            intervals: [0.0; INTERVAL_WEIGHTS.len() + 1],
            interval_count: 1,
            loss_began: None,
            updated_at: now,
        }
    }
    /// The congestion signal, in ms.
    pub const fn signal_ms(&self) -> f64 {
        self.signal_ms
    }

    fn take(&mut self, packet: &PacketResult) {
        let Some(arrived_at) = packet.arrived_at else {
            self.now_counting.lost += 1;
            self.on_lost(packet.sent_at);
            return;
        };
        let [since_loss, ..] = &mut self.intervals;
        *since_loss += 1.0;
        self.marked += u64::from(packet.congested);
        self.now_counting.arrived += 1;
        self.now_counting.bytes += u64::from(packet.bytes);
        let delay_ms = ms(arrived_at - packet.sent_at);
        let base_ms = self.base_ms.map_or(delay_ms, |base| libm::fmin(base, delay_ms));
        self.base_ms = Some(base_ms);
        let queue_ms = &mut self.now_counting.queue_ms;
        *queue_ms = libm::fmax(*queue_ms, delay_ms - base_ms);
        self.taps.rotate_left(1);
        if let Some(newest) = self.taps.last_mut() {
            *newest = delay_ms;
        }
        self.tap_count = (self.tap_count + 1).min(TAPS);
    }
    /// What is lost within a round trip of a first loss is one event with it (RFC 5348 5.2): a queue that overflows
    /// would else seem to lose every few packets, and its loss would not be recent for long.
    fn on_lost(&mut self, sent_at: SimTime) {
        let same = |began| ms(sent_at - began) <= self.rtt_ms;
        if !self.loss_began.is_some_and(same) {
            self.loss_began = Some(sent_at);
            self.on_loss_event();
        }
    }
    fn on_loss_event(&mut self) {
        self.intervals.rotate_right(1);
        let [since_loss, ..] = &mut self.intervals;
        *since_loss = 0.0;
        self.interval_count = (self.interval_count + 1).min(self.intervals.len());
    }
    /// Packets since the last loss, and their weighted mean between earlier losses (RFC 5348 5.4). The one that
    /// counts on is left out: with it the mean would never be less than a sixth of it, and loss never old.
    fn loss_interval(&self) -> Option<(f64, f64)> {
        let known = self.interval_count.checked_sub(1).filter(|count| *count > 0)?;
        let [since_loss, ref closed @ ..] = self.intervals;
        let weighted = closed.iter().zip(INTERVAL_WEIGHTS).take(known);
        let sum: f64 = weighted.map(|(interval, weight)| interval * weight).sum();
        let weights: f64 = INTERVAL_WEIGHTS.iter().take(known).sum();
        Some((since_loss, sum / weights))
    }

    /// Least of the last delays over the least ever.
    fn queue_ms(&self) -> f64 {
        let taps = self.taps.iter().rev().take(self.tap_count);
        let least = taps.copied().reduce(libm::fmin);
        least.zip(self.base_ms).map_or(0.0, |(least, base)| libm::fmax(least - base, 0.0))
    }
    /// RFC 8698 4.2: under recent loss, long delay counts for less, since it is not of our making; once
    /// loss is not recent any more, it counts again over the course of one more interval.
    fn warped_ms(&self, queue_ms: f64) -> f64 {
        let Some((since, mean)) = self.loss_interval().filter(|_| queue_ms >= QTH_MS) else {
            return queue_ms;
        };
        let warped = QTH_MS * libm::exp(-LAMBDA * (queue_ms - QTH_MS) / QTH_MS);
        let beyond = since - MULTILOSS * mean;
        let share =
            if beyond < mean { libm::fmax(beyond / libm::fmax(mean, 1.0), 0.0) } else { 1.0 };
        share * queue_ms + (1.0 - share) * warped
    }

    fn update(&mut self, now: SimTime) {
        let delta_ms = ms(now - self.updated_at);
        self.updated_at = now;
        self.now_counting.span_ms = delta_ms;
        let arrived_now = self.now_counting.arrived;
        self.log.rotate_left(1);
        if let Some(newest) = self.log.last_mut() {
            *newest = std::mem::take(&mut self.now_counting);
        }
        let lost: u64 = self.log.iter().map(|interval| interval.lost).sum();
        let arrived: u64 = self.log.iter().map(|interval| interval.arrived).sum();
        let smooth =
            |old: f64, count: u64, of: u64| old + ALPHA * (real_u(count) / real_u(of.max(1)) - old);
        self.loss_share = smooth(self.loss_share, lost, arrived + lost);
        self.mark_share = smooth(self.mark_share, self.marked, arrived_now);
        let (loss, mark) = (self.loss_share / PLRREF, self.mark_share / PMRREF);
        let penalty = DMARK_MS * mark * mark + DLOSS_MS * loss * loss;
        let signal = libm::fmin(self.warped_ms(self.queue_ms()) + penalty, XMAX_MS);
        let waited = self.log.iter().any(|interval| interval.queue_ms >= QEPS_MS);
        if lost == 0 && !waited && self.marked == 0 {
            self.ramp();
        } else {
            self.approach(signal, delta_ms);
        }
        (self.signal_ms, self.marked) = (signal, 0);
        self.bps = self.bps.clamp(self.options.min.real(), self.options.max.real());
    }

    /// RFC 8698 4.3: accelerated ramp-up.
    fn ramp(&mut self) {
        let bytes: u64 = self.log.iter().map(|interval| interval.bytes).sum();
        let span_ms: f64 = self.log.iter().map(|interval| interval.span_ms).sum();
        let interval_ms = ms(self.options.law.interval);
        let arrived_bps = real_u(bytes) * 8e3 / libm::fmax(span_ms, interval_ms);
        let gamma = QBOUND_MS / (self.rtt_ms + interval_ms + DFILT_MS);
        self.bps = libm::fmax(self.bps, (1.0 + libm::fmin(gamma, GAMMA_MAX)) * arrived_bps);
    }
    /// RFC 8698 4.3: gradual update.
    fn approach(&mut self, signal_ms: f64, delta_ms: f64) {
        let NadaLaw { xref, tau, .. } = self.options.law;
        let tau_ms = ms(tau);
        let offset = signal_ms - PRIO * ms(xref) * self.options.max.real() / self.bps;
        let change = signal_ms - self.signal_ms;
        let share = KAPPA * (delta_ms / tau_ms) * (offset / tau_ms) + KAPPA * ETA * change / tau_ms;
        self.bps -= share * self.bps;
    }
}

impl Controller for Nada {
    fn on_sent(&mut self, _: SimTime, _: Sent) {}

    fn on_feedback(&mut self, now: SimTime, results: &[PacketResult]) {
        for packet in results {
            self.take(packet);
        }
        if now - self.updated_at >= self.options.law.interval {
            self.update(now);
        }
    }

    /// Loss is counted from the results themselves.
    fn on_loss(&mut self, _: SimTime, _: Loss) {}

    fn on_rtt(&mut self, _: SimTime, rtt: SimDuration) {
        self.rtt_ms = ms(rtt);
    }

    fn reset(&mut self, now: SimTime) {
        *self = Self::new(now, self.options);
    }

    fn target_rate(&self) -> BitRate {
        BitRate::of(self.bps)
    }

    fn pacing_rate(&self) -> BitRate {
        BitRate::of(self.bps * PACING)
    }

    fn next_due(&self) -> Option<SimTime> {
        None
    }

    fn poll(&mut self, _: SimTime) -> Option<Probe> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports each 100 ms of packets that were `queue_ms` late, after one that was not; the rate that it
    /// ends at, over the greatest.
    fn rests_at(queue_ms: i64, start_kbps: u64) -> f64 {
        let options = NadaOptions { start: BitRate::from_kbps(start_kbps), ..Default::default() };
        let mut nada = Nada::new(SimTime::EPOCH, options);
        for n in 0..6000_i64 {
            let now = n * 100_000_000;
            let late = if n == 0 { 0 } else { queue_ms };
            let results: Vec<_> = (0..10_i64)
                .map(|k| PacketResult {
                    sequence: (n * 10 + k).cast_unsigned(),
                    sent_at: SimTime::from_nanos(now + k * 10_000_000),
                    arrived_at: Some(SimTime::from_nanos(now + (k * 10 + 50 + late) * 1_000_000)),
                    bytes: 1000,
                    congested: false,
                    probe: None,
                })
                .collect();
            nada.on_feedback(SimTime::from_nanos(now + 100_000_000), &results);
        }
        nada.target_rate().real() / options.max.real()
    }

    /// T3.8: x = PRIO * XREF * RMAX / r.
    #[test]
    fn rate_rests_where_the_signal_says() {
        for start in [150, 800, 1500] {
            assert!((rests_at(20, start) - 0.5).abs() < 1e-3, "{}", rests_at(20, start));
            assert!((rests_at(10, start) - 1.0).abs() < 1e-3, "{}", rests_at(10, start));
            assert!((rests_at(40, start) - 0.25).abs() < 1e-3, "{}", rests_at(40, start));
        }
    }

    /// One step of the ramp from 800 kbit/s arriving: gamma = 50 / (200 + 100 + 120).
    #[test]
    fn without_congestion_the_rate_is_a_share_above_what_arrives() {
        let mut nada = Nada::new(SimTime::EPOCH, NadaOptions::default());
        let results: Vec<_> = (0..10_u64)
            .map(|k| PacketResult {
                sequence: k,
                sent_at: SimTime::EPOCH,
                arrived_at: Some(SimTime::from_nanos(50_000_000)),
                bytes: 1000,
                congested: false,
                probe: None,
            })
            .collect();
        nada.on_feedback(SimTime::from_nanos(100_000_000), &results);
        let expected = (1.0 + 50.0 / 420.0) * 800_000.0;
        assert!((nada.target_rate().real() - expected).abs() <= 1.0, "{:?}", nada.target_rate());
    }

    #[test]
    fn loss_and_marks_are_penalties_of_the_signal() {
        let mut nada = Nada::new(SimTime::EPOCH, NadaOptions::default());
        let result = |lost: bool, congested| PacketResult {
            sequence: 0,
            sent_at: SimTime::EPOCH,
            arrived_at: (!lost).then_some(SimTime::from_nanos(1_000_000)),
            bytes: 1000,
            congested,
            probe: None,
        };
        // A tenth lost and two of nine marked, smoothed by 0.1.
        let results: Vec<_> = (0..10).map(|n| result(n == 0, n == 1 || n == 2)).collect();
        nada.on_feedback(SimTime::from_nanos(100_000_000), &results);
        let marks: f64 = 2.0 / 9.0 * 10.0;
        let expected = 10.0 + 2.0 * marks * marks;
        assert!((nada.signal_ms() - expected).abs() < 1e-9, "{}", nada.signal_ms());
        for n in 2..20 {
            let all_lost: Vec<_> = (0..10).map(|_| result(true, false)).collect();
            nada.on_feedback(SimTime::from_nanos(n * 100_000_000), &all_lost);
        }
        assert_eq!(nada.signal_ms(), XMAX_MS);
    }

    /// The rate at rest goes with the signal at the greatest rate, and the rate moves the slower the longer the
    /// time constant and the rarer the updates.
    #[test]
    fn another_law_rests_and_moves_otherwise() {
        let after = |law: NadaLaw| {
            let start = BitRate::from_kbps(1000);
            let mut nada =
                Nada::new(SimTime::EPOCH, NadaOptions { start, law, ..Default::default() });
            for n in 0..50_i64 {
                let (sent, late) = (n * 100_000_000, if n == 0 { 0 } else { 40_000_000 });
                let result = PacketResult {
                    sequence: n.unsigned_abs(),
                    sent_at: SimTime::from_nanos(sent),
                    arrived_at: Some(SimTime::from_nanos(sent + late)),
                    bytes: 1200,
                    congested: false,
                    probe: None,
                };
                nada.on_feedback(SimTime::from_nanos(sent + 60_000_000), &[result]);
            }
            nada.target_rate()
        };
        let ms = SimDuration::from_millis;
        let published = after(NadaLaw::PUBLISHED);
        assert!(after(NadaLaw { xref: ms(20), ..NadaLaw::PUBLISHED }) > published);
        assert_ne!(after(NadaLaw { tau: ms(1000), ..NadaLaw::PUBLISHED }), published);
        assert_ne!(after(NadaLaw { interval: ms(400), ..NadaLaw::PUBLISHED }), published);
    }

    /// RFC 5348 5.2: a packet each 10 ms of which each tenth is lost, all within the round trip of 200 ms from the
    /// first loss; then one more after it.
    #[test]
    fn losses_of_one_round_trip_are_one_event() {
        let mut nada = Nada::new(SimTime::EPOCH, NadaOptions::default());
        let mut send = |ns: std::ops::Range<i64>, lost: fn(i64) -> bool| {
            for n in ns {
                let sent_at = SimTime::from_nanos(n * 10_000_000);
                let packet = PacketResult {
                    sequence: n.cast_unsigned(),
                    sent_at,
                    arrived_at: (!lost(n)).then_some(sent_at),
                    bytes: 1000,
                    congested: false,
                    probe: None,
                };
                nada.on_feedback(sent_at, &[packet]);
            }
            (nada.interval_count, nada.loss_interval())
        };
        // From 110 on the tenths are lost: 110, 120 and 130 are one event, with 18 arrivals among them.
        assert_eq!(send(0..130, |n| n >= 110 && n % 10 == 0), (2, Some((18.0, 110.0))));
        assert_eq!(send(130..131, |_| true), (2, Some((18.0, 110.0))));
        assert_eq!(send(131..132, |_| true), (3, Some((0.0, 64.0))));
    }

    /// 50 * exp(-0.5 * (150 - 50) / 50) ms instead of 150, until seven intervals have passed.
    #[test]
    fn long_delay_counts_for_less_while_loss_is_recent() {
        let mut nada = Nada::new(SimTime::EPOCH, NadaOptions::default());
        assert_eq!(nada.warped_ms(150.0), 150.0);
        nada.intervals[0] = 100.0;
        nada.on_loss_event();
        let warped = 50.0 * libm::exp(-1.0);
        assert_eq!(nada.loss_interval(), Some((0.0, 100.0)));
        assert_eq!([nada.warped_ms(150.0), nada.warped_ms(49.0)], [warped, 49.0]);
        let mut after = |since| {
            nada.intervals[0] = since;
            nada.warped_ms(150.0)
        };
        let seen = [700.0, 750.0, 800.0].map(&mut after);
        assert_eq!(seen, [warped, f64::midpoint(150.0, warped), 150.0]);
        nada.intervals[0] = 300.0;
        nada.on_loss_event();
        assert_eq!(nada.loss_interval(), Some((0.0, 200.0)), "equal weights up to four");
    }
}
