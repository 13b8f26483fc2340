//! Which packets are sent once more (T2.12).

use koosim_time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// Most repeats that wait.
const WAITING_MAX: usize = 256;
/// Repeats that are remembered, so that none is sent twice in a round trip.
const RECENT: usize = 64;

/// When packets are sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResendOptions {
    /// A packet is not sent once more after this long.
    pub age_max: SimDuration,
}

impl Default for ResendOptions {
    /// One second, as long as anything on a screen can be worth waiting for.
    fn default() -> Self {
        Self { age_max: SimDuration::from_secs(1) }
    }
}

/// Repeats that wait and those of late.
#[derive(Clone, Debug)]
pub(crate) struct Resend {
    pub(crate) options: ResendOptions,
    waiting: VecDeque<(u64, u32)>,
    waiting_bytes: u64,
    /// Apart from what is looked at for every packet.
    recent: Box<[(u64, SimTime); RECENT]>,
    next_recent: usize,
}

impl Resend {
    pub(crate) fn new(options: ResendOptions, now: SimTime) -> Self {
        let waiting = VecDeque::with_capacity(WAITING_MAX);
        Self {
            options,
            waiting,
            waiting_bytes: 0,
            recent: Box::new([(u64::MAX, now); RECENT]),
            next_recent: 0,
        }
    }
    /// Takes a request for a packet whose repeat has so many bytes; false if it is not followed.
    pub(crate) fn request(
        &mut self,
        now: SimTime,
        sequence: u64,
        bytes: u32,
        rtt: SimDuration,
    ) -> bool {
        let again = |(number, at): &(u64, SimTime)| *number == sequence && now - *at < rtt;
        if self.waiting.len() == WAITING_MAX || self.recent.iter().any(again) {
            return false;
        }
        if let Some(slot) = self.recent.get_mut(self.next_recent) {
            *slot = (sequence, now);
        }
        self.next_recent = (self.next_recent + 1) % RECENT;
        self.waiting.push_back((sequence, bytes));
        self.waiting_bytes += u64::from(bytes);
        true
    }
    /// The repeat that is next: its number and bytes.
    pub(crate) fn peek(&self) -> Option<(u64, u32)> {
        self.waiting.front().copied()
    }
    pub(crate) fn pop(&mut self) {
        let bytes = self.waiting.pop_front().map_or(0, |(_, bytes)| bytes);
        self.waiting_bytes -= u64::from(bytes);
    }
    pub(crate) const fn waiting_bytes(&self) -> u64 {
        self.waiting_bytes
    }
    /// Forgets what waits; how many.
    pub(crate) fn clear(&mut self) -> u64 {
        let count = self.waiting.len();
        self.waiting.clear();
        self.waiting_bytes = 0;
        u64::try_from(count).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_packet_is_repeated_twice_in_a_round_trip() {
        let at = |ms: i64| SimTime::from_nanos(ms * 1_000_000);
        let mut resend = Resend::new(ResendOptions::default(), at(0));
        let rtt = SimDuration::from_millis(50);
        assert!(resend.request(at(0), 7, 100, rtt));
        assert!(!resend.request(at(49), 7, 100, rtt));
        assert!(resend.request(at(50), 7, 100, rtt) && resend.request(at(50), 8, 50, rtt));
        assert_eq!((resend.waiting_bytes(), resend.peek()), (250, Some((7, 100))));
        resend.pop();
        assert_eq!((resend.waiting_bytes(), resend.clear(), resend.peek()), (150, 2, None));
        assert!((0..256).all(|n| resend.request(at(99), 100 + n, 1, rtt)));
        assert!(!resend.request(at(99), 999, 1, rtt), "no more than may wait");
    }
}
