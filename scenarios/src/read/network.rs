//! Rates, queues and traces of links, as the text that was written.

use super::schema::pattern;
use super::{FromText, Wrong};
use crate::diagnostic::{Code, quoted};
use koosim_engine::net::{Limit, Rate};
use koosim_model::time::SimDuration;
use serde_json::json;
use std::fmt;
use std::num::NonZeroU64;

/// Units of a rate, with the bits a second of each.
const RATE_UNITS: [(&str, u64); 4] =
    [("bit/s", 1), ("kbit/s", 1_000), ("Mbit/s", 1_000_000), ("Gbit/s", 1_000_000_000)];
/// The highest rate: a terabit a second.
const RATE_MAX: u64 = 1_000_000_000_000;
/// Most digits behind the point of a rate.
const RATE_DECIMALS_MAX: usize = 6;
/// The least and the highest rate of sound in bits a second: as the format has it, and what fits into a packet.
const SOUND_MIN: u64 = 6_000;
const SOUND_MAX: u64 = 400_000;
/// The longest queue in packets.
const QUEUE_PACKETS_MAX: u64 = 1 << 20;
/// The longest queue in bytes.
const QUEUE_BYTES_MAX: u64 = 1 << 32;
/// The longest queue in milliseconds.
const QUEUE_MS_MAX: u64 = 600_000;
/// The longest name of a trace.
const TRACE_NAME_MAX: usize = 128;

/// Bits in a second: `2 Mbit/s`, `1.5 Mbit/s`, `300 kbit/s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RateText(Rate);

impl RateText {
    /// The rate.
    pub fn get(self) -> Rate {
        self.0
    }
}

impl FromText for RateText {
    const WHAT: &'static str = "a rate";
    const PART: &'static str = "rate";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let wrong = || {
            let message = format!("{} is not a rate", quoted(text));
            let help = "write a number and a unit: `2 Mbit/s`, `1.5 Mbit/s`, `300 kbit/s`";
            Wrong::new(Code::BadNumber, message, help)
        };
        let (number, unit) = split(text);
        let (_, size) = RATE_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        if !digits(whole) || !digits(decimals) || decimals.len() > RATE_DECIMALS_MAX {
            return Err(wrong());
        }
        let micros = format!("{decimals:0<RATE_DECIMALS_MAX$}").parse::<u64>().ok();
        let bits = whole.parse::<u64>().ok().and_then(|whole| whole.checked_mul(*size));
        let bits = bits
            .zip(micros)
            .and_then(|(bits, micros)| bits.checked_add(micros.checked_mul(*size)? / 1_000_000));
        let bits = bits.filter(|bits| *bits <= RATE_MAX).and_then(NonZeroU64::new);
        bits.map(|bits| Self(Rate::new(bits))).ok_or_else(wrong)
    }
    fn part() -> serde_json::Value {
        pattern(
            "Bits in a second: `2 Mbit/s`, `300 kbit/s`.",
            "^[0-9]{1,13}(\\.[0-9]{1,6})? ?(bit|kbit|Mbit|Gbit)/s$",
        )
    }
}

/// Sound: `yes` at the rate of the rulebook, or at one of its own such as `32 kbit/s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SoundText {
    /// None.
    No,
    /// At the rate of the rulebook.
    Yes,
    /// At this rate.
    At(Rate),
}

impl FromText for SoundText {
    const WHAT: &'static str = "`yes`, `no` or a rate of sound";
    const PART: &'static str = "sound";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        match text {
            "yes" | "true" => return Ok(Self::Yes),
            "no" | "false" => return Ok(Self::No),
            _ => {}
        }
        let help = "write `yes`, `no`, or a number and a unit: `32 kbit/s`";
        let rate = RateText::from_text(text)
            .map_err(|wrong| Wrong::new(wrong.code, wrong.message, help))?;
        let bits = rate.get().bits_per_s();
        if !(SOUND_MIN..=SOUND_MAX).contains(&bits) {
            let message = format!("{} is not a rate of sound", quoted(text));
            let help = "write a rate from 6 to 400 kbit/s, at which 20 ms fit into one packet";
            return Err(Wrong::new(Code::BadNumber, message, help));
        }
        Ok(Self::At(rate.get()))
    }
    fn part() -> serde_json::Value {
        json!({
            "description": "Sound: `yes`, `no`, or its rate, from 6 to 400 kbit/s.",
            "anyOf": [
                { "enum": [true, false, "yes", "no"] },
                {
                    "type": "string",
                    "pattern": "^[0-9]{1,6}(\\.[0-9]{1,6})? ?(bit|kbit|Mbit)/s$|\\$",
                },
            ],
        })
    }
}

/// How much waits for a link at most: `300 ms`, `100 packets`, `64 kB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueText(Limit);

impl QueueText {
    /// The limit.
    pub fn get(self) -> Limit {
        self.0
    }
}

impl FromText for QueueText {
    const WHAT: &'static str = "the length of a queue";
    const PART: &'static str = "queue";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let wrong = || {
            let message = format!("{} is not the length of a queue", quoted(text));
            let help = "write a whole number and a unit: `300 ms`, `100 packets`, `64 kB`";
            Wrong::new(Code::BadNumber, message, help)
        };
        let (number, unit) = split(text);
        let number = digits(number).then(|| number.parse::<u64>().ok()).flatten();
        let number = number.ok_or_else(wrong)?;
        let bytes = |size: u64| {
            let all = number.checked_mul(size).filter(|all| *all <= QUEUE_BYTES_MAX);
            all.map(Limit::Bytes)
        };
        let limit = match unit {
            "packet" | "packets" => Some(number)
                .filter(|number| *number <= QUEUE_PACKETS_MAX)
                .and_then(|number| u32::try_from(number).ok().map(Limit::Packets)),
            "B" => bytes(1),
            "kB" => bytes(1_000),
            "MB" => bytes(1_000_000),
            "ms" => Some(number).filter(|number| *number <= QUEUE_MS_MAX).and_then(|number| {
                i64::try_from(number).ok().map(|ms| Limit::Delay(SimDuration::from_millis(ms)))
            }),
            _ => None,
        };
        limit.map(Self).ok_or_else(wrong)
    }
    fn part() -> serde_json::Value {
        pattern(
            "How much waits at most: `300 ms`, `100 packets`, `64 kB`.",
            "^[0-9]{1,10} ?(ms|packets?|B|kB|MB)$",
        )
    }
}

/// The name of a trace: `lte-ghent/report_bus_0001`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TraceName(String);

impl TraceName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TraceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromText for TraceName {
    const WHAT: &'static str = "the name of a trace";
    const PART: &'static str = "trace-name";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        let fits = (1..=TRACE_NAME_MAX).contains(&text.len()) && text.chars().all(allowed);
        let steps_out = text.split('/').any(|part| part.is_empty() || part.starts_with('.'));
        if fits && !steps_out {
            return Ok(Self(text.to_owned()));
        }
        let message = format!("{} is not the name of a trace", quoted(text));
        Err(Wrong::new(
            Code::BadName,
            message,
            "write folder and file: `lte-ghent/report_bus_0001`",
        ))
    }
    fn part() -> serde_json::Value {
        pattern(
            "The name of a trace: folder and file without its ending.",
            "^[A-Za-z0-9_-][A-Za-z0-9_./-]{0,127}$",
        )
    }
}

/// The number and the unit of a text.
fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start_matches(' '))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_exact() {
        let bits = |text| RateText::from_text(text).ok().map(|rate| rate.get().bits_per_s());
        assert_eq!(bits("2 Mbit/s"), Some(2_000_000));
        assert_eq!(bits("1.5Mbit/s"), Some(1_500_000));
        assert_eq!(bits("0.000001 Mbit/s"), Some(1));
        assert_eq!(bits("1000 Gbit/s"), Some(1_000_000_000_000));
        for text in [
            "",
            "2",
            "2 Mb/s",
            "0 bit/s",
            "-1 bit/s",
            "1e3 bit/s",
            "1001 Gbit/s",
            "1. bit/s",
            "0.1 bit/s",
        ] {
            assert_eq!(bits(text), None, "{text}");
        }
    }

    #[test]
    fn sound_has_the_rate_of_the_book_or_one_of_its_own() {
        let sound = |text| SoundText::from_text(text).ok();
        assert_eq!(sound("yes"), Some(SoundText::Yes));
        assert_eq!(sound("no"), Some(SoundText::No));
        assert_eq!(sound("32 kbit/s"), Some(SoundText::At(Rate::kilobits(32))));
        for text in ["loud", "32", "5.9 kbit/s", "401 kbit/s"] {
            assert_eq!(sound(text), None, "{text}");
        }
    }

    #[test]
    fn queues_are_counted_in_three_ways() {
        let limit = |text| QueueText::from_text(text).ok().map(QueueText::get);
        assert_eq!(limit("300 ms"), Some(Limit::Delay(SimDuration::from_millis(300))));
        assert_eq!(limit("1 packet"), Some(Limit::Packets(1)));
        assert_eq!(limit("64 kB"), Some(Limit::Bytes(64_000)));
        for text in ["300", "1.5 ms", "-1 ms", "2000000 packets", "5000 MB", "600001 ms", "3 GB"] {
            assert_eq!(limit(text), None, "{text}");
        }
    }

    #[test]
    fn names_of_traces_do_not_step_out_of_their_folder() {
        assert!(TraceName::from_text("lte-ghent/report_bus_0001").is_ok());
        for text in ["", "/etc", "../x", "a//b", "a/../b", "a b", "a/"] {
            assert!(TraceName::from_text(text).is_err(), "{text}");
        }
    }
}
