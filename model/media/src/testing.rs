//! What tests give: bits (SplitMix64 from a seed), and a budget.

use crate::draws::Draws;
use crate::stages::{Percentiles, Stage, StageBudget};

pub(crate) struct Counted(u64);

impl Counted {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }
}

/// A budget like that of T6.3.
pub(crate) fn budget() -> StageBudget {
    StageBudget::of(|stage| {
        let (p50, p95) = match stage {
            Stage::Touch => (12, 25),
            Stage::ClientSend => (1, 2),
            Stage::InjectAndCompose => (20, 40),
            Stage::Uplink => (8, 20),
            Stage::CaptureWait | Stage::DisplayWait => (8, 16),
            Stage::Encode => (8, 14),
            Stage::PacketiseAndPace => (4, 10),
            Stage::Downlink => (8, 25),
            Stage::JitterBuffer => (6, 20),
            Stage::Decode => (6, 12),
        };
        Percentiles::from_millis(p50, p95)
    })
}

impl Draws for Counted {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
