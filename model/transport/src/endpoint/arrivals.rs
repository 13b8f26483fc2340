//! When packets arrived, and the reports that are made of it.

use super::sender_types::FeedbackKind;
use crate::Ecn;
use crate::number::{low16, low32};
use crate::packet::{
    CongestionFeedback, CongestionMetric, Packet, Sources, Stream, TransportFeedback, ntp_middle,
};
use crate::ring::Ring;
use crate::sequence::Unwrapper;
use koosim_time::SimTime;
use std::ptr::from_ref;

/// Packets of which arrivals are remembered: half a second at 10 Mbit/s.
const RING: u32 = 512;
/// Reports that are kept for use again.
const SPARE: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Arrival {
    number: u64,
    at: SimTime,
    ecn: Ecn,
}

/// Arrivals by one count of numbers.
#[derive(Clone, Debug)]
struct Log {
    ring: Ring<Arrival>,
    sequence: Unwrapper<16>,
    /// The first number that is not reported on.
    next: Option<u64>,
}

impl Log {
    fn new() -> Self {
        let empty = Arrival { number: u64::MAX, at: SimTime::EPOCH, ecn: Ecn::NotCapable };
        Self { ring: Ring::new(RING, empty), sequence: Unwrapper::default(), next: None }
    }
    fn push(&mut self, at: SimTime, wire: u16, ecn: Ecn) {
        let number = self.sequence.unwrap(u64::from(wire));
        *self.ring.get_mut(number) = Arrival { number, at, ecn };
        // What comes after its place was reported on is reported on once more.
        self.next = Some(self.next.map_or(number, |next| next.min(number)));
    }
    fn arrival(&self, number: u64) -> Option<&Arrival> {
        Some(self.ring.get(number)).filter(|arrival| arrival.number == number)
    }
    /// Numbers to report on, no more than are remembered.
    fn open(&self) -> Option<(u64, u64)> {
        let (next, last) = self.next.zip(self.sequence.last())?;
        let oldest = last.saturating_sub(self.ring.capacity() - 1);
        (next <= last).then_some((next.max(oldest), last))
    }
}

/// All arrivals of a session.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals {
    /// That of the transport, or of the first stream.
    first: (Option<Stream>, Log),
    /// Those of the other streams.
    others: Vec<(Option<Stream>, Log)>,
    sources: Sources,
    reports: u8,
    /// Reports that were read.
    spare: Vec<Packet>,
}

impl Arrivals {
    pub(crate) fn new(sources: Sources, kind: FeedbackKind) -> Self {
        let log = |stream| (stream, Log::new());
        let [first, others @ ..] = Stream::ALL.map(Some);
        let (first, others) = match kind {
            FeedbackKind::Transport => (log(None), Vec::new()),
            FeedbackKind::Congestion => (log(first), others.map(log).into()),
        };
        Self { first, others, sources, reports: 0, spare: Vec::with_capacity(SPARE) }
    }
    fn logs(&self) -> impl Iterator<Item = &(Option<Stream>, Log)> {
        std::iter::once(&self.first).chain(&self.others)
    }
    fn logs_mut(&mut self) -> impl Iterator<Item = &mut (Option<Stream>, Log)> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }
    /// An RTP packet came, with its number in the stream and in the transport.
    pub(crate) fn push(&mut self, at: SimTime, stream: Stream, numbers: (u64, u64), ecn: Ecn) {
        let own = |(of, _): &&mut (Option<Stream>, Log)| of.is_none_or(|of| of == stream);
        if let Some((of, log)) = self.logs_mut().find(own) {
            let number = if of.is_some() { numbers.0 } else { numbers.1 };
            log.push(at, low16(number), ecn);
        }
    }
    /// The path is another: nothing of the old one is reported.
    pub(crate) fn forget(&mut self) {
        for (_, log) in self.logs_mut() {
            log.next = log.sequence.last().map(|last| last + 1);
        }
    }
    /// Where the ring of arrivals itself lies.
    pub(crate) const fn ring_place(&self) -> *const u8 {
        from_ref(&self.first.1.ring).cast()
    }
    /// Where the arrival of the packet with this number in the transport will lie, if that is what counts.
    pub(crate) const fn place_of(&self, transport: u64) -> *const u8 {
        self.first.1.ring.place(transport)
    }
    /// Where the first arrival lies that is not reported on.
    pub(crate) fn place_open(&self) -> *const u8 {
        self.first.1.ring.place(self.first.1.next.unwrap_or_default())
    }
    /// Whether anything came that was not reported on.
    pub(crate) fn is_open(&self) -> bool {
        self.logs().any(|(_, log)| log.open().is_some())
    }
    /// Takes back a report, so that the next one needs no memory.
    pub(crate) fn recycle(&mut self, packet: Packet) {
        let report = matches!(packet, Packet::TransportFeedback(_) | Packet::CongestionFeedback(_));
        if report && self.spare.len() < SPARE {
            self.spare.push(packet);
        }
    }
    /// The next report, until there is none.
    pub(crate) fn report(&mut self, now: SimTime) -> Option<Packet> {
        if self.first.0.is_none() { self.transport() } else { self.congestion(now) }
    }

    fn transport(&mut self) -> Option<Packet> {
        let (_, log) = &mut self.first;
        let (from, last) = log.open()?;
        // What is missing in front of the first arrival is told by the report that has an arrival.
        let first = (from..=last).find_map(|number| log.arrival(number))?;
        let reference =
            TransportFeedback::step_of(first.at).div_euclid(TransportFeedback::STEPS_PER_REFERENCE);
        let mut step = reference * TransportFeedback::STEPS_PER_REFERENCE;
        let reference = low32(reference.rem_euclid(1 << 24).cast_unsigned());
        let fresh =
            TransportFeedback::new(self.sources.receiver, low16(from), reference, self.reports);
        let mut report = match self.spare.pop() {
            Some(Packet::TransportFeedback(mut spare)) => {
                *spare = fresh;
                spare
            }
            Some(_) | None => Box::new(fresh),
        };
        let mut next = from;
        for number in from..=last {
            let at = log.arrival(number).map(|arrival| TransportFeedback::step_of(arrival.at));
            if !report.push(at.map(|at| at - step)) {
                break;
            }
            step = at.unwrap_or(step);
            next = number + 1;
        }
        log.next = Some(next);
        self.reports = self.reports.wrapping_add(1);
        Some(Packet::TransportFeedback(report))
    }

    fn congestion(&mut self, now: SimTime) -> Option<Packet> {
        if !self.is_open() {
            return None;
        }
        let fresh = CongestionFeedback::new(self.sources.receiver, ntp_middle(now));
        let mut report = match self.spare.pop() {
            Some(Packet::CongestionFeedback(mut spare)) => {
                *spare = fresh;
                spare
            }
            Some(_) | None => Box::new(fresh),
        };
        let sources = self.sources;
        for (stream, log) in self.logs_mut() {
            let (Some((from, last)), Some(stream)) = (log.open(), *stream) else { continue };
            if !report.begin_stream(sources.of(stream), low16(from)) {
                break;
            }
            let mut next = from;
            for number in from..=last {
                let metric = log.arrival(number).map_or(CongestionMetric::Missing, |arrival| {
                    let before = CongestionMetric::units(now - arrival.at);
                    CongestionMetric::Arrived { ecn: arrival.ecn, before }
                });
                if !report.push(metric) {
                    break;
                }
                next = number + 1;
            }
            log.next = Some(next);
        }
        Some(Packet::CongestionFeedback(report))
    }
    pub(crate) fn bytes(&self) -> usize {
        let logs: usize = self.logs().map(|(_, log)| size_of::<Log>() + log.ring.bytes()).sum();
        logs + SPARE * (size_of::<TransportFeedback>() + size_of::<CongestionFeedback>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOURCES: Sources = Sources { video: 1, audio: 2, repair: 3, parity: 4, receiver: 5 };

    fn reports(arrivals: &mut Arrivals, now: SimTime) -> Vec<Packet> {
        std::iter::from_fn(|| arrivals.report(now)).collect()
    }

    proptest! {
        /// Whatever arrives in whatever order: the reports give every arrival back, to the nearest step.
        #[test]
        fn reports_give_arrivals_back(
            gaps in prop::collection::vec(0_i64..30_000_000, 1..200),
            lost in prop::collection::vec(any::<bool>(), 200),
            start in 0_u64..100_000,
        ) {
            let mut arrivals = Arrivals::new(SOURCES, FeedbackKind::Transport);
            let (mut now, mut sent, mut read) = (SimTime::EPOCH, Vec::new(), Vec::new());
            let mut references = Unwrapper::<24>::default();
            let mut take = |arrivals: &mut Arrivals, now, read: &mut Vec<_>| {
                for packet in reports(arrivals, now) {
                    let Packet::TransportFeedback(report) = &packet else { panic!() };
                    let numbers = u64::from(report.base)..;
                    let seen = numbers.map(low16).zip(report.arrivals(&mut references));
                    read.extend(seen.filter_map(|(number, at)| Some((number, at?))));
                    arrivals.recycle(packet);
                }
            };
            for (n, gap) in (start..).zip(gaps) {
                now = SimTime::from_nanos(now.as_nanos() + gap);
                if lost[usize::try_from(n - start).unwrap()] {
                    continue;
                }
                arrivals.push(now, Stream::Video, (0, n), Ecn::NotCapable);
                sent.push((low16(n), now));
                if n % 17 == 0 {
                    take(&mut arrivals, now, &mut read);
                }
            }
            take(&mut arrivals, now, &mut read);
            prop_assert_eq!(read.len(), sent.len());
            // The first reference is counted from one turn of 24 bits.
            let turn = (1_i64 << 24) * 64_000_000;
            for ((number, at), (read_number, read_at)) in sent.into_iter().zip(read) {
                prop_assert_eq!(number, read_number);
                let off = read_at.as_nanos() - turn - at.as_nanos();
                prop_assert!((-125_000..=125_000).contains(&off), "{}", off);
            }
        }
    }

    #[test]
    fn late_arrival_is_reported_again() {
        let mut arrivals = Arrivals::new(SOURCES, FeedbackKind::Transport);
        let steps = |arrivals: &mut Arrivals| {
            let packets = reports(arrivals, SimTime::EPOCH);
            let [Packet::TransportFeedback(report)] = packets.as_slice() else { panic!() };
            (report.base, report.steps().map(|step| step.is_some()).collect::<Vec<_>>())
        };
        for n in [5, 6, 8] {
            arrivals.push(SimTime::EPOCH, Stream::Video, (0, n), Ecn::NotCapable);
        }
        assert_eq!(steps(&mut arrivals), (5, vec![true, true, false, true]));
        assert!(!arrivals.is_open());
        arrivals.push(SimTime::EPOCH, Stream::Video, (0, 7), Ecn::NotCapable);
        assert_eq!(steps(&mut arrivals), (7, vec![true, true]));
    }

    #[test]
    fn streams_are_reported_apart_with_their_marks() {
        let mut arrivals = Arrivals::new(SOURCES, FeedbackKind::Congestion);
        let now = SimTime::from_nanos(1_000_000_000);
        arrivals.push(SimTime::EPOCH, Stream::Video, (9, 0), Ecn::Congested);
        arrivals.push(now, Stream::Video, (11, 1), Ecn::Capable0);
        arrivals.push(now, Stream::Repair, (65_535, 2), Ecn::Capable0);
        let packets = reports(&mut arrivals, now);
        let [Packet::CongestionFeedback(report)] = packets.as_slice() else { panic!() };
        let read: Vec<_> = report.streams().map(|(s, m)| (s.ssrc, s.begin, m.to_vec())).collect();
        let marked = 0x8000 | 3 << 13 | 1024;
        assert_eq!(read, [(1, 9, vec![marked, 0, 0xC000]), (3, 65_535, vec![0xC000])]);
    }
}
