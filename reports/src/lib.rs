//! Views of a finished run. No report computes a rule.
