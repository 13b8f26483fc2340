//! Rates, and what the quantiser makes of them (T4.1, T4.6).
//!
//! How bytes and quality follow the quantiser parameter (QP) was measured with x264 (veryfast, zero latency)
//! on synthetic 720p pictures; between the measured points logarithms are interpolated, beyond them the last
//! slope goes on. Against the step of the quantiser, which doubles every six parameters, bytes of scrolling
//! text fall with the power 0.32, of a moving texture with powers from 0.7 to over 2.

use koosim_time::SimDuration;

/// A rate in bits a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BitRate(u32);

impl BitRate {
    /// The least rate that a target can have: below it not even empty frames fit. A decision.
    pub const LEAST: Self = Self(10_000);

    /// Whole bits a second, at least [`BitRate::LEAST`].
    pub const fn from_bps(bps: u32) -> Self {
        if bps < Self::LEAST.0 { Self::LEAST } else { Self(bps) }
    }
    /// Whole kilobits a second, saturating.
    pub const fn from_kbps(kbps: u32) -> Self {
        Self::from_bps(kbps.saturating_mul(1000))
    }
    /// Bits a second.
    pub const fn bps(self) -> u32 {
        self.0
    }
    /// Bytes that the rate carries in a length of time.
    pub fn bytes_in(self, length: SimDuration) -> f64 {
        f64::from(self.0) / 8.0 * crate::numbers::nanos(length) / 1e9
    }
}

/// How a picture compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Letters and planes that stand still or move as a whole.
    Screen,
    /// Camera, film, three-dimensional scenes: everything moves in its own way.
    Moving,
}

/// Quantiser parameters at which x264 was measured.
const MEASURED_QP: [f64; POINTS] = [18.0, 22.0, 26.0, 30.0, 34.0, 38.0];
const POINTS: usize = 6;

/// Bytes of scrolling text: key frame, and mean of the others.
const SCREEN_INTRA: [f64; POINTS] =
    [161_657.0, 147_791.0, 130_862.0, 109_221.0, 96_408.0, 81_911.0];
const SCREEN_INTER: [f64; POINTS] = [1_091.0, 967.0, 783.0, 698.0, 607.0, 489.0];
/// Bytes of a moving texture: key frame, and mean of the others.
const MOVING_INTRA: [f64; POINTS] =
    [403_875.0, 324_327.0, 247_486.0, 182_388.0, 129_132.0, 81_757.0];
const MOVING_INTER: [f64; POINTS] = [239_948.0, 171_378.0, 109_836.0, 63_357.0, 27_926.0, 9_873.0];
/// Peak signal-to-noise ratio of luma in dB.
const SCREEN_PSNR: [f64; POINTS] = [52.2, 48.7, 44.5, 40.6, 38.1, 32.8];
const MOVING_PSNR: [f64; POINTS] = [42.1, 38.8, 35.1, 32.0, 29.1, 26.7];

/// The measured curves of one family, ready to be asked for every frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    inter: Curve,
    intra: Curve,
    psnr: Curve,
}

impl Curves {
    /// The curves of a family.
    pub fn of(family: Family) -> Self {
        let (inter, intra, psnr) = match family {
            Family::Screen => (SCREEN_INTER, SCREEN_INTRA, SCREEN_PSNR),
            Family::Moving => (MOVING_INTER, MOVING_INTRA, MOVING_PSNR),
        };
        Self {
            inter: Curve(inter.map(libm::log)),
            intra: Curve(intra.map(libm::log)),
            psnr: Curve(psnr),
        }
    }
    /// How many times larger than at `anchor_qp` a picture is at `qp`.
    pub fn growth(&self, coding: Coding, anchor_qp: f64, qp: f64) -> f64 {
        let curve = self.bytes(coding);
        libm::exp(curve.at(qp) - curve.at(anchor_qp))
    }
    /// The parameter at which a picture is `growth` times as large as at `anchor_qp`; `growth` is above 0.
    pub fn qp(&self, coding: Coding, anchor_qp: f64, growth: f64) -> f64 {
        let curve = self.bytes(coding);
        curve.inverse(curve.at(anchor_qp) + libm::log(growth))
    }
    /// Peak signal-to-noise ratio of luma in dB: a proxy of what a viewer sees.
    pub fn psnr(&self, qp: f64) -> f64 {
        self.psnr.at(qp)
    }
    const fn bytes(&self, coding: Coding) -> &Curve {
        match coding {
            Coding::Inter => &self.inter,
            Coding::Intra => &self.intra,
        }
    }
}

/// What a frame is coded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// From the frame before it.
    Inter,
    /// From nothing: a key frame, or the new parts of a scene.
    Intra,
}

/// Quantiser parameter and value.
type Point = (f64, f64);

/// A falling curve over [`MEASURED_QP`]: straight between its points, the end pieces go on.
#[derive(Clone, Debug, PartialEq)]
struct Curve([f64; POINTS]);

impl Curve {
    fn at(&self, qp: f64) -> f64 {
        let (left, right) = self.piece(|left| qp < left.0);
        left.1 + (right.1 - left.1) * (qp - left.0) / (right.0 - left.0)
    }
    fn inverse(&self, value: f64) -> f64 {
        let (left, right) = self.piece(|left| value > left.1);
        left.0 + (right.0 - left.0) * (value - left.1) / (right.1 - left.1)
    }
    /// The last piece before one of which `beyond` is true; the first if there is none before it.
    fn piece(&self, beyond: impl Fn(Point) -> bool) -> (Point, Point) {
        let points = MEASURED_QP.iter().copied().zip(self.0);
        let mut pieces = points.clone().zip(points.skip(1));
        let first = pieces.next().unwrap_or_default();
        pieces.take_while(|(left, _)| !beyond(*left)).last().unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measured_points_lie_on_the_curves() {
        let moving = Curves::of(Family::Moving);
        for (place, qp) in MEASURED_QP.iter().enumerate() {
            let bytes = MOVING_INTER[2] * moving.growth(Coding::Inter, 26.0, *qp);
            assert!((bytes / MOVING_INTER[place] - 1.0).abs() < 1e-12);
            assert!((moving.psnr(*qp) - MOVING_PSNR[place]).abs() < 1e-12);
        }
    }

    #[test]
    fn growth_and_parameter_are_inverse_inside_and_beyond_the_table() {
        for family in [Family::Screen, Family::Moving] {
            let curves = Curves::of(family);
            for coding in [Coding::Inter, Coding::Intra] {
                for qp in [8.0, 18.0, 20.5, 26.0, 33.3, 38.0, 47.0] {
                    let growth = curves.growth(coding, 24.0, qp);
                    assert!((curves.qp(coding, 24.0, growth) - qp).abs() < 1e-9, "{qp}");
                }
            }
        }
    }

    /// The power with which bytes fall against the step of the quantiser, over a piece of the curve.
    fn power(family: Family, from: f64, to: f64) -> f64 {
        let growth = Curves::of(family).growth(Coding::Inter, from, to);
        -libm::log(growth) / ((to - from) / 6.0 * std::f64::consts::LN_2)
    }

    /// T4.6.
    #[test]
    fn the_powers_are_those_of_text_and_of_motion() {
        assert!((power(Family::Screen, 18.0, 38.0) - 0.35).abs() < 0.01);
        assert!((power(Family::Screen, 22.0, 34.0) - 0.32).abs() < 0.03);
        assert!((power(Family::Moving, 22.0, 26.0) - 0.96).abs() < 0.01);
        assert!(power(Family::Moving, 34.0, 38.0) > 2.0);
    }

    #[test]
    fn rates_saturate_and_have_a_floor() {
        assert_eq!(BitRate::from_kbps(0), BitRate::LEAST);
        assert_eq!(BitRate::from_kbps(u32::MAX).bps(), u32::MAX);
        let second = BitRate::from_kbps(4000).bytes_in(SimDuration::from_secs(1));
        assert!((second - 500_000.0).abs() < 1e-6);
    }
}
