//! Views of a finished run. No report computes a rule.

/// Bills, and cost by day.
pub mod bill;
/// What was measured of pictures, in bins.
pub mod bins;
/// One line a record, for snapshots.
pub mod compact;
/// Which rules were exercised, and by what.
pub mod coverage;
/// One rule explained: what it says, who says so, what can be set, what exercises it.
pub mod explain;
mod flat;
/// What became of a run, for programs.
pub mod machine;
/// What became of a run, for people.
pub mod run;
/// The story of a run, record by record.
mod sights;
/// The state of the world at one instant.
pub mod state;
pub mod story;
/// The styles of the terminal views.
pub mod style;
/// What commands and events say, in words.
pub mod words;
