//! The views of one run: as a story, as lines for a snapshot, and as the state at an instant.

#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it says")]

use koosim_engine::accounts::Accounts;
use koosim_engine::plan::{Awaited, Book, DrawMode, Plan, Step, When};
use koosim_engine::record::{Record, What};
use koosim_engine::run::{Observer, Run, StepOutcome};
use koosim_model::command::{Command, Envelope, Op, Tier, UnsubscribeWhat};
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{AccountId, CouponId, PhoneId, SizeId};
use koosim_model::rules::{Catalogue, Prices};
use koosim_model::state::{AutoRenewal, CouponTerms, CouponWorth, Power};
use koosim_model::term::Term;
use koosim_model::time::{SimDuration, SimTime, WallTime};
use koosim_reports::state::State;
use koosim_reports::{compact, story};
use std::sync::Arc;

fn cny(text: &str) -> Amount {
    Amount::parse(text, Currency::CNY).unwrap()
}

fn at(text: &str) -> SimTime {
    WallTime::parse(text).unwrap().instant()
}

fn phone(name: &str) -> PhoneId {
    PhoneId::new(name).unwrap()
}

fn step(when: When, ops: Vec<Op>) -> Step {
    let account = AccountId::new("acme").unwrap();
    let command = |op| Command { envelope: Envelope::scenario(account.clone()), op };
    Step { when, commands: ops.into_iter().map(command).collect(), network: Vec::new() }
}

/// A little of everything: coupons, a subscription, use by the hour, arrears, refusals, a refund.
fn plan() -> Plan {
    let size = SizeId::new("pro-4c8g64g").unwrap();
    let prices = Prices { month: Some(cny("259.00")), year: None, hour: Some(cny("0.60")) };
    let start = at("2024-03-08 15:50:04");
    let open = Op::OpenAccount {
        tier: Tier::V0,
        credit_limit: cny("0"),
        discount: Fraction::new("0.1".parse().unwrap()).unwrap(),
    };
    let voucher = Op::GrantCoupon {
        coupon: CouponId::new("c1").unwrap(),
        terms: CouponTerms {
            worth: CouponWorth::Voucher(cny("20")),
            valid_from: start,
            valid_until: at("2024-06-01 00:00:00"),
            limits: None,
        },
    };
    let buy = Op::Buy {
        setup: None,
        phones: vec![phone("p1")],
        size: size.clone(),
        term: Term::Months(1),
        auto_renewal: Some(AutoRenewal { every: None, times_left: None }),
        payment: Some(vec![CouponId::new("c1").unwrap()]),
    };
    let provisioned = When::On(Awaited {
        kind: "provisioned".to_owned(),
        account: None,
        phone: None,
        within: SimDuration::from_hours(1),
    });
    let create = Op::CreateOnDemand { phone: phone("d1"), size };
    let off = Op::SetPower { phone: phone("d1"), to: Power::Off };
    let delete = Op::Delete { phone: phone("d1") };
    let what = UnsubscribeWhat::PhoneAndRenewals;
    let back = Op::Unsubscribe { phones: vec![phone("p1")], what };
    Plan {
        start,
        seed: 7,
        draws: DrawMode::Random,
        book: Book {
            reference: "cn".parse().unwrap(),
            overrides: Vec::new(),
            catalogue: Catalogue::new([(SizeId::new("pro-4c8g64g").unwrap(), prices)].into()),
        },
        steps: vec![
            step(When::At(start), vec![open, voucher, Op::TopUp { amount: cny("213.50") }, buy]),
            step(provisioned, vec![create]),
            step(When::At(at("2024-03-08 17:10:00")), vec![off, delete.clone(), delete, back]),
            step(When::At(at("2024-03-12 00:00:00")), vec![Op::TopUp { amount: cny("9.999") }]),
            step(When::At(at("2024-03-13 00:00:00")), Vec::new()),
        ],
    }
}

#[derive(Default)]
struct Records(Vec<Record>);

impl Observer for Records {
    fn record(&mut self, record: &Record) {
        self.0.push(record.clone());
    }
    fn step(&mut self, _: &Run, _: usize, outcome: StepOutcome) {
        assert!(matches!(outcome, StepOutcome::Reached(_)));
    }
}

fn records() -> Vec<Record> {
    let mut records = Records::default();
    Run::new("test", Arc::new(plan())).unwrap().finish(&mut records).unwrap();
    records.0
}

fn plain(styled: &str) -> String {
    anstream::adapter::strip_str(styled).to_string()
}

#[test]
fn the_story() {
    let told: String = records().iter().map(story::tell).collect();
    insta::assert_snapshot!(plain(&told));
}

#[test]
fn the_story_is_told_in_colours_that_say_nothing_new() {
    for record in records() {
        let told = story::tell(&record);
        assert!(told.contains("\u{1b}["), "{told}");
        assert!(plain(&told).starts_with(&record.at.wall().to_string()));
    }
}

#[test]
fn lines_for_a_snapshot() {
    let lines: Vec<_> = records().iter().map(|r| compact::line(r).unwrap()).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_state_at_an_instant_is_the_fold_of_the_log() {
    let mut accounts = Accounts::default();
    let until = at("2024-03-08 17:00:00");
    for record in records().iter().filter(|record| record.at <= until) {
        if let What::Event(event) = &record.what {
            accounts.apply(&record.account, record.at, event).unwrap();
        }
    }
    let state = State::of(&accounts, until, |_| true).unwrap();
    insta::assert_snapshot!("state", plain(&state.pretty()));
    insta::assert_json_snapshot!("state_json", state.json());
    let nobody = State::of(&accounts, until, |_| false).unwrap();
    assert!(nobody.pretty().ends_with("no accounts\n"));
}
