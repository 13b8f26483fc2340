//! Google's congestion control (T3.6, T3.7), by the published draft and sources named there: differences of
//! delay between groups, their slope against a moving threshold, a rate that grows until delay does, and a
//! limit by loss. All of it runs at the sender, on arrivals that the receiver reports.

mod acked;
mod aimd;
mod groups;
mod idle;
mod lossy;
mod probing;
#[cfg(test)]
mod tests;
mod trend;

pub use trend::Usage;

use super::{Controller, Loss, PacketResult, Probe, Sent};
use crate::BitRate;
use acked::AckedRate;
use aimd::Aimd;
pub(super) use aimd::RTT_START;
use groups::Groups;
use idle::Idle;
use koosim_time::{SimDuration, SimTime};
use lossy::Lossy;
use probing::{Measure, Prober};
use trend::Trend;

/// What a [`Gcc`] can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GccOptions {
    /// Rate at the start.
    pub start: BitRate,
    /// Least rate.
    pub min: BitRate,
    /// Greatest rate.
    pub max: BitRate,
    /// Waiting packets leave at so many times the target. 2.5 in libwebrtc.
    pub pacing_factor: f64,
    /// Whether it probes, at the start and while idle.
    pub probing: bool,
    /// What the rules of a run say.
    pub law: GccLaw,
}

/// What T3.6 and T3.7 leave to be set, each field named by its parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GccLaw {
    /// `group`: packets that left within this span are looked at together.
    pub group: SimDuration,
    /// `trendline_window`: samples of the slope, taken as 2 to [`GccLaw::WINDOW_MAX`].
    pub trendline_window: usize,
    /// `threshold_start`, in ms.
    pub threshold_start_ms: f64,
    /// `decrease_factor`: share of the arrived rate after overuse.
    pub decrease_factor: f64,
    /// `increase_per_second`: growth far from convergence.
    pub increase_per_second: f64,
    /// `loss_low`: loss below which the rate grows.
    pub loss_low: f64,
    /// `loss_high`: loss above which the rate falls.
    pub loss_high: f64,
}

impl GccLaw {
    /// Most samples of the slope.
    pub const WINDOW_MAX: usize = 32;
    /// The published figures, for measurements beside other implementations, documentation and tests: a run takes
    /// those of its rulebook.
    pub const PUBLISHED: Self = Self {
        group: SimDuration::from_millis(5),
        trendline_window: 20,
        threshold_start_ms: 12.5,
        decrease_factor: 0.85,
        increase_per_second: 1.08,
        loss_low: 0.02,
        loss_high: 0.10,
    };
}

impl Default for GccOptions {
    /// 300 kbit/s at the start, from 100 kbit/s to 10 Mbit/s (T4.1), pacing 2.5, with probes, by the published law.
    fn default() -> Self {
        Self {
            start: BitRate::from_kbps(300),
            min: BitRate::from_kbps(100),
            max: BitRate::from_kbps(10_000),
            pacing_factor: 2.5,
            probing: true,
            law: GccLaw::PUBLISHED,
        }
    }
}

/// Delay is looked at anew after a silence of this length.
const SILENCE: SimDuration = SimDuration::from_secs(2);

/// Google's congestion control.
#[derive(Clone, Debug)]
pub struct Gcc {
    options: GccOptions,
    groups: Groups,
    trend: Trend,
    acked: AckedRate,
    aimd: Aimd,
    lossy: Lossy,
    idle: Idle,
    was_idle: bool,
    prober: Option<Prober>,
    measure: Measure,
    heard_at: SimTime,
    rtt: SimDuration,
}

impl Gcc {
    /// The controller at its start.
    pub fn new(now: SimTime, options: GccOptions) -> Self {
        let (start, min, max) = (options.start.real(), options.min.real(), options.max.real());
        let mut idle = Idle::new(now);
        idle.set_rate(start);
        Self {
            options,
            groups: Groups::new(options.law.group),
            trend: Trend::new(&options.law),
            acked: AckedRate::new(),
            aimd: Aimd::new(now, start, (min, max), &options.law),
            lossy: Lossy::new(&options.law),
            idle,
            was_idle: false,
            prober: options.probing.then(|| Prober::new(start, max)),
            measure: Measure::default(),
            heard_at: now,
            rtt: aimd::RTT_START,
        }
    }
    /// What delay says of the path.
    pub const fn usage(&self) -> Usage {
        self.trend.usage()
    }
    /// Rise of the smoothed delay, ms a ms.
    pub const fn slope(&self) -> f64 {
        self.trend.slope()
    }
    /// The threshold that the slope is compared with, in ms.
    pub const fn threshold_ms(&self) -> f64 {
        self.trend.threshold_ms()
    }
    /// The rate that arrives, once half a second was seen.
    pub fn acked_rate(&self) -> Option<BitRate> {
        self.acked.bps().map(BitRate::of)
    }
    /// Whether the application sends less than it may.
    pub const fn is_idle(&self) -> bool {
        self.idle.since().is_some()
    }

    /// Where that lies which every packet asks for.
    pub(super) const fn places(&self) -> [*const u8; 2] {
        [std::ptr::from_ref(&self.idle).cast(), std::ptr::from_ref(&self.prober).cast()]
    }

    fn bps(&self) -> f64 {
        let delay = self.aimd.bps();
        let bps = self.lossy.limit().map_or(delay, |limit| libm::fmin(limit, delay));
        libm::fmax(bps, self.options.min.real())
    }
    /// Takes one arrival; gives what a probe says.
    fn arrived(&mut self, packet: &PacketResult, at: SimTime) -> Option<f64> {
        self.acked.push(at, packet.bytes);
        if let Some(delta) = self.groups.push(packet, at) {
            self.trend.push(delta, at);
        }
        self.measure.push(packet)
    }
    fn note_idle(&mut self) {
        let idle = self.idle.since().is_some();
        if self.was_idle && !idle {
            self.acked.expect_change();
        }
        self.was_idle = idle;
    }
}

impl Controller for Gcc {
    fn on_sent(&mut self, now: SimTime, sent: Sent) {
        self.idle.on_sent(now, sent.bytes);
    }

    fn on_feedback(&mut self, now: SimTime, results: &[PacketResult]) {
        if now - self.heard_at > SILENCE {
            let law = &self.options.law;
            (self.groups, self.trend) = (Groups::new(law.group), Trend::new(law));
        }
        self.note_idle();
        let (before, usage_before) = (self.bps(), self.trend.usage());
        let (mut found, mut any) = (None, false);
        for packet in results {
            let Some(at) = packet.arrived_at else { continue };
            any = true;
            found = self.arrived(packet, at).or(found);
        }
        if !any {
            return;
        }
        self.heard_at = now;
        let usage = self.trend.usage();
        match found {
            Some(bps) if usage != Usage::Over => self.aimd.probed(now, bps, self.acked.bps()),
            Some(_) | None => self.aimd.update(now, usage, self.acked.bps()),
        }
        let bps = self.bps();
        self.idle.set_rate(bps);
        if let Some(prober) = &mut self.prober {
            prober.on_estimate(now, before, bps, found.is_some());
            if usage_before == Usage::Under && usage == Usage::Normal && self.was_idle {
                prober.on_recovered(now, bps);
            }
        }
    }

    fn on_loss(&mut self, now: SimTime, loss: Loss) {
        self.lossy.push(now, loss, self.aimd.bps(), self.rtt);
        self.idle.set_rate(self.bps());
    }

    fn on_rtt(&mut self, _: SimTime, rtt: SimDuration) {
        self.rtt = rtt;
        self.aimd.set_rtt(rtt);
    }

    fn reset(&mut self, now: SimTime) {
        *self = Self::new(now, self.options);
    }

    fn target_rate(&self) -> BitRate {
        BitRate::of(self.bps())
    }

    fn pacing_rate(&self) -> BitRate {
        BitRate::of(self.bps() * self.options.pacing_factor)
    }

    fn next_due(&self) -> Option<SimTime> {
        let prober = self.prober.as_ref()?;
        if prober.is_waiting() {
            Some(self.heard_at)
        } else {
            // Most senders are busy, and their rate is not asked for.
            let since = self.idle.since()?;
            prober.idle_due(Some(since), self.bps())
        }
    }

    fn poll(&mut self, now: SimTime) -> Option<Probe> {
        let bps = self.bps();
        let prober = self.prober.as_mut()?;
        if prober.idle_due(self.idle.since(), bps).is_some_and(|due| due <= now) {
            prober.probe_idle(bps);
        }
        let probe = prober.poll(now)?;
        self.measure.expect(&probe);
        Some(probe)
    }
}
