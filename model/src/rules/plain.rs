//! The plainest hour of a phone charged by use, decided and applied at once.
//!
//! A fleet settles hundreds of hours to everything else it does, and nearly all are alike: the phone was
//! there to the end of the hour and stays, cash pays, and nothing follows. For these the way through a
//! decision and the fold is longer than what they come to. Whatever is not plain takes that way, and a
//! property holds both against each other: the same event, the same next hour, the same account.

use crate::decision::Window;
use crate::event::{Event, Settled};
use crate::name::PhoneId;
use crate::rulebook::RuleId;
use crate::rules::{DeductionMode, Params, Rules, usage};
use crate::state::{Account, Arrears, Charging, Metering, Spend, Split, Usage};
use crate::time::SimTime;

/// A plain hour that was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainHour {
    /// What happened.
    pub event: Event,
    /// Why, as for any other event.
    pub rules: &'static [RuleId],
    /// The beginning of the hour whose timer is set next.
    pub next: SimTime,
    /// When that fires.
    pub window: Window,
}

/// Settles the use of one clock hour, if it is plain (R2.3 to R2.8). `None` leaves the account as it
/// was: [`decide`](super::decide) has to be asked.
#[inline]
pub fn settle_plainly(
    rules: &Rules,
    account: &mut Account,
    now: SimTime,
    id: &PhoneId,
    hour: SimTime,
) -> Option<PlainHour> {
    let params = rules.params(now);
    if !is_plain(params, account) {
        return None;
    }
    let discount = account.best_discount().0;
    let Charging::OnDemand(metering) = &mut account.phones.get_mut(id)?.charging else {
        return None;
    };
    let Metering { unit_price, unsettled, settled_before, .. } = metering;
    let [Usage { from: begun, to: None }] = unsettled.as_mut_slice() else { return None };
    let (from, to) = (*begun, hour + usage::HOUR);
    if from < hour || to <= from {
        return None;
    }
    let seconds = u32::try_from((to - from).floor_secs()).ok()?;
    let (official, discount) = usage::price(params, *unit_price, discount, seconds).ok()?;
    let (due, erased) = usage::due(params, official.minus(discount).ok()?).ok()?;
    if params.on_demand.erased_is_collected && !erased.is_zero() {
        return None;
    }
    // Whatever may fail has been done before anything changes.
    let (cash, revenue) = account.ledger.paid_in_cash(due).ok()?;
    if cash.is_negative() {
        return None;
    }
    let mut spend = account.spend;
    Spend::add(&mut spend, now, due).ok()?;
    (*begun, *settled_before) = (to, true);
    account.ledger.set_cash_and_revenue(cash, revenue);
    account.spend = spend;
    let next = hour + usage::ahead(params);
    let phone = id.clone();
    let paid = Split { cash: due, ..Split::nothing(due.currency()) };
    Some(PlainHour {
        event: Event::Settled(Settled {
            phone,
            from,
            to,
            seconds,
            official,
            discount,
            erased,
            due,
            paid,
        }),
        rules: usage::settled_by(now, due, to),
        next,
        window: usage::deducted(params, next, now),
    })
}

/// Whether nothing of the account or the book bears on an hour but its price and the cash.
#[inline(always)]
fn is_plain(params: &Params, account: &Account) -> bool {
    params.deduction_mode == DeductionMode::Hourly
        && !params.zero_balance_is_arrears
        && params.life.tier_thresholds.is_none()
        && account.tier_year.is_some()
        && matches!(account.arrears, Arrears::None)
        && account.coupons.is_empty()
        && account.funds.deposits.is_empty()
        && account.funds.alert.is_none()
        && !account.ledger.cash().is_negative()
}
