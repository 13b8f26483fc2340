//! Which packets are missing, and when they are asked for (T2.5).

use crate::packet::Nack;
use koosim_time::{SimDuration, SimTime};

/// Numbers whose arrival is remembered.
const WINDOW: u64 = 1024;
/// Bits of one word of the window.
const WORD: u64 = 64;
/// Most packets that are missed at a time; beyond, only a key frame helps.
const MISSING_MAX: usize = 256;

/// When packets are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NackOptions {
    /// A packet is missed once so many later ones came,
    pub behind: u8,
    /// or once so much time has passed since the first of them.
    pub wait: SimDuration,
    /// Asked for again after a round trip and so much more, in which the repeat waits its turn.
    pub retry_after: SimDuration,
    /// Asked for so many times; then a key frame is.
    pub tries_max: u8,
}

impl Default for NackOptions {
    /// 3 packets (as RFC 5681) or 10 ms, again 20 ms after a round trip, 10 times (as in libwebrtc).
    fn default() -> Self {
        Self {
            behind: 3,
            wait: SimDuration::from_millis(10),
            retry_after: SimDuration::from_millis(20),
            tries_max: 10,
        }
    }
}

/// What a number means that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Novelty {
    New,
    Copy,
    /// So long ago that it is not known whether it came.
    TooOld,
}

#[derive(Clone, Copy, Debug)]
struct Missing {
    number: u64,
    due: SimTime,
    tries: u8,
}

/// Misses packets. Without options it only tells copies, and every gap is given up at once.
#[derive(Clone, Debug)]
pub(crate) struct Nacks {
    options: Option<NackOptions>,
    highest: Option<u64>,
    came: [u64; 16],
    missing: Vec<Missing>,
    gave_up: bool,
}

impl Nacks {
    pub(crate) fn new(options: Option<NackOptions>) -> Self {
        let missing = Vec::with_capacity(MISSING_MAX);
        Self { options, highest: None, came: [0; 16], missing, gave_up: false }
    }
    /// Where it is noted what came.
    pub(crate) const fn place(&self) -> *const u8 {
        std::ptr::from_ref(&self.came).cast()
    }
    fn word(&mut self, number: u64) -> (&mut u64, u64) {
        let index = usize::try_from(number % WINDOW / WORD).unwrap_or_default();
        #[expect(clippy::indexing_slicing, reason = "below 1024 / 64")]
        let word = &mut self.came[index];
        (word, 1 << (number % WORD))
    }
    /// A packet came, or came once more.
    pub(crate) fn push(&mut self, now: SimTime, number: u64) -> Novelty {
        let Some(highest) = self.highest else {
            self.highest = Some(number);
            let (word, bit) = self.word(number);
            *word |= bit;
            return Novelty::New;
        };
        if number <= highest {
            return self.push_old(number, highest);
        }
        self.advance(now, highest, number);
        let (word, bit) = self.word(number);
        *word |= bit;
        Novelty::New
    }
    fn push_old(&mut self, number: u64, highest: u64) -> Novelty {
        if highest - number >= WINDOW {
            return Novelty::TooOld;
        }
        let (word, bit) = self.word(number);
        if *word & bit != 0 {
            return Novelty::Copy;
        }
        *word |= bit;
        if let Ok(index) = self.missing.binary_search_by_key(&number, |missing| missing.number) {
            self.missing.remove(index);
        }
        Novelty::New
    }
    fn advance(&mut self, now: SimTime, highest: u64, number: u64) {
        self.highest = Some(number);
        if number - highest > WINDOW {
            self.came = [0; 16];
        } else {
            for gone in highest + 1..=number {
                let (word, bit) = self.word(gone);
                *word &= !bit;
            }
        }
        let gap = number - highest - 1;
        let room = MISSING_MAX - self.missing.len();
        let Some(options) = self.options else {
            self.gave_up |= gap > 0;
            return;
        };
        if usize::try_from(gap).is_ok_and(|gap| gap <= room) {
            let due = now + options.wait;
            let gap = (highest + 1..number).map(|number| Missing { number, due, tries: 0 });
            self.missing.extend(gap);
        } else {
            self.give_up();
        }
        let overtaken = number.saturating_sub(u64::from(options.behind));
        for missing in &mut self.missing {
            if missing.tries == 0 && missing.number <= overtaken {
                missing.due = missing.due.min(now);
            }
        }
    }
    fn give_up(&mut self) {
        self.missing.clear();
        self.gave_up = true;
    }
    /// Nothing below this number is missed any more.
    pub(crate) fn forget_before(&mut self, number: u64) {
        if self.missing.first().is_some_and(|missing| missing.number < number) {
            self.missing.retain(|missing| missing.number >= number);
        }
    }
    /// The path is another: whatever is missing is not asked for.
    pub(crate) fn forget(&mut self) {
        self.missing.clear();
    }
    /// Whether packets were given up since the last call.
    pub(crate) const fn take_gave_up(&mut self) -> bool {
        std::mem::replace(&mut self.gave_up, false)
    }
    pub(crate) fn due(&self) -> Option<SimTime> {
        self.missing.iter().map(|missing| missing.due).min()
    }
    /// The next request, until there is none.
    pub(crate) fn poll(&mut self, now: SimTime, rtt: SimDuration, ssrc: u32) -> Option<Nack> {
        let options = self.options?;
        if self
            .missing
            .iter()
            .any(|missing| missing.due <= now && missing.tries == options.tries_max)
        {
            self.give_up();
        }
        let mut nack = Nack::new(ssrc);
        for missing in self.missing.iter_mut().filter(|missing| missing.due <= now) {
            if !nack.push(crate::number::low16(missing.number)) {
                break;
            }
            missing.tries += 1;
            missing.due = (now + rtt) + options.retry_after;
        }
        (!nack.entries().is_empty()).then_some(nack)
    }
    pub(crate) const fn bytes() -> usize {
        MISSING_MAX * size_of::<Missing>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }
    fn asked(nacks: &mut Nacks, ms: i64) -> Vec<u16> {
        let rtt = SimDuration::from_millis(50);
        let all = std::iter::from_fn(|| nacks.poll(at(ms), rtt, 1));
        all.flat_map(|nack| nack.numbers().collect::<Vec<_>>()).collect()
    }

    #[test]
    fn missing_is_asked_for_after_disorder_and_again_after_a_round_trip() {
        let mut nacks = Nacks::new(Some(NackOptions::default()));
        for number in [65_536, 65_538, 65_540] {
            assert_eq!(nacks.push(at(0), number), Novelty::New);
        }
        assert_eq!(nacks.due(), Some(at(0)));
        assert_eq!(asked(&mut nacks, 0), [1], "three numbers behind");
        assert_eq!(asked(&mut nacks, 10), [3], "after 10 ms");
        assert_eq!(nacks.push(at(20), 65_537), Novelty::New);
        assert_eq!(nacks.push(at(20), 65_537), Novelty::Copy);
        assert_eq!((asked(&mut nacks, 79), asked(&mut nacks, 80)), (vec![], vec![3]));
        for n in 2..10 {
            assert_eq!(asked(&mut nacks, 10 + 70 * n), [3]);
        }
        assert!(!nacks.take_gave_up());
        assert_eq!(asked(&mut nacks, 710), [0_u16; 0]);
        assert!(nacks.take_gave_up() && !nacks.take_gave_up());
        assert_eq!(nacks.due(), None);
    }

    #[test]
    fn too_many_missing_are_given_up_at_once() {
        let mut nacks = Nacks::new(Some(NackOptions::default()));
        nacks.push(at(0), 1000);
        nacks.push(at(0), 1257);
        assert!(!nacks.take_gave_up());
        assert_eq!(asked(&mut nacks, 20).len(), 256);
        nacks.push(at(20), 1259);
        assert!(nacks.take_gave_up());
        assert_eq!(nacks.push(at(30), 5000), Novelty::New);
        assert_eq!(nacks.push(at(30), 3976), Novelty::TooOld);
        assert_eq!(nacks.push(at(30), 3977), Novelty::New);
        assert_eq!(nacks.push(at(30), 3977), Novelty::Copy);
        nacks.forget_before(6000);
        assert_eq!(nacks.due(), None);
    }

    #[test]
    fn without_requests_a_gap_is_given_up() {
        let mut nacks = Nacks::new(None);
        nacks.push(at(0), 5);
        nacks.push(at(0), 6);
        assert!(!nacks.take_gave_up());
        nacks.push(at(0), 8);
        assert!(nacks.take_gave_up());
    }
}
