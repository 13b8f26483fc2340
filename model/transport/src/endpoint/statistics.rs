//! What RFC 3550 wants reported of one source: numbers with their turns, losses, jitter (T2.4).

use super::sender::units;
use crate::number::{low16, low32};
use crate::packet::ReportBlock;
use crate::sequence::Unwrapper;
use koosim_time::{NS_PER_S, SimTime};

/// Bounds of a count of lost packets in 24 bits with sign.
const LOST: (i64, i64) = (-0x0080_0000, 0x007F_FFFF);

/// Counts one source.
#[derive(Clone, Debug)]
pub(crate) struct Statistics {
    ssrc: u32,
    clock_hz: i64,
    sequence: Unwrapper<16>,
    first: Option<u64>,
    received: u64,
    /// Expected and received at the last report.
    reported: (u64, u64),
    transit: Option<u32>,
    /// Sixteen times the jitter, as in RFC 3550 A.8.
    jitter_16: u32,
    last_report: Option<(u32, SimTime)>,
}

impl Statistics {
    pub(crate) fn new(ssrc: u32, clock_hz: u32) -> Self {
        Self {
            ssrc,
            clock_hz: i64::from(clock_hz),
            sequence: Unwrapper::default(),
            first: None,
            received: 0,
            reported: (0, 0),
            transit: None,
            jitter_16: 0,
            last_report: None,
        }
    }
    /// A packet came.
    pub(crate) fn push(&mut self, now: SimTime, sequence: u64, timestamp: u32) {
        let number = self.sequence.unwrap(u64::from(low16(sequence)));
        self.first = Some(self.first.map_or(number, |first| first.min(number)));
        self.received += 1;
        let transit = self.ticks(now).wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let apart = transit.wrapping_sub(before).cast_signed().unsigned_abs();
            // J += (|D| - J) / 16, rounded as in RFC 3550 A.8.
            let fallen = self.jitter_16 - ((self.jitter_16 + 8) >> 4);
            self.jitter_16 = fallen.saturating_add(apart);
        }
    }
    /// The instant in ticks of the media, wrapping; whole seconds apart, so that it fits into 64 bits.
    fn ticks(&self, now: SimTime) -> u32 {
        let (s, ns) = (now.as_nanos().div_euclid(NS_PER_S), now.as_nanos().rem_euclid(NS_PER_S));
        low32((s * self.clock_hz + ns * self.clock_hz / NS_PER_S).cast_unsigned())
    }
    /// A sender report came.
    pub(crate) const fn on_report(&mut self, now: SimTime, middle: u32) {
        self.last_report = Some((middle, now));
    }
    fn expected(&self) -> u64 {
        let last = self.sequence.last().zip(self.first);
        last.map_or(0, |(last, first)| last - first + 1)
    }
    /// The block of the next report, once a packet came.
    pub(crate) fn report(&mut self, now: SimTime) -> Option<ReportBlock> {
        let last = self.sequence.last()?;
        let (expected, received) = (self.expected(), self.received);
        let since = (expected - self.reported.0, received - self.reported.1);
        self.reported = (expected, received);
        let lost_since = since.0.saturating_sub(since.1);
        let fraction = (lost_since << 8).checked_div(since.0).unwrap_or_default();
        let lost = expected.cast_signed() - received.cast_signed();
        let (last_report, delay) =
            self.last_report.map_or((0, 0), |(middle, at)| (middle, units(now - at)));
        Some(ReportBlock {
            ssrc: self.ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: i32::try_from(lost.clamp(LOST.0, LOST.1)).unwrap_or_default(),
            // The first turn stands for what was sent before the first packet.
            highest: low32(last - (1 << 16)),
            jitter: self.jitter_16 >> 4,
            last_report,
            delay,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at_ms(ms: i64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn jitter_moves_by_a_sixteenth_of_each_difference() {
        let mut video = Statistics::new(1, 90_000);
        // Sent each 10 ms; late by 0, 4, 0, 4 ...: every difference is 360 ticks.
        let mut jitter: u32 = 0;
        for n in 0..200 {
            video.push(
                at_ms(10 * n + 4 * (n % 2)),
                n.cast_unsigned(),
                low32(900 * n.cast_unsigned()),
            );
            if n > 0 {
                jitter += 360 - ((jitter + 8) >> 4);
            }
            assert_eq!(video.jitter_16, jitter);
        }
        // The rounding of A.8 rests at 360 or one below.
        assert_eq!(video.report(at_ms(2000)).unwrap().jitter, 359);
    }

    #[test]
    fn reports_count_from_the_last_one() {
        let mut video = Statistics::new(9, 90_000);
        assert_eq!(video.report(at_ms(0)), None);
        let push = |video: &mut Statistics, numbers: &[u64]| {
            for number in numbers {
                video.push(at_ms(0), *number, 0);
            }
            video.report(at_ms(0)).unwrap()
        };
        let first = push(&mut video, &[65_533, 65_534, 65_536]);
        assert_eq!((first.fraction_lost, first.lost, first.highest), (64, 1, 65_536));
        let second = push(&mut video, &[65_535, 65_540]);
        assert_eq!((second.fraction_lost, second.lost, second.highest), (128, 3, 65_540));
        let third = push(&mut video, &[65_540, 65_540, 65_540, 65_540]);
        assert_eq!((third.fraction_lost, third.lost), (0, -1), "copies count as received");
        video.on_report(at_ms(0), 7);
        let late = video.report(at_ms(500)).unwrap();
        assert_eq!((late.fraction_lost, late.last_report, late.delay), (0, 7, 32_768));
    }

    proptest! {
        /// Timestamps and numbers may start anywhere: nothing changes but the numbers themselves.
        #[test]
        fn turns_of_numbers_and_timestamps_change_nothing(
            start: u16, ticks: u32, steps in prop::collection::vec((1_u64..50, 0_i64..40), 1..300),
        ) {
            let run = |start: u16, ticks: u32| {
                let mut video = Statistics::new(1, 90_000);
                let (mut sent, mut n) = (0_i64, u64::from(start));
                for (gap, late) in &steps {
                    (sent, n) = (sent + 10, n + gap);
                    let timestamp = ticks.wrapping_add(low32(sent.cast_unsigned() * 90));
                    video.push(at_ms(sent + late), n, timestamp);
                }
                let block = video.report(at_ms(sent)).unwrap();
                (block.jitter, block.lost, block.fraction_lost, video.expected())
            };
            prop_assert_eq!(run(0, 0), run(start, ticks));
        }
    }
}
