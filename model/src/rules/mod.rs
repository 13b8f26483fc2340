//! The rules: pure questions about one account. [`decide`] is the only way in.

mod link_params;
mod listed;

pub(crate) use listed::listed;

/// Rule ids as a constant: `by![r(8, 5), r(8, 2)]`.
macro_rules! by {
    ($($rule:expr),* $(,)?) => {{
        const RULES: &[$crate::rulebook::RuleId] = &[$($rule),*];
        RULES
    }};
}
pub(crate) use by;

mod admission;
mod arrears;
mod bill_params;
mod call;
mod catalogue;
mod change;
mod client;
mod control;
mod expiry;
mod figures;
mod funds;
mod hold;
mod identity;
mod lengths;
mod life;
mod media_params;
mod mode;
mod notice;
mod operation;
mod order;
mod organisation;
pub(crate) mod params;
mod permission;
mod plain;
mod price;
mod product;
mod promotion;
mod provision;
mod purchase;
mod refund;
mod refund_params;
mod renew;
mod renewal;
mod session;
mod several;
mod signature_params;
mod tokens;
mod transport_params;
mod unified;
mod use_params;

pub mod access;
pub mod payment;
pub mod usage;

pub use bill_params::{BillParams, CostDays, CycleBy};
pub use catalogue::{Catalogue, Prices};
pub use change::{ChangeParams, Difference, difference, remaining};
pub use lengths::tier_at;
pub use life::LifeParams;
pub use link_params::{LinkParams, WireRounding};
pub use media_params::{MediaParams, RateParams, SettingParams, StageParams};
pub use mode::ModeParams;
pub use notice::Notices;
pub use params::{
    DeductionMode, EffectiveTime, Lag, OnDemandParams, Params, RefundUnit, RetriesEnd, Rules,
};
pub use payment::PaymentParams;
pub use permission::unaskable;
pub use plain::{PlainHour, decide_plainly};
pub use product::TermParams;
pub use refund::{RefundSums, conditional_refund, consumption, fee_rate, within_five_days};
pub use refund_params::{RefundDestination, RefundParams};
pub use renew::RenewalParams;
pub use renewal::{enabled_attempt, renewal_term, retry_attempt};
pub use signature_params::SignatureParams;
pub use transport_params::{CaseParams, GccParams, NadaParams, ScreamParams, TransportParams};
pub use unified::{UnifiedParams, extra_days, next_unified_day};
pub use use_params::UseParams;

use crate::command::{BuyItem, Command, Envelope, Op, Tier, UnsubscribeWhat};
use crate::decision::{Decision, Fault, Reason, TimerKey};
use crate::event::AccountOpened;
use crate::lifecycle::{PhoneStatus, PhoneTrigger};
use crate::money::{Amount, Fraction};
use crate::name::{AccountId, PhoneId};
use crate::rulebook::{Family, RuleId};
use crate::state::{Account, Operation, Phase, Phone, Power, Subscription};
use crate::time::SimTime;

/// The id of a billing rule.
pub(crate) const fn r(section: u8, number: u8) -> RuleId {
    RuleId::new(Family::R, section, number)
}

/// The id of a rule of product and lifecycle.
pub(crate) const fn p(section: u8, number: u8) -> RuleId {
    RuleId::new(Family::P, section, number)
}

/// The id of a rule of access.
pub(crate) const fn a(section: u8, number: u8) -> RuleId {
    RuleId::new(Family::A, section, number)
}

/// The id of a rule of transport.
pub(crate) const fn t(section: u8, number: u8) -> RuleId {
    RuleId::new(Family::T, section, number)
}

/// What a decision is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A request.
    Command(&'a Command),
    /// A timer that an earlier decision set has come due.
    Timer(&'a TimerKey),
}

/// What every rule looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    /// The catalogue and, through `params`, the rulebook.
    pub(crate) rules: &'a Rules,
    /// The parameters in force at `now`.
    pub(crate) params: &'a Params,
    /// The account asked about.
    pub(crate) account: &'a Account,
    /// The instant of the question.
    pub(crate) now: SimTime,
    /// The customer tier at that instant (R8.2).
    pub(crate) tier: Tier,
    /// The envelope of a command; a timer has none.
    pub(crate) envelope: Option<&'a Envelope>,
}

/// Answers an input to the account `id` at `now`. `account` is `None` until it has been opened.
///
/// # Errors
/// A [`Fault`] where a limit was reached or the state contradicts itself; never for a request that
/// the service would refuse.
pub fn decide(
    rules: &Rules,
    id: &AccountId,
    account: Option<&Account>,
    now: SimTime,
    input: Input<'_>,
) -> Result<Decision, Fault> {
    let mut decision = Decision::default();
    decide_into(rules, id, account, now, input, &mut decision).map(|()| decision)
}

/// As [`decide`], with the answer in a decision that was empty: who asks often uses its room again.
///
/// # Errors
/// As [`decide`]; what is in the decision then means nothing.
pub fn decide_into(
    rules: &Rules,
    id: &AccountId,
    account: Option<&Account>,
    now: SimTime,
    input: Input<'_>,
    decision: &mut Decision,
) -> Result<(), Fault> {
    let params = rules.params(now);
    let Some(account) = account else {
        if let Input::Command(command) = input {
            *decision = before_opening(params, id, &command.op);
        }
        return Ok(());
    };
    let tier = lengths::tier_at(account, params, now)?;
    let envelope = match input {
        Input::Command(command) => Some(&command.envelope),
        Input::Timer(_) => None,
    };
    let case = Case { rules, params, account, now, tier, envelope };
    match input {
        Input::Command(command) => *decision = decide_command(&case, id, &command.op)?,
        Input::Timer(key) => decide_timer(&case, key, decision)?,
    }
    lengths::tell_tier(&case, decision);
    usage::follow_power(&case, decision);
    funds::follow(&case, decision)?;
    client::follow(&case, decision);
    session::follow(&case, decision);
    call::follow(&case, decision);
    notice::follow(&case, decision);
    Ok(())
}

fn before_opening(params: &Params, id: &AccountId, op: &Op) -> Decision {
    match op {
        Op::OpenAccount { tier, credit_limit, discount } => {
            open_account(params, *tier, *credit_limit, *discount)
        }
        _ => Decision::refuse(Reason::UnknownAccount(id.clone()), by![r(1, 1)]),
    }
}

fn decide_command(case: &Case<'_>, id: &AccountId, op: &Op) -> Result<Decision, Fault> {
    // Who may not ask learns nothing of what would have been answered.
    match admission::barred(case, id, op) {
        Some((reason, rules)) => Ok(Decision::refuse(reason, rules)),
        None => decide_admitted(case, id, op),
    }
}

fn decide_admitted(case: &Case<'_>, id: &AccountId, op: &Op) -> Result<Decision, Fault> {
    match op {
        Op::OpenAccount { .. } => {
            Ok(Decision::refuse(Reason::AccountExists(id.clone()), by![r(1, 1)]))
        }
        Op::TopUp { amount } => arrears::top_up(case, *amount),
        Op::Transfer { amount } => funds::transfer(case, *amount),
        Op::Withdraw { amount } => Ok(funds::withdraw(case, *amount)),
        Op::SetDiscounts { commercial, partner } => Ok(funds::set_discounts(*commercial, *partner)),
        Op::SetSettlement { settlement } => Ok(funds::set_settlement(*settlement)),
        Op::SetAlert { threshold } => Ok(funds::set_alert(case, *threshold)),
        Op::GrantCoupon { coupon, terms } => Ok(funds::grant(case, coupon, terms)),
        Op::Buy { phones, size, term, setup, auto_renewal, payment } => {
            let (phones, size) = (phones.clone(), size.clone());
            let item = BuyItem { phones, size, term: *term, auto_renewal: *auto_renewal };
            purchase::buy(case, &[item], *setup, false, payment.as_deref())
        }
        Op::BuyTogether { items, combination, payment } => {
            purchase::buy(case, items, None, *combination, payment.as_deref())
        }
        Op::Offer { item } => purchase::offer(case, item),
        Op::ConfirmOrder { order } => Ok(order::confirm(case, order)),
        Op::SetApproval { needed } => Ok(order::set_approval(*needed)),
        Op::ApproveOrder { order } => Ok(order::approve(case, order)),
        Op::RefuseOrder { order } => Ok(order::refuse_approval(case, order)),
        Op::PayOrder { orders, coupons } => purchase::pay(case, orders, coupons),
        Op::CancelOrder { order } => Ok(order::cancel(case, order)),
        Op::FailProvisioning { order, phones } => provision::fail(case, order, phones),
        Op::Renew { phones, term, to, policy, payment } => {
            let (term, to, policy, payment) = (*term, *to, *policy, payment.as_deref());
            renew::renew(case, phones, renew::Asked { term, to, policy, payment })
        }
        Op::SetAutoRenewal { phone, setting } => {
            Ok(renewal::set_auto_renewal(case, phone, *setting))
        }
        Op::SetDeductionDay { days } => Ok(renewal::set_deduction_day(case, *days)),
        Op::SetUnifiedDay { day } => Ok(unified::set_day(*day)),
        Op::SetAtExpiry { phones, policy } => mode::set_all_at_expiry(case, phones, *policy),
        Op::ToOnDemand { phones } => mode::all_to_on_demand(case, phones),
        Op::Subscribe { phone, term, payment } => {
            mode::subscribe(case, phone, *term, payment.as_deref())
        }
        Op::SetPartnerFreeze { frozen } => Ok(renewal::set_partner_freeze(*frozen)),
        Op::Unsubscribe { phones, what } => refund::unsubscribe(case, phones, *what),
        Op::ChangeSize { phone, to } => change::change_size(case, phone, to),
        Op::AnswerReview { phone, answer } => refund::answer_review(case, phone, *answer),
        Op::MarkPhone { phone, mark } => Ok(refund::mark(case, phone, *mark)),
        Op::VoidFiveDayRight {} => Ok(refund::void_five_day_right(case)),
        Op::CreateOnDemand { phone, size } => usage::create(case, phone, size),
        Op::Delete { phone } => delete(case, phone),
        Op::SetPower { .. }
        | Op::Operate { .. }
        | Op::FailOperation { .. }
        | Op::Bind { .. }
        | Op::Move { .. }
        | Op::Connect { .. }
        | Op::Release { .. }
        | Op::Freeze { .. }
        | Op::Unfreeze { .. }
        | Op::SetVerification { .. }
        | Op::GrantPromotion { .. } => Ok(decide_of_device(case, op)),
        Op::Identity(_) | Op::Ask(_) | Op::Organise(_) | Op::Client(_) | Op::Control(_) => {
            decide_of_access(case, id, op)
        }
        Op::Session(op) => session::decide(case, op),
        Op::Call(op) => Ok(call::decide(case, op)),
    }
}

/// Who may do what.
fn decide_of_access(case: &Case<'_>, id: &AccountId, op: &Op) -> Result<Decision, Fault> {
    Ok(match op {
        Op::Control(op) => control::decide(case, op)?,
        Op::Organise(op) => organisation::decide(case, op),
        Op::Client(op) => client::decide(case, op),
        Op::Identity(op) => identity::decide(case, op),
        Op::Ask(question) => permission::answer(case, id, question),
        _ => Decision::default(),
    })
}

/// What changes no money: phones as devices, and the standing of the account.
fn decide_of_device(case: &Case<'_>, op: &Op) -> Decision {
    match op {
        Op::SetPower { phone, to: Power::On } => {
            operation::operate(case, phone, Operation::PowerOn)
        }
        Op::SetPower { phone, to: Power::Off } => {
            operation::operate(case, phone, Operation::PowerOff)
        }
        Op::Operate { phone, operation } => operation::operate(case, phone, *operation),
        Op::FailOperation { phone } => operation::fail(case, phone),
        Op::Bind { phone, member } => operation::bind(case, phone, member),
        Op::Move { phone, .. } => product::relocate(case, phone),
        Op::Connect { phone, by } => product::connect(case, phone, *by),
        Op::Release { phone } => hold::release_by_hand(case, phone),
        Op::Freeze { phone, by } => hold::freeze(case, phone, *by),
        Op::Unfreeze { phone, by } => hold::unfreeze(case, phone, *by),
        Op::SetVerification { to } => product::verify(*to),
        Op::GrantPromotion { grace_days, retention_days, until } => {
            lengths::promise(case, *grace_days, *retention_days, *until)
        }
        _ => Decision::default(),
    }
}

/// P1.10, R2.14: the console deletes what is charged by use, the creation interface what is paid ahead.
fn delete(case: &Case<'_>, phone: &PhoneId) -> Result<Decision, Fault> {
    match product::deletes_by_api(case, phone) {
        Some(Ok(())) => {
            let phones = std::slice::from_ref(phone);
            refund::unsubscribe(case, phones, UnsubscribeWhat::PhoneAndRenewals)
        }
        Some(Err(refusal)) => Ok(refusal),
        None => usage::delete(case, phone),
    }
}

fn decide_timer(case: &Case<'_>, key: &TimerKey, decision: &mut Decision) -> Result<(), Fault> {
    *decision = match key {
        TimerKey::OrderDeadline(order) => Ok(order::deadline(case, order)),
        TimerKey::Provision(order) => Ok(provision::provision(case, order)),
        TimerKey::RefundOrder(order) => provision::refund_order(case, order),
        TimerKey::AutoRenewal(phone) => renewal::attempt(case, phone),
        TimerKey::Notice(_) => Ok(notice::daily(case)),
        TimerKey::Expiry(phone) => Ok(expiry::expire(case, phone)),
        TimerKey::GraceEnd(phone) => Ok(expiry::end_grace(case, phone)),
        TimerKey::RetentionEnd(phone) => Ok(expiry::end_retention(case, phone)),
        TimerKey::ViolationEnd(phone) => Ok(hold::violation_end(case, phone)),
        TimerKey::Operation(phone) => Ok(operation::done(case, phone)),
        TimerKey::Settle(phone, hour) => return usage::settle(case, phone, *hour, decision),
        TimerKey::Transfer(number) => funds::arrive(case, *number),
        TimerKey::CollectErased(cycle) => usage::collect_erased(case, *cycle),
        TimerKey::SettleMonth(cycle) => funds::settle_month(case, *cycle),
        TimerKey::BalanceAlert => funds::alert_again(case),
        TimerKey::MonthCharge(cycle) => usage::charge_month(case, *cycle),
        TimerKey::Review(first) => refund::end_review(case, first),
        TimerKey::RefundArrives(at) => refund::arrive(case, *at),
        TimerKey::Session(phone) => Ok(session::run_out(case, phone)),
        TimerKey::AppTask(number) => Ok(control::finish(case, *number)),
        TimerKey::ArrearsGraceEnd => Ok(arrears::end_grace(case)),
        TimerKey::ArrearsRetentionEnd => Ok(arrears::end_retention(case)),
    }?;
    Ok(())
}

fn open_account(params: &Params, tier: Tier, credit_limit: Amount, discount: Fraction) -> Decision {
    if credit_limit.is_negative() {
        return Decision::refuse(Reason::OutOfRange, by![r(4, 6)]);
    }
    let deduction_days = params.first_attempt_days;
    let mut decision = Decision::default();
    let opened = AccountOpened { tier, credit_limit, discount, deduction_days };
    decision.happen(by![r(8, 2), r(4, 6)], opened);
    decision
}

/// A phone as its owner knows it: one that was deleted is gone, though its last use is not settled.
pub(crate) fn living<'a>(case: &Case<'a>, id: &PhoneId) -> Option<&'a Phone> {
    case.account.phones.get(id).filter(|phone| phone.status() != PhoneStatus::Gone)
}

/// Why the lifecycle does not allow `trigger` for this phone now, if it does not. At the very end of its
/// subscription a phone has expired, though requests of that instant come before the event (R1.4).
pub(crate) fn unusable(
    case: &Case<'_>,
    phone: &Phone,
    trigger: PhoneTrigger,
    id: &PhoneId,
) -> Option<Reason> {
    let ends = |s: &Subscription| s.phase == Phase::Active && s.expires.boundary() <= case.now;
    let over = trigger == PhoneTrigger::Unsubscribe && phone.subscription().is_some_and(ends);
    let status = if over { PhoneStatus::Expired } else { phone.stage() };
    if status.after(trigger).is_some() {
        return None;
    }
    Some(match status {
        PhoneStatus::Provisioning => Reason::NotProvisioned,
        PhoneStatus::Expired => Reason::Expired,
        PhoneStatus::Frozen => Reason::Frozen,
        PhoneStatus::Gone | PhoneStatus::Active => Reason::UnknownPhone(id.clone()),
    })
}
