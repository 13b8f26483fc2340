//! Users, groups, policies and tokens of an account: what each request is answered, in which order
//! refusals are given, and what holds whoever asks.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail loudly")]

#[path = "../desk/mod.rs"]
#[expect(dead_code, reason = "other tests look at more of the desk")]
mod desk;
mod members;
mod properties;
mod refusals;

use desk::{Desk, money, rules};
use koosim_model::command::{Command, Envelope, Op, Principal, Source, Tier};
use koosim_model::decision::Reason;
use koosim_model::event::{Answer, Event};
use koosim_model::money::{Currency, Fraction};
use koosim_model::name::{AccountId, TokenId, UserId};
use koosim_model::rules::Prices;
use koosim_model::time::{SimDuration, SimTime, WallTime};

const START: &str = "2024-03-08 10:00:00";

fn start() -> SimTime {
    WallTime::parse(START).unwrap().instant()
}

/// An account with money and without a phone.
fn opened() -> Desk {
    account(&[])
}

fn account(overrides: &[(&str, &str)]) -> Desk {
    let hour = money("0.6", Currency::CNY);
    let prices = [("pro", Prices { hour: Some(hour), ..Prices::default() })];
    let mut desk = Desk::new(rules("cn", overrides, &prices));
    let open = Op::OpenAccount {
        tier: Tier::V0,
        credit_limit: money("0", Currency::CNY),
        discount: Fraction::ZERO,
    };
    desk.ask(start(), open).unwrap();
    desk.ask(start(), Op::TopUp { amount: money("100", Currency::CNY) }).unwrap();
    desk
}

/// The same with a phone by use, which runs from the start.
fn desk(overrides: &[(&str, &str)]) -> Desk {
    let mut desk = account(overrides);
    ask(&mut desk, r#"{"create_on_demand": {"phone": "d1", "size": "pro"}}"#).unwrap();
    desk
}

/// An operation as the log writes it.
fn op(text: &str) -> Op {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Asks as the account itself, at the instant of the last request.
fn ask(desk: &mut Desk, text: &str) -> Result<Vec<Event>, Reason> {
    let now = desk.now;
    desk.ask(now.max(start()), op(text))
}

fn ask_as(desk: &mut Desk, principal: Principal, text: &str) -> Result<Vec<Event>, Reason> {
    ask_so(desk, principal, Source::Scenario, text)
}

fn ask_so(
    desk: &mut Desk,
    principal: Principal,
    source: Source,
    text: &str,
) -> Result<Vec<Event>, Reason> {
    let mut envelope = Envelope::scenario(AccountId::new("acme").unwrap());
    envelope.principal = Some(principal);
    envelope.source = source;
    let now = desk.now;
    desk.command(now, &Command { envelope, op: op(text) })
}

fn user(name: &str) -> Principal {
    Principal::User(UserId::new(name).unwrap())
}

fn token(name: &str) -> Principal {
    Principal::Token(TokenId::new(name).unwrap())
}

fn add_user(desk: &mut Desk, name: &str) {
    let add =
        format!(r#"{{"identity": {{"add_user": {{"user": "{name}", "password": "right"}}}}}}"#);
    ask(desk, &add).unwrap();
}

fn attach(desk: &mut Desk, policy: &str, held: &str) {
    let attach = format!(
        r#"{{"identity": {{"attach": {{"policy": "{policy}", "to": {{"user": "ann"}}, "held": {held}}}}}}}"#
    );
    ask(desk, &attach).unwrap();
}

/// A question about an operation, and nothing else.
fn question(operation: &str) -> String {
    let rest = r#""on": null, "scope": null, "keys": {}, "second_factor": "nothing""#;
    format!(r#"{{"ask": {{"operation": "{operation}", {rest}}}}}"#)
}

/// Whether somebody may do something, as the log says it.
fn may(desk: &mut Desk, principal: Principal, operation: &str) -> bool {
    let question = question(operation);
    let told = ask_as(desk, principal, &question).unwrap();
    let [Event::PermissionAnswered(answered)] = told.as_slice() else { panic!("{told:?}") };
    answered.answer == Answer::Allow
}

/// Lets time pass; the next request is asked then.
fn wait(desk: &mut Desk, length: SimDuration) {
    let at = desk.now + length;
    desk.through(at);
    desk.now = at;
}
