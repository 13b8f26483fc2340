//! Sound beside the pictures (T4.7).

use super::{links, ms, showing};
use crate::net::{Limit, LinkSpec, Rate, Ratio};
use crate::path::{FlowIndex, FlowSpec, Heard, Paths, Route};
use crate::streams::Streams;
use koosim_media::content::Content;
use koosim_model::time::{SimDuration, SimTime};

fn sounding() -> FlowSpec {
    FlowSpec { sound: Some(Rate::kilobits(32)), ..showing(Content::Game) }
}
fn second(n: i64) -> SimTime {
    SimTime::EPOCH + SimDuration::from_secs(n)
}
fn start(down: LinkSpec, spec: FlowSpec) -> (Paths, FlowIndex, Route) {
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(7));
    let route = links(&mut paths, down);
    let flow = paths.start("p1", spec, vec![route.clone()]).unwrap();
    (paths, flow, route)
}
fn heard(paths: &Paths, flow: FlowIndex) -> Heard {
    paths.measured(flow, 0).unwrap().sound
}

/// T4.7.
#[test]
fn sound_comes_at_its_rate_and_leaves_pictures_as_they_are() {
    let pictures = |spec| {
        let (mut paths, flow, _) = start(LinkSpec::from_millis(10), spec);
        paths.run_through(second(20)).unwrap();
        let seen = paths.measured(flow, 0).unwrap();
        (seen.playback.shown(), seen.sound, paths.ends(flow, 0).unwrap().0)
    };
    let (shown, sound, sent) = pictures(sounding());
    // The first is whole after 20 ms, and the last leaves with the last instant.
    assert_eq!((sound.heard, sound.missed), (999, 0));
    assert_eq!((sent.audio_offered, sent.audio_dropped), (1_000, 0));
    // 80 bytes, RTP with an extension, UDP and IP.
    assert_eq!(sent.audio, (1_000, 1_000 * (80 + 20 + 28)));
    let (alone, none, sent) = pictures(showing(Content::Game));
    assert_eq!((none, sent.audio_offered), (Heard::default(), 0));
    assert!(shown.abs_diff(alone) < 20, "{shown} {alone}");
}

/// Whatever the rate of the pictures: on a link that narrows to a tenth, sound goes on as it did.
#[test]
fn only_pictures_make_way_on_a_link_that_narrows() {
    let link = |kbps| LinkSpec::from_millis(20).rate(Rate::kilobits(kbps), Limit::Delay(ms(300)));
    let (mut paths, flow, route) = start(link(4_000), sounding());
    paths.run_through(second(20)).unwrap();
    paths.set_link(route.down[0], link(400)).unwrap();
    paths.run_through(second(30)).unwrap();
    let before = paths.ends(flow, 0).unwrap().0;
    paths.measure_anew(flow);
    paths.run_through(second(50)).unwrap();
    let (sound, sent) = (heard(&paths, flow), paths.ends(flow, 0).unwrap().0);
    assert_eq!(sent.audio.0 - before.audio.0, 1_000);
    assert!(sound.heard_ppm() > 980_000, "{sound:?}");
    let video = (sent.video.1 - before.video.1) * 8 / 20;
    assert!(video < 400_000 - 51_200, "what is left of the link: {video}");
}

#[test]
fn lost_packets_are_lost_once_and_copies_are_none() {
    let lossy = LinkSpec::from_millis(10).loss(Ratio::percent(5)).duplication(Ratio::percent(5));
    let (mut paths, flow, _) = start(lossy, sounding());
    paths.run_through(second(40)).unwrap();
    let sound = heard(&paths, flow);
    // Of those of the last 400 ms nothing is known but that some have come.
    assert!((1_980..2_000).contains(&(sound.heard + sound.missed)), "{sound:?}");
    assert!((60..140).contains(&sound.lost()) && sound.late == 0, "{sound:?}");
}

/// T4.7.
#[test]
fn what_comes_after_400_ms_is_late() {
    let (mut paths, flow, _) = start(LinkSpec::from_millis(379), sounding());
    // The probes of the beginning are over, of which a packet may be before one of sound.
    paths.run_through(second(5)).unwrap();
    paths.measure_anew(flow);
    paths.run_through(second(15)).unwrap();
    let sound = heard(&paths, flow);
    assert!(sound.heard > 470 && sound.missed == 0, "{sound:?}");
    let (mut paths, flow, _) = start(LinkSpec::from_millis(381), sounding());
    paths.run_through(second(10)).unwrap();
    let sound = heard(&paths, flow);
    assert!(sound.heard == 0 && sound.late > 470 && sound.lost() <= 1, "{sound:?}");
}

#[test]
fn an_outage_is_heard_as_long_as_it_lasts() {
    let (mut paths, flow, route) = start(LinkSpec::from_millis(10), sounding());
    paths.run_through(second(5)).unwrap();
    paths.cut_link(route.down[0], true).unwrap();
    paths.run_through(second(7)).unwrap();
    paths.cut_link(route.down[0], false).unwrap();
    paths.run_through(second(20)).unwrap();
    let sound = heard(&paths, flow);
    assert!((100..110).contains(&sound.lost()), "{sound:?}");
}

/// Feedback covers sound: congestion control hears of packets although there are no pictures.
#[test]
fn sound_alone_is_told_of_in_the_feedback() {
    let reported = |spec| {
        let (mut paths, flow, _) = start(LinkSpec::from_millis(10), spec);
        paths.pause(flow, true).unwrap();
        paths.run_through(second(10)).unwrap();
        paths.ends(flow, 0).unwrap().0.reported_arrived
    };
    assert_eq!(reported(showing(Content::Game)), 0);
    assert!(reported(sounding()) > 450);
}

#[test]
fn who_joins_later_hears_what_comes_from_then_on() {
    let (mut paths, flow, route) = start(LinkSpec::from_millis(10), sounding());
    paths.run_through(second(5)).unwrap();
    assert_eq!(paths.join(flow, route).unwrap(), 1);
    paths.run_through(second(10)).unwrap();
    let seen = paths.measured(flow, 1).unwrap().sound;
    assert_eq!((seen.heard, seen.missed), (249, 0));
}
