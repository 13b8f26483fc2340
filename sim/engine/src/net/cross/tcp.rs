//! A flow of TCP as cross traffic: sender and receiver, counted in segments of one size.
//!
//! New Reno's recovery (RFC 6582) and the timeout of RFC 6298; every segment is acknowledged at once.
//! There is no handshake, no selective acknowledgement and no receiver's window.

use super::congestion::Congestion;
use koosim_model::time::{SimDuration, SimTime};
use koosim_transport::Rto;
use std::collections::BTreeSet;

/// Acknowledgements that repeat an earlier one before a segment counts as lost.
const DUPLICATES: u32 = 3;
/// The shortest timeout (RFC 6298 section 2.4).
const TIMEOUT_MIN: SimDuration = SimDuration::from_secs(1);
/// Most segments that a receiver keeps before their turn.
const EARLY_MAX: usize = 1 << 16;

/// A segment, by its place in the flow, from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment(pub u64);

/// An acknowledgement: the place of the first segment that has not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack(pub u64);

/// The sending end.
#[derive(Clone, Debug)]
pub struct Sender {
    congestion: Congestion,
    /// Segments to send; none is as many as there is time for.
    length: Option<u64>,
    /// The first that is not acknowledged, and the first that has not been sent.
    acknowledged: u64,
    next: u64,
    /// The first that has never been sent.
    fresh: u64,
    duplicates: u32,
    /// Recovery ends with the acknowledgement of this one; segments that came meanwhile allow more.
    recovery: Option<u64>,
    inflation: f64,
    /// Segments that must be sent again before others.
    again: bool,
    timed: Option<(u64, SimTime)>,
    rto: Rto,
    deadline: Option<SimTime>,
}

impl Sender {
    /// A flow of `length` segments, or of endless ones.
    pub const fn new(congestion: Congestion, length: Option<u64>) -> Self {
        Self {
            congestion,
            length,
            acknowledged: 0,
            next: 0,
            fresh: 0,
            duplicates: 0,
            recovery: None,
            inflation: 0.0,
            again: false,
            timed: None,
            rto: Rto::new(TIMEOUT_MIN),
            deadline: None,
        }
    }
    /// Segments that may be under way, apart from those that recovery allows.
    pub const fn window(&self) -> f64 {
        self.congestion.window()
    }
    /// Whether all was acknowledged.
    pub fn is_over(&self) -> bool {
        self.length.is_some_and(|length| self.acknowledged >= length)
    }
    /// When the flow looks at what was lost, unless an acknowledgement comes before.
    pub const fn next_due(&self) -> Option<SimTime> {
        self.deadline
    }
    /// The next segment to send now; one at each call.
    pub fn poll(&mut self, now: SimTime) -> Option<Segment> {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.time_out(now);
        }
        if std::mem::take(&mut self.again) {
            self.timed = None;
            return Some(Segment(self.acknowledged));
        }
        let has_more = self.length.is_none_or(|length| self.next < length);
        let allowed = self.congestion.window() + self.inflation;
        if !has_more || self.flying() + 1.0 > allowed {
            return None;
        }
        let segment = self.next;
        self.next += 1;
        if segment >= self.fresh {
            self.fresh = self.next;
            self.timed.get_or_insert((segment, now));
        }
        self.deadline.get_or_insert(now + self.rto.wait());
        Some(Segment(segment))
    }
    /// An acknowledgement came. What it allows is to be polled for before the next one is handled:
    /// a window that nobody uses does not grow.
    pub fn handle(&mut self, now: SimTime, ack: Ack) {
        let Ack(place) = ack;
        if place < self.acknowledged || place > self.fresh {
            return;
        }
        if place == self.acknowledged {
            return self.repeated();
        }
        let flying = self.flying();
        let segments = count(place - self.acknowledged);
        self.acknowledged = place;
        self.next = self.next.max(place);
        self.duplicates = 0;
        self.measure(now, place);
        match self.recovery {
            Some(last) if place < last => {
                // One more was lost of the same window.
                self.again = true;
                self.inflation = (self.inflation - segments + 1.0).max(0.0);
            }
            Some(_) => {
                self.recovery = None;
                self.inflation = 0.0;
            }
            // A window that is not used does not grow.
            None if flying + 1.0 >= self.congestion.window() => {
                let round_trip_s = self.rto.smoothed().map_or(0.0, |trip| seconds(trip.as_nanos()));
                self.congestion.acknowledged(now, segments, round_trip_s);
            }
            None => {}
        }
        let is_waiting = self.next > self.acknowledged;
        self.deadline = is_waiting.then(|| now + self.rto.wait());
    }
    fn repeated(&mut self) {
        if self.next == self.acknowledged {
            return;
        }
        self.duplicates += 1;
        if self.recovery.is_some() {
            self.inflation += 1.0;
        } else if self.duplicates == DUPLICATES {
            self.congestion.lost(self.flying());
            self.recovery = Some(self.next);
            self.inflation = f64::from(DUPLICATES);
            self.again = true;
        }
    }
    fn time_out(&mut self, now: SimTime) {
        self.congestion.timed_out(self.flying());
        // What was under way is sent again from its beginning, as the window allows.
        self.next = self.acknowledged;
        self.recovery = None;
        self.inflation = 0.0;
        self.duplicates = 0;
        self.timed = None;
        self.rto.back_off();
        self.deadline = Some(now + self.rto.wait());
    }
    /// Learns the round trip of a segment that was sent once; until then a doubled timeout stays (RFC 6298
    /// section 5.7).
    fn measure(&mut self, now: SimTime, place: u64) {
        let Some((_, sent)) = self.timed.filter(|(segment, _)| *segment < place) else { return };
        self.timed = None;
        self.rto.measure(now - sent);
        self.rto.progress();
    }
    fn flying(&self) -> f64 {
        count(self.next - self.acknowledged)
    }
}

/// The receiving end.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    next: u64,
    // INVARIANT: all after `next`.
    early: BTreeSet<u64>,
}

impl Receiver {
    /// A segment came; what is answered.
    pub fn handle(&mut self, segment: Segment) -> Ack {
        let Segment(place) = segment;
        if place > self.next && self.early.len() < EARLY_MAX {
            self.early.insert(place);
        }
        if place == self.next {
            self.next += 1;
            while self.early.remove(&self.next) {
                self.next += 1;
            }
        }
        Ack(self.next)
    }
    /// Segments that came in order.
    pub const fn received(&self) -> u64 {
        self.next
    }
}

#[expect(clippy::as_conversions, reason = "no flow has 2^53 segments under way")]
const fn count(segments: u64) -> f64 {
    segments as f64
}

#[expect(clippy::as_conversions, reason = "no round trip takes 2^53 ns")]
const fn seconds(ns: i64) -> f64 {
    ns as f64 * 1e-9
}
