//! What a run is given: a scenario lowered to instants, commands and resolved rules, without its
//! words. The plan's digest covers all of it, and not the bytes of the file it came from.

use crate::digest::{Digest, PackError};
use crate::path::order::PathOrder;
use koosim_model::command::Command;
use koosim_model::name::{AccountId, PhoneId};
use koosim_model::rulebook::{BookError, BookRef, RuleId, Rulebook};
use koosim_model::rules::{Catalogue, Rules};
use koosim_model::time::{SimDuration, SimTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How instants are chosen where a rule leaves them open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawMode {
    /// The rule's default.
    #[default]
    Default,
    /// A draw from the allowed window, logged.
    Random,
}

/// What a step waits for: the first matching event since the previous step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// The kind of event, as the log names it.
    pub kind: String,
    /// In which account; any if `None`.
    pub account: Option<AccountId>,
    /// Of which phone; any if `None`.
    pub phone: Option<PhoneId>,
    /// How long at most.
    pub within: SimDuration,
}

/// When a step takes place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// At an instant, not before the previous step's.
    At(SimTime),
    /// So long after the previous step.
    After(SimDuration),
    /// At the instant of an event.
    On(Awaited),
}

/// One step: its commands are submitted together, in order; what happens to the network comes after them
/// and after the timers of the instant. A step without either is a point at which expectations look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// When.
    pub when: When,
    /// What is asked then.
    pub commands: Vec<Command>,
    /// What happens to the network then.
    pub network: Vec<PathOrder>,
}

/// The values of the rulebook and the catalogue that a run is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// Profile and edition.
    pub reference: BookRef,
    /// Parameters set by name, such as `R2.5.deduction_lag_default` to `30 min`; sorted by name.
    pub overrides: Vec<(String, String)>,
    /// What is sold.
    pub catalogue: Catalogue,
}

impl Book {
    /// The rules in force, or everything that is wrong with the overrides.
    pub fn rules(&self) -> Result<Rules, Vec<BookError>> {
        let settings = Rulebook::standard().resolve(self.reference, &self.overrides)?;
        let rules = Rules::new(settings, self.catalogue.clone()).map_err(|error| vec![error])?;
        let vain = rules.overrides_in_vain(&self.overrides);
        if vain.is_empty() { Ok(rules) } else { Err(vain) }
    }
}

/// A scenario without its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The first instant.
    pub start: SimTime,
    /// The seed of all draws.
    pub seed: u64,
    /// How open instants are chosen.
    pub draws: DrawMode,
    /// Rulebook and catalogue.
    pub book: Book,
    /// Steps in their order; the run ends with the last one's instant.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Whether anything happens on a network.
    pub fn has_network(&self) -> bool {
        self.steps.iter().any(|step| !step.network.is_empty())
    }
    /// The rules by which what it says of networks is carried out.
    pub fn network_rules(&self) -> BTreeSet<RuleId> {
        self.steps.iter().flat_map(|step| &step.network).flat_map(PathOrder::rules).collect()
    }
    /// The digest of everything in the plan but the seed, which a sweep varies.
    pub fn digest(&self) -> Result<Digest, PackError> {
        let unseeded = Self { seed: 0, ..self.clone() };
        crate::digest::digest_of(&unseeded)
    }
}
