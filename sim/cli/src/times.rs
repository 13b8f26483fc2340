//! Instants and lengths of time on the command line: written as in scenarios.

use koosim_model::time::{SimDuration, SimTime};
use koosim_scenarios::read::{FromText, Instant, Length, Wrong};

/// Reads an instant at UTC+8, or one that states its offset.
pub(crate) fn instant(text: &str) -> Result<SimTime, String> {
    Instant::from_text(text).map(Instant::get).map_err(said)
}

/// Reads a length of time.
pub(crate) fn length(text: &str) -> Result<SimDuration, String> {
    Length::from_text(text).map(Length::get).map_err(said)
}

fn said(wrong: Wrong) -> String {
    wrong.help
}
