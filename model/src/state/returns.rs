//! What bears on giving subscriptions back (R9): notes, reviews, money under way.

use crate::command::UnsubscribeWhat;
use crate::money::Amount;
use crate::name::PhoneId;
use crate::time::SimTime;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How the service notes that a phone was had, where that bears on its return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// For nothing (R9.8).
    Free,
    /// On trial (R9.8).
    Trial,
    /// As a one-off product (R9.8).
    OneOff,
    /// With an invoice of a marketplace or partner (R9.6, R9.8).
    Invoiced,
    /// Under a standard contract (R9.8).
    StandardContract,
    /// In a special promotion (R9.8).
    SpecialPromotion,
    /// In a promotion that excludes the five-day right (R9.2).
    NoFiveDayRight,
    /// With another size since renewals were paid that have not begun (R9.6).
    ChangedSince,
    /// Renewed in a promotion (R9.6).
    PromotionalRenewal,
    /// Paid by a partner, to whom refunds go (R9.10).
    PaidByPartner,
}

/// An unsubscription that waits for the account manager (R9.9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The phones that are to go together.
    pub phones: Vec<PhoneId>,
    /// What is to go.
    pub what: UnsubscribeWhat,
    /// When it was asked for.
    pub asked: SimTime,
}

/// What bears on giving subscriptions back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returns {
    /// Notes on living phones.
    pub marks: BTreeMap<PhoneId, BTreeSet<Mark>>,
    /// Whether misuse has voided the five-day right (R9.2).
    pub five_day_voided: bool,
    /// Reviews by the first of their phones (R9.9).
    pub reviews: BTreeMap<PhoneId, Review>,
    /// Refunds that have not arrived, by the instant at which they do (R9.10).
    pub underway: BTreeMap<SimTime, Amount>,
}

impl Returns {
    /// The notes on a phone.
    pub fn marks_of(&self, phone: &PhoneId) -> &BTreeSet<Mark> {
        const NONE: &BTreeSet<Mark> = &BTreeSet::new();
        self.marks.get(phone).unwrap_or(NONE)
    }
    /// The review in which a phone is, with the first of its phones.
    pub fn review_of(&self, phone: &PhoneId) -> Option<(&PhoneId, &Review)> {
        self.reviews.iter().find(|(_, review)| review.phones.contains(phone))
    }
    /// Whether a phone waits for a review, which bars every other transaction of it (R9.8).
    pub fn under_review(&self, phone: &PhoneId) -> bool {
        self.review_of(phone).is_some()
    }
    /// A phone begins its life: what was noted of another that had its name is not about it.
    pub(crate) fn begin(&mut self, phone: &PhoneId) {
        self.marks.remove(phone);
    }
    /// Forgets what is about phones that are no more.
    pub fn keep(&mut self, lives: impl Fn(&PhoneId) -> bool) {
        self.marks.retain(|phone, _| lives(phone));
        self.reviews.retain(|_, review| review.phones.iter().any(&lives));
    }
}
