//! R10: changes of size and of the charging mode.

use super::arithmetic::{cents, days_in, half_up, second};
use super::lives::{paid, placed};
use super::prices::catalogue_price;
use super::{Invariant, Moment, Tally};
use koosim_model::command::Op;
use koosim_model::decision::Reason;
use koosim_model::event::{Event, RefundTerms};
use koosim_model::term::Term;
use koosim_model::time::BillingDay;
use rust_decimal::Decimal;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "sizes change only where the book lets them",
        rules: &["R10.1", "P1.5"],
        check: sizes_change,
    },
    Invariant {
        name: "a phone becomes subscribed with the second of the payment",
        rules: &["R10.2"],
        check: becomes_subscribed,
    },
    Invariant {
        name: "a move at once pays back what is left, without a fee",
        rules: &["R10.4"],
        check: moves_at_once,
    },
    Invariant {
        name: "another size costs the difference for the time that is left",
        rules: &["R10.5", "R3.5"],
        check: difference_for_the_rest,
    },
];

fn sizes_change(m: &Moment<'_>, tally: &mut Tally) {
    let supported = m.flag("R10.1.change_supported");
    if let Some(Event::SizeChanged(e)) = m.event() {
        tally.holds(supported, e);
        let size = m.account.phones.get(&e.phone).map(|phone| phone.details.size.clone());
        tally.same(size, Some(e.from.clone()), e);
    }
    if let Some((reason, Op::ChangeSize { phone, .. })) = m.refused()
        && !matches!(reason, Reason::UnknownPhone(_))
    {
        tally.same(*reason == Reason::SizeFixed, !supported, &(reason, phone));
    }
}

fn becomes_subscribed(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::BecameSubscribed(e)) => {
            let paid = m.before().find_map(|(at, event)| match event {
                Event::Charged(c) if c.order == e.order => Some(at),
                _ => None,
            });
            tally.same(paid, Some(m.at), e);
            tally.same(e.effective, second(m.at), e);
            tally.holds(m.account.metering(&e.phone).is_some(), e);
        }
        // Use of before is billed up to that second.
        Some(Event::Settled(e)) => {
            let from = m.before().find_map(|(_, event)| match event {
                Event::BecameSubscribed(s) if s.phone == e.phone => Some(s.effective),
                Event::BecameOnDemand(_) | Event::Created(_)
                    if event.phones().contains(&e.phone) =>
                {
                    Some(m.at)
                }
                _ => None,
            });
            if let Some(effective) = from.filter(|from| *from < m.at) {
                tally.holds(e.to <= effective, e);
            }
        }
        _ => {}
    }
}

fn moves_at_once(m: &Moment<'_>, tally: &mut Tally) {
    match m.event() {
        Some(Event::Refunded(e)) if e.terms == RefundTerms::Switched => {
            tally.holds(e.fee.is_zero(), e);
            let moves = m
                .then()
                .any(|event| matches!(event, Event::BecameOnDemand(b) if b.phone == e.phone));
            tally.holds(moves, e);
        }
        Some(Event::BecameOnDemand(e)) => {
            let Some(paid) = paid(m, &e.phone) else { return tally.holds(false, e) };
            if m.at < paid.end() {
                let back = m.before().take_while(|(at, _)| *at == m.at).any(|(_, event)| {
                    matches!(event, Event::Refunded(r)
                        if r.phone == e.phone && r.terms == RefundTerms::Switched)
                });
                tally.holds(back, e);
            }
        }
        _ => {}
    }
}

/// What is left of a term after a day, up to and with the last: in months each day as a part of its
/// own, in years without 29 February.
fn left(m: &Moment<'_>, term: Term, changed: BillingDay, last: BillingDay) -> Decimal {
    let mut day = changed;
    let mut left = Decimal::ZERO;
    while day < last {
        day = day.plus_days(1);
        left += match term {
            Term::Months(_) => Decimal::ONE / Decimal::from(days_in(day.year(), day.month())),
            Term::Years(_) if (day.month(), day.day_of_month()) == (2, 29) => Decimal::ZERO,
            Term::Years(_) => Decimal::ONE / Decimal::from(m.integer("R10.5.year_days")),
        };
    }
    left
}

fn difference_for_the_rest(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::SizeChanged(e)) = m.event() else { return };
    let Some(paid) = paid(m, &e.phone) else { return tally.holds(false, e) };
    let running = paid.stretches.iter().rev().find(|stretch| stretch.from <= m.at);
    let Some(running) = running else { return tally.holds(false, e) };
    tally.same(&e.order, &running.order, e);
    let term = placed(m, &running.order).1.term;
    let (old, new) = (catalogue_price(m, &e.from, term), catalogue_price(m, &e.to, term));
    let (Some(old), Some(new)) = (old, new) else { return tally.holds(false, e) };
    let rate = m.account.discount.value();
    let exact = (new - old) * left(m, term, m.at.day(), paid.last().last);
    // The days are added one by one, each with an error in the last of its digits.
    let near = |found: Decimal, exact: Decimal| (found - exact).abs() <= Decimal::new(1, 8);
    tally.holds(near(e.official.value(), exact), &(e, exact));
    tally.holds(near(e.discount.value(), exact * rate), e);
    let net = exact * (Decimal::ONE - rate);
    let due = half_up(half_up(net, 12), cents(e.due.currency()));
    let capped = e.due.is_negative() && e.due.value() > due;
    if capped {
        let share = m.account.subscription(&e.phone).and_then(|s| {
            s.periods.iter().find(|period| period.order == e.order).map(|p| p.paid.clone())
        });
        tally.same(share.and_then(|share| share.paid().ok()), Some(e.due.negated()), e);
    } else {
        tally.same(e.due.value(), due, e);
    }
    let parts = e.discount.value() + e.erased.value() + e.due.value();
    tally.same(e.official.value(), parts, e);
}
