use crate::Ecn;
use koosim_time::{NS_PER_S, SimDuration};

/// Arrivals by the numbers of the streams, with congestion marks (T2.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CongestionFeedback {
    /// Source of the reporting side.
    pub ssrc: u32,
    /// When the report was written, as [`super::ntp_middle`].
    pub report_at: u32,
    streams: [StreamArrivals; Self::STREAMS_MAX],
    stream_count: u8,
    metrics: [u16; Self::METRICS_MAX],
    metric_count: u8,
}

/// The part of a report that is about one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct StreamArrivals {
    /// Source that is reported on.
    pub ssrc: u32,
    /// Number of the first packet.
    pub begin: u16,
    /// How many packets from there on.
    pub count: u8,
}

/// What is said of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CongestionMetric {
    /// It has not come.
    Missing,
    /// It came.
    Arrived {
        /// Its mark.
        ecn: Ecn,
        /// How long before the report, in 1/1024 s; nothing if longer ago than can be said.
        before: Option<u16>,
    },
}

impl CongestionMetric {
    const TOO_OLD: u16 = 0x1FFE;

    /// The 16 bits: R, ECN, ATO.
    pub fn to_wire(self) -> u16 {
        let Self::Arrived { ecn, before } = self else { return 0 };
        let offset = match before {
            Some(units) if units < Self::TOO_OLD => units,
            Some(_) | None => Self::TOO_OLD,
        };
        0x8000 | u16::from(ecn.bits()) << 13 | offset
    }
    /// Reads the 16 bits; a time that is not known reads as too long ago.
    pub const fn from_wire(bits: u16) -> Self {
        if bits & 0x8000 == 0 {
            return Self::Missing;
        }
        let [high, _] = bits.to_be_bytes();
        let ecn = Ecn::from_bits(high >> 5);
        let offset = bits & 0x1FFF;
        Self::Arrived { ecn, before: if offset < Self::TOO_OLD { Some(offset) } else { None } }
    }
    /// A span in 1/1024 s, rounded down; nothing if it is too long to be said.
    pub fn units(before: SimDuration) -> Option<u16> {
        let units = before.as_nanos().max(0).saturating_mul(1024) / NS_PER_S;
        u16::try_from(units).ok().filter(|units| *units < Self::TOO_OLD)
    }
    /// The span of so many units, rounded down to nanoseconds.
    pub fn span(units: u16) -> SimDuration {
        SimDuration::from_nanos(i64::from(units) * NS_PER_S / 1024)
    }
}

impl CongestionFeedback {
    /// Most sources that one report is about.
    pub const STREAMS_MAX: usize = 4;
    /// Most packets that one report is about; more go into another.
    pub const METRICS_MAX: usize = 128;
    /// Header 4, source 4, time of the report 4.
    const FIXED: u32 = 12;

    /// A report about no source yet.
    pub fn new(ssrc: u32, report_at: u32) -> Self {
        Self {
            ssrc,
            report_at,
            streams: [StreamArrivals::default(); Self::STREAMS_MAX],
            stream_count: 0,
            metrics: [0; Self::METRICS_MAX],
            metric_count: 0,
        }
    }
    /// Begins the part about another source; false if there is no room for one.
    pub fn begin_stream(&mut self, ssrc: u32, begin: u16) -> bool {
        let Some(slot) = self.streams.get_mut(usize::from(self.stream_count)) else { return false };
        *slot = StreamArrivals { ssrc, begin, count: 0 };
        self.stream_count += 1;
        true
    }
    /// Adds the next packet of the source begun last; false if there is no room.
    pub fn push(&mut self, metric: CongestionMetric) -> bool {
        let last = usize::from(self.stream_count).wrapping_sub(1);
        let Some(stream) = self.streams.get_mut(last) else { return false };
        let Some(slot) = self.metrics.get_mut(usize::from(self.metric_count)) else { return false };
        *slot = metric.to_wire();
        stream.count += 1;
        self.metric_count += 1;
        true
    }
    /// Sources with what is said of their packets, in order.
    pub fn streams(&self) -> impl Iterator<Item = (StreamArrivals, &[u16])> {
        let streams = self.streams.get(..usize::from(self.stream_count)).unwrap_or_default();
        let mut from = 0;
        streams.iter().map(move |stream| {
            let to = from + usize::from(stream.count);
            let metrics = self.metrics.get(from..to).unwrap_or_default();
            from = to;
            (*stream, metrics)
        })
    }
    /// Bytes on the wire: for each source 8 and its metrics, padded to four.
    pub fn wire_len(&self) -> u32 {
        let streams = self.streams();
        let parts = streams.map(|(s, _)| 8 + (2 * u32::from(s.count)).next_multiple_of(4));
        Self::FIXED + parts.sum::<u32>()
    }
}
