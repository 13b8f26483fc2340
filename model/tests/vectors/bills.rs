//! Bills of the examples (R9.9, R11.6, R11.7).

use crate::desk::{Desk, money, rules};
use crate::example::{Example, instant};
use crate::periods::{buy, desk, phone, size};
use koosim_model::bill::{BillType, Bills, Costs, Cycle, Spread};
use koosim_model::command::{Op, ReviewAnswer, Tier, UnsubscribeWhat};
use koosim_model::event::Event;
use koosim_model::money::{Currency, Fraction, Rounding, Unrounded};
use koosim_model::name::{AccountId, SizeId};
use koosim_model::rules::{Prices, remaining};
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

/// A purchase and a smaller size ten days later, in prices that make the refund the printed one.
pub(crate) fn invoiceable_after_a_change(example: &Example) {
    let (start, changed) =
        (example.instant("/inputs/purchase_date"), example.instant("/inputs/downgrade_date"));
    let cny = |place: &str| example.amount(place, Currency::CNY);
    let price = cny("/inputs/purchase");
    let (month, refund) = (Term::Months(1), cny("/inputs/downgrade_refund"));
    let (pro, lite) = (size(), SizeId::new("lite").unwrap());
    let sold = |amount| Prices { month: Some(amount), year: None, hour: None };
    let book = [("R10.1.change_supported", "yes")];
    let probe = rules("cn", &book, &[]);
    let expires = Anchor::at(start).expiry_after(1);
    let left = remaining(probe.params(start), month, changed.day(), expires);
    let lower = Unrounded::of(price.value() - refund.value() / left, Currency::CNY);
    let lower = lower.rounded(Rounding::HalfUp, 8).unwrap();
    let mut desk = Desk::new(rules("cn", &book, &[("pro", sold(price)), ("lite", sold(lower))]));
    let (tier, credit_limit) = (Tier::V0, money("0", Currency::CNY));
    let paid = start - desk.params(start).provisioning.default;
    desk.ask(paid, Op::OpenAccount { tier, credit_limit, discount: Fraction::ZERO }).unwrap();
    desk.ask(paid, Op::TopUp { amount: price }).unwrap();
    let payment = Some(Vec::new());
    let (phones, auto_renewal) = (vec![phone()], None);
    desk.ask(paid, Op::Buy { setup: None, phones, size: pro, term: month, auto_renewal, payment })
        .unwrap();
    desk.ask(changed, Op::ChangeSize { phone: phone(), to: lite }).unwrap();
    assert_eq!(desk.account().ledger.cash(), refund);
    let (bills, _) = bills(&desk);
    let bill = bills.cycle(&account(), Cycle::of(start.day())).unwrap();
    assert_eq!(bill.types[&BillType::RefundChange].due, refund.negated());
    assert_eq!(bill.invoiceable, cny("/expected/invoiceable"));
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
