//! The even beat of displays, cameras and encoders, without drift.

use koosim_time::{NS_PER_S, SimDuration, SimTime};

/// Pictures a second: a whole number from 1 to [`FrameRate::MOST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameRate(u32);

impl FrameRate {
    /// The greatest rate. A decision: no display or camera of a phone is faster.
    pub const MOST: u32 = 240;
    /// The rate of a still screen (T4.4).
    pub const FPS_5: Self = Self(5);
    /// The rate of films.
    pub const FPS_24: Self = Self(24);
    /// The lower rate that can be set (P5.5), and that of video calls.
    pub const FPS_30: Self = Self(30);
    /// The higher rate that can be set (P5.5), and that of most displays.
    pub const FPS_60: Self = Self(60);

    /// The rate of this many pictures a second; `None` for 0 or more than [`FrameRate::MOST`].
    pub fn new(per_second: u32) -> Option<Self> {
        (1..=Self::MOST).contains(&per_second).then_some(Self(per_second))
    }
    /// Pictures a second.
    pub const fn per_second(self) -> u32 {
        self.0
    }
    /// The time of one picture, rounded down to nanoseconds. Add up beats with [`VSync`] instead.
    pub fn interval(self) -> SimDuration {
        SimDuration::from_nanos(NS_PER_S / i64::from(self.0))
    }
}

/// A beat: tick `k` comes `k` seconds over the rate after the phase, rounded down to nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VSync {
    rate: FrameRate,
    phase: SimTime,
}

impl VSync {
    /// The beat of this rate one of whose ticks is at `phase`.
    pub const fn new(rate: FrameRate, phase: SimTime) -> Self {
        Self { rate, phase }
    }
    /// The rate.
    pub const fn rate(self) -> FrameRate {
        self.rate
    }
    /// An instant at which it ticks.
    pub const fn phase(self) -> SimTime {
        self.phase
    }
    /// The first tick at or after an instant: what is ready at a tick still makes it.
    pub fn at_or_after(self, at: SimTime) -> SimTime {
        let since = (at - self.phase).as_nanos();
        // The least k whose tick, rounded down, is not before `since`: both are whole nanoseconds, so that
        // it is the least whose exact tick is not.
        let second = i128::from(NS_PER_S);
        let k = (i128::from(since) * self.hertz() + second - 1).div_euclid(second);
        self.phase + SimDuration::from_nanos(self.tick(k))
    }
    /// The first tick after an instant.
    pub fn after(self, at: SimTime) -> SimTime {
        self.at_or_after(at + SimDuration::from_nanos(1))
    }
    /// How long whatever is ready at an instant waits for its tick.
    pub fn wait(self, ready: SimTime) -> SimDuration {
        self.at_or_after(ready) - ready
    }
    fn hertz(self) -> i128 {
        i128::from(self.rate.0)
    }
    fn tick(self, k: i128) -> i64 {
        // Beyond the range of instants it saturates, where no instant can be.
        let ns = (k * i128::from(NS_PER_S)).div_euclid(self.hertz());
        i64::try_from(ns).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(ns: i64) -> SimTime {
        SimTime::from_nanos(ns)
    }

    #[test]
    fn a_beat_of_sixty_has_sixty_ticks_in_every_second() {
        let beat = VSync::new(FrameRate::FPS_60, at(5));
        let mut ticks = vec![beat.at_or_after(at(5))];
        for _ in 0..120 {
            ticks.push(beat.after(ticks[ticks.len() - 1]));
        }
        let seen: Vec<i64> = ticks.iter().map(|tick| tick.as_nanos()).collect();
        assert_eq!(seen[..4], [5, 16_666_671, 33_333_338, 50_000_005]);
        assert_eq!((seen[60], seen[120]), (NS_PER_S + 5, 2 * NS_PER_S + 5));
    }

    #[test]
    fn what_is_ready_at_a_tick_does_not_wait() {
        let beat = VSync::new(FrameRate::FPS_60, at(0));
        assert_eq!(beat.wait(at(33_333_333)), SimDuration::ZERO);
        assert_eq!(beat.wait(at(33_333_334)).as_nanos(), 16_666_666);
        assert_eq!(beat.at_or_after(at(-1)), at(0));
        assert_eq!(beat.after(at(0)), at(16_666_666));
    }

    #[test]
    fn rates_are_bounded() {
        assert_eq!(FrameRate::new(0), None);
        assert_eq!(FrameRate::new(241), None);
        assert_eq!(FrameRate::new(24), Some(FrameRate::FPS_24));
        assert_eq!(FrameRate::FPS_30.interval().as_nanos(), 33_333_333);
    }

    proptest! {
        #[test]
        fn a_wait_is_shorter_than_a_beat_and_ends_at_a_tick(
            hertz in 1_u32..=240,
            phase in -(1_i64 << 60)..1 << 60,
            ready in -(1_i64 << 60)..1 << 60,
        ) {
            let beat = VSync::new(FrameRate::new(hertz).unwrap(), at(phase));
            let tick = beat.at_or_after(at(ready));
            prop_assert!(beat.wait(at(ready)).as_nanos() >= 0);
            prop_assert!(beat.wait(at(ready)).as_nanos() <= NS_PER_S / i64::from(hertz));
            prop_assert_eq!(beat.at_or_after(tick), tick);
            let whole = i128::from((tick - at(phase)).as_nanos()) * i128::from(hertz);
            prop_assert!((-whole).rem_euclid(i128::from(NS_PER_S)) < i128::from(hertz));
        }
    }
}
