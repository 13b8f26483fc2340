//! The retransmission timeout of one connection, in whole nanoseconds (the method of RFC 6298).

/// Before any round trip was measured.
const INITIAL_NS: i64 = 1_000_000_000;
/// However short the round trips are.
const MIN_NS: i64 = 200_000_000;
/// However often it was doubled.
const MAX_NS: i64 = 60_000_000_000;
/// The coarsest step that the variation of round trips is taken for.
const GRANULARITY_NS: i64 = 1_000_000;

/// Measures round trips and says how long to wait for an acknowledgement.
#[derive(Clone, Debug)]
pub(crate) struct Rto {
    // Smoothed round trip and its variation, once there has been one.
    measured_ns: Option<(i64, i64)>,
    doublings: u32,
    in_vain: u32,
}

impl Rto {
    pub(crate) const fn new() -> Self {
        Self { measured_ns: None, doublings: 0, in_vain: 0 }
    }
    /// A round trip of a packet that was sent once took this long.
    pub(crate) fn measure(&mut self, trip_ns: i64) {
        self.measured_ns = Some(match self.measured_ns {
            None => (trip_ns, trip_ns / 2),
            Some((smooth, variation)) => {
                let off = (smooth - trip_ns).abs();
                ((7 * smooth + trip_ns) / 8, (3 * variation + off) / 4)
            }
        });
    }
    /// Something was acknowledged: back to the measured timeout.
    pub(crate) const fn progress(&mut self) {
        self.doublings = 0;
        self.in_vain = 0;
    }
    /// Nothing was acknowledged, but the peer is there and says that it has no room.
    pub(crate) const fn peer_is_full(&mut self) {
        self.in_vain = 0;
    }
    /// Nothing was: wait twice as long.
    pub(crate) const fn back_off(&mut self) {
        self.doublings = self.doublings.saturating_add(1);
        self.in_vain = self.in_vain.saturating_add(1);
    }
    /// How often in a row nothing at all came back.
    pub(crate) const fn in_vain(&self) -> u32 {
        self.in_vain
    }
    /// How long to wait.
    pub(crate) fn wait_ns(&self) -> i64 {
        let base = self.measured_ns.map_or(INITIAL_NS, |(smooth, variation)| {
            smooth.saturating_add(variation.saturating_mul(4).max(GRANULARITY_NS)).max(MIN_NS)
        });
        let factor = 1_i64.checked_shl(self.doublings.min(32)).unwrap_or(i64::MAX);
        base.saturating_mul(factor).min(MAX_NS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    #[test]
    fn the_timeout_follows_the_round_trips_and_doubles_in_vain() {
        let mut rto = Rto::new();
        assert_eq!(rto.wait_ns(), 1_000 * MS);
        rto.measure(80 * MS);
        assert_eq!(rto.wait_ns(), 240 * MS);
        rto.measure(160 * MS);
        assert_eq!(rto.wait_ns(), 90 * MS + 4 * 50 * MS);
        for _ in 0..2 {
            rto.back_off();
        }
        assert_eq!(rto.wait_ns(), 1_160 * MS);
        for _ in 0..100 {
            rto.back_off();
        }
        assert_eq!((rto.wait_ns(), rto.in_vain()), (MAX_NS, 102));
        rto.peer_is_full();
        assert_eq!((rto.wait_ns(), rto.in_vain()), (MAX_NS, 0));
        rto.progress();
        assert_eq!(rto.wait_ns(), 290 * MS);
    }

    #[test]
    fn a_short_and_steady_round_trip_meets_the_lower_limit() {
        let mut rto = Rto::new();
        for _ in 0..20 {
            rto.measure(MS);
        }
        assert_eq!(rto.wait_ns(), MIN_NS);
    }
}
