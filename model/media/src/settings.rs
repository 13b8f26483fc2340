//! What the service lets a tenant set about the picture (P5.5), and what rates are recommended (T4.2).

use crate::encoder::Video;
use crate::figures::Figures;
use crate::rate::BitRate;
use crate::vsync::FrameRate;
use crate::work::{Codec, Definition};

/// The network of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Network {
    /// `MOBILE_NETWORK`.
    Mobile,
    /// `WIFI`.
    Wifi,
    /// `WIRED`.
    Wired,
}

impl Network {
    /// All networks, in the published order.
    pub const ALL: [Self; 3] = [Self::Mobile, Self::Wifi, Self::Wired];

    /// The word of the interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mobile => "MOBILE_NETWORK",
            Self::Wifi => "WIFI",
            Self::Wired => "WIRED",
        }
    }
    /// The network of a word of the interface.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.word() == word)
    }
}

impl Codec {
    /// Both codecs, in the published order.
    pub const ALL: [Self; 2] = [Self::H264, Self::H265];

    /// The word of the interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::H264 => "H264",
            Self::H265 => "H265",
        }
    }
    /// The codec of a word of the interface.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.word() == word)
    }
}

impl Definition {
    /// The field of the interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::P540 => "definition_540P",
            Self::P720 => "definition_720P",
            Self::P1080 => "definition_1080P",
        }
    }
    /// The definition of a field of the interface.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|definition| definition.word() == word)
    }
}

/// Bit rate and frame rate of one definition, as a caller asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedQuality {
    /// `code_rate` in kbit/s.
    pub code_rate: u32,
    /// `fps`.
    pub fps: u32,
}

/// The setting of one pair of network and codec, as a caller asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedSetting {
    /// `network_type`.
    pub network: Network,
    /// `encoding_type`.
    pub codec: Codec,
    /// Qualities in the order of [`Definition::ALL`].
    pub qualities: [AskedQuality; 3],
}

/// Bit rate and frame rate of one definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality {
    code_rate_kbps: u32,
    frame_rate: FrameRate,
}

impl Quality {
    /// The rate in kbit/s.
    pub const fn code_rate_kbps(self) -> u32 {
        self.code_rate_kbps
    }
    /// The rate as an encoder's target.
    pub fn bit_rate(self) -> BitRate {
        BitRate::from_kbps(self.code_rate_kbps)
    }
    /// The most pictures a second.
    pub const fn frame_rate(self) -> FrameRate {
        self.frame_rate
    }
    fn video(self, codec: Codec, definition: Definition) -> Video {
        let (frame_rate, target) = (self.frame_rate, self.bit_rate());
        Video { definition, codec, frame_rate, target }
    }
}

/// What may be set (P5.5), as the rules of a run say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingLimits {
    /// Least rate in kbit/s.
    pub least_kbps: u32,
    /// Greatest rate in kbit/s.
    pub most_kbps: u32,
    /// The step in which rates are set, in kbit/s; 0 counts as 1.
    pub step_kbps: u32,
    /// How many pairs must be there, in the order in which the pages took them up.
    pub pairs: usize,
    /// The lower and the higher frame rate.
    pub frame_rates: [FrameRate; 2],
}

/// Pairs in the order in which the pages took them up: the older one has the first two.
const TAKEN_UP: [(Network, Codec); 6] = [
    (Network::Mobile, Codec::H264),
    (Network::Wifi, Codec::H264),
    (Network::Wired, Codec::H264),
    (Network::Mobile, Codec::H265),
    (Network::Wifi, Codec::H265),
    (Network::Wired, Codec::H265),
];

impl SettingLimits {
    /// Pairs that must be there, in the published order.
    fn pairs(self) -> impl Iterator<Item = (Network, Codec)> {
        published().filter(move |pair| TAKEN_UP.iter().take(self.pairs).any(|taken| taken == pair))
    }
    /// What a device on this network gets if one quality is asked for by itself (P5.5).
    ///
    /// # Errors
    /// [`SettingsError::Unknown`] for pairs that cannot be set, then what is wrong with the quality.
    pub fn video(
        self,
        (network, codec): (Network, Codec),
        definition: Definition,
        asked: AskedQuality,
    ) -> Result<Video, SettingsError> {
        if !self.pairs().any(|pair| pair == (network, codec)) {
            return Err(SettingsError::Unknown { network, codec });
        }
        Ok(self.quality((network, codec), definition, asked)?.video(codec, definition))
    }
    fn quality(
        self,
        (network, codec): (Network, Codec),
        definition: Definition,
        AskedQuality { code_rate, fps }: AskedQuality,
    ) -> Result<Quality, SettingsError> {
        let (least, most, step) = (self.least_kbps, self.most_kbps, self.step_kbps.max(1));
        if !(least..=most).contains(&code_rate) {
            return Err(SettingsError::RateRange {
                network,
                codec,
                definition,
                code_rate,
                least,
                most,
            });
        }
        if !code_rate.is_multiple_of(step) {
            return Err(SettingsError::RateStep { network, codec, definition, code_rate, step });
        }
        let [low, high] = self.frame_rates;
        let rate = self.frame_rates.into_iter().find(|rate| rate.per_second() == fps);
        let frame_rate =
            rate.ok_or(SettingsError::FrameRate { network, codec, definition, fps, low, high })?;
        Ok(Quality { code_rate_kbps: code_rate, frame_rate })
    }
}

/// All pairs in the published order.
fn published() -> impl Iterator<Item = (Network, Codec)> {
    Network::ALL.into_iter().flat_map(|network| Codec::ALL.map(move |codec| (network, codec)))
}

/// Why settings are refused. Pairs are looked at in the published order (network, then codec); of each
/// pair first its presence, then its definitions ascending, of each the rate's range, its step and the frame
/// rate; settings of pairs that cannot be set come last. The first refusal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A pair is missing.
    #[error("the setting of {} with {} is missing", .network.word(), .codec.word())]
    Missing {
        /// Its network.
        network: Network,
        /// Its codec.
        codec: Codec,
    },
    /// A pair is there more than once.
    #[error("the setting of {} with {} is given twice", .network.word(), .codec.word())]
    Twice {
        /// Its network.
        network: Network,
        /// Its codec.
        codec: Codec,
    },
    /// A rate is too small or too great.
    #[error(
        "code_rate {code_rate} of {} ({} with {}) is not between {least} and {most}",
        .definition.word(), .network.word(), .codec.word()
    )]
    RateRange {
        /// The network of the setting.
        network: Network,
        /// The codec of the setting.
        codec: Codec,
        /// The definition.
        definition: Definition,
        /// The rate that was asked for, in kbit/s.
        code_rate: u32,
        /// The least rate, in kbit/s.
        least: u32,
        /// The greatest rate, in kbit/s.
        most: u32,
    },
    /// A rate is between two steps.
    #[error(
        "code_rate {code_rate} of {} ({} with {}) is not a multiple of {step}",
        .definition.word(), .network.word(), .codec.word()
    )]
    RateStep {
        /// The network of the setting.
        network: Network,
        /// The codec of the setting.
        codec: Codec,
        /// The definition.
        definition: Definition,
        /// The rate that was asked for, in kbit/s.
        code_rate: u32,
        /// The step, in kbit/s.
        step: u32,
    },
    /// A frame rate is neither of the two.
    #[error(
        "fps {fps} of {} ({} with {}) is neither {} nor {}",
        .definition.word(), .network.word(), .codec.word(), .low.per_second(), .high.per_second()
    )]
    FrameRate {
        /// The network of the setting.
        network: Network,
        /// The codec of the setting.
        codec: Codec,
        /// The definition.
        definition: Definition,
        /// The frame rate that was asked for.
        fps: u32,
        /// The lower one that can be set.
        low: FrameRate,
        /// The higher one.
        high: FrameRate,
    },
    /// This pair cannot be set.
    #[error("{} with {} cannot be set", .network.word(), .codec.word())]
    Unknown {
        /// Its network.
        network: Network,
        /// Its codec.
        codec: Codec,
    },
}

/// A complete and checked set of video settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoSettings {
    settings: Vec<((Network, Codec), [Quality; 3])>,
}

impl Default for VideoSettings {
    /// The published sample for every pair: 6,000, 6,000 and 8,000 kbit/s at 30 pictures.
    fn default() -> Self {
        let quality = |code_rate_kbps| Quality { code_rate_kbps, frame_rate: FrameRate::FPS_30 };
        let sample = [6_000, 6_000, 8_000].map(quality);
        Self { settings: published().map(|pair| (pair, sample)).collect() }
    }
}

impl VideoSettings {
    /// Checks what was asked for (P5.5); the order in which settings come does not matter.
    ///
    /// # Errors
    /// The first refusal of P5.5, in the order of [`SettingsError`].
    pub fn check(limits: SettingLimits, asked: &[AskedSetting]) -> Result<Self, SettingsError> {
        let mut settings = Vec::new();
        for (network, codec) in limits.pairs() {
            let mut same = asked.iter().filter(|s| (s.network, s.codec) == (network, codec));
            let setting = same.next().ok_or(SettingsError::Missing { network, codec })?;
            if same.next().is_some() {
                return Err(SettingsError::Twice { network, codec });
            }
            settings.push(((network, codec), check(limits, setting)?));
        }
        let known = |s: &&AskedSetting| limits.pairs().any(|pair| pair == (s.network, s.codec));
        match asked.iter().find(|setting| !known(setting)) {
            Some(s) => Err(SettingsError::Unknown { network: s.network, codec: s.codec }),
            None => Ok(Self { settings }),
        }
    }

    /// What a device on this network gets; `None` for pairs that cannot be set.
    pub fn video(&self, network: Network, codec: Codec, definition: Definition) -> Option<Video> {
        self.quality(network, codec, definition).map(|quality| quality.video(codec, definition))
    }
    /// What applies to a device; `None` for pairs that cannot be set.
    pub fn quality(
        &self,
        network: Network,
        codec: Codec,
        definition: Definition,
    ) -> Option<Quality> {
        let qualities = self.settings.iter().find(|(pair, _)| *pair == (network, codec))?.1;
        let listed = Definition::ALL.into_iter().zip(qualities);
        listed.into_iter().find(|(listed, _)| *listed == definition).map(|(_, quality)| quality)
    }
}

fn check(limits: SettingLimits, setting: &AskedSetting) -> Result<[Quality; 3], SettingsError> {
    let [low, middle, high] = setting.qualities;
    let pair = (setting.network, setting.codec);
    let one = |definition, asked| limits.quality(pair, definition, asked);
    Ok([one(Definition::P540, low)?, one(Definition::P720, middle)?, one(Definition::P1080, high)?])
}

/// What the service's layer below is used for, as its recommendations distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Many games at once on one server.
    ManyGames,
    /// One game that somebody plays.
    CloudGame,
}

/// Levels of quality, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// High definition.
    High,
    /// Standard definition.
    Standard,
    /// Smooth.
    Smooth,
}

/// The recommended rate at 30 pictures a second (CPH, recommended bit rates); `None` for 540p, for which nothing
/// is recommended. That of one game in high quality is the run's (T4.2).
pub fn recommended(
    figures: &Figures,
    used: Use,
    codec: Codec,
    definition: Definition,
    level: Level,
) -> Option<BitRate> {
    use {
        Codec::{H264, H265},
        Definition::{P540, P720, P1080},
        Use::{CloudGame, ManyGames},
    };
    let (high, standard, smooth) = match (used, definition, codec) {
        (_, P540, _) => return None,
        (ManyGames, P720, H264) => (Some(2_000), 1_300, 1_000),
        (ManyGames, P720, H265) => (Some(1_300), 1_000, 700),
        (ManyGames, P1080, H264) => (Some(4_000), 2_600, 2_000),
        (ManyGames, P1080, H265) => (Some(2_600), 2_000, 1_400),
        (CloudGame, P720, H264) => (None, 2_000, 1_300),
        (CloudGame, P720, H265) => (None, 1_300, 1_000),
        (CloudGame, P1080, H264) => (None, 4_000, 2_600),
        (CloudGame, P1080, H265) => (None, 2_600, 2_000),
    };
    let kbps = match level {
        Level::High => high,
        Level::Standard => Some(standard),
        Level::Smooth => Some(smooth),
    };
    kbps.map(BitRate::from_kbps).or_else(|| figures.game_rate(codec).of(definition))
}

#[cfg(test)]
mod tests;
