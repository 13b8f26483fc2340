//! Every kind of event in every state of a phone and its order: what follows, or which fault says that
//! it cannot have happened there. One reviewed table.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail loudly")]

#[path = "transitions/calls.rs"]
mod calls;
mod desk;

use desk::{Desk, money, rules};
use koosim_model::apply::{apply, phone_status};
use koosim_model::command::{
    BuyItem, Freezer, Op, OrderRef, RenewTo, StreamType, Tier, UnsubscribeWhat,
};
use koosim_model::decision::{Fault, Reason, TimerKey};
use koosim_model::event::{
    AlertSet, ApprovalSet, ArrearsCleared, ArrearsStarted, AtExpirySet, AuthorisationLapsed,
    AutoRenewalResult, AutoRenewalSet, AutoRenewalTried, BalanceAlert, BecameOnDemand,
    BecameSubscribed, Bound, CancelReason, Charged, ControlGiven, CouponGranted, Created, DebtPaid,
    DeductionDaySet, Deleted, DepositFrozen, DepositReleased, DiscountsSet, ErasedCollected,
    ErasedKept, Event, Expired, FiveDayRightVoided, Frozen, InterruptCause, Marked, Metered,
    MonthCharged, MonthSettled, Notified, OperationDone, OperationFailed, OperationStarted,
    OrderApproved, OrderCancelled, OrderCompleted, OrderConfirmed, OrderPlaced, PartnerFreezeSet,
    PaymentFailed, PowerSet, PromotionGranted, Provisioned, ProvisioningFailed, RefundArrived,
    RefundTerms, RefundTo, Refunded, RefusedFor, Released, Renewed, ReviewEnded, ReviewStarted,
    ReviewVerdict, SessionEnd, SessionEnded, SessionPrepared, SessionQueued, SessionRestoring,
    Settled, SettlementSet, SizeChanged, StreamAuthorised, StreamInterrupted, StreamResumed,
    StreamStarted, StreamStopped, TierSet, ToppedUp, TransferArrived, TransferSent, Unbound,
    Unfrozen, UnifiedDaySet, UnsubscribeFailed, Unsubscribed, UsePaused, UseResumed,
    VerificationSet, ViewerJoined, ViewerLeft, Withdrawn,
};
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{CouponId, DeviceId, MemberId, OrderId, PhoneId, SizeId};
use koosim_model::notice::{Channel, NoticeKind, Recipient};
use koosim_model::rules::Prices;
use koosim_model::state::{
    Account, Arrears, AtExpiry, CouponTerms, CouponWorth, FreezeCause, Mark, Operation, OrderKind,
    OrderWait, Power, Settlement, Split, Verification,
};
use koosim_model::term::{Expiry, Term};
use koosim_model::time::{BillingDay, SimTime, WallTime};
use std::collections::BTreeSet;
use std::fmt::Write as _;

fn at(text: &str) -> SimTime {
    WallTime::parse(text).unwrap().instant()
}

fn cny(text: &str) -> Amount {
    money(text, Currency::CNY)
}

fn phone() -> PhoneId {
    PhoneId::new("p1").unwrap()
}

fn size() -> SizeId {
    SizeId::new("pro").unwrap()
}

fn order() -> OrderId {
    OrderId::nth(1)
}

/// Tier V1: a day of grace and seven of retention, and no grace on demand.
fn desk(balance: &str) -> Desk {
    desk_of(Tier::V1, balance)
}

fn desk_of(tier: Tier, balance: &str) -> Desk {
    let prices = Prices { month: Some(cny("100")), year: None, hour: Some(cny("1")) };
    let mut desk = Desk::new(rules("cn", &[("R1.13.refund_lag", "1 day")], &[("pro", prices)]));
    let credit_limit = cny("0");
    let start = at("2024-03-08 10:00:00");
    desk.ask(start, Op::OpenAccount { tier, credit_limit, discount: Fraction::ZERO }).unwrap();
    desk.ask(start, Op::TopUp { amount: cny(balance) }).unwrap();
    desk
}

/// The states, each as the account that is in it.
fn states() -> Vec<(&'static str, Account)> {
    let start = at("2024-03-08 10:00:00");
    let buy = |payment: Option<Vec<CouponId>>| {
        let (phones, size, term) = (vec![phone()], size(), Term::Months(1));
        Op::Buy { setup: None, phones, size, term, auto_renewal: None, payment }
    };
    let mut states = vec![("absent", desk("100").account().clone())];
    let mut submitted = desk("100");
    submitted.ask(start, Op::SetApproval { needed: true }).unwrap();
    submitted.ask(start, buy(None)).unwrap();
    states.push(("to approve", submitted.account().clone()));
    let mut offered = desk("100");
    let item =
        BuyItem { phones: vec![phone()], size: size(), term: Term::Months(1), auto_renewal: None };
    offered.ask(start, Op::Offer { item }).unwrap();
    states.push(("to confirm", offered.account().clone()));
    let mut bought = desk("100");
    bought.ask(start, buy(None)).unwrap();
    states.push(("ordered", bought.account().clone()));
    let mut bought = desk("100");
    bought.ask(start, buy(Some(Vec::new()))).unwrap();
    assert!(bought.window(&TimerKey::Provision(order())).is_some());
    states.push(("paid", bought.account().clone()));
    let mut failed = bought.clone();
    let fail = Op::FailProvisioning { order: OrderRef::Named(order()), phones: Vec::new() };
    failed.ask(start, fail).unwrap();
    states.push(("to refund", failed.account().clone()));
    bought.through(at("2024-03-09 10:00:00"));
    let renewal = Op::Renew {
        phones: vec![phone()],
        term: Term::Months(1),
        to: RenewTo::Term,
        policy: None,
        payment: None,
    };
    for (name, op) in [
        ("renewal ordered", renewal),
        ("held, violation", Op::Freeze { phone: phone(), by: Freezer::Violation }),
        ("held, police", Op::Freeze { phone: phone(), by: Freezer::Police }),
    ] {
        let mut asked = bought.clone();
        asked.ask(at("2024-03-09 10:00:00"), op).unwrap();
        states.push((name, asked.account().clone()));
    }
    for (name, time) in [
        ("running", "2024-03-09 10:00:00"),
        ("expired", "2024-04-09 12:00:00"),
        ("frozen", "2024-04-11 12:00:00"),
    ] {
        bought.through(at(time));
        states.push((name, bought.account().clone()));
    }
    let mut by_use = desk("1");
    by_use.ask(start, Op::CreateOnDemand { phone: phone(), size: size() }).unwrap();
    states.push(("by use", by_use.account().clone()));
    let mut deleted = by_use.clone();
    deleted.ask(at("2024-03-08 10:30:00"), Op::Delete { phone: phone() }).unwrap();
    states.push(("by use, deleted", deleted.account().clone()));
    by_use.through(at("2024-03-08 13:30:00"));
    assert!(by_use.log().iter().any(|(_, event)| matches!(event, Event::Frozen(_))));
    assert_eq!(by_use.params(start).five_day_quota, 10);
    states.push(("by use, frozen", by_use.account().clone()));
    by_use.through(at("2024-04-08 13:30:00"));
    assert_eq!(by_use.account().arrears, Arrears::Released);
    states.push(("use, released", by_use.account().clone()));
    let mut owing = desk_of(Tier::V5, "1");
    owing.ask(start, Op::CreateOnDemand { phone: phone(), size: size() }).unwrap();
    owing.through(at("2024-03-08 13:30:00"));
    assert!(matches!(owing.account().arrears, Arrears::Grace { .. }));
    states.push(("by use, owing", owing.account().clone()));
    states
}

fn split() -> Split {
    Split { cash: cny("1"), ..Split::nothing(Currency::CNY) }
}

fn ordered(order: &OrderId, kind: OrderKind, phone: PhoneId) -> Event {
    let (official, due, discount) = (cny("1"), cny("1"), cny("0"));
    Event::from(OrderPlaced {
        order: order.clone(),
        kind,
        phones: vec![phone],
        size: size(),
        place: None,
        setup: None,
        term: Term::Months(1),
        unified: None,
        official,
        discount,
        discount_from: None,
        due,
        auto_renewal: None,
        group: None,
        waits_for: OrderWait::Payment,
        pay_by: at("2024-05-01 00:00:00"),
    })
}

fn charged(order: &OrderId, reason: OrderKind) -> Event {
    Event::from(Charged {
        order: order.clone(),
        reason,
        phones: vec![phone()],
        due: cny("1"),
        discount: cny("0"),
        coupon_discount: cny("0"),
        promotion: None,
        discount_coupon: None,
        paid: split(),
    })
}

/// A paid order of its own and the renewal that it pays for.
fn renewed() -> Vec<Event> {
    let order = OrderId::nth(9);
    let by = OrderKind::Renew;
    let expiry = |day: &str| Expiry::on(BillingDay::parse(day).unwrap());
    let (from, expires) = (expiry("2024-04-08"), expiry("2024-05-08"));
    let renewed = Renewed { phone: phone(), order: order.clone(), by, from, expires };
    vec![ordered(&order, by, phone()), charged(&order, by), Event::from(renewed)]
}

/// A paid order of its own and the subscription that it pays for.
fn subscribed() -> Vec<Event> {
    let order = OrderId::nth(9);
    let kind = OrderKind::Subscribe;
    let (effective, day) = (at("2024-04-12 12:00:00"), BillingDay::parse("2024-05-12").unwrap());
    let expires = Expiry::on(day);
    let event = BecameSubscribed { phone: phone(), order: order.clone(), effective, expires };
    vec![ordered(&order, kind, phone()), charged(&order, kind), Event::from(event)]
}

fn of_money() -> Vec<Event> {
    let start = at("2024-03-08 10:00:00");
    let (valid_from, valid_until) = (start, at("2025-01-01 00:00:00"));
    let worth = CouponWorth::Voucher(cny("5"));
    let terms = CouponTerms { worth, valid_from, valid_until, limits: None };
    let (one, zero) = (cny("1"), cny("0"));
    let cycle = BillingDay::parse("2024-03-01").unwrap();
    let grace_until = at("2024-04-20 00:00:00");
    vec![
        ToppedUp { amount: one, to_debt: zero, to_cash: one }.into(),
        CouponGranted { coupon: CouponId::new("v1").unwrap(), terms }.into(),
        DeductionDaySet { days: 5 }.into(),
        UnifiedDaySet { day: -1 }.into(),
        ApprovalSet { needed: true }.into(),
        MonthCharged { cycle, total: one, erased: zero, due: one, paid: split() }.into(),
        ArrearsStarted { debt: one, grace_until }.into(),
        PartnerFreezeSet { frozen: true }.into(),
        ArrearsCleared {}.into(),
        Notified {
            to: Recipient::Creator,
            kind: NoticeKind::Arrears,
            channels: vec![Channel::Mail],
            about: vec![phone()],
            days: None,
        }
        .into(),
    ]
}

fn of_orders() -> Vec<Event> {
    let (order, phones) = (order(), vec![phone()]);
    let (needed, available) = (cny("1"), cny("0"));
    let reason = CancelReason::Customer;
    vec![
        ordered(&OrderId::nth(9), OrderKind::New, phone()),
        ordered(&order, OrderKind::New, PhoneId::new("p9").unwrap()),
        OrderApproved { order: order.clone() }.into(),
        OrderConfirmed { order: order.clone() }.into(),
        PaymentFailed { order: order.clone(), needed, available }.into(),
        charged(&order, OrderKind::New),
        OrderCancelled { order: order.clone(), reason }.into(),
        OrderCompleted { order: order.clone() }.into(),
        ProvisioningFailed { order, phones }.into(),
    ]
}

fn of_phones() -> Vec<Event> {
    let (phone, order) = (phone(), order());
    let start = at("2024-03-08 10:00:00");
    let expires = Expiry::on(BillingDay::parse("2024-04-08").unwrap());
    let until = at("2024-04-20 00:00:00");
    let (one, zero) = (cny("1"), cny("0"));
    let (used, total) = (1, 2);
    let (cause, what) = (FreezeCause::Expiry, UnsubscribeWhat::PhoneAndRenewals);
    let (from, to, seconds) = (start, at("2024-03-08 11:00:00"), 3600);
    let result = AutoRenewalResult::BalanceTooLow;
    let named = phone.clone();
    vec![
        Provisioned { phone: named.clone(), order: order.clone(), effective: start, expires }
            .into(),
        AutoRenewalSet { phone: named.clone(), setting: None }.into(),
        AtExpirySet { phone: named.clone(), policy: AtExpiry::Delete }.into(),
        BecameOnDemand { phone: named.clone(), unit_price: one }.into(),
        AutoRenewalTried { phone: named.clone(), result, needed: one, available: zero }.into(),
        Created { phone: named.clone(), size: size(), place: None, unit_price: one }.into(),
        Deleted { phone: named.clone() }.into(),
        PowerSet { phone: named.clone(), to: Power::Off }.into(),
        Settled {
            phone: named.clone(),
            from,
            to,
            seconds,
            official: one,
            discount: zero,
            erased: zero,
            due: one,
            paid: split(),
        }
        .into(),
        Metered { phone: named.clone(), from, to, seconds, official: one, discount: zero }.into(),
        Expired { phone: named.clone(), grace_until: until }.into(),
        frozen(FreezeCause::Expiry),
        frozen(FreezeCause::Arrears),
        frozen(FreezeCause::Violation),
        frozen(FreezeCause::Police),
        Unfrozen { phone: named.clone(), cause: FreezeCause::Arrears }.into(),
        Unfrozen { phone: named.clone(), cause: FreezeCause::Violation }.into(),
        Unfrozen { phone: named.clone(), cause: FreezeCause::Police }.into(),
        Released { phone: named.clone(), cause }.into(),
        Released { phone: named.clone(), cause: FreezeCause::Violation }.into(),
        Unsubscribed { phone: named.clone(), what, expires: None }.into(),
        Unsubscribed { phone: named, what: UnsubscribeWhat::RenewalsOnly, expires: Some(expires) }
            .into(),
        Refunded {
            phone,
            order,
            terms: RefundTerms::Conditional,
            used,
            total,
            consumed: zero,
            fee: zero,
            refund: split(),
            to: RefundTo::Cash,
        }
        .into(),
    ]
}

fn of_funds() -> Vec<Event> {
    let (one, zero) = (cny("1"), cny("0"));
    let cycle = BillingDay::parse("2024-03-01").unwrap();
    let off = Fraction::new("0.1".parse().unwrap()).unwrap();
    vec![
        TransferSent { number: 1, amount: one }.into(),
        TransferArrived { number: 1 }.into(),
        Withdrawn { amount: one }.into(),
        DiscountsSet { commercial: off, partner: off }.into(),
        SettlementSet { settlement: Settlement::Monthly }.into(),
        MonthSettled { cycle, due: one, cash: one, debt: zero }.into(),
        AlertSet { threshold: Some(one), at_threshold: true }.into(),
        BalanceAlert { threshold: one, left: zero, time: 1 }.into(),
        DepositFrozen { phone: phone(), amount: one }.into(),
        DepositReleased { phone: phone(), amount: one }.into(),
        UsePaused { phone: phone() }.into(),
        UseResumed { phone: phone() }.into(),
        ErasedKept { cycle, erased: one }.into(),
        ErasedCollected { cycle, total: one, erased: zero, due: one, paid: split() }.into(),
    ]
}

fn frozen(cause: FreezeCause) -> Event {
    let retention_until = Some(at("2024-04-20 00:00:00"));
    Event::from(Frozen { phone: phone(), cause, retention_until, accrues: false })
}

fn of_devices() -> Vec<Event> {
    let member = MemberId::new("ann").unwrap();
    let until = at("2024-04-20 00:00:00");
    let started = |operation| Event::from(OperationStarted { phone: phone(), operation, until });
    let mut events: Vec<_> = Operation::ALL.into_iter().map(started).collect();
    events.extend([
        OperationDone { phone: phone(), operation: Operation::Restart }.into(),
        OperationDone { phone: phone(), operation: Operation::BackUp }.into(),
        OperationFailed { phone: phone(), operation: Operation::BackUp }.into(),
        Bound { phone: phone(), member: member.clone() }.into(),
        Unbound { phone: phone(), member }.into(),
    ]);
    events
}

fn of_standing() -> Vec<Event> {
    let until = at("2024-04-20 00:00:00");
    vec![
        VerificationSet { to: Verification::None }.into(),
        TierSet { tier: Tier::V2 }.into(),
        PromotionGranted { grace_days: Some(1), retention_days: None, until }.into(),
    ]
}

/// What bears on giving subscriptions back.
fn of_returns() -> Vec<Vec<Event>> {
    let (phones, what) = (vec![phone()], UnsubscribeWhat::PhoneAndRenewals);
    let arrives = at("2024-04-13 00:00:00");
    let (amount, decide_by) = (cny("1"), arrives);
    let started: Event =
        ReviewStarted { phones: phones.clone(), what, refund: amount, decide_by }.into();
    let ended: Event = ReviewEnded { phones, verdict: ReviewVerdict::Silent }.into();
    vec![
        vec![
            SizeChanged {
                phone: phone(),
                order: order(),
                from: size(),
                to: SizeId::new("plus").unwrap(),
                official: amount,
                discount: cny("0"),
                erased: cny("0"),
                due: amount,
                paid: split(),
                returned: Split::nothing(Currency::CNY),
            }
            .into(),
        ],
        vec![RefundArrived { amount, arrives }.into()],
        vec![DebtPaid { amount }.into()],
        vec![UnsubscribeFailed { phone: phone(), reason: Reason::Expired }.into()],
        vec![RefusedFor { phone: phone(), reason: Reason::Expired }.into()],
        vec![Marked { phone: phone(), mark: Mark::Trial }.into()],
        vec![FiveDayRightVoided {}.into()],
        vec![started.clone()],
        vec![ended.clone()],
        vec![started, ended],
    ]
}

/// Streaming sessions, each with what must have gone before.
fn of_sessions() -> Vec<Vec<Event>> {
    let until = at("2024-04-12 13:00:00");
    let (device, stream) = (DeviceId::new("tablet").unwrap(), StreamType::Sdk);
    let other = DeviceId::new("browser").unwrap();
    let prepared: Event = SessionPrepared { phone: phone() }.into();
    let authorised: Event = StreamAuthorised { phone: phone(), stream, until }.into();
    let started: Event = StreamStarted { phone: phone(), device: device.clone() }.into();
    let joined: Event = ViewerJoined { phone: phone(), device: other.clone() }.into();
    let cause = InterruptCause::Network;
    let lost: Event = StreamInterrupted { phone: phone(), cause, until }.into();
    let stopped: Event = StreamStopped { phone: phone(), cause: SessionEnd::Asked }.into();
    let ended: Event = SessionEnded { phone: phone(), cause: SessionEnd::Asked }.into();
    let streaming = vec![prepared.clone(), authorised.clone(), started.clone()];
    let then = |events: &[&Event]| {
        let more = events.iter().map(|event| (*event).clone());
        streaming.iter().cloned().chain(more).collect::<Vec<_>>()
    };
    let given: Event = ControlGiven { phone: phone(), device: other.clone() }.into();
    let left: Event = ViewerLeft { phone: phone(), device: other }.into();
    let lapsed: Event = AuthorisationLapsed { phone: phone() }.into();
    let resumed: Event = StreamResumed { phone: phone() }.into();
    vec![
        vec![SessionQueued { phone: phone(), number: 0, waiting: 0 }.into()],
        vec![SessionRestoring { phone: phone() }.into()],
        vec![prepared.clone()],
        vec![authorised.clone()],
        vec![prepared.clone(), authorised.clone()],
        vec![lapsed.clone()],
        vec![prepared, authorised, lapsed],
        vec![started],
        streaming.clone(),
        then(&[&joined]),
        then(&[&given]),
        then(&[&joined, &given]),
        then(&[&joined, &left]),
        then(&[&lost]),
        then(&[&resumed]),
        then(&[&lost, &resumed]),
        then(&[&stopped]),
        then(&[&ended]),
        then(&[&stopped, &ended]),
    ]
}

/// Events about users, groups, policies and tokens, about members, and about apps in phones.
const OF_IDENTITY: &[&str] = &[
    "policy_set",
    "group_added",
    "user_added",
    "membership_set",
    "policy_attached",
    "policy_detached",
    "user_changed",
    "bounds_set",
    "agency_set",
    "token_issued",
    "token_checked",
    "token_ended",
    "permission_answered",
    "organisation_created",
    "department_added",
    "department_edited",
    "department_removed",
    "member_added",
    "member_password_set",
    "member_removed",
    "logged_in",
    "logged_out",
    "entered",
    "left",
    "consent_set",
    "deed_answered",
    "control_set",
    "app_list_set",
    "app_list_enabled",
    "app_list_attached",
    "app_list_removed",
    "app_uploaded",
    "app_task_started",
    "app_installed",
    "app_uninstalled",
    "app_task_done",
];

#[test]
fn every_event_in_every_state() {
    let single = [of_money(), of_funds(), of_standing(), of_orders(), of_phones(), of_devices()]
        .concat()
        .into_iter()
        .map(|e| vec![e]);
    let told: Vec<Vec<Event>> = single
        .chain([renewed(), subscribed()])
        .chain(of_returns())
        .chain(of_sessions())
        .chain(calls::of_calls())
        .chain(calls::of_messages())
        .collect();
    let kinds: BTreeSet<_> = told.iter().flatten().map(Event::kind).collect();
    // Opening makes an account; it does not meet one. Who may do what is no state of a phone.
    let other = |name: &&str| *name != "account_opened" && !OF_IDENTITY.contains(name);
    let all = Event::KINDS.iter().map(|kind| kind.name).filter(other);
    assert_eq!(kinds, all.collect());
    let mut table = String::new();
    for (name, account) in states() {
        for events in &told {
            let mut after = account.clone();
            let now = at("2024-04-12 12:00:00");
            let outcome = events.iter().try_for_each(|event| apply(&mut after, now, event));
            assert!(after.ledger.total().unwrap().is_zero());
            let said = match outcome {
                Ok(()) => phone_status(&after, &phone()).name().to_owned(),
                Err(fault @ (Fault::Illegal { .. } | Fault::Missing { .. })) => {
                    format!("! {fault}")
                }
                Err(fault) => panic!("{name}: {fault}"),
            };
            let kind = events.last().unwrap().kind();
            writeln!(table, "{name:16}{kind:21}{said}").unwrap();
        }
    }
    insta::assert_snapshot!(table);
}
