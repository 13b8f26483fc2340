//! Texts with wildcards. Matching goes once through the text and steps back only to the last star,
//! so that it takes at most the product of both lengths, and is linear for a star at either end.

use std::str::Chars;

/// Which characters of a pattern stand for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wild {
    /// `*` for any number of characters (A2.6, A2.7).
    Star,
    /// `*`, and `?` for exactly one (A3.7).
    StarAndQuestion,
    /// None: the text itself.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    One,
    Many,
}

/// Whether case makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Kept,
    /// What is matched must be folded as well.
    Folded,
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    // INVARIANT: no two stars stand beside each other.
    tokens: Vec<Token>,
}

/// The text without regard to case, character by character so that parts fold like the whole.
pub(super) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

impl Pattern {
    pub(super) fn new(text: &str, wild: Wild, case: Case) -> Self {
        let folded_text;
        let text = match case {
            Case::Kept => text,
            Case::Folded => {
                folded_text = folded(text);
                &folded_text
            }
        };
        let mut tokens = Vec::with_capacity(text.len());
        for c in text.chars() {
            match (c, wild) {
                ('*', Wild::Star | Wild::StarAndQuestion) => {
                    if tokens.last() != Some(&Token::Many) {
                        tokens.push(Token::Many);
                    }
                }
                ('?', Wild::StarAndQuestion) => tokens.push(Token::One),
                (c, _) => tokens.push(Token::Char(c)),
            }
        }
        Self { tokens }
    }
    /// What begins with a text, whose stars are plain characters.
    pub(super) fn beginning(text: &str, case: Case) -> Self {
        let mut pattern = Self::new(text, Wild::Nothing, case);
        pattern.tokens.push(Token::Many);
        pattern
    }
    /// What ends with a text, whose stars are plain characters.
    pub(super) fn ending(text: &str, case: Case) -> Self {
        let mut pattern = Self::new(text, Wild::Nothing, case);
        pattern.tokens.insert(0, Token::Many);
        pattern
    }
    /// Whether it is stars alone, which match everything.
    pub(super) fn is_star(&self) -> bool {
        self.tokens == [Token::Many]
    }
    pub(super) fn matches(&self, text: &str) -> bool {
        self.matches_counting(text).0
    }
    /// Whether the text matches, and how many comparisons that took.
    pub(super) fn matches_counting(&self, text: &str) -> (bool, u64) {
        let mut steps = 0;
        let (mut wanted, mut given) = (self.tokens.iter(), text.chars());
        let mut last_star: Option<(std::slice::Iter<'_, Token>, Chars<'_>)> = None;
        loop {
            steps += 1;
            let (mut wanted_after, mut given_after) = (wanted.clone(), given.clone());
            let fits = match (wanted_after.next(), given_after.next()) {
                (Some(Token::Many), _) => {
                    if wanted_after.as_slice().is_empty() {
                        return (true, steps);
                    }
                    last_star = Some((wanted_after.clone(), given.clone()));
                    given_after = given;
                    true
                }
                (Some(Token::One), Some(_)) => true,
                (Some(Token::Char(wanted)), Some(given)) => *wanted == given,
                (None, None) => return (true, steps),
                _ => false,
            };
            if fits {
                (wanted, given) = (wanted_after, given_after);
                continue;
            }
            // The last star takes one character more; earlier ones never need to.
            let Some((after_star, from)) = &mut last_star else { return (false, steps) };
            if from.next().is_none() {
                return (false, steps);
            }
            (wanted, given) = (after_star.clone(), from.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(pattern: &str, text: &str, expect: bool) {
        let found = Pattern::new(pattern, Wild::StarAndQuestion, Case::Kept).matches(text);
        assert_eq!(found, expect, "{pattern} on {text}");
    }

    /// The definition: a star takes nothing, or one character and goes on.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                by_definition(rest, text)
                    || matches!(text, [_, tail @ ..] if by_definition(pattern, tail))
            }
            (['?', rest @ ..], [_, tail @ ..]) => by_definition(rest, tail),
            ([p, rest @ ..], [t, tail @ ..]) => p == t && by_definition(rest, tail),
            _ => false,
        }
    }

    #[test]
    fn stars_and_question_marks_stand_for_characters() {
        check("", "", true);
        check("*", "", true);
        check("?", "", false);
        check("a*c", "abbc", true);
        check("a*c", "abbcd", false);
        check("TestBucket*", "TestBucket9", true);
        check("*本?", "日本語", true);
        assert!(!Pattern::new("a?c", Wild::Star, Case::Kept).matches("abc"));
        assert!(Pattern::new("GET*", Wild::Star, Case::Folded).matches("getuser"));
    }

    /// Steps are counted, not timed: ten kilobytes against the worst of patterns.
    #[test]
    fn matching_takes_at_most_the_product() {
        for (pattern, per_char) in [("*a*a*a*a*b", 3), ("*aaaaaaaab", 10), ("a*", 1), ("*b", 3)] {
            let text = "a".repeat(10_000);
            let compiled = Pattern::new(pattern, Wild::Star, Case::Kept);
            let (_, steps) = compiled.matches_counting(&text);
            assert!(steps <= per_char * 10_000 + 20, "{pattern}: {steps}");
        }
    }

    proptest! {
        #[test]
        fn matching_is_as_defined(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let compiled = Pattern::new(&pattern, Wild::StarAndQuestion, Case::Kept);
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let (found, steps) = compiled.matches_counting(&text);
            prop_assert_eq!(found, by_definition(&chars(&pattern), &chars(&text)));
            let product = (pattern.len() + 2) * (text.len() + 2);
            prop_assert!(steps <= u64::try_from(product).unwrap());
        }
    }
}
