//! What recorded frames say about the parameters of a profile.
//!
//! `cargo run -p koosim-media --example fit` prints them for the frames in `data/`; `tests/fit.rs` holds the
//! committed profiles against them.

use crate::draws::LogNormal;
use crate::numbers::{fraction, nanos};
use crate::rate::{Coding, Curves, Family};
use crate::statistics::{Moments, autocorrelation, percentile, sorted};
use crate::trace::FrameTrace;

/// A frame over this many times each neighbour begins a scene.
const CUT: f64 = 3.0;
/// Distances at which the memory of a film is measured, in frames.
const LAGS: (u8, u8) = (5, 20);

/// The parameters of a film that an encoder with quantiser parameters recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilmFit {
    /// Mean quantiser parameter of all frames but the first.
    pub qp: f64,
    /// Mean bytes of frames that move on.
    pub inter_bytes: f64,
    /// The first frame, taken from its quantiser parameter to the mean one along the measured curve.
    pub intra_bytes: f64,
    /// Share of frames that begin a scene.
    pub cut_share: f64,
    /// Mean bytes of frames that begin a scene.
    pub cut_bytes: f64,
    /// Deviation of the logarithm of a scene's first frame, from its coefficient of variation.
    pub cut_sigma: f64,
    /// Deviation of the logarithm of a moving frame that lasts.
    pub slow: f64,
    /// Correlation of that part between neighbours.
    pub memory: f64,
    /// Deviation of the logarithm of a moving frame that does not last.
    pub fast: f64,
}

impl FilmFit {
    /// The parameters; `None` if the trace has no quantisers, no scenes or no memory.
    pub fn of(trace: &FrameTrace) -> Option<Self> {
        let sizes = sizes(trace);
        let qps: Vec<f64> = trace.qps().collect();
        let (first_qp, other_qps) = qps.split_first()?;
        let qp = Moments::of(other_qps)?.mean;
        let (moving, cuts) = split(&sizes);
        let (moments, cut_moments) = (Moments::of(&moving)?, Moments::of(&cuts)?);
        let logs: Vec<f64> = moving.iter().copied().map(libm::log).collect();
        let (near, far) = (f64::from(LAGS.0), f64::from(LAGS.1));
        let at_near = autocorrelation(&logs, usize::from(LAGS.0)).filter(|r| *r > 0.0)?;
        let at_far = autocorrelation(&logs, usize::from(LAGS.1)).filter(|r| *r > 0.0)?;
        let memory = libm::pow(at_far / at_near, 1.0 / (far - near)).min(MOST_MEMORY);
        let lasting = (at_near / libm::pow(memory, near)).min(1.0);
        let sigma = LogNormal::sigma_of_cv(moments.cv());
        let growth = Curves::of(Family::Moving).growth(Coding::Intra, *first_qp, qp);
        Some(Self {
            qp,
            inter_bytes: moments.mean,
            intra_bytes: sizes.first()? * growth,
            cut_share: count(&cuts) / (count(&sizes) - 1.0),
            cut_bytes: cut_moments.mean,
            cut_sigma: LogNormal::sigma_of_cv(cut_moments.cv()),
            slow: sigma * libm::sqrt(lasting),
            memory,
            fast: sigma * libm::sqrt(1.0 - lasting),
        })
    }
}

/// Correlation of neighbours beyond which a scene would never end.
const MOST_MEMORY: f64 = 0.999;

/// Sizes of frames that move on, and of those that begin scenes; the first and the last are neither.
pub fn split(sizes: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let inner = sizes.windows(3).filter_map(|window| {
        let [before, this, after] = window else { return None };
        Some((*this, *this > CUT * before && *this > CUT * after))
    });
    let (cuts, moving): (Vec<_>, Vec<_>) = inner.partition(|(_, cut)| *cut);
    let bytes = |frames: Vec<(f64, bool)>| frames.into_iter().map(|(bytes, _)| bytes).collect();
    (bytes(moving), bytes(cuts))
}

/// The parameters of a camera whose frames were recorded with their times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CameraFit {
    /// Mean bytes of all frames but the first.
    pub inter_bytes: f64,
    /// Bytes of the first frame.
    pub intra_bytes: f64,
    /// Mean distance from the median over the mean: the likeliest scale of a Laplace law.
    pub scale: f64,
    /// The least frame over the mean.
    pub least: f64,
    /// Frames a second.
    pub rate: f64,
    /// Scale of one frame's lateness over the interval, if it is Laplace: an interval is the difference of
    /// two, and the variance of each is twice the square of the scale.
    pub jitter: f64,
}

impl CameraFit {
    /// The parameters; `None` if there are too few frames.
    pub fn of(trace: &FrameTrace) -> Option<Self> {
        let sizes = sizes(trace);
        let (first, others) = sizes.split_first()?;
        let mean = Moments::of(others)?.mean;
        let ascending = sorted(others);
        let median = percentile(&ascending, 500)?;
        let distances: Vec<f64> = others.iter().map(|bytes| (bytes - median).abs()).collect();
        let between = Moments::of(&intervals(trace))?;
        Some(Self {
            inter_bytes: mean,
            intra_bytes: *first,
            scale: Moments::of(&distances)?.mean / mean,
            least: ascending.first()? / mean,
            rate: 1.0 / between.mean,
            jitter: between.cv() / 2.0,
        })
    }
}

/// Sizes of all frames in bytes.
pub fn sizes(trace: &FrameTrace) -> Vec<f64> {
    trace.bytes().map(f64::from).collect()
}

/// Times between frames in seconds.
pub fn intervals(trace: &FrameTrace) -> Vec<f64> {
    let between = trace.intervals().take(trace.frame_count().saturating_sub(1));
    between.map(|interval| nanos(interval) / 1e9).collect()
}

fn count(sample: &[f64]) -> f64 {
    fraction(u64::try_from(sample.len()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
