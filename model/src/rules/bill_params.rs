//! The parameters of bills (R11), in the types that bills use.

use super::params::Reader;
use crate::rulebook::{BookError, TimeOfDay};
use crate::rules::r;

/// What decides the cycle of a record of use (R11.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleBy {
    /// When it was charged.
    Charge,
    /// When it happened.
    Consumption,
}

/// Which end of a period costs nothing (R11.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostDays {
    /// The expiry day; the first day of the next period, where there is one.
    ExpiryDay,
    /// The first day, which is not a whole one.
    FirstDay,
}

/// Everything that bills look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillParams {
    /// R11.4 `cycle_by`.
    pub cycle_by: CycleBy,
    /// R11.5 `final_day`.
    pub final_day: u32,
    /// R11.5 `final_time`.
    pub final_time: TimeOfDay,
    /// R11.5 `export_day`.
    pub export_day: u32,
    /// R11.5 `export_time`.
    pub export_time: TimeOfDay,
    /// R11.7 `day_left_out`.
    pub cost_day_left_out: CostDays,
}

impl BillParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        let by_charge = read.is(r(11, 4), "cycle_by", "charge")?;
        let first_day = read.is(r(11, 7), "day_left_out", "first_day")?;
        Ok(Self {
            cycle_by: if by_charge { CycleBy::Charge } else { CycleBy::Consumption },
            final_day: read.count(r(11, 5), "final_day")?,
            final_time: read.time(r(11, 5), "final_time")?,
            export_day: read.count(r(11, 5), "export_day")?,
            export_time: read.time(r(11, 5), "export_time")?,
            cost_day_left_out: if first_day { CostDays::FirstDay } else { CostDays::ExpiryDay },
        })
    }
}
