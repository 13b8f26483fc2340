//! How long grace and retention last, and the tier that says so (R8.2).

use crate::command::Tier;
use crate::decision::Reason;
use crate::decision::{Decided, Decision, Fault};
use crate::event::{Event, PromotionGranted, TierSet};
use crate::money::Amount;
use crate::rulebook::Table;
use crate::rules::{Case, Params, r};
use crate::state::{Account, Promotion};
use crate::time::{SimDuration, SimTime};

/// Longest phase that a promotion may give, in days; the bound of R8.2's tables.
const PROMISED_DAYS_MAX: u32 = 3650;

fn promised(case: &Case<'_>, days: impl Fn(Promotion) -> Option<u32>) -> Option<SimDuration> {
    let promotion = case.account.promotion.filter(|promotion| case.now < promotion.until)?;
    days(promotion).map(|days| SimDuration::from_days(i64::from(days)))
}

/// Grace of a subscription (R8.2).
pub(super) fn prepaid_grace(case: &Case<'_>) -> SimDuration {
    let tier = || Params::days_of(&case.params.prepaid_grace_days, case.tier);
    promised(case, |promotion| promotion.grace_days).unwrap_or_else(tier)
}

/// Retention of a subscription (R8.2).
pub(super) fn prepaid_retention(case: &Case<'_>) -> SimDuration {
    let tier = || Params::days_of(&case.params.prepaid_retention_days, case.tier);
    promised(case, |promotion| promotion.retention_days).unwrap_or_else(tier)
}

/// Grace of an account in arrears (R8.2).
pub(super) fn on_demand_grace(case: &Case<'_>) -> SimDuration {
    let tier = || Params::days_of(&case.params.on_demand_grace_days, case.tier);
    promised(case, |promotion| promotion.grace_days).unwrap_or_else(tier)
}

/// Retention of a phone charged by use (R8.2).
pub(super) fn on_demand_retention(case: &Case<'_>) -> SimDuration {
    let tier = || Params::days_of(&case.params.on_demand_retention_days, case.tier);
    promised(case, |promotion| promotion.retention_days).unwrap_or_else(tier)
}

/// R8.2: a promotion with other lengths; it takes the place of an older one.
pub(super) fn promise(
    case: &Case<'_>,
    grace_days: Option<u32>,
    retention_days: Option<u32>,
    until: SimTime,
) -> Decision {
    let long = |days: Option<u32>| days.is_some_and(|days| days > PROMISED_DAYS_MAX);
    if long(grace_days) || long(retention_days) || until <= case.now {
        return Decision::refuse(Reason::OutOfRange, by![r(8, 2)]);
    }
    let mut decision = Decision::default();
    decision.happen(by![r(8, 2)], PromotionGranted { grace_days, retention_days, until });
    decision
}

/// The tier for so much spending: the highest whose threshold it reaches, or V0.
fn tier_for(thresholds: &Table, spent: Amount) -> Tier {
    let reached = |tier: &&Tier| {
        thresholds.get(tier.name()).is_some_and(|least| !least.is_zero() && spent.value() >= least)
    };
    Tier::ALL.iter().rev().find(reached).copied().unwrap_or(Tier::V0)
}

/// R8.2: the tier at `now`. On 1 January it is that of the year before; within a year it only rises,
/// each day by what was spent before that day. Without thresholds it stays as it was stated.
pub fn tier_at(account: &Account, params: &Params, now: SimTime) -> Result<Tier, Fault> {
    let Some(thresholds) = &params.life.tier_thresholds else { return Ok(account.tier) };
    let (today, zero) = (now.day(), Amount::zero(account.currency()));
    let spent = account.spend.map(|spend| spend.before(today)).transpose()?;
    let (last_year, this_year) = spent.unwrap_or((zero, zero));
    let initial = if account.tier_year.is_none_or(|year| year == today.year()) {
        account.tier
    } else {
        tier_for(thresholds, last_year)
    };
    Ok(initial.max(tier_for(thresholds, this_year)))
}

/// Tells a new tier before everything that it decides. Nothing happens on the day itself: the tier is
/// told with the next event of the account.
pub(super) fn tell_tier(case: &Case<'_>, decision: &mut Decision) {
    let new_year = case.params.life.tier_thresholds.is_some()
        && case.account.tier_year.is_some_and(|year| year < case.now.day().year());
    if (new_year || case.tier != case.account.tier) && !decision.events.is_empty() {
        let event = Event::from(TierSet { tier: case.tier });
        decision.events.insert(0, Decided { event, rules: by![r(8, 2)] });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::AccountOpened;
    use crate::money::{Currency, Fraction};
    use crate::rulebook::Rulebook;
    use crate::rules::{Catalogue, Rules};
    use crate::time::BillingDay;

    /// The tier on 15 June 2024 of an account that spent nothing and was opened as V3, by the year in
    /// which its tier was set.
    fn tier_in_2024(set_in: Option<i32>) -> Tier {
        let own = [("R8.2.tier_thresholds.V1".to_owned(), "100".to_owned())];
        let settings = Rulebook::standard().resolve("cn".parse().unwrap(), &own).unwrap();
        let rules = Rules::new(settings, Catalogue::default()).unwrap();
        let now = BillingDay::new(2024, 6, 15).unwrap().start();
        let (tier, discount) = (Tier::V3, Fraction::ZERO);
        let credit_limit = Amount::zero(Currency::CNY);
        let opened = AccountOpened { tier, credit_limit, discount, deduction_days: 7 };
        let mut account = Account::open(&opened);
        account.tier_year = set_in;
        tier_at(&account, rules.params(now), now).unwrap()
    }

    #[test]
    fn the_stated_tier_holds_from_the_first_event_to_the_end_of_its_year() {
        assert_eq!(tier_in_2024(None), Tier::V3, "before its first event an account has no year");
        assert_eq!(tier_in_2024(Some(2024)), Tier::V3);
        assert_eq!(tier_in_2024(Some(2023)), Tier::V0, "a year without spending has ended");
    }
}
