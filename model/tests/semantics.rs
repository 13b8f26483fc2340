//! Readings of the rules that are easy to get wrong, each told as a history.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail loudly")]

mod desk;

use desk::{Desk, money, rules};
use koosim_model::command::{Op, RenewTo, Tier, UnsubscribeWhat};
use koosim_model::decision::TimerKey;
use koosim_model::event::Event;
use koosim_model::lifecycle::PhoneStatus;
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{CouponId, PhoneId, SizeId};
use koosim_model::rules::{Prices, fee_rate};
use koosim_model::state::{AutoRenewal, CouponTerms, CouponWorth};
use koosim_model::term::Term;
use koosim_model::time::{SimDuration, SimTime, WallTime};

const YEAR: SimDuration = SimDuration::from_days(365);
const AS_BOUGHT: AutoRenewal = AutoRenewal { every: None, times_left: None };

fn at(text: &str) -> SimTime {
    WallTime::parse(text).unwrap().instant()
}

fn cny(text: &str) -> Amount {
    money(text, Currency::CNY)
}

fn phone(name: &str) -> PhoneId {
    PhoneId::new(name).unwrap()
}

fn size() -> SizeId {
    SizeId::new("pro").unwrap()
}

/// An account of tier V3 opened at `start`: a month is 100, a year 1000, an hour 0.60.
fn desk(book: &str, overrides: &[(&str, &str)], start: SimTime, balance: &str) -> Desk {
    let prices =
        Prices { month: Some(cny("100")), year: Some(cny("1000")), hour: Some(cny("0.60")) };
    let mut desk = Desk::new(rules(book, overrides, &[("pro", prices)]));
    let (tier, credit_limit) = (Tier::V3, cny("0"));
    desk.ask(start, Op::OpenAccount { tier, credit_limit, discount: Fraction::ZERO }).unwrap();
    if balance != "0" {
        desk.ask(start, Op::TopUp { amount: cny(balance) }).unwrap();
    }
    desk
}

fn buy(name: &str, term: Term, auto_renewal: Option<AutoRenewal>) -> Op {
    let payment = Some(Vec::new());
    Op::Buy { setup: None, phones: vec![phone(name)], size: size(), term, auto_renewal, payment }
}

fn renew(name: &str, term: Term) -> Op {
    Op::Renew {
        phones: vec![phone(name)],
        term,
        to: RenewTo::Term,
        policy: None,
        payment: Some(Vec::new()),
    }
}

fn expires(desk: &Desk, name: &str) -> String {
    desk.account().subscription(&phone(name)).unwrap().expires.to_string()
}

/// Kinds of what happened from `from` on, with their instants.
fn kinds(desk: &Desk, from: SimTime) -> Vec<String> {
    let later = desk.log().iter().filter(|(at, _)| *at >= from);
    later.map(|(at, event)| format!("{} {}", at.wall(), event.kind())).collect()
}

/// R6.11: a year by hand leaves a phone bought by month, with auto-renewal from the start, at a month.
#[test]
fn a_renewal_by_hand_leaves_the_unit_of_auto_renewal_alone() {
    let start = at("2024-03-08 15:50:04");
    let mut desk = desk("cn", &[], start, "5000");
    assert_eq!(desk.params(start).months_if_bought_by_month, 1);
    desk.ask(start, buy("p1", Term::Months(1), Some(AS_BOUGHT))).unwrap();
    desk.ask(at("2024-03-10 00:00:00"), renew("p1", Term::Years(1))).unwrap();
    assert_eq!(expires(&desk, "p1"), "2025-04-08 23:59:59");
    desk.through(at("2025-04-02 00:00:00"));
    assert_eq!(expires(&desk, "p1"), "2025-05-08 23:59:59");
    let tried = desk.window(&TimerKey::AutoRenewal(phone("p1"))).unwrap();
    assert_eq!(tried.default, at("2025-05-01 03:00:00"));
    let renewals = desk.log().iter().filter(|(_, event)| matches!(event, Event::Renewed(_)));
    assert_eq!(renewals.count(), 2);
    assert_eq!(kinds(&desk, at("2025-04-01 00:00:00"))[0], "2025-04-01 03:00:00 auto_renewal");
}

/// R2.8: yen have no decimals, in discounts, in shares of an order and in refunds.
#[test]
fn yen_are_paid_and_returned_whole() {
    let start = at("2024-03-08 00:00:00");
    let yen = |text: &str| money(text, Currency::JPY);
    let prices = Prices { month: Some(yen("333")), year: None, hour: None };
    let mut desk = Desk::new(rules("intl", &[], &[("pro", prices)]));
    let discount = Fraction::new("0.15".parse().unwrap()).unwrap();
    let (tier, credit_limit) = (Tier::V0, yen("0"));
    desk.ask(start, Op::OpenAccount { tier, credit_limit, discount }).unwrap();
    desk.ask(start, Op::TopUp { amount: yen("10000") }).unwrap();
    let card = CouponId::new("card").unwrap();
    let worth = CouponWorth::Card(yen("500"));
    let terms = CouponTerms { worth, valid_from: start, valid_until: start + YEAR, limits: None };
    desk.ask(start, Op::GrantCoupon { coupon: card.clone(), terms }).unwrap();
    let phones = ["p1", "p2", "p3"].map(phone).to_vec();
    let payment = Some(vec![card]);
    let (size, term) = (size(), Term::Months(1));
    let buy = Op::Buy { setup: None, phones, size, term, auto_renewal: None, payment };
    let happened = desk.ask(start, buy).unwrap();
    // 999 less 149.85, which rounds to 150: 849, of which the card pays 500; 283 a phone.
    let Event::Charged(charged) = &happened[1] else { panic!("{happened:?}") };
    assert_eq!((charged.due, charged.paid.cash), (yen("849"), yen("349")));
    let what = UnsubscribeWhat::PhoneAndRenewals;
    desk.through(at("2024-03-08 00:02:00"));
    for (name, at_time, expect) in [
        // The card paid all of p1 and 217 of p2. Used 240 of 768 hours: 88.4; a fee of 28.3.
        ("p1", "2024-03-18 00:00:00", "p1 consumed 88 fee 28 cash 0 card 167"),
        ("p2", "2024-03-18 00:00:00", "p2 consumed 88 fee 28 cash 39 card 128"),
        ("p3", "2024-03-18 00:00:00", "p3 consumed 88 fee 28 cash 167 card 0"),
    ] {
        let back = Op::Unsubscribe { phones: vec![phone(name)], what };
        let happened = desk.ask(at(at_time), back).unwrap();
        let Event::Refunded(e) = &happened[0] else { panic!("{happened:?}") };
        let card = e.refund.coupons.first().map_or(yen("0"), |part| part.amount);
        let numbers = [e.consumed, e.fee, e.refund.cash, card].map(Amount::value);
        let [consumed, fee, cash, card] = numbers;
        assert_eq!(format!("{name} consumed {consumed} fee {fee} cash {cash} card {card}"), expect);
    }
}

fn create(name: &str) -> Op {
    Op::CreateOnDemand { phone: phone(name), size: size() }
}

/// Kinds of what happened to one phone, or to the standing of the account, with their instants.
fn fate(desk: &Desk, name: &str) -> Vec<String> {
    let told = desk.log().iter().filter(|(_, event)| match event {
        Event::ArrearsStarted(_) | Event::ArrearsCleared(_) => true,
        Event::Settled(_) => false,
        event => event.phones().contains(&phone(name)),
    });
    told.map(|(at, event)| format!("{} {}", at.wall(), event.kind())).collect()
}

/// R8.5, R8.7: exactly zero is no arrears, so that a phone can be created, and restores nothing. New
/// debt is new arrears with a grace of its own, and each phone keeps the retention it was frozen with.
#[test]
fn debt_after_a_top_up_to_exactly_zero_is_new_arrears() {
    let start = at("2024-03-01 00:00:00");
    let mut desk = desk("cn", &[], start, "1.20");
    desk.ask(start, create("d1")).unwrap();
    // 28 hours until it is frozen, of which two are paid.
    let at_zero = at("2024-03-02 12:00:00");
    desk.through(at_zero);
    assert_eq!(desk.account().debt(), cny("15.60"));
    desk.ask(at_zero, Op::TopUp { amount: cny("15.60") }).unwrap();
    assert_eq!(desk.account().phones.get(&phone("d1")).unwrap().status(), PhoneStatus::Frozen);
    desk.ask(at_zero, create("d2")).unwrap();
    desk.through(at("2024-04-01 00:00:00"));
    let account = [
        "2024-03-01 04:00:00 arrears_started",
        "2024-03-02 04:00:00 frozen",
        "2024-03-02 14:00:00 arrears_started",
        "2024-03-09 04:00:00 released",
    ];
    assert_eq!(fate(&desk, "d1"), [&["2024-03-01 00:00:00 created"], &account[..]].concat());
    let second = [
        "2024-03-01 04:00:00 arrears_started",
        "2024-03-02 12:00:00 created",
        "2024-03-02 14:00:00 arrears_started",
        "2024-03-03 14:00:00 frozen",
        "2024-03-10 14:00:00 released",
    ];
    assert_eq!(fate(&desk, "d2"), second);
}

/// R8.7: with nothing left to restore, paying the debt ends the arrears; with something frozen only
/// more than the debt does, also while the grace of newer debt runs.
#[test]
fn exactly_zero_ends_arrears_only_where_nothing_is_frozen() {
    let start = at("2024-03-01 00:00:00");
    let mut desk = desk("cn", &[], start, "1.20");
    desk.ask(start, create("d1")).unwrap();
    desk.through(at("2024-03-02 12:00:00"));
    let mut deleted = desk.clone();
    let debt = desk.account().debt();
    desk.ask(at("2024-03-02 12:00:00"), Op::TopUp { amount: debt }).unwrap();
    desk.ask(at("2024-03-02 12:00:00"), create("d2")).unwrap();
    desk.through(at("2024-03-02 15:30:00"));
    let debt = desk.account().debt();
    assert_eq!(debt, cny("1.20"));
    desk.ask(at("2024-03-02 15:30:00"), Op::TopUp { amount: debt }).unwrap();
    assert_eq!(desk.account().phones.get(&phone("d1")).unwrap().status(), PhoneStatus::Frozen);
    desk.ask(at("2024-03-02 15:40:00"), Op::TopUp { amount: cny("0.01") }).unwrap();
    assert_eq!(desk.account().phones.get(&phone("d1")).unwrap().status(), PhoneStatus::Active);

    deleted.ask(at("2024-03-02 12:00:00"), Op::Delete { phone: phone("d1") }).unwrap();
    let debt = deleted.account().debt();
    let happened = deleted.ask(at("2024-03-02 12:00:00"), Op::TopUp { amount: debt }).unwrap();
    assert!(matches!(happened.as_slice(), [Event::ToppedUp(_), Event::ArrearsCleared(_)]));
}

/// R8.5 with `zero_balance_is_arrears`: an hour that a voucher paid for exhausts nothing.
#[test]
fn an_hour_paid_by_voucher_leaves_the_balance_alone() {
    let start = at("2024-03-01 00:00:00");
    let mut desk = desk("cn", &[("R8.5.zero_balance_is_arrears", "yes")], start, "0.50");
    let coupon = CouponId::new("v1").unwrap();
    let worth = CouponWorth::Voucher(cny("0.60"));
    let terms = CouponTerms { worth, valid_from: start, valid_until: start + YEAR, limits: None };
    desk.ask(start, Op::GrantCoupon { coupon, terms }).unwrap();
    desk.ask(start, create("d1")).unwrap();
    desk.through(at("2024-03-01 02:30:00"));
    assert_eq!(desk.account().ledger.cash(), cny("0.50"));
    assert_eq!(fate(&desk, "d1"), ["2024-03-01 00:00:00 created"]);
    desk.through(at("2024-03-01 03:30:00"));
    assert_eq!(fate(&desk, "d1")[1..], ["2024-03-01 03:00:00 arrears_started"]);
}

/// R9.5: between its last anniversary and the end of that day a term is still in its last year of use.
#[test]
fn the_rest_of_the_expiry_day_has_the_fee_of_the_last_year() {
    let start = at("2024-03-08 15:50:04");
    for (term, end, rate) in [
        (Term::Months(1), "2024-04-08 23:00:00", "0.10"),
        (Term::Months(11), "2025-02-08 23:00:00", "0.10"),
        (Term::Years(1), "2025-03-08 15:50:04", "0.10"),
        (Term::Years(1), "2025-03-08 15:50:05", "0.10"),
        (Term::Years(2), "2026-03-08 23:00:00", "0.10"),
        (Term::Years(3), "2027-03-08 15:50:04", "0.05"),
        (Term::Years(3), "2027-03-08 23:00:00", "0.05"),
    ] {
        let desk = desk("intl", &[], start, "0");
        let params = desk.params(start);
        assert_eq!(fee_rate(params, term, start, at(end)), rate.parse().unwrap(), "{term} {end}");
    }
}

fn attempts(desk: &Desk) -> Vec<String> {
    let tried = desk.log().iter().filter(|(_, event)| matches!(event, Event::AutoRenewalTried(_)));
    tried.map(|(at, _)| at.wall().to_string()).collect()
}

/// R6.5: a new deduction day moves the attempts that are still to come; it makes no attempt of its own
/// outside 03:00, and stops none that go on after expiry.
#[test]
fn a_new_deduction_day_moves_only_the_daily_attempts() {
    let start = at("2024-03-08 15:50:04");
    let desk_at = |book: &[(&str, &str)]| {
        let mut desk = desk("cn", book, start, "100");
        desk.ask(start, buy("p1", Term::Months(1), Some(AS_BOUGHT))).unwrap();
        desk
    };
    // Two attempts have failed; the new day lies ahead, and attempts pause until then.
    let mut moved = desk_at(&[]);
    moved.ask(at("2024-04-02 12:00:00"), Op::SetDeductionDay { days: 2 }).unwrap();
    moved.through(at("2024-04-08 12:00:00"));
    let tried = ["2024-04-01", "2024-04-02", "2024-04-06", "2024-04-07", "2024-04-08"];
    assert_eq!(attempts(&moved), tried.map(|day| format!("{day} 03:00:00")));
    // The last attempt was this morning: nothing more is tried.
    moved.ask(at("2024-04-08 12:00:00"), Op::SetDeductionDay { days: 7 }).unwrap();
    moved.through(at("2024-05-01 00:00:00"));
    assert_eq!(attempts(&moved).len(), tried.len());

    let mut late = desk_at(&[("R6.4.retries_end", "retention_end")]);
    late.ask(at("2024-04-09 12:00:00"), Op::SetDeductionDay { days: 2 }).unwrap();
    late.through(at("2024-04-09 12:00:00"));
    let failed = attempts(&late).len();
    late.through(at("2024-04-10 12:00:00"));
    assert_eq!(attempts(&late).len(), failed + 1, "attempts go on in grace");
}

/// R6.9: a run without notices sets no timer for them; one with notices has one timer a phone, for the
/// next of them, and moves it with the expiry.
#[test]
fn the_next_notice_is_one_timer() {
    let start = at("2024-03-08 15:50:04");
    let key = TimerKey::Notice(phone("p1"));
    let bought = |overrides: &[(&str, &str)]| {
        let mut desk = desk("cn", overrides, start, "5000");
        desk.ask(start, buy("p1", Term::Months(1), None)).unwrap();
        desk.through(at("2024-03-09 00:00:00"));
        desk
    };
    assert_eq!(bought(&[]).window(&key), None);
    let mut told = bought(&[("R6.9.sent", "yes")]);
    let due = |desk: &Desk| desk.window(&key).map(|window| window.default);
    assert_eq!(due(&told), Some(at("2024-04-01 10:00:00")));
    told.through(at("2024-04-01 10:00:00"));
    assert_eq!(due(&told), Some(at("2024-04-03 10:00:00")));
    told.ask(at("2024-04-02 00:00:00"), renew("p1", Term::Months(1))).unwrap();
    assert_eq!(due(&told), Some(at("2024-05-01 10:00:00")));
    let what = UnsubscribeWhat::PhoneAndRenewals;
    told.ask(at("2024-04-02 00:00:01"), Op::Unsubscribe { phones: vec![phone("p1")], what })
        .unwrap();
    assert_eq!(due(&told), None);
}

fn back(names: &[&str]) -> Op {
    let phones = names.iter().map(|name| phone(name)).collect();
    Op::Unsubscribe { phones, what: UnsubscribeWhat::PhoneAndRenewals }
}

/// R9.9: above the threshold, not at it; what is compared is what the whole call returns.
#[test]
fn a_refund_is_large_above_the_threshold_and_by_the_whole_call() {
    let start = at("2024-03-08 10:00:00");
    let mut desk = desk("cn", &[("R9.9.review_above", "100")], start, "300");
    for name in ["p1", "p2", "p3"] {
        desk.ask(start, buy(name, Term::Months(1), None)).unwrap();
    }
    let kinds_of = |events: Vec<Event>| events.iter().map(Event::kind).collect::<Vec<_>>();
    let next_day = at("2024-03-09 10:00:00");
    let one = desk.ask(next_day, back(&["p1"])).unwrap();
    assert_eq!(kinds_of(one), ["refunded", "unsubscribed"]);
    let two = desk.ask(next_day, back(&["p2", "p3"])).unwrap();
    assert_eq!(kinds_of(two), ["review_started"]);
    let waiting = desk.account().ledger.cash();
    assert_eq!(waiting, cny("100"), "nothing comes back before the answer");
    let after = desk.through(at("2024-03-10 10:00:00"));
    let expect = ["review_ended", "refunded", "unsubscribed", "refunded", "unsubscribed"];
    assert_eq!(kinds_of(after), expect);
}

/// R9.8, R9.9: what has expired while it waited has nothing to give back any more.
#[test]
fn a_phone_that_expires_under_review_stays() {
    let start = at("2024-03-08 10:00:00");
    let mut desk = desk("cn", &[("R9.9.review_above", "0")], start, "200");
    desk.ask(start, buy("p1", Term::Months(1), None)).unwrap();
    desk.ask(start, buy("p2", Term::Months(1), None)).unwrap();
    desk.ask(at("2024-03-20 10:00:00"), Op::TopUp { amount: cny("100") }).unwrap();
    desk.ask(at("2024-03-20 10:00:00"), renew("p2", Term::Months(1))).unwrap();
    desk.ask(at("2024-04-08 12:00:00"), back(&["p1", "p2"])).unwrap();
    desk.through(at("2024-04-10 00:00:00"));
    let told = kinds(&desk, at("2024-04-08 12:00:00"));
    let expect = [
        "2024-04-08 12:00:00 review_started",
        "2024-04-09 00:00:00 expired",
        "2024-04-09 12:00:00 review_ended",
        "2024-04-09 12:00:00 unsubscribe_failed",
        "2024-04-09 12:00:00 refunded",
        "2024-04-09 12:00:00 unsubscribed",
    ];
    assert_eq!(told, expect);
    assert_eq!(desk.account().phones.get(&phone("p1")).unwrap().status(), PhoneStatus::Expired);
    assert!(desk.account().returns.reviews.is_empty());
}

/// R2.3 to R2.8: the desk holds every plain hour against the way of all others. Here is what is plain:
/// nothing but cash, the price and the clock may bear on it.
#[test]
fn hours_are_plain_unless_something_bears_on_them() {
    let start = at("2024-03-01 00:00:30");
    let hours = |overrides: &[(&str, &str)], balance: &str, op: Option<Op>| {
        let mut desk = desk("cn", overrides, start, balance);
        desk.ask(start, create("d1")).unwrap();
        if let Some(op) = op {
            desk.ask(start, op).unwrap();
        }
        desk.through(at("2024-03-01 05:59:59"));
        let settled = |(_, event): &&(SimTime, Event)| matches!(event, Event::Settled(_));
        (desk.log().iter().filter(settled).count(), desk.plain)
    };
    assert_eq!(hours(&[], "100", None), (4, 4));
    let (part, none) = (Fraction::new("0.1".parse().unwrap()).unwrap(), Fraction::ZERO);
    let discounts = Op::SetDiscounts { commercial: part, partner: none };
    assert_eq!(hours(&[], "100", Some(discounts)), (4, 4), "a discount is part of the price");
    assert_eq!(hours(&[], "1.50", None), (4, 2), "cash ends in the third hour");
    let alert = Op::SetAlert { threshold: Some(cny("1")) };
    assert_eq!(hours(&[], "100", Some(alert)), (4, 0));
    let worth = CouponWorth::Voucher(cny("1"));
    let (valid_from, valid_until) = (start, start + YEAR);
    let terms = CouponTerms { worth, valid_from, valid_until, limits: None };
    let coupon = Op::GrantCoupon { coupon: CouponId::new("c").unwrap(), terms };
    assert_eq!(hours(&[], "100", Some(coupon)), (4, 0), "coupons are looked through");
    let gone = Op::Delete { phone: phone("d1") };
    assert_eq!(hours(&[], "100", Some(gone)), (1, 0), "the last hour ends the phone");
    assert_eq!(
        hours(&[("R2.13.deposit", "1")], "100", None),
        (4, 3),
        "the first frees the deposit"
    );
    assert_eq!(hours(&[("R2.9.erased_is_collected", "yes")], "100", None), (4, 3));
    assert_eq!(hours(&[("R8.5.zero_balance_is_arrears", "yes")], "100", None), (4, 0));
    assert_eq!(hours(&[("R8.2.tier_thresholds.V1", "1")], "100", None), (4, 0));
    assert_eq!(hours(&[("R2.5.deduction_mode", "monthly")], "100", None), (0, 0));
}
