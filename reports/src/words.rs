//! What commands and events say, in words. One sentence each, objects and amounts first; nothing
//! is worked out here that the log does not hold.

mod call;
mod device;
mod ending;
mod funds;
mod identity;
mod member;
mod session;

use koosim_model::command::{BuyItem, Op, OrderRef, ReviewAnswer, Tier, UnsubscribeWhat};
use koosim_model::event::{
    AccountOpened, CancelReason, Charged, Event, Frozen, OrderPlaced, Provisioned, RefundTerms,
    RefundTo, Refunded, ReviewVerdict, Settled,
};
use koosim_model::money::{Amount, Fraction};
use koosim_model::name::PhoneId;
use koosim_model::state::{
    AutoRenewal, CouponTerms, CouponWorth, FreezeCause, Mark, OrderKind, OrderWait, Power,
};
use koosim_model::time::SimTime;
use std::fmt::Display;

/// What a command asks for.
pub fn command(op: &Op) -> String {
    match op {
        Op::OpenAccount { tier, credit_limit, discount } => {
            opening(*tier, *credit_limit, *discount)
        }
        Op::TopUp { amount } => format!("top up {amount}"),
        Op::Transfer { .. }
        | Op::Withdraw { .. }
        | Op::SetDiscounts { .. }
        | Op::SetSettlement { .. }
        | Op::SetApproval { .. }
        | Op::SetAlert { .. } => funds::command(op),
        Op::GrantCoupon { coupon, terms } => format!("grant coupon {coupon}: {}", worth(terms)),
        Op::Buy { phones, size, term, setup, auto_renewal, payment } => {
            let renewal = auto_renewal.map(|r| format!(", {}", renewing(&r))).unwrap_or_default();
            let paying = paying(payment.as_deref());
            let setup = device::setup(*setup);
            format!("buy {}: {size}{setup} for {term}{renewal}{paying}", list(phones))
        }
        Op::BuyTogether { items, combination, payment } => {
            let lines: Vec<_> = items.iter().map(line).collect();
            let how = if *combination { "in combination" } else { "together" };
            format!("buy {how} {}{}", lines.join("; "), paying(payment.as_deref()))
        }
        Op::Offer { item } => format!("order for the customer {}", line(item)),
        Op::ConfirmOrder { order } => format!("confirm {}", orders(&[order])),
        Op::ApproveOrder { order } => format!("approve {}", orders(&[order])),
        Op::RefuseOrder { order } => format!("refuse {}", orders(&[order])),
        Op::PayOrder { orders: which, coupons } => {
            let which: Vec<_> = which.iter().collect();
            format!("pay {}{}", orders(&which), paying(Some(coupons)))
        }
        Op::CancelOrder { order } => format!("cancel {}", orders(&[order])),
        Op::Renew { .. }
        | Op::SetAutoRenewal { .. }
        | Op::SetDeductionDay { .. }
        | Op::SetUnifiedDay { .. }
        | Op::SetAtExpiry { .. }
        | Op::ToOnDemand { .. }
        | Op::Subscribe { .. }
        | Op::SetPartnerFreeze { .. } => ending::command(op),
        Op::Unsubscribe { phones, what } => {
            format!("unsubscribe {}{}", list(phones), given_back(*what))
        }
        Op::ChangeSize { phone, to } => format!("change the size of {phone} to {to}"),
        Op::AnswerReview { phone, answer } => reviewed(phone, *answer),
        Op::MarkPhone { phone, mark } => format!("note of {phone}: {}", noted(*mark)),
        Op::VoidFiveDayRight {} => "void the five-day right".to_owned(),
        Op::CreateOnDemand { phone, size } => format!("create {phone}: {size}, paid by use"),
        Op::Delete { phone } => format!("delete {phone}"),
        Op::SetPower { phone, to } => format!("power {phone} {}", power(*to)),
        Op::Operate { .. }
        | Op::FailOperation { .. }
        | Op::Bind { .. }
        | Op::Move { .. }
        | Op::Connect { .. }
        | Op::Release { .. }
        | Op::Freeze { .. }
        | Op::Unfreeze { .. }
        | Op::SetVerification { .. }
        | Op::GrantPromotion { .. } => device::command(op),
        Op::Identity(_)
        | Op::Ask(_)
        | Op::Organise(_)
        | Op::Client(_)
        | Op::Control(_)
        | Op::Session(_)
        | Op::Call(_) => people(op),
        Op::FailProvisioning { order, phones } => failing(&orders(&[order]), phones),
    }
}

fn opening(tier: Tier, credit_limit: Amount, discount: Fraction) -> String {
    let credit = credit_limit.is_positive().then(|| format!(", credit {credit_limit}"));
    let terms = [credit, taken_off(discount)].into_iter().flatten().collect::<String>();
    format!("open the account: tier {}{terms}", tier.name())
}

fn reviewed(phone: &PhoneId, answer: ReviewAnswer) -> String {
    let word = if answer == ReviewAnswer::Approve { "approve" } else { "refuse" };
    format!("{word} the unsubscription of {phone}")
}

/// Who may do what, who uses phones, and what is controlled in them.
fn people(op: &Op) -> String {
    match op {
        Op::Identity(op) => identity::command(op),
        Op::Ask(question) => identity::question(question),
        Op::Organise(op) => member::organisation(op),
        Op::Client(op) => member::client(op),
        Op::Control(op) => member::control(op),
        Op::Session(op) => session::command(op),
        Op::Call(op) => call::command(op),
        _ => String::new(),
    }
}

fn failing(order: &str, phones: &[PhoneId]) -> String {
    match phones {
        [] => format!("let the provisioning of {order} fail"),
        phones => format!("let the provisioning of {} fail: {order}", list(phones)),
    }
}

/// What an event says.
pub fn event(event: &Event) -> String {
    let told = funds::event(event).or_else(|| identity::event(event));
    let told = told.or_else(|| member::event(event)).or_else(|| session::event(event));
    let told = told.or_else(|| call::event(event));
    told.unwrap_or_else(|| of_service(event))
}

fn of_service(event: &Event) -> String {
    match event {
        Event::AccountOpened(e) => opened(e),
        Event::ToppedUp(e) => format!("topped up {}", e.amount),
        Event::CouponGranted(e) => format!("coupon {} granted: {}", e.coupon, worth(&e.terms)),
        Event::DeductionDaySet(e) => format!("deduction day set: {}", days_before(e.days)),
        Event::UnifiedDaySet(e) => format!("unified day set: {}", month_day(e.day)),
        Event::OrderPlaced(e) => placed(e),
        Event::PaymentFailed(e) => {
            format!("order {} not paid: {}", e.order, short_of(e.needed, e.available))
        }
        Event::Charged(e) => charged(e),
        Event::OrderCancelled(e) => format!("order {} cancelled: {}", e.order, cancel(e.reason)),
        Event::OrderCompleted(e) => format!("order {} completed", e.order),
        Event::Provisioned(e) => provisioned(e),
        Event::AutoRenewalSet(_)
        | Event::AtExpirySet(_)
        | Event::BecameOnDemand(_)
        | Event::BecameSubscribed(_)
        | Event::PartnerFreezeSet(_)
        | Event::AutoRenewalTried(_)
        | Event::Notified(_)
        | Event::RefusedFor(_)
        | Event::Renewed(_) => ending::event(event),
        Event::Created(e) => format!("{} created: {}, {} an hour", e.phone, e.size, e.unit_price),
        Event::Deleted(e) => format!("{} deleted", e.phone),
        Event::PowerSet(e) => format!("{} powered {}", e.phone, power(e.to)),
        Event::OperationStarted(_)
        | Event::OperationDone(_)
        | Event::OperationFailed(_)
        | Event::Bound(_)
        | Event::Unbound(_)
        | Event::VerificationSet(_)
        | Event::TierSet(_)
        | Event::PromotionGranted(_) => device::event(event),
        Event::Settled(e) => settled(e),
        Event::Metered(e) => {
            let used = usage(e.seconds, e.from, e.to);
            format!("{} metered: {used}, {} at list price", e.phone, e.official)
        }
        Event::MonthCharged(e) => format!("month from {} charged: {}", e.cycle, e.due),
        Event::ArrearsStarted(e) => {
            format!("in arrears with {}: grace until {}", e.debt, wall(e.grace_until))
        }
        Event::ArrearsCleared(_) => "out of arrears".to_owned(),
        Event::Expired(_) | Event::Frozen(_) | Event::Unfrozen(_) | Event::Released(_) => {
            access(event)
        }
        Event::Unsubscribed(_)
        | Event::Refunded(_)
        | Event::ProvisioningFailed(_)
        | Event::SizeChanged(_)
        | Event::RefundArrived(_)
        | Event::DebtPaid(_)
        | Event::UnsubscribeFailed(_)
        | Event::ReviewStarted(_)
        | Event::ReviewEnded(_)
        | Event::Marked(_)
        | Event::FiveDayRightVoided(_) => returning(event),
        // Money and approval are told elsewhere.
        _ => String::new(),
    }
}

fn opened(e: &AccountOpened) -> String {
    let first = days_before(e.deduction_days);
    format!("account opened: tier {}, auto-renewal from {first}", e.tier.name())
}

fn provisioned(e: &Provisioned) -> String {
    let since = wall(e.effective);
    let (phone, order, expires) = (&e.phone, &e.order, e.expires);
    format!("{phone} provisioned by order {order}: counts from {since}, expires {expires}")
}

fn frozen(e: &Frozen) -> String {
    let kept = |until| format!(": kept until {}", wall(until));
    let until = e.retention_until.map(kept).unwrap_or_default();
    let accrues = if e.accrues { ", charged on" } else { "" };
    format!("{} frozen for {}{until}{accrues}", e.phone, cause(e.cause))
}

fn line(item: &BuyItem) -> String {
    let renewal = item.auto_renewal.map(|r| format!(", {}", renewing(&r))).unwrap_or_default();
    format!("{}: {} for {}{renewal}", list(&item.phones), item.size, item.term)
}

fn orders(which: &[&OrderRef]) -> String {
    let one = |order: &&OrderRef| match order {
        OrderRef::Named(order) => format!("order {order}"),
        OrderRef::LastOf(phone) => format!("the open order of {phone}"),
    };
    which.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Freezing and its end, and what goes before and after.
fn access(event: &Event) -> String {
    match event {
        Event::Expired(e) => format!("{} expired: grace until {}", e.phone, wall(e.grace_until)),
        Event::Frozen(e) => frozen(e),
        Event::Unfrozen(e) => format!("{} unfrozen after {}", e.phone, cause(e.cause)),
        Event::Released(e) => format!("{} released after {}", e.phone, cause(e.cause)),
        _ => String::new(),
    }
}

/// What bears on giving subscriptions back.
fn returning(event: &Event) -> String {
    match event {
        Event::Unsubscribed(e) => {
            let rest = e.expires.map(|at| format!(": expires {at}")).unwrap_or_default();
            format!("{} unsubscribed{}{rest}", e.phone, given_back(e.what))
        }
        Event::Refunded(e) => refunded(e),
        Event::ProvisioningFailed(e) => {
            format!("provisioning of {} failed: order {}", list(&e.phones), e.order)
        }
        Event::SizeChanged(e) => {
            format!("{} changed from {} to {}: {} due", e.phone, e.from, e.to, e.due)
        }
        Event::RefundArrived(e) => format!("refund of {} arrived", e.amount),
        Event::DebtPaid(e) => format!("debt of {} paid", e.amount),
        Event::UnsubscribeFailed(e) => format!("{} not unsubscribed: {}", e.phone, e.reason),
        Event::ReviewStarted(e) => {
            let (phones, until) = (list(&e.phones), wall(e.decide_by));
            format!("unsubscription of {phones} under review for {}: until {until}", e.refund)
        }
        Event::ReviewEnded(e) => {
            format!("review of {} over: {}", list(&e.phones), verdict(e.verdict))
        }
        Event::Marked(e) => format!("{} noted: {}", e.phone, noted(e.mark)),
        Event::FiveDayRightVoided(_) => "five-day right voided".to_owned(),
        _ => String::new(),
    }
}

fn placed(e: &OrderPlaced) -> String {
    let (phones, kind) = (list(&e.phones), kind(e.kind));
    let less = if e.discount.is_zero() {
        String::new()
    } else {
        format!(" ({} less {})", e.official, e.discount)
    };
    let waits = match e.waits_for {
        OrderWait::Payment => "",
        OrderWait::Approval => ", to be approved",
        OrderWait::Confirmation => ", to be confirmed",
    };
    let group = e.group.as_ref().filter(|group| group.first != e.order);
    let with = group.map(|group| format!(" with {}", group.first)).unwrap_or_default();
    let unified = e.unified.as_ref().filter(|unified| unified.extra_days > 0);
    let on = unified.map(|u| format!(" and {} days more", u.extra_days)).unwrap_or_default();
    format!(
        "order {} placed{with} ({kind}): {phones}, {} for {}{on}, {} due{less} by {}{waits}",
        e.order,
        e.size,
        e.term,
        e.due,
        wall(e.pay_by)
    )
}

fn charged(e: &Charged) -> String {
    let promotion = e.promotion.as_ref();
    let promoted = promotion.map(|p| format!(", {} off in {p}", e.discount)).unwrap_or_default();
    let coupon = e.discount_coupon.as_ref();
    let off = coupon.map(|c| format!(", {} off by {c}", e.coupon_discount)).unwrap_or_default();
    let (kind, phones) = (kind(e.reason), list(&e.phones));
    format!("{} charged: order {} ({kind}) of {phones}{promoted}{off}", e.due, e.order)
}

fn settled(e: &Settled) -> String {
    let used = usage(e.seconds, e.from, e.to);
    format!("{} charged: use of {}, {used}", e.due, e.phone)
}

fn refunded(e: &Refunded) -> String {
    let terms = match e.terms {
        RefundTerms::FiveDay => "within five days",
        RefundTerms::Conditional => "in use",
        RefundTerms::Switched => "until it became on-demand",
        RefundTerms::NotStarted => "not begun",
        RefundTerms::ProvisioningFailed => "never provisioned",
    };
    let less = match e.terms {
        RefundTerms::Conditional | RefundTerms::Switched => {
            format!(": {} of {} used for {}, fee {}", e.used, e.total, e.consumed, e.fee)
        }
        RefundTerms::FiveDay | RefundTerms::NotStarted | RefundTerms::ProvisioningFailed => {
            String::new()
        }
    };
    format!("{} refunded: order {} ({terms}){less}{}", e.phone, e.order, refunded_to(e.to))
}

/// An instant as people at UTC+8 read it.
pub fn wall(at: SimTime) -> String {
    at.wall().to_string()
}

/// What an order is for.
pub fn kind(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::New => "new",
        OrderKind::Renew => "renewal",
        OrderKind::AutoRenew => "auto-renewal",
        OrderKind::Subscribe => "on-demand to subscription",
    }
}

/// The state of a switch.
pub fn power(power: Power) -> &'static str {
    match power {
        Power::On => "on",
        Power::Off => "off",
    }
}

/// How a phone renews itself.
pub fn renewing(renewal: &AutoRenewal) -> String {
    let every = renewal.every.map_or_else(|| "as bought".to_owned(), |term| format!("by {term}"));
    let left = renewal.times_left.map(|n| format!(", {n} times")).unwrap_or_default();
    format!("renewing {every}{left}")
}

/// Names with commas between them.
pub fn list<T: Display>(names: &[T]) -> String {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    names.join(", ")
}

fn worth(terms: &CouponTerms) -> String {
    let what = match terms.worth {
        CouponWorth::Voucher(amount) => format!("voucher of {amount}"),
        CouponWorth::Flexi(amount) => format!("flexi of {amount}"),
        CouponWorth::Card(amount) => format!("card of {amount}"),
        CouponWorth::DiscountCoupon(part) => format!("{} off the price", part.value()),
        CouponWorth::Promotion(part) => format!("{} off in promotion", part.value()),
    };
    let limited = terms.limits.as_deref().map(funds::limits).unwrap_or_default();
    let (from, until) = (wall(terms.valid_from), wall(terms.valid_until));
    format!("{what}{limited}, valid from {from} until {until}")
}

fn taken_off(discount: Fraction) -> Option<String> {
    (discount != Fraction::ZERO).then(|| format!(", {} off list prices", discount.value()))
}

fn paying(coupons: Option<&[koosim_model::name::CouponId]>) -> String {
    match coupons {
        None => ", not paid yet".to_owned(),
        Some([]) => String::new(),
        Some(coupons) => format!(", with {}", list(coupons)),
    }
}

fn given_back(what: UnsubscribeWhat) -> String {
    match what {
        UnsubscribeWhat::PhoneAndRenewals => String::new(),
        UnsubscribeWhat::RenewalsOnly => " from renewals not begun".to_owned(),
        UnsubscribeWhat::RenewalsAfter(keep) => format!(" from renewals after {keep}"),
    }
}

fn refunded_to(to: RefundTo) -> String {
    match to {
        RefundTo::Cash => String::new(),
        RefundTo::CashLater { arrives } => format!(", arrives {}", wall(arrives)),
        RefundTo::Partner => ", cash to the partner".to_owned(),
        RefundTo::OriginalMethod => ", cash back the way it came".to_owned(),
    }
}

fn verdict(verdict: ReviewVerdict) -> &'static str {
    match verdict {
        ReviewVerdict::Approved => "approved",
        ReviewVerdict::Silent => "approved by silence",
        ReviewVerdict::Refused => "refused",
    }
}

fn noted(mark: Mark) -> &'static str {
    match mark {
        Mark::Free => "free",
        Mark::Trial => "on trial",
        Mark::OneOff => "a one-off product",
        Mark::Invoiced => "invoiced",
        Mark::StandardContract => "under a standard contract",
        Mark::SpecialPromotion => "had in a special promotion",
        Mark::NoFiveDayRight => "without five-day right",
        Mark::ChangedSince => "changed since its renewals",
        Mark::PromotionalRenewal => "renewed in a promotion",
        Mark::PaidByPartner => "paid by a partner",
    }
}

/// A unified day.
fn month_day(day: i32) -> String {
    match day {
        -1 => "the last of the month".to_owned(),
        day => format!("day {day} of the month"),
    }
}

fn days_before(days: u32) -> String {
    let s = if days == 1 { "" } else { "s" };
    format!("{days} day{s} before expiry")
}

fn short_of(needed: Amount, available: Amount) -> String {
    format!("{needed} needed, {available} available")
}

fn usage(seconds: u32, from: SimTime, to: SimTime) -> String {
    format!("{seconds} s from {} to {}", wall(from), wall(to))
}

fn cancel(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::Customer => "given up by the customer",
        CancelReason::Deadline => "not paid in time",
        CancelReason::Refused => "its approval was refused",
        CancelReason::PhoneChanged => "its phone was changed",
        CancelReason::PhoneSwitched => "its phone is charged in another way",
        CancelReason::PhoneGone => "its phone is gone",
        CancelReason::ProvisioningFailed => "it could not be provisioned",
    }
}

fn cause(cause: FreezeCause) -> &'static str {
    match cause {
        FreezeCause::Expiry => "expiry",
        FreezeCause::Arrears => "arrears",
        FreezeCause::Violation => "a violation",
        FreezeCause::Police => "public security",
    }
}
