//! When something may happen.

use crate::time::SimTime;
use serde::{Deserialize, Serialize};

/// The instants at which something may happen, and the one it takes unless told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First allowed instant.
    pub earliest: SimTime,
    /// The instant of a plain run.
    pub default: SimTime,
    /// Last allowed instant.
    pub latest: SimTime,
}

impl Window {
    /// Exactly one instant.
    pub const fn exactly(at: SimTime) -> Self {
        Self { earliest: at, default: at, latest: at }
    }
    /// Whether only one instant is allowed.
    pub fn is_exact(&self) -> bool {
        self.earliest == self.latest
    }
    /// Whether `at` is allowed.
    pub fn allows(&self, at: SimTime) -> bool {
        self.earliest <= at && at <= self.latest
    }
    /// The same window without the part before `now`.
    pub fn from_now(self, now: SimTime) -> Self {
        let clip = |at: SimTime| at.max(now);
        Self {
            earliest: clip(self.earliest),
            default: clip(self.default),
            latest: clip(self.latest),
        }
    }
}
