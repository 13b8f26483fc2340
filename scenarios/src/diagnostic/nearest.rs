//! The nearest valid name to a mistyped one.

use super::quoted;

/// Longer words are not compared: the time it takes grows with the square.
const MAX_COMPARED_CHARS: usize = 40;
/// How many candidates of about the right length are compared.
const MAX_CANDIDATES: usize = 300;
/// How many names a help line lists before it stops.
const MAX_LISTED: usize = 16;

/// The candidate nearest to `word`, if it is near enough to have been meant: a third of the
/// letters may differ. Case and the choice between `-`, `_` and space do not count. Among equals
/// the first candidate wins, so the order of candidates decides, not chance.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let count = word.chars().count();
    if count > MAX_COMPARED_CHARS {
        return None;
    }
    let word = folded(word);
    let bound = count / 3;
    let mut best: Option<(usize, &str)> = None;
    let near = |c: &&str| c.chars().count().abs_diff(count) <= bound;
    for candidate in candidates.into_iter().filter(near).take(MAX_CANDIDATES) {
        let distance = strsim::osa_distance(&word, &folded(candidate));
        if distance <= bound && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn folded(word: &str) -> String {
    word.chars()
        .map(|c| if matches!(c, '-' | ' ') { '_' } else { c.to_ascii_lowercase() })
        .collect()
}

/// `` `a`, `b` and `c` ``, cut after some.
pub fn list_names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.into_iter().map(quoted).collect();
    let shown = all.get(..MAX_LISTED).unwrap_or(&all);
    match shown.split_last() {
        None => String::from("nothing"),
        Some((last, [])) => last.clone(),
        Some(_) if shown.len() < all.len() => {
            format!("{} and {} more", shown.join(", "), all.len() - shown.len())
        }
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expect: Option<&str>) {
        let names = ["account", "auto_renew", "buy", "cancel_order", "pay", "phone", "phones"];
        assert_eq!(nearest(word, names), expect, "{word}");
    }

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        check("acount", Some("account"));
        check("auto-renew", Some("auto_renew"));
        check("Buy", Some("buy"));
        check("by", None);
        check("pya", Some("pay"));
        check("phoness", Some("phones"));
        check("subscribe", None);
        check("", None);
        check(&"a".repeat(10_000), None);
    }

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(list_names([]), "nothing");
        assert_eq!(list_names(["a"]), "`a`");
        assert_eq!(list_names(["a", "b"]), "`a` and `b`");
        let many: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        assert!(list_names(many.iter().map(String::as_str)).ends_with("`15` and 4 more"));
    }
}
