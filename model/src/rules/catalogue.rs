//! What is sold, and for how much (R3.1, R3.2).

use crate::money::{Amount, MoneyError};
use crate::name::SizeId;
use crate::term::Term;
use crate::time::SimTime;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// List prices of one size. What has no price is not sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// A month of subscription.
    pub month: Option<Amount>,
    /// A year of subscription, a product of its own (R3.1).
    pub year: Option<Amount>,
    /// An hour of use.
    pub hour: Option<Amount>,
}

/// The sizes on sale with their prices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    sizes: BTreeMap<SizeId, Prices>,
    /// Sizes of industry phones, which are sold by subscription only (R2.16).
    #[serde(default)]
    industry: BTreeSet<SizeId>,
    /// Those of the enterprise edition; the others are professional (P1.4).
    #[serde(default)]
    enterprise: BTreeSet<SizeId>,
    /// From when a size is not sold any more; who has it may keep it (R5.1, R6.7).
    #[serde(default)]
    withdrawn: BTreeMap<SizeId, SimTime>,
}

impl Catalogue {
    /// A catalogue of these sizes.
    pub fn new(sizes: BTreeMap<SizeId, Prices>) -> Self {
        Self { sizes, ..Self::default() }
    }
    /// The same catalogue in which these sizes are those of industry phones (R2.16).
    #[must_use]
    pub fn with_industry(self, industry: BTreeSet<SizeId>) -> Self {
        Self { industry, ..self }
    }
    /// Whether a size is one of industry phones (R2.16).
    pub fn is_industry(&self, size: &SizeId) -> bool {
        self.industry.contains(size)
    }
    /// The same catalogue, with these sizes of the enterprise edition (P1.4).
    #[must_use]
    pub fn with_enterprise(mut self, sizes: BTreeSet<SizeId>) -> Self {
        self.enterprise = sizes;
        self
    }
    /// Whether a size is of the enterprise edition (P1.4).
    pub fn is_enterprise(&self, size: &SizeId) -> bool {
        self.enterprise.contains(size)
    }
    /// The same catalogue, from which these sizes are withdrawn at these instants.
    #[must_use]
    pub fn with_withdrawn(mut self, withdrawn: BTreeMap<SizeId, SimTime>) -> Self {
        self.withdrawn = withdrawn;
        self
    }
    /// From when a size is withdrawn, if it ever is (R5.1).
    pub fn withdrawn_at(&self, size: &SizeId) -> Option<SimTime> {
        self.withdrawn.get(size).copied()
    }
    /// Whether a size is withdrawn by `now` (R5.1).
    pub fn is_withdrawn(&self, size: &SizeId, now: SimTime) -> bool {
        self.withdrawn.get(size).is_some_and(|from| *from <= now)
    }
    /// The sizes on sale.
    pub fn sizes(&self) -> impl Iterator<Item = (&SizeId, &Prices)> {
        self.sizes.iter()
    }
    /// The list price of one phone for one term: unit price times periods (R3.1). `None` if not sold.
    pub fn subscription(&self, size: &SizeId, term: Term) -> Result<Option<Amount>, MoneyError> {
        let prices = self.sizes.get(size);
        let (unit, periods) = match term {
            Term::Months(n) => (prices.and_then(|p| p.month), n),
            Term::Years(n) => (prices.and_then(|p| p.year), n),
        };
        unit.map(|unit| unit.copies(periods)).transpose()
    }
    /// The list price of an hour of use. `None` if not sold.
    pub fn hour(&self, size: &SizeId) -> Option<Amount> {
        self.sizes.get(size).and_then(|prices| prices.hour)
    }
}
