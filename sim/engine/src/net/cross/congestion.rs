//! Congestion windows of TCP, counted in segments: Reno (RFC 5681) and CUBIC (RFC 9438).

use koosim_model::time::SimTime;

/// Segments that a flow may have under way at first (RFC 6928).
const INITIAL_WINDOW: f64 = 10.0;
/// The least that a window is reduced to by a loss.
const WINDOW_MIN: f64 = 2.0;
/// CUBIC's constant, in segments for a cubed second.
const CUBIC_C: f64 = 0.4;
/// What CUBIC's window is multiplied by at a loss.
const CUBIC_BETA: f64 = 0.7;

/// Which law a window follows.
#[derive(Clone, Debug)]
pub enum Congestion {
    /// Reno.
    Reno(Reno),
    /// CUBIC.
    Cubic(Cubic),
}

impl Congestion {
    /// Reno.
    pub const fn reno() -> Self {
        Self::Reno(Reno { window: INITIAL_WINDOW, threshold: f64::INFINITY })
    }
    /// CUBIC.
    pub const fn cubic() -> Self {
        let base = Reno { window: INITIAL_WINDOW, threshold: f64::INFINITY };
        Self::Cubic(Cubic { base, most: 0.0, epoch: None, origin: 0.0, reno: 0.0 })
    }
    /// Segments that may be under way.
    pub const fn window(&self) -> f64 {
        match self {
            Self::Reno(reno) => reno.window,
            Self::Cubic(cubic) => cubic.base.window,
        }
    }
    /// Segments were acknowledged outside of recovery; the round trip in seconds.
    pub(super) fn acknowledged(&mut self, now: SimTime, segments: f64, round_trip_s: f64) {
        match self {
            Self::Reno(reno) => reno.acknowledged(segments),
            Self::Cubic(cubic) => cubic.acknowledged(now, segments, round_trip_s),
        }
    }
    /// A loss was seen with so many segments under way; the window after it.
    pub(super) fn lost(&mut self, flying: f64) {
        match self {
            Self::Reno(reno) => reno.reduce_to(flying / 2.0),
            Self::Cubic(cubic) => cubic.lost(),
        }
    }
    /// Nothing was acknowledged for too long.
    pub(super) fn timed_out(&mut self, flying: f64) {
        self.lost(flying);
        match self {
            Self::Reno(reno) => reno.window = 1.0,
            Self::Cubic(cubic) => cubic.base.window = 1.0,
        }
    }
}

/// Reno: one segment more in a round trip, half at a loss.
#[derive(Clone, Debug)]
pub struct Reno {
    window: f64,
    threshold: f64,
}

impl Reno {
    fn acknowledged(&mut self, segments: f64) {
        if self.window < self.threshold {
            self.window += segments.min(1.0);
        } else {
            self.window += segments.min(1.0) / self.window;
        }
    }
    const fn reduce_to(&mut self, window: f64) {
        self.threshold = window.max(WINDOW_MIN);
        self.window = self.threshold;
    }
}

/// CUBIC: back to the window of the last loss by a cubic of time, and beyond it.
#[derive(Clone, Debug)]
pub struct Cubic {
    base: Reno,
    /// The window of the last loss.
    most: f64,
    /// When the growth since that began.
    epoch: Option<SimTime>,
    /// Seconds from then until the window is what it was.
    origin: f64,
    /// The window that Reno would have.
    reno: f64,
}

impl Cubic {
    fn acknowledged(&mut self, now: SimTime, segments: f64, round_trip_s: f64) {
        if self.base.window < self.base.threshold {
            return self.base.acknowledged(segments);
        }
        let window = self.base.window;
        let epoch = *self.epoch.get_or_insert_with(|| {
            let below = (self.most - window).max(0.0);
            self.origin = libm::cbrt(below / CUBIC_C);
            self.most = self.most.max(window);
            self.reno = window;
            now
        });
        let passed = seconds(now, epoch);
        let cubic = |at: f64| {
            let from = at - self.origin;
            CUBIC_C * from * from * from + self.most
        };
        let growth = 3.0 * (1.0 - CUBIC_BETA) / (1.0 + CUBIC_BETA);
        self.reno += growth * segments / window;
        let target = cubic(passed + round_trip_s).clamp(window, 1.5 * window);
        self.base.window = if cubic(passed) < self.reno {
            window.max(self.reno)
        } else {
            window + (target - window) / window * segments
        };
    }
    fn lost(&mut self) {
        let window = self.base.window;
        // Fast convergence: who lost below the last maximum makes room for others.
        self.most = if window < self.most { window * (1.0 + CUBIC_BETA) / 2.0 } else { window };
        self.base.reduce_to(window * CUBIC_BETA);
        self.epoch = None;
    }
}

#[expect(clippy::as_conversions, reason = "the time between two acknowledgements is below 2^53 ns")]
fn seconds(now: SimTime, since: SimTime) -> f64 {
    (now - since).as_nanos() as f64 * 1e-9
}
