//! R1.1 to R1.7: what a subscription is, when it begins and when it ends.

use super::arithmetic::{days_in, later, second};
use super::lives::{buys, months, paid, placed};
use super::{Invariant, Moment, Tally};
use koosim_model::event::Event;
use koosim_model::name::OrderId;
use koosim_model::term::{Expiry, Term};
use koosim_model::time::{BillingDay, SimTime};

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "what is provisioned was ordered and paid",
        rules: &["R1.1"],
        check: paid_before_it_is_there,
    },
    Invariant {
        name: "a period begins with the second of its activation",
        rules: &["R1.2"],
        check: begins_when_active,
    },
    Invariant {
        name: "a period ends on the day with the number of its first",
        rules: &["R1.3", "R1.5"],
        check: ends_on_its_day,
    },
    Invariant {
        name: "renewed periods meet the ones before them",
        rules: &["R1.4", "R5.2"],
        check: periods_meet,
    },
    Invariant {
        name: "the anchor day comes back after short months",
        rules: &["R1.5", "R1.4"],
        check: anchor_comes_back,
    },
    Invariant {
        name: "a year is a year of the calendar",
        rules: &["R1.6"],
        check: years_by_the_calendar,
    },
    Invariant {
        name: "terms are of the lengths on offer",
        rules: &["R1.7"],
        check: lengths_on_offer,
    },
];

fn charged_at(m: &Moment<'_>, order: &OrderId) -> Option<SimTime> {
    m.before().find_map(|(at, event)| match event {
        Event::Charged(e) if e.order == *order => Some(at),
        _ => None,
    })
}

fn paid_before_it_is_there(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::Provisioned(e)) => {
            let paid = charged_at(m, &e.order).is_some();
            let named = placed(m, &e.order).1.phones.contains(&e.phone);
            tally.holds(paid && named, e);
        }
        Some(Event::Renewed(e)) => tally.holds(paid(m, &e.phone).is_some(), e),
        Some(Event::AutoRenewalSet(e)) => tally.holds(paid(m, &e.phone).is_some(), e),
        Some(Event::Unsubscribed(e)) => tally.holds(paid(m, &e.phone).is_some(), e),
        _ => {}
    }
}

fn begins_when_active(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Provisioned(e)) = m.event() else { return };
    let active = match m.word("R1.2.effective_time") {
        "paid" => charged_at(m, &e.order).unwrap(),
        _ => m.at,
    };
    tally.same(e.effective, second(active), e);
}

/// The beginnings of subscriptions: their order, first instant and end.
fn begun<'a>(m: &Moment<'a>) -> Option<(&'a OrderId, SimTime, Expiry)> {
    match m.event()? {
        Event::Provisioned(e) => Some((&e.order, e.effective, e.expires)),
        Event::BecameSubscribed(e) => Some((&e.order, e.effective, e.expires)),
        _ => None,
    }
}

fn ends_on_its_day(m: &Moment<'_>, tally: &mut Tally) {
    let Some((order, from, expires)) = begun(m) else { return };
    let (_, placed) = placed(m, order);
    let day = from.day();
    let due = later(day, months(placed.term), day.day_of_month());
    tally.same(expires.day(), due, &m.event());
    tally.same(expires.boundary(), due.end(), &m.event());
    tally.holds(buys(placed.kind), placed);
}

fn periods_meet(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Renewed(e)) = m.event() else { return };
    let Some(paid) = paid(m, &e.phone) else { return };
    tally.same(e.from.day(), paid.last().last, e);
    let folded = m.folded;
    let Some(period) = folded.subscription(&e.phone).and_then(|s| s.periods.last().cloned()) else {
        return;
    };
    tally.same((period.from, period.to), (paid.end(), e.expires), e);
}

fn anchor_comes_back(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Renewed(e)) = m.event() else { return };
    let (_, order) = placed(m, &e.order);
    let Some(paid) = paid(m, &e.phone).filter(|_| order.unified.is_none()) else { return };
    let due = later(paid.last().last, months(order.term), paid.last().number);
    tally.same(e.expires.day(), due, e);
}

fn years_by_the_calendar(m: &Moment<'_>, tally: &mut Tally) {
    let Some((order, from, expires)) = begun(m) else { return };
    let Term::Years(n) = placed(m, order).1.term else { return };
    let day = from.day();
    let year = day.year() + i32::try_from(n).unwrap();
    let number = day.day_of_month().min(days_in(year, day.month()));
    tally.same(Some(expires.day()), BillingDay::new(year, day.month(), number), &m.event());
}

fn lengths_on_offer(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::OrderPlaced(e)) = m.event() else { return };
    let (count, most) = match e.term {
        Term::Months(n) => (n, m.integer("R1.7.months_max")),
        Term::Years(n) => (n, m.integer("R1.7.years_max")),
    };
    tally.holds((1..=most).contains(&i64::from(count)), e);
    let by_month = matches!(e.term, Term::Months(_));
    tally.holds(by_month || m.word("R1.7.terms_on_offer") == "monthly_and_yearly", e);
}
