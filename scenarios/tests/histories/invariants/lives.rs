//! The lives of phones as the log tells them: what was paid for one and until when, and when one was
//! used. Kept apart from the state, which has the same things by other means.

use super::arithmetic::{hour, second};
use super::{Moment, Told, What};
use koosim_model::command::Tier;
use koosim_model::event::{Event, OrderPlaced};
use koosim_model::name::{OrderId, PhoneId};
use koosim_model::state::{AutoRenewal, FreezeCause, OrderKind};
use koosim_model::term::Term;
use koosim_model::time::{BillingDay, SimDuration, SimTime};
use std::collections::{BTreeMap, BTreeSet};

/// A paid stretch of a subscription.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    pub(crate) order: OrderId,
    /// From its first instant on.
    pub(crate) from: SimTime,
    /// Its last day.
    pub(crate) last: BillingDay,
    /// The number of the day on which a renewal after it ends.
    pub(crate) number: u32,
    /// Whether the subscription began with it.
    pub(crate) first: bool,
}

/// What was paid for a phone, oldest first, and its auto-renewal.
#[derive(Clone, Debug)]
pub(crate) struct Paid {
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) setting: Option<AutoRenewal>,
}

impl Paid {
    /// The last stretch.
    pub(crate) fn last(&self) -> &Stretch {
        self.stretches.last().unwrap()
    }
    /// The end of all of them: midnight after the last day.
    pub(crate) fn end(&self) -> SimTime {
        self.last().last.end()
    }
    /// The stretch of an order.
    pub(crate) fn of(&self, order: &OrderId) -> Option<&Stretch> {
        self.stretches.iter().find(|stretch| stretch.order == *order)
    }
}

/// How an order was placed, and when.
pub(crate) fn placed<'a>(m: &Moment<'a>, id: &OrderId) -> (SimTime, &'a OrderPlaced) {
    let found = m.before().find_map(|(at, event)| match event {
        Event::OrderPlaced(e) if e.order == *id => Some((at, e)),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{id} was never placed"))
}

/// The months of a term.
pub(crate) fn months(term: Term) -> u32 {
    match term {
        Term::Months(n) => n,
        Term::Years(n) => 12 * n,
    }
}

/// What is paid for a phone before an entry, if it is subscribed.
pub(crate) fn paid(m: &Moment<'_>, phone: &PhoneId) -> Option<Paid> {
    let told: Vec<_> = m.before().filter(|(_, event)| event.phones().contains(phone)).collect();
    let mut paid: Option<Paid> = None;
    for (_, event) in told.into_iter().rev() {
        match event {
            Event::Provisioned(e) => {
                let setting = placed(m, &e.order).1.auto_renewal;
                paid = Some(begun(&e.order, e.effective, e.expires.day(), setting));
            }
            Event::BecameSubscribed(e) => {
                paid = Some(begun(&e.order, e.effective, e.expires.day(), None));
            }
            Event::Renewed(e) => {
                let Some(paid) = &mut paid else { continue };
                let number = match &placed(m, &e.order).1.unified {
                    Some(unified) => unified.anchor_day,
                    None => paid.last().number,
                };
                let (from, last) = (paid.end(), e.expires.day());
                let order = e.order.clone();
                paid.stretches.push(Stretch { order, from, last, number, first: false });
            }
            Event::AutoRenewalSet(e) => {
                if let Some(paid) = &mut paid {
                    paid.setting = e.setting;
                }
            }
            Event::Unsubscribed(e) => match (&mut paid, e.expires) {
                (Some(paid), Some(kept)) => {
                    paid.stretches.retain(|stretch| stretch.last <= kept.day());
                }
                _ => paid = None,
            },
            Event::BecameOnDemand(_) | Event::Released(_) => paid = None,
            _ => {}
        }
    }
    paid
}

fn begun(order: &OrderId, from: SimTime, last: BillingDay, setting: Option<AutoRenewal>) -> Paid {
    let (order, number) = (order.clone(), from.day().day_of_month());
    Paid { stretches: vec![Stretch { order, from, last, number, first: true }], setting }
}

/// The tier before an entry, as it was told.
pub(crate) fn tier(m: &Moment<'_>) -> Tier {
    let told = m.before().find_map(|(_, event)| match event {
        Event::AccountOpened(e) => Some(e.tier),
        Event::TierSet(e) => Some(e.tier),
        _ => None,
    });
    told.unwrap()
}

/// Days of a phase for the tier, or as a promotion has them (R8.2).
pub(crate) fn days_of(m: &Moment<'_>, path: &str) -> i64 {
    let promised = m.before().find_map(|(_, event)| match event {
        Event::PromotionGranted(e) => Some(e),
        _ => None,
    });
    let promised = promised.filter(|e| m.at < e.until);
    let promised =
        promised.and_then(|e| if path.contains("grace") { e.grace_days } else { e.retention_days });
    let table = m.table(path);
    let of_tier = || table.integer(tier(m).name()).or(table.integer("any")).unwrap();
    promised.map_or_else(of_tier, i64::from)
}

/// The deduction day of the account before an entry.
pub(crate) fn deduction_days(m: &Moment<'_>) -> u64 {
    let told = m.before().find_map(|(_, event)| match event {
        Event::AccountOpened(e) => Some(e.deduction_days),
        Event::DeductionDaySet(e) => Some(e.days),
        _ => None,
    });
    u64::from(told.unwrap())
}

/// Whether an order bought a phone that was not there before.
pub(crate) fn buys(kind: OrderKind) -> bool {
    matches!(kind, OrderKind::New | OrderKind::Subscribe)
}

/// Seconds of use by phone and clock hour, counted from what switches a phone's meter.
pub(crate) fn use_by_hour(told: &[Told], now: SimTime) -> BTreeMap<(PhoneId, SimTime), i64> {
    let mut meters: BTreeMap<PhoneId, Meter> = BTreeMap::new();
    let mut hours = BTreeMap::new();
    for told in told {
        let What::Happened(event) = &told.what else { continue };
        let Some(phone) = event.phones().first() else { continue };
        let at = second(told.at);
        let meter = meters.entry(phone.clone()).or_default();
        let was = meter.runs();
        let end = meter.take(event, at);
        if was && (!meter.runs() || end < at) {
            count(&mut hours, phone, meter.since, end);
        }
        if meter.runs() && !was {
            meter.since = at;
        }
    }
    for (phone, meter) in &meters {
        if meter.runs() {
            count(&mut hours, phone, meter.since, second(now));
        }
    }
    hours
}

#[derive(Debug)]
struct Meter {
    metered: bool,
    paused: bool,
    /// What freezes it.
    frozen: BTreeSet<FreezeCause>,
    /// Whether a freeze has stopped the meter.
    stopped: bool,
    since: SimTime,
}

impl Default for Meter {
    fn default() -> Self {
        let (frozen, since) = (BTreeSet::new(), SimTime::EPOCH);
        Self { metered: false, paused: false, frozen, stopped: false, since }
    }
}

impl Meter {
    fn runs(&self) -> bool {
        self.metered && !self.paused && !self.stopped
    }
    /// Follows an event; answers up to when use counts if it ends the use.
    fn take(&mut self, event: &Event, at: SimTime) -> SimTime {
        match event {
            Event::Created(_) => *self = Self { metered: true, ..Self::default() },
            Event::BecameOnDemand(_) => (self.metered, self.paused) = (true, false),
            Event::BecameSubscribed(e) => {
                self.metered = false;
                return e.effective;
            }
            Event::Deleted(_) | Event::Released(_) | Event::Unsubscribed(_) => {
                let gone = !matches!(event, Event::Unsubscribed(e) if e.expires.is_some());
                if gone {
                    *self = Self { since: self.since, ..Self::default() };
                }
            }
            Event::UsePaused(_) => self.paused = true,
            Event::UseResumed(_) => self.paused = false,
            Event::Frozen(e) => {
                self.frozen.insert(e.cause);
                self.stopped |= self.metered && !e.accrues;
            }
            Event::Unfrozen(e) => {
                self.frozen.remove(&e.cause);
                self.stopped &= !self.frozen.is_empty();
            }
            _ => {}
        }
        at
    }
}

fn count(
    hours: &mut BTreeMap<(PhoneId, SimTime), i64>,
    phone: &PhoneId,
    from: SimTime,
    to: SimTime,
) {
    const HOUR: SimDuration = SimDuration::from_hours(1);
    let mut begin = hour(from);
    // A stretch without length touches its hour too.
    while begin < to || (from == to && begin <= from) {
        let (first, last) = (from.max(begin), to.min(begin + HOUR));
        *hours.entry((phone.clone(), begin)).or_default() += (last - first).floor_secs();
        begin = begin + HOUR;
    }
}
