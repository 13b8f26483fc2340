//! A phone in the words of the service's interfaces and console. Each vocabulary is kept apart, with
//! the numbers that its rule states (P2.1 to P2.3, R8.9), and the billing column (P2.7).

use crate::lifecycle::{BindingStatus, DataStatus, PhoneStatus, PowerStatus};
use crate::rulebook::{RuleId, Table};
use crate::rules::{p, r};
use crate::state::{Account, Arrears, Charging, FreezeCause, Phase, Phone};
use crate::time::{SimDuration, SimTime};
use rust_decimal::Decimal;
use std::fmt;

/// One list of words with numbers for the state of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vocabulary {
    /// Resources in the billing interface; subscribed and on-demand ones have lists of their own (R8.9).
    Resource,
    /// What the status query answers, which is one of the next two (P2.1).
    Status,
    /// Power (P2.1).
    Running,
    /// The pool of slots, as a table of December 2025 has it for the same query (P2.2).
    Pool,
    /// Whether it is frozen (P2.3).
    Frozen,
    /// Whether it has a member (P2.3).
    Assigned,
    /// Its backup (P2.3).
    Backup,
    /// Its restore (P2.3).
    Restore,
}

impl Vocabulary {
    /// Its name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resource => "resource_status",
            Self::Status => "status",
            Self::Running => "running_status",
            Self::Pool => "pool_status",
            Self::Frozen => "frozen_status",
            Self::Assigned => "assign_status",
            Self::Backup => "backup_status",
            Self::Restore => "restore_status",
        }
    }
    /// The rule that states it.
    pub fn rule(self) -> RuleId {
        match self {
            Self::Resource => r(8, 9),
            Self::Status | Self::Running => p(2, 1),
            Self::Pool => p(2, 2),
            Self::Frozen | Self::Assigned | Self::Backup | Self::Restore => p(2, 3),
        }
    }
    /// The word for a phone.
    fn word(self, account: &Account, phone: &Phone) -> &'static str {
        match self {
            Self::Resource => resource(account, phone),
            Self::Running | Self::Status => running(phone),
            Self::Pool => pool(phone),
            Self::Frozen if phone.status() == PhoneStatus::Frozen => "frozen",
            Self::Frozen => "normal",
            Self::Assigned if phone.binding_status() == BindingStatus::Assigned => "assigned",
            Self::Assigned => "unassigned",
            Self::Backup => match phone.data_status() {
                DataStatus::BackingUp => "running",
                DataStatus::Stored | DataStatus::Restoring | DataStatus::RestoreFailed => "done",
                DataStatus::BackupFailed => "failed",
                DataStatus::Loaded => "other",
            },
            Self::Restore => match phone.data_status() {
                DataStatus::Restoring => "running",
                DataStatus::RestoreFailed => "failed",
                DataStatus::Loaded | DataStatus::BackingUp | DataStatus::BackupFailed => "done",
                DataStatus::Stored => "other",
            },
        }
    }
}

/// The numbers of every vocabulary, and which of two the status query speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// R8.9 `prepaid_states`.
    pub prepaid: Table,
    /// R8.9 `on_demand_states`.
    pub on_demand: Table,
    /// P2.1 `running_status`.
    pub running: Table,
    /// P2.1 `status_api_version`: whether the version of the query is the one that speaks of the pool.
    pub query_of_pool: bool,
    /// P2.2 `pool_status`.
    pub pool: Table,
    /// P2.3 `frozen_status`.
    pub frozen: Table,
    /// P2.3 `assign_status`.
    pub assigned: Table,
    /// P2.3 `backup_status`, for backup and restore.
    pub backup: Table,
}

impl Codes {
    /// The number that an interface gives for a phone; `None` if its rulebook has none.
    pub fn of(&self, vocabulary: Vocabulary, account: &Account, phone: &Phone) -> Option<Decimal> {
        let spoken = match vocabulary {
            Vocabulary::Status if self.query_of_pool => Vocabulary::Pool,
            Vocabulary::Status => Vocabulary::Running,
            other => other,
        };
        let table = match spoken {
            Vocabulary::Resource if phone.metering().is_some() => &self.on_demand,
            Vocabulary::Resource => &self.prepaid,
            Vocabulary::Status | Vocabulary::Running => &self.running,
            Vocabulary::Pool => &self.pool,
            Vocabulary::Frozen => &self.frozen,
            Vocabulary::Assigned => &self.assigned,
            Vocabulary::Backup | Vocabulary::Restore => &self.backup,
        };
        table.get(spoken.word(account, phone))
    }
}

fn resource(account: &Account, phone: &Phone) -> &'static str {
    let on_demand = phone.metering().is_some();
    let owes = matches!(account.arrears, Arrears::Grace { .. });
    match (phone.status(), on_demand) {
        (PhoneStatus::Gone, true) => "closing",
        (PhoneStatus::Gone, false) => "closed",
        (PhoneStatus::Frozen, _) => "frozen",
        (PhoneStatus::Expired, _) => "expired",
        (_, true) if owes => "grace",
        (_, true) => "normal",
        (_, false) => "in_use",
    }
}

fn running(phone: &Phone) -> &'static str {
    if phone.status() == PhoneStatus::Provisioning {
        return "unknown";
    }
    match phone.power_status() {
        PowerStatus::Running => "running",
        PowerStatus::GoingOffline => "going_offline",
        PowerStatus::PoweredOff => "powered_off",
        PowerStatus::Stopped => "stopped",
        // The vocabulary has no word of its own for the last two: both end in a start.
        PowerStatus::Starting | PowerStatus::Restarting | PowerStatus::Resetting => "starting",
    }
}

fn pool(phone: &Phone) -> &'static str {
    match phone.data_status() {
        DataStatus::Loaded => "data_loaded",
        DataStatus::BackingUp => "backing_up",
        DataStatus::Stored => "idle",
        DataStatus::Restoring => "restoring",
        DataStatus::BackupFailed => "backup_failed",
        DataStatus::RestoreFailed => "restore_failed",
    }
}

/// What the list of phones shows under billing (P2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillingColumn {
    /// Nothing yet: it is not provisioned.
    Pending,
    /// So many days to the end of the subscription.
    ToExpiry(i64),
    /// Charged by use since.
    Since(SimTime),
    /// Expired, with so many days to the freeze.
    ToFreeze(i64),
    /// Frozen for expiry or arrears, with so many days to deletion.
    Frozen(i64),
    /// Frozen for a violation, with so many days to deletion.
    Violation(i64),
    /// Frozen by public security: shown as a violation, without a countdown.
    Police,
}

impl BillingColumn {
    /// The rule of the column.
    pub const RULE: RuleId = p(2, 7);

    /// The column of a phone at `now`. Of several freezes the one that is lifted last is shown.
    pub fn of(phone: &Phone, now: SimTime) -> Self {
        let phase = match &phone.charging {
            Charging::Provisioning { .. } => return Self::Pending,
            Charging::Subscribed(subscription) => subscription.phase,
            Charging::OnDemand(metering) => metering.phase,
        };
        if phone.freezes().contains(&FreezeCause::Police) {
            return Self::Police;
        }
        if let Some(until) = phone.details.holds.violation {
            return Self::Violation(days(now, until));
        }
        match (phase, phone.subscription()) {
            (Phase::Frozen { until, .. }, _) => Self::Frozen(days(now, until)),
            (Phase::Grace { until }, _) => Self::ToFreeze(days(now, until)),
            (Phase::Active, Some(subscription)) => {
                Self::ToExpiry(days(now, subscription.expires.boundary()))
            }
            (Phase::Active, None) => Self::Since(phone.details.since.unwrap_or(now)),
        }
    }
}

/// Days that are left, the begun one included.
fn days(now: SimTime, until: SimTime) -> i64 {
    let day = SimDuration::from_days(1).as_nanos();
    let left = (until - now).as_nanos().max(0);
    left.div_euclid(day) + i64::from(left.rem_euclid(day) > 0)
}

impl fmt::Display for BillingColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |days: &i64| format!("{days} day{}", if *days == 1 { "" } else { "s" });
        match self {
            Self::Pending => f.write_str("none"),
            Self::ToExpiry(left) => write!(f, "{} to expiry", counted(left)),
            Self::Since(at) => write!(f, "created {}", at.wall()),
            Self::ToFreeze(left) => write!(f, "expired, {} to freezing", counted(left)),
            Self::Frozen(left) => write!(f, "frozen, {} to deletion", counted(left)),
            Self::Violation(left) => write!(f, "frozen (violation), {} to deletion", counted(left)),
            Self::Police => f.write_str("frozen (violation)"),
        }
    }
}
