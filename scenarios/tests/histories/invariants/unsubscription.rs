//! R9: what comes back, by which terms and where to.

use super::arithmetic::{cents, hour, later, rounded, second, sum};
use super::lives::{Paid, Stretch, buys, paid, placed};
use super::orders::lives;
use super::{Invariant, Moment, Tally};
use koosim_model::command::{Op, UnsubscribeWhat};
use koosim_model::decision::Reason;
use koosim_model::event::{Event, RefundTerms, RefundTo, Refunded, ReviewVerdict};
use koosim_model::name::PhoneId;
use koosim_model::state::{Mark, Order, OrderKind, Phase, Split};
use koosim_model::term::Term;
use koosim_model::time::SimTime;
use rust_decimal::Decimal;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "vouchers come back except from a period in use, discount coupons never do",
        rules: &["R9.1"],
        check: what_comes_back,
    },
    Invariant {
        name: "the five-day right is for new purchases, to the second, so often a year",
        rules: &["R9.2"],
        check: five_day_right,
    },
    Invariant {
        name: "within the five days everything comes back",
        rules: &["R9.3"],
        check: everything_within_five_days,
    },
    Invariant {
        name: "a refund is what was paid less what was used less the fee",
        rules: &["R9.4", "R3.5"],
        check: paid_less_used_less_fee,
    },
    Invariant {
        name: "the fee is by the term and the year of use",
        rules: &["R9.5"],
        check: fee_by_term_and_year,
    },
    Invariant {
        name: "a renewal that has not begun comes back whole",
        rules: &["R9.6"],
        check: not_begun_comes_back_whole,
    },
    Invariant {
        name: "with a phone go all its periods that have not ended",
        rules: &["R9.7"],
        check: all_periods_go,
    },
    Invariant { name: "what may not be unsubscribed is not", rules: &["R9.8"], check: not_allowed },
    Invariant {
        name: "a large refund is reviewed, and silence approves it",
        rules: &["R9.9"],
        check: reviews,
    },
    Invariant {
        name: "a refund goes where the book sends it, and arrives when it says",
        rules: &["R9.10"],
        check: destination,
    },
    Invariant {
        name: "a call names ten phones at most and is answered for each",
        rules: &["R9.11"],
        check: answered_for_each,
    },
];

fn refunded<'a>(m: &Moment<'a>) -> Option<&'a Refunded> {
    match m.event()? {
        Event::Refunded(e) => Some(e),
        _ => None,
    }
}

/// What a phone's share of an order's payment was, as the state has it before an entry.
fn share<'a>(m: &Moment<'a>, e: &Refunded) -> Option<&'a Split> {
    let periods = &m.account.subscription(&e.phone)?.periods;
    periods.iter().find(|period| period.order == e.order).map(|period| &period.paid)
}

fn stretch(m: &Moment<'_>, e: &Refunded) -> Option<(Paid, Stretch)> {
    let paid = paid(m, &e.phone)?;
    let stretch = paid.of(&e.order)?.clone();
    Some((paid, stretch))
}

fn what_comes_back(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = refunded(m) else { return };
    let discount = |part: &koosim_model::state::SplitPart| {
        m.account.coupons.get(&part.coupon).is_some_and(|c| c.terms.worth.money().is_none())
    };
    tally.holds(!e.refund.coupons.iter().any(discount), e);
    let in_use = matches!(e.terms, RefundTerms::Conditional | RefundTerms::Switched);
    let vouchers = |split: &Split| -> Vec<_> {
        let vouchers = split.coupons.iter().filter(|part| !part.counts_as_paid);
        vouchers.map(|part| (part.coupon.clone(), part.amount)).collect()
    };
    if in_use {
        tally.holds(vouchers(&e.refund).is_empty(), e);
    } else if let Some(share) = share(m, e) {
        let mut due = vouchers(share);
        due.retain(|(coupon, _)| lives(m, coupon));
        tally.same(vouchers(&e.refund), due, e);
    }
}

/// When the unsubscription of a refund was asked for: now, or when its review began.
fn asked_at(m: &Moment<'_>, phone: &PhoneId) -> SimTime {
    let ended = m
        .before()
        .take_while(|(at, _)| *at == m.at)
        .any(|(_, event)| matches!(event, Event::ReviewEnded(r) if r.phones.contains(phone)));
    let began = || {
        m.before().find_map(|(at, event)| match event {
            Event::ReviewStarted(r) if r.phones.contains(phone) => Some(at),
            _ => None,
        })
    };
    if ended { began().unwrap_or(m.at) } else { m.at }
}

fn five_day_right(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = refunded(m) else { return };
    if !matches!(e.terms, RefundTerms::FiveDay | RefundTerms::Conditional) {
        return;
    }
    let Some((_, stretch)) = stretch(m, e) else { return tally.holds(false, e) };
    let hours = m.integer("R9.2.five_day_hours");
    let age = second(asked_at(m, &e.phone)) - second(stretch.from);
    let new = stretch.first && buys(placed(m, &stretch.order).1.kind);
    let voided = m.before().any(|(_, event)| matches!(event, Event::FiveDayRightVoided(_)));
    let barred = voided || marked(m, &e.phone, Mark::NoFiveDayRight);
    let year = m.at.day().year();
    let used = m.before().filter(|(at, event)| {
        let five_day = matches!(event, Event::Refunded(r) if r.terms == RefundTerms::FiveDay);
        five_day && at.day().year() == year
    });
    let left = i64::try_from(used.count()).unwrap() < m.integer("R9.2.five_day_quota");
    let right = m.flag("R9.2.five_day_right");
    let due = right && new && age.floor_secs() < hours * 3600 && left && !barred;
    tally.same(e.terms == RefundTerms::FiveDay, due, &(e, age.floor_secs()));
}

/// A payment without the coupons that have expired since.
fn still_alive(m: &Moment<'_>, split: &Split) -> Decimal {
    let alive = split.coupons.iter().filter(|part| lives(m, &part.coupon));
    sum(alive.map(|part| part.amount).chain([split.cash, split.credit]))
}

fn everything_within_five_days(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = refunded(m).filter(|e| e.terms == RefundTerms::FiveDay) else { return };
    let Some(share) = share(m, e) else { return tally.holds(false, e) };
    tally.same(e.refund.total().unwrap().value(), still_alive(m, share), e);
    tally.holds(e.fee.is_zero() && e.consumed.is_zero(), e);
    let money = |split: &Split| split.cash.value() + split.credit.value();
    tally.same(money(&e.refund), money(share), e);
}

/// Used and whole length of a stretch in the unit of the book.
fn lengths(m: &Moment<'_>, stretch: &Stretch) -> (i64, i64) {
    let end = stretch.last.plus_days(1).start();
    if m.word("R9.4.time_unit") == "hours" {
        let hours = |to: SimTime| (to - hour(stretch.from)).floor_secs() / 3600;
        (hours(hour(m.at)), hours(end))
    } else {
        let days = |to: SimTime| (to - stretch.from.day().start()).floor_secs() / 86_400;
        (days(m.at.day().start()), days(end))
    }
}

fn in_use(e: &Refunded) -> bool {
    matches!(e.terms, RefundTerms::Conditional | RefundTerms::Switched)
}

/// What a payment counts as paid: everything but vouchers.
fn counted(split: &Split) -> Decimal {
    let parts = split.coupons.iter().filter(|part| part.counts_as_paid);
    sum(parts.map(|part| part.amount).chain([split.cash, split.credit]))
}

fn paid_less_used_less_fee(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = refunded(m).filter(|e| in_use(e)) else { return };
    let (Some(share), Some((_, stretch))) = (share(m, e), stretch(m, e)) else {
        return tally.holds(false, e);
    };
    let (used, total) = lengths(m, &stretch);
    tally.same((i64::from(e.used), i64::from(e.total)), (used, total), e);
    let exact = counted(share) * Decimal::from(used) / Decimal::from(total);
    let consumed = rounded(m.word("R9.4.cents_rounding"), exact, cents(e.fee.currency()));
    tally.same(e.consumed.value(), consumed, e);
    let due = (counted(share) - consumed - e.fee.value()).max(Decimal::ZERO);
    tally.same(e.refund.total().unwrap().value(), due, e);
}

/// The rate of the fee for a stretch that is given back now.
fn fee_rate(m: &Moment<'_>, term: Term, from: SimTime) -> Decimal {
    let path = match term {
        Term::Months(_) => "R9.5.fee_monthly".to_owned(),
        Term::Years(n) => format!("R9.5.fee_{n}_year"),
    };
    let table = m.table(&path);
    let day = from.day();
    let past = |years: u32| {
        let anniversary = later(day, 12 * years, day.day_of_month()).start() + (from - day.start());
        second(m.at) > anniversary
    };
    let mut year = 1;
    while past(year) && table.get(&(year + 1).to_string()).is_some() {
        year += 1;
    }
    table.get(&year.to_string()).unwrap()
}

fn fee_by_term_and_year(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = refunded(m) else { return };
    if e.terms != RefundTerms::Conditional {
        return tally.holds(e.fee.is_zero(), e);
    }
    let (Some(share), Some((_, stretch))) = (share(m, e), stretch(m, e)) else {
        return tally.holds(false, e);
    };
    let term = placed(m, &e.order).1.term;
    let rate =
        if m.flag("R9.5.fee_waived") { Decimal::ZERO } else { fee_rate(m, term, stretch.from) };
    let word = m.word("R9.4.cents_rounding");
    tally.same(e.fee.value(), rounded(word, counted(share) * rate, cents(e.fee.currency())), e);
}

fn not_begun_comes_back_whole(m: &Moment<'_>, tally: &mut Tally) {
    let Some(e) = refunded(m) else { return };
    let Some((_, stretch)) = stretch(m, e) else { return };
    tally.same(e.terms == RefundTerms::NotStarted, stretch.from > m.at, e);
    if e.terms == RefundTerms::NotStarted
        && let Some(share) = share(m, e)
    {
        tally.same(e.refund.total().unwrap().value(), still_alive(m, share), e);
    }
}

fn all_periods_go(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Unsubscribed(e)) = m.event() else { return };
    let Some(paid) = paid(m, &e.phone) else { return tally.holds(false, e) };
    let returned: Vec<_> = m
        .before()
        .take_while(|(at, _)| *at == m.at)
        .filter_map(|(_, event)| match event {
            Event::Refunded(r) if r.phone == e.phone => Some(r.order.clone()),
            _ => None,
        })
        .collect();
    if let UnsubscribeWhat::RenewalsAfter(kept) = e.what {
        tally.same(e.expires, Some(kept), e);
    }
    if let Some(kept) = e.expires {
        let ends = paid.stretches.iter().any(|stretch| stretch.last == kept.day());
        tally.holds(ends, e);
    }
    for stretch in &paid.stretches {
        let goes = match e.expires {
            None => stretch.last.end() > m.at,
            Some(kept) => stretch.last > kept.day(),
        };
        tally.same(returned.contains(&stretch.order), goes, &(e, stretch));
    }
}

/// Notes that bar a return, each with its reason.
const BARRED: &[(Mark, Reason)] = &[
    (Mark::Free, Reason::Free),
    (Mark::Trial, Reason::Trial),
    (Mark::OneOff, Reason::OneOff),
    (Mark::Invoiced, Reason::Invoiced),
    (Mark::StandardContract, Reason::StandardContract),
    (Mark::SpecialPromotion, Reason::SpecialPromotion),
];

/// Whether the phone was given the note in the life that it now leads under its name.
fn marked(m: &Moment<'_>, phone: &PhoneId, mark: Mark) -> bool {
    let mut life = m.before().map(|(_, event)| event).take_while(|event| {
        let begins = match event {
            Event::OrderPlaced(e) => e.kind == OrderKind::New,
            event => matches!(event, Event::Created(_)),
        };
        !(begins && event.phones().contains(phone))
    });
    life.any(|event| matches!(event, Event::Marked(e) if e.phone == *phone && e.mark == mark))
}

/// Whether the phone sits in an order that is open. One that failed is out of it.
fn waits(m: &Moment<'_>, phone: &PhoneId) -> bool {
    let sits = |o: &Order| o.phones.contains(phone) && !o.failed.contains(phone);
    m.account.orders.values().any(sits)
}

fn not_allowed(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::Unsubscribed(e)) = m.event() {
        tally.holds(!BARRED.iter().any(|(mark, _)| marked(m, &e.phone, *mark)), e);
        tally.holds(!m.account.returns.under_review(&e.phone), e);
        let phase = m.account.subscription(&e.phone).map(|s| s.phase);
        tally.same(phase, Some(Phase::Active), e);
        tally.holds(paid(m, &e.phone).is_some_and(|paid| m.at < paid.end()), e);
        tally.holds(!waits(m, &e.phone), e);
    }
    let told = match (m.event(), m.refused()) {
        (Some(Event::UnsubscribeFailed(e)), _) => Some((&e.reason, vec![e.phone.clone()])),
        (_, Some((reason, Op::Unsubscribe { phones, .. }))) => Some((reason, phones.clone())),
        _ => None,
    };
    let Some((reason, phones)) = told else { return };
    let phase = |phone: &PhoneId| m.account.subscription(phone).map(|s| s.phase);
    let over = |phone: &PhoneId| paid(m, phone).is_some_and(|paid| paid.end() == m.at);
    let stands = |phone: &PhoneId| match reason {
        Reason::Expired => matches!(phase(phone), Some(Phase::Grace { .. })) || over(phone),
        Reason::Frozen => matches!(phase(phone), Some(Phase::Frozen { .. })),
        Reason::FrozenByPolice => {
            m.account.phones.get(phone).is_some_and(|p| p.details.holds.police)
        }
        Reason::OrderPending => waits(m, phone),
        Reason::UnderReview => m.account.returns.under_review(phone),
        reason => {
            let bar = BARRED.iter().find(|(_, bar)| bar == reason);
            bar.is_none_or(|(mark, _)| marked(m, phone, *mark))
        }
    };
    tally.holds(phones.iter().any(stands), &(reason, &phones));
}

fn reviews(m: &Moment<'_>, tally: &mut Tally) {
    let above = m.decimal("R9.9.review_above");
    match m.event() {
        Some(Event::ReviewStarted(e)) => {
            tally.holds(e.refund.value() > above, e);
            tally.same(e.decide_by, m.at + m.duration("R9.9.approved_after"), e);
        }
        Some(Event::ReviewEnded(e)) => {
            let started = m.before().find_map(|(_, event)| match event {
                Event::ReviewStarted(s) if s.phones == e.phones => Some(s.decide_by),
                _ => None,
            });
            let Some(decide_by) = started else { return tally.holds(false, e) };
            tally.same(e.verdict == ReviewVerdict::Silent, m.at == decide_by && !answered(m), e);
            let gone = m.then().any(|event| matches!(event, Event::Unsubscribed(_)));
            tally.holds(e.verdict != ReviewVerdict::Refused || !gone, e);
        }
        Some(Event::Unsubscribed(e)) if asked_at(m, &e.phone) == m.at => {
            let Some(Op::Unsubscribe { phones, .. }) = m.asked_now().map(|c| &c.op) else { return };
            let here = m.before().take_while(|(at, _)| *at == m.at).map(|(_, event)| event);
            let refunds = here.chain(m.then()).filter_map(|event| match event {
                Event::Refunded(r) if phones.contains(&r.phone) => r.refund.total().ok(),
                _ => None,
            });
            tally.holds(sum(refunds) <= above, e);
        }
        _ => {}
    }
}

fn answered(m: &Moment<'_>) -> bool {
    matches!(m.asked_now().map(|c| &c.op), Some(Op::AnswerReview { .. }))
}

fn destination(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(e) = refunded(m) {
        let by_partner = m.account.returns.marks_of(&e.phone).contains(&Mark::PaidByPartner);
        let delay = m.duration("R9.10.refund_delay");
        let due = if by_partner {
            RefundTo::Partner
        } else if m.word("R9.10.destination") == "original_method" {
            RefundTo::OriginalMethod
        } else if delay.as_nanos() == 0 {
            RefundTo::Cash
        } else {
            RefundTo::CashLater { arrives: m.at + delay }
        };
        tally.same(e.to, due, e);
    }
    if let Some(Event::RefundArrived(e)) = m.event() {
        let sent = m.before().filter_map(|(_, event)| match event {
            Event::Refunded(r) if r.to == (RefundTo::CashLater { arrives: m.at }) => {
                Some(r.refund.cash)
            }
            _ => None,
        });
        tally.same((e.arrives, e.amount.value()), (m.at, sum(sent)), e);
    }
}

fn answered_for_each(m: &Moment<'_>, tally: &mut Tally) {
    let super::What::Asked(command) = m.what else { return };
    let Op::Unsubscribe { phones, what } = &command.op else { return };
    let answers: Vec<_> = m.then().collect();
    if answers.is_empty() {
        return;
    }
    let most = m.integer("R9.11.unsubscriptions_per_call_max");
    tally.holds(i64::try_from(phones.len()).unwrap() <= most, phones);
    let whole = *what == UnsubscribeWhat::PhoneAndRenewals;
    for phone in phones {
        let answered = answers.iter().any(|event| match event {
            Event::Unsubscribed(e) => e.phone == *phone && e.expires.is_none() == whole,
            Event::UnsubscribeFailed(e) => e.phone == *phone,
            Event::ReviewStarted(e) => e.phones.contains(phone),
            _ => false,
        });
        tally.holds(answered, phone);
    }
}
