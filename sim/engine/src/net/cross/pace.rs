//! Sources that send at a pace of their own, whatever becomes of their packets.

use crate::law::Exponential;
use crate::net::Rate;
use crate::streams::Stream;
use koosim_model::time::{SimDuration, SimTime};
use serde::Serialize;

/// Packets of one size at a constant rate.
#[derive(Clone, Debug)]
pub struct Cbr {
    rate: Rate,
    bytes: u32,
    from: SimTime,
    until: SimTime,
    sent: u32,
}

impl Cbr {
    /// Sends packets of `bytes` at this rate, the first at `from`, and none at `until` or later.
    pub const fn new(rate: Rate, bytes: u32, from: SimTime, until: SimTime) -> Self {
        Self { rate, bytes, from, until, sent: 0 }
    }
    /// When the next packet is sent. Instants are counted from the first, so that their rounding does
    /// not add up.
    pub fn next_due(&self) -> Option<SimTime> {
        let bits = u128::from(self.sent) * u128::from(self.bytes) * 8;
        let rate = u128::from(self.rate.bits_per_s());
        let ns = (bits * 1_000_000_000 + rate / 2) / rate;
        let ahead = SimDuration::from_nanos(i64::try_from(ns).ok()?);
        self.from.checked_add(ahead).filter(|at| *at < self.until)
    }
    /// The bytes of a packet that is due; one at each call.
    pub fn poll(&mut self, now: SimTime) -> Option<u32> {
        self.next_due().filter(|due| *due <= now)?;
        self.sent = self.sent.checked_add(1)?;
        Some(self.bytes)
    }
}

/// How long something lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// Always as long.
    Fixed(SimDuration),
    /// From the first to the second, each nanosecond equally likely.
    Uniform(SimDuration, SimDuration),
    /// By an exponential law.
    Exponential(Exponential),
}

impl Law {
    /// A length, not negative.
    pub fn draw(self, stream: &mut Stream) -> SimDuration {
        let ns = match self {
            Self::Fixed(length) => length.as_nanos(),
            Self::Uniform(least, most) => {
                let span = most.as_nanos().saturating_sub(least.as_nanos()).max(0);
                let more = stream.up_to(span.unsigned_abs());
                least.as_nanos().saturating_add(i64::try_from(more).unwrap_or(i64::MAX))
            }
            Self::Exponential(law) => law.draw_ns(stream),
        };
        SimDuration::from_nanos(ns.max(0))
    }
}

/// A constant rate for a while, and then nothing for a while.
#[derive(Clone, Debug)]
pub struct OnOff {
    rate: Rate,
    bytes: u32,
    on: Law,
    off: Law,
    stream: Stream,
    burst: Cbr,
}

impl OnOff {
    /// Sends packets of `bytes` at this rate from `from` on, for a time that `on` gives, and is then
    /// silent for a time that `off` gives. A burst that is over before its first packet has none.
    pub fn new(
        rate: Rate,
        bytes: u32,
        on: Law,
        off: Law,
        from: SimTime,
        mut stream: Stream,
    ) -> Self {
        let until = from + on.draw(&mut stream);
        Self { rate, bytes, on, off, stream, burst: Cbr::new(rate, bytes, from, until) }
    }
    /// When the next packet is sent, or the next burst is drawn.
    pub fn next_due(&self) -> SimTime {
        self.burst.next_due().unwrap_or(self.burst.until)
    }
    /// The bytes of a packet that is due; one at each call.
    pub fn poll(&mut self, now: SimTime) -> Option<u32> {
        if self.burst.next_due().is_none() && self.burst.until <= now {
            let from = self.burst.until + self.off.draw(&mut self.stream);
            let until = from + self.on.draw(&mut self.stream);
            self.burst = Cbr::new(self.rate, self.bytes, from, until);
        }
        self.burst.poll(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{Domain, Streams};

    #[test]
    fn a_constant_rate_does_not_drift() {
        // 3 bytes at 7 bit/s: 24/7 s each.
        let rate = Rate::new(std::num::NonZeroU64::new(7).unwrap());
        let mut cbr = Cbr::new(rate, 3, SimTime::EPOCH, SimTime::from_nanos(24_000_000_001));
        let mut at = Vec::new();
        while let Some(due) = cbr.next_due() {
            assert_eq!(cbr.poll(due - SimDuration::from_nanos(1)), None);
            assert_eq!(cbr.poll(due), Some(3));
            at.push(due.as_nanos());
        }
        assert_eq!(at[..3], [0, 3_428_571_429, 6_857_142_857]);
        assert_eq!((at.len(), at[7]), (8, 24_000_000_000));
        assert_eq!(cbr.poll(SimTime::from_nanos(i64::MAX)), None);
    }

    #[test]
    fn an_on_off_source_sends_its_share() {
        let ms = SimDuration::from_millis;
        let stream = Streams::new(5).get(Domain::Component, "on-off");
        let (on, off) = (Law::Exponential(Exponential::new(ms(200))), Law::Uniform(ms(0), ms(600)));
        let rate = Rate::kilobits(8_000);
        let mut source = OnOff::new(rate, 100, on, off, SimTime::EPOCH, stream);
        let end = SimTime::from_nanos(2_000_000_000_000);
        let mut bytes = 0_u64;
        while source.next_due() < end {
            let due = source.next_due();
            bytes += u64::from(source.poll(due).unwrap_or(0));
        }
        // 200 of 500 ms at 1 MB/s, for 2,000 s; each burst's last packet counts whole.
        assert!((780_000_000..830_000_000).contains(&bytes), "{bytes}");
        assert_eq!(Law::Fixed(ms(3)).draw(&mut Streams::new(1).get(Domain::Link, "x")), ms(3));
    }
}
