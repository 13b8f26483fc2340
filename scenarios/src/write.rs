//! From a log back to a scenario file: what was asked, when, and what was refused. A run of the file
//! does again what the log tells, so that a history found by a machine can be read aloud, kept and
//! taken apart by people.

mod call;
mod coupons;
mod fields;
mod identity;
mod member;
mod session;

use fields::{Fields, on_off, quoted, yes_no};

use crate::lower::{NOTICES, currency as billed_in, for_ever};
use koosim_engine::log::Header;
use koosim_engine::plan::DrawMode;
use koosim_engine::record::{Record, What};
use koosim_model::command::{BuyItem, Envelope, Op, OrderRef, RenewTo, Source, UnsubscribeWhat};
use koosim_model::money::{Amount, Currency, Fraction};
use koosim_model::name::{AccountId, CouponId, PhoneId, RegionId, SizeId};
use koosim_model::rules::{Catalogue, Prices};
use koosim_model::state::{
    AutoRenewal, CouponLimits, CouponTerms, CouponWorth, Operation, Settlement,
};
use koosim_model::time::SimTime;
use rust_decimal::Decimal;
use serde::Serialize;
use std::fmt::{Display, Write as _};

/// What cannot be told in a scenario file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unsayable {
    /// The place of the record among those given, from 0.
    pub record: usize,
    /// Why.
    pub why: Unsaid,
}

/// Why something cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsaid {
    /// The format has no words for it.
    #[error("at {at}, `{op}`: a scenario cannot say {what}")]
    Words {
        /// When it was asked.
        at: SimTime,
        /// The operation.
        op: String,
        /// What of it.
        what: &'static str,
    },
    /// Accounts of a file are open from its start.
    #[error("account `{0}` was opened after the start")]
    LateAccount(AccountId),
    /// A file has one currency.
    #[error("account `{0}` has another currency than the first")]
    Currency(AccountId),
    /// Discounts have two decimals of a percent.
    #[error("account `{0}` has a discount with too many decimals")]
    Discount(AccountId),
}

/// The text of a scenario that does what `records` tell, up to `end`. What each account of `balances`
/// then has in cash is what it expects.
///
/// # Errors
/// If something was asked that the format has no words for.
pub fn scenario<'r>(
    header: &Header,
    records: impl IntoIterator<Item = &'r Record>,
    end: SimTime,
    balances: &[(AccountId, Amount)],
) -> Result<String, Unsayable> {
    let mut accounts: Vec<Opening<'_>> = Vec::new();
    let (mut steps, mut currency) = (String::new(), None);
    // Expectations look at the end of an instant, behind all commands of it.
    let (mut instant, mut expectations) = (header.start, String::new());
    for (place, record) in records.into_iter().enumerate() {
        let unsayable = |why| Unsayable { record: place, why };
        if record.at != instant {
            steps += &std::mem::take(&mut expectations);
            instant = record.at;
        }
        match &record.what {
            What::Command(command) => {
                let (id, op) = (&record.account, &command.op);
                let opened = accounts.iter_mut().find(|opening| opening.id == id);
                let plain = command.envelope == Envelope::scenario(id.clone());
                if let Some(opening) = opened
                    && opening.takes(op, record.at == header.start && plain)
                {
                    continue;
                }
                if let Op::OpenAccount { credit_limit, .. } = op {
                    if record.at != header.start {
                        return Err(unsayable(Unsaid::LateAccount(id.clone())));
                    }
                    if currency.replace(credit_limit.currency()) != Some(credit_limit.currency())
                        && !accounts.is_empty()
                    {
                        return Err(unsayable(Unsaid::Currency(id.clone())));
                    }
                    accounts.push(Opening::new(id, op).map_err(unsayable)?);
                    continue;
                }
                let verb = verb(&command.envelope, op).map_err(|what| {
                    let at = record.at;
                    unsayable(Unsaid::Words { at, op: log_name(op), what })
                })?;
                line(
                    &mut steps,
                    format_args!(
                        "  - at: {}\n    {}{verb}",
                        record.at.wall(),
                        identity::acting(command)
                    ),
                );
            }
            What::Refusal(refused) => {
                let reason = refused.reason.name();
                line(&mut expectations, format_args!("  - expect: {{ refused: {reason} }}"));
            }
            // A written scenario has no network; what that did to streams is among the commands.
            What::Event(_) | What::Draw(_) | What::Sight(_) => {}
        }
    }
    steps += &expectations;
    for (account, balance) in balances {
        let (at, account, balance) = (end.wall(), quoted(account.as_str()), balance.value());
        let expect = format_args!("expect: {{ account: {account}, balance: {balance} }}");
        line(&mut steps, format_args!("  - at: {at}\n    {expect}"));
    }
    let accounts: String = accounts.into_iter().map(Opening::close).collect();
    Ok(format!("{}accounts:\n{accounts}steps:\n{steps}", head(header, currency)))
}

/// Text that is written into a string.
fn line(text: &mut String, content: impl Display) {
    // Writing into a string does not fail.
    let _ = writeln!(text, "{content}");
}

fn head(header: &Header, currency: Option<Currency>) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("scenario: {}", quoted(&header.name)));
    line(&mut text, format_args!("rulebook: {}", header.book.reference));
    let own = currency.filter(|own| *own != billed_in(header.book.reference.profile()));
    if let Some(currency) = own {
        line(&mut text, format_args!("currency: {}", currency.code()));
    }
    line(&mut text, format_args!("start: {}", header.start.wall()));
    line(&mut text, format_args!("seed: {}", header.seed));
    if header.draws == DrawMode::Random {
        line(&mut text, "draws: random");
    }
    let (notices, parameters): (Vec<_>, Vec<_>) =
        header.book.overrides.iter().partition(|(name, value)| name == NOTICES && value == "yes");
    if !notices.is_empty() {
        line(&mut text, "notices: on");
    }
    if !parameters.is_empty() {
        line(&mut text, "parameters:");
        for (name, value) in parameters {
            line(&mut text, format_args!("  {name}: {}", quoted(value)));
        }
    }
    if header.book.catalogue.sizes().next().is_some() {
        line(&mut text, "catalogue:");
    }
    for (size, prices) in header.book.catalogue.sizes() {
        let price = price(&header.book.catalogue, size, prices);
        line(&mut text, format_args!("  {}: {price}", quoted(size.as_str())));
    }
    text
}

fn price(catalogue: &Catalogue, size: &SizeId, prices: &Prices) -> String {
    let mut fields = Fields::new();
    fields.amount("month", prices.month);
    fields.amount("year", prices.year);
    fields.amount("hour", prices.hour);
    if catalogue.is_enterprise(size) {
        fields.add("edition", "enterprise");
    }
    if catalogue.is_industry(size) {
        fields.add("line", "industry");
    }
    if let Some(at) = catalogue.withdrawn_at(size) {
        fields.add("withdrawn", at.wall());
    }
    fields.close()
}

/// An account of the file: what was asked of it at the start, in the order in which a file says it.
struct Opening<'r> {
    id: &'r AccountId,
    fields: Fields,
    /// Rank of what was said last; what a file would say earlier is a step.
    said: u8,
}

impl<'r> Opening<'r> {
    fn new(id: &'r AccountId, op: &Op) -> Result<Self, Unsaid> {
        let mut fields = Fields::new();
        if let Op::OpenAccount { tier, credit_limit, discount } = op {
            fields.add("tier", tier.name());
            fields.amount("credit", Some(*credit_limit).filter(|limit| !limit.is_zero()));
            let percent = percent(*discount).ok_or_else(|| Unsaid::Discount(id.clone()))?;
            fields.add("discount", percent);
        }
        Ok(Self { id, fields, said: 0 })
    }
    /// Takes what a file says of an account, if it `may`; answers whether it did. Everything else is a
    /// step, and so is what comes after it.
    fn takes(&mut self, op: &Op, may: bool) -> bool {
        let rank = match op {
            _ if !may => 0,
            Op::SetVerification { .. } => 1,
            Op::TopUp { amount } if !amount.is_zero() => 2,
            Op::SetSettlement { settlement: Settlement::Monthly } => 3,
            Op::SetAlert { threshold: Some(_) } => 4,
            Op::SetApproval { needed: true } => 5,
            Op::SetDeductionDay { .. } => 6,
            _ => 0,
        };
        if rank <= self.said {
            self.said = u8::MAX;
            return false;
        }
        self.said = rank;
        match op {
            Op::SetVerification { to } => self.fields.word("verified", to),
            Op::TopUp { amount } => self.fields.amount("balance", Some(*amount)),
            Op::SetSettlement { settlement } => self.fields.word("settlement", settlement),
            Op::SetAlert { threshold } => self.fields.amount("balance_alert", *threshold),
            Op::SetApproval { needed } => self.fields.add("approval", yes_no(*needed)),
            Op::SetDeductionDay { days } => self.fields.add("deduction_day", days),
            _ => return false,
        }
        true
    }
    fn close(self) -> String {
        format!("  {}: {}\n", quoted(self.id.as_str()), self.fields.close())
    }
}

/// Two decimals of a percent, if they are enough.
fn percent(fraction: Fraction) -> Option<Decimal> {
    let percent = fraction.value().checked_mul(Decimal::ONE_HUNDRED)?.normalize();
    (percent.scale() <= 2).then_some(percent)
}

/// The name that the log has for an operation.
fn log_name(op: &Op) -> String {
    let value = serde_json::to_value(op).unwrap_or_default();
    let names = value.as_object().and_then(|fields| fields.keys().next());
    names.cloned().unwrap_or_default()
}

/// What no words tell of how a request comes and where it goes. Names of requests are left out:
/// nothing follows from them.
fn unaddressed(envelope: &Envelope, op: &Op) -> Result<(), &'static str> {
    let placed = matches!(op, Op::Buy { .. } | Op::CreateOnDemand { .. });
    let called = placed || matches!(op, Op::Renew { .. } | Op::Delete { .. });
    if !placed && (envelope.region.is_some() || envelope.zone.is_some()) {
        return Err("where this is to happen");
    }
    if !called && envelope.source == Source::Api {
        return Err("that this came by the interface");
    }
    Ok(())
}

/// The words of an operation; an error names what the format has no words for.
#[expect(clippy::too_many_lines, reason = "one arm for each operation, so that none is forgotten")]
fn verb(envelope: &Envelope, op: &Op) -> Result<String, &'static str> {
    unaddressed(envelope, op)?;
    let account = &envelope.account;
    let mut fields = Fields::new();
    let name = match op {
        Op::OpenAccount { .. } => return Err("that an account is opened later"),
        Op::TopUp { amount } => {
            fields.amount("amount", Some(*amount));
            "top_up"
        }
        Op::Transfer { amount } => {
            fields.amount("amount", Some(*amount));
            "transfer"
        }
        Op::Withdraw { amount } => {
            fields.amount("amount", Some(*amount));
            "withdraw"
        }
        Op::SetDiscounts { commercial, partner } => {
            let part = |fraction| percent(fraction).ok_or("so fine a part of a price");
            fields.add("commercial", part(*commercial)?);
            fields.add("partner", part(*partner)?);
            "discount"
        }
        Op::SetSettlement { settlement } => {
            fields.word("orders", settlement);
            "settlement"
        }
        Op::SetAlert { threshold } => {
            fields.amount("at", *threshold);
            "balance_alert"
        }
        Op::GrantCoupon { coupon, terms } => {
            fields.name("coupon", coupon.as_str());
            fields.coupon(terms)?;
            "grant"
        }
        Op::Buy { phones, size, term, setup, auto_renewal, payment } => {
            fields.phones(phones);
            fields.name("size", size.as_str());
            fields.add("term", term);
            let setup = setup.unwrap_or_default();
            setup.system.iter().for_each(|system| fields.word("system", system));
            setup.network.iter().for_each(|network| fields.word("network", network));
            fields.auto_renewal(*auto_renewal)?;
            fields.payment(payment.as_deref());
            if payment.is_some() && envelope.source == Source::Api {
                // The interface leaves an order unpaid unless it is told to pay (P1.9).
                fields.add("pay", yes_no(true));
            }
            fields.address(envelope);
            "buy"
        }
        Op::BuyTogether { items, combination, payment } => {
            let items = items.iter().map(item).collect::<Result<Vec<_>, _>>()?;
            fields.add("items", format_args!("[{}]", items.join(", ")));
            fields.add("combination", yes_no(*combination));
            fields.payment(payment.as_deref());
            "buy_together"
        }
        Op::Offer { item } => {
            fields.item(item)?;
            "offer"
        }
        Op::ConfirmOrder { order } => fields.order("confirm_order", order),
        Op::ApproveOrder { order } => fields.order("approve_order", order),
        Op::RefuseOrder { order } => fields.order("refuse_order", order),
        Op::CancelOrder { order } => fields.order("cancel_order", order),
        Op::SetApproval { needed } => {
            fields.add("on", yes_no(*needed));
            "approval"
        }
        Op::PayOrder { orders, coupons } => {
            match orders.as_slice() {
                [order] => drop(fields.order("pay", order)),
                orders => {
                    let named = orders.iter().map(|order| match order {
                        OrderRef::Named(order) => Ok(order.as_str()),
                        OrderRef::LastOf(_) => Err("several orders by their phones"),
                    });
                    fields.names("orders", named.collect::<Result<Vec<_>, _>>()?);
                }
            }
            fields.coupons(coupons);
            "pay"
        }
        Op::Renew { phones, term, to, policy, payment } => {
            fields.phones(phones);
            fields.add("term", term);
            if *to == RenewTo::UnifiedDay {
                fields.word("to", to);
            }
            if let Some(policy) = policy {
                fields.word("at_expiry", policy);
            }
            if payment.is_some() && envelope.source == Source::Api {
                fields.add("pay", "yes");
            }
            fields.payment(payment.as_deref());
            fields.address(envelope);
            "renew"
        }
        Op::SetAutoRenewal { phone, setting } => {
            fields.name("phone", phone.as_str());
            fields.add("on", yes_no(setting.is_some()));
            if let Some(every) = setting.and_then(|setting| setting.every) {
                fields.add("every", every);
            }
            if let Some(times) = setting.and_then(|setting| setting.times_left) {
                fields.add("times", times);
            }
            "auto_renew"
        }
        Op::SetDeductionDay { days } => {
            fields.add("days", days);
            "deduction_day"
        }
        Op::SetUnifiedDay { day } => {
            match day {
                -1 => fields.add("day", "last"),
                day => fields.add("day", day),
            }
            "unified_day"
        }
        Op::SetAtExpiry { phones, policy } => {
            fields.phones(phones);
            fields.word("do", policy);
            "at_expiry"
        }
        Op::ToOnDemand { phones } => {
            fields.phones(phones);
            "to_on_demand"
        }
        Op::Subscribe { phone, term, payment } => {
            fields.name("phone", phone.as_str());
            fields.add("term", term);
            fields.payment(payment.as_deref());
            "subscribe"
        }
        Op::SetPartnerFreeze { frozen } => {
            fields.add("on", yes_no(*frozen));
            "partner_freeze"
        }
        Op::Unsubscribe { phones, what } => {
            fields.phones(phones);
            match what {
                UnsubscribeWhat::RenewalsAfter(expiry) => {
                    fields.add("what", "renewals_only");
                    fields.add("keep_until", expiry.day());
                }
                UnsubscribeWhat::PhoneAndRenewals | UnsubscribeWhat::RenewalsOnly => {
                    fields.word("what", what);
                }
            }
            "unsubscribe"
        }
        Op::ChangeSize { phone, to } => {
            fields.name("phone", phone.as_str());
            fields.name("to", to.as_str());
            "change_size"
        }
        Op::AnswerReview { phone, answer } => {
            fields.name("phone", phone.as_str());
            fields.word("answer", answer);
            "review"
        }
        Op::MarkPhone { phone, mark } => {
            fields.name("phone", phone.as_str());
            fields.word("as", mark);
            "mark"
        }
        Op::VoidFiveDayRight {} => "void_five_day_right",
        Op::CreateOnDemand { phone, size } => {
            fields.name("phone", phone.as_str());
            fields.name("size", size.as_str());
            fields.address(envelope);
            "create"
        }
        Op::Delete { phone } => {
            fields.name("phone", phone.as_str());
            fields.address(envelope);
            "delete"
        }
        Op::SetPower { phone, to } => {
            fields.name("phone", phone.as_str());
            fields.word("to", to);
            "power"
        }
        Op::Operate { phone, operation } => {
            fields.name("phone", phone.as_str());
            match operation {
                Operation::Restart => "restart",
                Operation::Reset => "reset",
                Operation::Unbind => "unbind",
                Operation::BackUp => "back_up",
                Operation::Restore => "restore",
                Operation::PowerOn | Operation::PowerOff => {
                    return Err("power as an operation like others");
                }
            }
        }
        Op::Bind { phone, member } => {
            fields.name("phone", phone.as_str());
            fields.name("member", member.as_str());
            "bind"
        }
        Op::Move { phone, region } => {
            fields.name("phone", phone.as_str());
            fields.name("region", region.as_str());
            "move"
        }
        Op::Connect { phone, by } => {
            fields.name("phone", phone.as_str());
            fields.word("by", by);
            "connect"
        }
        Op::Release { phone } => {
            fields.name("phone", phone.as_str());
            "release"
        }
        Op::Freeze { phone, by } | Op::Unfreeze { phone, by } => {
            fields.name("phone", phone.as_str());
            fields.word("by", by);
            if matches!(op, Op::Freeze { .. }) { "freeze" } else { "unfreeze" }
        }
        Op::Identity(op) => fields.identity(op)?,
        Op::Ask(question) => fields.question(question)?,
        Op::Organise(op) => fields.organisation(op),
        Op::Client(op) => fields.client(op),
        Op::Control(op) => fields.control(op),
        Op::Session(op) => fields.session(op),
        Op::Call(op) => fields.call(op)?,
        Op::SetVerification { to } => {
            fields.word("as", to);
            "verify"
        }
        Op::GrantPromotion { grace_days, retention_days, until } => {
            grace_days.iter().for_each(|days| fields.add("grace_days", days));
            retention_days.iter().for_each(|days| fields.add("retention_days", days));
            fields.add("expires", until.wall());
            "promotion"
        }
        Op::FailOperation { phone } => {
            fields.name("phone", phone.as_str());
            "fail_operation"
        }
        Op::FailProvisioning { order, phones } => match (order, phones.as_slice()) {
            (OrderRef::LastOf(phone), []) => {
                fields.name("phone", phone.as_str());
                "fail_provisioning"
            }
            (OrderRef::LastOf(phone), [first, ..]) if phone == first => {
                fields.phones(phones);
                "fail_provisioning"
            }
            _ => return Err("an order of which to fail"),
        },
    };
    fields.name("account", account.as_str());
    Ok(format!("{name}: {}", fields.close()))
}

fn item(item: &BuyItem) -> Result<String, &'static str> {
    let mut fields = Fields::new();
    fields.item(item)?;
    Ok(fields.close())
}
