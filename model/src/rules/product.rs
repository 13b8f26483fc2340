//! What is sold, to whom and where, and what the service does not do (P1).

use crate::command::{Source, Way};
use crate::decision::{Decision, Reason};
use crate::event::{OrderPlaced, VerificationSet};
use crate::name::{PhoneId, SizeId};
use crate::rulebook::{BookError, RuleId, Table};
use crate::rules::access::Barrier;
use crate::rules::params::Reader;
use crate::rules::{Case, living, p, r};
use crate::state::{OrderKind, Place, Setup, Verification};
use crate::term::Term;
use rust_decimal::prelude::ToPrimitive;

/// Which terms there are (R1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermParams {
    /// R1.7 `months_max`.
    pub months_max: u32,
    /// R1.7 `years_max`.
    pub years_max: u32,
    /// R1.7 `terms_on_offer`: whether phones are sold by the year as well as by the month.
    pub years: bool,
}

impl TermParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            months_max: read.count(r(1, 7), "months_max")?,
            years_max: read.count(r(1, 7), "years_max")?,
            years: read.is(r(1, 7), "terms_on_offer", "monthly_and_yearly")?,
        })
    }
}

/// The kinds of phones that a region may have, as `P1.6.regions` adds them up.
const GENERAL: u32 = 1;
const INDUSTRY: u32 = 2;

/// Where the caller wants new phones, if it says so (P1.5, P1.6).
pub(super) fn place(case: &Case<'_>) -> Option<Place> {
    let envelope = case.envelope?;
    let region = envelope.region.clone()?;
    Some(Place { region, zone: envelope.zone.clone() })
}

/// P1.7: the setup of phones that a call creates, where it leaves the network open.
pub(super) fn setup(case: &Case<'_>, asked: Option<Setup>) -> Option<Setup> {
    let default = by_api(case).then_some(case.params.life.network_default);
    let asked = asked.unwrap_or_default();
    let setup = Setup { network: asked.network.or(default), ..asked };
    Some(setup).filter(|setup| *setup != Setup::default())
}

/// P1.7: the call must name the system of general-purpose phones.
pub(super) fn system_missing(
    case: &Case<'_>,
    size: &SizeId,
    setup: Option<Setup>,
) -> Option<Barrier> {
    let general = !case.rules.catalogue().is_industry(size);
    let needed = by_api(case) && case.params.life.system_needed && general;
    let said = setup.is_some_and(|setup| setup.system.is_some());
    (needed && !said).then_some((Reason::SystemNotSaid, by![p(1, 7)]))
}

/// P1.7: systems and networks that have no phones.
pub(super) fn setup_barred(case: &Case<'_>, setup: Option<Setup>) -> Option<Barrier> {
    let setup = setup?;
    let life = &case.params.life;
    let offered = |table: &Table, name| table.get(name).is_some_and(|kinds| !kinds.is_zero());
    let system = setup.system.is_none_or(|system| offered(&life.systems, system.name()));
    let network = setup.network.is_none_or(|network| offered(&life.networks, network.name()));
    (!system || !network).then_some((Reason::NotOffered, by![p(1, 7)]))
}

pub(super) fn by_api(case: &Case<'_>) -> bool {
    case.envelope.is_some_and(|envelope| envelope.source == Source::Api)
}

/// The rules that every order goes by, some more, and R3.2 if its price is a published one.
macro_rules! ordered_by {
    ($published:expr; $($more:expr),*) => {
        if $published {
            by![r(1, 1), r(1, 7), r(1, 8), r(1, 9), r(3, 1), r(3, 4), $($more,)* r(3, 2)]
        } else {
            by![r(1, 1), r(1, 7), r(1, 8), r(1, 9), r(3, 1), r(3, 4), $($more,)*]
        }
    };
}

/// The rules of an order that was placed; the first sells, the others shape it. R3.2 is among them if
/// its price is a `published` one.
pub(super) fn order_rules(
    case: &Case<'_>,
    placed: &OrderPlaced,
    published: bool,
) -> &'static [RuleId] {
    let together = placed.group.is_some();
    match (placed.kind, &placed.place, by_api(case)) {
        (OrderKind::Renew, ..) if placed.unified.is_some() => {
            by![r(5, 6), r(1, 1), r(1, 7), r(1, 8), r(1, 9), r(3, 1), r(3, 4), r(5, 4), r(5, 5)]
        }
        (OrderKind::Renew, ..) => ordered_by!(published; r(5, 5), r(5, 4)),
        (OrderKind::New, ..) if together => ordered_by!(published; r(1, 11)),
        (OrderKind::New, _, true) => ordered_by!(published; p(1, 7), p(1, 9)),
        (OrderKind::New, place, false) if placed.setup.is_some() => match place {
            Some(_) => ordered_by!(published; p(1, 7), p(1, 2), p(1, 6)),
            None => ordered_by!(published; p(1, 7)),
        },
        (OrderKind::New, Some(_), false) => ordered_by!(published; p(1, 2), p(1, 6)),
        _ => ordered_by!(published;),
    }
}

/// P1.2, P1.7: why so many phones cannot be bought at once, or at all.
pub(super) fn too_many(case: &Case<'_>, count: usize) -> Option<Barrier> {
    let over = |count: usize, most: u32| u32::try_from(count).is_ok_and(|count| count > most);
    if over(count, case.params.life.count_max) {
        return Some((Reason::TooManyPhones, by![p(1, 7)]));
    }
    let quota = case.params.life.phones_max;
    let total = case.account.phones.len().saturating_add(count);
    (quota > 0 && over(total, quota)).then_some((Reason::TooManyPhones, by![p(1, 2)]))
}

/// R1.7: whether a term is one that an order takes at all.
pub(super) fn is_term(case: &Case<'_>, term: Term) -> bool {
    match term {
        Term::Months(n) => (1..=case.params.terms.months_max).contains(&n),
        Term::Years(n) => (1..=case.params.terms.years_max).contains(&n),
    }
}

/// R1.7: phones were first sold by the month only.
pub(super) fn term_unsold(case: &Case<'_>, size: &SizeId, term: Term) -> Option<Barrier> {
    let unsold = matches!(term, Term::Years(_)) && !case.params.terms.years;
    unsold.then(|| {
        let rules: &[RuleId] = by![r(1, 7)];
        (Reason::NotSold(size.clone()), rules)
    })
}

/// P1.7: the creation call takes fewer terms than the console.
pub(super) fn term_barred(case: &Case<'_>, term: Term) -> Option<Barrier> {
    let life = &case.params.life;
    let legal = match term {
        Term::Months(n) => (1..=life.api_months_max).contains(&n),
        Term::Years(n) => (1..=life.api_years_max).contains(&n),
    };
    (by_api(case) && !legal).then_some((Reason::OutOfRange, by![p(1, 7)]))
}

/// P1.1: phones are sold to enterprises.
pub(super) fn buyer_barred(case: &Case<'_>) -> Option<Barrier> {
    let needed = case.params.life.verification_needed;
    (case.account.verification < needed).then_some((Reason::NotVerified, by![p(1, 1)]))
}

/// P1.4, P1.6, P1.8, R5.1: what is not sold, wherever it has a price.
pub(super) fn offer_barred(case: &Case<'_>, size: &SizeId, on_demand: bool) -> Option<Barrier> {
    let withdrawn = || {
        let gone = case.rules.catalogue().is_withdrawn(size, case.now);
        let rules: &[RuleId] = by![r(5, 1)];
        gone.then(|| (Reason::Withdrawn(size.clone()), rules))
    };
    not_offered(case, size, on_demand).or_else(withdrawn)
}

fn not_offered(case: &Case<'_>, size: &SizeId, on_demand: bool) -> Option<Barrier> {
    if on_demand && by_api(case) {
        return Some((Reason::NotOffered, by![p(1, 8)]));
    }
    if case.rules.catalogue().is_enterprise(size) && !case.params.life.enterprise_on_sale {
        return Some((Reason::NotOffered, by![p(1, 4)]));
    }
    let place = place(case)?;
    let sold = case.params.life.regions.get(place.region.as_str());
    let in_region = |zone: &str| {
        let rest = zone.strip_prefix(place.region.as_str());
        rest.is_some_and(|rest| !rest.is_empty())
    };
    let zone_fits = place.zone.as_ref().is_none_or(|zone| in_region(zone.as_str()));
    let kinds = sold.and_then(|kinds| kinds.to_u32()).unwrap_or(0);
    let kind = if case.rules.catalogue().is_industry(size) { INDUSTRY } else { GENERAL };
    let offered = kinds & kind != 0 && zone_fits;
    (!offered).then_some((Reason::RegionNotSold(place.region), by![p(1, 6)]))
}

/// P1.10: the deletion call gives subscriptions back, and refuses what is charged by use.
pub(super) fn deletes_by_api(case: &Case<'_>, id: &PhoneId) -> Option<Result<(), Decision>> {
    let phone = living(case, id).filter(|_| by_api(case))?;
    Some(match phone.metering() {
        Some(_) => Err(Decision::refuse(Reason::OnDemand, by![p(1, 10)])),
        None => Ok(()),
    })
}

/// P1.5: a phone stays in its region.
pub(super) fn relocate(case: &Case<'_>, id: &PhoneId) -> Decision {
    match living(case, id) {
        Some(_) => Decision::refuse(Reason::NotOffered, by![p(1, 5)]),
        None => Decision::refuse(Reason::UnknownPhone(id.clone()), by![p(1, 5)]),
    }
}

/// P1.11: a phone is reached through its client, not by the ways of the layer below.
pub(super) fn connect(case: &Case<'_>, id: &PhoneId, by: Way) -> Decision {
    match (living(case, id), by) {
        (Some(_), Way::Adb | Way::Vnc) => Decision::refuse(Reason::NotOffered, by![p(1, 11)]),
        (None, _) => Decision::refuse(Reason::UnknownPhone(id.clone()), by![p(1, 11)]),
    }
}

/// P1.1: the owner of the account is verified, or not any more.
pub(super) fn verify(to: Verification) -> Decision {
    let mut decision = Decision::default();
    decision.happen(by![p(1, 1)], VerificationSet { to });
    decision
}
