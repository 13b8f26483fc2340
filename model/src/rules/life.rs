//! Parameters of product and lifecycle in the types that the rules use.

use crate::rulebook::{BookError, Table};
use crate::rules::params::Reader;
use crate::rules::{p, r};
use crate::state::{Network, Operation, Verification};
use crate::status::Codes;
use crate::time::SimDuration;

/// What sections P1 to P3 and R8 leave open, each field named by its rule and parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeParams {
    /// P1.1 `verification_needed`.
    pub verification_needed: Verification,
    /// P1.2 `phones_max`; 0 is no limit.
    pub phones_max: u32,
    /// P1.3 `provisioning_distribution`: whether draws gather around the usual time.
    pub provisioning_is_peaked: bool,
    /// P1.4 `enterprise_on_sale`.
    pub enterprise_on_sale: bool,
    /// P1.6 `regions`.
    pub regions: Table,
    /// P1.7 `count_max`.
    pub count_max: u32,
    /// P1.7 `months_max`.
    pub api_months_max: u32,
    /// P1.7 `years_max`.
    pub api_years_max: u32,
    /// P1.7 `systems`.
    pub systems: Table,
    /// P1.7 `system_needed`.
    pub system_needed: bool,
    /// P1.7 `networks`.
    pub networks: Table,
    /// P1.7 `network_default`.
    pub network_default: Network,
    /// P1.9 `auto_pay_default`: for whoever turns a call of the interface into a command.
    pub auto_pay_default: bool,
    /// Numbers of the states of phones (P2.1 to P2.3, R8.9).
    pub codes: Codes,
    /// P2.8 `power_while_expired`.
    pub power_while_expired: bool,
    /// P2.8 `data_while_expired`.
    pub data_while_expired: bool,
    /// P2.8 `bind_while_expired`.
    pub bind_while_expired: bool,
    /// P2.8 `unbind_while_expired`.
    pub unbind_while_expired: bool,
    /// P2.8 `power_while_frozen`.
    pub power_while_frozen: bool,
    /// P2.8 `unbind_while_frozen`.
    pub unbind_while_frozen: bool,
    /// P2.9: how long each operation takes, in the order of [`Operation::ALL`].
    lengths: [SimDuration; 7],
    /// P3.7 `unbind_while_powered_off`.
    pub unbind_while_powered_off: bool,
    /// R8.2 `tier_thresholds`, if any is given: tiers move at all only then.
    pub tier_thresholds: Option<Table>,
    /// R8.6 `grace_usability`.
    pub partial_grace: bool,
    /// R8.7 `restores_at_zero`.
    pub restores_at_zero: bool,
    /// R8.8 `renew_while_violation`.
    pub renew_while_violation: bool,
}

fn codes(read: &Reader<'_>) -> Result<Codes, BookError> {
    Ok(Codes {
        prepaid: read.table(r(8, 9), "prepaid_states")?,
        on_demand: read.table(r(8, 9), "on_demand_states")?,
        running: read.table(p(2, 1), "running_status")?,
        query_of_pool: read.is(p(2, 1), "status_api_version", "table-2025-12")?,
        pool: read.table(p(2, 2), "pool_status")?,
        frozen: read.table(p(2, 3), "frozen_status")?,
        assigned: read.table(p(2, 3), "assign_status")?,
        backup: read.table(p(2, 3), "backup_status")?,
    })
}

impl LifeParams {
    /// The parameters in force on the reader's day.
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        let length = |name| read.duration(p(2, 9), name);
        Ok(Self {
            verification_needed: read.verification(p(1, 1))?,
            phones_max: read.count(p(1, 2), "phones_max")?,
            provisioning_is_peaked: read.is(p(1, 3), "provisioning_distribution", "peaked")?,
            enterprise_on_sale: read.flag(p(1, 4), "enterprise_on_sale")?,
            regions: read.table(p(1, 6), "regions")?,
            count_max: read.count(p(1, 7), "count_max")?,
            api_months_max: read.count(p(1, 7), "months_max")?,
            api_years_max: read.count(p(1, 7), "years_max")?,
            systems: read.table(p(1, 7), "systems")?,
            system_needed: read.flag(p(1, 7), "system_needed")?,
            networks: read.table(p(1, 7), "networks")?,
            network_default: if read.is(p(1, 7), "network_default", "ADN")? {
                Network::Adn
            } else {
                Network::Eip
            },
            auto_pay_default: read.flag(p(1, 9), "auto_pay_default")?,
            codes: codes(read)?,
            power_while_expired: read.flag(p(2, 8), "power_while_expired")?,
            data_while_expired: read.flag(p(2, 8), "data_while_expired")?,
            bind_while_expired: read.flag(p(2, 8), "bind_while_expired")?,
            unbind_while_expired: read.flag(p(2, 8), "unbind_while_expired")?,
            power_while_frozen: read.flag(p(2, 8), "power_while_frozen")?,
            unbind_while_frozen: read.flag(p(2, 8), "unbind_while_frozen")?,
            lengths: [
                length("start_time")?,
                length("stop_time")?,
                length("restart_time")?,
                length("reset_time")?,
                length("reset_time")?,
                length("backup_time")?,
                length("restore_time")?,
            ],
            unbind_while_powered_off: read.flag(p(3, 7), "unbind_while_powered_off")?,
            tier_thresholds: Some(read.table(r(8, 2), "tier_thresholds")?)
                .filter(|table| table.entries().any(|(_, least)| !least.is_zero())),
            partial_grace: read.is(r(8, 6), "grace_usability", "partial")?,
            restores_at_zero: read.flag(r(8, 7), "restores_at_zero")?,
            renew_while_violation: read.flag(r(8, 8), "renew_while_violation")?,
        })
    }
    /// How long an operation takes (P2.9).
    pub fn length(&self, operation: Operation) -> SimDuration {
        let [on, off, restart, reset, unbind, back_up, restore] = self.lengths;
        match operation {
            Operation::PowerOn => on,
            Operation::PowerOff => off,
            Operation::Restart => restart,
            Operation::Reset => reset,
            Operation::Unbind => unbind,
            Operation::BackUp => back_up,
            Operation::Restore => restore,
        }
    }
}
