use super::*;
use crate::figures::Rates;

const SAMPLE: [AskedQuality; 3] = [
    AskedQuality { code_rate: 6_000, fps: 30 },
    AskedQuality { code_rate: 6_000, fps: 30 },
    AskedQuality { code_rate: 8_000, fps: 30 },
];

/// As the newest page has it.
const CURRENT: SettingLimits = SettingLimits {
    least_kbps: 100,
    most_kbps: 10_000,
    step_kbps: 100,
    pairs: 6,
    frame_rates: [FrameRate::FPS_30, FrameRate::FPS_60],
};
/// As the older page has it.
const OLDER: SettingLimits = SettingLimits { least_kbps: 0, pairs: 2, ..CURRENT };

fn asked(limits: SettingLimits) -> Vec<AskedSetting> {
    let setting = |(network, codec)| AskedSetting { network, codec, qualities: SAMPLE };
    limits.pairs().map(setting).collect()
}

/// The refusal of the current sample after a change to it.
fn refusal(change: impl FnOnce(&mut Vec<AskedSetting>)) -> String {
    let mut settings = asked(CURRENT);
    change(&mut settings);
    VideoSettings::check(CURRENT, &settings).unwrap_err().to_string()
}

#[test]
fn the_sample_is_the_default_in_any_order() {
    let mut settings = asked(CURRENT);
    settings.reverse();
    assert_eq!(VideoSettings::check(CURRENT, &settings), Ok(VideoSettings::default()));
    let quality =
        VideoSettings::default().quality(Network::Wired, Codec::H265, Definition::P1080).unwrap();
    assert_eq!((quality.code_rate_kbps(), quality.frame_rate()), (8_000, FrameRate::FPS_30));
    let (definition, codec) = (Definition::P1080, Codec::H265);
    let target = BitRate::from_kbps(8_000);
    let video = Video { definition, codec, frame_rate: FrameRate::FPS_30, target };
    assert_eq!(VideoSettings::default().video(Network::Wired, codec, definition), Some(video));
}

/// P5.5.
#[test]
fn each_refusal_has_its_words() {
    let words = [
        refusal(|s| s.truncate(5)),
        refusal(|s| s.push(s[2])),
        refusal(|s| s[1].qualities[0].code_rate = 0),
        refusal(|s| s[1].qualities[1].code_rate = 10_100),
        refusal(|s| s[5].qualities[2].code_rate = 150),
        refusal(|s| s[0].qualities[2].fps = 45),
    ];
    insta::assert_snapshot!(words.join("\n"), @"
    the setting of WIRED with H265 is missing
    the setting of WIFI with H264 is given twice
    code_rate 0 of definition_540P (MOBILE_NETWORK with H265) is not between 100 and 10000
    code_rate 10100 of definition_720P (MOBILE_NETWORK with H265) is not between 100 and 10000
    code_rate 150 of definition_1080P (WIRED with H265) is not a multiple of 100
    fps 45 of definition_1080P (MOBILE_NETWORK with H264) is neither 30 nor 60
    ");
}

/// P5.5.
#[test]
fn the_first_refusal_in_the_declared_order_counts() {
    // Everything is wrong; each repair shows what comes next.
    let bad = AskedQuality { code_rate: 50, fps: 10 };
    let mut settings = asked(CURRENT);
    settings[0].qualities = [bad; 3];
    let first = settings.remove(0);
    settings.insert(0, settings[0]);
    let mut refusals = Vec::new();
    let mut look = |settings: &[AskedSetting]| {
        let refusal = VideoSettings::check(CURRENT, settings).unwrap_err();
        let name = format!("{refusal:?}");
        refusals.push(name.split_whitespace().next().unwrap_or_default().to_owned());
    };
    look(&settings);
    settings.push(first);
    settings.push(first);
    look(&settings);
    settings.pop();
    look(&settings);
    settings.last_mut().unwrap().qualities[0].code_rate = 150;
    look(&settings);
    settings.last_mut().unwrap().qualities[0].code_rate = 100;
    look(&settings);
    settings.last_mut().unwrap().qualities[0].fps = 60;
    // The next definition.
    look(&settings);
    settings.last_mut().unwrap().qualities = SAMPLE;
    // The next pair.
    look(&settings);
    assert_eq!(
        refusals,
        ["Missing", "Twice", "RateRange", "RateStep", "FrameRate", "RateRange", "Twice"]
    );
}

/// P5.5, T4.1.
#[test]
fn the_older_edition_has_two_pairs_and_rates_from_nothing() {
    let mut settings = asked(OLDER);
    assert_eq!(settings.len(), 2);
    settings[0].qualities[0].code_rate = 0;
    let older = VideoSettings::check(OLDER, &settings).unwrap();
    assert_eq!(older.quality(Network::Wired, Codec::H264, Definition::P540), None);
    let quality = older.quality(Network::Mobile, Codec::H264, Definition::P540).unwrap();
    assert_eq!((quality.code_rate_kbps(), quality.bit_rate()), (0, BitRate::LEAST));
    let all = asked(CURRENT);
    assert_eq!(
        VideoSettings::check(OLDER, &all),
        Err(SettingsError::Unknown { network: Network::Mobile, codec: Codec::H265 })
    );
}

#[test]
fn one_quality_by_itself_is_held_to_the_same_limits() {
    let asked = AskedQuality { code_rate: 2_500, fps: 60 };
    let (pair, definition) = ((Network::Wired, Codec::H265), Definition::P540);
    let target = BitRate::from_kbps(2_500);
    let video = Video { definition, codec: Codec::H265, frame_rate: FrameRate::FPS_60, target };
    assert_eq!(CURRENT.video(pair, definition, asked), Ok(video));
    let (network, codec) = pair;
    let unknown = Err(SettingsError::Unknown { network, codec });
    assert_eq!(OLDER.video(pair, definition, asked), unknown);
    let refused = CURRENT.video(pair, definition, AskedQuality { fps: 25, ..asked });
    let text = "fps 25 of definition_540P (WIRED with H265) is neither 30 nor 60";
    assert_eq!(refused.unwrap_err().to_string(), text);
}

#[test]
fn words_are_those_of_the_interface() {
    for network in Network::ALL {
        assert_eq!(Network::from_word(network.word()), Some(network));
    }
    for codec in Codec::ALL {
        assert_eq!(Codec::from_word(codec.word()), Some(codec));
    }
    for definition in Definition::ALL {
        assert_eq!(Definition::from_word(definition.word()), Some(definition));
    }
    assert_eq!((Network::from_word("wifi"), Codec::from_word("VP8")), (None, None));
    assert_eq!(Definition::from_word("720p"), None);
}

#[test]
fn recommended_rates_fall_with_the_level_and_the_run_sets_the_highest_of_games() {
    let published = Figures::default();
    let rates = |used, codec, definition| {
        [Level::High, Level::Standard, Level::Smooth].map(|level| {
            recommended(&published, used, codec, definition, level).unwrap().bps() / 1000
        })
    };
    for used in [Use::ManyGames, Use::CloudGame] {
        for codec in Codec::ALL {
            for definition in [Definition::P720, Definition::P1080] {
                assert!(rates(used, codec, definition).is_sorted_by(|a, b| a > b));
            }
        }
        // In H.265 a level costs what the next one costs in H.264, or less.
        let (h264, h265) = (
            rates(used, Codec::H264, Definition::P720),
            rates(used, Codec::H265, Definition::P720),
        );
        assert_eq!(h264[1..], h265[..2]);
    }
    let high = |figures: &Figures, codec, definition| {
        recommended(figures, Use::CloudGame, codec, definition, Level::High)
    };
    assert_eq!(high(&published, Codec::H264, Definition::P540), None);
    let p1080 = BitRate::from_kbps(5_000);
    let game_rate_h265 = Rates { p1080, ..published.game_rate_h265 };
    let other = Figures { game_rate_h265, ..published };
    assert_eq!(high(&other, Codec::H265, Definition::P1080), Some(p1080));
}

/// T4.2.
#[test]
fn unless_told_a_phone_streams_at_the_default_rate_of_the_run() {
    let figures = Figures::default();
    let video = |definition| Video::unless_told(definition, Codec::H264, &figures);
    let target = |definition| video(definition).map(|video| video.target.bps() / 1000);
    assert_eq!(Definition::ALL.map(target), [None, Some(3_000), Some(6_000)]);
    assert_eq!(video(Definition::P720).unwrap().frame_rate, FrameRate::FPS_30);
}
