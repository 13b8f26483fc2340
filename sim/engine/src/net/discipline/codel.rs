//! Controlled delay (T1.4): drops at the head when packets have waited too long for too long.
//!
//! The default law is that of the Linux kernel: a clock of 1.024 microseconds and a reciprocal
//! square root of 16 bits that one Newton step a drop keeps up with. RFC 8289's own law, the
//! interval over the root of the count, is the named other; it is computed exactly, in whole
//! nanoseconds.

use super::fifo::{Fifo, Limit, Queued};
use super::{manage, mark};
use crate::net::out::Out;
use crate::net::packet::Packet;
use koosim_model::rules::LinkParams;
use koosim_model::time::SimDuration;
use serde::Serialize;

/// How the time to the next drop follows from the count of drops (T1.4 `codel_law`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// As in the Linux kernel.
    FixedPoint,
    /// As in RFC 8289, which computes it in floating point.
    Root,
}

/// What a queue does to a packet that has waited too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Drops it.
    Drop,
    /// Marks it if its flow looks at marks, and drops it otherwise.
    Mark,
}

/// What CoDel is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CoDelSpec {
    /// Wait that is allowed to stand.
    pub target: SimDuration,
    /// Time above target before the first drop.
    pub interval: SimDuration,
    /// Nothing is dropped while fewer bytes than this wait.
    pub mtu_bytes: u32,
    /// How drops come sooner.
    pub law: Law,
    /// What is done to a packet.
    pub signal: Signal,
    /// What may wait at all.
    pub limit: Limit,
}

impl CoDelSpec {
    /// The parameters of T1.4, for packets of up to 1500 bytes, with room for a thousand of them.
    pub const STANDARD: Self = Self {
        target: SimDuration::from_millis(5),
        interval: SimDuration::from_millis(100),
        mtu_bytes: 1500,
        law: Law::FixedPoint,
        signal: Signal::Drop,
        limit: Limit::Bytes(1_500_000),
    };

    /// The standard with what the rulebook of a run says (T1.4).
    pub const fn ruled_by(params: &LinkParams) -> Self {
        let law = if params.codel_is_fixed_point { Law::FixedPoint } else { Law::Root };
        let (target, interval) = (params.codel_target, params.codel_interval);
        Self { target, interval, law, ..Self::STANDARD }
    }
    /// A length or an instant on the law's clock.
    const fn clock(&self, ns: i64) -> i64 {
        match self.law {
            Law::FixedPoint => ns >> FIXED_POINT_SHIFT,
            Law::Root => ns,
        }
    }
}

/// A tick of the fixed-point clock is 2^10 nanoseconds.
const FIXED_POINT_SHIFT: u32 = 10;
/// Re-entry within so many intervals goes on with the last count.
const REENTRY_INTERVALS: i64 = 16;

/// One queue under CoDel.
#[derive(Clone, Debug)]
pub(in crate::net) struct CoDel {
    pub(super) spec: CoDelSpec,
    pub(super) fifo: Fifo,
    control: Control,
}

impl CoDel {
    pub(super) fn new(spec: CoDelSpec) -> Self {
        Self { spec, fifo: Fifo::default(), control: Control::default() }
    }
    pub(super) fn take(&mut self, now_ns: i64, out: &mut Out) -> Option<Packet> {
        self.control.take(&self.spec, &mut self.fifo, now_ns, out)
    }
}

/// The state of the law. Instants are on the law's clock.
#[derive(Clone, Debug)]
pub(super) struct Control {
    is_dropping: bool,
    count: u32,
    last_count: u32,
    /// Of the count, as a fraction of 2^16.
    inverse_root: u16,
    /// When the wait will have been above target for an interval; none while it is not.
    first_above: Option<i64>,
    drop_next: i64,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            is_dropping: false,
            count: 0,
            last_count: 0,
            inverse_root: u16::MAX,
            first_above: None,
            drop_next: 0,
        }
    }
}

impl Control {
    /// Takes the next packet out of a queue, and before it what the law drops.
    pub(super) fn take(
        &mut self,
        spec: &CoDelSpec,
        fifo: &mut Fifo,
        now_ns: i64,
        out: &mut Out,
    ) -> Option<Packet> {
        let mut head = fifo.pop();
        let may_drop = self.may_drop(spec, fifo, head.as_ref(), now_ns);
        if !may_drop {
            self.is_dropping = false;
        } else if self.is_dropping {
            head = self.go_on(spec, fifo, head, now_ns, out);
        } else {
            head = self.begin(spec, fifo, head, now_ns, out);
        }
        head.map(|queued| queued.packet)
    }

    /// Whether the wait has been above target for a whole interval.
    fn may_drop(
        &mut self,
        spec: &CoDelSpec,
        fifo: &Fifo,
        head: Option<&Queued>,
        now_ns: i64,
    ) -> bool {
        let above = head.filter(|queued| {
            let wait = spec.clock(now_ns - queued.since_ns);
            wait >= spec.clock(spec.target.as_nanos()) && fifo.bytes() >= u64::from(spec.mtu_bytes)
        });
        if above.is_none() {
            self.first_above = None;
            return false;
        }
        let now = spec.clock(now_ns);
        let interval = spec.clock(spec.interval.as_nanos());
        now > *self.first_above.get_or_insert(now.saturating_add(interval))
    }

    /// Drops while drops are due; the packet that is left over.
    fn go_on(
        &mut self,
        spec: &CoDelSpec,
        fifo: &mut Fifo,
        mut head: Option<Queued>,
        now_ns: i64,
        out: &mut Out,
    ) -> Option<Queued> {
        let now = spec.clock(now_ns);
        // Each round takes a packet out of the queue.
        while self.is_dropping && now >= self.drop_next {
            let mut late = head?;
            self.count = self.count.saturating_add(1);
            self.inverse_root = newton(self.inverse_root, self.count);
            if mark(&mut late.packet, spec.signal, out) {
                self.drop_next = self.next(spec, self.drop_next);
                return Some(late);
            }
            manage(now_ns, late.packet, out);
            head = fifo.pop();
            if self.may_drop(spec, fifo, head.as_ref(), now_ns) {
                self.drop_next = self.next(spec, self.drop_next);
            } else {
                self.is_dropping = false;
            }
        }
        head
    }

    /// Drops the first packet, and begins to count.
    fn begin(
        &mut self,
        spec: &CoDelSpec,
        fifo: &mut Fifo,
        head: Option<Queued>,
        now_ns: i64,
        out: &mut Out,
    ) -> Option<Queued> {
        let mut head = head?;
        let left = if mark(&mut head.packet, spec.signal, out) {
            Some(head)
        } else {
            manage(now_ns, head.packet, out);
            let next = fifo.pop();
            self.may_drop(spec, fifo, next.as_ref(), now_ns);
            next
        };
        self.is_dropping = true;
        let now = spec.clock(now_ns);
        let gone = self.count.saturating_sub(self.last_count);
        let interval = spec.clock(spec.interval.as_nanos());
        let is_soon = now.saturating_sub(self.drop_next) < REENTRY_INTERVALS * interval;
        if gone > 1 && is_soon {
            self.count = gone;
            self.inverse_root = newton(self.inverse_root, self.count);
        } else {
            self.count = 1;
            self.inverse_root = u16::MAX;
        }
        self.last_count = self.count;
        self.drop_next = self.next(spec, now);
        left
    }

    /// The instant of the drop after one at `from`.
    fn next(&self, spec: &CoDelSpec, from: i64) -> i64 {
        let interval = u64::try_from(spec.clock(spec.interval.as_nanos())).unwrap_or(0);
        let step = match spec.law {
            Law::FixedPoint => scaled(interval, self.inverse_root),
            Law::Root => over_root(interval, self.count),
        };
        from.saturating_add(i64::try_from(step).unwrap_or(i64::MAX))
    }
}

/// The interval times a fraction of 2^16, rounded down.
const fn scaled(interval: u64, inverse_root: u16) -> u64 {
    // Lossless: the fraction is below one.
    (interval.saturating_mul(widen(inverse_root))) >> u16::BITS
}

#[expect(clippy::as_conversions, reason = "a smaller number becomes a larger one")]
const fn widen(value: u16) -> u64 {
    value as u64
}

/// The interval over the root of the count, rounded down.
fn over_root(interval: u64, count: u32) -> u64 {
    let square = u128::from(interval) * u128::from(interval) / u128::from(count.max(1));
    u64::try_from(square.isqrt()).unwrap_or(u64::MAX)
}

/// One Newton step from the reciprocal root of one count to that of another, in 32 bits of which 16
/// are kept.
fn newton(inverse_root: u16, count: u32) -> u16 {
    let root = u64::from(inverse_root) << u16::BITS;
    let square = (root * root) >> u32::BITS;
    let rest = (3_u64 << u32::BITS).wrapping_sub(u64::from(count).wrapping_mul(square));
    let next = (rest >> 2).wrapping_mul(root) >> (u32::BITS - 2 + 1);
    u16::try_from(next >> u16::BITS & u64::from(u16::MAX)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newton_root_stays_near_the_true_one() {
        let mut root = u16::MAX;
        for count in 2..2_000_u32 {
            root = newton(root, count);
            let exact = 65_536.0 / f64::from(count).sqrt();
            // One step a drop lags behind at first, and loses bits later.
            let allowed = if count < 8 { 0.3 } else { 0.02 };
            assert!((f64::from(root) / exact - 1.0).abs() < allowed, "{count}: {root} {exact}");
        }
        // By hand: (3 - 2) / 2 of almost one, and on from there.
        assert_eq!(newton(u16::MAX, 2), 32_769);
    }

    #[test]
    fn the_interval_is_divided_by_the_root() {
        assert_eq!(over_root(100_000_000, 1), 100_000_000);
        assert_eq!(over_root(100_000_000, 4), 50_000_000);
        assert_eq!(over_root(100_000_000, 2), 70_710_678);
        assert_eq!(scaled(97_656, 32_769), 48_829);
    }
}
