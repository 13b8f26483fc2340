//! How long phones live after their end or in arrears (R8.1, R8.2).

use crate::desk::{Desk, money, rules};
use crate::example::{Example, instant};
use crate::periods::size;
use koosim_model::command::{Op, Tier};
use koosim_model::event::Event;
use koosim_model::money::{Currency, Fraction};
use koosim_model::name::PhoneId;
use koosim_model::rules::Prices;
use koosim_model::state::FreezeCause;
use koosim_model::term::Term;
use koosim_model::time::{SimDuration, SimTime};

/// Days of grace and of retention.
type Days = (u32, u32);

/// Instants at which a phone ended or fell into arrears, was frozen, and was released.
fn fates(desk: &Desk, cause: FreezeCause) -> [SimTime; 3] {
    let begins = |event: &Event| match cause {
        FreezeCause::Expiry => matches!(event, Event::Expired(_)),
        _ => matches!(event, Event::ArrearsStarted(_)),
    };
    let only = |is: &dyn Fn(&Event) -> bool| {
        let mut found = desk.log().iter().filter(|(_, event)| is(event)).map(|(at, _)| *at);
        let at = found.next().unwrap();
        assert_eq!(found.next(), None);
        at
    };
    [
        only(&begins),
        only(&|event| matches!(event, Event::Frozen(e) if e.cause == cause)),
        only(&|event| matches!(event, Event::Released(e) if e.cause == cause)),
    ]
}

fn check(book: &str, currency: Currency, tier: Tier, prepaid: Days, on_demand: Days) {
    let some = |text: &str| Some(money(text, currency));
    let prices = Prices { month: some("259"), year: None, hour: some("0.60") };
    let mut desk = Desk::new(rules(book, &[], &[("pro", prices)]));
    let start = instant("2024-03-08T15:50:04+08:00");
    let (zero, discount) = (money("0", currency), Fraction::ZERO);
    desk.ask(start, Op::OpenAccount { tier, credit_limit: zero, discount }).unwrap();
    desk.ask(start, Op::TopUp { amount: money("259", currency) }).unwrap();
    let subscribed = Op::Buy {
        setup: None,
        phones: vec![PhoneId::new("paid-ahead").unwrap()],
        size: size(),
        term: Term::Months(1),
        auto_renewal: None,
        payment: Some(Vec::new()),
    };
    desk.ask(start, subscribed).unwrap();
    let by_use = PhoneId::new("by-use").unwrap();
    desk.ask(start, Op::CreateOnDemand { phone: by_use, size: size() }).unwrap();
    desk.through(start + SimDuration::from_days(120));
    for (cause, (grace, retention)) in
        [(FreezeCause::Expiry, prepaid), (FreezeCause::Arrears, on_demand)]
    {
        let [began, frozen, released] = fates(&desk, cause);
        let days = |n: u32| SimDuration::from_days(i64::from(n));
        assert_eq!(frozen, began + days(grace), "grace, {cause:?}");
        assert_eq!(released, frozen + days(retention), "retention, {cause:?}");
    }
    let [expired, ..] = fates(&desk, FreezeCause::Expiry);
    assert_eq!(expired, instant("2024-04-09T00:00:00+08:00"));
}

/// One row of the table by tier of the Chinese site.
pub(crate) fn tier(example: &Example) {
    let name = example.text("/inputs/tier");
    let tier = Tier::ALL.into_iter().find(|tier| tier.name() == name).unwrap();
    let days = |kind: &str| {
        let grace = example.count(&format!("/expected/{kind}_grace_days"));
        (grace, example.count(&format!("/expected/{kind}_retention_days")))
    };
    check("cn", Currency::CNY, tier, days("prepaid"), days("ppu"));
}

/// The other sites have no tiers: every account gets the same days.
pub(crate) fn international(example: &Example) {
    assert_eq!(example.text("/inputs/site"), "intl");
    let days = (example.count("/expected/grace_days"), example.count("/expected/retention_days"));
    for (book, currency) in [("intl", Currency::USD), ("eu", Currency::EUR)] {
        for tier in Tier::ALL {
            check(book, currency, tier, days, days);
        }
    }
}
