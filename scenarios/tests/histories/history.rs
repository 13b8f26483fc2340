//! Random histories: an account under some rules, and requests with pauses between them.

use crate::desk::{Desk, money, rules};
use crate::wish::{Aims, PHONES, Wish, fraction, phone, wishes};
use koosim_engine::plan::Book;
use koosim_model::command::{Freezer, Op, Tier};
use koosim_model::decision::TimerKey;
use koosim_model::lifecycle::PhoneStatus;
use koosim_model::money::Currency;
use koosim_model::name::{CouponId, PhoneId, SizeId};
use koosim_model::rules::{Catalogue, Prices, Rules};
use koosim_model::state::Phone;
use koosim_model::time::{SimDuration, SimTime, WallTime};
use proptest::prelude::*;
use proptest::sample::select;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A rule book, its currency, and parameters set in it.
type Setting = (&'static str, Currency, &'static [(&'static str, &'static str)]);

/// Rule books with parameters that change how things go together.
const BOOKS: &[Setting] = &[
    ("cn", Currency::CNY, &[]),
    (
        "cn",
        Currency::CNY,
        &[
            ("P4.15.messages_waiting_max", "1"),
            ("P4.6.reconnect_within", "9 days"),
            ("R1.13.refund_lag", "3 h"),
            ("R4.7.days", "3"),
            ("R6.9.sent", "yes"),
            ("R8.5.zero_balance_is_arrears", "yes"),
        ],
    ),
    (
        "cn",
        Currency::CNY,
        &[
            ("P2.8.stream_while_expired", "no"),
            ("P4.2.signalling_valid", "20 min"),
            ("P4.2.token_ends_stream", "yes"),
            ("P4.15.call_on_broken_link", "ends"),
            ("P4.3.linger", "0 s"),
            ("P4.7.second_connection", "preempts"),
            ("R2.13.deposit", "5"),
            ("R2.9.erased_is_collected", "yes"),
            ("R8.4.on_demand_accrues_in_retention", "yes"),
        ],
    ),
    (
        "cn",
        Currency::CNY,
        &[
            ("P4.13.calls_need_permission", "no"),
            ("P4.14.messages_need_permission", "no"),
            ("P4.15.messages_waiting_max", "1"),
            ("P4.2.signalling_valid", "60 days"),
            ("P4.6.reconnect_within", "9 days"),
            ("R2.13.balance_to_create", "1"),
            ("R2.6.powered_off_is_billed", "no"),
        ],
    ),
    (
        "cn",
        Currency::CNY,
        &[
            ("R1.2.effective_time", "paid"),
            ("R10.1.change_supported", "yes"),
            ("R6.4.retries_end", "retention_end"),
            ("R8.2.tier_thresholds.V1", "200"),
            ("R8.2.tier_thresholds.V3", "700"),
        ],
    ),
    (
        "cn",
        Currency::CNY,
        &[
            ("P1.2.phones_max", "2"),
            ("P4.1.prepare_at_once", "1"),
            ("P4.12.viewers_max", "1"),
            ("P4.15.messages_waiting_max", "1"),
            ("P4.2.signalling_valid", "60 days"),
            ("R1.11.orders_paid_together_max", "1"),
            ("R4.1.coupons_per_order_max", "1"),
            ("R5.8.total_months_max", "12"),
        ],
    ),
    ("cn", Currency::JPY, &[]),
    ("cn@2024-02", Currency::CNY, &[("R9.2.five_day_quota", "1")]),
    (
        "cn",
        Currency::CNY,
        &[
            ("R10.1.change_supported", "yes"),
            ("R9.10.refund_delay", "1 day"),
            ("R9.9.approved_after", "3 days"),
            ("R9.9.review_above", "50"),
        ],
    ),
    (
        "cn",
        Currency::CNY,
        &[
            ("R10.1.change_supported", "yes"),
            ("R2.6.powered_off_is_billed", "no"),
            ("R9.9.review_above", "400"),
        ],
    ),
    ("intl", Currency::USD, &[("R9.10.destination", "original_method")]),
    (
        "intl",
        Currency::USD,
        &[
            ("P2.9.restore_time", "9 days"),
            ("P4.15.messages_waiting_max", "1"),
            ("P4.1.prepare_at_once", "1"),
            ("P4.2.signalling_valid", "60 days"),
            ("P4.6.reconnect_within", "9 days"),
        ],
    ),
    ("intl", Currency::JPY, &[("R2.5.deduction_mode", "hourly")]),
    (
        "eu",
        Currency::EUR,
        &[("R2.5.deduction_lag_default", "0 s"), ("R2.5.deduction_mode", "hourly")],
    ),
];

/// Requests of the longest short history.
const SHORT: usize = 24;

/// In this time the last use of a phone is charged, wherever it is charged by the month.
const SETTLING: SimDuration = SimDuration::from_days(70);

/// A pause before a request.
#[derive(Clone, Copy, Debug)]
enum Pause {
    /// So long.
    For(SimDuration),
    /// Until a timer of this phone is due, so that both meet at one instant.
    ToTimer(usize, usize),
}

/// One account's life.
#[derive(Clone, Debug)]
pub(crate) struct History {
    book: Setting,
    start: SimTime,
    tier: Tier,
    credit: &'static str,
    discount: &'static str,
    /// Pauses are shortened by this factor: a long history need not be one of many years.
    haste: i64,
    steps: Vec<(Pause, Aims, Wish)>,
}

/// Every history of up to `commands_max` requests.
pub(crate) fn histories(commands_max: usize) -> impl Strategy<Value = History> {
    let start =
        (select(&["2023-12-31", "2024-01-30", "2024-02-29", "2024-05-31"][..]), 0..86_400i64);
    let account = (
        select(BOOKS),
        start,
        select(&Tier::ALL[..]),
        select(&["0", "0", "40", "500"][..]),
        select(&["0", "0", "0.15", "0.3333"][..]),
        select(&[1, 2, 8, 24, 500, 500][..]),
    );
    let aims = prop_oneof![1 => Just(Aims::AsDrawn), 3 => Just(Aims::AtWhatIsThere)];
    let steps = prop::collection::vec((pauses(), aims, wishes()), 1..=commands_max);
    (account, steps).prop_map(|(account, steps)| {
        let (book, (day, second), tier, credit, discount, haste) = account;
        let midnight = WallTime::parse(&format!("{day} 00:00:00")).unwrap().instant();
        let start = midnight + SimDuration::from_secs(second);
        History { book, start, tier, credit, discount, haste, steps }
    })
}

/// Of four histories three are short: most of what goes wrong needs few requests, and some needs many.
pub(crate) fn mostly_short_histories(commands_max: usize) -> impl Strategy<Value = History> {
    prop_oneof![3 => histories(commands_max.min(SHORT)), 1 => histories(commands_max)]
}

fn pauses() -> impl Strategy<Value = Pause> {
    let length = |unit_ms: i64, most: i64| {
        (0..=most).prop_map(move |n| Pause::For(SimDuration::from_millis(n * unit_ms)))
    };
    prop_oneof![
        3 => length(1, 1500),
        3 => length(60_000, 90),
        3 => length(3_600_000, 60),
        2 => length(86_400_000, 9),
        1 => length(86_400_000, 40),
        3 => (0..PHONES, 0..5usize).prop_map(|(phone, timer)| Pause::ToTimer(phone, timer)),
    ]
}

/// The phones of which something holds.
fn of(desk: &Desk, holds: impl Fn(&Phone) -> bool) -> Vec<PhoneId> {
    let phones = desk.account().phones.iter().filter(|(_, phone)| holds(phone));
    phones.map(|(id, _)| id.clone()).collect()
}

impl History {
    /// The same wishes in yen under another book, as it stands.
    pub(crate) fn under(&self, book: &'static str) -> Self {
        Self { book: (book, Currency::JPY, &[]), ..self.clone() }
    }

    /// The first instant.
    pub(crate) fn start(&self) -> SimTime {
        self.start
    }

    /// Rulebook and catalogue, as a plan has them.
    pub(crate) fn book(&self) -> Book {
        let (reference, _, overrides) = self.book;
        let own = |(path, value): &(&str, &str)| ((*path).to_owned(), (*value).to_owned());
        let overrides = overrides.iter().map(own).collect();
        Book { reference: reference.parse().unwrap(), overrides, catalogue: self.catalogue() }
    }

    fn catalogue(&self) -> Catalogue {
        let currency = self.book.1;
        let price = |text: &str| Some(money(text, currency));
        // Yen have no smaller coin; use is priced finer everywhere.
        let coins = |text, yen| price(if currency == Currency::JPY { yen } else { text });
        let pro = Prices { month: price("259"), year: price("2590"), hour: price("0.7777777777") };
        let max = Prices { month: coins("599.99", "600"), year: price("6000"), hour: price("20") };
        let cheap = Prices { month: coins("9.99", "10"), year: None, hour: price("0.01") };
        let sizes = [("pro", pro), ("max", max), ("old", cheap), ("field", cheap), ("safe", cheap)];
        let size = |name: &str| SizeId::new(name).unwrap();
        let sizes = sizes.into_iter().map(|(name, prices)| (size(name), prices)).collect();
        Catalogue::new(sizes)
            .with_industry([size("field")].into())
            .with_enterprise([size("safe")].into())
            .with_withdrawn([(size("old"), self.start + SimDuration::from_days(20))].into())
    }

    /// A desk at which the account has just been opened.
    fn open(&self) -> Desk {
        let (book, currency, overrides) = &self.book;
        let rules = rules(book, overrides, &[]);
        let rules = Rules::new(rules.settings().clone(), self.catalogue()).unwrap();
        let mut desk = Desk::new(rules);
        let credit_limit = money(self.credit, *currency);
        let discount = fraction(self.discount);
        let open = Op::OpenAccount { tier: self.tier, credit_limit, discount };
        desk.ask(self.start, open).unwrap();
        desk
    }

    /// Tells the history and deletes what is charged by use at its end. `look` sees the desk after
    /// every request.
    pub(crate) fn tell(&self, look: impl Fn(&Desk, SimTime)) -> Desk {
        let mut desk = self.open();
        self.tell_to(&mut desk, look);
        desk
    }

    /// As far as the history can be told.
    pub(crate) fn tell_what_can_be(&self, look: impl Fn(&Desk, SimTime)) -> Desk {
        let mut desk = self.open();
        let told = catch_unwind(AssertUnwindSafe(|| self.tell_to(&mut desk, look)));
        drop(told);
        desk
    }

    fn tell_to(&self, desk: &mut Desk, look: impl Fn(&Desk, SimTime)) {
        let spoken_of: Vec<CouponId> =
            self.steps.iter().filter_map(|(.., wish)| wish.grants()).collect();
        let mut now = self.start;
        for (pause, aims, wish) in &self.steps {
            now = self.after(desk, now, *pause);
            desk.through(now - SimDuration::from_nanos(1));
            let command = wish.command(desk, now, *aims, &spoken_of);
            let before = desk.account().clone();
            if desk.command(now, &command).is_err() {
                assert_eq!(desk.account(), &before, "a refusal changes nothing");
            }
            look(desk, now);
        }
        // A phone may still come to be charged by use while the others are settled.
        for _ in 0..=PHONES {
            let held = of(desk, |phone| phone.details.holds.police);
            for phone in held {
                desk.ask(now, Op::Unfreeze { phone, by: Freezer::Police }).unwrap();
            }
            let living = |phone: &Phone| phone.status() != PhoneStatus::Gone;
            for phone in of(desk, |phone| phone.metering().is_some() && living(phone)) {
                desk.ask(now, Op::Delete { phone }).unwrap();
            }
            now = now + SETTLING;
            desk.through(now);
            if of(desk, |phone| phone.metering().is_some()).is_empty() {
                break;
            }
            // Whatever stood at that instant has happened before the next request.
            now = now + SimDuration::from_millis(1);
        }
    }

    fn after(&self, desk: &Desk, now: SimTime, pause: Pause) -> SimTime {
        match pause {
            Pause::For(length) => {
                now + SimDuration::from_millis(length.as_nanos() / 1_000_000 / self.haste)
            }
            Pause::ToTimer(n, timer) => {
                let phone = phone(n);
                let key = match timer {
                    0 => TimerKey::AutoRenewal(phone),
                    1 => TimerKey::Expiry(phone),
                    2 => TimerKey::Settle(phone, now.floor_to_hour()),
                    3 => TimerKey::ArrearsGraceEnd,
                    _ => TimerKey::ArrearsRetentionEnd,
                };
                desk.window(&key).map_or(now, |window| window.default)
            }
        }
    }
}
