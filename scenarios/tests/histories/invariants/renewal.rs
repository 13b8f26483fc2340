//! R5: renewal by hand, up to a unified day, and late.

use super::arithmetic::{cents, days_in, half_up, later};
use super::lives::{months, paid};
use super::product::{verification_needed, verified};
use super::{Invariant, Moment, Tally, What};
use koosim_model::command::{Op, Source};
use koosim_model::decision::Reason;
use koosim_model::event::{Event, OrderPlaced};
use koosim_model::lifecycle::PhoneStatus;
use koosim_model::name::PhoneId;
use koosim_model::state::{AtExpiry, OrderKind, Phase, Phone};
use koosim_model::term::Term;
use koosim_model::time::BillingDay;
use rust_decimal::Decimal;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "phones renewed in one action have orders of one group, or an answer each",
        rules: &["R5.4"],
        check: several_at_once,
    },
    Invariant {
        name: "one renewal lengthens one phone with all that is part of it",
        rules: &["R5.5"],
        check: one_phone_whole,
    },
    Invariant {
        name: "only subscriptions that nothing stands against are renewed",
        rules: &["R5.1"],
        check: renewable,
    },
    Invariant {
        name: "a late renewal begins at the old expiry all the same",
        rules: &["R5.2"],
        check: begins_at_the_old_expiry,
    },
    Invariant {
        name: "a phone can be renewed until it is released",
        rules: &["R5.3"],
        check: until_the_release,
    },
    Invariant {
        name: "a unified renewal ends on the first unified day and pays the extra days",
        rules: &["R5.6"],
        check: unified,
    },
    Invariant {
        name: "a renewal into the future brings a frozen phone back",
        rules: &["R5.7"],
        check: unfreezes,
    },
    Invariant {
        name: "nothing is renewed beyond the greatest total term",
        rules: &["R5.8"],
        check: not_beyond_the_greatest_term,
    },
];

fn renews(e: &OrderPlaced) -> bool {
    matches!(e.kind, OrderKind::Renew | OrderKind::AutoRenew)
}

fn renewable(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::OrderPlaced(e)) = m.event()
        && renews(e)
    {
        for phone in &e.phones {
            let subscription = m.account.subscription(phone);
            tally.holds(subscription.is_some() && paid(m, phone).is_some(), e);
            let moves = subscription.is_some_and(|s| s.at_expiry == AtExpiry::ToOnDemand);
            tally.holds(!moves, e);
            let open = m.account.orders.values().any(|order| order.phones.contains(phone));
            tally.holds(!open && !m.account.returns.under_review(phone), e);
            if e.kind == OrderKind::Renew {
                let needed = verification_needed(m, "R5.1.verification_needed");
                tally.holds(verified(m) >= needed, e);
                let withdrawn = m.judged_by().catalogue().withdrawn_at(&e.size);
                tally.holds(withdrawn.is_none_or(|gone| m.at < gone), e);
            }
        }
    }
    if let Some((reason, Op::Renew { phones, .. })) = m.refused() {
        tally.holds(phones.iter().any(|phone| stands(m, reason, phone)), &(reason, phones));
    }
    if let Some(Event::RefusedFor(e)) = m.event()
        && matches!(m.asked_now().map(|c| &c.op), Some(Op::Renew { .. }))
    {
        tally.holds(stands(m, &e.reason, &e.phone), e);
    }
}

/// Whether a reason stands against the renewal of a phone.
fn stands(m: &Moment<'_>, reason: &Reason, phone: &PhoneId) -> bool {
    let subscription = m.account.subscription(phone);
    let open = || m.account.orders.values().any(|order| order.phones.contains(phone));
    match reason {
        Reason::UnknownPhone(_) => {
            m.account.phones.get(phone).is_none_or(|p| p.status() == PhoneStatus::Gone)
        }
        Reason::OnDemand => subscription.is_none(),
        Reason::OrderPending => open(),
        Reason::BecomingOnDemand => {
            subscription.is_some_and(|s| s.at_expiry == AtExpiry::ToOnDemand)
        }
        Reason::UnderReview => m.account.returns.under_review(phone),
        Reason::NotProvisioned => subscription.is_none() && open(),
        Reason::NotVerified => verified(m) < verification_needed(m, "R5.1.verification_needed"),
        _ => true,
    }
}

fn several_at_once(m: &Moment<'_>, tally: &mut Tally) {
    let What::Asked(command) = m.what else { return };
    let Op::Renew { phones, .. } = &command.op else { return };
    let answers: Vec<_> = m.then().collect();
    let placed: Vec<_> = answers
        .iter()
        .filter_map(|event| match event {
            Event::OrderPlaced(e) if e.kind == OrderKind::Renew => Some(e),
            _ => None,
        })
        .collect();
    if placed.is_empty() {
        return;
    }
    let ordered = |phone: &PhoneId| placed.iter().any(|e| e.phones.contains(phone));
    if command.envelope.source == Source::Api {
        let most = m.integer("R5.4.renewals_per_call_max");
        tally.holds(i64::try_from(phones.len()).unwrap() <= most, phones);
        for phone in phones {
            let failed = answers
                .iter()
                .any(|event| matches!(event, Event::RefusedFor(e) if e.phone == *phone));
            tally.holds(ordered(phone) != failed, phone);
        }
    } else {
        tally.holds(phones.iter().all(ordered), phones);
        let groups: Vec<_> = placed.iter().map(|e| e.group.as_ref().map(|g| &g.first)).collect();
        let one = groups.iter().all(|group| *group == groups[0]);
        tally.holds(one && (groups.len() == 1 || groups[0].is_some()), phones);
    }
}

fn one_phone_whole(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::OrderPlaced(e)) = m.event()
        && renews(e)
    {
        tally.same(e.phones.len(), 1, e);
        let extra = e.unified.as_ref().map_or(Decimal::ZERO, |unified| unified.extra.value());
        let whole = super::prices::list_price(m, &e.size, e.term, e.official.currency());
        tally.same(whole.map(|whole| whole + extra), Some(e.official.value()), e);
    }
    if let Some(Event::Renewed(e)) = m.event() {
        let folded = m.folded;
        for (id, phone) in m.account.phones.iter() {
            let expires = |phone: &Phone| phone.subscription().map(|s| s.expires);
            let after = folded.phones.get(id).and_then(expires);
            let due = if *id == e.phone { Some(e.expires) } else { expires(phone) };
            tally.same(after, due, &(e, id));
        }
    }
}

fn begins_at_the_old_expiry(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Renewed(e)) = m.event() else { return };
    let Some(paid) = paid(m, &e.phone).filter(|paid| paid.end() <= m.at) else { return };
    let (_, order) = super::lives::placed(m, &e.order);
    tally.same(e.from.day(), paid.last().last, e);
    if order.unified.is_none() {
        let due = later(e.from.day(), months(order.term), paid.last().number);
        tally.same(e.expires.day(), due, e);
    }
}

fn until_the_release(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::Renewed(e)) = m.event() {
        let Some(phone) = m.account.phones.get(&e.phone) else {
            return tally.holds(false, e);
        };
        match phone.subscription().map(|s| s.phase) {
            Some(Phase::Grace { until }) => tally.holds(m.at <= until, e),
            Some(Phase::Frozen { until, .. }) => tally.holds(m.at <= until, e),
            Some(Phase::Active) => {}
            None => tally.holds(false, e),
        }
    }
    // Neither grace nor retention is a reason.
    if let Some((reason @ (Reason::Expired | Reason::Frozen), Op::Renew { phones, .. })) =
        m.refused()
    {
        let violation = |phone| {
            m.account.phones.get(phone).is_some_and(|p: &Phone| p.details.holds.violation.is_some())
        };
        let violation = phones.iter().any(violation);
        tally.holds(violation && !m.flag("R8.8.renew_while_violation"), &(reason, phones));
    }
}

/// The unified day of the account before an entry, below 1 for the last of the month.
fn unified_day(m: &Moment<'_>) -> i64 {
    let told = m.before().find_map(|(_, event)| match event {
        Event::UnifiedDaySet(e) => Some(i64::from(e.day)),
        _ => None,
    });
    told.unwrap_or_else(|| m.integer("R5.6.unified_day"))
}

fn unified(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::OrderPlaced(e)) = m.event() else { return };
    let (Some(unified), Some(phone)) = (&e.unified, e.phones.first()) else { return };
    let Some(paid) = paid(m, phone) else { return };
    let (old, number) = (paid.last().last, paid.last().number);
    let moved = later(old, months(e.term), number);
    let day = unified_day(m);
    let wanted = u32::try_from(day).ok().filter(|day| *day > 0).unwrap_or(31);
    let here = later(moved, 0, wanted);
    let end = if here >= moved { here } else { later(moved, 1, wanted) };
    tally.same(unified.expires.day(), end, e);
    let mut extra: Vec<BillingDay> = Vec::new();
    let mut next = moved;
    while next < end {
        next = next.plus_days(1);
        extra.push(next);
    }
    let older = m.word("R5.6.first_day_counting") == "expiry_day" && day == 1;
    if older && !extra.is_empty() {
        extra.insert(0, moved);
    }
    tally.same(usize::try_from(unified.extra_days).unwrap(), extra.len(), e);
    let price = |of| super::prices::list_price(m, &e.size, of, e.official.currency());
    let exact: Option<Decimal> = if m.word("R5.6.extra_day_price") == "order_days" {
        let whole = (moved.end() - old.end()).floor_secs() / 86_400;
        price(e.term).map(|price| price * Decimal::from(extra.len()) / Decimal::from(whole))
    } else {
        price(Term::Months(1)).map(|month| {
            let part = |day: &BillingDay| month / Decimal::from(days_in(day.year(), day.month()));
            extra.iter().map(part).sum()
        })
    };
    // A sum of repeating decimals that is even in truth may fall short of it by the last digit.
    let cost = |exact: Decimal| half_up(half_up(exact, 12), cents(e.official.currency()));
    tally.same(Some(unified.extra.value()), exact.map(cost).or(Some(Decimal::ZERO)), e);
    let keeps = if m.flag("R5.6.becomes_anchor") { wanted } else { number };
    tally.same(unified.anchor_day, keeps, e);
}

fn unfreezes(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::Renewed(e)) = m.event() else { return };
    let before = m.account.subscription(&e.phone).map(|s| s.phase);
    if !matches!(before, Some(Phase::Frozen { .. })) || e.expires.boundary() <= m.at {
        return;
    }
    let folded = m.folded;
    let phase = folded.subscription(&e.phone).map(|s| s.phase);
    let frozen_again = m.then().any(|event| match event {
        Event::Frozen(f) => f.phone == e.phone,
        Event::Expired(f) => f.phone == e.phone,
        _ => false,
    });
    tally.same(phase, Some(Phase::Active), e);
    tally.holds(!frozen_again, e);
}

/// The first day of a phone's subscription and the number of that day.
fn first_day(m: &Moment<'_>, phone: &PhoneId) -> Option<BillingDay> {
    paid(m, phone)?.stretches.first().filter(|stretch| stretch.first).map(|s| s.from.day())
}

fn not_beyond_the_greatest_term(m: &Moment<'_>, tally: &mut Tally) {
    let most = u32::try_from(m.integer("R5.8.total_months_max")).unwrap();
    if most == 0 {
        return;
    }
    if let Some(Event::Renewed(e)) = m.event()
        && let Some(first) = first_day(m, &e.phone)
    {
        tally.holds(e.expires.day() <= later(first, most, first.day_of_month()), e);
    }
    if let Some((Reason::TermTooLong, Op::Renew { phones, term, .. })) = m.refused() {
        let too_long = |phone: &PhoneId| {
            let (Some(first), Some(paid)) = (first_day(m, phone), paid(m, phone)) else {
                return false;
            };
            let moved = later(paid.last().last, months(*term), paid.last().number);
            // A unified day may lie a month beyond that.
            later(moved, 1, 31) > later(first, most, first.day_of_month())
        };
        tally.holds(phones.iter().any(too_long), phones);
    }
}
