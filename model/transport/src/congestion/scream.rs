//! SCReAM (T3.9), second version, by draft-johansson-ccwg-rfc8298bis-screamv2 and its published sources: a
//! window of bytes in flight that grows by a packet a round trip and falls on loss, marks and delay; the
//! rate is the window over the time that its bytes take to be reported.
//!
//! Left out: the probing by padding and the draining of a queue that stands for 20 s.

use super::competing::Competing;
use super::{Controller, Loss, PacketResult, Probe, Sent};
use crate::BitRate;
use crate::number::{floor, ms, real_u, seconds, times};
use crate::ring::Ring;
use koosim_time::{SimDuration, SimTime};

/// Bytes of a packet that growth is reckoned in.
const MSS: f64 = 1200.0;
/// Least window, bytes.
const WINDOW_MIN: f64 = 3000.0;
/// The window is at most so many times what was in flight.
const FLIGHT_HEADROOM: f64 = 2.0;
/// Bytes in flight may exceed the window by this, so that a large picture is not held up.
const WINDOW_OVERHEAD: f64 = 1.5;
/// Waiting packets leave at so many times the rate.
const PACING: f64 = 1.5;
/// Share of the window that is added a round trip, long after congestion,
const GROWTH: f64 = 0.02;
/// which is after so many round trips.
const CALM_ROUND_TRIPS: f64 = 100.0;
/// Round trips shorter than this are taken as this.
const ROUND_TRIP_MIN: SimDuration = SimDuration::from_millis(25);
/// Growth is slow near the window at which congestion was met: scale, and least share of it.
const NEAR_SCALE: f64 = 2.0;
const NEAR_MIN: f64 = 0.25;
/// Weight of a greater wait in its mean; a lesser one counts at once.
const WAIT_WEIGHT: f64 = 0.25;
/// Weight of a new share of marks.
const MARK_WEIGHT: f64 = 1.0 / 16.0;
/// Weight of a new time that bytes take to be reported.
const LOOP_WEIGHT: f64 = 0.125;
/// The least delay is that of the last one to two windows of this length.
const BASE_WINDOW: SimDuration = SimDuration::from_secs(60);
/// After so long without a report, all that is in flight counts as lost.
const SILENCE: SimDuration = SimDuration::from_millis(500);
/// Packets that are remembered.
const RING: u32 = 1024;
/// Time until reports come, until one has come.
const LOOP_START_MS: f64 = 100.0;

/// How marks are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// As loss, once a round trip (RFC 3168).
    Classic,
    /// By their share (L4S, RFC 9331).
    Scalable,
}

/// What a [`Scream`] can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScreamOptions {
    /// Rate at the start.
    pub start: BitRate,
    /// Least rate.
    pub min: BitRate,
    /// Greatest rate.
    pub max: BitRate,
    /// How marks are taken.
    pub marks: Marks,
    /// What the rules of a run say.
    pub law: ScreamLaw,
}

/// What T3.9 leaves to be set, each field named by its parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScreamLaw {
    /// `scream_loss_beta`: factor after loss.
    pub loss_beta: f64,
    /// `scream_ecn_beta`: factor after a mark of a classic queue.
    pub ecn_beta: f64,
    /// `scream_queue_target`: the least wait that is aimed at, from half of which on the window falls; taken as at
    /// least a nanosecond. Beside flows that fill the queue more is aimed at.
    pub queue_target: SimDuration,
}

impl ScreamLaw {
    /// The published figures, for measurements beside other implementations, documentation and tests: a run takes
    /// those of its rulebook.
    pub const PUBLISHED: Self =
        Self { loss_beta: 0.7, ecn_beta: 0.9, queue_target: SimDuration::from_millis(100) };

    fn queue_target_ms(&self) -> f64 {
        ms(self.queue_target.max(SimDuration::from_nanos(1)))
    }
}

impl Default for ScreamOptions {
    /// 300 kbit/s at the start, from 100 kbit/s to 10 Mbit/s (T4.1), with classic marks, by the published law.
    fn default() -> Self {
        Self {
            start: BitRate::from_kbps(300),
            min: BitRate::from_kbps(100),
            max: BitRate::from_kbps(10_000),
            marks: Marks::Classic,
            law: ScreamLaw::PUBLISHED,
        }
    }
}

/// What one report says.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    unmarked_bytes: f64,
    arrived: u32,
    marked: u32,
    lost: u32,
}

/// SCReAM.
#[derive(Clone, Debug)]
pub struct Scream {
    options: ScreamOptions,
    window: f64,
    /// The window at which congestion was met last, if it has grown since then.
    met_at: Option<f64>,
    grown: bool,
    reacted_at: Option<SimTime>,
    mark_share: f64,
    /// Packets arrived and marked in this round trip, and when it began.
    marks: (u32, u32, SimTime),
    wait_ms: f64,
    competing: Competing,
    /// Least delay of this window and the one before, ms, and when this one began.
    base: Option<(f64, f64, SimTime)>,
    rtt: SimDuration,
    loop_ms: Option<f64>,
    /// All bytes up to each packet.
    sent: Ring<u64>,
    sent_bytes: u64,
    reported_bytes: u64,
    /// Most bytes in flight in this round trip and the one before, and when this one began.
    flight_max: (u64, u64, SimTime),
    heard_at: SimTime,
}

impl Scream {
    /// The controller at its start.
    pub fn new(now: SimTime, options: ScreamOptions) -> Self {
        let window = options.start.real() / 8.0 * LOOP_START_MS / 1e3;
        Self {
            options,
            window: libm::fmax(window, WINDOW_MIN),
            met_at: None,
            grown: true,
            reacted_at: None,
            mark_share: 0.0,
            marks: (0, 0, now),
            wait_ms: 0.0,
            competing: Competing::new(now, options.law.queue_target_ms()),
            base: None,
            rtt: super::gcc::RTT_START,
            loop_ms: None,
            sent: Ring::new(RING, 0),
            sent_bytes: 0,
            reported_bytes: 0,
            flight_max: (0, 0, now),
            heard_at: now,
        }
    }
    /// The window in bytes.
    pub const fn window(&self) -> u64 {
        floor(self.window)
    }
    /// Bytes that were sent and not reported on.
    pub const fn in_flight(&self) -> u64 {
        self.sent_bytes - self.reported_bytes
    }
    /// Mean wait in the network, ms.
    pub const fn wait_ms(&self) -> f64 {
        self.wait_ms
    }

    pub(super) fn bytes(&self) -> usize {
        self.sent.bytes()
    }
    fn round_trip(&self) -> SimDuration {
        self.rtt.max(ROUND_TRIP_MIN)
    }

    fn read(&mut self, now: SimTime, results: &[PacketResult]) -> Said {
        let (mut said, mut delays, mut loops) = (Said::default(), 0.0, 0.0);
        for packet in results {
            self.reported_bytes = self.reported_bytes.max(*self.sent.get(packet.sequence));
            let Some(arrived_at) = packet.arrived_at else {
                said.lost += 1;
                continue;
            };
            said.arrived += 1;
            said.marked += u32::from(packet.congested);
            if !packet.congested {
                said.unmarked_bytes += f64::from(packet.bytes);
            }
            let delay_ms = ms(arrived_at - packet.sent_at);
            self.note_base(now, delay_ms);
            delays += delay_ms;
            loops += ms(now - packet.sent_at);
        }
        if said.arrived > 0 {
            let count = f64::from(said.arrived);
            let wait_ms = self.note_means(delays / count, loops / count);
            self.note_marks(now, &said);
            self.competing.push(now, self.round_trip(), wait_ms, said.lost > 0);
        }
        said
    }
    fn note_base(&mut self, now: SimTime, delay_ms: f64) {
        let (this, before, began) = self.base.unwrap_or((delay_ms, delay_ms, now));
        self.base = Some(if now - began >= BASE_WINDOW {
            (delay_ms, this, now)
        } else {
            (libm::fmin(this, delay_ms), before, began)
        });
    }
    /// Gives the wait of this report alone.
    fn note_means(&mut self, delay_ms: f64, loop_ms: f64) -> f64 {
        let base_ms = self.base.map_or(delay_ms, |(this, before, _)| libm::fmin(this, before));
        let wait_ms = delay_ms - base_ms;
        let weighed = self.wait_ms + WAIT_WEIGHT * (wait_ms - self.wait_ms);
        self.wait_ms = libm::fmin(wait_ms, weighed);
        let before = self.loop_ms.unwrap_or(loop_ms);
        self.loop_ms = Some(before + LOOP_WEIGHT * (loop_ms - before));
        wait_ms
    }
    /// The share of marks is weighed once a round trip, so that it does not hang on how often reports come.
    fn note_marks(&mut self, now: SimTime, said: &Said) {
        let (arrived, marked, began) = self.marks;
        let (arrived, marked) = (arrived + said.arrived, marked + said.marked);
        if now - began < self.round_trip() {
            self.marks = (arrived, marked, began);
            return;
        }
        let share = f64::from(marked) / f64::from(arrived);
        self.mark_share += MARK_WEIGHT * (share - self.mark_share);
        self.marks = (0, 0, now);
    }

    /// Growth and backoff are the smaller the fewer packets the window holds.
    fn size_scale(&self) -> f64 {
        libm::fmax(1.0 - MSS / self.window, 0.5)
    }
    /// And near the window at which congestion was met.
    fn near_scale(&self) -> f64 {
        let Some(met) = self.met_at else { return 1.0 };
        let apart = NEAR_SCALE * (self.window - met) / met;
        (apart * apart).clamp(NEAR_MIN, 1.0)
    }
    /// How much the wait exceeds half of what is aimed at, over that half: at most one.
    fn delay_share(&self) -> f64 {
        let half = self.competing.target_ms() / 2.0;
        ((self.wait_ms - half) / half).clamp(0.0, 1.0)
    }

    /// The factor that congestion asks for; nothing without congestion.
    fn backoff(&self, said: &Said) -> Option<f64> {
        let by_delay = self.delay_share();
        if said.lost > 0 {
            return Some(self.options.law.loss_beta);
        }
        if said.marked > 0 {
            return Some(match self.options.marks {
                Marks::Classic => self.options.law.ecn_beta,
                Marks::Scalable => {
                    1.0 - self.mark_share / 2.0 * self.size_scale() * self.near_scale()
                }
            });
        }
        (by_delay > 0.0).then(|| 1.0 - by_delay / 2.0 * self.size_scale())
    }
    fn react(&mut self, now: SimTime, factor: f64) -> bool {
        if self.reacted_at.is_some_and(|at| now - at < self.round_trip()) {
            return false;
        }
        self.reacted_at = Some(now);
        self.window = libm::fmax(self.window * factor, self.window_min());
        if std::mem::take(&mut self.grown) {
            self.met_at = Some(self.window);
        }
        true
    }
    fn grow(&mut self, now: SimTime, said: &Said) {
        let calm = self.reacted_at.map_or(1.0, |at| {
            libm::fmin(seconds(now - at) / (CALM_ROUND_TRIPS * seconds(self.round_trip())), 1.0)
        });
        let faster = 1.0 + GROWTH * self.window / MSS * calm * self.near_scale();
        let slower = libm::fmax(1.0 - 2.0 * self.wait_ms / self.competing.target_ms(), 0.1);
        // A packet a round trip: the bytes of a window are reported once in each.
        let step = said.unmarked_bytes * MSS / self.window;
        let step = step * self.size_scale() * self.near_scale() * slower * faster;
        let (this, before, _) = self.flight_max;
        let most = MSS + real_u(this.max(before)) * FLIGHT_HEADROOM;
        self.window = libm::fmax(self.window, self.window_min());
        let most = libm::fmax(libm::fmin(most, self.window_max()), self.window_min());
        if self.window < most {
            self.window = libm::fmin(self.window + step, most);
            self.grown = true;
        }
    }
    fn loop_s(&self) -> f64 {
        libm::fmax(self.loop_ms.unwrap_or(LOOP_START_MS), 1.0) / 1e3
    }
    /// The window at the least rate, below which nothing is asked of the encoder: less would only let pictures wait
    /// at the sender (the published sources can tune their least window so).
    fn window_min(&self) -> f64 {
        libm::fmax(self.options.min.real() / 8.0 * self.loop_s(), WINDOW_MIN)
    }
    /// The window at the greatest rate.
    fn window_max(&self) -> f64 {
        self.options.max.real() / 8.0 * self.loop_s()
    }
    fn note_flight(&mut self, now: SimTime) {
        let (this, before, began) = self.flight_max;
        let flight = self.in_flight();
        self.flight_max = if now - began >= self.round_trip() {
            (flight, this, now)
        } else {
            (this.max(flight), before, began)
        };
    }
}

impl Controller for Scream {
    fn on_sent(&mut self, now: SimTime, sent: Sent) {
        if self.in_flight() == 0 {
            // Silence counts from here.
            self.heard_at = self.heard_at.max(now);
        }
        self.sent_bytes += u64::from(sent.bytes);
        *self.sent.get_mut(sent.sequence) = self.sent_bytes;
        self.note_flight(now);
    }

    fn on_feedback(&mut self, now: SimTime, results: &[PacketResult]) {
        self.heard_at = now;
        self.note_flight(now);
        let said = self.read(now, results);
        let reacted = self.backoff(&said).map(|factor| self.react(now, factor));
        if reacted != Some(false) {
            self.grow(now, &said);
        }
    }

    /// Loss is counted from the results themselves.
    fn on_loss(&mut self, _: SimTime, _: Loss) {}

    fn on_rtt(&mut self, _: SimTime, rtt: SimDuration) {
        self.rtt = rtt;
    }

    fn reset(&mut self, now: SimTime) {
        // Numbers go on, and so do the bytes up to each.
        let (sent, sent_bytes) = (self.sent.clone(), self.sent_bytes);
        *self =
            Self { sent, sent_bytes, reported_bytes: sent_bytes, ..Self::new(now, self.options) };
    }

    fn target_rate(&self) -> BitRate {
        let bps = self.window * 8.0 / self.loop_s();
        let (min, max) = (self.options.min.real(), self.options.max.real());
        BitRate::of(bps.clamp(min, max))
    }

    fn pacing_rate(&self) -> BitRate {
        BitRate::of(self.target_rate().real() * PACING)
    }

    fn room(&self) -> u64 {
        floor(self.window * WINDOW_OVERHEAD).saturating_sub(self.in_flight())
    }

    fn next_due(&self) -> Option<SimTime> {
        (self.in_flight() > 0).then(|| self.heard_at + SILENCE.max(times(self.rtt, 2)))
    }

    fn poll(&mut self, now: SimTime) -> Option<Probe> {
        if self.next_due().is_some_and(|due| due <= now) {
            self.heard_at = now;
            self.reported_bytes = self.sent_bytes;
            self.react(now, self.options.law.loss_beta);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }

    /// One packet a ms over a path of 50 ms each way, reported at once; marks by a rule.
    struct Path {
        scream: Scream,
        credit: f64,
        next: u64,
        sent: std::collections::VecDeque<PacketResult>,
    }

    impl Path {
        fn new(options: ScreamOptions) -> Self {
            let mut scream = Scream::new(at(0), options);
            scream.on_rtt(at(0), SimDuration::from_millis(100));
            Self { scream, credit: 0.0, next: 0, sent: [].into() }
        }
        /// A ms of sending at the target, and of reports of what left 100 ms ago.
        fn step(&mut self, n: i64, fate: impl Fn(u64) -> (bool, bool)) {
            self.credit += self.scream.target_rate().real() / 8e3;
            while self.credit >= MSS {
                self.credit -= MSS;
                let bytes = 1200;
                self.scream.on_sent(at(n), Sent { sequence: self.next, bytes });
                let (lost, congested) = fate(self.next);
                self.sent.push_back(PacketResult {
                    sequence: self.next,
                    sent_at: at(n),
                    arrived_at: (!lost).then_some(at(n + 50)),
                    bytes,
                    congested,
                    probe: None,
                });
                self.next += 1;
            }
            let back = self.sent.iter().take_while(|packet| packet.sent_at <= at(n - 100)).count();
            let results: Vec<_> = self.sent.drain(..back).collect();
            if !results.is_empty() {
                self.scream.on_feedback(at(n), &results);
            }
        }
    }

    /// T3.9: 0.7 of the window after loss and 0.9 after a classic mark, once a round trip.
    #[test]
    fn loss_and_marks_lower_the_window_once_a_round_trip() {
        let other = ScreamLaw { loss_beta: 0.6, ecn_beta: 0.8, ..ScreamLaw::PUBLISHED };
        for (lost, law, beta) in [
            (true, ScreamLaw::PUBLISHED, 0.7),
            (false, ScreamLaw::PUBLISHED, 0.9),
            (true, other, 0.6),
            (false, other, 0.8),
        ] {
            let mut path = Path::new(ScreamOptions { law, ..ScreamOptions::default() });
            (0..3000).for_each(|n| path.step(n, |_| (false, false)));
            let before = path.scream.window;
            let result = |n: u64| PacketResult {
                sequence: n,
                sent_at: at(2950),
                arrived_at: (!lost).then_some(at(3000)),
                bytes: 0,
                congested: true,
                probe: None,
            };
            path.scream.on_feedback(at(3000), &[result(0)]);
            assert!((path.scream.window / before - beta).abs() < 1e-12, "{before}");
            path.scream.on_feedback(at(3099), &[result(1)]);
            assert!((path.scream.window / before - beta).abs() < 1e-12);
            path.scream.on_feedback(at(3100), &[result(2)]);
            assert!((path.scream.window / before - beta * beta).abs() < 1e-12);
        }
    }

    /// T3.9, L4S: a packet a round trip against half the share of marks: the window rests at 2 / p packets.
    #[test]
    fn scalable_marks_rest_where_growth_and_backoff_meet() {
        let options = ScreamOptions { marks: Marks::Scalable, ..ScreamOptions::default() };
        for every in [10, 20, 40] {
            let mut path = Path::new(options);
            let (mut sum, mut count) = (0.0, 0.0);
            for n in 0..200_000 {
                path.step(n, |number| (false, number.is_multiple_of(every)));
                if n > 100_000 {
                    (sum, count) = (sum + path.scream.window / MSS, count + 1.0);
                }
            }
            let rests = 2.0 * f64::from(u32::try_from(every).unwrap());
            let seen = sum / count;
            assert!((0.7..1.3).contains(&(seen / rests)), "{seen} {rests}");
        }
    }

    #[test]
    fn growth_ends_with_what_is_sent_and_at_the_greatest_rate() {
        let max = BitRate::from_kbps(2000);
        let mut path = Path::new(ScreamOptions { max, ..ScreamOptions::default() });
        (0..60_000).for_each(|n| path.step(n, |_| (false, false)));
        assert_eq!(path.scream.target_rate(), max);
        let mut idle = Scream::new(at(0), ScreamOptions::default());
        for n in 0..1000 {
            idle.on_sent(at(n * 100), Sent { sequence: n.cast_unsigned(), bytes: 500 });
            let arrived_at = Some(at(n * 100 + 50));
            let (sequence, sent_at) = (n.cast_unsigned(), at(n * 100));
            let (bytes, congested, probe) = (500, false, None);
            let result = PacketResult { sequence, sent_at, arrived_at, bytes, congested, probe };
            idle.on_feedback(at(n * 100 + 90), &[result]);
        }
        assert!(idle.window() <= 3750, "as at the start: {}", idle.window());
    }

    /// Steady waits of 120 ms and a loss now and then, under a least aim of 100 ms: others fill the queue, 180 ms are
    /// aimed at, and the wait is a third of the way from half of that to all of it.
    #[test]
    fn wait_beside_loss_is_put_up_with() {
        let mut scream = Scream::new(at(0), ScreamOptions::default());
        scream.on_rtt(at(0), SimDuration::from_millis(300));
        for n in 0..1200_u64 {
            let (now, late) = (at(n.cast_signed() * 50), if n == 0 { 50 } else { 170 });
            scream.on_sent(now, Sent { sequence: n, bytes: 1200 });
            let result = PacketResult {
                sequence: n,
                sent_at: now,
                arrived_at: Some(now + SimDuration::from_millis(late)),
                bytes: 1200,
                congested: false,
                probe: None,
            };
            let lost = PacketResult { arrived_at: None, ..result };
            let results = [lost, result];
            let skipped = usize::from(n % 60 != 59);
            scream.on_feedback(now + SimDuration::from_millis(200), &results[skipped..]);
        }
        assert!((scream.competing.target_ms() - 180.0).abs() < 1e-6);
        assert!((scream.delay_share() - 1.0 / 3.0).abs() < 1e-6, "{}", scream.delay_share());
    }

    /// 300 kbit/s over 400 ms are 15000 bytes, however much is lost.
    #[test]
    fn window_holds_the_least_rate() {
        let min = BitRate::from_kbps(300);
        let mut scream = Scream::new(at(0), ScreamOptions { min, ..Default::default() });
        for n in 0..200_u64 {
            let sent_at = at(n.cast_signed() * 400);
            scream.on_sent(sent_at, Sent { sequence: n, bytes: 1200 });
            let lost = PacketResult {
                sequence: n,
                sent_at,
                arrived_at: (n < 100).then_some(sent_at + SimDuration::from_millis(50)),
                bytes: 1200,
                congested: false,
                probe: None,
            };
            scream.on_feedback(sent_at + SimDuration::from_millis(400), &[lost]);
        }
        assert!(scream.window().abs_diff(15_000) <= 1, "{}", scream.window());
        assert_eq!(scream.target_rate(), min);
    }

    #[test]
    fn silence_is_loss_of_all_that_is_in_flight() {
        let mut scream = Scream::new(at(0), ScreamOptions::default());
        let room = scream.room();
        scream.on_sent(at(10), Sent { sequence: 0, bytes: 1200 });
        assert_eq!((scream.in_flight(), scream.room()), (1200, room - 1200));
        let due = scream.next_due().unwrap();
        assert_eq!(due, at(510));
        let before = scream.window;
        assert_eq!(scream.poll(due), None);
        assert_eq!((scream.in_flight(), scream.next_due()), (0, None));
        assert_eq!(scream.window, libm::fmax(before * ScreamLaw::PUBLISHED.loss_beta, WINDOW_MIN));
    }
}
