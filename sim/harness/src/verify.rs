//! Runs a scenario twice and names the first difference.

use crate::error::RunError;
use crate::log::{RECORDS_PER_BLOCK, RunLog};
use koosim_engine::digest::Digest;
use std::fmt;

/// Two runs that should have been the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The place of the first record that differs, if it was kept, and the record in both runs; a
    /// run that had ended by then has none.
    pub record: Option<(u64, Option<String>, Option<String>)>,
    /// Otherwise, the places between which the first difference lies.
    pub between: (u64, u64),
    /// The digests of both runs.
    pub digests: (Digest, Digest),
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((place, first, second)) = &self.record else {
            let (from, to) = self.between;
            return write!(f, "two runs differ between records {from} and {to}: keep more records");
        };
        let words = |side: &Option<String>| side.clone().unwrap_or_else(|| "(ended)".to_owned());
        write!(f, "two runs differ at record {place}:")?;
        write!(f, "\n  first:  {}\n  second: {}", words(first), words(second))
    }
}

/// Why a scenario cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It did not run to its end.
    #[error(transparent)]
    Run(#[from] RunError),
    /// It ran differently the second time.
    #[error("{0}")]
    Diverged(Box<Divergence>),
}

/// Runs a scenario twice; the log if both runs were the same to the last byte.
pub fn verify(scenario: impl Fn() -> Result<RunLog, RunError>) -> Result<RunLog, VerifyError> {
    let (first, second) = (scenario()?, scenario()?);
    match compare(&first, &second) {
        None => Ok(first),
        Some(divergence) => Err(VerifyError::Diverged(Box::new(divergence))),
    }
}

/// The first difference of two logs, if there is one.
pub fn compare(first: &RunLog, second: &RunLog) -> Option<Divergence> {
    if first.digest() == second.digest() {
        return None;
    }
    let digests = (first.digest(), second.digest());
    let kept = first.kept().len().max(second.kept().len());
    let differs = |place: &usize| {
        let at = u64::try_from(*place).unwrap_or(u64::MAX);
        (first.kept().get(*place), first.note(at)) != (second.kept().get(*place), second.note(at))
    };
    let shorter = first.count().min(second.count());
    let place = (0..kept).find(differs).and_then(|place| u64::try_from(place).ok());
    // A record that one run did not keep for want of room is not a difference.
    if let Some(place) =
        place.filter(|&place| describable(first, place) && describable(second, place))
    {
        let record = Some((place, first.describe(place), second.describe(place)));
        return Some(Divergence { record, between: (place, place), digests });
    }
    let same = first.blocks().iter().zip(second.blocks()).take_while(|(a, b)| a == b).count();
    let from = u64::try_from(same).unwrap_or(0) * RECORDS_PER_BLOCK;
    let to = (from + RECORDS_PER_BLOCK).min(shorter.max(from));
    Some(Divergence { record: None, between: (from, to), digests })
}

/// Whether the log either kept that record or ended before it.
fn describable(log: &RunLog, place: u64) -> bool {
    let kept = u64::try_from(log.kept().len()).unwrap_or(u64::MAX);
    place < kept || kept == log.count()
}
