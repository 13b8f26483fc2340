//! The scenario format: text with spans in, a plan and its expectations out.
