//! What counts as frozen.

use super::{TAPS, links, ms, showing};
use crate::net::LinkSpec;
use crate::path::flow::FRAMES_KEPT;
use crate::path::{FlowSpec, Paths};
use crate::streams::Streams;
use koosim_media::content::Content;
use koosim_model::time::{SimDuration, SimTime};

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
