//! Chances to send, as mahimahi's traces give them: so many bytes at each of given instants.

use koosim_model::time::{SimDuration, SimTime};
use serde::Serialize;
use std::sync::Arc;

/// Bytes that may leave at each opportunity: one packet of greatest size.
pub const OPPORTUNITY_BYTES: u32 = 1500;
/// Most opportunities of one capacity.
const OPPORTUNITIES_MAX: usize = 1 << 24;

/// Why opportunities are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpportunityError {
    /// There are none.
    #[error("a trace has at least one opportunity")]
    Empty,
    /// There are too many.
    #[error("a trace has at most {OPPORTUNITIES_MAX} opportunities")]
    TooMany,
    /// One comes before the one before it, or before the beginning.
    #[error("opportunity {0} comes before the one before it")]
    NotInOrder(usize),
    /// The last one, at which the trace begins again, is at its beginning.
    #[error("the last opportunity is at the beginning of the trace, which could not repeat")]
    NoLength,
}

/// Instants at which [`OPPORTUNITY_BYTES`] may leave. The trace begins again at its last one.
///
/// Several small packets share an opportunity, and a large one takes several; what nobody uses is
/// gone. A packet leaves the queue when its first byte can leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opportunities {
    // INVARIANT: not empty, ascending, not negative, the last above zero.
    offsets_ns: Arc<[i64]>,
    from: SimTime,
}

impl Opportunities {
    /// Opportunities at these lengths of time after `from`.
    ///
    /// # Errors
    /// See [`OpportunityError`], looked for in that order.
    pub fn new(offsets: &[SimDuration], from: SimTime) -> Result<Self, OpportunityError> {
        let last = offsets.last().ok_or(OpportunityError::Empty)?;
        if offsets.len() > OPPORTUNITIES_MAX {
            return Err(OpportunityError::TooMany);
        }
        let before = std::iter::once(&SimDuration::ZERO).chain(offsets);
        if let Some(place) = before.zip(offsets).position(|(before, offset)| offset < before) {
            return Err(OpportunityError::NotInOrder(place));
        }
        if *last == SimDuration::ZERO {
            return Err(OpportunityError::NoLength);
        }
        Ok(Self { offsets_ns: offsets.iter().map(|offset| offset.as_nanos()).collect(), from })
    }
    /// The same opportunities, but the trace begins at that instant.
    #[must_use]
    pub fn starting(self, from: SimTime) -> Self {
        Self { from, ..self }
    }
    /// How many there are in one round.
    pub fn count(&self) -> usize {
        self.offsets_ns.len()
    }
    /// What one round lasts.
    pub fn length(&self) -> SimDuration {
        SimDuration::from_nanos(self.length_ns())
    }
    fn length_ns(&self) -> i64 {
        self.offsets_ns.last().copied().unwrap_or(i64::MAX)
    }
    /// The mean rate in bits a second, rounded down.
    pub fn mean_bits_per_s(&self) -> u64 {
        let bits = u128::from(OPPORTUNITY_BYTES) * 8 * u128::try_from(self.count()).unwrap_or(0);
        let rate = bits * 1_000_000_000 / u128::from(self.length_ns().unsigned_abs());
        u64::try_from(rate).unwrap_or(u64::MAX)
    }
    pub(super) fn begin(&self) -> Cursor {
        Cursor { place: 0, base_ns: self.from.as_nanos(), open_ns: i64::MIN, left_bytes: 0 }
    }
}

/// The next opportunity that nobody has used, and what is left of the last one.
#[derive(Clone, Debug)]
pub(in crate::net) struct Cursor {
    place: usize,
    base_ns: i64,
    open_ns: i64,
    left_bytes: u32,
}

impl Cursor {
    pub(super) fn ready_ns(&mut self, all: &Opportunities, now_ns: i64) -> i64 {
        if self.left_bytes > 0 && self.open_ns == now_ns {
            return now_ns;
        }
        self.skip_to(all, now_ns);
        self.next_ns(all)
    }
    pub(super) fn transmit(&mut self, all: &Opportunities, now_ns: i64, bytes: u32) -> i64 {
        if self.open_ns != now_ns {
            self.left_bytes = 0;
            self.skip_to(all, now_ns);
        }
        let mut wanted = bytes;
        // At most one round for each opportunity's worth of bytes.
        while wanted > self.left_bytes {
            wanted -= self.left_bytes;
            self.open_ns = self.next_ns(all);
            self.left_bytes = OPPORTUNITY_BYTES;
            self.step(all);
        }
        self.left_bytes -= wanted;
        self.open_ns.max(now_ns)
    }
    fn next_ns(&self, all: &Opportunities) -> i64 {
        let offset_ns = all.offsets_ns.get(self.place).copied().unwrap_or(i64::MAX);
        self.base_ns.saturating_add(offset_ns)
    }
    fn step(&mut self, all: &Opportunities) {
        self.place += 1;
        if self.place == all.offsets_ns.len() {
            self.place = 0;
            self.base_ns = self.base_ns.saturating_add(all.length_ns());
        }
    }
    /// Passes by what lies before that instant.
    fn skip_to(&mut self, all: &Opportunities, now_ns: i64) {
        if self.next_ns(all) >= now_ns {
            return;
        }
        // The end of a round belongs to it: its last opportunity is there.
        let rounds = (now_ns.saturating_sub(self.base_ns) - 1) / all.length_ns();
        if rounds > 0 {
            self.base_ns = self.base_ns.saturating_add(rounds * all.length_ns());
            self.place = 0;
        }
        let ahead_ns = now_ns.saturating_sub(self.base_ns);
        let rest = all.offsets_ns.get(self.place..).unwrap_or_default();
        self.place += rest.partition_point(|offset_ns| *offset_ns < ahead_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    fn at_ms(offsets: &[i64]) -> Result<Opportunities, OpportunityError> {
        let offsets: Vec<SimDuration> =
            offsets.iter().map(|ms| SimDuration::from_millis(*ms)).collect();
        Opportunities::new(&offsets, SimTime::EPOCH)
    }

    #[test]
    fn packets_share_an_opportunity_and_large_ones_take_several() {
        let all = at_ms(&[2, 2, 5]).unwrap();
        let mut cursor = all.begin();
        assert_eq!(cursor.ready_ns(&all, 0), 2 * MS);
        assert_eq!(cursor.transmit(&all, 2 * MS, 700), 2 * MS);
        assert_eq!(cursor.ready_ns(&all, 2 * MS), 2 * MS);
        // 800 of the first, 1500 of the second, 700 of the third.
        assert_eq!(cursor.transmit(&all, 2 * MS, 3000), 5 * MS);
        assert_eq!(cursor.transmit(&all, 5 * MS, 800), 5 * MS);
        assert_eq!(cursor.ready_ns(&all, 5 * MS), 7 * MS, "the trace began again at 5 ms");
        assert_eq!(all.mean_bits_per_s(), 3 * 12_000 * 200);
    }

    #[test]
    fn what_nobody_used_is_gone() {
        let all = at_ms(&[1, 4]).unwrap();
        let mut cursor = all.begin();
        assert_eq!(cursor.ready_ns(&all, 2 * MS), 4 * MS);
        assert_eq!(cursor.ready_ns(&all, 4_000_004 * MS), 4_000_004 * MS);
        assert_eq!(cursor.transmit(&all, 4_000_004 * MS, 1500), 4_000_004 * MS);
        assert_eq!(cursor.ready_ns(&all, 4_000_004 * MS), 4_000_005 * MS);
        assert_eq!(cursor.ready_ns(&all, 4_000_006 * MS), 4_000_008 * MS);
    }

    #[test]
    fn what_is_wrong_with_opportunities_is_said_in_order() {
        assert_eq!(at_ms(&[]), Err(OpportunityError::Empty));
        assert_eq!(at_ms(&[3, 2]), Err(OpportunityError::NotInOrder(1)));
        assert_eq!(at_ms(&[-1]), Err(OpportunityError::NotInOrder(0)));
        assert_eq!(at_ms(&[0, 0]), Err(OpportunityError::NoLength));
    }
}
