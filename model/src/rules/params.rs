//! The parameters of the rules in the types that the rules use, resolved once a run.

use crate::access::AccessParams;
use crate::money::{Currency, Rounding};
use crate::notice::Channel;
use crate::rulebook::{BookError, RuleId, Settings, Table, TimeOfDay};
use crate::rules::life::LifeParams;
use crate::rules::{
    BillParams, Catalogue, ChangeParams, LinkParams, MediaParams, ModeParams, Notices,
    PaymentParams, RefundParams, RenewalParams, SignatureParams, TermParams, TransportParams,
    UnifiedParams, UseParams, p, r,
};
use crate::state::Verification;
use crate::time::{BillingDay, SimDuration, SimTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// When a term begins to count (R1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectiveTime {
    /// At the end of provisioning.
    Provisioned,
    /// At payment.
    Paid,
}

/// When usage is taken from the account (R2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeductionMode {
    /// Each record by itself.
    Hourly,
    /// Once a month.
    Monthly,
}

/// Until when auto-renewal is tried again (R6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetriesEnd {
    /// Until the subscription expires.
    Expiry,
    /// Until the phone is released.
    RetentionEnd,
}

/// What the used part of a period is counted in (R9.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundUnit {
    /// Whole hours; both ends are floored.
    Hours,
    /// Whole days; the first counts, the last does not.
    Days,
}

/// An allowed delay and the one taken by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Shortest.
    pub earliest: SimDuration,
    /// Of a plain run.
    pub default: SimDuration,
    /// Longest.
    pub latest: SimDuration,
}

impl Lag {
    /// The instants at which something may happen that is due at `at` and lags by this much.
    pub fn after(&self, at: SimTime) -> crate::decision::Window {
        crate::decision::Window {
            earliest: at + self.earliest,
            default: at + self.default,
            latest: at + self.latest,
        }
    }
}

/// What the rules of on-demand phones look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnDemandParams {
    /// R2.6 `powered_off_is_billed`.
    pub powered_off_is_billed: bool,
    /// R2.9 `erased_is_collected`.
    pub erased_is_collected: bool,
    /// R2.13 `deposit`.
    pub deposit: Decimal,
    /// R2.13 `balance_to_create`.
    pub balance_to_create: Decimal,
}

impl OnDemandParams {
    fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        Ok(Self {
            powered_off_is_billed: read.flag(r(2, 6), "powered_off_is_billed")?,
            erased_is_collected: read.flag(r(2, 9), "erased_is_collected")?,
            deposit: read.decimal(r(2, 13), "deposit")?,
            balance_to_create: read.decimal(r(2, 13), "balance_to_create")?,
        })
    }
}

/// Everything that the rules look up, each field named by its rule and parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    /// R1.2 `effective_time`.
    pub effective_time: EffectiveTime,
    /// R1.9 `payment_deadline`.
    pub payment_deadline: SimDuration,
    /// Those of rule 1.7.
    pub terms: TermParams,
    /// R1.11 `orders_paid_together_max`.
    pub orders_paid_together_max: usize,
    /// R1.13 `refund_lag`.
    pub failure_refund_lag: SimDuration,
    /// P1.3 `provisioning_earliest`, `_default` and `_latest`.
    pub provisioning: Lag,
    /// R2.5 `deduction_lag_earliest`, `_default` and `_latest`.
    pub deduction_lag: Lag,
    /// R2.5 `deduction_mode`.
    pub deduction_mode: DeductionMode,
    /// R2.5 `monthly_charge_day`.
    pub monthly_charge_day: u32,
    /// R2.5 `monthly_charge_time`.
    pub monthly_charge_time: TimeOfDay,
    /// R2.7 `usage_decimals`.
    pub usage_decimals: u32,
    /// R2.7 `fee_decimals`.
    pub fee_decimals: u32,
    /// R2.7 `fee_rounding`.
    pub fee_rounding: Rounding,
    /// R2.8 `due_decimals`.
    pub due_decimals: u32,
    /// R2.8 `due_decimals_jpy`.
    pub due_decimals_jpy: u32,
    /// R2.8 `due_rounding`.
    pub due_rounding: Rounding,
    /// What is the matter of on-demand phones alone.
    pub on_demand: OnDemandParams,
    /// R3.1 `year_price_months`.
    pub year_price_months: Decimal,
    /// R3.2 `price_month`, where the book has prices.
    pub price_month: Option<Table>,
    /// R3.4 `counts_in_automatic_payment`.
    pub promotions_remembered: bool,
    /// Those of section 4.
    pub payment: PaymentParams,
    /// Those of section 5, but for the unified day.
    pub renewal: RenewalParams,
    /// Those of R5.6.
    pub unified: UnifiedParams,
    /// R6.1 `attempt_time`.
    pub attempt_time: TimeOfDay,
    /// R6.1 `first_attempt_days`.
    pub first_attempt_days: u32,
    /// R6.2 `months_if_bought_by_month`.
    pub months_if_bought_by_month: u32,
    /// R6.2 `years_if_bought_by_year`.
    pub years_if_bought_by_year: u32,
    /// R6.4 `retries_end`.
    pub retries_end: RetriesEnd,
    /// R6.5 `deduction_day_min`.
    pub deduction_day_min: u32,
    /// R6.5 `deduction_day_max`.
    pub deduction_day_max: u32,
    /// R6.6 `times_max`.
    pub times_max: u32,
    /// What sections P1 to P3 and R8 leave open, but for lengths.
    pub life: LifeParams,
    /// R6.8 `uses_vouchers`.
    pub renews_with_vouchers: bool,
    /// R6.8 `tie`: whether the nearest expiry goes first, or else the smallest name.
    pub voucher_tie_by_expiry: bool,
    /// R6.9 `sent`, `time`, the three calendars and `channels`.
    pub notices: Notices,
    /// Those of section 7.
    pub mode: ModeParams,
    /// R8.2 `prepaid_grace_days`.
    pub prepaid_grace_days: Table,
    /// R8.2 `prepaid_retention_days`.
    pub prepaid_retention_days: Table,
    /// R8.2 `on_demand_grace_days`.
    pub on_demand_grace_days: Table,
    /// R8.2 `on_demand_retention_days`.
    pub on_demand_retention_days: Table,
    /// R8.4 `on_demand_accrues_in_retention`.
    pub accrues_in_retention: bool,
    /// R8.5 `zero_balance_is_arrears`.
    pub zero_balance_is_arrears: bool,
    /// R9.2 `five_day_right`.
    pub five_day_right: bool,
    /// R9.2 `five_day_hours`.
    pub five_day: SimDuration,
    /// R9.2 `five_day_quota`.
    pub five_day_quota: u32,
    /// R9.4 `time_unit`.
    pub refund_unit: RefundUnit,
    /// R9.4 `cents_rounding`.
    pub refund_rounding: Rounding,
    /// R9.5 `fee_monthly`.
    pub fee_monthly: Table,
    /// R9.5 `fee_1_year`, `fee_2_year` and `fee_3_year`.
    pub fee_years: [Table; 3],
    /// R9.5 `fee_waived`.
    pub fee_waived: bool,
    /// Those of sections 9.9 to 9.11.
    pub refunds: RefundParams,
    /// Those of section 10.
    pub change: ChangeParams,
    /// Those of section 11.
    pub bills: BillParams,
    /// Those of sections A1 to A5.
    pub access: AccessParams,
    /// Those of organisations, clients and controls.
    pub using: UseParams,
    /// Those of section A6.
    pub signatures: SignatureParams,
    /// Those of section T1.
    pub links: LinkParams,
    /// Those of sections T3 and T5.
    pub transport: TransportParams,
    /// Those of sections T4 and T6, and what P5.5 allows.
    pub media: MediaParams,
}

/// Reads parameters on one day, and remembers which.
pub(crate) struct Reader<'a> {
    settings: &'a Settings,
    day: BillingDay,
    read: RefCell<BTreeSet<(RuleId, &'static str)>>,
}

impl<'a> Reader<'a> {
    /// Reads on this day.
    pub(crate) fn new(settings: &'a Settings, day: BillingDay) -> Self {
        Self { settings, day, read: RefCell::default() }
    }
}

impl Reader<'_> {
    fn settings(&self, rule: RuleId, name: &'static str) -> &Settings {
        self.read.borrow_mut().insert((rule, name));
        self.settings
    }
    pub(crate) fn count(&self, rule: RuleId, name: &'static str) -> Result<u32, BookError> {
        // The book bounds its integers, so that a count always fits.
        self.settings(rule, name)
            .integer(rule, name, self.day)
            .map(|n| u32::try_from(n).unwrap_or(u32::MAX))
    }
    pub(crate) fn signed(&self, rule: RuleId, name: &'static str) -> Result<i32, BookError> {
        // The book bounds its integers, so that a day always fits.
        let day = self.settings(rule, name).integer(rule, name, self.day)?;
        Ok(i32::try_from(day).unwrap_or(-1))
    }
    pub(crate) fn decimal(&self, rule: RuleId, name: &'static str) -> Result<Decimal, BookError> {
        self.settings(rule, name).decimal(rule, name, self.day)
    }
    pub(crate) fn size(&self, rule: RuleId, name: &'static str) -> Result<usize, BookError> {
        self.count(rule, name).map(|n| usize::try_from(n).unwrap_or(usize::MAX))
    }
    pub(crate) fn duration(
        &self,
        rule: RuleId,
        name: &'static str,
    ) -> Result<SimDuration, BookError> {
        self.settings(rule, name).duration(rule, name, self.day)
    }
    pub(crate) fn time(&self, rule: RuleId, name: &'static str) -> Result<TimeOfDay, BookError> {
        self.settings(rule, name).time_of_day(rule, name, self.day)
    }
    pub(crate) fn flag(&self, rule: RuleId, name: &'static str) -> Result<bool, BookError> {
        self.settings(rule, name).flag(rule, name, self.day)
    }
    pub(crate) fn table(&self, rule: RuleId, name: &'static str) -> Result<Table, BookError> {
        self.settings(rule, name).table(rule, name, self.day).cloned()
    }
    fn tables(&self, rule: RuleId, names: [&'static str; 3]) -> Result<[Table; 3], BookError> {
        let [first, second, third] = names.map(|name| self.table(rule, name));
        Ok([first?, second?, third?])
    }
    pub(crate) fn is(
        &self,
        rule: RuleId,
        name: &'static str,
        word: &str,
    ) -> Result<bool, BookError> {
        Ok(self.settings(rule, name).word(rule, name, self.day)? == word)
    }
    /// As what somebody must at least be verified, by the parameter `verification_needed` of a rule.
    pub(crate) fn verification(&self, rule: RuleId) -> Result<Verification, BookError> {
        let name = "verification_needed";
        Ok(if self.is(rule, name, "enterprise")? {
            Verification::Enterprise
        } else if self.is(rule, name, "individual")? {
            Verification::Individual
        } else {
            Verification::None
        })
    }
    fn rounding(&self, rule: RuleId, name: &'static str) -> Result<Rounding, BookError> {
        let up = self.is(rule, name, "half_up")?;
        Ok(if up { Rounding::HalfUp } else { Rounding::Truncate })
    }
    /// Days by the number of the notice.
    fn days(&self, rule: RuleId, name: &'static str) -> Result<Vec<u32>, BookError> {
        let table = self.table(rule, name)?;
        Ok(table.entries().filter_map(|(_, days)| days.to_u32()).collect())
    }
    fn notices(&self) -> Result<Notices, BookError> {
        let rule = r(6, 9);
        let channels = self.table(rule, "channels")?;
        let used = |channel: &Channel| channels.integer(channel.name()).is_some_and(|n| n > 0);
        Ok(Notices {
            sent: self.flag(rule, "sent")?,
            time: self.time(rule, "time")?,
            manual_days: self.days(rule, "manual_days_before_expiry")?,
            failed_days: self.days(rule, "failed_days_before_expiry")?,
            release_days: self.days(rule, "failed_days_before_release")?,
            channels: Channel::ALL.into_iter().filter(used).collect(),
        })
    }
    pub(crate) fn lag(&self, rule: RuleId, names: [&'static str; 3]) -> Result<Lag, BookError> {
        let [earliest, default, latest] = names;
        Ok(Lag {
            earliest: self.duration(rule, earliest)?,
            default: self.duration(rule, default)?,
            latest: self.duration(rule, latest)?,
        })
    }
}

impl Params {
    /// The parameters in force on `day`.
    pub fn resolve(settings: &Settings, day: BillingDay) -> Result<Self, BookError> {
        Self::read(&Reader::new(settings, day))
    }

    fn read(read: &Reader<'_>) -> Result<Self, BookError> {
        let provisioning = ["provisioning_earliest", "provisioning_default", "provisioning_latest"];
        let deduction = ["deduction_lag_earliest", "deduction_lag_default", "deduction_lag_latest"];
        let paid = read.is(r(1, 2), "effective_time", "paid")?;
        let monthly = read.is(r(2, 5), "deduction_mode", "monthly")?;
        let until_release = read.is(r(6, 4), "retries_end", "retention_end")?;
        let by_day = read.is(r(9, 4), "time_unit", "days")?;
        let five_day_hours = i64::from(read.count(r(9, 2), "five_day_hours")?);
        Ok(Self {
            effective_time: if paid { EffectiveTime::Paid } else { EffectiveTime::Provisioned },
            payment_deadline: read.duration(r(1, 9), "payment_deadline")?,
            terms: TermParams::read(read)?,
            orders_paid_together_max: read.size(r(1, 11), "orders_paid_together_max")?,
            failure_refund_lag: read.duration(r(1, 13), "refund_lag")?,
            provisioning: read.lag(p(1, 3), provisioning)?,
            deduction_lag: read.lag(r(2, 5), deduction)?,
            deduction_mode: if monthly { DeductionMode::Monthly } else { DeductionMode::Hourly },
            monthly_charge_day: read.count(r(2, 5), "monthly_charge_day")?,
            monthly_charge_time: read.time(r(2, 5), "monthly_charge_time")?,
            usage_decimals: read.count(r(2, 7), "usage_decimals")?,
            fee_decimals: read.count(r(2, 7), "fee_decimals")?,
            fee_rounding: read.rounding(r(2, 7), "fee_rounding")?,
            due_decimals: read.count(r(2, 8), "due_decimals")?,
            due_decimals_jpy: read.count(r(2, 8), "due_decimals_jpy")?,
            due_rounding: read.rounding(r(2, 8), "due_rounding")?,
            on_demand: OnDemandParams::read(read)?,
            year_price_months: read.decimal(r(3, 1), "year_price_months")?,
            // Only some books have prices.
            price_month: read.table(r(3, 2), "price_month").ok(),
            promotions_remembered: read.flag(r(3, 4), "counts_in_automatic_payment")?,
            payment: PaymentParams::read(read)?,
            renewal: RenewalParams::read(read)?,
            unified: UnifiedParams::read(read)?,
            attempt_time: read.time(r(6, 1), "attempt_time")?,
            first_attempt_days: read.count(r(6, 1), "first_attempt_days")?,
            months_if_bought_by_month: read.count(r(6, 2), "months_if_bought_by_month")?,
            years_if_bought_by_year: read.count(r(6, 2), "years_if_bought_by_year")?,
            retries_end: if until_release { RetriesEnd::RetentionEnd } else { RetriesEnd::Expiry },
            deduction_day_min: read.count(r(6, 5), "deduction_day_min")?,
            deduction_day_max: read.count(r(6, 5), "deduction_day_max")?,
            times_max: read.count(r(6, 6), "times_max")?,
            life: LifeParams::read(read)?,
            renews_with_vouchers: read.flag(r(6, 8), "uses_vouchers")?,
            voucher_tie_by_expiry: read.is(r(6, 8), "tie", "nearest_expiry")?,
            notices: read.notices()?,
            mode: ModeParams::read(read)?,
            prepaid_grace_days: read.table(r(8, 2), "prepaid_grace_days")?,
            prepaid_retention_days: read.table(r(8, 2), "prepaid_retention_days")?,
            on_demand_grace_days: read.table(r(8, 2), "on_demand_grace_days")?,
            on_demand_retention_days: read.table(r(8, 2), "on_demand_retention_days")?,
            accrues_in_retention: read.flag(r(8, 4), "on_demand_accrues_in_retention")?,
            zero_balance_is_arrears: read.flag(r(8, 5), "zero_balance_is_arrears")?,
            five_day_right: read.flag(r(9, 2), "five_day_right")?,
            five_day: SimDuration::from_hours(five_day_hours),
            five_day_quota: read.count(r(9, 2), "five_day_quota")?,
            refund_unit: if by_day { RefundUnit::Days } else { RefundUnit::Hours },
            refund_rounding: read.rounding(r(9, 4), "cents_rounding")?,
            fee_monthly: read.table(r(9, 5), "fee_monthly")?,
            fee_years: read.tables(r(9, 5), ["fee_1_year", "fee_2_year", "fee_3_year"])?,
            fee_waived: read.flag(r(9, 5), "fee_waived")?,
            refunds: RefundParams::read(read)?,
            change: ChangeParams::read(read)?,
            bills: BillParams::read(read)?,
            access: AccessParams::read(read)?,
            using: UseParams::read(read)?,
            signatures: SignatureParams::read(read)?,
            links: LinkParams::read(read)?,
            transport: TransportParams::read(read)?,
            media: MediaParams::read(read)?,
        })
    }
    /// Decimals of an amount due in this currency (R2.8).
    pub fn due_decimals(&self, currency: Currency) -> u32 {
        if currency == Currency::JPY { self.due_decimals_jpy } else { self.due_decimals }
    }
    /// Whole days from a table by tier (R8.2), as a length of 24-hour days (R8.3).
    pub fn days_of(table: &Table, tier: crate::command::Tier) -> SimDuration {
        let days = tier.entry(table).and_then(|days| days.to_i64()).unwrap_or(0);
        SimDuration::from_days(days)
    }
}

/// The rulebook and the catalogue of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    settings: Settings,
    catalogue: Catalogue,
    /// The parameters that the rules of this version look at.
    read: BTreeSet<(RuleId, &'static str)>,
    /// Parameters that hold until the first cut-over.
    first: Params,
    /// Parameters by the instant from which they hold, oldest first.
    later: Vec<(SimTime, Params)>,
}

impl Rules {
    /// Rules from resolved settings and a catalogue.
    pub fn new(settings: Settings, catalogue: Catalogue) -> Result<Self, BookError> {
        let before_all = SimTime::from_nanos(i64::MIN / 2).day();
        let reader = Reader::new(&settings, before_all);
        let first = Params::read(&reader)?;
        let read = reader.read.into_inner();
        let mut later = Vec::new();
        for day in settings.effective_days() {
            later.push((day.start(), Params::resolve(&settings, day)?));
        }
        Ok(Self { settings, catalogue, read, first, later })
    }
    /// The parameters in force at `now`.
    pub fn params(&self, now: SimTime) -> &Params {
        let past = self.later.iter().rev().find(|(from, _)| *from <= now);
        past.map_or(&self.first, |(_, params)| params)
    }
    /// Overrides that no rule of this version looks at, each as an error: a value that is set in vain
    /// would look like a test of something.
    pub fn overrides_in_vain(&self, overrides: &[(String, String)]) -> Vec<BookError> {
        let read: Vec<String> =
            self.read.iter().map(|(rule, name)| format!("{rule}.{name}")).collect();
        let looked_at = |path: &str| {
            let rest = |name: &String| path.strip_prefix(name.as_str()).map(str::to_owned);
            read.iter().filter_map(rest).any(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let vain = overrides.iter().map(|(path, _)| path).filter(|path| !looked_at(path));
        vain.map(|path| BookError::NotRead { given: path.clone() }).collect()
    }
    /// What is sold.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }
    /// The resolved rulebook.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::{Family, Rule, Rulebook};

    #[test]
    fn an_override_that_nothing_reads_is_an_error() {
        let set = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let overrides =
            [set("R8.2.prepaid_grace_days.V0", "3"), set("R5.4.ids_per_search_max", "5")];
        let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &overrides[..1]);
        let rules = Rules::new(settings.unwrap(), Catalogue::default()).unwrap();
        let vain = rules.overrides_in_vain(&overrides);
        assert_eq!(vain, [BookError::NotRead { given: "R5.4.ids_per_search_max".to_owned() }]);
    }

    /// What no rule looks up, and why.
    const NOT_LOOKED_UP: &[(&str, &str)] = &[
        ("R1.3.period_end", "the type of an expiry is the end of its day"),
        ("R2.1.settlement_period", "the key of a settlement is its clock hour"),
        ("R2.7.unit_price_decimals", "an amount has ten decimals"),
        ("R3.5.document_month_days", "of a worked example that no rule follows"),
        ("R4.1.discounts_per_order_max", "the best discount is one"),
        ("R5.4.ids_per_search_max", "the search is one of the interface"),
        ("T2.2.wraps_after", "of a wire format"),
        ("T2.7.delta_step", "of a wire format"),
        ("T2.7.reference_step", "of a wire format"),
        ("T2.11.opus_clock", "of a wire format"),
        ("T4.3.size_deviation", "contents have laws fitted to recorded frames"),
        ("T4.7.sound_packet", "of how packets of sound are written"),
        ("T5.2.touch_bytes", "of a wire format"),
        ("T5.2.key_bytes", "of a wire format"),
        ("T5.2.text_bytes_max", "of a wire format"),
    ];

    #[test]
    fn every_parameter_of_a_rule_that_is_carried_out_is_looked_up() {
        let book = Rulebook::standard();
        let settings = book.resolve("cn".parse().unwrap(), &[]).unwrap();
        let read = Rules::new(settings, Catalogue::default()).unwrap().read;
        let told = |rule: RuleId| match rule.family() {
            Family::P => rule.section() <= 3 || rule == p(5, 5),
            Family::R | Family::A | Family::T => true,
        };
        let fact = |rule| book.rule(rule).is_some_and(Rule::is_api_fact);
        // Numbers of the interface are for whoever speaks it.
        let code = |doc: &str| doc.starts_with("Codes ");
        for parameter in book.parameters() {
            let rule = parameter.rule();
            if !told(rule) || fact(rule) || code(parameter.doc()) {
                continue;
            }
            let path = parameter.path().to_string();
            let excused = NOT_LOOKED_UP.iter().any(|(name, _)| *name == path);
            let looked_up = read.iter().any(|(of, name)| format!("{of}.{name}") == path);
            assert_eq!(looked_up, !excused, "{path}");
        }
    }

    #[test]
    fn profiles_and_editions_differ_where_their_sources_do() {
        let at = |book: &str| {
            let settings = Rulebook::standard().resolve(book.parse().unwrap(), &[]).unwrap();
            Rules::new(settings, Catalogue::default()).unwrap().params(SimTime::EPOCH).clone()
        };
        assert!(at("cn").five_day_right && !at("intl").five_day_right);
        assert_eq!(at("cn").due_rounding, Rounding::Truncate);
        assert_eq!(at("intl").due_rounding, Rounding::HalfUp);
        assert_eq!(at("cn@2024-02").refund_unit, RefundUnit::Days);
        assert_eq!(at("cn").refund_unit, RefundUnit::Hours);
        assert_eq!(at("eu").deduction_mode, DeductionMode::Monthly);
    }
}
