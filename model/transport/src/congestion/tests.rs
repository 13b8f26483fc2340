use super::{Fixed, gcc, nada, scream};
use crate::BitRate;
use crate::congestion::Controller;
use koosim_time::SimTime;

const RULES: &str = include_str!("../../../rulebook/t3-congestion.toml");

/// The one value of a parameter as it is written in the rulebook, without quotes.
fn parameter(name: &str) -> &'static str {
    let (_, rest) = RULES.split_once(&format!("name = \"{name}\"")).unwrap();
    let (_, rest) = rest.split_once("value = ").unwrap();
    rest.split_once(" }").unwrap().0.trim_matches('"')
}

#[test]
fn constants_are_those_of_the_rulebook() {
    for (name, value) in gcc::CONSTANTS.iter().chain(&nada::CONSTANTS).chain(&scream::CONSTANTS) {
        let written = parameter(name);
        let number: f64 = written.trim_end_matches(" ms").parse().unwrap();
        assert_eq!(number, *value, "{name}");
    }
}

#[test]
fn fixed_rate_stays() {
    let mut fixed = Fixed::new(BitRate::from_kbps(500));
    fixed.on_loss(SimTime::EPOCH, super::Loss { lost: 9, of: 10 });
    assert_eq!(fixed.target_rate(), BitRate::from_kbps(500));
    assert_eq!(fixed.pacing_rate(), BitRate::from_kbps(1000));
    assert_eq!(fixed.next_due(), None);
}
