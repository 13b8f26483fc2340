use super::*;
use crate::content::{Content, Screen};
use crate::encoded::{Encoded, EncodedTrace};
use crate::stages::Stage;
use crate::statistics::Moments;
use crate::testing::{Counted, budget};
use crate::trace::FrameTrace;
use std::sync::Arc;

mod frames;
mod invariants;
mod measured;
mod targets;

const fn ms(n: i64) -> SimTime {
    SimTime::from_nanos(n * 1_000_000)
}
const fn kbps(kbps: u32) -> BitRate {
    BitRate::from_kbps(kbps)
}

fn options(kbps: u32) -> EncoderOptions {
    let (definition, codec, frame_rate) = (Definition::P720, Codec::H264, FrameRate::FPS_60);
    let video = Video { definition, codec, frame_rate, target: BitRate::from_kbps(kbps) };
    let options = EncoderOptions::new(video, budget().get(Stage::Encode), Figures::default());
    // Most tests look at sizes, which a busy encoder would change.
    EncoderOptions { when_busy: WhenBusy::Wait { pictures: 4 }, ..options }
}

/// What came of each capture of a content for some time, one at each change.
struct Run {
    encoder: Encoder,
    screen: Screen,
    draws: Counted,
    captures: Vec<(SimTime, Result<EncodedFrame, NoFrame>)>,
}

impl Run {
    fn new(options: EncoderOptions, content: Content) -> Self {
        Self::of(
            options,
            Screen::new(content, options.frame_rate, SimTime::EPOCH, &options.figures),
        )
    }
    fn of(options: EncoderOptions, screen: Screen) -> Self {
        let encoder = Encoder::new(options).unwrap();
        Self { encoder, screen, draws: Counted::new(17), captures: Vec::new() }
    }
    fn until(&mut self, end: SimTime) -> &mut Self {
        while self.screen.next_due() < end {
            let now = self.screen.next_due();
            let picture = self.screen.poll(now, &mut self.draws);
            let captured = self.encoder.capture(now, picture, &mut self.draws);
            self.captures.push((now, captured));
        }
        self
    }
    fn frames(&self) -> Vec<EncodedFrame> {
        self.captures.iter().filter_map(|(_, captured)| captured.ok()).collect()
    }
    /// Frames captured from one instant to another.
    fn between(&self, from: SimTime, to: SimTime) -> Vec<EncodedFrame> {
        let inside = |frame: &EncodedFrame| (from..to).contains(&frame.captured);
        self.frames().into_iter().filter(inside).collect()
    }
    /// Kilobits a second from one instant to another.
    fn kbps(&self, from: SimTime, to: SimTime) -> f64 {
        let bytes: u64 = self.between(from, to).iter().map(|f| u64::from(f.bytes)).sum();
        crate::numbers::fraction(bytes) * 8e6 / crate::numbers::nanos(to - from)
    }
    fn refused(&self, why: NoFrame) -> usize {
        self.captures.iter().filter(|(_, captured)| *captured == Err(why)).count()
    }
}

fn sizes(frames: &[EncodedFrame]) -> Vec<f64> {
    frames.iter().filter(|frame| !frame.is_key()).map(|frame| f64::from(frame.bytes)).collect()
}
