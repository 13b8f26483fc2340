//! What may be wished for, as proptest draws it. A wish becomes a request when its turn comes.

use crate::aim::aim;
use crate::desk::Desk;
use koosim_model::command::{
    AtDevice, BuyItem, CallAction, CallOp, Command, Envelope, Freezer, MessageOutcome, Op,
    OrderRef, Permit, RenewTo, RenewalPolicy, ReviewAnswer, SessionOp, Source, StreamType,
    UnsubscribeWhat, Way,
};
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{
    AccountId, CouponId, DeviceId, MemberId, OrderId, PhoneId, RegionId, SizeId, ZoneId,
};
use koosim_model::state::{
    AtExpiry, AutoRenewal, CouponLimits, CouponTerms, CouponWorth, Mark, Network, Operation,
    OrderKind, Power, Settlement, Setup, System, Verification,
};
use koosim_model::tel::TelNumber;
use koosim_model::term::{Expiry, Term};
use koosim_model::time::{BillingDay, SimDuration, SimTime};
use koosim_model::view::ChargingMode;
use proptest::prelude::*;
use proptest::sample::select;

/// Names in play; few, so that requests meet.
pub(crate) const PHONES: usize = 4;
const COUPONS: usize = 4;
const ORDERS: u32 = 9;

/// Ways in which a phone may have been had; a change of size leaves its own.
const MARKS: &[Mark] = &[
    Mark::PaidByPartner,
    Mark::NoFiveDayRight,
    Mark::SpecialPromotion,
    Mark::PaidByPartner,
    Mark::NoFiveDayRight,
    Mark::PromotionalRenewal,
    Mark::Free,
    Mark::Trial,
    Mark::Trial,
    Mark::OneOff,
    Mark::Invoiced,
    Mark::StandardContract,
];

/// Operations that are not power, which has a request of its own.
const OPERATIONS: &[Operation] = &[
    Operation::Restart,
    Operation::Reset,
    Operation::Unbind,
    Operation::BackUp,
    Operation::BackUp,
    Operation::Restore,
    Operation::Restore,
    Operation::Restore,
];

const POLICIES: &[AtExpiry] = &[
    AtExpiry::Grace,
    AtExpiry::ToOnDemand,
    AtExpiry::Delete,
    AtExpiry::Freeze,
    AtExpiry::DeleteFromRetention,
];

const RENEWAL_POLICIES: &[RenewalPolicy] = &[
    RenewalPolicy::Grace,
    RenewalPolicy::ToOnDemand,
    RenewalPolicy::Delete,
    RenewalPolicy::AutoRenew,
];

/// A request by what it is about.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// This operation, whatever the account looks like.
    Plain(Op),
    /// The same, for a place or by the public interface.
    Addressed { op: Op, place: Option<(&'static str, &'static str)>, source: Source },
    /// Money moves, or is spoken of.
    Money(Moves, &'static str),
    /// Exactly what is owed is paid in.
    TopUpDebt,
    /// A coupon is granted for some days.
    Grant { coupon: usize, kind: usize, amount: &'static str, days: i64 },
    /// Other phases are promised for some days.
    Promise { grace_days: Option<u32>, retention_days: Option<u32>, days: i64 },
}

/// Whether a wish names what it was drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aims {
    /// It does, whether that is there or not.
    AsDrawn,
    /// It is turned to something that the account has.
    AtWhatIsThere,
}

/// What happens to an amount.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moves {
    TopUp,
    Transfer,
    Withdraw,
    Alert,
}

impl Wish {
    /// The coupon that the wish grants.
    pub(crate) fn grants(&self) -> Option<CouponId> {
        match self {
            Self::Grant { coupon: n, .. } => Some(coupon(*n)),
            _ => None,
        }
    }

    /// The request of this wish at `now`. Coupons of which the history never speaks are left out: a
    /// scenario file could not name them.
    pub(crate) fn command(
        &self,
        desk: &Desk,
        now: SimTime,
        aims: Aims,
        spoken_of: &[CouponId],
    ) -> Command {
        let currency = desk.account().currency();
        let mut envelope = Envelope::scenario(AccountId::new("acme").unwrap());
        let mut op = match self {
            Self::Plain(op) => op.clone(),
            Self::Addressed { op, place, source } => {
                envelope.source = *source;
                envelope.region = place.map(|(region, _)| RegionId::new(region).unwrap());
                let zone = place.filter(|(_, zone)| !zone.is_empty());
                envelope.zone = zone.map(|(_, zone)| ZoneId::new(zone).unwrap());
                op.clone()
            }
            Self::Money(moves, amount) => {
                let amount = Amount::parse(amount, currency).unwrap();
                match moves {
                    Moves::TopUp => Op::TopUp { amount },
                    Moves::Transfer => Op::Transfer { amount },
                    Moves::Withdraw => Op::Withdraw { amount },
                    Moves::Alert => Op::SetAlert { threshold: Some(amount) },
                }
            }
            Self::TopUpDebt => Op::TopUp { amount: desk.account().debt() },
            Self::Grant { coupon: n, kind, amount, days } => {
                let terms = CouponTerms {
                    worth: worth(*kind, Amount::parse(amount, currency).unwrap()),
                    valid_from: now,
                    valid_until: now + SimDuration::from_days(*days),
                    limits: limits(*kind, *days, currency),
                };
                Op::GrantCoupon { coupon: coupon(*n), terms }
            }
            Self::Promise { grace_days, retention_days, days } => {
                let until = now + SimDuration::from_days(*days);
                let (grace_days, retention_days) = (*grace_days, *retention_days);
                Op::GrantPromotion { grace_days, retention_days, until }
            }
        };
        // Only a call says what is to happen at the end of a renewed subscription (R7.1).
        if let (Op::Renew { policy, .. }, Source::Scenario) = (&mut op, envelope.source) {
            *policy = None;
        }
        if aims == Aims::AtWhatIsThere {
            aim(&mut op, desk.account());
        }
        if let Some(coupons) = coupons_of(&mut op) {
            coupons.retain(|coupon| spoken_of.contains(coupon));
        }
        Command { envelope, op }
    }
}

fn coupons_of(op: &mut Op) -> Option<&mut Vec<CouponId>> {
    match op {
        Op::Buy { payment, .. }
        | Op::BuyTogether { payment, .. }
        | Op::Renew { payment, .. }
        | Op::Subscribe { payment, .. } => payment.as_mut(),
        Op::PayOrder { coupons, .. } => Some(coupons),
        _ => None,
    }
}

/// Some coupons of every kind are limited, in ways that often fit and often do not.
fn limits(kind: usize, days: i64, currency: Currency) -> Option<Box<CouponLimits>> {
    let limits = match days % 5 {
        0 => CouponLimits { orders: vec![OrderKind::Renew], ..CouponLimits::default() },
        1 => {
            let minimum = Amount::parse("0.5", currency).unwrap();
            CouponLimits { minimum: Some(minimum), ..CouponLimits::default() }
        }
        2 if kind == 0 => CouponLimits { excludes_discounts: true, ..CouponLimits::default() },
        3 => CouponLimits {
            sizes: vec![size("pro")],
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
        3 => CouponWorth::DiscountCoupon(fraction("0.1")),
        _ => CouponWorth::Promotion(fraction("0.15")),
    }
}

pub(crate) fn fraction(text: &str) -> Fraction {
    Fraction::new(text.parse().unwrap()).unwrap()
}

pub(crate) fn phone(n: usize) -> PhoneId {
    PhoneId::new(&format!("p{n}")).unwrap()
}

fn coupon(n: usize) -> CouponId {
    CouponId::new(&format!("c{n}")).unwrap()
}

fn size(name: &str) -> SizeId {
    SizeId::new(name).unwrap()
}

/// Every wish.
pub(crate) fn wishes() -> impl Strategy<Value = Wish> {
    prop_oneof![
        11 => money(),
        12 => orders(),
        9 => renewing(),
        5 => modes(),
        9 => ending(),
        12 => devices(),
        8 => sessions().prop_map(|op| Wish::Plain(Op::Session(Box::new(op)))),
        7 => calls().prop_map(|op| Wish::Plain(Op::Call(Box::new(op)))),
        1 => phone_ids().prop_map(|phone| {
            Wish::Plain(Op::Session(Box::new(SessionOp::LoseConnection { phone })))
        }),
        3 => account().prop_map(Wish::Plain),
    ]
}

/// Streaming sessions: mostly the way to a stream, so that there are some.
fn sessions() -> impl Strategy<Value = SessionOp> {
    let device = || select(&["tv", "tab", "web"][..]).prop_map(|name| DeviceId::new(name).unwrap());
    let at = || (phone_ids(), device());
    let member = prop_oneof![
        4 => Just(None),
        1 => Just(Some(MemberId::new("ann").unwrap())),
    ];
    prop_oneof![
        6 => (phones(), member)
            .prop_map(|(phones, member)| SessionOp::Prepare { phones, member }),
        5 => (phone_ids(), select(&StreamType::ALL[..]))
            .prop_map(|(phone, stream)| SessionOp::Authorise { phone, stream }),
        5 => at().prop_map(|(phone, device)| SessionOp::Start { phone, device }),
        4 => at().prop_map(|(phone, device)| SessionOp::Join { phone, device }),
        2 => at().prop_map(|(phone, device)| SessionOp::Part { phone, device }),
        3 => at().prop_map(|(phone, device)| SessionOp::GiveControl { phone, device }),
        1 => phone_ids().prop_map(|phone| SessionOp::Stop { phone }),
        1 => phones().prop_map(|phones| SessionOp::Release { phones }),
        2 => phone_ids().prop_map(|phone| SessionOp::LoseConnection { phone }),
        2 => phone_ids().prop_map(|phone| SessionOp::Reconnect { phone }),
    ]
}

/// Calls and short messages: what the phone wants, and what befalls its device.
fn calls() -> impl Strategy<Value = CallOp> {
    let device = || select(&["tv", "tab", "web"][..]).prop_map(|name| DeviceId::new(name).unwrap());
    let at = || (phone_ids(), device());
    let number =
        || select(&["10086", "+8613800138000"][..]).prop_map(|n| TelNumber::new(n).unwrap());
    let text = || select(&["", "hello"][..]).prop_map(str::to_owned);
    let actions = [CallAction::Answer, CallAction::HangUp, CallAction::Hold, CallAction::Resume];
    let news =
        [AtDevice::Dialling, AtDevice::Active, AtDevice::Held, AtDevice::Ended, AtDevice::Failed];
    prop_oneof![
        1 => (device(), select(&[Permit::Calls, Permit::Messages][..]), any::<bool>())
            .prop_map(|(device, what, given)| CallOp::Permit { device, what, given }),
        3 => (at(), number())
            .prop_map(|((phone, device), number)| CallOp::Dial { phone, device, number }),
        3 => (at(), prop::option::of(number()))
            .prop_map(|((phone, device), number)| CallOp::Ring { phone, device, number }),
        4 => (at(), select(actions.to_vec()))
            .prop_map(|((phone, device), action)| CallOp::Act { phone, device, action }),
        6 => (phone_ids(), select(news.to_vec()))
            .prop_map(|(phone, is)| CallOp::Report { phone, is }),
        7 => (at(), number(), text()).prop_map(|((phone, device), number, text)| {
            CallOp::Send { phone, device, number, text }
        }),
        5 => (phone_ids(), 1..6u32, select(&[MessageOutcome::Sent, MessageOutcome::Failed][..]))
            .prop_map(|(phone, message, outcome)| CallOp::Result { phone, message, outcome }),
        5 => (at(), number(), text()).prop_map(|((phone, device), number, text)| {
            CallOp::Receive { phone, device, number, text }
        }),
    ]
}

fn money() -> impl Strategy<Value = Wish> {
    let amounts = select(&["0", "0.01", "1", "33.33", "100", "259", "2000", "2000", "6000"][..]);
    let few = || select(&["1", "50", "100"][..]);
    prop_oneof![
        6 => amounts.prop_map(|amount| Wish::Money(Moves::TopUp, amount)),
        1 => few().prop_map(|amount| Wish::Money(Moves::Transfer, amount)),
        1 => few().prop_map(|amount| Wish::Money(Moves::Withdraw, amount)),
        1 => few().prop_map(|amount| Wish::Money(Moves::Alert, amount)),
        1 => Just(Wish::TopUpDebt),
        2 => (0..COUPONS, 0..5usize, select(&["0.05", "7", "100"][..]), 1..60i64)
            .prop_map(|(coupon, kind, amount, days)| Wish::Grant { coupon, kind, amount, days }),
    ]
}

/// How the account stands with the service.
fn account() -> impl Strategy<Value = Op> {
    let discounts = (select(&["0", "0.1"][..]), select(&["0", "0.1", "0.2"][..]));
    let verified = [Verification::Enterprise, Verification::Enterprise, Verification::Individual];
    prop_oneof![
        discounts.prop_map(|(commercial, partner)| Op::SetDiscounts {
            commercial: fraction(commercial),
            partner: fraction(partner),
        }),
        select(vec![Settlement::AtOnce, Settlement::Monthly])
            .prop_map(|settlement| Op::SetSettlement { settlement }),
        Just(Op::SetAlert { threshold: None }),
        any::<bool>().prop_map(|needed| Op::SetApproval { needed }),
        (0..9u32).prop_map(|days| Op::SetDeductionDay { days }),
        prop_oneof![1..=28i32, Just(-1)].prop_map(|day| Op::SetUnifiedDay { day }),
        any::<bool>().prop_map(|frozen| Op::SetPartnerFreeze { frozen }),
        select(verified.to_vec()).prop_map(|to| Op::SetVerification { to }),
        Just(Op::VoidFiveDayRight {}),
    ]
}

fn item() -> impl Strategy<Value = BuyItem> {
    (phones(), sizes(), terms(), any::<bool>()).prop_map(|(phones, size, term, renews)| BuyItem {
        phones,
        size,
        term,
        auto_renewal: renews.then_some(AutoRenewal { every: None, times_left: None }),
    })
}

/// A call mostly names the system of its phones, because it must.
fn setups() -> impl Strategy<Value = Option<Setup>> {
    let system = prop_oneof![1 => Just(None), 4 => select(&System::ALL[..]).prop_map(Some)];
    let network = prop_oneof![3 => Just(None), 1 => select(&Network::ALL[..]).prop_map(Some)];
    (system, network).prop_map(|(system, network)| {
        let setup = Setup { system, network };
        (setup != Setup::default()).then_some(setup)
    })
}

fn orders() -> impl Strategy<Value = Wish> {
    let order = || (1..ORDERS).prop_map(|n| OrderRef::Named(OrderId::nth(n)));
    let last = || phone_ids().prop_map(OrderRef::LastOf);
    let some =
        prop_oneof![prop::collection::vec(order(), 1..4), last().prop_map(|order| vec![order]),];
    let one = prop::collection::vec(item(), 1..4);
    let plain = prop_oneof![
        2 => (one, any::<bool>(), payment())
            .prop_map(|(items, combination, payment)| Op::BuyTogether { items, combination, payment }),
        1 => item().prop_map(|item| Op::Offer { item }),
        1 => last().prop_map(|order| Op::ApproveOrder { order }),
        1 => last().prop_map(|order| Op::RefuseOrder { order }),
        1 => last().prop_map(|order| Op::ConfirmOrder { order }),
        2 => (some, coupons()).prop_map(|(orders, coupons)| Op::PayOrder { orders, coupons }),
        1 => prop_oneof![order(), last()].prop_map(|order| Op::CancelOrder { order }),
        3 => (phone_ids(), prop::collection::vec(phone_ids(), 0..2)).prop_map(|(first, more)| {
            let order = OrderRef::LastOf(first.clone());
            let phones = std::iter::once(first).chain(more).collect();
            Op::FailProvisioning { order, phones }
        }),
    ];
    let buy = (item(), setups(), payment()).prop_map(|(item, setup, payment)| {
        let BuyItem { phones, size, term, auto_renewal } = item;
        Op::Buy { phones, size, term, setup, auto_renewal, payment }
    });
    prop_oneof![4 => addressed(buy), 8 => plain.prop_map(Wish::Plain)]
}

/// Mostly at the console without a place, sometimes in one, sometimes by the interface.
fn addressed(op: impl Strategy<Value = Op>) -> impl Strategy<Value = Wish> {
    let places = select(
        &[
            ("cn-north-4", ""),
            ("cn-north-4", "cn-north-4a"),
            ("cn-south-1", "cn-north-4a"),
            ("ap-southeast-1", ""),
        ][..],
    );
    let place = prop_oneof![5 => Just(None), 1 => places.prop_map(Some)];
    let source = prop_oneof![6 => Just(Source::Scenario), 1 => Just(Source::Api)];
    (op, place, source).prop_map(|(op, place, source)| Wish::Addressed { op, place, source })
}

fn renewing() -> impl Strategy<Value = Wish> {
    let to = prop_oneof![2 => Just(RenewTo::Term), 1 => Just(RenewTo::UnifiedDay)];
    let policy = prop_oneof![4 => Just(None), 1 => select(RENEWAL_POLICIES).prop_map(Some)];
    let renew = (phones(), terms(), to, policy, payment()).prop_map(
        |(phones, term, to, policy, payment)| Op::Renew { phones, term, to, policy, payment },
    );
    let setting = (phone_ids(), renewals())
        .prop_map(|(phone, setting)| Wish::Plain(Op::SetAutoRenewal { phone, setting }));
    prop_oneof![4 => called(renew), 3 => setting]
}

/// At the console or by the interface.
fn called(op: impl Strategy<Value = Op>) -> impl Strategy<Value = Wish> {
    let source = prop_oneof![4 => Just(Source::Scenario), 1 => Just(Source::Api)];
    (op, source).prop_map(|(op, source)| Wish::Addressed { op, place: None, source })
}

fn modes() -> impl Strategy<Value = Wish> {
    let plain = prop_oneof![
        2 => (phones(), select(POLICIES))
            .prop_map(|(phones, policy)| Op::SetAtExpiry { phones, policy }),
        1 => phones().prop_map(|phones| Op::ToOnDemand { phones }),
        2 => (phone_ids(), terms(), payment())
            .prop_map(|(phone, term, payment)| Op::Subscribe { phone, term, payment }),
    ];
    plain.prop_map(Wish::Plain)
}

fn ending() -> impl Strategy<Value = Wish> {
    let keep = |day| UnsubscribeWhat::RenewalsAfter(Expiry::on(BillingDay::parse(day).unwrap()));
    let (whole, rest) = (UnsubscribeWhat::PhoneAndRenewals, UnsubscribeWhat::RenewalsOnly);
    let what = [whole, whole, rest, rest, keep("2024-03-29"), keep("2024-04-30")];
    let answers = vec![ReviewAnswer::Approve, ReviewAnswer::Refuse];
    let plain = prop_oneof![
        3 => (phones(), select(what.to_vec()))
            .prop_map(|(phones, what)| Op::Unsubscribe { phones, what }),
        4 => (phone_ids(), select(&["pro", "max"][..]))
            .prop_map(|(phone, to)| Op::ChangeSize { phone, to: size(to) }),
        3 => (phone_ids(), select(answers))
            .prop_map(|(phone, answer)| Op::AnswerReview { phone, answer }),
        2 => (phone_ids(), select(MARKS)).prop_map(|(phone, mark)| Op::MarkPhone { phone, mark }),
        1 => phone_ids().prop_map(|phone| Op::Release { phone }),
    ];
    let days = || prop::option::of(0..20u32);
    let promise = (days(), days(), 1..90i64).prop_filter_map(
        "a promotion promises something",
        |(grace_days, retention_days, days)| {
            let promised = grace_days.or(retention_days).is_some();
            promised.then_some(Wish::Promise { grace_days, retention_days, days })
        },
    );
    prop_oneof![9 => plain.prop_map(Wish::Plain), 1 => promise]
}

fn devices() -> impl Strategy<Value = Wish> {
    let freezers = || select(vec![Freezer::Violation, Freezer::Police]);
    let power = select(vec![Power::On, Power::Off]);
    let members = select(&["ann", "bob"][..]);
    let plain = prop_oneof![
        3 => (phone_ids(), power).prop_map(|(phone, to)| Op::SetPower { phone, to }),
        5 => (phone_ids(), select(OPERATIONS))
            .prop_map(|(phone, operation)| Op::Operate { phone, operation }),
        3 => phone_ids().prop_map(|phone| Op::FailOperation { phone }),
        2 => (phone_ids(), members)
            .prop_map(|(phone, who)| Op::Bind { phone, member: MemberId::new(who).unwrap() }),
        1 => phone_ids()
            .prop_map(|phone| Op::Move { phone, region: RegionId::new("cn-south-1").unwrap() }),
        1 => (phone_ids(), select(vec![Way::Adb, Way::Vnc]))
            .prop_map(|(phone, by)| Op::Connect { phone, by }),
        2 => (phone_ids(), freezers()).prop_map(|(phone, by)| Op::Freeze { phone, by }),
        2 => (phone_ids(), freezers()).prop_map(|(phone, by)| Op::Unfreeze { phone, by }),
    ];
    let create =
        (phone_ids(), sizes()).prop_map(|(phone, size)| Op::CreateOnDemand { phone, size });
    let delete = phone_ids().prop_map(|phone| Op::Delete { phone });
    prop_oneof![8 => plain.prop_map(Wish::Plain), 3 => addressed(create), 2 => called(delete)]
}

fn phone_ids() -> impl Strategy<Value = PhoneId> {
    (0..PHONES).prop_map(phone)
}

fn phones() -> impl Strategy<Value = Vec<PhoneId>> {
    prop::collection::vec(phone_ids(), 1..4)
}

fn sizes() -> impl Strategy<Value = SizeId> {
    let others = select(&["old", "field", "safe"][..]);
    prop_oneof![6 => Just("pro"), 2 => Just("max"), 1 => others].prop_map(size)
}

fn payment() -> impl Strategy<Value = Option<Vec<CouponId>>> {
    prop_oneof![1 => Just(None), 4 => coupons().prop_map(Some)]
}

fn coupons() -> impl Strategy<Value = Vec<CouponId>> {
    let some = prop::collection::vec((0..COUPONS).prop_map(coupon), 1..4);
    prop_oneof![3 => Just(Vec::new()), 2 => some]
}

fn terms() -> impl Strategy<Value = Term> {
    prop_oneof![
        6 => (1..4u32).prop_map(Term::Months),
        1 => (10..12u32).prop_map(Term::Months),
        1 => (1..4u32).prop_map(Term::Years),
    ]
}

fn renewals() -> impl Strategy<Value = Option<AutoRenewal>> {
    let every = prop_oneof![3 => Just(None), 1 => terms().prop_map(Some)];
    let times = prop_oneof![2 => Just(None), 2 => (1..4u32).prop_map(Some), 1 => Just(Some(99))];
    prop::option::of(
        (every, times).prop_map(|(every, times_left)| AutoRenewal { every, times_left }),
    )
}
