//! What comes back (R3.5, R9.1 to R9.6), and figures of changes that phones do not offer (R10.5).

use crate::desk::{Desk, money};
use crate::example::{Example, find, instant};
use crate::periods::{buy, desk, phone, renew};
use koosim_model::command::{Op, UnsubscribeWhat};
use koosim_model::event::{Event, RefundTerms, Refunded};
use koosim_model::money::{Amount, Currency, Rounding};
use koosim_model::name::{CouponId, PhoneId};
use koosim_model::rulebook::{Profile, RuleId, Rulebook};
use koosim_model::rules::{
    RefundUnit, conditional_refund, consumption, difference as price_difference, fee_rate,
    remaining,
};
use koosim_model::state::{CouponTerms, CouponWorth};
use koosim_model::term::{Anchor, Expiry, Term};
use koosim_model::time::{BillingDay, SimDuration, SimTime};
use rust_decimal::Decimal;

const SECOND: SimDuration = SimDuration::from_secs(1);

/// Gives a phone back, or its renewals; answers the only refund.
fn unsubscribe(desk: &mut Desk, name: &PhoneId, at: SimTime, what: UnsubscribeWhat) -> Refunded {
    let happened = desk.ask(at, Op::Unsubscribe { phones: vec![name.clone()], what }).unwrap();
    let mut refunds = happened.into_iter().filter_map(|event| match event {
        Event::Refunded(e) => Some(e),
        _ => None,
    });
    let refund = refunds.next().unwrap();
    assert_eq!(refunds.next(), None, "one period, one refund");
    refund
}

fn voucher(desk: &mut Desk, at: SimTime, amount: Amount, valid_until: SimTime) -> CouponId {
    let coupon = CouponId::new("v1").unwrap();
    let worth = CouponWorth::Voucher(amount);
    let terms = CouponTerms { worth, valid_from: at, valid_until, limits: None };
    desk.ask(at, Op::GrantCoupon { coupon: coupon.clone(), terms }).unwrap();
    coupon
}

/// What a refund gave back by source: cash and the one coupon.
fn sources(refund: &Refunded) -> (Amount, Amount) {
    let currency = refund.refund.cash.currency();
    let coupons = refund.refund.coupons.iter().map(|part| part.amount);
    let coupons = coupons.fold(Amount::zero(currency), |sum, part| sum.plus(part).unwrap());
    assert!(refund.refund.credit.is_zero() && refund.refund.debt.is_zero());
    (refund.refund.cash, coupons)
}

/// Days of a month and days used, as the manual of the phones counts them.
fn manual_divisor(profile: &str, example: &Example) -> (i64, u32) {
    let settings = Rulebook::standard().resolve(profile.parse().unwrap(), &[]).unwrap();
    let rule: RuleId = "R3.5".parse().unwrap();
    let start = example.instant("/inputs/purchase");
    let month = settings.integer(rule, "document_month_days", start.day()).unwrap();
    let to = Anchor::at(start).expiry_after(1);
    let (used, _) =
        consumption(RefundUnit::Days, start, to, example.instant("/inputs/unsubscribe"));
    (month, used)
}

/// The manual's own arithmetic gives its figure; the platform's rule another.
pub(crate) fn manual_days(example: &Example) {
    let (month, used) = manual_divisor("cn", example);
    assert_eq!(used, example.count("/expected/billed_days"));
    let paid = example.amount("/inputs/monthly_price", Currency::CNY);
    let fee = paid.value() / Decimal::from(month) * Decimal::from(used);
    let printed = example.decimal("/expected/fee");
    assert_eq!(Rounding::HalfUp.apply(fee, 2), printed);
    let start = example.instant("/inputs/purchase");
    let mut desk = desk("cn", Currency::CNY, example.text("/inputs/monthly_price"), start);
    buy(&mut desk, &phone(), start, Term::Months(1), &[]);
    let at = example.instant("/inputs/unsubscribe");
    let refund = unsubscribe(&mut desk, &phone(), at, UnsubscribeWhat::PhoneAndRenewals);
    assert_ne!(refund.consumed.value(), printed);
}

/// The same formula without a price.
pub(crate) fn manual_days_in_symbols(example: &Example) {
    let (month, used) = manual_divisor("intl", example);
    let price = example.text("/inputs/monthly_price");
    let first = format!("{price}/{month}*{used}");
    let second = example.text("/inputs/second_monthly_price");
    assert_eq!(example.text("/expected/first_fee"), first);
    assert_eq!(example.text("/expected/second_fee"), second);
    assert_eq!(example.text("/expected/total"), format!("{first} + {second}"));
    let end = Anchor::at(example.instant("/inputs/second_purchase")).expiry_after(1);
    assert_eq!(end.printed(), example.instant("/expected/second_period_end"));
}

/// The printed total is not the sum of the fees beside it.
pub(crate) fn misprinted_total(example: &Example) {
    let fees = example.texts("/inputs/fees");
    let cny = |text: &str| money(text, Currency::CNY);
    let sum = fees.iter().fold(cny("0"), |sum, fee| sum.plus(cny(fee)).unwrap());
    let printed = example.amount("/expected/total", Currency::CNY);
    assert_ne!(sum, printed);
    let other_price = find("KP-01").amount("/inputs/monthly_price", Currency::CNY);
    assert_eq!(cny(fees[0]).plus(other_price).unwrap(), printed);
}

/// Both ends are floored to the hour.
pub(crate) fn used_hours(example: &Example) {
    let (start, at) = (example.instant("/inputs/purchase"), example.instant("/inputs/unsubscribe"));
    for (book, currency) in [("cn", Currency::CNY), ("intl", Currency::USD), ("eu", Currency::EUR)]
    {
        let mut desk = desk(book, currency, "100", start);
        buy(&mut desk, &phone(), start, Term::Months(1), &[]);
        let expires = desk.account().subscription(&phone()).unwrap().expires;
        assert_eq!(expires.printed(), example.instant("/inputs/expiry"));
        assert_eq!(expires.boundary(), example.instant("/expected/total/to"));
        let refund = unsubscribe(&mut desk, &phone(), at, UnsubscribeWhat::PhoneAndRenewals);
        assert_eq!(refund.terms, RefundTerms::Conditional);
        let fraction = format!("{}/{}", refund.used, refund.total);
        assert_eq!(fraction, example.text("/expected/consumed_fraction"));
        for (hours, place) in [(refund.used, "used"), (refund.total, "total")] {
            let count = |field: &str| example.count(&format!("/expected/{place}/{field}"));
            assert_eq!(hours, count("hours_total"));
            assert_eq!(hours, count("days") * 24 + count("hours"));
        }
    }
}

/// Older editions count days, the first one and not the last.
pub(crate) fn used_days(example: &Example) {
    let (start, at) = (example.instant("/inputs/purchase"), example.instant("/inputs/unsubscribe"));
    for (book, currency) in [("intl@2024-02", Currency::USD), ("eu@2024-02", Currency::EUR)] {
        let mut desk = desk(book, currency, "100", start);
        buy(&mut desk, &phone(), start, Term::Months(1), &[]);
        let expires = desk.account().subscription(&phone()).unwrap().expires;
        assert_eq!(expires.day(), example.instant("/inputs/expiry").day());
        let refund = unsubscribe(&mut desk, &phone(), at, UnsubscribeWhat::PhoneAndRenewals);
        assert_eq!(refund.used, example.count("/expected/used_days"));
        assert_eq!(refund.total, example.count("/expected/total_days"));
        let fraction = format!("{}/{}", refund.used, refund.total);
        assert_eq!(fraction, example.text("/expected/consumed_fraction"));
    }
}

/// Everything comes back until the printed second, which is too late.
pub(crate) fn five_days_to_the_second(example: &Example) {
    let start = example.instant("/inputs/provisioned");
    let end = example.instant("/expected/full_refund_before");
    for (at, terms) in [
        (end - SimDuration::from_nanos(1), RefundTerms::FiveDay),
        (end - SECOND, RefundTerms::FiveDay),
        (end, RefundTerms::Conditional),
        (end + SECOND, RefundTerms::Conditional),
    ] {
        let mut desk = desk("cn", Currency::CNY, "100", start);
        buy(&mut desk, &phone(), start, Term::Months(1), &[]);
        let refund = unsubscribe(&mut desk, &phone(), at, UnsubscribeWhat::PhoneAndRenewals);
        assert_eq!(refund.terms, terms, "at {at}");
        let whole = refund.refund.total().unwrap() == money("100", Currency::CNY);
        assert_eq!(whole, terms == RefundTerms::FiveDay);
    }
}

/// Cash to cash and the voucher back, with some of the year's quota used before.
pub(crate) fn five_day_refund(example: &Example) {
    let (start, at) = (example.instant("/inputs/purchase"), example.instant("/inputs/unsubscribe"));
    let cny = |place: &str| example.amount(place, Currency::CNY);
    let mut desk = desk("cn", Currency::CNY, example.text("/inputs/order_amount"), start);
    let used = desk.params(start).five_day_quota - example.count("/inputs/quota_left");
    for number in 0..used {
        let before = start - SimDuration::from_days(i64::from(used - number));
        let other = PhoneId::new(&format!("other-{number}")).unwrap();
        buy(&mut desk, &other, before, Term::Months(1), &[]);
        let refund = unsubscribe(&mut desk, &other, before, UnsubscribeWhat::PhoneAndRenewals);
        assert_eq!(refund.terms, RefundTerms::FiveDay);
    }
    let paid = start - SimDuration::from_hours(1);
    let until = example.instant("/inputs/voucher_expiry");
    let voucher = voucher(&mut desk, paid, cny("/inputs/voucher"), until);
    buy(&mut desk, &phone(), start, Term::Months(1), std::slice::from_ref(&voucher));
    let refund = unsubscribe(&mut desk, &phone(), at, UnsubscribeWhat::PhoneAndRenewals);
    assert_eq!(refund.refund.total().unwrap(), cny("/expected/refund"));
    let printed = (cny("/expected/refund_cash"), cny("/expected/refund_voucher"));
    assert_eq!(sources(&refund), printed);
    assert_eq!(desk.account().coupons[&voucher].balance, cny("/inputs/voucher"));
}

/// A renewal that has not begun comes back whole, without a fee; the phone stays.
pub(crate) fn unstarted_renewal(example: &Example) {
    let start = example.instant("/inputs/purchase");
    let cny = |place: &str| example.amount(place, Currency::CNY);
    let mut desk = desk("cn", Currency::CNY, example.text("/inputs/renew_due"), start);
    buy(&mut desk, &phone(), start, Term::Months(1), &[]);
    let first = desk.account().subscription(&phone()).unwrap().expires;
    let year = SimDuration::from_days(365);
    let voucher = voucher(&mut desk, start, cny("/inputs/voucher"), start + year);
    renew(&mut desk, example.instant("/inputs/renewed"), Term::Months(1), &[voucher]);
    let at = example.instant("/inputs/unsubscribe_renewal");
    let refund = unsubscribe(&mut desk, &phone(), at, UnsubscribeWhat::RenewalsOnly);
    assert_eq!(refund.terms, RefundTerms::NotStarted);
    assert_eq!(refund.refund.total().unwrap(), cny("/expected/refund"));
    let printed = (cny("/expected/refund_cash"), cny("/expected/refund_voucher"));
    assert_eq!(sources(&refund), printed);
    assert_eq!(refund.fee, cny("/expected/handling_fee"));
    assert_eq!(desk.account().subscription(&phone()).unwrap().expires, first);
    let charged = refund.refund.total().unwrap().minus(cny("/inputs/voucher")).unwrap();
    assert_eq!(charged, cny("/inputs/cash"));
}

fn anniversary(start: SimTime, year: usize) -> SimTime {
    let months = u32::try_from(year).unwrap() * 12;
    Anchor::at(start).expiry_after(months).day().start() + (start - start.day().start())
}

/// Every cell of the table, at the first and the last second of its year of use.
pub(crate) fn fee_table(example: &Example) {
    assert_eq!(example.text("/expected/base"), "actual payment");
    let start = instant("2024-03-08T15:50:04+08:00");
    let terms = [
        ("3Y", Term::Years(3)),
        ("2Y", Term::Years(2)),
        ("1Y", Term::Years(1)),
        ("monthly", Term::Months(1)),
    ];
    let table = example.at("/expected/fee_rate").as_object().unwrap();
    assert_eq!(table.len(), terms.len());
    for profile in Profile::ALL {
        let rules = crate::desk::rules(profile.name(), &[], &[]);
        let params = rules.params(start);
        for (name, term) in terms {
            for (used, rate) in table[name].as_object().unwrap() {
                let year = ["<=1Y", "1-2Y", "2-3Y"].iter().position(|text| text == used).unwrap();
                let first = if year == 0 { start } else { anniversary(start, year) + SECOND };
                for now in [first, anniversary(start, year + 1)] {
                    let expect: Decimal = rate.as_str().unwrap().parse().unwrap();
                    assert_eq!(fee_rate(params, term, start, now), expect, "{name} {used}");
                }
            }
        }
    }
}

/// The sums of a refund that the file derives from a printed fraction and a printed rate.
pub(crate) fn derived_sums(example: &Example) {
    let hours = find("UNS-01");
    let (from, now) = (hours.instant("/inputs/purchase"), hours.instant("/inputs/unsubscribe"));
    let to = Expiry::on(hours.instant("/inputs/expiry").day());
    let paid = example.amount("/inputs/paid_cash", Currency::USD);
    let rules = crate::desk::rules("intl", &[], &[]);
    let (params, term) = (rules.params(now), Term::Months(1));
    let sums = conditional_refund(params, term, from, to, now, paid).unwrap();
    assert_eq!(format!("{}/{}", sums.used, sums.total), example.text("/inputs/consumed_fraction"));
    assert_eq!(fee_rate(params, term, from, now), example.decimal("/inputs/fee_rate"));
    assert_eq!(sums.fee, example.amount("/expected/fee", Currency::USD));
    let cents = |place: &str| Rounding::HalfUp.apply(example.decimal(place), 2);
    assert_eq!(sums.consumed.value(), cents("/expected/consumed_exact"));
    assert_eq!(sums.refund.value(), cents("/expected/refund_exact"));
}

/// The platform's refund for the phone of the manual's example.
pub(crate) fn derived_refund(example: &Example) {
    let start = example.instant("/inputs/purchase");
    let mut desk = desk("intl", Currency::USD, example.text("/inputs/paid"), start);
    buy(&mut desk, &phone(), start, Term::Months(1), &[]);
    let at = example.instant("/inputs/unsubscribe");
    let refund = unsubscribe(&mut desk, &phone(), at, UnsubscribeWhat::PhoneAndRenewals);
    assert_eq!(refund.used, example.count("/expected/used_hours"));
    assert_eq!(refund.total, example.count("/expected/total_hours"));
    assert_eq!(refund.fee, example.amount("/expected/fee", Currency::USD));
    let cents = |place: &str| Rounding::HalfUp.apply(example.decimal(place), 2);
    assert_eq!(refund.consumed.value(), cents("/expected/consumed_exact"));
    assert_eq!(refund.refund.cash.value(), cents("/expected/refund_exact"));
}

/// Days over days, such as `12/30`, or a whole number.
fn fraction(text: &str) -> Decimal {
    let (days, month) = text.split_once('/').unwrap_or((text, "1"));
    days.parse::<Decimal>().unwrap() / month.parse::<Decimal>().unwrap()
}

fn sum(parts: &[&str]) -> Decimal {
    parts.iter().map(|part| fraction(part)).sum()
}

/// The printed fee follows from a factor that was cut to four decimals first.
pub(crate) fn factor_of_four_decimals(example: &Example) {
    let difference = example.decimal("/inputs/new_price") - example.decimal("/inputs/old_price");
    let exact = sum(&example.texts("/expected/remaining_parts"));
    let start = example.instant("/inputs/purchase");
    let desk = desk("cn", Currency::CNY, "1", start);
    let expires = Anchor::at(start).expiry_after(1);
    let changed = example.instant("/inputs/change").day();
    let left = remaining(desk.params(start), Term::Months(1), changed, expires);
    assert_eq!(left, exact);
    let cut = Rounding::HalfUp.apply(exact, 4);
    assert_eq!(cut, example.decimal("/expected/remaining"));
    let printed = example.decimal("/expected/printed_fee");
    assert_eq!(Rounding::HalfUp.apply(difference * cut, 2), printed);
    let prices = ["/inputs/old_price", "/inputs/new_price"];
    let [old, new] = prices.map(|place| example.amount(place, Currency::CNY));
    let cost = price_difference(desk.params(start), (old, new), left, Decimal::ZERO).unwrap();
    assert_eq!(cost.due.value(), Rounding::HalfUp.apply(difference * exact, 2));
    assert_ne!(cost.due.value(), printed);
}

/// The printed duration is not the sum of the parts beside it.
pub(crate) fn misprinted_duration(example: &Example) {
    let exact = sum(&example.texts("/expected/parts"));
    let days = example.texts("/inputs/term");
    let day = |text: &str| BillingDay::parse(text).unwrap();
    let changed = example.instant("/inputs/change").day();
    let desk = desk("cn", Currency::CNY, "1", day(days[0]).start());
    let (params, term) = (desk.params(changed.start()), Term::Months(3));
    assert_eq!(remaining(params, term, changed, Expiry::on(day(days[1]))), exact);
    assert_ne!(Rounding::HalfUp.apply(exact, 2), example.decimal("/expected/printed"));
}
