//! The phone's side of a flow: screen, encoder, and the frames that may still be shown.

use super::input::Inputs;
use super::sound::Sounding;
use super::spec::{FlowSpec, PathError};
use crate::prefetch::{prefetch, prefetch_lines};
use crate::streams::{Domain, Stream, Streams};
use koosim_media::content::{Picture, Screen};
use koosim_media::encoder::{EncodedFrame, Encoder, NoFrame};
use koosim_media::rate::{BitRate as MediaRate, Family};
use koosim_media::vsync::VSync;
use koosim_model::name::Name;
use koosim_model::time::SimTime;
use koosim_transport::endpoint::{Frame, HEADS_MAX};
use koosim_transport::packet::VIDEO_CLOCK_HZ;
use std::collections::VecDeque;
use std::sync::Arc;

/// Frames whose instants are kept at most: more than a jitter buffer holds.
pub(super) const FRAMES_KEPT: usize = 512;

/// What is known of a frame at the phone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Captured {
    pub(super) id: u32,
    pub(super) composed: SimTime,
    pub(super) frame: EncodedFrame,
    /// Sizes of the units in front of its slice. Those of a real encoder only: the parameter sets of a drawn
    /// picture travel in one unit with its slice, so that the first packet of a stream is no tiny one, of which
    /// the first probe of congestion control would learn less.
    heads: [u8; HEADS_MAX],
}

/// A phone that streams.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) name: Name,
    pub(super) spec: FlowSpec,
    pub(super) screen: Screen,
    pub(super) encoder: Encoder,
    pub(super) beat: VSync,
    pub(super) draws: Stream,
    /// Composed and not captured: the picture, and when the first of its changes was composed.
    composed: Option<(Picture, SimTime)>,
    /// When the encoder looks next, if it has been told to.
    pub(super) look_at: Option<SimTime>,
    /// When the screen is looked at next.
    pub(super) screen_at: Option<SimTime>,
    frames: VecDeque<Captured>,
    /// Frames that are being encoded, the oldest first.
    pub(super) encoding: VecDeque<u32>,
    last_id: Option<u32>,
    pub(super) inputs: Inputs,
    /// Its sound, if it has any.
    pub(super) sounding: Option<Sounding>,
    /// Everybody who ever watched, in the order of their coming.
    pub(super) viewers: Vec<usize>,
    /// Which of them controls.
    pub(super) controller: usize,
    pub(super) running: bool,
}

impl Flow {
    pub(super) fn new(
        now: SimTime,
        name: &str,
        spec: FlowSpec,
        streams: &Streams,
    ) -> Result<Self, PathError> {
        Ok(Self {
            name: Name::new(name)?,
            screen: match &spec.carries {
                Some(frames) => Screen::carry(Arc::clone(frames), spec.encoder.frame_rate, now),
                None => Screen::new(spec.content, spec.display, now, &spec.encoder.figures),
            },
            encoder: Encoder::new(spec.encoder)?,
            beat: VSync::new(spec.encoder.frame_rate, now),
            draws: streams.get(Domain::Picture, name),
            composed: None,
            look_at: None,
            screen_at: None,
            frames: VecDeque::new(),
            encoding: VecDeque::new(),
            last_id: None,
            inputs: Inputs::default(),
            sounding: spec.sound.map(|rate| Sounding::new(now, rate, spec.sound_deadline)),
            viewers: Vec::new(),
            controller: 0,
            running: true,
            spec,
        })
    }

    /// Whose hand taps.
    pub(super) fn controller(&self) -> Option<usize> {
        self.viewers.get(self.controller).copied()
    }
    /// The screen composes what is due.
    pub(super) fn compose(&mut self, now: SimTime) {
        if let Some(picture) = self.screen.poll(now, &mut self.draws) {
            let since = self.composed.map_or(now, |(_, since)| since);
            self.composed = Some((picture, since));
        }
    }
    /// When the encoder should look at the screen, if there is a reason to.
    pub(super) fn wants_look(&self, now: SimTime) -> Option<SimTime> {
        let wanted = self.composed.is_some() || self.encoder.wants_capture();
        wanted.then(|| self.beat.at_or_after(now))
    }
    /// The encoder looks: a frame that will be ready, or when to look again.
    pub(super) fn capture(&mut self, now: SimTime) -> Result<Captured, Option<SimTime>> {
        let picture = self.composed.map(|(picture, _)| picture);
        match self.encoder.capture(now, picture, &mut self.draws) {
            Ok(frame) => {
                let composed = self.composed.take().map_or(now, |(_, since)| since);
                let id = self.last_id.map_or(0, |id| id.wrapping_add(1));
                self.last_id = Some(id);
                let heads = self.spec.carries.as_ref().map(|_| frame.nals.heads());
                let captured = Captured { id, composed, frame, heads: heads.unwrap_or_default() };
                if self.frames.len() == FRAMES_KEPT {
                    self.frames.pop_front();
                }
                self.frames.push_back(captured);
                self.inputs.captured(id, now);
                Ok(captured)
            }
            Err(NoFrame::Still) => Err(None),
            Err(NoFrame::Busy | NoFrame::OverBudget) => Err(Some(self.beat.after(now))),
        }
    }
    /// A frame that was captured not long ago.
    pub(super) fn frame(&self, id: u32) -> Option<&Captured> {
        self.frames.get(self.place_of(id)?)
    }
    /// A viewer has been shown this frame. One who is alone will not be shown earlier ones any more, so that what is
    /// kept takes little memory.
    pub(super) fn shown(&mut self, id: u32) {
        if self.viewers.len() == 1 {
            while self.frames.pop_front_if(|frame| frame.id < id).is_some() {}
        }
    }
    /// Where a frame is among those kept: they have numbers one after the other.
    fn place_of(&self, id: u32) -> Option<usize> {
        let newer = usize::try_from(self.last_id?.checked_sub(id)?).ok()?;
        self.frames.len().checked_sub(newer + 1)
    }
    /// Has the phone's side brought near, and waits for nothing.
    #[inline]
    pub(super) fn prefetch(&self) {
        prefetch_lines(self, 0..size_of::<Self>().div_ceil(64) + 1);
    }
    /// As [`Self::prefetch`], for what tells which frames are known.
    #[inline]
    pub(super) fn prefetch_frames(&self) {
        prefetch(&self.frames);
        prefetch(&self.encoding);
        prefetch(&self.last_id);
        prefetch(&self.viewers);
        prefetch(&self.inputs);
    }
    /// First where it is noted which frame is encoded next, and, once that is there, the frame.
    #[inline]
    pub(super) fn prefetch_encoded(&self) {
        if let Some(id) = self.encoding.front() {
            prefetch(id);
            self.prefetch_frame(*id);
        }
    }
    /// Has a frame brought near that was captured not long ago. It may lie in two lines.
    #[inline]
    pub(super) fn prefetch_frame(&self, id: u32) {
        if let Some(captured) = self.frame(id) {
            prefetch_lines(captured, 0..2);
        }
    }
    /// Frames of the family of this one are decoded as long.
    pub(super) fn family(&self, id: u32) -> Family {
        self.frame(id).map_or(Family::Moving, |captured| captured.frame.family)
    }
    /// The encoder aims at what the slowest viewer can take, and not above what it was given.
    pub(super) fn aim(&mut self, slowest_bps: u64) {
        let most = self.spec.encoder.target;
        let wanted = MediaRate::from_bps(u32::try_from(slowest_bps).unwrap_or(u32::MAX));
        self.encoder.set_target(wanted.min(most));
    }
}

#[cfg(test)]
impl Flow {
    /// How many frames are known.
    pub(super) fn known(&self) -> usize {
        self.frames.len()
    }
}

impl Captured {
    /// The frame as senders take it.
    pub(super) fn offered(&self) -> Frame {
        let ticks =
            i128::from(self.frame.captured.as_nanos()) * i128::from(VIDEO_CLOCK_HZ) / 1_000_000_000;
        let timestamp = u32::try_from(ticks.rem_euclid(1 << 32)).unwrap_or_default();
        Frame {
            id: self.id,
            bytes: self.frame.bytes,
            heads: self.heads,
            back: u8::from(!self.frame.is_key()),
            timestamp,
        }
    }
}
