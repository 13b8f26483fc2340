//! Frames that a real encoder made before the run: they are sent as they are.

use crate::encoder::NalSizes;

/// One frame of a real encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Sizes of its units.
    pub nals: NalSizes,
    /// Whether decoding can begin here.
    pub key: bool,
}

/// Why frames are no sequence. Checked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodedTraceError {
    /// Nothing, or frames that need others before them.
    #[error("the first of the frames must be a key frame")]
    NoKeyFrame,
    /// There are more frames than [`EncodedTrace::MOST_FRAMES`].
    #[error("there may be {} frames at most", EncodedTrace::MOST_FRAMES)]
    TooLong,
}

/// Frames of a real encoder in their order, of which each but a key frame needs the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedTrace(Vec<Encoded>);

impl EncodedTrace {
    /// Frames at most: an hour and a half at 60 a second.
    pub const MOST_FRAMES: usize = 324_000;

    /// A sequence that begins with a key frame.
    pub fn new(frames: Vec<Encoded>) -> Result<Self, EncodedTraceError> {
        if !frames.first().is_some_and(|frame| frame.key) {
            return Err(EncodedTraceError::NoKeyFrame);
        }
        if frames.len() > Self::MOST_FRAMES {
            return Err(EncodedTraceError::TooLong);
        }
        Ok(Self(frames))
    }
    /// The frame at a place and the place behind it, the first behind the last.
    pub(crate) fn frame(&self, place: usize) -> Option<(Encoded, usize)> {
        let frame = self.0.get(place)?;
        Some((*frame, (place + 1) % self.0.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_begins_with_a_key_frame_and_ends() {
        let frame = |key| Encoded { nals: NalSizes::of(&[9]).unwrap(), key };
        for frames in [vec![], vec![frame(false), frame(true)]] {
            assert_eq!(EncodedTrace::new(frames), Err(EncodedTraceError::NoKeyFrame));
        }
        let long = vec![frame(true); EncodedTrace::MOST_FRAMES + 1];
        assert_eq!(EncodedTrace::new(long), Err(EncodedTraceError::TooLong));
        assert!(EncodedTrace::new(vec![frame(true)]).is_ok());
    }

    #[test]
    fn units_are_small_ones_and_a_slice() {
        let sizes = |units: &[usize]| NalSizes::of(units).map(|n| n.iter().collect::<Vec<_>>());
        assert_eq!(sizes(&[15, 5, 70_000]), Some(vec![15, 5, 70_000]));
        assert_eq!(sizes(&[24, 255, 7, 1]), Some(vec![24, 255, 7, 1]));
        let too_many = [1, 1, 1, 1, 1];
        for units in [&[][..], &[0], &[0, 5], &[256, 5], &too_many, &[usize::MAX]] {
            assert_eq!(sizes(units), None, "{units:?}");
        }
    }
}
