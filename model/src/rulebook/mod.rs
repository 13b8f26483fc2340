//! The rulebook: every rule as data, with its source, its parameters and what was decided.
//!
//! [`Rulebook::standard`] is the embedded book. [`Rulebook::resolve`] turns a [`BookRef`] and a
//! list of overrides into [`Settings`]: the values that the rules of one run read. Nothing here
//! *applies* a rule; the named functions of the other modules do, and carry its [`RuleId`].
//!
//! ```
//! use koosim_model::rulebook::{Family, RuleId, Rulebook};
//! use koosim_model::time::BillingDay;
//!
//! let book = Rulebook::standard();
//! let settings = book.resolve("cn@2025-07".parse()?, &[]).map_err(|mut e| e.remove(0))?;
//! let day = BillingDay::parse("2024-04-01").unwrap();
//! let attempt = settings.time_of_day(RuleId::new(Family::R, 6, 1), "attempt_time", day)?;
//! assert_eq!(attempt.to_string(), "03:00:00");
//! # Ok::<(), koosim_model::rulebook::BookError>(())
//! ```

mod book;
mod document;
mod edition;
mod error;
mod files;
mod id;
mod record;
mod settings;
mod suggest;
mod value;

pub use book::Rulebook;
pub use edition::{BookRef, Edition, Profile};
pub use error::BookError;
pub use id::{Family, RuleId};
pub use record::{Basis, Decision, Label, Parameter, Rule, Source, SourceKind, Variant};
pub use settings::Settings;
pub(crate) use suggest::nearest_of;
pub use value::{Kind, Table, TimeOfDay, Value};
