//! Traces of mahimahi: in each line the millisecond of one chance to send 1500 bytes.

use super::error::{TraceError, What, lines};
use crate::net::Opportunities;
use koosim_model::time::{SimDuration, SimTime};

/// Reads a trace that begins at the epoch and repeats at its last line.
///
/// # Errors
/// A line that is no whole number of milliseconds, or one that goes back; a trace that could not
/// repeat.
pub fn mahimahi(text: &str) -> Result<Opportunities, TraceError> {
    let mut offsets = Vec::new();
    let mut last = 1;
    for (number, line) in lines(text)? {
        let ms: Option<i64> =
            line.parse().ok().filter(|ms| (0..=i64::MAX / 1_000_000).contains(ms));
        let wanted = "a whole number of milliseconds";
        let what = || What::Number { word: line.to_owned(), wanted };
        let offset = SimDuration::from_millis(ms.ok_or_else(|| TraceError::at(number, what()))?);
        if offsets.last().is_some_and(|before| offset < *before) {
            return Err(TraceError::at(number, What::Order));
        }
        offsets.push(offset);
        last = number;
    }
    Opportunities::new(&offsets, SimTime::EPOCH)
        .map_err(|error| TraceError::at(last, What::Opportunities(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_read() {
        let trace = mahimahi("0\n\n1\n1\n 5\n").unwrap();
        assert_eq!((trace.count(), trace.length()), (4, SimDuration::from_millis(5)));
        assert_eq!(trace.mean_bits_per_s(), 4 * 12_000 * 200);
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        let say = |text: &str| mahimahi(text).unwrap_err().to_string();
        assert_eq!(say("1\nx\n"), "line 2: `x` is not a whole number of milliseconds");
        assert_eq!(say("1\n-2"), "line 2: `-2` is not a whole number of milliseconds");
        assert_eq!(say("\n3\n2"), "line 3: the time goes back");
        assert_eq!(say(""), "line 1: a trace has at least one opportunity");
        let zero = "the last opportunity is at the beginning of the trace, which could not repeat";
        assert_eq!(say("0\n0"), format!("line 2: {zero}"));
        assert_eq!(say(&"1\n".repeat(super::super::TRACE_BYTES_MAX / 2 + 1)), {
            "line 1: a trace has at most 67108864 bytes"
        });
    }
}
