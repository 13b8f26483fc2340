//! Traces of rates: in each line a second, and the rate in Mbit/s that holds from then on.

use super::error::{TraceError, What, decimal, lines};
use crate::net::{Afterwards, Step, Steps};
use koosim_model::time::{NS_PER_S, SimDuration, SimTime};

/// Reads `seconds Mbps` lines. The trace begins with the first line's second; each rate holds up to
/// the second of the next line, and the last one as long as the one before it, or for a second if it
/// is alone. Of two lines of one instant the later one counts. Fractions are read to the nanosecond
/// and to the bit a second.
///
/// # Errors
/// A line that is not two numbers, a time that does not go on, or a trace that is no capacity.
pub fn rates(text: &str, afterwards: Afterwards) -> Result<Steps, TraceError> {
    let mut read: Vec<(i64, u64)> = Vec::new();
    let mut last = 1;
    for (number, line) in lines(text)? {
        let (ns, bits_per_s) = rate(line).map_err(|what| TraceError::at(number, what))?;
        if read.last().is_some_and(|(before_ns, _)| ns < *before_ns) {
            return Err(TraceError::at(number, What::Order));
        }
        // Real traces write a second twice here and there.
        read.pop_if(|(before_ns, _)| *before_ns == ns);
        read.push((ns, bits_per_s));
        last = number;
    }
    let mut lasts_ns = NS_PER_S;
    let mut steps = Vec::with_capacity(read.len());
    for (place, (ns, bits_per_s)) in read.iter().enumerate() {
        lasts_ns = read.get(place + 1).map_or(lasts_ns, |(next_ns, _)| next_ns - ns);
        steps.push(Step { lasts: SimDuration::from_nanos(lasts_ns), bits_per_s: *bits_per_s });
    }
    Steps::new(&steps, SimTime::EPOCH, afterwards)
        .map_err(|error| TraceError::at(last, What::Steps(error)))
}

/// The two numbers of a line, in nanoseconds and in bits a second.
fn rate(line: &str) -> Result<(i64, u64), What> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [seconds, mbit] = *words else {
        return Err(What::Fields { found: words.len(), wanted: 2 });
    };
    let no_number = |word: &str, wanted| What::Number { word: word.to_owned(), wanted };
    let ns = decimal(seconds, 9).and_then(|ns| i64::try_from(ns).ok());
    let ns = ns.ok_or_else(|| no_number(seconds, "a number of seconds"))?;
    let bits_per_s = decimal(mbit, 6).ok_or_else(|| no_number(mbit, "a rate in Mbit/s"))?;
    Ok((ns, bits_per_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_to_the_bit() {
        let steps = rates("1.0 7\n1.0 91.0\n2.5 0.0000015\n", Afterwards::Hold).unwrap();
        let by_hand = [(1_500, 91_000_000), (1_500, 1)]
            .map(|(ms, bits_per_s)| Step { lasts: SimDuration::from_millis(ms), bits_per_s });
        assert_eq!(steps, Steps::new(&by_hand, SimTime::EPOCH, Afterwards::Hold).unwrap());
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        let say = |text: &str| rates(text, Afterwards::Repeat).unwrap_err().to_string();
        assert_eq!(say("1 2 3"), "line 1: 3 fields, and there should be 2");
        assert_eq!(say("1 2\nx 2"), "line 2: `x` is not a number of seconds");
        assert_eq!(say("1 -2"), "line 1: `-2` is not a rate in Mbit/s");
        assert_eq!(say("2 2\n1 2"), "line 2: the time goes back");
        assert_eq!(say(""), "line 1: a capacity has at least one step");
        let still = "steps that repeat need one with a rate above nothing";
        assert_eq!(say("1 0\n2 0.0"), format!("line 2: {still}"));
    }
}
