//! Frames of a real encoder: they arrive as they are, or not at all.

use super::{links, ms, showing};
use crate::net::{LinkSpec, Ratio};
use crate::path::{FlowIndex, FlowSpec, Host, HostPacket, Paths, Tap};
use crate::streams::Streams;
use koosim_media::content::Content;
use koosim_media::encoded::{Encoded, EncodedTrace};
use koosim_media::encoder::NalSizes;
use koosim_model::time::SimTime;
use koosim_transport::BitRate;
use koosim_transport::congestion::ControlOptions;
use koosim_transport::endpoint::Picture;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

/// Tells the number and the bytes of each picture that comes out of the jitter buffer.
struct Played(Sender<(u32, u32)>);

impl Tap for Played {
    fn begins(&mut self, _flow: FlowIndex, _name: &str) -> io::Result<()> {
        Ok(())
    }
    fn sees(&mut self, _sight: &HostPacket<'_>) -> io::Result<()> {
        Ok(())
    }
    fn plays(&mut self, _at: SimTime, viewer: Host, picture: &Picture) -> io::Result<()> {
        assert_eq!(viewer, Host::Viewer { number: 0, place: 0, flow: 0 });
        self.0.send((picture.id, picture.bytes)).map_err(io::Error::other)
    }
    fn ends(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn frames_of_a_real_encoder_arrive_with_their_units_and_in_an_unbroken_chain() {
    let units: [&[usize]; 4] = [&[15, 5, 9_000], &[2_000], &[700], &[40]];
    let frames = units.map(|units| {
        let nals = NalSizes::of(units).unwrap();
        Encoded { nals, key: units.len() > 1 }
    });
    let carries = Some(Arc::new(EncodedTrace::new(frames.to_vec()).unwrap()));
    let control = ControlOptions::Fixed(BitRate::from_kbps(10_000));
    let spec = FlowSpec { carries, control, ..showing(Content::Game) };
    let mut paths = Paths::new(SimTime::EPOCH, Streams::new(2));
    let (to, from) = channel();
    paths.listen(Box::new(Played(to)));
    let route = links(&mut paths, LinkSpec::from_millis(10).loss(Ratio::percent(25)));
    paths.start("p1", spec, vec![route]).unwrap();
    paths.run_through(SimTime::EPOCH + ms(3_000)).unwrap();
    let seen: Vec<(u32, u32)> = from.try_iter().collect();
    // Of 1200 bytes 12 are the header's and 8 the extension's. A slice of 9000 takes 8 fragments, each with 2 bytes
    // for the slice's 1; one of 2000 takes 2.
    let payloads = [15 + 5 + 8_999 + 16, 1_999 + 4, 700, 40];
    for (id, bytes) in &seen {
        assert_eq!(*bytes, payloads[usize::try_from(id % 4).unwrap()], "{id}");
    }
    let gaps: Vec<_> = seen.windows(2).filter(|pair| pair[1].0 != pair[0].0 + 1).collect();
    assert!(!gaps.is_empty(), "nothing was lost");
    assert!(gaps.iter().all(|pair| pair[1].0 % 4 == 0), "{gaps:?}");
    assert!(seen.len() > 120, "{}", seen.len());
}
