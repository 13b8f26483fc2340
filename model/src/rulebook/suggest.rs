//! The nearest valid name to a misspelt one.

use super::book::Rulebook;

/// Longest text that is compared: beyond it nobody meant a name of ours.
const COMPARED_BYTES_MAX: usize = 96;
/// Shortest text that is taken for the beginning of a name.
const PREFIX_BYTES_MIN: usize = 4;

/// The candidate with the fewest edits; among equals the first, so that the answer is stable.
pub(crate) fn nearest_of<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let pairs = candidates.into_iter().map(|name| (name, name));
    nearest_key(given, pairs).map(str::to_owned)
}

/// The answer whose key begins with the text or else has the fewest edits; among equals the first.
pub(super) fn nearest_key<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Option<&'a str> {
    if given.len() > COMPARED_BYTES_MAX {
        return None;
    }
    let given = given.to_lowercase();
    let distance = |key: &str| {
        let key = key.to_lowercase();
        let cut_short = given.len() >= PREFIX_BYTES_MIN && key.starts_with(&given);
        (!cut_short, strsim::damerau_levenshtein(&given, &key))
    };
    candidates.into_iter().min_by_key(|(key, _)| distance(key)).map(|(_, answer)| answer)
}

/// The nearest id or parameter of the standard book.
pub(super) fn in_standard_book(given: &str) -> Option<String> {
    Rulebook::standard().nearest(given).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, expect: Option<&str>) {
        assert_eq!(Rulebook::standard().nearest(given), expect, "{given}");
    }

    #[test]
    fn what_was_meant_is_found() {
        check("R6.1", Some("R6.1"));
        check("r6.1", Some("R6.1"));
        check("R6.1.atempt_time", Some("R6.1.attempt_time"));
        check("R2.5.deduction_lag", Some("R2.5.deduction_lag_latest"));
        check("payment_dedline", Some("R1.9.payment_deadline"));
        check("R1.8.payment_deadline", Some("R1.9.payment_deadline"));
        check("P1.2.provisioning_default", Some("P1.3.provisioning_default"));
    }

    #[test]
    fn nobody_meant_a_very_long_name() {
        check(&"R6.1".repeat(25), None);
    }
}
