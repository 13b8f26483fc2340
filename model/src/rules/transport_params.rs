//! Parameters of measuring, congestion control and input in the types that ends of a stream use. As
//! with links, no rule of the service looks at them.
//!
//! Wire formats (T2, T5.2) have figures too, and none of them is read: a stream in which they were
//! others would be one that nobody else can read.

use crate::rulebook::BookError;
use crate::rules::params::Reader;
use crate::rules::t;
use crate::time::SimDuration;
use rust_decimal::Decimal;

/// What sections T3 and T5 leave open, each field named by its rule and parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportParams {
    /// Those of T3.1 and T3.2.
    pub cases: CaseParams,
    /// T3.5 `bin`; above zero.
    pub bin: SimDuration,
    /// Those of T3.6 and T3.7.
    pub gcc: GccParams,
    /// Those of T3.8.
    pub nada: NadaParams,
    /// Those of T3.9.
    pub scream: ScreamParams,
    /// T5.6 `pointers_max`.
    pub pointers_max: usize,
}

/// The path of the test cases of RFC 8867.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseParams {
    /// T3.1 `one_way_delay`.
    pub one_way_delay: SimDuration,
    /// T3.1 `queue_delay`.
    pub queue_delay: SimDuration,
    /// T3.1 `jitter_deviation`.
    pub jitter_deviation: SimDuration,
    /// T3.1 `jitter_cut`: in deviations.
    pub jitter_cut: u32,
    /// T3.2 `capacity_kbit`: from so many seconds on so many kbit/s, in order of time and not empty.
    pub capacity_kbit: Vec<(u32, u32)>,
}

/// Google's congestion control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GccParams {
    /// T3.6 `group`.
    pub group: SimDuration,
    /// T3.6 `trendline_window`.
    pub trendline_window: usize,
    /// T3.6 `threshold_start`, in ms.
    pub threshold_start_ms: Decimal,
    /// T3.6 `decrease_factor`.
    pub decrease_factor: Decimal,
    /// T3.6 `increase_per_second`.
    pub increase_per_second: Decimal,
    /// T3.7 `loss_low`.
    pub loss_low: Decimal,
    /// T3.7 `loss_high`.
    pub loss_high: Decimal,
}

/// RFC 8698.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NadaParams {
    /// T3.8 `nada_xref`.
    pub xref: SimDuration,
    /// T3.8 `nada_tau`; above zero.
    pub tau: SimDuration,
    /// T3.8 `nada_interval`; above zero.
    pub interval: SimDuration,
}

/// SCReAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreamParams {
    /// T3.9 `scream_loss_beta`.
    pub loss_beta: Decimal,
    /// T3.9 `scream_ecn_beta`.
    pub ecn_beta: Decimal,
    /// T3.9 `scream_queue_target`; above zero.
    pub queue_target: SimDuration,
}

impl TransportParams {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            cases: CaseParams::read(read)?,
            bin: read.some_duration(t(3, 5), "bin")?,
            gcc: GccParams {
                group: read.duration(t(3, 6), "group")?,
                trendline_window: read.size(t(3, 6), "trendline_window")?,
                threshold_start_ms: read.decimal(t(3, 6), "threshold_start")?,
                decrease_factor: read.decimal(t(3, 6), "decrease_factor")?,
                increase_per_second: read.decimal(t(3, 6), "increase_per_second")?,
                loss_low: read.decimal(t(3, 7), "loss_low")?,
                loss_high: read.decimal(t(3, 7), "loss_high")?,
            },
            nada: NadaParams {
                xref: read.duration(t(3, 8), "nada_xref")?,
                tau: read.some_duration(t(3, 8), "nada_tau")?,
                interval: read.some_duration(t(3, 8), "nada_interval")?,
            },
            scream: ScreamParams {
                loss_beta: read.decimal(t(3, 9), "scream_loss_beta")?,
                ecn_beta: read.decimal(t(3, 9), "scream_ecn_beta")?,
                queue_target: read.some_duration(t(3, 9), "scream_queue_target")?,
            },
            pointers_max: read.size(t(5, 6), "pointers_max")?,
        })
    }
}

impl CaseParams {
    fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            one_way_delay: read.duration(t(3, 1), "one_way_delay")?,
            queue_delay: read.duration(t(3, 1), "queue_delay")?,
            jitter_deviation: read.duration(t(3, 1), "jitter_deviation")?,
            jitter_cut: read.count(t(3, 1), "jitter_cut")?,
            capacity_kbit: read.course(t(3, 2), "capacity_kbit")?,
        })
    }
}
