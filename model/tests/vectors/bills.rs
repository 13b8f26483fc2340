//! Bills of the examples (R9.9, R11.6, R11.7).

use crate::desk::{Desk, money};
use crate::example::{Example, instant};
use crate::periods::{buy, desk, phone};
use koosim_model::bill::{BillType, Bills, Costs, Cycle, Spread};
use koosim_model::command::{Op, ReviewAnswer, UnsubscribeWhat};
use koosim_model::event::Event;
use koosim_model::money::Currency;
use koosim_model::name::AccountId;
use koosim_model::term::{Anchor, Term};
use koosim_model::time::SimDuration;

pub(crate) fn account() -> AccountId {
    AccountId::new("acme").unwrap()
}

/// The bills and costs of what has happened at a desk.
pub(crate) fn bills(desk: &Desk) -> (Bills, Costs) {
    let (mut bills, mut costs) = (Bills::default(), Costs::default());
    for (at, event) in desk.log() {
        bills.take(desk.rules(), *at, &account(), event).unwrap();
        costs.take(desk.rules(), *at, &account(), event).unwrap();
    }
    (bills, costs)
}

/// Asked for on the last day of a month and approved in the next, under the older threshold.
pub(crate) fn approved_next_month(example: &Example) {
    let asked = example.instant("/inputs/request");
    let paid = example.text("/inputs/paid");
    for answer in [Some(ReviewAnswer::Approve), None] {
        let mut desk = desk("intl@2024-02", Currency::USD, paid, asked - SimDuration::from_days(3));
        buy(&mut desk, &phone(), asked - SimDuration::from_days(2), Term::Months(1), &[]);
        let what = UnsubscribeWhat::PhoneAndRenewals;
        let happened = desk.ask(asked, Op::Unsubscribe { phones: vec![phone()], what }).unwrap();
        assert!(matches!(happened.as_slice(), [Event::ReviewStarted(_)]), "{happened:?}");
        let next_day = asked + SimDuration::from_hours(20);
        if let Some(answer) = answer {
            desk.ask(next_day, Op::AnswerReview { phone: phone(), answer }).unwrap();
        }
        desk.through(asked + SimDuration::from_days(2));
        let (bills, _) = bills(&desk);
        let cycle = Cycle::parse(example.text("/expected/bill_cycle")).unwrap();
        let types = &bills.cycle(&account(), cycle).unwrap().types;
        assert!(types[&BillType::RefundUnsubscribe].due.is_negative());
        let before = bills.cycle(&account(), Cycle::of(asked.day())).unwrap();
        assert!(!before.types.contains_key(&BillType::RefundUnsubscribe));
    }
}

/// A year that costs as much as it has days.
pub(crate) fn cost_of_a_day(example: &Example) {
    let amount = example.amount("/inputs/paid", Currency::CNY);
    assert_eq!(example.text("/inputs/term"), "1Y");
    let per_day = example.amount("/expected/per_day", Currency::CNY);
    let start = instant("2023-03-01T10:00:00+08:00");
    let desk = desk("cn", Currency::CNY, "1", start);
    let expires = Anchor::at(start).expiry_after(12);
    let params = desk.params(start);
    let spread = Spread::over(params, amount, start.day(), expires);
    let days: Vec<_> = spread.days().collect();
    assert_eq!(days.len(), 366, "the year has a 29 February, which the page does not mean");
    let start = instant("2022-03-01T10:00:00+08:00");
    let spread = Spread::over(params, amount, start.day(), Anchor::at(start).expiry_after(12));
    for day in spread.days() {
        assert_eq!(spread.on(params, day).unwrap(), per_day, "{day}");
    }
    assert_eq!(spread.days().count(), 365);
    assert_eq!(money("365", Currency::CNY), amount);
}
