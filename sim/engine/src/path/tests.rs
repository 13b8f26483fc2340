//! The whole path, held against what can be said without it.

mod capture;
mod carried;
mod shared;
mod shown;
mod sound;

use super::measure::Measured;
use super::params as given;
use super::{FlowIndex, FlowSpec, LinkIndex, PathError, Paths, Route, Taps};
use crate::net::{Capacity, CoDelSpec, Limit, LinkSpec, QueueSpec, Rate, Ratio, Signal};
use crate::streams::Streams;
use koosim_media::content::Content;
use koosim_media::encoder::Video;
use koosim_media::latency::Latencies;
use koosim_media::rate::BitRate;
use koosim_media::stages::Stage;
use koosim_media::vsync::FrameRate;
use koosim_media::work::{Codec, Definition};
use koosim_model::rulebook::Rulebook;
use koosim_model::rules::{Catalogue, Params, Rules};
use koosim_model::time::{SimDuration, SimTime};
use koosim_transport::congestion::ControlOptions;
use koosim_transport::control::Mode;
use koosim_transport::endpoint::{FeedbackKind, Repair};

const TAPS: Taps =
    Taps { every: SimDuration::from_millis(700), hold: SimDuration::from_millis(60), moves: None };

fn ms(n: i64) -> SimDuration {
    SimDuration::from_millis(n)
}

/// The newest book with these overrides.
fn params(overrides: &[(&str, &str)]) -> Params {
    let given: Vec<_> =
        overrides.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &given).unwrap();
    let rules = Rules::new(settings, Catalogue::default()).unwrap();
    assert_eq!(rules.overrides_in_vain(&given), []);
    rules.params(SimTime::EPOCH).clone()
}

/// A content at 720p in H.264 with 60 pictures a second and at most 4 Mbit/s.
fn ruled(params: &Params, content: Content) -> FlowSpec {
    let (definition, codec, frame_rate) = (Definition::P720, Codec::H264, FrameRate::FPS_60);
    let video = Video { definition, codec, frame_rate, target: BitRate::from_kbps(4_000) };
    FlowSpec::of(params, content, video)
}

fn showing(content: Content) -> FlowSpec {
    ruled(&params(&[]), content)
}

fn links(paths: &mut Paths, down: LinkSpec) -> Route {
    let down = paths.add_link("down", down);
    let up = paths.add_link("up", LinkSpec::from_millis(10));
    Route { down: vec![down], up: vec![up] }
}

fn run(spec: FlowSpec, down: LinkSpec, seconds: i64) -> (Paths, FlowIndex) {
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(7));
    let route = links(&mut paths, down);
    let flow = paths.start("p1", spec, vec![route]).unwrap();
    paths.run_through(SimTime::EPOCH + SimDuration::from_secs(seconds)).unwrap();
    (paths, flow)
}

/// T6.3, T6.4.
#[test]
fn a_good_network_shows_every_picture_and_keeps_the_budget() {
    let spec = FlowSpec { taps: Some(TAPS), ..showing(Content::Game) };
    let (paths, flow) = run(spec, LinkSpec::from_millis(10), 20);
    let seen = paths.measured(flow, 0).unwrap();
    // A hundredth and more of the pictures wait too long for encoder or display, and another takes their place.
    assert!(seen.playback.shown() > 1_100, "{}", seen.playback.shown());
    assert!(seen.playback.shown() + seen.replaced > 1_150, "{}", seen.replaced);
    assert_eq!(seen.playback.freezes(), 0);
    // The link takes 10 ms, and a frame of a few packets little more.
    let downlink = seen.stage(Stage::Downlink);
    assert!(downlink.least().unwrap() >= ms(10));
    assert!(downlink.percentile(500).unwrap() < ms(11), "{downlink:?}");
    let uplink = seen.stage(Stage::Uplink);
    assert!(uplink.least().unwrap() >= ms(10) && uplink.worst().unwrap() < ms(12));
    // Both latencies hold the network: one way, and both ways.
    let (picture, hand) = (&seen.capture_to_display, &seen.input_to_photon);
    assert!(picture.percentile(500).unwrap() > ms(30));
    let middle = |seen: &Latencies| seen.percentile(500).unwrap().as_nanos();
    assert!(middle(hand) > middle(picture) + ms(30).as_nanos());
    assert!(hand.percentile(500).unwrap() < ms(150));
    assert_eq!(seen.inputs, 28);
    assert!(hand.count() >= 27, "{}", hand.count());
}

/// T6.2, T6.3.
#[test]
fn stages_add_up_to_the_latency_of_every_frame_and_input() {
    let spec = FlowSpec { taps: Some(TAPS), ..showing(Content::UserInterface) };
    let (paths, flow) = run(spec, LinkSpec::from_millis(25), 20);
    let seen = paths.measured(flow, 0).unwrap();
    let whole = [&seen.worst_frames, &seen.worst_inputs];
    assert!(whole.iter().all(|worst| !worst.all().is_empty()));
    for culprit in whole.iter().flat_map(|worst| worst.all()) {
        let first = if culprit.timeline.spent(Stage::Touch).is_some() {
            Stage::Touch
        } else {
            Stage::Encode
        };
        let stages = Stage::ALL.into_iter().filter(|stage| *stage >= first);
        let spent = stages.map(|stage| culprit.timeline.spent(stage).unwrap().as_nanos());
        assert_eq!(spent.sum::<i64>(), culprit.took.as_nanos());
    }
}

#[test]
fn the_rate_follows_a_link_that_narrows() {
    let link = |kbps| {
        let queue = Limit::Delay(ms(300));
        LinkSpec::from_millis(20).rate(Rate::kilobits(kbps), queue)
    };
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(3));
    let route = links(&mut paths, link(6_000));
    let narrow = route.down[0];
    let flow = paths.start("p1", showing(Content::Game), vec![route]).unwrap();
    let second = |n| SimTime::EPOCH + SimDuration::from_secs(n);
    paths.run_through(second(20)).unwrap();
    paths.set_link(narrow, link(1_000)).unwrap();
    paths.run_through(second(60)).unwrap();
    let seen = paths.measured(flow, 0).unwrap();
    let received = |from: usize, to: usize| {
        let bins = &seen.bins()[from..to];
        let bits: u64 = bins.iter().map(|bin| bin.received_bytes * 8).sum();
        bits / u64::try_from(bins.len()).unwrap()
            / (u64::try_from(seen.bin_length.as_nanos()).unwrap() / 1_000_000)
    };
    // In kbit/s: the encoder's most on the wide link, and near the capacity of the narrow one.
    assert!(received(60, 100) > 3_000, "{}", received(60, 100));
    assert!((600..=1_000).contains(&received(200, 300)), "{}", received(200, 300));
}

#[test]
fn losses_are_repaired_in_time() {
    let lossy = LinkSpec::from_millis(20).loss(Ratio::percent(2));
    let (paths, flow) = run(showing(Content::Game), lossy, 20);
    let seen = paths.measured(flow, 0).unwrap();
    let dropped: u32 = seen.bins().iter().map(|bin| bin.dropped).sum();
    assert!(dropped > 50, "{dropped}");
    // Pictures wait for what is repaired before them, and then come out together.
    let through = seen.playback.shown() + seen.replaced;
    assert!(through > 1_100, "{through}");
}

#[test]
fn several_viewers_see_one_phone_and_the_slowest_sets_its_rate() {
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(5));
    let up = paths.add_link("up", LinkSpec::from_millis(10));
    let mut routes = Vec::new();
    for (name, kbps) in [("fast", 10_000), ("slow", 1_200)] {
        let spec = LinkSpec::from_millis(20).rate(Rate::kilobits(kbps), Limit::Delay(ms(300)));
        let down = vec![paths.add_link(name, spec)];
        routes.push(Route { down, up: vec![up] });
    }
    let flow = paths.start("p1", showing(Content::Game), routes).unwrap();
    paths.run_through(SimTime::EPOCH + SimDuration::from_secs(30)).unwrap();
    for viewer in 0..2 {
        let seen = paths.measured(flow, viewer).unwrap();
        let bins = &seen.bins()[50..150];
        let bits: u64 = bins.iter().map(|bin| bin.received_bytes * 8).sum();
        assert!((400_000..1_200_000).contains(&(bits / 20)), "{viewer}: {}", bits / 20);
        assert!(seen.playback.shown() > 900);
    }
}

#[test]
fn the_same_seed_gives_the_same_figures_twice() {
    let figures = || {
        let lossy = LinkSpec::from_millis(20).loss(Ratio::percent(1));
        let spec = FlowSpec { taps: Some(TAPS), ..showing(Content::Video) };
        let (paths, flow) = run(spec, lossy, 10);
        format!("{:?}", paths.measured(flow, 0))
    };
    assert_eq!(figures(), figures());
}

#[test]
fn running_in_pieces_is_running_at_once() {
    let spec = || FlowSpec { taps: Some(TAPS), ..showing(Content::Game) };
    let (whole, flow) = run(spec(), LinkSpec::from_millis(20), 6);
    let (mut pieces, same) = run(spec(), LinkSpec::from_millis(20), 1);
    for n in 0..5_000 {
        pieces.run_through(SimTime::from_nanos(1_000_000_000 + n * 1_000_003)).unwrap();
    }
    pieces.run_through(SimTime::EPOCH + SimDuration::from_secs(6)).unwrap();
    let text = |paths: &Paths, flow| format!("{:?}", paths.measured(flow, 0));
    assert_eq!(text(&whole, flow), text(&pieces, same));
}

#[test]
fn nothing_stays_on_its_way_once_a_flow_has_stopped() {
    let (mut paths, flow) = run(showing(Content::Game), LinkSpec::from_millis(20), 5);
    paths.stop(flow);
    paths.run_through(SimTime::EPOCH + SimDuration::from_secs(120)).unwrap();
    assert_eq!(paths.cargo_len(), 0);
    for index in [LinkIndex(0), LinkIndex(1)] {
        assert!(paths.link(index).unwrap().counters().are_conserved());
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(1));
    let spec = || showing(Content::Idle);
    assert_eq!(paths.start("p", spec(), vec![]), Err(PathError::Viewers { most: 100 }));
    let nowhere = Route { down: vec![], up: vec![LinkIndex(4)] };
    assert_eq!(paths.start("p", spec(), vec![nowhere]), Err(PathError::Route));
}

/// T3.5, T6.3 and T6.4: what a run is measured by, and how long encoding takes, are the book's.
#[test]
fn overrides_of_measures_and_stages_act_on_a_run() {
    let under = |overrides: &[(&str, &str)], taps| {
        let spec = FlowSpec { taps, ..ruled(&params(overrides), Content::Game) };
        let (paths, flow) = run(spec, LinkSpec::from_millis(10), 10);
        paths.measured(flow, 0).unwrap().clone()
    };
    let book = under(&[], Some(TAPS));
    assert_eq!((book.bin_length, book.bins().len()), (ms(200), 51));
    assert_eq!(book.is_good(), Some(true));
    assert_eq!(under(&[], None).is_good(), None, "nothing was touched");
    let strict = under(&[("T3.5.bin", "100 ms"), ("T6.4.good_ms.p99", "60")], Some(TAPS));
    assert_eq!((strict.bins().len(), strict.is_good()), (101, Some(false)));
    assert_eq!(strict.input_to_photon, book.input_to_photon);
    let slow = [("T6.3.stage_p50_ms.encode", "13"), ("T6.3.stage_p95_ms.encode", "14")];
    let encode = |seen: &Measured| seen.stage(Stage::Encode).percentile(500).unwrap();
    let (usual, slow) = (encode(&book), encode(&under(&slow, Some(TAPS))));
    assert!(usual < ms(9) && (ms(12)..ms(14)).contains(&slow), "{usual:?} {slow:?}");
}

#[test]
fn a_viewer_that_changes_its_network_sees_pictures_over_the_new_one() {
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(5));
    let old = links(&mut paths, LinkSpec::from_millis(10));
    let new = Route {
        down: vec![paths.add_link("new down", LinkSpec::from_millis(40))],
        up: vec![paths.add_link("new up", LinkSpec::from_millis(40))],
    };
    let (first, second) = (old.down[0], new.down[0]);
    let flow = paths.start("p1", showing(Content::Game), vec![old]).unwrap();
    let at = |n| SimTime::EPOCH + SimDuration::from_secs(n);
    paths.run_through(at(5)).unwrap();
    paths.change_network(flow, 0, new).unwrap();
    paths.measure_anew(flow);
    let over_old = paths.link(first).unwrap().counters().offered;
    paths.run_through(at(10)).unwrap();
    assert_eq!(paths.link(first).unwrap().counters().offered, over_old);
    assert!(paths.link(second).unwrap().counters().offered.packets > 500);
    let seen = paths.measured(flow, 0).unwrap();
    // What was under way is lost, by name, and a key frame makes it good.
    assert!(seen.bins().iter().map(|bin| bin.dropped).sum::<u32>() > 0);
    assert!(seen.recovery(at(10)).unwrap() < SimDuration::from_secs(1));
    // Frames that had come already are shown as well.
    assert!(seen.stage(Stage::Downlink).percentile(500).unwrap() >= ms(40));
}

#[test]
fn marks_take_the_place_of_drops_where_both_ends_speak_of_them() {
    let dropped = |ecn| {
        let codel = CoDelSpec { signal: Signal::Mark, ..CoDelSpec::STANDARD };
        let down = LinkSpec::from_millis(20)
            .capacity(Capacity::Constant(Rate::kilobits(1_500)))
            .queue(QueueSpec::CoDel(codel));
        let control = ControlOptions::Scream(given::scream(&params(&[]).transport));
        let (feedback, repair) = (FeedbackKind::Congestion, Repair::Both);
        let spec = FlowSpec { control, feedback, repair, ecn, ..showing(Content::Game) };
        let (paths, flow) = run(spec, down, 20);
        let seen = paths.measured(flow, 0).unwrap();
        assert!(seen.received_bps(paths.now()) > 600_000, "{}", seen.received_bps(paths.now()));
        seen.bins().iter().map(|bin| bin.dropped).sum::<u32>()
    };
    let (with, without) = (dropped(true), dropped(false));
    assert!(without > 0 && with * 4 < without, "{with} {without}");
}

/// T5.3: on one ordered channel a lost move delays the next touch, in two classes it does not.
#[test]
fn a_lost_move_delays_touches_on_one_channel_only() {
    let waited = |mode| {
        let moves = Some(ms(10));
        let taps = Taps { every: ms(100), hold: ms(80), moves };
        let rules = params(&[]);
        let channel = super::params::channel(&rules.transport, mode);
        let spec = FlowSpec { taps: Some(taps), channel, ..showing(Content::Game) };
        let mut paths = Paths::new(SimTime::EPOCH, Streams::new(7));
        let down = paths.add_link("down", LinkSpec::from_millis(50));
        let up = paths.add_link("up", LinkSpec::from_millis(50).loss(Ratio::percent(5)));
        let flow = paths.start("p1", spec, vec![Route { down: vec![down], up: vec![up] }]);
        paths.run_through(SimTime::EPOCH + SimDuration::from_secs(30)).unwrap();
        let seen = paths.measured(flow.unwrap(), 0).unwrap();
        assert!(seen.inputs >= 285, "{}", seen.inputs);
        seen.stage(Stage::Uplink).percentile(700).unwrap()
    };
    // Of ten touches two are lost or come behind a touch or its end that is; on one channel, behind any of nine.
    assert!(waited(Mode::TwoClasses) < ms(55), "{:?}", waited(Mode::TwoClasses));
    assert!(waited(Mode::OneChannel) > ms(80), "{:?}", waited(Mode::OneChannel));
}

/// What waits to be sent is bounded in time: pictures are skipped instead.
#[test]
fn pictures_do_not_queue_up_at_the_sender() {
    let link = |kbps| LinkSpec::from_millis(50).rate(Rate::kilobits(kbps), Limit::Delay(ms(300)));
    let rules = params(&[]);
    for control in [
        ControlOptions::Gcc(super::params::gcc(&rules.transport)),
        ControlOptions::Nada(super::params::nada(&rules.transport)),
        ControlOptions::Scream(super::params::scream(&rules.transport)),
    ] {
        let mut paths = Paths::new(SimTime::EPOCH, Streams::new(3));
        let route = links(&mut paths, link(2_500));
        let narrow = route.down[0];
        let flow = paths.start("p1", FlowSpec { control, ..showing(Content::Game) }, vec![route]);
        paths.run_through(SimTime::EPOCH + SimDuration::from_secs(20)).unwrap();
        paths.set_link(narrow, link(600)).unwrap();
        paths.run_through(SimTime::EPOCH + SimDuration::from_secs(40)).unwrap();
        let seen = paths.measured(flow.unwrap(), 0).unwrap();
        // One picture after a key frame may take its time, and no row of them.
        let waited = seen.stage(Stage::PacketiseAndPace).percentile(990).unwrap();
        assert!(waited < ms(500), "{control:?}: {waited:?}");
        assert!(seen.playback.millifps() > 10_000, "{control:?}: {}", seen.playback.millifps());
    }
}
