//! Views of a finished run. No report computes a rule.

/// One rule explained: what it says, who says so, what can be set, what exercises it.
pub mod explain;
