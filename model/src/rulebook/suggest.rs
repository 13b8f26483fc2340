//! The nearest valid name to a misspelt one.

use super::book::Rulebook;

/// Longest text that is compared: beyond it nobody meant a name of ours.
const COMPARED_BYTES_MAX: usize = 96;

/// The candidate with the fewest edits; among equals the first, so that the answer is stable.
pub(super) fn nearest_of<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let pairs = candidates.into_iter().map(|name| (name, name));
    nearest_key(given, pairs).map(str::to_owned)
}

/// The answer whose key has the fewest edits; among equals the first.
pub(super) fn nearest_key<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Option<&'a str> {
    if given.len() > COMPARED_BYTES_MAX {
        return None;
    }
    let given = given.to_lowercase();
    let edits = |key: &str| strsim::damerau_levenshtein(&given, &key.to_lowercase());
    candidates.into_iter().min_by_key(|(key, _)| edits(key)).map(|(_, answer)| answer)
}

/// The nearest id or parameter of the standard book.
pub(super) fn in_standard_book(given: &str) -> Option<String> {
    Rulebook::standard().nearest(given).map(str::to_owned)
}
