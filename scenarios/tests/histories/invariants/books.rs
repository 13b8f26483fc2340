//! What holds whatever the rules say: money is conserved, every sum adds up, nothing comes before its
//! cause, nothing is given back twice, and a phone that is over does not serve.

use super::arithmetic::later;
use super::lives::placed;
use super::{Invariant, Moment, Tally, What};
use koosim_model::command::Op;
use koosim_model::event::{Event, RefundTo};
use koosim_model::ledger::postings;
use koosim_model::lifecycle::PhoneStatus;
use koosim_model::money::Amount;
use koosim_model::name::{OrderId, PhoneId};
use koosim_model::state::{Power, Split};
use rust_decimal::Decimal;

pub(super) const ALL: &[Invariant] = &[
    Invariant { name: "money is conserved", rules: &["R4.5", "R4.8"], check: conserved },
    Invariant {
        name: "due is official less discount less rounding, and its sources add up to it",
        rules: &["R2.8", "R3.1", "R4.5"],
        check: sums,
    },
    Invariant {
        name: "no posting comes before its cause",
        rules: &["R2.5", "R4.1", "R4.8", "R9.10"],
        check: causes,
    },
    Invariant {
        name: "refunds never exceed what was paid",
        rules: &["R9.1", "R9.4"],
        check: never_more_than_paid,
    },
    Invariant {
        name: "no phone serves in retention or later",
        rules: &["R8.3", "R8.10"],
        check: over_is_over,
    },
    Invariant {
        name: "expiry is monotone under renewal",
        rules: &["R5.2"],
        check: renewals_lengthen,
    },
];

/// The books of one account add up to zero, so those of all accounts do.
fn conserved(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let moves = postings(event);
    if moves.is_empty() {
        return;
    }
    for posting in &moves {
        tally.holds(posting.amount.is_positive() && posting.from != posting.to, posting);
    }
    tally.holds(m.folded.ledger.total().is_ok_and(Amount::is_zero), event);
}

fn total(split: &Split) -> Decimal {
    let coupons: Decimal = split.coupons.iter().map(|part| part.amount.value()).sum();
    coupons + [split.cash, split.credit, split.debt].map(Amount::value).iter().sum::<Decimal>()
}

fn sums(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let none = Decimal::ZERO;
    // Official price, what is taken off, what is due, and what its sources paid.
    let (official, off, due, paid) = match event {
        Event::Settled(e) => {
            (e.official.value(), e.discount.value() + e.erased.value(), e.due, total(&e.paid))
        }
        Event::MonthCharged(e) => (e.total.value(), e.erased.value(), e.due, total(&e.paid)),
        Event::ErasedCollected(e) => (e.total.value(), e.erased.value(), e.due, total(&e.paid)),
        Event::SizeChanged(e) => {
            let off = e.discount.value() + e.erased.value();
            (e.official.value(), off, e.due, total(&e.paid) - total(&e.returned))
        }
        Event::Charged(e) => {
            let official = placed(m, &e.order).1.official.value();
            (official, e.discount.value() + e.coupon_discount.value(), e.due, total(&e.paid))
        }
        Event::OrderPlaced(e) => (e.official.value(), e.discount.value(), e.due, e.due.value()),
        Event::MonthSettled(e) => (e.due.value(), none, e.due, e.cash.value() + e.debt.value()),
        _ => return,
    };
    tally.same((due.value(), paid), (official - off, official - off), event);
}

fn causes(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    let mut earlier = m.before().map(|(_, event)| event);
    let caused = match event {
        Event::Charged(e) => {
            earlier.any(|seen| matches!(seen, Event::OrderPlaced(p) if p.order == e.order))
        }
        Event::Settled(e) => e.to <= m.at,
        Event::MonthCharged(e) => later(e.cycle, 1, 1).start() <= m.at,
        Event::MonthSettled(e) => later(e.cycle, 1, 1).start() <= m.at,
        Event::ErasedCollected(e) => {
            earlier.any(|seen| matches!(seen, Event::ErasedKept(k) if k.cycle == e.cycle))
        }
        Event::Refunded(e) => {
            earlier.any(|seen| matches!(seen, Event::Charged(c) if c.order == e.order))
        }
        Event::RefundArrived(e) => {
            let sent = |to| matches!(to, RefundTo::CashLater { arrives } if arrives == m.at);
            e.arrives == m.at
                && earlier.any(|seen| matches!(seen, Event::Refunded(r) if sent(r.to)))
        }
        Event::TransferArrived(e) => {
            earlier.any(|seen| matches!(seen, Event::TransferSent(t) if t.number == e.number))
        }
        Event::DepositReleased(e) => {
            earlier.any(|seen| matches!(seen, Event::DepositFrozen(d) if d.phone == e.phone))
        }
        Event::DebtPaid(e) => m.account.debt().covers(e.amount),
        Event::Withdrawn(e) => m.account.ledger.cash().covers(e.amount),
        _ => return,
    };
    tally.holds(caused, event);
}

/// What the events up to and with this one paid for an order, and gave back.
fn of_order(m: &Moment<'_>, order: &OrderId) -> (Decimal, Decimal) {
    let events = m.before().map(|(_, event)| event).chain(m.event());
    let mut sums = (Decimal::ZERO, Decimal::ZERO);
    for event in events {
        let (paid, returned) = match event {
            Event::Charged(e) if e.order == *order => (total(&e.paid), Decimal::ZERO),
            Event::Refunded(e) if e.order == *order => (Decimal::ZERO, total(&e.refund)),
            Event::SizeChanged(e) if e.order == *order => (total(&e.paid), total(&e.returned)),
            _ => continue,
        };
        sums = (sums.0 + paid, sums.1 + returned);
    }
    sums
}

fn never_more_than_paid(m: &Moment<'_>, tally: &mut Tally) {
    let order = match m.event() {
        Some(Event::Refunded(e)) => &e.order,
        Some(Event::SizeChanged(e)) => &e.order,
        _ => return,
    };
    let (paid, returned) = of_order(m, order);
    tally.holds(returned <= paid, &(order, paid, returned));
}

/// Whether a phone is frozen at the end of its time, or gone.
fn is_over(m: &Moment<'_>, id: &PhoneId) -> bool {
    let phone = m.account.phones.get(id);
    phone.is_none_or(|p| matches!(p.stage(), PhoneStatus::Frozen | PhoneStatus::Gone))
}

fn over_is_over(m: &Moment<'_>, tally: &mut Tally) {
    let serves = match m.event() {
        Some(Event::PowerSet(e)) if e.to == Power::On => &e.phone,
        Some(Event::OperationStarted(e)) => &e.phone,
        Some(Event::Bound(e)) => &e.phone,
        Some(Event::UseResumed(e)) => &e.phone,
        _ => {
            if let What::Asked(command) = m.what
                && let Op::Operate { phone, .. } | Op::Connect { phone, .. } = &command.op
                && is_over(m, phone)
            {
                let answer = m.told_after().next().map(|told| &told.what);
                tally.holds(matches!(answer, Some(What::Refused(_))), phone);
            }
            return;
        }
    };
    tally.holds(!is_over(m, serves), &m.event());
}

fn renewals_lengthen(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Renewed(e)) = m.event() else { return };
    let held = m.account.subscription(&e.phone).map(|subscription| subscription.expires);
    tally.same(Some(e.from), held, e);
    tally.holds(e.expires > e.from, e);
}
