//! Sound beside the pictures of a flow: packets of one length at a constant rate (T4.7), and what a viewer
//! hears of them.
//!
//! A packet is heard if it has come when its sound is to be played at the latest, so long after it was captured.
//! There is no jitter buffer of sound: whether a packet is of use is seen from its own delay.

use super::spec::PathError;
use super::world::{Due, Paths};
use crate::net::Rate;
use crate::queue::Phase;
use koosim_model::time::{SimDuration, SimTime};
use koosim_transport::endpoint::{AudioFrame, SenderInput};
use koosim_transport::packet::{RTP_HEADER_BYTES, UDP_IPV4_BYTES};
use koosim_transport::wire::OPUS_CLOCK;

/// Sound in one packet (T4.7).
pub const SOUND_PACKET: SimDuration = SimDuration::from_millis(20);
/// Ticks of the clock of sound in one packet.
const PACKET_TICKS: i64 = 960;
/// Packets that may be waited for at most: 1 s of them, which fits into half of [`Hearing::came`].
const AWAITED_MAX: i64 = 50;
/// Packets whose fate is remembered once they are not waited for any more.
const REMEMBERED: u32 = 64;

/// The sound of a flow at its phone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sounding {
    /// Bytes of one payload.
    bytes: u16,
    began: SimTime,
    /// How many packets there have been.
    made: u64,
    deadline: SimDuration,
}

impl Sounding {
    pub(super) fn new(now: SimTime, rate: Rate, deadline: SimDuration) -> Self {
        let most = SimDuration::from_nanos(SOUND_PACKET.as_nanos() * AWAITED_MAX);
        Self { bytes: payload(rate), began: now, made: 0, deadline: deadline.min(most) }
    }
    /// How many packets there have been.
    pub(super) const fn made(&self) -> u64 {
        self.made
    }
    /// When the sound of a packet began.
    fn captured(&self, number: u64) -> SimTime {
        let packets = i64::try_from(number).unwrap_or(i64::MAX);
        self.began + SimDuration::from_nanos(SOUND_PACKET.as_nanos().saturating_mul(packets))
    }
    /// The clock of sound, counted from the epoch, wrapping.
    fn timestamp(&self, number: u64) -> u32 {
        let ns = i128::from(self.captured(number).as_nanos());
        let ticks = (ns * i128::from(OPUS_CLOCK) / 1_000_000_000).rem_euclid(1 << 32);
        u32::try_from(ticks).unwrap_or_default()
    }
    /// The number of a packet with this timestamp that was made not long ago.
    fn number(&self, timestamp: u32) -> Option<u64> {
        let last = self.made.checked_sub(1)?;
        let ahead = i64::from(timestamp.wrapping_sub(self.timestamp(last)).cast_signed());
        // Ticks are rounded down, so that packets lie a whole number of them apart, or one less.
        last.checked_add_signed((ahead + PACKET_TICKS / 2).div_euclid(PACKET_TICKS))
    }
    /// When a packet is of no use any more.
    fn late_after(&self, number: u64) -> SimTime {
        self.captured(number) + self.deadline
    }
}

/// Bytes of a payload of sound at this rate, rounded up.
fn payload(rate: Rate) -> u16 {
    let ns = SOUND_PACKET.as_nanos().unsigned_abs();
    let bytes = rate.bits_per_s().saturating_mul(ns).div_ceil(8 * 1_000_000_000);
    u16::try_from(bytes).unwrap_or(u16::MAX)
}

/// What sound at this rate takes of a way with all headers, in bits a second.
pub(super) fn on_the_wire(rate: Rate, extensions: u32) -> u64 {
    let headers = RTP_HEADER_BYTES + extensions + UDP_IPV4_BYTES;
    let packets = 1_000_000_000 / SOUND_PACKET.as_nanos().unsigned_abs();
    (u64::from(payload(rate)) + u64::from(headers)) * 8 * packets
}

/// What became of packets of sound on their way to one viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Came in time.
    pub heard: u64,
    /// Had not come when they were to be played.
    pub missed: u64,
    /// Came after that: a part of what was missed, perhaps in the window before.
    pub late: u64,
}

impl Heard {
    /// Missed packets that have not come late either.
    pub const fn lost(&self) -> u64 {
        self.missed.saturating_sub(self.late)
    }
    /// Parts of a million of the packets that were heard, rounded down; 0 where there were none.
    pub fn heard_ppm(&self) -> u64 {
        let all = self.heard.saturating_add(self.missed);
        self.heard.saturating_mul(1_000_000).checked_div(all).unwrap_or(0)
    }
}

/// Which packets of sound have come to a viewer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hearing {
    /// The first packet that is still waited for.
    next: u64,
    /// Bit 64 stands for it, and lower ones for those before.
    came: u128,
}

impl Hearing {
    /// Whoever begins to listen before this packet.
    pub(super) const fn from(next: u64) -> Self {
        Self { next, came: 0 }
    }
    /// Time has passed: what has not come in time is missed.
    fn settle(&mut self, now: SimTime, sounding: &Sounding, seen: &mut Heard) {
        while self.next < sounding.made && sounding.late_after(self.next) < now {
            seen.missed += u64::from(self.came >> REMEMBERED & 1 == 0);
            self.came >>= 1;
            self.next += 1;
        }
    }
    /// A packet has come.
    pub(super) fn takes(
        &mut self,
        now: SimTime,
        sounding: &Sounding,
        timestamp: u32,
        seen: &mut Heard,
    ) {
        self.settle(now, sounding, seen);
        let Some(number) = sounding.number(timestamp) else { return };
        let place = (number + u64::from(REMEMBERED)).checked_sub(self.next);
        // Of what is not remembered there are no copies: they come close together.
        let bit = place.and_then(|place| 1_u128.checked_shl(u32::try_from(place).ok()?));
        if bit.is_some_and(|bit| self.came & bit != 0) {
            return;
        }
        self.came |= bit.unwrap_or_default();
        if number < self.next {
            seen.late += 1;
        } else {
            seen.heard += 1;
        }
    }
}

impl Paths {
    /// A packet of sound is whole, and all senders of the flow take it.
    pub(super) fn sound(&mut self, number: usize) -> Result<(), PathError> {
        let now = self.now;
        let Some(flow) = self.flows.get_mut(number).filter(|flow| flow.running) else {
            return Ok(());
        };
        let Some(sounding) = &mut flow.sounding else { return Ok(()) };
        let timestamp = sounding.timestamp(sounding.made);
        sounding.made += 1;
        let (sounding, count) = (*sounding, flow.viewers.len());
        for place in 0..count {
            let flow = self.flows.get(number);
            let Some(viewer) = flow.and_then(|flow| flow.viewers.get(place)).copied() else {
                continue;
            };
            let Some(ends) = self.viewers.get_mut(viewer).filter(|ends| ends.watching) else {
                continue;
            };
            ends.hearing.settle(now, &sounding, &mut ends.measured.sound);
            let audio = AudioFrame { bytes: sounding.bytes, timestamp };
            ends.sender.handle(now, SenderInput::Audio(audio));
            self.drain_sender(viewer)?;
        }
        self.queue.push(now + SOUND_PACKET, Phase::Arrival, Due::Sound(number))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINE: SimDuration = SimDuration::from_millis(400);

    fn at(ms: i64) -> SimTime {
        SimTime::from_nanos(1_771_000_000_123_456_789 + ms * 1_000_000)
    }
    fn sounding(made: u64) -> Sounding {
        Sounding { made, ..Sounding::new(at(0), Rate::kilobits(32), DEADLINE) }
    }

    #[test]
    fn a_packet_has_the_ticks_of_its_length() {
        let ns = PACKET_TICKS * 1_000_000_000 / i64::from(OPUS_CLOCK);
        assert_eq!(ns, SOUND_PACKET.as_nanos());
    }

    #[test]
    fn a_payload_is_the_rate_over_fifty() {
        assert_eq!([6, 32, 64, 400].map(|kbit| payload(Rate::kilobits(kbit))), [15, 80, 160, 1000]);
        assert_eq!(on_the_wire(Rate::kilobits(32), 8), (80 + 48) * 8 * 50);
    }

    /// Over more than a turn of the clock, whatever the begin.
    #[test]
    fn a_packet_is_known_by_its_timestamp() {
        for last in (1..6_000_000).step_by(977) {
            let sounding = sounding(last + 1);
            for number in [last, last - 1, last.saturating_sub(60)] {
                assert_eq!(sounding.number(sounding.timestamp(number)), Some(number));
            }
        }
    }

    #[test]
    fn a_packet_is_heard_late_or_lost_once() {
        let (mut hearing, mut seen) = (Hearing::from(0), Heard::default());
        let sounding = sounding(100);
        let mut comes = |ms, number| {
            hearing.takes(at(ms), &sounding, sounding.timestamp(number), &mut seen);
            (seen.heard, seen.missed, seen.late)
        };
        assert_eq!(comes(50, 0), (1, 0, 0));
        assert_eq!(comes(51, 0), (1, 0, 0), "a copy");
        assert_eq!(comes(420, 1), (2, 0, 0), "at the last moment");
        assert_eq!(comes(441, 2), (2, 1, 1), "after it");
        assert_eq!(comes(442, 2), (2, 1, 1), "a copy of that");
        // Number 3 never comes; 4 has come before.
        assert_eq!(comes(455, 4), (3, 1, 1));
        assert_eq!(comes(480, 5), (4, 2, 1));
        assert_eq!(comes(3_000, 99), (4, 96, 2), "all after 5 are missed, and the last comes late");
        assert_eq!((seen.lost(), seen.heard_ppm()), (94, 40_000));
    }

    #[test]
    fn who_comes_later_misses_nothing_of_before() {
        let (mut hearing, mut seen) = (Hearing::from(40), Heard::default());
        hearing.settle(at(10_000), &sounding(42), &mut seen);
        assert_eq!((seen.heard, seen.missed), (0, 2));
        assert_eq!(Heard::default().heard_ppm(), 0);
    }
}
