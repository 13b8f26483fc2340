//! The scenario format: text with spans in, a plan and its expectations out.
//!
//! [`file::ScenarioFile`] reads a file with all its cases and says everything that is wrong with it;
//! [`expect::run`] carries a case out and judges it. Between them: [`syntax`] (bytes to a tree with the
//! place of everything), [`matrix`] (one file, many cases), [`read`] and [`grammar`] (the tree to
//! documents, each declared once for reader, diagnostics and schema) and [`lower`] (documents to a
//! plan). This crate knows no rule of the service and touches no file, clock or environment.
//!
//! ```
//! use koosim_scenarios::expect::run;
//! use koosim_scenarios::file::ScenarioFile;
//!
//! let text = "
//! scenario: a phone runs once it is provisioned
//! start: 2024-03-08 15:50:04
//! accounts:
//!   acme: { balance: 259.00 }
//! steps:
//!   - buy: { phone: p1, account: acme, size: pro-4c8g64g, term: 1 month }
//!   - after: provisioned
//!     expect: { phone: p1, is: running, expires: 2024-04-08 23:59:59 }
//! ";
//! let file = ScenarioFile::read("provisioning.yaml", text.as_bytes());
//! assert!(file.diagnostics().is_empty());
//! let scenario = file.case(0).ok_or("no case")?;
//! assert!(run(&scenario)?.passed());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

/// What is wrong with a file, and how it is shown.
pub mod diagnostic;
/// Expectations against what a run did.
pub mod expect;
/// A file with its cases.
pub mod file;
/// What a scenario may say.
pub mod grammar;
/// From documents to a plan and its expectations.
pub mod lower;
/// One file, many cases.
pub mod matrix;
/// From the tree of a file to typed documents.
pub mod read;
/// The JSON Schema of the format.
pub mod schema;
/// Places in a file.
pub mod span;
/// Bytes to a tree of values with places.
pub mod syntax;
/// Traces of capacity by name.
pub mod traces;
/// From a log back to a scenario file.
pub mod write;
