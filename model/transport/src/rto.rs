use koosim_time::SimDuration;

/// Before any round trip was measured (RFC 6298 section 2.1).
const INITIAL: SimDuration = SimDuration::from_secs(1);
/// However often it was doubled (RFC 6298 section 2.5).
const MAX: SimDuration = SimDuration::from_secs(60);
/// The least that variation counts for: G of RFC 6298 section 2.3.
const GRANULARITY: SimDuration = SimDuration::from_millis(1);
/// Doublings behind which the wait is at its most anyway.
const DOUBLINGS_MAX: u32 = 32;

/// Measures round trips and says how long to wait for an acknowledgement, in whole nanoseconds (RFC 6298).
#[derive(Clone, Debug)]
pub struct Rto {
    min_ns: i64,
    // Smoothed round trip and its variation, once there has been one.
    measured_ns: Option<(i64, i64)>,
    doublings: u32,
    in_vain: u32,
}

impl Rto {
    /// A timer that waits at least so long, once it has measured something.
    pub const fn new(min: SimDuration) -> Self {
        Self { min_ns: min.as_nanos(), measured_ns: None, doublings: 0, in_vain: 0 }
    }
    /// The round trip of something that was sent once (RFC 6298 sections 2.2, 2.3 and 3).
    pub fn measure(&mut self, trip: SimDuration) {
        let trip_ns = trip.as_nanos();
        self.measured_ns = Some(match self.measured_ns {
            None => (trip_ns, trip_ns / 2),
            Some((smooth, variation)) => {
                let off = (smooth - trip_ns).abs();
                ((7 * smooth + trip_ns) / 8, (3 * variation + off) / 4)
            }
        });
    }
    /// Something new was acknowledged: back to what was measured.
    pub const fn progress(&mut self) {
        self.doublings = 0;
        self.in_vain = 0;
    }
    /// The other end is there, though it acknowledges nothing new: it may have no room.
    pub const fn heard(&mut self) {
        self.in_vain = 0;
    }
    /// Nothing was acknowledged: wait twice as long (RFC 6298 section 5.5).
    pub const fn back_off(&mut self) {
        self.doublings = self.doublings.saturating_add(1);
        self.in_vain = self.in_vain.saturating_add(1);
    }
    /// How often in a row nothing at all came back.
    pub const fn in_vain(&self) -> u32 {
        self.in_vain
    }
    /// The smoothed round trip, once there has been one.
    pub fn smoothed(&self) -> Option<SimDuration> {
        self.measured_ns.map(|(smooth, _)| SimDuration::from_nanos(smooth))
    }
    /// How long to wait.
    pub fn wait(&self) -> SimDuration {
        let base = self.measured_ns.map_or(INITIAL.as_nanos(), |(smooth, variation)| {
            smooth.saturating_add(variation.saturating_mul(4).max(GRANULARITY.as_nanos()))
        });
        let factor = 1_i64 << self.doublings.min(DOUBLINGS_MAX);
        let ns = base.max(self.min_ns).saturating_mul(factor).min(MAX.as_nanos());
        SimDuration::from_nanos(ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: SimDuration = SimDuration::from_millis(200);

    #[test]
    fn the_wait_follows_round_trips_and_doubles_in_vain() {
        let ms = SimDuration::from_millis;
        let mut rto = Rto::new(MIN);
        assert_eq!(rto.wait(), INITIAL);
        rto.measure(ms(80));
        assert_eq!((rto.wait(), rto.smoothed()), (ms(240), Some(ms(80))));
        rto.measure(ms(160));
        assert_eq!(rto.wait(), ms(90 + 4 * 50));
        rto.back_off();
        rto.back_off();
        assert_eq!(rto.wait(), ms(1_160));
        for _ in 0..100 {
            rto.back_off();
        }
        assert_eq!((rto.wait(), rto.in_vain()), (MAX, 102));
        rto.heard();
        assert_eq!((rto.wait(), rto.in_vain()), (MAX, 0));
        rto.progress();
        assert_eq!(rto.wait(), ms(290));
    }

    #[test]
    fn short_and_steady_round_trips_meet_the_lower_limit() {
        let mut rto = Rto::new(MIN);
        for _ in 0..40 {
            rto.measure(SimDuration::from_millis(1));
        }
        assert_eq!(rto.wait(), MIN);
    }
}
