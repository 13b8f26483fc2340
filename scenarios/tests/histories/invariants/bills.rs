//! R11, R1.12, R2.11 and R2.12: what the bills of a story say, once it is over.

use super::arithmetic::{at_second, first_of_month, half_up, later, sum};
use super::lives::placed;
use super::{Invariant, Moment, Tally};
use koosim_model::bill::{
    BillType, Bills, Costs, Cycle, MonthState, RecordStatus, Row, Rows, Spread,
};
use koosim_model::event::Event;
use koosim_model::ledger::Book;
use koosim_model::money::Amount;
use koosim_model::state::OrderKind;
use koosim_model::time::{BillingDay, SimDuration, SimTime};
use koosim_model::view::ChargingMode;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "a payment is a row of its instant",
        rules: &["R1.12"],
        check: payments_are_rows,
    },
    Invariant {
        name: "a record that costs nothing is a row",
        rules: &["R2.11"],
        check: records_of_nothing,
    },
    Invariant {
        name: "use belongs to the month of its last second",
        rules: &["R2.12", "R11.4"],
        check: months_of_use,
    },
    Invariant { name: "a row says what its event did", rules: &["R11.2"], check: fields_of_a_row },
    Invariant {
        name: "both bills have the same money, and it is what the service earned",
        rules: &["R11.3"],
        check: bills_agree,
    },
    Invariant {
        name: "a month is final and complete on its days",
        rules: &["R11.5"],
        check: months_close,
    },
    Invariant {
        name: "what can be invoiced is what was paid, less what came back, vouchers and debt",
        rules: &["R11.6"],
        check: invoiceable,
    },
    Invariant {
        name: "the days of a period cost what was paid for it",
        rules: &["R11.7", "R3.5"],
        check: days_cost_what_was_paid,
    },
];

/// An event and the rows that it made.
type Made<'a> = (SimTime, &'a Event, Rows);

/// The bills of a story with the rows that each event made, drawn up when it is over.
fn drawn_up<'a>(m: &Moment<'a>) -> Option<(Bills, Vec<Made<'a>>)> {
    if !m.is_over() {
        return None;
    }
    let mut bills = Bills::default();
    let mut told: Vec<_> = m.before().collect();
    told.reverse();
    let rows = told.into_iter().map(|(at, event)| {
        let rows = bills.take(m.told_by(), at, m.account_id(), event).unwrap();
        (at, event, rows)
    });
    let rows = rows.collect();
    Some((bills, rows))
}

fn payments_are_rows(m: &Moment<'_>, tally: &mut Tally) {
    let Some((_, rows)) = drawn_up(m) else { return };
    for (at, event, rows) in rows {
        let Event::Charged(e) = event else { continue };
        let [row] = &rows.transaction[..] else {
            tally.holds(false, e);
            continue;
        };
        tally.same((row.consumed_from, row.consumed_to, row.traded_at), (at, at, at), e);
        tally.same((row.order.as_ref(), row.due), (Some(&e.order), e.due), e);
        let bill_type = match e.reason {
            OrderKind::New | OrderKind::Subscribe => BillType::New,
            OrderKind::Renew => BillType::Renew,
            OrderKind::AutoRenew => BillType::AutoRenew,
        };
        tally.same(row.bill_type, bill_type, e);
        tally.same(row.cycle.first_day(), first_of_month(at.day()), e);
    }
}

fn records_of_nothing(m: &Moment<'_>, tally: &mut Tally) {
    let Some((_, rows)) = drawn_up(m) else { return };
    for (_, event, rows) in rows {
        if let Event::Settled(e) = event
            && e.due.is_zero()
        {
            tally.same((rows.transaction.len(), rows.detail.len()), (1, 1), e);
        }
    }
}

fn months_of_use(m: &Moment<'_>, tally: &mut Tally) {
    let Some((_, rows)) = drawn_up(m) else { return };
    for (at, event, rows) in rows {
        let Event::Settled(e) = event else { continue };
        // Which of the two readings holds is said by the day of the charge.
        let value = m.judged_by().settings().word("R11.4".parse().unwrap(), "cycle_by", at.day());
        let used = (e.to - SimDuration::from_secs(1)).day();
        let day = if value.unwrap() == "charge" { at.day() } else { used };
        for row in &rows.transaction {
            tally.same(row.cycle.first_day(), first_of_month(day), e);
        }
    }
}

/// What a row must say of money and how it is paid for, with what was owed of it.
fn due_row(event: &Event) -> Option<(ChargingMode, Amount, Amount, Amount)> {
    match event {
        Event::Charged(e) => {
            let off = e.discount.plus(e.coupon_discount).unwrap();
            Some((ChargingMode::Subscribed, off, e.due, e.paid.debt))
        }
        Event::Settled(e) => Some((ChargingMode::OnDemand, e.discount, e.due, e.paid.debt)),
        _ => None,
    }
}

fn fields_of_a_row(m: &Moment<'_>, tally: &mut Tally) {
    let Some((_, rows)) = drawn_up(m) else { return };
    for (at, event, rows) in rows {
        for row in rows.transaction.iter().chain(&rows.detail) {
            let parts = sum([row.discount, row.erased, row.due]);
            tally.same(row.official.value(), parts, row);
            tally.same(row.paid.total().unwrap(), row.due, row);
            tally.holds(row.traded_at == at && row.consumed_from <= row.consumed_to, row);
        }
        let Some((mode, discount, due, debt)) = due_row(event) else { continue };
        let [row] = &rows.transaction[..] else {
            tally.holds(false, event);
            continue;
        };
        let status = if debt.is_positive() { RecordStatus::Unsettled } else { RecordStatus::Paid };
        tally.same((row.mode, row.status), (mode, status), event);
        tally.same((row.discount, row.due), (discount, due), event);
        if let Event::Settled(e) = event {
            tally.same((row.consumed_from, row.consumed_to), (e.from, e.to), event);
        }
    }
}

fn bills_agree(m: &Moment<'_>, tally: &mut Tally) {
    let Some((bills, rows)) = drawn_up(m) else { return };
    let by_type = |pick: &dyn Fn(&Rows) -> &Vec<Row>| {
        let mut sums: BTreeMap<(Cycle, BillType), [Decimal; 4]> = BTreeMap::new();
        for row in rows.iter().flat_map(|(_, _, rows)| pick(rows)) {
            let sum = sums.entry((row.cycle, row.bill_type)).or_default();
            let parts = [row.official, row.discount, row.erased, row.due];
            *sum = std::array::from_fn(|place| sum[place] + parts[place].value());
        }
        sums
    };
    tally.same(by_type(&|rows| &rows.transaction), by_type(&|rows| &rows.detail), &m.what);
    let billed = sum(bills.all().map(|(.., bill)| bill.total().unwrap().due));
    tally.same(billed, m.account.ledger.balance(&Book::Revenue).value(), &m.what);
}

/// How far a month has come, by the days and times of the book.
fn due_state(m: &Moment<'_>, month: BillingDay) -> MonthState {
    let on = |day, time| {
        let number = u32::try_from(m.integer(day)).unwrap();
        at_second(later(month, 1, number), m.time_of_day(time))
    };
    if m.at < later(month, 1, 1).start() {
        MonthState::Open
    } else if m.at < on("R11.5.final_day", "R11.5.final_time") {
        MonthState::Ended
    } else if m.at < on("R11.5.export_day", "R11.5.export_time") {
        MonthState::Final
    } else {
        MonthState::Complete
    }
}

fn months_close(m: &Moment<'_>, tally: &mut Tally) {
    // Seen at every instant at which something is asked, and at the end.
    if !(m.is_over() || matches!(m.what, super::What::Asked(_))) {
        return;
    }
    let month = first_of_month(m.at.day());
    let params = &m.told_by().params(m.at).bills;
    for month in [month, first_of_month(month.minus_days(1)), first_of_month(month.minus_days(40))]
    {
        tally.same(Cycle::of(month).state_at(params, m.at), due_state(m, month), &month);
    }
    if let Some((bills, _)) = drawn_up(m) {
        for (account, cycle, bill) in bills.all() {
            let state = bills.state(m.told_by(), account, cycle, m.at);
            let waits = bill.not_yet_billed.is_positive();
            let due = due_state(m, cycle.first_day());
            tally.same(state, if waits { due.min(MonthState::Ended) } else { due }, &cycle);
        }
    }
}

fn invoiceable(m: &Moment<'_>, tally: &mut Tally) {
    let Some((bills, _)) = drawn_up(m) else { return };
    let total = |part: &dyn Fn(&koosim_model::bill::CycleBill) -> Amount| {
        sum(bills.all().map(|(.., bill)| part(bill)))
    };
    let billed = total(&|bill| bill.total().unwrap().due);
    let vouchers = total(&|bill| bill.total().unwrap().paid.voucher);
    let owed = total(&|bill| bill.unsettled);
    tally.same(owed, m.account.debt().value(), &m.what);
    tally.same(total(&|bill| bill.invoiceable), billed - vouchers - owed, &m.what);
    tally.holds(bills.all().all(|(.., bill)| !bill.invoiceable.is_negative()), &m.what);
}

fn days_cost_what_was_paid(m: &Moment<'_>, tally: &mut Tally) {
    if let Some(Event::Provisioned(e)) = m.event() {
        let amount = placed(m, &e.order).1.due;
        let params = m.told_by().params(m.at);
        let spread = Spread::over(params, amount, e.effective.day(), e.expires);
        let first = e.effective.day();
        let length = (e.expires.day().start() - first.start()).floor_secs() / 86_400;
        let left_out = m.word("R11.7.day_left_out");
        let from = if left_out == "expiry_day" { first } else { first.plus_days(1) };
        let days: Vec<BillingDay> = spread.days().collect();
        let count = length.max(1);
        tally.same((days.first(), days.len()), (Some(&from), usize::try_from(count).unwrap()), e);
        let mut total = Decimal::ZERO;
        for (passed, day) in (1_i64..).zip(&days) {
            total += spread.on(params, *day).unwrap().value();
            let exact = amount.value() * Decimal::from(passed) / Decimal::from(count);
            let due = if passed == count { amount.value() } else { half_up(exact, 8) };
            tally.same(total, due, &(e, day));
        }
    }
    if m.is_over() {
        let mut costs = Costs::default();
        let mut told: Vec<_> = m.before().collect();
        told.reverse();
        for (at, event) in told {
            costs.take(m.told_by(), at, m.account_id(), event).unwrap();
        }
        // What is paid and not there yet costs no day.
        if !m.account.orders.values().all(|order| order.pay_by().is_some()) {
            return;
        }
        let cost = sum(costs.all().map(|(.., amount)| amount));
        tally.same(cost, m.account.ledger.balance(&Book::Revenue).value(), &m.what);
    }
}
