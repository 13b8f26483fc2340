//! The fold: state changes here and nowhere else. [`apply`] trusts that an event happened and
//! refuses only what contradicts the state it meets, so that a judge can apply what was observed.

mod call;
mod control;
mod device;
mod freeze;
mod funds;
mod identity;
mod mode;
mod orders;
mod organisation;
mod session;

use crate::decision::Fault;
use crate::event::{
    AutoRenewalResult, Event, Provisioned, RefundTerms, RefundTo, Refunded, Renewed, SizeChanged,
    Unsubscribed,
};
use crate::ledger::Ledger;
use crate::lifecycle::{ArrearsStatus, ArrearsTrigger, PhoneStatus, PhoneTrigger};
use crate::money::MoneyError;
use crate::name::PhoneId;
use crate::state::{
    Account, Arrears, AtExpiry, Charging, Coupon, FiveDayUse, FreezeCause, Holds, Mark, Metering,
    Order, Period, Phase, Phone, PhonePlace, Review, Spend, Split, Stretches, Subscription, Usage,
};
use crate::term::Anchor;
use crate::time::{SimDuration, SimTime};

/// Lets `event` happen to `account` at `at`. After an error the account may be half changed.
pub fn apply(account: &mut Account, at: SimTime, event: &Event) -> Result<(), Fault> {
    apply_near(account, at, event, PhonePlace::default())
}

/// As [`apply`]; the phone of a settlement is looked for where it was last seen.
#[inline]
pub fn apply_near(
    account: &mut Account,
    at: SimTime,
    event: &Event,
    seen: PhonePlace,
) -> Result<(), Fault> {
    // A fleet has hundreds of settlements to every other event: the same steps, each told what it is for.
    if let Event::Settled(e) = event {
        let post = |ledger: &mut Ledger| ledger.pay(&e.paid);
        return take_steps(account, at, (Some(&e.paid), None), post, |account| {
            draw_on_coupons(account, &e.paid)?;
            settle(account, (&e.phone, seen), e.from, event)
        });
    }
    let sources = (event.paid(), event.returned());
    let post = |ledger: &mut Ledger| ledger.post(event);
    take_steps(account, at, sources, post, |account| change(account, at, event))
}

/// The steps of every event, in their order.
#[inline(always)]
fn take_steps(
    account: &mut Account,
    at: SimTime,
    sources: (Option<&Split>, Option<&Split>),
    post: impl FnOnce(&mut Ledger) -> Result<(), MoneyError>,
    change: impl FnOnce(&mut Account) -> Result<(), Fault>,
) -> Result<(), Fault> {
    post(&mut account.ledger)?;
    account.tier_year.get_or_insert_with(|| at.day().year());
    Spend::count(&mut account.spend, account.ledger.cash().currency(), at, sources)?;
    change(account)?;
    funds::after(account, at, sources)
}

fn change(account: &mut Account, at: SimTime, event: &Event) -> Result<(), Fault> {
    match event {
        // The opening made the account; what was told changes nothing in it.
        Event::AccountOpened(_)
        | Event::ToppedUp(_)
        | Event::Notified(_)
        | Event::RefusedFor(_)
        | Event::PermissionAnswered(_)
        | Event::DeedAnswered(_)
        | Event::TokenChecked(_) => Ok(()),
        Event::CouponGranted(e) => {
            let zero = crate::money::Amount::zero(account.currency());
            let balance = e.terms.worth.money().map_or(zero, |(_, amount)| amount);
            account
                .coupons
                .insert(e.coupon.clone(), Coupon { terms: e.terms.clone(), balance, used: false });
            Ok(())
        }
        Event::VerificationSet(_)
        | Event::TierSet(_)
        | Event::PromotionGranted(_)
        | Event::DeductionDaySet(_)
        | Event::UnifiedDaySet(_)
        | Event::PartnerFreezeSet(_) => {
            device::apply_to_standing(account, at, event);
            Ok(())
        }
        Event::OrderPlaced(_)
        | Event::ApprovalSet(_)
        | Event::OrderApproved(_)
        | Event::OrderConfirmed(_)
        | Event::PaymentFailed(_)
        | Event::Charged(_)
        | Event::OrderCancelled(_)
        | Event::OrderCompleted(_)
        | Event::ProvisioningFailed(_) => orders::apply_to_orders(account, at, event),
        Event::Metered(_)
        | Event::MonthCharged(_)
        | Event::ArrearsStarted(_)
        | Event::ArrearsCleared(_) => apply_to_usage(account, event),
        Event::Refunded(e) => refunded(account, at, e, event),
        Event::TransferSent(_)
        | Event::TransferArrived(_)
        | Event::Withdrawn(_)
        | Event::DiscountsSet(_)
        | Event::SettlementSet(_)
        | Event::MonthSettled(_)
        | Event::AlertSet(_)
        | Event::BalanceAlert(_)
        | Event::DepositFrozen(_)
        | Event::DepositReleased(_)
        | Event::ErasedKept(_)
        | Event::ErasedCollected(_)
        | Event::UsePaused(_)
        | Event::UseResumed(_) => funds::apply_to_funds(account, at, event),
        Event::SizeChanged(e) => resize(account, at, e, event),
        Event::RefundArrived(_)
        | Event::DebtPaid(_)
        | Event::UnsubscribeFailed(_)
        | Event::ReviewStarted(_)
        | Event::ReviewEnded(_)
        | Event::Marked(_)
        | Event::FiveDayRightVoided(_) => apply_to_returns(account, at, event),
        _ if is_of_people(event) => apply_to_people(account, at, event),
        _ => {
            apply_to_phones(account, at, event)?;
            let phones = &account.phones;
            account.returns.keep(|phone| phones.contains_key(phone));
            Ok(())
        }
    }
}

const fn is_of_people(event: &Event) -> bool {
    identity::is_theirs(event)
        || organisation::is_theirs(event)
        || control::is_theirs(event)
        || session::trigger(event).is_some()
        || call::is_theirs(event)
}

/// Who may do what, who uses phones and streams, who calls through them, and what is controlled in them.
fn apply_to_people(account: &mut Account, at: SimTime, event: &Event) -> Result<(), Fault> {
    if let Some(trigger) = session::trigger(event) {
        session::apply_to_session(account, event, trigger)
    } else if identity::is_theirs(event) {
        identity::apply_to_identity(account, at, event)
    } else if organisation::is_theirs(event) {
        organisation::apply_to_all(account, event)
    } else if call::is_theirs(event) {
        call::apply_to_telephony(account, event)
    } else {
        control::apply_to_controls(account, event)
    }
}

/// R10.5: the period in use is worth more or less from here on, and renewals that were paid before
/// cannot go by themselves (R9.6).
fn resize(account: &mut Account, at: SimTime, e: &SizeChanged, event: &Event) -> Result<(), Fault> {
    let phone = step_phone(account, &e.phone, event, PhoneTrigger::Unsubscribe)?;
    phone.details.size = e.to.clone();
    let subscription = subscription(account, &e.phone, event)?;
    for period in subscription.periods.iter_mut().filter(|period| period.order == e.order) {
        let paid = &mut period.paid;
        for part in &mut paid.coupons {
            let back = e.returned.coupons.iter().find(|back| back.coupon == part.coupon);
            part.amount = back.map_or(Ok(part.amount), |back| part.amount.minus(back.amount))?;
        }
        paid.cash = paid.cash.plus(e.paid.cash)?.minus(e.returned.cash)?;
        paid.credit = paid.credit.plus(e.paid.credit)?.minus(e.returned.credit)?;
    }
    let waiting = subscription.periods.iter().any(|period| period.from > at);
    if waiting {
        let marks = account.returns.marks.entry(e.phone.clone()).or_default();
        marks.insert(Mark::ChangedSince);
    }
    for part in &e.returned.coupons {
        if let Some(coupon) = account.coupons.get_mut(&part.coupon) {
            coupon.balance = coupon.balance.plus(part.amount)?;
        }
    }
    Ok(())
}

/// What bears on giving subscriptions back.
fn apply_to_returns(account: &mut Account, at: SimTime, event: &Event) -> Result<(), Fault> {
    match event {
        Event::RefundArrived(e) => {
            account.returns.underway.remove(&e.arrives);
            Ok(())
        }
        Event::Marked(e) => {
            if !account.phones.contains_key(&e.phone) {
                return Err(missing(event, "phone", &e.phone));
            }
            account.returns.marks.entry(e.phone.clone()).or_default().insert(e.mark);
            Ok(())
        }
        Event::FiveDayRightVoided(_) => {
            account.returns.five_day_voided = true;
            Ok(())
        }
        Event::ReviewStarted(e) => {
            for phone in &e.phones {
                step_phone(account, phone, event, PhoneTrigger::Unsubscribe)?;
            }
            let first = e.phones.first().ok_or(Fault::Range("phones of a review"))?;
            let review = Review { phones: e.phones.clone(), what: e.what, asked: at };
            account.returns.reviews.insert(first.clone(), review);
            Ok(())
        }
        Event::ReviewEnded(e) => {
            let ended = e.phones.first().and_then(|first| account.returns.reviews.remove(first));
            let first = e.phones.first().map_or_else(String::new, ToString::to_string);
            ended.map(drop).ok_or_else(|| missing(event, "review", &first))
        }
        _ => Ok(()),
    }
}

fn apply_to_usage(account: &mut Account, event: &Event) -> Result<(), Fault> {
    match event {
        Event::Metered(e) => {
            let net = e.official.minus(e.discount)?;
            let cycle = crate::rules::usage::cycle_of(e.to);
            let sum = account.unbilled.get(&cycle).copied();
            let sum = sum.map_or(Ok(net), |sum| sum.plus(net))?;
            account.unbilled.insert(cycle, sum);
            settle(account, (&e.phone, PhonePlace::default()), e.from, event)
        }
        Event::MonthCharged(e) => {
            draw_on_coupons(account, &e.paid)?;
            account.unbilled.remove(&e.cycle);
            Ok(())
        }
        Event::ArrearsStarted(e) => {
            step_arrears(account, event, ArrearsTrigger::Start)?;
            account.arrears = Arrears::Grace { until: e.grace_until };
            Ok(())
        }
        Event::ArrearsCleared(_) => {
            step_arrears(account, event, ArrearsTrigger::Clear)?;
            account.arrears = Arrears::None;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn apply_to_phones(account: &mut Account, at: SimTime, event: &Event) -> Result<(), Fault> {
    match event {
        Event::Provisioned(e) => provision(account, at, e, event),
        Event::AutoRenewalSet(e) => {
            let subscription = subscription(account, &e.phone, event)?;
            subscription.auto_renewal = e.setting;
            subscription.attempt_failed = false;
            Ok(())
        }
        Event::AutoRenewalTried(e) => {
            let subscription = subscription(account, &e.phone, event)?;
            subscription.attempt_failed = e.result != AutoRenewalResult::Renewed;
            if let (AutoRenewalResult::Renewed, Some(setting)) =
                (e.result, &mut subscription.auto_renewal)
            {
                setting.times_left = setting.times_left.map(|left| left.saturating_sub(1));
            }
            Ok(())
        }
        Event::AtExpirySet(e) => {
            subscription(account, &e.phone, event)?.at_expiry = e.policy;
            Ok(())
        }
        Event::BecameOnDemand(e) => mode::become_on_demand(account, at, e, event),
        Event::BecameSubscribed(e) => mode::become_subscribed(account, at, e, event),
        Event::Renewed(e) => renew(account, at, e, event),
        Event::Created(e) => {
            expect_absent(account, &e.phone, event)?;
            account.returns.begin(&e.phone);
            let charging = Charging::OnDemand(Metering::begun(e.unit_price, Stretches::new(), at));
            let mut phone = Phone::new(e.size.clone(), charging, e.place.clone());
            phone.details.since = Some(at);
            account.phones.insert(e.phone.clone(), phone);
            Ok(())
        }
        Event::PowerSet(_)
        | Event::OperationStarted(_)
        | Event::OperationDone(_)
        | Event::OperationFailed(_)
        | Event::Bound(_)
        | Event::Unbound(_) => device::apply_to_device(account, event),
        Event::Expired(e) => {
            step_phone(account, &e.phone, event, PhoneTrigger::Expire)?;
            subscription(account, &e.phone, event)?.phase = Phase::Grace { until: e.grace_until };
            Ok(())
        }
        Event::Unsubscribed(e) => unsubscribe(account, e, event),
        _ => apply_to_access(account, at, event),
    }
}

/// What a phone had begun to do, and what lies over it, ends with the phone; its last use may stay.
fn forget_device(phone: &mut Phone) {
    phone.details.task = None;
    phone.details.holds = Holds::default();
}

/// Freezing and its end, release and deletion.
fn apply_to_access(account: &mut Account, at: SimTime, event: &Event) -> Result<(), Fault> {
    match event {
        Event::Deleted(e) => {
            let phone = step_phone(account, &e.phone, event, PhoneTrigger::Delete)?;
            forget_device(phone);
            let Charging::OnDemand(metering) = &mut phone.charging else {
                return Err(missing(event, "on-demand phone", &e.phone));
            };
            metering.deleted = true;
            metering.stop_use(at);
            forget_settled(account, &e.phone);
            Ok(())
        }
        Event::Frozen(e) => freeze::freeze(account, at, e, event),
        Event::Unfrozen(e) => freeze::unfreeze(account, at, e, event),
        Event::Released(e) => {
            let for_debt = e.cause == FreezeCause::Arrears;
            let arrears = for_debt.then(|| step_arrears(account, event, ArrearsTrigger::Release));
            let arrears = arrears.transpose()?;
            let trigger = match e.cause {
                FreezeCause::Violation => PhoneTrigger::Revoke,
                FreezeCause::Expiry | FreezeCause::Arrears | FreezeCause::Police => {
                    PhoneTrigger::Release
                }
            };
            let phone = step_phone(account, &e.phone, event, trigger)?;
            if let Charging::OnDemand(metering) = &mut phone.charging {
                metering.deleted = true;
                metering.stop_use(at);
                forget_device(phone);
                if arrears == Some(ArrearsStatus::Released) {
                    account.arrears = Arrears::Released;
                }
                forget_settled(account, &e.phone);
            } else {
                mode::remove(account, &e.phone);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn missing(event: &Event, what: &'static str, name: &impl ToString) -> Fault {
    Fault::Missing { event: event.kind(), what, name: name.to_string() }
}

fn illegal(event: &Event, name: &impl ToString, status: &'static str) -> Fault {
    Fault::Illegal { event: event.kind(), name: name.to_string(), status }
}

/// Checks that the trigger is legal for the account, and tells where it leads.
fn step_arrears(
    account: &Account,
    event: &Event,
    trigger: ArrearsTrigger,
) -> Result<ArrearsStatus, Fault> {
    let status = account.arrears.status();
    status.after(trigger).ok_or_else(|| illegal(event, &"the account", status.name()))
}

/// Checks that the trigger is legal for the phone and hands it out for the change.
fn step_phone<'a>(
    account: &'a mut Account,
    id: &PhoneId,
    event: &Event,
    trigger: PhoneTrigger,
) -> Result<&'a mut Phone, Fault> {
    let phone = account.phones.get_mut(id).ok_or_else(|| missing(event, "phone", id))?;
    let status = phone.stage();
    match status.after(trigger) {
        Some(_) => Ok(phone),
        None => Err(illegal(event, id, status.name())),
    }
}

fn subscription<'a>(
    account: &'a mut Account,
    id: &PhoneId,
    event: &Event,
) -> Result<&'a mut Subscription, Fault> {
    match account.phones.get_mut(id).map(|phone| &mut phone.charging) {
        Some(Charging::Subscribed(subscription)) => Ok(subscription),
        _ => Err(missing(event, "subscription", id)),
    }
}

/// A new phone takes a name that no phone has.
fn expect_absent(account: &Account, id: &PhoneId, event: &Event) -> Result<(), Fault> {
    match account.phones.get(id) {
        Some(phone) => Err(illegal(event, id, phone.status().name())),
        None => Ok(()),
    }
}

fn provision(
    account: &mut Account,
    at: SimTime,
    e: &Provisioned,
    event: &Event,
) -> Result<(), Fault> {
    let order = account.orders.get(&e.order).ok_or_else(|| missing(event, "order", &e.order))?;
    let paid = orders::share_of(order, &e.phone, missing(event, "paid order", &e.order))?;
    let (term, auto_renewal) = (order.term, order.auto_renewal);
    let phone = step_phone(account, &e.phone, event, PhoneTrigger::Provisioned)?;
    let anchor = Anchor::at(e.effective);
    let (order, from, to, anchor_day) =
        (e.order.clone(), e.effective, e.expires, anchor.day_of_month());
    let period = Period { order, term, from, to, anchor_day, paid };
    phone.details.since = Some(at);
    phone.charging = Charging::Subscribed(Box::new(Subscription {
        phase: Phase::Active,
        anchor,
        periods: vec![period],
        expires: e.expires,
        auto_renewal,
        attempt_failed: false,
        at_expiry: AtExpiry::Grace,
        metered_before: None,
    }));
    Ok(())
}

fn renew(account: &mut Account, at: SimTime, e: &Renewed, event: &Event) -> Result<(), Fault> {
    let order = account.orders.get(&e.order).ok_or_else(|| missing(event, "order", &e.order))?;
    let paid = orders::share_of(order, &e.phone, missing(event, "paid order", &e.order))?;
    let (term, unified) = (order.term, order.unified.as_ref().map(|unified| unified.anchor_day));
    step_phone(account, &e.phone, event, PhoneTrigger::Renewed)?;
    let subscription = subscription(account, &e.phone, event)?;
    let anchor_day = unified.unwrap_or(subscription.anchor_day());
    // What has ended can be neither refunded nor read again.
    subscription.periods.retain(|period| period.to.boundary() > at);
    let (order, from, to) = (e.order.clone(), e.from.boundary(), e.expires);
    subscription.periods.push(Period { order, term, from, to, anchor_day, paid });
    subscription.expires = e.expires;
    subscription.phase = Phase::Active;
    subscription.attempt_failed = false;
    Ok(())
}

fn unsubscribe(account: &mut Account, e: &Unsubscribed, event: &Event) -> Result<(), Fault> {
    step_phone(account, &e.phone, event, PhoneTrigger::Unsubscribe)?;
    let subscription = subscription(account, &e.phone, event)?;
    let Some(expires) = e.expires else {
        mode::remove(account, &e.phone);
        return Ok(());
    };
    subscription.periods.retain(|period| period.to <= expires);
    subscription.expires = expires;
    Ok(())
}

fn refunded(account: &mut Account, at: SimTime, e: &Refunded, event: &Event) -> Result<(), Fault> {
    let failed = |order: &Order| order.failed.contains(&e.phone);
    let known = match e.terms {
        // What failed is gone before it is paid back (R1.13).
        RefundTerms::ProvisioningFailed => account.orders.get(&e.order).is_some_and(failed),
        _ => account.phones.contains_key(&e.phone),
    };
    if !known {
        return Err(missing(event, "phone", &e.phone));
    }
    for part in &e.refund.coupons {
        if let Some(coupon) = account.coupons.get_mut(&part.coupon) {
            coupon.balance = coupon.balance.plus(part.amount)?;
        }
    }
    if let RefundTo::CashLater { arrives } = e.to {
        let before = account.returns.underway.get(&arrives).copied();
        let sum = before.map_or(Ok(e.refund.cash), |before| before.plus(e.refund.cash))?;
        account.returns.underway.insert(arrives, sum);
    }
    if e.terms == RefundTerms::FiveDay {
        let year = at.day().year();
        let count = account.five_day_uses(year).saturating_add(1);
        account.five_day = Some(FiveDayUse { year, count });
    }
    Ok(())
}

#[inline(always)]
fn draw_on_coupons(account: &mut Account, paid: &Split) -> Result<(), Fault> {
    for part in &paid.coupons {
        if let Some(coupon) = account.coupons.get_mut(&part.coupon) {
            coupon.balance = coupon.balance.minus(part.amount)?;
        }
    }
    Ok(())
}

/// Forgets the use in the clock hour that holds `from`; answers whether the last stretch begins later now, or
/// is gone. What lies before and after the hour stays, since hours may be settled out of order.
#[inline]
pub(crate) fn cut_hour(unsettled: &mut Stretches, from: SimTime) -> bool {
    let start = from.floor_to_hour();
    let end = start + SimDuration::from_hours(1);
    // Mostly there is one stretch, which goes on and whose earlier hours are settled.
    if let [Usage { from, to: None }] = unsettled.as_mut_slice()
        && *from >= start
    {
        let cut = *from < end;
        *from = end.max(*from);
        return cut;
    }
    let begun = unsettled.last().map(|usage| usage.from);
    let (mut kept, mut parted) = (0, None);
    unsettled.retain_mut(|usage| {
        let before = usage.from < start;
        let after = usage.to.is_none_or(|to| to > end) || usage.from >= end;
        let rest = Usage { from: usage.from.max(end), to: usage.to };
        kept += usize::from(before || after);
        if before {
            usage.to = Some(usage.to.map_or(start, |to| to.min(start)));
            parted = after.then_some((kept, rest)).or(parted);
        } else {
            *usage = rest;
        }
        before || after
    });
    // Only one stretch can reach over both ends of the hour.
    if let Some((place, rest)) = parted {
        unsettled.insert(place, rest);
    }
    unsettled.last().map(|usage| usage.from) != begun
}

/// Cuts the hour that holds `from` out of the unsettled use.
#[inline(always)]
fn settle(
    account: &mut Account,
    (id, seen): (&PhoneId, PhonePlace),
    from: SimTime,
    event: &Event,
) -> Result<(), Fault> {
    let phone = account.phones.find_mut(id, seen);
    let metering = match phone.map(|phone| &mut phone.charging) {
        Some(Charging::OnDemand(metering)) => metering,
        Some(Charging::Subscribed(subscription)) if subscription.metered_before.is_some() => {
            return mode::settle_before(&mut subscription.metered_before, from);
        }
        _ => return Err(missing(event, "on-demand phone", id)),
    };
    metering.settled_before |= cut_hour(&mut metering.unsettled, from);
    if metering.deleted && metering.unsettled.is_empty() {
        account.phones.remove(id);
    }
    Ok(())
}

/// A deleted phone is forgotten once all of its use is settled.
fn forget_settled(account: &mut Account, id: &PhoneId) {
    let metering = account.metering(id);
    if metering.is_some_and(|m| m.deleted && m.unsettled.is_empty()) {
        account.phones.remove(id);
    }
}

/// The status of a phone, gone if it is not in the account.
pub fn phone_status(account: &Account, phone: &PhoneId) -> PhoneStatus {
    account.phones.get(phone).map_or(PhoneStatus::Gone, Phone::status)
}
