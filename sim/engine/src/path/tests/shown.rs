//! What counts as frozen.

use super::{TAPS, links, ms, showing};
use crate::net::{LinkSpec, Ratio};
use crate::path::flow::FRAMES_KEPT;
use crate::path::{FlowIndex, FlowSpec, Host, HostPacket, Paths, Tap};
use crate::streams::Streams;
use koosim_media::content::Content;
use koosim_media::work::{Definition, Machine};
use koosim_model::time::{SimDuration, SimTime};
use koosim_transport::endpoint::Picture;
use std::io;
use std::sync::mpsc::{Sender, channel};

fn second(n: i64) -> SimTime {
    SimTime::EPOCH + SimDuration::from_secs(n)
}

/// After a touch the screen moves for a while, and then stands still for much longer than its pictures were apart.
#[test]
fn a_still_screen_over_a_good_network_does_not_freeze() {
    for content in [Content::Idle, Content::UserInterface] {
        let spec = FlowSpec { taps: Some(TAPS), ..showing(content) };
        let mut paths = Paths::new(SimTime::EPOCH, Streams::new(7));
        let route = links(&mut paths, LinkSpec::from_millis(10));
        let flow = paths.start("p1", spec, vec![route]).unwrap();
        // The first picture is a large one.
        paths.run_through(second(5)).unwrap();
        paths.measure_anew(flow);
        for n in 1..200 {
            let now = second(5) + ms(100 * n);
            paths.run_through(now).unwrap();
            let seen = paths.measured(flow, 0).unwrap();
            assert_eq!(seen.playback.freezes(), 0, "{content:?} {now:?}");
            assert!(n < 10 || seen.recovery(now).is_some(), "{content:?} {now:?}");
        }
        let longest = paths.measured(flow, 0).unwrap().playback.longest();
        assert!(longest > ms(16 + 150), "it stands for longer than a game may: {longest:?}");
    }
}

/// A change that was captured while the link was cut is not shown in time.
#[test]
fn a_still_screen_freezes_when_a_change_does_not_come() {
    for taps in [None, Some(TAPS)] {
        let spec = FlowSpec { taps, ..showing(Content::Idle) };
        let mut paths = Paths::new(SimTime::EPOCH, Streams::new(7));
        let route = links(&mut paths, LinkSpec::from_millis(10));
        let down = route.down[0];
        let flow = paths.start("p1", spec, vec![route]).unwrap();
        paths.run_through(second(5)).unwrap();
        paths.cut_link(down, true).unwrap();
        paths.run_through(second(7)).unwrap();
        assert_eq!(paths.measured(flow, 0).unwrap().recovery(paths.now()), None);
        paths.cut_link(down, false).unwrap();
        paths.run_through(second(15)).unwrap();
        let seen = &paths.measured(flow, 0).unwrap().playback;
        assert_eq!(seen.freezes(), 1);
        // The 2 s and what it takes to begin anew, of 15.
        assert!((130_000..200_000).contains(&seen.stalled_ppm()), "{}", seen.stalled_ppm());
    }
}

/// What can be asked for: by one viewer nothing that came before what it was shown, and by one who may be behind
/// another whatever is kept at most.
#[test]
fn what_was_shown_to_a_lone_viewer_is_forgotten() {
    for (viewers, all) in [(1, 1..32), (2, FRAMES_KEPT..FRAMES_KEPT + 1)] {
        let mut paths = Paths::new(SimTime::EPOCH, Streams::new(7));
        let route = links(&mut paths, LinkSpec::from_millis(10));
        paths.start("p1", showing(Content::Game), vec![route; viewers]).unwrap();
        paths.run_through(second(20)).unwrap();
        let known = paths.flows[0].known();
        assert!(all.contains(&known), "{viewers} viewers, {known} frames");
        for viewer in &paths.viewers {
            assert!((1..32).contains(&viewer.known()), "{viewers} viewers, {}", viewer.known());
        }
    }
}

/// Tells each picture that is decoded.
struct Decoded(Sender<Picture>);

impl Tap for Decoded {
    fn begins(&mut self, _flow: FlowIndex, _name: &str) -> io::Result<()> {
        Ok(())
    }
    fn sees(&mut self, _sight: &HostPacket<'_>) -> io::Result<()> {
        Ok(())
    }
    fn plays(&mut self, _at: SimTime, _viewer: Host, picture: &Picture) -> io::Result<()> {
        self.0.send(*picture).map_err(io::Error::other)
    }
    fn ends(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A decoder that is too slow for what comes (T6.3): pictures wait for it, and those that wait too long are dropped
/// with all that need them. Every complete picture is shown, replaced at the display, not decoded, or under way.
#[test]
fn slow_decoder_decodes_only_what_it_can_and_every_picture_is_accounted_for() {
    for (definition, loss, most) in [
        (Definition::P720, 0, 50),
        (Definition::P720, 3, 50),
        (Definition::P1080, 0, 5_000),
        (Definition::P1080, 3, 5_000),
    ] {
        let mut spec = FlowSpec { decoder: Machine::Software, ..showing(Content::Game) };
        spec.encoder.definition = definition;
        let mut paths = Paths::new(SimTime::EPOCH, Streams::new(7));
        let (to, from) = channel();
        paths.listen(Box::new(Decoded(to)));
        let route = links(&mut paths, LinkSpec::from_millis(10).loss(Ratio::percent(loss)));
        let flow = paths.start("p1", spec, vec![route]).unwrap();
        paths.run_through(second(30)).unwrap();
        let decoded: Vec<Picture> = from.try_iter().collect();
        let mut before = None;
        for picture in &decoded {
            let needed = (picture.back > 0).then(|| picture.id - u32::from(picture.back));
            assert!(needed.is_none() || needed == before, "{picture:?} after {before:?}");
            before = Some(picture.id);
        }
        let (_, came) = paths.ends(flow, 0).unwrap();
        let seen = paths.measured(flow, 0).unwrap();
        let decoded_count = u64::try_from(decoded.len()).unwrap();
        assert_eq!(came.pictures, decoded_count);
        // The last one waits for the display, and may still be replaced.
        let done = seen.playback.shown() + seen.replaced;
        assert!((decoded_count - 1..=decoded_count).contains(&done), "{done} of {decoded_count}");
        let dropped = came.given_up + came.left;
        assert!(seen.undecoded <= dropped && came.pictures + dropped <= came.complete);
        assert!(came.complete - came.pictures - dropped <= 128, "{came:?}");
        assert!(came.given_up <= most, "{came:?}");
        let overwhelmed = definition == Definition::P1080;
        assert_eq!(came.given_up > 10, overwhelmed, "{definition:?} {loss} {came:?}");
    }
}
