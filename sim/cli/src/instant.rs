//! Instants on the command line.

use koosim_model::time::{SimTime, WallTime};

/// Reads an instant at UTC+8, or one that states its offset.
pub(crate) fn parse(text: &str) -> Result<SimTime, String> {
    let wall = WallTime::parse(text).map(WallTime::instant);
    wall.or_else(|| SimTime::parse_iso(text)).ok_or_else(|| {
        "write `2024-04-03 12:00:00` for UTC+8, or an instant with its offset such as \
         `2024-04-03T04:00:00Z`"
            .to_owned()
    })
}
