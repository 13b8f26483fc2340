//! From the rules of a run to what pictures, congestion control and connections are told.
//!
//! `koosim-media` and `koosim-transport` know no rulebook, and the rulebook knows neither: here the two meet.
//! What a rule leaves to be set comes from the run's [`Params`]; what stands in the options of those packages
//! beside it are their own decisions.

use crate::net::Rate;
use koosim_media::encoder::Video;
use koosim_media::figures::{Figures, Rates};
use koosim_media::rate::BitRate;
use koosim_media::settings::{
    AskedQuality, AskedSetting, Network, SettingLimits, SettingsError, VideoSettings,
};
use koosim_media::stages::{Percentiles, StageBudget};
use koosim_media::vsync::FrameRate;
use koosim_media::work::{Codec, Definition};
use koosim_model::rulebook::{Family, RuleId};
use koosim_model::rules::{MediaParams, Params, RateParams, TransportParams};
use koosim_transport::congestion::{
    GccLaw, GccOptions, NadaLaw, NadaOptions, ScreamLaw, ScreamOptions,
};
use koosim_transport::control::{Mode, Settings};

/// The figures of pictures (T4).
pub fn figures(params: &MediaParams) -> Figures {
    Figures {
        default_rate: rates(params.default_rate),
        game_rate_h264: rates(params.game_rate_h264),
        game_rate_h265: rates(params.game_rate_h265),
        transition_frames: params.transition_frames,
        large_change: real(&params.large_change),
        change_interval: params.change_interval,
        still_rate: frame_rate(params.still_rate),
        big_frame_share: real(&params.big_frame_share),
        game_size_deviation: real(&params.game_size_deviation),
    }
}

/// What each stage may take (T6.3). A stage that the book does not name may take no time, which whoever draws
/// its times refuses.
pub fn stage_budget(params: &MediaParams) -> StageBudget {
    StageBudget::of(|stage| {
        let named = params.stages.iter().find(|given| given.name == stage.word());
        let (p50, p95) = named.map_or_else(Default::default, |given| (given.p50, given.p95));
        Percentiles { p50, p95 }
    })
}

/// The rate of sound whose rate is not said (T4.7).
pub fn sound_rate(params: &MediaParams) -> Rate {
    Rate::kilobits(params.sound_rate_kbps)
}

/// What may be set of the picture (P5.5).
pub fn setting_limits(params: &MediaParams) -> SettingLimits {
    let given = params.settings;
    SettingLimits {
        least_kbps: given.rate_min_kbps,
        most_kbps: given.rate_max_kbps,
        step_kbps: given.rate_step_kbps,
        pairs: given.pairs,
        frame_rates: given.frame_rates.map(frame_rate),
    }
}

/// Google's congestion control (T3.6, T3.7) at its own start and bounds.
pub fn gcc(params: &TransportParams) -> GccOptions {
    let given = &params.gcc;
    let law = GccLaw {
        group: given.group,
        trendline_window: given.trendline_window,
        threshold_start_ms: real(&given.threshold_start_ms),
        decrease_factor: real(&given.decrease_factor),
        increase_per_second: real(&given.increase_per_second),
        loss_low: real(&given.loss_low),
        loss_high: real(&given.loss_high),
    };
    GccOptions { law, ..GccOptions::default() }
}

/// NADA (T3.8) at its own start and bounds.
pub fn nada(params: &TransportParams) -> NadaOptions {
    let given = params.nada;
    let law = NadaLaw { xref: given.xref, tau: given.tau, interval: given.interval };
    NadaOptions { law, ..NadaOptions::default() }
}

/// SCReAM (T3.9) at its own start and bounds.
pub fn scream(params: &TransportParams) -> ScreamOptions {
    let given = params.scream;
    let (loss_beta, ecn_beta) = (real(&given.loss_beta), real(&given.ecn_beta));
    let law = ScreamLaw { loss_beta, ecn_beta, queue_target: given.queue_target };
    ScreamOptions { law, ..ScreamOptions::default() }
}

/// The channel of input (T5.6), delivered like this (T5.3).
pub fn channel(params: &TransportParams, mode: Mode) -> Settings {
    Settings { pointers_max: params.pointers_max, ..Settings::of(mode) }
}

/// A refusal of video settings, with its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause} ({rule})")]
pub struct SettingRefused {
    /// The rule that refuses.
    pub rule: RuleId,
    /// What is wrong.
    pub cause: SettingsError,
}

/// Checks video settings as the interface takes them (P5.5).
///
/// # Errors
/// The first refusal, in the order that [`SettingsError`] declares.
pub fn video_settings(
    params: &Params,
    asked: &[AskedSetting],
) -> Result<VideoSettings, SettingRefused> {
    VideoSettings::check(setting_limits(&params.media), asked).map_err(refused)
}

/// Checks one quality of one pair of network and codec by itself (P5.5).
///
/// # Errors
/// As [`SettingLimits::video`].
pub fn video(
    params: &Params,
    pair: (Network, Codec),
    definition: Definition,
    asked: AskedQuality,
) -> Result<Video, SettingRefused> {
    setting_limits(&params.media).video(pair, definition, asked).map_err(refused)
}

const fn refused(cause: SettingsError) -> SettingRefused {
    SettingRefused { rule: RuleId::new(Family::P, 5, 5), cause }
}

fn rates(params: RateParams) -> Rates {
    let RateParams { p720_kbps, p1080_kbps } = params;
    Rates { p720: BitRate::from_kbps(p720_kbps), p1080: BitRate::from_kbps(p1080_kbps) }
}

/// The book bounds its frame rates as displays are bounded.
fn frame_rate(per_second: u32) -> FrameRate {
    FrameRate::new(per_second.clamp(1, FrameRate::MOST)).unwrap_or(FrameRate::FPS_60)
}

/// The nearest `f64` to a decimal number, by its text: read the same on every machine.
fn real(decimal: &impl ToString) -> f64 {
    decimal.to_string().parse().unwrap_or_default()
}
