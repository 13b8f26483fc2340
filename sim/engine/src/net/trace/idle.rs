//! Round trips after an idle gap: what a radio takes to wake up.

use super::error::{TraceError, What, decimal, lines};
use crate::net::Promotion;
use koosim_model::time::SimDuration;

const HEADER: &str = "enabled_radio_type,carrier,interval,RTT1,RTT2,active_radio_type,KeepOrDrop";
const FIELDS: usize = 7;
/// How its authors mark a measurement that counts.
const KEPT: &str = "YEP";
/// The middle round trip of a radio asleep is at least so many times that of one awake.
const RISE: u64 = 3;

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reply {
    /// How long nothing was sent before it.
    pub gap: SimDuration,
    /// How long the answer then took.
    pub round_trip: SimDuration,
}

/// Measurements, by the length of the gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    // INVARIANT: ascending, not empty.
    replies: Vec<Reply>,
}

impl Idle {
    /// Reads the comma-separated measurements of the 5G study of SIGCOMM 2021; those that its
    /// authors dropped are left out.
    ///
    /// # Errors
    /// Another header, a line of other fields, a number that is none, or nothing that counts.
    pub fn read(text: &str) -> Result<Self, TraceError> {
        let mut lines = lines(text)?;
        let (_, header) = lines.next().ok_or(TraceError::at(1, What::Empty))?;
        if header != HEADER {
            let (word, wanted) = (header.to_owned(), "the header of such measurements");
            return Err(TraceError::at(1, What::Number { word, wanted }));
        }
        let mut replies = Vec::new();
        for (number, line) in lines {
            replies.extend(reply(line).map_err(|what| TraceError::at(number, what))?);
        }
        if replies.is_empty() {
            return Err(TraceError::at(1, What::Empty));
        }
        replies.sort_unstable();
        Ok(Self { replies })
    }
    /// The measurements, the shortest gap first.
    pub fn replies(&self) -> &[Reply] {
        &self.replies
    }
    /// The sleep that fits them best: after the gap at which round trips rise most, a packet waits
    /// for what they take longer than the middle one of shorter gaps, from the twentieth part of
    /// them to all but the twentieth. `None` if they do not rise to three times as much.
    pub fn promotion(&self) -> Option<Promotion> {
        let split = self.rise()?;
        let (awake, asleep) = self.replies.split_at_checked(split)?;
        let base_ns = quantile(awake, 50)?;
        let more_ns = |percent| Some((quantile(asleep, percent)? - base_ns).max(0));
        Some(Promotion {
            idle: awake.last()?.gap,
            least: SimDuration::from_nanos(more_ns(5)?),
            most: SimDuration::from_nanos(more_ns(95)?),
        })
    }
    /// The place of the first measurement that found the radio asleep: where the rise of the middle
    /// round trip, times how many measurements stand for either side, is greatest.
    fn rise(&self) -> Option<usize> {
        let places = (1..self.replies.len()).filter(|place| {
            let pair = self.replies.get(place - 1..).and_then(<[Reply]>::first_chunk::<2>);
            pair.is_some_and(|[before, after]| before.gap < after.gap)
        });
        let rise = |place: usize| {
            let (before, after) = self.replies.split_at_checked(place)?;
            let weight = i128::try_from(before.len() * after.len()).ok()?;
            Some(i128::from(quantile(after, 50)? - quantile(before, 50)?) * weight)
        };
        let place = places.max_by_key(|place| (rise(*place), usize::MAX - place))?;
        let (before, after) = self.replies.split_at_checked(place)?;
        let (low, high) = (quantile(before, 50)?, quantile(after, 50)?);
        (high.unsigned_abs() >= low.unsigned_abs().saturating_mul(RISE)).then_some(place)
    }
}

/// So many hundredths of the round trips are not longer than this one.
fn quantile(replies: &[Reply], percent: usize) -> Option<i64> {
    let mut all: Vec<i64> = replies.iter().map(|reply| reply.round_trip.as_nanos()).collect();
    all.sort_unstable();
    all.get((all.len().max(1) - 1) * percent / 100).copied()
}

fn reply(line: &str) -> Result<Option<Reply>, What> {
    let fields: Vec<&str> = line.split(',').collect();
    let [_, _, gap, round_trip, _, _, kept] = *fields else {
        return Err(What::Fields { found: fields.len(), wanted: FIELDS });
    };
    if kept != KEPT {
        return Ok(None);
    }
    let length = |word: &str, places, wanted| {
        let ns = decimal(word, places).and_then(|ns| i64::try_from(ns).ok());
        ns.map(SimDuration::from_nanos)
            .ok_or_else(|| What::Number { word: word.to_owned(), wanted })
    };
    let gap = length(gap, 9, "a number of seconds")?;
    let round_trip = length(round_trip, 6, "a number of milliseconds")?;
    Ok(Some(Reply { gap, round_trip }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: &[(&str, &str)]) -> String {
        let rows = rows.iter().map(|(gap, ms)| format!("4G,X,{gap},{ms},1,4,YEP\n"));
        std::iter::once(format!("{HEADER}\n")).chain(rows).collect()
    }

    #[test]
    fn a_sleep_is_where_round_trips_rise() {
        let rows =
            [("0", "50"), ("1", "60"), ("2", "55"), ("2.5", "400"), ("2.7", "500"), ("3", "800")];
        let idle = Idle::read(&(text(&rows) + "4G,X,9,9999,1,4,BAD\n")).unwrap();
        assert_eq!(idle.replies().len(), 6);
        let ms = SimDuration::from_millis;
        let promotion = Promotion { idle: ms(2_000), least: ms(345), most: ms(445) };
        assert_eq!(idle.promotion(), Some(promotion));
        assert_eq!(Idle::read(&text(&rows[..3])).unwrap().promotion(), None);
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        let say = |text: &str| Idle::read(text).unwrap_err().to_string();
        assert_eq!(say(""), "line 1: the trace is empty");
        assert_eq!(say("a,b"), "line 1: `a,b` is not the header of such measurements");
        assert_eq!(say(&text(&[])), "line 1: the trace is empty");
        assert_eq!(say(&text(&[("x", "1")])), "line 2: `x` is not a number of seconds");
        assert_eq!(say(&format!("{HEADER}\n1,2")), "line 2: 2 fields, and there should be 7");
    }
}
