//! Every rule as somebody else would check it: named invariants over the log of any story.
//!
//! An invariant reads the told log with books and arithmetic of its own; of the model it takes the
//! vocabulary, the fold of the state and the values in the rulebook, and none of the functions that
//! decide. It looks at every entry, counts where its rule applies, and says what is wrong there.

mod access;
mod arithmetic;
mod auto_renewal;
mod bills;
mod books;
mod calls;
mod changes;
mod corpus;
mod expiry;
mod forged;
mod lifecycle;
mod lives;
mod noticed;
mod on_demand;
mod orders;
mod payment;
mod prices;
mod product;
mod renewal;
mod sessions;
mod settings;
mod story;
mod subscriptions;
mod tables;
mod tests;
mod unsubscription;
mod using;

pub(crate) use story::{Moment, Story, Told, What};

use crate::desk::Desk;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// A rule, or several that act together, as a check of every entry of a log.
pub(crate) struct Invariant {
    /// What must hold, in a few words.
    pub(crate) name: &'static str,
    /// The rules that say so.
    pub(crate) rules: &'static [&'static str],
    /// Looks at one entry.
    pub(crate) check: fn(&Moment<'_>, &mut Tally),
}

/// The chapters of the registry.
const CHAPTERS: &[&[Invariant]] = &[
    books::ALL,
    subscriptions::ALL,
    settings::ALL,
    orders::ALL,
    on_demand::ALL,
    prices::ALL,
    payment::ALL,
    renewal::ALL,
    auto_renewal::ALL,
    expiry::ALL,
    lifecycle::ALL,
    unsubscription::ALL,
    changes::ALL,
    bills::ALL,
    product::ALL,
    access::ALL,
    using::ALL,
    sessions::ALL,
    calls::ALL,
];

/// What an entry breaks that contradicts the state it meets.
const FOLD: &str = "the log can be folded";

/// Every invariant, by chapter.
pub(crate) fn all() -> impl Iterator<Item = &'static Invariant> {
    CHAPTERS.iter().copied().flatten()
}

/// Holds every rule against one history.
pub(crate) fn hold_rules(desk: &Desk) {
    let mut audited = Audited::default();
    audited.read(&corpus::story("a history", desk));
    audited.assert_clean();
}

/// How often a rule applied, and where it did not hold.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How often something was looked at.
    pub(crate) bites: usize,
    /// What was wrong.
    pub(crate) breaches: Vec<String>,
}

impl Tally {
    /// Says that this must be so.
    pub(crate) fn holds(&mut self, holds: bool, about: &dyn Debug) {
        self.bites += 1;
        if !holds {
            self.breaches.push(format!("{about:?}"));
        }
    }
    /// Says that these must be the same.
    #[expect(clippy::needless_pass_by_value, reason = "both are mostly computed for this")]
    pub(crate) fn same<T: PartialEq + Debug>(&mut self, found: T, due: T, about: &dyn Debug) {
        self.bites += 1;
        if found != due {
            self.breaches.push(format!("{found:?} where {due:?} was due: {about:?}"));
        }
    }
}

/// What an audit found, by invariant.
#[derive(Debug, Default)]
pub(crate) struct Audited(pub(crate) BTreeMap<&'static str, Tally>);

impl Audited {
    /// Lets every invariant look at every entry of a story.
    pub(crate) fn read(&mut self, story: &Story) {
        self.read_by(story, |_| true);
    }
    /// Lets some invariants look.
    pub(crate) fn read_by(&mut self, story: &Story, looks: impl Fn(&Invariant) -> bool) {
        let looking: Vec<_> = all().filter(|invariant| looks(invariant)).collect();
        let folded = story.walk(|moment| {
            for invariant in &looking {
                let tally = self.0.entry(invariant.name).or_default();
                let before = tally.breaches.len();
                (invariant.check)(moment, tally);
                for breach in &mut tally.breaches[before..] {
                    *breach = format!("{} at {}: {breach}", story.name, moment.at.wall());
                }
            }
        });
        if let Err(fault) = folded {
            self.0.entry(FOLD).or_default().breaches.push(format!("{}: {fault}", story.name));
        }
    }
    /// Fails with the first breach of each invariant that has one.
    pub(crate) fn assert_clean(&self) {
        let broken = self.0.iter().filter_map(|(name, tally)| {
            let first = tally.breaches.first()?;
            let rules = all().find(|one| one.name == *name).map_or(&[][..], |one| one.rules);
            Some(format!("{name} {rules:?}, {} times: {first}", tally.breaches.len()))
        });
        let broken: Vec<String> = broken.collect();
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }
    /// How often one invariant was looked at.
    pub(crate) fn bites(&self, name: &str) -> usize {
        self.0.get(name).map_or(0, |tally| tally.bites)
    }
}
