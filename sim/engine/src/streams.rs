//! Random numbers by name. Every consumer draws from a stream of its own, derived from the run's
//! seed, the consumer's [`Domain`] and an id, so that a new consumer never shifts another's draws.
//!
//! Only `next_u64` of a portable named generator is taken from `rand`; the few lines that turn its
//! bits into a bounded integer or a yes/no are here, because derived draws change between releases.

use rand::SeedableRng;
use rand::rand_core::Rng;
use rand::rngs::Xoshiro256PlusPlus;
use sha2::{Digest, Sha256};

/// Who draws. The label is part of the stream's derivation: renaming one changes every run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// The instant at which a business timer with an allowed window fires.
    TimerInstant,
    /// Loss, delay variation and other accidents of one link.
    Link,
    /// A component under test on the virtual network.
    Component,
    /// What a phone shows and how long its encoder takes.
    Picture,
    /// Lengths and pauses of cross traffic.
    Cross,
    /// How long the device of a viewer takes, and when its hand moves.
    Viewer,
}

impl Domain {
    fn label(self) -> &'static str {
        match self {
            Self::TimerInstant => "timer-instant",
            Self::Link => "link",
            Self::Component => "component",
            Self::Picture => "picture",
            Self::Cross => "cross",
            Self::Viewer => "viewer",
        }
    }
}

/// The source of all streams of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams of the run with this seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }
    /// A fresh stream for one consumer; asking twice gives the same values twice.
    pub fn get(&self, domain: Domain, id: &str) -> Stream {
        let mut key = Sha256::new();
        key.update(self.seed.to_le_bytes());
        key.update(domain.label().as_bytes());
        key.update([0]);
        key.update(id.as_bytes());
        Stream(Xoshiro256PlusPlus::from_seed(key.finalize().into()))
    }
}

/// One consumer's sequence of draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
    /// A whole number from `0..=max`, each equally likely.
    pub fn up_to(&mut self, max: u64) -> u64 {
        let Some(range) = max.checked_add(1) else { return self.bits() };
        // Rejection keeps every value equally likely; each round succeeds with more than one half.
        let zone = u64::MAX - (u64::MAX % range + 1) % range;
        loop {
            let bits = self.bits();
            if bits <= zone {
                return bits % range;
            }
        }
    }
    /// A whole number from `0..=max`, most likely `peak` and evenly less likely towards both ends.
    pub fn peaked(&mut self, max: u64, peak: u64) -> u64 {
        let peak = peak.min(max);
        // Of two even draws the greater one is likelier the greater it is, and the smaller likewise.
        if max > 0 && self.up_to(max - 1) < peak {
            self.up_to(peak).max(self.up_to(peak))
        } else {
            let rest = max - peak;
            peak + self.up_to(rest).min(self.up_to(rest))
        }
    }
    /// True with probability `numerator / denominator`; never for 0, always for the denominator.
    pub fn chance(&mut self, numerator: u64, denominator: u64) -> bool {
        self.up_to(denominator.saturating_sub(1)) < numerator
    }
}

impl koosim_media::draws::Draws for Stream {
    fn next_u64(&mut self) -> u64 {
        self.bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_values_never_change() {
        let mut link = Streams::new(42).get(Domain::Link, "a-b");
        let first: Vec<String> = (0..3).map(|_| format!("{:016x}", link.bits())).collect();
        assert_eq!(first.join(" "), "b959bcadf8a1185e 2fee459ba3b64da5 3fed99651c8ccf56");
        let mut timer = Streams::new(42).get(Domain::TimerInstant, "p1");
        let bounded: Vec<u64> = (0..8).map(|_| timer.up_to(9)).collect();
        assert_eq!(bounded, [2, 7, 1, 2, 8, 5, 4, 1]);
        let mut raw = Xoshiro256PlusPlus::seed_from_u64(42);
        assert_eq!(raw.next_u64(), 0xd076_4d4f_4476_689f);
    }

    #[test]
    fn a_new_consumer_shifts_no_other() {
        let streams = Streams::new(7);
        let mut alone = streams.get(Domain::Link, "x");
        let mut beside = streams.get(Domain::Link, "x");
        let mut other = streams.get(Domain::Link, "y");
        for _ in 0..16 {
            let expected = alone.bits();
            assert_ne!(other.bits(), expected);
            assert_eq!(beside.bits(), expected);
        }
    }

    #[test]
    fn bounds_are_kept_and_reached() {
        let mut stream = Streams::new(1).get(Domain::Component, "dice");
        let mut seen = [false; 6];
        for _ in 0..200 {
            seen[usize::try_from(stream.up_to(5)).unwrap()] = true;
        }
        assert_eq!(seen, [true; 6]);
        assert!(!stream.chance(0, 10));
        assert!(stream.chance(10, 10));
    }

    #[test]
    fn a_peaked_draw_is_likeliest_at_its_peak_and_reaches_both_ends() {
        let mut stream = Streams::new(7).get(Domain::TimerInstant, "peaked");
        let mut counts = [0_u32; 11];
        for _ in 0..20_000 {
            let drawn = usize::try_from(stream.peaked(10, 3)).unwrap();
            counts[drawn] += 1;
        }
        assert!(counts[..=3].is_sorted() && counts[3..].is_sorted_by(|a, b| a > b), "{counts:?}");
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
        assert_eq!(stream.peaked(0, 0), 0);
        assert!((0..100).all(|_| stream.peaked(5, 9) <= 5));
    }
}
