//! Parameters of pictures and of latency in the types that encoders and measurements use. As with
//! links, no rule of the service looks at them, but for what a tenant may set (P5.5).

use crate::rulebook::{BookError, RuleId};
use crate::rules::params::Reader;
use crate::rules::{p, t};
use crate::time::SimDuration;
use rust_decimal::Decimal;

/// What sections T4 and T6 leave open, and the bounds of P5.5, each field named by its rule and
/// parameter.
///
/// T4.3 `size_deviation` is not read: the contents of the model have laws fitted to recorded frames. Neither is
/// T4.7 `sound_packet`: packets of sound are written as those of this length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaParams {
    /// T4.2 `default_rate`.
    pub default_rate: RateParams,
    /// T4.2 `game_rate_h264`.
    pub game_rate_h264: RateParams,
    /// T4.2 `game_rate_h265`.
    pub game_rate_h265: RateParams,
    /// T4.3 `transition_frames`.
    pub transition_frames: u32,
    /// T4.3 `large_change`.
    pub large_change: Decimal,
    /// T4.3 `change_interval`.
    pub change_interval: SimDuration,
    /// T4.4 `still_rate`, in frames a second.
    pub still_rate: u32,
    /// T4.4 `big_frame_share`.
    pub big_frame_share: Decimal,
    /// T4.5 `game_size_deviation`.
    pub game_size_deviation: Decimal,
    /// T4.7 `sound_rate`, in kbit/s.
    pub sound_rate_kbps: u32,
    /// T4.7 `sound_deadline`.
    pub sound_deadline: SimDuration,
    /// T6.3 `stage_p50_ms` and `stage_p95_ms`: all stages, by name.
    pub stages: Vec<StageParams>,
    /// T6.4 `good_ms`: at the median, the 95th and the 99th percentile.
    pub good: [SimDuration; 3],
    /// Those of P5.5.
    pub settings: SettingParams,
}

/// Rates by definition, in kbit/s; there are none for 540p.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateParams {
    /// Of 720p.
    pub p720_kbps: u32,
    /// Of 1080p.
    pub p1080_kbps: u32,
}

/// How long a frame or an input takes in one stage (T6.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageParams {
    /// The stage, as the book names it.
    pub name: String,
    /// Median.
    pub p50: SimDuration,
    /// 95th percentile.
    pub p95: SimDuration,
}

/// What may be set of the picture (P5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingParams {
    /// P5.5 `bit_rate_min`, in kbit/s.
    pub rate_min_kbps: u32,
    /// P5.5 `bit_rate_max`, in kbit/s.
    pub rate_max_kbps: u32,
    /// P5.5 `bit_rate_step`, in kbit/s.
    pub rate_step_kbps: u32,
    /// P5.5 `pairs`.
    pub pairs: usize,
    /// P5.5 `frame_rates`: the lower and the higher.
    pub frame_rates: [u32; 2],
}

impl MediaParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            default_rate: RateParams::read(read, "default_rate")?,
            game_rate_h264: RateParams::read(read, "game_rate_h264")?,
            game_rate_h265: RateParams::read(read, "game_rate_h265")?,
            transition_frames: read.count(t(4, 3), "transition_frames")?,
            large_change: read.decimal(t(4, 3), "large_change")?,
            change_interval: read.duration(t(4, 3), "change_interval")?,
            still_rate: read.count(t(4, 4), "still_rate")?,
            big_frame_share: read.decimal(t(4, 4), "big_frame_share")?,
            game_size_deviation: read.decimal(t(4, 5), "game_size_deviation")?,
            sound_rate_kbps: read.count(t(4, 7), "sound_rate")?,
            sound_deadline: read.duration(t(4, 7), "sound_deadline")?,
            stages: stages(read)?,
            good: read.millis_of(t(6, 4), "good_ms", ["p50", "p95", "p99"])?,
            settings: SettingParams::read(read)?,
        })
    }
}

impl RateParams {
    fn read(read: &Reader<'_>, name: &'static str) -> Result<Self, BookError> {
        let [p720_kbps, p1080_kbps] = read.counts_of(t(4, 2), name, ["720p", "1080p"])?;
        Ok(Self { p720_kbps, p1080_kbps })
    }
}

impl SettingParams {
    fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        const RULE: RuleId = p(5, 5);
        Ok(Self {
            rate_min_kbps: read.count(RULE, "bit_rate_min")?,
            rate_max_kbps: read.count(RULE, "bit_rate_max")?,
            rate_step_kbps: read.count(RULE, "bit_rate_step")?,
            pairs: read.size(RULE, "pairs")?,
            frame_rates: read.counts_of(RULE, "frame_rates", ["low", "high"])?,
        })
    }
}

/// The stages that have a median, each of which must have a tail.
fn stages(read: &Reader<'_>) -> Result<Vec<StageParams>, BookError> {
    let (rule, medians, tails) = (t(6, 3), "stage_p50_ms", "stage_p95_ms");
    let names: Vec<String> =
        read.table(rule, medians)?.entries().map(|(name, _)| name.to_owned()).collect();
    let stage = |name: String| {
        let [p50] = read.millis_of(rule, medians, [&name])?;
        let [p95] = read.millis_of(rule, tails, [&name])?;
        Ok(StageParams { name, p50, p95 })
    };
    names.into_iter().map(stage).collect()
}
