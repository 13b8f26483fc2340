//! The encoder: pictures in, frames with sizes and times out, no pixels.
//!
//! It encodes only what has changed. Its rate control picks the quantiser parameter at which a picture of mean
//! weight fits the budget, so that bytes vary as the content does and their mean holds the target; where the
//! finest quantiser needs less than the target, less is sent. What was sent beyond the rate is owed and paid
//! back; while too much is owed, pictures are skipped.

use crate::content::{Change, PART_BYTES, Picture, Profile};
use crate::draws::Draws;
use crate::figures::Figures;
use crate::numbers::{rounded_bytes, rounded_u16};
use crate::rate::{BitRate, Coding, Curves, Family};
use crate::stages::Percentiles;
use crate::trace::Recorded;
use crate::vsync::FrameRate;
use crate::work::{
    Codec, Definition, Direction, Machine, Slot, WhenBusy, Work, WorkError, WorkTimes,
};
use budget::Budget;
use koosim_time::{SimDuration, SimTime};

mod budget;
mod frame;

pub use frame::{EncodedFrame, KeyCause, NalSizes, NoFrame};

/// What an encoder is told before it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EncoderOptions {
    /// Size of the picture.
    pub definition: Definition,
    /// How it is coded.
    pub codec: Codec,
    /// What codes it.
    pub machine: Machine,
    /// The most pictures a second.
    pub frame_rate: FrameRate,
    /// The first target.
    pub target: BitRate,
    /// Finest and coarsest quantiser parameter, of 0 to 51, in this order.
    pub qp: (u8, u8),
    /// Frames from key frame to key frame; `None` for key frames only where they are needed.
    pub key_interval: Option<u32>,
    /// How a new scene is coded.
    pub scene_change: SceneChange,
    /// How a large change of the target is made.
    pub large_change: LargeChange,
    /// Pictures are skipped while more than the target's bytes of this time are owed.
    pub most_owed: SimDuration,
    /// What happens to a picture that comes while another is encoded.
    pub when_busy: WhenBusy,
    /// How long hardware takes at 720p: the budget of the stage (T6.3).
    pub hardware: Percentiles,
    /// What the rules of the run say.
    pub figures: Figures,
}

/// What is wanted of a picture, whoever makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Video {
    /// Its size.
    pub definition: Definition,
    /// How it is coded.
    pub codec: Codec,
    /// The most pictures a second.
    pub frame_rate: FrameRate,
    /// Their rate at the start, and the most that congestion control may ask for.
    pub target: BitRate,
}

impl Video {
    /// What the layer below streams unless told otherwise (T4.2), at 30 pictures a second; `None` for 540p, for
    /// which no rate is published.
    pub fn unless_told(definition: Definition, codec: Codec, figures: &Figures) -> Option<Self> {
        let target = figures.default_rate.of(definition)?;
        Some(Self { definition, codec, frame_rate: FrameRate::FPS_30, target })
    }
}

/// How a new scene is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SceneChange {
    /// As a key frame.
    KeyFrame,
    /// From the frame before, of which nothing can be used: as large, but no place to begin decoding.
    LargeFrame,
}

/// How a large change of the target is made (T4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LargeChange {
    /// A key frame and frames of transition, as RFC 8593 observed.
    Transition,
    /// At once, with the next frame.
    AtOnce,
}

/// Why there is no such encoder. Checked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncoderError {
    /// No times are known for this machine.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// The quantiser parameters are out of range or order.
    #[error("the quantiser parameters must be ordered and at most 51")]
    Quantiser,
    /// Key frames in no distance.
    #[error("the key interval must not be 0")]
    KeyInterval,
    /// Nothing may be owed, so that no frame could be sent.
    #[error("what may be owed must be longer than no time")]
    MostOwed,
}

impl EncoderOptions {
    /// Hardware, the quantiser between 18 and 42, key frames only where needed, scenes as large frames,
    /// half a second owed at most, pictures dropped while busy: decisions, as low delay asks for.
    pub const fn new(video: Video, hardware: Percentiles, figures: Figures) -> Self {
        let Video { definition, codec, frame_rate, target } = video;
        Self {
            definition,
            codec,
            machine: Machine::Hardware,
            frame_rate,
            target,
            qp: (18, 42),
            key_interval: None,
            scene_change: SceneChange::LargeFrame,
            large_change: LargeChange::Transition,
            most_owed: SimDuration::from_millis(500),
            when_busy: WhenBusy::Drop,
            hardware,
            figures,
        }
    }
}

/// One encoder of one phone.
#[derive(Clone, Debug)]
pub struct Encoder {
    options: EncoderOptions,
    times: WorkTimes,
    slot: Slot,
    screen: Curves,
    moving: Curves,
    /// Bytes over those of 720p in H.264.
    scale: f64,
    budget: Budget,
    /// Composed and not yet encoded.
    pending: Option<Picture>,
    /// Encoded last.
    shown: Option<Picture>,
    key_wanted: Option<KeyCause>,
    frames: u64,
    since_key: u32,
}

impl Encoder {
    /// An encoder that has encoded nothing; its first frame is a key frame.
    pub fn new(options: EncoderOptions) -> Result<Self, EncoderError> {
        let EncoderOptions { machine, codec, definition, hardware, .. } = options;
        let times = WorkTimes::new(Direction::Encode, machine, codec, definition, hardware)?;
        let (finest, coarsest) = options.qp;
        if finest > coarsest || coarsest > 51 {
            return Err(EncoderError::Quantiser);
        }
        if options.key_interval == Some(0) {
            return Err(EncoderError::KeyInterval);
        }
        if options.most_owed <= SimDuration::ZERO {
            return Err(EncoderError::MostOwed);
        }
        let (rate, frame_rate) = (options.target, options.frame_rate);
        Ok(Self {
            times,
            slot: Slot::new(options.when_busy),
            screen: Curves::of(Family::Screen),
            moving: Curves::of(Family::Moving),
            scale: options.figures.scale(definition, codec),
            budget: Budget::new(rate, frame_rate, options.most_owed, &options.figures),
            pending: None,
            shown: None,
            key_wanted: Some(KeyCause::First),
            frames: 0,
            since_key: 0,
            options,
        })
    }

    /// What it was told.
    pub const fn options(&self) -> &EncoderOptions {
        &self.options
    }
    /// Wants another rate, as congestion control says. It is approached as [`LargeChange`] and T4.3 say.
    pub const fn set_target(&mut self, target: BitRate) {
        self.budget.set_target(target);
    }
    /// The rate that is wanted.
    pub const fn target(&self) -> BitRate {
        self.budget.target()
    }
    /// The next frame is to be a key frame: a receiver cannot go on without one. Asking twice before it
    /// comes is asking once. A still screen is encoded again for it; a real encoder's frames go on to
    /// the next key frame among them.
    pub const fn request_keyframe(&mut self) {
        if self.key_wanted.is_none() {
            self.key_wanted = Some(KeyCause::Requested);
        }
    }

    /// Whether a capture without a new picture could give a frame: something composed was refused, or a key
    /// frame is wanted of what is shown. Whoever captures only on change asks again at the next beat.
    pub fn wants_capture(&self) -> bool {
        self.pending.is_some() || self.again().is_some()
    }
    /// What is shown, if it is wanted once more and can be encoded: a real encoder's frame cannot.
    fn again(&self) -> Option<Picture> {
        let shown = self.shown.filter(|_| self.key_wanted.is_some());
        shown.filter(|shown| !matches!(shown, Picture::Encoded(_)))
    }

    /// Captures what was composed since the last capture: `None` if nothing was. Either a frame comes of
    /// it, or a reason why not; what was refused is part of the next frame.
    pub fn capture(
        &mut self,
        now: SimTime,
        composed: Option<Picture>,
        draws: &mut impl Draws,
    ) -> Result<EncodedFrame, NoFrame> {
        self.pending = match (self.pending, composed) {
            (Some(before), Some(later)) => Some(before.covered_by(later)),
            (before, later) => later.or(before),
        };
        if let Some(picture @ Picture::Encoded(_)) = self.pending {
            // It is there at once, and neither rate nor haste is asked for.
            return Ok(self.encode(now, picture, Work { starts: now, ready: now }));
        }
        if self.budget.approach(now) == budget::Step::Large
            && self.options.large_change == LargeChange::Transition
            && self.key_wanted.is_none()
        {
            self.key_wanted = Some(KeyCause::TargetChange);
        }
        let picture = self.pending.or_else(|| self.again()).ok_or(NoFrame::Still)?;
        if !self.slot.admits(now) {
            return Err(NoFrame::Busy);
        }
        // A trace was recorded under a rate control of its own.
        if matches!(picture, Picture::Drawn { .. }) && self.budget.is_exhausted() {
            return Err(NoFrame::OverBudget);
        }
        let length = self.times.draw(picture.family(), draws);
        let work = self.slot.take(now, length).ok_or(NoFrame::Busy)?;
        Ok(self.encode(now, picture, work))
    }

    fn encode(&mut self, now: SimTime, picture: Picture, work: Work) -> EncodedFrame {
        let key = self.key_cause(picture);
        let sized = match picture {
            Picture::Drawn { content, change, weight } => {
                let profile = content.profile(&self.options.figures);
                self.size_of_drawn(&profile, change, weight, key.is_some())
            }
            Picture::Recorded(recorded) => self.size_of_recorded(recorded, key.is_some()),
            Picture::Encoded(encoded) => {
                Sized { bytes: encoded.nals.total(), qp: None, quality_cdb: None }
            }
        };
        let nals = match picture {
            Picture::Encoded(encoded) => encoded.nals,
            _ => NalSizes::new(self.options.codec, key.is_some(), sized.bytes),
        };
        self.budget.spend(now, nals.total(), key.is_some());
        let frame = EncodedFrame {
            number: self.frames,
            captured: now,
            starts: work.starts,
            ready: work.ready,
            bytes: nals.total(),
            nals,
            key,
            qp: sized.qp,
            quality_cdb: sized.quality_cdb,
            family: picture.family(),
            target: self.budget.rate(),
        };
        self.frames += 1;
        self.since_key = if key.is_some() { 1 } else { self.since_key.saturating_add(1) };
        self.shown = Some(picture);
        self.pending = None;
        frame
    }

    /// Takes the reason why this frame is a key frame, if it is one.
    fn key_cause(&mut self, picture: Picture) -> Option<KeyCause> {
        if matches!(picture, Picture::Encoded(encoded) if !encoded.key) {
            return None;
        }
        let interval = self.options.key_interval.is_some_and(|frames| self.since_key >= frames);
        let scene = match picture {
            Picture::Drawn { change, .. } => {
                change == Change::Scene && self.options.scene_change == SceneChange::KeyFrame
            }
            Picture::Recorded(recorded) => recorded.key,
            Picture::Encoded(encoded) => encoded.key,
        };
        self.key_wanted
            .take()
            .or(interval.then_some(KeyCause::Interval))
            .or(scene.then_some(KeyCause::Scene))
    }

    fn size_of_drawn(&self, profile: &Profile, change: Change, weight: f64, key: bool) -> Sized {
        let coding = if key || change == Change::Scene { Coding::Intra } else { Coding::Inter };
        // A key frame shows all of the picture, whatever part of it is new.
        let (mean, weight) = match (key, change) {
            (true, Change::Part | Change::Motion) => (profile.intra_bytes, 1.0),
            (_, Change::Scene) => (profile.intra_bytes, weight),
            (false, Change::Motion) => (profile.inter_bytes, weight),
            (false, Change::Part) => (PART_BYTES, weight),
        };
        let mean = mean * self.scale;
        let curves = match profile.family {
            Family::Screen => &self.screen,
            Family::Moving => &self.moving,
        };
        let allowed = match coding {
            Coding::Inter => self.budget.for_next(),
            Coding::Intra => self.budget.for_whole_picture(),
        };
        let wanted = curves.qp(coding, profile.anchor_qp, allowed / mean);
        let steady = match coding {
            Coding::Inter => wanted,
            // No coarser than it must be to fit, no finer than the frames around it.
            Coding::Intra => {
                let around = self.budget.for_next() / (profile.inter_bytes * self.scale);
                wanted.max(curves.qp(Coding::Inter, profile.anchor_qp, around))
            }
        };
        let (finest, coarsest) = self.options.qp;
        let qp = steady.clamp(f64::from(finest), f64::from(coarsest));
        let bytes = mean * weight * curves.growth(coding, profile.anchor_qp, qp);
        Sized {
            bytes: rounded_bytes(bytes, EncodedFrame::LEAST_BYTES),
            qp: Some(rounded_u16(qp)),
            quality_cdb: Some(rounded_u16(100.0 * curves.psnr(qp))),
        }
    }

    /// A recorded frame at the target's share of the rate at which it was recorded.
    fn size_of_recorded(&self, recorded: Recorded, key: bool) -> Sized {
        let bytes = if key && !recorded.key { recorded.key_bytes } else { recorded.bytes };
        let share = f64::from(self.budget.rate().bps()) / f64::from(recorded.rate_bps.max(1));
        Sized {
            bytes: rounded_bytes(f64::from(bytes) * share, EncodedFrame::LEAST_BYTES),
            qp: recorded.qp,
            quality_cdb: None,
        }
    }
}

/// Size and quality of one frame.
struct Sized {
    bytes: u32,
    qp: Option<u16>,
    quality_cdb: Option<u16>,
}

#[cfg(test)]
mod tests;
