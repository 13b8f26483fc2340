//! Recorded frame sizes, and their replay.
//!
//! Read is the text of `cisco/syncodecs`: lines of number, type, two columns, bytes; `%` begins a comment.
//! Of type `U` the fourth column is the second at which the frame was recorded; of types `I` and `P` the
//! third is the quantiser parameter and the fourth the quality in dB, and frames follow at an even rate.

use crate::numbers::rounded_u16;
use crate::vsync::FrameRate;
use koosim_time::{NS_PER_S, SimDuration, SimTime};

/// One recorded frame, with what is needed to send it at another rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its size.
    pub bytes: u32,
    /// Whether decoding could begin here.
    pub key: bool,
    /// Quantiser parameter, where the trace has it.
    pub qp: Option<u16>,
    /// Size of the trace's first frame: what a key frame costs that the trace does not have here.
    pub key_bytes: u32,
    /// Mean rate of the whole trace in bits a second.
    pub rate_bps: u32,
}

/// Why a text is no trace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// A line does not have five columns that can be read.
    #[error("line {line}: expected number, type U, I or P, two columns and bytes")]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// Time does not go on.
    #[error("line {line}: the frame is not later than the one before it")]
    Order {
        /// Counted from 1.
        line: usize,
    },
    /// There are too few frames for an interval.
    #[error("a trace has at least 2 frames")]
    TooShort,
    /// There are more frames than [`FrameTrace::MOST_FRAMES`].
    #[error("a trace has at most {} frames", FrameTrace::MOST_FRAMES)]
    TooLong,
}

/// A sequence of recorded frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameTrace {
    frames: Vec<Frame>,
    rate_bps: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    bytes: u32,
    key: bool,
    /// Hundredths of a quantiser parameter.
    qp_hundredths: Option<u16>,
    /// Until the next one.
    interval: SimDuration,
}

impl FrameTrace {
    /// Frames that a trace can have at most: an hour and a half at 60 a second.
    pub const MOST_FRAMES: usize = 324_000;

    /// Reads a trace; `untimed` is the rate of frames without times.
    pub fn parse(text: &str, untimed: FrameRate) -> Result<Self, TraceError> {
        let mut frames: Vec<Frame> = Vec::new();
        let mut last_at = None;
        for (number, line) in text.lines().enumerate() {
            let line_number = number + 1;
            if line.trim().is_empty() || line.starts_with('%') {
                continue;
            }
            if frames.len() == Self::MOST_FRAMES {
                return Err(TraceError::TooLong);
            }
            let (mut frame, at) = read(line).ok_or(TraceError::Line { line: line_number })?;
            frame.interval = untimed.interval();
            if let (Some(at), Some(before), Some(last)) = (at, last_at, frames.last_mut()) {
                if at <= before {
                    return Err(TraceError::Order { line: line_number });
                }
                last.interval = at - before;
                // The last frame lasts as long as the one before it.
                frame.interval = at - before;
            }
            last_at = at;
            frames.push(frame);
        }
        Self::of(frames)
    }

    fn of(mut frames: Vec<Frame>) -> Result<Self, TraceError> {
        let [first, _, ..] = frames.as_mut_slice() else { return Err(TraceError::TooShort) };
        // Decoding can always begin with the first.
        first.key = true;
        let bytes: i128 = frames.iter().map(|frame| i128::from(frame.bytes)).sum();
        let length: i128 = frames.iter().map(|frame| i128::from(frame.interval.as_nanos())).sum();
        let rate = bytes * 8 * i128::from(NS_PER_S) / length.max(1);
        let rate_bps = u32::try_from(rate).unwrap_or(u32::MAX);
        Ok(Self { frames, rate_bps })
    }

    /// How many frames there are: at least 2.
    pub const fn frame_count(&self) -> usize {
        self.frames.len()
    }
    /// Mean rate in bits a second, rounded down.
    pub const fn rate_bps(&self) -> u32 {
        self.rate_bps
    }
    /// Sizes in their order.
    pub fn bytes(&self) -> impl Iterator<Item = u32> {
        self.frames.iter().map(|frame| frame.bytes)
    }
    /// Times from each frame to the next in their order; the last is a repetition.
    pub fn intervals(&self) -> impl Iterator<Item = SimDuration> {
        self.frames.iter().map(|frame| frame.interval)
    }
    /// Quantiser parameters in their order, of the frames that have them, to the hundredth.
    pub fn qps(&self) -> impl Iterator<Item = f64> {
        self.frames.iter().filter_map(|frame| frame.qp_hundredths).map(|qp| f64::from(qp) / 100.0)
    }
    /// The frame at a place, counted from 0 and over again.
    pub(crate) fn frame(&self, place: usize) -> Recorded {
        let key_bytes = self.frames.first().map_or(0, |frame| frame.bytes);
        let frame = self.at(place);
        Recorded {
            bytes: frame.bytes,
            key: frame.key,
            qp: frame.qp_hundredths.map(|qp| (qp + 50) / 100),
            key_bytes,
            rate_bps: self.rate_bps,
        }
    }
    pub(crate) fn interval_after(&self, place: usize) -> SimDuration {
        self.at(place).interval
    }
    fn at(&self, place: usize) -> Frame {
        // INVARIANT: there are at least two frames.
        let none = Frame { bytes: 0, key: false, qp_hundredths: None, interval: SimDuration::ZERO };
        self.frames.get(place % self.frames.len().max(1)).copied().unwrap_or(none)
    }
}

/// One line: the frame, and its time if it has one.
fn read(line: &str) -> Option<(Frame, Option<SimTime>)> {
    let mut columns = line.split_whitespace();
    let _number: u64 = columns.next()?.parse().ok()?;
    let (kind, third, fourth) = (columns.next()?, columns.next()?, columns.next()?);
    let bytes: u32 = columns.next()?.parse().ok()?;
    if columns.next().is_some() || bytes == 0 {
        return None;
    }
    let interval = SimDuration::ZERO;
    match kind {
        "U" => Some((
            Frame { bytes, key: false, qp_hundredths: None, interval },
            Some(seconds(fourth)?),
        )),
        "I" | "P" => {
            let qp: f64 = third.parse().ok().filter(|qp| (0.0..=51.0).contains(qp))?;
            Some((
                Frame {
                    bytes,
                    key: kind == "I",
                    qp_hundredths: Some(rounded_u16(100.0 * qp)),
                    interval,
                },
                None,
            ))
        }
        _ => None,
    }
}

/// Seconds with at most nine decimals, exactly; counted from the epoch, since only differences matter.
fn seconds(text: &str) -> Option<SimTime> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 9 {
        return None;
    }
    let fraction: i64 = format!("{decimals:0<9}").parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(NS_PER_S)?.checked_add(fraction).map(SimTime::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<FrameTrace, TraceError> {
        FrameTrace::parse(text, FrameRate::FPS_24)
    }

    #[test]
    fn timed_frames_keep_their_intervals_to_the_nanosecond() {
        let trace =
            parse("% comment\n0 U 0. 0.000000 1000\n1 U 0. 0.04 500\n2 U 0. 0.070001 700\n")
                .unwrap();
        let intervals: Vec<i64> = trace.intervals().map(SimDuration::as_nanos).collect();
        assert_eq!(intervals, [40_000_000, 30_001_000, 30_001_000]);
        assert_eq!(trace.rate_bps(), 175_996);
        assert!(trace.frame(0).key && !trace.frame(1).key && trace.frame(3).key);
        assert_eq!((trace.frame(2).key_bytes, trace.frame(2).qp), (1000, None));
    }

    #[test]
    fn untimed_frames_follow_evenly_and_have_a_quantiser() {
        let trace = parse("0 I 26.67 40.23 900\n1 P 28.4 39.8 100\n\n2 I 30 39 800\n").unwrap();
        assert_eq!(trace.intervals().next(), Some(FrameRate::FPS_24.interval()));
        assert_eq!(trace.qps().collect::<Vec<_>>(), [26.67, 28.4, 30.0]);
        assert_eq!((trace.frame(0).qp, trace.frame(1).qp), (Some(27), Some(28)));
        assert!(trace.frame(2).key);
        assert_eq!(trace.bytes().sum::<u32>(), 1800);
    }

    #[test]
    fn what_is_no_trace_is_refused_with_its_line() {
        let line = |line| Err(TraceError::Line { line });
        for (text, error) in [
            ("", Err(TraceError::TooShort)),
            ("0 U 0. 0.1 5", Err(TraceError::TooShort)),
            ("0 U 0. 0.1 5\nx U 0. 0.2 5", line(2)),
            ("0 B 0. 0.1 5", line(1)),
            ("0 U 0. 0.1 0", line(1)),
            ("0 U 0. 0.1 5 6", line(1)),
            ("0 U 0. 0.1", line(1)),
            ("0 U 0. -0.1 5", line(1)),
            ("0 U 0. 0.1234567891 5", line(1)),
            ("0 U 0. 99999999999999 5", line(1)),
            ("0 P 52 40 5", line(1)),
            ("0 P nan 40 5", line(1)),
            ("0 U 0. 0.1 5\n1 U 0. 0.1 5", Err(TraceError::Order { line: 2 })),
        ] {
            assert_eq!(parse(text), error, "{text}");
        }
        let long = "0 P 30 40 5\n".repeat(FrameTrace::MOST_FRAMES + 1);
        assert_eq!(parse(&long), Err(TraceError::TooLong));
    }
}
