//! What a phone accepts in each phase and under each freeze: one reviewed table, by the defaults and
//! with grace for a part of the use.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail loudly")]

mod desk;

use desk::{Desk, money, rules};
use koosim_model::command::{Freezer, Op, Tier};
use koosim_model::money::{Currency, Fraction};
use koosim_model::name::{PhoneId, SizeId};
use koosim_model::rules::Prices;
use koosim_model::rules::access::{Wanted, barred};
use koosim_model::state::Phone;
use koosim_model::term::Term;
use koosim_model::time::{SimTime, WallTime};
use std::fmt::Write as _;

fn at(text: &str) -> SimTime {
    WallTime::parse(text).unwrap().instant()
}

fn id() -> PhoneId {
    PhoneId::new("p1").unwrap()
}

/// A phone in every state, and frozen by every hand.
fn phones(desk: &Desk) -> Vec<(&'static str, Phone)> {
    let phone = |desk: &Desk| desk.account().phones.get(&id()).unwrap().clone();
    let mut desk = desk.clone();
    let mut phones = vec![("provisioning", phone(&desk))];
    desk.through(at("2024-03-09 00:00:00"));
    phones.push(("running", phone(&desk)));
    for (name, by) in [("violation", Freezer::Violation), ("police", Freezer::Police)] {
        let mut desk = desk.clone();
        desk.ask(at("2024-03-10 00:00:00"), Op::Freeze { phone: id(), by }).unwrap();
        phones.push((name, phone(&desk)));
    }
    desk.through(at("2024-04-09 12:00:00"));
    phones.push(("expired", phone(&desk)));
    desk.through(at("2024-04-11 12:00:00"));
    phones.push(("frozen", phone(&desk)));
    phones
}

#[test]
fn what_is_accepted_when() {
    let mut table = String::new();
    for usability in ["full", "partial"] {
        let price = Prices { month: Some(money("100", Currency::CNY)), ..Prices::default() };
        let overrides = [("R8.6.grace_usability", usability)];
        let mut desk = Desk::new(rules("cn", &overrides, &[("pro", price)]));
        let start = at("2024-03-08 10:00:00");
        let (tier, credit_limit) = (Tier::V1, money("0", Currency::CNY));
        desk.ask(start, Op::OpenAccount { tier, credit_limit, discount: Fraction::ZERO }).unwrap();
        desk.ask(start, Op::TopUp { amount: money("100", Currency::CNY) }).unwrap();
        let (phones_bought, size) = (vec![id()], SizeId::new("pro").unwrap());
        let (term, payment) = (Term::Months(1), Some(Vec::new()));
        let buy =
            Op::Buy { setup: None, phones: phones_bought, size, term, auto_renewal: None, payment };
        desk.ask(start, buy).unwrap();
        assert!(
            desk.log().len() > 2
                && desk.window(&koosim_model::decision::TimerKey::Expiry(id())).is_none()
        );
        for (state, phone) in phones(&desk) {
            for wanted in Wanted::all() {
                let what = match wanted {
                    Wanted::Operation(operation) => operation.name(),
                    Wanted::Bind => "bind",
                };
                let answer = barred(desk.params(start), &id(), &phone, wanted);
                let answer = answer.map_or("yes".to_owned(), |(reason, rules)| {
                    format!("{} {}", reason.name(), rules[0])
                });
                writeln!(table, "{usability:8} {state:13} {what:10} {answer}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
}
