//! What is asked of every history, beside the invariants of every rule that are asked of some. [`look`]
//! asks of a state that nothing in it is forgotten; [`Audit`] reads the log event by event and keeps what
//! no single entry shows: seconds of use, shares by source, books that lie beside one another.

use crate::desk::Desk;
use koosim_model::apply::apply;
use koosim_model::decision::TimerKey;
use koosim_model::event::{Event, RefundTerms, Refunded, Unfrozen};
use koosim_model::ledger::Book;
use koosim_model::lifecycle::PhoneStatus;
use koosim_model::money::{Amount, Currency};
use koosim_model::name::{CouponId, OrderId, PhoneId};
use koosim_model::rules::usage::clock_hours;
use koosim_model::state::{Account, Arrears, Charging, OrderPhase, Phase, Split};
use koosim_model::time::{SimDuration, SimTime};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const DAY: SimDuration = SimDuration::from_days(1);

fn decimals(currency: Currency) -> u32 {
    if currency == Currency::JPY { 0 } else { 2 }
}

fn whole_cents(amount: Amount) -> bool {
    amount.value().scale() <= decimals(amount.currency())
}

/// Every phone and order that waits for something has the timer that will bring it about.
pub(crate) fn look(desk: &Desk, now: SimTime) {
    let account = desk.account();
    let waits = desk.params(now).payment_deadline;
    let due = |key: TimerKey| desk.window(&key).map(|window| window.default);
    for (id, order) in &account.orders {
        if let Some(pay_by) = order.pay_by() {
            assert_eq!(due(TimerKey::OrderDeadline(id.clone())), Some(pay_by), "{id}");
            assert!(now <= pay_by && pay_by <= now + waits, "{id}");
            continue;
        }
        let combined = order.group.as_ref().filter(|group| group.combination);
        let first = combined.map_or(id, |group| &group.first);
        let next = match &order.phase {
            OrderPhase::PendingRefund { .. } => TimerKey::RefundOrder(id.clone()),
            _ => TimerKey::Provision(first.clone()),
        };
        assert!(due(next) >= Some(now), "{id} is never fulfilled or paid back");
    }
    for (id, phone) in account.phones.iter() {
        match &phone.charging {
            Charging::Provisioning { order } => {
                let order = account.orders.get(order).unwrap();
                assert!(order.living().any(|(_, phone)| phone == id), "{id}");
            }
            Charging::Subscribed(s) => look_at_subscription(desk, now, id, s.phase),
            Charging::OnDemand(metering) => {
                for usage in &metering.unsettled {
                    let last = usage.to.unwrap_or(now).max(usage.from);
                    for (from, ..) in clock_hours(usage.from, last) {
                        let key = TimerKey::Settle(id.clone(), from.floor_to_hour());
                        assert!(due(key) >= Some(now), "{id} is never settled for {from}");
                    }
                }
                let owes = account.debt().is_positive() && phone.stage() == PhoneStatus::Active;
                let grace = matches!(account.arrears, Arrears::Grace { until } if now <= until);
                assert!(!owes || grace, "{id} runs on debt without grace: {:?}", account.arrears);
            }
        }
        if let Some(task) = phone.details.task {
            assert_eq!(due(TimerKey::Operation(id.clone())), Some(task.until), "{id}");
        }
        if let (Some(until), false) = (phone.details.holds.violation, phone.details.holds.police) {
            assert_eq!(due(TimerKey::ViolationEnd(id.clone())), Some(until), "{id}");
        }
        let held = phone.details.holds.police;
        if !held && phone.stage() == PhoneStatus::Frozen && phone.metering().is_some() {
            assert!(due(TimerKey::ArrearsRetentionEnd) >= Some(now), "{id} is never released");
        }
    }
    for (first, review) in &account.returns.reviews {
        let waits = desk.params(now).refunds.approved_after;
        assert_eq!(due(TimerKey::Review(first.clone())), Some(review.asked + waits), "{first}");
    }
    let repeats = desk.params(now).payment.alert_days;
    if let Some(alert) = account.funds.alert.filter(|alert| (1..repeats).contains(&alert.given)) {
        let low = alert.is_low(account.watched(now).unwrap());
        assert!(!low || due(TimerKey::BalanceAlert) >= Some(now), "{alert:?} is not repeated");
    }
    for arrives in account.returns.underway.keys() {
        assert_eq!(due(TimerKey::RefundArrives(*arrives)), Some(*arrives));
    }
    assert!(!account.debt().is_positive() || account.arrears != Arrears::None, "debt is arrears");
    let cash = account.ledger.cash().is_positive();
    assert!(!account.debt().is_positive() || !cash, "who owes has no cash");
    if let Arrears::Grace { until } = account.arrears {
        assert!(due(TimerKey::ArrearsGraceEnd) == Some(until) || until <= now);
    }
}

fn look_at_subscription(desk: &Desk, now: SimTime, id: &PhoneId, phase: Phase) {
    let due = |key: TimerKey| desk.window(&key).map(|window| window.default);
    let subscription = desk.account().subscription(id).unwrap();
    let end = subscription.expires.boundary();
    let ends = [
        due(TimerKey::Expiry(id.clone())),
        due(TimerKey::GraceEnd(id.clone())),
        due(TimerKey::RetentionEnd(id.clone())),
    ];
    match phase {
        Phase::Active => assert_eq!(ends, [Some(end), None, None], "{id}"),
        Phase::Grace { until } => assert_eq!(ends, [None, Some(until), None], "{id}"),
        // What public security holds may be overdue.
        Phase::Frozen { until, .. } if until < now => {
            assert!(desk.account().phones.get(id).unwrap().details.holds.police, "{id}");
        }
        Phase::Frozen { until, .. } => assert_eq!(ends, [None, None, Some(until)], "{id}"),
    }
    let attempt = due(TimerKey::AutoRenewal(id.clone()));
    let last_day = now + DAY > end;
    match (subscription.auto_renewal, phase) {
        (None, _) => assert_eq!(attempt, None, "{id} is renewed against its setting"),
        (Some(_), Phase::Active) if !last_day => {
            assert!(
                attempt >= Some(now) && attempt < Some(end),
                "{id} is not renewed: {attempt:?}"
            );
        }
        (Some(_), _) => {}
    }
    let last = subscription.periods.last().unwrap();
    assert_eq!(last.to, subscription.expires, "{id}");
    // It ends on its anchor day or on the last day of a month that lacks that (R1.5).
    let (day, anchor) = (last.to.day(), subscription.anchor_day());
    assert_eq!(day.anchored_months_later(0, anchor), day, "{id}: anchor day {anchor}");
    for (one, next) in subscription.periods.iter().zip(subscription.periods.iter().skip(1)) {
        assert_eq!(one.to.boundary(), next.from, "{id}: periods meet");
    }
}

/// Use of one phone on demand as its owner would count it.
#[derive(Debug, Default)]
struct Meter {
    running_since: Option<SimTime>,
    used: i64,
    billed: i64,
}

impl Meter {
    fn start(&mut self, at: SimTime) {
        self.running_since.get_or_insert(at.floor_to_second());
    }
    fn stop(&mut self, at: SimTime) {
        if let Some(since) = self.running_since.take() {
            self.used += (at.floor_to_second() - since).floor_secs();
        }
    }
}

/// Books kept beside the log.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    account: Option<Account>,
    meters: BTreeMap<PhoneId, Meter>,
    paid: BTreeMap<OrderId, Split>,
    returned: BTreeMap<OrderId, Vec<Split>>,
}

impl Audit {
    /// Reads one event.
    pub(crate) fn event(&mut self, at: SimTime, event: &Event) {
        if let Event::AccountOpened(opened) = event {
            self.account = Some(Account::open(opened));
            return;
        }
        match event {
            Event::OrderPlaced(e) => assert!(whole_cents(e.due), "{e:?}"),
            Event::Charged(e) => {
                assert!(e.paid.debt.is_zero() && whole_cents(e.due), "{e:?}");
                let first = self.paid.insert(e.order.clone(), e.paid.clone());
                assert!(first.is_none(), "paid once");
            }
            Event::Settled(e) => {
                assert!(whole_cents(e.due) && !e.due.is_negative(), "{e:?}");
                self.meter(&e.phone).billed += i64::from(e.seconds);
            }
            Event::Metered(e) => self.meter(&e.phone).billed += i64::from(e.seconds),
            Event::MonthCharged(e) => assert!(whole_cents(e.due), "{e:?}"),
            Event::Refunded(e) => self.refunded(e),
            Event::SizeChanged(e) => {
                let paid = self.paid.get_mut(&e.order).unwrap();
                paid.cash = paid.cash.plus(e.paid.cash).unwrap();
                paid.credit = paid.credit.plus(e.paid.credit).unwrap();
                self.returned.entry(e.order.clone()).or_default().push(e.returned.clone());
            }
            _ => self.metered(at, event),
        }
        apply(self.account.as_mut().unwrap(), at, event).unwrap();
        self.books();
    }

    fn metered(&mut self, at: SimTime, event: &Event) {
        let running =
            |audit: &Self, id: &PhoneId| audit.account.as_ref().unwrap().metering(id).is_some();
        match event {
            Event::Created(e) => self.meter(&e.phone).start(at),
            Event::BecameOnDemand(e) => self.meter(&e.phone).start(at),
            Event::BecameSubscribed(e) => self.meter(&e.phone).stop(e.effective),
            Event::UsePaused(e) => self.meter(&e.phone).stop(at),
            Event::UseResumed(e) => self.meter(&e.phone).start(at),
            Event::Unfrozen(e)
                if running(self, &e.phone) && self.last_cause(e) && !self.paused(&e.phone) =>
            {
                self.meter(&e.phone).start(at);
            }
            Event::Deleted(e) => self.meter(&e.phone).stop(at),
            Event::Frozen(e) if !e.accrues && running(self, &e.phone) => {
                self.meter(&e.phone).stop(at);
            }
            Event::Released(e) if running(self, &e.phone) => self.meter(&e.phone).stop(at),
            _ => {}
        }
    }

    /// Whether no other cause freezes the phone.
    fn last_cause(&self, e: &Unfrozen) -> bool {
        self.account.as_ref().unwrap().phones.get(&e.phone).unwrap().freezes() == [e.cause]
    }

    /// Whether a phone is switched off and costs nothing meanwhile (R2.6).
    fn paused(&self, phone: &PhoneId) -> bool {
        let account = self.account.as_ref().unwrap();
        account.metering(phone).is_some_and(|metering| metering.paused)
    }

    fn meter(&mut self, phone: &PhoneId) -> &mut Meter {
        self.meters.entry(phone.clone()).or_default()
    }

    fn refunded(&mut self, e: &Refunded) {
        let returned = self.returned.entry(e.order.clone()).or_default();
        returned.push(e.refund.clone());
        let (paid, total) = (self.paid.get(&e.order).unwrap(), e.refund.total().unwrap());
        assert!(whole_cents(total) && !total.is_negative() && e.refund.debt.is_zero(), "{e:?}");
        let currency = paid.cash.currency();
        let sum = |part: &dyn Fn(&Split) -> Amount| {
            let parts = returned.iter().map(part);
            parts.fold(Amount::zero(currency), |sum, part| sum.plus(part).unwrap())
        };
        // Each refund may round every other source down by less than one coin, which falls to cash.
        let sources = returned.len() * (paid.coupons.len() + 1);
        let coin = Decimal::new(1, decimals(currency));
        let spare = Amount::of(coin * Decimal::from(sources), currency).unwrap();
        // What the month evened out comes back as cash.
        let money = paid.cash.plus(paid.credit).and_then(|money| money.plus(spare)).unwrap();
        let back = sum(&|split| split.cash.plus(split.credit).unwrap());
        assert!(money.covers(back), "cash of {}", e.order);
        assert!(paid.credit.covers(sum(&|split| split.credit)), "credit of {}", e.order);
        for part in &paid.coupons {
            let back = sum(&|split| drawn(split, &part.coupon));
            assert!(part.amount.covers(back), "{} of {}", part.coupon, e.order);
        }
        match e.terms {
            RefundTerms::Conditional => assert!(e.used <= e.total, "{e:?}"),
            RefundTerms::Switched => assert!(e.used <= e.total && e.fee.is_zero(), "{e:?}"),
            RefundTerms::FiveDay | RefundTerms::NotStarted | RefundTerms::ProvisioningFailed => {
                assert!(e.consumed.is_zero() && e.fee.is_zero(), "{e:?}");
            }
        }
    }

    /// What holds after every event.
    fn books(&self) {
        let account = self.account.as_ref().unwrap();
        let ledger = &account.ledger;
        assert!(!ledger.cash().is_negative() && !ledger.debt().is_positive());
        let underway = account.returns.underway.values();
        let zero = Amount::zero(account.currency());
        let underway = underway.fold(zero, |sum, amount| sum.plus(*amount).unwrap());
        assert_eq!(ledger.balance(&Book::Underway), underway, "what is under way will arrive");
        assert!(!ledger.credit().is_positive() && !account.credit_left().unwrap().is_negative());
        for (id, coupon) in &account.coupons {
            let held = ledger.balance(&Book::Coupon(id.clone()));
            assert_eq!(coupon.balance, held, "{id}");
            assert!(!held.is_negative(), "{id}");
        }
    }

    /// What holds at the end: nothing is left to settle, and the log tells the whole state.
    pub(crate) fn close(&self, desk: &Desk) {
        assert_eq!(
            self.account.as_ref().unwrap(),
            desk.account(),
            "the state is the fold of the log"
        );
        for (phone, meter) in &self.meters {
            assert_eq!(meter.billed, meter.used, "seconds of {phone}");
        }
        assert!(desk.account().unbilled.is_empty(), "every month is charged");
        let left = desk.account().phones.values().filter(|phone| phone.metering().is_some());
        assert_eq!(left.count(), 0, "every deleted phone is settled");
    }
}

fn drawn(split: &Split, coupon: &CouponId) -> Amount {
    let zero = Amount::zero(split.cash.currency());
    let parts = split.coupons.iter().filter(|part| part.coupon == *coupon).map(|part| part.amount);
    parts.fold(zero, |sum, part| sum.plus(part).unwrap())
}
