//! What a renewal does (R5.2), and renewal by the service (R6.1 to R6.8). Renewal by hand is in `renew`.

use crate::decision::{Decision, Fault, Read, Reason, TimerKey, Window};
use crate::event::{
    AtExpirySet, AutoRenewalResult, AutoRenewalSet, AutoRenewalTried, DeductionDaySet, Event,
    PartnerFreezeSet, Renewed,
};
use crate::lifecycle::PhoneTrigger;
use crate::name::{CouponId, OrderId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::payment::{Payment, pay_orders};
use crate::rules::price::{Quote, quote};
use crate::rules::purchase::{Draft, Drafts, ToPay, place_and_pay};
use crate::rules::{
    Case, Params, RetriesEnd, access, arrears, expiry, living, product, promotion, r, unusable,
};
use crate::state::{AtExpiry, AutoRenewal, CouponWorth, OrderKind, Phone, Subscription, Unified};
use crate::term::{Expiry, Term};
use crate::time::SimTime;

const READ_ATTEMPT: &[Read] = &[
    Read { rule: r(3, 4), name: "counts_in_automatic_payment" },
    Read { rule: r(6, 1), name: "attempt_time" },
    Read { rule: r(6, 1), name: "first_attempt_days" },
    Read { rule: r(6, 2), name: "months_if_bought_by_month" },
    Read { rule: r(6, 2), name: "years_if_bought_by_year" },
    Read { rule: r(6, 4), name: "retries_end" },
    Read { rule: r(6, 8), name: "uses_vouchers" },
    Read { rule: r(6, 8), name: "tie" },
];

const ATTEMPT_RULES: &[RuleId] = &[r(6, 1), r(6, 2), r(6, 4), r(6, 6)];
const PARTNER_RULES: &[RuleId] = &[r(6, 10), r(6, 1), r(6, 4)];
const VOUCHER_RULES: &[RuleId] = &[r(6, 1), r(6, 2), r(6, 4), r(6, 6), r(6, 8)];

/// R5.8: whether what was bought and a renewal by `term` are longer together than allowed.
pub(super) fn too_long(
    case: &Case<'_>,
    phone: &Phone,
    term: Term,
    unified: Option<&Unified>,
) -> bool {
    let longest = case.params.renewal.total_months_max.zip(phone.subscription());
    longest.is_some_and(|(max, subscription)| {
        let end = unified.map_or(subscription.renewed_by(term), |unified| unified.expires);
        end > subscription.anchor.expiry_after(max)
    })
}

/// R1.4, R5.2, R5.6: the new period begins at the old expiry, also when that is past.
pub(super) fn lengthen(case: &Case<'_>, decision: &mut Decision, id: &PhoneId, paid: &ToPay<'_>) {
    let Some(subscription) = case.account.subscription(id) else { return };
    let (from, term, by, order) = (subscription.expires, paid.term, paid.kind, paid.order);
    let expires = paid.unified.map_or(subscription.renewed_by(term), |unified| unified.expires);
    let rules: &[RuleId] = match (by, term) {
        _ if paid.unified.is_some() => by![r(5, 6), r(5, 2), r(1, 4), r(5, 3), r(5, 7)],
        (OrderKind::AutoRenew, Term::Months(_)) => by![r(6, 1), r(1, 4), r(1, 5), r(5, 2)],
        (OrderKind::AutoRenew, Term::Years(_)) => by![r(6, 1), r(1, 4), r(1, 5), r(1, 6), r(5, 2)],
        (_, Term::Months(_)) => by![r(5, 2), r(1, 4), r(1, 5), r(5, 3), r(5, 7)],
        (_, Term::Years(_)) => by![r(5, 2), r(1, 4), r(1, 5), r(1, 6), r(5, 3), r(5, 7)],
    };
    let renewed = Renewed { phone: id.clone(), order: order.clone(), by, from, expires };
    decision.happen(rules, renewed);
    expiry::enter_phase(case, decision, id, expires);
    let ends_after_this = by == OrderKind::AutoRenew
        && subscription.auto_renewal.is_some_and(|setting| setting.times_left == Some(1));
    if subscription.auto_renewal.is_some() && !ends_after_this {
        schedule_first(case, decision, id, expires);
    }
}

/// Whether a setting is one that the service takes (R6.2, R6.6).
pub(super) fn legal(case: &Case<'_>, setting: AutoRenewal) -> bool {
    let term = setting.every.is_none_or(|term| product::is_term(case, term));
    let times = setting.times_left.is_none_or(|n| (1..=case.params.times_max).contains(&n));
    term && times
}

/// R6.3, R6.6, R6.7, R6.12: sets or cancels auto-renewal; only before expiry.
pub(super) fn set_auto_renewal(
    case: &Case<'_>,
    id: &PhoneId,
    setting: Option<AutoRenewal>,
) -> Decision {
    let Some(phone) = living(case, id) else {
        return Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(6, 7)]);
    };
    if setting.is_some_and(|setting| !legal(case, setting)) {
        return Decision::refuse(Reason::OutOfRange, by![r(6, 6)]);
    }
    if setting.is_some() && case.rules.catalogue().is_withdrawn(&phone.details.size, case.now) {
        return Decision::refuse(Reason::Withdrawn(phone.details.size.clone()), by![r(6, 7)]);
    }
    let every = setting.and_then(|setting| setting.every);
    if let Some((reason, rules)) =
        every.and_then(|term| product::term_unsold(case, &phone.details.size, term))
    {
        return Decision::refuse(reason, rules);
    }
    if phone.metering().is_some() {
        return Decision::refuse(Reason::OnDemand, by![r(2, 14), r(6, 7)]);
    }
    // The same states in which a subscription may be given back: before its end and provisioned.
    if let Some(reason) = unusable(case, phone, PhoneTrigger::Unsubscribe, id) {
        return Decision::refuse(reason, by![r(6, 7), r(6, 12)]);
    }
    if phone.details.holds.any() {
        return Decision::refuse(Reason::Frozen, by![r(6, 12), r(8, 8)]);
    }
    let last_term = phone.subscription().map_or(Term::Months(1), Subscription::last_term);
    let setting = setting.map(|setting| stored(case.params, setting, last_term));
    let mut decision = Decision { read: READ_ATTEMPT, ..Decision::default() };
    let rules = by![r(6, 7), r(6, 3), r(6, 6), r(6, 2), r(6, 11)];
    decision.happen(rules, AutoRenewalSet { phone: id.clone(), setting });
    decision.cancel(TimerKey::AutoRenewal(id.clone()));
    if let (Some(_), Some(subscription)) = (setting, phone.subscription()) {
        if subscription.at_expiry != AtExpiry::Grace {
            let (phone, policy) = (id.clone(), AtExpiry::Grace);
            decision.happen(by![r(7, 2), r(6, 7)], AtExpirySet { phone, policy });
        }
        schedule_first(case, &mut decision, id, subscription.expires);
    }
    decision
}

/// R6.10: while a partner freezes its customer, nothing renews itself.
pub(super) fn set_partner_freeze(frozen: bool) -> Decision {
    let mut decision = Decision::default();
    decision.happen(by![r(6, 10)], PartnerFreezeSet { frozen });
    decision
}

/// R6.5: the deduction day holds for the whole account, at once.
pub(super) fn set_deduction_day(case: &Case<'_>, days: u32) -> Decision {
    let params = case.params;
    if !(params.deduction_day_min..=params.deduction_day_max).contains(&days) {
        return Decision::refuse(Reason::OutOfRange, by![r(6, 5)]);
    }
    let mut decision = Decision { read: READ_ATTEMPT, ..Decision::default() };
    decision.happen(by![r(6, 5)], DeductionDaySet { days });
    for (id, phone) in case.account.phones.iter() {
        let subscription = phone.subscription().filter(|s| s.auto_renewal.is_some());
        let attempt = subscription.and_then(|s| daily_attempt(params, s.expires, days, case.now));
        // Where no daily attempt is left before expiry, the new day comes too late to matter.
        if let Some(at) = attempt {
            decision.schedule(TimerKey::AutoRenewal(id.clone()), Window::exactly(at));
        }
    }
    decision
}

/// Sets the timer of the first attempt for a subscription that ends at `expires`.
pub(super) fn schedule_first(
    case: &Case<'_>,
    decision: &mut Decision,
    id: &PhoneId,
    expires: Expiry,
) {
    let key = TimerKey::AutoRenewal(id.clone());
    match enabled_attempt(case.params, expires, case.account.deduction_days, case.now) {
        Some(at) => decision.schedule(key, Window::exactly(at)),
        None => decision.cancel(key),
    }
}

/// R6.1, R6.3: the first attempt once auto-renewal is on: the deduction day's, the next one after it,
/// or at once where the subscription ends before the next.
pub fn enabled_attempt(
    params: &Params,
    expires: Expiry,
    deduction_days: u32,
    now: SimTime,
) -> Option<SimTime> {
    let at_once = (now < expires.boundary()).then_some(now);
    daily_attempt(params, expires, deduction_days, now).or(at_once)
}

/// The deduction day's attempt or, after it, the next daily one, if that is before expiry.
fn daily_attempt(
    params: &Params,
    expires: Expiry,
    deduction_days: u32,
    now: SimTime,
) -> Option<SimTime> {
    let first_day = expires.day().minus_days(u64::from(deduction_days));
    let first = params.attempt_time.on(first_day);
    let attempt = if now <= first { first } else { next_daily(params, now) };
    (attempt < expires.boundary()).then_some(attempt)
}

/// R6.1, R6.4: the attempt after a failed one, while attempts go on.
pub fn retry_attempt(params: &Params, ends: SimTime, failed: SimTime) -> Option<SimTime> {
    let tomorrow = failed.day().plus_days(1);
    let attempt = params.attempt_time.on(tomorrow);
    (attempt < ends).then_some(attempt)
}

/// The first daily attempt not before `now`.
fn next_daily(params: &Params, now: SimTime) -> SimTime {
    let today = params.attempt_time.on(now.day());
    if now <= today { today } else { params.attempt_time.on(now.day().plus_days(1)) }
}

/// R6.2: a month if the last order was by month, a year if by year, unless the customer chose.
pub fn renewal_term(params: &Params, setting: AutoRenewal, last_order: Term) -> Term {
    setting.every.unwrap_or(match last_order {
        Term::Months(_) => Term::Months(params.months_if_bought_by_month),
        Term::Years(_) => Term::Years(params.years_if_bought_by_year),
    })
}

/// R6.11: a setting with its length fixed as of now, so that later renewals by hand do not change it.
pub(super) fn stored(params: &Params, setting: AutoRenewal, last_order: Term) -> AutoRenewal {
    AutoRenewal { every: Some(renewal_term(params, setting, last_order)), ..setting }
}

/// R6.1: the service tries to renew; it tries again every day until it succeeds or R6.4 ends it.
pub(super) fn attempt(case: &Case<'_>, id: &PhoneId) -> Result<Decision, Fault> {
    let silent = Decision { read: READ_ATTEMPT, ..Decision::default() };
    let Some(phone) = case.account.phones.get(id) else { return Ok(silent) };
    let Some(subscription) = phone.subscription() else { return Ok(silent) };
    let Some(setting) = subscription.auto_renewal else { return Ok(silent) };
    let term = renewal_term(case.params, setting, subscription.last_term());
    let available = case.account.available()?;
    let zero = crate::money::Amount::zero(case.account.currency());
    let unsold = product::term_unsold(case, &phone.details.size, term).is_some();
    let price = if unsold { None } else { quote(case, &phone.details.size, term, 1, None)? };
    let Some(Quote { official, discount, .. }) = price else {
        return Ok(fail(case, id, subscription, (AutoRenewalResult::NotSold, zero, available)));
    };
    let (phones, order) =
        ([id.clone()], OrderId::nth(case.account.orders_placed.saturating_add(1)));
    let to_pay = ToPay {
        order: &order,
        kind: OrderKind::AutoRenew,
        phones: &phones,
        size: &phone.details.size,
        region: phone.region(),
        term,
        unified: None,
        official,
        discount,
        group: None,
        held: false,
    };
    let promotion = promotion::remembered(case, to_pay, &[])?;
    let discount = promotion.as_ref().map_or(discount, |(_, off)| *off);
    let needed = official.minus(discount)?;
    let mut coupons: Vec<CouponId> = promotion.into_iter().map(|(id, _)| id).collect();
    coupons.extend(choose_voucher(case, to_pay, &coupons)?);
    let result = outcome(case, id, phone, to_pay, &coupons)?;
    if result != AutoRenewalResult::Renewed {
        return Ok(fail(case, id, subscription, (result, needed, available)));
    }
    let tried = AutoRenewalTried { phone: id.clone(), result, needed, available };
    succeed(case, phone, (setting, term), tried, &coupons)
}

/// What comes of an attempt to renew by such an order and with these coupons.
fn outcome(
    case: &Case<'_>,
    id: &PhoneId,
    phone: &Phone,
    to_pay: ToPay<'_>,
    coupons: &[CouponId],
) -> Result<AutoRenewalResult, Fault> {
    Ok(if case.account.partner_frozen {
        AutoRenewalResult::PartnerFrozen
    } else if arrears::in_arrears(case) {
        AutoRenewalResult::InArrears
    } else if access::renewal_barred(case.params, phone).is_some() {
        AutoRenewalResult::Frozen
    } else if case.account.open_order_of(id).is_some() || case.account.returns.under_review(id) {
        AutoRenewalResult::OrderPending
    } else if too_long(case, phone, to_pay.term, None) {
        AutoRenewalResult::TermTooLong
    } else if matches!(pay_orders(case, &[to_pay], coupons)?, Payment::Paid(_)) {
        AutoRenewalResult::Renewed
    } else {
        AutoRenewalResult::BalanceTooLow
    })
}

/// R6.8: the one voucher with the largest balance that may pay such an order and goes with a promotion
/// already chosen; of equal ones that which expires first, or that with the smaller name.
fn choose_voucher(
    case: &Case<'_>,
    to_pay: ToPay<'_>,
    promotion: &[CouponId],
) -> Result<Option<CouponId>, Fault> {
    if !case.params.renews_with_vouchers {
        return Ok(None);
    }
    let held = case.account.coupons.iter().filter(|(_, coupon)| {
        let voucher = matches!(coupon.terms.worth, CouponWorth::Voucher(_));
        voucher && coupon.balance.is_positive() && coupon.valid_at(case.now)
    });
    let mut held: Vec<_> = held.collect();
    held.sort_by_key(|(_, coupon)| {
        let end = case.params.voucher_tie_by_expiry.then_some(coupon.terms.valid_until);
        (std::cmp::Reverse(coupon.balance.value()), end)
    });
    for (id, _) in held {
        let mut named = promotion.to_vec();
        named.push(id.clone());
        let payment = pay_orders(case, &[to_pay], &named)?;
        if !matches!(payment, Payment::Refused(_)) {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

fn fail(
    case: &Case<'_>,
    id: &PhoneId,
    subscription: &Subscription,
    (result, needed, available): (AutoRenewalResult, crate::money::Amount, crate::money::Amount),
) -> Decision {
    let mut decision = Decision { read: READ_ATTEMPT, ..Decision::default() };
    let phone = id.clone();
    let rules =
        if result == AutoRenewalResult::PartnerFrozen { PARTNER_RULES } else { ATTEMPT_RULES };
    decision.happen(rules, AutoRenewalTried { phone, result, needed, available });
    let ends = match case.params.retries_end {
        RetriesEnd::Expiry => subscription.expires.boundary(),
        RetriesEnd::RetentionEnd => expiry::ends(case, subscription.expires).1,
    };
    if let Some(at) = retry_attempt(case.params, ends, case.now) {
        decision.schedule(TimerKey::AutoRenewal(id.clone()), Window::exactly(at));
    }
    decision
}

fn succeed(
    case: &Case<'_>,
    phone: &Phone,
    (setting, term): (AutoRenewal, Term),
    tried: AutoRenewalTried,
    coupons: &[CouponId],
) -> Result<Decision, Fault> {
    let (id, size) = (tried.phone.clone(), phone.details.size.clone());
    let (kind, phones, unified) = (OrderKind::AutoRenew, vec![id.clone()], None);
    let drafts = vec![Draft { kind, setup: None, phones, size, term, unified, auto_renewal: None }];
    let (group, waits_for, unsold) = (None, None, by![r(6, 1)]);
    let action = Drafts { drafts, group, waits_for, unsold };
    let mut decision = place_and_pay(case, action, Some(coupons))?;
    decision.read = READ_ATTEMPT;
    let by_voucher = coupons.iter().filter_map(|id| case.account.coupons.get(id));
    let by_voucher = by_voucher.filter(|coupon| coupon.terms.worth.money().is_some()).count() > 0;
    let rules = if by_voucher { VOUCHER_RULES } else { ATTEMPT_RULES };
    // The attempt is told first, then what it does; it counts once, at its own event (R6.6).
    decision.events.insert(0, crate::decision::Decided { event: Event::from(tried), rules });
    if setting.times_left == Some(1) {
        decision.happen(by![r(6, 6)], AutoRenewalSet { phone: id.clone(), setting: None });
        decision.cancel(TimerKey::AutoRenewal(id));
    }
    Ok(decision)
}
