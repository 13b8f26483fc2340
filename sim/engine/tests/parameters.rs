//! Every parameter of sections T1 to T6 acts on what a stream is made of, or is refused when it is set.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail loudly")]

use koosim_engine::net::{
    Capacity, CoDelSpec, FqCoDelSpec, LinkSpec, PieSpec, Rate, SpecError, preset,
};
use koosim_engine::path::{FlowSpec, SOUND_PACKET, params};
use koosim_media::content::Content;
use koosim_media::encoder::Video;
use koosim_media::figures::Figures;
use koosim_media::settings::{
    AskedQuality, AskedSetting, Network, SettingLimits, SettingsError, VideoSettings,
};
use koosim_media::stages::Stage;
use koosim_media::vsync::FrameRate;
use koosim_media::work::{Codec, Definition};
use koosim_model::rulebook::{BookError, Family, Parameter, RuleId, Rulebook, Value};
use koosim_model::rules::{Catalogue, Params, Rules};
use koosim_model::time::{SimDuration, SimTime};
use koosim_transport::congestion::{GccOptions, NadaOptions, ScreamOptions};
use koosim_transport::control::{Mode, Settings};

fn rules(book: &str, overrides: &[(String, String)]) -> Result<Rules, Vec<BookError>> {
    let settings = Rulebook::standard().resolve(book.parse().unwrap(), overrides)?;
    let rules = Rules::new(settings, Catalogue::default()).map_err(|error| vec![error])?;
    let vain = rules.overrides_in_vain(overrides);
    if vain.is_empty() { Ok(rules) } else { Err(vain) }
}

fn with(overrides: &[(&str, &str)]) -> Params {
    let given: Vec<_> =
        overrides.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    rules("cn", &given).unwrap().params(SimTime::EPOCH).clone()
}

fn flow(params: &Params) -> FlowSpec {
    let figures = params::figures(&params.media);
    let video = Video::unless_told(Definition::P1080, Codec::H264, &figures).unwrap();
    FlowSpec::of(params, Content::Game, video)
}

/// Everything that a stream is made of under these rules.
fn made_of(params: &Params) -> Result<String, SpecError> {
    let (links, cases) = (&params.links, &params.transport.cases);
    let wire = (LinkSpec::from_millis(1).ruled_by(links), preset::wifi_access(links)?);
    let case = preset::rfc8867(cases, Capacity::Constant(Rate::kilobits(1_000)))?;
    let course = preset::variable_capacity(cases, SimTime::EPOCH);
    let queues =
        (CoDelSpec::ruled_by(links), FqCoDelSpec::ruled_by(links), PieSpec::ruled_by(links));
    let controls = (params::nada(&params.transport), params::scream(&params.transport));
    let set = (params::setting_limits(&params.media), params::sound_rate(&params.media));
    Ok(format!("{wire:?} {case:?} {course:?} {queues:?} {controls:?} {set:?} {:?}", flow(params)))
}

/// Other values of a parameter, as overrides write them: one of the whole, or one of each key of a table.
fn others(parameter: &Parameter) -> Vec<(String, String)> {
    let path = parameter.path();
    let fits = |text: &&str| {
        let number: f64 = text.parse().unwrap();
        parameter.range().is_none_or(|(least, most)| {
            (f64::from(i32::try_from(least).unwrap())..=f64::from(i32::try_from(most).unwrap()))
                .contains(&number)
        })
    };
    let text = match parameter.variants().first().unwrap().value() {
        Value::Integer(number) => {
            let [more, less] = [number + 1, number - 1].map(|number| number.to_string());
            [more.as_str(), &less].into_iter().find(fits).unwrap().to_owned()
        }
        Value::Decimal(number) => {
            let now: f64 = number.to_string().parse().unwrap();
            let other = |text: &&str| text.parse() != Ok(now) && fits(text);
            ["0.25", "0.75", "1.5"].iter().find(|text| other(text)).unwrap().to_string()
        }
        Value::Duration(length) => format!("{} us", length.as_nanos() / 1_000 + 1),
        Value::Word(word) => parameter.choices().find(|other| other != word).unwrap().to_owned(),
        Value::Flag(flag) => if *flag { "no" } else { "yes" }.to_owned(),
        Value::Table(table) => {
            let other = |key: &str| {
                let more = table.integer(key).unwrap() + 1;
                (format!("{path}.{key}"), more.to_string())
            };
            return table.entries().map(|(key, _)| other(key)).collect();
        }
        Value::TimeOfDay(_) => panic!("{path}: no stream has a time of day"),
    };
    vec![(path.to_owned(), text)]
}

/// Parameters that no run can set, and why.
const FIXED: &[(&str, &str)] = &[
    ("T2.2.wraps_after", "of a wire format: another would be read by nobody"),
    ("T2.7.delta_step", "of a wire format"),
    ("T2.7.reference_step", "of a wire format"),
    ("T2.11.opus_clock", "of a wire format"),
    ("T4.3.size_deviation", "contents have laws that are fitted to recorded frames"),
    ("T4.7.sound_packet", "of how packets of sound are written"),
    ("T5.2.touch_bytes", "of a wire format"),
    ("T5.2.key_bytes", "of a wire format"),
    ("T5.2.text_bytes_max", "of a wire format"),
];

#[test]
fn every_parameter_of_streams_acts_or_is_refused() {
    let of_streams = |rule: RuleId| rule.family() == Family::T || rule.to_string() == "P5.5";
    let book = made_of(&with(&[])).unwrap();
    let mut refused = Vec::new();
    for parameter in Rulebook::standard().parameters().filter(|p| of_streams(p.rule())) {
        for (path, text) in others(parameter) {
            match rules("cn", &[(path.clone(), text.clone())]) {
                Ok(rules) => {
                    let other = made_of(rules.params(SimTime::EPOCH)).unwrap();
                    assert_ne!(other, book, "{path} = {text} changes nothing");
                }
                Err(errors) => {
                    assert_eq!(errors, [BookError::NotRead { given: path.clone() }], "{text}");
                    refused.push(path);
                }
            }
        }
    }
    let fixed: Vec<_> = FIXED.iter().map(|(path, _)| *path).collect();
    assert_eq!(refused, fixed);
}

#[test]
fn what_others_are_measured_beside_is_the_book() {
    let params = with(&[]);
    let transport = &params.transport;
    assert_eq!(params::figures(&params.media), Figures::default());
    assert_eq!(params::gcc(transport), GccOptions::default());
    assert_eq!(params::nada(transport), NadaOptions::default());
    assert_eq!(params::scream(transport), ScreamOptions::default());
    assert_eq!(params::channel(transport, Mode::TwoClasses), Settings::of(Mode::TwoClasses));
}

/// T4.7: the length that packets of sound have is the book's.
#[test]
fn sound_comes_in_packets_of_the_book() {
    let path = |parameter: &&Parameter| parameter.path() == "T4.7.sound_packet";
    let packet = Rulebook::standard().parameters().find(path).unwrap();
    assert_eq!(packet.variants().first().unwrap().value(), &Value::Duration(SOUND_PACKET));
    assert_eq!(params::sound_rate(&with(&[]).media), Rate::kilobits(64));
}

#[test]
fn stages_are_those_of_the_book() {
    let params = with(&[]);
    let mut words = Stage::ALL.map(Stage::word);
    words.sort_unstable();
    let named: Vec<_> = params.media.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(named, words);
    let ms = SimDuration::from_millis;
    let encode = params::stage_budget(&params.media).get(Stage::Encode);
    assert_eq!((encode.p50, encode.p95), (ms(8), ms(14)));
}

/// P4.6: one time for the session of the service and for the ends of its stream.
#[test]
fn session_and_stream_wait_equally_long_for_a_client() {
    for (text, seconds) in [("30 s", 30), ("5 s", 5)] {
        let params = with(&[("P4.6.reconnect_within", text)]);
        let wait = SimDuration::from_secs(seconds);
        assert_eq!((params.using.reconnect_within, flow(&params).connection.give_up), (wait, wait));
    }
}

fn asked(code_rate: u32, fps: u32) -> Vec<AskedSetting> {
    let qualities = [AskedQuality { code_rate, fps }; 3];
    let setting = |network| Codec::ALL.map(|codec| AskedSetting { network, codec, qualities });
    Network::ALL.into_iter().flat_map(setting).collect()
}

#[test]
fn video_settings_are_held_against_the_book_and_make_an_encoder() {
    let params = with(&[]);
    let settings = params::video_settings(&params, &asked(2_500, 60)).unwrap();
    let video = settings.video(Network::Wifi, Codec::H265, Definition::P540).unwrap();
    let encoder = FlowSpec::of(&params, Content::Game, video).encoder;
    assert_eq!((encoder.definition, encoder.codec), (Definition::P540, Codec::H265));
    assert_eq!((encoder.frame_rate, encoder.target.bps()), (FrameRate::FPS_60, 2_500_000));
    let refused = params::video_settings(&params, &asked(10_100, 60)).unwrap_err();
    assert_eq!(refused.rule.to_string(), "P5.5");
    let text = "code_rate 10100 of definition_540P (MOBILE_NETWORK with H264) is not between 100 \
                and 10000 (P5.5)";
    assert_eq!(refused.to_string(), text);
    let wider = with(&[("P5.5.bit_rate_max", "20000")]);
    assert!(params::video_settings(&wider, &asked(10_100, 60)).is_ok());
    let (pair, quality) =
        ((Network::Wifi, Codec::H265), AskedQuality { code_rate: 2_500, fps: 60 });
    assert_eq!(params::video(&params, pair, Definition::P540, quality), Ok(video));
    let between = AskedQuality { code_rate: 2_550, fps: 60 };
    let refused = params::video(&params, pair, Definition::P540, between).unwrap_err();
    let text = "code_rate 2550 of definition_540P (WIFI with H265) is not a multiple of 100 (P5.5)";
    assert_eq!(refused.to_string(), text);
}

#[test]
fn the_older_book_has_two_pairs_and_rates_from_nothing() {
    let older = rules("cn@2024-02", &[]).unwrap().params(SimTime::EPOCH).clone();
    let limits = params::setting_limits(&older.media);
    let newer = params::setting_limits(&with(&[]).media);
    assert_eq!(limits, SettingLimits { least_kbps: 0, pairs: 2, ..newer });
    let missing = SettingsError::Unknown { network: Network::Mobile, codec: Codec::H265 };
    assert_eq!(VideoSettings::check(limits, &asked(0, 30)), Err(missing));
}
