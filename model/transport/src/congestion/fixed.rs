use super::{Controller, Loss, PacketResult, Probe, Sent};
use crate::BitRate;
use koosim_time::{SimDuration, SimTime};

/// Sends at one rate whatever happens, and lets nothing wait longer than frames twice as large would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed {
    rate: BitRate,
}

impl Fixed {
    /// Waiting packets leave at so many times the rate, so that a large frame is not held for long.
    const PACING: u64 = 2;

    /// A controller of this rate.
    pub const fn new(rate: BitRate) -> Self {
        Self { rate }
    }
}

impl Controller for Fixed {
    fn on_sent(&mut self, _: SimTime, _: Sent) {}
    fn on_feedback(&mut self, _: SimTime, _: &[PacketResult]) {}
    fn on_loss(&mut self, _: SimTime, _: Loss) {}
    fn on_rtt(&mut self, _: SimTime, _: SimDuration) {}
    fn reset(&mut self, _: SimTime) {}
    fn target_rate(&self) -> BitRate {
        self.rate
    }
    fn pacing_rate(&self) -> BitRate {
        BitRate::from_bps(self.rate.bps() * Self::PACING)
    }
    fn next_due(&self) -> Option<SimTime> {
        None
    }
    fn poll(&mut self, _: SimTime) -> Option<Probe> {
        None
    }
}
