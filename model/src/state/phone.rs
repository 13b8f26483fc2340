//! A phone and what it is charged by.

use crate::lifecycle::{BindingStatus, DataStatus, PhoneStatus, PowerStatus};
use crate::money::Amount;
use crate::name::{CouponId, MemberId, OrderId, RegionId, SizeId};
use crate::state::{Controls, Data, Holds, Operation, Place, Setup, Split, Task};
use crate::term::{Anchor, Expiry, Term};
use crate::time::SimTime;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::collections::BTreeSet;

/// Power of a phone; billing does not look at it (R2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// Running.
    On,
    /// Stopped.
    Off,
}

/// Why a phone is frozen (R8.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreezeCause {
    /// Its subscription ended and the grace period with it.
    Expiry,
    /// Its account owes money.
    Arrears,
    /// It was used against the terms (P1.1); it is deleted after a while.
    Violation,
    /// Public security had it frozen; nothing happens to it until that is lifted.
    Police,
}

impl FreezeCause {
    /// Its name in logs and scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Arrears => "arrears",
            Self::Violation => "violation",
            Self::Police => "police",
        }
    }
}

/// Renewal by the service (R6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoRenewal {
    /// Length of each renewal. A wish may leave it open, for a month or a year as the phone was
    /// bought (R6.2); once it is set, it is fixed (R6.11).
    pub every: Option<Term>,
    /// Renewals left; without a number, without end (R6.6).
    pub times_left: Option<u32>,
}

/// What happens at the end of a subscription that nothing renews (R7.1). Auto-renewal is the sixth of
/// the service's policies, and stands where it is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtExpiry {
    /// It enters grace.
    #[default]
    Grace,
    /// It is charged by use from then on (R7.3).
    ToOnDemand,
    /// It is released at once.
    Delete,
    /// It is frozen at once.
    Freeze,
    /// It has its grace, and is released out of retention.
    DeleteFromRetention,
}

impl AtExpiry {
    /// The policy's name in scenarios and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grace => "grace",
            Self::ToOnDemand => "to_on_demand",
            Self::Delete => "delete",
            Self::Freeze => "freeze",
            Self::DeleteFromRetention => "delete_from_retention",
        }
    }
}

/// A paid stretch of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The order that paid for it.
    pub order: OrderId,
    /// Its length.
    pub term: Term,
    /// When it begins: the effective instant, or 00:00 after the old expiry (R9.4).
    pub from: SimTime,
    /// When it ends.
    pub to: Expiry,
    /// The day of the month on which a renewal after it ends, where that month has it (R1.5, R5.6).
    pub anchor_day: u32,
    /// The phone's share of the order's payment.
    pub paid: Split,
}

/// Where a subscribed phone stands after provisioning (R8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Usable.
    Active,
    /// Past its end but usable.
    Grace {
        /// End of grace, beginning of retention.
        until: SimTime,
    },
    /// Not usable; its data is kept.
    Frozen {
        /// Why.
        cause: FreezeCause,
        /// End of retention, when it is released.
        until: SimTime,
    },
}

/// A phone paid ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Where it stands.
    pub phase: Phase,
    /// The day of its purchase, from which its expiries count until a unified day replaces that.
    pub anchor: Anchor,
    /// Paid stretches, oldest first; those that ended before the last renewal are forgotten.
    pub periods: Vec<Period>,
    /// When all periods end.
    pub expires: Expiry,
    /// Renewal by the service.
    pub auto_renewal: Option<AutoRenewal>,
    /// What happens at its end unless it renews itself; the usual where it does.
    pub at_expiry: AtExpiry,
    /// Use from before it was subscribed that is not settled (R10.2).
    pub metered_before: Option<Box<Metering>>,
    /// Whether it has failed since it was set or last renewed (R6.9).
    pub attempt_failed: bool,
}

impl Subscription {
    /// The length of the last order that paid for it.
    pub fn last_term(&self) -> Term {
        // A subscription has at least the period that it is in.
        self.periods.last().map_or(Term::Months(1), |period| period.term)
    }
    /// The day of the month from which renewals count (R1.5, R5.6).
    pub fn anchor_day(&self) -> u32 {
        self.periods.last().map_or(self.anchor.day_of_month(), |period| period.anchor_day)
    }
    /// When it expires after a renewal by `term` (R1.4, R1.5, R5.2). Stepping from the old expiry
    /// loses no day, because the day of the month is kept.
    pub fn renewed_by(&self, term: Term) -> Expiry {
        let day = self.expires.day().anchored_months_later(term.months(), self.anchor_day());
        Expiry::on(day)
    }
}

/// A stretch of use, in whole seconds, half open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// First instant.
    pub from: SimTime,
    /// End; `None` while it lasts.
    pub to: Option<SimTime>,
}

/// Stretches of use. Nearly always there is one, which then has no memory of its own.
pub type Stretches = SmallVec<[Usage; 1]>;

/// A phone charged by use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metering {
    /// Where it stands; grace belongs to the account, not to the phone (R8.1).
    pub phase: Phase,
    /// List price of an hour.
    pub unit_price: Amount,
    /// Stretches of use that are not settled yet, oldest first; settled hours are cut out.
    pub unsettled: Stretches,
    /// Whether it is switched off and costs nothing meanwhile (R2.6).
    pub paused: bool,
    /// Whether the customer deleted it: what remains is to settle its last use.
    pub deleted: bool,
    /// Whether earlier hours were cut out of the last stretch.
    pub settled_before: bool,
}

impl Metering {
    /// A phone that is charged by use from `at` on, after use that is not settled yet.
    pub(crate) fn begun(unit_price: Amount, unsettled: Stretches, at: SimTime) -> Self {
        let (phase, paused, deleted, settled_before) = (Phase::Active, false, false, false);
        let mut begun = Self { phase, unit_price, unsettled, paused, deleted, settled_before };
        begun.begin_use(at);
        begun
    }
    /// Use begins.
    pub(crate) fn begin_use(&mut self, at: SimTime) {
        self.unsettled.push(Usage { from: at.floor_to_second(), to: None });
        self.settled_before = false;
    }
    /// Use ends. A stretch within one second touches its hour (R2.3); of one that is settled up to this
    /// second nothing is left, however late that was done.
    pub(crate) fn stop_use(&mut self, at: SimTime) {
        let Some(usage) = self.unsettled.last_mut().filter(|usage| usage.to.is_none()) else {
            return;
        };
        usage.to = Some(at.floor_to_second());
        if self.settled_before && usage.to == Some(usage.from) {
            self.unsettled.pop();
        }
    }
}

/// What a phone is charged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charging {
    /// Paid for, not yet there.
    Provisioning {
        /// The order that bought it.
        order: OrderId,
    },
    /// Paid ahead.
    Subscribed(Box<Subscription>),
    /// Charged by use.
    OnDemand(Metering),
}

/// One phone, which lies in two places.
///
/// Here, beside the account's other phones, is what an hour of use is settled by, and no more, so that they
/// are close together: a fleet settles hundreds of hours to everything else that happens in it,
/// and nearly all of its waiting is for memory. The rest lies behind: what nobody asks at an hour's end,
/// and subscriptions, which would make every phone as large as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// What it is charged by.
    pub charging: Charging,
    /// Everything else about it, which settling does not look at.
    pub details: Box<Details>,
}

/// What a phone is besides what it is charged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Its size.
    pub size: SizeId,
    /// Its power.
    pub power: Power,
    /// Since when it exists: from its provisioning or creation on (P2.7).
    pub since: Option<SimTime>,
    /// Where it runs, for as long as it lives (P1.5).
    pub place: Option<Place>,
    /// Its system and network, where either is known (P1.7).
    pub setup: Option<Setup>,
    /// By whom it is frozen, beside what its charging does to it (R8.8).
    pub holds: Holds,
    /// What it is in the middle of.
    pub task: Option<Task>,
    /// Where its data are.
    pub data: Data,
    /// The member who uses it (P3.4).
    pub member: Option<MemberId>,
    /// What is controlled in it, and the apps in it (P4.9, P4.10).
    pub controls: Option<Box<Controls>>,
    /// Promotions that orders for it have had; only these count when it is paid for by itself (R3.4).
    pub promotions: BTreeSet<CouponId>,
}

impl Phone {
    /// A phone of this size that is charged so: switched on, bound to nobody, with its data on it.
    pub fn new(size: SizeId, charging: Charging, place: Option<Place>) -> Self {
        let details = Details {
            size,
            power: Power::On,
            since: None,
            place,
            setup: None,
            holds: Holds::default(),
            task: None,
            data: Data::Loaded,
            member: None,
            controls: None,
            promotions: BTreeSet::new(),
        };
        Self { charging, details: Box::new(details) }
    }
    /// The region in which it runs, if the buyer said it.
    pub fn region(&self) -> Option<&RegionId> {
        self.details.place.as_ref().map(|place| &place.region)
    }
    /// Its place in the lifecycle, as its owner sees it: frozen for whatever cause.
    pub fn status(&self) -> PhoneStatus {
        match self.stage() {
            stage @ (PhoneStatus::Provisioning | PhoneStatus::Gone) => stage,
            _ if self.details.holds.any() => PhoneStatus::Frozen,
            stage => stage,
        }
    }
    /// Where its charging has brought it, whoever else has frozen it.
    pub fn stage(&self) -> PhoneStatus {
        let phase = match &self.charging {
            Charging::Provisioning { .. } => return PhoneStatus::Provisioning,
            Charging::OnDemand(metering) if metering.deleted => return PhoneStatus::Gone,
            Charging::OnDemand(metering) => metering.phase,
            Charging::Subscribed(subscription) => subscription.phase,
        };
        match phase {
            Phase::Active => PhoneStatus::Active,
            Phase::Grace { .. } => PhoneStatus::Expired,
            Phase::Frozen { .. } => PhoneStatus::Frozen,
        }
    }
    /// Every cause for which it is frozen, in the order of [`FreezeCause`].
    pub fn freezes(&self) -> Vec<FreezeCause> {
        let phase = match &self.charging {
            Charging::Provisioning { .. } => None,
            Charging::OnDemand(metering) => Some(metering.phase),
            Charging::Subscribed(subscription) => Some(subscription.phase),
        };
        let charging = match phase {
            Some(Phase::Frozen { cause, .. }) => Some(cause),
            _ => None,
        };
        let violation = self.details.holds.violation.map(|_| FreezeCause::Violation);
        let police = self.details.holds.police.then_some(FreezeCause::Police);
        charging.into_iter().chain(violation).chain(police).collect()
    }
    /// Its power with what it is in the middle of (P2.1).
    pub fn power_status(&self) -> PowerStatus {
        match (self.details.task.map(|task| task.operation), self.details.data, self.details.power)
        {
            (Some(Operation::PowerOn | Operation::Restore), ..) => PowerStatus::Starting,
            (Some(Operation::PowerOff | Operation::BackUp), ..) => PowerStatus::GoingOffline,
            (Some(Operation::Restart), ..) => PowerStatus::Restarting,
            (Some(Operation::Reset | Operation::Unbind), ..) => PowerStatus::Resetting,
            (None, Data::Stored | Data::RestoreFailed, _) => PowerStatus::Stopped,
            (None, Data::Loaded | Data::BackupFailed, Power::On) => PowerStatus::Running,
            (None, Data::Loaded | Data::BackupFailed, Power::Off) => PowerStatus::PoweredOff,
        }
    }
    /// Where its data are (P4.4).
    pub fn data_status(&self) -> DataStatus {
        match (self.details.task.map(|task| task.operation), self.details.data) {
            (Some(Operation::BackUp), _) => DataStatus::BackingUp,
            (Some(Operation::Restore), _) => DataStatus::Restoring,
            (_, Data::Loaded) => DataStatus::Loaded,
            (_, Data::Stored) => DataStatus::Stored,
            (_, Data::BackupFailed) => DataStatus::BackupFailed,
            (_, Data::RestoreFailed) => DataStatus::RestoreFailed,
        }
    }
    /// Whether somebody may use it, or it is being taken from somebody (P3.4, P3.5).
    pub fn binding_status(&self) -> BindingStatus {
        match (&self.details.member, self.details.task.map(|task| task.operation)) {
            (_, Some(Operation::Unbind)) => BindingStatus::Unassigning,
            (Some(_), _) => BindingStatus::Assigned,
            (None, _) => BindingStatus::Unassigned,
        }
    }
    /// The subscription, if it is paid ahead and provisioned.
    pub fn subscription(&self) -> Option<&Subscription> {
        match &self.charging {
            Charging::Subscribed(subscription) => Some(subscription),
            Charging::Provisioning { .. } | Charging::OnDemand(_) => None,
        }
    }
    /// Use that may have to be settled: it is charged by use, or was until lately.
    pub fn metered(&self) -> Option<&Metering> {
        match &self.charging {
            Charging::OnDemand(metering) => Some(metering),
            Charging::Subscribed(subscription) => subscription.metered_before.as_deref(),
            Charging::Provisioning { .. } => None,
        }
    }
    /// The metering, if it is charged by use.
    pub fn metering(&self) -> Option<&Metering> {
        match &self.charging {
            Charging::OnDemand(metering) => Some(metering),
            Charging::Provisioning { .. } | Charging::Subscribed(_) => None,
        }
    }
}
