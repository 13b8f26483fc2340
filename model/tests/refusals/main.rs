//! Where several reasons speak against a command, the first in the declared order is given. Every
//! request here is put right one reason at a time, and the answers ascend in that order.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail loudly")]

mod calls;
#[path = "../desk/mod.rs"]
mod desk;
mod orders;
mod sessions;
mod together;

use Standing::{Calm, Owing};
use desk::{Desk, money, rules};
use koosim_model::command::{
    BuyItem, Command, Envelope, Freezer, Op, OrderRef, RenewTo, ReviewAnswer, Source, Tier,
    UnsubscribeWhat, Way,
};
use koosim_model::decision::{Reason, TimerKey};
use koosim_model::event::Event;
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{AccountId, CouponId, MemberId, OrderId, PhoneId, RegionId, SizeId};
use koosim_model::rules::{Prices, Rules};
use koosim_model::state::{
    AtExpiry, AutoRenewal, CouponLimits, CouponTerms, CouponWorth, Mark, Network, Operation, Power,
    Setup, System, Verification,
};
use koosim_model::term::Term;
use koosim_model::time::{SimTime, WallTime};
use std::cell::RefCell;
use std::collections::BTreeSet;

const NOW: &str = "2024-04-02 12:30:00";
const MONTH: Term = Term::Months(1);
const TOO_LONG: Term = Term::Months(12);

/// Provisioning takes an hour, so that an order is seen at work; hours are deducted early.
const OVERRIDES: &[(&str, &str)] = &[
    ("R10.1.change_supported", "yes"),
    ("P1.3.provisioning_default", "1 h"),
    ("P1.3.provisioning_latest", "1 h"),
    ("R2.5.deduction_lag_default", "15 min"),
    ("R5.8.total_months_max", "2"),
];

/// Whether the account owes money.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Calm,
    Owing,
}

fn at(text: &str) -> SimTime {
    WallTime::parse(text).unwrap().instant()
}

fn cny(text: &str) -> Amount {
    money(text, Currency::CNY)
}

fn phone(name: &str) -> PhoneId {
    PhoneId::new(name).unwrap()
}

fn coupons(names: &[&str]) -> Vec<CouponId> {
    names.iter().map(|name| CouponId::new(name).unwrap()).collect()
}

fn size(name: &str) -> SizeId {
    SizeId::new(name).unwrap()
}

fn open() -> Op {
    Op::OpenAccount { tier: Tier::V1, credit_limit: cny("0"), discount: Fraction::ZERO }
}

fn buy(names: &[&str], of: &str, term: Term, payment: Option<&[&str]>) -> Op {
    let phones = names.iter().map(|name| phone(name)).collect();
    let payment = payment.map(coupons);
    Op::Buy { setup: None, phones, size: size(of), term, auto_renewal: None, payment }
}

fn create(name: &str, of: &str) -> Op {
    Op::CreateOnDemand { phone: phone(name), size: size(of) }
}

fn renew(name: &str, term: Term, payment: &[&str]) -> Op {
    Op::Renew {
        phones: vec![phone(name)],
        term,
        to: RenewTo::Term,
        policy: None,
        payment: Some(coupons(payment)),
    }
}

fn pay(order: u32, payment: &[&str]) -> Op {
    Op::PayOrder { orders: vec![named(order)], coupons: coupons(payment) }
}

fn named(order: u32) -> OrderRef {
    OrderRef::Named(OrderId::nth(order))
}

fn set(name: &str, times_left: Option<u32>) -> Op {
    let setting = Some(AutoRenewal { every: None, times_left });
    Op::SetAutoRenewal { phone: phone(name), setting }
}

fn unsubscribe(name: &str) -> Op {
    Op::Unsubscribe { phones: vec![phone(name)], what: UnsubscribeWhat::RenewalsOnly }
}

fn power(name: &str) -> Op {
    Op::SetPower { phone: phone(name), to: Power::On }
}

fn operate(name: &str, operation: Operation) -> Op {
    Op::Operate { phone: phone(name), operation }
}

fn bind(name: &str) -> Op {
    Op::Bind { phone: phone(name), member: MemberId::new("ann").unwrap() }
}

fn delete(name: &str) -> Op {
    Op::Delete { phone: phone(name) }
}

fn grant(name: &str, amount: &str, until: &str) -> Op {
    let coupon = CouponId::new(name).unwrap();
    let worth = CouponWorth::Voucher(cny(amount));
    let (valid_from, valid_until) = (at("2024-02-28 00:00:00"), at(until));
    Op::GrantCoupon { coupon, terms: CouponTerms { worth, valid_from, valid_until, limits: None } }
}

fn empty() -> Desk {
    let sold = |month: Option<&str>, hour: Option<&str>| {
        let (month, hour) = (month.map(cny), hour.map(cny));
        Prices { month, year: None, hour }
    };
    let sizes = [
        ("both", sold(Some("100"), Some("0.0001"))),
        ("hourly", sold(None, Some("0.0001"))),
        ("monthly", sold(Some("100"), None)),
        ("dear", sold(None, Some("1000"))),
        ("rich", sold(Some("100000"), None)),
        ("old", sold(Some("100"), Some("0.0001"))),
    ];
    let rules = rules("cn", OVERRIDES, &sizes);
    let withdrawn = [(size("old"), at("2024-04-02 12:00:00"))].into();
    let catalogue = rules.catalogue().clone().with_withdrawn(withdrawn);
    Desk::new(Rules::new(rules.settings().clone(), catalogue).unwrap())
}

/// An account at half past noon with a phone and an order in every state, two vouchers, and 50 left.
/// If it owes, a dear phone has cost more than that a quarter of an hour before.
fn desk(standing: Standing) -> Desk {
    let mut desk = empty();
    let paid = Some(&[][..]);
    let renewal = Op::Renew {
        phones: vec![phone("asked")],
        term: MONTH,
        to: RenewTo::Term,
        policy: None,
        payment: None,
    };
    let dear = if standing == Owing { "dear" } else { "hourly" };
    // Tier V1 has a day of grace and seven of retention.
    for (time, op) in [
        ("2024-02-28 00:00:00", open()),
        ("2024-02-28 00:00:00", Op::TopUp { amount: cny("550") }),
        ("2024-02-28 00:00:00", grant("good", "5", "2025-01-01 00:00:00")),
        ("2024-02-28 00:00:00", grant("late", "5", "2024-03-01 00:00:00")),
        ("2024-02-28 00:00:00", buy(&["frozen"], "both", MONTH, paid)),
        ("2024-03-01 00:00:00", buy(&["expired"], "both", MONTH, paid)),
        ("2024-04-01 00:00:00", buy(&["runs"], "both", MONTH, paid)),
        ("2024-04-01 00:00:00", buy(&["asked"], "both", MONTH, paid)),
        ("2024-04-02 11:00:00", renewal),
        ("2024-04-02 11:00:00", buy(&["ordered"], "both", MONTH, None)),
        ("2024-04-02 11:30:00", create("metered", "both")),
        ("2024-04-02 11:30:00", create("hourly", dear)),
        ("2024-04-02 11:30:00", create("old", "old")),
        ("2024-04-02 12:00:00", create("deleted", "both")),
        ("2024-04-02 12:00:01", delete("deleted")),
        ("2024-04-02 12:00:01", buy(&["paid"], "both", MONTH, paid)),
        ("2024-04-02 12:10:00", create("held", "both")),
        ("2024-04-02 12:10:00", create("busy", "both")),
        ("2024-04-02 12:10:00", create("dark", "both")),
        ("2024-04-02 12:10:01", Op::Freeze { phone: phone("held"), by: Freezer::Police }),
        ("2024-04-02 12:10:01", Op::SetPower { phone: phone("dark"), to: Power::Off }),
        ("2024-04-02 12:10:01", bind("runs")),
    ] {
        desk.ask(at(time), op).unwrap();
    }
    if standing == Calm {
        desk.ask(at("2024-04-02 12:29:50"), operate("busy", Operation::Restart)).unwrap();
    }
    desk.through(at(NOW));
    assert!(desk.log().iter().all(|(when, _)| *when <= at(NOW)));
    assert_eq!(desk.params(at(NOW)).times_max, 99, "a hundred is too many");
    assert_eq!(desk.account().debt().is_positive(), standing == Owing);
    assert!(desk.window(&TimerKey::Provision(OrderId::nth(7))).is_some(), "`paid` is at work");
    desk
}

/// Asks one request after the other, each of a fresh account, and gives the names of the refusals.
fn refusals(requests: Vec<(Standing, Op)>) -> Vec<&'static str> {
    let place = |reason: &str| Reason::NAMES.iter().position(|known| *known == reason).unwrap();
    let asked = requests.into_iter().map(|(standing, op)| {
        let mut desk = desk(standing);
        let before = desk.account().clone();
        let answer = desk.ask(at(NOW), op.clone());
        let Err(reason) = answer else { panic!("{op:?} was not refused") };
        let reason = reason.name();
        assert_eq!(desk.account(), &before, "a refusal changes nothing");
        reason
    });
    let reasons: Vec<_> = asked.collect();
    assert!(reasons.is_sorted_by(|a, b| place(a) < place(b)), "not in their order: {reasons:?}");
    SEEN.with_borrow_mut(|seen| seen.extend(&reasons));
    reasons
}

thread_local! {
    /// Every reason that a test of this thread has been given.
    static SEEN: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// The reason of one refusal.
fn why(answer: Result<Vec<Event>, Reason>) -> &'static str {
    let reason = answer.unwrap_err().name();
    SEEN.with_borrow_mut(|seen| seen.insert(reason));
    reason
}

#[test]
fn buying() {
    let requests = vec![
        (Owing, buy(&["runs", "x", "x"], "hourly", TOO_LONG, Some(&["late", "none"]))),
        (Owing, buy(&["runs", "x", "x"], "hourly", TOO_LONG, Some(&["late", "good"]))),
        (Owing, buy(&["x", "x"], "hourly", TOO_LONG, Some(&["late", "good"]))),
        (Owing, buy(&["x"], "hourly", TOO_LONG, Some(&["late", "good"]))),
        (Owing, buy(&["x"], "hourly", MONTH, Some(&["late", "good"]))),
        (Calm, buy(&["x"], "old", MONTH, Some(&["late", "good"]))),
        (Calm, buy(&["x"], "hourly", MONTH, Some(&["late", "good"]))),
        (Calm, buy(&["x"], "monthly", MONTH, Some(&["late", "good"]))),
        (Calm, buy(&["x"], "monthly", MONTH, Some(&["late"]))),
    ];
    let expect = [
        "unknown_coupon",
        "phone_exists",
        "phones_not_distinct",
        "out_of_range",
        "in_arrears",
        "withdrawn",
        "not_sold",
        "coupon_kind_twice",
        "coupon_not_valid",
    ];
    assert_eq!(refusals(requests), expect);
}

#[test]
fn paying() {
    let requests = vec![
        (Owing, pay(99, &["late", "none"])),
        (Owing, pay(7, &["late", "none"])),
        (Owing, pay(7, &["late", "good"])),
        (Calm, pay(7, &["late", "good"])),
        (Calm, pay(6, &["late", "good"])),
        (Calm, pay(6, &["late"])),
        (Calm, pay(6, &["good"])),
    ];
    let expect = [
        "unknown_order",
        "unknown_coupon",
        "in_arrears",
        "not_payable",
        "coupon_kind_twice",
        "coupon_not_valid",
        "balance_too_low",
    ];
    assert_eq!(refusals(requests), expect);
}

#[test]
fn renewing() {
    let requests = vec![
        (Owing, renew("deleted", TOO_LONG, &["late", "none"])),
        (Owing, renew("hourly", TOO_LONG, &["late", "none"])),
        (Owing, renew("hourly", TOO_LONG, &["late", "good"])),
        (Owing, renew("hourly", MONTH, &["late", "good"])),
        (Calm, renew("old", MONTH, &["late", "good"])),
        (Calm, renew("hourly", MONTH, &["late", "good"])),
        (Calm, renew("metered", MONTH, &["late", "good"])),
        (Calm, renew("ordered", MONTH, &["late", "good"])),
        (Calm, renew("asked", MONTH, &["late", "good"])),
        (Calm, renew("runs", Term::Months(2), &["late", "good"])),
        (Calm, renew("runs", MONTH, &["late", "good"])),
        (Calm, renew("runs", MONTH, &["late"])),
    ];
    let expect = [
        "unknown_phone",
        "unknown_coupon",
        "out_of_range",
        "in_arrears",
        "withdrawn",
        "not_sold",
        "on_demand",
        "not_provisioned",
        "order_pending",
        "term_too_long",
        "coupon_kind_twice",
        "coupon_not_valid",
    ];
    assert_eq!(refusals(requests), expect);
}

#[test]
fn setting_auto_renewal() {
    let requests = vec![
        (Owing, set("deleted", Some(100))),
        (Owing, set("metered", Some(100))),
        (Owing, set("old", Some(99))),
        (Owing, set("metered", Some(99))),
        (Owing, set("ordered", None)),
        (Owing, set("expired", None)),
        (Owing, set("frozen", None)),
    ];
    let expect = [
        "unknown_phone",
        "out_of_range",
        "withdrawn",
        "on_demand",
        "not_provisioned",
        "expired",
        "frozen",
    ];
    assert_eq!(refusals(requests), expect);
}

#[test]
fn unsubscribing() {
    let names = ["deleted", "metered", "ordered", "expired", "frozen", "asked", "runs"];
    let requests = names.map(|name| (Owing, unsubscribe(name))).to_vec();
    let expect = [
        "unknown_phone",
        "on_demand",
        "not_provisioned",
        "expired",
        "frozen",
        "order_pending",
        "no_renewed_period",
    ];
    assert_eq!(refusals(requests), expect);
}

/// R10.1, R10.5: where the size can be changed at all.
#[test]
fn changing_the_size() {
    let change = |name: &str, to: &str| Op::ChangeSize { phone: phone(name), to: size(to) };
    let requests = vec![
        (Owing, change("deleted", "both")),
        (Owing, change("metered", "both")),
        (Owing, change("metered", "hourly")),
        (Calm, change("metered", "hourly")),
        (Calm, change("metered", "rich")),
        (Calm, change("ordered", "rich")),
        (Calm, change("expired", "rich")),
        (Calm, change("frozen", "rich")),
        (Calm, change("asked", "rich")),
        (Calm, change("runs", "rich")),
    ];
    let expect = [
        "unknown_phone",
        "out_of_range",
        "in_arrears",
        "not_sold",
        "on_demand",
        "not_provisioned",
        "expired",
        "frozen",
        "order_pending",
        "balance_too_low",
    ];
    assert_eq!(refusals(requests), expect);
}

/// R9.8 in its order: each note is put right in turn.
#[test]
fn unsubscribing_what_bears_a_note() {
    let notes = [
        Mark::PromotionalRenewal,
        Mark::SpecialPromotion,
        Mark::StandardContract,
        Mark::Invoiced,
        Mark::OneOff,
        Mark::Trial,
        Mark::Free,
    ];
    let mut reasons = Vec::new();
    let mut desk = desk(Calm);
    for mark in notes {
        desk.ask(at(NOW), Op::MarkPhone { phone: phone("runs"), mark }).unwrap();
        reasons.push(why(desk.ask(at(NOW), unsubscribe("runs"))));
    }
    reasons.reverse();
    let expect = [
        "free",
        "trial",
        "one_off",
        "invoiced",
        "standard_contract",
        "special_promotion",
        "promotional_renewal",
    ];
    assert_eq!(reasons, expect);
    let place = |reason: &&str| Reason::NAMES.iter().position(|known| known == reason).unwrap();
    assert!(reasons.is_sorted_by_key(place));
}

/// R9.11: the names must be distinct and ten at most; of several that may not go, the first reason in
/// the declared order is given.
#[test]
fn unsubscribing_together() {
    let together = |names: &[&str]| {
        let phones = names.iter().map(|name| phone(name)).collect();
        Op::Unsubscribe { phones, what: UnsubscribeWhat::PhoneAndRenewals }
    };
    let eleven: Vec<String> = (0..11).map(|n| format!("x{n}")).collect();
    let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
    let requests = vec![
        (Calm, together(&["frozen", "deleted"])),
        (Calm, together(&["runs", "runs"])),
        (Calm, together(&eleven)),
        (Calm, together(&["asked", "metered"])),
        (Calm, together(&["asked", "frozen", "expired"])),
        (Calm, together(&["asked"])),
    ];
    let expect = [
        "unknown_phone",
        "phones_not_distinct",
        "out_of_range",
        "on_demand",
        "expired",
        "order_pending",
    ];
    assert_eq!(refusals(requests), expect);
    let answer = Op::AnswerReview { phone: phone("runs"), answer: ReviewAnswer::Approve };
    assert_eq!(refusals(vec![(Calm, answer)]), ["not_under_review"]);
    let gone = Op::MarkPhone { phone: phone("deleted"), mark: Mark::Free };
    assert_eq!(refusals(vec![(Calm, gone)]), ["unknown_phone"]);
}

#[test]
fn phones_by_use_and_power() {
    let creating = vec![
        (Owing, create("runs", "monthly")),
        (Owing, create("x", "monthly")),
        (Calm, create("x", "old")),
        (Calm, create("x", "monthly")),
    ];
    assert_eq!(refusals(creating), ["phone_exists", "in_arrears", "withdrawn", "not_sold"]);
    let deleting = ["deleted", "ordered"].map(|name| (Calm, delete(name))).to_vec();
    assert_eq!(refusals(deleting), ["unknown_phone", "subscribed"]);
    let switching = ["deleted", "ordered", "frozen", "runs"].map(|name| (Calm, power(name)));
    let expect = ["unknown_phone", "not_provisioned", "frozen", "power_unchanged"];
    assert_eq!(refusals(switching.to_vec()), expect);
}

#[test]
fn phones_as_devices() {
    let of = |names: &[&str], op: &dyn Fn(&str) -> Op| {
        refusals(names.iter().map(|name| (Calm, op(name))).collect())
    };
    let barred = ["unknown_phone", "not_provisioned", "frozen", "frozen_by_police", "busy"];
    let names = ["deleted", "ordered", "frozen", "held", "busy"];
    let with = |name: &'static str, reason: &'static str| {
        ([&names[..], &[name][..]].concat(), [&barred[..], &[reason][..]].concat())
    };
    for (operation, name, reason) in [
        (Operation::Restart, "dark", "not_running"),
        (Operation::Restore, "runs", "already_loaded"),
        (Operation::Unbind, "dark", "not_bound"),
    ] {
        let (names, expect) = with(name, reason);
        assert_eq!(of(&names, &|name| operate(name, operation)), expect, "{operation:?}");
    }
    let (names, expect) = with("runs", "already_bound");
    assert_eq!(of(&names, &bind), expect);
    let fail = |name: &str| Op::FailOperation { phone: phone(name) };
    assert_eq!(of(&["deleted", "runs"], &fail), ["unknown_phone", "nothing_to_fail"]);
}

#[test]
fn freezes_and_what_is_not_offered() {
    let of = |names: &[&str], op: &dyn Fn(&str) -> Op| {
        refusals(names.iter().map(|name| (Calm, op(name))).collect())
    };
    let by = Freezer::Police;
    let freeze = |name: &str| Op::Freeze { phone: phone(name), by };
    let unfreeze = |name: &str| Op::Unfreeze { phone: phone(name), by };
    let release = |name: &str| Op::Release { phone: phone(name) };
    let names = ["deleted", "ordered", "held"];
    let expect = ["unknown_phone", "not_provisioned", "already_frozen"];
    assert_eq!(of(&names, &freeze), expect);
    let expect = ["unknown_phone", "not_provisioned", "not_frozen"];
    assert_eq!(of(&["deleted", "ordered", "runs"], &unfreeze), expect);
    let expect = ["unknown_phone", "on_demand", "not_provisioned", "not_expired"];
    assert_eq!(of(&["deleted", "held", "ordered", "runs"], &release), expect);
    assert_eq!(of(&["held"], &delete), ["frozen_by_police"]);
    let region = RegionId::new("cn-south-1").unwrap();
    let relocate = |name: &str| Op::Move { phone: phone(name), region: region.clone() };
    assert_eq!(of(&["deleted", "runs"], &relocate), ["unknown_phone", "not_offered"]);
    let connect = |name: &str| Op::Connect { phone: phone(name), by: Way::Adb };
    assert_eq!(of(&["deleted", "runs"], &connect), ["unknown_phone", "not_offered"]);
    let until = at(NOW);
    let promise = Op::GrantPromotion { grace_days: Some(1), retention_days: None, until };
    assert_eq!(refusals(vec![(Calm, promise)]), ["out_of_range"]);
}

/// Every reason that there is has a line somewhere.
#[test]
fn every_reason_is_given_somewhere() {
    for lines in [
        buying,
        paying,
        orders::paying_together,
        renewing,
        together::renewing_together,
        together::moving_together,
        setting_auto_renewal,
        unsubscribing,
        unsubscribing_what_bears_a_note,
        unsubscribing_together,
        changing_the_size,
        together::changes_and_reviews,
        together::buyers_and_regions,
        together::creation_calls,
        phones_by_use_and_power,
        phones_as_devices,
        together::backups_and_restores,
        freezes_and_what_is_not_offered,
        orders::orders_coupons_and_the_account,
        together::releasing_under_review,
        together::coupons_of_an_order,
        sessions::sessions_in_their_course,
        sessions::sessions_of_stored_phones,
        calls::calls_in_their_order,
        calls::messages_in_their_order,
        calls::calls_of_phones_that_do_not_stream,
    ] {
        lines();
    }
    let seen = SEEN.take();
    let missing: Vec<_> = Reason::NAMES.iter().filter(|name| !seen.contains(**name)).collect();
    assert!(missing.is_empty(), "no line gives {missing:?}");
}
