//! Expectations of states, through what an outsider can see of an account.

use super::compare::{same_end, same_moment};
use super::{
    AccountExpectation, CouponExpectation, MemberExpectation, PhoneExpectation, TokenExpectation,
    UserExpectation,
};
use crate::grammar::UNSAID;
use crate::read::Moment;
use koosim_engine::world::World;
use koosim_model::lifecycle::{CallStatus, SessionStatus};
use koosim_model::name::AccountId;
use koosim_model::rulebook::RuleId;
use koosim_model::state::{Account, Network, Phone, Power, Setup, System};
use koosim_model::status::BillingColumn;
use koosim_model::view::{self, AccountView, ChargingMode, PhoneView};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::fmt::Display;

/// The state of a phone that is no more.
const GONE: &str = "gone";

/// Gathers what differs, each with what was expected and what was seen.
struct Differences(Vec<String>);

impl Differences {
    fn check(&mut self, what: &str, same: bool, expected: impl Display, seen: impl Display) {
        if !same {
            self.0.push(format!("{what}: expected {expected}, seen {seen}"));
        }
    }
    fn equal<T: PartialEq + Display>(&mut self, what: &str, expected: Option<T>, seen: &T) {
        if let Some(expected) = expected {
            self.check(what, expected == *seen, expected, seen);
        }
    }
    fn answer(self, subject: &str) -> Result<(), String> {
        if self.0.is_empty() { Ok(()) } else { Err(format!("{subject}: {}", self.0.join("; "))) }
    }
}

fn seen(world: &World, id: &AccountId) -> Result<AccountView, String> {
    let account = world.accounts().get(id).ok_or_else(|| format!("there is no account `{id}`"))?;
    view::account(account).map_err(|error| format!("account `{id}`: {error}"))
}

pub(super) fn phone(world: &World, expected: &PhoneExpectation) -> Result<(), String> {
    let name = &expected.phone;
    let view = seen(world, &expected.account)?;
    let Some(phone) = view.phones.get(name) else {
        return match expected.is {
            Some(GONE) => Ok(()),
            _ => Err(format!("there is no phone `{name}`")),
        };
    };
    let mut differences = Differences(vec![]);
    differences.equal("is", expected.is, &phone.is);
    if let Some(moment) = expected.expires {
        let same = phone.expires.is_some_and(|e| same_end(moment, e.printed()));
        let seen = phone.expires.map_or_else(|| "none".to_owned(), |e| e.to_string());
        differences.check("expires", same, words(moment), seen);
    }
    if let Some(moment) = expected.until {
        let same = phone.until.is_some_and(|until| same_moment(moment, until));
        let seen = phone.until.map_or_else(|| "none".to_owned(), |until| until.wall().to_string());
        differences.check("until", same, words(moment), seen);
    }
    let power = match phone.power {
        Power::On => "on",
        Power::Off => "off",
    };
    differences.equal("power", expected.power, &power);
    let charging = match phone.charging {
        ChargingMode::Subscribed => "subscribed",
        ChargingMode::OnDemand => "on_demand",
    };
    differences.equal("charging", expected.charging, &charging);
    device(&mut differences, expected, phone);
    streaming(&mut differences, expected, phone);
    calling(&mut differences, expected, phone);
    if let Some(account) = world.accounts().get(&expected.account)
        && let Some(state) = account.phones.get(name)
    {
        in_words_of_the_service(&mut differences, world, expected, account, state);
        controlled(&mut differences, expected, state);
    }
    differences.equal("auto_renew", expected.auto_renew, &phone.auto_renewal.is_some());
    let group = phone.renewal.map_or("none", view::RenewalGroup::name);
    differences.equal("renewal", expected.renewal, &group);
    differences.answer(&format!("phone `{name}`"))
}

/// Power, data, freezes and member.
fn device(differences: &mut Differences, expected: &PhoneExpectation, phone: &PhoneView) {
    let or_none = |name: Option<String>| name.unwrap_or_else(|| "none".to_owned());
    differences.equal("power_status", expected.power_status, &phone.power_status.name());
    differences.equal("data", expected.data, &phone.data.unwrap_or("loaded"));
    if let Some(causes) = &expected.frozen_by {
        let seen: Vec<_> = phone.frozen_by.iter().map(|cause| cause.name()).collect();
        differences.check("frozen_by", *causes == seen, causes.join(", "), seen.join(", "));
    }
    if let Some(member) = &expected.member {
        let seen = phone.member.as_ref().map(ToString::to_string);
        differences.check("member", *member == seen, or_none(member.clone()), or_none(seen));
    }
    if let Some(region) = &expected.region {
        let seen = phone.place.as_ref().map(|place| place.region.to_string());
        differences.check("region", *region == seen, or_none(region.clone()), or_none(seen));
    }
    let Setup { system, network } = phone.setup.unwrap_or_default();
    differences.equal("system", expected.system, &system.map_or(UNSAID, System::name));
    differences.equal("network", expected.network, &network.map_or(UNSAID, Network::name));
}

/// P4.1, P2.4, P4.12: where the session of a phone stands, and who is at its stream.
fn streaming(differences: &mut Differences, expected: &PhoneExpectation, phone: &PhoneView) {
    let session = phone.session.as_ref();
    let none = SessionStatus::None.name();
    differences.equal("session", expected.session, &session.map_or(none, |session| session.is));
    let waiting = session.and_then(|session| session.waiting).unwrap_or_default();
    let waiting = u64::try_from(waiting).unwrap_or(u64::MAX);
    differences.equal("waiting", expected.waiting, &waiting);
    let controller = session.and_then(|session| session.controller.as_ref());
    let controller = controller.map_or_else(|| "none".to_owned(), ToString::to_string);
    differences.equal("controller", expected.controller.clone(), &controller);
    if let Some(viewers) = &expected.viewers {
        let seen = session.into_iter().flat_map(|session| &session.viewers);
        let seen: BTreeSet<_> = seen.map(ToString::to_string).collect();
        differences.check("viewers", *viewers == seen, listed(viewers), listed(&seen));
    }
}

/// P4.13 to P4.15: where the call of a phone stands, and how many short messages are under way.
fn calling(differences: &mut Differences, expected: &PhoneExpectation, phone: &PhoneView) {
    let none = CallStatus::None.name();
    differences.equal("call", expected.call, &phone.call.as_ref().map_or(none, |call| call.is));
    let waiting = u64::try_from(phone.messages.len()).unwrap_or(u64::MAX);
    differences.equal("messages_waiting", expected.messages_waiting, &waiting);
}

/// What is switched on in a phone, and the apps in it.
fn controlled(differences: &mut Differences, expected: &PhoneExpectation, phone: &Phone) {
    let controls = phone.details.controls.as_deref();
    if let Some(on) = &expected.controls {
        let seen = controls.into_iter().flat_map(|controls| &controls.on);
        let seen: BTreeSet<_> = seen.map(|control| control.name()).collect();
        let list = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join(", ");
        differences.check("controls", *on == seen, list(on), list(&seen));
    }
    if let Some(apps) = &expected.apps {
        let seen = controls.into_iter().flat_map(|controls| &controls.apps);
        let seen: BTreeSet<_> = seen.map(|(app, version)| format!("{app}@{version}")).collect();
        differences.check("apps", *apps == seen, listed(apps), listed(&seen));
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}

/// P3.2, P3.3, P4.5: where a member is, with which phones, on which devices.
pub(super) fn member(world: &World, expected: &MemberExpectation) -> Result<(), String> {
    let name = &expected.member;
    let account = world.accounts().get(&expected.account);
    let all = account.and_then(|account| account.organisations.as_deref());
    let member = all.and_then(|all| Some((all, all.members.get(name)?)));
    let (Some(account), Some((all, member))) = (account, member) else {
        return Err(format!("account `{}` has no member `{name}`", expected.account));
    };
    let mut differences = Differences(vec![]);
    differences.equal("department", expected.department.clone(), &member.department.to_string());
    if let Some(phones) = &expected.phones {
        let bound =
            account.phones.iter().filter(|(_, phone)| phone.details.member.as_ref() == Some(name));
        let seen: BTreeSet<_> = bound.map(|(id, _)| id.to_string()).collect();
        differences.check("phones", *phones == seen, listed(phones), listed(&seen));
    }
    if let Some(devices) = &expected.devices {
        let on = all.devices.iter().filter(|(_, device)| device.member == *name);
        let seen: BTreeSet<_> = on.map(|(id, _)| id.to_string()).collect();
        differences.check("devices", *devices == seen, listed(devices), listed(&seen));
    }
    differences.equal("temporary_password", expected.temporary_password, &member.temporary);
    differences.answer(&format!("member `{name}`"))
}

/// The billing column and the numbers of the interfaces.
fn in_words_of_the_service(
    differences: &mut Differences,
    world: &World,
    expected: &PhoneExpectation,
    account: &Account,
    phone: &Phone,
) {
    if let Some(billing) = &expected.billing {
        let seen = BillingColumn::of(phone, world.now()).to_string();
        differences.check("billing", *billing == seen, billing, &seen);
    }
    let codes = &world.rules().params(world.now()).life.codes;
    for (vocabulary, number) in &expected.numbers {
        let seen = codes.of(*vocabulary, account, phone);
        let same = seen == Some(Decimal::from(*number));
        let seen = seen.map_or_else(|| "none".to_owned(), |seen| seen.to_string());
        differences.check(vocabulary.name(), same, number, seen);
    }
}

/// The rules whose words an expectation uses.
pub(super) fn rules_of(expected: &PhoneExpectation) -> BTreeSet<RuleId> {
    let column = expected.billing.as_ref().map(|_| BillingColumn::RULE);
    let numbers = expected.numbers.iter().map(|(vocabulary, _)| vocabulary.rule());
    numbers.chain(column).collect()
}

pub(super) fn account(world: &World, expected: &AccountExpectation) -> Result<(), String> {
    let view = seen(world, &expected.account)?;
    let mut differences = Differences(vec![]);
    differences.equal("balance", expected.balance, &view.balance);
    differences.equal("available", expected.available, &view.available);
    differences.equal("tier", expected.tier, &view.tier.name());
    differences.equal("verified", expected.verified, &view.verification.name());
    differences.equal("debt", expected.debt, &view.debt);
    differences.equal("in_arrears", expected.in_arrears, &view.in_arrears);
    differences.answer(&format!("account `{}`", expected.account))
}

pub(super) fn coupon(world: &World, expected: &CouponExpectation) -> Result<(), String> {
    let view = seen(world, &expected.account)?;
    let name = &expected.coupon;
    let Some(coupon) = view.coupons.get(name) else {
        return Err(format!("account `{}` has no coupon `{name}`", expected.account));
    };
    let mut differences = Differences(vec![]);
    differences.equal("balance", expected.balance, &coupon.balance);
    differences.equal("used", expected.used, &coupon.used);
    differences.answer(&format!("coupon `{name}`"))
}

/// A5.2: also whether it asked for tokens that it need not have asked for.
pub(super) fn user(world: &World, expected: &UserExpectation) -> Result<(), String> {
    let name = &expected.user;
    let account = world.accounts().get(&expected.account);
    let identity = account.and_then(|account| account.identity.as_deref());
    let Some(user) = identity.and_then(|identity| identity.users.get(name)) else {
        return Err(format!("account `{}` has no user `{name}`", expected.account));
    };
    let mut differences = Differences(vec![]);
    if let Some(groups) = &expected.groups {
        let seen: BTreeSet<String> = user.groups.iter().map(ToString::to_string).collect();
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        differences.check("groups", *groups == seen, list(groups), list(&seen));
    }
    differences.equal("enabled", expected.enabled, &user.enabled);
    differences.equal("tokens", expected.tokens, &u64::from(user.tokens));
    differences.equal("keeps_tokens", expected.keeps_tokens, &(user.tokens_in_vain == 0));
    differences.answer(&format!("user `{name}`"))
}

/// A5.2: whether a token holds, and until when.
pub(super) fn token(world: &World, expected: &TokenExpectation) -> Result<(), String> {
    let name = &expected.token;
    let account = world.accounts().get(&expected.account);
    let identity = account.and_then(|account| account.identity.as_deref());
    let Some(token) = identity.and_then(|identity| identity.tokens.get(name)) else {
        return Err(format!("account `{}` has no token `{name}`", expected.account));
    };
    let mut differences = Differences(vec![]);
    differences.equal("holds", Some(expected.holds), &token.holds(world.now()));
    if let Some(moment) = expected.expires {
        let same = same_moment(moment, token.expires);
        differences.check("expires", same, words(moment), token.expires.wall());
    }
    differences.answer(&format!("token `{name}`"))
}

fn words(moment: Moment) -> String {
    match moment {
        Moment::On(day) => day.to_string(),
        Moment::At(at) => at.wall().to_string(),
    }
}
