//! What a sweep leaves behind: a row for each case and seed.

mod journal;
mod seeds;

pub(crate) use journal::{Header, Journal, Rows};
pub(crate) use seeds::Seeds;

use koosim_engine::digest::Digest;
use koosim_model::time::SimTime;
use serde::{Deserialize, Serialize};

/// What became of one case with one seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// Which case of the file, from 0.
    pub(crate) case: usize,
    /// Which seed.
    pub(crate) seed: u64,
    /// `pass`, `fail` or `stopped`.
    pub(crate) verdict: String,
    /// Events in its log.
    pub(crate) events: u64,
    /// Its last instant.
    pub(crate) end: SimTime,
    /// Its digest; none if it stopped.
    pub(crate) digest: Option<Digest>,
    /// The first thing that was not as expected.
    pub(crate) why: Option<String>,
}
