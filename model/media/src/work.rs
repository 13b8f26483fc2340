//! How long encoding and decoding take, and what happens while the encoder or decoder is busy.
//!
//! Times are log-normal, given by median and 95th percentile. Hardware at 720p has those of the run's
//! budget (T6.3). Software at 720p was measured with openh264 on one thread; its tail has the budget's ratio.
//! Software works pixel by pixel, so that its times go with the pixels; hardware has pipelines, so that its
//! times are decided to go with the square root of the pixels. The service's encoder on the processor
//! knows only H.264. H.265 in hardware is decided to take as long as H.264.

use crate::draws::{Draws, LogNormal, PercentilesError};
use crate::numbers::{fraction, nanos, rounded_nanos};
use crate::rate::Family;
use crate::stages::Percentiles;
use koosim_time::{SimDuration, SimTime};
use serde::Serialize;
use std::collections::VecDeque;

/// Size of the picture (T4.1), as the settings name it (P5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Definition {
    /// 960 by 540.
    P540,
    /// 1280 by 720.
    P720,
    /// 1920 by 1080.
    P1080,
}

impl Definition {
    /// All definitions, ascending: the order in which settings list them.
    pub const ALL: [Self; 3] = [Self::P540, Self::P720, Self::P1080];

    /// Pixels of a picture.
    pub const fn pixels(self) -> u64 {
        match self {
            Self::P540 => 960 * 540,
            Self::P720 => 1280 * 720,
            Self::P1080 => 1920 * 1080,
        }
    }
    /// Pixels over those of 720p, at which measurements were made.
    pub(crate) const fn pixels_over_720p(self) -> f64 {
        fraction(self.pixels()) / fraction(Self::P720.pixels())
    }
}

/// How pictures are coded (T4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// H.264, also AVC.
    H264,
    /// H.265, also HEVC.
    H265,
}

/// What does the work of an encoder or a decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Machine {
    /// One thread of a processor.
    Software,
    /// A circuit of its own.
    Hardware,
}

/// Whether pictures become bytes or bytes pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Pictures become bytes, in the cloud.
    Encode,
    /// Bytes become pictures, in the hand.
    Decode,
}

/// Why there are no times for a combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// The processor's encoder knows only H.264 (KooPhone's layer below, video service).
    #[error("the software encoder knows only H.264")]
    SoftwareH265,
    /// Percentiles that name no law.
    #[error(transparent)]
    Percentiles(#[from] PercentilesError),
}

/// Medians of software at 720p in milliseconds, measured: scrolling text, moving texture.
const SOFTWARE_ENCODE_MS: (f64, f64) = (6.4, 12.2);
const SOFTWARE_DECODE_MS: (f64, f64) = (5.1, 16.4);

/// How long one machine takes for one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkTimes {
    screen: LogNormal,
    moving: LogNormal,
}

impl WorkTimes {
    /// Times of a codec in a machine, for pictures of a definition, where hardware needs `hardware` at 720p:
    /// the budget of the stage (T6.3).
    pub fn new(
        direction: Direction,
        machine: Machine,
        codec: Codec,
        definition: Definition,
        hardware: Percentiles,
    ) -> Result<Self, WorkError> {
        if (direction, machine, codec) == (Direction::Encode, Machine::Software, Codec::H265) {
            return Err(WorkError::SoftwareH265);
        }
        // Its own percentiles are looked at first: the ratio of none is no ratio.
        hardware.law()?;
        let software = match direction {
            Direction::Encode => SOFTWARE_ENCODE_MS,
            Direction::Decode => SOFTWARE_DECODE_MS,
        };
        let [p50, p95] = [hardware.p50, hardware.p95].map(nanos);
        let pixels = definition.pixels_over_720p();
        let (screen, moving, scale) = match machine {
            Machine::Software => (software.0 * 1e6, software.1 * 1e6, pixels),
            Machine::Hardware => (p50, p50, libm::sqrt(pixels)),
        };
        let law = |median: f64| LogNormal::from_p50_p95(median * scale, median * scale * p95 / p50);
        Ok(Self { screen: law(screen)?, moving: law(moving)? })
    }
    /// Times of one's own: the same median and 95th percentile for all pictures.
    pub fn from_p50_p95(p50: SimDuration, p95: SimDuration) -> Result<Self, WorkError> {
        let law = LogNormal::from_p50_p95(nanos(p50), nanos(p95))?;
        Ok(Self { screen: law, moving: law })
    }
    /// Draws the time of one picture.
    pub fn draw(self, family: Family, draws: &mut impl Draws) -> SimDuration {
        rounded_nanos(self.law(family).draw(draws))
    }
    /// The law of pictures of a family, in nanoseconds.
    pub const fn law(self, family: Family) -> LogNormal {
        match family {
            Family::Screen => self.screen,
            Family::Moving => self.moving,
        }
    }
}

/// What happens to a picture that comes while another is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenBusy {
    /// It is dropped.
    Drop,
    /// It waits, if fewer than this many wait already; at most [`Slot::MOST_WAITING`].
    Wait {
        /// Pictures that may wait.
        pictures: usize,
    },
}

/// When one piece of work begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Its turn comes.
    pub starts: SimTime,
    /// It is done.
    pub ready: SimTime,
}

/// One encoder or decoder: it works on one picture at a time, in the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    when_busy: WhenBusy,
    free_at: SimTime,
    /// Turns of those that wait, ascending.
    turns: VecDeque<SimTime>,
}

impl Slot {
    /// Pictures that can wait at most: as many as an untuned hardware codec has been seen to hold.
    pub const MOST_WAITING: usize = 16;

    /// An idle slot.
    pub const fn new(when_busy: WhenBusy) -> Self {
        // Nothing comes before the first instant.
        let free_at = SimTime::from_nanos(i64::MIN);
        Self { when_busy, free_at, turns: VecDeque::new() }
    }
    /// Whether a picture that comes now is worked on, at once or later.
    pub fn admits(&mut self, now: SimTime) -> bool {
        self.room_at(now) <= now
    }
    /// From when on a picture is worked on, at once or later, if none comes before.
    pub fn room_at(&mut self, now: SimTime) -> SimTime {
        while self.turns.front().is_some_and(|turn| *turn <= now) {
            self.turns.pop_front();
        }
        let room = match self.when_busy {
            WhenBusy::Drop => 0,
            WhenBusy::Wait { pictures } => pictures.min(Self::MOST_WAITING),
        };
        if self.free_at <= now || self.turns.len() < room {
            return now;
        }
        // Whoever waits longest makes room when its turn comes.
        let turn = self.turns.front().copied();
        turn.unwrap_or(self.free_at)
    }
    /// Takes a picture that needs this long; `None` if it is not admitted.
    pub fn take(&mut self, now: SimTime, length: SimDuration) -> Option<Work> {
        if !self.admits(now) {
            return None;
        }
        let starts = self.free_at.max(now);
        if starts > now {
            self.turns.push_back(starts);
        }
        self.free_at = starts + length;
        Some(Work { starts, ready: self.free_at })
    }
}

/// The decoder in the hand: times and one slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoder {
    times: WorkTimes,
    slot: Slot,
}

impl Decoder {
    /// An idle decoder.
    pub const fn new(times: WorkTimes, when_busy: WhenBusy) -> Self {
        Self { times, slot: Slot::new(when_busy) }
    }
    /// From when on it takes a frame, if none comes before.
    pub fn room_at(&mut self, now: SimTime) -> SimTime {
        self.slot.room_at(now)
    }
    /// Takes a complete frame; `None` if it is dropped, and with it all that need it until a key frame comes. Whoever
    /// asks [`Self::room_at`] and waits drops none.
    pub fn decode(&mut self, now: SimTime, family: Family, draws: &mut impl Draws) -> Option<Work> {
        // Drawn before it is known whether it is needed, so that a drop shifts no later time.
        let length = self.times.draw(family, draws);
        self.slot.take(now, length)
    }
}

#[cfg(test)]
mod tests;
