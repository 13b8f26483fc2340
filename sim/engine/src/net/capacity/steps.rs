//! A rate that changes at given instants: steps of a test case, or a trace of rate over time.

use super::rate::{Rounding, units};
use koosim_model::time::{SimDuration, SimTime};
use serde::Serialize;
use std::sync::Arc;

/// Most steps of one capacity.
pub const STEPS_MAX: usize = 1 << 20;

/// One rate and how long it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its length; more than nothing.
    pub lasts: SimDuration,
    /// Bits a second; none while nothing can be sent.
    pub bits_per_s: u64,
}

/// What follows the last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Afterwards {
    /// Its rate for ever.
    Hold,
    /// The first step again.
    Repeat,
}

/// Why steps are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// There are none.
    #[error("a capacity has at least one step")]
    Empty,
    /// There are too many.
    #[error("a capacity has at most {STEPS_MAX} steps")]
    TooMany,
    /// One lasts no time, or less.
    #[error("step {0} lasts no time")]
    NoLength(usize),
    /// Together they last longer than time does.
    #[error("the steps last too long")]
    TooLong,
    /// They repeat and all have a rate of nothing.
    #[error("steps that repeat need one with a rate above nothing")]
    NeverSends,
}

/// Rates in the order in which they hold. Before the first, and without a last, see [`Afterwards`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Steps {
    // INVARIANT: not empty, ends ascending and above zero.
    ends: Arc<[End]>,
    // What one round of them moves.
    round_units: u128,
    afterwards: Afterwards,
    from: SimTime,
}

/// Where a step ends, counted from the beginning of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct End {
    ns: i64,
    bits_per_s: u64,
}

impl Steps {
    /// The first step begins at `from`; before that its rate holds as well.
    ///
    /// # Errors
    /// See [`StepError`], looked for in that order.
    pub fn new(steps: &[Step], from: SimTime, afterwards: Afterwards) -> Result<Self, StepError> {
        if steps.is_empty() {
            return Err(StepError::Empty);
        }
        if steps.len() > STEPS_MAX {
            return Err(StepError::TooMany);
        }
        let mut ends = Vec::with_capacity(steps.len());
        let (mut ns, mut round_units) = (0_i64, 0_u128);
        for (place, step) in steps.iter().enumerate() {
            if step.lasts <= SimDuration::ZERO {
                return Err(StepError::NoLength(place));
            }
            ns = ns.checked_add(step.lasts.as_nanos()).ok_or(StepError::TooLong)?;
            let span_ns = u128::from(step.lasts.as_nanos().unsigned_abs());
            round_units += span_ns * u128::from(step.bits_per_s);
            ends.push(End { ns, bits_per_s: step.bits_per_s });
        }
        if afterwards == Afterwards::Repeat && round_units == 0 {
            return Err(StepError::NeverSends);
        }
        Ok(Self { ends: ends.into(), round_units, afterwards, from })
    }
    /// The same steps, but the first begins at that instant.
    #[must_use]
    pub fn starting(self, from: SimTime) -> Self {
        Self { from, ..self }
    }
    /// What all steps last together.
    pub fn length(&self) -> SimDuration {
        SimDuration::from_nanos(self.length_ns())
    }
    fn length_ns(&self) -> i64 {
        self.ends.last().map_or(0, |end| end.ns)
    }
    /// The mean rate over all steps, in bits a second, rounded down.
    pub fn mean_bits_per_s(&self) -> u64 {
        let mean = self.round_units / u128::from(self.length_ns().unsigned_abs());
        u64::try_from(mean).unwrap_or(u64::MAX)
    }
    pub(super) fn begin(&self) -> Cursor {
        Cursor { place: 0, base_ns: self.from.as_nanos() }
    }
}

/// A place in the steps; it only goes forward.
#[derive(Clone, Debug)]
pub(in crate::net) struct Cursor {
    place: usize,
    /// The instant at which the first step began in this round.
    base_ns: i64,
}

impl Cursor {
    /// The step that holds at that instant, and its end; no end if it holds for ever.
    fn at(&mut self, steps: &Steps, now_ns: i64) -> (u64, Option<i64>) {
        let length_ns = steps.length_ns();
        if steps.afterwards == Afterwards::Repeat {
            let ahead_ns = now_ns.saturating_sub(self.base_ns);
            if ahead_ns >= length_ns {
                self.base_ns = self.base_ns.saturating_add(ahead_ns / length_ns * length_ns);
                self.place = 0;
            }
        }
        // Instants only go forward, so that all these rounds together are as many as steps begin.
        while let Some(end) = steps.ends.get(self.place) {
            let end_ns = self.base_ns.saturating_add(end.ns);
            let is_last = self.place + 1 == steps.ends.len();
            if is_last && steps.afterwards == Afterwards::Hold {
                return (end.bits_per_s, None);
            }
            if now_ns < end_ns || is_last {
                return (end.bits_per_s, Some(end_ns));
            }
            self.place += 1;
        }
        (0, None)
    }
    pub(super) fn bits_per_s(&mut self, steps: &Steps, now_ns: i64) -> u64 {
        self.at(steps, now_ns).0
    }
    pub(super) fn transmit(
        &mut self,
        steps: &Steps,
        now_ns: i64,
        bytes: u32,
        rounding: Rounding,
    ) -> i64 {
        let mut left = units(bytes);
        let mut at_ns = now_ns;
        if steps.afterwards == Afterwards::Repeat && left > steps.round_units {
            // One whole round from anywhere moves as much as from its beginning.
            let rounds = (left - 1) / steps.round_units;
            left -= rounds * steps.round_units;
            let rounds = i64::try_from(rounds).unwrap_or(i64::MAX);
            at_ns = at_ns.saturating_add(rounds.saturating_mul(steps.length_ns()));
        }
        while at_ns < i64::MAX {
            let (bits_per_s, end_ns) = self.at(steps, at_ns);
            let Some(end_ns) = end_ns else {
                return match bits_per_s {
                    0 => i64::MAX,
                    rate => at_ns.saturating_add(rounding.divide(left, rate)),
                };
            };
            let span_ns = u128::from(end_ns.saturating_sub(at_ns).unsigned_abs());
            let fits = span_ns * u128::from(bits_per_s);
            if bits_per_s > 0 && left <= fits {
                return at_ns.saturating_add(rounding.divide(left, bits_per_s));
            }
            left -= fits;
            at_ns = end_ns;
        }
        i64::MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    fn steps(of: &[(i64, u64)], afterwards: Afterwards) -> Steps {
        let of: Vec<Step> = of
            .iter()
            .map(|&(ms, bits_per_s)| Step { lasts: SimDuration::from_millis(ms), bits_per_s })
            .collect();
        Steps::new(&of, SimTime::EPOCH, afterwards).unwrap()
    }

    #[test]
    fn a_packet_that_is_under_way_feels_the_change() {
        // 1000 bytes: 4,000 bits in 4 ms at 1 Mbit/s, nothing for 10 ms, the rest at 2 Mbit/s.
        let steps = steps(&[(4, 1_000_000), (10, 0), (100, 2_000_000)], Afterwards::Hold);
        let mut cursor = steps.begin();
        assert_eq!(cursor.transmit(&steps, 0, 1000, Rounding::Nearest), 16 * MS);
        assert_eq!(cursor.transmit(&steps, 16 * MS, 1000, Rounding::Nearest), 20 * MS);
        // The last rate holds for ever.
        assert_eq!(cursor.transmit(&steps, 900 * MS, 1000, Rounding::Nearest), 904 * MS);
        assert_eq!(steps.mean_bits_per_s(), (4_000_000 + 200_000_000) / 114);
    }

    #[test]
    fn steps_repeat_also_after_a_long_pause() {
        let steps = steps(&[(1, 8_000_000), (1, 0)], Afterwards::Repeat);
        let mut cursor = steps.begin();
        // 2000 bytes at 1000 bytes in every second millisecond.
        assert_eq!(cursor.transmit(&steps, 0, 2000, Rounding::Nearest), 3 * MS);
        assert_eq!(cursor.transmit(&steps, 1_000_001 * MS, 500, Rounding::Nearest), {
            1_000_002 * MS + MS / 2
        });
        // Ten million rounds less one, and then a thousand bytes of the next.
        let mut slow = steps.begin();
        assert_eq!(slow.transmit(&steps, 0, 4_000_000_000, Rounding::Nearest), 7_999_999 * MS);
        assert_eq!(cursor.bits_per_s(&steps, 1_000_003 * MS), 0);
        assert_eq!(cursor.bits_per_s(&steps, 1_000_004 * MS), 8_000_000);
    }

    #[test]
    fn nothing_leaves_where_the_last_rate_is_nothing() {
        let steps = steps(&[(1, 8_000_000), (1, 0)], Afterwards::Hold);
        let mut cursor = steps.begin();
        assert_eq!(cursor.transmit(&steps, 0, 1000, Rounding::Nearest), MS);
        assert_eq!(cursor.transmit(&steps, MS, 1, Rounding::Nearest), i64::MAX);
    }

    #[test]
    fn what_is_wrong_with_steps_is_said_in_order() {
        let new = |of: &[(i64, u64)], afterwards| {
            let of: Vec<Step> = of
                .iter()
                .map(|&(ns, bits_per_s)| Step { lasts: SimDuration::from_nanos(ns), bits_per_s })
                .collect();
            Steps::new(&of, SimTime::EPOCH, afterwards).map(|_| ())
        };
        assert_eq!(new(&[], Afterwards::Hold), Err(StepError::Empty));
        assert_eq!(new(&[(1, 0), (0, 1)], Afterwards::Repeat), Err(StepError::NoLength(1)));
        let long = [(i64::MAX, 0), (1, 0)];
        assert_eq!(new(&long, Afterwards::Repeat), Err(StepError::TooLong));
        assert_eq!(new(&[(1, 0)], Afterwards::Repeat), Err(StepError::NeverSends));
        assert_eq!(new(&[(1, 0)], Afterwards::Hold), Ok(()));
    }
}
