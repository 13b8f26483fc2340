//! The figures of a window of measuring, as they stand in a log.

use super::measure::Measured;
use koosim_media::latency::Latencies;
use koosim_media::stages::Stage;
use koosim_model::name::Name;
use koosim_model::time::{SimDuration, SimTime};
use serde::{Deserialize, Serialize};

/// Latencies by nearest rank, and the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantiles {
    /// How many there were.
    pub count: u64,
    /// What half of them did not exceed.
    pub p50: SimDuration,
    /// What 95 of a hundred did not exceed.
    pub p95: SimDuration,
    /// What 99 of a hundred did not exceed.
    pub p99: SimDuration,
    /// The greatest.
    pub worst: SimDuration,
}

impl Quantiles {
    /// Nothing if there are no latencies.
    pub fn of(latencies: &Latencies) -> Option<Self> {
        Some(Self {
            count: latencies.count(),
            p50: latencies.percentile(500)?,
            p95: latencies.percentile(950)?,
            p99: latencies.percentile(990)?,
            worst: latencies.worst()?,
        })
    }
}

/// What one viewer saw of a flow in one window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// The flow.
    pub flow: Name,
    /// The viewer.
    pub viewer: u32,
    /// When the window began.
    pub since: SimTime,
    /// Pictures shown.
    pub shown: u64,
    /// Pictures in a thousand seconds, from the first to the last.
    pub millifps: u64,
    /// How often the picture froze.
    pub freezes: u64,
    /// Parts of a million of the time that it was frozen.
    pub stalled_ppm: u64,
    /// Bytes that the sender let go, with UDP and IP.
    pub sent_bytes: u64,
    /// Bytes that arrived, with UDP and IP.
    pub received_bytes: u64,
    /// Packets to the viewer that links dropped.
    pub dropped: u64,
    /// Pictures that another replaced before the display took them.
    pub replaced: u64,
    /// Complete pictures that were never decoded: the decoder kept them waiting for too long, or they need one that
    /// was never decoded.
    pub undecoded: u64,
    /// Inputs that the phone has got.
    pub inputs: u64,
    /// From capture to display (T6.2).
    pub capture_to_display: Option<Quantiles>,
    /// From the finger to the light (T6.2).
    pub input_to_photon: Option<Quantiles>,
    /// By stage (T6.3), those that something has passed.
    pub stages: Vec<(String, Quantiles)>,
}

/// What one viewer heard of the sound of a flow in one window (T4.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoundFigures {
    /// The flow.
    pub flow: Name,
    /// The viewer.
    pub viewer: u32,
    /// When the window began.
    pub since: SimTime,
    /// Packets that came in time.
    pub heard: u64,
    /// Packets that came after the instant at which they were to be played at the latest.
    pub late: u64,
    /// Packets that have not come although that instant is over.
    pub lost: u64,
}

impl SoundFigures {
    /// The figures of what was measured.
    pub fn of(flow: &Name, viewer: u32, seen: &Measured) -> Self {
        let sound = seen.sound;
        let (heard, late, lost) = (sound.heard, sound.late, sound.lost());
        Self { flow: flow.clone(), viewer, since: seen.since, heard, late, lost }
    }
}

impl Figures {
    /// The figures of what was measured.
    pub fn of(flow: &Name, viewer: u32, seen: &Measured) -> Self {
        let sum = |part: fn(&super::measure::Bin) -> u64| seen.bins().iter().map(part).sum();
        let stage =
            |stage: Stage| Some((stage.word().to_owned(), Quantiles::of(seen.stage(stage))?));
        Self {
            flow: flow.clone(),
            viewer,
            since: seen.since,
            shown: seen.playback.shown(),
            millifps: seen.playback.millifps(),
            freezes: seen.playback.freezes(),
            stalled_ppm: seen.playback.stalled_ppm(),
            sent_bytes: sum(|bin| bin.sent_bytes),
            received_bytes: sum(|bin| bin.received_bytes),
            dropped: sum(|bin| u64::from(bin.dropped)),
            replaced: seen.replaced,
            undecoded: seen.undecoded,
            inputs: seen.inputs,
            capture_to_display: Quantiles::of(&seen.capture_to_display),
            input_to_photon: Quantiles::of(&seen.input_to_photon),
            stages: Stage::ALL.into_iter().filter_map(stage).collect(),
        }
    }
}
