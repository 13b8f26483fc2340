//! What comes out of an encoder.

use crate::rate::{BitRate, Family};
use crate::work::Codec;
use koosim_time::{SimDuration, SimTime};

/// One encoded frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedFrame {
    /// Counted from 0, without gaps.
    pub number: u64,
    /// When its picture was captured.
    pub captured: SimTime,
    /// When the encoder's turn for it came.
    pub starts: SimTime,
    /// When its bytes are there.
    pub ready: SimTime,
    /// Bytes of all its NAL units, without start codes.
    pub bytes: u32,
    /// Sizes of its NAL units.
    pub nals: NalSizes,
    /// Why it is a key frame, if it is one.
    pub key: Option<KeyCause>,
    /// Quantiser parameter; `None` where a trace does not say it.
    pub qp: Option<u16>,
    /// Peak signal-to-noise ratio of luma in hundredths of dB; `None` for replayed traces.
    pub quality_cdb: Option<u16>,
    /// How it compresses, which decoders feel.
    pub family: Family,
    /// The rate that the encoder kept to.
    pub target: BitRate,
}

impl EncodedFrame {
    /// The smallest frame: what openh264 wrote for a still picture of 720p.
    pub const LEAST_BYTES: u32 = 10;

    /// From capture to the last byte: waiting for the encoder and encoding.
    pub fn encode_time(&self) -> SimDuration {
        self.ready - self.captured
    }
    /// Whether decoding can begin here.
    pub const fn is_key(&self) -> bool {
        self.key.is_some()
    }
}

/// Why a frame is a key frame; the first reason that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyCause {
    /// Nothing was encoded before.
    First,
    /// A receiver asked for it.
    Requested,
    /// The target changed by more than half (T4.3).
    TargetChange,
    /// The key interval is over.
    Interval,
    /// A new scene, or a key frame of a trace.
    Scene,
}

/// Why a capture gave no frame. Checked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NoFrame {
    /// Nothing has changed since the last frame.
    #[error("nothing has changed")]
    Still,
    /// The encoder works on an earlier picture, and no more may wait.
    #[error("the encoder is busy")]
    Busy,
    /// More was sent than the target allows, and is not paid back yet.
    #[error("the rate is used up")]
    OverBudget,
}

/// Sizes of a frame's NAL units without start codes: parameter sets, if it is a key frame, and one slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NalSizes {
    /// 0 for none.
    heads: [u8; NalSizes::HEADS_MAX],
    slice: u32,
}

/// Sequence and picture parameter set as openh264 writes them for 720p.
const H264_PARAMETER_SETS: [u8; NalSizes::HEADS_MAX] = [14, 4, 0];
/// Video, sequence and picture parameter set of H.265. A decision: of the usual size.
const H265_PARAMETER_SETS: [u8; NalSizes::HEADS_MAX] = [24, 42, 7];

impl NalSizes {
    /// Most units in front of the slice.
    pub const HEADS_MAX: usize = 3;

    /// The sizes of a real frame's units; `None` if they are not up to [`Self::HEADS_MAX`] units of at most 255
    /// bytes in front of one slice, or if one is empty.
    pub fn of(units: &[usize]) -> Option<Self> {
        let (slice, before) = units.split_last()?;
        let mut heads = [0; Self::HEADS_MAX];
        for (number, unit) in before.iter().enumerate() {
            *heads.get_mut(number)? = u8::try_from(*unit).ok().filter(|bytes| *bytes > 0)?;
        }
        let slice = u32::try_from(*slice).ok().filter(|bytes| *bytes > 0)?;
        Some(Self { heads, slice })
    }
    /// The units of a frame whose slice has this many bytes.
    pub(crate) const fn new(codec: Codec, key: bool, slice: u32) -> Self {
        let heads = match (key, codec) {
            (false, _) => [0; Self::HEADS_MAX],
            (true, Codec::H264) => H264_PARAMETER_SETS,
            (true, Codec::H265) => H265_PARAMETER_SETS,
        };
        Self { heads, slice }
    }
    /// Sizes in the order of the stream.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        let heads = self.heads.into_iter().filter(|bytes| *bytes > 0);
        heads.map(u32::from).chain([self.slice])
    }
    /// Sizes of the units in front of the slice; 0 for none.
    pub const fn heads(self) -> [u8; Self::HEADS_MAX] {
        self.heads
    }
    /// All bytes, saturating.
    pub(crate) fn total(self) -> u32 {
        self.iter().fold(0, u32::saturating_add)
    }
}
