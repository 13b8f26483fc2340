//! What an outsider can see of an account: for expectations, for `show`, and for people.

use crate::command::Tier;
use crate::lifecycle::{DataStatus, PhoneStatus, PowerStatus};
use crate::money::{Amount, MoneyError};
use crate::name::{CouponId, DeviceId, MemberId, OrderId, PhoneId, SizeId};
use crate::state::{
    Account, AtExpiry, AutoRenewal, Charging, Coupon, FreezeCause, Order, OrderKind, Phase, Phone,
    Place, Power, Session, Setup, Subscription, Task, Verification,
};
use crate::tel::TelNumber;
use crate::term::{Expiry, Term};
use crate::time::SimTime;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a phone is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargingMode {
    /// Ahead, by month or year.
    Subscribed,
    /// By use.
    OnDemand,
}

/// The groups into which the console sorts subscriptions by what happens at their end (R7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewalGroup {
    /// Renewal by hand.
    Manual,
    /// Auto-renewal.
    Automatic,
    /// On-demand after expiry.
    OnDemand,
    /// No renewal after expiry.
    None,
}

impl RenewalGroup {
    /// Every group.
    pub const ALL: [Self; 4] = [Self::Manual, Self::Automatic, Self::OnDemand, Self::None];

    /// The group of a subscription.
    pub fn of(subscription: &Subscription) -> Self {
        match (subscription.auto_renewal, subscription.at_expiry) {
            (Some(_), _) => Self::Automatic,
            (None, AtExpiry::Grace) => Self::Manual,
            (None, AtExpiry::ToOnDemand) => Self::OnDemand,
            (None, AtExpiry::Delete | AtExpiry::Freeze | AtExpiry::DeleteFromRetention) => {
                Self::None
            }
        }
    }
    /// The group's name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automatic => "automatic",
            Self::OnDemand => "on_demand",
            Self::None => "no_renewal",
        }
    }
}

/// A phone as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhoneView {
    /// `provisioning`, `running`, `stopped`, `expired` or `frozen`.
    pub is: &'static str,
    /// How it is paid for.
    pub charging: ChargingMode,
    /// Its size.
    pub size: SizeId,
    /// Its power.
    pub power: Power,
    /// Power with what it is in the middle of (P2.1).
    #[serde(skip)]
    pub power_status: PowerStatus,
    /// Where its data are, if not on it (P4.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<&'static str>,
    /// What it is in the middle of, and until when (P2.9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Where its session stands, if it has one (P4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionView>,
    /// Its call through the real phone, if it has one (P4.13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallView>,
    /// Short messages that are under way between it and its device, by number (P4.14, P4.15).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub messages: BTreeSet<u32>,
    /// Every cause for which it is frozen (R8.8).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frozen_by: Vec<FreezeCause>,
    /// Who uses it (P3.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// Where it runs (P1.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Its system and network, where either is known (P1.7).
    pub setup: Option<Setup>,
    /// When its subscription ends.
    pub expires: Option<Expiry>,
    /// End of grace or of retention, where it is in one, or of the countdown of a violation.
    pub until: Option<SimTime>,
    /// Renewal by the service.
    pub auto_renewal: Option<AutoRenewal>,
    /// The group in which the console lists its renewal (R7.2).
    pub renewal: Option<RenewalGroup>,
}

/// A streaming session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionView {
    /// Its status.
    pub is: &'static str,
    /// How many wait before it (P2.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<usize>,
    /// Who controls, and who watches with it (P4.12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller: Option<DeviceId>,
    /// Who watches.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub viewers: BTreeSet<DeviceId>,
}

/// A call as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallView {
    /// Its status.
    pub is: &'static str,
    /// Its number in the account.
    pub number: u32,
    /// The device that has it.
    pub device: DeviceId,
    /// The other's number, unless that is hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<TelNumber>,
}

/// An open order as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderView {
    /// Its status.
    pub is: &'static str,
    /// What it is for.
    pub kind: OrderKind,
    /// Its phones.
    pub phones: Vec<PhoneId>,
    /// How long.
    pub term: Term,
    /// What is to be paid, or was before coupons.
    pub due: Amount,
}

/// A coupon as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CouponView {
    /// What is left of it.
    pub balance: Amount,
    /// Whether an order took it.
    pub used: bool,
    /// First instant at which it no longer pays.
    pub valid_until: SimTime,
}

/// An account as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountView {
    /// Customer tier.
    pub tier: Tier,
    /// As what its owner is verified (P1.1).
    #[serde(skip)]
    pub verification: Verification,
    /// Cash balance.
    pub balance: Amount,
    /// What an order without coupons could cost.
    pub available: Amount,
    /// What it owes.
    pub debt: Amount,
    /// Whether debt blocks buying and renewing.
    pub in_arrears: bool,
    /// Its open orders.
    pub orders: BTreeMap<OrderId, OrderView>,
    /// Its phones.
    pub phones: BTreeMap<PhoneId, PhoneView>,
    /// Its coupons.
    pub coupons: BTreeMap<CouponId, CouponView>,
}

/// The view of one account.
pub fn account(account: &Account) -> Result<AccountView, MoneyError> {
    let visible = account.phones.iter().filter(|(_, phone)| phone.status() != PhoneStatus::Gone);
    Ok(AccountView {
        tier: account.tier,
        verification: account.verification,
        balance: account.ledger.cash(),
        available: account.available()?,
        debt: account.debt(),
        in_arrears: account.in_arrears(),
        orders: account.orders.iter().map(|(id, o)| (id.clone(), order(o))).collect(),
        phones: visible
            .map(|(id, state)| {
                let session = session(account, id);
                let (call, messages) = telephony(account, id);
                (id.clone(), PhoneView { session, call, messages, ..phone(state) })
            })
            .collect(),
        coupons: account.coupons.iter().map(|(id, c)| (id.clone(), coupon(c))).collect(),
    })
}

fn order(order: &Order) -> OrderView {
    OrderView {
        is: order.status().name(),
        kind: order.kind,
        phones: order.phones.clone(),
        term: order.term,
        due: order.due,
    }
}

fn coupon(coupon: &Coupon) -> CouponView {
    let valid_until = coupon.terms.valid_until;
    CouponView { balance: coupon.balance, used: coupon.used, valid_until }
}

fn session(account: &Account, id: &PhoneId) -> Option<SessionView> {
    let sessions = account.sessions.as_deref()?;
    let session = sessions.get(id)?;
    let waiting = match session {
        Session::Queued { number } => {
            let before =
                |other: &&Session| matches!(other, Session::Queued { number: n } if n < number);
            Some(sessions.values().filter(before).count())
        }
        _ => None,
    };
    let stream = session.stream();
    Some(SessionView {
        is: session.status().name(),
        waiting,
        controller: stream.map(|stream| stream.controller.clone()),
        viewers: stream.map(|stream| stream.viewers.clone()).unwrap_or_default(),
    })
}

fn telephony(account: &Account, id: &PhoneId) -> (Option<CallView>, BTreeSet<u32>) {
    let Some(all) = account.telephony.as_deref() else { return Default::default() };
    let call = all.calls.get(id).map(|call| CallView {
        is: call.status().name(),
        number: call.number,
        device: call.device.clone(),
        with: call.with.clone(),
    });
    let messages = all.messages.get(id).into_iter().flat_map(BTreeMap::keys).copied();
    (call, messages.collect())
}

/// The view of one phone, without its session and its call, which are the account's to tell.
pub fn phone(phone: &Phone) -> PhoneView {
    let status = phone.status();
    let stopped = phone.details.power == Power::Off && status == PhoneStatus::Active;
    let (charging, phase) = match &phone.charging {
        Charging::Provisioning { .. } => (ChargingMode::Subscribed, Phase::Active),
        Charging::Subscribed(subscription) => (ChargingMode::Subscribed, subscription.phase),
        Charging::OnDemand(metering) => (ChargingMode::OnDemand, metering.phase),
    };
    let subscription = phone.subscription();
    let until = match phase {
        Phase::Active => phone.details.holds.violation,
        Phase::Grace { until } => Some(phone.details.holds.violation.unwrap_or(until)),
        Phase::Frozen { until, .. } => Some(until),
    };
    let data = phone.data_status();
    PhoneView {
        is: if stopped { "stopped" } else { status.name() },
        charging,
        size: phone.details.size.clone(),
        power: phone.details.power,
        power_status: phone.power_status(),
        data: (data != DataStatus::Loaded).then(|| data.name()),
        task: phone.details.task,
        session: None,
        call: None,
        messages: BTreeSet::new(),
        frozen_by: phone.freezes(),
        member: phone.details.member.clone(),
        place: phone.details.place.clone(),
        setup: phone.details.setup,
        expires: subscription.map(|s| s.expires),
        until,
        auto_renewal: subscription.and_then(|s| s.auto_renewal),
        renewal: subscription.map(RenewalGroup::of),
    }
}
