//! Random histories: an account under some rules, and requests with pauses between them.

use crate::desk::{Desk, money, rules};
use koosim_model::command::{
    BuyItem, Freezer, Op, OrderRef, RenewTo, ReviewAnswer, Tier, UnsubscribeWhat,
};
use koosim_model::decision::TimerKey;
use koosim_model::lifecycle::PhoneStatus;
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{CouponId, OrderId, PhoneId, SizeId};
use koosim_model::rules::Prices;
use koosim_model::state::{
    AutoRenewal, CouponLimits, CouponTerms, CouponWorth, Mark, Operation, OrderKind, Power,
    Settlement,
};
use koosim_model::term::{Expiry, Term};
use koosim_model::time::{BillingDay, SimDuration, SimTime, WallTime};
use koosim_model::view::ChargingMode;
use proptest::prelude::*;
use proptest::sample::select;

/// Names in play; few, so that requests meet.
const PHONES: usize = 4;
const COUPONS: usize = 4;
/// Longest history.
const STEPS_MAX: usize = 24;

/// A rule book, its currency, and parameters set in it.
type Setting = (&'static str, Currency, &'static [(&'static str, &'static str)]);

/// Rule books with parameters that change how things go together.
const BOOKS: &[Setting] = &[
    ("cn", Currency::CNY, &[]),
    ("cn", Currency::CNY, &[("R8.5.zero_balance_is_arrears", "yes"), ("R1.13.refund_lag", "3 h")]),
    (
        "cn",
        Currency::CNY,
        &[
            ("R8.4.on_demand_accrues_in_retention", "yes"),
            ("R2.9.erased_is_collected", "yes"),
            ("R2.13.deposit", "5"),
        ],
    ),
    (
        "cn",
        Currency::CNY,
        &[("R2.6.powered_off_is_billed", "no"), ("R2.13.balance_to_create", "1")],
    ),
    (
        "cn",
        Currency::CNY,
        &[("R6.4.retries_end", "retention_end"), ("R1.2.effective_time", "paid")],
    ),
    ("cn", Currency::JPY, &[]),
    ("cn@2024-02", Currency::CNY, &[("R9.2.five_day_quota", "1")]),
    (
        "cn",
        Currency::CNY,
        &[
            ("R9.9.review_above", "50"),
            ("R9.10.refund_delay", "1 day"),
            ("R9.9.approved_after", "3 days"),
        ],
    ),
    ("cn", Currency::CNY, &[("R10.1.change_supported", "yes"), ("R9.9.review_above", "400")]),
    ("intl", Currency::USD, &[("R9.10.destination", "original_method")]),
    ("intl", Currency::USD, &[]),
    ("intl", Currency::JPY, &[("R2.5.deduction_mode", "hourly")]),
    (
        "eu",
        Currency::EUR,
        &[("R2.5.deduction_mode", "hourly"), ("R2.5.deduction_lag_default", "0 s")],
    ),
];

/// Notes that change what comes back, and one that bars it.
const MARKS: &[Mark] = &[Mark::PaidByPartner, Mark::NoFiveDayRight, Mark::SpecialPromotion];

/// A pause before a request.
#[derive(Clone, Copy, Debug)]
enum Pause {
    /// So long.
    For(SimDuration),
    /// Until a timer of this phone is due, so that both meet at one instant.
    ToTimer(usize, usize),
}

/// A request about what surrounds the balance.
#[derive(Clone, Debug)]
enum FundsWish {
    Transfer(&'static str),
    Withdraw(&'static str),
    Discounts(&'static str, &'static str),
    Settlement(Settlement),
    Alert(Option<&'static str>),
}

impl FundsWish {
    fn op(self, currency: Currency) -> Op {
        let part = |text: &str| Fraction::new(text.parse().unwrap()).unwrap();
        match self {
            Self::Transfer(amount) => Op::Transfer { amount: money(amount, currency) },
            Self::Withdraw(amount) => Op::Withdraw { amount: money(amount, currency) },
            Self::Discounts(commercial, partner) => {
                Op::SetDiscounts { commercial: part(commercial), partner: part(partner) }
            }
            Self::Settlement(settlement) => Op::SetSettlement { settlement },
            Self::Alert(at) => Op::SetAlert { threshold: at.map(|at| money(at, currency)) },
        }
    }
}

/// A request by what it is about; turned into an operation when its turn comes.
#[derive(Clone, Debug)]
enum Wish {
    TopUp(&'static str),
    Funds(FundsWish),
    /// Exactly what is owed.
    TopUpDebt,
    Grant {
        coupon: usize,
        kind: usize,
        amount: &'static str,
        days: i64,
    },
    Buy {
        phones: Vec<usize>,
        term: Term,
        renewal: Option<AutoRenewal>,
        payment: Option<Vec<usize>>,
    },
    BuyTogether {
        items: Vec<(usize, Term)>,
        combination: bool,
        payment: Option<Vec<usize>>,
    },
    Offer(usize, Term),
    SetApproval(bool),
    /// Approves, refuses or confirms an order.
    Answer(usize, usize),
    Pay {
        orders: Vec<usize>,
        coupons: Vec<usize>,
    },
    Cancel(usize),
    FailProvisioning(usize, Vec<usize>),
    Renew {
        phone: usize,
        term: Term,
        to: RenewTo,
        payment: Option<Vec<usize>>,
    },
    SetAutoRenewal {
        phone: usize,
        setting: Option<AutoRenewal>,
    },
    SetDeductionDay(u32),
    SetUnifiedDay(i32),
    Unsubscribe {
        phones: Vec<usize>,
        what: UnsubscribeWhat,
    },
    ChangeSize(usize, bool),
    AnswerReview(usize, ReviewAnswer),
    Mark(usize, Mark),
    VoidFiveDayRight,
    Create(usize),
    Delete(usize),
    Power(usize, Power),
    Operate(usize, Operation),
    Freeze(usize, Freezer),
    Unfreeze(usize, Freezer),
    Release(usize),
}

/// One account's life.
#[derive(Clone, Debug)]
pub(crate) struct History {
    book: Setting,
    start: SimTime,
    tier: Tier,
    credit: &'static str,
    discount: &'static str,
    steps: Vec<(Pause, Wish)>,
}

/// Every history.
pub(crate) fn histories() -> impl Strategy<Value = History> {
    let start =
        (select(&["2023-12-31", "2024-01-30", "2024-02-29", "2024-05-31"][..]), 0..86_400i64);
    let account = (
        select(BOOKS),
        start,
        select(&Tier::ALL[..]),
        select(&["0", "0", "40", "500"][..]),
        select(&["0", "0", "0.15", "0.3333333333"][..]),
    );
    let steps = prop::collection::vec((pauses(), wishes()), 1..STEPS_MAX);
    (account, steps).prop_map(|((book, (day, second), tier, credit, discount), steps)| {
        let midnight = WallTime::parse(&format!("{day} 00:00:00")).unwrap().instant();
        let start = midnight + SimDuration::from_secs(second);
        History { book, start, tier, credit, discount, steps }
    })
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

fn wishes() -> impl Strategy<Value = Wish> {
    let phone = || 0..PHONES;
    let payment = || prop_oneof![1 => Just(None), 4 => coupons().prop_map(Some)];
    let keep = |day| UnsubscribeWhat::RenewalsAfter(Expiry::on(BillingDay::parse(day).unwrap()));
    let whole = UnsubscribeWhat::PhoneAndRenewals;
    let rest = UnsubscribeWhat::RenewalsOnly;
    let what = [whole, whole, rest, rest, keep("2024-03-29"), keep("2024-04-30")];
    prop_oneof![
        4 => select(&["0.01", "1", "33.33", "100", "259", "2000"][..]).prop_map(Wish::TopUp),
        3 => funds().prop_map(Wish::Funds),
        1 => Just(Wish::TopUpDebt),
        2 => (0..COUPONS, 0..4usize, select(&["0.05", "7", "100"][..]), 1..60i64)
            .prop_map(|(coupon, kind, amount, days)| Wish::Grant { coupon, kind, amount, days }),
        4 => (prop::collection::vec(phone(), 1..4), terms(), renewals(), payment())
            .prop_map(|(phones, term, renewal, payment)| Wish::Buy { phones, term, renewal, payment }),
        2 => (prop::collection::vec((phone(), terms()), 1..4), any::<bool>(), payment())
            .prop_map(|(items, combination, payment)| Wish::BuyTogether { items, combination, payment }),
        1 => (phone(), terms()).prop_map(|(phone, term)| Wish::Offer(phone, term)),
        1 => any::<bool>().prop_map(Wish::SetApproval),
        1 => (0..PHONES, 0..3usize).prop_map(|(phone, answer)| Wish::Answer(phone, answer)),
        1 => (prop::collection::vec(1..9usize, 1..3), coupons())
            .prop_map(|(orders, coupons)| Wish::Pay { orders, coupons }),
        1 => (1..9usize).prop_map(Wish::Cancel),
        2 => (phone(), prop::collection::vec(phone(), 0..2))
            .prop_map(|(phone, phones)| Wish::FailProvisioning(phone, phones)),
        3 => (phone(), terms(), any::<bool>(), payment()).prop_map(|(phone, term, on, payment)| {
            let to = if on { RenewTo::UnifiedDay } else { RenewTo::Term };
            Wish::Renew { phone, term, to, payment }
        }),
        1 => (-1..30i32).prop_map(Wish::SetUnifiedDay),
        2 => (phone(), renewals()).prop_map(|(phone, setting)| Wish::SetAutoRenewal { phone, setting }),
        1 => (0..9u32).prop_map(Wish::SetDeductionDay),
        3 => (prop::collection::vec(phone(), 1..4), select(what.to_vec()))
            .prop_map(|(phones, what)| Wish::Unsubscribe { phones, what }),
        1 => (phone(), any::<bool>()).prop_map(|(phone, large)| Wish::ChangeSize(phone, large)),
        1 => (phone(), select(vec![ReviewAnswer::Approve, ReviewAnswer::Refuse]))
            .prop_map(|(phone, answer)| Wish::AnswerReview(phone, answer)),
        1 => (phone(), select(MARKS)).prop_map(|(phone, mark)| Wish::Mark(phone, mark)),
        1 => Just(Wish::VoidFiveDayRight),
        3 => phone().prop_map(Wish::Create),
        2 => phone().prop_map(Wish::Delete),
        1 => (phone(), select(vec![Power::On, Power::Off])).prop_map(|(phone, to)| Wish::Power(phone, to)),
        2 => (phone(), select(&Operation::ALL[..])).prop_map(|(phone, what)| Wish::Operate(phone, what)),
        2 => (phone(), select(vec![Freezer::Violation, Freezer::Police]))
            .prop_map(|(phone, by)| Wish::Freeze(phone, by)),
        2 => (phone(), select(vec![Freezer::Violation, Freezer::Police]))
            .prop_map(|(phone, by)| Wish::Unfreeze(phone, by)),
        1 => phone().prop_map(Wish::Release),
    ]
}

fn funds() -> impl Strategy<Value = FundsWish> {
    let settlements = [Settlement::AtOnce, Settlement::Monthly];
    prop_oneof![
        select(&["1", "100"][..]).prop_map(FundsWish::Transfer),
        select(&["1", "100"][..]).prop_map(FundsWish::Withdraw),
        (select(&["0", "0.1"][..]), select(&["0", "0.1", "0.2"][..]))
            .prop_map(|(commercial, partner)| FundsWish::Discounts(commercial, partner)),
        select(settlements.to_vec()).prop_map(FundsWish::Settlement),
        prop::option::of(select(&["0", "50", "500"][..])).prop_map(FundsWish::Alert),
    ]
}

fn coupons() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(0..COUPONS, 1..4)]
}

fn terms() -> impl Strategy<Value = Term> {
    prop_oneof![5 => (1..4u32).prop_map(Term::Months), 1 => (0..4u32).prop_map(Term::Years)]
}

fn renewals() -> impl Strategy<Value = Option<AutoRenewal>> {
    let every = prop_oneof![3 => Just(None), 1 => terms().prop_map(Some)];
    let setting = (every, prop::option::of(0..4u32));
    prop::option::of(setting.prop_map(|(every, times_left)| AutoRenewal { every, times_left }))
}

fn phone(n: usize) -> PhoneId {
    PhoneId::new(&format!("p{n}")).unwrap()
}

fn coupon(n: usize) -> CouponId {
    CouponId::new(&format!("c{n}")).unwrap()
}

fn order(n: usize) -> OrderRef {
    OrderRef::Named(OrderId::nth(u32::try_from(n).unwrap()))
}

fn answered(order: OrderRef, answer: usize) -> Op {
    match answer {
        0 => Op::ApproveOrder { order },
        1 => Op::RefuseOrder { order },
        _ => Op::ConfirmOrder { order },
    }
}

fn item(n: usize, term: Term) -> BuyItem {
    let size = SizeId::new("pro").unwrap();
    BuyItem { phones: vec![phone(n)], size, term, auto_renewal: None }
}

fn names(coupons: Vec<usize>) -> Vec<CouponId> {
    coupons.into_iter().map(coupon).collect()
}

impl History {
    fn currency(&self) -> Currency {
        self.book.1
    }

    /// The same wishes in yen under another book, as it stands.
    pub(crate) fn under(&self, book: &'static str) -> Self {
        Self { book: (book, Currency::JPY, &[]), ..self.clone() }
    }

    fn open(&self) -> Desk {
        let (book, currency, overrides) = &self.book;
        let price = |text: &str| Some(money(text, *currency));
        let prices =
            Prices { month: price("259"), year: price("2590"), hour: price("0.7777777777") };
        let larger = Prices { month: price("599.99"), year: price("6000"), hour: None };
        let mut desk = Desk::new(rules(book, overrides, &[("pro", prices), ("max", larger)]));
        let discount = Fraction::new(self.discount.parse().unwrap()).unwrap();
        let credit_limit = money(self.credit, *currency);
        let open = Op::OpenAccount { tier: self.tier, credit_limit, discount };
        desk.ask(self.start, open).unwrap();
        desk
    }

    /// Tells the history and deletes what is charged by use at its end. `look` sees the desk after
    /// every request.
    pub(crate) fn tell(&self, look: impl Fn(&Desk, SimTime)) -> Desk {
        let mut desk = self.open();
        let mut now = self.start;
        for (pause, wish) in &self.steps {
            now = after(&desk, now, *pause);
            desk.through(now - SimDuration::from_nanos(1));
            let op = self.op(&desk, now, wish.clone());
            let before = desk.account().clone();
            if desk.ask(now, op).is_err() {
                assert_eq!(desk.account(), &before, "a refusal changes nothing");
            }
            look(&desk, now);
        }
        let held = desk.account().phones.iter().filter(|(_, phone)| phone.holds.police);
        let held: Vec<PhoneId> = held.map(|(id, _)| id.clone()).collect();
        for phone in held {
            desk.ask(now, Op::Unfreeze { phone, by: Freezer::Police }).unwrap();
        }
        let on_demand =
            desk.account().phones.iter().filter(|(_, phone)| phone.metering().is_some());
        let living = on_demand.filter(|(_, phone)| phone.status() != PhoneStatus::Gone);
        let living: Vec<PhoneId> = living.map(|(id, _)| id.clone()).collect();
        for phone in living {
            desk.ask(now, Op::Delete { phone }).unwrap();
        }
        desk.through(now + SimDuration::from_days(70));
        desk
    }

    fn op(&self, desk: &Desk, now: SimTime, wish: Wish) -> Op {
        let currency = self.currency();
        match wish {
            Wish::TopUp(amount) => Op::TopUp { amount: money(amount, currency) },
            Wish::TopUpDebt => Op::TopUp { amount: desk.account().debt() },
            Wish::Funds(wish) => wish.op(currency),
            Wish::Grant { coupon: n, kind, amount, days } => {
                let terms = CouponTerms {
                    worth: worth(kind, money(amount, currency)),
                    valid_from: now,
                    valid_until: now + SimDuration::from_days(days),
                    limits: limits(kind, days, currency),
                };
                Op::GrantCoupon { coupon: coupon(n), terms }
            }
            Wish::Buy { phones, term, renewal, payment } => Op::Buy {
                phones: phones.into_iter().map(phone).collect(),
                size: SizeId::new("pro").unwrap(),
                term,
                auto_renewal: renewal,
                payment: payment.map(names),
            },
            Wish::BuyTogether { items, combination, payment } => Op::BuyTogether {
                items: items.into_iter().map(|(n, term)| item(n, term)).collect(),
                combination,
                payment: payment.map(names),
            },
            Wish::Offer(n, term) => Op::Offer { item: item(n, term) },
            Wish::SetApproval(needed) => Op::SetApproval { needed },
            Wish::Answer(n, answer) => answered(OrderRef::LastOf(phone(n)), answer),
            Wish::Pay { orders, coupons } => Op::PayOrder {
                orders: orders.into_iter().map(order).collect(),
                coupons: names(coupons),
            },
            Wish::Cancel(n) => Op::CancelOrder { order: order(n) },
            Wish::FailProvisioning(n, phones) => Op::FailProvisioning {
                order: OrderRef::LastOf(phone(n)),
                phones: phones.into_iter().map(phone).collect(),
            },
            Wish::SetUnifiedDay(day) => Op::SetUnifiedDay { day },
            Wish::Renew { phone: n, term, to, payment } => Op::Renew {
                phones: vec![phone(n)],
                term,
                to,
                policy: None,
                payment: payment.map(names),
            },
            Wish::SetAutoRenewal { phone: n, setting } => {
                Op::SetAutoRenewal { phone: phone(n), setting }
            }
            Wish::SetDeductionDay(days) => Op::SetDeductionDay { days },
            Wish::Unsubscribe { phones, what } => {
                Op::Unsubscribe { phones: phones.into_iter().map(phone).collect(), what }
            }
            Wish::ChangeSize(n, large) => {
                let to = SizeId::new(if large { "max" } else { "pro" }).unwrap();
                Op::ChangeSize { phone: phone(n), to }
            }
            Wish::AnswerReview(n, answer) => Op::AnswerReview { phone: phone(n), answer },
            Wish::Mark(n, mark) => Op::MarkPhone { phone: phone(n), mark },
            Wish::VoidFiveDayRight => Op::VoidFiveDayRight {},
            Wish::Create(n) => {
                Op::CreateOnDemand { phone: phone(n), size: SizeId::new("pro").unwrap() }
            }
            Wish::Delete(n) => Op::Delete { phone: phone(n) },
            Wish::Power(n, to) => Op::SetPower { phone: phone(n), to },
            Wish::Operate(n, operation) => Op::Operate { phone: phone(n), operation },
            Wish::Freeze(n, by) => Op::Freeze { phone: phone(n), by },
            Wish::Unfreeze(n, by) => Op::Unfreeze { phone: phone(n), by },
            Wish::Release(n) => Op::Release { phone: phone(n) },
        }
    }
}

/// Some coupons of every kind are limited, in ways that often fit and often do not.
fn limits(kind: usize, days: i64, currency: Currency) -> Option<Box<CouponLimits>> {
    let limits = match days % 5 {
        0 => CouponLimits { orders: vec![OrderKind::Renew], ..CouponLimits::default() },
        1 => CouponLimits { minimum: Some(money("0.5", currency)), ..CouponLimits::default() },
        2 if kind == 0 => CouponLimits { excludes_discounts: true, ..CouponLimits::default() },
        3 => CouponLimits {
            sizes: vec![SizeId::new("pro").unwrap()],
            charging: Some(ChargingMode::OnDemand),
            ..CouponLimits::default()
        },
        _ => return None,
    };
    Some(Box::new(limits))
}

fn worth(kind: usize, amount: Amount) -> CouponWorth {
    match kind {
        0 => CouponWorth::Voucher(amount),
        1 => CouponWorth::Flexi(amount),
        2 => CouponWorth::Card(amount),
        _ => CouponWorth::DiscountCoupon(Fraction::new("0.1".parse().unwrap()).unwrap()),
    }
}

fn after(desk: &Desk, now: SimTime, pause: Pause) -> SimTime {
    match pause {
        Pause::For(length) => now + length,
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
