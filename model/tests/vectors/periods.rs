//! Where periods end, and how the service renews (R1.3 to R1.5, R5.2, R6).

use crate::desk::{Desk, money, rules};
use crate::example::{Example, instant};
use koosim_model::command::{Op, RenewTo, Tier};
use koosim_model::decision::{Reason, TimerKey};
use koosim_model::event::{AutoRenewalResult, Event};
use koosim_model::money::{Currency, Fraction};
use koosim_model::name::{CouponId, PhoneId, SizeId};
use koosim_model::rules::{Prices, renewal_term};
use koosim_model::state::AutoRenewal;
use koosim_model::term::{Expiry, Term};
use koosim_model::time::{BillingDay, SimDuration, SimTime};

/// As bought, without end.
pub(crate) const MONTHLY: AutoRenewal = AutoRenewal { every: None, times_left: None };

/// The only phone of most histories.
pub(crate) fn phone() -> PhoneId {
    PhoneId::new("p1").unwrap()
}

/// The only size on sale.
pub(crate) fn size() -> SizeId {
    SizeId::new("pro").unwrap()
}

/// A desk with an account opened long before `at`, rich enough for anything. `month` is the price of
/// a month; a year costs ten times as much and an hour a thousandth.
pub(crate) fn desk(book: &str, currency: Currency, month: &str, before: SimTime) -> Desk {
    let month = money(month, currency);
    let part = |factor: &str| Some(month.times(factor.parse().unwrap()).unwrap().exact().unwrap());
    let prices = Prices { month: Some(month), year: part("10"), hour: part("0.001") };
    let mut desk = Desk::new(rules(book, &[], &[("pro", prices)]));
    let opened = before - SimDuration::from_days(60);
    let (tier, credit_limit) = (Tier::V0, money("0", currency));
    desk.ask(opened, Op::OpenAccount { tier, credit_limit, discount: Fraction::ZERO }).unwrap();
    desk.ask(opened, Op::TopUp { amount: money("100000", currency) }).unwrap();
    desk
}

/// Buys a phone so that it takes effect at `at`.
pub(crate) fn buy(desk: &mut Desk, name: &PhoneId, at: SimTime, term: Term, coupons: &[CouponId]) {
    let paid = at - desk.params(at).provisioning.default;
    let op = Op::Buy {
        setup: None,
        phones: vec![name.clone()],
        size: size(),
        term,
        auto_renewal: None,
        payment: Some(coupons.to_vec()),
    };
    desk.ask(paid, op).unwrap();
    let happened = desk.through(at);
    let provisioned =
        happened.iter().any(|event| matches!(event, Event::Provisioned(e) if e.effective == at));
    assert!(provisioned, "effective at {at}");
}

/// Renews by hand; answers the new expiry.
pub(crate) fn renew(desk: &mut Desk, at: SimTime, term: Term, coupons: &[CouponId]) -> Expiry {
    let op = Op::Renew {
        phones: vec![phone()],
        term,
        to: RenewTo::Term,
        policy: None,
        payment: Some(coupons.to_vec()),
    };
    let happened = desk.ask(at, op).unwrap();
    let renewed = happened.iter().find_map(|event| match event {
        Event::Renewed(e) => Some(e.expires),
        _ => None,
    });
    renewed.unwrap()
}

fn expires(desk: &Desk) -> Expiry {
    desk.account().subscription(&phone()).unwrap().expires
}

fn term(text: &str) -> Term {
    match text {
        "1M" | "monthly" => Term::Months(1),
        "1Y" => Term::Years(1),
        _ => panic!("the file has no term `{text}`"),
    }
}

/// Bought, then renewed by hand: every printed end of a period.
pub(crate) fn ends(example: &Example) {
    let (start, bought) = (example.instant("/inputs/start"), term(example.text("/inputs/term")));
    let mut desk = desk("cn", Currency::CNY, "259", start);
    buy(&mut desk, &phone(), start, bought, &[]);
    let mut ends = vec![expires(&desk)];
    for _ in 0..example.count("/inputs/renewals") {
        let before_end = expires(&desk).printed() - SimDuration::from_days(1);
        ends.push(renew(&mut desk, before_end, bought, &[]));
    }
    let printed: Vec<SimTime> =
        example.texts("/expected/period_ends").iter().map(|text| instant(text)).collect();
    assert_eq!(ends.iter().map(|end| end.printed()).collect::<Vec<_>>(), printed);
    assert_eq!(
        desk.window(&TimerKey::Expiry(phone())).unwrap().default,
        ends.pop().unwrap().boundary()
    );
}

/// The period that is printed begins at an old expiry.
pub(crate) fn renewed_from_old_expiry(example: &Example) {
    let old = example.instant("/inputs/start");
    let day = old.day();
    let bought =
        day.anchored_months_later(0, day.day_of_month()).start() - SimDuration::from_days(31);
    let mut desk = desk("cn", Currency::CNY, "259", bought);
    buy(&mut desk, &phone(), bought, Term::Months(1), &[]);
    assert_eq!(expires(&desk).printed(), old);
    let renewed = renew(&mut desk, bought, term(example.text("/inputs/term")), &[]);
    assert_eq!(example.texts("/expected/period_ends").len(), 1);
    assert_eq!(renewed.printed(), example.instant("/expected/period_ends/0"));
}

/// One month at its list price, with the end of the period.
pub(crate) fn month_at_list_price(example: &Example) {
    let start = example.instant("/inputs/purchase");
    let mut desk = desk("cn", Currency::CNY, example.text("/inputs/monthly_price"), start);
    buy(&mut desk, &phone(), start, Term::Months(example.count("/inputs/months")), &[]);
    let charged: Vec<_> = desk
        .log()
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Charged(e) => Some(e.due),
            _ => None,
        })
        .collect();
    assert_eq!(charged, [example.amount("/expected/fee", Currency::CNY)]);
    assert_eq!(expires(&desk).printed(), example.instant("/expected/period_end"));
    let days = (expires(&desk).boundary() - start).floor_secs() / 86_400;
    assert_eq!(days, i64::from(example.count("/expected/printed_billed_days")) + 1);
}

/// Bought for several months, renewed by one.
pub(crate) fn renews_by_one_month(example: &Example) {
    let bought = Term::Months(example.count("/inputs/original_term_months"));
    let start = instant("2024-03-08T15:50:04+08:00");
    let mut desk = desk("intl", Currency::USD, "40", start);
    buy(&mut desk, &phone(), start, bought, &[]);
    desk.ask(start, Op::SetAutoRenewal { phone: phone(), setting: Some(MONTHLY) }).unwrap();
    let (old, months) = (expires(&desk), example.count("/expected/auto_renew_term_months"));
    desk.through(old.boundary() - SimDuration::from_nanos(1));
    let day = old.day();
    let renewed = day.anchored_months_later(months, start.day().day_of_month());
    assert_eq!(expires(&desk).day(), renewed);
    let params = desk.params(start);
    assert_eq!(renewal_term(params, MONTHLY, bought), Term::Months(months));
}

/// Turned on when no 03:00 is left before expiry: deducted at once. Turned on earlier: at the next 03:00.
pub(crate) fn late_enabling(example: &Example) {
    assert_eq!(example.text("/expected/deduct"), "immediately");
    let start = instant("2024-03-08T15:50:04+08:00");
    let set = Op::SetAutoRenewal { phone: phone(), setting: Some(MONTHLY) };
    for (enabled, attempt) in [
        ("2024-04-08T02:59:59+08:00", "2024-04-08T03:00:00+08:00"),
        ("2024-04-08T03:00:00+08:00", "2024-04-08T03:00:00+08:00"),
        ("2024-04-08T03:00:01+08:00", "2024-04-08T03:00:01+08:00"),
        ("2024-04-08T23:59:59+08:00", "2024-04-08T23:59:59+08:00"),
    ] {
        let mut desk = desk("eu", Currency::EUR, "40", start);
        buy(&mut desk, &phone(), start, Term::Months(1), &[]);
        assert_eq!(expires(&desk).boundary(), instant("2024-04-09T00:00:00+08:00"));
        desk.ask(instant(enabled), set.clone()).unwrap();
        desk.through(instant(attempt));
        let renewed = desk.log().iter().filter_map(|(at, event)| match event {
            Event::AutoRenewalTried(e) => Some((*at, e.result)),
            _ => None,
        });
        let expect = (instant(attempt), AutoRenewalResult::Renewed);
        assert_eq!(renewed.collect::<Vec<_>>(), [expect], "turned on at {enabled}");
    }
    // At the boundary itself the phone has expired, and nothing can be turned on (R6.12).
    let mut desk = desk("eu", Currency::EUR, "40", start);
    buy(&mut desk, &phone(), start, Term::Months(1), &[]);
    let boundary = expires(&desk).boundary();
    desk.through(boundary);
    assert_eq!(desk.ask(boundary, set), Err(Reason::Expired));
}

/// A renewal of a year by hand leaves monthly auto-renewal monthly.
pub(crate) fn setting_survives_renewal(example: &Example) {
    let start = example.instant("/inputs/purchase");
    let mut desk = desk("cn", Currency::CNY, "259", start);
    buy(&mut desk, &phone(), start, term(example.text("/inputs/term")), &[]);
    desk.ask(start, Op::SetAutoRenewal { phone: phone(), setting: Some(MONTHLY) }).unwrap();
    assert_eq!(expires(&desk).day(), example.instant("/expected/first_expiry").day());
    let by_hand = term(example.text("/inputs/renew_term"));
    let renewed = renew(&mut desk, example.instant("/inputs/renewed_on"), by_hand, &[]);
    assert_eq!(renewed.day(), example.instant("/expected/second_period/1").day());

    let unit = term(example.text("/inputs/auto_renew"));
    let printed = example.text("/expected/auto_renew_after");
    assert_eq!(printed, format!("{}, from {}", example.text("/inputs/auto_renew"), renewed.day()));
    desk.through(renewed.boundary() - SimDuration::from_nanos(1));
    let next = renewed.day().anchored_months_later(unit.months(), start.day().day_of_month());
    assert_eq!(expires(&desk).day(), next);
}

/// Bought so that it ends as printed, then renewed up to the unified day.
pub(crate) fn unified(example: &Example) {
    let printed = |text: &str| BillingDay::parse(text.get(..10).unwrap()).unwrap();
    let expiry = printed(example.text("/inputs/expiry"));
    let (year, month, day) = (expiry.year(), expiry.month() - 1, expiry.day_of_month());
    let start = BillingDay::new(year, month, day).unwrap().start();
    let mut desk = desk("cn", Currency::CNY, "259", start);
    buy(&mut desk, &phone(), start, Term::Months(1), &[]);
    assert_eq!(expires(&desk).day(), expiry);
    let at_end = expires(&desk).printed();
    let day = example.at("/inputs/unified_day").as_i64().unwrap();
    desk.ask(at_end, Op::SetUnifiedDay { day: i32::try_from(day).unwrap() }).unwrap();
    let term = Term::Months(example.count("/inputs/renew_months"));
    let op = Op::Renew {
        phones: vec![phone()],
        term,
        to: RenewTo::UnifiedDay,
        policy: None,
        payment: Some(vec![]),
    };
    let happened = desk.ask(at_end, op).unwrap();
    let placed = happened.iter().find_map(|event| match event {
        Event::OrderPlaced(e) => e.unified.as_ref(),
        _ => None,
    });
    assert_eq!(placed.unwrap().extra_days, example.count("/expected/extra_days"));
    assert_eq!(expires(&desk).day(), printed(example.text("/expected/new_expiry")));
}

/// The deduction day takes the printed values and no others, and moves the attempt at once.
pub(crate) fn deduction_day(example: &Example) {
    assert_eq!(example.text("/inputs/config_name"), "DEDUCTION_DATE");
    let start = instant("2024-03-08T15:50:04+08:00");
    let mut desk = desk("cn", Currency::CNY, "259", start);
    buy(&mut desk, &phone(), start, Term::Months(1), &[]);
    desk.ask(start, Op::SetAutoRenewal { phone: phone(), setting: Some(MONTHLY) }).unwrap();
    let allowed: Vec<u32> =
        example.texts("/inputs/allowed").iter().map(|text| text.parse().unwrap()).collect();
    let set = |desk: &mut Desk, days| desk.ask(start, Op::SetDeductionDay { days });
    for days in 0..=28 {
        let taken = set(&mut desk, days);
        let expect = if allowed.contains(&days) { None } else { Some(Reason::OutOfRange) };
        assert_eq!(taken.err(), expect, "{days} days");
    }
    let days = example.count("/inputs/config_value");
    set(&mut desk, days).unwrap();
    assert!(
        example.text("/expected/meaning").contains(&format!("{days} days before expiry at 03:00"))
    );
    let attempt = desk.window(&TimerKey::AutoRenewal(phone())).unwrap();
    let day = expires(&desk).day().minus_days(u64::from(days));
    assert_eq!(attempt.default, day.start() + SimDuration::from_hours(3));
    assert!(attempt.is_exact());
}
