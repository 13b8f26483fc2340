//! Reports and requests, each as one RTCP packet of its own (reduced size, RFC 5506).

use koosim_time::{NS_PER_S, SimTime};

/// Bytes of the common header and the source of the reporting side.
const HEAD: u32 = 8;
/// Seconds from 1900, where NTP counts from, to 1970.
const NTP_EPOCH_S: i64 = 2_208_988_800;

/// The 64 bits of NTP for an instant: seconds since 1900, modulo 2^32, and a binary fraction, rounded down.
pub fn ntp_time(at: SimTime) -> u64 {
    let ns = at.as_nanos();
    let seconds = (ns.div_euclid(NS_PER_S) + NTP_EPOCH_S).rem_euclid(1 << 32);
    let fraction = (ns.rem_euclid(NS_PER_S) << 32) / NS_PER_S;
    (seconds << 32 | fraction).cast_unsigned()
}

/// The middle 32 bits of [`ntp_time`]: units of 1/65536 s, wrapping (T2.4).
pub fn ntp_middle(at: SimTime) -> u32 {
    crate::number::low32(ntp_time(at) >> 16)
}

/// What was sent so far, and when (RFC 3550 6.4.1), without report blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderReport {
    /// Source that is reported on.
    pub ssrc: u32,
    /// The instant, as [`ntp_time`].
    pub ntp: u64,
    /// Timestamp of the media at that instant.
    pub timestamp: u32,
    /// Packets sent, wrapping.
    pub packets: u32,
    /// Bytes of payload sent, wrapping.
    pub bytes: u32,
}

impl SenderReport {
    pub(crate) const fn wire_len(&self) -> u32 {
        HEAD + 20
    }
}

/// What arrived of one source (RFC 3550 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ReportBlock {
    /// Source that is reported on.
    pub ssrc: u32,
    /// Share lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost since the start, in 24 bits with sign.
    pub lost: i32,
    /// Highest number with its turns, 32 bits.
    pub highest: u32,
    /// Deviation of arrivals in ticks of the media (T2.4).
    pub jitter: u32,
    /// [`ntp_middle`] of the last sender report, 0 without one.
    pub last_report: u32,
    /// Since it arrived, in 1/65536 s.
    pub delay: u32,
}

/// What arrived so far, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiverReport {
    /// Source of the reporting side.
    pub ssrc: u32,
    /// Pictures, once one of their packets came.
    pub video: Option<ReportBlock>,
    /// Sound, once one of its packets came.
    pub audio: Option<ReportBlock>,
}

impl ReceiverReport {
    const BLOCK: u32 = 24;

    pub(crate) fn wire_len(&self) -> u32 {
        let blocks = u32::from(self.video.is_some()) + u32::from(self.audio.is_some());
        HEAD + Self::BLOCK * blocks
    }
}

/// A receiver's clock (RFC 3611 4.4), so that a side that sends no media learns the round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceTime {
    /// Source of the receiving side.
    pub ssrc: u32,
    /// The instant, as [`ntp_time`].
    pub ntp: u64,
}

impl ReferenceTime {
    pub(crate) const WIRE_LEN: u32 = HEAD + 12;
}

/// The answer to a receiver's clock (RFC 3611 4.5), with one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelaySince {
    /// Source of the sending side.
    pub ssrc: u32,
    /// [`ntp_middle`] of the receiver's clock.
    pub last_reference: u32,
    /// Since it arrived, in 1/65536 s.
    pub delay: u32,
}

impl DelaySince {
    pub(crate) const WIRE_LEN: u32 = HEAD + 16;
}

/// Packets of pictures that are asked for (T2.5): numbers, each with a mask of the 16 behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nack {
    /// Source whose packets are asked for.
    pub ssrc: u32,
    length: u8,
    entries: [(u16, u16); Self::ENTRIES_MAX],
}

impl Nack {
    /// Most entries of one request; more go into another.
    pub const ENTRIES_MAX: usize = 8;

    /// A request for nothing yet.
    pub const fn new(ssrc: u32) -> Self {
        Self { ssrc, length: 0, entries: [(0, 0); Self::ENTRIES_MAX] }
    }
    /// Adds a number, which must be behind those that were added; false if there is no room.
    pub fn push(&mut self, wire: u16) -> bool {
        let length = usize::from(self.length);
        if let Some((pid, mask)) = length.checked_sub(1).and_then(|n| self.entries.get_mut(n)) {
            let ahead = wire.wrapping_sub(*pid);
            if (1..=16).contains(&ahead) {
                *mask |= 1 << (ahead - 1);
                return true;
            }
        }
        let Some(entry) = self.entries.get_mut(length) else { return false };
        *entry = (wire, 0);
        self.length += 1;
        true
    }
    /// Entries as they travel: a number and a mask whose bit `n` asks for the number `n + 1` behind it.
    pub fn entries(&self) -> &[(u16, u16)] {
        self.entries.get(..usize::from(self.length)).unwrap_or_default()
    }
    /// All numbers that are asked for.
    pub fn numbers(&self) -> impl Iterator<Item = u16> + '_ {
        self.entries().iter().flat_map(|(pid, mask)| {
            let behind = (0..16).filter(move |bit| mask >> bit & 1 == 1);
            std::iter::once(*pid).chain(behind.map(move |bit| pid.wrapping_add(bit + 1)))
        })
    }
    pub(crate) fn wire_len(&self) -> u32 {
        HEAD + 4 + 4 * u32::from(self.length)
    }
}

/// A key frame is asked for (T2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pli {
    /// Source whose picture is lost.
    pub ssrc: u32,
}

impl Pli {
    pub(crate) const WIRE_LEN: u32 = HEAD + 4;
}

/// A rate that the receiving side does not want exceeded (T2.6), for one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remb {
    /// Source that is meant.
    pub ssrc: u32,
    exponent: u8,
    mantissa: u32,
}

impl Remb {
    const MANTISSA_BITS: u32 = 18;

    /// The greatest rate that can be written and is not above `rate`.
    pub fn new(ssrc: u32, rate: crate::BitRate) -> Self {
        let bits = u64::BITS - rate.bps().leading_zeros();
        let exponent = bits.saturating_sub(Self::MANTISSA_BITS);
        Self {
            ssrc,
            exponent: u8::try_from(exponent).unwrap_or_default(),
            mantissa: crate::number::low32(rate.bps() >> exponent),
        }
    }
    /// The rate as it is written.
    pub fn rate(&self) -> crate::BitRate {
        crate::BitRate::from_bps(u64::from(self.mantissa) << self.exponent)
    }
    pub(crate) const fn wire_len(&self) -> u32 {
        HEAD + 4 + 12
    }
}

/// A check of the path and its answer, as STUN binding request and response (RFC 8489).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Counts the receiver's paths: a new one begins whenever its network changed or came back.
    pub path: u32,
}

impl Check {
    /// Header 20, the path as user name 4 + 4, integrity 24, fingerprint 8.
    pub const REQUEST_LEN: u32 = 60;
    /// Header 20, mapped address 4 + 8, integrity 24, fingerprint 8.
    pub const ANSWER_LEN: u32 = 64;
}
