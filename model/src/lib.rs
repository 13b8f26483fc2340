//! The rules of the service as pure values: state, command and instant in; events out.
//!
//! [`rules::decide`] is a pure question about one account; [`apply::apply`] is the only change. Between
//! them stands the log: the state of any instant is the fold of the events up to it. This crate has no
//! clock, no randomness, no files, no environment and no threads, and depends on no sibling.

#![deny(clippy::float_arithmetic)]

/// Who may do what: signatures of requests, policies, and what they permit.
pub mod access;
/// The fold of events into state.
pub mod apply;
/// Bills, and cost by day, as views of the log.
pub mod bill;
/// Requests to the service.
pub mod command;
/// Decisions, refusals, timers and faults.
pub mod decision;
/// What can happen.
pub mod event;
/// The books of an account.
pub mod ledger;
/// The tables of the lifecycle machines.
pub mod lifecycle;
/// Amounts, currencies and rounding.
pub mod money;
/// Names and ids.
pub mod name;
/// What customers are told.
pub mod notice;
/// The rules as data: sources, parameters, profiles and editions.
pub mod rulebook;
/// The rules as functions.
pub mod rules;
/// The state of an account.
pub mod state;
/// A phone in the words of interfaces and console.
pub mod status;
/// Telephone numbers.
pub mod tel;
/// Terms, anchors and expiry.
pub mod term;
/// Instants, lengths, wall time and billing days.
pub use koosim_time as time;
/// What an outsider sees of an account.
pub mod view;
