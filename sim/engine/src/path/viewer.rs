//! The two ends between a phone and one viewer, and the viewer's decoder and display.

use super::flow::{Captured, FRAMES_KEPT, Flow};
use super::measure::Measured;
use super::sound::{Hearing, on_the_wire};
use super::spec::{PathError, Route};
use crate::prefetch::{prefetch, prefetch_lines};
use crate::streams::{Domain, Stream, Streams};
use koosim_media::latency::Origin;
use koosim_media::rate::Family;
use koosim_media::stages::{Stage, StageTimes, Timeline};
use koosim_media::vsync::VSync;
use koosim_media::work::{Decoder, Direction, WhenBusy, WorkTimes};
use koosim_model::time::SimTime;
use koosim_transport::BitRate;
use koosim_transport::control;
use koosim_transport::endpoint::{
    Codec, FecOptions, Picture, Receiver, ReceiverOptions, Sender, SenderOptions,
};
use koosim_transport::packet::Sources;
use std::collections::VecDeque;

/// Source ids that one viewer takes; they are told apart by its number.
const SOURCES: u32 = 5;

/// One viewer of one flow.
#[derive(Clone, Debug)]
pub(super) struct Viewer {
    pub(super) flow: usize,
    /// Its number among those of its flow.
    pub(super) place: u32,
    /// Whether it still watches.
    pub(super) watching: bool,
    /// Whether its flow goes on.
    pub(super) running: bool,
    /// Whether its packets may be marked.
    pub(super) ecn: bool,
    pub(super) route: Route,
    /// How many networks it has had before.
    pub(super) network: u32,
    pub(super) sender: Sender,
    pub(super) receiver: Receiver,
    /// Client to phone.
    pub(super) hand: control::Sender,
    pub(super) ear: control::Receiver,
    /// When each end is woken next.
    pub(super) sender_at: Option<SimTime>,
    pub(super) receiver_at: Option<SimTime>,
    pub(super) hand_at: Option<SimTime>,
    /// What congestion control gives to pictures, in bits a second.
    pub(super) target_bps: u64,
    decoder: Decoder,
    display: VSync,
    pub(super) draws: Stream,
    pub(super) stages: StageTimes,
    /// When the last packet of each frame left that has not been shown since, by ascending id.
    last_sent: VecDeque<(u32, SimTime)>,
    /// What the display shows next: it is told once nothing can take its place.
    next_shown: Option<(u32, u32, Timeline)>,
    /// Which packets of sound have come.
    pub(super) hearing: Hearing,
    pub(super) measured: Measured,
    /// The window of measuring before that.
    pub(super) before: Option<Box<Measured>>,
}

impl Viewer {
    pub(super) fn new(
        now: SimTime,
        (index, place): (usize, usize),
        flow: &Flow,
        route: Route,
        streams: &Streams,
    ) -> Result<Self, PathError> {
        let (spec, name) = (&flow.spec, &flow.name);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        let first = place.wrapping_mul(SOURCES);
        let source = |n: u32| first.wrapping_add(n);
        let sources = Sources {
            video: source(1),
            audio: source(2),
            repair: source(3),
            parity: source(4),
            receiver: source(5),
        };
        let codec = spec.encoder.codec;
        let mut options = SenderOptions::new(sources, spec.control, spec.connection);
        options.codec = match codec {
            koosim_media::work::Codec::H264 => Codec::H264,
            koosim_media::work::Codec::H265 => Codec::H265,
        };
        options.feedback = spec.feedback;
        if let Some(rate) = spec.sound {
            options.sound = BitRate::from_bps(on_the_wire(rate, options.extensions.bytes()));
        }
        if !spec.repair.repeats() {
            options.resend = None;
        }
        options.fec = spec.repair.parity().then(FecOptions::default);
        let mut told = ReceiverOptions::new(sources, spec.connection);
        told.feedback = spec.feedback;
        if !spec.repair.repeats() {
            told.nack = None;
        }
        told.fec = spec.repair.parity();
        let (definition, hardware) = (spec.encoder.definition, spec.stages.get(Stage::Decode));
        let times = WorkTimes::new(Direction::Decode, spec.decoder, codec, definition, hardware)?;
        let mut draws = streams.get(Domain::Viewer, &format!("{name} {place}"));
        // Where the beat of this display lies is chance: nothing ties it to that of the phone.
        let beat = spec.display.interval().as_nanos().unsigned_abs();
        let phase = i64::try_from(draws.up_to(beat)).unwrap_or_default();
        Ok(Self {
            flow: index,
            place,
            watching: true,
            running: flow.running,
            ecn: spec.ecn,
            route,
            network: 0,
            sender: Sender::new(now, options),
            receiver: Receiver::new(now, told),
            hand: control::Sender::new(spec.channel),
            ear: control::Receiver::new(spec.channel.pointers_max),
            sender_at: None,
            receiver_at: None,
            hand_at: None,
            target_bps: 0,
            decoder: Decoder::new(times, WhenBusy::Wait { pictures: spec.decoder_holds }),
            display: VSync::new(spec.display, SimTime::from_nanos(now.as_nanos() + phase)),
            draws,
            stages: StageTimes::new(&spec.stages)?,
            last_sent: VecDeque::new(),
            next_shown: None,
            hearing: Hearing::from(flow.sounding.map_or(0, |sounding| sounding.made())),
            measured: Measured::new(now, spec),
            before: None,
        })
    }

    /// The last packet of a frame leaves now.
    pub(super) fn left(&mut self, frame: u32, now: SimTime) {
        if self.last_sent.len() == FRAMES_KEPT {
            self.last_sent.pop_front();
        }
        self.last_sent.push_back((frame, now));
    }
    /// Has the ends brought near of where it is noted when the last packet of a frame left.
    #[inline]
    pub(super) fn prefetch_left(&self) {
        [self.last_sent.front(), self.last_sent.back()].into_iter().flatten().for_each(prefetch);
    }
    /// When the last packet of a frame left that is shown now; what was before it is forgotten.
    fn left_at(&mut self, frame: u32) -> Option<SimTime> {
        while self.last_sent.pop_front_if(|(id, _)| *id < frame).is_some() {}
        self.last_sent.front().filter(|(id, _)| *id == frame).map(|(_, at)| *at)
    }
    /// Has brought near where the picture will be entered that the display takes next.
    #[inline]
    pub(super) fn prefetch_shown(&self) {
        if let Some((_, _, timeline)) = &self.next_shown {
            self.measured.prefetch_frame(timeline);
        }
    }
    /// As [`Self::prefetch_shown`], for what that looks at.
    #[inline]
    pub(super) fn prefetch_next_shown(&self) {
        prefetch_lines(&self.next_shown, 0..Self::lines(size_of_val(&self.next_shown)));
        prefetch_lines(&self.measured, 0..Self::lines(size_of_val(&self.measured)));
        prefetch(&self.last_sent);
    }

    /// The frame that the display takes next.
    pub(super) fn next_shown_id(&self) -> Option<u32> {
        self.next_shown.map(|(id, _, _)| id)
    }
    /// A picture comes out of the jitter buffer, with what is known of it at the phone, and when the one after
    /// it was composed; the decoder must have room for it. It is told to `shown` once the display has taken it, or
    /// the picture before it. From when on the decoder has room for the next one.
    pub(super) fn play(
        &mut self,
        now: SimTime,
        picture: &Picture,
        (captured, family, after): (Option<&Captured>, Family, Option<SimTime>),
        shown: impl FnOnce(&mut Measured, (u32, u32, Timeline)),
    ) -> SimTime {
        self.measured.undecoded += u64::from(picture.undecoded);
        let Some(work) = self.decoder.decode(now, family, &mut self.draws) else {
            return self.decoder.room_at(now);
        };
        let room_at = self.decoder.room_at(now);
        let at = self.display.at_or_after(work.ready);
        let ends = captured.and_then(|captured| {
            let left = self.left_at(picture.id)?;
            let mut timeline = Timeline::of_frame(captured.composed);
            // Parity can complete a frame before its last packet has left.
            let left = left.min(picture.complete_at).max(captured.frame.ready);
            for (stage, end) in [
                (Stage::CaptureWait, captured.frame.captured),
                (Stage::Encode, captured.frame.ready),
                (Stage::PacketiseAndPace, left),
                (Stage::Downlink, picture.complete_at),
                (Stage::JitterBuffer, now),
                (Stage::Decode, work.ready),
                (Stage::DisplayWait, at),
            ] {
                timeline.end(stage, end).ok()?;
            }
            Some(timeline)
        });
        let Some(timeline) = ends else { return room_at };
        let origin = Origin { composed: timeline.began(), next: after };
        self.measured.playback.comes(at, origin);
        let next = (picture.id, picture.bytes, timeline);
        if let Some(before) = self.next_shown.replace(next) {
            if before.2.end_of(Stage::DisplayWait) == Some(at) {
                self.measured.replaced += 1;
            } else {
                shown(&mut self.measured, before);
            }
        }
        room_at
    }
}

#[cfg(test)]
impl Viewer {
    /// Of how many frames it is known when they left.
    pub(super) fn known(&self) -> usize {
        self.last_sent.len()
    }
}
