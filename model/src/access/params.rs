//! The parameters of the rules of access in the types that the rules use.

use crate::rulebook::{BookError, RuleId, Settings};
use crate::rules::a;
use crate::rules::params::Reader;
use crate::time::{BillingDay, SimDuration};

/// The most that a custom policy may hold (A2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A2.10 `statements_max`.
    pub statements_max: usize,
    /// A2.10 `actions_max`.
    pub actions_max: usize,
    /// A2.10 `conditions_max`.
    pub conditions_max: usize,
    /// A2.10 `resources_max`.
    pub resources_max: usize,
    /// A2.10 `resource_chars_max`.
    pub resource_chars_max: usize,
}

/// How conditions are read where the pages leave it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionParams {
    /// A3.3 `empty_set_is_present`.
    pub empty_set_is_present: bool,
    /// A3.4 `all_values_on_nothing`.
    pub all_values_on_nothing: bool,
    /// A3.5 `one_value_is_enough`.
    pub one_value_is_enough: bool,
    /// A3.6 `negative_on_absent`.
    pub negative_on_absent: bool,
    /// A3.7 `start_and_end_ignore_case`.
    pub start_and_end_ignore_case: bool,
    /// A3.8 `keys_ignore_case`.
    pub keys_ignore_case: bool,
}

/// Everything that the rules of access look up, each field named by its rule and parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessParams {
    /// A1.6 `project_if_unnamed`.
    pub project_if_unnamed: &'static str,
    /// A1.11 `sample_spelling_accepted`.
    pub sample_spelling_accepted: bool,
    /// A1.12 `agency_required`.
    pub agency_required: bool,
    /// A1.13 `stars_cover_unpublished`.
    pub stars_cover_unpublished: bool,
    /// A1.14 `read_only_has_other_reads`.
    pub read_only_has_other_reads: bool,
    /// A2.3 `all_projects_cover_global`.
    pub all_projects_cover_global: bool,
    /// A2.8 `no_resource_needs_stars`.
    pub no_resource_needs_stars: bool,
    /// Those of A2.10.
    pub limits: Limits,
    /// Those of section 3.
    pub conditions: ConditionParams,
    /// A4.2 `binds_account`.
    pub bounds_bind_account: bool,
    /// A5.2 `token_lifetime`.
    pub token_lifetime: SimDuration,
    /// A5.3 `revoked_early`.
    pub tokens_revoked_early: bool,
}

/// The projects that a request may be in without saying so, the usual one last.
const PROJECTS: [&str; 2] = ["cn-south-1", "cn-north-4"];

impl AccessParams {
    /// The parameters in force on `day`.
    pub fn resolve(settings: &Settings, day: BillingDay) -> Result<Self, BookError> {
        Self::read(&Reader::new(settings, day))
    }

    /// The parameters in force on the reader's day.
    pub(crate) fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        let flag = |rule: RuleId, name| read.flag(rule, name);
        let count = |name| read.size(a(2, 10), name);
        let [other, usual] = PROJECTS;
        let elsewhere = read.is(a(1, 6), "project_if_unnamed", other)?;
        Ok(Self {
            project_if_unnamed: if elsewhere { other } else { usual },
            sample_spelling_accepted: flag(a(1, 11), "sample_spelling_accepted")?,
            agency_required: flag(a(1, 12), "agency_required")?,
            stars_cover_unpublished: flag(a(1, 13), "stars_cover_unpublished")?,
            read_only_has_other_reads: flag(a(1, 14), "read_only_has_other_reads")?,
            all_projects_cover_global: flag(a(2, 3), "all_projects_cover_global")?,
            no_resource_needs_stars: flag(a(2, 8), "no_resource_needs_stars")?,
            limits: Limits {
                statements_max: count("statements_max")?,
                actions_max: count("actions_max")?,
                conditions_max: count("conditions_max")?,
                resources_max: count("resources_max")?,
                resource_chars_max: count("resource_chars_max")?,
            },
            conditions: ConditionParams {
                empty_set_is_present: flag(a(3, 3), "empty_set_is_present")?,
                all_values_on_nothing: flag(a(3, 4), "all_values_on_nothing")?,
                one_value_is_enough: flag(a(3, 5), "one_value_is_enough")?,
                negative_on_absent: flag(a(3, 6), "negative_on_absent")?,
                start_and_end_ignore_case: flag(a(3, 7), "start_and_end_ignore_case")?,
                keys_ignore_case: flag(a(3, 8), "keys_ignore_case")?,
            },
            bounds_bind_account: flag(a(4, 2), "binds_account")?,
            token_lifetime: read.duration(a(5, 2), "token_lifetime")?,
            tokens_revoked_early: flag(a(5, 3), "revoked_early")?,
        })
    }
}
