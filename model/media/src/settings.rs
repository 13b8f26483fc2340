//! What the service lets a tenant set about the picture (P5.5), and what rates are recommended (T4.2).

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
    /// The rate in kbit/s: a multiple of 100.
    pub const fn code_rate_kbps(self) -> u32 {
        self.code_rate_kbps
    }
    /// The rate as an encoder's target.
    pub fn bit_rate(self) -> BitRate {
        BitRate::from_kbps(self.code_rate_kbps)
    }
    /// 30 or 60 pictures a second.
    pub const fn frame_rate(self) -> FrameRate {
        self.frame_rate
    }
}

/// Which pages apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Mid-2024: mobile and Wi-Fi in H.264 only, rates from 0.
    Older,
    /// Since 2025-07: all six pairs, rates from 100.
    Current,
}

impl Edition {
    /// Pairs that must be there, in their order.
    fn pairs(self) -> impl Iterator<Item = (Network, Codec)> {
        let all = Network::ALL.into_iter().flat_map(|n| Codec::ALL.map(move |codec| (n, codec)));
        all.filter(move |(network, codec)| match self {
            Self::Older => *network != Network::Wired && *codec == Codec::H264,
            Self::Current => true,
        })
    }
    const fn least_kbps(self) -> u32 {
        match self {
            Self::Older => 0,
            Self::Current => 100,
        }
    }
}

/// Greatest rate, and the step in which rates are set, in kbit/s.
const MOST_KBPS: u32 = 10_000;
const STEP_KBPS: u32 = 100;

/// Why settings are refused. Pairs are looked at in the published order (network, then codec); of each
/// pair first its presence, then its definitions ascending, of each the rate's range, its step and the frame
/// rate; settings of pairs that the edition does not have come last. The first refusal counts.
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
        "code_rate {code_rate} of {} ({} with {}) is not between {least} and {MOST_KBPS}",
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
        /// The least rate of the edition, in kbit/s.
        least: u32,
    },
    /// A rate is between two steps.
    #[error(
        "code_rate {code_rate} of {} ({} with {}) is not a multiple of {STEP_KBPS}",
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
    },
    /// A frame rate is neither 30 nor 60.
    #[error(
        "fps {fps} of {} ({} with {}) is neither 30 nor 60",
        .definition.word(), .network.word(), .codec.word()
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
    },
    /// The edition does not have this pair.
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
        Self { settings: Edition::Current.pairs().map(|pair| (pair, sample)).collect() }
    }
}

impl VideoSettings {
    /// Checks what was asked for; the order in which settings come does not matter.
    pub fn new(edition: Edition, asked: &[AskedSetting]) -> Result<Self, SettingsError> {
        let mut settings = Vec::new();
        for (network, codec) in edition.pairs() {
            let mut same = asked.iter().filter(|s| (s.network, s.codec) == (network, codec));
            let setting = same.next().ok_or(SettingsError::Missing { network, codec })?;
            if same.next().is_some() {
                return Err(SettingsError::Twice { network, codec });
            }
            settings.push(((network, codec), check(edition, setting)?));
        }
        let known = |s: &&AskedSetting| edition.pairs().any(|pair| pair == (s.network, s.codec));
        match asked.iter().find(|setting| !known(setting)) {
            Some(s) => Err(SettingsError::Unknown { network: s.network, codec: s.codec }),
            None => Ok(Self { settings }),
        }
    }

    /// What applies to a device; `None` for pairs that the edition does not have.
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

fn check(edition: Edition, setting: &AskedSetting) -> Result<[Quality; 3], SettingsError> {
    let [low, middle, high] = setting.qualities;
    let one = |definition, asked| quality(edition, setting, definition, asked);
    Ok([one(Definition::P540, low)?, one(Definition::P720, middle)?, one(Definition::P1080, high)?])
}

fn quality(
    edition: Edition,
    setting: &AskedSetting,
    definition: Definition,
    asked: AskedQuality,
) -> Result<Quality, SettingsError> {
    let AskedSetting { network, codec, .. } = *setting;
    let AskedQuality { code_rate, fps } = asked;
    let least = edition.least_kbps();
    if !(least..=MOST_KBPS).contains(&code_rate) {
        return Err(SettingsError::RateRange { network, codec, definition, code_rate, least });
    }
    if !code_rate.is_multiple_of(STEP_KBPS) {
        return Err(SettingsError::RateStep { network, codec, definition, code_rate });
    }
    let frame_rate = match fps {
        30 => FrameRate::FPS_30,
        60 => FrameRate::FPS_60,
        _ => return Err(SettingsError::FrameRate { network, codec, definition, fps }),
    };
    Ok(Quality { code_rate_kbps: code_rate, frame_rate })
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

/// The recommended rate at 30 pictures a second (CPH, recommended bit rates; T4.2); `None` for 540p, for
/// which nothing is recommended.
pub fn recommended(
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
        (ManyGames, P720, H264) => (2_000, 1_300, 1_000),
        (ManyGames, P720, H265) => (1_300, 1_000, 700),
        (ManyGames, P1080, H264) => (4_000, 2_600, 2_000),
        (ManyGames, P1080, H265) => (2_600, 2_000, 1_400),
        (CloudGame, P720, H264) => (3_000, 2_000, 1_300),
        (CloudGame, P720, H265) => (2_000, 1_300, 1_000),
        (CloudGame, P1080, H264) => (6_000, 4_000, 2_600),
        (CloudGame, P1080, H265) => (4_000, 2_600, 2_000),
    };
    let kbps = match level {
        Level::High => high,
        Level::Standard => standard,
        Level::Smooth => smooth,
    };
    Some(BitRate::from_kbps(kbps))
}

/// The rate of the layer below unless told otherwise (T4.2); `None` for 540p, for which none is published.
pub fn default_rate(definition: Definition) -> Option<BitRate> {
    match definition {
        Definition::P540 => None,
        Definition::P720 => Some(BitRate::from_kbps(3_000)),
        Definition::P1080 => Some(BitRate::from_kbps(6_000)),
    }
}

#[cfg(test)]
mod tests;
