//! Parameters of links in the types that links use. No rule of the service looks at them; they stand
//! with the others so that a run has one rulebook.

use crate::rulebook::BookError;
use crate::rules::params::Reader;
use crate::rules::t;
use crate::time::SimDuration;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// How the time on a wire is brought to whole nanoseconds (T1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireRounding {
    /// To the nearest.
    Nearest,
    /// Down.
    Floor,
    /// Up.
    Ceil,
}

/// What section T1 leaves open, each field named by its rule and parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkParams {
    /// T1.1 `serialisation_rounding`.
    pub serialisation_rounding: WireRounding,
    /// T1.3 `arrival_before_end`.
    pub arrival_before_end: bool,
    /// T1.4 `codel_target`.
    pub codel_target: SimDuration,
    /// T1.4 `codel_interval`.
    pub codel_interval: SimDuration,
    /// T1.4 `codel_law`: whether it is the fixed-point one.
    pub codel_is_fixed_point: bool,
    /// T1.5 `fq_queues`.
    pub fq_queues: u32,
    /// T1.5 `fq_limit`.
    pub fq_limit: u32,
    /// T1.5 `fq_drop_batch`.
    pub fq_drop_batch: u32,
    /// T1.5 `fq_ecn`.
    pub fq_ecn: bool,
    /// T1.6 `pie_target`.
    pub pie_target: SimDuration,
    /// T1.6 `pie_update`.
    pub pie_update: SimDuration,
    /// T1.6 `pie_burst`.
    pub pie_burst: SimDuration,
    /// T1.6 `pie_alpha`, in thousandths; what is less is cut off.
    pub pie_alpha_per_mille: u32,
    /// T1.6 `pie_beta`, in thousandths; what is less is cut off.
    pub pie_beta_per_mille: u32,
}

impl LinkParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        let (wire, name) = (t(1, 1), "serialisation_rounding");
        let serialisation_rounding = if read.is(wire, name, "floor")? {
            WireRounding::Floor
        } else if read.is(wire, name, "ceil")? {
            WireRounding::Ceil
        } else {
            WireRounding::Nearest
        };
        Ok(Self {
            serialisation_rounding,
            arrival_before_end: read.flag(t(1, 3), "arrival_before_end")?,
            codel_target: read.duration(t(1, 4), "codel_target")?,
            codel_interval: read.duration(t(1, 4), "codel_interval")?,
            codel_is_fixed_point: read.is(t(1, 4), "codel_law", "fixed_point")?,
            fq_queues: read.count(t(1, 5), "fq_queues")?,
            fq_limit: read.count(t(1, 5), "fq_limit")?,
            fq_drop_batch: read.count(t(1, 5), "fq_drop_batch")?,
            fq_ecn: read.flag(t(1, 5), "fq_ecn")?,
            pie_target: read.duration(t(1, 6), "pie_target")?,
            pie_update: read.duration(t(1, 6), "pie_update")?,
            pie_burst: read.duration(t(1, 6), "pie_burst")?,
            pie_alpha_per_mille: per_mille(read.decimal(t(1, 6), "pie_alpha")?),
            pie_beta_per_mille: per_mille(read.decimal(t(1, 6), "pie_beta")?),
        })
    }
}

fn per_mille(value: Decimal) -> u32 {
    let thousandths = value.checked_mul(Decimal::ONE_THOUSAND);
    thousandths.and_then(|thousandths| thousandths.trunc().to_u32()).unwrap_or(0)
}
