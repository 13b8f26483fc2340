//! Ranges of seeds.

use std::fmt;
use std::str::FromStr;

/// Most seeds of one sweep.
const SEEDS_MAX: u64 = 10_000_000;

/// Seeds from one up to and without another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seeds {
    from: u64,
    to: u64,
}

impl Seeds {
    /// All of them, in order.
    pub(crate) fn iter(self) -> std::ops::Range<u64> {
        self.from..self.to
    }
    /// Whether a seed is one of them.
    pub(crate) fn contains(self, seed: u64) -> bool {
        self.iter().contains(&seed)
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

impl FromStr for Seeds {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bounds = text.split_once("..").and_then(|(from, to)| {
            let (to, more) = to.strip_prefix('=').map_or((to, 0), |last| (last, 1));
            Some(Self { from: from.parse().ok()?, to: to.parse::<u64>().ok()?.checked_add(more)? })
        });
        let Some(seeds) = bounds else {
            return Err("write a range such as `0..1000` or `0..=999`".to_owned());
        };
        match seeds.to.checked_sub(seeds.from) {
            None | Some(0) => Err("the range holds no seed".to_owned()),
            Some(count) if count > SEEDS_MAX => Err(format!("more than {SEEDS_MAX} seeds")),
            Some(_) => Ok(seeds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let said = text.parse::<Seeds>().map_or_else(|error| error, |seeds| seeds.to_string());
        assert_eq!(said, expect, "{text}");
    }

    #[test]
    fn ranges_are_half_open_unless_they_say_otherwise() {
        check("0..10", "0..10");
        check("3..=3", "3..4");
        check("5..5", "the range holds no seed");
        check("6..5", "the range holds no seed");
        check("0..10000001", "more than 10000000 seeds");
        for text in ["", "7", "a..b", "-1..3", "0..=18446744073709551615"] {
            check(text, "write a range such as `0..1000` or `0..=999`");
        }
    }
}
