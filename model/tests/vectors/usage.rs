//! Use by the clock hour, its price and its rounding (R2.1 to R2.8, R11.2).

use crate::desk::{Desk, money, rules};
use crate::example::{Example, instant};
use crate::periods::{phone, size};
use koosim_model::command::{Op, Tier};
use koosim_model::decision::{TimerKey, Window};
use koosim_model::event::{Event, Metered, MonthCharged, Settled};
use koosim_model::money::{Amount, Currency, Fraction, Rounding};
use koosim_model::rules::usage::{clock_hours, due, price, usage_hours};
use koosim_model::rules::{Params, Prices};
use koosim_model::term::Term;
use koosim_model::time::{SimDuration, SimTime};
use rust_decimal::Decimal;

/// The use of one phone on demand, from its creation to its deletion and the last charge for it.
struct Story {
    settled: Vec<Settled>,
    metered: Vec<Metered>,
    months: Vec<MonthCharged>,
}

fn opened(book: &str, currency: Currency, hour: &str, before: SimTime) -> Desk {
    let prices = Prices { month: None, year: None, hour: Some(money(hour, currency)) };
    opened_with(book, currency, prices, before)
}

fn opened_with(book: &str, currency: Currency, prices: Prices, before: SimTime) -> Desk {
    let mut desk = Desk::new(rules(book, &[], &[("pro", prices)]));
    let at = before - SimDuration::from_days(1);
    let (tier, credit_limit) = (Tier::V0, money("0", currency));
    desk.ask(at, Op::OpenAccount { tier, credit_limit, discount: Fraction::ZERO }).unwrap();
    desk.ask(at, Op::TopUp { amount: money("1000", currency) }).unwrap();
    desk
}

fn story(book: &str, currency: Currency, hour: &str, create: SimTime, delete: SimTime) -> Story {
    let mut desk = opened(book, currency, hour, create);
    desk.ask(create, Op::CreateOnDemand { phone: phone(), size: size() }).unwrap();
    desk.ask(delete, Op::Delete { phone: phone() }).unwrap();
    desk.through(delete + SimDuration::from_days(40));
    assert!(desk.account().phones.is_empty(), "all use is settled");
    let mut story = Story { settled: Vec::new(), metered: Vec::new(), months: Vec::new() };
    for (_, event) in desk.log() {
        match event {
            Event::Settled(e) => story.settled.push(e.clone()),
            Event::Metered(e) => story.metered.push(e.clone()),
            Event::MonthCharged(e) => story.months.push(e.clone()),
            _ => {}
        }
    }
    story
}

fn printed_use(example: &Example) -> (SimTime, SimTime) {
    (example.instant("/inputs/create"), example.instant("/inputs/delete"))
}

fn params(book: &str, overrides: &[(&str, &str)]) -> Params {
    rules(book, overrides, &[]).params(instant("2024-03-12T00:00:00+08:00")).clone()
}

/// Ten minutes inside one clock hour are one record, on every site.
pub(crate) fn ten_minutes(example: &Example) {
    let (create, delete) = printed_use(example);
    let (from, to) = (example.instant("/expected/cycle/0"), example.instant("/expected/cycle/1"));
    let seconds = example.count("/expected/billed_seconds");
    let cn = story("cn", Currency::CNY, "0.60", create, delete);
    let record = &cn.settled[0];
    assert_eq!((cn.settled.len(), record.seconds), (1, seconds));
    assert!(from <= record.from && record.to <= to && from + SimDuration::from_hours(1) == to);
    let intl = story("intl", Currency::USD, "0.60", create, delete);
    assert_eq!(intl.metered.iter().map(|e| e.seconds).collect::<Vec<_>>(), [seconds]);
}

/// The times contradict the seconds beside them.
pub(crate) fn misprinted_seconds(example: &Example) {
    let (create, delete) = printed_use(example);
    let seconds: u32 = clock_hours(create, delete).iter().map(|(_, _, seconds)| seconds).sum();
    assert_eq!(seconds, example.count("/expected/actual_seconds"));
    assert_ne!(seconds, example.count("/expected/printed_billed_seconds"));
}

fn settlement(create: SimTime) -> Window {
    let mut desk = opened("cn", Currency::CNY, "0.60", create);
    desk.ask(create, Op::CreateOnDemand { phone: phone(), size: size() }).unwrap();
    desk.window(&TimerKey::Settle(phone(), create)).unwrap()
}

/// "About": the default of the window.
pub(crate) fn deducted_about(example: &Example) {
    let create = example.instant("/inputs/usage_hour/0");
    let window = settlement(create);
    assert_eq!(window.default, example.instant("/expected/deducted_about"));
    assert_eq!(window.earliest, example.instant("/inputs/usage_hour/1"));
    assert!(window.latest > window.default);
}

/// A deduction that was seen lies inside the window of its hour.
pub(crate) fn screenshot(example: &Example) {
    let window = settlement(example.instant("/inputs/usage/0"));
    let seen = example.instant("/expected/trade_time");
    assert!(window.allows(seen), "{seen} in {window:?}");
    assert!(!window.allows(example.instant("/inputs/usage/0")));
}

/// The bill of the network gateway: three records, the first with all its figures.
pub(crate) fn nat_bill(example: &Example) {
    let (create, delete) = printed_use(example);
    let hour = example.text("/inputs/unit_price_per_hour");
    let records = story("cn", Currency::CNY, hour, create, delete).settled;
    let printed = example.list("/expected/records");
    assert_eq!(records.len(), printed.len());
    for (record, printed) in records.iter().zip(printed) {
        let on_day = |field: &str| {
            let time = printed[field].as_str().unwrap();
            instant(&format!("{}T{time}+08:00", create.day()))
        };
        assert_eq!((record.from, record.to), (on_day("start"), on_day("end")));
    }
    let first = &records[0];
    assert_eq!(first.seconds, example.count("/expected/records/0/seconds"));
    assert_eq!(first.official, example.amount("/expected/records/0/list_price", Currency::CNY));
    assert_eq!(first.erased, example.amount("/expected/records/0/erase", Currency::CNY));
    assert_eq!(first.due, example.amount("/expected/records/0/due", Currency::CNY));
}

/// The terms of the printed identity, read out of its text, against the record of the gateway.
pub(crate) fn bill_identity(example: &Example) {
    assert_eq!(example.text("/inputs/formula"), "official = discount + erase + consume");
    let identity = example.text("/expected/example_from_PPU05");
    let numbers: Vec<Amount> =
        identity.split(['=', '+']).map(|number| money(number.trim(), Currency::CNY)).collect();
    let gateway = crate::example::find("PPU-05");
    let (create, delete) = printed_use(&gateway);
    let hour = gateway.text("/inputs/unit_price_per_hour");
    let records = story("cn", Currency::CNY, hour, create, delete).settled;
    let first = &records[0];
    assert_eq!(numbers, [first.official, first.discount, first.erased, first.due]);
    for record in records {
        let sum = record.discount.plus(record.erased).unwrap().plus(record.due).unwrap();
        assert_eq!(record.official, sum);
        assert_eq!(record.paid.total().unwrap(), record.due);
    }
}

/// Whole hours by size, in one record: price, erased part and amount due.
pub(crate) fn whole_hours(example: &Example) {
    let cn = params("cn", &[]);
    let unit = example.amount("/inputs/unit_price_per_gb_hour", Currency::CNY);
    let unit = unit.copies(example.count("/inputs/size_gb")).unwrap();
    let seconds = example.count("/expected/records/0/hours") * 3600;
    let (official, discount) = price(&cn, unit, Fraction::ZERO, seconds).unwrap();
    assert_eq!(official, example.amount("/expected/records/0/list_price", Currency::CNY));
    let (due, erased) = due(&cn, official.minus(discount).unwrap()).unwrap();
    assert_eq!(erased, example.amount("/expected/records/0/erase", Currency::CNY));
    assert_eq!(due, example.amount("/expected/records/0/due", Currency::CNY));
}

/// A stretch over a day: a part of an hour, whole hours, a part of an hour.
pub(crate) fn split_over_a_day(example: &Example) {
    let (create, delete) = printed_use(example);
    let hour = example.text("/inputs/unit_price_per_hour");
    let records = story("cn", Currency::CNY, hour, create, delete).settled;
    let seconds: Vec<u32> = records.iter().map(|record| record.seconds).collect();
    let [first, whole @ .., last] = seconds.as_slice() else { panic!("three parts at least") };
    assert!(whole.iter().all(|seconds| *seconds == 3600));
    let parts = example.list("/expected/parts_seconds");
    let parts: Vec<u64> = parts.iter().map(|part| part.as_u64().unwrap()).collect();
    let summed = [*first, whole.iter().sum(), *last].map(u64::from);
    assert_eq!(parts, summed);
}

/// International parts that the page rounds one by one; the month is rounded once.
pub(crate) fn rounded_parts(example: &Example) {
    let (create, delete) = printed_use(example);
    let usd = |place: &str| example.amount(place, Currency::USD);
    let story =
        story("intl", Currency::USD, example.text("/inputs/unit_price_per_hour"), create, delete);
    assert_eq!(story.months.len(), 1);
    assert_eq!(story.months[0].due, usd("/expected/total"), "the total agrees all the same");
    let last = story.metered.last().unwrap();
    assert_eq!(last.seconds, example.count("/expected/parts/2/seconds"));
    assert_eq!(last.official.rounded(Rounding::HalfUp, 4), usd("/expected/parts/2/raw"));
    assert_ne!(last.official, usd("/expected/parts/2/printed_fee"), "records keep eight decimals");
    let whole: Vec<_> = story.metered.iter().filter(|record| record.seconds == 3600).collect();
    assert_eq!(whole.len(), usize::try_from(example.count("/expected/parts/1/hours")).unwrap());
    let sum = whole[0].official.copies(u32::try_from(whole.len()).unwrap()).unwrap();
    assert_ne!(sum, usd("/expected/parts/1/printed_fee"));
}

/// Only the number of records and the first one are printed.
pub(crate) fn three_records(example: &Example) {
    let (create, delete) = printed_use(example);
    let records = story("intl", Currency::USD, "0.60", create, delete).metered;
    let count = usize::try_from(example.count("/expected/record_count")).unwrap();
    assert_eq!(records.len(), count);
    let on_day = |place: &str| instant(&format!("{}T{}+08:00", create.day(), example.text(place)));
    let first = (on_day("/expected/first_record/0"), on_day("/expected/first_record/1"));
    assert_eq!((records[0].from, records[0].to), first);
}

/// Usage in the unit of the price is cut off, not rounded.
pub(crate) fn truncated_usage(example: &Example) {
    assert_eq!(example.count("/inputs/conversion"), 3600);
    for book in ["cn", "intl"] {
        let hours = usage_hours(&params(book, &[]), example.count("/inputs/usage_seconds"));
        assert_eq!(hours.unwrap().value(), example.decimal("/expected/usage_pricing_unit"));
    }
}

/// The printed amount is ten times what its inputs give, and cut off rather than rounded.
pub(crate) fn size_of_ten(example: &Example) {
    let unit = example.amount("/inputs/unit_price", Currency::USD);
    let seconds = example.count("/inputs/usage_seconds");
    let printed = example.amount("/expected/printed_due", Currency::USD);
    let fee = |params: &Params, unit| price(params, unit, Fraction::ZERO, seconds).unwrap().0;
    let rounding = params("intl", &[]);
    assert_ne!(fee(&rounding, unit), printed, "without a size");
    let tenfold = unit.copies(10).unwrap();
    assert_ne!(fee(&rounding, tenfold), printed, "with a size of ten, but rounded half up");
    let truncating = params("intl", &[("R2.7.fee_rounding", "truncate")]);
    assert_eq!(fee(&truncating, tenfold), printed);
    let total = example.amount("/expected/monthly_total", Currency::USD);
    assert_eq!(due(&truncating, printed).unwrap().0, total);
    assert_eq!(due(&rounding, fee(&rounding, tenfold)).unwrap().0, total);
}

/// An older edition cut the sum of the month off.
pub(crate) fn truncated_month(example: &Example) {
    let total = example.amount("/inputs/total_8dp", Currency::USD);
    let charged = example.amount("/expected/charged", Currency::USD);
    for book in ["intl@2024-02", "eu@2024-02"] {
        assert_eq!(due(&params(book, &[]), total).unwrap().0, charged);
    }
    assert_ne!(due(&params("intl@2025-07", &[]), total).unwrap().0, charged);
}

/// Hours times hourly prices.
pub(crate) fn priced_parts(example: &Example) {
    let intl = params("intl", &[]);
    let usd = |place: &str| example.amount(place, Currency::USD);
    let part = |hours: &str, unit: &str| {
        let seconds = example.count(hours) * 3600;
        price(&intl, usd(unit), Fraction::ZERO, seconds).unwrap().0
    };
    let processors = part("/inputs/vcpu_core_hours", "/inputs/vcpu_price");
    assert_eq!(processors, usd("/expected/vcpu"));
    let memory = part("/inputs/gib_hours", "/inputs/gib_price");
    assert_eq!(memory, usd("/expected/memory"));
    let terabytes = example.count("/inputs/traffic_tb");
    let traffic = usd("/inputs/traffic_price").copies(terabytes).unwrap();
    assert_eq!(traffic, usd("/expected/traffic"));
    let total = processors.plus(memory).unwrap().plus(traffic).unwrap();
    assert_eq!(total, usd("/expected/total"));
}

/// Minutes of a daily window, for so many days.
pub(crate) fn daily_minutes(example: &Example) {
    let minutes = |windows: &[(&str, &str)]| -> u32 {
        let hours = windows.iter().flat_map(|(from, to)| clock_hours(instant(from), instant(to)));
        hours.map(|(_, _, seconds)| seconds).sum::<u32>() / 60
    };
    let off_peak = minutes(&[("10:00:00", "11:00:00"), ("12:30:00", "15:00:00")]);
    let peak = minutes(&[("11:00:00", "12:30:00")]);
    assert_eq!(off_peak, example.count("/inputs/off_peak_min_per_day"));
    assert_eq!(peak, example.count("/inputs/peak_min_per_day"));
    let days = example.count("/inputs/days");
    assert_eq!(off_peak * days, example.count("/expected/off_peak_min"));
    assert_eq!(peak * days, example.count("/expected/peak_min"));
    let traffic = example.decimal("/inputs/traffic_gb_per_day") * Decimal::from(days);
    assert_eq!(traffic, example.decimal("/expected/traffic_gb"));
}

/// Amounts add up exactly.
pub(crate) fn sum_of_parts(example: &Example) {
    let parts = example.texts("/inputs/parts");
    let parts = parts.iter().map(|part| money(part, Currency::USD));
    let sum = parts.fold(Amount::zero(Currency::USD), |sum, part| sum.plus(part).unwrap());
    assert_eq!(sum, example.amount("/expected/total", Currency::USD));
}

/// The length of a use in hours.
pub(crate) fn hours_of_use(example: &Example) {
    let (start, end) = (example.instant("/inputs/start"), example.instant("/inputs/end"));
    let seconds: u32 = clock_hours(start, end).iter().map(|(_, _, seconds)| seconds).sum();
    let hours = Decimal::from(seconds) / Decimal::from(3600);
    assert_eq!(hours, example.decimal("/expected/hours"));
}

/// Two records of use up to the second of the payment, and the subscription from that second on.
pub(crate) fn until_the_change(example: &Example) {
    let (create, change) =
        (example.instant("/inputs/create_ppu"), example.instant("/inputs/change_paid"));
    let some = |text: &str| Some(money(text, Currency::CNY));
    let prices = Prices { month: some("259"), year: None, hour: some("0.60") };
    let mut desk = opened_with("cn", Currency::CNY, prices, create);
    desk.ask(create, Op::CreateOnDemand { phone: phone(), size: size() }).unwrap();
    let (term, payment) = (Term::Months(1), Some(Vec::new()));
    desk.ask(change, Op::Subscribe { phone: phone(), term, payment }).unwrap();
    desk.through(change + SimDuration::from_days(1));
    let on_day = |bill: &serde_json::Value, field: &str| {
        instant(&format!("{}T{}+08:00", create.day(), bill[field].as_str().unwrap()))
    };
    let (mut used, mut begun) = (Vec::new(), Vec::new());
    for (at, event) in desk.log() {
        match event {
            Event::Settled(e) => used.push((e.from, e.to, u64::from(e.seconds))),
            Event::Charged(e) => begun.push((*at, e.due)),
            Event::BecameSubscribed(e) => assert_eq!(e.effective, change),
            _ => {}
        }
    }
    let (usage, subscription): (Vec<_>, Vec<_>) =
        example.list("/expected/bills").iter().partition(|bill| bill["kind"] == "usage");
    let printed = usage.iter().map(|bill| {
        (on_day(bill, "start"), on_day(bill, "end"), bill["seconds"].as_u64().unwrap())
    });
    assert_eq!(used, printed.collect::<Vec<_>>());
    let printed = subscription.iter().map(|bill| (on_day(bill, "at"), money("259", Currency::CNY)));
    assert_eq!(begun, printed.collect::<Vec<_>>());
}
