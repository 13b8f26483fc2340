//! R2: metering, its records, their prices and their instants.

use super::arithmetic::{at_second, cents, cut, first_of_month, hour, later, rounded, second, sum};
use super::lives::use_by_hour;
use super::{Invariant, Moment, Tally, What};
use koosim_model::command::Op;
use koosim_model::decision::Reason;
use koosim_model::event::Event;
use koosim_model::lifecycle::PhoneStatus;
use koosim_model::money::{Amount, Currency};
use koosim_model::name::PhoneId;
use koosim_model::state::Power;
use koosim_model::time::{BillingDay, SimDuration, SimTime};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "a record lies in one clock hour and has whole seconds",
        rules: &["R2.1", "R2.3"],
        check: in_one_hour,
    },
    Invariant {
        name: "every hour of use from creation to deletion has one record",
        rules: &["R2.2", "R2.3", "R2.1"],
        check: every_hour_has_its_record,
    },
    Invariant {
        name: "a record costs its seconds at the price of the hour",
        rules: &["R2.4", "R2.7"],
        check: costs_its_seconds,
    },
    Invariant {
        name: "use is deducted after its hour, or with its month",
        rules: &["R2.5"],
        check: deducted_when_due,
    },
    Invariant {
        name: "a phone that is switched off is billed or not, as the book says",
        rules: &["R2.6"],
        check: billed_while_off,
    },
    Invariant {
        name: "an amount due is rounded as the site does",
        rules: &["R2.8"],
        check: rounded_as_the_site_does,
    },
    Invariant {
        name: "what rounding takes off is dropped, or collected with the month",
        rules: &["R2.9"],
        check: erased_decimals,
    },
    Invariant {
        name: "a deposit is kept from creation to the first settlement",
        rules: &["R2.13"],
        check: deposits,
    },
    Invariant {
        name: "what is charged by use is neither renewed nor unsubscribed",
        rules: &["R2.14"],
        check: only_deleted,
    },
    Invariant {
        name: "a deletion that is not refused happens at once",
        rules: &["R2.2"],
        check: deletions_happen,
    },
    Invariant {
        name: "what is charged by use keeps its size",
        rules: &["R2.15"],
        check: keeps_its_size,
    },
    Invariant {
        name: "only sizes with a price by the hour are had on demand, and no industry ones",
        rules: &["R2.16"],
        check: sold_on_demand,
    },
];

const HOUR: SimDuration = SimDuration::from_hours(1);

/// A record of use, charged or to be charged with its month.
struct Use<'a> {
    phone: &'a PhoneId,
    from: SimTime,
    to: SimTime,
    seconds: u32,
    official: Amount,
    discount: Amount,
}

fn record(event: &Event) -> Option<Use<'_>> {
    match event {
        Event::Settled(e) => Some(Use {
            phone: &e.phone,
            from: e.from,
            to: e.to,
            seconds: e.seconds,
            official: e.official,
            discount: e.discount,
        }),
        Event::Metered(e) => Some(Use {
            phone: &e.phone,
            from: e.from,
            to: e.to,
            seconds: e.seconds,
            official: e.official,
            discount: e.discount,
        }),
        _ => None,
    }
}

fn deletions_happen(m: &Moment<'_>, tally: &mut Tally) {
    let What::Asked(command) = m.what else { return };
    let Op::Delete { phone } = &command.op else { return };
    if m.account.metering(phone).is_some_and(|metering| !metering.deleted) {
        let deleted = |event: &Event| matches!(event, Event::Deleted(e) if e.phone == *phone);
        let answer = m.told_after().next().map(|told| &told.what);
        tally.holds(matches!(answer, Some(What::Refused(_))) || m.then().any(deleted), phone);
    }
}

fn in_one_hour(m: &Moment<'_>, tally: &mut Tally) {
    let Some(used) = m.event().and_then(record) else { return };
    let period = m.duration("R2.1.settlement_period");
    tally.holds(used.from <= used.to && used.to <= hour(used.from) + period, &m.event());
    tally.holds(used.from == second(used.from) && used.to == second(used.to), &m.event());
    tally.holds(i64::from(used.seconds) <= (used.to - used.from).floor_secs(), &m.event());
}

fn every_hour_has_its_record(m: &Moment<'_>, tally: &mut Tally) {
    if !m.is_over() {
        return;
    }
    let told: Vec<_> = m.told_before().cloned().collect();
    let told: Vec<_> = told.into_iter().rev().collect();
    let due = use_by_hour(&told, m.at);
    let mut found: BTreeMap<(PhoneId, SimTime), (i64, usize)> = BTreeMap::new();
    for event in told.iter().filter_map(|told| match &told.what {
        What::Happened(event) => Some(event),
        _ => None,
    }) {
        let Some(used) = record(event) else { continue };
        let here = found.entry((used.phone.clone(), hour(used.from))).or_default();
        *here = (here.0 + i64::from(used.seconds), here.1 + 1);
    }
    let latest = m.duration("R2.5.deduction_lag_latest");
    for ((phone, begin), seconds) in &due {
        if *begin + HOUR + latest < m.at {
            let seen = found.get(&(phone.clone(), *begin)).map_or(0, |(seconds, _)| *seconds);
            tally.same(seen, *seconds, &(phone, begin.wall()));
        }
    }
    for (key, (seconds, records)) in &found {
        tally.holds(due.contains_key(key), &(key, seconds, records));
    }
}

/// The price of an hour of a phone, and the best discount, before an entry.
fn prices(m: &Moment<'_>, phone: &PhoneId) -> (Decimal, Decimal) {
    let price = m.before().find_map(|(_, event)| match event {
        Event::Created(e) if e.phone == *phone => Some(e.unit_price),
        Event::BecameOnDemand(e) if e.phone == *phone => Some(e.unit_price),
        _ => None,
    });
    (price.unwrap().value(), super::prices::best_discount(m).0)
}

fn costs_its_seconds(m: &Moment<'_>, tally: &mut Tally) {
    let Some(used) = m.event().and_then(record) else { return };
    let decimals = |path| u32::try_from(m.integer(path)).unwrap();
    let (price, rate) = prices(m, used.phone);
    let hours =
        cut(Decimal::from(used.seconds) / Decimal::from(3600), decimals("R2.7.usage_decimals"));
    let fee = |exact| rounded(m.word("R2.7.fee_rounding"), exact, decimals("R2.7.fee_decimals"));
    let official = fee(price * hours);
    tally.same(used.official.value(), official, &m.event());
    tally.same(used.discount.value(), fee(official * rate), &m.event());
}

fn month_is_due(m: &Moment<'_>, cycle: BillingDay) -> (SimTime, SimTime) {
    let number = u32::try_from(m.integer("R2.5.monthly_charge_day")).unwrap();
    let day = later(cycle, 1, number);
    (at_second(day, m.time_of_day("R2.5.monthly_charge_time")), day.end())
}

fn deducted_when_due(m: &Moment<'_>, tally: &mut Tally) {
    let Some(event) = m.event() else { return };
    if let Some(used) = record(event) {
        let hourly = m.word("R2.5.deduction_mode") == "hourly";
        tally.same(matches!(event, Event::Settled(_)), hourly, event);
        let end = hour(used.from) + HOUR;
        let lag = |path| end + m.duration(path);
        let window = lag("R2.5.deduction_lag_earliest")..=lag("R2.5.deduction_lag_latest");
        tally.holds(window.contains(&m.at), event);
        if !m.drawn() {
            tally.same(m.at, lag("R2.5.deduction_lag_default"), event);
        }
    }
    let cycle = match event {
        Event::MonthCharged(e) => e.cycle,
        Event::ErasedCollected(e) => e.cycle,
        Event::MonthSettled(e) => e.cycle,
        _ => return,
    };
    let (due, end) = month_is_due(m, cycle);
    if m.drawn() {
        tally.holds(m.at.day() == due.day() && m.at < end, event);
    } else {
        tally.same(m.at, due, event);
    }
}

fn billed_while_off(m: &Moment<'_>, tally: &mut Tally) {
    let billed = m.flag("R2.6.powered_off_is_billed");
    match m.event() {
        Some(Event::PowerSet(e)) => {
            let Some(metering) = m.account.metering(&e.phone) else { return };
            let (off, runs) = (e.to == Power::Off, !metering.paused);
            let pauses = m.then().any(|event| match event {
                Event::UsePaused(p) => p.phone == e.phone,
                _ => false,
            });
            tally.same(pauses, off && runs && !billed, e);
        }
        Some(event @ Event::UsePaused(_)) => tally.holds(!billed, event),
        _ => {}
    }
}

/// Decimals of what can be paid, as the book says.
fn due_decimals(m: &Moment<'_>, currency: Currency) -> u32 {
    let path =
        if currency == Currency::JPY { "R2.8.due_decimals_jpy" } else { "R2.8.due_decimals" };
    u32::try_from(m.integer(path)).unwrap()
}

fn rounded_as_the_site_does(m: &Moment<'_>, tally: &mut Tally) {
    let word = m.word("R2.8.due_rounding");
    match m.event() {
        Some(Event::Settled(e)) => {
            let net = e.official.value() - e.discount.value();
            let due = rounded(word, net, due_decimals(m, e.due.currency()));
            tally.same((e.due.value(), e.erased.value()), (due, net - due), e);
        }
        Some(Event::MonthCharged(e)) => {
            let records = m.before().filter_map(|(_, event)| match event {
                Event::Metered(u)
                    if first_of_month((u.to - SimDuration::from_secs(1)).day()) == e.cycle =>
                {
                    Some(u.official.value() - u.discount.value())
                }
                _ => None,
            });
            // A month is charged once, on the day on which all its records are there.
            let total: Decimal = records.sum();
            let due = rounded(word, total, due_decimals(m, e.due.currency()));
            tally.same((e.total.value(), e.due.value()), (total, due), e);
        }
        _ => {}
    }
}

fn erased_decimals(m: &Moment<'_>, tally: &mut Tally) {
    let collected = m.flag("R2.9.erased_is_collected");
    match m.event() {
        Some(Event::Settled(e)) => {
            // Several phones may be settled at one instant.
            let mut its_own = m.then().take_while(|event| !matches!(event, Event::Settled(_)));
            let kept = its_own.find_map(|event| match event {
                Event::ErasedKept(k) => Some(k.erased),
                _ => None,
            });
            let due = (collected && !e.erased.is_zero()).then_some(e.erased);
            tally.same(kept, due, e);
        }
        Some(Event::ErasedCollected(e)) => {
            let kept = m.before().filter_map(|(_, event)| match event {
                Event::ErasedKept(k) if k.cycle == e.cycle => Some(k.erased),
                _ => None,
            });
            let total = sum(kept);
            let word = m.word("R2.8.due_rounding");
            let due = rounded(word, total, cents(e.due.currency())).max(Decimal::ZERO);
            tally.same((e.total.value(), e.due.value()), (total, due), e);
            tally.holds(collected, e);
        }
        _ => {}
    }
}

fn deposits(m: &Moment<'_>, tally: &mut Tally) {
    let deposit = m.decimal("R2.13.deposit");
    let held = |phone: &PhoneId| m.account.funds.deposits.contains_key(phone);
    match m.event() {
        Some(Event::Created(e)) => {
            let frozen = m.then().find_map(|event| match event {
                Event::DepositFrozen(d) if d.phone == e.phone => Some(d.amount.value()),
                _ => None,
            });
            tally.same(frozen.unwrap_or(Decimal::ZERO), deposit, e);
            let least = m.decimal("R2.13.balance_to_create");
            let enough = least.is_zero() || m.account.available().unwrap().value() >= least;
            tally.holds(enough, e);
        }
        Some(Event::Settled(e)) => tally.holds(!held(&e.phone), e),
        Some(Event::Metered(e)) => tally.holds(!held(&e.phone), e),
        Some(Event::DepositReleased(e)) => {
            let frozen = m.before().find_map(|(_, event)| match event {
                Event::DepositFrozen(d) if d.phone == e.phone => Some(d.amount),
                Event::DepositReleased(d) if d.phone == e.phone => {
                    Some(Amount::zero(d.amount.currency()))
                }
                _ => None,
            });
            tally.same(Some(e.amount), frozen, e);
        }
        _ => {}
    }
}

fn only_deleted(m: &Moment<'_>, tally: &mut Tally) {
    let metered = |phone: &PhoneId| m.account.metering(phone).is_some();
    match m.event() {
        Some(Event::Renewed(e)) => tally.holds(!metered(&e.phone), e),
        Some(Event::Unsubscribed(e)) => tally.holds(!metered(&e.phone), e),
        Some(Event::AutoRenewalSet(e)) => tally.holds(!metered(&e.phone), e),
        Some(Event::Deleted(e)) => tally.holds(metered(&e.phone), e),
        _ => {}
    }
    match m.refused() {
        Some((Reason::OnDemand, Op::SetAutoRenewal { phone, .. })) => {
            tally.holds(metered(phone), phone);
        }
        Some((Reason::OnDemand, Op::Renew { phones, .. })) => {
            tally.holds(phones.iter().any(metered), phones);
        }
        Some((Reason::Subscribed, Op::Delete { phone })) => tally.holds(!metered(phone), phone),
        _ => {}
    }
}

fn keeps_its_size(m: &Moment<'_>, tally: &mut Tally) {
    let metered = |id: &PhoneId| {
        let phone = m.account.phones.get(id);
        phone.is_some_and(|p| p.metering().is_some() && p.stage() != PhoneStatus::Gone)
    };
    if let Some(Event::SizeChanged(e)) = m.event() {
        tally.holds(!metered(&e.phone), e);
    }
    if let Some((reason, Op::ChangeSize { phone, .. })) = m.refused()
        && metered(phone)
    {
        let supported = m.flag("R10.1.change_supported");
        tally.same(*reason == Reason::SizeFixed, !supported, &(reason, phone));
        tally.holds(m.names("R2.15") || supported, &(reason, phone));
    }
}

fn sold_on_demand(m: &Moment<'_>, tally: &mut Tally) {
    let catalogue = m.judged_by().catalogue();
    let hour = |size| catalogue.sizes().find(|(s, _)| *s == size).and_then(|(_, p)| p.hour);
    match (m.event(), m.refused()) {
        (Some(Event::Created(e)), _) => {
            tally.same(Some(e.unit_price), hour(&e.size), e);
            tally.holds(!catalogue.is_industry(&e.size), e);
        }
        (_, Some((Reason::NotSold(_), Op::CreateOnDemand { size, .. }))) => {
            tally.holds(hour(size).is_none() || catalogue.is_industry(size), size);
        }
        _ => {}
    }
}
